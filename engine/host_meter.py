"""The meter of the processor: our own loops over the memory of PyTorch's tensors, nothing copied.

A step is a few milliseconds, and a block of layers lies in the second-level cache: what a
measurement costs is the number of times it reads the block, and the number of calls. Formats of two
bytes, which the loops do not know, are converted first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.kernels import (
    descend,
    measure_activations,
    measure_gradients,
    measure_inactive,
    measure_moved,
    measure_norms,
    measure_saturated,
    remember_weights,
    take_rows,
)
from engine.measure import Array, Call, at_least
from engine.meter import MOVED, ROWS

if TYPE_CHECKING:
    from torch import Tensor

    from engine.network import DeepMLP
    from engine.parameters import Block, Parameters


# Makes a step of gradient descent: takes minus the learning rate.
Descent = Callable[[float], None]


class HostMeter:
    """Measures in main memory.

    Args:
        network: the network, whose buffers hold the step.
        weights: the weights that are updated (the master weights in mixed precision).
    """

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        import torch

        self._network = network
        layout = network.layout
        layers = layout.depth + 1
        self._table = np.zeros((len(ROWS), layers))
        # Where the next step makes no update, its update is zero.
        self._cleared = np.array([*MOVED, ROWS["nonfinite_count"]])
        # Counts of what is not finite that nobody asks for.
        self._ignored = np.zeros(1)
        self.activity: list[tuple[range, Tensor]] = []

        compute = network.gradients.flat.dtype
        wide = torch.promote_types(compute, torch.float32)
        largest = max(block.weight.numel() for block in weights.blocks)
        # The weights of one block before its update: only one block is updated at a time.
        self._before = torch.empty(largest, dtype=wide)
        self._converted = torch.empty(0, dtype=wide)
        if compute.itemsize < 4:
            groups = filter(None, layout.activation_groups)
            units = max(network.gather("h", group).numel() for group in groups)
            others = max(block.rest.numel() for block in weights.blocks)
            self._converted = torch.empty(max(largest, units, others), dtype=wide)

        self._after_forward = [self._plan_forward(group) for group in layout.activation_groups]
        indices = range(len(weights.blocks))
        self._after_deltas = [self._plan_deltas(index) for index in indices]
        self._after_gradients = [
            self._plan_gradients(index, block) for index, block in enumerate(weights.blocks)
        ]
        # Other formats are measured before and after an update that PyTorch makes.
        self._descents: list[Descent] = []
        self.descend: Callable[[int, float], None] | None = None
        if weights.flat.dtype == compute == torch.float32:
            self._descents = [
                self._plan_descent(index, block) for index, block in enumerate(weights.blocks)
            ]
            self.descend = self._descend
        self._before_update, self._after_update = zip(
            *[self._plan_update(block) for block in weights.blocks], strict=True
        )

    # What to measure, decided once ---------------------------------------------------------------

    def _place(self, row: str, layers: range) -> Array:
        return self._table[ROWS[row], layers.start : layers.stop]

    def _see(self, tensor: Tensor) -> tuple[list[Call], NDArray[Any]]:
        """Return a tensor as (rows, entries), and the calls to be made before it is read."""
        if tensor.dtype.itemsize >= 4:
            return [], tensor.view(len(tensor), -1).numpy()
        copy = self._converted[: tensor.numel()].view(tensor.shape)
        return [partial(copy.copy_, tensor)], copy.view(len(copy), -1).numpy()

    def _plan_forward(self, layers: range) -> list[Call]:
        import torch

        if not layers:
            return []
        network = self._network
        calls, h = self._see(network.gather("h", layers))
        names = ("activation_rms", "activation_mean", "nonfinite_count")
        places = [self._place(name, layers) for name in names]
        calls.append(partial(measure_activations, h, *places))
        if layers[0] == network.layout.depth:
            # The output layer has no φ.
            return calls
        activation = ACTIVATIONS[network.config.activation]
        if activation.saturates_beyond is not None:
            tensor = network.gather("u", layers)
            converting, u = self._see(tensor)
            edge = u.dtype.type(at_least(activation.saturates_beyond, tensor))
            saturated = self._place("saturated_fraction", layers)
            calls += [*converting, partial(measure_saturated, u, edge, saturated)]
        if activation.has_flat_zero:
            tensor = network.gather("a", layers)
            converting, flat = self._see(tensor)
            a = flat.reshape(tensor.shape)
            activity = tensor.new_zeros((len(layers), a.shape[2]), dtype=torch.bool)
            self.activity.append((layers, activity))
            active = np.zeros(a.shape[2], np.bool_)
            inactive = self._place("inactive_fraction", layers)
            calls += [*converting, partial(measure_inactive, a, active, activity.numpy(), inactive)]
        return calls

    def _plan_gradients(self, index: int, block: Block) -> list[Call]:
        import torch

        stored, layers = self._network.gradients.blocks[index], block.layers
        calls, rest = self._see(stored.rest[None])
        place = self._place("other_grad_norm", layers[:1])
        calls.append(partial(measure_norms, rest, place, self._ignored))
        converting, gradient = self._see(stored.weight)
        tiny = gradient.dtype.type(torch.finfo(stored.weight.dtype).tiny)
        names = ("weight_grad_norm", "subnormal_fraction", "zero_fraction", "nonfinite_count")
        places = [self._place(name, layers) for name in names]
        calls += [*converting, partial(measure_gradients, gradient, tiny, *places)]
        return calls

    def _plan_deltas(self, index: int) -> list[Call]:
        """dL/dh of the activations that a block completes going back."""
        groups = self._network.layout.activation_groups
        # A group that reaches back over the first layer is complete only there.
        layers = groups[index] if index else groups[0] or groups[1]
        if not layers or (index and layers[0] == 0):
            return []
        calls, dh = self._see(self._network.gather("dh", layers))
        names = ("activation_grad_norm", "nonfinite_count")
        places = [self._place(name, layers) for name in names]
        return [*calls, partial(measure_norms, dh, *places)]

    def _plan_descent(self, index: int, block: Block) -> Descent:
        """Return the step of a block, and what its measurements are written into."""
        import torch

        loop: Callable[..., None] = descend
        stored, layers = self._network.gradients.blocks[index], block.layers
        parts = (block.weight, stored.weight, block.rest, stored.rest)
        names = ("weight_norm", "weight_grad_norm", "subnormal_fraction", "zero_fraction",
                 "nonfinite_count", "update_ratio", "distinct_units")  # fmt: skip
        places = [self._place(name, layers) for name in names]
        places.append(self._place("other_grad_norm", layers[:1]))
        tiny = np.float32(torch.finfo(torch.float32).tiny)
        arguments = [part.numpy() for part in parts]

        def step(rate: float) -> None:
            loop(*arguments, np.float32(rate), tiny, *places)

        return step

    def _plan_update(self, block: Block) -> tuple[list[Call], list[Call]]:
        """What remembers the weights of a block, and what measures by how much they have moved."""
        shape, layers = block.weight.shape, block.layers
        converting, weight = self._see(block.weight)
        before = self._before[: block.weight.numel()].view(len(layers), -1).numpy()
        places = self._place("update_ratio", layers), self._place("distinct_units", layers)
        remember = partial(remember_weights, weight, before, self._place("weight_norm", layers))
        measure = partial(measure_moved, weight.reshape(shape), before.reshape(shape), *places)
        return [*converting, remember], [*converting, measure]

    # Every step ----------------------------------------------------------------------------------

    def measure_forward(self, block: int) -> None:
        """Measure the activations of a block."""
        for call in self._after_forward[block]:
            call()

    def measure_backward(self, block: int) -> None:
        """Measure the gradients of a block, before clipping and the update."""
        for call in self._after_gradients[block]:
            call()
        for call in self._after_deltas[block]:
            call()

    def _descend(self, block: int, learning_rate: float) -> None:
        """Measure the gradients of a block, make the update, and measure it: all in one."""
        for call in self._after_deltas[block]:
            call()
        self._descents[block](-learning_rate)

    def before_update(self, block: int) -> None:
        """Measure the weights of a block, and remember them."""
        for call in self._before_update[block]:
            call()

    def after_update(self, block: int) -> None:
        """Measure the update that was really made, rounding included."""
        for call in self._after_update[block]:
            call()

    def look(self) -> Array:
        """Return what has been measured so far; not to be changed."""
        return self._table

    def read(self) -> Array:
        """Return what was measured in a step."""
        return take_rows(self._table, self._cleared)
