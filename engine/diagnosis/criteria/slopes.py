"""How the gradient changes over the layers, and whether it arrives at all."""

from __future__ import annotations

import math

import numpy as np

from engine.diagnosis.criteria.criterion import (
    ALARM,
    COUNT,
    DECADES,
    LAYER,
    NOTE,
    PLAIN,
    POWER,
    WARNING,
    Certain,
    Check,
    Criterion,
    Numbers,
    layer_number,
)
from engine.diagnosis.reading import Reading
from engine.diagnosis.slope import bend
from engine.diagnosis.thresholds import Thresholds


def _by_decades(sign: float, enter: str, leave: str) -> Check:
    """Return a check of the decades lost (1) or gained (-1), by the names of two thresholds."""

    def check(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
        convention: float = getattr(limits, leave if before else enter)
        decades = sign * reading.decades
        if not decades >= max(convention, limits.chance_deviations * reading.chance):
            return None
        return (decades, reading.first_share)

    return check


def _certain(sign: float, enter: str, leave: str) -> Certain:
    """Return whether decades lie far beyond the limit to be crossed, on whichever side."""

    def certain(reading: Reading, limits: Thresholds, before: bool) -> bool:
        convention: float = getattr(limits, leave if before else enter)
        decades, reach = sign * reading.decades, limits.doubt * convention
        if math.isnan(decades):
            # Nothing reaches the first layer: another finding says that.
            return before
        return decades < max(convention - reach, 0.0) if before else decades > convention + reach

    return certain


def _no_gradient(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    return () if reading.depth > 1 and not reading.norms.any() else None


def _ends(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """Some gradient leaves the last layer, and exactly none reaches the first."""
    if reading.depth < 2 or reading.norms[0] != 0.0 or not reading.norms[-1] > 0.0:
        return None
    silent = np.flatnonzero(reading.norms == 0.0)
    return (layer_number(silent[-1]), float(len(silent)), float(reading.depth))


def _cliff(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    norms = reading.norms
    if not math.isfinite(reading.slope) or not ((norms > 0.0) & np.isfinite(norms)).all():
        return None
    jumps = np.diff(np.log10(norms)) - reading.slope
    at = int(np.argmax(np.abs(jumps)))
    if abs(jumps[at]) <= limits.cliff_decades:
        return None
    return (float(abs(jumps[at])), layer_number(at + 1), layer_number(at))


def _bent(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """The slope over all layers says another thing than the first and the last of them."""
    return bend(reading.norms, reading.decades, limits.bent_decades)


def _even_weight_gradient(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    even = abs(reading.weight_slope) < limits.flat_weight_slope
    if not even or not reading.decades >= limits.strong_decades:
        return None
    return (reading.weight_slope, reading.slope)


NO_GRADIENT = Criterion(
    "no_gradient", "no gradient", ALARM, "",
    "The gradient is exactly zero in every hidden layer: none of them learns anything from it.",
    (), _no_gradient, at_once=True, seen_lately=True,
)  # fmt: skip

DECADES_LOST = Criterion(
    "decades_lost", "vanishing", ALARM, "{0} decades lost",
    "From the last hidden layer to the first the gradient loses {0} decades; the first "
    "receives {1} of it.",
    (DECADES, POWER), _by_decades(1.0, "strong_decades", "strong_leave"),
    certain=_certain(1.0, "strong_decades", "strong_leave"),
)  # fmt: skip

DECADES_GAINED = Criterion(
    "decades_gained", "exploding", ALARM, "{0} decades gained",
    "From the last hidden layer to the first the gradient gains {0} decades; the first "
    "receives {1} of it.",
    (DECADES, POWER), _by_decades(-1.0, "strong_decades", "strong_leave"),
    certain=_certain(-1.0, "strong_decades", "strong_leave"),
)  # fmt: skip

GRADIENT_ENDS = Criterion(
    "gradient_ends", "vanishing", ALARM, "nothing at all reaches layer 1",
    "The gradient ends at {0}: it is exactly zero in {1} of {2} layers, and nothing at "
    "all reaches the first.",
    (LAYER, COUNT, COUNT), _ends, at_once=True, seen_lately=True,
)  # fmt: skip

WEAKLY_LOST = Criterion(
    "weakly_lost", "weakly vanishing", WARNING, "{0} decades lost",
    "The gradient loses {0} decades on its way to the first layer, which receives {1} of it.",
    (DECADES, POWER), _by_decades(1.0, "weak_decades", "weak_leave"),
    certain=_certain(1.0, "weak_decades", "weak_leave"),
)  # fmt: skip

WEAKLY_GAINED = Criterion(
    "weakly_gained", "weakly exploding", WARNING, "{0} decades gained",
    "The gradient gains {0} decades on its way to the first layer, which receives {1} of it.",
    (DECADES, POWER), _by_decades(-1.0, "weak_decades", "weak_leave"),
    certain=_certain(-1.0, "weak_decades", "weak_leave"),
)  # fmt: skip

CLIFF = Criterion(
    "cliff", "cliff", WARNING, "{0} decades at {1}",
    "Between {1} and {2} the gradient jumps by {0} decades.",
    (DECADES, LAYER, LAYER), _cliff,
)  # fmt: skip

BENT = Criterion(
    "bent", "not a straight line", NOTE, "",
    "The line over the layers has a bend, the sharpest at {2}: by its slope {0} decades are lost, "
    "from end to end {1} (below zero: gained).",
    (DECADES, DECADES, LAYER), _bent,
)  # fmt: skip

EVEN_WEIGHT_GRADIENT = Criterion(
    "even_weight_gradient", "vanishing", NOTE, "",
    "The weight gradient hides it: its slope is {0} decades per layer, that of ∂L/∂h {1}. The "
    "forward and the backward trend cancel in it.",
    (PLAIN, PLAIN), _even_weight_gradient,
)  # fmt: skip
