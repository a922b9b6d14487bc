"""What one kind of finding is, and what the checks of all kinds need."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.diagnosis.reading import Array, Reading
from engine.diagnosis.sentences import OUTPUT_NUMBER, Style
from engine.diagnosis.thresholds import Thresholds

# How the numbers of a sentence are written.
COUNT, DECADES, FACTOR, LAYER, PLAIN, POWER, SHARE = (
    Style.COUNT,
    Style.DECADES,
    Style.FACTOR,
    Style.LAYER,
    Style.PLAIN,
    Style.POWER,
    Style.SHARE,
)
# The numbers of a finding, in the order of the places in its sentence; None: not found.
Numbers = tuple[float, ...] | None
# (reading, thresholds, whether it was found before).
Check = Callable[[Reading, Thresholds, bool], Numbers]

# Likewise: whether what is found, or not found any more, is far from the limit.
Certain = Callable[[Reading, Thresholds, bool], bool]


class Severity(enum.IntEnum):
    """How grave a finding is. A note never makes a verdict."""

    NOTE = 0
    WARNING = 1
    ALARM = 2


@dataclass(frozen=True)
class Criterion:
    """One kind of finding.

    Attributes:
        name: its key.
        verdict: what it makes of the run, where nothing graver is found.
        severity: note, warning or alarm.
        brief: what decided, in a few words behind the verdict, with places for the numbers.
        sentence: says it, likewise.
        styles: how they are written.
        check: finds it.
        sentence_of_one: says it where the count that comes last is of one layer; empty where
            there is none.
        title: what the verdict is called where this has made it; empty: by its own name.
        at_once: a fact of the step, for which no further readings are waited.
        seen_lately: what the heatmap shows at once, as that nothing passes a layer. It is looked
            for in the last few steps whenever the verdict is asked for, and not in every tenth.
        patient: not even the first reading decides alone.
        lasting: it stays for as long as the check of what was found finds it; others are withdrawn
            after some readings below their own limit.
        certain: whether what a reading says, found or not found, is so far from the limit that no
            further readings are waited for. What was found and is no more is by itself, as long as
            the check of what was found has a limit of its own: see `kept_above`.
    """

    name: str
    verdict: str
    severity: Severity
    brief: str
    sentence: str
    styles: tuple[Style, ...]
    check: Check
    sentence_of_one: str = ""
    title: str = ""
    at_once: bool = False
    seen_lately: bool = False
    patient: bool = False
    lasting: bool = False
    certain: Certain = lambda reading, limits, before: before


ALARM, WARNING, NOTE = Severity.ALARM, Severity.WARNING, Severity.NOTE


def kept_above(limit: float, limits: Thresholds, before: bool) -> float:
    """Return what a size must be above: where it has been, it may be below by what is in doubt.

    Limits that differ keep a finding from coming and going with every batch, and what is found
    has the numbers of the newest reading.
    """
    return limit * (1.0 - limits.doubt) if before else limit


def kept_below(limit: float, limits: Thresholds, before: bool) -> float:
    """Return what a size must be below, likewise."""
    return limit * (1.0 + limits.doubt) if before else limit


def layer_number(index: np.intp | int) -> float:
    """Return the number of a hidden layer, counted from 1."""
    return float(index) + 1.0


def any_layer(index: float, reading: Reading) -> float:
    """Return the number of a layer of those that have weights: the output layer's comes last."""
    return OUTPUT_NUMBER if index == reading.depth else index + 1.0


def known(values: Array) -> Array:
    """Return values with 0 for those that are not finite, such as ratios to nothing."""
    return np.where(np.isfinite(values), values, 0.0)


def largest(values: Array, beyond: float, *more: float) -> Numbers:
    """Return (largest value, its layer, how many are beyond, …) where one is beyond."""
    found = np.flatnonzero(values > beyond)
    if not len(found):
        return None
    at = found[np.argmax(values[found])]
    return (float(values[at]), layer_number(at), float(len(found)), *more)
