"""How often to paint.

Painting and training share Python's lock: the time one takes is lost to the other. So painting
gets a share of the time, and what it costs decides how often it happens.
"""

from __future__ import annotations

# 32 pictures a second look continuous ...
FAST_TIMER_PERIOD_MS = 31
# ... and fewer than 4 do not look live any more.
SLOWEST_PERIOD_MS = 250
# Text and curves: each is renewed five times a second at best, as fast as one can read. The timer
# is four times as fast because it serves the three curve views of the first start and the words in
# turn, so that no tick is long.
SLOW_TIMER_PERIOD_MS = 50
# Shares of the time that pictures, and text and curves, may take; painting what is new in the
# latter costs as much again as telling it.
PAINTING_SHARE = 0.1
WRITING_SHARE = 0.02
_SMOOTHING = 0.2


class Pacer:
    """Chooses the period of a timer from what it has done costs.

    Args:
        quickest: milliseconds, where that costs nothing.
        share: of the time.
    """

    def __init__(self, quickest: int = FAST_TIMER_PERIOD_MS, share: float = PAINTING_SHARE) -> None:
        self._quickest = quickest
        self._share = share
        self._cost_ms = 0.0

    def spent(self, seconds: float) -> int:
        """Take note of what one turn cost; return the milliseconds until the next."""
        self._cost_ms += _SMOOTHING * (1000.0 * seconds - self._cost_ms)
        wanted = round(self._cost_ms / self._share)
        return min(max(wanted, self._quickest), SLOWEST_PERIOD_MS)
