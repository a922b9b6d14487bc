"""Taylor polynomials, saturation and Gaussian areas of the activations."""

import math

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.labs.activation_shape import (
    TAYLOR,
    gaussian,
    largest_slope,
    saturated_parts,
    shape,
    taylor,
)

NAMES = list(ACTIVATIONS)


def test_every_activation_has_its_polynomial():
    assert TAYLOR.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize("name", NAMES)
def test_what_a_polynomial_leaves_out_shrinks_with_the_next_power(name, side):
    def rest(order, z):
        at = np.array([side * z])
        return abs(float(ACTIVATIONS[name].phi(at)[0] - taylor(name, order, at)[0]))

    # |φ − T₁| ≤ C z² and |φ − T₃| ≤ C z⁴, with a C that no φ of the table exceeds.
    for z in (0.2, 0.1, 0.05, 0.02):
        assert rest(1, z) <= 1.2 * z**2 + 1e-15
        assert rest(3, z) <= 1.2 * z**4 + 1e-15


@pytest.mark.parametrize(("name", "sup"), [("sigmoid", 0.25), ("tanh", 1.0), ("relu", 1.0)])
def test_the_largest_slope(name, sup):
    assert largest_slope(name) == pytest.approx(sup)


@pytest.mark.parametrize("name", NAMES)
def test_saturation_begins_where_the_table_of_activations_says(name):
    beyond = ACTIVATIONS[name].saturates_beyond
    z = np.linspace(-8.0, 8.0, 160_001)
    parts = saturated_parts(name, z)
    if beyond is None:
        assert all(end <= 0.0 or start >= -8.0 for start, end in parts)
        return
    assert len(parts) == 2
    assert parts[0] == pytest.approx((-8.0, -beyond), abs=2e-4)
    assert parts[1] == pytest.approx((beyond, 8.0), abs=2e-4)


def test_relu_is_flat_on_the_left():
    assert shape("relu", -8.0, 8.0, None, 1.0).saturated[0][0] == -8.0
    assert shape("relu", -8.0, 8.0, None, 1.0).saturated_share == pytest.approx(0.5, abs=1e-3)
    assert shape("identity", -8.0, 8.0, None, 1.0).saturated_share == 0.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sigma", [0.3, 1.0, 4.0])
def test_areas_and_shares_against_sampling(name, sigma):
    made = shape(name, -8.0, 8.0, 1, sigma)
    u = np.random.default_rng(5).standard_normal(400_000) * sigma
    phi, slope = ACTIVATIONS[name].phi(u) ** 2, ACTIVATIONS[name].phi_prime(u) ** 2
    for expected, samples in ((made.mean_square, phi), (made.mean_square_slope, slope)):
        error = 5.0 * samples.std() / math.sqrt(len(u)) + 1e-12
        assert abs(expected - samples.mean()) <= error
    flat = np.abs(ACTIVATIONS[name].phi_prime(u)) < 0.05 * largest_slope(name)
    spread = math.sqrt(max(made.saturated_share * (1 - made.saturated_share), 1e-12) / len(u))
    assert abs(flat.mean() - made.saturated_share) <= 5.0 * spread + 2e-3 * (spread > 1e-8)


def test_the_drawn_areas_are_the_ones_read_out():
    made = shape("tanh", -12.0, 12.0, None, 1.5)
    density = gaussian(made.z, 1.5)
    for height, area in (
        (density, 1.0),
        (made.phi**2 * density, made.mean_square),
        (made.slope**2 * density, made.mean_square_slope),
    ):
        drawn = float(np.sum(0.5 * (height[1:] + height[:-1]) * np.diff(made.z)))
        assert drawn == pytest.approx(area, rel=1e-4)
