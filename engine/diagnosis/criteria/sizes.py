"""How large gradients, updates and activations are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.diagnosis.criteria.criterion import (
    ALARM,
    COUNT,
    FACTOR,
    LAYER,
    PLAIN,
    POWER,
    SHARE,
    WARNING,
    Certain,
    Check,
    Criterion,
    Numbers,
    any_layer,
    kept_above,
    kept_below,
    known,
    largest,
    layer_number,
)
from engine.diagnosis.reading import Reading
from engine.diagnosis.thresholds import Thresholds
from engine.slope import forward_growth


def _tiny_layer(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """The mean magnitude is never above the root mean square, which is measured."""
    entry = reading.all_entries * reading.relief
    limit = kept_below(limits.tiny_gradient, limits, before)
    tiny = np.flatnonzero((entry < limit) & (reading.norms > 0.0))
    if not len(tiny):
        return None
    at = tiny[np.argmin(entry[tiny])]
    return (float(entry[at]), layer_number(at), float(len(tiny)))


def _updates_apart(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    update = reading.update
    usable = np.isfinite(update)
    if not usable.any():
        return None
    low = int(np.argmin(np.where(usable, update, math.inf)))
    high = float(np.max(np.where(usable, update, 0.0)))
    stands = update[low] < kept_below(limits.stalled_update, limits, before)
    if not (stands and high > kept_above(limits.moving_update, limits, before)):
        return None
    return (float(update[low]), any_layer(low, reading), high)


def _stall(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    update = reading.update[np.isfinite(reading.update)] * reading.relief
    if not len(update) or not update.max() < kept_below(limits.uniform_update, limits, before):
        return None
    return (float(update.max()),)


def _far_from(threshold: str, value: Callable[[Reading], float]) -> Certain:
    """Return whether a size lies far beyond the limit; once it was, the check knows the other."""

    def certain(reading: Reading, limits: Thresholds, before: bool) -> bool:
        limit: float = getattr(limits, threshold)
        return before or value(reading) > limit * (1.0 + limits.doubt)

    return certain


def _grown_forward(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    grown = forward_growth(reading.activation_rms)
    return (grown,) if grown > kept_above(limits.forward_growth, limits, before) else None


def _large_norm(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    norm = reading.past.typical_norm
    return (norm,) if norm > kept_above(limits.large_norm, limits, before) else None


def _spike(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    past = reading.past
    return (float(past.spike_step), past.spike_ratio) if past.spike_step else None


def _update_above(threshold: str) -> Check:
    def check(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
        # Weights that are all zero have no update ratio.
        limit = kept_above(getattr(limits, threshold), limits, before)
        found = largest(known(reading.update), limit)
        return None if found is None else (found[0], any_layer(found[1] - 1.0, reading))

    return check


def _small_update(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    update = np.where(np.isfinite(reading.update), reading.update, math.inf) * reading.relief
    at = int(np.argmin(update))
    if not update[at] < kept_below(limits.healthy_update_low, limits, before):
        return None
    return (float(update[at]), any_layer(at, reading))


def _low_gradient(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    per_sample = np.where(reading.norms > 0.0, reading.per_sample, math.inf) * reading.relief
    at = int(np.argmin(per_sample))
    if not per_sample[at] < kept_below(limits.healthy_gradient_low, limits, before):
        return None
    return (float(per_sample[at]), layer_number(at))


def _high_gradient(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    limit = kept_above(limits.healthy_gradient_high, limits, before)
    found = largest(known(reading.per_sample), limit)
    return None if found is None else found[:2]


GROWN_FORWARD = Criterion(
    "grown_forward", "exploding", ALARM, "×{0} going forward",
    "Going forward, the mean square of the activations grows ×{0} from the first hidden layer "
    "to the last.",
    (PLAIN,), _grown_forward, title="activations exploding",
    certain=_far_from("forward_growth", lambda reading: forward_growth(reading.activation_rms)),
)  # fmt: skip

LARGE_NORM = Criterion(
    "large_norm", "exploding", ALARM, "gradient norm {0}",
    "The norm of the whole gradient is {0}.",
    (PLAIN,), _large_norm,
    certain=_far_from("large_norm", lambda reading: reading.past.typical_norm),
)  # fmt: skip

# The gradient may well keep its size from layer to layer: it is the step that is too long.
HUGE_UPDATE = Criterion(
    "huge_update", "large updates", ALARM, "{0} of {1}",
    "A single step changes {1} by {0} of its weights: whatever the gradient does over the layers, "
    "the learning rate is too high for it.",
    (SHARE, LAYER), _update_above("huge_update"), title="learning rate too high",
    certain=_far_from("huge_update", lambda reading: float(known(reading.update).max())),
)  # fmt: skip

SPIKE = Criterion(
    "spike", "exploding", ALARM, "×{1} at step {0}",
    "At step {0} the gradient was ×{1} its usual size: a spike.",
    (COUNT, FACTOR), _spike, at_once=True, title="gradient spike",
)  # fmt: skip

TINY_LAYER = Criterion(
    "tiny_layer", "vanishing", ALARM, "∂L/∂W of {1} is {0}",
    "The entries of ∂L/∂W in {1} are about {0} in size; in {2} layers they are too small.",
    (POWER, LAYER, COUNT), _tiny_layer,
    "The entries of ∂L/∂W in {1} are about {0} in size: too small.",
)  # fmt: skip

UPDATES_APART = Criterion(
    "updates_apart", "vanishing", ALARM, "{1} stands still",
    "A step changes {1} by {0} of its weights, and another layer by {2}.",
    (POWER, LAYER, POWER), _updates_apart,
)  # fmt: skip

STALL = Criterion(
    "stall", "uniform stall", ALARM, "updates of {0}",
    "No layer changes by more than {0} of its weights in a step: the network stands still.",
    (POWER,), _stall,
)  # fmt: skip

LOW_GRADIENT = Criterion(
    "low_gradient", "weakly vanishing", WARNING, "∂L/∂h of {1} is {0}",
    "For one sample, ∂L/∂h in {1} is only {0} in size.",
    (POWER, LAYER), _low_gradient,
)  # fmt: skip

HIGH_GRADIENT = Criterion(
    "high_gradient", "weakly exploding", WARNING, "∂L/∂h of {1} is {0}",
    "For one sample, ∂L/∂h in {1} is {0} in size.",
    (POWER, LAYER), _high_gradient,
)  # fmt: skip

LARGE_UPDATE = Criterion(
    "large_update", "large updates", WARNING, "{0} of {1}",
    "A step changes {1} by {0} of its weights; a thousandth is usual, about a hundredth plenty.",
    (SHARE, LAYER), _update_above("healthy_update_high"), patient=True,
)  # fmt: skip

SMALL_UPDATE = Criterion(
    "small_update", "small updates", WARNING, "{0} of {1}",
    "A step changes {1} by only {0} of its weights.",
    (POWER, LAYER), _small_update,
)  # fmt: skip
