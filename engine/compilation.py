"""Turns the loops of `engine.kernels` into machine code: by Numba, when one first runs.

Numba keeps what it made beside the source or, where that cannot be written, in the person's own
cache, so that this happens once on a machine.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

Loop = TypeVar("Loop", bound=Callable[..., object])

# What may be done to sums: adding in any order, as every parallel reduction does. NaN and Inf keep
# their meaning.
FAST_MATH = {"reassoc", "nsz", "contract"}


def compiled(loop: Loop) -> Loop:
    """Return a function that does what a loop over arrays does, without holding Python's lock."""
    from numba import njit

    make = njit(nogil=True, cache=True, fastmath=FAST_MATH, error_model="numpy")
    return cast(Loop, make(loop))
