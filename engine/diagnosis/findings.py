"""Every finding there is: one row each, the gravest first.

A row says which verdict it leads to, how it is told from a reading, and what it says with which
numbers. Rows judge the gradient with respect to the activations, not the one with respect to the
weights: the latter is the product of the forward and the backward size of a layer, in which the
two trends cancel (Glorot and Bengio 2010, equation 14 and figure 8).
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.diagnosis.reading import Reading
from engine.diagnosis.sentences import OUTPUT_NUMBER, Amount, Sentence, Style
from engine.diagnosis.thresholds import Thresholds
from engine.precision import PRECISIONS

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

# The smallest normal number of float16, and where rounding to zero begins.
SMALLEST_FLOAT16 = 2.0**-14
# Steps after which a loss ought to have begun to fall.
FIRST_PROGRESS_STEP = 100


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
        at_once: a fact of the step, for which no further readings are waited.
        patient: not even the first reading decides alone.
        refuted: what is found is not only less than before, but has turned into its opposite.
    """

    name: str
    verdict: str
    severity: Severity
    brief: str
    sentence: str
    styles: tuple[Style, ...]
    check: Check
    at_once: bool = False
    patient: bool = False
    refuted: Callable[[Reading], bool] = lambda reading: False


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

    @property
    def sentence(self) -> Sentence:
        """The reason, with its numbers."""
        return Sentence(CRITERIA[self.criterion].sentence, self._parts)

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


def _layer(index: np.intp | int) -> float:
    return float(index) + 1.0


def _any_layer(index: float, reading: Reading) -> float:
    """Return the number of a layer of those that have weights: the output layer's comes last."""
    return OUTPUT_NUMBER if index == reading.depth else index + 1.0


def _largest(values: NDArray[np.float64], beyond: float, *more: float) -> Numbers:
    """Return (largest value, its layer, how many are beyond, …) where one is beyond."""
    found = np.flatnonzero(values > beyond)
    if not len(found):
        return None
    at = found[np.argmax(values[found])]
    return (float(values[at]), _layer(at), float(len(found)), *more)


# The gradient over the layers ---------------------------------------------------------------------


def _limit(reading: Reading, enter: float, leave: float, before: bool, deviations: float) -> float:
    return max(leave if before else enter, deviations * reading.chance)


