"""One program at a time writes a recording to a folder; what a killed one left keeps nobody out."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.config import RunConfig
from engine.fields import ConfigError
from engine.headless import train_headless
from engine.lockstep import Lockstep
from engine.own_folder import LOCK, OwnFolder, prepared_folder
from engine.recording import open_recording, save_recording

ROOT = Path(__file__).resolve().parents[2]
TINY = RunConfig(depth=3, width=8, dataset="blobs", threads=1)
HOLD = """
import sys
from pathlib import Path
from engine.own_folder import prepared_folder
with prepared_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process, which holds a folder."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "run")], cwd=ROOT, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_folder_that_another_writes_to_is_refused_with_its_name_and_number(other, tmp_path):
    before = set((tmp_path / "run").iterdir())
    with pytest.raises(ConfigError) as caught:
        train_headless(TINY, 3, tmp_path / "run")
    assert caught.value.field == "out"
    assert caught.value.value == str(tmp_path / "run")
    assert caught.value.allowed == (
        f"must be a folder that no other run is writing to; process {other.pid} is"
    )
    assert set((tmp_path / "run").iterdir()) == before


def test_a_process_that_was_killed_keeps_nobody_out(other, tmp_path):
    other.kill()
    other.wait()
    assert (tmp_path / "run" / LOCK).exists()
    assert train_headless(TINY, 3, tmp_path / "run")[0] == 0
    assert not (tmp_path / "run" / LOCK).exists()


def test_one_that_ends_lets_the_next_in(other, tmp_path):
    other.communicate()
    with prepared_folder(tmp_path / "run"):
        pass


def test_many_that_come_and_go_never_meet(tmp_path):
    turns, within, met = 100, [], []

    def take_in_turn():
        done = 0
        while done < turns:
            try:
                with prepared_folder(tmp_path / "run"):
                    within.append(done)
                    met.append(len(within))
                    within.pop()
                    done += 1
            except ConfigError:
                continue

    threads = [threading.Thread(target=take_in_turn) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert met == [1] * turns * len(threads)
    assert not (tmp_path / "run" / LOCK).exists()


def test_the_window_does_not_write_into_it_either(tmp_path):
    with prepared_folder(tmp_path), pytest.raises(ConfigError, match="no other run is writing"):
        OwnFolder(tmp_path).take()


@pytest.mark.skipif(sys.platform == "win32", reason="what is open cannot be taken away there")
def test_a_lock_that_vanishes_is_taken_again(tmp_path):
    with prepared_folder(tmp_path) as folder:
        assert not folder.take_again()
        (tmp_path / LOCK).unlink()
        assert not folder.take_again(), "the folder itself had not gone"
        with pytest.raises(ConfigError, match="no other run is writing"):
            OwnFolder(tmp_path).take()


def test_a_name_that_no_folder_can_have_is_refused():
    with (
        pytest.raises(ConfigError, match="must be a folder to write to"),
        prepared_folder(Path("a\0b")),
    ):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_nothing_outside_the_folder_is_written_through_links_in_it(tmp_path):
    folder, outside = tmp_path / "run", tmp_path / "outside"
    folder.mkdir()
    outside.write_text("precious")
    names = ("run.npz", "run.json", "steps.csv", "layers.csv", LOCK)
    for name in names[:-1]:
        (folder / name).symlink_to(outside)
        (folder / f".{name}.{os.getpid()}.part").symlink_to(outside)
    assert train_headless(TINY, 3, folder)[0] == 0
    assert outside.read_text() == "precious"
    assert not any(path.is_symlink() for path in folder.iterdir() if "part" not in path.name)
    assert open_recording(folder).runs[0].steps == 3
    (folder / LOCK).symlink_to(outside)
    with pytest.raises(ConfigError, match="must be a folder to write to"):
        train_headless(TINY, 3, folder)
    assert outside.read_text() == "precious"


def test_a_link_to_a_folder_is_the_folder(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    run = Lockstep((TINY,))
    run.advance()
    with prepared_folder(tmp_path / "link") as folder:
        save_recording(folder.path, run.snapshots(), "cpu")
    assert open_recording(tmp_path / "there").runs[0].steps == 1
