"""The theory against closed forms, independent quadrature, the papers' numbers and the engine."""

import math

import numpy as np
import pytest

from engine.activations import ACTIVATIONS
from engine.theory.gaussian import gaussian_rule, is_homogeneous, is_odd, moments
from engine.theory.pairs import pair_averages
from engine.theory.phases import critical_points, edge_of_chaos, fixed_point

VARIANCES = [1e-8, 1e-5, 1e-3, 0.1, 1.0, 3.0, 45.6, 1e3, 1e6]

# One variable ------------------------------------------------------------------------------------


def double_exponential(f, scale: float) -> float:
    """E f(scale · z) by tanh-sinh up to |scale · z| = 1 and exp-sinh beyond (Takahasi and Mori).

    The kinks of the table are then at ends of the intervals, where the nodes crowd together.
    """
    step, bound = 1 / 64, 1 / scale
    t = np.arange(-6.2, 6.2, step)
    u = 0.5 * math.pi * np.sinh(t)
    with np.errstate(over="ignore", under="ignore"):
        inner = bound / (1.0 + np.exp(-2.0 * u))
        ratio = np.exp(-2.0 * np.abs(u))
        weight = step * bound * math.pi * np.cosh(t) * ratio / (1.0 + ratio) ** 2
    usable = (inner > 0) & (weight > 0) & (inner < bound)
    s = np.arange(-6.2, 4.0, step)
    beyond = np.exp(0.5 * math.pi * np.sinh(s))
    outer, outer_weight = bound + beyond, step * beyond * 0.5 * math.pi * np.cosh(s)
    near = (outer < 40.0) & (outer_weight > 0)
    z = np.concatenate([inner[usable], outer[near]])
    w = np.concatenate([weight[usable], outer_weight[near]])
    w = w * np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    return float(w @ (f(scale * z) + f(-scale * z)))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("variance", VARIANCES)
def test_moments_agree_with_an_independent_rule(name, variance):
    phi, slope = ACTIVATIONS[name].phi, ACTIVATIONS[name].phi_prime
    at, scale = moments(name, variance), math.sqrt(variance)
    mean_square = double_exponential(lambda x: phi(x) ** 2, scale)
    d = double_exponential(lambda x: slope(x) ** 2, scale)
    assert at.mean_square == pytest.approx(mean_square, rel=1e-12)
    assert at.slope == pytest.approx(d, rel=1e-12)
    assert at.mean == pytest.approx(
        double_exponential(phi, scale), rel=1e-12, abs=1e-12 * math.sqrt(mean_square)
    )
    fourth = double_exponential(lambda x: slope(x) ** 4, scale)
    assert at.slope_kurtosis == pytest.approx(fourth / d**2, rel=1e-12)
    fourth = double_exponential(lambda x: (phi(x) / math.sqrt(mean_square)) ** 4, scale)
    assert at.kurtosis == pytest.approx(fourth, rel=1e-12)


@pytest.mark.parametrize("variance", [1e-30, *VARIANCES, 1e30])
def test_moments_of_straight_lines_have_closed_forms(variance):
    identity, relu, leaky = (moments(name, variance) for name in ("identity", "relu", "leaky_relu"))
    assert identity.mean_square == pytest.approx(variance, rel=1e-13)
    assert (identity.slope, identity.slope_kurtosis) == pytest.approx((1.0, 1.0), rel=1e-13)
    assert identity.kurtosis == pytest.approx(3.0, rel=1e-13)
    assert relu.mean == pytest.approx(math.sqrt(variance / (2.0 * math.pi)), rel=1e-13)
    assert relu.mean_square == pytest.approx(0.5 * variance, rel=1e-13)
    assert (relu.slope, relu.slope_kurtosis) == pytest.approx((0.5, 2.0), rel=1e-13)
    assert leaky.mean_square == pytest.approx(0.5 * 1.0001 * variance, rel=1e-13)
    for at in (identity, relu, leaky):
        assert at.mean_square_elasticity == pytest.approx(1.0, rel=1e-12)
        assert at.slope_elasticity == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("variance", [1e-3, 0.7, 30.0])
