"""Every finding there is: one row each, the gravest first.

A row says which verdict it leads to, how it is told from a reading, and what it says with which
numbers. The rows stand in `engine.diagnosis.criteria`, one file for each kind of thing that is
looked at; here is their order, in which the first that is found makes the verdict.

Rows judge the gradient with respect to the activations, not the one with respect to the weights:
the latter is the product of the forward and the backward size of a layer, in which the two trends
cancel (Glorot and Bengio 2010, equation 14 and figure 8).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from engine.diagnosis.criteria import formats, losses, settings, sizes, slopes, units
from engine.diagnosis.criteria.criterion import Criterion, Severity
from engine.diagnosis.sentences import Amount, Sentence

__all__ = ["BY_DECADES", "BY_NEWEST", "COVERED_BY", "CRITERIA", "Criterion", "Finding", "Severity"]


@dataclass(frozen=True)
class Finding:
    """What was found in a run.

    Attributes:
        criterion: key of `CRITERIA`.
        verdict: what it makes of the run.
        severity: note, warning or alarm.
        numbers: in the order of the sentence.
        step: of the reading that found it last.
    """

    criterion: str
    verdict: str
    severity: Severity
    numbers: tuple[float, ...]
    step: int

    def with_numbers(self, numbers: tuple[float, ...] | None) -> Finding:
        """Return it with other numbers, if there are any."""
        return self if numbers is None else replace(self, numbers=numbers)

    @property
    def title(self) -> str:
        """What the verdict is called where this has made it."""
        return CRITERIA[self.criterion].title or self.verdict

    @property
    def sentence(self) -> Sentence:
        """The reason, with its numbers."""
        row = CRITERIA[self.criterion]
        of_one = row.sentence_of_one if self.numbers[-1:] == (1.0,) else ""
        return Sentence(of_one or row.sentence, self._parts)

    @property
    def brief(self) -> Sentence:
        """What decided, in a few words; empty where the verdict alone says it."""
        return Sentence(CRITERIA[self.criterion].brief, self._parts)

    @property
    def decades(self) -> float:
        """Decades that the gradient loses, negative where it gains; NaN where it is not those."""
        sign = BY_DECADES.get(self.criterion, math.nan)
        return sign * self.numbers[0] if self.numbers else math.nan

    @property
    def _parts(self) -> tuple[Amount, ...]:
        styles = CRITERIA[self.criterion].styles
        return tuple(Amount(n, s) for n, s in zip(self.numbers, styles, strict=True))


_GRAVEST_FIRST = (
    losses.HIGH_LOSS,
    losses.RISEN_LOSS,
    settings.HEAVY_DECAY,
    settings.BATCH_OF_ONE,
    settings.CLIPPED_STALL,
    slopes.NO_GRADIENT,
    units.SYMMETRIC,
    units.SILENT_LAYER,
    slopes.DECADES_LOST,
    slopes.DECADES_GAINED,
    formats.UNDERFLOW16,
    slopes.GRADIENT_ENDS,
    formats.UNDERFLOW32,
    formats.OVERFLOW16,
    sizes.GROWN_FORWARD,
    sizes.LARGE_NORM,
    sizes.HUGE_UPDATE,
    sizes.SPIKE,
    sizes.TINY_LAYER,
    sizes.UPDATES_APART,
    settings.NO_RATE,
    sizes.STALL,
    units.DEAD_ALARM,
    units.SATURATED_ALARM,
    slopes.WEAKLY_LOST,
    slopes.WEAKLY_GAINED,
    sizes.LOW_GRADIENT,
    sizes.HIGH_GRADIENT,
    formats.NEAR_OVERFLOW,
    units.DEAD_WARNING,
    units.SATURATED_WARNING,
    losses.ABOVE_GUESSING,
    slopes.CLIFF,
    sizes.LARGE_UPDATE,
    settings.CLIPPED_UPDATE,
    losses.NOT_LEARNING,
    losses.GUESSING,
    sizes.SMALL_UPDATE,
    slopes.BENT,
    slopes.CHANCE,
    slopes.EVEN_WEIGHT_GRADIENT,
    formats.SUBNORMAL,
    units.INACTIVE,
)

CRITERIA = {row.name: row for row in _GRAVEST_FIRST}
# Those whose first number is of decades: 1 where they are lost, -1 where they are gained.
BY_DECADES = {
    "decades_lost": 1.0,
    "decades_gained": -1.0,
    "weakly_lost": 1.0,
    "weakly_gained": -1.0,
}
# Those that are told of with the numbers of the newest step, which stand beside them.
BY_NEWEST = ("cliff", "bent", "chance")

# What need not be said where something stronger of its kind is.
COVERED_BY = {
    "weakly_lost": ("decades_lost",),
    "weakly_gained": ("decades_gained",),
    "low_gradient": ("decades_lost", "tiny_layer"),
    "high_gradient": ("decades_gained", "large_norm"),
    "large_update": ("huge_update",),
    "stall": ("clipped_stall", "no_rate"),
    "not_learning": ("no_rate",),
    "clipped_update": ("clipped_stall", "stall", "updates_apart", "tiny_layer"),
    "small_update": (
        "no_rate",
        "clipped_stall",
        "clipped_update",
        "stall",
        "updates_apart",
        "tiny_layer",
    ),
    "above_guessing": ("high_loss", "risen_loss"),
    "no_gradient": ("batch_of_one",),
    "underflow16": ("batch_of_one",),
    "underflow32": ("batch_of_one",),
    "saturated_warning": ("saturated_alarm",),
    "dead_warning": ("dead_alarm",),
    "subnormal": ("underflow16",),
    "guessing": ("not_learning", "no_rate"),
    "chance": ("weakly_lost", "weakly_gained", "decades_lost", "decades_gained"),
    "inactive": ("silent_layer", "no_gradient", "dead_alarm"),
}
