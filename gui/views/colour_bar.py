"""The key to the heatmaps: their colour scales, the healthy range, and the special cells."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import numbers
from gui import theme as looks
from gui.theme import Theme
from gui.views.card import Card
from gui.views.colour_scale import (
    FIRST,
    GRADIENTS,
    INF,
    LAST,
    NAN,
    SUBNORMAL,
    ZERO,
    Scale,
    colour_table,
)

_BAR_WIDTH = 14
# Labels stand at whole multiples of one of these, in decades or as shares.
_LABEL_STEPS = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_SHARE_STEPS = (0.05, 0.1, 0.25, 0.5)
_MOST_LABELS = 6
_SWATCH = 12
# Where the names of the special cells begin.
_NAME_START = 18


class ColourBar(Card):
    """The colour scales, from the largest at the top to the smallest, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bar = _Bar(self)
        self.title.hide()
        self.reading.hide()
        self.body.addWidget(self._bar, 1)
        margins = self.body.contentsMargins()
        # The pictures beside it need every pixel.
        margins.setRight(looks.GAP - 1)
        self.body.setContentsMargins(margins)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def show_scales(self, scales: tuple[Scale, ...]) -> None:
        """Show what the colours of the heatmaps mean; one scale for each meaning."""
        if scales and scales != self._bar.scales:
            self._bar.scales = scales
            self.retranslate()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._bar.set_theme(theme)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._bar.updateGeometry()
        self._bar.update()
        scale = self._bar.scales[0]
        if scale.per_layer:
            text = self.tr("Each layer has colours of its own: they cannot be compared.")
        elif scale == GRADIENTS:
            text = self.tr(
                "The colours are the same for every run: powers of ten from {0} to {1}. "
                "A healthy gradient stays between the two marks in bold, {2} and {3}."
            ).format(*(label(scale, end) for end in (scale.low, scale.high, *scale.marks)))
        else:
            text = self.tr("From {0} to {1}").format(
                label(scale, scale.low), label(scale, scale.high)
            )
            if len(scale.marks) == 2:
                usual = self.tr("Usual is what lies between the two marks in bold, {0} and {1}.")
                text += "\n" + usual.format(*(label(scale, mark) for mark in scale.marks))
        self.setToolTip(text)
        self.setWhatsThis(text)


def label(scale: Scale, level: float) -> str:
    """Write a number beside the bar, given in the units of the scale's ends."""
    if scale.logarithmic:
        return numbers.power(round(level))
    return f"{100 * level:.0f}%"


def label_levels(scale: Scale) -> list[float]:
    """Return where the labels stand, in the units of the scale's ends."""
    length = scale.high - scale.low
    steps = _LABEL_STEPS if scale.logarithmic else _SHARE_STEPS
    step = next((one for one in steps if length / one <= _MOST_LABELS), steps[-1])
    # From the lower end on, as the ends of fixed scales are labelled.
    count = int(length / step + 1e-9)
    return [scale.low + index * step for index in range(count + 1)]


class _Bar(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self.scales: tuple[Scale, ...] = (GRADIENTS,)
        self.setFont(looks.font(looks.CAPTION_POINTS))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        strong = QFontMetricsF(looks.font(looks.CAPTION_POINTS, strong=True)).horizontalAdvance
        plain = QFontMetricsF(looks.font(looks.CAPTION_POINTS)).horizontalAdvance
        labels = (f"≤{numbers.power(-12)}", "100%", self.tr("most"), self.tr("least"))
        widths = [_BAR_WIDTH + 20 + strong(text) for text in labels]
        widths += [_NAME_START + plain(name) for name, _ in self._swatches()]
        return QSize(math.ceil(max(widths)), 200)

    def _swatches(self) -> list[tuple[str, int]]:
        return [
            ("NaN", NAN),
            ("Inf", INF),
            (self.tr("subnormal"), SUBNORMAL),
            (self.tr("zero"), ZERO),
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = QFontMetricsF(self.font()).height() + 3
        table = colour_table(self._theme)
        height = line * len(self._swatches())
        bottom = self.height() - height - 3 * looks.GAP
        room = bottom / len(self.scales)
        for index, scale in enumerate(self.scales):
            box = QRectF(0, index * room + line / 2, _BAR_WIDTH, room - line)
            self._draw_scale(painter, box, table, scale)
        painter.setFont(self.font())
        y = self.height() - height
        for name, byte in self._swatches():
            box = QRectF(0.5, y + (line - _SWATCH) / 2 + 0.5, _SWATCH, _SWATCH)
            painter.setPen(QColor(self._theme.muted))
            painter.setBrush(QColor.fromRgb(table[byte]))
            painter.drawRect(box)
            place = QRectF(_NAME_START, y, self.width(), line)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, name)
            y += line

    def _draw_scale(self, painter: QPainter, bar: QRectF, table: list[int], scale: Scale) -> None:
        colours = QImage(1, LAST - FIRST + 1, QImage.Format.Format_RGB32)
        for row in range(colours.height()):
            colours.setPixel(0, row, table[LAST - row])
        painter.drawImage(bar, colours)
        if scale.per_layer:
            ends = ((scale.high, self.tr("most")), (scale.low, self.tr("least")))
            for level, text in ends:
                self._draw_label(painter, bar, scale.position(level), text)
            return
        for level in dict.fromkeys((*label_levels(scale), *scale.marks)):
            marked = level in scale.marks
            text = label(scale, level)
            if scale.logarithmic and level == scale.low:
                # Smaller ones have the same colour.
                text = f"≤{text}"
            self._draw_label(painter, bar, scale.position(level), text, marked=marked)

    def _draw_label(
        self, painter: QPainter, bar: QRectF, share: float, text: str, *, marked: bool = False
    ) -> None:
        y = bar.bottom() - share * bar.height()
        painter.setFont(looks.font(looks.CAPTION_POINTS, strong=True) if marked else self.font())
        painter.setPen(QColor(self._theme.text if marked else self._theme.muted))
        start = bar.left() if marked else bar.right() + 1
        painter.drawLine(QPointF(start, y), QPointF(bar.right() + 4, y))
        if marked:
            # Two lines, so that the mark is seen on bright and on dark colours.
            painter.setPen(QColor("#ffffff"))
            painter.drawLine(QPointF(start, y + 1), QPointF(bar.right() - 1, y + 1))
            painter.setPen(QColor(self._theme.text))
        metrics = QFontMetricsF(painter.font())
        painter.drawText(QPointF(bar.right() + 8, y + metrics.capHeight() / 2), text)
