"""Memory that goes back to the system when it is no longer used.

What the C library takes back it mostly keeps: between its blocks that are in use lie free ones,
and a window that goes through many runs would seem to grow for ever.
"""

from __future__ import annotations

import math
import mmap
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# It takes a moment, and a slider that is dragged builds many runs.
GIVE_BACK_SECONDS = 5.0


def own_pages(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return an array of NaN in pages of its own, which go back to the system when it is gone.

    Written to at once, so that the system hands them out now and not bit by bit: a run would seem
    to need more memory with every step. Other threads go on meanwhile (128 MiB: 64 ms).

    Raises:
        MemoryError: there is no room for it.
    """
    size = 8 * math.prod(shape)
    # Pages that other processes could share are slower; Windows knows only one kind.
    flags: dict[str, Any] = {}
    if sys.platform != "win32":
        flags = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS}
    try:
        pages = mmap.mmap(-1, size, **flags)
    except OSError:
        words = f"there is no room for {size / 2**20:.0f} MiB of a run's record"
        raise MemoryError(words) from None
    array = np.frombuffer(pages, np.float64).reshape(shape)
    array.fill(math.nan)
    return array


class GiveBack:
    """Calls `give_back` now and then.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._called_at = 0.0

    def __call__(self) -> None:
        """Let go of what is held no longer, unless that was done just now."""
        if self._clock() - self._called_at >= GIVE_BACK_SECONDS:
            self._called_at = self._clock()
            give_back()


def give_back() -> None:
    """Let the C library give its free pages back to the system, where it can: GNU's.

    It takes some milliseconds, in which other threads may wait for memory.
    """
    if sys.platform != "linux":
        return
    import ctypes

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(ctypes.c_size_t(0))
