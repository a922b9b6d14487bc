"""Ghosts: runs that are over, kept as they ended, to be shown behind the next.

A ghost holds no trainer, and of its history a copy in little memory.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.history import MAXIMUM, MEAN, MINIMUM, HistoryView, SeriesView
from engine.snapshot import RunSnapshot

MOST_GHOSTS = 2
# Of the layers of one ghost; its curves take a tenth of that.
LAYER_BYTES = 16 * 2**20
LAYER_COLUMNS = (16, 512)
CURVE_COLUMNS = 2048


class _Ghost(NamedTuple):
    """What the person keeps of a run."""

    run: RunSnapshot
    identity: object


class Ghosts:
    """The ghosts of a session, oldest first. Only the engine thread may call this.

    A run has one ghost at most: its last state holds the history of those before it. So has an
    experiment: two of them would have one name.
    """

    def __init__(self) -> None:
        self._kept: list[_Ghost] = []
        self._left: RunSnapshot | None = None
        # Before one was dropped, while nothing has come since.
        self._before: tuple[list[_Ghost], RunSnapshot | None] | None = None

    @property
    def runs(self) -> tuple[RunSnapshot, ...]:
        """All of them; they never change."""
        kept = [ghost.run for ghost in self._kept]
        return (*kept, *([] if self._left is None else [self._left]))

    def keep(self, run: RunSnapshot, identity: object) -> None:
        """Keep a run until the person lets go of it; beyond `MOST_GHOSTS` the oldest goes.

        Args:
            run: as it stands.
            identity: the same object whenever this run is kept or left, and of no other run.
        """
        self._before = None
        if self._left is not None and self._left.config == run.config:
            self._left = None
        place = self._place_of(run, identity)
        if place is None:
            self._kept.append(_Ghost(ghost_of(run), identity))
        else:
            self._kept[place] = _Ghost(ghost_of(run), identity)
        self._trim()

    def leave(self, run: RunSnapshot, identity: object) -> None:
        """Keep a run until the next one is left, or for longer if the person keeps it already."""
        self._before = self._left = None
        place = self._place_of(run, identity)
        if place is None:
            self._left = ghost_of(run)
        elif run.steps >= self._kept[place].run.steps:
            # What the person kept is not given up for less of the same.
            self._kept[place] = _Ghost(ghost_of(run), identity)
        self._trim()

    def _place_of(self, run: RunSnapshot, identity: object) -> int | None:
        """Return where among those kept a run is, or another of its experiment; None: nowhere."""
        for place, ghost in enumerate(self._kept):
            if ghost.identity is identity or ghost.run.config == run.config:
                return place
        return None

    def drop(self) -> None:
        """Let go of all."""
        self._kept.clear()
        self._left = self._before = None

    def drop_one(self, place: int) -> None:
        """Let go of one of `runs`; nothing where there is none."""
        if place < len(self._kept):
            self._before = list(self._kept), self._left
            del self._kept[place]
        elif place < len(self.runs):
            self._before = list(self._kept), self._left
            self._left = None

    def bring_back(self) -> None:
        """Have the one again that was dropped last, unless another has come since."""
        if self._before is not None:
            (self._kept, self._left), self._before = self._before, None

    def restore(self, runs: Sequence[RunSnapshot]) -> None:
        """Have these, which once were there, and no others."""
        self.drop()
        for run in runs:
            self.keep(run, identity=run)

    def _trim(self) -> None:
        most = MOST_GHOSTS - (self._left is not None)
        del self._kept[: max(len(self._kept) - most, 0)]


def ghost_of(run: RunSnapshot) -> RunSnapshot:
    """Return a run as it stands, with a history that is its own and bounded."""
    history = run.history
    reading_bytes = 8 * int(np.prod(history.layers.complete.shape[1:]))
    least, most = LAYER_COLUMNS
    columns = min(max(LAYER_BYTES // reading_bytes, least), most)
    small = HistoryView(
        curves=thinned(history.curves, CURVE_COLUMNS),
        # Not one reading for each step, and small as it is.
        validation=thinned(history.validation, len(history.validation)),
        layers=thinned(history.layers, columns),
    )
    return dataclasses.replace(run, history=small, histogram=None)


def thinned(series: SeriesView, most: int) -> SeriesView:
    """Return readings in memory of their own, merged to at most so many columns.

    Args:
        series: with a reading in every step, if there is anything to merge.
        most: number of columns.
    """
    complete, partial, steps = series.complete, series.partial, series.first_steps
    stride, merges = series.stride, series.merges
    while len(steps) > most:
        paired = len(complete) // 2 * 2
        if paired < len(complete):
            # What is left over becomes the column that is not full yet.
            last = complete[-1]
            if partial is not None:
                opened = series.last_step - int(steps[-1]) + 1
                (last,) = _merged(last[None], partial[None], opened / stride)
            partial = last
        complete = _merged(complete[:paired:2], complete[1:paired:2])
        steps = steps[::2]
        stride, merges = 2 * stride, merges + 1
    return dataclasses.replace(
        series,
        first_steps=steps.copy(),
        complete=complete.copy(),
        partial=None if partial is None else partial.copy(),
        stride=stride,
        merges=merges,
    )


def _merged(
    left: NDArray[np.float64], right: NDArray[np.float64], weight: float = 1.0
) -> NDArray[np.float64]:
    """Return neighbouring columns merged.

    Args:
        left: (columns, 3, *shape), as is the other.
        right: the columns that follow.
        weight: readings in a right column, as a multiple of those in a left one.
    """
    merged = np.empty_like(left)
    share = weight / (1.0 + weight)
    # Inf - Inf makes a NaN here, which is what it is.
    with np.errstate(invalid="ignore", over="ignore"):
        merged[:, MEAN] = left[:, MEAN] * (1.0 - share) + right[:, MEAN] * share
    np.minimum(left[:, MINIMUM], right[:, MINIMUM], out=merged[:, MINIMUM])
    np.maximum(left[:, MAXIMUM], right[:, MAXIMUM], out=merged[:, MAXIMUM])
    return merged
