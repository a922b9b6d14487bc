"""Faults around the window: each is told in a line, costs no recording, and the window goes on."""

import errno
import os
import random
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.config import RunConfig
from engine.recording import open_recording
from engine.session import Session
from engine.snapshot import State
from engine.trainer import Trainer
from gui.settings import Settings

SMALL = RunConfig(depth=3, width=8, dataset="blobs", threads=1)
KEYS = ("window/geometry", "theme", "language", "thresholds", "arrangement", "toured",
        "experiment", "recent_files")  # fmt: skip
GARBAGE = ("", "\x00\x01", "[", "{}", "[[[", '{"a": [1]}', "nonsense", "-1", "1e999", "vp:depth=-1",
           "中文", "a" * 10_000)  # fmt: skip


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_any_value_in_the_settings_is_read_as_none(settings, garbage):
    for key in KEYS:
        settings._store.setValue(key, garbage)
    for name, kind in vars(Settings).items():
        if isinstance(kind, property):
            getattr(settings, name)


@pytest.mark.parametrize("first", [0, 4, 8])
def test_any_values_in_the_settings_open_a_window_that_works(open_window, session, settings, first):
    for place, key in enumerate(KEYS, start=first):
        settings._store.setValue(key, GARBAGE[place % len(GARBAGE)])
    assert settings.experiment is None or isinstance(settings.experiment, RunConfig)
    window = open_window(session)
    window.set_theme("dark")
    window.set_language("en")
    session.advance(3)
    window.renew_everything()
    window.close()
    assert settings.theme == "dark"


@pytest.mark.parametrize("seed", range(3))
def test_a_settings_file_of_noise_opens_a_window_that_works(
    open_window, session, settings, tmp_path, seed
):
    path = tmp_path / "noise.ini"
    path.write_bytes(random.Random(seed).randbytes(3000))
    settings._store = QSettings(str(path), QSettings.Format.IniFormat)
    open_window(session).close()
    assert Settings(QSettings(str(path), QSettings.Format.IniFormat)).geometry is not None


@pytest.fixture
def saving(window, session, tmp_path, monkeypatch):
    """A window with three steps; its next recording goes to a folder."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    session.advance(3)
    window.renew_everything()
    return folder


def works_and_saves(window, session, folder: Path) -> None:
    """Hold the window to be usable: another step, and a recording that can be opened."""
    folder.mkdir(exist_ok=True)
    before = set(folder.iterdir())
    session.advance()
    window.renew_everything()
    window.files.save_recording()
    assert window.status.state.text().startswith("Saved")
    made = next(iter(set(folder.iterdir()) - before)) if before else folder
    assert open_recording(made).runs[0].steps == session.steps


def said(window) -> str:
    """Return what the status line says, as it is read and as it is shown where it is too long."""
    return f"{window.status.state.text()} {window.status.state.toolTip()}"


def refusing(monkeypatch, refuse):
    """Let files that are opened for writing ask a function first."""
    really_open = Path.open

    def open_or_refuse(path, mode="r", **more):
        if "x" in mode:
            refuse(path)
        return really_open(path, mode, **more)

    monkeypatch.setattr(Path, "open", open_or_refuse)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EIO])
def test_a_disk_that_refuses_is_told_and_the_window_goes_on(
    window, session, saving, monkeypatch, number
):
    def refuse(path):
        raise OSError(number, os.strerror(number), str(path))

    with monkeypatch.context() as broken:
        refusing(broken, refuse)
        window.files.save_recording()
    assert window.status.state.text().startswith("Not saved.")
    assert os.strerror(number) in said(window)
    works_and_saves(window, session, saving)


@pytest.mark.parametrize("there", [[], ["notes.txt"]], ids=["into it", "beside something"])
def test_a_full_disk_is_told_leaves_nothing_and_the_window_goes_on(
    window, session, monkeypatch, disk, fill, there
):
    folder = disk / "recordings"
    folder.mkdir()
    for name in there:
        (folder / name).write_text("mine")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    session.advance(3)
    fill(16384)
    window.files.save_recording()
    assert "Not saved." in said(window)
    assert "No space left on device" in said(window)
    assert [path.name for path in folder.iterdir()] == there
    (disk / "ballast").unlink()
    works_and_saves(window, session, folder)


def test_no_picture_is_half_written_where_the_disk_is_full(window, monkeypatch, disk, fill):
    old, new = disk / "old.png", disk / "new.png"
    old.write_bytes(b"what was there")
    fill(4096)
    for path in (old, new):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        window.files.save_picture()
        assert "No space left on device" in said(window)
    assert {path.name for path in disk.iterdir()} == {"ballast", "old.png"}
    assert old.read_bytes() == b"what was there"


def test_a_folder_that_vanishes_is_told_and_the_window_goes_on(
    window, session, saving, monkeypatch
):
    def vanish(path):
        if "layers.csv" in path.name:
            for file in path.parent.iterdir():
                file.unlink()
            path.parent.rmdir()

    with monkeypatch.context() as broken:
        refusing(broken, vanish)
        window.files.save_recording()
    assert window.status.state.text().startswith("Not saved.")
    assert not saving.exists()
    works_and_saves(window, session, saving)


@pytest.mark.parametrize(
    "fault",
    [MemoryError("no room"), RuntimeError("CUDA error: unspecified launch failure")],
    ids=["memory", "gpu"],
)
def test_a_fault_in_the_engine_is_told_and_rewind_cures_it(
    qtbot, open_window, one_thread, monkeypatch, tmp_path, fault
):
    session = Session(SMALL)
    window = open_window(session, SMALL)
    step = Trainer.step

    def faulty(trainer):
        if trainer.steps == 5:
            raise fault
        return step(trainer)

    monkeypatch.setattr(Trainer, "step", faulty)
    window.toggle_run()
    qtbot.waitUntil(lambda: session.snapshot().state is State.FAILED)
    qtbot.waitUntil(lambda: str(fault) in window.verdict.detail.text())
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "kept"))
    (tmp_path / "kept").mkdir()
    window.files.save_recording()
    assert open_recording(tmp_path / "kept").runs[0].steps == 5
    monkeypatch.setattr(Trainer, "step", step)
    window.rewind()
    qtbot.waitUntil(lambda: session.snapshot().state in (State.PAUSED, State.RUNNING))
    session.step(7)
    qtbot.waitUntil(lambda: session.snapshot().runs[0].steps >= 7)


def test_the_scale_of_the_display_changes_while_it_runs(qtbot, open_window, one_thread):
    session = Session(SMALL)
    window = open_window(session, SMALL)
    window.toggle_run()
    cells = window.dashboard.views["heatmap_h"].canvas.cells
    qtbot.waitUntil(lambda: cells.columns > 0)
    for scale in (2.0, 1.25, 3.0, 1.0):
        # The platform without a screen has one scale only: the events of another are sent, and
        # everything is drawn to a picture of that scale.
        for widget in [window, *window.findChildren(QWidget)]:
            for kind in (QEvent.Type.ScreenChangeInternal, QEvent.Type.DevicePixelRatioChange):
                QCoreApplication.sendEvent(widget, QEvent(kind))
        picture = QPixmap(round(window.width() * scale), round(window.height() * scale))
        picture.setDevicePixelRatio(scale)
        window.render(picture)
        image = picture.toImage()
        assert len({image.pixel(x, image.height() // 2) for x in range(0, image.width(), 5)}) > 5
        before = cells.columns
        qtbot.waitUntil(lambda before=before: cells.columns > before)
