"""From a number to a colour.

A scale is fixed unless the person asks for another, so that colours can be compared between
runs, between layers and between the heatmaps; that of a size is logarithmic. A cell is one byte.
The bytes are ordered: the largest of several cells is also the one that must not be overlooked,
so that a picture with more columns than pixels is reduced with `max` and loses no spike, no
overflow and no NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from gui.theme import Theme

# The bytes of a cell.
ZERO = 0
SUBNORMAL = 1
FIRST = 2
LAST = 253
INF = 254
NAN = 255

Cells = NDArray[np.uint8]


Bound = float | NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """What the colours stand for.

    Attributes:
        low, high: its ends; powers of ten where it is logarithmic.
        logarithmic: it is in decades; an exact zero then has a colour of its own.
        marks: the range that is healthy, in the units of the ends; empty: none.
        per_layer: every layer has ends of its own, and colours cannot be compared.
    """

    low: float
    high: float
    logarithmic: bool = True
    marks: tuple[float, ...] = ()
    per_layer: bool = False

    def position(self, value: float) -> float:
        """Return where something lies between the ends, 0 to 1; in the units of the ends."""
        return (value - self.low) / (self.high - self.low)


# The range that a healthy gradient keeps, 1e-6 to 1e3, is the lecture's own example.
GRADIENTS = Scale(-12.0, 4.0, marks=(-6.0, 3.0))


def levels(values: NDArray[np.float64], *, logarithmic: bool) -> NDArray[np.float64]:
    """Return values in the units of a scale's ends: as they are, or their powers of ten.

    Zero becomes minus infinity there. Negative values, which a size cannot have, count as their
    absolute value.
    """
    if not logarithmic:
        return values
    made: NDArray[np.float64] = np.abs(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log10(made, out=made)


def _edges(between: NDArray[np.float64], smallest: float) -> NDArray[np.float64]:
    """Return from where on each byte stands: it is how many of them a number has reached.

    Args:
        between: where one colour of the scale gives way to the next.
        smallest: what a number has reached that is not an exact zero.
    """
    # Which numbers are subnormal is not a matter of the scale: nothing lies between these two.
    return np.array([smallest, smallest, *between, np.inf, np.nan])


@cache
def _edges_of(scale: Scale) -> NDArray[np.float64]:
    """Return the edges of the numbers themselves: no logarithm is taken many times a second."""
    between = scale.low + _MIDDLES * (scale.high - scale.low)
    if scale.logarithmic:
        return _edges(10.0**between, np.nextafter(0.0, 1.0))
    return _edges(between, -np.inf)


# Between the colours, and the edges of what lies between the ends of a scale: 0 to 1.
_MIDDLES = (np.arange(LAST - FIRST) + 0.5) / (LAST - FIRST)
_EDGES_OF_SHARES = _edges(_MIDDLES, -np.finfo(np.float64).max)


def cells(
    values: NDArray[np.float64],
    scale: Scale = GRADIENTS,
    low: Bound | None = None,
    high: Bound | None = None,
    smallest_normal: Bound | None = None,
) -> Cells:
    """Turn numbers into the bytes of cells.

    Args:
        values: of any shape. Beyond the ends of the scale the end colour is taken.
        scale: what the colours stand for.
        low: lower end in place of the scale's, for all values or for each along the last axis;
            together with `high`, or neither.
        high: upper end, likewise.
        smallest_normal: sizes below it have lost digits to the number format, likewise.
    """
    if low is None or high is None:
        numbers, edges = np.abs(values) if scale.logarithmic else values, _edges_of(scale)
    else:
        share = levels(values, logarithmic=scale.logarithmic)
        numbers, edges = (share - low) / (high - low), _EDGES_OF_SHARES
    # NaN is sorted behind all others.
    made = edges.searchsorted(numbers, side="right").astype(np.uint8)
    if smallest_normal is not None:
        made[(values < smallest_normal) & (made > ZERO)] = SUBNORMAL
    return made


@cache
def _map_colours(name: str) -> tuple[int, ...]:
    table = pg.colormap.get(name).getLookupTable(0.0, 1.0, LAST - FIRST + 1, alpha=False)
    return tuple(0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in table)


def colour_table(theme: Theme, *, diverging: bool = False) -> list[int]:
    """Return the colours of the 256 bytes as 0xAARRGGBB; diverging: for what may be negative."""
    special = {ZERO: theme.zero, SUBNORMAL: theme.subnormal, INF: theme.inf, NAN: theme.nan}
    name = theme.diverging_map if diverging else theme.colour_map
    table = [0, 0, *_map_colours(name), 0, 0]
    for byte, colour in special.items():
        table[byte] = QColor(colour).rgb()
    return table


def reduce_cells(picture: Cells, most_rows: int, most_columns: int) -> Cells:
    """Make a picture fit into a number of pixels, keeping the highest cell of every block."""
    rows, columns = picture.shape
    return join_cells(picture, joins_needed(rows, most_rows), joins_needed(columns, most_columns))


def joins_needed(length: int, most: int) -> int:
    """Return how often neighbours are to be joined until so many are no more than the most."""
    joins = 0
    while joined_length(length, joins) > max(most, 1):
        joins += 1
    return joins


def joined_length(length: int, joins: int) -> int:
    """Return how many are left when neighbours have been joined so often."""
    return -(-length // 2**joins)


def join_cells(picture: Cells, down: int, across: int) -> Cells:
    """Join neighbouring rows and columns so often, keeping the highest cell of every block.

    Blocks are powers of two: joining neighbours is much faster than reducing over an axis.
    """
    for _ in range(across):
        picture = _join_neighbours(picture)
    for _ in range(down):
        picture = _join_neighbours(picture.T).T
    return picture


def _join_neighbours(picture: Cells) -> Cells:
    columns = picture.shape[1]
    joined = np.maximum(picture[:, 0 : columns - 1 : 2], picture[:, 1:columns:2])
    return np.hstack([joined, picture[:, -1:]]) if columns % 2 else joined
