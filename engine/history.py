"""The record of a run in fixed memory, at every time scale.

A `Series` holds a fixed number of columns. Each column covers `stride` readings; when all
columns are full, neighbours are merged and the stride doubles. Mean, minimum and maximum are
kept, so that the first step and every spike of a million-step run stay visible. A NaN or an
infinity survives every merge: it is never averaged away.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.pages import own_pages
from engine.record import (
    CURVE_INDEX,
    CURVE_QUANTITIES,
    LAYER_INDEX,
    LAYER_QUANTITIES,
    VALIDATION_QUANTITIES,
    StepRecord,
)

DEFAULT_BUDGET_BYTES = 256 * 2**20
# More columns than a screen has pixels are of no use to a heatmap ...
LAYER_COLUMNS = (64, 2048)
# ... while curves and the tables written to disk want every step for as long as is affordable.
CURVE_COLUMNS = 2**15
VALIDATION_COLUMNS = 2**12
# A few pairs of columns are merged at a time, long before all columns are full.
PAIRS_AT_ONCE = 8
MEAN, MINIMUM, MAXIMUM = range(3)


@dataclass(frozen=True)
class SeriesView:
    """What a `Series` held at one moment. It never changes.

    Attributes:
        first_steps: int64 (columns,), the step of the first reading in each column.
        complete: (columns or columns - 1, 3, *shape): mean, minimum, maximum of every full
            column, shared with the series.
        partial: (3, *shape) of the last column if it is not full yet, else None.
        stride: readings in a full column.
        merges: how often neighbours have been merged. Views with the same number of merges
            agree in every complete column that both hold.
        last_step: step of the newest reading; 0 before the first.
        capacity: the number of columns at which neighbours are merged.
    """

    first_steps: NDArray[np.int64]
    complete: NDArray[np.float64]
    partial: NDArray[np.float64] | None
    stride: int
    merges: int
    last_step: int
    capacity: int

    def __len__(self) -> int:
        return len(self.first_steps)

    def read(self, index: int, statistic: int = MEAN, start: int = 0) -> NDArray[np.float64]:
        """Return one quantity in the columns from `start` on.

        Args:
            index: position along the first axis of a reading.
            statistic: MEAN, MINIMUM or MAXIMUM.
            start: first column.

        Returns:
            (columns - start, *rest of the shape), a copy.
        """
        full = self.complete[start:, statistic, index]
        if self.partial is None or start > len(self.complete):
            return full.copy()
        return np.concatenate([full, self.partial[None, statistic, index]])

    def column_at(self, step: int) -> int:
        """Return the column that covers a step; the nearest one if none does."""
        index = int(np.searchsorted(self.first_steps, step, side="right")) - 1
        return min(max(index, 0), len(self) - 1)

    def steps_of(self, column: int) -> tuple[int, int]:
        """Return the first and the last step that a column covers."""
        first = int(self.first_steps[column])
        if column + 1 < len(self):
            return first, int(self.first_steps[column + 1]) - 1
        return first, self.last_step

    def reading(self, column: int) -> NDArray[np.float64]:
        """Return mean, minimum and maximum of all quantities in a column, (3, *shape)."""
        values = self.complete[column] if column < len(self.complete) else self.partial
        assert values is not None
        return values

    def until(self, column: int) -> SeriesView:
        """Return the view as if the column were the last. Nothing is copied."""
        return dataclasses.replace(
            self,
            first_steps=self.first_steps[: column + 1],
            complete=self.complete[: column + 1],
            partial=self.partial if column >= len(self.complete) else None,
            last_step=self.steps_of(column)[1],
        )


class Series:
    """Readings of one shape, in memory decided when it is made and taken with the first reading.

    Complete columns are never written again: a merge takes new arrays. A view therefore shares
    them with the series and copies only the column that is still being filled.

    Args:
        shape: shape of a reading.
        columns: number of columns, even and at least 2.
    """

    def __init__(self, shape: tuple[int, ...], columns: int) -> None:
        if columns < 2 or columns % 2:
            raise ValueError(f"columns = {columns}: must be even and at least 2")
        self._columns = columns
        self._shape = shape
        # As the loops that write know a reading: (quantities, layers).
        self._grid = shape if len(shape) == 2 else (*shape, 1)
        # An experiment of which only step 0 is looked at takes none of it.
        self._values = np.empty((0, 3, *self._grid))
        # While a column is one reading, which is its own mean, minimum and maximum: the columns,
        # in the same memory.
        self._readings = self._values[:, 0]
        # Pairs of complete columns, merged in advance.
        self._merged = self._values
        self._pairs = 0
        self._first_steps = np.zeros(columns, np.int64)
        # The column being filled: sum by the stride, a power of two, minimum and maximum.
        self._open = np.zeros((3, *self._grid))
        self._open_step = 0
        self._open_count = 0
        self._complete = 0
        self._stride = 1
        self._merges = 0
        self._last_step = 0
        self._shown = self._as_shown()
        self._view: SeriesView | None = None

    @property
    def nbytes(self) -> int:
        """Bytes of the columns; what is merged in advance takes at most as much again."""
        return 8 * self._columns * (self._open.size + 1)

    def _take_memory(self) -> None:
        # The loops are compiled when a run starts, which the views of a record know nothing of.
        from engine import kernels

        self._loops = kernels
        self._values = own_pages((self._columns, *self._values.shape[1:]))
        self._readings = self._values.reshape(-1, *self._grid)[: self._columns]
        self._merged = own_pages(self._values.shape)
        self._shown = self._as_shown()

    def append(self, step: int, reading: NDArray[np.float64]) -> None:
        """Add one reading. Only the thread that owns the series may call this."""
        if not len(self._values):
            self._take_memory()
        reading = reading.reshape(self._grid)
        self._last_step = step
        self._view = None
        if self._stride == 1:
            self._readings[self._complete] = reading
            self._open_step = step
            self._column_written()
            return
        if self._open_count == 0:
            self._open_step = step
            self._open[...] = reading
            self._open[MEAN] /= self._stride
        else:
            self._loops.add_reading(self._open, reading, 1.0 / self._stride)
        self._open_count += 1
        if self._open_count == self._stride:
            self._write_open_column(self._values[self._complete])
            self._column_written()

    def _write_open_column(self, target: NDArray[np.float64]) -> None:
        target[...] = self._open
        mean, minimum, maximum = target
        mean *= self._stride / self._open_count
        # Shares of subnormal readings are rounded, to 0 at worst; a mean lies between its extremes.
        np.clip(mean, minimum, maximum, out=mean)

    def _column_written(self) -> None:
        self._first_steps[self._complete] = self._open_step
        self._open_count = 0
        self._complete += 1
        # All of them at once would stop a run of depth 1000 for a third of a second.
        pairs = self._complete // 2
        if pairs - self._pairs == PAIRS_AT_ONCE or self._complete == self._columns:
            self._loops.merge_columns(self._written(), self._merged, self._pairs, pairs)
            self._pairs = pairs
        if self._complete == self._columns:
            self._take_merged()

    def _written(self) -> NDArray[np.float64]:
        """Return the columns, (columns, 3 or 1, *grid): a single reading is all three."""
        return self._readings[:, None] if self._stride == 1 else self._values

    def _as_shown(self) -> NDArray[np.float64]:
        """Return all columns as a view has them, (columns, 3, *shape), in the same memory."""
        values = self._written()
        columns, statistics = values.shape[:2]
        values = values.reshape(columns, statistics, *self._shape)
        return np.broadcast_to(values, (columns, 3, *self._shape))

    def _take_merged(self) -> None:
        half = len(self._values) // 2
        steps = np.zeros_like(self._first_steps)
        steps[:half] = self._first_steps[0::2]
        # A new array: views may still show the old one, and nothing else is to keep it.
        self._readings = np.empty((0, *self._grid))
        self._values = self._merged
        self._merged = own_pages(self._values.shape)
        self._first_steps = steps
        self._complete = half
        self._stride *= 2
        self._merges += 1
        self._pairs = 0
        self._shown = self._as_shown()

    def view(self) -> SeriesView:
        """Return what is held now. Only the thread that owns the series may call this.

        The view itself may be handed to any thread.
        """
        # Many are asked for while nothing is appended, as between two validations.
        if self._view is None:
            self._view = self._seen_now()
        return self._view

    def _seen_now(self) -> SeriesView:
        steps = self._first_steps[: self._complete]
        partial = None
        if self._open_count:
            partial = np.empty((3, *self._shape))
            self._write_open_column(partial.reshape(self._open.shape))
            steps = np.append(steps, self._open_step)
        return SeriesView(
            first_steps=steps,
            complete=self._shown[: self._complete],
            partial=partial,
            stride=self._stride,
            merges=self._merges,
            last_step=self._last_step,
            capacity=self._columns,
        )


@dataclass(frozen=True)
class HistoryView:
    """The history of a run at one moment. It never changes."""

    curves: SeriesView
    validation: SeriesView
    layers: SeriesView

    def layer(self, quantity: str, statistic: int = MEAN, start: int = 0) -> NDArray[np.float64]:
        """Return a quantity of every layer in columns from `start`: (columns, depth + 1)."""
        return self.layers.read(LAYER_INDEX[quantity], statistic, start)

    def until(self, step: int) -> HistoryView:
        """Return the history as it was when a step had been recorded. Nothing is copied."""
        layers, curves = self.layers, self.curves
        return dataclasses.replace(
            self,
            curves=curves.until(curves.column_at(step)),
            layers=layers.until(layers.column_at(step)),
        )

    def curve(self, quantity: str, statistic: int = MEAN) -> NDArray[np.float64]:
        """Return a quantity of the whole network, shape (columns,)."""
        return self.curves.read(CURVE_INDEX[quantity], statistic)


def _column_bytes(depth: int) -> int:
    # Mean, minimum and maximum, and the step, 8 bytes each.
    return 8 * (3 * len(LAYER_QUANTITIES) * (depth + 1) + 1)


def _curve_bytes() -> int:
    """Return how many bytes the curves take, merging included."""
    series = (
        (CURVE_COLUMNS, len(CURVE_QUANTITIES)),
        (VALIDATION_COLUMNS, len(VALIDATION_QUANTITIES)),
    )
    return 2 * sum(8 * columns * (3 * size + 1) for columns, size in series)


class History:
    """All readings of one run.

    Args:
        depth: number of hidden layers.
        budget_bytes: memory that all readings may take, merging included; the layers of a network
            as deep as the deepest have their fewest columns whatever it is.
        deepest: the largest depth among runs in lockstep, whose columns are to cover the same
            steps; 0: this run's own.
    """

    def __init__(
        self, depth: int, budget_bytes: int = DEFAULT_BUDGET_BYTES, deepest: int = 0
    ) -> None:
        shape = (len(LAYER_QUANTITIES), depth + 1)
        columns = self._layer_columns(deepest or depth, budget_bytes)
        self._curves = Series((len(CURVE_QUANTITIES),), CURVE_COLUMNS)
        self._validation = Series((len(VALIDATION_QUANTITIES),), VALIDATION_COLUMNS)
        self._layers = Series(shape, columns)

    @staticmethod
    def _layer_columns(depth: int, budget_bytes: int) -> int:
        least, most = LAYER_COLUMNS
        budget_bytes -= _curve_bytes()
        return min(max(budget_bytes // (2 * _column_bytes(depth)), least), most) // 2 * 2

    @classmethod
    def bytes_needed(cls, depth: int, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> int:
        """Return how many bytes a history of so many hidden layers takes, merging included."""
        columns = cls._layer_columns(depth, budget_bytes)
        return _curve_bytes() + 2 * columns * _column_bytes(depth)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self._curves.nbytes + self._validation.nbytes + self._layers.nbytes

    def append(self, record: StepRecord) -> None:
        """Add the record of one step."""
        self._curves.append(record.step, record.curves)
        self._layers.append(record.step, record.layers)
        if record.validation is not None:
            self._validation.append(record.step, np.array(record.validation))

    def view(self) -> HistoryView:
        """Return all that is held now."""
        return HistoryView(self._curves.view(), self._validation.view(), self._layers.view())
