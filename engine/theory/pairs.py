"""Averages over a pair of samples: how the forward and the backward correlation travel.

With u_a, u_b Gaussian of variances q_a, q_b and correlation c, E φ(u_a) φ(u_b) is expanded in
powers of c (Mehler's formula): the k-th coefficient is the product of the Hermite coefficients of
φ(√q_a z) and φ(√q_b z), and those of φ′ follow by Stein's lemma. A φ with kinks, or with curves
much sharper than √q, has a slow tail in k. Its sum at c = 1 and at c = −1 is known, from the
average over one variable, and its course in between is that of |z| (for φ) and of sign z (for
φ′), which have a closed form (Cho and Saul 2009).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from engine.activations import ACTIVATIONS, Array
from engine.theory.gaussian import REACH, SMALLEST_VARIANCE, is_homogeneous, moments

# Coefficients kept before the tail.
ORDER = 40
_SIGNS = (-1.0) ** np.arange(ORDER + 1)
# Terms and tails that are a smaller share than this of the value at c = 1 are left out.
NEGLIGIBLE_SHARE = 1e-12
NEGLIGIBLE_TAIL = 1e-7
_NODES_PER_PANEL = 12
# Interpolation nodes over the variances of a batch: few, and more where they spread widely.
_MOST_VARIANCES = 40
_SAME_VARIANCE = 1e-9


def pair_averages(name: str, variance: Array, correlation: Array) -> tuple[Array, Array]:
    """Return E φ(u_a) φ(u_b) and E φ′(u_a) φ′(u_b) for all pairs of samples.

    Args:
        name: a key of `ACTIVATIONS`.
        variance: q of each sample, (samples,).
        correlation: symmetric (samples, samples), ones on the diagonal.

    Returns:
        Two arrays of shape (samples, samples).
    """
    c = np.clip(correlation, -1.0, 1.0)
    if is_homogeneous(name):
        return _homogeneous(name, np.sqrt(np.outer(variance, variance)), c)
    return _expanded(name, variance, c)


def _absolute_pair(c: Array) -> Array:
    """Return E |z_a| |z_b| (Cho and Saul 2009, n = 1, for both signs together)."""
    return (2.0 / math.pi) * (np.sqrt(np.maximum(1.0 - c * c, 0.0)) + c * np.arcsin(c))


def _sign_pair(c: Array) -> Array:
    """Return E sign z_a sign z_b (Cho and Saul 2009, n = 0)."""
    return (2.0 / math.pi) * np.arcsin(c)


def _homogeneous(name: str, scale: Array, c: Array) -> tuple[Array, Array]:
    """A φ of two straight lines is r z + s |z|; ReLU has r = s = 1/2."""
    right, left = (float(value) for value in ACTIVATIONS[name].phi(np.array([1.0, -1.0])))
    straight, bent = 0.5 * (right - left), 0.5 * (right + left)
    value = scale * (straight**2 * c + bent**2 * _absolute_pair(c))
    return value, straight**2 + bent**2 * _sign_pair(c)


@lru_cache(maxsize=1)
def _hermite() -> tuple[Array, Array]:
    """Return symmetric nodes z, and w(z) he_k(z) as (nodes, ORDER + 2), k = 0 … ORDER + 1.

    he_k = He_k / √k! are orthonormal under the Gaussian.
    """
    # By halves down to 1e-5, where sharp φ turn; above 1 the polynomials oscillate.
    edges = np.concatenate([[0.0], np.geomspace(1e-5, 0.5, 17), np.arange(1.0, REACH + 1, 0.5)])
    x, w = np.polynomial.legendre.leggauss(_NODES_PER_PANEL)
    half = 0.5 * np.diff(edges)
    positive = ((edges[:-1] + half)[:, None] + half[:, None] * x).ravel()
    weights = (half[:, None] * w).ravel()
    weights = weights * np.exp(-0.5 * positive**2) / math.sqrt(2.0 * math.pi)
    z = np.concatenate([-positive[::-1], positive])
    basis = np.empty((ORDER + 2, len(z)))
    basis[0], basis[1] = 1.0, z
    for k in range(1, ORDER + 1):
        basis[k + 1] = (z * basis[k] - math.sqrt(k) * basis[k - 1]) / math.sqrt(k + 1)
    return z, np.ascontiguousarray((basis * np.concatenate([weights[::-1], weights])).T)


@lru_cache(maxsize=1)
def _tail_tables() -> tuple[Array, Array, Array]:
    """Return acos c, and there the tails beyond ORDER of the |z| and sign z averages.

    They are 1 at c = 1, for 0 ≤ c ≤ 1; smooth in the angle, not in c.
    """
    angle = np.linspace(0.0, 0.5 * math.pi, 2001)
    c = np.cos(angle)
    absolute = np.full_like(c, 2.0 / math.pi)
    sign = np.zeros_like(c)
    arcsine = 1.0
    for m in range((ORDER + 1) // 2):
        # asin c = Σ s_m c^(2m+1), s_m = (2m)! / (4^m m!² (2m + 1)); its integral gives |z|.
        sign += (2.0 / math.pi) * arcsine / (2 * m + 1) * c ** (2 * m + 1)
        absolute += (2.0 / math.pi) * arcsine / ((2 * m + 1) * (2 * m + 2)) * c ** (2 * m + 2)
        arcsine *= (2 * m + 1) / (2 * m + 2)
    tails = _absolute_pair(c) - absolute, _sign_pair(c) - sign
    return angle, tails[0] / tails[0][0], tails[1] / tails[1][0]


def _expanded(name: str, variance: Array, c: Array) -> tuple[Array, Array]:
    activation = ACTIVATIONS[name]
    variances, weights = _interpolation(variance)
    scale = np.sqrt(variances)[:, None]
    z, basis = _hermite()
    x = scale * z
    value, slope = activation.phi(x), activation.phi_prime(x)
    coefficients = value @ basis
    # Stein's lemma: E φ′(s z) he_k(z) = √(k+1) E φ(s z) he_{k+1}(z) / s.
    of_slope = coefficients[:, 1:] * np.sqrt(np.arange(1.0, ORDER + 2)) / scale
    measure = basis[:, 0]
    if _jumps_at_one(name):
        # The jump falls between two nodes: let the square at least be right.
        exact = np.array([moments(name, float(q)).slope for q in variances])
        slope *= np.sqrt(exact / ((slope * slope) @ measure))[:, None]
    return (
        _series(value, coefficients[:, :-1], weights, measure, c, 0),
        _series(slope, of_slope, weights, measure, c, 1),
    )


@lru_cache
def _jumps_at_one(name: str) -> bool:
    """Say whether φ′ is discontinuous at 1, the one place off zero in the table."""
    inside, outside = ACTIVATIONS[name].phi_prime(np.array([1.0 - 1e-9, 1.0 + 1e-9]))
    return bool(abs(inside - outside) > 1e-3)


def _series(
    function: Array, coefficients: Array, weights: Array, measure: Array, c: Array, parity: int
) -> Array:
    """Sum the series of one function for all pairs.

    Args:
        function: its values, (variances, nodes).
        coefficients: (variances, ORDER + 1).
        weights: from the variances to those of the samples, (samples, variances).
        measure: the Gaussian weight of the nodes.
        c: (samples, samples).
        parity: 0 if the tail is like that of |z|, 1 if it is like that of sign z.
    """
    weighted = function * measure
    # What is left beyond ORDER at c = 1, and at c = −1 where the nodes are mirrored.
    at_one = weighted @ function.T
    same = at_one - coefficients @ coefficients.T
    opposite = weighted @ function[:, ::-1].T - (coefficients * _SIGNS) @ coefficients.T
    largest = float(at_one.max())
    squares = np.square(coefficients).max(axis=0)
    order = 1 + int(np.flatnonzero(squares > NEGLIGIBLE_SHARE * largest).max(initial=0))
    of_sample = weights @ coefficients[:, :order]
    factors = np.ascontiguousarray(of_sample.T)
    terms = factors[:, :, None] * factors[:, None, :]
    total = terms[-1]
    for term in terms[-2::-1]:
        total *= c
        total += term
    if max(abs(float(same.max())), abs(float(opposite.max()))) > NEGLIGIBLE_TAIL * largest:
        angle, *shapes = _tail_tables()
        shape = np.interp(np.arccos(np.abs(c)), angle, shapes[parity])
        mirrored = np.copysign(shape, c)
        total += (weights @ (0.5 * (same + opposite)) @ weights.T) * shape
        total += (weights @ (0.5 * (same - opposite)) @ weights.T) * mirrored
    return np.asarray(total)


def _interpolation(variance: Array) -> tuple[Array, Array]:
    """Return Chebyshev nodes in ln q over a batch, and each sample's weights on them."""
    log = np.log(np.maximum(variance, SMALLEST_VARIANCE))
    low, high = float(log.min()), float(log.max())
    if high - low < _SAME_VARIANCE:
        return np.exp([0.5 * (low + high)]), np.ones((len(variance), 1))
    spread = high - low
    count = min(3 + math.ceil(4.0 * spread), 5 + math.ceil(3.0 * spread), _MOST_VARIANCES)
    angle = math.pi * np.arange(count) / (count - 1)
    nodes = 0.5 * (low + high) - 0.5 * (high - low) * np.cos(angle)
    # The barycentric formula (Berrut and Trefethen 2004, eq. 5.4).
    ends = np.where((angle == 0.0) | (np.arange(count) == count - 1), 0.5, 1.0)
    signed = ends * (-1.0) ** np.arange(count)
    distance = log[:, None] - nodes
    hit = distance == 0.0
    weights = signed / np.where(hit, 1.0, distance)
    on_node = hit.any(axis=1)
    weights[on_node] = hit[on_node]
    return np.exp(nodes), np.asarray(weights / weights.sum(axis=1, keepdims=True))
