"""What cures change in an experiment; whether they apply to it is decided here."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from engine.activations import ACTIVATIONS
from engine.config import DEFAULTS, DIVIDING, RunConfig
from engine.diagnosis.criteria.settings import decayed_share
from engine.diagnosis.rates import FAR_FROM_USUAL, LARGEST_RATE, SMALLEST_RATE, usual_rate
from engine.diagnosis.thresholds import THRESHOLDS
from engine.precision import PRECISIONS
from engine.theory.gaussian import is_odd

# ReLU is not offered where chance alone silences a layer more often than this.
MOST_SILENT = 0.05
SCALE_FREE = (*DIVIDING, "lars")
# ReLU makes samples alike from layer to layer, which layer normalisation leaves as it is: in more
# layers than the first it learns but now and then, in more than the second its units die.
SURE_LAYER_NORM_WITH_RELU, DEEPEST_LAYER_NORM_WITH_RELU = 20, 40

Changes = Mapping[str, Any]
# What a cure changes in an experiment; None where it does not apply.
Change = Callable[[RunConfig], Changes | None]


def scheme(initializer: str, activation: str = "") -> Change:
    """Draw the weights in another way; with another activation where one is named."""

    def change(config: RunConfig) -> Changes | None:
        if is_too_narrow(config.replace(activation=activation or config.activation)):
            return None
        changes = {"initializer": initializer, "gain": 1.0, "bias_std": 0.0}
        return changes | ({"activation": activation} if activation else {})

    return change


def _silent_by_chance(config: RunConfig) -> float:
    """Return how often a ReLU network has a layer that is silent for an input (Lu et al. 2019)."""
    return 1.0 - math.prod(1.0 - 0.5**width for width in config.widths)


def is_too_narrow(config: RunConfig) -> bool:
    """Say whether chance alone may well silence a layer, however the weights are drawn."""
    flat = ACTIVATIONS[config.activation].has_flat_zero
    return flat and _silent_by_chance(config) > MOST_SILENT


def always(**changes: Any) -> Change:
    """Change the same, whatever the experiment is."""
    return lambda config: changes


def multiply_rate(factor: float) -> Change:
    """Multiply the learning rate."""

    def change(config: RunConfig) -> Changes | None:
        # What a person would choose, without the last digits of a product.
        rate = float(f"{config.learning_rate * factor:.3g}")
        sensible = rate >= SMALLEST_RATE if factor < 1.0 else 0.0 < rate <= LARGEST_RATE
        return {"learning_rate": rate} if sensible else None

    return change


def to_usual_rate(lower: bool) -> Change:
    """Take the usual rate where the one there is is far above it, or below."""

    def change(config: RunConfig) -> Changes | None:
        usual, rate = usual_rate(config), config.learning_rate
        far = rate >= usual * FAR_FROM_USUAL if lower else rate <= usual / FAR_FROM_USUAL
        return {"learning_rate": usual} if far else None

    return change


def to_adam(config: RunConfig) -> Changes | None:
    """Take Adam with the rate that is usual with it."""
    if PRECISIONS[config.precision].master == "float16":
        # There what it divides by is rounded to zero.
        return None
    return {"optimizer": "adam", "learning_rate": usual_rate(config.replace(optimizer="adam"))}


def without_dropout(config: RunConfig) -> Changes | None:
    """Leave dropout out."""
    return {"dropout": 0.0} if config.dropout else None


def layer_norm(config: RunConfig) -> Changes | None:
    """What it brings to one size is signed by chance still, and ReLU may let nothing through."""
    if is_too_narrow(config):
        return None
    # In place of another normalisation it still does better.
    flat = ACTIVATIONS[config.activation].has_flat_zero
    plain = config.normalization == "none"
    if flat and plain and config.depth > DEEPEST_LAYER_NORM_WITH_RELU:
        return None
    return {"normalization": "layer"}


def makes_alike(config: RunConfig) -> bool:
    """Say whether so many layers of ReLU make samples too much alike to be sure of."""
    return ACTIVATIONS[config.activation].has_flat_zero and config.depth > SURE_LAYER_NORM_WITH_RELU


def without_skip(config: RunConfig) -> Changes | None:
    """Leave out the skip connections that a mean adds up on."""
    return None if config.skip == "none" or is_odd(config.activation) else {"skip": "none"}


def half_precision(**changes: Any) -> Change:
    """Change something of a run in float16."""

    def change(config: RunConfig) -> Changes | None:
        return changes if PRECISIONS[config.precision].compute == "float16" else None

    return change


def clip(config: RunConfig) -> Changes | None:
    """Clip the gradient by its norm."""
    # Rules that divide by the gradient's size take the same step, however long it was.
    if config.clip == "norm" or config.optimizer in SCALE_FREE:
        return None
    return {"clip": "norm", "clip_threshold": 1.0}


def without_clipping(config: RunConfig) -> Changes | None:
    """Leave clipping out."""
    return None if config.clip == "none" else {"clip": "none"}


def looser_clipping(config: RunConfig) -> Changes | None:
    """Clip as the experiment does, at the usual threshold."""
    tight = config.clip != "none" and config.clip_threshold < DEFAULTS["clip_threshold"]
    return {"clip_threshold": DEFAULTS["clip_threshold"]} if tight else None


def wider(config: RunConfig) -> Changes | None:
    """Give layers that chance silences as many units as usual."""
    return {"width": DEFAULTS["width"]} if is_too_narrow(config) else None


def larger_batch(config: RunConfig) -> Changes | None:
    """Take batches of the usual size in place of single samples."""
    return {"batch_size": DEFAULTS["batch_size"]} if config.batch_size < 2 else None


def without_decay(config: RunConfig) -> Changes | None:
    """Leave out a weight decay that is felt in every step."""
    if decayed_share(config) <= THRESHOLDS.healthy_update_high:
        return None
    far = config.learning_rate >= FAR_FROM_USUAL * usual_rate(config)
    if far and decayed_share(config) <= THRESHOLDS.huge_update:
        # Steps that are far too long stay so without it.
        return None
    return {"weight_decay": 0.0}


def residual(config: RunConfig) -> Changes | None:
    """Where activations have a mean it adds up on the skip connection, and the outputs explode."""
    skips = any(one == next_one for one, next_one in pairwise(config.widths))
    return {"skip": "residual"} if skips and is_odd(config.activation) else None


def smaller_scale(config: RunConfig) -> Changes | None:
    """Scale the loss no more."""
    half = PRECISIONS[config.precision].compute == "float16"
    return {"loss_scale": 1.0} if half and isinstance(config.loss_scale, float) else None


def double(config: RunConfig) -> Changes | None:
    """Compute in float64."""
    return {"precision": "float64"} if config.precision in ("float32", "bfloat16") else None


def leaky(config: RunConfig) -> Changes | None:
    """Leave ReLU a small slope."""
    if not ACTIVATIONS[config.activation].has_flat_zero:
        return None
    return {"activation": "leaky_relu"}


def unsaturated(config: RunConfig) -> Changes | None:
    """Draw ReLU with He's scheme where φ has flat ends."""
    if ACTIVATIONS[config.activation].saturates_beyond is None:
        return None
    return scheme("kaiming_normal", "relu")(config)
