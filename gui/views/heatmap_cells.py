"""The cells of one heatmap, kept up to date at the price of what is new."""

from __future__ import annotations

import numpy as np

from engine.history import MAXIMUM, HistoryView, SeriesView
from engine.record import LAYER_INDEX
from gui.views.colour_scale import Cells, cells

# The picture's width in columns grows in these steps, so that it is always at least half full
# and its axis changes rarely.
SMALLEST_RUNG = 64


def rung(columns: int, capacity: int) -> int:
    """Return how many columns the picture spans when so many are filled."""
    span = SMALLEST_RUNG
    while span < columns:
        span *= 2
    return max(min(span, capacity), columns)


class HeatmapCells:
    """One quantity of every layer over the steps, as bytes.

    Row 0 is the top of the picture: the layer next to the output.

    Args:
        quantity: one of `engine.record.LAYER_QUANTITIES`.
        output_row: the output layer has a row too.
    """

    def __init__(self, quantity: str, *, output_row: bool) -> None:
        self.quantity = quantity
        self.output_row = output_row
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._cells: Cells = np.zeros((0, 0), np.uint8)
        self._history: HistoryView | None = None
        self._run_number = -1
        self._final = 0
        self.columns = 0

    @property
    def rows(self) -> int:
        """Number of layers shown."""
        return int(self._cells.shape[0])

    @property
    def series(self) -> SeriesView | None:
        """The readings behind the picture."""
        return None if self._history is None else self._history.layers

    @property
    def span(self) -> int:
        """How many columns wide the picture is, filled or not."""
        series = self.series
        return SMALLEST_RUNG if series is None else rung(self.columns, series.capacity)

    def filled(self) -> Cells:
        """Return the cells that hold something, (rows, columns)."""
        return self._cells[:, : self.columns]

    def feed(self, run_number: int, history: HistoryView) -> bool:
        """Take in what is new; return whether the picture changed."""
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
        self._history, self._run_number = history, run_number
        new = history.layer(self.quantity, MAXIMUM, start=self._final)[:, :rows]
        self.columns = len(series)
        if new.size:
            self._cells[:, self._final : self.columns] = cells(new).T[::-1]
        # The last column may still be filling: it is converted again next time.
        self._final = len(series.complete)
        return True

    def value(self, row: int, column: int) -> float:
        """Return the largest value behind a cell; row 0 is the topmost."""
        series = self.series
        assert series is not None
        layer = self.rows - 1 - row
        final = len(series.complete)
        reading = series.complete[column] if column < final else series.partial
        assert reading is not None
        return float(reading[MAXIMUM, LAYER_INDEX[self.quantity], layer])

    def steps(self, column: int) -> tuple[int, int]:
        """Return the first and the last step that a column covers."""
        series = self.series
        assert series is not None
        first = int(series.first_steps[column])
        last = first + series.stride - 1
        return first, min(last, series.last_step)
