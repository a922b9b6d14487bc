"""The life of the engine thread."""

import time
from collections.abc import Callable, Iterator

import pytest

from engine.config import RunConfig
from engine.session import Session
from engine.snapshot import FinishReason, Snapshot, State

SMALL = RunConfig(depth=3, width=8, activation="tanh", batch_size=16)


def wait_for(
    session: Session, condition: Callable[[Snapshot], bool], seconds: float = 30
) -> Snapshot:
    """Return the first snapshot for which the condition holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        snapshot = session.snapshot()
        if condition(snapshot):
            return snapshot
        # Give way to the engine thread.
        time.sleep(0)
    raise AssertionError(f"waited in vain; the last state was {session.snapshot()}")


def step_of(snapshot: Snapshot) -> int:
    return snapshot.runs[0].record.step if snapshot.runs and snapshot.runs[0].record else 0


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(SMALL)
    session.start()
    yield session
    assert session.close(timeout=20)
    assert session.snapshot().state in (State.CLOSED, State.FAILED)


def test_it_builds_the_network_and_waits(session):
    snapshot = wait_for(session, lambda s: s.state is State.PAUSED)
    assert step_of(snapshot) == 0
    assert snapshot.runs[0].parameters == 64 * 8 + 8 + 2 * (8 * 8 + 8) + 8 * 10 + 10
    assert session.snapshot() is session.snapshot()


def test_run_pause_and_go_on(session):
    session.run()
    wait_for(session, lambda s: s.state is State.RUNNING and step_of(s) > 5)
    session.pause()
    paused = wait_for(session, lambda s: s.state is State.PAUSED)
    session.run()
    wait_for(session, lambda s: step_of(s) > step_of(paused))


def test_step_makes_exactly_as_many_steps_as_asked(session):
    session.step()
    wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 1)
    session.step(7)
    wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 8)


def losses(session: Session, steps: int) -> list[float]:
    session.step(steps)
    snapshot = wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == steps)
    return snapshot.runs[0].history.curve("loss").tolist()


def test_rewind_repeats_the_run_and_a_new_seed_does_not(session):
    first = losses(session, 30)
    session.rewind()
    wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 0)
    assert losses(session, 30) == first
    session.configure(SMALL.replace(seed=8))
    wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 0)
    assert losses(session, 30) != first


def test_a_live_change_is_in_force_at_the_next_step(session):
    losses(session, 4)
    session.configure(SMALL.replace(learning_rate=0.5))
    session.step()
    snapshot = wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 5)
    run = snapshot.runs[0]
    assert run.history.curve("learning_rate").tolist() == [0.1] * 4 + [0.5]
    (change,) = run.changes
    assert (change.step, change.field, change.value) == (4, "learning_rate", "0.5")


def test_any_other_change_starts_anew_and_keeps_running(session):
    session.run()
    before = wait_for(session, lambda s: step_of(s) > 3)
    session.configure(SMALL.replace(depth=4))
    after = wait_for(session, lambda s: s.run_number > before.run_number and step_of(s) > 3)
    assert after.state is State.RUNNING
    assert after.runs[0].config.depth == 4
    assert after.runs[0].record.layers.shape[1] == 5


def test_it_stops_after_the_steps_asked_for(session):
    session.configure(SMALL.replace(max_steps=12))
    session.run()
    snapshot = wait_for(session, lambda s: s.state is State.FINISHED)
    assert step_of(snapshot) == 12
    assert snapshot.finish_reason is FinishReason.MAX_STEPS
    # More steps may be granted while it is finished.
    session.configure(SMALL.replace(max_steps=20))
    session.run()
    wait_for(session, lambda s: s.state is State.FINISHED and step_of(s) == 20)


def test_it_stops_when_a_value_is_no_longer_finite(session):
    session.configure(
        RunConfig(depth=50, width=100, activation="relu", initializer="normal", init_std=1.0)
    )
    session.run()
    snapshot = wait_for(session, lambda s: s.state is State.FINISHED)
    assert snapshot.finish_reason is FinishReason.NONFINITE
    bad = snapshot.runs[0].diagnosis.first_bad
    assert (bad.step, bad.tensor) == (1, "h")
    assert 40 <= int(bad.layer) <= 50


def test_a_refused_experiment_is_a_state_and_the_next_one_runs(session):
    session.configure(SMALL.replace(dataset="nowhere.csv"))
    snapshot = wait_for(session, lambda s: s.state is State.FAILED)
    assert snapshot.failure.field == "dataset"
    assert snapshot.failure.traceback == ""
    session.configure(SMALL)
    session.run()
    wait_for(session, lambda s: s.state is State.RUNNING and step_of(s) > 2)


def test_an_exception_in_a_step_is_a_state_with_its_traceback(session, monkeypatch):
    from engine.trainer import Trainer

    def broken(self):
        raise ZeroDivisionError("planted")

    wait_for(session, lambda s: s.state is State.PAUSED)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", broken)
        session.run()
        snapshot = wait_for(session, lambda s: s.state is State.FAILED)
    assert "planted" in snapshot.failure.message
    assert "in broken" in snapshot.failure.traceback
    session.run()
    wait_for(session, lambda s: s.state is State.RUNNING and step_of(s) > 2)


def test_speed_is_limited(session):
    session.set_speed(1.0)
    session.run()
    wait_for(session, lambda s: step_of(s) == 1)
    # The next step is due in a second; commands are served all the same.
    session.set_speed(None)
    wait_for(session, lambda s: step_of(s) > 20, seconds=5)


def test_it_can_be_closed_before_it_is_ready():
    session = Session(SMALL)
    session.start()
    assert session.close(timeout=20)


def test_closing_a_session_that_was_never_started_is_no_trouble():
    assert Session(SMALL).close(timeout=1)


def test_it_closes_while_it_runs(session):
    session.run()
    wait_for(session, lambda s: step_of(s) > 3)


def test_the_newest_histogram_is_kept(session):
    session.step(3)
    snapshot = wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 3)
    assert snapshot.runs[0].record.histogram is None
    assert snapshot.runs[0].histogram.step == 1
    session.ask_histogram()
    session.step(2)
    snapshot = wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 5)
    assert snapshot.runs[0].histogram.step == 4
