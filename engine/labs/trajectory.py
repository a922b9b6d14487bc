"""A small training that can be looked at in any of its steps, forwards and backwards."""

from __future__ import annotations

import threading
from typing import Generic, Protocol, TypeVar

from engine.labs.job import Report, nobody

# A report costs next to nothing; a step of the labs' networks takes 0.02 to 0.3 ms.
STEPS_PER_REPORT = 20

State = TypeVar("State")
StateMade = TypeVar("StateMade", covariant=True)


class Training(Protocol[StateMade]):
    """What is trained: it makes one step after the other, and shows its state."""

    def step(self) -> None:
        """Make one step."""

    def state(self) -> StateMade:
        """Return what there is to see, frozen."""


class Trajectory(Generic[State]):
    """The states of a training from step 0 on, computed when they are first asked for.

    May be used from any thread: one at a time trains.
    """

    def __init__(self, training: Training[State]) -> None:
        self._training = training
        self._states = [training.state()]
        self._lock = threading.Lock()

    @property
    def known(self) -> int:
        """Number of steps that have been made already."""
        return len(self._states) - 1

    def until(self, step: int, report: Report = nobody) -> list[State]:
        """Return the states 0 … step.

        Raises:
            Interrupted: from `report`; what has been reached is kept.
        """
        with self._lock:
            first = self.known
            for made in range(first, step):
                if made % STEPS_PER_REPORT == 0:
                    report((made - first) / (step - first))
                self._training.step()
                self._states.append(self._training.state())
            return self._states[: step + 1]
