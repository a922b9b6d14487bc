"""From a gradient's size to a colour.

The scale is logarithmic and fixed, so that colours can be compared between runs, between
layers and between the heatmaps. A cell is one byte. The bytes are ordered: the largest of
several cells is also the one that must not be overlooked, so that a picture with more columns
than pixels is reduced with `max` and loses no spike, no overflow and no NaN.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from gui.theme import Theme

# Range of the scale as powers of ten, and the range that a healthy gradient keeps.
LOWEST_EXPONENT = -12
HIGHEST_EXPONENT = 4
HEALTHY_EXPONENTS = (-6, 3)

# The bytes of a cell.
ZERO = 0
FIRST = 1
LAST = 253
INF = 254
NAN = 255

Cells = NDArray[np.uint8]


def cells(values: NDArray[np.float64]) -> Cells:
    """Turn sizes into the bytes of cells.

    Args:
        values: of any shape. Beyond the ends of the scale the end colour is taken; negative
            values, which a size cannot have, count as their absolute value.
    """
    size = np.abs(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.log10(size)
    share = (exponent - LOWEST_EXPONENT) / (HIGHEST_EXPONENT - LOWEST_EXPONENT)
    finite = np.isfinite(share)
    made = np.zeros(size.shape, np.uint8)
    made[finite] = np.rint(FIRST + np.clip(share[finite], 0.0, 1.0) * (LAST - FIRST))
    made[size == np.inf] = INF
    made[np.isnan(size)] = NAN
    return made


def share_of_scale(exponent: float) -> float:
    """Return where a power of ten lies on the scale, 0 at its lower and 1 at its upper end."""
    return (exponent - LOWEST_EXPONENT) / (HIGHEST_EXPONENT - LOWEST_EXPONENT)


@cache
def _map_colours(name: str) -> tuple[int, ...]:
    table = pg.colormap.get(name).getLookupTable(0.0, 1.0, LAST - FIRST + 1, alpha=False)
    return tuple(0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in table)


def colour_table(theme: Theme) -> list[int]:
    """Return the colours of the 256 bytes as 0xAARRGGBB."""
    special = {ZERO: theme.zero, INF: theme.inf, NAN: theme.nan}
    table = [0, *_map_colours(theme.colour_map), 0, 0]
    for byte, colour in special.items():
        table[byte] = QColor(colour).rgb()
    return table


def reduce_cells(picture: Cells, most_rows: int, most_columns: int) -> Cells:
    """Make a picture fit into a number of pixels, keeping the highest cell of every block.

    Blocks are powers of two: joining neighbours is much faster than reducing over an axis.
    """
    while picture.shape[1] > max(most_columns, 1):
        picture = _join_neighbours(picture)
    while picture.shape[0] > max(most_rows, 1):
        picture = _join_neighbours(picture.T).T
    return picture


def _join_neighbours(picture: Cells) -> Cells:
    columns = picture.shape[1]
    joined = np.maximum(picture[:, 0 : columns - 1 : 2], picture[:, 1:columns:2])
    return np.hstack([joined, picture[:, -1:]]) if columns % 2 else joined
