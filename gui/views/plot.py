"""What the line pictures share: axes, legend, marks, hover."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPen,
    QPicture,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import numbers
from gui import theme as looks
from gui.theme import Theme
from gui.views.traces import Trace, Uprights
from gui.views.view import View

Floats = NDArray[np.float64]

# How near to a mark, in pixels, the mouse has to be to read it.
_MARK_PIXELS = 5
_AXIS_WIDTH = 46
_SWATCH_WIDTH = 16
_LINE_WIDTH = 11
_RING_RADIUS = 4.5
_FINE_SPACING = 0.3
_STEP_PIXELS = 46
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
        return [self._text(value) for value in values]

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


class StepAxis(pg.AxisItem):
    """The axis of the steps: whole numbers, with room for each."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Return ticks at round steps."""
        every = numbers.nice_step(high - low, max(int(size // looks.scaled(_STEP_PIXELS)), 1))
        first = math.ceil(low / every) * every
        return [(float(every), [float(n) for n in range(first, math.floor(high) + 1, every)])]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        """Write whole numbers."""
        return [f"{value:.0f}" for value in values]


def logarithm(values: Floats) -> Floats:
    """Return log10, NaN where there is none to draw: zero, Inf and NaN leave a gap."""
    with np.errstate(divide="ignore", invalid="ignore"):
        made = np.log10(values)
    made[~np.isfinite(made)] = np.nan
    return made


def thin(x: Floats, low: Floats, high: Floats, most: int) -> tuple[Floats, Floats]:
    """Reduce a band between two curves to one curve of few points that keeps every spike.

    Args:
        x: places on the horizontal axis.
        low: lower edge of the band.
        high: upper edge; where both are the same, the band is a plain curve.
        most: largest number of points returned.
    """
    block = max(-(-2 * len(x) // most), 1)
    if block <= 2 and np.array_equal(low, high, equal_nan=True):
        return x, low
    starts = np.arange(0, len(x), block)
    # fmin and fmax pass over NaN, unless there is nothing else.
    reduced = np.empty(2 * len(starts))
    reduced[0::2] = np.fmin.reduceat(low, starts)
    reduced[1::2] = np.fmax.reduceat(high, starts)
    return np.repeat(x[starts], 2), reduced


class Legend(QWidget):
    """Names of the curves with their lines, and their values under the mouse.

    Args:
        columns: so many names stand side by side where there is room.
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
        self._most_columns = self._columns = columns
        # The widest value so far: the names are not to move with every figure.
        self._widest_value = 0.0
        self._entries: list[tuple[str, QPen]] = []
        self._rings: frozenset[int] = frozenset()
        self._thin: frozenset[int] = frozenset()
        self._short_names: tuple[str, ...] = ()
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
    ) -> None:
        """Name the curves; the short names are for where there is no room for the long ones.

        Args:
            entries: names, and the pens of the lines.
            short_names: for each.
            theme: colours.
            rings: places of those that are drawn as a ring and not as a line.
            thin: places of those that a thinner line than the others' stands for.
        """
        self._entries, self._rings, self._thin = entries, frozenset(rings), frozenset(thin)
        self._short_names = tuple(short_names)
        self._text, self._muted = QColor(theme.text), QColor(theme.muted)
        self._widest_value = self._widest(self._values)
        self._fit_columns()
        self._tell_rows()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    def _fit_columns(self) -> None:
        """Put as many names side by side as are legible with their values, in their short form."""
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(name) for name in self._short_names), default=0.0)
        widest += _SWATCH_WIDTH + looks.GAP + self._widest_value + 1.0
        fitting = int(self.width() // widest) if self.width() else self._most_columns
        columns = max(min(self._most_columns, fitting), 1)
        if columns != self._columns:
            self._columns = columns
            self._tell_rows()

    @property
    def values(self) -> tuple[str, ...]:
        """The values shown beside the names."""
        return self._values

    def set_values(self, values: tuple[str, ...]) -> None:
        """Show a value beside each name, one for each curve."""
        if values == self._values:
            return
        self._values = values
        widest = self._widest(values)
        if widest > self._widest_value:
            self._widest_value = widest
            self._fit_columns()
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
        names = [name for name, _ in self._entries]
        rooms = [
            self.width() / self._columns
            - _SWATCH_WIDTH
            - looks.GAP
            - (metrics.horizontalAdvance(value) + looks.GAP if value else 0.0)
            for value in values
        ]
        if any(metrics.horizontalAdvance(n) > room for n, room in zip(names, rooms, strict=True)):
            names = list(self._short_names)
        return [
            (metrics.elidedText(name, Qt.TextElideMode.ElideRight, room), value)
            for name, value, room in zip(names, values, rooms, strict=True)
        ]

    def sizeHint(self) -> QSize:
        return QSize(120, round(max(self.rows, self._least_rows) * self._line()))

    @property
    def rows(self) -> int:
        """The number of lines that the names take."""
        return -(-max(len(self._entries), 1) // self._columns)

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
        line, width = self._line(), self.width() / self._columns
        metrics = QFontMetricsF(self.font())
        for index, (name, value) in enumerate(self.texts()):
            row, column = divmod(index, self._columns)
            left, top = column * width, row * line
            thick = QPen(self._entries[index][1])
            thick.setWidth(1 if index in self._thin else 2)
            # On a fine screen as wide as the text beside it.
            thick.setCosmetic(False)
            if thick.style() is Qt.PenStyle.DashLine:
                # Of the usual dashes one fills the whole sample, and square ends the gaps.
                thick.setCapStyle(Qt.PenCapStyle.FlatCap)
                thick.setDashPattern([1.5, 1.0])
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


class QuietPlot(pg.PlotWidget):
    """A plot that is looked at: no menu, no buttons, no wheel, no drops.

    Its views ask for their ranges with every snapshot; to ask for the same again costs nothing.
    Where it has traces, they are drawn over what its scene holds, the axes; that is recorded, and
    played until it changes.
    """

    def __init__(self, axes: dict[str, pg.AxisItem]) -> None:
        # No menu is ever made: it would be a third of the plot's share of start-up.
        super().__init__(axisItems=axes, viewBox=pg.ViewBox(enableMenu=False))
        self._spans: dict[str, tuple[float, float, float]] = {}
        self._traces: list[Trace] = []
        self._scenery: QPicture | None = None
        # Of the scenery: where traces are drawn, and how the units of the axes become pixels.
        self._box = QRect()
        self._units = QTransform()

    def add_trace(self, trace: Trace, *, behind: bool = False) -> None:
        """Draw a trace over those that there are, or behind them."""
        if not self._traces:
            self.scene().changed.connect(self.forget_scenery)
        self._traces.insert(0 if behind else len(self._traces), trace)
        trace.changed = self._update_traces

    def _update_traces(self) -> None:
        self.viewport().update(self._box)

    def forget_scenery(self) -> None:
        """Draw everything anew.

        A scene tells of a change with the next turn of the event loop, and who makes a picture of
        the plot may not wait for that.
        """
        self._scenery = None
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scenery = None

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._traces:
            super().paintEvent(event)
            return
        if self._scenery is None:
            self._record_scenery()
        assert self._scenery is not None
        painter = QPainter(self.viewport())
        if self._box.contains(event.rect()):
            # Only traces are new, and between the axes the scene is empty: no text is drawn again.
            painter.fillRect(event.rect(), self.backgroundBrush())
        else:
            self._scenery.play(painter)
        painter.setClipRect(self._box)
        painter.setTransform(self._units, combine=True)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for trace in self._traces:
            trace.paint(painter)
        painter.end()

    def _record_scenery(self) -> None:
        self._scenery = QPicture()
        painter = QPainter(self._scenery)
        whole = self.viewport().rect()
        self.render(painter, QRectF(whole), whole)
        painter.end()
        view = self.getViewBox()
        to_scene = view.childTransform() * view.sceneTransform()
        self._units = to_scene * self.viewportTransform()
        # Without its edges, where the axes are.
        box = self.mapFromScene(view.sceneBoundingRect()).boundingRect()
        self._box = box.adjusted(1, 1, -2, -2)

    def span_x(self, low: float, high: float, padding: float = 0.0) -> None:
        """Span a range of the horizontal axis, and a share of it more at both ends."""
        self._span("xRange", low, high, padding)

    def span_y(self, low: float, high: float, padding: float = 0.0) -> None:
        """Span a range of the vertical axis, likewise."""
        self._span("yRange", low, high, padding)

    def _span(self, axis: str, low: float, high: float, padding: float) -> None:
        if self._spans.get(axis) != (low, high, padding):
            self._spans[axis] = (low, high, padding)
            self.forget_scenery()
            self.getViewBox().setRange(**{axis: (low, high)}, padding=padding)


def quiet_plot(axes: dict[str, pg.AxisItem] | None = None) -> QuietPlot:
    """Return a plot that is looked at."""
    plot = QuietPlot(axes or {})
    plot.plotItem.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(False, False)
    plot.getViewBox().setDefaultPadding(0.0)
    # The last tick's text may stand half beyond the axis.
    plot.plotItem.setContentsMargins(0, 6, 16, 0)
    plot.setMinimumSize(140, 70)
    plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
    # Menus and drops are the card's and the dashboard's.
    for widget in (plot, plot.viewport()):
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        widget.setAcceptDrops(False)
    for name in ("left", "bottom"):
        axis = plot.getAxis(name)
        axis.setStyle(
            tickLength=4,
            hideOverlappingLabels=False,
            textFillLimits=[(0, 1.0)],
        )
        axis.enableAutoSIPrefix(False)
    return plot


def style_plot(plot: QuietPlot, theme: Theme, axis_width: int = _AXIS_WIDTH) -> None:
    """Give a plot the colours of a theme, and the size of the type."""
    plot.setBackground(theme.card)
    # Nothing below that needs to be painted.
    plot.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
    plot.getAxis("left").setWidth(looks.scaled(axis_width))
    for name in ("left", "bottom"):
        axis = plot.getAxis(name)
        axis.setStyle(tickFont=looks.font(looks.CAPTION_POINTS))
        axis.setPen(theme.border)
        axis.setTickPen(theme.border)
        axis.setTextPen(theme.muted)
    plot.forget_scenery()


class LinePlot(View):
    """A card with a plot of curves. Its items are made once and then fed.

    Args:
        logarithmic: the vertical axis shows powers of ten; otherwise plain numbers.
        legend_columns: how many names stand side by side.
        bottom: the horizontal axis; None: whole numbers, such as steps.
        left: the vertical axis; None: as `logarithmic` says.
        values_pass: as of `Legend`.
    """

    def __init__(
        self,
        *,
        logarithmic: bool,
        legend_columns: int,
        bottom: pg.AxisItem | None = None,
        left: pg.AxisItem | None = None,
        values_pass: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        axes: dict[str, pg.AxisItem] = {
            "bottom": bottom or StepAxis("bottom"),
            "left": left or (PowerAxis("left") if logarithmic else NumberAxis("left")),
        }
        self.plot = quiet_plot(axes)
        self.plot.viewport().installEventFilter(self)
        self.plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self.legend = Legend(legend_columns, values_pass=values_pass)
        self.body.addWidget(self.legend)
        self.body.addWidget(self.plot, 1)
        self._cursor, self._marks = Uprights(), Uprights()
        self.plot.add_trace(self._cursor)
        self.plot.add_trace(self._marks)
        self._mark_texts: list[tuple[int, str]] = []
        self._mouse: QPointF | None = None
        self.theme = looks.LIGHT

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.theme = theme
        style_plot(self.plot, theme)
        self._cursor.set_pen(pg.mkPen(theme.muted, width=1))
        self._marks.set_pen(looks.mark_pen(theme))

    def show_marks(self, marks: list[tuple[int, str]]) -> None:
        """Draw a vertical line at each (step, text)."""
        self._mark_texts = marks
        self._marks.stand_at(*(step for step, _ in marks))

    def mark_at(self, x: float) -> str:
        """Return the text of the mark near a step, empty where there is none."""
        pixel = self.plot.getViewBox().viewPixelSize()[0]
        near = [text for step, text in self._mark_texts if abs(step - x) < _MARK_PIXELS * pixel]
        return ", ".join(near[-2:])

    def mouse_x(self) -> float | None:
        """Return where the mouse is on the horizontal axis."""
        if self._mouse is None or not self.plot.plotItem.sceneBoundingRect().contains(self._mouse):
            return None
        return float(self.plot.getViewBox().mapSceneToView(self._mouse).x())

    def show_cursor(self, x: float | None) -> None:
        """Draw the vertical line of the mouse."""
        self._cursor.stand_at(*(() if x is None else (x,)))

    def update_reading(self) -> None:
        """Write what is under the mouse; called when the mouse or the run moves on."""

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._mouse = None
            self.update_reading()
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            self.enlarge_wanted.emit()
            return True
        return False

    def _mouse_moved(self, position: QPointF) -> None:
        self._mouse = position
        self.update_reading()
