"""What the loss says."""

from __future__ import annotations

import math

from engine.diagnosis.criteria.criterion import (
    ALARM,
    COUNT,
    PLAIN,
    WARNING,
    Criterion,
    Numbers,
    kept_above,
    kept_below,
)
from engine.diagnosis.reading import Reading
from engine.diagnosis.thresholds import Thresholds

# Steps after which a loss ought to have begun to fall.
FIRST_PROGRESS_STEP = 100


def _high_loss(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """A loss that is back in the next step has not diverged; one that has, not at once."""
    past = reading.past
    loss = max(past.late_loss, past.typical_loss) if before else past.late_loss
    # One that began up there differs from batch to batch, without a step having made it worse.
    began_high = past.first_loss > limits.diverged_loss
    least = limits.diverged_growth * past.first_loss if began_high else past.first_loss
    if loss > limits.diverged_loss and loss > least:
        return (loss, past.first_loss)
    return None


def _risen_loss(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    past = reading.past
    # A single batch below the limit is no way back.
    stays = before and past.typical_loss > limits.diverged_growth * past.first_loss
    if past.high_loss_steps < limits.diverged_steps and not stays:
        return None
    return (past.typical_loss, past.first_loss)


def _not_learning(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    past = reading.past
    if reading.record.step < FIRST_PROGRESS_STEP:
        return None
    fallen = kept_below(limits.progress, limits, before)
    if not past.typical_loss > past.first_loss * (1.0 - fallen):
        return None
    return (past.typical_loss, past.first_loss)


def _guessing(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    loss, guessed = reading.past.typical_loss, reading.guessing_loss
    if reading.record.step < FIRST_PROGRESS_STEP:
        return None
    # Not by more, upwards either: a loss that is still on its way down passes there.
    if not abs(loss - guessed) < kept_below(limits.progress, limits, before) * guessed:
        return None
    return (loss, math.exp(guessed))


def _above_guessing(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    loss, guessed = reading.past.typical_loss, reading.guessing_loss
    if not loss > kept_above(limits.above_guessing, limits, before) * guessed:
        return None
    return (loss, guessed, math.exp(guessed))


HIGH_LOSS = Criterion(
    "high_loss", "diverged", ALARM, "loss {0}",
    "The loss has risen to {0}; it began at {1}.",
    (PLAIN, PLAIN), _high_loss, at_once=True, lasting=True,
)  # fmt: skip

RISEN_LOSS = Criterion(
    "risen_loss", "diverged", ALARM, "typical loss {0}",
    "The typical loss of the last steps is {0}, many times the {1} that it began with.",
    (PLAIN, PLAIN), _risen_loss, at_once=True, lasting=True,
)  # fmt: skip

NOT_LEARNING = Criterion(
    "not_learning", "not learning", WARNING, "typical loss {0}",
    "The typical loss of the last steps is {0}; it began at {1} and has not fallen.",
    (PLAIN, PLAIN), _not_learning,
)  # fmt: skip

GUESSING = Criterion(
    "guessing", "not learning", WARNING, "it only guesses",
    "The typical loss of the last steps is {0}, that of guessing among {1} classes: whatever the "
    "gradient is like, what tells one sample from another does not reach the output.",
    (PLAIN, COUNT), _guessing,
)  # fmt: skip

# A loss that falls quickly from up there has passed before it is told of.
ABOVE_GUESSING = Criterion(
    "above_guessing", "high loss", WARNING, "typical loss {0}",
    "The typical loss of the last steps is {0}; guessing among {2} classes would make it {1}. The "
    "outputs are so large that the network is certain, and wrong.",
    (PLAIN, PLAIN, COUNT), _above_guessing, title="loss far above guessing", patient=True,
)  # fmt: skip
