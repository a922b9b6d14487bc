"""What goes wrong becomes a clear state: the recording so far stays, and the engine can go on."""

import errno
import itertools
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine import lockstep
from engine.config import RunConfig
from engine.failures import CARD_LOST, OUT_OF_MEMORY
from engine.fields import ConfigError
from engine.headless import train_headless
from engine.history import History
from engine.network import DeepMLP
from engine.own_folder import prepared_folder
from engine.probes import Probes
from engine.recording import open_recording, save_recording
from engine.session import Session
from engine.snapshot import Snapshot, State
from engine.trainer import Trainer
from tests.engine.waiting import wait_for

TINY = RunConfig(depth=3, width=8, dataset="blobs", threads=1)
FAULTS = (
    RuntimeError("something nobody thought of"),
    MemoryError("no room"),
    RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("CUDA error: unspecified launch failure"),
    FloatingPointError("a trap"),
    OSError(errno.EIO, "the disk is gone"),
)


def rests_at(step: int) -> Callable[[Snapshot], bool]:
    return lambda s: s.state is State.PAUSED and s.runs[0].steps == step


def failed(snapshot: Snapshot) -> bool:
    return snapshot.state is State.FAILED


@pytest.fixture
def session(one_thread):
    made = Session(TINY)
    made.start()
    wait_for(made, rests_at(0))
    yield made
    assert made.close(60)


@pytest.mark.parametrize(
    ("fault", "hint"),
    [*zip(FAULTS, ("", OUT_OF_MEMORY, OUT_OF_MEMORY, CARD_LOST, "", ""), strict=True)],
    ids=[f"{type(fault).__name__} {fault}"[:40] for fault in FAULTS],
)
@pytest.mark.parametrize("at", [1, 4])
def test_a_fault_in_a_step_is_a_state_and_what_was_recorded_stays(
    session, monkeypatch, tmp_path, fault, hint, at
):
    step = Trainer.step

    def faulty(trainer):
        if trainer.steps + 1 == at:
            raise fault
        return step(trainer)

    monkeypatch.setattr(Trainer, "step", faulty)
    session.step(10)
    snapshot = wait_for(session, failed)
    assert str(fault) in snapshot.failure.message
    assert snapshot.failure.hint == hint
    assert snapshot.runs[0].steps == at - 1
    if at > 1:
        save_recording(tmp_path, snapshot.runs, str(snapshot.device))
        assert open_recording(tmp_path).runs[0].steps == at - 1
    # The cause is gone: the person presses Rewind and goes on.
    monkeypatch.setattr(Trainer, "step", step)
    session.rewind()
    wait_for(session, rests_at(0))
    session.step(3)
    wait_for(session, rests_at(3))


PLACES = (
    (DeepMLP, "forward"),
    (DeepMLP, "backward"),
    (Trainer, "_descend"),
    (Probes, "read"),
    (Probes, "read_histogram"),
    (History, "append"),
)


@pytest.mark.parametrize("seed", range(12))
def test_a_fault_anywhere_at_any_time_keeps_the_recording_so_far(
    session, monkeypatch, tmp_path, seed
):
    chance = random.Random(seed)
    owner, name = PLACES[seed % len(PLACES)]
    call, before = getattr(owner, name), chance.randrange(1, 200)
    calls = itertools.count(1)

    def faulty(*arguments):
        if next(calls) == before:
            raise RuntimeError("something nobody thought of")
        return call(*arguments)

    # What has bound the call already is made anew.
    monkeypatch.setattr(owner, name, faulty)
    session.configure(replace(TINY, seed=seed))
    session.step(1000)
    snapshot = wait_for(session, failed)
    steps = snapshot.runs[0].steps if snapshot.runs else 0
    assert steps <= before
    if steps:
        save_recording(tmp_path, snapshot.runs, str(snapshot.device))
        assert open_recording(tmp_path).runs[0].steps == steps
    session.rewind()
    wait_for(session, rests_at(0))
    session.step(3)
    wait_for(session, rests_at(3))


@pytest.mark.parametrize("fault", FAULTS[1:3], ids=["MemoryError", "allocator"])
def test_no_memory_at_the_start_is_a_state_and_a_smaller_network_is_taken(
    session, monkeypatch, fault
):
    built = lockstep._built

    def refuses_large(config, *more):
        if config.width == 64:
            raise fault
        return built(config, *more)

    monkeypatch.setattr(lockstep, "_built", refuses_large)
    session.configure(replace(TINY, width=64))
    snapshot = wait_for(session, failed)
    assert str(fault) in snapshot.failure.message
    session.configure(replace(TINY, width=9))
    assert wait_for(session, rests_at(0)).runs[0].config.width == 9


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "ballast"}


@pytest.fixture
def two_runs():
    """A recording of one step lies somewhere; one of many steps is to take its place."""
    run = lockstep.Lockstep((TINY,))
    run.advance()
    before = run.snapshots()
    for _ in range(60):
        run.advance()
    return before, run.snapshots()


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.ENOENT])
def test_a_disk_that_fails_leaves_what_was_there_before(
    monkeypatch, tmp_path, two_runs, number, after
):
    before, later = two_runs
    save_recording(tmp_path, before, "cpu")
    there = contents(tmp_path)
    really_open, opened = Path.open, []

    def failing(path, mode="r", **more):
        if "x" in mode:
            opened.append(path)
            if len(opened) > after:
                raise OSError(number, "the disk says no")
        return really_open(path, mode, **more)

    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(OSError, match="the disk says no"):
        save_recording(tmp_path, later, "cpu")
    monkeypatch.undo()
    assert contents(tmp_path) == there


