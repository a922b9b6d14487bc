"""The frame that every picture sits in: a title, a reading for the mouse, the picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui import theme as looks
from gui.theme import Theme


class Card(QFrame):
    """A rounded surface with a title on the left and a reading on the right of its head."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surface = QColor(looks.LIGHT.card)
        self.title = QLabel()
        self.title.setFont(looks.font(looks.TITLE_POINTS, strong=True))
        self.reading = QLabel()
        self.reading.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        # The reading changes many times a second: it must not move anything.
        self.reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.reading.setTextFormat(Qt.TextFormat.PlainText)
        head = QHBoxLayout()
        head.setSpacing(2 * looks.GAP)
        head.addWidget(self.title)
        head.addWidget(self.reading, 1)
        self.body = QVBoxLayout(self)
        margin = looks.CARD_MARGIN
        self.body.setContentsMargins(margin, margin - 3, margin, margin - 2)
        self.body.setSpacing(looks.GAP)
        self.body.addLayout(head)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._surface = QColor(theme.card)
        self.update()

    def set_reading(self, text: str) -> None:
        """Show what lies under the mouse."""
        if text == self.reading.text():
            return
        self.reading.setText(text)
        # Where there is no room for both, the reading is what is wanted now.
        needed = self.title.sizeHint().width() + self.reading.sizeHint().width()
        room = self.width() - 2 * looks.CARD_MARGIN - 2 * looks.GAP
        self.title.setVisible(not text or needed <= room)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._surface)
        painter.drawRoundedRect(QRectF(self.rect()), looks.CARD_RADIUS, looks.CARD_RADIUS)
