"""What a window shows: the engine or an opened recording, the newest or an earlier moment."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from engine.snapshot import Snapshot

if TYPE_CHECKING:
    from engine.session import Session


class Source:
    """Where the pictures of a window come from.

    Args:
        session: the engine, which is shown while no recording is.

    Attributes:
        name: of the recording, for people; it may have none.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._recording: Snapshot | None = None
        self._recordings = 0
        # The newest snapshot, a step, and how the runs were then.
        self._past: tuple[Snapshot, int, Snapshot] | None = None
        self.name = ""

    @property
    def is_recording(self) -> bool:
        """Whether a recording is shown, and not the engine."""
        return self._recording is not None

    def open(self, recording: Snapshot, name: str) -> None:
        """Show a recording from now on."""
        # Views start afresh with another number; the engine counts upwards from 0.
        self._recordings += 1
        self._recording = dataclasses.replace(recording, run_number=-1 - self._recordings)
        self.name = name

    def close(self) -> None:
        """Show the engine again."""
        self._recording, self.name = None, ""

    def newest(self) -> Snapshot:
        """Return the recording, or the engine's newest; the same object while nothing is new."""
        return self._session.snapshot() if self._recording is None else self._recording

    def at(self, snapshot: Snapshot, step: int | None) -> Snapshot:
        """Return a snapshot as the runs were at a step; the same object when asked again.

        Args:
            snapshot: the newest.
            step: the moment; None: now.
        """
        if step is None:
            # A whole record may hang on it.
            self._past = None
            return snapshot
        past = self._past
        # Views know by its identity whether a snapshot is new to them.
        if past is None or past[0] is not snapshot or past[1] != step:
            runs = tuple(run.at(step) for run in snapshot.runs)
            self._past = past = snapshot, step, dataclasses.replace(snapshot, runs=runs)
        return past[2]
