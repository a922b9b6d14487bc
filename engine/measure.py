"""Norms that are exact where the plain ones are not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Array = NDArray[np.float64]

# So many squares can be added in float32 with an error below 1e-6; of more, parts are added. Those
# of two-byte formats are added one after the other. By bytes of an entry.
MOST_TERMS = {8: 2**16, 4: 2**16, 2: 2**10}

# A norm loses what squares to less or more than the format of the sum can hold. Between these
# bounds nothing that matters is lost, for up to 1e7 entries; by bytes of that format.
SAFE_NORMS = {4: (1e-12, 1e15), 8: (1e-140, 1e140)}


def reduction_dtype(tensor: Tensor) -> torch.dtype:
    """Return the format in which reductions over such a tensor are summed first.

    On the CPU, float32 is several times faster than float64; norms that leave `SAFE_NORMS` are
    then measured again. A graphics card cannot ask back in the middle of a step.
    """
    import torch

    quick = tensor.dtype != torch.float64 and not tensor.is_cuda
    return torch.float32 if quick else torch.float64


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


def plan_norms(stack: Tensor, out: Tensor) -> Callable[[], object]:
    """Return the call that writes the L2 norm of every row, summed in the format of `out`.

    Args:
        stack: (rows, entries) or (rows, …, entries).
        out: (rows,).
    """
    import torch

    norm = torch.linalg.vector_norm
    rows = stack.flatten(1)
    short = rows.shape[1] <= MOST_TERMS[stack.dtype.itemsize]
    if short or stack.dim() == 2 or out.dtype == torch.float64:
        return partial(norm, rows, dim=1, dtype=out.dtype, out=out)
    parts = out.new_empty(stack.shape[:-1]).flatten(1)
    part = partial(norm, stack, dim=-1, dtype=out.dtype, out=parts.view(stack.shape[:-1]))

    def norms_of_norms() -> None:
        part()
        norm(parts, dim=1, out=out)

    return norms_of_norms


def quick_norms(stack: Tensor) -> Array:
    """Return the L2 norm of every row as float64, in the format that sums fastest.

    Norms that this format cannot hold are measured again; waits for the device.

    Args:
        stack: (rows, entries) or (rows, …, entries), any floating format.
    """
    quick = stack.new_empty(len(stack), dtype=reduction_dtype(stack))
    plan_norms(stack, quick)()
    norms: Array = quick.cpu().double().numpy()
    mend_norms(norms, stack.flatten(1), SAFE_NORMS[quick.dtype.itemsize])
    return norms


def mend_norms(norms: Array, rows: Tensor, safe: tuple[float, float]) -> None:
    """Measure those norms again, in place, that are not safely within bounds."""
    unsafe = np.flatnonzero(~((norms > safe[0]) & (norms < safe[1])))
    if len(unsafe):
        # They lie together: the deep end of a vanishing gradient.
        span = slice(int(unsafe[0]), int(unsafe[-1]) + 1)
        norms[span] = exact_norms(rows[span]).cpu().numpy()


def total_norm(norms: Array) -> float:
    """Return the L2 norm of everything whose parts have these norms."""
    largest = float(np.max(norms))
    if largest == 0.0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.sum(np.square(norms / largest))))
