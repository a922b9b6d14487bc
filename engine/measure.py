"""Norms: fast where their squares fit into the format, and exact where they do not."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]
Call = Callable[[], object]

# So many products are added at a time: few enough for float32 to keep the sum to 1e-6, and too few
# for a BLAS library to start threads over.
MOST_TERMS = 2**13

# A norm loses what squares to less or more than the format of the sum can hold. Between these
# bounds nothing that matters is lost, for up to 1e7 entries; by bytes of that format.
SAFE_NORMS = {4: (1e-12, 1e15), 8: (1e-140, 1e140)}


def wide_array(tensor: Tensor) -> NDArray[Any]:
    """Return a tensor in main memory as NumPy sees it; of two-byte formats a float32 copy."""
    array: NDArray[Any] = (tensor if tensor.dtype.itemsize >= 4 else tensor.float()).numpy()
    return array


def in_parts(array: NDArray[Any]) -> NDArray[Any]:
    """Split every row into parts of at most `MOST_TERMS` entries.

    Args:
        array: (rows, …), contiguous.

    Returns:
        (rows, parts, entries of a part), a view.
    """
    rows, size = len(array), array[0].size
    parts = next(k for k in range(-(-size // MOST_TERMS), size + 1) if size % k == 0)
    return array.reshape(rows, parts, size // parts)


def plan_products(array: NDArray[Any], factor: NDArray[Any], out: Array) -> list[Call]:
    """Return the calls that write the sum of array × factor over every row.

    Args:
        array: (rows, parts, entries), as `in_parts` returns it.
        factor: of the same shape, or of a part.
        out: (rows,).
    """
    if array.shape[1] == 1:
        return [partial(np.vecdot, array[:, 0], factor.reshape(-1, array.shape[2]), out=out)]
    sums = np.empty(array.shape[:2], array.dtype)
    return [
        partial(np.vecdot, array, factor, out=sums),
        partial(np.add.reduce, sums, axis=1, dtype=np.float64, out=out),
    ]


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
    """Return the L2 norm of every row as float64, in the format that sums fastest.

    Norms that this format cannot hold are measured again; waits for the device.

    Args:
        stack: (rows, …), contiguous, any floating format.
    """
    import torch

    norms: Array
    if stack.is_cuda:
        on_card = torch.linalg.vector_norm(stack.flatten(1), dim=1, dtype=torch.float64)
        norms = on_card.cpu().numpy()
        bytes_of_sum = 8
    else:
        norms, array = np.empty(len(stack)), wide_array(stack)
        bytes_of_sum = array.dtype.itemsize
        parts = in_parts(array)
        with np.errstate(all="ignore"):
            for call in plan_products(parts, parts, norms):
                call()
            np.sqrt(norms, out=norms)
    mend_norms(norms, stack.flatten(1), SAFE_NORMS[bytes_of_sum])
    return norms


def mend_norms(norms: Array, rows: Tensor, safe: tuple[float, float]) -> None:
    """Measure those norms again, in place, that are not safely within bounds."""
    unsafe = np.flatnonzero(~((norms > safe[0]) & (norms < safe[1])))
    if len(unsafe):
        # They lie together: the deep end of a vanishing gradient.
        span = slice(int(unsafe[0]), int(unsafe[-1]) + 1)
        norms[span] = exact_norms(rows[span]).cpu().numpy()


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


def total_norm(weights: Array, others: Array) -> float:
    """Return the L2 norm of everything whose parts have these norms."""
    square = float(weights @ weights + others @ others)
    low, high = SAFE_NORMS[8]
    if low**2 < square < high**2:
        return math.sqrt(square)
    norms = np.concatenate([weights, others])
    largest = float(np.max(norms))
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.sum(np.square(norms / largest))))
