"""What both meters, that of the processor and that of a graphics card, agree on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]

# Rows of what a meter reads, one column for each layer. The norms come first, and those of what an
# update changes lie next to each other. Then the sum of h, and numbers of entries; the row of
# "nothing" stays zero.
NORMS = ("h", "dh", "update", "weight", "weight_gradient", "other_gradient")
COUNTS = ("saturated", "inactive", "below_normal", "zero", "nonfinite")
ROWS = {name: row for row, name in enumerate((*NORMS, "sum", *COUNTS, "nothing"))}
NORM_ROWS = len(NORMS)


class Meter(Protocol):
    """Measures each block of layers while the step goes through it.

    Attributes:
        activity: where φ is flat zero, what is not zero for every unit that a sample has activated
            since the tensor was last set to zero, (layers, width), with its layers.
    """

    activity: list[tuple[range, Tensor]]

    def measure_forward(self, block: int) -> None:
        """Measure the activations of a block."""

    def measure_backward(self, block: int) -> None:
        """Measure the gradients of a block, before clipping and the update, and its weights."""

    def before_update(self, block: int) -> None:
        """Remember the weights of a block."""

    def after_update(self, block: int) -> None:
        """Measure the update that was really made, rounding included."""

    def norms(self) -> Array:
        """Return the rows of the norms, (norms, depth + 1), once every block has been measured.

        Waits for the device.
        """

    def read(self) -> Array:
        """Return what was measured in a step: the one wait for the device.

        Returns:
            (rows, depth + 1), as `ROWS` names them, the caller's to change. Non-finite entries are
            counted in h, dL/dh and dL/dW.
        """
