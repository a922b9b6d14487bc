"""A matrix as a picture: every entry a cell, coloured by its sign and its share of the largest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui import numbers
from gui import theme as looks
from gui.theme import Theme
from gui.views.card import Card

Floats = NDArray[np.float64]

# The bytes of a cell: from −largest over 0 to +largest, and what is not finite.
_MIDDLE = 126
_TOP = 2 * _MIDDLE
_INF = 253
_NAN = 254
_SWATCH = 12
# Where the key to Inf and NaN is written, beside its colour.
_WORD_WIDTH = 60


def _mixed(first: QColor, second: QColor, share: float) -> QColor:
    parts = zip(first.getRgbF()[:3], second.getRgbF()[:3], strict=True)
    return QColor.fromRgbF(*((1.0 - share) * a + share * b for a, b in parts))


def cell_bytes(entries: Floats) -> NDArray[np.uint8]:
    """Return the byte of every entry, by its share of the largest finite one."""
    finite = np.isfinite(entries)
    largest = float(np.abs(entries[finite]).max()) if finite.any() else 0.0
    made = np.full(entries.shape, _MIDDLE, np.uint8)
    if largest > 0.0:
        made[finite] = np.rint(_MIDDLE * (1.0 + entries[finite] / largest))
    made[np.isinf(entries)] = _INF
    made[np.isnan(entries)] = _NAN
    return made


class MatrixCard(Card):
    """A card with a matrix and the key to its colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: Floats = np.zeros((1, 1))
        self._canvas = _Canvas(self)
        self._canvas.setMouseTracking(True)
        self._canvas.installEventFilter(self)
        self.body.addWidget(self._canvas, 1)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._canvas.set_theme(theme)

    def show_matrix(self, entries: Floats) -> None:
        """Show a matrix, (rows, columns)."""
        self._entries = entries
        self._canvas.show_matrix(entries)
        self.set_reading("")

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.set_reading("")
        elif event.type() == QEvent.Type.MouseMove:
            self._read(event.position())
        return False

    def _read(self, position: QPointF) -> None:
        box = self._canvas.matrix_box()
        rows, columns = self._entries.shape
        column = int((position.x() - box.left()) / box.width() * columns)
        row = int((position.y() - box.top()) / box.height() * rows)
        if not box.contains(position) or not (row < rows and column < columns):
            self.set_reading("")
            return
        value = numbers.scientific(float(self._entries[row, column]))
        self.set_reading(
            self.tr("row {0}, column {1}: {2}").format(row + 1, column + 1, value), value
        )


class _Canvas(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self._entries: Floats = np.zeros((1, 1))
        self._image = QImage()
        self.setMinimumSize(150, 120)
        self.setFont(looks.font())

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.show_matrix(self._entries)

    def _end_colours(self) -> tuple[QColor, QColor, QColor]:
        """Return the colours of the most negative entry, of zero, and of the largest."""
        negative, positive = self._theme.series[:2]
        return QColor(negative), QColor(self._theme.plot), QColor(positive)

    def _special_colours(self) -> dict[str, QColor]:
        """Return the colours of what is not finite; NaN's own is too near the positive one."""
        return {"Inf": QColor(self._theme.inf), "NaN": QColor(self._theme.text)}

    def show_matrix(self, entries: Floats) -> None:
        self._entries = entries
        rows, columns = entries.shape
        cells = np.ascontiguousarray(cell_bytes(entries))
        image = QImage(cells.data, columns, rows, columns, QImage.Format.Format_Indexed8)
        negative, ground, positive = self._end_colours()
        table = [
            _mixed(ground, positive if byte > _MIDDLE else negative,
                   abs(byte - _MIDDLE) / _MIDDLE).rgb()
            for byte in range(_TOP + 1)
        ]  # fmt: skip
        table += [colour.rgb() for colour in self._special_colours().values()]
        image.setColorTable(table)
        # A copy, because the cells live no longer than this call.
        self._image = image.copy()
        self.update()

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height() + 4

    def matrix_box(self) -> QRectF:
        """Return where the matrix is drawn: cells are squares where there are many."""
        height = self.height() - 2 * self._line() - 3 * looks.GAP
        rows, columns = self._entries.shape
        width = float(self.width())
        if columns > 8:
            side = min(width / columns, height / rows)
            width, height = side * columns, side * rows
        return QRectF((self.width() - width) / 2, 0.0, width, max(height, 1.0))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = self.matrix_box()
        painter.drawImage(box, self._image)
        self._write_numbers(painter, box)
        self._draw_key(painter)

    def _write_numbers(self, painter: QPainter, box: QRectF) -> None:
        rows, columns = self._entries.shape
        cell = QRectF(0, 0, box.width() / columns, box.height() / rows)
        metrics = QFontMetricsF(self.font())
        widest = metrics.horizontalAdvance("−8.8·10⁻⁸⁸") + 4
        if cell.width() < widest or cell.height() < metrics.height():
            return
        for row in range(rows):
            for column in range(columns):
                corner = QPointF(
                    box.left() + column * cell.width(), box.top() + row * cell.height()
                )
                text = numbers.scientific(float(self._entries[row, column]))
                painter.setPen(looks.ink_on(self._image.pixelColor(column, row)))
                painter.drawText(QRectF(corner, cell.size()), Qt.AlignmentFlag.AlignCenter, text)

    def _draw_key(self, painter: QPainter) -> None:
        """Draw the colours from −largest to +largest, and below them those of Inf and NaN."""
        line = self._line()
        y = self.height() - 2 * line - looks.GAP
        finite = np.abs(self._entries[np.isfinite(self._entries)])
        largest = numbers.scientific(float(finite.max())) if finite.size else "?"
        metrics = QFontMetricsF(self.font())
        room = metrics.horizontalAdvance("−" + largest) + 2 * looks.GAP
        swatch = looks.scaled(_SWATCH)
        bar = QRectF(room, y + (line - swatch) / 2, max(self.width() - 2 * room, 20.0), swatch)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for share, colour in zip((0.0, 0.5, 1.0), self._end_colours(), strict=True):
            gradient.setColorAt(share, colour)
        painter.fillRect(bar, gradient)
        painter.setPen(QColor(self._theme.muted))
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        middle = Qt.AlignmentFlag.AlignVCenter
        if finite.size and float(finite.max()) > 0.0:
            whole = QRectF(0, y, self.width(), line)
            painter.drawText(whole, left | middle, "−" + largest)
            painter.drawText(whole, right | middle, largest)
        x = bar.left()
        for name, colour in self._special_colours().items():
            painter.fillRect(QRectF(x, y + line + (line - swatch) / 2, swatch, swatch), colour)
            text = QRectF(x + swatch + looks.GAP, y + line, looks.scaled(_WORD_WIDTH), line)
            painter.drawText(text, left | middle, name)
            x += swatch + 2 * looks.GAP + metrics.horizontalAdvance(name) + 3 * looks.GAP
