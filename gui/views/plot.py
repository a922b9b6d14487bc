"""What the line pictures share: how they are painted, their marks, and what is read in them."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QTransform,
)
from PySide6.QtWidgets import QWidget

from gui import theme as looks
from gui.export import is_saved
from gui.theme import Theme
from gui.views.axes import NumberAxis, PowerAxis, StepAxis
from gui.views.legend import Legend
from gui.views.traces import Trace, Uprights
from gui.views.view import View

Floats = NDArray[np.float64]

# How near to a mark, in pixels, the mouse has to be to read it.
_MARK_PIXELS = 5
_AXIS_WIDTH = 46
# The last tick's text may stand half beyond the axis: room for it, in pixels.
PLOT_TOP, PLOT_RIGHT = 6, 16


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


class QuietPlot(pg.PlotWidget):
    """A plot that is looked at: no menu, no buttons, no wheel, no drops.

    Its views ask for their ranges with every snapshot; to ask for the same again costs nothing.
    Where it has traces, they are drawn over what its scene holds, the axes; on the screen those are
    a picture that is kept until they change.
    """

    def __init__(self, axes: dict[str, pg.AxisItem]) -> None:
        # No menu is ever made: it would be a third of the plot's share of start-up.
        super().__init__(axisItems=axes, viewBox=pg.ViewBox(enableMenu=False))
        self._spans: dict[str, tuple[float, float, float]] = {}
        self._traces: list[Trace] = []
        self._note = ""
        self._scenery: QPixmap | None = None
        # Of the scenery: where traces are drawn, and how the units of the axes become pixels.
        self._box = QRect()
        self._units = QTransform()

    def add_trace(self, trace: Trace, *, behind: bool = False) -> None:
        """Draw a trace over those that there are, or behind them."""
        if not self._traces:
            self.scene().changed.connect(self.forget_scenery)
        self._traces.insert(0 if behind else len(self._traces), trace)
        trace.changed = self._update_traces

    @property
    def note(self) -> str:
        """What is said where curves have nothing to show."""
        return self._note

    def set_note(self, text: str) -> None:
        """Say something in the lower right corner."""
        if text != self._note:
            self._note = text
            self._update_traces()

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
        scale = self.devicePixelRatioF()
        if self._scenery is None or self._scenery.devicePixelRatio() != scale:
            self._scenery = self._painted_scenery(scale)
        painter = QPainter(self.viewport())
        if is_saved(painter, scale):
            painter.end()
            super().paintEvent(event)
            painter.begin(self.viewport())
        elif self._box.contains(event.rect()):
            # Only traces are new, and between the axes the scene is empty.
            painter.fillRect(event.rect(), self.backgroundBrush())
        else:
            painter.drawPixmap(0, 0, self._scenery)
        painter.setClipRect(self._box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setTransform(self._units, combine=True)
        for trace in self._traces:
            trace.paint(painter)
        painter.restore()
        if self._note:
            painter.setFont(looks.font(looks.CAPTION_POINTS))
            painter.setPen(self.getAxis("left").textPen())
            corner = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight
            painter.drawText(self._box, corner | Qt.TextFlag.TextWordWrap, self._note)
        painter.end()

    def _painted_scenery(self, scale: float) -> QPixmap:
        """Return the axes as they look on a screen with so many pixels for each logical one."""
        whole = self.viewport().rect()
        made = QPixmap(round(whole.width() * scale), round(whole.height() * scale))
        made.setDevicePixelRatio(scale)
        painter = QPainter(made)
        painter.setRenderHints(self.renderHints())
        self.render(painter, QRectF(whole), whole)
        painter.end()
        view = self.getViewBox()
        to_scene = view.childTransform() * view.sceneTransform()
        self._units = to_scene * self.viewportTransform()
        # Without its edges, where the axes are.
        box = self.mapFromScene(view.sceneBoundingRect()).boundingRect()
        self._box = box.adjusted(1, 1, -2, -2)
        return made

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
            # The scene tells of it with the next turn, before it is painted, and not after.
            self.scene().prepareForPaint()


def quiet_plot(axes: dict[str, pg.AxisItem] | None = None) -> QuietPlot:
    """Return a plot that is looked at."""
    plot = QuietPlot(axes or {})
    plot.plotItem.setMenuEnabled(False)
    plot.hideButtons()
    plot.setMouseEnabled(False, False)
    plot.getViewBox().setDefaultPadding(0.0)
    plot.plotItem.setContentsMargins(0, PLOT_TOP, PLOT_RIGHT, 0)
    plot.setMinimumSize(140, 70)
    plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
    # Menus and drops are the card's and the dashboard's; no key does anything here.
    for widget in (plot, plot.viewport()):
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        widget.setAcceptDrops(False)
        widget.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
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
            "bottom": bottom or StepAxis("bottom", named=True),
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

    def make_room_for(self, word: str) -> None:
        """Make room for a word among the numbers of the horizontal axis."""
        axis = self.plot.getAxis("bottom")
        axis.make_room_for(word)
        self.plot.plotItem.setContentsMargins(0, PLOT_TOP, PLOT_RIGHT, axis.below)
        # Its picture may show a word of another language.
        axis.picture = None
        axis.update()

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
