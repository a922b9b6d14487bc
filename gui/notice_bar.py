"""Notices that stay above the pictures until the person has seen to them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from engine.fields import ConfigError
from gui import theme as looks
from gui.buttons import FlatButton
from gui.labels import WrappedLabel
from gui.refusals import refusal_words
from gui.theme import Theme
from gui.views.card import Card

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class NoticeBar(Card):
    """A sentence, and buttons for what can be done about it.

    Args:
        window: above whose pictures it stands.
        buttons: from left to right.
    """

    def __init__(self, window: MainWindow, buttons: Sequence[FlatButton]) -> None:
        super().__init__(window)
        self._window = window
        self._buttons = tuple(buttons)
        self.title.hide()
        self.reading.hide()
        self.text = WrappedLabel()
        row = QHBoxLayout()
        row.setSpacing(looks.GAP)
        row.addWidget(self.text, 1)
        for button in buttons:
            row.addWidget(button)
        self.body.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(window.theme)
        self.retranslate()

    def show_above(self) -> None:
        """Take the place above the pictures."""
        self._window.places.above.insertWidget(0, self)
        self.show()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for button in self._buttons:
            button.set_theme(theme)

    @abstractmethod
    def retranslate(self) -> None:
        """Take the texts of the language in force."""

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange:
            self.set_theme(self._window.theme)
        super().changeEvent(event)


class RefusalBar(NoticeBar):
    """Says why a file was not opened.

    Args:
        path: the file.
        error: what is wrong with it.
        window: above whose pictures it stands.
    """

    def __init__(self, path: Path, error: ConfigError, window: MainWindow) -> None:
        self._path, self._error = path, error
        self.close_button = FlatButton("close")
        self.close_button.set_small()
        super().__init__(window, (self.close_button,))
        self.close_button.clicked.connect(self.take_away)

    def take_away(self) -> None:
        """Be gone."""
        self.hide()
        self.deleteLater()

    def retranslate(self) -> None:
        title = self.tr("Not opened: {0}").format(self._path.name)
        self.text.setText(f"{title}\n{refusal_words(self._error)}")
        self.close_button.setToolTip(self.tr("Close this notice"))
        self.close_button.setAccessibleName(self.close_button.toolTip())
