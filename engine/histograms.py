"""How large the entries of ∂L/∂W are in every layer.

A bin holds the entries between two powers of two, about 0.3 decades, so that the bin of an entry is
its exponent as it is stored: no logarithm is taken. What has no logarithm has bins of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.kernels import count_exponents
from engine.parameters import Parameters

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Counts = NDArray[np.int64]

HISTOGRAM_INTERVAL_STEPS = 16
# Of larger layers evenly spaced entries, which tell the shape as well: all of 31 layers of 64 × 64
# would cost 3 % of the time of a run.
MOST_ENTRIES = 2048


@dataclass(frozen=True)
class GradientHistogram:
    """How many entries of ∂L/∂W are how large, loss scale taken out.

    Attributes:
        step: the step it is of.
        edges: float64 (bins + 1,), log10 |∂L/∂W| at the edges of the bins, ascending; a bin holds
            its lower edge and not its upper. The first bin of float64 holds all smaller ones too.
        counts: (depth + 1, bins), layers 1 … depth and the output layer.
        zeros: (depth + 1,), entries that are exactly zero in the stored format.
        infinite: (depth + 1,), entries that are Inf or −Inf.
        nans: (depth + 1,), entries that are no number.
        entries: (depth + 1,), entries looked at: all of a small layer, some of a large one.
        loss_scale: what the stored entries were multiplied with.
    """

    step: int
    edges: NDArray[np.float64]
    counts: Counts
    zeros: Counts
    infinite: Counts
    nans: Counts
    entries: Counts
    loss_scale: float


class Histograms:
    """Takes a histogram in the first step, in every 16th after it, and when asked.

    Args:
        gradients: as they are stored.

    Attributes:
        due: one is to be taken in this step.
    """

    def __init__(self, gradients: Parameters) -> None:
        self._weights = [block.weight for block in gradients.blocks]
        self._strides = [_stride(weight) for weight in self._weights]
        self._layers = gradients.layout.blocks
        dtype = gradients.flat.dtype
        self._lowest, highest = _binades(dtype)
        # In front of the bins the zeros, behind them what is not finite.
        self._bins = highest - self._lowest
        self._counts = np.zeros((gradients.layout.depth + 1, self._bins + 2), np.int64)
        self._nans = np.zeros(gradients.layout.depth + 1, np.int64)
        self.due = True

    def ask(self) -> None:
        """Take one in the next step, whenever the next is due."""
        self.due = True

    def measure(self, block: int) -> None:
        """Count the entries of a block, where a histogram is due."""
        if not self.due:
            return
        weight, layers = self._weights[block].cpu(), self._layers[block]
        wide = weight if weight.dtype.itemsize >= 4 else weight.float()
        entries = wide.view(len(layers), -1).numpy()
        counts = self._counts[layers.start : layers.stop]
        nans = self._nans[layers.start : layers.stop]
        count_exponents(entries, self._strides[block], self._lowest, counts, nans)

    def read(self, step: int, loss_scale: float) -> GradientHistogram | None:
        """Return the histogram of a step, all of whose blocks were measured; None: not due."""
        taken, counts = self.due, self._counts
        # One that was asked for moves none of the others.
        self.due = step % HISTOGRAM_INTERVAL_STEPS == 0
        if not taken:
            return None
        exponents = np.arange(self._lowest, self._lowest + self._bins + 1, dtype=np.float64)
        return GradientHistogram(
            step=step,
            edges=exponents * math.log10(2.0) - math.log10(loss_scale),
            counts=counts[:, 1:-1].copy(),
            zeros=counts[:, 0].copy(),
            infinite=counts[:, -1] - self._nans,
            nans=self._nans.copy(),
            entries=counts.sum(axis=1),
            loss_scale=loss_scale,
        )


def _stride(weight: Tensor) -> int:
    """Return the distance of at most `MOST_ENTRIES` evenly spaced entries of a layer."""
    stride = -(-weight[0].numel() // MOST_ENTRIES)
    # Not the same few inputs of every unit.
    while math.gcd(stride, weight.shape[2]) > 1:
        stride += 1
    return stride


def _binades(dtype: torch.dtype) -> tuple[int, int]:
    """Return the exponent of the smallest entry and the one above that of the largest.

    The lowest bin of float64 holds all its subnormal numbers.
    """
    import torch

    about = torch.finfo(dtype)
    wide = dtype.itemsize == 8
    smallest = about.tiny if wide else about.tiny * about.eps
    return math.frexp(smallest)[1] - 1 - wide, math.frexp(about.max)[1]
