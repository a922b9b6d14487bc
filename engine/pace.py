"""How fast steps are made: the limit that the person sets, and the speed of late."""

from __future__ import annotations

from collections.abc import Callable

# Largest numbers of steps in a second that can be chosen, beside as many as there can be.
SPEEDS = (1000, 300, 100, 30, 10, 3, 1)
# Over how long the steps per second are averaged.
SPEED_WINDOW_SECONDS = 0.5


class Pace:
    """Says when the next step is due, and counts those that are made.

    Args:
        clock: seconds, monotonic.

    Attributes:
        steps_per_second: of late.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._limit: float | None = None
        self._next_due = 0.0
        self._since: tuple[float, int] | None = None
        self.steps_per_second = 0.0

    def set_limit(self, steps_per_second: float | None) -> None:
        """Limit the speed; None: as fast as it goes."""
        self._limit = steps_per_second
        self._next_due = self._clock()

    def begin(self) -> None:
        """Begin to run: the first step is due at once."""
        self._next_due = self._clock()
        self._since = None
        self.steps_per_second = 0.0

    def seconds_to_wait(self) -> float:
        """Return how long it is until the next step is due."""
        return 0.0 if self._limit is None else max(0.0, self._next_due - self._clock())

    def count(self, step: int) -> None:
        """Take note that a step has been made."""
        now = self._clock()
        if self._limit is not None:
            # A step that came late does not make the next ones hurry.
            self._next_due = max(self._next_due + 1.0 / self._limit, now)
        if self._since is None:
            self._since = now, step
            return
        seconds = now - self._since[0]
        if seconds >= SPEED_WINDOW_SECONDS:
            self.steps_per_second = (step - self._since[1]) / seconds
            self._since = now, step
