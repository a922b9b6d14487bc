"""A run that goes on is kept, costs the engine nothing, and is forgotten when all ends well."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from engine.autosave import MOST_SHARE, Autosave
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


@dataclass
class SlowDisk:
    """An autosave without a thread, on a clock that only the test and the disk move."""

    lockstep: Lockstep
    path: Path
    seconds: float
    now: float = 0.0
    begun: list[float] = field(default_factory=list)

    def run_for(self, seconds: float) -> Autosave:
        """Train for a while, a step in each tenth of a second; note when writings begin."""
        autosave = Autosave(self.path, self._snapshot, clock=lambda: self.now)
        end = self.now + seconds
        while self.now < end:
            self.lockstep.advance()
            self.now += 0.1
            autosave.save_if_due()
        return autosave

    def _snapshot(self) -> Snapshot:
        self.begun.append(self.now)
        self.now += self.seconds
        return snapshot_of(self.lockstep)


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.4, 0.8])
def test_no_more_than_ten_seconds_are_lost(lockstep, tmp_path, caplog, seconds):
    disk = SlowDisk(lockstep, tmp_path / "kept.npz", seconds)
    autosave = disk.run_for(60.0)
    # Killed at the worst moment, just before a file is complete, it leaves what the one before
    # had seen. Steps of a tenth of a second delay each writing by one at most.
    lost = np.diff([0.0, *disk.begun]) + seconds
    assert lost.max() <= 10.0
    assert lost.max() <= autosave.most_lost + 0.11
    assert len(disk.begun) * seconds / disk.now <= MOST_SHARE
    assert not caplog.records


def test_what_takes_long_is_written_less_often_and_what_may_be_lost_is_told(
    lockstep, tmp_path, caplog
):
    disk = SlowDisk(lockstep, tmp_path / "kept.npz", 3.0)
    autosave = disk.run_for(200.0)
    assert len(disk.begun) == 7
    assert 3.0 / np.diff(disk.begun).min() <= MOST_SHARE + 1e-9
    assert autosave.most_lost == pytest.approx(33.0)
    lost = np.diff(disk.begun) + 3.0
    assert lost.max() <= autosave.most_lost + 0.11
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "up to 33 s would be lost" in caplog.text


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
