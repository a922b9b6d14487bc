"""The meter of the processor: NumPy on the memory of PyTorch's tensors, nothing copied.

A step is a few milliseconds, and a block of layers lies in the second-level cache: what a
measurement costs is the number of times it reads the block, and the number of calls. NumPy's calls
start in half the time of PyTorch's, and its dot products read at twice the speed of PyTorch's
norms. Formats of two bytes, which NumPy does not know, are converted first.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.measure import (
    SAFE_NORMS,
    Array,
    Call,
    at_least,
    in_parts,
    mend_norms,
    nonfinite_entries,
    plan_products,
)
from engine.meter import NORM_ROWS, ROWS

if TYPE_CHECKING:
    from torch import Tensor

    from engine.network import DeepMLP
    from engine.parameters import Block, Parameters

# Truth values are counted eight bytes at a time; so many of them fit into a byte.
BYTES_OF_WORD, MOST_IN_BYTE = 8, 255
# Among the tensors that are checked together from a row on, the one whose entries are counted.
COUNTED = {ROWS["dh"]: 0, ROWS["weight"]: 1}


class HostMeter:
    """Measures in main memory. Floating-point warnings of NumPy are the caller's to silence.

    Args:
        network: the network, whose buffers hold the step.
        weights: the weights that are updated (the master weights in mixed precision).
    """

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        import torch

        self._network = network
        layout = network.layout
        layers = layout.depth + 1
        # Sums of squares in the rows of the norms.
        self._table = np.zeros((len(ROWS), layers))
        # The parameters beside the weights have one norm for the whole block.
        self._table[ROWS["other_gradient"]] = 1.0
        self._finite = True
        self.activity: list[tuple[range, Tensor]] = []
        # Norms whose squares leave the format, measured exactly: (row, layers, norms).
        self._exact: list[tuple[int, slice, Array]] = []

        compute = network.gradients.flat.dtype
        self._wide = torch.float64 if compute == torch.float64 else torch.float32
        self._safe = SAFE_NORMS[self._wide.itemsize]
        self._safe_squares = self._safe[0] ** 2, self._safe[1] ** 2
        # Memory for results that are reduced at once; it stays in the cache.
        largest = max(block.weight.numel() for block in weights.blocks)
        units = max(
            network.gather("h", group).numel() for group in layout.activation_groups if group
        )
        self._scratch = torch.empty(largest, dtype=self._wide)
        self._converted = torch.empty(0, dtype=self._wide)
        if compute.itemsize < 4:
            others = max(block.rest.numel() for block in weights.blocks)
            self._converted = torch.empty(max(largest, units, others), dtype=self._wide)
        self._truth = torch.empty(2, units, dtype=torch.bool).numpy()

        groups = layout.activation_groups
        self._activations = [(group, network.gather("h", group)) for group in groups if group]
        self._after_forward = [self._plan_forward(group) for group in groups]
        self._after_backward = [
            self._plan_backward(index, block) + self._plan_deltas(groups, index)
            for index, block in enumerate(weights.blocks)
        ]
        self._before_update, self._after_update = zip(
            *[self._plan_update(block) for block in weights.blocks], strict=True
        )

    # What to measure, decided once ---------------------------------------------------------------

    def _place(self, row: str, layers: range) -> Array:
        return self._table[ROWS[row], layers.start : layers.stop]

    def _see(self, tensor: Tensor) -> tuple[list[Call], NDArray[Any]]:
        """Return a tensor as an array, and the calls that are to be made before it is read."""
        if tensor.dtype.itemsize >= 4:
            return [], tensor.numpy()
        copy = self._converted[: tensor.numel()].view(tensor.shape)
        return [partial(copy.copy_, tensor)], copy.numpy()

    def _squares(self, row: str, layers: range, array: NDArray[Any]) -> list[Call]:
        parts = in_parts(array)
        return plan_products(parts, parts, self._place(row, layers))

    def _plan_forward(self, layers: range) -> list[Call]:
        if not layers:
            return []
        network = self._network
        calls, h = self._see(network.gather("h", layers))
        calls += self._squares("h", layers, h)
        parts = in_parts(h)
        ones = np.ones(parts.shape[2], h.dtype)
        calls += plan_products(parts, ones, self._place("sum", layers))
        if layers[0] == network.layout.depth:
            # The output layer has no φ.
            return calls
        activation = ACTIVATIONS[network.config.activation]
        if activation.saturates_beyond is not None:
            calls += self._plan_saturated(layers, activation.saturates_beyond)
        if activation.has_flat_zero:
            calls += self._plan_inactive(layers)
        return calls

    def _plan_saturated(self, layers: range, beyond: float) -> list[Call]:
        u = self._network.gather("u", layers)
        calls, array = self._see(u)
        edge = array.dtype.type(at_least(beyond, u))
        above, below = (truth[: array.size].reshape(array.shape) for truth in self._truth)
        return [
            *calls,
            partial(np.greater_equal, array, edge, out=above),
            partial(np.less_equal, array, -edge, out=below),
            partial(np.logical_or, above, below, out=above),
            _plan_count(above, self._place("saturated", layers)),
        ]

    def _plan_inactive(self, layers: range) -> list[Call]:
        import torch

        a = self._network.gather("a", layers)
        largest = a.new_empty(len(layers), a.shape[2])
        activity = torch.zeros_like(largest)
        self.activity.append((layers, activity))
        # φ is nowhere negative. NumPy's maximum over the middle axis takes four times as long.
        calls, array = self._see(largest)
        truth = self._truth[0, : array.size].reshape(array.shape)
        return [
            partial(torch.amax, a, dim=1, out=largest),
            partial(torch.maximum, activity, largest, out=activity),
            *calls,
            partial(np.equal, array, 0.0, out=truth),
            _plan_count(truth, self._place("inactive", layers)),
        ]

    def _plan_backward(self, index: int, block: Block) -> list[Call]:
        stored, layers = self._network.gradients.blocks[index], block.layers
        converting, rest = self._see(stored.rest[None])
        calls = [*converting, *self._squares("other_gradient", layers[:1], rest)]
        converting, gradient = self._see(stored.weight)
        calls += [*converting, *self._squares("weight_gradient", layers, gradient)]
        calls.append(self._plan_zeros(layers, gradient, stored.weight))
        converting, weight = self._see(block.weight)
        calls += [*converting, *self._squares("weight", layers, weight)]
        changed = [block.weight, stored.weight, stored.rest[None]]
        calls.append(self._plan_check(ROWS["weight"], layers, changed))
        return calls

    def _plan_zeros(self, layers: range, gradient: NDArray[Any], stored: Tensor) -> Call:
        """Count the entries that are zero, and those that are below the normal numbers."""
        import torch

        size = self._scratch[: gradient.size].view(len(layers), -1).numpy()
        values, flat_size = gradient.reshape(len(layers), -1), size.reshape(-1)
        tiny = torch.finfo(stored.dtype).tiny
        below, zero = self._place("below_normal", layers), self._place("zero", layers)
        smallest = np.minimum.reduce

        def count_if_any() -> None:
            np.abs(values, out=size)
            # A NaN among them is counted for nothing.
            if smallest(flat_size) >= tiny:
                below.fill(0.0)
                zero.fill(0.0)
            else:
                below[...] = np.count_nonzero(size < tiny, axis=1)
                zero[...] = np.count_nonzero(size == 0.0, axis=1)

        return count_if_any

    def _plan_check(self, row: int, layers: range, tensors: list[Tensor]) -> Call:
        """Return the call that looks whether norms are safe, before what they are of changes.

        Args:
            row: of the first norm; those of the other tensors follow.
            layers: which.
            tensors: (layers, …), or of the first layer only.
        """
        columns = slice(layers.start, layers.stop)
        squares = self._table[row : row + len(tensors), columns]
        counts = self._table[ROWS["nonfinite"], columns]
        counted = COUNTED.get(row)
        low, high = self._safe_squares
        least, most = np.minimum.reduce, np.maximum.reduce

        def check() -> None:
            if least(squares, axis=None) > low and most(squares, axis=None) < high:
                return
            for index, (tensor, values) in enumerate(zip(tensors, np.sqrt(squares), strict=True)):
                norms = values[: len(tensor)]
                mend_norms(norms, tensor.flatten(1), self._safe)
                exact_columns = slice(columns.start, columns.start + len(norms))
                self._exact.append((row + index, exact_columns, norms))
                if index == counted and not np.isfinite(norms).all():
                    counts[...] += nonfinite_entries(tensor.flatten(1))
                    self._finite = False

        return check

    def _plan_deltas(self, groups: list[range], index: int) -> list[Call]:
        """dL/dh of the activations that a block completes going back."""
        # A group that reaches back over the first layer is complete only there.
        layers = groups[index] if index else groups[0] or groups[1]
        if not layers or (index and layers[0] == 0):
            return []
        dh = self._network.gather("dh", layers)
        calls, array = self._see(dh)
        return [
            *calls,
            *self._squares("dh", layers, array),
            self._plan_check(ROWS["dh"], layers, [dh]),
        ]

    def _plan_update(self, block: Block) -> tuple[list[Call], list[Call]]:
        """What remembers the weights of a block, and what measures by how much they have moved."""
        import torch

        # Only one block is updated at a time.
        moved = self._scratch[: block.weight.numel()].view(block.weight.shape)
        before = moved.numpy()
        remember: Call = partial(moved.copy_, block.weight)
        subtract: Call = partial(torch.sub, block.weight, moved, out=moved)
        if block.weight.dtype == self._wide:
            weight = block.weight.numpy()
            remember = partial(np.copyto, before, weight)
            subtract = partial(np.subtract, weight, before, out=before)
        # The memory that holds the difference serves the next block.
        return [remember], [
            subtract,
            *self._squares("update", block.layers, before),
            self._plan_check(ROWS["update"], block.layers, [moved]),
        ]

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
        for call in self._before_update[block]:
            call()

    def after_update(self, block: int) -> None:
        """Measure the update that was really made, rounding included."""
        for call in self._after_update[block]:
            call()

    def norms(self) -> Array:
        """Return the rows of the norms, once every block has been measured."""
        norms: Array = np.sqrt(self._table[:NORM_ROWS])
        for row, layers, exact in self._exact:
            norms[row, layers] = exact
        return norms

    def read(self) -> Array:
        """Return what was measured in a step."""
        rows = self._table.copy()
        rows[:NORM_ROWS] = self.norms()
        h = rows[ROWS["h"]]
        if not (h.min() > self._safe[0] and h.max() < self._safe[1]):
            self._mend_activations(rows)
        if not self._finite:
            self._table[ROWS["nonfinite"]] = 0.0
            self._finite = True
        # Where the next step makes no update, its update is zero.
        self._table[ROWS["update"]] = 0.0
        self._exact.clear()
        return rows

    def _mend_activations(self, rows: Array) -> None:
        """Measure again where float32 cannot hold the squares of activations, or their sum."""
        for layers, h in self._activations:
            norms, sums, counts = (
                rows[ROWS[name], layers.start : layers.stop] for name in ("h", "sum", "nonfinite")
            )
            mend_norms(norms, h.flatten(1), self._safe)
            if not np.isfinite(norms).all():
                counts += nonfinite_entries(h.flatten(1))
            for row in np.flatnonzero(~np.isfinite(sums)):
                sums[row] = float(h[row].double().sum())


def _plan_count(truth: NDArray[np.bool_], out: Array) -> Call:
    """Return the call that counts what is true in every row.

    Eight bytes, each 0 or 1, are added at a time, in so few steps that no byte of a sum overflows:
    twenty times as fast as adding them one by one.

    Args:
        truth: (rows, …), contiguous.
        out: (rows,).
    """
    rows = truth.reshape(len(truth), -1)
    words, rest = divmod(rows.shape[1], BYTES_OF_WORD)
    parts = next((k for k in range(-(-words // MOST_IN_BYTE) or 1, words + 1) if words % k == 0), 0)
    if rest or not parts:
        lines, count = list(rows), np.count_nonzero

        def count_rows() -> None:
            out[...] = [count(line) for line in lines]

        return count_rows
    eights = rows.view(np.uint64).reshape(len(rows), parts, words // parts)
    sums = np.empty((len(rows), parts), np.uint64)
    bytes_of_sums = sums.view(np.uint8)
    add = np.add.reduce

    def add_words() -> None:
        add(eights, axis=2, out=sums)
        add(bytes_of_sums, axis=1, dtype=np.float64, out=out)

    return add_words
