"""What is measured in every layer, block by block, while it is still in the cache.

Measuring reads and never writes what training uses, so that it changes no number of a run. All
reductions write into one small table on the device, which crosses to the CPU once a step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.histograms import GradientHistogram, Histograms
from engine.measure import (
    SAFE_NORMS,
    mend_norms,
    plan_norms,
    quick_norms,
    reduction_dtype,
    total_norm,
)
from engine.network import DeepMLP
from engine.parameters import Block, Parameters
from engine.record import LAYER_INDEX, LAYER_QUANTITIES, FirstBad, applicable, layer_name

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Array = NDArray[np.float64]
Call = Callable[[], object]

# Two units count as one where numbers made of all their weights agree to this share of the
# layer's largest: about as well as such sums can agree in float32.
DISTINCT_TOLERANCE = 1e-5
DIRECTIONS = 3

# A unit that is zero on one whole batch is not dead: in a deep ReLU network, healthy, half of
# them may be. Dead is what no sample of a window of so many steps and samples has activated.
DEAD_STEPS = 50
DEAD_SAMPLES = 1000

# Rows of the table that the reductions fill, one column for each layer. The norms come first;
# those of what the update changes are next to each other.
NORMS = ("h", "dh", "update", "weight", "weight_gradient", "other_gradient")
FRACTIONS = ("mean", "saturated", "inactive", "below_normal", "nonzero")
ROWS = {name: row for row, name in enumerate(NORMS + FRACTIONS)}
NORM_ROWS = len(NORMS)


class Probes:
    """Measures a step: each block after its forward pass, its backward pass and its update.

    Args:
        network: the network, whose buffers hold the step.
        weights: the weights that are updated (the master weights in mixed precision).
    """

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        import torch

        self._network = network
        self._never = np.nonzero(~applicable(network.config))
        gradients = network.gradients
        self._dtype = reduction_dtype(gradients.flat)
        self._table = gradients.flat.new_zeros(
            (len(ROWS), network.layout.depth + 1), dtype=self._dtype
        )
        sizes = [stack.h[0].numel() for stack in network.stacks for _ in stack.layers]
        self._samples = np.array(sizes, np.float64)
        self._root_samples = np.sqrt(self._samples)
        self._widths = np.array(network.layout.widths[1:], np.float64)
        self._sizes = self._widths * network.layout.widths[:-1]
        # Memory for results that are reduced at once; it stays in the cache.
        self._scratch = gradients.flat.new_empty(self._largest_block())
        self._safe = SAFE_NORMS[self._dtype.itemsize]
        # What is read back from the table, as (row, layers, rows to reduce).
        self._norms: list[tuple[str, range, Tensor]] = []
        # What was read from the table before an update could change what it is about.
        self._exact = np.zeros((NORM_ROWS, network.layout.depth + 1))
        self._nonfinite = np.zeros(network.layout.depth + 1)
        # The parameters beside the weights have one norm for the whole block.
        self._first_layers = [layers[0] for layers in network.layout.blocks]
        self._table[ROWS["other_gradient"]] = 1.0
        self._units = [_Units(layers, network, weights) for layers in network.layout.width_runs()]
        self._histograms = Histograms(gradients)
        # The largest activation of every unit since the window began, by group of layers.
        self._activity: list[tuple[range, Tensor]] = []
        self._window_steps = max(DEAD_STEPS, -(-DEAD_SAMPLES // len(network.x)))
        self._dead: Array | None = None
        groups = network.layout.activation_groups
        self._after_forward = [self._plan_forward(layers) for layers in groups]
        self._after_backward = [
            self._plan_backward(index, block) + self._plan_deltas(groups, index)
            for index, block in enumerate(weights.blocks)
        ]
        # The weights of one block before its update: only one block is updated at a time.
        largest = max(block.weight.numel() for block in weights.blocks)
        before = torch.empty(largest, dtype=_wide(weights.flat), device=weights.flat.device)
        self._updates = [
            _Update(
                block.weight,
                before,
                self._place("update", block.layers),
                self._exact[ROWS["update"], block.layers.start : block.layers.stop],
            )
            for block in weights.blocks
        ]

    def _largest_block(self) -> int:
        network = self._network
        weights = max(block.weight.numel() for block in network.gradients.blocks)
        units = max(
            network.gather("u", layers).numel()
            for layers in network.layout.activation_groups
            if layers
        )
        return max(weights, units)

    # What to measure, decided once ---------------------------------------------------------------

    def _place(self, row: str, layers: range) -> Tensor:
        return self._table[ROWS[row], layers.start : layers.stop]

    def _norm(self, row: str, layers: range, tensor: Tensor) -> Call:

        rows = tensor.flatten(1)
        self._norms.append((row, layers, rows))
        return plan_norms(tensor, self._place(row, layers))

    def _mean(self, row: str, layers: range, tensor: Tensor) -> Call:
        import torch

        place = self._place(row, layers)
        return partial(torch.mean, tensor.flatten(1), dim=1, dtype=self._dtype, out=place)

    def _share(self, row: str, layers: range, tensor: Tensor, compare: Call) -> list[Call]:
        """Return calls that compare into the scratch memory and average it.

        The outcome is written as ones and zeros in the tensor's own format: summing truth values
        is many times slower.
        """
        return [compare, self._mean(row, layers, self._scratch_like(tensor))]

    def _scratch_like(self, tensor: Tensor) -> Tensor:
        return self._scratch[: tensor.numel()].view(tensor.shape)

    def _plan_forward(self, layers: range) -> list[Call]:
        import torch

        if not layers:
            return []
        network = self._network
        h, u, a = (network.gather(name, layers) for name in ("h", "u", "a"))
        calls = [self._norm("h", layers, h), self._mean("mean", layers, h)]
        activation = ACTIVATIONS[network.config.activation]
        if layers[0] == network.layout.depth:
            # The output layer has no φ.
            return calls
        if activation.saturates_beyond is not None:
            scratch = self._scratch_like(u)
            calls.append(partial(torch.abs, u, out=scratch))
            edge = _at_least(activation.saturates_beyond, u)
            beyond = partial(torch.ge, scratch, edge, out=scratch)
            calls += self._share("saturated", layers, u, beyond)
        if activation.has_flat_zero:
            largest = self._scratch_like(a[:, 0])
            activity = torch.zeros_like(largest)
            self._activity.append((layers, activity))
            calls.append(partial(torch.amax, a, dim=1, out=largest))
            calls.append(partial(torch.maximum, activity, largest, out=activity))
            compare = partial(torch.eq, largest, 0.0, out=largest)
            calls += self._share("inactive", layers, a[:, 0], compare)
        return calls

    def _plan_backward(self, index: int, block: Block) -> list[Call]:
        gradient, layers = self._network.gradients.blocks[index], block.layers
        first = range(layers.start, layers.start + 1)
        units = next(u for u in self._units if u.layers.start <= layers[0] < u.layers.stop)
        calls = [
            self._norm("weight_gradient", layers, gradient.weight),
            self._norm("other_gradient", first, gradient.rest[None]),
            *self._plan_zeros(layers, gradient.weight),
            self._norm("weight", layers, block.weight),
            units.project(layers, block.weight),
        ]
        if not self._table.is_cuda:
            calls.append(self._plan_taking(gradient, block))
        return calls

    def _plan_taking(self, gradient: Block, block: Block) -> Call:
        """Read what is about weights and gradients before the update changes them.

        A graphics card is not waited for in the middle of a step.
        """
        layers = slice(block.layers.start, block.layers.stop)
        rows = slice(ROWS["weight"], ROWS["other_gradient"] + 1)
        quick, norms = self._table[rows, layers].numpy(), self._exact[rows, layers]
        nonfinite = self._nonfinite
        (low, high), weight_gradient = self._safe, gradient.weight.flatten(1)
        tensors = (block.weight.flatten(1), weight_gradient, gradient.rest[None])

        def take() -> None:
            norms[...] = quick
            if not (norms.min() > low and norms.max() < high):
                for values, tensor in zip(norms, tensors, strict=True):
                    mend_norms(values[: len(tensor)], tensor, (low, high))
                if not np.isfinite(norms[1]).all():
                    nonfinite[layers] = _nonfinite_entries(weight_gradient)

        return take

    def _plan_deltas(self, groups: list[range], index: int) -> list[Call]:
        """dL/dh of the activations that a block completes going back."""
        # A group that reaches back over the first layer is complete only there.
        layers = groups[index] if index else groups[0] or groups[1]
        if not layers or (index and layers[0] == 0):
            return []
        return [self._norm("dh", layers, self._network.gather("dh", layers))]

    def _plan_zeros(self, layers: range, gradient: Tensor) -> list[Call]:
        """The shares of entries that are zero or subnormal, and of those that are not zero."""
        import torch

        scratch = self._scratch_like(gradient)
        tiny = torch.finfo(gradient.dtype).tiny
        below = partial(torch.lt, scratch, tiny, out=scratch)
        nonzero = partial(torch.ne, gradient, 0.0, out=scratch)
        magnitude: Call = partial(torch.abs, gradient, out=scratch)
        count = [
            *self._share("below_normal", layers, gradient, below),
            *self._share("nonzero", layers, gradient, nonzero),
        ]
        if gradient.is_cuda:
            # To look first costs a graphics card more than to count.
            return [magnitude, *count]
        shares = self._place("below_normal", layers).numpy(), self._place("nonzero", layers).numpy()

        def count_if_any() -> None:
            magnitude()
            if scratch.amin().item() >= tiny:
                shares[0][...] = 0.0
                shares[1][...] = 1.0
            else:
                for call in count:
                    call()

        return [count_if_any]

    # Every step ----------------------------------------------------------------------------------

    def measure_forward(self, block: int) -> None:
        """Measure the activations of a block."""
        for call in self._after_forward[block]:
            call()

    def measure_backward(self, block: int) -> None:
        """Measure the gradients of a block, before clipping and the update, and its weights."""
        for call in self._after_backward[block]:
            call()

    def measure_histogram(self, block: int) -> None:
        """Count the entries of a block's gradient, before the update, where it is due."""
        self._histograms.measure(block)

    def before_update(self, block: int) -> None:
        """Remember the weights of a block."""
        self._updates[block].remember()

    def after_update(self, block: int) -> None:
        """Measure the update that was really made, rounding included."""
        self._updates[block].measure()

    def grad_norm(self) -> float:
        """Return the L2 norm of the gradient of all parameters, loss scale included.

        Waits for the device. Every block must have been measured.
        """
        return self._total(self._read_table())

    def _read_table(self) -> Array:
        """Return the table as it now is, norms that were read before replaced by those."""
        rows: Array = self._table.cpu().double().numpy().copy()
        if not self._table.is_cuda:
            rows[ROWS["update"] : NORM_ROWS] = self._exact[ROWS["update"] :]
        return rows

    def _total(self, rows: Array) -> float:
        others = rows[ROWS["other_gradient"], self._first_layers]
        return total_norm(np.concatenate([rows[ROWS["weight_gradient"]], others]))

    def read(self, loss_scale: float) -> tuple[Array, float]:
        """Return what was measured: the one wait for the device in a step.

        Args:
            loss_scale: what the gradients were multiplied with.

        Returns:
            (quantities, depth + 1), as `LAYER_QUANTITIES` names them, and the L2 norm of the
            gradient of all parameters.
        """
        rows = self._read_table()
        if not self._table.is_cuda:
            self._mend_activations(rows)
        row = dict(zip(ROWS, rows, strict=True))
        result = np.zeros((len(LAYER_QUANTITIES), rows.shape[1]))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            zero = _share_of(1.0 - row["nonzero"], self._sizes)
            below = _share_of(row["below_normal"], self._sizes)
            for name, values in (
                ("activation_mean", row["mean"]),
                ("activation_rms", row["h"] / self._root_samples),
                ("activation_grad_norm", row["dh"] / loss_scale),
                ("weight_norm", row["weight"]),
                ("weight_grad_norm", row["weight_gradient"] / loss_scale),
                ("update_ratio", row["update"] / row["weight"]),
                ("saturated_fraction", _share_of(row["saturated"], self._samples)),
                ("inactive_fraction", _share_of(row["inactive"], self._widths)),
                ("zero_fraction", zero),
                ("subnormal_fraction", np.maximum(below - zero, 0.0)),
            ):
                result[LAYER_INDEX[name]] = values
            for units in self._units:
                result[LAYER_INDEX["distinct_units"], units.layers] = units.count_distinct()
        if self._table.is_cuda:
            self._count_on_the_card(rows)
        if not np.isfinite(rows[:NORM_ROWS]).all():
            result[LAYER_INDEX["nonfinite_count"]] = self._count_nonfinite()
        result[self._never] = math.nan
        total = self._total(rows) / loss_scale
        # Where the next step makes no update, its update is zero.
        self._exact[ROWS["update"]] = 0.0
        return result, total

    def dead_fraction(self, step: int) -> Array | None:
        """Return the share of units that the last full window has not activated, (depth,).

        None before the first window is full, and where φ is nowhere flat zero.

        Args:
            step: the step just made; a window is full in every so many of them.
        """
        if self._activity and step % self._window_steps == 0:
            dead = np.zeros(self._network.layout.depth)
            for layers, activity in self._activity:
                silent = (activity == 0.0).sum(dim=1).cpu().double().numpy()
                dead[layers.start : layers.stop] = silent / activity.shape[1]
                activity.zero_()
            self._dead = dead
        return self._dead

    def ask_histogram(self) -> None:
        """Take a histogram in the next step, whenever the next is due."""
        self._histograms.ask()

    def read_histogram(self, step: int, loss_scale: float) -> GradientHistogram | None:
        """Return the histogram of the step; None in most steps."""
        return self._histograms.read(step, loss_scale)

    def _mend_activations(self, rows: Array) -> None:
        """Measure again, in float64, the norms that float32 cannot hold the squares of."""
        norms = rows[: ROWS["dh"] + 1]
        if norms.min() > self._safe[0] and norms.max() < self._safe[1]:
            return
        for name, layers, tensor in self._norms:
            if name in ("h", "dh"):
                mend_norms(rows[ROWS[name], layers.start : layers.stop], tensor, self._safe)
            if name == "h":
                means = rows[ROWS["mean"], layers.start : layers.stop]
                for row in np.flatnonzero(~np.isfinite(means)):
                    # The sum of finite values has left float32.
                    means[row] = float(tensor[row].double().mean())

    def _count_on_the_card(self, rows: Array) -> None:
        self._table[ROWS["update"]].zero_()
        for name, block, tensor in self._norms:
            if name == "weight_gradient" and not np.isfinite(rows[ROWS[name]]).all():
                self._nonfinite[block.start : block.stop] = _nonfinite_entries(tensor)

    def _count_nonfinite(self) -> Array:
        """Count the Inf and NaN entries of h, dL/dh and dL/dW in every layer."""
        counts = self._nonfinite.copy()
        self._nonfinite.fill(0.0)
        for name, layers, rows in self._norms:
            if name in ("h", "dh"):
                counts[layers.start : layers.stop] += _nonfinite_entries(rows)
        return counts


