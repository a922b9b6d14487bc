"""Traces: what a plot draws within its axes, such as curves, dots, bands and marks.

They are no items of the plot's scene. Such an item is asked for its bounds, its shape and its
painting whenever something near it is painted, and each answer has to wait for the engine's thread
to let go of Python's lock. A plot draws all its traces in one go.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from pyqtgraph.functions import create_qpolygonf, ndarray_from_qpolygonf
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QBrush, QPainter, QPainterPath, QPen, QPolygonF, QTransform
from shiboken6 import Shiboken

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

_NOTHING: Floats = np.empty(0)
# A dot on a curve, and how far apart dots are at least; a curve of one point would not be seen
# without one.
_DOT_PIXELS, _APART_PIXELS = 6, 16
# What lies no farther apart than this cannot be told apart; a turn of a curve is so long there.
_TOGETHER_PIXELS, _TURN_PIXELS = 1.5, 10.0


def _nobody() -> None:
    """Nobody draws it yet."""


def draw_segments(painter: QPainter, segments: Floats) -> None:
    """Draw straight lines, in one call.

    Args:
        painter: with the pen.
        segments: x and y of the one end and of the other, (n, 4), in rows without gaps.
    """
    if len(segments):
        painter.drawLines(Shiboken.wrapInstance(segments.ctypes.data, QLineF), len(segments))


def draw_dots(painter: QPainter, places: Floats) -> None:
    """Draw points, in one call.

    Args:
        painter: with the pen, whose width is their diameter.
        places: (n, 2), in rows without gaps.
    """
    if len(places):
        painter.drawPoints(Shiboken.wrapInstance(places.ctypes.data, QPointF), len(places))


class Trace(ABC):
    """Something that is drawn in the units of a plot's axes. Abstract.

    Attributes:
        changed: is called when it looks different; a plot that draws it puts itself there.
    """

    def __init__(self) -> None:
        self.changed: Callable[[], None] = _nobody
        self._pen = QPen(Qt.PenStyle.NoPen)
        # A line is not filled.
        self._brush = QBrush()
        self._visible = True
        self._opacity = 1.0

    def set_pen(self, pen: QPen) -> None:
        """Take colour and width, the latter in the screen's own pixels."""
        self._pen = pen
        self.changed()

    def set_visible(self, visible: bool) -> None:
        """Draw it, or do not."""
        if visible != self._visible:
            self._visible = visible
            self.changed()

    @property
    def opacity(self) -> float:
        """How much it covers of what is below it, from 0 to 1."""
        return self._opacity

    def set_opacity(self, opacity: float) -> None:
        """Cover as much as this."""
        if opacity != self._opacity:
            self._opacity = opacity
            self.changed()

    def paint(self, painter: QPainter) -> None:
        """Draw it with a painter that counts in the units of the axes, and is clipped by them."""
        if self._visible:
            painter.setOpacity(self._opacity)
            painter.setPen(self._pen)
            painter.setBrush(self._brush)
            self.draw(painter)

    @abstractmethod
    def draw(self, painter: QPainter) -> None:
        """Draw with the pen and the brush that are set."""


