"""The parameters of a network in one flat tensor, seen layer by layer and block by block.

A *block* is a run of consecutive layers of one shape, small enough that its weights, their
gradient and what they were before stay in the processor's cache together. Its weights are one
tensor of shape (layers, n_out, n_in) and all its parameters are one slice of the flat tensor: the
update of a block is one operation, a statistic of each of its layers is one reduction, and both
read what the backward pass has just left in the cache.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

# What is read and written while a block is measured and updated, about six tensors of this size,
# lies within the second-level cache of current processors (1 to 2 MiB a core); twice as much and
# half as much were slower in tests.bench.step.
BLOCK_BYTES = 2**18
# Every tensor begins at a multiple of 64 bytes in float32: a cache line, and a vector register.
ALIGNMENT = 16


@dataclass(frozen=True)
class Layout:
    """The shapes of a network. Layers are counted from 0; the last one is the output layer.

    Attributes:
        widths: n_0 … n_{depth + 1}: features, hidden widths, units of the output layer.
        gated: layers with a highway gate.
        normalized: hidden layers have a learned scale and shift.
        block_bytes: largest size of a block's weights in float32.
    """

    widths: tuple[int, ...]
    gated: bool = False
    normalized: bool = False
    block_bytes: int = BLOCK_BYTES

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

    @cached_property
    def blocks(self) -> list[range]:
        """The layers of each block.

        The first and the output layer always stand alone: the input of the one and the output
        of the other do not lie among the hidden activations.
        """
        inner = range(1, self.depth)
        blocks = [range(0, 1)]
        for run in _runs(inner, [self.shape(layer) for layer in inner]):
            n_out, n_in = self.shape(run[0])
            count = max(1, self.block_bytes // (4 * n_out * n_in))
            blocks += [run[start : start + count] for start in range(0, len(run), count)]
        return [*blocks, range(self.depth, self.depth + 1)]

    @cached_property
    def activation_groups(self) -> list[range]:
        """The layers whose activations are complete, and lie together, after each block.

        Those of the first layer are left to the block behind it, if they have one width.
        """
        first, *others = self.blocks
        if self.widths[1] == self.widths[2] and len(self.blocks) > 2:
            return [range(0), range(0, others[0].stop), *others[1:]]
        return [first, *others]

    def tensors(self, block: range) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield name and shape of the stacked tensors of a block, in the order they lie in."""
        count, (n_out, n_in) = len(block), self.shape(block[0])
        yield "weight", (count, n_out, n_in)
        yield "bias", (count, n_out)
        if self.gated and self.can_skip(block[0]):
            yield "gate_weight", (count, n_out, n_in)
            yield "gate_bias", (count, n_out)
        if self.normalized and block[0] < self.depth:
            yield "scale", (count, n_out)
            yield "shift", (count, n_out)

    @cached_property
    def size(self) -> int:
        """Number of parameters."""
        return sum(math.prod(shape) for block in self.blocks for _, shape in self.tensors(block))

    def flat_size(self, in_turn: bool = False) -> int:
        """Return the length of the flat tensor, which has a little room between its parts.

        Args:
            in_turn: blocks of the same shapes take turns in it.
        """
        return max(place.stop for place in self.places(in_turn))

    def places(self, in_turn: bool = False) -> list[range]:
        """Return where each block lies in the flat tensor."""
        places: dict[object, range] = {}
        of_blocks, end = [], 0
        for index, block in enumerate(self.blocks):
            shapes = tuple(self.tensors(block))
            place = places.get(shapes if in_turn else index)
            if place is None:
                size = sum(_aligned(math.prod(shape)) for _, shape in shapes)
                place = places[shapes if in_turn else index] = range(end, end + size)
                end = place.stop
            of_blocks.append(place)
        return of_blocks


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _runs(layers: range, shapes: Sequence[object]) -> list[range]:
    """Split layers into runs of one shape."""
    if not layers:
        return []
    starts = [layers.start]
    starts += [layer for layer, (a, b) in zip(layers[1:], pairwise(shapes), strict=True) if a != b]
    return [range(a, b) for a, b in pairwise([*starts, layers.stop])]


@dataclass(frozen=True)
class Block:
    """The parameters of a block: views of one slice of the flat tensor.

    Attributes:
        layers: which layers.
        flat: all of them, one-dimensional.
        rest: all but the weights.
        tensors: by name, each (layers, …): weight, bias and, where there are, gate_weight,
            gate_bias, scale, shift.
    """

    layers: range
    flat: Tensor
    rest: Tensor
    tensors: dict[str, Tensor]

    @property
    def weight(self) -> Tensor:
        """The weights, (layers, n_out, n_in)."""
        return self.tensors["weight"]


class Parameters:
    """One value for every parameter: the weights themselves, or their gradient.

    Args:
        layout: the shapes.
        flat: memory for all values, zeros; `Layout.flat_size` says how many.
        in_turn: blocks of the same shapes take turns in the same memory: what is written anew in
            every step stays in the cache then, where memory of their own would have to be fetched
            from far away only to be overwritten.

    Attributes:
        layout: the shapes.
        flat: all values there are at a time, with zeros in the room between the parts.
        blocks: the same by block; views, as all that follow.
        weight: of each layer, (n_out, n_in).
        bias: of each layer, (n_out,).
        gate_weight, gate_bias: by layer, where there is a gate.
        scale, shift: of each hidden layer, (n_out,), where it is normalised.
    """

    def __init__(self, layout: Layout, flat: Tensor, *, in_turn: bool = False) -> None:
        self.layout = layout
        self.flat = flat
        self.blocks: list[Block] = []
        by_layer: dict[str, dict[int, Tensor]] = {}
        for layers, place in zip(layout.blocks, layout.places(in_turn), strict=True):
            offset = place.start
            tensors: dict[str, Tensor] = {}
            for name, shape in layout.tensors(layers):
                size = math.prod(shape)
                tensors[name] = flat[offset : offset + size].view(shape)
                offset += _aligned(size)
                by_layer.setdefault(name, {}).update(
                    zip(layers, tensors[name].unbind(), strict=True)
                )
            rest = flat[place.start + _aligned(tensors["weight"].numel()) : offset]
            self.blocks.append(Block(layers, flat[place.start : offset], rest, tensors))
        self.weight = [by_layer["weight"][layer] for layer in range(layout.depth + 1)]
        self.bias = [by_layer["bias"][layer] for layer in range(layout.depth + 1)]
        self.gate_weight = by_layer.get("gate_weight", {})
        self.gate_bias = by_layer.get("gate_bias", {})
        self.scale = by_layer.get("scale", {})
        self.shift = by_layer.get("shift", {})

    def like(self, flat: Tensor) -> Parameters:
        """Return the same shapes over other memory."""
        return Parameters(self.layout, flat)

    def zeros(self, dtype: torch.dtype, *, in_turn: bool = False) -> Parameters:
        """Return zeros of the same shapes on the same device, in memory of their own."""
        flat = self.flat.new_zeros(self.layout.flat_size(in_turn), dtype=dtype)
        return Parameters(self.layout, flat, in_turn=in_turn)
