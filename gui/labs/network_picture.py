"""A network drawn unit by unit: weights as lines, units that are one and the same alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui import theme as looks
from gui.theme import Theme
from gui.views.card import Card
from gui.views.legend import Legend

Floats = NDArray[np.float64]

_LARGEST_RADIUS = 17.0
_SMALLEST_RADIUS = 7.0
_WIDEST_LINE = 5.0
_FAINTEST = 0.12
# Room for a line of text below the units.
_CAPTION_HEIGHT = 26
_SIDE = 40.0
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class NetworkPicture(Card):
    """Units in columns, one for each layer; the input on the left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.legend = Legend(2)
        self.legend.setFont(looks.font())
        self.body.addWidget(self.legend)
        self._canvas = _Canvas()
        self.body.addWidget(self._canvas, 1)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._canvas.theme = theme

    def name_signs(self, positive: str, negative: str) -> None:
        """Say what the colours of the lines mean."""
        theme = self._canvas.theme
        entries = [
            (positive, QPen(QColor(theme.series[0]))),
            (negative, QPen(QColor(theme.series[1]))),
        ]
        self.legend.set_entries(entries, [positive, negative], theme)

    def show_network(
        self,
        weights: Sequence[Floats],
        groups: Sequence[NDArray[np.intp]],
        captions: Sequence[tuple[str, str]],
    ) -> None:
        """Draw a network.

        Args:
            weights: of each layer, (n_out, n_in).
            groups: of each hidden layer, (units,): units with one number are one.
            captions: below every column, input and output too: long, and short for where there
                is no room.
        """
        self._canvas.weights = list(weights)
        self._canvas.groups = list(groups)
        self._canvas.captions = list(captions)
        self._canvas.update()


def _caption_height() -> int:
    return looks.scaled(_CAPTION_HEIGHT)


class _Canvas(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.weights: list[Floats] = []
        self.groups: list[NDArray[np.intp]] = []
        self.captions: list[tuple[str, str]] = []
        self.theme = looks.LIGHT
        self.setMinimumSize(220, 160)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.weights:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = self._columns()
        largest = max(float(np.abs(weight).max()) for weight in self.weights)
        for layer, weight in enumerate(self.weights):
            self._draw_weights(painter, columns[layer], columns[layer + 1], weight, largest)
        radius = self._radius()
        for index, column in enumerate(columns):
            for unit, place in enumerate(column):
                self._draw_unit(painter, index, unit, place, radius)
        painter.setFont(looks.font())
        painter.setPen(QColor(self.theme.muted))
        between = self.width() / len(columns)
        metrics = painter.fontMetrics()
        crowded = any(metrics.horizontalAdvance(long) > between - 6 for long, _ in self.captions)
        top = self.height() - _caption_height()
        for column, texts in zip(columns, self.captions, strict=True):
            caption = texts[crowded]
            width = metrics.horizontalAdvance(caption) + 2.0
            # The first and the last caption may not leave the picture.
            left = min(max(column[0].x() - width / 2, 0.0), self.width() - width)
            box = QRectF(left, top, width, _caption_height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, caption)

    def _widths(self) -> list[int]:
        return [self.weights[0].shape[1], *(len(weight) for weight in self.weights)]

    def _radius(self) -> float:
        room = (self.height() - _caption_height()) / max(self._widths())
        smallest, largest = (looks.zoom() * r for r in (_SMALLEST_RADIUS, _LARGEST_RADIUS))
        return min(max(0.38 * room, smallest), largest)

    def _columns(self) -> list[list[QPointF]]:
        """Return the places of the units, layer by layer."""
        widths = self._widths()
        height = self.height() - _caption_height()
        side = looks.scaled(_SIDE)
        step = (self.width() - 2 * side) / (len(widths) - 1)
        room = height / max(widths)
        return [
            [
                QPointF(side + index * step, height / 2 + (unit - (units - 1) / 2) * room)
                for unit in range(units)
            ]
            for index, units in enumerate(widths)
        ]

    def _group_colours(self) -> tuple[str, ...]:
        # The first two of the series are the signs of the weights.
        theme = self.theme
        return (*theme.series[2:], theme.mark, theme.vanishing, theme.diverged, theme.neutral)

    def _draw_weights(
        self,
        painter: QPainter,
        inputs: list[QPointF],
        outputs: list[QPointF],
        weight: Floats,
        largest: float,
    ) -> None:
        shares = np.abs(weight) / largest if largest > 0.0 else np.zeros_like(weight)
        # The strongest lines lie on top.
        for flat in np.argsort(shares, axis=None):
            out, into = divmod(int(flat), weight.shape[1])
            share = float(shares[out, into])
            colour = QColor(self.theme.series[0 if weight[out, into] >= 0.0 else 1])
            colour.setAlphaF(_FAINTEST + (1.0 - _FAINTEST) * share**0.7)
            painter.setPen(QPen(colour, 0.6 + (_WIDEST_LINE - 0.6) * share))
            painter.drawLine(inputs[into], outputs[out])

    def _draw_unit(
        self, painter: QPainter, column: int, unit: int, place: QPointF, radius: float
    ) -> None:
        hidden = 0 < column < len(self.weights)
        text = f"x{'₁₂'[unit]}" if column == 0 else str(unit + 1)
        fill, ink = self.theme.card, QColor(self.theme.text)
        if hidden:
            # Equal units are those of one layer: no letter stands in two.
            before = sum(int(groups.max()) + 1 for groups in self.groups[: column - 1])
            group = before + int(self.groups[column - 1][unit])
            text = _LETTERS[group % len(_LETTERS)]
            colours = self._group_colours()
            fill = colours[group % len(colours)]
            ink = looks.ink_on(QColor(fill))
        painter.setPen(QPen(QColor(self.theme.muted), 1.0))
        painter.setBrush(QColor(fill))
        painter.drawEllipse(place, radius, radius)
        if radius > looks.zoom() * _SMALLEST_RADIUS:
            painter.setPen(ink)
            painter.setFont(looks.font(looks.BODY_POINTS, strong=hidden))
            box = QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
