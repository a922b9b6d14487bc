"""The last steps of a run, which a verdict is on the median of."""

from __future__ import annotations

import copy
from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engine.history import MEAN, HistoryView
from engine.record import LAYER_INDEX, StepRecord

Array = NDArray[np.float64]

# A batch differs from the next by 0.1 to 0.2 decades; the verdict is on the median of this many
# steps, which moves by 0.05 from one to the next and lags by four. 25 of them would move by 0.02,
# and tell a fast run by what it was a dozen steps ago.
TYPICAL_STEPS = 9
# Whether anything passes at all is seen sooner: in two of so many steps.
LATE_STEPS = 3

_NORMS, _INACTIVE = LAYER_INDEX["activation_grad_norm"], LAYER_INDEX["inactive_fraction"]


@dataclass(frozen=True)
class Shown:
    """What some steps show, each number the median over them.

    Attributes:
        steps: the first and the last of them.
        norms: L2 norm of dL/dh, (depth,).
        inactive: share of units that are zero for the whole batch, (depth,).
    """

    steps: tuple[int, int]
    norms: Array
    inactive: Array


@dataclass(frozen=True)
class LastSteps:
    """The last steps, or columns of the history that hold several of them each.

    Attributes:
        firsts: the first step of each.
        newest: the newest step.
        layers: all quantities, (steps, quantities, depth + 1).
    """

    firsts: list[int]
    newest: int
    layers: Array

    def median(self) -> Array:
        """Return the median of every layer quantity, (quantities, depth + 1)."""
        return np.asarray(np.median(self.layers, axis=0))

    def shown(self) -> Shown:
        """Return what they show together."""
        norms = typical_norms(self.layers[:, _NORMS, :-1].T)
        inactive = np.median(self.layers[:, _INACTIVE, :-1], axis=0)
        return Shown(self._steps(0, len(self.firsts)), norms, np.asarray(inactive))

    def shown_lately(self) -> list[Shown]:
        """Return what every few in a row of them show, the newest first."""
        width = min(len(self.firsts), self._width())
        layers = sliding_window_view(self.layers[:, [_NORMS, _INACTIVE], :-1], width, axis=0)
        norms, inactive = typical_norms(layers[:, 0]), np.median(layers[:, 1], axis=-1)
        return [
            Shown(self._steps(start, start + width), norms[start], inactive[start])
            for start in reversed(range(len(layers)))
        ]

    def _width(self) -> int:
        """Return how many of them the newest few steps are in."""
        return sum(first > self.newest - LATE_STEPS + 1 for first in self.firsts) + 1

    def _steps(self, start: int, end: int) -> tuple[int, int]:
        """Return the first step and the last that are in some of them."""
        last = self.newest if end == len(self.firsts) else self.firsts[end] - 1
        return self.firsts[start], last


def typical_norms(norms: Array) -> Array:
    """Return the typical norms of dL/dh of some steps: of their lines over the layers, and sizes.

    Once little is left to be learned, batches differ by decades. The median of each layer by
    itself is then one batch's in one layer and another's in the next; so each step is compared
    with its own last layer first, where all of them have one to be compared with.

    Args:
        norms: (..., depth, steps).

    Returns:
        (..., depth).
    """
    last = norms[..., -1:, :]
    comparable = np.isfinite(norms).all(axis=(-2, -1)) & (last > 0.0).all(axis=(-2, -1))
    if not comparable.all():
        made = np.asarray(np.median(norms, axis=-1))
        if comparable.any():
            made[comparable] = typical_norms(norms[comparable])
        return made
    return np.asarray(np.median(norms / last, axis=-1) * np.median(last, axis=-1))


def last_columns(record: StepRecord, history: HistoryView) -> LastSteps:
    """Return the last steps as a history has them.

    Once something has stopped being finite, only the step itself is of interest.

    Args:
        record: the newest step.
        history: of the run, that step included.
    """
    series = history.layers
    if record.first_bad is not None or not len(series):
        return LastSteps([record.step], record.step, record.layers[None])
    start = series.column_at(max(series.last_step - TYPICAL_STEPS + 1, 1))
    values = series.complete[start:, MEAN]
    if series.partial is not None:
        values = np.concatenate([values, series.partial[None, MEAN]])
    return LastSteps(series.first_steps[start:].tolist(), record.step, np.asarray(values))


class KeptSteps:
    """Keeps the last steps, each by itself: a long history has a column for many of them.

    Args:
        since: for so many of the last steps what was typical then is kept as well.
    """

    def __init__(self, since: int) -> None:
        self._layers: deque[Array] = deque(maxlen=TYPICAL_STEPS + since)
        self._step = 0

    def keep(self, record: StepRecord) -> None:
        """Keep the newest step. What goes before a gap, as in a thinned recording, is forgotten."""
        if record.step != self._step + 1:
            self._layers.clear()
        self._layers.append(record.layers)
        self._step = record.step

    def copy(self) -> KeptSteps:
        """Return the same steps, to which nothing is added when these go on."""
        other = copy.copy(self)
        other._layers = self._layers.copy()
        return other

    def last(self, record: StepRecord) -> LastSteps | None:
        """Return the last steps; None where not all of them are kept."""
        count = min(TYPICAL_STEPS, record.step)
        kept = record.step == self._step and len(self._layers) >= count > 0
        if not kept or record.first_bad is not None:
            return None
        first = record.step - count + 1
        return LastSteps(
            list(range(first, record.step + 1)), record.step, np.array([*self._layers][-count:])
        )

    def typical_norms(self, after: int, until: int) -> Array:
        """Return the typical norms of dL/dh as they stood after each of some steps.

        Args:
            after: the step before the first of them.
            until: the last of them.

        Returns:
            (steps, depth), of those for which it is known.
        """
        values = np.array([layers[_NORMS, :-1] for layers in self._layers])
        last, first = until - self._step + len(values), after - self._step + len(values)
        start = max(first + 1 - TYPICAL_STEPS, 0)
        if last - start < TYPICAL_STEPS:
            return values[:0]
        return typical_norms(sliding_window_view(values[start:last], TYPICAL_STEPS, 0))
