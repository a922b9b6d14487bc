"""What the tests of the labs share."""

import threading

from engine.config import RunConfig
from gui.labs.table import LABS

NAMES = [row.name for row in LABS]
# The experiment of the main window, into whose network the Jacobian lab looks: small here.
NEXT_DOOR = RunConfig(depth=8, width=20)
# Slow work on a busy machine.
PATIENCE_MS = 60_000


def settle(qtbot, page):
    """Wait for slow work."""
    qtbot.waitUntil(lambda: not page.busy, timeout=PATIENCE_MS)


def lab_threads() -> list[threading.Thread]:
    """Return the threads of slow work."""
    return [thread for thread in threading.enumerate() if thread.name == "lab"]