def _nonfinite_entries(rows: Tensor) -> Array:
    """Return the number of Inf and NaN in every row."""
    count: Array = rows.isfinite().logical_not_().sum(dim=1).cpu().double().numpy()
    return count


def _at_least(value: float, like: Tensor) -> float:
    """Return the smallest number of the tensor's format that is not below a value."""
    import torch

    edge = torch.tensor(value, dtype=like.dtype)
    if float(edge) < value:
        edge = torch.nextafter(edge, torch.tensor(math.inf, dtype=like.dtype))
    return float(edge)


def _wide(tensor: Tensor) -> torch.dtype:
    """Return the tensor's format, or float32 where that is narrower."""
    import torch

    return tensor.dtype if tensor.dtype.itemsize >= 4 else torch.float32


class Unmeasured:
    """Stands in for `Probes` where nothing is to be measured but the gradient's norm."""

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        self._blocks = network.gradients.blocks
        self._table = np.full((len(LAYER_QUANTITIES), network.layout.depth + 1), math.nan)

    def measure_forward(self, block: int) -> None: ...

    def measure_backward(self, block: int) -> None: ...

    def measure_histogram(self, block: int) -> None: ...

    def before_update(self, block: int) -> None: ...

    def after_update(self, block: int) -> None: ...

    def grad_norm(self) -> float:
        weights = [quick_norms(block.weight) for block in self._blocks]
        others = [quick_norms(block.rest[None]) for block in self._blocks]
        return total_norm(np.concatenate([*weights, *others]))

    def read(self, loss_scale: float) -> tuple[Array, float]:
        return self._table, math.nan

    def dead_fraction(self, step: int) -> None: ...

    def ask_histogram(self) -> None: ...

    def read_histogram(self, step: int, loss_scale: float) -> None: ...


