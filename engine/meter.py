"""What both meters, that of the processor and that of a graphics card, agree on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.record import LAYER_INDEX

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]

# Rows of what a meter reads, one column for each layer: what the quantities of a layer are made of,
# in their order and under their names, and behind them the norm of the gradient by the parameters
# beside the weights, a block's in the column of its first layer. Norms are those of whole layers,
# means are sums, fractions are counts; zeros are counted among the subnormal numbers too. In the
# row of the distinct units stands how far the unit that has moved farthest has moved.
ROWS = {**LAYER_INDEX, "other_grad_norm": len(LAYER_INDEX)}
MOVED = [ROWS["update_ratio"], ROWS["distinct_units"]]


class Meter(Protocol):
    """Measures each block of layers while the step goes through it.

    Attributes:
        descend: measures the gradients of a block, makes a step of plain gradient descent at a
            learning rate, and measures it: all in one. None: PyTorch makes all updates.
        activity: where φ is flat zero, what is not zero for every unit that a sample has activated
            since the tensor was last set to zero, (layers, width), with its layers.
    """

    descend: Callable[[int, float], None] | None
    activity: list[tuple[range, Tensor]]

    def measure_forward(self, block: int) -> None:
        """Measure the activations of a block."""

    def measure_backward(self, block: int) -> None:
        """Measure the gradients of a block, before clipping and the update."""

    def before_update(self, block: int) -> None:
        """Measure the weights of a block, and remember them."""

    def after_update(self, block: int) -> None:
        """Measure the update that was really made, rounding included."""

    def look(self) -> Array:
        """Return the rows as they are now, (rows, depth + 1); not to be changed.

        Waits for the device.
        """

    def read(self) -> Array:
        """Return what was measured in a step: the one wait for the device.

        Returns:
            (rows, depth + 1), as `ROWS` names them, the caller's to change. Non-finite entries are
            counted in h, dL/dh and dL/dW.
        """
