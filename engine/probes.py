"""What is measured in every layer, block by block, while it is still in the cache.

Measuring reads and never writes what training uses, so that it changes no number of a run. All
reductions write into one small table on the device, which crosses to the CPU once a step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.measure import SAFE_NORMS, exact_norms, reduction_dtype, total_norm
from engine.network import DeepMLP
from engine.parameters import Block, Parameters
from engine.record import LAYER_INDEX, LAYER_QUANTITIES, FirstBad, applicable, layer_name

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]
Call = Callable[[], object]

# Two units count as one where their weights agree to this share of the layer's largest.
DISTINCT_TOLERANCE = 1e-6

# Rows of the table that the reductions fill, one column for each layer. The norms come first.
NORMS = ("h", "dh", "weight", "weight_gradient", "update", "other_gradient")
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
        self._network = network
        self._never = np.nonzero(~applicable(network.config))
        gradients = network.gradients
        self._dtype = reduction_dtype(gradients.flat)
        self._table = gradients.flat.new_zeros(
            (len(ROWS), network.layout.depth + 1), dtype=self._dtype
        )
        sizes = [stack.h[0].numel() for stack in network.stacks for _ in stack.layers]
        self._root_samples = np.sqrt(np.array(sizes, np.float64))
        # Memory for results that are reduced at once; it stays in the cache.
        self._scratch = gradients.flat.new_empty(self._largest_block())
        # What is read back from the table, as (row, layers, rows to reduce).
        self._norms: list[tuple[str, range, Tensor]] = []
        # The parameters beside the weights have one norm for the whole block.
        self._used = np.ones((NORM_ROWS, network.layout.depth + 1), bool)
        self._used[ROWS["other_gradient"]] = False
        for layers in network.layout.blocks:
            self._used[ROWS["other_gradient"], layers[0]] = True
        self._units = [_Units(layers, network, weights) for layers in network.layout.width_runs()]
        groups = network.layout.activation_groups
        self._after_forward = [self._plan_forward(layers) for layers in groups]
        self._after_backward = [
            self._plan_backward(index, block) + self._plan_deltas(groups, index)
            for index, block in enumerate(weights.blocks)
        ]
        # The weights of one block before its update: only one block is updated at a time.
        before = weights.flat.new_empty(max(block.weight.numel() for block in weights.blocks))
        self._updates = [
            _Update(block.weight, before, self._place("update", block.layers))
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
        import torch

        rows = tensor.flatten(1)
        self._norms.append((row, layers, rows))
        place = self._place(row, layers)
        return partial(torch.linalg.vector_norm, rows, dim=1, dtype=self._dtype, out=place)

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
            beyond = partial(torch.ge, scratch, activation.saturates_beyond, out=scratch)
            calls += self._share("saturated", layers, u, beyond)
        if activation.has_flat_zero:
            largest = self._scratch_like(a[:, 0])
            calls.append(partial(torch.amax, a, dim=1, out=largest))
            compare = partial(torch.eq, largest, 0.0, out=largest)
            calls += self._share("inactive", layers, a[:, 0], compare)
        return calls

    def _plan_backward(self, index: int, block: Block) -> list[Call]:
        gradient, layers = self._network.gradients.blocks[index], block.layers
        first = range(layers.start, layers.start + 1)
        units = next(units for units in self._units if layers[0] in units.layers)
        return [
            self._norm("weight_gradient", layers, gradient.weight),
            self._norm("other_gradient", first, gradient.rest[None]),
            *self._plan_zeros(layers, gradient.weight),
            self._norm("weight", layers, block.weight),
            units.project(layers, block.weight),
        ]

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
        places = self._place("below_normal", layers), self._place("nonzero", layers)

        def count_if_any() -> None:
            magnitude()
            if scratch.amin() >= tiny:
                places[0].fill_(0.0)
                places[1].fill_(1.0)
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
        rows = self._table[: len(NORMS)].cpu().numpy().astype(np.float64)
        self._mend_norms(rows, ("weight_gradient", "other_gradient"))
        return _total(rows)

    def read(self, loss_scale: float) -> tuple[Array, float]:
        """Return what was measured: the one wait for the device in a step.

        Args:
            loss_scale: what the gradients were multiplied with.

        Returns:
            (quantities, depth + 1), as `LAYER_QUANTITIES` names them, and the L2 norm of the
            gradient of all parameters.
        """
        rows = self._table.cpu().numpy().astype(np.float64)
        self._mend_norms(rows, NORMS)
        row = dict(zip(ROWS, rows, strict=True))
        result = np.zeros((len(LAYER_QUANTITIES), rows.shape[1]))
        with np.errstate(divide="ignore", invalid="ignore"):
            zero = 1.0 - row["nonzero"]
            for name, values in (
                ("activation_mean", row["mean"]),
                ("activation_rms", row["h"] / self._root_samples),
                ("activation_grad_norm", row["dh"] / loss_scale),
                ("weight_norm", row["weight"]),
                ("weight_grad_norm", row["weight_gradient"] / loss_scale),
                ("update_ratio", row["update"] / row["weight"]),
                ("saturated_fraction", row["saturated"]),
                ("inactive_fraction", row["inactive"]),
                ("zero_fraction", zero),
                # Both are rounded shares: their difference must not fall below zero.
                ("subnormal_fraction", np.maximum(row["below_normal"] - zero, 0.0)),
            ):
                result[LAYER_INDEX[name]] = values
            for units in self._units:
                layers = slice(units.layers.start, units.layers.stop)
                result[LAYER_INDEX["distinct_units"], layers] = units.count_distinct()
        if not np.isfinite(rows[:NORM_ROWS]).all():
            result[LAYER_INDEX["nonfinite_count"]] = self._count_nonfinite()
        result[self._never] = math.nan
        return result, _total(rows) / loss_scale

    def _mend_norms(self, rows: Array, names: tuple[str, ...]) -> None:
        """Measure again, in float64, the norms that float32 cannot hold the squares of."""
        if self._dtype.itemsize == 8:
            return
        norms = rows[:NORM_ROWS]
        unsafe = (norms <= SAFE_NORMS[0]) | ~(norms < SAFE_NORMS[1])
        unsafe &= self._used
        if not unsafe.any():
            return
        for name, layers, tensor in self._norms:
            if name in names:
                part = _span(unsafe[ROWS[name]], layers)
                if part is not None:
                    norms[ROWS[name]][layers.start : layers.stop][part] = exact_norms(tensor[part])

    def _count_nonfinite(self) -> Array:
        """Count the Inf and NaN entries of h, dL/dh and dL/dW in every layer."""
        counts = np.zeros(self._network.layout.depth + 1)
        for name, layers, rows in self._norms:
            if name in ("h", "dh", "weight_gradient"):
                bad = rows.isfinite().logical_not_().sum(dim=1)
                counts[layers.start : layers.stop] += bad.cpu().numpy()
        return counts


def _span(unsafe: NDArray[np.bool_], layers: range) -> slice | None:
    """Return the smallest slice of a block that holds all its unsafe layers.

    They lie together: the deep end of a vanishing gradient.
    """
    bad = np.flatnonzero(unsafe[layers.start : layers.stop])
    return slice(int(bad[0]), int(bad[-1]) + 1) if len(bad) else None


def _total(rows: Array) -> float:
    parts = rows[[ROWS["weight_gradient"], ROWS["other_gradient"]]]
    return float(np.sqrt(np.sum(np.square(parts))))


class Unmeasured:
    """Stands in for `Probes` where nothing is to be measured but the gradient's norm."""

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        self._flat = network.gradients.flat
        self._table = np.full((len(LAYER_QUANTITIES), network.layout.depth + 1), math.nan)

    def measure_forward(self, block: int) -> None: ...

    def measure_backward(self, block: int) -> None: ...

    def before_update(self, block: int) -> None: ...

    def after_update(self, block: int) -> None: ...

    def grad_norm(self) -> float:
        return total_norm(self._flat)

    def read(self, loss_scale: float) -> tuple[Array, float]:
        return self._table, math.nan


