"""The application with the real engine, from the first painting to the end of the process."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.command_line import LOOKS, parse_command_line
from engine.config import RunConfig
from engine.session import Session
from engine.snapshot import Failure, State
from gui.app import PICTURE_SIZE, _failed_to_start, run_window
from gui.crash import CrashReporter
from gui.main_window import MainWindow
from gui.renewal import Renewal
from gui.theme import THEME_CHOICES
from gui.translation import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
SMALL = RunConfig(depth=3, width=8, batch_size=8, dataset="blobs")
# Importing torch on a busy machine takes its time.
PATIENCE_MS = 60_000


@pytest.fixture
def real_window(qtbot, open_window, one_thread):
    session = Session(SMALL)
    window = open_window(session, SMALL)
    qtbot.waitUntil(lambda: session.snapshot().state is State.PAUSED, timeout=PATIENCE_MS)
    yield window
    window.close()
    assert session.close(10)


def test_a_life_with_the_real_engine(qtbot, real_window):
    window, session = real_window, real_window.session
    window.toggle_run()
    qtbot.waitUntil(
        lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns > 30, timeout=PATIENCE_MS
    )
    window.toggle_run()
    qtbot.waitUntil(lambda: session.snapshot().state is State.PAUSED)
    qtbot.waitUntil(lambda: "decades" in window.verdict.headline.text())
    before = session.snapshot().runs[0].record.step
    window.step()
    qtbot.waitUntil(lambda: session.snapshot().runs[0].record.step == before + 1)
    window.rewind()
    qtbot.waitUntil(lambda: session.snapshot().run_number == 2)
    window.step()
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_w"].canvas.cells.columns == 1)


def test_a_refused_experiment_and_its_cure(qtbot, real_window, tmp_path):
    window, session = real_window, real_window.session
    window.configure(SMALL.replace(dataset=str(tmp_path / "missing.csv")))
    qtbot.waitUntil(lambda: session.snapshot().state is State.FAILED)
    qtbot.waitUntil(lambda: window.panel.rows["dataset"].problem.isVisible())
    window.configure(SMALL)
    qtbot.waitUntil(lambda: session.snapshot().state is State.PAUSED)
    qtbot.waitUntil(lambda: not window.panel.rows["dataset"].problem.isVisible())


def test_closing_while_it_runs_ends_the_engine_at_once(qtbot, real_window):
    window, session = real_window, real_window.session
    window.toggle_run()
    qtbot.waitUntil(lambda: session.snapshot().state is State.RUNNING)
    begun = time.monotonic()
    window.close()
    assert time.monotonic() - begun < 0.5
    assert window.engine_ended
    assert session.snapshot().state is State.CLOSED


def test_closing_while_the_engine_loads(qtbot, open_window):
    session = Session(SMALL)
    window = open_window(session, SMALL)
    begun = time.monotonic()
    window.close()
    assert time.monotonic() - begun < 0.5
    assert session.close(PATIENCE_MS / 1000)


def test_the_screen_is_left_before_anything_else_is_ended(window, session, monkeypatch):
    seen = []
    window.toggle_presentation()
    for part in (window.panel, window.dashboard, window.timeline, window.slow_motion):
        stop = part.stop
        monkeypatch.setattr(
            part, "stop", lambda stop=stop: (seen.append(window.isVisible()), stop())
        )
    monkeypatch.setattr(session, "close", lambda _: seen.append(window.isVisible()) or True)
    window.close()
    assert seen == [False] * 5


def test_a_window_that_is_closed_while_presenting_comes_back_to_the_desk(open_window, make_session):
    sizes = []
    for presents in (False, True, False):
        window = open_window(make_session(SMALL))
        assert not window.isFullScreen()
        sizes.append(window.size())
        if presents:
            window.toggle_presentation()
            assert window.isFullScreen()
        else:
            window.resize(1001, 700)
        window.close()
    assert sizes[0] != sizes[1] == sizes[2]


def test_an_experiment_that_failed_is_not_what_the_next_start_begins_with(
    window, session, settings
):
    settings.experiment = RunConfig(seed=5)
    window.configure(SMALL)
    session.fail(Failure("no room"))
    window.close()
    assert settings.experiment == RunConfig(seed=5)


# No process has this number: the largest is 2**22.
NO_PROCESS = 4999999


def test_an_experiment_that_ended_its_program_is_not_begun_again(
    qapp, settings, make_session, monkeypatch
):
    remembered, opening = SMALL.replace(seed=2), SMALL.replace(seed=1)
    settings.experiment, settings.toured = remembered, True
    begun, starting, told = [], [], []

    class Session(make_session):
        def start(self) -> None:
            begun.append(self.config)
            starting.append(settings.starting)
            super().start()
            self.advance()

    def notice(window, text: str) -> None:
        told.append(text)

    monkeypatch.setattr("gui.app.Session", Session)
    monkeypatch.setattr(MainWindow, "notice", notice)
    # Closed as soon as something of its run has been shown.
    pictured = Renewal.renew_pictures

    def close_once_pictured(renewal) -> None:
        pictured(renewal)
        renewal.parent().close()

    monkeypatch.setattr(Renewal, "renew_pictures", close_once_pictured)

    def start() -> None:
        assert run_window(opening, settings=settings, go_on=True) == 0

    start()
    assert begun.pop() == remembered
    assert starting.pop() == (os.getpid(), remembered.share_string())
    assert settings.starting == (0, "")
    assert not told
    # As if the process had been killed in the middle.
    settings.starting = NO_PROCESS, remembered.share_string()
    start()
    assert begun.pop() == opening
    assert "ended the program before its first step" in told.pop()
    start()
    assert begun.pop() == opening
    assert not told


def test_a_program_that_is_starting_just_now_keeps_no_other_from_its_experiment(settings):
    settings.experiment = SMALL
    settings.starting = (os.getpid(), SMALL.share_string())
    assert not _failed_to_start(settings)
    settings.starting = (NO_PROCESS, SMALL.share_string())
    assert _failed_to_start(settings)
    settings.experiment = SMALL.replace(seed=99)
    assert not _failed_to_start(settings)
    for garbage in ("x", "1", "-1 vp:", "9" * 400 + " vp:", " "):
        settings._store.setValue("starting", garbage)
        assert not _failed_to_start(settings)


def test_a_picture_of_a_run(qtbot, settings, tmp_path):
    path = tmp_path / "window.png"
    assert run_window(SMALL, steps=20, screenshot=path, settings=settings) == 0
    picture = QImage(str(path))
    assert picture.width() >= 1000


def test_a_picture_has_the_size_theme_and_language_asked_for(qtbot, settings, tmp_path):
    command = parse_command_line(
        ["--screenshot", str(tmp_path / "a.png"), "--size", "1100x700", "--theme", "dark",
         "--language", "zh_CN"]
    )  # fmt: skip
    assert set(LOOKS["language"]) == set(LANGUAGES)
    assert set(LOOKS["theme"]) == set(THEME_CHOICES) - {"system"}
    settings.theme, settings.language = "light", "en"
    look, pictures = command.look, []
    assert look.size == (1100, 700)
    for wanted in (look, replace(look, theme="light"), replace(look, language="en")):
        path = tmp_path / f"{len(pictures)}.png"
        assert run_window(SMALL, steps=3, screenshot=path, look=wanted, settings=settings) == 0
        pictures.append(QImage(str(path)))
    dark, light, english = pictures
    assert (dark.width(), dark.height()) == (1100, 700)
    assert dark.pixelColor(2, 350).lightness() < 60 < 200 < light.pixelColor(2, 350).lightness()
    assert dark != english
    # What is remembered stays, and no translator is left behind.
    assert (settings.theme, settings.language) == ("light", "en")
    assert QCoreApplication.translate("Verdict", "Ready") == "Ready"


def test_a_fresh_process_paints_the_window_before_torch_is_loaded(tmp_path):
    code = """
