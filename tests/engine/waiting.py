"""Waiting for the engine thread."""

import time
from collections.abc import Callable

from engine.session import Session
from engine.snapshot import Snapshot

# Importing torch on a busy machine takes its time.
PATIENCE_SECONDS = 300.0


def wait_for(session: Session, condition: Callable[[Snapshot], object]) -> Snapshot:
    """Return the first snapshot for which the condition holds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        snapshot = session.snapshot()
        if condition(snapshot):
            return snapshot
        # Give way to the engine thread.
        time.sleep(0)
    raise AssertionError(f"waited in vain; the last state was {session.snapshot()}")