class _Update:
    """Measures by how much the weights of a block move."""

    def __init__(self, weight: Tensor, before: Tensor, place: Tensor, exact: Array) -> None:
        import torch

        self._before = before[: weight.numel()].view(weight.shape)
        rows = self._before.flatten(1)
        self.remember: Call = partial(self._before.copy_, weight)
        self._subtract: Call = partial(torch.sub, weight, self._before, out=self._before)
        self._norm = plan_norms(self._before, place)
        self._rows, self._exact = rows, exact
        self._quick = None if place.is_cuda else place.numpy()
        self._safe = SAFE_NORMS[place.dtype.itemsize]

    def measure(self) -> None:
        """Write the norm of the difference to the weights that were remembered."""
        self._subtract()
        self._norm()
        if self._quick is not None:
            # The memory that holds the difference serves the next block.
            self._exact[...] = self._quick
            if not (self._exact.min() > self._safe[0] and self._exact.max() < self._safe[1]):
                mend_norms(self._exact, self._rows, self._safe)


class _Units:
    """Counts the units of layers of one width whose incoming weights differ.

    Every unit is projected on three directions. Units count as one where all three projections
    agree: for two units that differ, that is one chance in 1e15.
    """

    def __init__(self, layers: range, network: DeepMLP, weights: Parameters) -> None:
        import torch

        self.layers = slice(layers.start, layers.stop)
        width = network.layout.widths[layers[0] + 1]
        self._wide = _wide(weights.flat)
        shape = (len(layers), width, DIRECTIONS)
        self._projected = torch.zeros(shape, dtype=self._wide, device=weights.flat.device)

    def project(self, layers: range, weight: Tensor) -> Call:
        """Return the call that projects the units of some of the layers.

        Args:
            layers: which.
            weight: theirs, (layers, n_out, n_in).
        """
        import torch

        generator = torch.Generator().manual_seed(0)
        directions = torch.randn(weight.shape[2], DIRECTIONS, generator=generator)
        directions = directions.to(weight.device, self._wide)
        start = layers.start - self.layers.start
        place = self._projected[start : start + len(layers)].flatten(0, 1)
        units = weight.flatten(0, 1)
        if units.dtype == self._wide:
            return partial(torch.mm, units, directions, out=place)
        return lambda: torch.mm(units.to(self._wide), directions, out=place)

    def count_distinct(self) -> Array:
        """Return the number of distinct units in each layer."""
        projected = self._projected.cpu().numpy()
        first = np.sort(projected[:, :, 0], axis=1)
        largest = np.maximum(-first[:, :1], first[:, -1:])
        near = first[:, 1:] - first[:, :-1] <= DISTINCT_TOLERANCE * largest
        distinct = np.full(len(first), float(first.shape[1]))
        for layer in np.flatnonzero(near.any(axis=1)):
            distinct[layer] -= _agreeing_neighbours(projected[layer])
        return distinct


