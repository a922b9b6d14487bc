"""A small picture of an activation and its derivative, for the form."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.activations import ACTIVATIONS
from gui import theme as looks
from gui.theme import Theme

HEIGHT = 64
_Z = np.linspace(-5.0, 5.0, 161)
# Both functions are seen between these; a line that goes on beyond is cut off.
_LOW, _HIGH = -1.6, 2.2


class ActivationPicture(QWidget):
    """φ as a line, φ′ as dashes, from −5 to 5."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self._activation = ""
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.setToolTip(self.tr("φ (line) and its derivative φ′ (dashes), from −5 to 5"))
        self.setAccessibleName(self.toolTip())

    def show_activation(self, activation: str) -> None:
        """Show one of `ACTIVATIONS`."""
        if activation != self._activation:
            self._activation = activation
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._activation:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 2, -1, -2)
        painter.setPen(QPen(QColor(self._theme.grid), 1))
        zero = self._place(box, np.zeros(1), np.zeros(1))[0]
        painter.drawLine(QPointF(box.left(), zero.y()), QPointF(box.right(), zero.y()))
        painter.drawLine(QPointF(zero.x(), box.top()), QPointF(zero.x(), box.bottom()))
        painter.setClipRect(box)
        row = ACTIVATIONS[self._activation]
        for function, index, style in (
            (row.phi_prime, 3, Qt.PenStyle.DashLine),
            (row.phi, 2, Qt.PenStyle.SolidLine),
        ):
            painter.setPen(QPen(QColor(self._theme.series[index]), 1.6, style))
            painter.drawPolyline(QPolygonF.fromList(self._place(box, _Z, function(_Z))))

    @staticmethod
    def _place(box: QRectF, z: np.ndarray, y: np.ndarray) -> list[QPointF]:
        x = box.left() + (z - _Z[0]) / (_Z[-1] - _Z[0]) * box.width()
        height = box.bottom() - (y - _LOW) / (_HIGH - _LOW) * box.height()
        return [QPointF(a, b) for a, b in zip(x, height, strict=True)]
