"""What happened, once something has stopped being finite.

The last steps are kept while a run goes on. When a value is no longer finite for the first time,
they tell how it came to that: in the first step itself, because of how the weights were drawn; in a
jump, because of one gradient, which may be the first; or because updates were too long, though what
they were made of was of its usual size. The number format alone can also be to blame; and so can
whoever raised the learning rate a few steps before.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.config import DIVIDING, RunConfig
from engine.diagnosis.sentences import OUTPUT_NUMBER, Amount, Phrase, Sentence, Style
from engine.diagnosis.thresholds import Thresholds
from engine.precision import PRECISIONS
from engine.record import OUTPUT_LAYER, FirstBad, StepRecord
from engine.slope import gradient_decades, slope_of

Array = NDArray[np.float64]

# How many of the last steps are kept.
KEPT_STEPS = 50
# From so many on they tell what is usual.
KNOWN_STEPS = 10

# A learning rate that was raised by less is told of no jump.
RAISED = 2.0

# What is followed over the last steps for each tensor that may be the first to go.
DECISIVE = {
    "h": "activation_rms",
    "loss": "loss",
    "dL/dh": "activation_grad_norm",
    "dL/dW": "weight_grad_norm",
    "W": "weight_norm",
}


class Manner(StrEnum):
    """In which way a run came to its end."""

    INITIALISATION = "initialisation"
    FIRST_GRADIENT = "first gradient"
    FIRST_UPDATE = "first update"
    GRADIENT = "gradient"
    LEARNING_RATE = "learning rate"
    RAISED_RATE = "raised learning rate"
    NUMBER_FORMAT = "number format"
    ROUNDING = "rounding"


REASONS = {
    Manner.INITIALISATION: "It was so in the first step, before any update: the weights were drawn "
    "such that every layer multiplies what passes through it.",
    Manner.FIRST_GRADIENT: "It came in a jump: everything was finite at first, but the gradient "
    "was far too large from the first step on, and with it the updates.",
    Manner.FIRST_UPDATE: "It came with the first updates, short as they were: with them it reaches "
    "units in which every layer multiplies it. That lies in how the weights were drawn, and not in "
    "how far they have gone.",
    Manner.GRADIENT: "It came in a jump: up to then the gradient was of its usual size, and one "
    "batch made it many times as large.",
    Manner.LEARNING_RATE: "It came from the updates: they were too long already while the "
    "gradient was still of its usual size, and made the next gradient larger.",
    Manner.RAISED_RATE: "The learning rate was raised from {0} to {1} after step {2}, so that the "
    "same gradient makes an update ×{3} as long; up to then everything was finite.",
    Manner.NUMBER_FORMAT: "The number format ends at 65504, and the scaled values went beyond "
    "it; in a wider one they would have been ordinary.",
    Manner.ROUNDING: "The number format rounds to zero what the update is divided by, the mean of "
    "g² and the 1e-8 beside it alike (so it does in torch.optim): a division by zero.",
}
# Of a gradient whose usual size nobody knows yet.
SUDDEN = (
    "It came in a jump, after {0} finite steps: too few to say which size of the gradient is usual."
)
PLACES = {
    "h": "At step {0} the activations h of {1} were the first that were not finite.",
    "loss": "At step {0} the loss was the first value that was not finite.",
    "dL/dh": "At step {0} the gradient ∂L/∂h of {1} was the first that was not finite.",
    "dL/dW": "At step {0} the gradient ∂L/∂W of {1} was the first that was not finite.",
    "W": "At step {0} the weights W of {1} were the first that were not finite.",
}
LAST_FINITE = (
    "Kept is step {0}, the last in which everything was finite: its loss was {1}, the norm of its "
    "whole gradient {2}, and its longest update {3} of the weights."
)
GROWTH_OVER_STEPS = "In the {0} finite steps before, {4} grew from {1} to {2}: ×{3} per step."
GROWTH_OVER_LAYERS = "In that step {4} grew ×{3} per layer, from {0} to {1} through {2} layers."
# What grew, over the steps in one layer, or over the layers.
GROWN_OVER_STEPS = {
    "activation_rms": "the root mean square of h in {0}",
    "loss": "the loss",
    "activation_grad_norm": "the norm of ∂L/∂h in {0}",
    "weight_grad_norm": "the norm of ∂L/∂W in {0}",
    "weight_norm": "the norm of W in {0}",
}
GROWN_OVER_LAYERS = {
    "activation_rms": "the root mean square of h",
    "loss": "the loss",
    "activation_grad_norm": "the norm of ∂L/∂h",
    "weight_grad_norm": "the norm of ∂L/∂W",
    "weight_norm": "the norm of W",
}
# In all; batches differ by less.
LEAST_GROWTH = 2.0


@dataclass(frozen=True)
class RaisedRate:
    """A learning rate that was raised while the run went on.

    Attributes:
        step: after which that was done; where it was in several moves, the first of them.
        before: the rate until then, above 0.
        after: the rate in the end.
    """

    step: int
    before: float
    after: float


@dataclass(frozen=True)
class Autopsy:
    """How a run came to a value that is not finite.

    Attributes:
        first_bad: that value.
        manner: in which of the ways.
        last_finite: the last step in which everything was finite; None where there was none.
        quantity: what is followed: of `LAYER_QUANTITIES`, or "loss".
        over: "step" or "layer": along what it grew.
        known_steps: how many finite steps before it are kept.
        longest_gradient: the largest norm of a gradient, of the whole network, that the last few
            updates were made of; 0 where none is known.
        at: the steps, or layers, int64 (points,).
        values: the quantity there, (points,), all finite.
        raised: what was done to the learning rate, where that is to blame.
    """

    first_bad: FirstBad
    manner: Manner
    last_finite: StepRecord | None = field(compare=False)
    quantity: str
    over: str
    known_steps: int
    longest_gradient: float
    at: NDArray[np.int64] = field(compare=False)
    values: Array = field(compare=False)
    raised: RaisedRate | None = None

    @property
    def growth(self) -> float:
        """By how much the quantity was multiplied per step or layer, the geometric mean."""
        if len(self.values) < 2 or not (self.values[0] > 0.0 and self.values[-1] > 0.0):
            return math.nan
        log = math.log(self.values[-1]) - math.log(self.values[0])
        return math.exp(log / abs(int(self.at[-1]) - int(self.at[0])))

    def sentences(self) -> tuple[Sentence, ...]:
        """Say what was the first, why, and how it grew."""
        bad = self.first_bad
        number = OUTPUT_NUMBER if bad.layer == OUTPUT_LAYER else float(bad.layer or 0)
        layer = Amount(number, Style.LAYER)
        where = (Amount(bad.step, Style.COUNT), *((layer,) if bad.layer else ()))
        said = [Sentence(PLACES[bad.tensor], where), self._reason()]
        if _ratio(self.values) >= LEAST_GROWTH:
            first, last = (Amount(float(v), Style.PLAIN) for v in self.values[[0, -1]])
            count = Amount(float(len(self.values)), Style.COUNT)
            factor = Amount(self.growth, Style.FACTOR)
            if self.over == "step":
                names, parts = GROWN_OVER_STEPS, () if self.quantity == "loss" else (layer,)
            else:
                names, parts = GROWN_OVER_LAYERS, ()
            what = Phrase(names[self.quantity], parts)
            if self.over == "step":
                said.append(Sentence(GROWTH_OVER_STEPS, (count, first, last, factor, what)))
            else:
                said.append(Sentence(GROWTH_OVER_LAYERS, (first, last, count, factor, what)))
        return tuple(said)

    def _reason(self) -> Sentence:
        if self.manner is Manner.GRADIENT and self.known_steps < KNOWN_STEPS:
            return Sentence(SUDDEN, (Amount(self.known_steps, Style.COUNT),))
        if self.raised is not None:
            before, after = self.raised.before, self.raised.after
            rates = (Amount(rate, Style.GIVEN) for rate in (before, after))
            step = Amount(self.raised.step, Style.COUNT)
            factor = Amount(after / before, Style.FACTOR)
            return Sentence(REASONS[self.manner], (*rates, step, factor))
        return Sentence(REASONS[self.manner])

    def last_words(self) -> Sentence | None:
        """Say what the last finite step was like; None where there was none."""
        kept = self.last_finite
        if kept is None:
            return None
        numbers = kept.curve("loss"), kept.curve("grad_norm")
        plain = (Amount(number, Style.PLAIN) for number in numbers)
        longest = Amount(_longest_update(kept), Style.POWER)
        return Sentence(LAST_FINITE, (Amount(kept.step, Style.COUNT), *plain, longest))


class Witness:
    """Keeps the last steps of a run, in fixed memory, and says how it ended."""

    def __init__(self) -> None:
        self._finite: deque[StepRecord] = deque(maxlen=KEPT_STEPS)
        self._rates: deque[float] = deque(maxlen=KEPT_STEPS)
        self._first: StepRecord | None = None

    def observe(self, record: StepRecord, learning_rate: float) -> None:
        """Keep a step in which everything is finite, and the rate of its update."""
        self._finite.append(record)
        self._rates.append(learning_rate)
        self._first = self._first or record

    def testify(self, record: StepRecord, config: RunConfig, thresholds: Thresholds) -> Autopsy:
        """Say how the run came to a step in which something is not finite."""
        bad = record.first_bad
        assert bad is not None
        manner = self._manner(record, config, thresholds)
        raised = self._raised(manner, config.learning_rate)
        manner = manner if raised is None else Manner.RAISED_RATE
        quantity = DECISIVE[bad.tensor]
        kept = list(self._finite)
        over, at, values = "step", np.array([r.step for r in kept], np.int64), np.zeros(0)
        if kept:
            values = np.array([_value(r, quantity, bad.layer) for r in kept])
        if len(kept) < 2 and bad.tensor in ("h", "dL/dh", "dL/dW"):
            # Too few steps for a growth over steps: it lies in the layers of the step itself.
            over, at = "layer", np.arange(1, len(record.layers[0]) + 1)
            values = record.layer(quantity)
            if bad.tensor != "h":
                at, values = at[::-1], values[::-1]
        finite = np.isfinite(values) & (values != 0.0)
        losses = np.array([r.curve("loss") for r in kept])
        # Where a value leaps in the last step, what had grown up to then shows in the loss.
        if over == "step" and _ratio(losses) > max(_ratio(values[finite]), LEAST_GROWTH):
            quantity, values, finite = "loss", losses, np.isfinite(losses) & (losses != 0.0)
        used = [*kept, record] if bad.tensor == "W" else kept
        norms = [r.curve("grad_norm") for r in used[-thresholds.jump_steps :]]
        return Autopsy(
            first_bad=bad,
            manner=manner,
            last_finite=kept[-1] if kept else None,
            quantity=quantity,
            over=over,
            known_steps=len(kept),
            longest_gradient=max(norms, default=0.0),
            at=at[finite],
            values=values[finite],
            raised=raised,
        )

    def _raised(self, manner: Manner, now: float) -> RaisedRate | None:
        """Return how the rate was raised in the steps that are kept; None where it is not to blame.

        Updates that were too long have become so with any raise. What looks like a jump has come
        with one only where it was large.
        """
        least = {Manner.LEARNING_RATE: 1.0, Manner.GRADIENT: RAISED}.get(manner, math.inf)
        before = min((rate for rate in self._rates if rate > 0.0), default=now)
        if now == before or now < least * before:
            return None
        step = next(
            record.step
            for record, rate in zip(reversed(self._finite), reversed(self._rates), strict=True)
            if rate == before
        )
        return RaisedRate(step, before, now)

    def _manner(self, record: StepRecord, config: RunConfig, thresholds: Thresholds) -> Manner:
        bad, kept = record.first_bad, list(self._finite)
        assert bad is not None
        harmless = _harmless([*kept[-1:], record], thresholds.harmless_size)
        if PRECISIONS[config.precision].compute == "float16" and harmless:
            if bad.tensor != "W":
                return Manner.NUMBER_FORMAT
            # Unless it is divided by zero, no entry moves by more than ten rates: 1/√(1 − 0.99).
            longest = 10.0 * config.learning_rate
            if config.optimizer in DIVIDING and longest < thresholds.harmless_size:
                return Manner.ROUNDING
        # What goes last is the weights: up to the update the step itself was finite.
        measured = [*kept, record] if bad.tensor == "W" else kept
        if not measured:
            return Manner.INITIALISATION
        first = self._first or record
        soon = bad.step <= 1 + thresholds.jump_steps
        # Kept from the first step on, and not once as large as it should be.
        never_usual = bool(kept) and kept[0] is first
        never_usual = never_usual and all(_gradient_explodes(r, thresholds) for r in kept)
        if never_usual or (soon and _gradient_explodes(first, thresholds)):
            return Manner.FIRST_GRADIENT
        short = max(map(_longest_update, measured)) <= thresholds.huge_update
        if soon and short and bad.tensor in _PASSED and _multiplies(record, bad, thresholds):
            return Manner.FIRST_UPDATE
        return Manner.LEARNING_RATE if _too_long(measured, bad, thresholds) else Manner.GRADIENT


# What is passed on from layer to layer, with the quantity that tells its size in each.
_PASSED = {"h": "activation_rms", "dL/dh": "activation_grad_norm"}


def _multiplies(record: StepRecord, bad: FirstBad, thresholds: Thresholds) -> bool:
    """Say whether what stopped being finite had grown beyond bounds in the layers passed before."""
    values = record.layer(_PASSED[bad.tensor])[:-1]
    slope, used = slope_of(values)
    if bad.tensor == "h":
        return 2.0 * slope * (used - 1) > math.log10(thresholds.forward_growth)
    return -slope * (used - 1) >= thresholds.strong_decades


def _too_long(measured: Sequence[StepRecord], bad: FirstBad, thresholds: Thresholds) -> bool:
    """Say whether updates were too long before, or without, any gradient out of the ordinary.

    The gradient of the whole network tells a jump from a slow rise whatever went first.

    Args:
        measured: the last steps with a gradient that is finite, the oldest first.
        bad: what was not finite then.
        thresholds: the conventions.
    """
    jump = thresholds.jump_steps
    norms = np.array([r.curve("grad_norm") for r in measured])
    usual = float(np.median(norms[: max(1, len(norms) - jump)]))
    calm = np.flatnonzero(norms <= thresholds.spike * usual)
    # After this many steps the gradient was never of its usual size again.
    last_calm = int(calm[-1]) + 1 if len(calm) else 0
    updates = np.array([_longest_update(r) for r in measured])
    if bad.tensor == "W":
        # The last one is not finite.
        updates[-1] = math.inf
    before = updates[max(0, last_calm - jump) : last_calm]
    return (
        len(norms) - last_calm > jump
        or _creeps(norms, 2 * jump)
        or float(np.median(updates)) > thresholds.huge_update
        or bool((before > thresholds.huge_update).any())
    )


def _longest_update(record: StepRecord) -> float:
    """Return the largest update ratio of a step; infinite where an update is."""
    ratios = record.layer("update_ratio")
    return math.inf if np.isinf(ratios).any() else float(np.nanmax(ratios, initial=0.0))


def _ratio(values: Array) -> float:
    """Return by how much the last value exceeds the first; 0 where there is nothing to compare."""
    if len(values) < 2 or not (values[0] > 0.0 and math.isfinite(values[-1])):
        return 0.0
    with np.errstate(over="ignore"):
        return float(values[-1] / values[0])


def _value(record: StepRecord, quantity: str, layer: str) -> float:
    if quantity == "loss":
        return record.curve("loss")
    values = record.layer(quantity)
    return float(values[-1 if layer == OUTPUT_LAYER else int(layer) - 1])


def _finite(values: Array) -> Array:
    return np.where(np.isfinite(values), values, 0.0)


def _creeps(norms: Array, steps: int) -> bool:
    """Say whether the gradient had been growing in each of so many last steps."""
    late = norms[-steps:]
    return len(late) == steps and bool((np.diff(late) > 0.0).all())


def _gradient_explodes(step: StepRecord, thresholds: Thresholds) -> bool:
    """Say whether the gradient of a step is beyond bounds, over the layers or as a whole."""
    decades, _ = gradient_decades(step.layer("activation_grad_norm")[:-1])
    return decades <= -thresholds.strong_decades or step.curve("grad_norm") > thresholds.large_norm


def _harmless(records: Sequence[StepRecord], size: float) -> bool:
    """Say whether all that is finite in some steps is below a size, loss scale apart."""
    for record in records:
        for name in ("activation_rms", "activation_grad_norm", "weight_grad_norm", "weight_norm"):
            if (_finite(record.layer(name)) > size).any():
                return False
    return True
