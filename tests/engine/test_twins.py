"""Runs in lockstep, ghosts, moments: against runs of their own, and against keeping everything."""

import dataclasses

import numpy as np
import pytest

from engine.config import RunConfig
from engine.fields import ConfigError
from engine.ghosts import MOST_GHOSTS, Ghosts, ghost_of, thinned
from engine.history import MAXIMUM, MEAN, MINIMUM, History, Series
from engine.lockstep import Lockstep, RunError, reason_to_finish
from engine.moments import MarkKind, marks
from engine.snapshot import Change, FinishReason, Moment
from engine.trainer import Trainer
from engine.twins import SHARED_FIELDS, aligned, differing_fields, with_changed

SMALL = RunConfig(depth=3, width=8, activation="tanh", batch_size=16)
TWIN = SMALL.replace(initializer="kaiming_normal", depth=5)


# Twins -----------------------------------------------------------------------------------------


def test_twins_share_what_decides_the_batches():
    other = RunConfig(depth=9, seed=3, batch_size=5, dataset="spirals", learning_rate=0.5)
    pair = aligned([SMALL, other])
    assert pair[0] == SMALL
    assert all(getattr(pair[1], name) == getattr(SMALL, name) for name in SHARED_FIELDS)
    assert (pair[1].depth, pair[1].learning_rate) == (9, 0.5)
    assert differing_fields(pair) == ("depth", "width", "activation", "learning_rate")
    changed = with_changed(pair, 1, pair[1].replace(seed=11, gain=2.0))
    assert [config.seed for config in changed] == [11, 11]
    assert [config.gain for config in changed] == [1.0, 2.0]
    for wrong in ([], [SMALL] * 5):
        with pytest.raises(ValueError, match="1 to 4"):
            aligned(wrong)


def test_a_run_in_lockstep_is_the_run_it_would_be_alone():
    lockstep = Lockstep([SMALL, TWIN])
    alone = [Trainer(SMALL), Trainer(TWIN)]
    for _ in range(30):
        lockstep.advance()
        for run, trainer in zip(lockstep.runs, alone, strict=True):
            wanted = trainer.step()
            np.testing.assert_array_equal(run.record.layers, wanted.layers)
            np.testing.assert_array_equal(run.trainer.network.x, trainer.network.x)
    # And both saw the same batches.
    np.testing.assert_array_equal(alone[0].network.x, alone[1].network.x)


def test_columns_of_twins_cover_the_same_steps():
    lockstep = Lockstep([SMALL.replace(depth=2), SMALL.replace(depth=400, width=4)])
    one, other = (run.history.view().layers.capacity for run in lockstep.runs)
    assert one == other < 2048


def test_a_run_that_is_finished_waits_while_the_others_go_on():
    config = RunConfig(depth=50, activation="relu", initializer="kaiming_normal", batch_size=16)
    lockstep = Lockstep([config.replace(initializer="normal", init_std=1.0), config])
    for _ in range(3):
        lockstep.advance()
    assert [run.record.step for run in lockstep.runs] == [1, 3]
    assert lockstep.runs[0].finish_reason is FinishReason.NONFINITE
    assert lockstep.finish_reason() is None
    assert lockstep.steps == 3


def test_the_run_that_is_refused_is_named():
    with pytest.raises(RunError) as caught:
        Lockstep([SMALL, SMALL.replace(device="cuda:99")])
    assert caught.value.run == 1
    assert isinstance(caught.value.__cause__, ConfigError)


def test_it_stops_at_the_loss_that_was_asked_for():
    config = SMALL.replace(dataset="blobs", target_loss=0.5, learning_rate=0.3)
    lockstep = Lockstep([config])
    for _ in range(500):
        lockstep.advance()
        if lockstep.finish_reason() is not None:
            break
    (run,) = lockstep.runs
    assert run.finish_reason is FinishReason.TARGET_LOSS
    losses = run.history.view().curve("loss")
    assert losses[-1] <= 0.5 < losses[:-1].min()
    # Step 0 finishes nothing.
    assert reason_to_finish(config.replace(target_loss=1e6), Trainer(config).look()) is None


# Ghosts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("steps", [1, 7, 8, 9, 63, 64, 65, 100, 128, 200])
@pytest.mark.parametrize("most", [1, 2, 3, 8])
def test_thinned_columns_tell_mean_and_extremes_of_what_they_cover(steps, most):
    readings = np.random.default_rng(steps).normal(size=steps)
    series = Series((1,), 64)
    for step, reading in enumerate(readings, start=1):
        series.append(step, np.array([reading]))
    small = thinned(series.view(), most)
    assert len(small) <= most
    assert small.first_steps[0] == 1
    assert small.last_step == steps
    ends = [*small.first_steps[1:], steps + 1]
    for column, (start, end) in enumerate(zip(small.first_steps, ends, strict=True)):
        part = readings[start - 1 : end - 1]
        assert small.read(0, MEAN)[column] == pytest.approx(part.mean(), rel=1e-12, abs=1e-15)
        assert small.read(0, MINIMUM)[column] == part.min()
        assert small.read(0, MAXIMUM)[column] == part.max()
    assert not np.shares_memory(small.complete, series.view().complete)


def made(config: RunConfig, steps: int):
    lockstep = Lockstep([config])
    for _ in range(steps):
        lockstep.advance()
    return lockstep.runs[0]


