"""A run that goes on is kept, costs the engine nothing, and is forgotten when all ends well."""

import threading

import numpy as np
import pytest

from engine.autosave import PERIOD_SECONDS, Autosave
from engine.config import RunConfig
from engine.lockstep import Lockstep
from engine.recording import open_recording
from engine.snapshot import Snapshot, State

TWINS = (RunConfig(depth=3, width=8, dataset="blobs", threads=1),
         RunConfig(depth=3, width=8, dataset="blobs", threads=1, activation="relu"))  # fmt: skip


@pytest.fixture
def lockstep():
    return Lockstep(TWINS)


def snapshot_of(lockstep: Lockstep, run_number: int = 1) -> Snapshot:
    return Snapshot(State.RUNNING, run_number, lockstep.snapshots(), device="cpu")


def test_what_is_kept_opens_as_the_runs_they_were(lockstep, tmp_path):
    path = tmp_path / "kept.npz"
    autosave = Autosave(path, lambda: snapshot_of(lockstep))
    assert not autosave.save(), "step 0 is no loss"
    for _ in range(7):
        lockstep.advance()
    assert autosave.save()
    assert not autosave.save(), "nothing is new"
    opened = open_recording(path).runs
    assert [run.config for run in opened] == list(TWINS)
    for run, kept in zip(lockstep.snapshots(), opened, strict=True):
        assert kept.steps == 7
        np.testing.assert_array_equal(
            kept.history.layer("activation_grad_norm"), run.history.layer("activation_grad_norm")
        )
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_run_of_as_many_steps_is_new(lockstep, tmp_path):
    lockstep.advance()
    number = 1
    autosave = Autosave(tmp_path / "kept.npz", lambda: snapshot_of(lockstep, number))
    assert autosave.save()
    number = 2
    assert autosave.save()


def test_no_more_than_ten_seconds_are_lost():
    # A file that is being written is not counted: the one before is as old as one more period.
    assert 2 * PERIOD_SECONDS <= 10


def test_the_thread_keeps_what_there_is_and_removes_it_at_the_end(lockstep, tmp_path):
    lockstep.advance()
    path, looked = tmp_path / "kept.npz", threading.Event()

    def snapshot() -> Snapshot:
        if path.exists():
            looked.set()
        return snapshot_of(lockstep)

    autosave = Autosave(path, snapshot, period=0.001)
    autosave.start()
    assert looked.wait(60)
    assert autosave.close(60)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_vanishes_is_told_once_and_the_thread_goes_on(lockstep, tmp_path, caplog):
    lockstep.advance()
    folder = tmp_path / "gone"
    looks, enough = 0, threading.Event()

    def snapshot() -> Snapshot:
        nonlocal looks
        looks += 1
        if looks == 5:
            folder.mkdir()
        if (folder / "kept.npz").exists():
            enough.set()
        return snapshot_of(lockstep)

    autosave = Autosave(folder / "kept.npz", snapshot, period=0.001)
    autosave.start()
    assert enough.wait(60)
    assert autosave.close(60)
    assert len(caplog.records) == 1
    assert "cannot be kept" in caplog.text
