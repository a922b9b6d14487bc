"""The parameters of a network in one flat tensor, seen layer by layer and stack by stack.

Consecutive layers of one shape lie behind each other in memory, so that a whole *stack* of them
is one tensor of shape (layers, n_out, n_in): the update is one operation on the flat tensor, and
a statistic of every layer is one reduction over each stack.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Layout:
    """The shapes of a network. Layers are counted from 0; the last one is the output layer.

    Attributes:
        widths: n_0 … n_{depth + 1}: features, hidden widths, units of the output layer.
        gated: layers with a highway gate.
        normalized: hidden layers have a learned scale and shift.
    """

    widths: tuple[int, ...]
    gated: bool = False
    normalized: bool = False

    @property
    def depth(self) -> int:
        """Number of hidden layers."""
        return len(self.widths) - 2

    def shape(self, layer: int) -> tuple[int, int]:
        """Return (n_out, n_in) of a layer's weight."""
        return self.widths[layer + 1], self.widths[layer]

    def can_skip(self, layer: int) -> bool:
        """Say whether a hidden layer's input has the width of its output, the first excepted."""
        return 0 < layer < self.depth and self.widths[layer] == self.widths[layer + 1]

    def width_runs(self) -> list[range]:
        """Return the runs of consecutive hidden layers of one width, then the output layer."""
        hidden = _runs(range(self.depth), [self.widths[layer + 1] for layer in range(self.depth)])
        return [*hidden, range(self.depth, self.depth + 1)]

    def weight_runs(self) -> list[range]:
        """Return the runs of consecutive layers of one weight shape.

        The first and the output layer always stand alone: the input of the one and the output
        of the other do not lie among the hidden activations.
        """
        inner = range(1, self.depth)
        hidden = _runs(inner, [self.shape(layer) for layer in inner])
        return [range(0, 1), *hidden, range(self.depth, self.depth + 1)]

    def gate_runs(self) -> list[range]:
        """Return the weight runs whose layers have a gate."""
        return [run for run in self.weight_runs() if self.gated and self.can_skip(run[0])]

    def blocks(self) -> Iterator[tuple[str, range, tuple[int, ...]]]:
        """Yield (kind, layers, shape of the stack), in the order in which they lie in memory."""
        for run in self.weight_runs():
            yield "weight", run, (len(run), *self.shape(run[0]))
        for run in self.width_runs():
            yield "bias", run, (len(run), self.widths[run[0] + 1])
        for run in self.gate_runs():
            yield "gate_weight", run, (len(run), *self.shape(run[0]))
            yield "gate_bias", run, (len(run), self.widths[run[0] + 1])
        if self.normalized:
            for run in self.width_runs()[:-1]:
                yield "scale", run, (len(run), self.widths[run[0] + 1])
                yield "shift", run, (len(run), self.widths[run[0] + 1])

    def size(self) -> int:
        """Return the number of parameters."""
        return sum(math.prod(shape) for _, _, shape in self.blocks())


def _runs(layers: range, shapes: Sequence[object]) -> list[range]:
    starts = [layers.start]
    starts += [layer for layer, (a, b) in zip(layers[1:], pairwise(shapes), strict=True) if a != b]
    if not layers:
        return []
    return [range(a, b) for a, b in pairwise([*starts, layers.stop])]


class Parameters:
    """One value for every parameter: the weights themselves, or their gradient.

    Attributes:
        layout: the shapes.
        flat: all values, shape (size,).
        weight: of each layer, (n_out, n_in); views of `flat`, as all that follow.
        bias: of each layer, (n_out,).
        gate_weight, gate_bias: by layer, where there is a gate.
        scale, shift: of each hidden layer, (n_out,), where it is normalised.
        stacks: by kind, (layers, stacked tensor) for each run of layers.
    """

    def __init__(self, layout: Layout, flat: Tensor) -> None:
        self.layout = layout
        self.flat = flat
        self.stacks: dict[str, list[tuple[range, Tensor]]] = {}
        views: dict[str, dict[int, Tensor]] = {}
        offset = 0
        for kind, run, shape in layout.blocks():
            size = math.prod(shape)
            stack = flat[offset : offset + size].view(shape)
            offset += size
            self.stacks.setdefault(kind, []).append((run, stack))
            views.setdefault(kind, {}).update(zip(run, stack.unbind(), strict=True))
        self.weight = [views["weight"][layer] for layer in range(layout.depth + 1)]
        self.bias = [views["bias"][layer] for layer in range(layout.depth + 1)]
        self.gate_weight = views.get("gate_weight", {})
        self.gate_bias = views.get("gate_bias", {})
        self.scale = views.get("scale", {})
        self.shift = views.get("shift", {})

    def like(self, flat: Tensor) -> Parameters:
        """Return the same shapes over other memory."""
        return Parameters(self.layout, flat)
