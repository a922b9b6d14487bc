"""A run that was cut off is offered at the next start; windows side by side do not meet."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSysInfo

from engine.config import RunConfig
from engine.lockstep import Lockstep
from engine.recording import open_recording, write_replay
from engine.signals import SIGNALS
from engine.snapshot import Snapshot, State
from gui import theme as looks
from gui.notice_bar import RefusalBar
from gui.recovery import MOST_KEPT, Recovery

ROOT = Path(__file__).resolve().parents[2]
TINY = RunConfig(depth=3, width=8, dataset="blobs", threads=1)


def leave_a_run(folder: Path, name: str, steps: int = 3, age: int = 0) -> Path:
    """Write what a killed program would have left."""
    folder.mkdir(exist_ok=True)
    lockstep = Lockstep((TINY,))
    for _ in range(steps):
        lockstep.advance()
    path = folder / f"{name}.npz"
    write_replay(path, lockstep.snapshots(), "cpu")
    moment = path.stat().st_mtime - age
    os.utime(path, (moment, moment))
    return path


@pytest.fixture
def begin(window, tmp_path):
    """Return a function that begins the recovery of the window."""
    begun = []

    def begin_one() -> Recovery:
        recovery = Recovery(window, tmp_path / "kept")
        begun.append(recovery)
        recovery.start()
        return recovery

    yield begin_one
    for recovery in begun:
        recovery.close()


def test_nothing_left_is_nothing_offered_and_nothing_stays(begin, tmp_path):
    recovery = begin()
    assert recovery.bar is None
    recovery.close()
    assert not list((tmp_path / "kept").iterdir())


def test_a_run_that_was_cut_off_is_offered_and_shown(begin, window, tmp_path, qtbot):
    path = leave_a_run(tmp_path / "kept", "1-a", steps=4)
    recovery = begin()
    qtbot.waitUntil(recovery.bar.isVisible)
    recovery.bar.open_button.click()
    assert window.shows_recording
    assert window.snapshot().runs[0].steps == 4
    assert recovery.bar is None
    assert path.exists(), "it can be saved until the window closes"
    recovery.close()
    assert not list((tmp_path / "kept").iterdir())


def test_what_nobody_answered_is_offered_again(begin, tmp_path):
    path = leave_a_run(tmp_path / "kept", "1-a")
    begin().close()
    assert path.exists()
    recovery = begin()
    assert recovery.bar is not None
    recovery.bar.discard_button.click()
    assert not path.exists()
    assert recovery.bar is None


def test_a_damaged_one_is_said_to_be_and_only_the_person_discards_it(begin, window, tmp_path):
    path = leave_a_run(tmp_path / "kept", "1-a")
    path.write_bytes(path.read_bytes()[:500])
    recovery = begin()
    recovery.bar.open_button.click()
    assert "Not opened" in window.findChild(RefusalBar).text.text()
    assert not window.shows_recording
    recovery.close()
    assert path.exists()
    again = begin()
    again.bar.discard_button.click()
    assert not path.exists()


def test_two_windows_at_once_do_not_offer_the_same_run(begin, tmp_path):
    leave_a_run(tmp_path / "kept", "1-a")
    first, second = begin(), begin()
    assert first.bar is not None
    assert second.bar is None
    # Nor does a third take what the two are writing.
    second._autosave._snapshot = lambda: Snapshot(State.PAUSED, 1, lockstep_of(2), device="cpu")
    assert second._autosave.save()
    assert begin().bar is None


def lockstep_of(steps: int):
    lockstep = Lockstep((TINY,))
    for _ in range(steps):
        lockstep.advance()
    return lockstep.snapshots()


def test_the_newest_is_offered_and_the_oldest_go(begin, tmp_path):
    folder = tmp_path / "kept"
    for age in range(MOST_KEPT + 2):
        leave_a_run(folder, f"{age + 1}-a", steps=age + 1, age=10 * age)
    recovery = begin()
    assert recovery._left[0].name == "1-a.npz"
    kept = {path.name for path in folder.glob("*.npz")}
    assert kept == {f"{number}-a.npz" for number in range(1, MOST_KEPT + 1)}


def test_a_file_that_was_being_written_goes_with_its_program(begin, tmp_path):
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / ".1-a.npz.1.part").write_bytes(b"half")
    # Of a program that closed its window while it was written.
    (folder / ".2-b.npz.2.part").write_bytes(b"half")
    # No process has this number: the largest is 2**22.
    host = QSysInfo.machineHostName()
    (folder / "1-a.lock").write_text(f"4999999\nvanishing-point\n{host}\n\n\n")
    begin().close()
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_made_is_told_and_harmless(begin, tmp_path, caplog):
    (tmp_path / "kept").write_text("a file stands where the folder should be")
    assert begin().bar is None
    assert "cannot be kept" in caplog.text


def test_the_bar_follows_language_and_theme(begin, window, tmp_path, qtbot):
    leave_a_run(tmp_path / "kept", "1-a")
    bar = begin().bar
    before = bar.open_button.text()
    window.set_language("zh_CN")
    window.set_theme("dark")
    qtbot.waitUntil(lambda: bar.open_button.text() != before)
    qtbot.waitUntil(lambda: bar._surface.name() == looks.DARK.card)


def test_what_may_be_lost_is_told_when_it_is_more_than_promised(begin, window):
    recovery = begin()
    for seconds, said in ((0.5, ""), (2.0, "up to 22 s"), (2.1, ""), (8.0, "up to 88 s")):
        window.status.clear_notice()
        recovery._autosave._writing = seconds
        recovery._look()
        text = f"{window.status.state.text()} {window.status.state.toolTip()}"
        assert ("would lose" in text) == bool(said)
        assert said in text


KILLED = """
import sys
from pathlib import Path
from engine.config import RunConfig
import gui.recovery
from functools import partial
gui.recovery.Autosave = partial(gui.recovery.Autosave, period=0.05)
from PySide6.QtCore import QSettings, QTimer
from gui.app import run_window
from gui.settings import Settings
settings = Settings(QSettings(sys.argv[1], QSettings.Format.IniFormat))
settings.toured = True
folder = settings.autosave_folder
def look():
    if any(folder.glob("*.npz")):
        print("kept", flush=True)
        timer.stop()
