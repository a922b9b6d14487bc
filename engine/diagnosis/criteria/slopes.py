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
    kept_above,
    kept_below,
    layer_number,
)
from engine.diagnosis.reading import Reading
from engine.diagnosis.thresholds import Thresholds
from engine.slope import bend


def _by_decades(sign: float, enter: str, leave: str) -> Check:
    """Return a check of the decades lost (1) or gained (-1), by the names of two thresholds."""

    def check(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
        decades = sign * reading.decades
        if not decades >= _limit(enter, leave, reading, limits, before):
            return None
        return (decades, reading.first_share)

    return check


def _limit(enter: str, leave: str, reading: Reading, limits: Thresholds, before: bool) -> float:
    """Return from how many decades on a verdict is made of them, chance included."""
    convention: float = getattr(limits, enter)
    limit = max(convention, limits.chance_deviations * reading.chance)
    return limit * (getattr(limits, leave) / convention) if before else limit


def _certain(sign: float, enter: str, leave: str) -> Certain:
    """Return whether decades lie far beyond the limit to be crossed, on whichever side."""

    def certain(reading: Reading, limits: Thresholds, before: bool) -> bool:
        limit = _limit(enter, leave, reading, limits, before)
        decades, reach = sign * reading.decades, limits.doubt * limit
        if math.isnan(decades):
            # Nothing reaches the first layer: another finding says that.
            return before
        return decades < max(limit - reach, 0.0) if before else decades > limit + reach

    return certain


def _chance(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """More than makes a verdict, and no more than chance does at this width and depth."""
    decades, chance = abs(reading.decades), limits.chance_deviations * reading.chance
    if not kept_above(limits.weak_decades, limits, before) <= decades < chance:
        return None
    return (decades, chance, limits.chance_deviations)


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
    if abs(jumps[at]) <= kept_above(limits.cliff_decades, limits, before):
        return None
    return (float(abs(jumps[at])), layer_number(at + 1), layer_number(at))


def _bent(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """The slope over all layers says another thing than the first and the last of them."""
    least = kept_above(limits.bent_decades, limits, before)
    return bend(reading.norms, reading.decades, least)


def _even_weight_gradient(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    even = abs(reading.weight_slope) < kept_below(limits.flat_weight_slope, limits, before)
    enough = limits.strong_leave if before else limits.strong_decades
    if not even or not reading.decades >= enough:
        return None
    return (reading.weight_slope, reading.slope)


NO_GRADIENT = Criterion(
    "no_gradient", "no gradient", ALARM, "",
    "The gradient is exactly zero in every hidden layer: none of them learns anything from it.",
    (), _no_gradient, at_once=True, seen_lately=True,
)  # fmt: skip

DECADES_LOST = Criterion(
    "decades_lost", "vanishing", ALARM, "{0} decades lost",
    "By its slope over the layers the gradient loses {0} decades from the last hidden layer to the "
    "first; the first receives {1} of it.",
    (DECADES, POWER), _by_decades(1.0, "strong_decades", "strong_leave"),
    certain=_certain(1.0, "strong_decades", "strong_leave"), lasting=True,
)  # fmt: skip

DECADES_GAINED = Criterion(
    "decades_gained", "exploding", ALARM, "{0} decades gained",
    "By its slope over the layers the gradient gains {0} decades from the last hidden layer to the "
    "first; the first receives {1} of it.",
    (DECADES, POWER), _by_decades(-1.0, "strong_decades", "strong_leave"),
    certain=_certain(-1.0, "strong_decades", "strong_leave"), lasting=True,
)  # fmt: skip

GRADIENT_ENDS = Criterion(
    "gradient_ends", "vanishing", ALARM, "nothing at all reaches layer 1",
    "The gradient ends at {0}: it is exactly zero in {1} of {2} layers, and nothing at "
    "all reaches the first.",
    (LAYER, COUNT, COUNT), _ends, at_once=True, seen_lately=True,
)  # fmt: skip

WEAKLY_LOST = Criterion(
    "weakly_lost", "weakly vanishing", WARNING, "{0} decades lost",
    "By its slope over the layers the gradient loses {0} decades on its way to the first, which "
    "receives {1} of it.",
    (DECADES, POWER), _by_decades(1.0, "weak_decades", "weak_leave"),
    certain=_certain(1.0, "weak_decades", "weak_leave"), lasting=True,
)  # fmt: skip

WEAKLY_GAINED = Criterion(
    "weakly_gained", "weakly exploding", WARNING, "{0} decades gained",
    "By its slope over the layers the gradient gains {0} decades on its way to the first, which "
    "receives {1} of it.",
    (DECADES, POWER), _by_decades(-1.0, "weak_decades", "weak_leave"),
    certain=_certain(-1.0, "weak_decades", "weak_leave"), lasting=True,
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

CHANCE = Criterion(
    "chance", "chance", NOTE, "",
    "Over the layers the gradient changes by {0} decades. That may be chance: between networks of "
    "this width and depth {2} standard deviations are {1} decades, and no verdict is made of less.",
    (DECADES, DECADES, PLAIN), _chance,
)  # fmt: skip

EVEN_WEIGHT_GRADIENT = Criterion(
    "even_weight_gradient", "vanishing", NOTE, "",
    "The weight gradient hides it: its slope is {0} decades per layer, that of ∂L/∂h {1}. The "
    "forward and the backward trend cancel in it.",
    (PLAIN, PLAIN), _even_weight_gradient,
)  # fmt: skip
