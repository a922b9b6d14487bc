"""The verdict, against norms whose slope is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.diagnosis import diagnose, gradient_decades, theil_sen_slope
from engine.history import History
from engine.record import (
    CURVE_QUANTITIES,
    LAYER_INDEX,
    LAYER_QUANTITIES,
    FirstBad,
    StepRecord,
)


def record(norms: list[float], step: int = 1, bad: FirstBad | None = None) -> StepRecord:
    layers = np.ones((len(LAYER_QUANTITIES), len(norms) + 1))
    for name in ("saturated", "inactive", "zero", "subnormal"):
        layers[LAYER_INDEX[f"{name}_fraction"]] = 0.0
    layers[LAYER_INDEX["update_ratio"]] = 1e-3
    layers[LAYER_INDEX["distinct_units"]] = 100.0
    layers[LAYER_INDEX["activation_grad_norm"], :-1] = norms
    return StepRecord(step, np.ones(len(CURVE_QUANTITIES)), layers, None, bad)


def judge(*profiles: list[float], bad: FirstBad | None = None):
    history = History(len(profiles[0]), budget_bytes=2**20)
    for step, norms in enumerate(profiles, start=1):
        newest = record(norms, step, bad)
        history.append(newest)
    return diagnose(newest, history.view())


def profile(decades: float, depth: int = 20) -> list[float]:
    return (10.0 ** np.linspace(-decades, 0.0, depth)).tolist()


@pytest.mark.parametrize(
    ("decades", "verdict"),
    [
        (18.0, "vanishing"),
        (3.1, "vanishing"),
        (1.5, "weakly vanishing"),
        (0.5, "healthy"),
        (-0.5, "healthy"),
        (-1.5, "weakly exploding"),
        (-5.0, "exploding"),
    ],
)
def test_the_verdict_follows_the_decades_lost(decades, verdict):
    diagnosis = judge(profile(decades))
    assert diagnosis.verdict == verdict
    assert diagnosis.decades == pytest.approx(decades)
    assert diagnosis.factor_per_layer == pytest.approx(10 ** (-decades / 19))


def test_one_corrupted_layer_hardly_moves_it():
    norms = profile(0.0)
    norms[10] *= 1e-6
    assert abs(judge(norms).decades) < 0.05


def test_one_unusual_batch_does_not_change_the_verdict():
    assert judge(*[profile(0.2)] * 12, profile(9.0), profile(0.2)).verdict == "healthy"
    assert judge(*[profile(0.2)] * 12, profile(9.0)).decades == pytest.approx(0.2)


def test_layers_without_a_gradient_are_left_out_and_counted():
    norms = profile(4.0)
    norms[3] = 0.0
    norms[4] = math.nan
    decades, used = gradient_decades(np.array(norms))
    assert used == 18
    assert decades == pytest.approx(4.0)
    assert judge(norms).verdict == "vanishing"


def test_where_nothing_reaches_the_first_layer_no_number_is_made_up():
    diagnosis = judge([0.0] * 15 + profile(4.0)[:5])
    assert diagnosis.verdict == "vanishing"
    assert diagnosis.layers_used == 5
    assert math.isnan(diagnosis.decades)
    assert math.isnan(diagnosis.factor_per_layer)


def test_no_gradient_anywhere_one_layer_and_a_divergence():
    assert judge([0.0] * 5).verdict == "no gradient"
    assert judge([1.0]).verdict == "too shallow to tell"
    assert math.isnan(judge([1.0]).decades)
    bad = FirstBad(1, "3", "h")
    diagnosis = judge([math.nan] * 5, bad=bad)
    assert (diagnosis.verdict, diagnosis.first_bad) == ("diverged", bad)


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30))
def test_the_slope_is_the_median_of_all_pairs(values):
    x = np.arange(len(values), dtype=float)
    y = np.array(values)
    slopes = [(y[j] - y[i]) / (x[j] - x[i]) for i in range(len(x)) for j in range(i + 1, len(x))]
    assert theil_sen_slope(x, y) == pytest.approx(float(np.median(slopes)))


def test_a_very_deep_network_is_judged_by_some_of_its_layers():
    decades, used = gradient_decades(np.array(profile(7.0, depth=2000)))
    assert used == 2000
    assert decades == pytest.approx(7.0)