from gui.app import make_application
make_application()
timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
run_window(RunConfig(depth=3, width=8, dataset="blobs", threads=1), settings=settings)
"""


def ended_by(number: int, tmp_path: Path) -> subprocess.CompletedProcess[bytes]:
    """Start the program, wait until it has kept its run, and end it by a signal."""
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "settings.ini")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    ) as process:  # fmt: skip
        assert process.stdout.readline() == b"kept\n"
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_program_that_is_told_to_end_leaves_its_run_to_the_next_start(tmp_path, number):
    ended = ended_by(number, tmp_path)
    assert (ended.returncode, ended.stderr) == (0, b"")
    left = list((tmp_path / "autosave").iterdir())
    assert [path.suffix for path in left] == [".npz"]
    assert open_recording(left[0]).runs[0].steps > 0


def test_a_killed_program_leaves_its_run(begin, window, tmp_path):
    ended_by(signal.SIGKILL if os.name == "posix" else signal.SIGTERM, tmp_path)
    left = list((tmp_path / "autosave").glob("*.npz"))
    assert len(left) == 1
    steps = open_recording(left[0]).runs[0].steps
    assert steps > 0
    (tmp_path / "autosave").rename(tmp_path / "kept")
    recovery = begin()
    assert recovery.bar is not None
    recovery.bar.open_button.click()
    assert window.snapshot().runs[0].steps == steps


def test_a_killed_program_begins_with_its_last_experiment_again(begin, window, session, settings):
    recovery = begin()
    first, second = session.config.replace(seed=7), session.config.replace(seed=8)
    for config, steps, remembered in ((first, 0, None), (first, 1, first), (second, 0, first)):
        window.configure(config)
        session.advance(steps)
        recovery._look()
        assert settings.experiment == remembered
    session.advance()
    window.lessons.open(0, 0)
    session.advance()
    recovery._look()
    assert settings.experiment == second


def test_of_a_lesson_nothing_is_kept(begin, window, session, tmp_path):
    recovery = begin()
    session.advance(3)
    own = session.config
    assert recovery._autosave.save()
    window.lessons.open(0, 0)
    session.advance(5)
    assert not recovery._autosave.save()
    recovery.close(keep=True)
    (left,) = (tmp_path / "kept").glob("*.npz")
    (run,) = open_recording(left).runs
    assert (run.config, run.steps) == (own, 3)


def test_what_is_told_again_is_not_written_again(settings, monkeypatch):
    settings.experiment = TINY
    monkeypatch.setattr(settings._store, "setValue", None)
    settings.experiment = TINY


def test_an_autosave_that_fails_is_seen_until_it_works_again(
    begin, window, session, monkeypatch, qtbot
):
    recovery = begin()
    worry, device = window.status.worry, window.status.device
    session.advance(2)
    recovery._look()
    assert worry.isHidden()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("engine.recording.write_replay", full)
        recovery._autosave._try_to_save()
    for language, told in (("en", "No space left on device"), ("zh_CN", "磁盘空间不足")):
        window.set_language(language)
        recovery._look()
        assert worry.isVisible()
        assert worry.toolTip().endswith(told)
        qtbot.waitUntil(lambda: worry.geometry().right() < device.geometry().left())
        assert not worry.is_elided
    session.advance()
    recovery._autosave._try_to_save()
    recovery._look()
    assert worry.isHidden()


def test_a_folder_that_vanished_is_made_anew(begin, window, session, tmp_path):
    recovery = begin()
    shutil.rmtree(tmp_path / "kept")
    session.advance(2)
    recovery._autosave._try_to_save()
    assert len(list((tmp_path / "kept").glob("*.npz"))) == 1


def test_a_folder_that_cannot_be_made_is_seen(begin, window, tmp_path):
    (tmp_path / "kept").write_text("a file stands where the folder should be")
    begin()
    assert window.status.worry.isVisible()
    assert "kept" in window.status.worry.toolTip()
