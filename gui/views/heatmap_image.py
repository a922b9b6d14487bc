"""The cells of a heatmap as an image, kept up to date at the price of what is new."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from gui.theme import Theme
from gui.views.colour_scale import colour_table, join_cells, joined_length, joins_needed
from gui.views.difference import DifferenceCells
from gui.views.heatmap_cells import HeatmapCells

# A run that ended early is seen all the same.
_LEAST_FILLED = 3.0


class HeatmapImage:
    """An image of every column that the picture spans, filled or not.

    It is one block of memory in the format of the screen, in which only the columns that are new
    are coloured again: a picture that grows is painted many times a second.

    Args:
        cells: what is pictured.

    Attributes:
        pixels: the image, 0xAARRGGBB, a number for each cell or for several that are joined.
    """

    def __init__(self, cells: HeatmapCells | DifferenceCells) -> None:
        self._cells = cells
        self.forget()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        table = colour_table(theme, diverging=isinstance(self._cells, DifferenceCells))
        self._colours = np.array(table, np.uint32)
        self._empty = np.uint32(QColor(theme.plot).rgb())
        self.forget()

    def forget(self) -> None:
        """Colour everything anew with the next look."""
        self._key: object = None
        self.pixels: NDArray[np.uint32] = np.zeros((0, 0), np.uint32)
        self._image = QImage()
        # From where to where all of it is drawn: the same many times a second.
        self._ends: tuple[object, QRectF, QRectF] | None = None
        # How often neighbours are joined along each axis, and how many columns are coloured.
        self._joins = (0, 0)
        self._end = 0

    def renew(self, most_rows: int, most_columns: int) -> tuple[int, int]:
        """Colour what is new.

        Where there are more cells than pixels, neighbours are joined, and of each block the
        highest is kept.

        Args:
            most_rows: pixels that there are for the rows.
            most_columns: pixels that there are for all columns that are spanned.

        Returns:
            The first of the cells' columns that look different, and the one after the last.
        """
        cells = self._cells
        changed, key = cells.take_changed(), (cells.rows, cells.span, most_rows, most_columns)
        if key != self._key:
            self._key, changed = key, 0
            self._begin(*key)
        elif changed == cells.columns:
            return changed, changed
        down, across = self._joins
        # Only blocks that hold something new are joined again.
        first = min(changed, max(cells.columns - 1, 0)) >> across
        made = join_cells(cells.filled()[:, first << across :], down, across)
        end = first + made.shape[1]
        # By numbers of any other type NumPy looks up with Python's lock let go of, and the engine,
        # which waits for it, would wake up for nothing.
        self.pixels[:, first:end] = self._colours[made.astype(np.intp)]
        if end < self._end:
            # Somebody looks back at fewer columns.
            self.pixels[:, end : self._end] = self._empty
        last, self._end = max(end, self._end), end
        return first << across, last << across

    def _begin(self, rows: int, span: int, most_rows: int, most_columns: int) -> None:
        """Make an empty image."""
        down, across = self._joins = joins_needed(rows, most_rows), joins_needed(span, most_columns)
        shape = joined_length(rows, down), joined_length(span, across)
        self.pixels = np.full(shape, self._empty)
        # All of it is new.
        self._end = shape[1]
        self._image = QImage(
            self.pixels.data,
            shape[1],
            shape[0],
            self.pixels.strides[0],
            QImage.Format.Format_RGB32,
        )

    def draw(self, painter: QPainter, plot: QRect) -> None:
        """Draw all columns into a place."""
        down, across = self._joins
        height, span = self._cells.rows / 2**down, self._cells.span / 2**across
        if self._ends is None or self._ends[0] != (plot, span, height):
            self._ends = (plot, span, height), QRectF(0.0, 0.0, span, height), QRectF(plot)
        _, source, target = self._ends
        painter.drawImage(target, self._image, source)
        columns = self._cells.columns / 2**across
        if columns * plot.width() < span * _LEAST_FILLED:
            least = QRectF(plot.left(), plot.top(), _LEAST_FILLED, plot.height())
            painter.drawImage(least, self._image, QRectF(0.0, 0.0, columns, height))

    def place_of(self, first: int, end: int, plot: QRect) -> tuple[int, int, int, int]:
        """Return where columns are drawn, with all pixels that they touch: left, top, size."""
        span, width = self._cells.span, plot.width()
        left = max(math.floor(width * first / span) - 1, 0)
        right = math.ceil(max(width * end / span, _LEAST_FILLED)) + 1
        return plot.left() + left, plot.top(), min(right, width) - left, plot.height()
