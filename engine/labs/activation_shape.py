"""An activation and its derivative: straight, flat, and averaged over a Gaussian.

Taylor polynomials at 0 show why tanh, ReLU and 4·sigmoid − 2 keep a variance near 0 and the
sigmoid does not (Dive into Deep Learning, "Numerical stability and initialisation").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np

from engine.activations import (
    ACTIVATIONS,
    LEAKY_SLOPE,
    SATURATION_SLOPE,
    SELU_ALPHA,
    SELU_SCALE,
    Array,
)
from engine.theory.gaussian import moments

_POINTS = 801
# sup |φ′| is looked for here; every φ of the table is straight or flat beyond.
_REACH = 30.0
_LN2 = math.log(2.0)
_SELU_LEFT = SELU_SCALE * SELU_ALPHA

# c₀ … c₃ of c₀ + c₁ z + c₂ z² + c₃ z³ at 0. Where φ has a kink there: right of it, left of it.
Coefficients = tuple[float, float, float, float]


def _smooth(*coefficients: float) -> tuple[Coefficients, Coefficients]:
    c0, c1, c2, c3 = coefficients
    return (c0, c1, c2, c3), (c0, c1, c2, c3)


TAYLOR: dict[str, tuple[Coefficients, Coefficients]] = {
    "identity": _smooth(0.0, 1.0, 0.0, 0.0),
    "sigmoid": _smooth(0.5, 0.25, 0.0, -1.0 / 48.0),
    "scaled_sigmoid": _smooth(0.0, 1.0, 0.0, -1.0 / 12.0),
    "tanh": _smooth(0.0, 1.0, 0.0, -1.0 / 3.0),
    "hardtanh": _smooth(0.0, 1.0, 0.0, 0.0),
    "relu": ((0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0)),
    "leaky_relu": ((0.0, 1.0, 0.0, 0.0), (0.0, LEAKY_SLOPE, 0.0, 0.0)),
    "elu": ((0.0, 1.0, 0.0, 0.0), (0.0, 1.0, 0.5, 1.0 / 6.0)),
    "selu": (
        (0.0, SELU_SCALE, 0.0, 0.0),
        (0.0, _SELU_LEFT, _SELU_LEFT / 2.0, _SELU_LEFT / 6.0),
    ),
    "gelu": _smooth(0.0, 0.5, 1.0 / math.sqrt(2.0 * math.pi), 0.0),
    "silu": _smooth(0.0, 0.5, 0.25, 0.0),
    # z · t(z), t = tanh(softplus): t(0) = 3/5, t′(0) = 8/25, t″(0) = −4/125.
    "mish": _smooth(0.0, 0.6, 0.32, -0.016),
    "softplus": _smooth(_LN2, 0.5, 0.125, 0.0),
    "softsign": ((0.0, 1.0, -1.0, 1.0), (0.0, 1.0, 1.0, 1.0)),
}


@dataclass(frozen=True)
class Shape:
    """One activation over a range.

    Attributes:
        name: key of `ACTIVATIONS`.
        z, phi, slope: places, φ and φ′ there, (points,).
        taylor: the Taylor polynomial at 0, (points,); None: none was asked for.
        saturated: the parts of the range with |φ′| < 0.05 sup |φ′|, as (from, to).
        mean_square: E φ(z)² for z ~ N(0, σ²).
        mean_square_slope: E φ′(z)².
        saturated_share: the probability that z falls where φ is saturated.
    """

    name: str
    z: Array
    phi: Array
    slope: Array
    taylor: Array | None
    saturated: tuple[tuple[float, float], ...]
    mean_square: float
    mean_square_slope: float
    saturated_share: float


@cache
def largest_slope(name: str) -> float:
    """Return sup |φ′|."""
    return float(np.abs(_wide(name)[1]).max())


# A megabyte each: those that one goes to and fro between, not all that were ever looked at.
@lru_cache(maxsize=2)
def _wide(name: str) -> tuple[Array, Array]:
    """Return φ′ on a fine grid over all of the axis that matters."""
    z = np.linspace(-_REACH, _REACH, 60_001)
    return z, ACTIVATIONS[name].phi_prime(z)


def taylor(name: str, order: int, z: Array) -> Array:
    """Return the Taylor polynomial of an activation at 0, on each side of a kink its own."""
    right, left = (np.array(side[: order + 1]) for side in TAYLOR[name])
    return np.where(z >= 0.0, _polynomial(right, z), _polynomial(left, z))


def _polynomial(coefficients: Array, z: Array) -> Array:
    made = np.zeros_like(z)
    for coefficient in coefficients[::-1]:
        made = made * z + coefficient
    return made


def saturated_parts(name: str, z: Array) -> tuple[tuple[float, float], ...]:
    """Return the parts of a grid where |φ′| < 0.05 sup |φ′|, as (from, to)."""
    flat = np.abs(ACTIVATIONS[name].phi_prime(z)) < SATURATION_SLOPE * largest_slope(name)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(np.int8)))
    return tuple(
        (float(z[first]), float(z[after - 1]))
        for first, after in zip(edges[::2], edges[1::2], strict=True)
    )


def _saturated_share(name: str, sigma: float) -> float:
    """Return the probability that N(0, σ²) falls into a saturated part."""
    z, slope = _wide(name)
    flat = np.abs(slope) < SATURATION_SLOPE * largest_slope(name)
    edges = np.flatnonzero(np.diff(flat.astype(np.int8)))
    # Beyond both ends it goes on as at the end.
    places = [-math.inf, *(0.5 * (z[edges] + z[edges + 1])), math.inf]
    cumulative = [0.5 * (1.0 + math.erf(place / (sigma * math.sqrt(2.0)))) for place in places]
    share = 0.0
    holds = bool(flat[0])
    for below, above in pairwise(cumulative):
        share += (above - below) if holds else 0.0
        holds = not holds
    return share


def shape(name: str, left: float, right: float, order: int | None, sigma: float) -> Shape:
    """Compute what there is to see of an activation.

    Args:
        name: key of `ACTIVATIONS`.
        left: left end of the range.
        right: its right end.
        order: of the Taylor polynomial, 1 (the tangent) or 3; None: none.
        sigma: standard deviation of the Gaussian over z.
    """
    z = np.linspace(left, right, _POINTS)
    if left < 0.0 < right:
        # A step, as in ReLU's derivative, is to stand upright.
        z = np.sort(np.concatenate([z, [-1e-9, 1e-9]]))
    averages = moments(name, sigma * sigma)
    return Shape(
        name=name,
        z=z,
        phi=ACTIVATIONS[name].phi(z),
        slope=ACTIVATIONS[name].phi_prime(z),
        taylor=None if order is None else taylor(name, order, z),
        saturated=saturated_parts(name, z),
        mean_square=averages.mean_square,
        mean_square_slope=averages.slope,
        saturated_share=_saturated_share(name, sigma),
    )


def gaussian(z: Array, sigma: float) -> Array:
    """Return the density of N(0, σ²)."""
    made: Array = np.exp(-0.5 * (z / sigma) ** 2) / (sigma * math.sqrt(2.0 * math.pi))
    return made