def test_a_full_disk_leaves_what_was_there_before(disk, fill, two_runs):
    before, later = two_runs
    save_recording(disk, before, "cpu")
    there = contents(disk)
    refused = 0
    for pages in range(1000):
        fill(4096 * pages)
        try:
            save_recording(disk, later, "cpu")
        except OSError as error:
            assert error.errno == errno.ENOSPC
            assert contents(disk) == there
            refused += 1
        else:
            break
    # Each of the four files was the one that did not fit.
    assert refused > 8
    assert open_recording(disk).runs[0].steps == 61


def test_a_full_disk_keeps_no_folder_that_was_made_for_a_recording(disk, fill, two_runs):
    fill(8192)
    with pytest.raises(OSError, match="No space left"), prepared_folder(disk / "a" / "b") as folder:
        save_recording(folder.path, two_runs[1], "cpu")
    assert contents(disk) == {}


def test_a_disk_too_full_for_a_single_step_is_refused_after_it_and_nothing_is_left(
    disk, fill, capsys
):
    fill(8192)
    with pytest.raises(ConfigError, match=r"room for a recording \(No space left"):
        train_headless(TINY, 60, disk / "run")
    # Nobody has waited for sixty.
    assert "2/60" not in capsys.readouterr().err
    assert contents(disk) == {}


def test_a_folder_that_cannot_be_written_is_refused_before_the_training(tmp_path):
    (tmp_path / "file").write_text("")
    refused = pytest.raises(ConfigError, match="must be a folder to write to")
    with refused, prepared_folder(tmp_path / "file" / "run"):
        pass


def test_a_clock_that_is_set_back_harms_nothing(one_thread):
    moments = iter(range(10**6, 0, -1))
    session = Session(TINY, calendar=lambda: float(next(moments)))
    session.start()
    try:
        wait_for(session, rests_at(0))
        for step, rate in enumerate((0.2, 0.3), start=1):
            session.step()
            wait_for(session, rests_at(step))
            session.configure(TINY.replace(learning_rate=rate))
        snapshot = wait_for(session, lambda s: len(s.runs[0].changes) == 2)
        assert [change.value for change in snapshot.runs[0].changes] == ["0.2", "0.3"]
    finally:
        assert session.close(60)


@pytest.fixture
def read_only(disk):
    """A recording on a disk that can no longer be written to."""
    run = lockstep.Lockstep((TINY,))
    run.advance()
    save_recording(disk, run.snapshots(), "cpu")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    yield disk
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


def test_a_read_only_disk_is_refused_before_the_training_and_can_be_read(read_only):
    refused = pytest.raises(ConfigError, match="Read-only file system")
    with refused, prepared_folder(read_only):
        pass
    with refused, prepared_folder(read_only / "new"):
        pass
    assert open_recording(read_only).runs[0].steps == 1


# A process that is allowed hardly more memory than it has taken.
LIMITED = """
import resource, sys
from pathlib import Path
import numpy, torch
from engine.config import RunConfig
from engine.headless import train_headless
from engine.history import History
from engine.network import DeepMLP
from engine.optimizers import Optimizer
from engine.probes import Probes
from engine.session import Session
from engine.snapshot import State
from engine.trainer import Trainer
from tests.engine.waiting import wait_for

def limit(bytes_more):
    taken = 4096 * int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (taken + bytes_more, resource.RLIM_INFINITY))

LARGE = RunConfig(depth=100, width=200, dataset="blobs", threads=1)
"""


def limited(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, "-c", LIMITED + code, str(folder)],
        cwd=root, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


linux = pytest.mark.skipif(sys.platform != "linux", reason="limits the memory as Linux does")


@linux
def test_a_process_without_memory_at_the_start_says_one_line_and_leaves_nothing(tmp_path):
    result = limited(
        "limit(20 * 2**20); sys.exit(train_headless(LARGE, 3, Path(sys.argv[1]) / 'run')[0])",
        tmp_path,
    )
    assert result.returncode == 1
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("error: the network cannot be built (")
    assert line.endswith(OUT_OF_MEMORY)
    assert not list(tmp_path.iterdir())


@linux
def test_a_process_that_runs_out_of_memory_keeps_the_run_and_goes_on_when_there_is_more(tmp_path):
    result = limited(
        """
session = Session(LARGE)
session.start()
wait_for(session, lambda s: s.state is State.PAUSED)
limit(16 * 2**20)
session.step(5)
snapshot = wait_for(session, lambda s: s.state is State.FAILED)
print(snapshot.failure.message)
print(snapshot.failure.hint)
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
session.rewind()
wait_for(session, lambda s: s.state is State.PAUSED)
session.step(5)
wait_for(session, lambda s: s.state is State.PAUSED and s.runs[0].steps == 5)
print(session.close(60))
""",
        tmp_path,
    )
    assert result.returncode == 0, result.stderr
    message, hint, closed = result.stdout.strip().splitlines()
    assert message.startswith("MemoryError: there is no room for")
    assert (hint, closed) == (OUT_OF_MEMORY, "True")
