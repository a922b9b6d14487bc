"""A chain of scalars: y = a · a · … · a · x, whose derivative is a to the power of the depth.

The smallest network that vanishes and explodes: one unit a layer, no activation, the same
weight everywhere (Dive into Deep Learning, "Numerical stability and initialisation").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The chains of the lecture notes: factor and depth.
WELL_KNOWN = ((1.5, 100), (0.8, 100), (1.1, 100))


@dataclass(frozen=True)
class Chain:
    """The product after every factor.

    Attributes:
        factor: a.
        logs: log10 of a^k for k = 0 … depth, exact to rounding, (depth + 1,).
        narrow: the same product as float16 makes it, rounded after every factor, (depth + 1,).
        zero_from: first k at which float16 has 0; None if never.
        inf_from: first k at which float16 has Inf; None if never.
        subnormal_from: first k at which float16 has lost digits for good; None if never.
    """

    factor: float
    logs: Floats
    narrow: Floats
    zero_from: int | None
    inf_from: int | None
    subnormal_from: int | None

    @property
    def depth(self) -> int:
        """Number of factors."""
        return len(self.logs) - 1


def chain(factor: float, depth: int) -> Chain:
    """Multiply a factor with itself.

    Args:
        factor: a > 0.
        depth: number of factors, at least 1.
    """
    logs: Floats = np.arange(depth + 1.0) * math.log10(factor)
    narrow = _in_float16(factor, depth)
    limits = np.finfo(np.float16)
    return Chain(
        factor=factor,
        logs=logs,
        narrow=narrow,
        zero_from=_first(narrow == 0.0),
        inf_from=_first(np.isinf(narrow)),
        subnormal_from=_first(narrow < float(limits.smallest_normal)),
    )


def _in_float16(factor: float, depth: int) -> Floats:
    made = np.empty(depth + 1)
    value, narrow_factor = np.float16(1.0), np.float16(factor)
    with np.errstate(over="ignore", under="ignore"):
        for k in range(depth + 1):
            made[k] = value
            value = value * narrow_factor
    return made


def _first(holds: NDArray[np.bool_]) -> int | None:
    """Return the first index at which something holds."""
    index = int(np.argmax(holds))
    return index if holds[index] else None
