"""Where experiments lie between order and chaos, against the fixed points followed one by one."""

import math

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.config import RunConfig
from engine.theory.gaussian import moments
from engine.theory.phases import _fixed_variance
from engine.theory.place import NoPlace, edge_line, log_factor_map, place_of

WEIGHTS, BIASES = np.geomspace(0.05, 150.0, 20), np.array([0.0, 0.05, 0.5])


def log_factor(name: str, weight: float, bias: float, start: float) -> float:
    """Return ln χ₁ of one network: as `fixed_point`, which also looks for a correlation."""
    q = _fixed_variance(name, weight, bias, start)
    return math.log(weight * moments(name, q).slope)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("input_mean_square", [0.5, 3.0])
def test_the_map_holds_what_each_network_tends_to(name, input_mean_square):
    found = log_factor_map(name, WEIGHTS, BIASES, input_mean_square)
    wanted = np.array([
        [log_factor(name, float(w), float(b), float(w * input_mean_square + b)) for w in WEIGHTS]
        for b in BIASES
    ])  # fmt: skip
    assert found.shape == wanted.shape
    errors = np.abs(found - wanted)
    assert np.quantile(errors, 0.98) < 5e-3
    # Where a fixed point is about to disappear, the table may step over it.
    assert np.count_nonzero(errors > 5e-3) <= 1


@pytest.mark.parametrize(
    ("name", "weight", "bias"),
    # THEORY 2.1.
    [("tanh", 1.76095, 0.05), ("tanh", 1.42421, 0.01), ("scaled_sigmoid", 1.394, 0.0325),
     ("hardtanh", 1.4648, 0.2441), ("elu", 1.4968, 0.03466), ("gelu", 1.9558, 0.3235),
     ("softsign", 4.3923, 0.19615), ("tanh", 1.0, 0.0), ("sigmoid", 10.149**2, 0.0)],
)  # fmt: skip
def test_the_edge_passes_through_the_known_points(name, weight, bias):
    weights, biases = edge_line(name)
    assert float(np.interp(bias, biases, weights)) == pytest.approx(weight, rel=2e-3)


def test_edges_that_are_straight_and_that_are_not_there():
    for name, weight in (("identity", 1.0), ("relu", 2.0), ("leaky_relu", 2.0 / 1.0001)):
        weights, biases = edge_line(name)
        assert weights == pytest.approx(weight, rel=1e-9)
        # THEORY 2.1: with biases the variance has no fixed point.
        assert biases.tolist() == [0.0]
    assert len(edge_line("softplus")[0]) == 0
    # Half-stable: small variances leave the limit.
    assert edge_line("gelu")[1].min() == pytest.approx(0.1729, abs=0.02)


def test_the_two_sides_of_the_edge():
    for name in ("tanh", "relu", "softsign", "sigmoid"):
        weights, biases = edge_line(name)
        weight = float(np.interp(0.1, biases, weights)) if name != "relu" else 2.0
        low, high = log_factor_map(name, weight * np.array([0.9, 1.1]), np.array([0.1]), 1.0)[0]
        assert low < 0.0 < high, name


def test_the_place_of_an_experiment():
    he = place_of(RunConfig(activation="relu", initializer="kaiming_normal", gain=1.5))
    assert (he.activation, he.weight_variance, he.unit_variance) == ("relu", 2.0 * 2.25, 2.0)
    assert he.gain_for(0.5) == 0.5
    assert he.tends_to(1.0).phase == "chaotic"
    default = place_of(RunConfig(initializer="torch_default", width=50))
    assert default.weight_variance == pytest.approx(1.0 / 3.0)
    assert default.bias_variance == pytest.approx(1.0 / 150.0)
    assert place_of(RunConfig(bias_std=0.3)).bias_variance == pytest.approx(0.09)
    # The mean over the layers after the first, whose n_in is not the data's to decide.
    wide = place_of(RunConfig(width=(10, 30, 90), initializer="xavier_normal"))
    assert wide.weight_variance == pytest.approx((2 * 10 / 40 + 2 * 30 / 120) / 2)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"normalization": "layer"}, NoPlace.NORMALIZED),
        ({"skip": "residual"}, NoPlace.SKIPS),
        ({"skip": "highway"}, NoPlace.SKIPS),
        ({"dropout": 0.1}, NoPlace.DROPOUT),
        ({"depth": 1}, NoPlace.SHALLOW),
        ({"initializer": "zeros"}, NoPlace.NOT_RANDOM),
        ({"initializer": "constant"}, NoPlace.NOT_RANDOM),
        ({"initializer": "identity"}, NoPlace.NOT_RANDOM),
        ({"initializer": "lsuv"}, NoPlace.FROM_DATA),
        ({"gain": 0.0}, NoPlace.NO_GAIN),
    ],
)
def test_what_has_no_place_says_why(fields, reason):
    assert place_of(RunConfig(**fields)) is reason
