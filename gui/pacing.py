"""How often to paint.

Painting and training share Python's lock: the time one takes is lost to the other. So painting
gets a share of the time, and what it costs decides how often it happens.
"""

from __future__ import annotations

# 32 pictures a second look continuous ...
FAST_TIMER_PERIOD_MS = 31
# ... and fewer than 4 do not look live any more.
SLOWEST_PERIOD_MS = 250
# Share of the time that painting pictures may take.
PAINTING_SHARE = 0.12
_SMOOTHING = 0.2


class Pacer:
    """Chooses the period of the fast timer from what painting costs."""

    def __init__(self) -> None:
        self._cost_ms = 0.0

    def spent(self, seconds: float) -> int:
        """Take note of what one picture cost; return the milliseconds until the next."""
        self._cost_ms += _SMOOTHING * (1000.0 * seconds - self._cost_ms)
        wanted = round(self._cost_ms / PAINTING_SHARE)
        return min(max(wanted, FAST_TIMER_PERIOD_MS), SLOWEST_PERIOD_MS)
