"""Where a plain network lies: fixed points, phases and the edge of chaos.

Poole et al. 2016 for the forward direction, Schoenholz et al. 2017 for the backward one and the
depth scales. σ_w² is n_in times the variance of a weight, σ_b² the variance of a bias.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from engine.activations import ACTIVATIONS, Array
from engine.theory.gaussian import is_homogeneous, moments
from engine.theory.pairs import pair_averages

# Where fixed points are looked for: the variances, and how many in a decade.
SMALLEST_Q, LARGEST_Q = 1e-12, 1e12
_PER_DECADE = 6
# |ln χ₁| below which a network of a thousand layers is still critical.
CRITICAL_TOLERANCE = 1e-3
# Schoenholz et al. 2017, figure 5: networks train down to about six correlation depths.
TRAINABLE_DEPTHS = 6.0


@dataclass(frozen=True)
class FixedPoint:
    """What a plain network tends to with depth. Depth scales are in layers, inf if critical.

    Attributes:
        q: the variance of the pre-activations: 0, a number, or inf where it grows for ever.
        chi: χ₁ = σ_w² E φ′², the squared gradient's factor per layer going back.
        chi_parallel: χ_∥ = σ_w² d E φ² / dq, the factor of a small deviation from q.
        c: the correlation of two different samples.
        xi_gradient: 1 / |ln χ₁|, over which the squared gradient changes by e.
        xi_correlation: over which two samples come to the correlation c.
        xi_variance: over which the variance comes to q.
        phase: "ordered" (gradients vanish), "chaotic" (they explode) or "critical".
    """

    q: float
    chi: float
    chi_parallel: float
    c: float
    xi_gradient: float
    xi_correlation: float
    xi_variance: float
    phase: str

    @property
    def trainable_depth(self) -> float:
        """About six correlation depths; an empirical rule (Schoenholz et al. 2017)."""
        return TRAINABLE_DEPTHS * self.xi_correlation


@dataclass(frozen=True)
class PlainNetwork:
    """A plain network as the phase picture sees it.

    Attributes:
        activation: a key of `ACTIVATIONS`.
        weight_variance: σ_w².
        bias_variance: σ_b².
        start: the variance of the first pre-activations.
    """

    activation: str
    weight_variance: float
    bias_variance: float
    start: float

    @property
    def fixed_point(self) -> FixedPoint:
        """What it tends to with depth; some milliseconds where that is far away."""
        return fixed_point(self.activation, self.weight_variance, self.bias_variance, self.start)


@dataclass(frozen=True)
class CriticalPoint:
    """A point of the edge of chaos, where χ₁ = 1.

    Attributes:
        weight_variance: σ_w².
        bias_variance: σ_b².
        q: the variance there; 0 where it is the limit of small variances.
        chi_parallel: above 1 the point is left at the smallest deviation.
    """

    weight_variance: float
    bias_variance: float
    q: float
    chi_parallel: float

    @property
    def stable(self) -> bool:
        """Say whether the variance comes back to q."""
        return self.chi_parallel <= 1.0 + 1e-9


@lru_cache(maxsize=256)
def fixed_point(
    name: str, weight_variance: float, bias_variance: float, start: float = 1.0
) -> FixedPoint:
    """Return what a network of one activation tends to.

    Args:
        name: a key of `ACTIVATIONS`.
        weight_variance: σ_w².
        bias_variance: σ_b².
        start: the variance of the first pre-activations, which decides where there are several.
    """
    q = _fixed_variance(name, weight_variance, bias_variance, start)
    at = moments(name, q)
    chi = weight_variance * at.slope
    if math.isinf(q) or q < SMALLEST_Q:
        # d ln M2 / d ln q is then the power of q with which M2 goes.
        gain = weight_variance * moments(name, min(max(q, SMALLEST_Q), LARGEST_Q)).mean_square
        gain /= min(max(q, SMALLEST_Q), LARGEST_Q)
        chi_parallel = gain * at.mean_square_elasticity
    else:
        chi_parallel = weight_variance * at.mean_square_elasticity * at.mean_square / q
    critical = abs(math.log(chi)) < CRITICAL_TOLERANCE if chi > 0.0 else False
    phase = "critical" if critical else "ordered" if chi < 1.0 else "chaotic"
    c = 1.0
    rate = chi
    if phase == "chaotic" and 0.0 < q < math.inf:
        c = _fixed_correlation(name, weight_variance, bias_variance, q)
        rate = weight_variance * _pair(name, q, c)[1]
    return FixedPoint(
        q=q,
        chi=chi,
        chi_parallel=chi_parallel,
        c=c,
        xi_gradient=_depth_scale(chi),
        xi_correlation=_depth_scale(rate),
        xi_variance=_depth_scale(chi_parallel),
        phase=phase,
    )


def _depth_scale(factor: float) -> float:
    if factor <= 0.0:
        return 0.0
    return 1.0 / abs(math.log(factor)) if factor != 1.0 else math.inf


def _fixed_variance(name: str, weight: float, bias: float, start: float) -> float:
    """Follow q → σ_w² M2(q) + σ_b² to its end, without walking there step by step.

    M2 grows with q, so the walk goes one way and ends at the first fixed point on it.
    """

    def excess(log_q: float) -> float:
        q = math.exp(log_q)
        return weight * moments(name, q).mean_square + bias - q

    if is_homogeneous(name):
        gain = weight * moments(name, 1.0).mean_square
        if abs(gain - 1.0) < 1e-12:
            return start if bias == 0.0 else math.inf
        return bias / (1.0 - gain) if gain < 1.0 else math.inf
    here = math.log(min(max(start, SMALLEST_Q), LARGEST_Q))
    upwards = excess(here) > 0.0
    end = math.log(LARGEST_Q if upwards else SMALLEST_Q)
    step = math.copysign(math.log(10.0) / _PER_DECADE, end - here)
    while abs(end - here) > 1e-12:
        there = here + step if abs(end - here) > abs(step) else end
        if (excess(there) > 0.0) != upwards:
            return math.exp(bisect(excess, here, there))
        here = there
    return math.inf if upwards else 0.0


def _fixed_correlation(name: str, weight: float, bias: float, q: float) -> float:
    """Return the stable correlation below 1 of the chaotic phase."""

    def excess(c: float) -> float:
        return weight * _pair(name, q, c)[0] + bias - q * c

    # Where φ is odd and there is no bias, different samples become independent.
    if excess(0.0) <= 1e-12 * q:
        return 0.0
    high = 1.0
    for step in np.geomspace(1e-6, 0.5, 40):
        high = 1.0 - float(step)
        if excess(high) < 0.0:
            break
    return bisect(excess, 0.0, high) if excess(high) < 0.0 else 1.0


def _pair(name: str, q: float, c: float) -> tuple[float, float]:
    values, slopes = pair_averages(name, np.array([q, q]), np.array([[1.0, c], [c, 1.0]]))
    return float(values[0, 1]), float(slopes[0, 1])


def bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function changes its sign, to the last digits."""
    sign = function(low) > 0.0
    for _ in range(200):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        if (function(middle) > 0.0) == sign:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def edge_of_chaos(name: str, q: Array) -> tuple[Array, Array]:
    """Return σ_w² and σ_b² of the points with χ₁ = 1 that have the variances q.

    σ_w² = 1 / D(q) and σ_b² = q − M2(q) / D(q); NaN where σ_b² would be negative.
    """
    at = [moments(name, float(value)) for value in q]
    slope = np.array([value.slope for value in at])
    bias = q - np.array([value.mean_square for value in at]) / slope
    allowed = bias >= -1e-12 * q
    return (
        np.where(allowed, 1.0 / slope, np.nan),
        np.where(allowed, np.maximum(bias, 0.0), np.nan),
    )


