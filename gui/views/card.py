"""The frame that every picture sits in: a title, a reading for the mouse, the picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import theme as looks
from gui.labels import ElidedLabel
from gui.theme import Theme

# Room that a title leaves for what lies under the mouse, at the size of the type.
READING_WIDTH = 190


class Card(QFrame):
    """A rounded surface with a title on the left and a reading on the right of its head."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surface = QColor(looks.LIGHT.card)
        self._titles = ("", "")
        self.title = QLabel()
        self.title.setFont(looks.font(looks.TITLE_POINTS, strong=True))
        # The reading changes many times a second: it must not move anything.
        self.reading = ElidedLabel()
        self.reading.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.fit_head()
        head = self.head = QHBoxLayout()
        head.setSpacing(2 * looks.GAP)
        head.addWidget(self.title)
        head.addWidget(self.reading, 1)
        self.body = QVBoxLayout(self)
        margin = looks.CARD_MARGIN
        self.body.setContentsMargins(margin, margin - 3, margin, margin - 2)
        self.body.setSpacing(looks.GAP)
        self.body.addLayout(head)

    def fit_head(self) -> None:
        """Make the head as high as its type."""
        for label in (self.title, self.reading):
            # Signs from another font, as in 10⁻⁶, may be higher than the line.
            label.setFixedHeight(self.title.fontMetrics().height() + 2)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, and the size of the type."""
        self.fit_head()
        self._surface = QColor(theme.card)
        self.update()

    def set_title(self, text: str, short: str) -> None:
        """Name the picture; the short name is for where the long one leaves a reading no room."""
        self._titles = text, short
        self._choose_title()

    def _choose_title(self) -> None:
        text, short = self._titles
        if not text:
            return
        room = self.contentsRect().width() - 2 * looks.CARD_MARGIN - looks.scaled(READING_WIDTH)
        fits = self.title.fontMetrics().horizontalAdvance(text) <= room
        self.title.setText(text if fits else short)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose_title()

    def set_reading(self, text: str, short: str = "") -> None:
        """Show what lies under the mouse.

        Args:
            text: the whole of it.
            short: what matters most in it, for where there is no room for the whole.
        """
        if short and self.reading.fontMetrics().horizontalAdvance(text) > self.reading.width():
            text = short
        if text != self.reading.text():
            self.reading.setText(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._surface)
        painter.drawRoundedRect(QRectF(self.rect()), looks.CARD_RADIUS, looks.CARD_RADIUS)
