"""What a monkey can do to a window: one method for each kind of action."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QListWidget,
    QMenu,
    QWidget,
)

from engine.config import RunConfig
from engine.snapshot import State
from gui.actions import ACTIONS, QUIT_KEY
from gui.main_window import MainWindow

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


class Hands:
    """Do one thing after another to a window.

    Args:
        chance: draws.
        trail: what is done is added to the last words in it, before it can fail.

    Attributes:
        window: what they are at.
        kinds: the actions with their weights.
    """

    window: MainWindow

    def __init__(self, chance: random.Random, trail: deque[str]) -> None:
        self._random = chance
        self._trail = trail
        self.kinds: tuple[tuple[int, Callable[[], str]], ...] = (
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
            double_click(widget, first)
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
                self.window.toolbar.menu.click()
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
        elif self.window.session.snapshot().state in (State.PAUSED, State.FINISHED):
            self.window.toggle_run()
        return self.window.config.share_string()


def double_click(widget: QWidget, point: QPoint) -> None:
    """Press and release twice, as a person does.

    QTest's own ends with the button down, and a slider goes on moving towards where it is held.
    """
    left = Qt.MouseButton.LeftButton
    for act in (QTest.mouseClick, QTest.mouseDClick, QTest.mouseRelease):
        if shiboken6.isValid(widget):
            act(widget, left, pos=point)
