"""The cells of one heatmap, kept up to date at the price of what is new."""

from __future__ import annotations

import enum
import warnings
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.history import MAXIMUM, HistoryView, SeriesView
from engine.record import LAYER_INDEX
from gui.views.colour_scale import (
    Cells,
    Scale,
    cells,
    levels,
)
from gui.views.quantities import QUANTITIES

Values = NDArray[np.float64]

# The picture's width in columns grows in powers of two, so that it is always at least half full,
# and its axis changes rarely.
SMALLEST_RUNG = 8


# What "lately" means for the scale that follows the run.
RECENT_COLUMNS = 64
# Ends that follow the run move in steps of so many decades, or of so large a share.
_DECADES_STEP, _SHARE_STEP = 1.0, 0.05


class Ends(enum.Enum):
    """Where the ends of the colour scale come from."""

    FIXED = "fixed"
    RECENT = "recent"
    PER_LAYER = "per layer"


def _same(one: Values | None, other: Values | None) -> bool:
    if one is other:
        return True
    return one is not None and other is not None and np.array_equal(one, other)


def span_of(series: SeriesView | None, columns: int, least_steps: int) -> int:
    """Return how many columns a picture spans, filled or not.

    Args:
        series: the readings behind it.
        columns: so many are filled.
        least_steps: so many steps are spanned at least, like those of the picture beside.
    """
    if series is None:
        return SMALLEST_RUNG
    return max(rung(columns, series.capacity), -(-least_steps // series.stride))


def rung(columns: int, capacity: int) -> int:
    """Return how many columns the picture spans when so many are filled."""
    power_of_two = 1 << max(columns - 1, 0).bit_length()
    return max(min(max(power_of_two, SMALLEST_RUNG), capacity), columns)


class HeatmapCells:
    """One quantity of every layer over the steps, as bytes.

    Row 0 is the top of the picture: the layer next to the output.

    Args:
        quantity: a row of `QUANTITIES`.

    Attributes:
        least_steps: so many steps the picture spans at least.
    """

    def __init__(self, quantity: str) -> None:
        self.quantity = QUANTITIES[quantity]
        self.ends = Ends.FIXED
        self.least_steps = 0
        self.clear()

    def show(self, quantity: str, ends: Ends) -> None:
        """Show another quantity, or the same on another scale; to be fed anew."""
        self.quantity, self.ends = QUANTITIES[quantity], ends
        self.clear()

    @property
    def output_row(self) -> bool:
        """Whether the output layer has a row too."""
        return self.quantity.output_row

    @property
    def scale(self) -> Scale:
        """What the colours stand for now."""
        fixed = self.quantity.scale
        if self.ends is Ends.FIXED or self._low is None:
            return fixed
        if self.ends is Ends.PER_LAYER:
            return replace(fixed, per_layer=True)
        assert self._high is not None
        marks = tuple(m for m in fixed.marks if self._low[0] <= m <= self._high[0])
        return replace(fixed, low=float(self._low[0]), high=float(self._high[0]), marks=marks)

    def clear(self) -> None:
        """Forget everything."""
        self._cells: Cells = np.zeros((0, 0), np.uint8)
        self._history: HistoryView | None = None
        self._run_number = -1
        self._final = 0
        self.columns = 0
        self._changed = 0
        # The ends of the scale for each layer, from the input, where they follow the run.
        self._low: Values | None = None
        self._high: Values | None = None
        self._widths: Values = np.ones(0)
        self._smallest_normal: Values | None = None

    @property
    def rows(self) -> int:
        """Number of layers shown."""
        return int(self._cells.shape[0])

    @property
    def series(self) -> SeriesView | None:
        """The readings behind the picture."""
        return None if self._history is None else self._history.layers

    @property
    def own_steps(self) -> int:
        """How many steps the picture would span by itself."""
        stride = 1 if self.series is None else self.series.stride
        return span_of(self.series, self.columns, 0) * stride

    @property
    def span(self) -> int:
        """How many columns wide the picture is, filled or not."""
        return span_of(self.series, self.columns, self.least_steps)

    def filled(self) -> Cells:
        """Return the cells that hold something, (rows, columns)."""
        return self._cells[:, : self.columns]

    def take_changed(self) -> int:
        """Return the first column that is another than at the last call; they end at `columns`."""
        changed, self._changed = self._changed, self.columns
        return changed

    def feed(
        self,
        run_number: int,
        history: HistoryView,
        widths: tuple[int, ...] | None = None,
        smallest_normal: Values | None = None,
    ) -> bool:
        """Take in what is new; return whether the picture changed.

        Args:
            run_number: another number is another run.
            history: the run's.
            widths: units of each layer, needed by a quantity that is a share of them.
            smallest_normal: for each layer what the quantity is at least where its numbers have
                all their digits; None: nothing is known of that.
        """
        series = history.layers
        before = self._history
        if before is not None and run_number == self._run_number:
            if series is before.layers or (
                series.last_step == before.layers.last_step
                and series.merges == before.layers.merges
            ):
                return False
            same_columns = series.merges == before.layers.merges
        else:
            same_columns = False
        layers = series.complete.shape[3] if series.complete.ndim == 4 else 0
        rows = layers - (0 if self.output_row else 1)
        if not same_columns:
            self._final = 0
            if self._cells.shape != (rows, series.capacity):
                self._cells = np.zeros((rows, series.capacity), np.uint8)
        if not _same(smallest_normal, self._smallest_normal):
            # The format, or the scale of the loss, is another now.
            self._final, self._smallest_normal = 0, smallest_normal
        self._history, self._run_number = history, run_number
        self.columns = len(series)
        if self.quantity.of_width:
            assert widths is not None
            self._widths = np.array(widths, np.float64)
        if self.ends is not Ends.FIXED and self._follow(rows):
            self._final = 0
        new = self._read(self._final, rows)
        if new.size:
            floor = None if self._smallest_normal is None else self._smallest_normal[:rows]
            made = cells(new, self.quantity.scale, self._low, self._high, floor)
            self._cells[:, self._final : self.columns] = made.T[::-1]
        self._changed = min(self._changed, self._final)
        # The last column may still be filling: it is converted again next time.
        self._final = len(series.complete)
        return True

    def _read(self, start: int, rows: int) -> Values:
        """Return the quantity in columns from `start`, (columns, rows), row 0 next to the input."""
        assert self._history is not None
        read = self._history.layer(self.quantity.name, MAXIMUM, start=start)[:, :rows]
        return read / self._widths[:rows] if self.quantity.of_width else read

    def _follow(self, rows: int) -> bool:
        """Let the ends of the scale follow the run; return whether they moved."""
        if not self.columns:
            return False
        whole = self.ends is Ends.PER_LAYER
        start = 0 if whole else max(self.columns - RECENT_COLUMNS, 0)
        logarithmic = self.quantity.scale.logarithmic
        level = levels(self._read(start, rows), logarithmic=logarithmic)
        level = np.where(np.isfinite(level), level, np.nan)
        axis = 0 if whole else None
        with warnings.catch_warnings():
            # A layer without a finite value has no ends.
            warnings.simplefilter("ignore", RuntimeWarning)
            low, high = np.nanmin(level, axis=axis), np.nanmax(level, axis=axis)
        fixed, step = self.quantity.scale, _DECADES_STEP if logarithmic else _SHARE_STEP
        low = np.where(np.isfinite(low), np.floor(low / step) * step, fixed.low)
        high = np.where(np.isfinite(high), np.ceil(high / step) * step, fixed.high)
        high = np.maximum(high, low + step)
        low, high = np.broadcast_to(low, rows), np.broadcast_to(high, rows)
        same = np.array_equal(low, self._low) and np.array_equal(high, self._high)
        self._low, self._high = low, high
        return not same

    def value(self, row: int, column: int) -> float:
        """Return the largest value behind a cell; row 0 is the topmost."""
        series = self.series
        assert series is not None
        layer = self.rows - 1 - row
        final = len(series.complete)
        reading = series.complete[column] if column < final else series.partial
        assert reading is not None
        return float(reading[MAXIMUM, LAYER_INDEX[self.quantity.name], layer])

    def steps(self, column: int) -> tuple[int, int]:
        """Return the first and the last step that a column covers."""
        series = self.series
        assert series is not None
        first = int(series.first_steps[column])
        last = first + series.stride - 1
        return first, min(last, series.last_step)