def test_elasticities_are_the_slopes_of_the_averages(name, variance):
    factor = math.exp(1e-4)
    low, at, high = (moments(name, variance * f) for f in (1.0 / factor, 1.0, factor))
    for moment, elasticity in (
        ("mean_square", at.mean_square_elasticity),
        ("slope", at.slope_elasticity),
    ):
        difference = math.log(getattr(high, moment) / getattr(low, moment)) / 2e-4
        assert elasticity == pytest.approx(difference, abs=1e-6)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_moments_stay_finite_and_continuous_at_any_variance(name):
    for variance in [0.0, 1e-300, 1e-25, 1e12, 1e150]:
        at = moments(name, variance)
        assert np.isfinite([at.mean_square, at.slope, at.slope_kurtosis]).all(), variance
    below, above = moments(name, 0.999e-20), moments(name, 1.001e-20)
    assert below.slope == pytest.approx(above.slope, rel=1e-9)
    assert below.mean_square == pytest.approx(above.mean_square, rel=3e-3)


def test_the_rule_measures_a_half_axis():
    for scale in (1e-4, 1.0, 1e3, 1e6):
        z, w = gaussian_rule(scale)
        assert w.sum() == pytest.approx(0.5, rel=1e-14)
        assert (w * z**2).sum() == pytest.approx(0.5, rel=1e-14)


def test_shapes_are_recognised():
    assert {name for name in ACTIVATIONS if is_homogeneous(name)} == {
        "identity", "relu", "leaky_relu"
    }  # fmt: skip
    assert {name for name in ACTIVATIONS if is_odd(name)} == {
        "identity", "scaled_sigmoid", "tanh", "hardtanh", "softsign"
    }  # fmt: skip


# Two variables -----------------------------------------------------------------------------------


def plane(f, q_a: float, q_b: float, c: float) -> float:
    """E f(u_a) f(u_b) on a fine grid of the plane."""
    z1, w1 = gaussian_rule(math.sqrt(q_a))
    z1, w1 = np.concatenate([-z1, z1]), np.concatenate([w1, w1])
    count = 8001
    z2 = (np.arange(count) + 0.5) / count * 18.0 - 9.0
    w2 = np.exp(-0.5 * z2 * z2) / math.sqrt(2.0 * math.pi) * 18.0 / count
    inner = [w2 @ f(math.sqrt(q_b) * (c * z + math.sqrt(1.0 - c * c) * z2)) for z in z1]
    return float(w1 @ (f(math.sqrt(q_a) * z1) * np.array(inner)))


