"""Variances through linear layers against the closed form and against a plain network."""

import math
from itertools import pairwise

import numpy as np
import pytest

from engine.labs.job import Interrupted
from engine.labs.layer_variance import (
    BATCH,
    DISTRIBUTIONS,
    RULES,
    layer_widths,
    variances,
    weights_to_draw,
)


def test_widths_go_evenly_from_one_end_to_the_other():
    assert layer_widths(16, 1, 4) == (16, 8, 4, 2, 1)
    assert layer_widths(7, 7, 3) == (7, 7, 7, 7)
    assert weights_to_draw(16, 1, 4) == 128 + 32 + 8 + 2


def test_each_rule_keeps_its_own_direction():
    made = variances(512, 32, 10, "normal", 1e-2, 7)
    np.testing.assert_allclose(made.forward_theory["fan_in"], 0.0, atol=1e-12)
    np.testing.assert_allclose(made.backward_theory["fan_out"], 0.0, atol=1e-12)
    # What one direction keeps costs the other the ratio of the widths at the ends.
    ratio = math.log10(512 / 32)
    assert made.forward_theory["fan_out"][-1] == pytest.approx(ratio)
    assert made.backward_theory["fan_in"][0] == pytest.approx(-ratio)


def test_the_compromise_lies_between_and_all_agree_where_widths_are_equal():
    made = variances(512, 32, 10, "normal", 1e-2, 7)
    assert 0.0 < made.forward_theory["xavier"][-1] < made.forward_theory["fan_out"][-1]
    assert made.backward_theory["fan_in"][0] < made.backward_theory["xavier"][0] < 0.0
    equal = variances(64, 64, 10, "uniform", 1 / 64, 7)
    for rule in RULES:
        np.testing.assert_allclose(equal.forward_theory[rule], 0.0, atol=1e-12)
        np.testing.assert_allclose(equal.backward_theory[rule], 0.0, atol=1e-12)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize("rule", RULES)
def test_the_measurement_is_that_of_a_plain_network(distribution, rule):
    first, last, depth, own, seed = 24, 6, 5, 0.03, 3
    made = variances(first, last, depth, distribution, own, seed)
    random = np.random.default_rng(seed)
    widths = layer_widths(first, last, depth)
    h = random.standard_normal((BATCH, first))
    weights, forward = [], [np.mean(h**2)]
    h = h / math.sqrt(forward[0])
    sizes = [forward[0]]
    for n_in, n_out in pairwise(widths):
        if distribution == "normal":
            drawn = random.standard_normal((n_out, n_in))
        else:
            drawn = random.uniform(-math.sqrt(3), math.sqrt(3), (n_out, n_in))
        weights.append(drawn * math.sqrt(RULES[rule](n_in, n_out, own)))
        h = h @ weights[-1].T
        sizes.append(forward[0] * np.mean(h**2))
    np.testing.assert_allclose(made.forward_logs[rule], np.log10(sizes), atol=1e-10)
    g = random.standard_normal((BATCH, last))
    back = [np.mean(g**2)]
    for weight in reversed(weights):
        g = g @ weight
        back.append(np.mean(g**2))
    np.testing.assert_allclose(made.backward_logs[rule], np.log10(back[::-1]), atol=1e-10)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_the_measurement_agrees_with_theory(distribution):
    logs = []
    for seed in range(40):
        made = variances(64, 16, 4, distribution, 0.02, seed)
        logs.append(made.forward_logs["own"][-1] - made.forward_theory["own"][-1])
    mean = np.mean(10.0 ** np.array(logs))
    # The mean square itself is unbiased; its spread over 40 draws is known from the sample.
    assert abs(mean - 1.0) < 4.0 * np.std(10.0 ** np.array(logs)) / math.sqrt(len(logs))


def test_sizes_beyond_float64_are_no_trouble():
    made = variances(64, 64, 60, "normal", 1e12, 7)
    assert made.forward_logs["own"][-1] == pytest.approx(60 * (12 + math.log10(64)), abs=1.5)
    assert all(np.isfinite(logs).all() for logs in made.backward_logs.values())


def test_the_work_can_be_interrupted():
    def stop(share, partial=None):
        raise Interrupted

    with pytest.raises(Interrupted):
        variances(64, 64, 4, "normal", 0.1, 7, stop)
