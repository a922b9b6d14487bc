"""The life of the engine thread."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from engine.config import RunConfig
from engine.labs.network_copy import NoCopyError, TooLargeError
from engine.session import LEAST_GHOST_SECONDS, Session
from engine.snapshot import FinishReason, Snapshot, State
from engine.trainer import Trainer

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
    (change,) = after.runs[0].changes
    assert (change.step, change.field, change.value) == (0, "depth", "4")
    assert change.steps_before > 3


def test_another_experiment_chosen_at_rest_is_no_change_of_a_run(session):
    losses(session, 4)
    session.configure(SMALL.replace(depth=4))
    session.step(2)
    after = wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 2)
    assert after.runs[0].config.depth == 4
    assert after.runs[0].changes == ()


def test_what_is_to_cure_a_run_at_rest_has_its_mark(session):
    losses(session, 4)
    session.configure(SMALL.replace(depth=4), marked=True)
    session.step(2)
    after = wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 2)
    (change,) = after.runs[0].changes
    assert (change.step, change.field, change.value, change.steps_before) == (0, "depth", "4", 4)
    session.configure(SMALL.replace(depth=5))
    session.step(1)
    assert wait_for(session, lambda s: step_of(s) == 1).runs[0].changes == ()


def test_an_experiment_of_its_own_is_no_change_of_the_run_before_it(session):
    session.run()
    before = wait_for(session, lambda s: step_of(s) > 3)
    session.configure_all([SMALL.replace(depth=4)])
    after = wait_for(session, lambda s: s.run_number > before.run_number and step_of(s) > 3)
    assert (after.state, after.runs[0].changes) == (State.RUNNING, ())


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
    assert snapshot.failure.refused.field == "dataset"
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


def test_step_0_is_shown_before_anything_is_trained(session):
    snapshot = wait_for(session, lambda s: s.state is State.PAUSED)
    (run,) = snapshot.runs
    assert (run.steps, run.record.step) == (0, 0)
    assert run.diagnosis is not None
    # Theory follows when there is time for it.
    wait_for(session, lambda s: s.runs[0].prediction is not None)
    assert len(run.history.layers) == 0
    session.configure(SMALL.replace(gain=3.0))
    after = wait_for(session, lambda s: s.run_number == 2).runs[0]
    assert after.record.layer("weight_norm")[0] == pytest.approx(
        3.0 * run.record.layer("weight_norm")[0], rel=1e-6
    )
    assert not wait_for(session, lambda s: s.state is State.PAUSED).ghosts


TWIN = SMALL.replace(initializer="kaiming_normal")


def test_twins_step_together_swap_and_drop(session):
    session.configure_all([SMALL, TWIN])
    session.step(4)
    snapshot = wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 4)
    assert [run.config.initializer for run in snapshot.runs] == ["xavier_normal", "kaiming_normal"]
    assert [run.steps for run in snapshot.runs] == [4, 4]
    session.swap(0, 1)
    swapped = wait_for(session, lambda s: s.run_number > snapshot.run_number)
    assert [run.config for run in swapped.runs] == [TWIN, SMALL]
    assert [run.record for run in swapped.runs] == [run.record for run in reversed(snapshot.runs)]
    # A live change may be for one of them; what they share is for all.
    session.configure(SMALL.replace(learning_rate=0.5, max_steps=9), run=1)
    session.run()
    done = wait_for(session, lambda s: s.state is State.FINISHED)
    assert [run.config.learning_rate for run in done.runs] == [0.1, 0.5]
    assert [run.steps for run in done.runs] == [9, 9]
    assert [[c.field for c in run.changes] for run in done.runs] == [
        ["max_steps"], ["learning_rate", "max_steps"]
    ]  # fmt: skip
    session.drop(0)
    (left,) = wait_for(session, lambda s: len(s.runs) == 1).runs
    assert left.config.learning_rate == 0.5
    session.drop(0)
    session.step_epoch()
    wait_for(session, lambda s: len(s.runs) == 1)


@pytest.mark.parametrize(("swapped", "named"), [((0, 2), 0), ((1, 2), 1), ((0, 1), 2)])
def test_a_twin_that_was_refused_is_named_by_its_new_place(session, swapped, named):
    session.configure_all([SMALL, TWIN, SMALL.replace(precision="float16", width=4096, depth=2000)])
    refused = wait_for(session, lambda s: s.state is State.FAILED)
    session.swap(*swapped)
    after = wait_for(session, lambda s: s.run_number > refused.run_number)
    assert (after.state, after.failure.run) == (State.FAILED, named)
    session.drop(named)
    wait_for(session, lambda s: s.state is State.PAUSED and len(s.runs) == 2)


def test_a_twin_that_failed_is_named_by_its_new_place(session, monkeypatch):
    session.configure_all([SMALL, TWIN])
    wait_for(session, lambda s: s.state is State.PAUSED and len(s.runs) == 2)
    step = Trainer.step

    def faulty(trainer):
        if trainer.config.initializer == TWIN.initializer and trainer.steps == 2:
            raise RuntimeError("no more of this one")
        return step(trainer)

    monkeypatch.setattr(Trainer, "step", faulty)
    session.step(5)
    failed = wait_for(session, lambda s: s.state is State.FAILED)
    assert failed.failure.run == 1
    session.swap(0, 1)
    after = wait_for(session, lambda s: s.run_number > failed.run_number)
    assert after.failure.run == 0
    assert [run.config.initializer for run in after.runs] == [TWIN.initializer, SMALL.initializer]


def test_a_twin_that_is_refused_is_named_and_can_be_dropped(session):
    session.configure_all([SMALL, TWIN, SMALL.replace(precision="float16", width=4096, depth=2000)])
    snapshot = wait_for(session, lambda s: s.state is State.FAILED)
    assert snapshot.failure.run == 2
    assert snapshot.failure.refused.field == "width"
    session.drop(2)
    wait_for(session, lambda s: s.state is State.PAUSED and len(s.runs) == 2)
    assert wait_for(session, lambda s: s.failure is None)


def test_what_is_replaced_while_it_runs_stays_as_a_ghost(session):
    session.run()
    wait_for(session, lambda s: step_of(s) > 3)
    # A run as short as a moment leaves nothing.
    session.configure(SMALL.replace(depth=5))
    second = wait_for(session, lambda s: s.run_number == 2 and step_of(s) > 3)
    assert not second.ghosts
    begun = time.monotonic()
    wait_for(session, lambda s: time.monotonic() - begun > 2 * LEAST_GHOST_SECONDS)
    session.configure(SMALL.replace(depth=6))
    third = wait_for(session, lambda s: s.run_number == 3 and step_of(s) > 3)
    assert third.state is State.RUNNING
    (ghost,) = third.ghosts
    assert ghost.config.depth == 5
    assert ghost.steps > 3
    session.pause()
    wait_for(session, lambda s: s.state is State.PAUSED)
    session.keep_ghost()
    kept = wait_for(session, lambda s: len(s.ghosts) == 2)
    assert kept.ghosts[0].config.depth == 6
    assert kept.ghosts[0].steps == step_of(kept)
    session.drop_ghosts()
    wait_for(session, lambda s: not s.ghosts)


def test_what_was_kept_of_a_run_that_is_replaced_later_is_no_second_ghost(session):
    session.run()
    wait_for(session, lambda s: step_of(s) > 3)
    begun = time.monotonic()
    session.keep_ghost()
    (kept,) = wait_for(session, lambda s: bool(s.ghosts)).ghosts
    wait_for(
        session,
        lambda s: time.monotonic() - begun > 2 * LEAST_GHOST_SECONDS and step_of(s) > kept.steps,
    )
    session.configure(SMALL.replace(seed=SMALL.seed + 1))
    after = wait_for(session, lambda s: s.run_number == 2 and step_of(s) > 3)
    (ghost,) = after.ghosts
    assert ghost.config == SMALL
    assert ghost.steps > kept.steps


def test_of_experiments_asked_for_in_a_row_only_the_last_is_built(session):
    snapshot = wait_for(session, lambda s: s.state is State.PAUSED)
    held = threading.Event()
    session._ask(held.wait)
    for depth in range(4, 60):
        session.configure(SMALL.replace(depth=depth))
    session.step()
    held.set()
    after = wait_for(session, lambda s: step_of(s) == 1 and s.state is State.PAUSED)
    assert after.runs[0].config.depth == 59
    assert after.run_number == snapshot.run_number + 1


def test_an_epoch_is_the_steps_that_show_every_sample_once(session):
    per_epoch = wait_for(session, lambda s: s.state is State.PAUSED).runs[0].steps_per_epoch
    session.step(5)
    session.step_epoch()
    wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == per_epoch)
    session.step_epoch()
    wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 2 * per_epoch)


def test_a_copy_of_the_network_is_taken_between_steps_and_stays(session):
    assert session.network() is None
    session.step(3)
    wait_for(session, lambda s: s.state is State.PAUSED and step_of(s) == 3)
    session.ask_network()
    wait_for(session, lambda s: session.network() is not None)
    network = session.network()
    assert network.step == 3
    assert [len(weight) for weight in network.weights] == [8, 8, 8]
    session.step()
    wait_for(session, lambda s: step_of(s) == 4)
    assert session.network() is network
    session.configure(SMALL.replace(width=1000))
    session.ask_network()
    wait_for(session, lambda s: session.network() is not network)
    assert isinstance(session.network(), TooLargeError)


def test_where_no_network_stands_none_is_copied(session):
    session.configure(SMALL.replace(dataset="nowhere.csv"))
    session.ask_network()
    wait_for(session, lambda s: session.network() is not None)
    assert isinstance(session.network(), NoCopyError)


def test_an_import_that_closing_breaks_off_is_no_failure(monkeypatch, caplog):
    session = Session(SMALL)
    publish, calls = session._publish, []

    def broken_off():
        calls.append(True)
        if len(calls) == 1:
            session._closing = True
            raise RuntimeError("can't register atexit after shutdown")
        publish()

    monkeypatch.setattr(session, "_publish", broken_off)
    session.start()
    session._thread.join()
    assert session.snapshot().state is State.CLOSED
    assert session.snapshot().failure is None
    assert not caplog.records
