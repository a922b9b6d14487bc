"""Pictures of every state of the window, to be looked at.

    python -m tests.screenshots FOLDER [--only PART] [--quick]

Each state of `STATES` is shown in three sizes, light and dark, English and Chinese; `--quick` takes
one combination of each. It is the real window with the real engine, without a screen.
"""

from __future__ import annotations

import argparse
import itertools
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QSettings, QSize, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from engine.config import RunConfig
from engine.presets import presets
from engine.session import Session
from engine.snapshot import State
from gui.app import make_application
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.translation import Translation

# Logical pixels, and the screen's own pixels for each of them.
SIZES = {"1024x768": 1, "1440x900": 1, "1920x1080@2": 2}
THEMES = ("light", "dark")
LANGUAGES = ("en", "zh_CN")
PATIENCE_SECONDS = 240
TWIN_STEPS = 60
DIVERGES = RunConfig(activation="relu", initializer="normal", init_std=2.0)
HEARTBEAT_MS = 20


@dataclass(frozen=True)
class Shot:
    """A state of the window.

    Attributes:
        name: of the file.
        config: the experiment.
        steps: made before the picture.
        prepare: what a person does then; returns what is pictured in place of the window.
    """

    name: str
    config: RunConfig = field(default_factory=RunConfig)
    steps: int = 60
    prepare: Callable[[MainWindow], QWidget | None] = lambda window: None


def _show(*names: str) -> Callable[[MainWindow], None]:
    def prepare(window: MainWindow) -> None:
        for name in names:
            window.dashboard.set_shown(name, visible=True)
        window.dashboard.set_shown("accuracy", visible=False)

    return prepare


def _enlarge(name: str) -> Callable[[MainWindow], None]:
    return lambda window: window.dashboard.enlarge(name)


def _sheet(window: MainWindow) -> None:
    window.dialogs.show_keys()


def _present(window: MainWindow) -> None:
    window.toggle_presentation()


def _compare(window: MainWindow) -> None:
    window.comparison.add_twin({"activation": "relu", "initializer": "kaiming_normal"})
    _train(window, TWIN_STEPS)


def _compare_in_a_hall(window: MainWindow) -> None:
    _present(window)
    _compare(window)


def _leave_a_ghost(window: MainWindow) -> None:
    window.comparison.keep_ghost()
    window.choose_preset("healthy")
    _train(window, TWIN_STEPS)


def _look_back(window: MainWindow) -> None:
    window.timeline.track.chosen.emit(20)


def _dialog(open_one: Callable[[MainWindow], None]) -> Callable[[MainWindow], QWidget]:
    def prepare(window: MainWindow) -> QWidget:
        open_one(window)
        return next(one for one in window.findChildren(QDialog) if one.isVisible())

    return prepare


def _lab(name: str, *, large: bool = False) -> Callable[[MainWindow], QWidget]:
    def prepare(window: MainWindow) -> QWidget:
        if large:
            _present(window)
        window.labs.open()
        labs = window.labs.window
        assert labs is not None
        labs.showNormal()
        labs.resize(window.size())
        page = labs.open_lab(name)
        _wait(make_application(), lambda: not page.busy)
        return labs

    return prepare


def _train(window: MainWindow, steps: int) -> None:
    window.session.step(steps)
    _wait(make_application(), lambda: _made(window.session, steps))


