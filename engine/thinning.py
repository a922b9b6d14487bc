"""A run on a disk that has no room for all of it: the same steps in fewer columns.

Columns are merged as `engine.history` merges them when a record is full: a mean of means, extremes
of extremes, and what is not a number stays so. Experiment, verdict, first and last step stay.
"""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import recording
from engine.history import MAXIMUM, MEAN, MINIMUM, SeriesView
from engine.replay import SERIES
from engine.snapshot import RunSnapshot

# The disk is full, the person's share of it is used up, or no file may be so large.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_what_fits(path: Path, runs: Sequence[RunSnapshot], device: str) -> bool:
    """Write runs as `recording.write_replay` does, in as many columns as there is room for.

    Args:
        path: the file, in a folder that exists.
        runs: at least one, of which at least one step has been made.
        device: the device in words.

    Returns:
        Whether there was room for all columns.

    Raises:
        OSError: there is none for a single column, or the file cannot be written at all.
    """
    before = path.stat().st_size if path.exists() else 0
    is_whole = _write_thinned(path, runs, device)
    if is_whole or path.stat().st_size >= before:
        return is_whole
    # What lay here before has given its room back.
    return _write_thinned(path, runs, device)


def _write_thinned(path: Path, runs: Sequence[RunSnapshot], device: str) -> bool:
    """Write runs in ever fewer columns until they fit; as of `write_what_fits`."""
    is_whole = True
    while True:
        try:
            recording.write_replay(path, runs, device)
        except OSError as error:
            if error.errno not in NO_ROOM or not any(map(_mergeable, runs)):
                raise
            runs, is_whole = [thinned(run) for run in runs], False
        else:
            return is_whole


def thinned(run: RunSnapshot) -> RunSnapshot:
    """Return a run whose largest series has half of the columns; itself where each has one."""
    series = _mergeable(run)
    if not series:
        return run
    largest = max(series, key=lambda name: series[name].complete.size)
    history = dataclasses.replace(run.history, **{largest: _in_half(series[largest])})
    return dataclasses.replace(run, history=history)


def _mergeable(run: RunSnapshot) -> dict[str, SeriesView]:
    """Return the series of a run that have more than one column, by name."""
    series: dict[str, SeriesView] = {name: getattr(run.history, name) for name in SERIES}
    return {name: each for name, each in series.items() if len(each) > 1}


def _in_half(series: SeriesView) -> SeriesView:
    """Merge every two neighbouring columns, of at least two; an odd one at the end stays."""
    values = series.complete
    if series.partial is not None:
        values = np.concatenate([values, series.partial[None]])
    left, right = values[0:-1:2], values[1::2]
    # How many of the readings in a pair are in its second column: half, unless that is not full.
    share = np.full(len(right), 0.5)
    if len(values) % 2 == 0:
        readings = _readings_in_last(series)
        share[-1] = readings / (series.stride + readings)
    return dataclasses.replace(
        series,
        first_steps=series.first_steps[::2],
        complete=np.concatenate([_merged(left, right, share), values[2 * len(right) :]]),
        partial=None,
        stride=2 * series.stride,
        merges=series.merges + 1,
    )


def _readings_in_last(series: SeriesView) -> int:
    """Return the number of readings in the last column, which is not the first."""
    # Readings are made every so many steps; the first of them is made in step 1 in any case.
    begins = int(series.first_steps[-1])
    interval = begins // ((len(series) - 1) * series.stride)
    return min((series.last_step - begins) // interval + 1, series.stride)


def _merged(
    left: NDArray[np.float64], right: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Merge columns (columns, 3, *shape), of whose readings a share (columns,) is on the right."""
    merged = np.empty(left.shape)
    share = share.reshape(-1, *[1] * (left.ndim - 2))
    with np.errstate(invalid="ignore"):
        merged[:, MEAN] = (1.0 - share) * left[:, MEAN] + share * right[:, MEAN]
    merged[:, MINIMUM] = np.minimum(left[:, MINIMUM], right[:, MINIMUM])
    merged[:, MAXIMUM] = np.maximum(left[:, MAXIMUM], right[:, MAXIMUM])
    return merged
