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
from PySide6.QtWidgets import QApplication, QWidget

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


STATES = (
    Shot("vanishing"),
    Shot("exploding", presets()["exploding"].config, 20),
    Shot("healthy", presets()["healthy"].config, 150),
    Shot("not-finite", RunConfig(activation="relu", initializer="normal", init_std=2.0), 20),
    Shot("close-ups", presets()["healthy"].config, 100, _show("inspector", "prediction")),
    Shot("phase", RunConfig(activation="tanh"), 40, _show("phase")),
    Shot("one-view", presets()["healthy"].config, 60, _enlarge("profile")),
    Shot("presenting", RunConfig(), 60, lambda window: window.toggle_presentation()),
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
    # What the condition has set off: layouts and paintings.
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
