"""What stands around a heatmap: its axes and, beside other pictures, a name and a key."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPixmap

from gui import numbers
from gui import theme as looks
from gui.labels import ascent_of
from gui.theme import Theme
from gui.views.colour_scale import FIRST, LAST, colour_table
from gui.views.difference import DifferenceCells
from gui.views.heatmap_cells import HeatmapCells

translate = QCoreApplication.translate

# Room around the picture for the axes, in logical pixels where the type has its ordinary size.
_LEFT, _TOP, _RIGHT, _BOTTOM = 54, 6, 4, 20
_TICK_PIXELS = 26
_COLUMN_PIXELS_PER_TICK = 64
# Beside other pictures.
_TILE_LEFT, _CAPTION_HEIGHT, _SECOND_LINE, _SWATCH = 30, 18, 14, 9
# Beside one whose axis tells the layers of both.
_BARE_LEFT = 6
_KEY_WIDTH, _LEAST_KEY_WIDTH = 30, 20
# Less and more, for where there is no room for numbers.
_SIGNS = ("−", "+")


@dataclass(frozen=True)
class Place:
    """Where a picture stands.

    Attributes:
        names: of the run, then ever shorter ones for where there is no room for it; none where
            the picture stands alone.
        colour: of the run; empty: none.
        first: it is the one on the left, which names the axis for all.
        own_axis: its layers are others than those of the first.
        ends: what the first and the last of its colours stand for, where they are its own.
        lines: so many the names of all pictures have.
    """

    names: tuple[str, ...] = ()
    colour: str = ""
    first: bool = True
    own_axis: bool = True
    ends: tuple[str, str] | None = None
    lines: int = 1


class HeatmapAxes:
    """The axes of one picture.

    On a screen they are drawn into a pixmap when they change, and not with every new picture.

    Args:
        cells: what is pictured.

    Attributes:
        place: where the picture stands.
        font: of all texts.
    """

    def __init__(self, cells: HeatmapCells | DifferenceCells) -> None:
        self._cells = cells
        self.place = Place()
        self.font = QFont()
        self._theme = looks.LIGHT
        self._pixmap = QPixmap()
        self._key: tuple[object, ...] = ()
        # Width and height of the whole that a place for the cells was found in, and that place.
        self._found: tuple[tuple[int, int], QRect] | None = None

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.forget()

    def forget(self) -> None:
        """Draw everything anew with the next look."""
        self._key = ()
        self._found = None

    @property
    def width(self) -> int:
        """How much of the width is not the picture itself."""
        return looks.scaled(self._left) + _RIGHT

    @property
    def _left(self) -> int:
        if self.place.first:
            return _LEFT
        return _TILE_LEFT if self.place.own_axis else _BARE_LEFT

    def plot_rect(self, width: int, height: int) -> QRect:
        """Return where the cells are in all the room that there is."""
        room = width, height
        if self._found is None or self._found[0] != room:
            self._found = room, self._find_plot(QRect(0, 0, *room))
        return self._found[1]

    def _find_plot(self, whole: QRect) -> QRect:
        top = _TOP
        if self.place.names:
            top = looks.scaled(_CAPTION_HEIGHT + (self.place.lines - 1) * _SECOND_LINE)
        return whole.adjusted(looks.scaled(self._left), top, -_RIGHT, -looks.scaled(_BOTTOM))

    def are_up_to_date(self) -> bool:
        """Say whether the pixmap shows the cells' layers and steps as they are."""
        return self._key[:1] == (self._spans,)

    def pixmap(self, size: QSize, scale: float) -> QPixmap:
        """Return the axes as they look on a screen.

        Args:
            size: of the room, in logical pixels.
            scale: the screen's pixels for each of them.
        """
        key = self._spans, size, scale
        if self._key != key:
            self._pixmap = QPixmap(round(size.width() * scale), round(size.height() * scale))
            self._pixmap.setDevicePixelRatio(scale)
            painter = QPainter(self._pixmap)
            self.paint(painter, QRect(QPointF().toPoint(), size))
            painter.end()
            self._key = key
        return self._pixmap

    @property
    def _spans(self) -> tuple[int, int, int]:
        return self._cells.span, self._stride, self._cells.rows

    @property
    def _stride(self) -> int:
        return 1 if self._cells.series is None else self._cells.series.stride

    def paint(self, painter: QPainter, whole: QRect) -> None:
        """Paint the axes, and the ground that the picture is drawn on.

        Args:
            painter: of a widget, a pixmap or a file.
            whole: all the room that there is.
        """
        painter.setFont(self.font)
        plot = self.plot_rect(whole.width(), whole.height())
        painter.fillRect(whole, QColor(self._theme.card))
        painter.fillRect(plot, QColor(self._theme.plot))
        painter.setPen(QColor(self._theme.muted))
        self._draw_step_axis(painter, plot)
        self._draw_layer_axis(painter, plot)
        self._draw_caption(painter, plot)

    def _draw_caption(self, painter: QPainter, plot: QRect) -> None:
        names, colour = self.place.names, self.place.colour
        if not names:
            return
        line, side = looks.scaled(_CAPTION_HEIGHT), looks.scaled(_SWATCH)
        left, room = plot.left() - _BARE_LEFT, self._room_for_name(plot.width())
        if colour:
            painter.fillRect(left, (line - side) // 2, side, side, colour)
            left += side + looks.GAP
        metrics = QFontMetricsF(self.font)
        # What is shown matters more than where its colours end.
        room -= self._draw_key(painter, plot, room - metrics.horizontalAdvance(names[-1]))
        painter.setPen(QColor(self._theme.text))
        top = (line - metrics.height()) / 2
        for row, text in enumerate(self.caption(room)):
            box = QRectF(left, top + row * looks.scaled(_SECOND_LINE), room, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)

    def caption(self, room: float) -> list[str]:
        """Return the lines of the longest name that so many pixels have room for.

        Where there is none for the shortest, it is the beginning that is cut: at the end stands
        the value that tells the run from the others.
        """
        metrics = QFontMetricsF(self.font)
        for name in self.place.names:
            if metrics.horizontalAdvance(name) <= room:
                return [name]
        shortest = self.place.names[-1]
        places = [place for place, sign in enumerate(shortest) if sign == " "]
        if not places and not shortest.isascii():
            # Chinese has no spaces and is broken anywhere.
            places = [*range(1, len(shortest))]
        ways = [(shortest[:place], shortest[place:].lstrip()) for place in places]
        if self.place.lines < 2:
            ways = []

        def widest(way: tuple[str, ...]) -> float:
            return max(map(metrics.horizontalAdvance, way))

        # In halves: Chinese words are short, and nothing says where one ends.
        whole = (way for way in ways if widest(way) <= room)
        lines = min(whole, key=widest, default=ways[-1] if ways else (shortest,))
        return [metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in lines]

    def _room_for_name(self, width: int) -> float:
        """Return how many pixels a name has above a picture so wide, with the gaps beside it."""
        beside = looks.scaled(_SWATCH) + looks.GAP if self.place.colour else 0
        return width + _BARE_LEFT + _RIGHT - beside

    def has_room_for_name(self, width: int) -> bool:
        """Return whether the shortest name stands in one line above a picture so wide."""
        names, room = self.place.names, self._room_for_name(width)
        return not names or QFontMetricsF(self.font).horizontalAdvance(names[-1]) <= room

    def _draw_key(self, painter: QPainter, plot: QRect, room: float) -> float:
        """Draw the colours of the picture between their ends; return the width that it takes.

        Where that is more than there is room for, the ends are signs only, or left out.
        """
        if self.place.ends is None:
            return 0.0
        metrics = QFontMetricsF(self.font)
        room -= 3 * looks.GAP
        fitting = (
            (*ends, width)
            for ends, width in ((self.place.ends, _KEY_WIDTH), (_SIGNS, _LEAST_KEY_WIDTH))
            if sum(map(metrics.horizontalAdvance, ends)) + width <= room
        )
        low, high, width = next(fitting, ("", "", _KEY_WIDTH))
        widths = [metrics.horizontalAdvance(text) + looks.GAP for text in (low, high)]
        taken = sum(widths) + width
        table = colour_table(self._theme, diverging=isinstance(self._cells, DifferenceCells))
        colours = np.array(table[FIRST : LAST + 1], np.uint32)
        line, height = looks.scaled(_CAPTION_HEIGHT), looks.scaled(_SWATCH)
        left = plot.right() - widths[1] - width
        strip = QRectF(left, (line - height) // 2, width, height)
        image = QImage(colours.data, len(colours), 1, QImage.Format.Format_RGB32)
        painter.drawImage(strip, image, QRectF(image.rect()))
        painter.setPen(QColor(self._theme.muted))
        box = QRectF(plot.right() - taken, 0, taken, line - 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, high)
        return taken + looks.GAP

    def _draw_step_axis(self, painter: QPainter, plot: QRect) -> None:
        span = self._cells.span * self._stride
        every = numbers.nice_step(span, plot.width() // looks.scaled(_COLUMN_PIXELS_PER_TICK))
        metrics = QFontMetricsF(self.font)
        name = translate("HeatmapAxes", "step")
        room = plot.right() - metrics.horizontalAdvance(name) - 8
        baseline = plot.bottom() + 5 + metrics.ascent()
        for step in [1, *range(every, span + 1, every)]:
            x = plot.left() + plot.width() * (step - 0.5) / span
            text = str(step)
            left = x - metrics.horizontalAdvance(text) / 2
            if left + metrics.horizontalAdvance(text) > room:
                break
            painter.drawLine(round(x), plot.bottom() + 1, round(x), plot.bottom() + 4)
            painter.drawText(QPointF(left, baseline), text)
        painter.drawText(QPointF(plot.right() - metrics.horizontalAdvance(name), baseline), name)

    def _draw_layer_axis(self, painter: QPainter, plot: QRect) -> None:
        rows = self._cells.rows
        metrics = QFontMetricsF(self.font)
        if rows and (self.place.first or self.place.own_axis):
            for y, text in self.layer_ticks(plot):
                self._draw_layer_tick(painter, plot.left(), y, text)
        if not self.place.first:
            return
        text = translate("HeatmapAxes", "input  ←  layer  →  output")
        if metrics.horizontalAdvance(text) > plot.height():
            text = translate("HeatmapAxes", "layer")
        painter.save()
        painter.translate(ascent_of(text, self.font), plot.center().y())
        painter.rotate(-90)
        painter.drawText(QPointF(-metrics.horizontalAdvance(text) / 2, 0), text)
        painter.restore()

    def layer_ticks(self, plot: QRect) -> list[tuple[float, str]]:
        """Return where layers are named beside a picture, from below, and how."""
        rows, out = self._cells.rows, int(self._cells.output_row)
        named = numbers.layer_ticks(rows - out, plot.height() // looks.scaled(_TICK_PIXELS))
        below = plot.bottom() + 1
        ticks = [(below - plot.height() * (layer - 0.5) / rows, str(layer)) for layer in named]
        if not out:
            return ticks
        top = plot.top() + plot.height() / 2 / rows
        # Its word may stand lower than the row, which is the highest.
        lowest = max(top, self._highest_middle()) + QFontMetricsF(self.font).height()
        ticks = [(y, text) for y, text in ticks if y >= lowest]
        return [*ticks, (top, translate("HeatmapAxes", "out"))]

    def _highest_middle(self) -> float:
        """Return how far from the edge the middle of a text is, so that it is not cut off."""
        return QFontMetricsF(self.font).capHeight() / 2 + 1

    def _draw_layer_tick(self, painter: QPainter, right: int, y: float, text: str) -> None:
        metrics = QFontMetricsF(self.font)
        painter.drawLine(right - 4, round(y), right - 1, round(y))
        left = right - 7 - metrics.horizontalAdvance(text)
        baseline = max(y, self._highest_middle()) + metrics.capHeight() / 2
        painter.drawText(QPointF(left, baseline), text)
