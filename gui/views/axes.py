"""The axes of the line pictures: which ticks they have, and how those are written."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from gui import numbers
from gui import theme as looks
from gui.labels import ascent_of

translate = QCoreApplication.translate

# How a line of an axis is drawn, and where; where a text is, its flags, and what it says.
Line = tuple[QPen, QPointF, QPointF]
Text = tuple[QRectF, int, str]
Specs = tuple[Line, list[Line], list[Text]]

_FINE_SPACING = 0.3
_STEP_PIXELS = 46
# Of the height of a line, what pyqtgraph keeps for numbers: none reaches below their line.
_NUMBERS_SHARE = 0.8
# Between the last step and the name of the axis.
_NAME_GAP = 8
# Room for one plain number: along a horizontal axis, along a vertical one.
_TICK_PIXELS = (46.0, 34.0)


class PowerAxis(pg.AxisItem):
    """The axis of a quantity that is drawn as its logarithm to base 10.

    Args:
        orientation: "left" or "bottom".
        room: pixels that a label needs along the axis, at the size of the type.
    """

    def __init__(self, orientation: str, room: int = 24) -> None:
        super().__init__(orientation)
        self._room = room

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return ticks at whole powers of ten, and at 2 and 5 between where there is room."""
        if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
            return []
        room = looks.scaled(self._room)
        most = max(int(size // room), 2)
        every = numbers.nice_step(high - low, most)
        first = math.ceil(low / every - 1e-9) * every
        decades = [float(n) for n in range(first, math.floor(high + 1e-9) + 1, every)]
        # Three labels a decade, where there is room for them.
        if every > 1 and len(decades) < 2:
            # One power alone gives no scale: the outermost two.
            decades = [math.ceil(low - 1e-9), math.floor(high + 1e-9)]
        if every > 1 or 3.0 * (high - low) > size / (room - 4):
            return [(float(every), decades)]
        start = math.floor(low)
        fine = [n + math.log10(k) for n in range(start, math.ceil(high) + 1) for k in (1, 2, 5)]
        return [(_FINE_SPACING, [value for value in fine if low - 1e-9 <= value <= high + 1e-9])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write powers of ten, 10⁻⁶ and 1, or plain numbers where they stand close together."""
        if spacing == _FINE_SPACING and all(-3.0 <= value <= 4.0 for value in values):
            return [f"{10.0**value:g}" for value in values]
        whole = [abs(value - round(value)) < 1e-6 for value in values]
        if sum(whole) < 2:
            return [self._text(value) for value in values]
        # Two powers give the scale; what stands between them would be as wide as both.
        return [self._text(v) if named else "" for v, named in zip(values, whole, strict=True)]

    @staticmethod
    def _text(value: float) -> str:
        whole = math.floor(value + 1e-6)
        factor = round(10.0 ** (value - whole))
        if whole == 0:
            return str(factor)
        return numbers.power(whole) if factor == 1 else f"{factor}·{numbers.power(whole)}"


class NumberAxis(pg.AxisItem):
    """An axis of plain numbers, with round ones that never touch."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return ticks at round numbers with room for each."""
        if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
            return []
        pixels = looks.scaled(_TICK_PIXELS[self.orientation in ("left", "right")])
        rough = (high - low) / max(size / pixels, 2.0)
        unit = 10.0 ** math.floor(math.log10(rough))
        every = next(k * unit for k in (1, 2, 5, 10) if k * unit >= rough * (1 - 1e-9))
        first, last = math.ceil(low / every - 1e-9), math.floor(high / every + 1e-9)
        if first >= last:
            # One number alone gives no scale: the outermost two of the next finer ones.
            first, last = math.ceil(low / unit - 1e-9), math.floor(high / unit + 1e-9)
            ends = [n * unit for n in dict.fromkeys((first, last))]
            return [(max(last - first, 1) * unit, ends)]
        return [(every, [n * every for n in range(first, last + 1)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write numbers with as many digits as the longest of them has."""
        digits = max(-math.floor(math.log10(spacing) + 1e-9), 0)
        while any(abs(round(value, digits) - value) > 1e-6 * spacing for value in values):
            digits += 1
        return [f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−") for value in values]


class ShareAxis(pg.AxisItem):
    """The axis of a share, 0 to 1, in percent."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return halves, or quarters where there is room for them."""
        metrics = QFontMetricsF(looks.font(looks.CAPTION_POINTS))
        every = 0.25 if size >= 5.5 * metrics.height() else 0.5
        return [(every, [n * every for n in range(round(1 / every) + 1)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write percentages."""
        return [f"{100 * value:.0f}%" for value in values]


class WordAxis(pg.AxisItem):
    """An axis of numbers, and of a word that may be written in another font.

    Attributes:
        below: pixels that the word reaches below the room of the numbers.
    """

    below = 0

    def make_room_for(self, word: str) -> None:
        """Take note of a word whose signs may reach below the line that there is room for."""
        font = self.style["tickFont"] or self.font()
        metrics, ascent = QFontMetricsF(font), ascent_of(word, font)
        reach = ascent + max(metrics.tightBoundingRect(word).bottom(), 0.0) if word else 0.0
        room = _NUMBERS_SHARE * metrics.height()
        self.below = math.ceil(max(reach - room, ascent - metrics.ascent(), 0.0))

    def boundingRect(self) -> QRectF:
        return super().boundingRect().adjusted(0, 0, 0, self.below)

    def generateDrawSpecs(self, painter: QPainter) -> Specs | None:
        """Put all labels on one line."""
        specs = super().generateDrawSpecs(painter)
        if specs is None or not specs[2]:
            return specs
        axis, ticks, texts = specs
        texts = [*texts, *self.more_texts(axis, texts)]
        # Signs that the font does not have come from one whose line is higher above.
        font = self.style["tickFont"] or painter.font()
        ascents = [ascent_of(text, font) for _, _, text in texts]
        boxes = [rect for rect, _, _ in texts]
        line = min(box.top() + up for box, up in zip(boxes, ascents, strict=True))
        for box, up in zip(boxes, ascents, strict=True):
            box.moveTop(line - up)
        return axis, ticks, texts

    def more_texts(self, axis: Line, texts: list[Text]) -> list[Text]:
        """Return what is written beside the labels.

        Args:
            axis: how and from where to where it is drawn.
            texts: the labels.
        """
        return []


class StepAxis(WordAxis):
    """The axis of the steps: whole numbers, with room for each.

    Args:
        orientation: "bottom".
        named: it ends in its name, as the axis of a heatmap does.
    """

    def __init__(self, orientation: str, *, named: bool = False) -> None:
        super().__init__(orientation)
        self._named = named

    @property
    def name(self) -> str:
        """What it ends in."""
        return translate("HeatmapAxes", "step") if self._named else ""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return ticks at round steps, none of which touches the name."""
        fitting = max(int(size // looks.scaled(_STEP_PIXELS)), 1)
        ticks = 0.0, list[float]()
        # Of few ticks too few may be left.
        for most in range(fitting, 2 * fitting + 1):
            ticks = self._ticks(low, high, size, most)
            if len(ticks[1]) > 1:
                break
        return [ticks]

    def _ticks(self, low: float, high: float, size: float, most: int) -> tuple[float, list[float]]:
        every = numbers.nice_step(high - low, most)
        first = math.ceil(low / every) * every
        steps = range(first, math.floor(high) + 1, every)
        if not self._named:
            return float(every), [float(step) for step in steps]
        metrics = QFontMetricsF(looks.font(looks.CAPTION_POINTS))
        room = size - metrics.horizontalAdvance(self.name) - _NAME_GAP
        ends = (
            size * (step - low) / (high - low) + metrics.horizontalAdvance(str(step)) / 2
            for step in steps
        )
        return float(every), [
            float(step) for step, end in zip(steps, ends, strict=True) if end <= room
        ]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write whole numbers."""
        return [f"{value:.0f}" for value in values]

    def more_texts(self, axis: Line, texts: list[Text]) -> list[Text]:
        if not self._named:
            return []
        box, (_, start, end) = QRectF(texts[0][0]), axis
        box.setLeft(start.x())
        box.setRight(end.x())
        no_clip = Qt.TextFlag.TextDontClip.value
        top_right = Qt.AlignmentFlag.AlignTop.value | Qt.AlignmentFlag.AlignRight.value
        return [(box, top_right | no_clip, self.name)]
