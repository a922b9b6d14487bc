"""The application around the window: theme, language, errors, and the picture of a run."""

from __future__ import annotations

import gc
import locale
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from engine.config import RunConfig
from engine.session import Session
from engine.signals import handled_by
from engine.snapshot import Snapshot, State
from gui import export, icons
from gui import theme as looks
from gui.crash import CrashReporter
from gui.main_window import MainWindow
from gui.recovery import Recovery
from gui.settings import Settings
from gui.translation import Translation

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.command_line import Look

logger = logging.getLogger(__name__)

# How often it is asked whether the steps of a picture have been made.
_ASK_PERIOD_MS = 20
PICTURE_SIZE = (1440, 900)


def make_application() -> QApplication:
    """Return the application, made if there is none yet, with our style and font size."""
    _name_a_code_for_letters()
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Vanishing Point")
    application.setApplicationDisplayName("Vanishing Point")
    # The same look, and the same metrics, on every system.
    application.setStyle("Fusion")
    application.setFont(looks.font())
    # Wide lines are drawn in segments: a hundred times faster than as one path.
    pg.setConfigOptions(antialias=True, segmentedLineMode="on", background=None)
    return application


def _name_a_code_for_letters() -> None:
    """Have Qt find UTF-8, to which it would change with a word of warning."""
    if sys.platform == "linux" and locale.nl_langinfo(locale.CODESET) != "UTF-8":
        os.environ["LC_ALL"] = "C.UTF-8"


def run_window(
    config: RunConfig,
    *,
    steps: int | None = None,
    screenshot: Path | None = None,
    look: Look | None = None,
    opened: Snapshot | None = None,
    settings: Settings | None = None,
    announce: bool = False,
    go_on: bool = False,
) -> int:
    """Open the window and wait until it is closed.

    Args:
        config: the experiment to begin with.
        steps: make so many steps at once.
        screenshot: save the window as a PNG when they are made, and close it.
        look: of the window, or of that picture; None: as always.
        opened: a recorded run to show instead of a new one.
        settings: what the window remembers; None: in the system's place.
        announce: print a line when the window is painted for the first time.
        go_on: begin with the experiment of the last time, if there was one.

    Returns:
        Exit code: 0; 1 if the engine failed or the picture could not be written on the way to
        a screenshot.
    """
    if opened is not None and opened.runs:
        config = opened.runs[0].config
    application = make_application()
    reporter = CrashReporter(application)
    settings = settings or Settings()
    if screenshot is not None:
        # A picture has a size of its own, and leaves no trace.
        settings = settings.passing_copy()
    if look is not None:
        settings.look_this_time(look.theme, look.language)
    goes_on = go_on and screenshot is None and opened is None
    failed_to_start = goes_on and _failed_to_start(settings)
    if goes_on and not failed_to_start:
        config = settings.experiment or config
    translation = Translation()
    translation.use(settings.language)
    session = Session(config)
    window = MainWindow(session, config, settings=settings, translation=translation, opened=opened)
    recovery = Recovery(window, settings.autosave_folder)
    QGuiApplication.styleHints().colorSchemeChanged.connect(window.follow_system_theme)

    def begin() -> None:
        # What start-up has made stays; main.py had the search for garbage wait until now.
        gc.freeze()
        gc.enable()
        if announce:
            print("painted", flush=True)
        application.setWindowIcon(icons.application_icon())
        if opened is not None and screenshot is not None:
            window.start_timers()
            return
        window.start_engine()
        recovery.start()
        if steps:
            session.step(steps)
        elif opened is None and screenshot is None:
            # The first gradients are to be seen within moments of the window.
            window.toggle_run()
        if failed_to_start:
            window.notice(_not_gone_on())
        if screenshot is None and not settings.toured:
            settings.toured = True
            window.dialogs.begin_tour()

    def note_start() -> None:
        settings.starting = (os.getpid(), window.config.share_string())
        settings.save()

    def note_success() -> None:
        settings.starting = (0, "")

    window.first_painted.connect(note_start)
    window.first_painted.connect(begin)
    window.first_pictured.connect(note_success)
    # PyTorch has come in since: to search all of it for garbage would stop the picture for 0.1 s.
    window.first_pictured.connect(gc.freeze)
    told_to_end = False

    def end(*_: object) -> None:
        nonlocal told_to_end
        told_to_end = True
        QTimer.singleShot(0, window.close)

    exit_code: int | None = None

    def finish(code: int) -> None:
        nonlocal exit_code
        exit_code = code
        window.close()

    if screenshot is not None:
        size = None if look is None else look.size
        window.resize(*(size or PICTURE_SIZE))
        _take_picture_when_done(window, steps or 0, screenshot, finish)
    with handled_by(end):
        window.show()
        application.exec()
        recovery.close(keep=told_to_end)
        note_success()
        settings.save()
    reporter.restore()
    window.deleteLater()
    # The translators are the application's, and would outlive the window.
    translation.use("en")
    if screenshot is not None and exit_code is None:
        logger.error("ended before there was a picture: nothing is written to %s", screenshot)
        return 1
    return exit_code or 0


def _failed_to_start(settings: Settings) -> bool:
    """Say whether the experiment of the last time had ended its program before it was seen.

    It may want more memory than there is, or take longer than anybody waits.
    """
    process, experiment = settings.starting
    last = settings.experiment
    is_last = last is not None and experiment == last.share_string()
    return is_last and not _is_running(process)


def _is_running(process: int) -> bool:
    if os.name == "nt":
        # There the question would end it. Whoever opens two windows in a second sees a notice.
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # Somebody else's.
        return True
    return True


def _not_gone_on() -> str:
    return QCoreApplication.translate(
        "Application",
        "The experiment of the last time ended the program before its first step. "
        "This is the one to begin with.",
    )


def save_picture(recording: Path, picture: Path) -> None:
    """Save a picture of the window with a recorded run in it, without starting the engine.

    Raises:
        ConfigError: the recording cannot be read.
        OSError: the picture cannot be written.
    """
    from engine.recording import open_recording

    config = RunConfig()
    if run_window(config, screenshot=picture, opened=open_recording(recording)) != 0:
        raise OSError(f"the picture could not be written to {picture}")


def _take_picture_when_done(
    window: MainWindow, steps: int, path: Path, finish: Callable[[int], None]
) -> None:
    """Save the window when the engine has made the steps, or can make no more."""
    timer = QTimer(window)

    def ask() -> None:
        snapshot = window.snapshot()
        if snapshot.state is State.FAILED:
            failure = snapshot.failure
            logger.error("%s", failure.message if failure is not None else "the engine failed")
            timer.stop()
            finish(1)
            return
        made = 0
        if snapshot.runs and snapshot.runs[0].record is not None:
            made = snapshot.runs[0].record.step
        resting = snapshot.state in (State.PAUSED, State.FINISHED)
        if resting and (made >= steps or snapshot.state is State.FINISHED):
            timer.stop()
            window.renew_everything()
            try:
                export.write(path, export.window_png(window))
            except OSError as error:
                logger.error("the picture could not be written to %s: %s", path, error.strerror)
                finish(1)
            else:
                finish(0)

    timer.timeout.connect(ask)
    timer.start(_ASK_PERIOD_MS)
