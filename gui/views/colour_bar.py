"""The key to both heatmaps: the colour scale, the healthy range, and the special cells."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import numbers
from gui import theme as looks
from gui.theme import Theme
from gui.views.card import Card
from gui.views.colour_scale import (
    FIRST,
    HEALTHY_EXPONENTS,
    HIGHEST_EXPONENT,
    INF,
    LAST,
    LOWEST_EXPONENT,
    NAN,
    ZERO,
    colour_table,
    share_of_scale,
)

_BAR_WIDTH = 14
_EXPONENTS_PER_LABEL = 3
_SWATCH = 12


class ColourBar(Card):
    """The colour scale, from the largest gradient at the top to the smallest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = _Bar(self)
        self.title.hide()
        self.reading.hide()
        self.body.addWidget(self._bar, 1)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._bar.set_theme(theme)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._bar.updateGeometry()
        self._bar.update()
        self.setToolTip(
            self.tr(
                "The colours are the same for every run: powers of ten from {0} to {1}. "
                "A healthy gradient stays between the two marks, {2} and {3}."
            ).format(
                numbers.power(LOWEST_EXPONENT),
                numbers.power(HIGHEST_EXPONENT),
                numbers.power(HEALTHY_EXPONENTS[0]),
                numbers.power(HEALTHY_EXPONENTS[1]),
            )
        )


class _Bar(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self.setFont(looks.font(looks.CAPTION_POINTS))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(looks.font(looks.CAPTION_POINTS, strong=True))
        texts = [numbers.power(-12), *(name for name, _ in self._swatches())]
        widest = max(metrics.horizontalAdvance(text) for text in texts)
        return QSize(round(_BAR_WIDTH + 14 + widest), 200)

    def _swatches(self) -> list[tuple[str, int]]:
        return [("NaN", NAN), ("Inf", INF), (self.tr("zero"), ZERO)]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = QFontMetricsF(self.font()).height() + 3
        table = colour_table(self._theme)
        swatches = self._swatches()
        bottom = self.height() - line * len(swatches) - 3 * looks.GAP
        self._draw_scale(painter, QRectF(0, line / 2, _BAR_WIDTH, bottom - line), table)
        painter.setFont(self.font())
        y = self.height() - line * len(swatches)
        for name, byte in swatches:
            box = QRectF(0.5, y + (line - _SWATCH) / 2 + 0.5, _SWATCH, _SWATCH)
            painter.setPen(QColor(self._theme.muted))
            painter.setBrush(QColor.fromRgb(table[byte]))
            painter.drawRect(box)
            painter.drawText(
                QRectF(_BAR_WIDTH + 8, y, self.width(), line), Qt.AlignmentFlag.AlignVCenter, name
            )
            y += line

    def _draw_scale(self, painter: QPainter, bar: QRectF, table: list[int]) -> None:
        colours = QImage(1, LAST - FIRST + 1, QImage.Format.Format_RGB32)
        for row in range(colours.height()):
            colours.setPixel(0, row, table[LAST - row])
        painter.drawImage(bar, colours)
        strong = looks.font(looks.CAPTION_POINTS, strong=True)
        for exponent in range(LOWEST_EXPONENT, HIGHEST_EXPONENT + 1, _EXPONENTS_PER_LABEL):
            y = bar.bottom() - share_of_scale(exponent) * bar.height()
            marked = exponent in HEALTHY_EXPONENTS
            painter.setFont(strong if marked else self.font())
            painter.setPen(QColor(self._theme.text if marked else self._theme.muted))
            start = bar.left() if marked else bar.right() + 1
            painter.drawLine(QPointF(start, y), QPointF(bar.right() + 4, y))
            if marked:
                # Two lines, so that the mark is seen on bright and on dark colours.
                painter.setPen(QColor("#ffffff"))
                painter.drawLine(QPointF(start, y + 1), QPointF(bar.right() - 1, y + 1))
                painter.setPen(QColor(self._theme.text))
            text = numbers.power(exponent)
            metrics = QFontMetricsF(painter.font())
            painter.drawText(QPointF(bar.right() + 8, y + metrics.capHeight() / 2), text)
