"""Reductions that are exact where the plain ones are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

# A norm summed in float32 loses what squares to less than about 1e-38 or more than 1e38. Between
# these bounds nothing that matters is lost, for up to 1e7 entries.
SAFE_NORMS = (1e-12, 1e15)


def row_norms(stack: Tensor) -> Tensor:
    """Return the L2 norm of every row of a stack, in float64.

    Summed in float32 where that is exact enough, which is several times faster, and in float64
    for the rows where it is not: tiny, huge, or not finite.

    Args:
        stack: (rows, ...), any floating format.

    Returns:
        float64, (rows,).
    """
    import torch

    rows = stack.flatten(1)
    if rows.dtype == torch.float64 or rows.is_cuda:
        return torch.linalg.vector_norm(rows, dim=1, dtype=torch.float64)
    norms = torch.linalg.vector_norm(rows, dim=1, dtype=torch.float32).double()
    lowest, highest = SAFE_NORMS
    values = norms.tolist()
    unsafe = [row for row, norm in enumerate(values) if not lowest < norm < highest]
    if unsafe:
        # They lie together: the deep end of a vanishing gradient.
        part = slice(unsafe[0], unsafe[-1] + 1)
        norms[part] = torch.linalg.vector_norm(rows[part], dim=1, dtype=torch.float64)
    return norms
