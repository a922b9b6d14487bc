"""The program examines itself: the half with a window, drawn where nobody sees it."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Sized
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyqtgraph
import PySide6
from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QtMsgType,
    qInstallMessageHandler,
    qVersion,
)
from PySide6.QtGui import QFontDatabase

from engine.config import RunConfig
from engine.fields import ConfigError
from engine.lessons import broken_lessons, lessons
from engine.presets import preset_problem, presets
from engine.recording import open_recording, save_recording
from engine.selftest import SMALL, STEPS, Check, engine_checks, run_checks, table_check
from engine.session import Session
from engine.snapshot import State
from gui import icons
from gui.about import AboutDialog
from gui.actions import ACTIONS
from gui.animation import save_gif
from gui.app import make_application
from gui.examine import PATIENCE_SECONDS, drawn, letter_picture, wait_until
from gui.labs.page import LabPage
from gui.labs.table import LABS, LabRow
from gui.labs.window import LabsWindow
from gui.main_window import MainWindow
from gui.menu import make_menu
from gui.settings import Settings
from gui.theme import THEME_CHOICES
from gui.translation import LANGUAGES, Translation
from gui.views.table import VIEWS

_Row = TypeVar("_Row")

# What Qt says where nobody sees the window, and what does no harm there.
_OFFSCREEN_WORDS = "This plugin does not support"


def run_selftest() -> int:
    """Examine everything, a line each; return 0, or 1 where something failed.

    Writes nothing but to temporary folders, which are gone afterwards.
    """
    started = time.monotonic()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    failed = run_checks(engine_checks())
    failed += run_checks(_WindowTrial().checks())
    seconds = f"{time.monotonic() - started:.0f} s"
    print(f"FAILED in {seconds}: {', '.join(failed)}" if failed else f"all is well, {seconds}")
    return 1 if failed else 0


class _WindowTrial:
    """The window under examination."""

    def __init__(self) -> None:
        self._application = make_application()
        self._settings = Settings().passing_copy()
        self._settings.theme, self._settings.language = "light", "en"
        self._translation = Translation()
        self._translation.use("en")
        self._session = Session(SMALL)
        self._errors: list[str] = []
        self._window: MainWindow | None = None

    def checks(self) -> Iterable[Check]:
        """Yield what is to be examined, in order: the window is open from `window` to `close`."""
        yield Check("Qt", self._versions)
        for name, rows in _tables().items():
            yield table_check(name, rows)
        yield self._check("window", self._open)
        for kind in VIEWS:
            yield self._check(f"view {kind.name}", partial(self._view, kind.name))
        for theme in THEME_CHOICES:
            yield self._check(f"theme {theme}", partial(self._theme, theme))
        for language in LANGUAGES:
            yield self._check(f"language {language}", partial(self._language, language))
        for name in _rows(presets):
            yield self._check(f"preset {name}", partial(self._preset, name))
        for row in LABS:
            yield self._check(f"lab {row.name}", partial(self._lab, row))
        for number, lesson in enumerate(_rows(lessons)):
            yield self._check(f"lesson {lesson.name}", partial(self._lesson, number))
        for broken in _rows(broken_lessons):
            yield self._check(f"lesson {broken.number}", partial(_fail, broken.problem))
        yield self._check("menu", self._menu)
        yield self._check("about", self._about)
        yield self._check("animation", self._animation)
        yield self._check("saved and opened again", self._save_and_open)
        yield self._check("close", self._close)

    def _check(self, name: str, run: Callable[[MainWindow], str]) -> Check:
        """Return a check that also fails with what Qt's event loop would swallow."""

        def examine() -> str:
            before = sys.excepthook, threading.excepthook
            qInstallMessageHandler(self._note_message)
            sys.excepthook = lambda kind, error, trace: self._note(error)
            threading.excepthook = lambda arguments: self._note(arguments.exc_value)
            try:
                window = self._window or self._make_window()
                if name != "close" and self._session.snapshot().state is State.FAILED:
                    # Nothing more would come of it, however long it is waited for.
                    raise RuntimeError("the engine has failed")
                words = run(window)
                QCoreApplication.processEvents()
            finally:
                sys.excepthook, threading.excepthook = before
                qInstallMessageHandler(None)
            if self._errors:
                errors, self._errors = self._errors, []
                raise RuntimeError("; ".join(errors))
            return words

        return Check(name, examine)

    def _note(self, error: BaseException | None) -> None:
        if error is not None:
            self._errors.append(f"{type(error).__name__}: {error}")
            traceback.print_exception(error)

    def _note_message(self, kind: QtMsgType, _: QMessageLogContext, message: str) -> None:
        if kind >= QtMsgType.QtWarningMsg and not message.startswith(_OFFSCREEN_WORDS):
            self._errors.append(f"Qt: {message}")

    def _versions(self) -> str:
        return (
            f"Qt {qVersion()}, PySide6 {PySide6.__version__}, pyqtgraph {pyqtgraph.__version__}, "
            f"platform {self._application.platformName()}"
        )

    # The window

    def _make_window(self) -> MainWindow:
        self._window = MainWindow(
            self._session, SMALL, settings=self._settings, translation=self._translation
        )
        return self._window

    def _open(self, window: MainWindow) -> str:
        window.show()
        window.start_engine()
        self._session.step(STEPS)
        wait_until(lambda: self._steps() >= STEPS, "the steps")
        wait_until(lambda: self._session.snapshot().state is State.PAUSED, "the pause")
        window.renew_everything()
        return f"{self._steps()} steps, {drawn(window)}"

    def _steps(self) -> int:
        snapshot = self._session.snapshot()
        if snapshot.failure is not None:
            raise RuntimeError(snapshot.failure.traceback or snapshot.failure.message)
        record = snapshot.runs[0].record if snapshot.runs else None
        return 0 if record is None else record.step

    def _view(self, name: str, window: MainWindow) -> str:
        dashboard = window.dashboard
        dashboard.enlarge(name)
        QCoreApplication.processEvents()
        dashboard.refresh_all(window.snapshot())
        words = drawn(dashboard.views[name])
        dashboard.enlarge(None)
        return words

    def _theme(self, theme: str, window: MainWindow) -> str:
        window.set_theme(theme)
        return f"{window.theme.name}, {drawn(window)}"

    def _language(self, language: str, window: MainWindow) -> str:
        """Every language has texts of its own, and letters for them."""
        before = window.toolbar.run.text()
        window.set_language(language)
        text = window.toolbar.run.text()
        words = f"{LANGUAGES[language]}: {before} → {text}, {drawn(window)}"
        if language != "en":
            if text == before:
                raise ValueError("the texts are still those of the language before")
            # Where a font has no letter, Qt draws the same box for each.
            if letter_picture(text[0], window) == letter_picture(text[-1], window):
                raise ValueError(f"no font has the letters of {LANGUAGES[language]}")
        return words

    def _preset(self, name: str, window: MainWindow) -> str:
        problem = preset_problem(name)
        if problem is not None:
            raise problem
        before = self._session.snapshot().run_number
        window.choose_preset(name)
        wait_until(lambda: self._session.snapshot().run_number > before, "the new run")
        # Where the run before has ended by itself it has begun already.
        window.step()
        wait_until(lambda: self._steps() >= 1 and self._rests(), "its first step")
        window.renew_everything()
        verdict = self._session.snapshot().runs[0].diagnosis
        assert verdict is not None
        return f"{verdict.verdict}, {drawn(window)}"

    def _lab(self, row: LabRow, window: MainWindow) -> str:
        labs = LabsWindow(lambda: window.config, window.theme, session=window.session)
        labs.show()
        try:
            page = labs.open_lab(row.name)
            wait_until(lambda: page.result is not None and not page.busy, "its result")
            return f"{drawn(page)}, exported as {_exported(page)}"
        finally:
            labs.close()
            labs.deleteLater()

    def _lesson(self, number: int, window: MainWindow) -> str:
        """Show the first page of a lesson, and its closing question."""
        before = self._session.snapshot().run_number
        window.lessons.open(number, 0)
        wait_until(lambda: self._session.snapshot().run_number > before, "its experiment")
        pages = len(lessons()[number].pages)
        words = f"{pages} pages, {drawn(window)}"
        window.lessons.open(number, pages)
        drawn(window)
        window.lessons.close()
        wait_until(lambda: self._rests_at(window.config), "the experiment from before")
        return words

    def _rests(self) -> bool:
        return self._session.snapshot().state in (State.PAUSED, State.FINISHED)

    def _rests_at(self, config: RunConfig) -> bool:
        snapshot = self._session.snapshot()
        built = bool(snapshot.runs) and snapshot.runs[0].config == config
        return built and snapshot.state is State.PAUSED

    def _menu(self, window: MainWindow) -> str:
        menu = make_menu(window, self._settings)
        menu.popup(window.pos())
        words = f"{len(menu.actions())} entries, {drawn(menu)}"
        menu.close()
        menu.deleteLater()
        return words

    def _about(self, window: MainWindow) -> str:
        dialog = AboutDialog(window)
        dialog.open()
        words = drawn(dialog)
        dialog.close()
        return words

    def _animation(self, window: MainWindow) -> str:
        window.step()
        wait_until(lambda: self._steps() > 0 and self._rests_at(window.config), "a step to draw")
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "run.gif"
            save_gif(path, self._session.snapshot().runs[0], window.theme)
            content = path.read_bytes()
        if not content.startswith(b"GIF8"):
            raise ValueError("what was written is no GIF")
        return f"a GIF of {len(content)} bytes"

    def _save_and_open(self, window: MainWindow) -> str:
        """What is read back is what was measured, and the window shows it."""
        window.step()
        wait_until(lambda: self._steps() > 0 and self._rests_at(window.config), "a step to save")
        snapshot = self._session.snapshot()
        run = snapshot.runs[0]
        with tempfile.TemporaryDirectory() as place:
            save_recording(Path(place), snapshot.runs, str(snapshot.device))
            opened = open_recording(Path(place))
            names = sorted(path.name for path in Path(place).iterdir())
        history, again = run.history, opened.runs[0].history
        for name in ("curves", "layers"):
            first, second = getattr(history, name), getattr(again, name)
            if not np.array_equal(first.read(0), second.read(0), equal_nan=True):
                raise ValueError(f"the {name} differ from what was saved")
        window.show_recording(opened, names[0])
        window.renew_everything()
        return f"{', '.join(names)}, {drawn(window)}"

    def _close(self, window: MainWindow) -> str:
        window.close()
        if not (window.engine_ended or self._session.close(PATIENCE_SECONDS)):
            raise TimeoutError("the engine has not ended")
        window.deleteLater()
        self._translation.use("en")
        return "the engine has ended"


def _exported(page: LabPage) -> str:
    """Export a lab in every format and return them; a file without content is an error."""
    endings = (".png", ".svg", ".csv")
    with tempfile.TemporaryDirectory() as place:
        for ending in endings:
            path = Path(place) / f"lab{ending}"
            page.export(path)
            if not path.exists() or not path.stat().st_size:
                raise ValueError(f"nothing was written as {ending}: {page.notice.text()}")
    return " ".join(endings)


def _rows(table: Callable[[], Iterable[_Row]]) -> Iterable[_Row]:
    """Return the rows of a table; none where it cannot be read, which its own check has told."""
    try:
        return table()
    except (OSError, RuntimeError, ValueError):
        return ()


def _fail(problem: ConfigError, window: MainWindow) -> str:
    raise problem


def _tables() -> dict[str, Callable[[], Sized]]:
    return {
        "views": lambda: VIEWS,
        "labs": lambda: LABS,
        "lessons": lessons,
        "actions": lambda: ACTIONS,
        "themes": lambda: THEME_CHOICES,
        "languages": lambda: LANGUAGES,
        "icons": lambda: list(icons.ICON_FOLDER.glob("*.svg")),
        "fonts": QFontDatabase.families,
    }