class Points(Trace):
    """Something that is drawn at points. Abstract.

    Attributes:
        x, y: their places, (n,); of `y` not all have to be finite.
        rivals: those of which none may hide another, this one among them: where some lie on one
            another, each is drawn in turn.
    """

    def __init__(self) -> None:
        super().__init__()
        self.x = self.y = _NOTHING
        self.rivals: Sequence[Points] = (self,)
        self.prepare()

    def set_data(self, x: Floats, y: Floats) -> None:
        """Take other points."""
        if len(x) or len(self.x):
            self.x, self.y = x, y
            self.prepare()
            self.changed()

    def clear(self) -> None:
        """Have no points."""
        self.set_data(_NOTHING, _NOTHING)

    @abstractmethod
    def prepare(self) -> None:
        """Make of the points what `draw` needs."""

    def together(self, scale: float) -> Truths:
        """Return where each rival lies on this one, (rivals, n), and itself where it is finite.

        So does one that lies on another that lies on this one: all agree on who is together.

        Args:
            scale: a unit of the vertical axis is so many pixels high.
        """
        heights = np.full((len(self.rivals), len(self.x)), np.nan)
        for row, rival in zip(heights, self.rivals, strict=True):
            both = min(len(self.x), len(rival.x))
            if np.array_equal(self.x[:both], rival.x[:both]):
                row[:both] = np.where(np.isfinite(rival.y[:both]), scale * rival.y[:both], np.nan)
        near = np.abs(heights[:, np.newaxis] - heights) <= _TOGETHER_PIXELS
        found: Truths = near[self.rivals.index(self)]
        for _ in self.rivals[2:]:
            found = (found[:, np.newaxis] & near).any(axis=0)
        return found

    def place_among(self, together: Truths) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how many lie on one another, and how many of them come before this one."""
        return together.sum(axis=0), together[: self.rivals.index(self)].sum(axis=0)

    def has_turn(self, scale: float) -> Truths:
        """Return which points are drawn, (n,): one after the other, where rivals have them too."""
        count, place = self.place_among(self.together(scale))
        turns: Truths = np.arange(len(self.x)) % np.maximum(count, 1) == place
        return turns


class Curve(Points):
    """A line through the points that breaks where one is not finite.

    Args:
        dotted: it was measured at its points only, which are dots while they stand apart.
    """

    def __init__(self, *, dotted: bool = False) -> None:
        self._dotted = dotted
        super().__init__()

    def prepare(self) -> None:
        points, there = np.column_stack([self.x, self.y]), np.isfinite(self.y)
        self._segments = np.hstack([points[:-1], points[1:]])[there[1:] & there[:-1]]
        self._finite = points[there]
        self._path: QPainterPath | None = None

    @property
    def is_alone(self) -> bool:
        """Whether one point is all there is."""
        return len(self._finite) == 1

    def has_dots(self, scale: float) -> bool:
        """Whether its points are seen, where a unit of the axis is so many pixels wide."""
        if self.is_alone or not self._dotted or not len(self._finite):
            return self.is_alone
        width = scale * float(self._finite[-1, 0] - self._finite[0, 0])
        return width >= _APART_PIXELS * (len(self._finite) - 1)

    def _in_turns(self, units: QTransform) -> Floats:
        """Return the segments, and of those that rivals have too the pieces that are its turn."""
        together = self.together(abs(units.m22()))
        together = together[:, 1:] & together[:, :-1]
        own = together[self.rivals.index(self)]
        count, place = self.place_among(together[:, own])
        if np.all(count == 1):
            return self._segments
        points = np.column_stack([self.x, self.y])
        segments = np.hstack([points[:-1], points[1:]])[own]
        # A plot that is not laid out yet has no width.
        return _every_turn(segments, count, place, _TURN_PIXELS / max(units.m11(), 1e-9))

    def draw(self, painter: QPainter) -> None:
        units, alone = painter.transform(), len(self.rivals) == 1
        if self._pen.style() is not Qt.PenStyle.SolidLine:
            # Dashes go on from one segment to the next.
            if self._path is None:
                self._path = pg.arrayToQPath(self.x, self.y, connect="finite")
            painter.drawPath(self._path)
        else:
            # Wide lines are drawn in segments: a hundred times faster than as one path.
            draw_segments(painter, self._segments if alone else self._in_turns(units))
        if self.has_dots(units.m11()):
            pen = QPen(self._pen)
            pen.setWidthF(_DOT_PIXELS * painter.device().devicePixelRatio())
            pen.setStyle(Qt.PenStyle.SolidLine)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            turns = np.isfinite(self.y) & (alone or self.has_turn(abs(units.m22())))
            draw_dots(painter, np.column_stack([self.x, self.y])[turns])


def _every_turn(
    segments: Floats, count: NDArray[np.int64], place: NDArray[np.int64], length: float
) -> Floats:
    """Return the pieces of segments that are a curve's own, where several take turns.

    Args:
        segments: (n, 4), from left to right.
        count: turns are taken by so many, (n,); by one: the segment stays whole.
        place: whose turn it is, (n,).
        length: of a turn, in the units of the axis.
    """
    first, last = np.floor(segments[:, [0, 2]].T / length).astype(np.int64)
    many = np.where(count > 1, last - first + 1, 1)
    rows = np.repeat(np.arange(len(segments)), many)
    turn = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many - first, many)
    mine = turn % count[rows] == place[rows]
    rows, turn = rows[mine], turn[mine]
    begin, end = segments[rows, :2], segments[rows, 2:]
    # An upright one lies in one turn.
    width = np.maximum(end[:, 0] - begin[:, 0], 1e-9 * length)
    whole = count[rows] == 1
    edges = (np.array([turn, turn + 1]) * length - begin[:, 0]) / width
    shares = np.where(whole, [[0.0], [1.0]], np.clip(edges, 0.0, 1.0))
    pieces = [begin + share[:, np.newaxis] * (end - begin) for share in shares]
    return np.hstack(pieces)


class Dots(Points):
    """A dot at each point that is finite; the pen's width is their diameter."""

    def __init__(self) -> None:
        # Only dots between these are drawn.
        self._limits = (-np.inf, np.inf)
        super().__init__()

    def show_between(self, low: float, high: float) -> None:
        """Draw only the dots between two places."""
        if (low, high) != self._limits:
            self._limits = (low, high)
            self.prepare()
            self.changed()

    @property
    def drawn(self) -> Floats:
        """The places that have a dot, (k, 2)."""
        return self._drawn

    def prepare(self) -> None:
        low, high = self._limits
        self._there = np.isfinite(self.y) & (self.x >= low) & (self.x <= high)
        self._drawn = np.column_stack([self.x, self.y])[self._there]

    def draw(self, painter: QPainter) -> None:
        drawn = self._drawn
        if len(self.rivals) > 1:
            drawn = drawn[self.has_turn(abs(painter.transform().m22()))[self._there]]
        draw_dots(painter, drawn)


