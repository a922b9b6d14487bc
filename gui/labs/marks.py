"""Texts at places of a plot, which stay inside it and clear of each other."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF

from gui import theme as looks

# Which point of a text stands at its place, as shares of its width and height.
Anchor = tuple[float, float]
ABOVE_RIGHT: Anchor = (0.0, 1.0)
BELOW_RIGHT: Anchor = (0.0, 0.0)
BELOW_LEFT: Anchor = (1.0, 0.0)
ABOVE_LEFT: Anchor = (1.0, 1.0)


class Mark(pg.TextItem):
    """A text at a place of a plot.

    Attributes:
        anchors: where it may stand about its place, the best first.
        wanted: whether there is something to say; it is hidden where there is no room.
        most_height: it is hidden where it is higher than so much of the vertical axis; inf: never.
    """

    def __init__(self, anchors: tuple[Anchor, ...]) -> None:
        super().__init__(anchor=anchors[0])
        self.setFont(looks.font())
        self.anchors = anchors
        self.wanted = True
        self.most_height = math.inf

    def place(self, x: float, y: float) -> None:
        """Have it say something about a place."""
        self.setPos(x, y)
        self.wanted = True

    def drop(self) -> None:
        """Have it say nothing."""
        self.wanted = False


def settle(marks: Iterable[Mark], box: pg.ViewBox) -> None:
    """Show the texts that have room, each at its best place; the first ones choose first.

    Args:
        marks: the texts of a plot.
        box: the part of the plot they stand in.
    """
    room = QRectF(0.0, 0.0, box.width(), box.height())
    taken: list[QRectF] = []
    for mark in marks:
        anchor = _free_anchor(mark, box, room, taken) if mark.wanted else None
        mark.setVisible(anchor is not None)
        if anchor is not None:
            mark.setAnchor(anchor)
            taken.append(_frame(mark, anchor, box))


def _free_anchor(mark: Mark, box: pg.ViewBox, room: QRectF, taken: list[QRectF]) -> Anchor | None:
    size = mark.textItem.boundingRect()
    low, high = box.viewRange()[1]
    if size.height() > mark.most_height / (high - low) * box.height():
        return None
    for anchor in mark.anchors:
        frame = _frame(mark, anchor, box)
        if not room.contains(_place(mark, box)) or frame.width() > room.width():
            return None
        # Pushed inside, as far as it has to be.
        dx = max(-frame.left(), 0.0) - max(frame.right() - room.right(), 0.0)
        dy = max(-frame.top(), 0.0) - max(frame.bottom() - room.bottom(), 0.0)
        if dy == 0.0 and not any(frame.translated(dx, dy).intersects(other) for other in taken):
            return anchor[0] - dx / size.width(), anchor[1]
    return None


def _place(mark: Mark, box: pg.ViewBox) -> QPointF:
    """Return where a text points at, in pixels from the upper left corner."""
    (left, right), (low, high) = box.viewRange()
    x = (mark.pos().x() - left) / (right - left) * box.width()
    return QPointF(x, (high - mark.pos().y()) / (high - low) * box.height())


def _frame(mark: Mark, anchor: Anchor, box: pg.ViewBox) -> QRectF:
    """Return the room of a text in pixels, from the upper left corner of the plot."""
    frame = mark.textItem.boundingRect()
    at = _place(mark, box)
    frame.moveTo(at.x() - anchor[0] * frame.width(), at.y() - anchor[1] * frame.height())
    return QRectF(frame)
