"""Traces: the curves and dots that a plot draws over its axes.

They are no items of the plot's scene. Such an item is asked for its bounds, its shape and its
painting whenever something near it is painted, and each answer has to wait for the engine's thread
to let go of Python's lock. A plot draws all its traces in one go.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen
from shiboken6 import Shiboken

Floats = NDArray[np.float64]

_NOTHING: Floats = np.empty(0)
# A curve of one point would not be seen: it is a dot of so many pixels.
_ALONE_PIXELS = 6


class Told(QObject):
    """Tells that a trace looks different."""

    changed = Signal()


class Trace(ABC):
    """Points in a plot, and how they are drawn. Abstract.

    Attributes:
        x, y: places of the points, (n,), in the units of the axes; of `y` not all are finite.
        told: tells the plot when to paint it anew.
    """

    def __init__(self) -> None:
        self.x = self.y = _NOTHING
        self.told = Told()
        self._pen = QPen()
        self._visible = True
        self._opacity = 1.0

    def set_pen(self, pen: QPen) -> None:
        """Take colour and width, the latter in the screen's own pixels."""
        self._pen = pen
        self._collect()

    def set_data(self, x: Floats, y: Floats) -> None:
        """Take other points."""
        if not (len(x) or len(self.x)):
            return
        self.x, self.y = x, y
        self._collect()

    def clear(self) -> None:
        """Have no points."""
        self.set_data(_NOTHING, _NOTHING)

    @property
    def is_visible(self) -> bool:
        """Whether it is drawn."""
        return self._visible

    def set_visible(self, visible: bool) -> None:
        """Draw it, or do not."""
        if visible != self._visible:
            self._visible = visible
            self.told.changed.emit()

    @property
    def opacity(self) -> float:
        """How much of what is below it covers, from 0 to 1."""
        return self._opacity

    def set_opacity(self, opacity: float) -> None:
        """Cover as much as this."""
        if opacity != self._opacity:
            self._opacity = opacity
            self.told.changed.emit()

    def _collect(self) -> None:
        """Prepare the painting."""
        self.prepare()
        self.told.changed.emit()

    def paint(self, painter: QPainter) -> None:
        """Draw it with a painter that counts in the units of the axes."""
        if self._visible and len(self.x):
            painter.setOpacity(self._opacity)
            painter.setPen(self._pen)
            self.draw(painter)

    @abstractmethod
    def prepare(self) -> None:
        """Make of the points what `draw` needs."""

    @abstractmethod
    def draw(self, painter: QPainter) -> None:
        """Draw with the pen that is set."""


class Curve(Trace):
    """A line through the points that breaks where one is not finite."""

    def prepare(self) -> None:
        points = np.column_stack([self.x, self.y])
        there = np.isfinite(self.y)
        joined = there[1:] & there[:-1]
        self._segments = np.hstack([points[:-1], points[1:]])[joined]
        self._alone = points[there] if there.sum() == 1 else points[:0]
        self._path: QPainterPath | None = None
        if self._pen.style() is not Qt.PenStyle.SolidLine:
            # Dashes go on from one segment to the next.
            self._path = pg.arrayToQPath(self.x, self.y, connect="finite")

    def draw(self, painter: QPainter) -> None:
        if self._path is not None:
            painter.drawPath(self._path)
        elif len(self._segments):
            # Wide lines are drawn in segments: a hundred times faster than as one path.
            first = Shiboken.wrapInstance(self._segments.ctypes.data, QLineF)
            painter.drawLines(first, len(self._segments))
        if len(self._alone):
            pen = QPen(self._pen)
            pen.setWidthF(_ALONE_PIXELS * painter.device().devicePixelRatio())
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            painter.drawPoint(QPointF(*self._alone[0].tolist()))


class Dots(Trace):
    """A dot at each point that is finite; the pen's width is their diameter."""

    def __init__(self) -> None:
        super().__init__()
        # Only dots between these are drawn.
        self._limits = (-np.inf, np.inf)

    def show_between(self, low: float, high: float) -> None:
        """Draw only the dots between two places."""
        if (low, high) != self._limits:
            self._limits = (low, high)
            self._collect()

    @property
    def drawn(self) -> Floats:
        """The places that have a dot, (k, 2)."""
        return self._drawn

    def prepare(self) -> None:
        low, high = self._limits
        there = np.isfinite(self.y) & (self.x >= low) & (self.x <= high)
        self._drawn = np.column_stack([self.x, self.y])[there]

    def draw(self, painter: QPainter) -> None:
        if len(self._drawn):
            first = Shiboken.wrapInstance(self._drawn.ctypes.data, QPointF)
            painter.drawPoints(first, len(self._drawn))