# Up to these variances and correlations: what the series and its tail leave, of E φ² and E φ′².
@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize(
    ("q_a", "q_b", "c", "of_value", "of_slope"),
    [
        (0.3, 0.3, -0.3, 1e-4, 1e-4),
        (1.0, 1.5, 0.1, 1e-4, 2e-4),
        (1.0, 1.5, 0.7, 2e-4, 2e-4),
        (1.0, 1.2, 0.95, 2e-4, 2e-3),
        (0.3, 0.3, 0.995, 1e-4, 4e-3),
        (16.0, 20.0, 0.7, 2e-4, 4e-3),
    ],
)
def test_pairs_agree_with_a_grid_of_the_plane(name, q_a, q_b, c, of_value, of_slope):
    values, slopes = pair_averages(name, np.array([q_a, q_b]), np.array([[1.0, c], [c, 1.0]]))
    at = [moments(name, q) for q in (q_a, q_b)]
    for found, f, of, limit in (
        (values, ACTIVATIONS[name].phi, "mean_square", of_value),
        (slopes, ACTIVATIONS[name].phi_prime, "slope", of_slope),
    ):
        scale = math.sqrt(getattr(at[0], of) * getattr(at[1], of))
        assert abs(found[0, 1] - plane(f, q_a, q_b, c)) < limit * scale, of
        assert found[0, 1] == pytest.approx(found[1, 0], rel=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_sample_with_itself_gives_the_moments(name):
    variance = np.array([0.4, 0.9, 1.0, 2.2, 7.0])
    values, slopes = pair_averages(name, variance, np.ones((5, 5)))
    at = [moments(name, float(q)) for q in variance]
    assert np.diag(values) == pytest.approx(
        [m.mean_square for m in at], rel=3e-4 if name == "hardtanh" else 1e-6
    )
    # E φ′(√q_a z) φ′(√q_b z) of hardtanh has a kink at q_a = q_b, which the interpolation over
    # the variances of the batch rounds off.
    assert np.diag(slopes) == pytest.approx(
        [m.slope for m in at], rel=2e-2 if name == "hardtanh" else 1e-6
    )


def test_relu_pairs_are_those_of_cho_and_saul():
    q, c = np.array([0.5, 2.0]), 0.3
    values, slopes = pair_averages("relu", q, np.array([[1.0, c], [c, 1.0]]))
    angle = math.acos(c)
    assert values[0, 1] == pytest.approx(
        (math.sin(angle) + (math.pi - angle) * c) / (2.0 * math.pi), rel=1e-13
    )
    assert slopes[0, 1] == pytest.approx((math.pi - angle) / (2.0 * math.pi), rel=1e-13)


# Fixed points and the edge of chaos --------------------------------------------------------------

# Activation, σ_b², σ_w², q: to the digits that are known.
CRITICAL = [
    ("sigmoid", 0.0, 10.149**2, 45.6, 1e-4),
    ("scaled_sigmoid", 0.0325, 1.394, 1.0, 2e-4),
    ("tanh", 0.05, 1.76095, 0.570, 3e-6),
    ("tanh", 0.01, 1.42421, 0.2733, 5e-6),
    ("tanh", 0.09, 1.94765, 0.7635, 3e-6),
    ("hardtanh", 0.2441, 1.4648, 1.0, 3e-5),
    ("elu", 0.03466, 1.4968, 1.0, 3e-5),
    ("selu", 0.06679, 0.9332, 1.0, 3e-5),
    # Roberts and Yaida 2022, chapter 5.
    ("gelu", 0.172922, 1.983058, 3.5616, 1e-6),
    ("gelu", 0.3235, 1.9558, 10.0, 3e-5),
    ("silu", 0.555143, 1.988005, 14.320, 1e-6),
    ("mish", 0.094522, 2.013524, 1.6702, 1e-6),
    ("softsign", 0.19615, 4.3923, 1.0, 3e-5),
]


@pytest.mark.parametrize(("name", "bias", "weight", "q", "digits"), CRITICAL)
def test_critical_points(name, bias, weight, q, digits):
    found = min(critical_points(name, bias), key=lambda point: abs(point.q - q))
    assert found.weight_variance == pytest.approx(weight, rel=digits)
    assert found.q == pytest.approx(q, rel=2e-3)
    assert found.bias_variance == pytest.approx(bias, abs=1e-12)
    assert weight * moments(name, found.q).slope == pytest.approx(1.0, rel=2 * digits)


@pytest.mark.parametrize(
    ("name", "sigma_w", "stable"),
    [
        ("identity", 1.0, True), ("scaled_sigmoid", 1.0, True), ("tanh", 1.0, True),
        ("hardtanh", 1.0, True), ("relu", 1.41421, True), ("leaky_relu", 1.41414, True),
        ("elu", 1.0, True), ("selu", 0.6905, True), ("softsign", 1.0, True),
        ("gelu", 2.0, False), ("silu", 2.0, False), ("mish", 1.6667, False),
    ],
)  # fmt: skip
def test_critical_without_biases(name, sigma_w, stable):
    (found,) = (point for point in critical_points(name, 0.0) if point.q == 0.0)
    assert math.sqrt(found.weight_variance) == pytest.approx(sigma_w, rel=2e-5)
    # Half-stable: the smallest variance grows away from zero.
    slightly = moments(name, 1e-3)
    grows = found.weight_variance * slightly.mean_square > 1e-3 * (1.0 + 1e-9)
    assert grows is not stable


def test_softplus_is_critical_nowhere():
    for bias in (0.0, 0.05, 0.3, 2.0):
        assert critical_points("softplus", bias) == ()


def test_the_edge_of_chaos_is_where_chi_is_one():
    q = np.geomspace(0.01, 10.0, 12)
    weight, bias = edge_of_chaos("tanh", q)
    for w, b, variance in zip(weight, bias, q, strict=True):
        assert fixed_point("tanh", w, b).q == pytest.approx(variance, rel=1e-6)
        assert fixed_point("tanh", w, b).phase == "critical"
        assert fixed_point("tanh", 1.1 * w, b).phase == "chaotic"
        assert fixed_point("tanh", 0.9 * w, b).phase == "ordered"
    assert np.isnan(edge_of_chaos("sigmoid", np.array([1.0]))[0]).all()


@pytest.mark.parametrize(
    ("sigma_w", "phase", "q", "chi"),
    [(1.3, "ordered", 0.607, 0.940), (2.5, "chaotic", 4.0791, 1.585),
     (4.0, "chaotic", 12.604, 2.367)],
)  # fmt: skip
def test_the_points_of_poole_et_al_2016(sigma_w, phase, q, chi):
    found = fixed_point("tanh", sigma_w**2, 0.09)
    assert found.phase == phase
    # Half a unit of the last digit.
    assert found.q == pytest.approx(q, abs=5e-5 if sigma_w == 2.5 else 5e-4)
    assert found.chi == pytest.approx(chi, abs=6e-4)
    # The correlation maps to itself, on a grid of the plane.
    mapped = sigma_w**2 * plane(np.tanh, found.q, found.q, min(found.c, 1.0 - 1e-9)) + 0.09
    assert mapped / found.q == pytest.approx(found.c, rel=1e-5)
    if sigma_w == 2.5:
        assert found.c == pytest.approx(0.1220, abs=2e-4)


@pytest.mark.parametrize(("weight", "xi"), [(1.0, 3.63), (1.3, 7.83), (2.5, 11.80), (4.0, 6.98)])
def test_the_correlation_depths_of_schoenholz_et_al_2017(weight, xi):
    assert fixed_point("tanh", weight, 0.05).xi_correlation == pytest.approx(xi, abs=0.006)


def test_selu_and_the_gain_of_torch_are_chaotic():
    assert fixed_point("selu", 1.0, 0.0).chi == pytest.approx(1.071575, abs=5e-7)
    assert fixed_point("tanh", (5.0 / 3.0) ** 2, 0.0).chi == pytest.approx(1.2098, abs=5e-5)


# √χ₁ that a network of width 256 tends to; the slow ones as they are 3000 layers deep.
ASYMPTOTIC = {
    "identity": [0.1600, 16.0000, 1.0000, 1.4142, 1.0000, 1.0000, 0.5774],
    "sigmoid": [0.0399, 1.2464, 0.2361, 0.3178, 0.2361, 0.2361, 0.1414],
    "scaled_sigmoid": [0.1600, 2.9549, 0.9998, 1.0514, 0.9998, 0.9998, 0.5771],
    "tanh": [0.1600, 2.9549, 0.9998, 1.0514, 0.9998, 0.9998, 0.5762],
    "hardtanh": [0.1600, 3.6026, 1.0000, 1.1579, 1.0000, 1.0000, 0.5774],
    "relu": [0.1131, 11.3137, 0.7071, 1.0000, 0.7071, 0.7071, 0.4082],
    "leaky_relu": [0.1131, 11.3143, 0.7071, 1.0000, 0.7071, 0.7071, 0.4083],
    "elu": [0.1600, 11.3137, 0.9997, 1.0037, 0.9997, 0.9997, 0.5677],
    "selu": [0.2317, 11.8874, 1.0352, 1.0507, 1.0352, 1.0352, 0.8078],
    "gelu": [0.0800, 11.3137, 0.5000, 0.7071, 0.5000, 0.5000, 0.2892],
    "silu": [0.0800, 11.3137, 0.5000, 0.7071, 0.5000, 0.5000, 0.2889],
    "mish": [0.0960, 11.3137, 0.6000, 0.8485, 0.6000, 0.6000, 0.3467],
    "softplus": [0.0801, 11.3137, 0.5373, 0.9804, 0.5373, 0.5373, 0.2948],
    "softsign": [0.1600, 2.2273, 0.9997, 1.0210, 0.9997, 0.9997, 0.5414],
}


@pytest.mark.parametrize("name", ASYMPTOTIC)
def test_asymptotic_factors(name):
    pairs = [(0.0256, 0.0), (256.0, 0.0), (1.0, 0.0), (2.0, 0.0), (1.0, 0.0), (1.0, 0.0),
             (1.0 / 3.0, 1.0 / 768.0)]  # fmt: skip
    found = []
    for weight, bias in pairs:
        q, before, arrived = 1.0, 0.0, False
        for _ in range(3000):
            if abs(q - before) <= 1e-13 * q or q > 1e250:
                arrived = True
                break
            before, q = q, weight * moments(name, q).mean_square + bias
        found.append(math.sqrt(weight * moments(name, q).slope))
        if arrived:
            tended = fixed_point(name, weight, bias)
            assert math.sqrt(tended.chi) == pytest.approx(found[-1], abs=1e-5)
    assert found == pytest.approx(ASYMPTOTIC[name], abs=1.01e-4)


# The prediction, by hand -------------------------------------------------------------------------


# The prediction against the engine ---------------------------------------------------------------