STATES = (
    Shot("vanishing"),
    Shot("exploding", presets()["exploding"].config, 20),
    Shot("healthy", presets()["healthy"].config, 150),
    Shot("not-finite", DIVERGES, 20),
    Shot("close-ups", presets()["healthy"].config, 100, _show("inspector", "prediction")),
    Shot("phase", RunConfig(activation="tanh"), 40, _show("phase")),
    Shot("one-view", presets()["healthy"].config, 60, _enlarge("profile")),
    Shot("presenting", RunConfig(), 60, _present),
    Shot("compared", prepare=_compare),
    Shot("compared-presenting", prepare=_compare_in_a_hall),
    Shot("ghost", prepare=_leave_a_ghost),
    Shot("looking-back", prepare=_look_back),
    Shot("lesson", prepare=lambda window: window.lessons.open(0, 0)),
    Shot("gallery", prepare=_dialog(lambda window: window.files.open_gallery())),
    Shot("autopsy", DIVERGES, 20, _dialog(lambda window: window.dialogs.show_findings())),
    Shot("thresholds", prepare=_dialog(lambda window: window.dialogs.show_thresholds())),
    Shot("about", prepare=_dialog(lambda window: window.dialogs.show_about())),
    Shot("lab", prepare=_lab("matrix_product")),
    Shot("lab-presenting", prepare=_lab("number_formats", large=True)),
    Shot("keys", RunConfig(), 20, _sheet),
    Shot("tour", RunConfig(), 20, lambda window: window.dialogs.begin_tour()),
)


def picture(shot: Shot, size: str, theme: str, language: str, folder: Path) -> Path:
    """Save one picture of a size such as "1440x900" in logical pixels, and return its file."""
    application = make_application()
    with tempfile.TemporaryDirectory() as place:
        store = QSettings(str(Path(place) / "settings.ini"), QSettings.Format.IniFormat)
        settings = Settings(store)
        settings.theme, settings.language = theme, language
        translation = Translation()
        translation.use(language)
        session = Session(shot.config)
        window = MainWindow(session, shot.config, settings=settings, translation=translation)
        width, height = map(int, size.partition("@")[0].split("x"))
        window.resize(width, height)
        window.show()
        window.start_engine()
        session.step(shot.steps)
        _wait(application, lambda: _made(session, shot.steps))
        pictured = shot.prepare(window) or window
        if pictured is window:
            window.showNormal()
            window.resize(width, height)
        _wait(application, lambda: pictured is not window or window.size() == QSize(width, height))
        _wait(application, lambda: not window.isMinimized())
        window.renew_everything()
        _come_to_rest(application)
        path = folder / f"{shot.name}_{size}_{theme}_{language}.png"
        pictured.grab().save(str(path))
        window.close()
        window.deleteLater()
        # Without an event loop of its own nobody else would do it: a window is 25 MB.
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        translation.use("en")
    return path


def _made(session: Session, steps: int) -> bool:
    snapshot = session.snapshot()
    record = snapshot.runs[0].record if snapshot.runs else None
    resting = snapshot.state in (State.PAUSED, State.FINISHED)
    return (
        resting
        and record is not None
        and (record.step >= steps or snapshot.state is State.FINISHED)
    )


def _wait(application: QApplication, condition: Callable[[], bool]) -> None:
    started = time.perf_counter()
    # To wait for it leaves Python's lock to the engine.
    heartbeat = QTimer()
    heartbeat.start(HEARTBEAT_MS)
    while True:
        application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if condition():
            break
        if time.perf_counter() - started > PATIENCE_SECONDS:
            raise TimeoutError
    _come_to_rest(application)


def _come_to_rest(application: QApplication) -> None:
    """Let layouts and paintings that were set off be done."""
    for _ in range(20):
        application.processEvents()


def main() -> None:
    """Make the pictures; those of a fine screen in a process of their own."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="states whose name contains this")
    parser.add_argument("--quick", action="store_true", help="one combination of each state")
    parser.add_argument("--scale", type=int, default=1, help="screen pixels for a logical one")
    arguments = parser.parse_args()
    os.environ["QT_SCALE_FACTOR"] = str(arguments.scale)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    sizes = [name for name, scale in SIZES.items() if scale == arguments.scale]
    combinations = list(itertools.product(sizes, THEMES, LANGUAGES))
    for index, shot in enumerate(s for s in STATES if arguments.only in s.name):
        chosen = [combinations[index % len(combinations)]] if arguments.quick else combinations
        for size, theme, language in chosen:
            print(picture(shot, size, theme, language, arguments.folder))


if __name__ == "__main__":
    main()
