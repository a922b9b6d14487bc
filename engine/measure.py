"""Norms that are exact where the plain ones are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

# A norm summed in float32 loses what squares to less than about 1e-38 or more than 1e38. Between
# these bounds nothing that matters is lost, for up to 1e7 entries.
SAFE_NORMS = (1e-12, 1e15)


def reduction_dtype(tensor: Tensor) -> torch.dtype:
    """Return the format in which reductions over such a tensor are summed first.

    On the CPU, float32 is several times faster than float64; norms that leave `SAFE_NORMS` are
    then measured again. A graphics card cannot ask back in the middle of a step.
    """
    import torch

    quick = tensor.dtype != torch.float64 and not tensor.is_cuda
    return torch.float32 if quick else torch.float64


def exact_norms(stack: Tensor) -> Tensor:
    """Return the L2 norm of every row, summed in float64.

    Args:
        stack: (rows, ...), any floating format.

    Returns:
        float64, (rows,).
    """
    import torch

    norms: Tensor = torch.linalg.vector_norm(stack.flatten(1), dim=1, dtype=torch.float64)
    return norms


def total_norm(flat: Tensor) -> float:
    """Return the L2 norm of a whole tensor; waits for the device."""
    import torch

    dtype = reduction_dtype(flat)
    norm = float(torch.linalg.vector_norm(flat, dtype=dtype))
    if dtype != torch.float64 and not SAFE_NORMS[0] < norm < SAFE_NORMS[1]:
        norm = float(exact_norms(flat[None])[0])
    return norm
