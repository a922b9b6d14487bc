"""The meter of a graphics card: PyTorch's reductions in float64, recorded with the pass.

A card is not waited for in the middle of a step: all reductions write into one table on the card,
which crosses to the main memory once a step. Nothing is looked at first to see whether it has to be
counted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import ACTIVATIONS
from engine.measure import Array, Call, at_least, nonfinite_entries
from engine.meter import MOVED, ROWS

if TYPE_CHECKING:
    from torch import Tensor

    from engine.network import DeepMLP
    from engine.parameters import Block, Parameters


class CardMeter:
    """Measures on the device of the network.

    Args:
        network: the network, whose buffers hold the step.
        weights: the weights that are updated (the master weights in mixed precision).
    """

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        import torch

        self._network = network
        layout = network.layout
        flat = network.gradients.flat
        self._table = flat.new_zeros((len(ROWS), layout.depth + 1), dtype=torch.float64)
        # What non-finite entries are counted in, as (row, layers, rows to count in).
        self._counted: list[tuple[str, range, Tensor]] = []
        # There it is the number of operations that counts.
        self.descend: Callable[[int, float], None] | None = None
        self.activity: list[tuple[range, Tensor]] = []
        groups = layout.activation_groups
        largest = max(
            *(block.weight.numel() for block in network.gradients.blocks),
            *(network.gather("u", group).numel() for group in groups if group),
        )
        # Memory for what is added up at once.
        self._scratch = flat.new_empty(largest)
        self._after_forward = [self._plan_forward(group) for group in groups]
        self._after_backward = [
            self._plan_backward(index, block) + self._plan_deltas(groups, index)
            for index, block in enumerate(weights.blocks)
        ]
        # The weights of one block before its update: only one block is updated at a time.
        before = weights.flat.new_empty(
            max(block.weight.numel() for block in weights.blocks),
            dtype=torch.promote_types(weights.flat.dtype, torch.float32),
        )
        self._updates = [self._plan_update(block, before) for block in weights.blocks]

    # What to measure, decided once ---------------------------------------------------------------

    def _place(self, row: str, layers: range) -> Tensor:
        return self._table[ROWS[row], layers.start : layers.stop]

    def _norm(self, row: str, layers: range, tensor: Tensor) -> Call:
        import torch

        rows, place = tensor.flatten(1), self._place(row, layers)
        return partial(torch.linalg.vector_norm, rows, dim=1, dtype=torch.float64, out=place)

    def _scratch_like(self, tensor: Tensor) -> Tensor:
        return self._scratch[: tensor.numel()].view(tensor.shape)

    def _sum(self, row: str, layers: range, tensor: Tensor) -> Call:
        import torch

        place = self._place(row, layers)
        return partial(torch.sum, tensor.flatten(1), dim=1, dtype=torch.float64, out=place)

    def _plan_forward(self, layers: range) -> list[Call]:
        import torch

        if not layers:
            return []
        network = self._network
        h, u, a = (network.gather(name, layers) for name in ("h", "u", "a"))
        self._counted.append(("activation_rms", layers, h.flatten(1)))
        calls = [self._norm("activation_rms", layers, h), self._sum("activation_mean", layers, h)]
        activation = ACTIVATIONS[network.config.activation]
        if layers[0] == network.layout.depth:
            # The output layer has no φ.
            return calls
        if activation.saturates_beyond is not None:
            scratch = self._scratch_like(u)
            edge = at_least(activation.saturates_beyond, u)
            calls.append(partial(torch.abs, u, out=scratch))
            calls.append(partial(torch.ge, scratch, edge, out=scratch))
            calls.append(self._sum("saturated_fraction", layers, scratch))
        if activation.has_flat_zero:
            largest = self._scratch_like(a[:, 0])
            activity = torch.zeros_like(largest)
            self.activity.append((layers, activity))
            calls.append(partial(torch.amax, a, dim=1, out=largest))
            calls.append(partial(torch.maximum, activity, largest, out=activity))
            calls.append(partial(torch.eq, largest, 0.0, out=largest))
            calls.append(self._sum("inactive_fraction", layers, largest))
        return calls

    def _plan_backward(self, index: int, block: Block) -> list[Call]:
        import torch

        stored, layers = self._network.gradients.blocks[index], block.layers
        gradient = stored.weight
        self._counted.append(("weight_grad_norm", layers, gradient.flatten(1)))
        scratch, tiny = self._scratch_like(gradient), torch.finfo(gradient.dtype).tiny
        return [
            self._norm("weight_grad_norm", layers, gradient),
            self._norm("other_grad_norm", layers[:1], stored.rest[None]),
            partial(torch.abs, gradient, out=scratch),
            partial(torch.lt, scratch, tiny, out=scratch),
            self._sum("subnormal_fraction", layers, scratch),
            partial(torch.eq, gradient, 0.0, out=scratch),
            self._sum("zero_fraction", layers, scratch),
        ]

    def _plan_deltas(self, groups: list[range], index: int) -> list[Call]:
        """dL/dh of the activations that a block completes going back."""
        import torch

        # A group that reaches back over the first layer is complete only there.
        layers = groups[index] if index else groups[0] or groups[1]
        if not layers or (index and layers[0] == 0):
            return []
        dh = self._network.gather("dh", layers)
        scratch = self._scratch_like(dh)
        # Other layers overwrite it. Zero times what is not finite is NaN, which is not zero.
        return [
            self._norm("activation_grad_norm", layers, dh),
            partial(torch.mul, dh, 0.0, out=scratch),
            partial(torch.ne, scratch, 0.0, out=scratch),
            self._sum("nonfinite_count", layers, scratch),
        ]

    def _plan_update(self, block: Block, memory: Tensor) -> tuple[list[Call], list[Call]]:
        """What remembers the weights of a block, and what measures by how much they have moved."""
        import torch

        before = memory[: block.weight.numel()].view(block.weight.shape)
        units = before.new_empty(before.shape[:2], dtype=torch.float64)
        farthest = self._place("distinct_units", block.layers)
        remember: list[Call] = [
            self._norm("weight_norm", block.layers, block.weight),
            partial(before.copy_, block.weight),
        ]
        return remember, [
            partial(torch.sub, block.weight, before, out=before),
            partial(torch.linalg.vector_norm, before, dim=2, dtype=torch.float64, out=units),
            self._norm("update_ratio", block.layers, units),
            partial(torch.amax, units, dim=1, out=farthest),
        ]

    # Every step ----------------------------------------------------------------------------------

    def measure_forward(self, block: int) -> None:
        """Measure the activations of a block."""
        for call in self._after_forward[block]:
            call()

    def measure_backward(self, block: int) -> None:
        """Measure the gradients of a block, before clipping and the update."""
        for call in self._after_backward[block]:
            call()

    def before_update(self, block: int) -> None:
        """Measure the weights of a block, and remember them."""
        for call in self._updates[block][0]:
            call()

    def after_update(self, block: int) -> None:
        """Measure the update that was really made, rounding included."""
        for call in self._updates[block][1]:
            call()

    def look(self) -> Array:
        """Return what has been measured so far."""
        rows: Array = self._table.cpu().numpy()
        return rows

    def read(self) -> Array:
        """Return what was measured in a step."""
        rows: Array = self._table.cpu().numpy().copy()
        if not np.isfinite(rows).all():
            counts = rows[ROWS["nonfinite_count"]]
            for name, layers, tensor in self._counted:
                if not np.isfinite(rows[ROWS[name], layers.start : layers.stop]).all():
                    counts[layers.start : layers.stop] += nonfinite_entries(tensor)
        # Where the next step makes no update, its update is zero.
        for row in MOVED:
            self._table[row] = 0.0
        return rows