import sys
from PySide6.QtCore import QSettings
from engine.config import RunConfig
from engine.session import Session
from gui.app import make_application
from gui.main_window import MainWindow
from gui.renewal import Renewal
from gui.renewal import Renewal
from gui.settings import Settings
from gui.translation import Translation

application = make_application()
settings = Settings(QSettings(sys.argv[1], QSettings.Format.IniFormat))
config = RunConfig()
window = MainWindow(Session(config), config, settings=settings, translation=Translation())
window.first_painted.connect(application.quit)
window.show()
application.exec()
print("torch" in sys.modules or "numba" in sys.modules)
"""
    result = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "settings.ini")],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert result.stdout.strip() == "False"


def test_an_error_nobody_caught_is_shown_once_and_can_be_read(qtbot, qapp):
    hooks = sys.excepthook, threading.excepthook
    reporter = CrashReporter()
    try:
        for _ in range(3):
            try:
                raise RuntimeError("what went wrong")
            except RuntimeError as error:
                sys.excepthook(type(error), error, error.__traceback__)
        qtbot.waitUntil(lambda: reporter._dialog is not None)
        dialogs = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        assert len(dialogs) == 1
        assert "what went wrong" in dialogs[0]._text.toPlainText()
        dialogs[0].close()
        qtbot.waitUntil(lambda: reporter._dialog is None)
    finally:
        reporter.restore()
    assert (sys.excepthook, threading.excepthook) == hooks


def test_a_picture_of_a_recording_needs_no_engine(qtbot, settings, tmp_path, make_session):
    recorded = make_session(SMALL.replace(depth=5))
    recorded.start()
    recorded.advance(9)
    path = tmp_path / "window.png"
    before = threading.active_count()
    assert run_window(RunConfig(), screenshot=path, opened=recorded.snapshot()) == 0
    assert threading.active_count() == before
    assert QImage(str(path)).width() == PICTURE_SIZE[0]


def test_the_first_picture_of_a_run_is_told_once(qtbot, session, open_window):
    told = []
    made = open_window(session)
    made.first_pictured.connect(lambda: told.append(True))
    qtbot.waitUntil(lambda: bool(told))
    session.rewind()
    made.configure(made.config.replace(depth=5))
    made.renew_everything()
    assert told == [True]
