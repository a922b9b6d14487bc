"""Which learning rates a search would begin with, and how long a network bears them."""

from __future__ import annotations

import math

from engine.config import RunConfig

# A learning rate so many times smaller, or larger, but not beyond these.
TENFOLD = 10.0
SMALLEST_RATE, LARGEST_RATE = 1e-9, 10.0
ADAM_RATE = 1e-3
# Where a search for a learning rate usually begins, and how far from there one is out of the way.
USUAL_RATES = {"sgd": 0.01, "momentum": 0.01, "nesterov": 0.01, "lars": 1.0} | dict.fromkeys(
    ("rmsprop", "adam", "adamw"), ADAM_RATE
)
FAR_FROM_USUAL = 100.0
# What follows the gradient as long as it is, and not its direction alone.
DESCENDING = ("sgd", "momentum", "nesterov")
# The longest rate with which a network learns goes as one over its depth (Saxe et al. 2013): in
# 300 steps on the digits He and Xavier learn up to 1 / depth at depths 10 to 50, and no further; a
# sum over skip connections up to a third of that.
LONGEST_RATE_BY_DEPTH, LONGEST_RESIDUAL_RATE_BY_DEPTH = 1.0, 0.3
# Batch normalisation divides by what the weights have grown to, and bears longer rates.
BEARS_LONG_RATES = ("batch",)


def longest_rate(config: RunConfig) -> float:
    """Return the longest learning rate with which a network of sound weights still learns.

    Infinite for rules that divide by the gradient's size: theirs does not hang on the depth.
    """
    if config.optimizer not in DESCENDING or config.normalization in BEARS_LONG_RATES:
        return math.inf
    share = LONGEST_RATE_BY_DEPTH if config.skip == "none" else LONGEST_RESIDUAL_RATE_BY_DEPTH
    if config.optimizer != "sgd":
        # A lasting gradient is followed so many times as far.
        share *= 1.0 - config.momentum
    return share / config.depth


def usual_rate(config: RunConfig) -> float:
    """Return where a search for the learning rate would begin for this experiment."""
    usual, longest = USUAL_RATES[config.optimizer], longest_rate(config)
    if usual <= longest:
        return usual
    # One digit, as a person would write it, and not beyond.
    power = 10.0 ** math.floor(math.log10(longest))
    return float(f"{math.floor(longest / power + 1e-9) * power:.1g}")
