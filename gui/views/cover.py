"""A cover over a view: the class guesses first, then the lecturer reveals."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui import theme as looks
from gui.theme import Theme
from gui.views.card import Card

_SIGN = "?"
_LARGEST_SIGN_PIXELS = 96


class Cover(QWidget):
    """Hides a card, but for its title, and keeps the mouse from it.

    Args:
        covered: what to hide; the cover belongs to it.
        theme: its colours.
    """

    def __init__(self, covered: Card, theme: Theme) -> None:
        super().__init__(covered)
        self._title = covered.title
        self._theme = theme
        self.setMouseTracking(True)
        covered.installEventFilter(self)
        self._follow()
        self.show()
        self.raise_()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def remove(self) -> None:
        """Show again what was hidden."""
        self.parentWidget().removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._follow()
        elif event.type() == QEvent.Type.ChildAdded:
            # What a card is given later, as the picture of a twin, would lie over its cover.
            self.raise_()
        return False

    def _follow(self) -> None:
        self.setGeometry(self.parentWidget().rect())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.card))
        painter.drawRoundedRect(QRectF(self.rect()), looks.CARD_RADIUS, looks.CARD_RADIUS)
        inside = QRectF(self.rect()).adjusted(8, 8, -8, -8)
        if not self._title.isHidden():
            place = QRectF(self._title.geometry())
            painter.setFont(self._title.font())
            painter.setPen(QColor(self._theme.text))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, self._title.text())
            inside.setTop(place.bottom() + looks.GAP)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.plot))
        painter.drawRoundedRect(inside, looks.CARD_RADIUS, looks.CARD_RADIUS)
        font = looks.font(looks.TITLE_POINTS, strong=True)
        font.setPixelSize(max(round(min(_LARGEST_SIGN_PIXELS, 0.6 * inside.height())), 8))
        painter.setFont(font)
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, _SIGN)
