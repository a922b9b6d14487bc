"""Norms, and small questions to tensors, on either device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.kernels import measure_norms

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]
Call = Callable[[], object]


def exact_norms(stack: Tensor) -> Tensor:
    """Return the L2 norm of every row, summed in float64, whatever the size of its entries.

    Args:
        stack: (rows, ...), any floating format.

    Returns:
        float64, (rows,).
    """
    import torch

    rows = stack.flatten(1)
    if stack.dtype != torch.float64:
        norms: Tensor = torch.linalg.vector_norm(rows, dim=1, dtype=torch.float64)
        return norms
    # The squares of float64 may leave float64: divide by the largest entry first.
    largest = rows.abs().amax(dim=1)
    usable = torch.where((largest > 0.0) & largest.isfinite(), largest, torch.ones_like(largest))
    scaled: Tensor = torch.linalg.vector_norm(rows / usable[:, None], dim=1) * usable
    return scaled


def quick_norms(stack: Tensor) -> Array:
    """Return the L2 norm of every row as float64, of a tensor on a card or in main memory.

    Waits for the device.

    Args:
        stack: (rows, …), contiguous, any floating format.
    """
    if stack.is_cuda:
        import torch

        # As the meter of a card does it, to the last bit.
        on_card = torch.linalg.vector_norm(stack.flatten(1), dim=1, dtype=torch.float64)
        found: Array = on_card.cpu().numpy()
        return found
    wide = stack if stack.dtype.itemsize >= 4 else stack.float()
    norms = np.empty(len(stack))
    measure_norms(wide.view(len(stack), -1).numpy(), norms, np.zeros(len(stack)))
    return norms


def nonfinite_entries(rows: Tensor) -> Array:
    """Return the number of Inf and NaN in every row."""
    count: Array = rows.isfinite().logical_not_().sum(dim=1).cpu().double().numpy()
    return count


def at_least(value: float, like: Tensor) -> float:
    """Return the smallest number of the tensor's format that is not below a value."""
    import torch

    edge = torch.tensor(value, dtype=like.dtype)
    if float(edge) < value:
        edge = torch.nextafter(edge, torch.tensor(torch.inf, dtype=like.dtype))
    return float(edge)