class Band(Trace):
    """The area between two curves.

    Attributes:
        x, low, high: places of the edges, (n,); all are finite.
    """

    def __init__(self) -> None:
        super().__init__()
        self.x = self.low = self.high = _NOTHING
        self._outline = QPolygonF()

    def set_brush(self, brush: QBrush) -> None:
        """Take the colour."""
        self._brush = brush
        self.changed()

    def set_edges(self, x: Floats, low: Floats, high: Floats) -> None:
        """Lie between other curves; where an edge is not finite, straight on to the next place."""
        there = np.isfinite(low) & np.isfinite(high)
        self.x, self.low, self.high = x[there], low[there], high[there]
        there_and_back = np.hstack([[self.x, self.low], [self.x[::-1], self.high[::-1]]])
        self._outline = create_qpolygonf(there_and_back.shape[1])
        if len(self.x):
            ndarray_from_qpolygonf(self._outline)[:] = there_and_back.T
        self.changed()

    def clear(self) -> None:
        """Have no area."""
        if len(self.x):
            self.set_edges(_NOTHING, _NOTHING, _NOTHING)

    def draw(self, painter: QPainter) -> None:
        painter.drawPolygon(self._outline)


class Uprights(Trace):
    """Lines from the lower end of a plot to the upper one.

    Attributes:
        x: their places.
    """

    def __init__(self) -> None:
        super().__init__()
        self.x: tuple[float, ...] = ()

    def stand_at(self, *x: float) -> None:
        """Stand at other places."""
        if x != self.x:
            self.x = x
            self.changed()

    def draw(self, painter: QPainter) -> None:
        box = painter.clipBoundingRect()
        for x in self.x:
            painter.drawLine(QLineF(x, box.top(), x, box.bottom()))
