"""Where an experiment lies in the plane of σ_w² and σ_b², and what lies around it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.initializers import INITIALIZERS
from engine.theory.gaussian import is_homogeneous, moments
from engine.theory.phases import FixedPoint, critical_points, edge_of_chaos, fixed_point
from engine.theory.recursion import bias_variances, weight_variances

if TYPE_CHECKING:
    from engine.config import RunConfig

# Variances at which the averages are tabled: beyond, every φ of the table is straight or flat.
_TABLE_Q = np.geomspace(1e-9, 1e9, 127)
_EDGE_Q = np.geomspace(1e-4, 1e4, 241)


class NoPlace(StrEnum):
    """Why an experiment has no place in the plane."""

    NORMALIZED = "normalisation sets the size of the pre-activations, whatever the weights are"
    SKIPS = "with skip connections the gradient has a way around the weights"
    DROPOUT = "dropout keeps any two samples apart, so that there is no edge of chaos"
    SHALLOW = "it takes at least two hidden layers"
    NOT_RANDOM = "the weights begin at values that are set and not drawn at random"
    NO_GAIN = "a gain of 0 makes every weight 0"
    FROM_DATA = "the first batch decides how large the weights are, and no variance set beforehand"


@dataclass(frozen=True)
class Place:
    """A plain network in the plane, at initialisation.

    Attributes:
        activation: a key of `ACTIVATIONS`.
        weight_variance: σ_w² = n_in Var W, the mean over the layers after the first.
        bias_variance: σ_b², likewise.
        unit_variance: what σ_w² would be at gain 1.
    """

    activation: str
    weight_variance: float
    bias_variance: float
    unit_variance: float

    def tends_to(self, input_mean_square: float) -> FixedPoint:
        """Return what the network tends to with depth."""
        start = self.weight_variance * input_mean_square + self.bias_variance
        return fixed_point(self.activation, self.weight_variance, self.bias_variance, start)

    def gain_for(self, weight_variance: float) -> float:
        """Return the gain that gives another σ_w² with the same initialiser."""
        return math.sqrt(weight_variance / self.unit_variance)


def place_of(config: RunConfig) -> Place | NoPlace:
    """Return where an experiment lies, or why it lies nowhere."""
    if config.normalization != "none":
        return NoPlace.NORMALIZED
    if config.skip != "none":
        return NoPlace.SKIPS
    if config.dropout > 0.0:
        return NoPlace.DROPOUT
    if config.depth < 2:
        return NoPlace.SHALLOW
    # The first layer and the output layer have neighbours of another kind.
    weights = weight_variances(config.replace(gain=1.0), config.widths)
    biases = bias_variances(config, config.widths)
    unit = float(weights.mean())
    if INITIALIZERS[config.initializer].from_data:
        return NoPlace.FROM_DATA
    if not unit > 0.0:
        return NoPlace.NOT_RANDOM
    if not config.gain > 0.0:
        return NoPlace.NO_GAIN
    return Place(config.activation, unit * config.gain**2, float(biases.mean()), unit)


@lru_cache(maxsize=16)
def _table(name: str) -> tuple[Array, Array]:
    """Return ln M2 and ln D at the variances of the table."""
    at = [moments(name, float(q)) for q in _TABLE_Q]
    return (
        np.log([value.mean_square for value in at]),
        np.log([value.slope for value in at]),
    )


def log_factor_map(
    name: str, weight_variances: Array, bias_variances: Array, input_mean_square: float
) -> Array:
    """Return ln χ₁ of the networks of a whole rectangle, to some thousandths.

    As `fixed_point` follows one network to its end, all are followed at once on one table of
    averages; the squared gradient is multiplied by χ₁ per layer there.

    Args:
        name: a key of `ACTIVATIONS`.
        weight_variances: σ_w² > 0, (columns,).
        bias_variances: σ_b² ≥ 0, (rows,).
        input_mean_square: of the inputs, from which the variance starts.

    Returns:
        (rows, columns).
    """
    log_q = np.log(_TABLE_Q)
    log_m2, log_d = _table(name)
    w, b = weight_variances[None, :], bias_variances[:, None]
    # ln of (σ_w² M2(q) + σ_b²) / q: above 0 where the variance grows.
    growth = np.log(w[..., None] * np.exp(log_m2) + b[..., None]) - log_q
    start = np.log(w * input_mean_square + b)
    first = np.clip(np.searchsorted(log_q, start), 1, len(log_q) - 2)
    begins = np.take_along_axis(growth, first[..., None], axis=2)[..., 0]
    upwards = begins > 0.0
    places = np.arange(len(log_q))
    # The walk ends before the first place, on its way, where the variance goes the other way.
    beyond = np.where(
        upwards[..., None],
        (places > first[..., None]) & (growth <= 0.0),
        (places < first[..., None]) & (growth >= 0.0),
    )
    up = np.where(beyond.any(axis=2), beyond.argmax(axis=2), len(log_q) - 1)
    down = np.where(beyond.any(axis=2), len(log_q) - 1 - beyond[..., ::-1].argmax(axis=2), 0)
    end = np.where(upwards, up, down)
    before = np.clip(end + np.where(upwards, -1, 1), 0, len(log_q) - 1)
    g_end = np.take_along_axis(growth, end[..., None], axis=2)[..., 0]
    g_before = np.take_along_axis(growth, before[..., None], axis=2)[..., 0]
    crosses = (g_end > 0.0) != (g_before > 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(crosses, g_before / (g_before - g_end), 1.0)
    fixed = log_q[before] + share * (log_q[end] - log_q[before])
    return np.asarray(np.log(w) + np.interp(fixed, log_q, log_d))


@lru_cache(maxsize=16)
def edge_line(name: str) -> tuple[Array, Array]:
    """Return σ_w² and σ_b² along the edge of chaos, by growing q; empty where there is none.

    Only points that the variance returns to. Where φ is two straight lines that is one point,
    without biases: with them the signal grows from layer to layer, without a fixed point.
    """
    if is_homogeneous(name):
        critical = 1.0 / moments(name, 1.0).slope
        return np.array([critical]), np.array([0.0])
    at = [moments(name, float(q)) for q in _EDGE_Q]
    weight, bias = edge_of_chaos(name, _EDGE_Q)
    ratio = np.array([value.mean_square / (value.slope * value.variance) for value in at])
    elasticity = np.array([value.mean_square_elasticity for value in at])
    stable = np.isfinite(weight) & (ratio * elasticity <= 1.0)
    # The limit of small variances belongs to the line where its neighbours do.
    limits = [
        point for point in critical_points(name, 0.0) if point.stable and (point.q > 0 or stable[0])
    ]
    start = [(point.weight_variance, 0.0) for point in limits[:1]]
    return (
        np.append([w for w, _ in start], weight[stable]),
        np.append([b for _, b in start], bias[stable]),
    )