def _share_of(mean: Array, size: Array) -> Array:
    """Return a share as the count that it is, divided by the size, without float32's rounding."""
    share: Array = np.rint(mean * size) / size
    return share


def _agreeing_neighbours(projected: NDArray[Any]) -> int:
    """Return how many units of a layer agree with the one before, in order of a projection.

    Args:
        projected: (units, directions).
    """
    ordered = projected[np.argsort(projected[:, 0])]
    largest = np.abs(projected).max(axis=0)
    agree = np.abs(ordered[1:] - ordered[:-1]) <= DISTINCT_TOLERANCE * largest
    return int(np.count_nonzero(agree.all(axis=1)))


def first_nonfinite(table: Array, loss: float, step: int) -> FirstBad | None:
    """Find the first non-finite tensor of a step.

    Searched forward through the activations, then the loss, backward through dL/dh, then
    dL/dW from the output on, and last the weights after the update.

    Args:
        table: (quantities, depth + 1), as `Probes.read` returns it.
        loss: of the batch.
        step: the step.
    """
    depth = table.shape[1] - 1

    def bad(quantity: str) -> NDArray[np.intp]:
        return np.flatnonzero(~np.isfinite(table[LAYER_INDEX[quantity]]))

    forward = bad("activation_rms")
    if len(forward):
        return FirstBad(step, layer_name(int(forward[0]), depth), "h")
    if not math.isfinite(loss):
        return FirstBad(step, "", "loss")
    for quantity, tensor in (("activation_grad_norm", "dL/dh"), ("weight_grad_norm", "dL/dW")):
        backward = bad(quantity)
        if len(backward):
            return FirstBad(step, layer_name(int(backward[-1]), depth), tensor)
    weights = bad("update_ratio")
    # A layer of zeros has no ratio either; it is finite all the same.
    infinite = [layer for layer in weights if table[LAYER_INDEX["weight_norm"], layer] > 0]
    if infinite:
        return FirstBad(step, layer_name(int(infinite[0]), depth), "W")
    return None
