"""A monkey at the window: seeded random actions over every control, while a network trains.

`python -m tests.monkey --seed 3 --actions 2000` plays one sequence and prints what it did and what
it cost; a sequence that broke something is printed with its seed, and played again by the same
command. What the engine has come to at an action depends on the speed of the machine, and so does
what is on the screen: where a failure does not come again, play the same seed a few times.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import shiboken6
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QPoint,
    QPointF,
    QSettings,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QDrag, QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QListWidget,
    QMenu,
    QWidget,
)

from engine.config import RunConfig
from engine.session import Session
from engine.snapshot import State
from gui.actions import ACTIONS, QUIT_KEY
from gui.app import make_application
from gui.examine import wait_until
from gui.main_window import MainWindow
from gui.memory import resident_bytes
from gui.settings import Settings
from gui.translation import Translation

SMALL = RunConfig(depth=6, width=16, batch_size=16, dataset="blobs", threads=1)
# A network that is far larger shows nothing new and takes its time.
LARGEST_DEPTH, LARGEST_WIDTH = 60, 64
TEXTS = (
    "", " ", "0", "1", "3", "7", "12", "-1", "0.5", "1e-3", "1e999", "nan", "-inf", "1_0", "٣", "∞",
    "none", "blobs", "spirals", "no/such/file.csv", "dynamic", "8,4,8", "8,,8", "x" * 300, "\0",
    "a\nb", "<b>bold</b>", "中文", "%s %1 {0}", "vp:depth=5&width=8", "../x", "cpu", "cuda:9",
)  # fmt: skip
EXPERIMENTS = (
    "vp:depth=3&width=8&activation=relu&initializer=kaiming_normal&seed=1",
    "vp:depth=4&width=8,16,8,4&activation=tanh&optimizer=adam&seed=5",
    "vp:depth=8&width=8&activation=relu&initializer=normal&init_std=9&learning_rate=10",
    "vp:depth=2&width=4&dataset=sine&normalization=batch",
    "vp:depth=2&width=4&normalization=batch&batch_size=1",
    "vp:depth=5&width=8&precision=mixed_float16&skip=residual&loss_scale=dynamic",
    '{"depth": 3, "width": 8, "max_steps": 5}', '{"depth": "x"}', "vp:depth=0",
    "vp:colour=red", "[",
)  # fmt: skip
# Of the actions that led to a failure, so many are told.
TOLD = 25
# Nothing that a person does may take so long, on however busy a machine.
HANG_SECONDS = 60.0
OFFSCREEN_WORDS = "This plugin does not support"


class MonkeyError(AssertionError):
    """Something broke; the text tells what, and how to play it again."""


class Monkey:
    """Plays with a window.

    Args:
        seed: of the sequence.
        folder: where files may be written, and settings lie.

    Attributes:
        counts: how often each kind of action was done.
        slowest: seconds and words of the action that took longest.
    """

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed = seed
        self.counts: Counter[str] = Counter()
        self.slowest = (0.0, "")
        self._folder = folder
        self._random = random.Random(seed)
        self._trail: deque[str] = deque(maxlen=TOLD)
        self._errors: list[str] = []
        make_application()
        self._settings = Settings(
            QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        )
        self._settings.theme, self._settings.language = "light", "en"
        self._translation = Translation()
        self._kinds: tuple[tuple[int, Callable[[], str]], ...] = (
            (10, self._click_button),
            (10, self._ask_action),
            (6, self._edit),
            (5, self._choose),
            (5, self._slide),
            (4, self._touch),
            (4, self._trigger),
            (2, self._paste),
            (2, self._turn_wheel),
            (2, self._press_key),
            (3, self._end_dialog),
            (2, self._shape_window),
            (2, self._look),
            (6, self._wait),
            (3, self._tame),
        )

    def play(self, actions: int) -> None:
        """Open a window, do so many actions, and close it.

        Raises:
            MonkeyError: something broke.
        """
        with self._watched():
            self._open()
            try:
                for number in range(actions):
                    self._act(number)
            finally:
                self._close()
            self._check("closing")

    def _open(self) -> None:
        self.session = Session(SMALL)
        self.window = MainWindow(
            self.session, SMALL, settings=self._settings, translation=self._translation
        )
        self.window.show()
        self.window.start_engine()
        wait_until(lambda: self.session.snapshot().state is State.PAUSED, "the engine")
        self.window.toggle_run()

    def _act(self, number: int) -> None:
        weights, kinds = zip(*self._kinds, strict=True)
        (kind,) = self._random.choices(kinds, weights)
        began = time.perf_counter()
        name = kind.__name__.removeprefix("_")
        self._trail.append(f"{number}: {name} …")
        try:
            words = kind()
        except MonkeyError:
            raise
        except Exception as error:  # noqa: BLE001 (told with what led to it)
            self._note(error)
            words = "failed"
        self._trail[-1] = f"{number}: {name} {words}"
        QCoreApplication.processEvents()
        self.counts[name] += 1
        seconds = time.perf_counter() - began
        self.slowest = max(self.slowest, (seconds, self._trail[-1]))
        if seconds > HANG_SECONDS:
            self._errors.append(f"took {seconds:.0f} s")
        failure = self.session.snapshot().failure
        if failure is not None and failure.traceback:
            self._errors.append(failure.traceback)
        self._check(f"action {number}")
        if not self.window.isVisible():
            # It was closed as a person closes it; another one is opened.
            self._close()
            self._open()

    def _close(self) -> None:
        for widget in QApplication.topLevelWidgets():
            if widget.isVisible() and widget is not self.window:
                widget.close()
        self.window.close()
        if not self.session.close(HANG_SECONDS):
            self._errors.append("the engine thread has not ended")
        active = [t for t in self.window.findChildren(QTimer) if t.isActive()]
        if active:
            self._errors.append(f"timers left running: {active}")
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()

    # Watching

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Note what goes wrong anywhere, and keep dialogs of the system away."""
        hooks = sys.excepthook, threading.excepthook
        sys.excepthook = lambda kind, error, trace: self._note(error)
        threading.excepthook = lambda arguments: self._note(arguments.exc_value)
        qInstallMessageHandler(self._note_message)
        state = random.getstate()
        random.seed(self.seed)
        before = set(threading.enumerate())
        try:
            with (
                patch.object(QFileDialog, "getOpenFileName", self._file_to_open),
                patch.object(QFileDialog, "getSaveFileName", self._file_to_save),
                patch.object(QFileDialog, "getExistingDirectory", self._folder_to_save),
                # Drags wait for a mouse that is not there.
                patch.object(QDrag, "exec", lambda *_: Qt.DropAction.IgnoreAction),
                patch("gui.preset_gallery._move_to_bin", lambda path: path.unlink() or True),
            ):
                yield
        finally:
            sys.excepthook, threading.excepthook = hooks
            qInstallMessageHandler(None)
            random.setstate(state)
            self._translation.use("en")
        left = set(threading.enumerate()) - before
        end = time.monotonic() + HANG_SECONDS
        for thread in left:
            thread.join(max(0.0, end - time.monotonic()))
        self._errors += [f"thread left: {thread}" for thread in left if thread.is_alive()]
        self._check("the end")

    def _note(self, error: BaseException | None) -> None:
        if error is not None:
            self._errors.append("".join(traceback.format_exception(error)))

    def _note_message(self, kind: QtMsgType, _: object, message: str) -> None:
        if kind >= QtMsgType.QtWarningMsg and not message.startswith(OFFSCREEN_WORDS):
            where = "".join(traceback.format_stack(limit=8))
            self._errors.append(f"Qt: {message}\n{where}")

    def _check(self, when: str) -> None:
        if self._errors:
            errors, self._errors = self._errors, []
            raise MonkeyError(
                f"seed {self.seed}, {when}:\n" + "\n".join(errors)
                + "\nafter\n  " + "\n  ".join(self._trail)
                + f"\nAgain: python -m tests.monkey --seed {self.seed}"
            )  # fmt: skip

    # What stands in for dialogs of the system

    def _file_to_open(self, *_: object) -> tuple[str, str]:
        files = sorted(self._folder.rglob("*.npz"))
        strange = [self._folder / "missing.npz", self._folder / "settings.ini", self._folder]
        return str(self._random.choice([*files, *files, *strange])), ""

    def _file_to_save(self, _: object, title: str, proposed: str, *__: object) -> tuple[str, str]:
        places = [self._folder / proposed, self._folder / "no" / "such" / proposed, ""]
        return str(self._random.choice([places[0], *places])), ""

    def _folder_to_save(self, *_: object) -> str:
        places = [self._folder / "recordings", self._folder / "settings.ini", ""]
        return str(self._random.choice([places[0], *places]))

    # What it does

    def _widgets(self, *kinds: type[QWidget]) -> list[QWidget]:
        """Return what can be seen and used, in a stable order, of the window in front mostly."""
        tops = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        modal = QApplication.activeModalWidget()
        if modal is not None:
            tops = [modal]
        found = []
        for top in tops:
            if isinstance(top, QMenu):
                continue
            found += [
                widget
                for kind in kinds
                for widget in top.findChildren(kind)
                if widget.isVisible() and widget.isEnabled()
            ]
        return sorted(found, key=lambda w: (type(w).__name__, w.mapToGlobal(QPoint()).toTuple()))

    def _pick(self, *kinds: type[QWidget]) -> QWidget | None:
        found = self._widgets(*kinds)
        return self._random.choice(found) if found else None

    def _click_button(self) -> str:
        button = self._pick(QAbstractButton)
        if button is None:
            return "nothing"
        words = f"{type(button).__name__} {button.text() or button.toolTip()!r}"
        self._trail[-1] += words
        modifier = self._random.choice([Qt.KeyboardModifier.NoModifier] * 5
                                       + [Qt.KeyboardModifier.ShiftModifier])  # fmt: skip
        QTest.mouseClick(button, Qt.MouseButton.LeftButton, modifier)
        return words

    def _ask_action(self) -> str:
        action = self._random.choice(ACTIONS)
        if action.key == QUIT_KEY and self._random.random() < 0.8:
            return "not closed yet"
        if QApplication.activeModalWidget() is not None:
            return "a dialog is in front"
        self._trail[-1] += action.text
        action.do(self.window)
        return action.text

    def _edit(self) -> str:
        edit = self._pick(QLineEdit)
        if not isinstance(edit, QLineEdit):
            return "nothing"
        text = self._random.choice(TEXTS)
        edit.setFocus()
        edit.clear()
        if text.isascii() and text.isprintable():
            QTest.keyClicks(edit, text)
        else:
            # Qt's simulated keyboard has no such keys.
            edit.insert(text)
        key = self._random.choice([Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab])
        if shiboken6.isValid(edit):
            QTest.keyClick(edit, key)
        return f"{text[:20]!r} {key.name}"

    def _choose(self) -> str:
        box = self._pick(QComboBox, QListWidget)
        if isinstance(box, QComboBox) and box.count():
            index = self._random.randrange(box.count())
            box.setCurrentIndex(index)
            box.activated.emit(index)
            return f"{type(box.parent()).__name__} {box.itemText(index)!r}"
        if isinstance(box, QListWidget) and box.count():
            box.setCurrentRow(self._random.randrange(box.count()))
            return f"row {box.currentRow()}"
        return "nothing"

    def _slide(self) -> str:
        slider = self._pick(QAbstractSlider)
        if not isinstance(slider, QAbstractSlider):
            return "nothing"
        slider.setValue(self._random.randint(slider.minimum(), slider.maximum()))
        return f"{type(slider.parent()).__name__} {slider.value()}"

    def _touch(self) -> str:
        """Press, drag and release the mouse anywhere, or double-click."""
        widget = self._pick(QWidget)
        if widget is None or widget.width() < 2 or widget.height() < 2:
            return "nothing"
        first, second = (
            QPoint(self._random.randrange(widget.width()), self._random.randrange(widget.height()))
            for _ in range(2)
        )
        name = type(widget).__name__
        self._trail[-1] += name
        left = Qt.MouseButton.LeftButton
        if self._random.random() < 0.2:
            QTest.mouseDClick(widget, left, pos=first)
            return f"{name} twice"
        if self._random.random() < 0.2:
            QTest.mouseClick(widget, Qt.MouseButton.RightButton, pos=first)
            return f"{name} right"
        QTest.mouseMove(widget, first)
        QTest.mousePress(widget, left, pos=first)
        if shiboken6.isValid(widget):
            QTest.mouseMove(widget, second)
        if shiboken6.isValid(widget):
            QTest.mouseRelease(widget, left, pos=second)
        return f"{name} {first.toTuple()} {second.toTuple()}"

    def _trigger(self) -> str:
        """Choose from the menu that is open, or open one."""
        menus = [
            w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible()
        ]
        if not menus:
            if QApplication.activeModalWidget() is None:
                self.window._open_menu()
            return "opens the menu"
        menu = menus[0]
        actions = [a for a in menu.actions() if a.isEnabled() and not a.isSeparator()]
        words = "nothing"
        if actions:
            action = self._random.choice(actions)
            while action.menu() is not None and action.menu().actions():
                action = self._random.choice(action.menu().actions())
            words = action.text()
            self._trail[-1] += words
            if not words.startswith("Close") or self._random.random() < 0.2:
                action.trigger()
        if shiboken6.isValid(menu):
            menu.close()
        return words

    def _paste(self) -> str:
        text = self._random.choice(EXPERIMENTS + TEXTS)
        QGuiApplication.clipboard().setText(text)
        if QApplication.activeModalWidget() is None:
            self.window.sharing.paste_experiment()
        return repr(text[:40])

    def _turn_wheel(self) -> str:
        widget = self._pick(QWidget)
        if widget is None:
            return "nothing"
        place = QPointF(widget.rect().center())
        turn = self._random.choice([-1200, -120, 120, 1200])
        event = QWheelEvent(
            place, widget.mapToGlobal(place), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QCoreApplication.sendEvent(widget, event)
        return f"{type(widget).__name__} {turn}"

    def _press_key(self) -> str:
        widget = QApplication.focusWidget() or self.window
        keys = "Key_Left Key_Right Key_Up Key_Down Key_Home Key_End Key_PageDown Key_PageUp Key_Tab"
        keys += " Key_Space Key_Escape Key_Return Key_Delete Key_1 Key_2 Key_3 Key_4 Key_9 Key_A"
        key = getattr(Qt.Key, self._random.choice(keys.split()))
        QTest.keyClick(widget, key)
        return key.name

    def _end_dialog(self) -> str:
        dialogs = [w for w in QApplication.topLevelWidgets()
                   if isinstance(w, QDialog) and w.isVisible()]  # fmt: skip
        for dialog in dialogs:
            key = self._random.choice([None, Qt.Key.Key_Escape, Qt.Key.Key_Return])
            if key is None:
                dialog.close()
            else:
                QTest.keyClick(dialog, key)
        return f"{len(dialogs)} dialogs"

    def _shape_window(self) -> str:
        window = self.window
        width, height = self._random.randint(400, 2600), self._random.randint(300, 1600)
        what = self._random.choice(["size", "size", "maximised", "minimised", "normal"])
        if what == "size":
            window.resize(width, height)
        elif what == "maximised":
            window.showMaximized()
        elif what == "minimised":
            window.showMinimized()
            self._wait()
            window.showNormal()
        else:
            window.showNormal()
        return f"{what} {width} {height}"

    def _look(self) -> str:
        """Draw everything that can be seen."""
        tops = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        for top in tops:
            top.grab()
        return f"{len(tops)} windows"

    def _wait(self) -> str:
        end = time.perf_counter() + self._random.uniform(0.0, 0.06)
        while time.perf_counter() < end:
            QCoreApplication.processEvents()
        return ""

    def _tame(self) -> str:
        """Keep the network small, and the engine at work."""
        config = self.window.config
        if config.depth > LARGEST_DEPTH or max(config.widths) > LARGEST_WIDTH:
            self.window.configure(SMALL)
        elif self.session.snapshot().state in (State.PAUSED, State.FINISHED):
            self.window.toggle_run()
        return self.window.config.share_string()


def main() -> int:
    """Play one sequence and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--actions", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        monkey = Monkey(arguments.seed, Path(folder))
        before, began = resident_bytes() or 0, time.perf_counter()
        try:
            monkey.play(arguments.actions)
        except MonkeyError as error:
            print(error)
            return 1
        after = resident_bytes() or 0
    print(
        f"seed {arguments.seed}: {arguments.actions} actions in {time.perf_counter() - began:.0f} s"
    )
    print(", ".join(f"{name} {count}" for name, count in monkey.counts.most_common()))
    print(f"slowest: {monkey.slowest[0]:.2f} s, {monkey.slowest[1]}")
    print(f"memory: {before / 1e6:.0f} MB before, {after / 1e6:.0f} MB after")
    return 0


if __name__ == "__main__":
    sys.exit(main())