class _Update:
    """Measures by how much the weights of a block move."""

    def __init__(self, weight: Tensor, before: Tensor, place: Tensor) -> None:
        import torch

        self._place = place
        self._before = before[: weight.numel()].view(weight.shape)
        self.remember: Call = partial(self._before.copy_, weight)
        self._subtract: Call = partial(torch.sub, weight, self._before, out=self._before)
        norm = torch.linalg.vector_norm
        self._norm: Call = partial(
            norm, self._before.flatten(1), dim=1, dtype=place.dtype, out=place
        )
        self._norms = None if place.dtype == torch.float64 else place.numpy()

    def measure(self) -> None:
        """Write the norm of the difference to the weights that were remembered."""
        self._subtract()
        self._norm()
        if self._norms is not None and not (self._norms > SAFE_NORMS[0]).all():
            self._place.copy_(exact_norms(self._before))


class _Units:
    """Counts the units of layers of one width whose incoming weights differ.

    Every unit is projected on one direction; units whose projections agree count as one.
    """

    def __init__(self, layers: range, network: DeepMLP, weights: Parameters) -> None:
        self.layers = layers
        width = network.layout.widths[layers[0] + 1]
        self._projected = weights.flat.new_zeros((len(layers), width))

    def project(self, layers: range, weight: Tensor) -> Call:
        """Return the call that projects the units of some of the layers.

        Args:
            layers: which.
            weight: theirs, (layers, n_out, n_in).
        """
        import torch

        generator = torch.Generator().manual_seed(0)
        direction = torch.randn(weight.shape[2], generator=generator).to(weight)
        start = layers.start - self.layers.start
        place = self._projected[start : start + len(layers)].view(-1)
        return partial(torch.mv, weight.flatten(0, 1), direction, out=place)

    def count_distinct(self) -> Array:
        """Return the number of distinct units in each layer."""
        projected = self._projected.cpu()
        if projected.dtype.itemsize < 4:
            projected = projected.float()
        values = np.sort(projected.numpy(), axis=1)
        largest = np.maximum(-values[:, :1], values[:, -1:])
        gaps = values[:, 1:] - values[:, :-1] > DISTINCT_TOLERANCE * largest
        count: Array = 1.0 + np.count_nonzero(gaps, axis=1)
        return count


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
