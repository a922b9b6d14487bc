"""What the number format cannot hold."""

from __future__ import annotations

import numpy as np

from engine.diagnosis.criteria.criterion import (
    ALARM,
    COUNT,
    LAYER,
    NOTE,
    PLAIN,
    SHARE,
    WARNING,
    Criterion,
    Numbers,
    kept_above,
    kept_below,
    known,
    largest,
    layer_number,
)
from engine.diagnosis.reading import Array, Reading
from engine.diagnosis.thresholds import Thresholds
from engine.precision import PRECISIONS

# The smallest normal number of float16, and where rounding to zero begins.
SMALLEST_FLOAT16 = 2.0**-14


def _float16(reading: Reading) -> bool:
    return PRECISIONS[reading.config.precision].compute == "float16"


def _lost_entries(reading: Reading) -> Array:
    """Return the share of the entries of dL/dW that the format has rounded to zero.

    Units that are inactive leave zeros too: a row for each of them, and a column for each of
    those in the layer before. The first layer's columns are features, some of which may be zero
    by themselves: what it loses more than the second is not counted.
    """
    inactive = known(reading.inactive)
    before = np.concatenate([[0.0], inactive[:-1]])
    with_reason = 1.0 - (1.0 - inactive) * (1.0 - before)
    lost = np.maximum(reading.zero - with_reason, 0.0)
    if len(lost) > 1:
        lost[0] = min(lost[0], lost[1])
    return np.asarray(lost)


def _underflow16(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """Lost are entries where those that are left are near the end of the format, or none is."""
    if not _float16(reading):
        return None
    scale = reading.record.curve("loss_scale")
    near = ~(reading.entry * scale > SMALLEST_FLOAT16)
    lost = np.where(near, _lost_entries(reading), 0.0)
    if not (reading.norms > 0.0).any():
        return None
    return largest(lost, kept_above(limits.underflow, limits, before))


def _underflow32(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """Too small for the digits of float32, or for float32 itself, where later layers are not."""
    if PRECISIONS[reading.config.precision].compute not in ("float32", "bfloat16"):
        return None
    sizes = reading.per_sample / reading.config.batch_size
    limit = kept_below(limits.smallest_float32, limits, before)
    small = np.flatnonzero((sizes < limit) & np.isfinite(sizes))
    above = np.flatnonzero(sizes >= limit)
    if not len(small) or not len(above) or above[-1] < small[-1]:
        return None
    # A layer whose units are all inactive passes nothing on, whatever the format.
    if (known(reading.inactive)[small[-1] :] >= 1.0).any():
        return None
    return (layer_number(small[-1]), float(len(small)))


def _subnormal(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    return largest(known(reading.subnormal), kept_above(limits.underflow, limits, before))


def _overflow16(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    if not (_float16(reading) and reading.past.backed_off):
        return None
    return (reading.record.curve("loss_scale"),)


def _near_overflow(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    if not _float16(reading):
        return None
    scale = reading.record.curve("loss_scale") / reading.config.batch_size
    sizes = np.maximum(reading.activation_rms, reading.per_sample * scale)
    limit = kept_above(limits.near_overflow, limits, before)
    found = largest(limits.largest_by_rms * known(sizes), limit)
    return None if found is None else found[:2]


UNDERFLOW16 = Criterion(
    "underflow16", "underflow", ALARM, "{0} lost in {1}",
    "{0} of the entries of ∂L/∂W in {1} are rounded to zero: they are too small for "
    "float16. {2} layers lose entries.",
    (SHARE, LAYER, COUNT), _underflow16,
    "{0} of the entries of ∂L/∂W in {1} are rounded to zero: they are too small for "
    "float16. No other layer loses entries.",
)  # fmt: skip

UNDERFLOW32 = Criterion(
    "underflow32", "underflow", ALARM, "from {0} down",
    "From {0} down the gradient is smaller than float32 can hold with its digits, in "
    "{1} layers.",
    (LAYER, COUNT), _underflow32,
    "In {0} the gradient is smaller than float32 can hold with its digits.",
)  # fmt: skip

OVERFLOW16 = Criterion(
    "overflow16", "overflow", ALARM, "loss scale {0}",
    "The scaled gradient has left the range of float16; the loss scale has backed off to {0}.",
    (PLAIN,), _overflow16, at_once=True,
)  # fmt: skip

NEAR_OVERFLOW = Criterion(
    "near_overflow", "overflow", WARNING, "{1} reaches {0}",
    "The largest entries in {1} are about {0}; float16 ends at 65504.",
    (PLAIN, LAYER), _near_overflow,
)  # fmt: skip

SUBNORMAL = Criterion(
    "subnormal", "underflow", NOTE, "",
    "{0} of the entries of ∂L/∂W in {1} are subnormal and have lost digits; so it is in "
    "{2} layers.",
    (SHARE, LAYER, COUNT), _subnormal,
    "{0} of the entries of ∂L/∂W in {1} are subnormal and have lost digits.",
)  # fmt: skip