def _strongly(sign: float) -> Check:
    def check(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
        enter, leave = limits.strong_decades, limits.strong_leave
        limit = _limit(reading, enter, leave, before, limits.chance_deviations)
        decades = sign * reading.decades
        return (decades, reading.first_share) if decades >= limit else None

    return check


def _weakly(sign: float) -> Check:
    def check(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
        enter, leave = limits.weak_decades, limits.weak_leave
        limit = _limit(reading, enter, leave, before, limits.chance_deviations)
        decades = sign * reading.decades
        return (decades, reading.first_share) if decades >= limit else None

    return check


def _turned(sign: float) -> Callable[[Reading], bool]:
    return lambda reading: sign * reading.decades < 0.0


def _no_gradient(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    return () if reading.depth > 1 and not reading.norms.any() else None


def _ends(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """Some gradient leaves the last layer, and exactly none reaches the first."""
    if reading.depth < 2 or reading.norms[0] != 0.0 or not reading.norms[-1] > 0.0:
        return None
    silent = np.flatnonzero(reading.norms == 0.0)
    return (_layer(silent[-1]), float(len(silent)), float(reading.depth))


def _cliff(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    norms = reading.norms
    if not math.isfinite(reading.slope) or not ((norms > 0.0) & np.isfinite(norms)).all():
        return None
    jumps = np.diff(np.log10(norms)) - reading.slope
    at = int(np.argmax(np.abs(jumps)))
    if abs(jumps[at]) <= limits.cliff_decades:
        return None
    return (float(abs(jumps[at])), _layer(at + 1), _layer(at))


def _even_weight_gradient(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    even = abs(reading.weight_slope) < limits.flat_weight_slope
    if not even or not reading.decades >= limits.strong_decades:
        return None
    return (reading.weight_slope, reading.slope)


# Sizes --------------------------------------------------------------------------------------------


def _tiny_layer(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """The mean magnitude is never above the root mean square, which is measured."""
    entry = reading.entry * np.sqrt(1.0 - np.minimum(reading.zero, 1.0)) * reading.relief
    tiny = np.flatnonzero((entry < limits.tiny_gradient) & (reading.norms > 0.0))
    if not len(tiny):
        return None
    at = tiny[np.argmin(entry[tiny])]
    return (float(entry[at]), _layer(at), float(len(tiny)))


def _updates_apart(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    update = reading.update
    usable = np.isfinite(update)
    if not usable.any():
        return None
    low = int(np.argmin(np.where(usable, update, math.inf)))
    high = float(np.max(np.where(usable, update, 0.0)))
    if not (update[low] < limits.stalled_update and high > limits.moving_update):
        return None
    return (float(update[low]), _any_layer(low, reading), high)


def _stall(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    update = reading.update[np.isfinite(reading.update)] * reading.relief
    if not len(update) or not update.max() < limits.uniform_update:
        return None
    return (float(update.max()),)


def _grown_forward(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    rms = reading.activation_rms
    if reading.depth < 2 or not rms[0] > 0.0 or not rms[-1] > 0.0:
        return None
    with np.errstate(over="ignore"):
        grown = float((rms[-1] / rms[0]) ** 2)
    return (grown,) if grown > limits.forward_growth else None


def _large_norm(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    norm = reading.past.median_norm
    return (norm,) if norm > limits.large_norm else None


def _spike(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    past = reading.past
    return (float(past.spike_step), past.spike_ratio) if past.spike_step else None


def _huge_update(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    found = _largest(_finite(reading.update), limits.huge_update)
    return None if found is None else (found[0], _any_layer(found[1] - 1.0, reading))


def _large_update(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    found = _largest(_finite(reading.update), limits.healthy_update_high)
    return None if found is None else (found[0], _any_layer(found[1] - 1.0, reading))


def _small_update(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    update = np.where(np.isfinite(reading.update), reading.update, math.inf) * reading.relief
    at = int(np.argmin(update))
    if not update[at] < limits.healthy_update_low:
        return None
    return (float(update[at]), _any_layer(at, reading))


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights that are all zero have no update ratio."""
    return np.where(np.isfinite(values), values, 0.0)


def _low_gradient(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    sizes = np.where(reading.norms > 0.0, reading.per_sample, math.inf) * reading.relief
    at = int(np.argmin(sizes))
    return (float(sizes[at]), _layer(at)) if sizes[at] < limits.healthy_gradient_low else None


def _high_gradient(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    found = _largest(_finite(reading.per_sample), limits.healthy_gradient_high)
    return None if found is None else found[:2]


# Units --------------------------------------------------------------------------------------------


def _symmetric(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    widths = np.array(reading.config.widths)
    alike = np.flatnonzero((reading.distinct <= limits.symmetric_units) & (widths > 1))
    if not len(alike):
        return None
    return (_layer(alike[0]), float(widths[alike[0]]), float(len(alike)))


def _silent_layer(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    silent = np.flatnonzero(reading.inactive >= 1.0)
    return (_layer(silent[0]),) if len(silent) else None


def _dead_alarm(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    dead = reading.record.dead_fraction
    return None if dead is None else _largest(_finite(dead), limits.dead_alarm)


def _dead_warning(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    dead, first = reading.record.dead_fraction, reading.past.first_inactive
    if dead is None or first is None:
        return None
    found = _largest(_finite(dead - first), limits.dead_warning)
    return None if found is None else (float(dead[int(found[1]) - 1]), found[1], found[0])


def _inactive(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    return _largest(_finite(reading.inactive), 0.0)


def _saturated(alarm: bool) -> Check:
    def check(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
        limit = limits.saturated_alarm if alarm else limits.saturated_warning
        return _largest(_finite(reading.saturated), limit)

    return check


# Number formats -----------------------------------------------------------------------------------


def _float16(reading: Reading) -> bool:
    return PRECISIONS[reading.config.precision].compute == "float16"


def _lost_entries(reading: Reading) -> NDArray[np.float64]:
    """Return the share of the entries of dL/dW that the format has rounded to zero.

    Units that are inactive leave zeros too: a row for each of them, and a column for each of
    those in the layer before. The first layer's columns are features, some of which may be zero
    by themselves: what it loses more than the second is not counted.
    """
    inactive = _finite(reading.inactive)
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
    return _largest(lost, limits.underflow)


def _underflow32(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    """Too small for the digits of float32, or for float32 itself, where later layers are not."""
    if PRECISIONS[reading.config.precision].compute not in ("float32", "bfloat16"):
        return None
    sizes = reading.per_sample / reading.config.batch_size
    small = np.flatnonzero((sizes < limits.smallest_float32) & np.isfinite(sizes))
    above = np.flatnonzero(sizes >= limits.smallest_float32)
    if not len(small) or not len(above) or above[-1] < small[-1]:
        return None
    # A layer whose units are all inactive passes nothing on, whatever the format.
    if (_finite(reading.inactive)[small[-1] :] >= 1.0).any():
        return None
    return (_layer(small[-1]), float(len(small)))


def _subnormal(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    return _largest(_finite(reading.subnormal), limits.underflow)


def _overflow16(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    if not (_float16(reading) and reading.past.backed_off):
        return None
    return (reading.record.curve("loss_scale"),)


def _near_overflow(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    if not _float16(reading):
        return None
    scale = reading.record.curve("loss_scale") / reading.config.batch_size
    largest = np.maximum(reading.activation_rms, reading.per_sample * scale)
    found = _largest(limits.largest_by_rms * _finite(largest), limits.near_overflow)
    return None if found is None else found[:2]


# The loss -----------------------------------------------------------------------------------------


def _high_loss(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    loss, past = reading.record.curve("loss"), reading.past
    # One that began up there differs from batch to batch, without a step having made it worse.
    began_high = past.first_loss > limits.diverged_loss
    least = limits.diverged_growth * past.first_loss if began_high else past.first_loss
    if loss > limits.diverged_loss and loss > least:
        return (loss, past.first_loss)
    return None


def _risen_loss(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    past = reading.past
    if past.high_loss_steps < limits.diverged_steps:
        return None
    return (past.typical_loss, past.first_loss)


def _not_learning(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    past = reading.past
    if reading.record.step < FIRST_PROGRESS_STEP:
        return None
    if not past.typical_loss > past.first_loss * (1.0 - limits.progress):
        return None
    return (past.typical_loss, past.first_loss)


_ALARM, _WARNING, _NOTE = Severity.ALARM, Severity.WARNING, Severity.NOTE

_ROWS = (
    Criterion(
        "high_loss", "diverged", _ALARM, "loss {0}",
        "The loss has risen to {0}; it began at {1}.",
        (PLAIN, PLAIN), _high_loss, at_once=True,
    ),
    Criterion(
        "risen_loss", "diverged", _ALARM, "loss {0}",
        "The loss stays at {0}, many times the {1} that it began with.",
        (PLAIN, PLAIN), _risen_loss, at_once=True,
    ),
    Criterion(
        "no_gradient", "no gradient", _ALARM, "",
        "The gradient is exactly zero in every hidden layer: nothing can be learned.",
        (), _no_gradient, at_once=True,
    ),
    Criterion(
        "symmetric", "symmetric", _ALARM, "all units of {0} are alike",
        "In {0} all {1} units have the same weights and stay alike for ever: the layer is "
        "worth one unit. That holds for {2} layers.",
        (LAYER, COUNT, COUNT), _symmetric, at_once=True,
    ),
    Criterion(
        "silent_layer", "dead network", _ALARM, "{0} is silent",
        "No unit of {0} is active for any sample: nothing passes through it, forward or "
        "back.",
        (LAYER,), _silent_layer,
    ),
    Criterion(
        "decades_lost", "vanishing", _ALARM, "{0} decades lost",
        "From the last hidden layer to the first the gradient loses {0} decades; the first "
        "receives {1} of it.",
        (DECADES, POWER), _strongly(1.0), refuted=_turned(1.0),
    ),
    Criterion(
        "decades_gained", "exploding", _ALARM, "{0} decades gained",
        "From the last hidden layer to the first the gradient gains {0} decades; the first "
        "receives {1} of it.",
        (DECADES, POWER), _strongly(-1.0), refuted=_turned(-1.0),
    ),
    Criterion(
        "underflow16", "underflow", _ALARM, "{0} of ∂L/∂W in {1}",
        "{0} of the entries of ∂L/∂W in {1} are rounded to zero: they are too small for "
        "float16. {2} layers lose entries.",
        (SHARE, LAYER, COUNT), _underflow16,
    ),
    Criterion(
        "gradient_ends", "vanishing", _ALARM, "nothing at all reaches layer 1",
        "The gradient ends at {0}: it is exactly zero in {1} of {2} layers, and nothing at "
        "all reaches the first.",
        (LAYER, COUNT, COUNT), _ends,
    ),
    Criterion(
        "underflow32", "underflow", _ALARM, "from {0} down",
        "From {0} down the gradient is smaller than float32 can hold with its digits, in "
        "{1} layers.",
        (LAYER, COUNT), _underflow32,
    ),
    Criterion(
        "overflow16", "overflow", _ALARM, "loss scale {0}",
        "The scaled gradient has left the range of float16; the loss scale has backed off to {0}.",
        (PLAIN,), _overflow16, at_once=True,
    ),
    Criterion(
        "grown_forward", "exploding", _ALARM, "activations grow ×{0}",
        "Going forward, the mean square of the activations grows ×{0} from the first hidden layer "
        "to the last.",
        (PLAIN,), _grown_forward,
    ),
    Criterion(
        "large_norm", "exploding", _ALARM, "gradient norm {0}",
        "The norm of the whole gradient is {0}.",
        (PLAIN,), _large_norm,
    ),
    Criterion(
        "huge_update", "exploding", _ALARM, "updates of {0} × the weights",
        "The update that a single step makes to {1} is {0} times its weights.",
        (PLAIN, LAYER), _huge_update,
    ),
    Criterion(
        "spike", "exploding", _ALARM, "a spike, ×{1}",
        "At step {0} the gradient was ×{1} its running median: a spike.",
        (COUNT, FACTOR), _spike, at_once=True,
    ),
    Criterion(
        "tiny_layer", "vanishing", _ALARM, "∂L/∂W of {1} is {0}",
        "The entries of ∂L/∂W in {1} are about {0} in size; they are as small in {2} layers.",
        (POWER, LAYER, COUNT), _tiny_layer,
    ),
    Criterion(
        "updates_apart", "vanishing", _ALARM, "{1} stands still",
        "A step changes {1} by {0} of its weights, and another layer by {2}.",
        (POWER, LAYER, POWER), _updates_apart,
    ),
    Criterion(
        "stall", "uniform stall", _ALARM, "updates of {0}",
        "No layer changes by more than {0} of its weights in a step: the network stands still.",
        (POWER,), _stall,
    ),
    Criterion(
        "dead_alarm", "dead units", _ALARM, "{0} of {1}",
        "{0} of the units of {1} were not activated by any sample of the last window; {2} "
        "layers are as bad.",
        (SHARE, LAYER, COUNT), _dead_alarm, at_once=True,
    ),
    Criterion(
        "saturated_alarm", "saturated", _ALARM, "{0} of {1}",
        "{0} of the activations of {1} lie where φ is flat, and pass on almost no gradient; "
        "{2} layers are as bad.",
        (SHARE, LAYER, COUNT), _saturated(True),
    ),
    Criterion(
        "weakly_lost", "weakly vanishing", _WARNING, "{0} decades lost",
        "The gradient loses {0} decades on its way to the first layer, which receives {1} of it.",
        (DECADES, POWER), _weakly(1.0), refuted=_turned(1.0),
    ),
    Criterion(
        "weakly_gained", "weakly exploding", _WARNING, "{0} decades gained",
        "The gradient gains {0} decades on its way to the first layer, which receives {1} of it.",
        (DECADES, POWER), _weakly(-1.0), refuted=_turned(-1.0),
    ),
    Criterion(
        "low_gradient", "weakly vanishing", _WARNING, "∂L/∂h of {1} is {0}",
        "For one sample, ∂L/∂h in {1} is only {0} in size.",
        (POWER, LAYER), _low_gradient,
    ),
    Criterion(
        "high_gradient", "weakly exploding", _WARNING, "∂L/∂h of {1} is {0}",
        "For one sample, ∂L/∂h in {1} is {0} in size.",
        (POWER, LAYER), _high_gradient,
    ),
    Criterion(
        "near_overflow", "overflow", _WARNING, "{1} reaches {0}",
        "The largest entries in {1} are about {0}; float16 ends at 65504.",
        (PLAIN, LAYER), _near_overflow,
    ),
    Criterion(
        "dead_warning", "dead units", _WARNING, "{0} of {1}",
        "{0} of the units of {1} were not activated by any sample of the last window: {2} "
        "more than were inactive at the start.",
        (SHARE, LAYER, SHARE), _dead_warning, at_once=True,
    ),
    Criterion(
        "saturated_warning", "saturated", _WARNING, "{0} of {1}",
        "{0} of the activations of {1} lie where φ is flat; so it is in {2} layers.",
        (SHARE, LAYER, COUNT), _saturated(False),
    ),
    Criterion(
        "cliff", "cliff", _WARNING, "{0} decades at {1}",
        "Between {1} and {2} the gradient jumps by {0} decades.",
        (DECADES, LAYER, LAYER), _cliff,
    ),
    Criterion(
        "large_update", "large updates", _WARNING, "{0} of {1}",
        "A step changes {1} by {0} of its weights; a thousandth is usual, a hundredth plenty.",
        (SHARE, LAYER), _large_update, patient=True,
    ),
    Criterion(
        "not_learning", "not learning", _WARNING, "loss {0}",
        "The loss is {0} and began at {1}: it has not fallen.",
        (PLAIN, PLAIN), _not_learning,
    ),
    Criterion(
        "small_update", "small updates", _WARNING, "{0} of {1}",
        "A step changes {1} by only {0} of its weights.",
        (POWER, LAYER), _small_update,
    ),
    Criterion(
        "even_weight_gradient", "vanishing", _NOTE, "",
        "The weight gradient hides it: its slope is {0} decades per layer, that of ∂L/∂h {1}. The "
        "forward and the backward trend cancel in it.",
        (PLAIN, PLAIN), _even_weight_gradient,
    ),
    Criterion(
        "subnormal", "underflow", _NOTE, "",
        "{0} of the entries of ∂L/∂W in {1} are subnormal and have lost digits; so it is in "
        "{2} layers.",
        (SHARE, LAYER, COUNT), _subnormal,
    ),
    Criterion(
        "inactive", "inactive", _NOTE, "",
        "{0} of the units of {1} are zero for this whole batch, and some in {2} layers. In a "
        "deep ReLU network that is usual, and no fault.",
        (SHARE, LAYER, COUNT), _inactive,
    ),
)  # fmt: skip

CRITERIA = {row.name: row for row in _ROWS}
# Those whose first number is of decades: 1 where they are lost, -1 where they are gained.
BY_DECADES = {
    "decades_lost": 1.0,
    "decades_gained": -1.0,
    "weakly_lost": 1.0,
    "weakly_gained": -1.0,
}

# What need not be said where something stronger of its kind is.
COVERED_BY = {
    "weakly_lost": ("decades_lost",),
    "weakly_gained": ("decades_gained",),
    "low_gradient": ("decades_lost", "tiny_layer"),
    "high_gradient": ("decades_gained", "large_norm"),
    "large_update": ("huge_update",),
    "small_update": ("stall", "updates_apart", "tiny_layer"),
    "saturated_warning": ("saturated_alarm",),
    "dead_warning": ("dead_alarm",),
    "subnormal": ("underflow16",),
    "inactive": ("silent_layer", "no_gradient", "dead_alarm"),
}
