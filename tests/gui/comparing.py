"""What tests of runs that are compared ask of a window on the real engine."""

from engine.config import RunConfig
from engine.snapshot import Snapshot, State


def fronts(window) -> RunConfig | None:
    """Return the experiment of the engine's first run; None while it is being built."""
    runs = window.session.snapshot().runs
    return runs[0].config if runs else None


def train(window, qtbot, steps: int) -> Snapshot:
    session = window.session
    wanted = session.snapshot().runs[0].steps + steps
    session.step(steps)
    qtbot.waitUntil(
        lambda: (
            session.snapshot().runs[0].steps == wanted
            and session.snapshot().state is not State.RUNNING
        )
    )
    window.renew_everything()
    return session.snapshot()
