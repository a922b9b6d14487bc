"""Which learning rates a search would begin with, and how long a network bears them."""

from __future__ import annotations

import math

import numpy as np

from engine.config import DIVIDING, RunConfig
from engine.theory.recursion import weight_variances

# A learning rate so many times smaller, or larger, but not beyond these.
TENFOLD = 10.0
SMALLEST_RATE, LARGEST_RATE = 1e-9, 10.0
ADAM_RATE = 1e-3
# Where a search for a learning rate usually begins, and how far from there one is out of the way.
USUAL_RATES = {"sgd": 0.01, "momentum": 0.01, "nesterov": 0.01, "lars": 1.0} | dict.fromkeys(
    DIVIDING, ADAM_RATE
)
FAR_FROM_USUAL = 100.0
# The longest rate with which a network learns goes as one over its depth (Saxe et al. 2013): these
# are the products, found in 200 to 300 steps of He and Xavier on the digits at depths 10 to 50.
# Rules that divide by the gradient's size bear less the deeper a network is, too.
LONGEST_RATE_TIMES_DEPTH = {
    "sgd": 1.0,
    "momentum": 1.0,
    "nesterov": 1.0,
    "lars": 4.0,
    "rmsprop": 0.01,
    "adam": 0.03,
    "adamw": 0.03,
}
# The power of σ_w with which that shrinks where weights are normalised: a rule that divides by the
# gradient's own size feels only how small they are themselves; LARS measures both.
SHORTENED_BY_SIZE = (
    dict.fromkeys(("sgd", "momentum", "nesterov"), 2.0)
    | dict.fromkeys(DIVIDING, 1.0)
    | {"lars": 0.0}
)
# A sum over skip connections bears so much of that.
RESIDUAL_SHARE = 0.3
# Of these a lasting gradient is followed 1 / (1 − momentum) times as far.
WITH_MOMENTUM = ("momentum", "nesterov")
# What a quotient may be off by.
ROUNDING = 1e-9
# Batch normalisation divides by what the weights have grown to, and bears longer rates.
BEARS_LONG_RATES = ("batch",)
# It learns with them, and yet its first updates are longer than is healthy: of weights drawn by
# Xavier or He they were 0.25 to 0.4 times the rate on the digits, sigmoid at depths 5 to 50.
LONGEST_HEALTHY_RATE = 0.03


def longest_rate(config: RunConfig) -> float:
    """Return the longest learning rate with which a network of sound weights still learns."""
    if config.normalization in BEARS_LONG_RATES:
        return math.inf
    longest = LONGEST_RATE_TIMES_DEPTH[config.optimizer] / config.depth
    if config.skip != "none":
        longest *= RESIDUAL_SHARE
    if config.optimizer in WITH_MOMENTUM:
        longest *= 1.0 - config.momentum
    if config.normalization != "none":
        longest *= _size_of_weights(config) ** SHORTENED_BY_SIZE[config.optimizer]
    return longest


def _size_of_weights(config: RunConfig) -> float:
    """Return σ_w of the hidden layers where it is below 1; 1 where nobody knows it beforehand.

    Normalisation divides by the size of the weights, so that a gradient grows as they are smaller,
    and an update is longer in comparison with them once more (van Laarhoven 2017: the rate that
    counts is η / ‖w‖²).
    """
    variance = float(np.mean(weight_variances(config, config.widths))) if config.depth > 1 else 1.0
    return math.sqrt(variance) if 0.0 < variance < 1.0 else 1.0


def usual_rate(config: RunConfig) -> float:
    """Return where a search for the learning rate would begin for this experiment."""
    usual, longest = USUAL_RATES[config.optimizer], longest_rate(config)
    if usual <= longest * (1.0 + ROUNDING):
        return usual
    # One digit, as a person would write it, and not beyond.
    power = 10.0 ** math.floor(math.log10(longest))
    return float(f"{math.floor(longest / power + ROUNDING) * power:.1g}")
