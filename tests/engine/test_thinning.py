"""Where a disk has no room for all columns of a record, the same steps are kept in fewer."""

import dataclasses
import errno
import math

import numpy as np
import pytest

from engine import recording
from engine.config import RunConfig
from engine.headless import UNFINISHED, train_headless
from engine.history import MAXIMUM, MEAN, MINIMUM, HistoryView, Series, SeriesView
from engine.lockstep import Lockstep
from engine.recording import open_recording, save_recording
from engine.replay import SERIES
from engine.snapshot import RunSnapshot
from engine.thinning import thinned, write_what_fits

TINY = RunConfig(depth=3, width=8, dataset="blobs", threads=1)


@pytest.fixture(scope="module")
def run() -> RunSnapshot:
    """A run of a thousand steps."""
    lockstep = Lockstep((TINY,))
    for _ in range(1000):
        lockstep.advance()
    return lockstep.snapshots()[0]


def filled(columns: int, readings: int, interval: int = 1) -> tuple[SeriesView, np.ndarray]:
    """Return a series of so many columns, and the readings that it was given."""
    series = Series((2,), columns)
    values = np.random.default_rng(readings).normal(size=(readings, 2))
    for number, value in enumerate(values):
        # The first is made in step 1 in any case, as `Trainer` makes those of the validation.
        series.append(max(interval * number, 1) if interval > 1 else number + 1, value)
    return series.view(), values


def with_all(series: SeriesView) -> RunSnapshot:
    """Return a run that has nothing but a series."""
    lockstep = Lockstep((TINY,))
    lockstep.advance()
    made = lockstep.snapshots()[0]
    return dataclasses.replace(made, history=HistoryView(series, series.until(0), series.until(0)))


@pytest.mark.parametrize("interval", [1, 20])
@pytest.mark.parametrize("readings", [2, 3, 7, 8, 9, 15, 17, 25, 30, 31, 32, 47, 63, 100, 997])
def test_every_column_holds_what_its_readings_say(readings, interval):
    series, values = filled(16, readings, interval)
    while len(series) > 1:
        series = thinned(with_all(series)).history.curves
        for column in range(len(series)):
            mean, minimum, maximum = series.reading(column)
            part = values[column * series.stride : (column + 1) * series.stride]
            np.testing.assert_allclose(mean, part.mean(axis=0), rtol=1e-12)
            np.testing.assert_array_equal(minimum, part.min(axis=0))
            np.testing.assert_array_equal(maximum, part.max(axis=0))
        assert series.stride == 2**series.merges
    assert series.stride >= readings


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_never_averaged_away(bad):
    series = Series((1,), 16)
    for step in range(1, 11):
        series.append(step, np.array([bad if step == 4 else 1.0]))
    run = with_all(series.view())
    while len(run.history.curves) > 1:
        run = thinned(run)
    values = run.history.curves.reading(0)[:, 0]
    assert not math.isfinite(values[MEAN])
    wanted = {MINIMUM: np.minimum(bad, 1.0), MAXIMUM: np.maximum(bad, 1.0)}
    for place, value in wanted.items():
        np.testing.assert_equal(values[place], value)


def test_a_thinned_run_is_a_recording_with_the_same_ends_at_every_size(run, tmp_path):
    names, sizes = set(), []
    while True:
        before = run
        recording.write_replay(tmp_path / "run.npz", [run], "cpu")
        opened = open_recording(tmp_path / "run.npz").runs[0]
        sizes.append((tmp_path / "run.npz").stat().st_size)
        assert (opened.steps, opened.config) == (1000, TINY)
        np.testing.assert_array_equal(opened.record.layers, run.record.layers)
        assert opened.diagnosis.verdict == run.diagnosis.verdict
        save_recording(tmp_path, [opened], "cpu")
        run = thinned(run)
        if run is before:
            break
        names |= {name for name in SERIES
                  if getattr(run.history, name) is not getattr(before.history, name)}  # fmt: skip
    assert names == set(SERIES)
    # While a column is one reading it packs well, being its own mean, minimum and maximum.
    assert sizes[-1] == min(sizes) < 25_000 < 200_000 < sizes[0]


def test_what_fits_is_as_much_as_fits(disk, fill, run):
    lengths = {}
    for free in (2**18, 2**17, 2**16):
        fill(free)
        assert not write_what_fits(disk / "run.npz", [run, run], "cpu")
        opened = open_recording(disk / "run.npz")
        assert [each.steps for each in opened.runs] == [1000, 1000]
        lengths[free] = len(opened.runs[0].history.layers)
        (disk / "run.npz").unlink()
    assert 1000 > lengths[2**18] > lengths[2**17] > lengths[2**16] > 1
    fill(8192)
    with pytest.raises(OSError, match="No space left"):
        write_what_fits(disk / "run.npz", [run], "cpu")
    assert {path.name for path in disk.iterdir()} == {"ballast"}


def test_the_room_of_what_it_replaces_is_used(disk, fill, run):
    kept = disk / "run.npz"
    kept.write_bytes(bytes(2**18))
    fill(2**16)
    assert write_what_fits(kept, [run], "cpu")
    assert kept.stat().st_size > 2**16


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EROFS])
def test_only_where_there_is_no_room_fewer_columns_are_tried(monkeypatch, tmp_path, run, number):
    tried = []

    def refuse(*arguments, **more):
        tried.append(arguments)
        raise OSError(number, "no")

    monkeypatch.setattr(recording, "write_replay", refuse)
    with pytest.raises(OSError, match="no"):
        write_what_fits(tmp_path / "run.npz", [run], "cpu")
    assert len(tried) == 1


def test_a_disk_too_small_for_the_recording_keeps_the_whole_run_thinned(disk, fill, capsys):
    fill(200_000)
    folder = disk / "run"
    assert train_headless(TINY, 2000, folder)[0] == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    opened = open_recording(folder / UNFINISHED).runs[0]
    assert (opened.steps, opened.config) == (2000, TINY)
    stride = opened.history.layers.stride
    assert stride > 1
    assert line.endswith(
        f"--open {folder / UNFINISHED} shows it up to step 2000 of 2000, thinned to what there is "
        f"room for: {stride} steps a column, not 1."
    )
    assert {path.name for path in folder.iterdir()} == {UNFINISHED}
