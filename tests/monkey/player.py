"""A monkey at the window: seeded random actions over every control, while a network trains."""

from __future__ import annotations

import gc
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from engine.pages import give_back
from engine.session import Session
from engine.snapshot import State
from gui.app import make_application
from gui.examine import wait_until
from gui.main_window import MainWindow
from gui.memory import resident_bytes
from gui.settings import Settings
from gui.translation import Translation
from tests.monkey.hands import SMALL, Hands
from tests.monkey.stand_ins import StandIns
from tests.monkey.watch import HANG_SECONDS, MonkeyError, Watch


class Monkey:
    """Plays with a window.

    Args:
        seed: of the sequence.
        folder: where files may be written, and settings lie.

    Attributes:
        counts: how often each kind of action was done.
        slowest: seconds and words of the action that took longest.
        memory: resident bytes after each tenth of the actions, as far as that is known.
        kept: resident bytes after each round, when all that it opened is closed again.
        objects: likewise, how many objects Python and Qt have.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        self.counts: Counter[str] = Counter()
        self.slowest = (0.0, "")
        self.memory: list[int] = []
        self.kept: list[int] = []
        self.objects: list[tuple[int, int]] = []
        self._seed = seed
        self._random = random.Random(seed)
        self._watch = Watch(seed)
        self._stand_ins = StandIns(self._random, folder)
        self._hands = Hands(self._random, self._watch.trail)
        make_application()
        self._settings = Settings(
            QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        )
        self._settings.theme, self._settings.language = "light", "en"
        self._translation = Translation()

    def play(self, actions: int, rounds: int = 1) -> None:
        """Open a window, do so many actions, as often as is asked for the same ones, and close it.

        Raises:
            MonkeyError: something broke.
        """
        with self._watch.on(), self._stand_ins.on():
            self.open()
            try:
                for _ in range(rounds):
                    self._random.seed(self._seed)
                    for number in range(1, actions + 1):
                        self._act(number)
                        if number * 10 // actions > (number - 1) * 10 // actions:
                            self.memory.append(resident_bytes() or 0)
                            self._await(self._agree, "the engine to be at the window's experiments")
                    self.settle()
                    self.kept.append(resident_bytes() or 0)
                    self.objects.append((_count_of_python(), _count_of_qt()))
            finally:
                self.close()
                self._translation.use("en")
            self._watch.check("closing")

    def open(self) -> None:
        """Open a window on an engine that trains."""
        self.session = Session(SMALL)
        self.window = MainWindow(
            self.session, SMALL, settings=self._settings, translation=self._translation
        )
        self._hands.window = self.window
        self.window.show()
        self.window.start_engine()
        self._await(lambda: self.session.snapshot().state is State.PAUSED, "the engine")
        self.window.toggle_run()

    def _act(self, number: int) -> None:
        weights, kinds = zip(*self._hands.kinds, strict=True)
        (kind,) = self._random.choices(kinds, weights)
        began = time.perf_counter()
        name = kind.__name__.removeprefix("_")
        self._watch.trail.append(f"{number}: {name} …")
        try:
            words = kind()
        except MonkeyError:
            raise
        except Exception as error:  # noqa: BLE001 (told with what led to it)
            self._watch.note(error)
            words = "failed"
        self._watch.trail[-1] = f"{number}: {name} {words}"
        QCoreApplication.processEvents()
        # Without an event loop of its own Qt deletes nothing that was to be deleted later.
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.counts[name] += 1
        seconds = time.perf_counter() - began
        self.slowest = max(self.slowest, (seconds, self._watch.trail[-1]))
        if seconds > HANG_SECONDS:
            self._watch.errors.append(f"took {seconds:.0f} s")
        failure = self.session.snapshot().failure
        if failure is not None and failure.traceback:
            self._watch.errors.append(failure.traceback)
        self._watch.check(f"action {number}")
        if not self.window.isVisible():
            # It was closed as a person closes it; another one is opened.
            self.close()
            self.open()

    def settle(self) -> None:
        """Come back to a small network in a window of its own, and let go of all else."""
        self._close_others()
        window = self.window
        window.lessons.close()
        window.labs.close()
        if window.presenting:
            window.toggle_presentation()
        # First comes rest: whatever runs while its experiment changes leaves a ghost.
        window.rewind()
        window.comparison.end()
        window.configure(SMALL)
        self._await(self._rests, "step 0 of a small network")
        window.renew_everything()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        give_back()

    def _await(self, condition: Callable[[], bool], what: str) -> None:
        try:
            wait_until(condition, what)
        except TimeoutError as error:
            snapshot = self.session.snapshot()
            runs = [f"{run.steps} steps of {run.config}" for run in snapshot.runs]
            self._watch.errors.append(
                f"{error}; the engine is {snapshot.state.value} at {runs} "
                f"with {len(snapshot.ghosts)} ghosts, the window at {self.window.config}"
            )
            self._watch.check("waiting")

    def _agree(self) -> bool:
        return self.session._configs == self.window.comparison.configs

    def _rests(self) -> bool:
        snapshot = self.session.snapshot()
        runs, ghosts = snapshot.runs, snapshot.ghosts
        rests = snapshot.state is State.PAUSED and not ghosts and len(runs) == 1
        return rests and runs[0].config == SMALL and runs[0].steps == 0

    def _close_others(self) -> None:
        for widget in QApplication.topLevelWidgets():
            if widget.isVisible() and widget is not self.window:
                widget.close()

    def close(self) -> None:
        """Close the window and all that it opened, and let its engine end."""
        self._close_others()
        self.window.close()
        if not self.session.close(HANG_SECONDS):
            self._watch.errors.append("the engine thread has not ended")
        active = [t for t in self.window.findChildren(QTimer) if t.isActive()]
        if active:
            self._watch.errors.append(f"timers left running: {active}")
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


def _count_of_python() -> int:
    """Count the objects that garbage is looked for among.

    `gc.get_objects` would hold them for a moment: a tuple that another thread is just making from
    an iterator cannot take its size then, which Python calls an internal error.
    """
    gc.freeze()
    count = gc.get_freeze_count()
    gc.unfreeze()
    return count


def _count_of_qt() -> int:
    """Count the objects of Qt: all within the application, and within its windows."""
    roots = [QApplication.instance(), *QApplication.topLevelWidgets()]
    return sum(1 + len(root.findChildren(QObject)) for root in roots)
