"""The vectorised error function against the one of the C library."""

import math

import numpy as np
import pytest

from engine.activations import erf


def test_erf_agrees_with_the_c_library_to_the_last_digits():
    random = np.random.default_rng(0)
    x = np.concatenate([
        np.linspace(-8.0, 8.0, 100_001),
        random.standard_normal(20_000),
        random.standard_normal(20_000) * 10.0 ** random.uniform(-300, 0, 20_000),
    ])  # fmt: skip
    exact = np.array([math.erf(value) for value in x])
    assert np.abs(erf(x) - exact).max() < 3e-16
    usable = np.abs(exact) > 1e-300
    assert np.abs(erf(x)[usable] / exact[usable] - 1.0).max() < 1e-15


def test_erf_of_what_is_not_finite_and_of_any_shape():
    found = erf(np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300]))
    assert np.isnan(found[0])
    assert found[1:].tolist() == pytest.approx([1.0, -1.0, 0.0, 0.0, 1.0])
    assert math.copysign(1.0, found[4]) == -1.0
    assert erf(np.zeros((0,))).shape == (0,)
    assert erf(np.ones((2, 3))).shape == (2, 3)
