"""The legend of a line picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme as looks
from gui.theme import Theme

_SWATCH_WIDTH = 16
_LINE_WIDTH = 11
_RING_RADIUS = 4.5
# Beside those of the curve: one of the usual dashes fills the whole sample.
_DASH_SHARE = 0.5


class Legend(QWidget):
    """Names of the curves with their lines, and their values under the mouse.

    Args:
        columns: so many names stand side by side where there is room; more, and one behind the
            other, where that takes fewer lines.
        values_pass: values are there only while the mouse is over the picture: they take the room
            of the names meanwhile, so that nothing moves.

    Attributes:
        rows_changed: it has so many lines now.
    """

    rows_changed = Signal(int)

    def __init__(
        self, columns: int, *, values_pass: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._values_pass = values_pass
        self._least_rows = 1
        self._most_columns = columns
        # The widest value so far: the names are not to move with every figure.
        self._widest_value = 0.0
        self._entries: list[tuple[str, QPen]] = []
        self._rings: frozenset[int] = frozenset()
        self._thin: frozenset[int] = frozenset()
        self._short_names: tuple[str, ...] = ()
        self._paired = False
        self._names: tuple[str, ...] = ()
        # Line, left end and width of each name with its value.
        self._places: list[tuple[int, float, float]] = []
        self._values: tuple[str, ...] = ()
        self._text = QColor(looks.LIGHT.text)
        self._muted = QColor(looks.LIGHT.muted)
        self.setFont(looks.font(looks.CAPTION_POINTS))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_entries(
        self,
        entries: list[tuple[str, QPen]],
        short_names: Sequence[str],
        theme: Theme,
        rings: Sequence[int] = (),
        thin: Sequence[int] = (),
        paired: bool = False,
    ) -> None:
        """Name the curves; the short names are for where there is no room for the long ones.

        Args:
            entries: names, and the pens of the lines.
            short_names: for each.
            theme: colours.
            rings: places of those that are drawn as a ring and not as a line.
            thin: places of those that a thinner line than the others' stands for.
            paired: the last two belong together, in one line where there is room.
        """
        self._entries, self._rings, self._thin = entries, frozenset(rings), frozenset(thin)
        self._short_names, self._paired = tuple(short_names), paired
        self._text, self._muted = QColor(theme.text), QColor(theme.muted)
        self._widest_value = self._widest(self._values)
        self._place_names()
        self._tell_rows()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_names()

    def _place_names(self) -> None:
        """Put the names where they are legible with their values, in few lines.

        Long ones only where they are whole and take no more lines than the short ones.
        """
        before = self.rows
        long = tuple(name for name, _ in self._entries)
        ways = [(*self._places_of(names), names) for names in (long, self._short_names)]
        _, _, self._places, self._names = min(ways, key=lambda way: way[:2])
        if self.rows != before:
            self._tell_rows()

    def _places_of(self, names: Sequence[str]) -> tuple[bool, int, list[tuple[int, float, float]]]:
        """Return whether a name is cut, how many lines all take, and where each stands.

        In columns; one behind the other where that takes fewer lines.
        """
        if not names:
            return False, 1, []
        metrics, room = QFontMetricsF(self.font()), float(self.width())
        values = [self._widest_value] * len(self._values) + [0.0] * len(names)
        widths = [
            _SWATCH_WIDTH + metrics.horizontalAdvance(name) + looks.GAP + value + 1.0
            for name, value in zip(names, values, strict=False)
        ]
        fitting = int(room // max(widths)) if room else self._most_columns
        columns = max(min(self._most_columns, fitting), 1)
        each = room / columns
        places = [(place // columns, place % columns * each, each) for place in range(len(names))]
        row, line, left = [], 0, 0.0
        for width in widths:
            if left + width > room and left:
                line, left = line + 1, 0.0
            row.append((line, left, min(width, room)))
            left += width + 2 * looks.GAP
        gap = 0.0
        # Values that pass would have the room of the names only.
        if not self._values_pass and room and line < places[-1][0]:
            places, gap = row, 2.0 * looks.GAP
        if self._paired:
            (line, _, one), (last, _, other) = places[-2:]
            if line < last and one + gap + other <= room:
                places[-2:] = (last, 0.0, one), (last, one + gap, other)
        return max(widths) > room, places[-1][0] + 1, places

    @property
    def values(self) -> tuple[str, ...]:
        """The values shown beside the names."""
        return self._values

    def set_values(self, values: tuple[str, ...]) -> None:
        """Show a value beside each name, one for each curve."""
        if values == self._values:
            return
        more = len(values) > len(self._values)
        self._values = values
        widest = self._widest(values)
        if more or widest > self._widest_value:
            self._widest_value = max(widest, self._widest_value)
            self._place_names()
        self.update()

    def _widest(self, values: tuple[str, ...]) -> float:
        """Return the room that is kept for values."""
        if self._values_pass or not any(values):
            return 0.0
        metrics = QFontMetricsF(self.font())
        return max(metrics.horizontalAdvance(value) for value in values) + looks.GAP

    def texts(self) -> list[tuple[str, str]]:
        """Return name and value of each curve as they are drawn.

        Where there is no room for both, the names are short, or cut: the line beside it says which
        curve it is.
        """
        metrics = QFontMetricsF(self.font())
        values = [*self._values, *[""] * (len(self._entries) - len(self._values))]
        names = self._names
        rooms = [
            width
            - _SWATCH_WIDTH
            - looks.GAP
            - (metrics.horizontalAdvance(value) + looks.GAP if value else 0.0)
            for (_, _, width), value in zip(self._places, values, strict=True)
        ]
        if any(metrics.horizontalAdvance(n) > room for n, room in zip(names, rooms, strict=True)):
            names = self._short_names
        return [
            (metrics.elidedText(name, Qt.TextElideMode.ElideRight, room), value)
            for name, value, room in zip(names, values, rooms, strict=True)
        ]

    def sizeHint(self) -> QSize:
        return QSize(120, round(max(self.rows, self._least_rows) * self._line()))

    @property
    def rows(self) -> int:
        """The number of lines that the names take."""
        return self._places[-1][0] + 1 if self._places else 1

    def keep_rows(self, rows: int) -> None:
        """Have room for so many lines at least, like the legend of the picture beside."""
        if rows != self._least_rows:
            self._least_rows = rows
            self.updateGeometry()

    def _tell_rows(self) -> None:
        self.updateGeometry()
        self.update()
        self.rows_changed.emit(self.rows)

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height() + 2

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line, metrics = self._line(), QFontMetricsF(self.font())
        for index, (name, value) in enumerate(self.texts()):
            row, left, width = self._places[index]
            top = row * line
            thick = QPen(self._entries[index][1])
            thick.setWidth(1 if index in self._thin else 2)
            # On a fine screen as wide as the text beside it.
            thick.setCosmetic(False)
            dashes = thick.dashPattern()
            if dashes:
                # Square ends would fill the gaps.
                thick.setCapStyle(Qt.PenCapStyle.FlatCap)
                thick.setDashPattern([_DASH_SHARE * part for part in dashes])
            painter.setPen(thick)
            middle = top + line / 2
            if index in self._rings:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                centre = QPointF(left + 1 + _LINE_WIDTH / 2, middle)
                painter.drawEllipse(centre, _RING_RADIUS, _RING_RADIUS)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            else:
                painter.drawLine(QPointF(left + 1, middle), QPointF(left + _LINE_WIDTH, middle))
            box = QRectF(left + _SWATCH_WIDTH, top, width - _SWATCH_WIDTH, line)
            painter.setPen(self._muted)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
            if name:
                box.setLeft(box.left() + metrics.horizontalAdvance(name) + looks.GAP)
            painter.setPen(self._text)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, value)