def test_ghosts_are_few_and_small():
    run = made(SMALL.replace(depth=60), 40).snapshot()
    ghost = ghost_of(run)
    np.testing.assert_array_equal(ghost.history.layer("activation_grad_norm"),
                                  run.history.layer("activation_grad_norm"))  # fmt: skip
    assert ghost.record is run.record
    ghosts = Ghosts()
    runs = [made(SMALL.replace(seed=seed), 1).snapshot() for seed in range(5)]
    ghosts.leave(run, object())
    for one in runs:
        ghosts.keep(one, object())
    assert len(ghosts.runs) == MOST_GHOSTS
    ghosts.leave(run, object())
    assert len(ghosts.runs) == MOST_GHOSTS
    ghosts.drop()
    assert ghosts.runs == ()


def test_one_ghost_goes_and_comes_back_alone():
    runs = [made(SMALL.replace(seed=seed), 2).snapshot() for seed in (1, 2)]
    ghosts = Ghosts()
    ghosts.keep(runs[0], identity := object())
    ghosts.leave(runs[1], object())

    def seeds():
        return [run.config.seed for run in ghosts.runs]

    for place, left in ((0, [2]), (1, [1])):
        ghosts.drop_one(place)
        assert seeds() == left
        ghosts.bring_back()
        assert seeds() == [1, 2]
        # Only what was dropped last.
        ghosts.bring_back()
        assert seeds() == [1, 2]
    # It is still known whose ghost it is.
    ghosts.keep(runs[0], identity)
    assert seeds() == [1, 2]
    ghosts.drop_one(2)
    assert seeds() == [1, 2]
    ghosts.drop_one(0)
    ghosts.leave(made(SMALL.replace(seed=3), 2).snapshot(), object())
    ghosts.bring_back()
    assert seeds() == [3]


def test_a_run_has_one_ghost_as_it_stood_last():
    other = SMALL.replace(seed=2)
    live = made(SMALL, 3)
    ghosts = Ghosts()
    ghosts.keep(live.snapshot(), live.identity)
    live.advance()
    ghosts.keep(live.snapshot(), live.identity)
    assert [ghost.steps for ghost in ghosts.runs] == [4]
    live.advance()
    ghosts.leave(live.snapshot(), live.identity)
    assert [ghost.steps for ghost in ghosts.runs] == [5]
    ghosts.leave(made(other, 5).snapshot(), object())
    assert [ghost.steps for ghost in ghosts.runs] == [5, 5]
    # What the person kept outlives it.
    ghosts.leave(made(other, 1).snapshot(), object())
    assert [ghost.steps for ghost in ghosts.runs] == [5, 1]


def test_an_experiment_has_one_ghost():
    runs = {steps: made(SMALL, steps).snapshot() for steps in (2, 4, 6)}
    ghosts = Ghosts()
    ghosts.leave(runs[4], object())
    ghosts.keep(runs[2], object())
    assert [ghost.steps for ghost in ghosts.runs] == [2]
    ghosts.leave(runs[6], object())
    assert [ghost.steps for ghost in ghosts.runs] == [6]
    # What the person kept is not given up for less of the same, unless it is kept instead.
    ghosts.leave(runs[4], object())
    assert [ghost.steps for ghost in ghosts.runs] == [6]
    ghosts.keep(runs[4], object())
    assert [ghost.steps for ghost in ghosts.runs] == [4]


# Moments ---------------------------------------------------------------------------------------


def test_any_recorded_step_can_be_looked_at():
    live = made(SMALL, 0)
    records = [live.record]
    for _ in range(40):
        live.advance()
        records.append(live.record)
    run = live.snapshot()
    for step in (1, 2, 17, 39, 40):
        past = run.at(step)
        assert past.moment == Moment(step, step)
        assert past.record.step == step
        np.testing.assert_array_equal(past.record.layers, records[step].layers)
        np.testing.assert_array_equal(past.record.curves, records[step].curves)
        assert past.history is run.history
        assert past.steps == 40
        # As a run that had been stopped there.
        assert past.diagnosis == made(SMALL, step).snapshot().diagnosis
    assert run.at(0).record.step == 1
    assert run.at(10**9).record.step == 40
    assert run.at(17).histogram is None
    assert made(SMALL, 0).snapshot().at(5).record.step == 0


def test_a_merged_moment_is_the_mean_and_names_its_steps():
    live = made(SMALL, 0)
    live.history = History(SMALL.depth, budget_bytes=1)
    records = []
    for _ in range(150):
        live.advance()
        records.append(live.record)
    past = live.snapshot().at(98)
    first, last = past.moment.first_step, past.moment.last_step
    assert first <= 98 <= last
    assert last - first + 1 == live.snapshot().history.layers.stride > 1
    wanted = np.mean([record.layers for record in records[first - 1 : last]], axis=0)
    np.testing.assert_allclose(past.record.layers, wanted, rtol=1e-12)


def test_the_verdict_of_a_moment_before_the_accident_knows_nothing_of_it():
    config = RunConfig(depth=20, activation="relu", learning_rate=30.0, batch_size=16,
                       initializer="kaiming_normal")  # fmt: skip
    live = made(config, 0)
    while live.finish_reason is None:
        live.advance()
        assert live.record.step < 200
    live.changes.append(Change(1, "learning_rate", "30"))
    run = live.snapshot()
    bad = run.first_bad.step
    assert bad > 1
    assert run.diagnosis.verdict == "diverged"
    assert run.at(bad - 1).diagnosis.first_bad is None
    assert run.at(bad).diagnosis.verdict == "diverged"
    for each in (run, run.at(1)):
        assert [(mark.step, mark.kind) for mark in marks(each)] == [
            (1, MarkKind.CHANGE), (bad, MarkKind.NONFINITE)
        ]  # fmt: skip
    # Beside a run that goes on its end is marked, its changes are not: they are of all alike.
    other = dataclasses.replace(run, first_bad=None, changes=())
    assert [(mark.step, mark.kind) for mark in marks(other, [run])] == [(bad, MarkKind.NONFINITE)]
