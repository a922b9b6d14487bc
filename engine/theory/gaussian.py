"""Averages over a Gaussian pre-activation, by a composite Gauss-Legendre rule.

The rule of Gauss and Hermite is far off for a kinked φ, and for any bounded φ at a large
variance, where φ varies within a small part of its nodes' distances. So the axis is cut into
panels: graded logarithmically on both sides of zero, and cut again wherever the argument of φ
passes one of a ladder of values, among them the places where the φ of the table have kinks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.activations import ACTIVATIONS, Array

# E over more than nine standard deviations is 1e-18 of the whole.
REACH = 9.0
# Twelve nodes on a panel leave less than 1e-13 (tests/engine/test_theory.py); eight leave 1e-9.
NODES_PER_PANEL = 12
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(NODES_PER_PANEL)
# In standard deviations: by halves down to 1e-5, where a smooth φ is a straight line.
_SMALLEST = 1e-5
_LADDER_OF_Z = np.geomspace(_SMALLEST, REACH, 21)
# In the argument of φ. The kinks of the table are at 0 and, of hardtanh, at ±1.
_LADDER_OF_X = np.array(
    [0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0]
)
# Below this variance every φ of the table is two straight lines that meet at 0; above the other
# end squares would overflow.
SMALLEST_VARIANCE = 1e-20
LARGEST_VARIANCE = 1e200


@dataclass(frozen=True)
class Moments:
    """Averages over u ~ N(0, q).

    Attributes:
        variance: q.
        mean: M1 = E φ(u).
        mean_square: M2 = E φ(u)², the second moment, not the variance.
        slope: D = E φ′(u)².
        slope_kurtosis: κ = E φ′⁴ / (E φ′²)².
        kurtosis: E φ⁴ / (E φ²)².
        mean_square_elasticity: d ln M2 / d ln q.
        slope_elasticity: d ln D / d ln q.
    """

    variance: float
    mean: float
    mean_square: float
    slope: float
    slope_kurtosis: float
    kurtosis: float
    mean_square_elasticity: float
    slope_elasticity: float


def gaussian_rule(scale: float) -> tuple[Array, Array]:
    """Return positive nodes z and weights w with Σ w f(z) = ∫₀^∞ f(z) dz e^(−z²/2) / √(2π).

    Args:
        scale: φ is applied to scale · z.
    """
    edges = _LADDER_OF_X / scale
    finest = min(_SMALLEST, float(edges[0]))
    parts = [np.zeros(1), _LADDER_OF_Z, edges[edges < REACH]]
    if finest < _SMALLEST:
        parts.append(np.geomspace(finest, _SMALLEST, 2 + round(math.log2(_SMALLEST / finest))))
    edges = np.sort(np.concatenate(parts))
    half = 0.5 * np.diff(edges)
    z = ((edges[:-1] + half)[:, None] + half[:, None] * _NODES).ravel()
    weights = (half[:, None] * _WEIGHTS).ravel()
    weights *= np.exp(-0.5 * z * z)
    weights *= 1.0 / math.sqrt(2.0 * math.pi)
    return z, weights


def is_homogeneous(name: str) -> bool:
    """Say whether φ(s z) = s φ(z) for every s > 0: straight on both sides of zero."""
    return _shape(name)[0]


def is_odd(name: str) -> bool:
    """Say whether φ(−z) = −φ(z), so that activations have mean zero."""
    return _shape(name)[1]


@lru_cache
def _shape(name: str) -> tuple[bool, bool]:
    phi = ACTIVATIONS[name].phi
    z = np.array([0.3, 1.7, 5.1, 40.0])
    right, left = phi(z), phi(-z)
    homogeneous = bool(
        np.allclose(phi(3.0 * z), 3.0 * right, rtol=1e-12, atol=0.0)
        and np.allclose(phi(-3.0 * z), 3.0 * left, rtol=1e-12, atol=0.0)
    )
    odd = bool(np.allclose(left, -right, rtol=1e-12, atol=0.0))
    return homogeneous, odd


def moments(name: str, variance: float) -> Moments:
    """Return the averages for one activation.

    Args:
        name: a key of `ACTIVATIONS`.
        variance: q ≥ 0, of the pre-activation. Infinite is taken as very large.
    """
    if is_homogeneous(name):
        return _rescaled(_quadrature(name, 1.0), variance)
    if variance < SMALLEST_VARIANCE:
        limit = _quadrature(name, SMALLEST_VARIANCE)
        starts_at_zero = float(ACTIVATIONS[name].phi(np.zeros(1))[0]) == 0.0
        return _rescaled(limit, variance) if starts_at_zero else limit
    return _quadrature(name, min(variance, LARGEST_VARIANCE))


def _rescaled(at: Moments, variance: float) -> Moments:
    """Return the averages of a homogeneous φ at another variance."""
    ratio = variance / at.variance
    return Moments(
        variance=variance,
        mean=at.mean * math.sqrt(ratio),
        mean_square=at.mean_square * ratio,
        slope=at.slope,
        slope_kurtosis=at.slope_kurtosis,
        kurtosis=at.kurtosis,
        mean_square_elasticity=at.mean_square_elasticity,
        slope_elasticity=at.slope_elasticity,
    )


@lru_cache(maxsize=16384)
def _quadrature(name: str, variance: float) -> Moments:
    activation = ACTIVATIONS[name]
    scale = math.sqrt(variance)
    z, weights = gaussian_rule(scale)
    z2 = z * z
    x = np.concatenate([z, -z])
    x *= scale
    # In this unit fourth powers neither overflow nor underflow.
    unit = max(scale, 1.0) if activation.phi(np.zeros(1))[0] else scale
    value = activation.phi(x)
    value /= unit
    square = value * value
    slope2 = activation.phi_prime(x)
    slope2 *= slope2
    # Both sides of zero have the same weights.
    count = len(z)
    rows = np.stack([square, slope2, square * square, slope2 * slope2, value])
    sums = (rows[:, :count] + rows[:, count:]) @ np.stack([weights, weights * z2], axis=1)
    m2, d, m4, d4, m1 = sums[:, 0]
    # dE f(√q z)/dq = E[(z² − 1) f] / (2 q), the heat equation of the Gaussian.
    return Moments(
        variance=variance,
        mean=float(m1) * unit,
        mean_square=float(m2) * unit * unit,
        slope=float(d),
        slope_kurtosis=float(d4 / (d * d)),
        kurtosis=float(m4 / (m2 * m2)),
        mean_square_elasticity=float(0.5 * (sums[0, 1] / m2 - 1.0)),
        slope_elasticity=float(0.5 * (sums[1, 1] / d - 1.0)),
    )
