"""The plot of a lab: named axes, a legend, a reading under the mouse. Made once, then fed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui import theme as looks
from gui.labs.marks import ABOVE_RIGHT, Anchor, Mark, settle
from gui.theme import Theme
from gui.views.axes import NumberAxis, PowerAxis, StepAxis
from gui.views.card import Card
from gui.views.legend import Legend

Floats = NDArray[np.float64]

_AXIS_WIDTH = 58
# In large type, before it is enlarged: nothing stands beside the numbers that is not needed.
_LARGE_AXIS_WIDTH = 50
# Half a number may stand beyond the end of its axis.
_OVERHANG = 26
_LEAST_WIDTH = 110
# Lines beside the main ones, in logical pixels.
_THIN = 1.5
# A narrower card has no room for the name of its left axis.
_NARROW = 180
# Beside the numbers, for the name of the axis.
_NAME_WIDTH = 18
# The same for a power of ten.
_POWER_PIXELS = {"bottom": 46, "left": 24}


def _axis_width(name: int = 0) -> int:
    """Return the width of a left axis, with so much for its name, in logical pixels."""
    return looks.scaled((_LARGE_AXIS_WIDTH if looks.is_large() else _AXIS_WIDTH) + name)


class LabPlot(Card):
    """A card with a plot.

    Args:
        left_powers, bottom_powers: the axis shows powers of ten; feed it with log10.
        bottom_counts: the axis shows whole numbers alone.
        legend_columns: how many names stand side by side; 0: there is no legend.

    Attributes:
        plot: pyqtgraph's widget.
        read: returns (reading, values of the legend) at a place of the mouse; set by the lab.
    """

    def __init__(
        self,
        *,
        left_powers: bool = False,
        bottom_powers: bool = False,
        bottom_counts: bool = False,
        legend_columns: int = 3,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        axes = {
            side: _power_axis(side) if powers else NumberAxis(side)
            for side, powers in (("left", left_powers), ("bottom", bottom_powers))
        }
        if bottom_counts:
            axes["bottom"] = StepAxis("bottom")
        # No menu is ever made: it would take longer than everything else.
        self.plot = pg.PlotWidget(axisItems=axes, viewBox=pg.ViewBox(enableMenu=False))
        self.plot.plotItem.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.getViewBox().setDefaultPadding(0.0)
        # The last tick's text may stand half beyond the axis.
        self.plot.plotItem.setContentsMargins(0, looks.scaled(8), looks.scaled(_OVERHANG), 0)
        self.plot.setMinimumSize(_LEAST_WIDTH, 110)
        self.plot.setFrameShape(pg.QtWidgets.QFrame.Shape.NoFrame)
        # No key does anything here.
        for widget in (self.plot, self.plot.viewport()):
            widget.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.plot.viewport().installEventFilter(self)
        self.plot.scene().sigMouseMoved.connect(self._mouse_moved)
        self.legend = Legend(max(legend_columns, 1))
        self.legend.setFont(looks.font())
        self.legend.setVisible(legend_columns > 0)
        self.body.addWidget(self.legend)
        self.body.addWidget(self.plot, 1)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self.plot.addItem(self._cursor, ignoreBounds=True)
        self._mouse: QPointF | None = None
        self._names = {"left": "", "bottom": ""}
        self._narrow = False
        self._marks: list[Mark] = []
        self.plot.getViewBox().sigResized.connect(self.settle_marks)
        self.read: Callable[[float, float], tuple[str, Sequence[str]]] | None = None
        self.theme = looks.LIGHT
        for side in self._names:
            axis = self.plot.getAxis(side)
            axis.setStyle(
                tickFont=looks.font(), tickLength=5, hideOverlappingLabels=looks.scaled(_OVERHANG),
                textFillLimits=[(0, 1.0)],
            )  # fmt: skip
            axis.enableAutoSIPrefix(False)
            axis.label.setFont(looks.font())
        self.plot.getAxis("left").setWidth(_axis_width())

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.theme = theme
        self.plot.setBackground(theme.card)
        for side in self._names:
            axis = self.plot.getAxis(side)
            axis.setPen(theme.border)
            axis.setTickPen(theme.border)
            axis.setTextPen(theme.muted)
        self._cursor.setPen(pg.mkPen(theme.muted, width=1))
        self._name_axes()

    def name_axes(self, *, left: str, bottom: str) -> None:
        """Write what the axes show beside them."""
        names = {"left": left, "bottom": bottom}
        if names != self._names:
            self._names = names
            self._name_axes()

    def _name_axes(self) -> None:
        self._narrow = self.width() < looks.scaled(_NARROW)
        for side, name in self._names.items():
            if side == "left" and self._narrow:
                # The curves need the room more.
                self.plot.getAxis(side).showLabel(False)
                self.plot.getAxis(side).setWidth(_axis_width())
            elif name:
                size = f"{looks.font().pointSizeF():g}pt"
                self.plot.getAxis(side).setLabel(
                    name, color=self.theme.muted, **{"font-size": size}
                )
                if side == "left":
                    self.plot.getAxis(side).setWidth(_axis_width(_NAME_WIDTH))

    def set_legend(self, entries: list[tuple[str, QPen]], short: Sequence[str] = ()) -> None:
        """Name the curves."""
        self.legend.set_entries(entries, short or [name for name, _ in entries], self.theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._names["left"] and self._narrow != (self.width() < looks.scaled(_NARROW)):
            self._name_axes()

    def add_curve(self, *, behind: bool = False) -> pg.PlotCurveItem:
        """Add a curve without data; gaps in the data are gaps in the drawing."""
        curve = pg.PlotCurveItem(connect="finite")
        if behind:
            curve.setZValue(-1)
        self.plot.addItem(curve)
        return curve

    def add_dots(self, size: float = 6.0) -> pg.ScatterPlotItem:
        """Add dots without data: for few values, or to tell them from a line they lie on."""
        dots = pg.ScatterPlotItem(size=size, pxMode=True, pen=pg.mkPen(None))
        self.plot.addItem(dots)
        return dots

    def add_mark(self, *anchors: Anchor) -> Mark:
        """Add a text that stands at a place of the plot, where there is room for it.

        Args:
            anchors: where it may stand about its place, the best first; earlier texts go before.
        """
        mark = Mark(anchors or (ABOVE_RIGHT,))
        self._marks.append(mark)
        self.plot.addItem(mark, ignoreBounds=True)
        return mark

    def settle_marks(self) -> None:
        """Find room for the texts; called when they or the range have changed."""
        settle(self._marks, self.plot.getViewBox())

    def add_level(self, *, vertical: bool = False) -> pg.InfiniteLine:
        """Add a line across the plot at one value."""
        line = pg.InfiniteLine(angle=90 if vertical else 0, movable=False)
        line.setZValue(-2)
        self.plot.addItem(line, ignoreBounds=True)
        return line

    def set_range(self, x: tuple[float, float], y: tuple[float, float], pad: float = 0.0) -> None:
        """Show these parts of the axes."""
        self.plot.getViewBox().setRange(xRange=x, yRange=y, padding=pad, disableAutoRange=True)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._mouse = None
            self.update_reading()
        return False

    def _mouse_moved(self, position: QPointF) -> None:
        self._mouse = position
        self.update_reading()

    def update_reading(self) -> None:
        """Write what is under the mouse; called when the mouse or the data move on."""
        box = self.plot.getViewBox()
        inside = self._mouse is not None and box.sceneBoundingRect().contains(self._mouse)
        if not inside or self.read is None:
            self.set_reading("")
            self.legend.set_values(())
            self._cursor.hide()
            return
        at = box.mapSceneToView(self._mouse)
        text, values = self.read(float(at.x()), float(at.y()))
        self.set_reading(text)
        self.legend.set_values(tuple(values))
        self._cursor.setValue(at.x())
        self._cursor.show()


def _power_axis(side: str) -> PowerAxis:
    return PowerAxis(side, room=_POWER_PIXELS[side])


def level_pen(colour: str) -> QPen:
    """Return the pen of a limit that is drawn across a plot."""
    return pg.mkPen(colour, width=_thin(), style=Qt.PenStyle.DashLine)


def theory_line(theme: Theme, index: int) -> QPen:
    """Return the pen of what theory expects of a curve, as a line of few points."""
    pen = looks.theory_pen(theme, index)
    pen.setWidthF(_thin())
    return pen


def _thin() -> float:
    """Return the width of a line of few points that is not the main one, in the screen's pixels."""
    return _THIN * looks.zoom() * QGuiApplication.primaryScreen().devicePixelRatio()