@lru_cache(maxsize=256)
def critical_points(name: str, bias_variance: float) -> tuple[CriticalPoint, ...]:
    """Return all points of the edge of chaos with one bias variance, by growing q.

    Without biases the limit of small variances is among them, where φ(0) = 0: σ_w φ′(0) = 1,
    with the mean square of both sides' slopes at a kink.
    """

    def excess(log_q: float) -> float:
        at = moments(name, math.exp(log_q))
        return at.variance - at.mean_square / at.slope - bias_variance

    found = []
    if bias_variance == 0.0 and float(ACTIVATIONS[name].phi(np.zeros(1))[0]) == 0.0:
        limit = _critical(name, SMALLEST_Q)
        found.append(replace(limit, bias_variance=0.0, q=0.0))
    if is_homogeneous(name):
        # q − M2 / D = 0 for every q: without biases all variances are alike, with them none is.
        return tuple(found)
    logs = np.linspace(math.log(1e-6), math.log(1e6), 12 * _PER_DECADE + 1)
    values = [excess(float(log)) for log in logs]
    for low, high, left, right in zip(logs, logs[1:], values, values[1:], strict=False):
        if (left > 0.0) != (right > 0.0):
            found.append(_critical(name, math.exp(bisect(excess, float(low), float(high)))))
    return tuple(found)


def _critical(name: str, q: float) -> CriticalPoint:
    at = moments(name, q)
    ratio = at.mean_square / (at.slope * q)
    return CriticalPoint(1.0 / at.slope, q * (1.0 - ratio), q, ratio * at.mean_square_elasticity)
