"""The history against keeping everything."""

import math
import weakref

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.history import DEFAULT_BUDGET_BYTES, MAXIMUM, MEAN, MINIMUM, History, Series
from engine.record import CURVE_QUANTITIES, LAYER_QUANTITIES, StepRecord

finite = st.floats(-1e300, 1e300)
anything = finite | st.sampled_from([math.nan, math.inf, -math.inf])


def filled(readings: list[float], columns: int) -> Series:
    series = Series((1,), columns)
    for step, reading in enumerate(readings, start=1):
        series.append(step, np.array([reading]))
    return series


@settings(max_examples=200, deadline=None)
@example(readings=[0.0] * 10 + [5e-324], half=3)
@given(readings=st.lists(anything, min_size=1, max_size=300), half=st.integers(1, 8))
def test_every_column_tells_mean_and_extremes_of_what_it_covers(readings, half):
    view = filled(readings, 2 * half).view()
    assert len(view) <= view.capacity
    ends = [*view.first_steps[1:], len(readings) + 1]
    with np.errstate(invalid="ignore", over="ignore"):
        for column, (start, end) in enumerate(zip(view.first_steps, ends, strict=True)):
            part = np.array(readings[start - 1 : end - 1])
            minimum, maximum = view.read(0, MINIMUM)[column], view.read(0, MAXIMUM)[column]
            np.testing.assert_equal(minimum, np.min(part))
            np.testing.assert_equal(maximum, np.max(part))
            mean = view.read(0, MEAN)[column]
            if np.isfinite(part).all():
                # Not the plain sum: a sum of large finite values must not overflow.
                wanted = float(np.sum(part / len(part)))
                scale = float(np.max(np.abs(part)))
                # Subnormal numbers are 5e-324 apart: each reading's share is rounded to one.
                apart = view.stride * math.ulp(0.0)
                assert mean == pytest.approx(wanted, rel=1e-9, abs=max(1e-9 * scale, apart))
                assert minimum <= mean <= maximum
            else:
                np.testing.assert_equal(mean, np.mean(part))


@given(readings=st.lists(finite, min_size=1, max_size=200))
def test_no_step_is_lost_and_the_first_stays(readings):
    view = filled(readings, 8).view()
    assert view.first_steps[0] == 1
    assert view.last_step == len(readings)
    gaps = np.diff(view.first_steps)
    assert (gaps == view.stride).all()
    assert len(readings) - view.first_steps[-1] < view.stride


def test_a_view_never_changes():
    series = filled([float(n) for n in range(13)], 8)
    view = series.view()
    before = view.read(0).copy()
    for step in range(14, 200):
        series.append(step, np.array([1e9]))
    np.testing.assert_array_equal(view.read(0), before)
    with pytest.raises(ValueError, match="read-only"):
        view.complete[0] = 0.0


def test_views_with_as_many_merges_agree_in_their_complete_columns():
    series = filled([], 16)
    earlier = None
    for step in range(1, 500):
        series.append(step, np.array([float(step)]))
        view = series.view()
        if earlier is not None and earlier.merges == view.merges:
            count = len(earlier.complete)
            np.testing.assert_array_equal(view.complete[:count], earlier.complete)
        earlier = view


def test_a_spike_survives_a_million_steps():
    series = Series((1,), 64)
    reading = np.zeros(1)
    for step in range(1, 100_001):
        reading[0] = 1e6 if step == 77 else 1.0
        series.append(step, reading)
    view = series.view()
    assert view.read(0, MAXIMUM)[view.column_at(77)] == 1e6
    assert view.read(0, MINIMUM).max() == 1.0
    assert series.nbytes < 5000


def record(step: int, depth: int, validation=None) -> StepRecord:
    layers = np.full((len(LAYER_QUANTITIES), depth + 1), float(step))
    return StepRecord(step, np.full(len(CURVE_QUANTITIES), float(step)), layers, validation, None)


def test_memory_is_decided_at_the_start():
    history = History(depth=5, budget_bytes=2**20)
    before = history.nbytes
    for step in range(1, 3000):
        history.append(record(step, 5, (0.5, 0.25) if step % 25 == 0 else None))
    assert history.nbytes == before
    view = history.view()
    assert view.layer("weight_norm").shape == (len(view.layers), 6)
    assert view.validation.first_steps[0] == 25


def test_the_budget_holds_for_deep_networks():
    budget = 64 * 2**20
    for depth in (1, 30, 1000):
        assert 2 * History(depth, budget).nbytes <= budget
        assert History.bytes_needed(depth, budget) == 2 * History(depth, budget).nbytes
    for depth in (30, 1000, 2000):
        assert 2 * History(depth).nbytes <= DEFAULT_BUDGET_BYTES


def test_the_mean_of_large_finite_readings_is_finite():
    largest = 1.7e308
    series = filled([largest] * 8 + [largest, -largest, largest], 4)
    means = series.view().read(0)
    assert means.tolist() == pytest.approx([largest, largest, largest / 3], rel=1e-12)


def test_odd_columns_are_refused():
    with pytest.raises(ValueError, match="even"):
        Series((1,), 7)


def test_what_has_been_merged_is_kept_by_nothing():
    series = Series((2, 3), 8)
    for step in range(1, 8):
        series.append(step, np.full((2, 3), float(step)))
    # The pages that the readings lie in.
    pages = weakref.ref(series._values.base)
    series.append(8, np.full((2, 3), 8.0))
    assert series.view().stride == 2
    assert pages() is None
