"""The list of all lessons, to choose one with a digit, the arrows or the mouse."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from engine.lessons import broken_lessons, lessons
from gui import numbers
from gui.actions import MOST_NUMBER_KEYS, number_on_key
from gui.translation import local_text

if TYPE_CHECKING:
    from gui.main_window import MainWindow

translate = QCoreApplication.translate


class LessonMenu(QMenu):
    """All lessons; the one that was left last is marked, so that Enter opens it.

    Args:
        window: which gives the lessons.
        key: opened it, and closes it too.
    """

    def __init__(self, window: MainWindow, key: QKeySequence) -> None:
        super().__init__(window)
        self._lessons, self._key = window.lessons, key
        self.aboutToHide.connect(self.deleteLater)
        panel = window.lessons.panel
        left = 0 if panel is None else panel.lesson_number
        if panel is not None and panel.page_number and not window.lessons.is_open:
            text = translate("LessonMenu", "Go on with lesson {0}  ·  {1}")
            number = panel.lesson.number
            self.setActiveAction(
                self.addAction(text.format(number, panel.place.text()), window.lessons.open)
            )
            self.addSeparator()
        titles = {one.number: local_text(one.title) for one in lessons()}
        broken = {one.number for one in broken_lessons()}
        for number in sorted(titles.keys() | broken):
            title = titles.get(number, translate("LessonMenu", "not available"))
            # The key for the tenth is not its number.
            key_text = f"\t{_digit(number)}" if number > MOST_NUMBER_KEYS else ""
            action = self.addAction(
                f"{numbers.listed(number)}  {title}".replace("&", "&&") + key_text
            )
            action.setEnabled(number not in broken)
            action.triggered.connect(partial(window.lessons.choose, number))
            if self.activeAction() is None and number == lessons()[left].number:
                self.setActiveAction(action)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a digit for a lesson, and the key that opened the list for its end."""
        plain = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if plain and event.text() in _DIGITS:
            self.close()
            self._lessons.choose(number_on_key(int(event.text())))
        elif plain and QKeySequence(event.key()) == self._key:
            self.close()
        else:
            super().keyPressEvent(event)


_DIGITS = tuple("0123456789")


def _digit(number: int) -> int:
    """Return the digit whose key stands for a lesson."""
    return next(digit for digit in range(10) if number_on_key(digit) == number)
