"""The difference of two heatmaps: how many times larger one run's quantity is than the other's."""

from __future__ import annotations

import numpy as np

from engine.history import MAXIMUM, HistoryView, SeriesView
from gui.views.colour_scale import Cells, Scale, cells
from gui.views.heatmap_cells import Values, span_of
from gui.views.quantities import QUANTITIES

# Decades, or shares: from so much less to so much more.
_RATIOS = Scale(-6.0, 6.0)
_SHARES = Scale(-1.0, 1.0, logarithmic=False)


class DifferenceCells:
    """Two runs of one depth, as one picture: their ratio, or the difference of two shares.

    It is what `HeatmapCells` is for one run. Where either run has no value there is none here:
    a zero in one of them is an end of the scale, in both of them no difference.

    Args:
        quantity: a row of `QUANTITIES`.

    Attributes:
        least_steps: so many steps the picture spans at least.
    """

    def __init__(self, quantity: str) -> None:
        self.quantity = QUANTITIES[quantity]
        self.least_steps = 0
        self.clear()

    @property
    def output_row(self) -> bool:
        """Whether the output layer has a row too."""
        return self.quantity.output_row

    @property
    def scale(self) -> Scale:
        """What the colours stand for."""
        return _RATIOS if self.quantity.scale.logarithmic else _SHARES

    def clear(self) -> None:
        """Forget everything."""
        self._values: Values = np.zeros((0, 0))
        self._cells: Cells = np.zeros((0, 0), np.uint8)
        self._series: SeriesView | None = None
        self._key: object = None
        self._final = self._changed = 0

    @property
    def rows(self) -> int:
        """Number of layers shown."""
        return int(self._cells.shape[0])

    @property
    def columns(self) -> int:
        """Number of columns that hold something."""
        return 0 if self._series is None else min(len(self._series), self._cells.shape[1])

    @property
    def series(self) -> SeriesView | None:
        """The steps of the columns."""
        return self._series

    @property
    def span(self) -> int:
        """How many columns wide the picture is, filled or not."""
        return span_of(self._series, self.columns, self.least_steps)

    def filled(self) -> Cells:
        """Return the cells that hold something, (rows, columns)."""
        return self._cells[:, : self.columns]

    def take_changed(self) -> int:
        """Return the first column that is another than at the last call; they end at `columns`."""
        changed, self._changed = self._changed, self.columns
        return changed

    def feed(self, run_number: int, first: HistoryView, second: HistoryView) -> bool:
        """Take in what is new of two runs of one depth; return whether the picture changed."""
        one, other = first.layers, second.layers
        if one.complete.shape[1:] != other.complete.shape[1:] or one.merges != other.merges:
            # One of them has come to an end, and its columns cover other steps.
            return False
        key = (run_number, one.merges, one.capacity)
        ends = (one.last_step, other.last_step)
        if (key, ends) == self._key:
            return False
        if self._key is None or self._key[0] != key:
            self._final = 0
            rows = one.complete.shape[3] - (not self.output_row)
            self._values = np.full((one.capacity, rows), np.nan)
            self._cells = np.zeros((rows, one.capacity), np.uint8)
        self._key = (key, ends)
        shorter = min(one, other, key=len)
        self._series = shorter
        start, columns = self._final, len(shorter)
        rows = self._values.shape[1]
        a, b = (
            history.layer(self.quantity.name, MAXIMUM, start=start)[: columns - start, :rows]
            for history in (first, second)
        )
        new = self._values[start:columns] = self._compare(a, b)
        if new.size:
            linear = Scale(self.scale.low, self.scale.high, logarithmic=False)
            # Beyond the ends of the scale their colours are taken.
            shown = np.clip(new, self.scale.low, self.scale.high)
            self._cells[:, start:columns] = cells(shown, linear).T[::-1]
        self._changed = min(self._changed, start)
        self._final = min(len(one.complete), len(other.complete))
        return True

    def _compare(self, first: Values, second: Values) -> Values:
        """Return log10 of second ÷ first, or second − first of shares."""
        with np.errstate(divide="ignore", invalid="ignore"):
            if not self.quantity.scale.logarithmic:
                return second - first
            ratio = np.log10(np.abs(second)) - np.log10(np.abs(first))
        ratio[(first == 0) & (second == 0)] = 0.0
        return np.asarray(ratio)

    def value(self, row: int, column: int) -> float:
        """Return the ratio behind a cell, or the difference; row 0 is the topmost."""
        value = float(self._values[column, self.rows - 1 - row])
        with np.errstate(over="ignore"):
            return float(np.power(10.0, value)) if self.scale.logarithmic else value

    def steps(self, column: int) -> tuple[int, int]:
        """Return the first and the last step that a column covers."""
        assert self._series is not None
        return self._series.steps_of(column)
