"""What a single setting does to a run, whatever the network is like."""

from __future__ import annotations

import math

import numpy as np

from engine.config import RunConfig
from engine.diagnosis.criteria.criterion import (
    ALARM,
    LAYER,
    POWER,
    SHARE,
    WARNING,
    Criterion,
    Numbers,
    any_layer,
    kept_below,
    known,
)
from engine.diagnosis.reading import Array, Reading
from engine.diagnosis.thresholds import Thresholds


def decayed_share(config: RunConfig) -> float:
    """Return which share of all weights the weight decay takes away in a step.

    The decay is added to the gradient, or taken from the weights at once (Loshchilov and Hutter
    2019); momentum makes a lasting pull so many times as strong. 0 for rules that divide it by the
    gradient's size.
    """
    if config.optimizer in ("momentum", "nesterov"):
        return config.learning_rate * config.weight_decay / (1.0 - config.momentum)
    if config.optimizer in ("sgd", "adamw"):
        return config.learning_rate * config.weight_decay
    return 0.0


def _heavy_decay(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    share = decayed_share(reading.config)
    return (share,) if share > limits.huge_update else None


def clipped_by(reading: Reading) -> float:
    """Return how many times as long the gradient would be without clipping, at least 1.

    Of clipping by value, where only sizes of whole layers are known: of the layer that loses most.
    """
    config = reading.config
    if config.clip == "norm":
        before = reading.past.typical_norm
    elif config.clip == "value":
        before = float(np.max(reading.all_entries, initial=0.0))
    else:
        return 1.0
    longer = before / config.clip_threshold
    return max(1.0, longer) if math.isfinite(longer) else 1.0


def _unclipped(reading: Reading) -> tuple[Array, Array, float]:
    """Return the updates by weight, what they would be without clipping, and `clipped_by`."""
    update, longer = known(reading.update) * reading.relief, clipped_by(reading)
    # One that the weights' format has rounded to nothing has no length that could be multiplied.
    lost = known(reading.descent) * reading.relief if longer > 1.0 else update
    return update, np.where(update > 0.0, update * longer, lost), longer


def _clipped_stall(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """The network stands still, and would not without clipping."""
    update, unclipped, longer = _unclipped(reading)
    limit = kept_below(limits.uniform_update, limits, before)
    if not update.max() < limit or not unclipped.max() >= limits.uniform_update:
        return None
    return (float(update.max()), 1.0 / longer)


def _clipped_update(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """A layer hardly moves, and would without clipping."""
    update, unclipped, longer = _unclipped(reading)
    limit = kept_below(limits.healthy_update_low, limits, before)
    slow = np.flatnonzero((update < limit) & np.isfinite(reading.update))
    slow = slow[unclipped[slow] >= limits.healthy_update_low]
    if not len(slow):
        return None
    at = slow[np.argmin(update[slow])]
    return (float(update[at]), any_layer(at, reading), 1.0 / longer)


def _no_rate(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    return () if reading.config.learning_rate == 0.0 else None


def _batch_of_one(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    return () if reading.config.normalization == "batch" and reading.samples < 2 else None


HEAVY_DECAY = Criterion(
    "heavy_decay", "large updates", ALARM, "{0} of the weights in a step",
    "The weight decay alone takes {0} of all weights away in every step: that is the learning "
    "rate times the weight decay. From 100 % on their sign changes, beyond 200 % they grow.",
    (SHARE,), _heavy_decay, title="weight decay too strong", at_once=True,
)  # fmt: skip

BATCH_OF_ONE = Criterion(
    "batch_of_one", "dead network", ALARM, "nothing to normalise by",
    "Batch normalisation over a single sample takes away all that the sample is: every "
    "pre-activation becomes the same, whatever comes in, and no gradient passes back. The batch "
    "must have at least two samples.",
    (), _batch_of_one, title="batch of one", at_once=True,
)  # fmt: skip

NO_RATE = Criterion(
    "no_rate", "uniform stall", ALARM, "nothing is learned",
    "The learning rate is 0: no weight changes, whatever the gradient says.",
    (), _no_rate, title="learning rate 0", at_once=True,
)  # fmt: skip

CLIPPED_STALL = Criterion(
    "clipped_stall", "uniform stall", ALARM, "updates of {0}",
    "No layer changes by more than {0} of its weights in a step: the network stands still, since "
    "clipping leaves {1} of the gradient.",
    (POWER, POWER), _clipped_stall, title="stalled by clipping",
)  # fmt: skip

CLIPPED_UPDATE = Criterion(
    "clipped_update", "small updates", WARNING, "{0} of {1}",
    "A step changes {1} by only {0} of its weights, since clipping leaves {2} of the gradient.",
    (POWER, LAYER, POWER), _clipped_update, title="clipped too far",
)  # fmt: skip
