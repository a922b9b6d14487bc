"""What to try: which cures are offered for a run, and what theory expects after each.

A cure is offered where it answers what decided the verdict, changes something in this experiment,
and where theory does not expect it to leave the network as ill as it is. Those come first that go
to the cause; among them those that theory expects most of. One that only eases says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from engine.activations import ACTIVATIONS
from engine.config import DIVIDING, RunConfig
from engine.diagnosis.autopsy import Manner
from engine.diagnosis.causes import (
    ALIKE,
    ALONE,
    DEAD,
    FAST,
    GROWS,
    LARGE_NORM,
    LOUD,
    NARROW,
    RISEN,
    SATURATED,
    SHRINKS,
    WITH_TRAINING,
)
from engine.diagnosis.changes import is_too_narrow
from engine.diagnosis.criteria.settings import decayed_share
from engine.diagnosis.cures import CURES, RESETS, Cure
from engine.diagnosis.judge import Diagnosis
from engine.diagnosis.rates import (
    BEARS_LONG_RATES,
    FAR_FROM_USUAL,
    LONGEST_HEALTHY_RATE,
    ROUNDING,
    TENFOLD,
    longest_rate,
    usual_rate,
)
from engine.diagnosis.thresholds import THRESHOLDS, Thresholds
from engine.initializers import INITIALIZERS
from engine.precision import PRECISIONS
from engine.slope import forward_growth, gradient_decades
from engine.theory.standing import Standing

if TYPE_CHECKING:
    from engine.theory.anchor import Anchor

MOST_ADVICE = 3
# What has come with training, where theory finds nothing wrong with how the weights were drawn.
_MAY_COME_WITH_TRAINING = {*SHRINKS, *GROWS, *DEAD, *LOUD}
# Where theory finds that they were drawn badly, it has come with that; too long a step only where
# the gradient grows.
_MAY_COME_WITH_THE_DRAW = {*DEAD, "underflow16"}
_MAY_COME_WITH_GROWTH = {"huge_update", *RISEN, *LARGE_NORM, *LOUD}
# Root mean square of the outputs as drawn, from which the loss is many times that of guessing;
# weights that keep sizes make it about 1.
LOUD_OUTPUTS = 10.0


class Drawn(Enum):
    """What theory finds of how the weights were drawn."""

    WELL = "nothing wrong"
    SHRINKING = "the gradient shrinks"
    GROWING = "gradient, activations or outputs grow"
    UNKNOWN = "no theory, or another trouble"


@dataclass(frozen=True)
class Advice:
    """A cure for one experiment.

    Attributes:
        cure: what to do.
        config: the experiment with the cure.
        decades: that theory expects to be lost after it; NaN where theory has no line.
        factor_per_layer: likewise, per layer.
        forward_growth: of the mean square of the activations, likewise.
        output_rms: root mean square of the outputs, likewise.
        chance: standard deviation of `decades` between networks, by theory; 0 without one.
        standing: how far that theory can be trusted.
        rate: the learning rate that it takes as well; NaN where it keeps the one there is.
        eases: it makes less of what decided, and does not remove it.
    """

    cure: Cure
    config: RunConfig
    decades: float = math.nan
    factor_per_layer: float = math.nan
    forward_growth: float = math.nan
    output_rms: float = math.nan
    chance: float = 0.0
    standing: Standing = Standing.NONE
    rate: float = math.nan
    eases: bool = False


def advise(
    diagnosis: Diagnosis, config: RunConfig, anchor: Anchor | None, most: int = MOST_ADVICE
) -> tuple[Advice, ...]:
    """Return the best cures for a run, the best first.

    Takes some milliseconds for a deep network: theory predicts every candidate.

    Args:
        diagnosis: of the run.
        config: its experiment.
        anchor: what a prediction hangs on; None: nothing is predicted.
        most: how many.
    """
    why = _causes(diagnosis, config, anchor)
    advice: list[Advice] = []
    for cure in CURES.values():
        if not why.all & {*cure.answers, *cure.also} or (cure.redraws and not why.draw_matters):
            continue
        found = _candidate(cure, why, diagnosis, config, anchor)
        if found is not None and not any(a.config == found.config for a in advice):
            advice.append(found)
    heals = [a for a in advice if not _remains(a, diagnosis)]
    if any(a.cure.on_network for a in heals):
        advice = heals
    healthy = diagnosis.thresholds.weak_decades
    # Of the schemes the one that keeps the gradient's size best; of all else see `_order`.
    advice.sort(key=lambda a: _halves(a, healthy) if a.cure.redraws else 0.0)
    advice.sort(key=lambda a: (not why.cause & {*a.cure.answers}, *_order(a, healthy)))
    families = [a.cure.family for a in advice]
    best = [a for i, a in enumerate(advice) if not families[i] or families[i] not in families[:i]]
    return tuple(best[:most])


def bearable_rate(config: RunConfig, anchor: Anchor | None) -> float:
    """Return the learning rate to begin with where an experiment's own may be too high for it.

    NaN where it may not; nor does any where the gradient fades on its way, or theory knows nothing
    of it.

    Args:
        config: the experiment, which nobody has run yet.
        anchor: of a run on the same data.
    """
    if config.learning_rate <= longest_rate(config) * (1.0 + ROUNDING):
        return math.nan
    drawn, _ = _drawn(config, anchor, THRESHOLDS)
    return usual_rate(config) if drawn is Drawn.WELL else math.nan


@dataclass(frozen=True)
class _Causes:
    """What cures may answer.

    Attributes:
        all: anything that a cure may answer to be offered.
        cause: what those answer that come first.
        draw_matters: weights that are drawn in another way may make a difference.
        loud: the outputs are too large as they are drawn; a cure on the network mends that too.
    """

    all: set[str]
    cause: set[str]
    draw_matters: bool
    loud: bool = False


def _causes(diagnosis: Diagnosis, config: RunConfig, anchor: Anchor | None) -> _Causes:
    wanted = _wanted(diagnosis)
    # A slope over the layers is worth a cure beside whatever else has decided.
    beside = {f.criterion for f in diagnosis.findings}.intersection((*SHRINKS, *GROWS)) - wanted
    # Units that are alike stay so, whatever size they have; a setting that stops everything does
    # so in any network; and the end of a run has one cause.
    if diagnosis.autopsy is not None or wanted & (ALIKE | ALONE):
        beside = set()
    if wanted & {*FAST} and decayed_share(config) > diagnosis.thresholds.huge_update:
        return _Causes({"heavy_decay"}, {"heavy_decay"}, False)
    if "no_gradient" in wanted and _is_random(config) and _computes_in_float16(config):
        # Weights that differ pass something on; all of it was too small for the format.
        return _Causes({"underflow16"}, {"underflow16"}, False)
    cause, redrawn = wanted, config.normalization == "none" or bool(wanted & ALIKE)
    drawn, loud = _drawn(config, anchor, diagnosis.thresholds)
    redrawn = redrawn or loud or not _is_random(config)
    if drawn is Drawn.WELL:
        # What is drawn anew may go the same way.
        if wanted & {*FAST}:
            beside = set()
        if wanted & _MAY_COME_WITH_TRAINING:
            redrawn, cause = False, {WITH_TRAINING}
        if wanted & {*DEAD, *SHRINKS} and is_too_narrow(config):
            # Shorter steps leave it to chance as well.
            cause, wanted = {NARROW}, wanted | {WITH_TRAINING}
    elif drawn is Drawn.GROWING and wanted & (_MAY_COME_WITH_THE_DRAW | _MAY_COME_WITH_GROWTH):
        # Shorter steps leave a gradient that every layer multiplies as it is.
        cause, wanted = {"decades_gained"}, wanted - {*LARGE_NORM, *RISEN, *LOUD}
    elif drawn is Drawn.SHRINKING and wanted & _MAY_COME_WITH_THE_DRAW:
        cause = {"decades_lost"}
    return _Causes(wanted | cause | beside, cause, redrawn, loud)


def _candidate(
    cure: Cure, why: _Causes, diagnosis: Diagnosis, config: RunConfig, anchor: Anchor | None
) -> Advice | None:
    """Return a cure for an experiment; None where it changes nothing, or not enough."""
    raised = None if diagnosis.autopsy is None else diagnosis.autopsy.raised
    changes = cure.change(config)
    if cure.takes_back:
        changes = None if raised is None else {"learning_rate": raised.before}
    if changes is None or cure.shortens < _too_long_by(diagnosis):
        return None
    if "clip_threshold" in changes and not _is_long(diagnosis, changes["clip_threshold"]):
        return None
    other = config.replace(**changes)
    changed = config.differences(other)
    if not changed:
        return None
    if changed in RESETS:
        title, reason = RESETS[changed]
        cure = replace(cure, title=title, why=reason)
    rate = math.nan
    if cure.on_network or cure.needs_rate:
        rate = _rate_beside(diagnosis, other)
        other = other if math.isnan(rate) else other.replace(learning_rate=rate)
    found = replace(_with_prediction(cure, other, anchor), rate=rate)
    if cure.on_network and not _helps(found, abs(diagnosis.decades), diagnosis):
        return None
    if cure.on_network and not _is_random(other):
        # What becomes of weights that are set nobody knows beforehand.
        return None
    if cure.on_network and why.loud and not found.output_rms <= LOUD_OUTPUTS:
        return None
    # What decided may have come with something else, which the cure leaves as it is.
    symptom = not why.cause & {*cure.answers} or bool(_wanted(diagnosis) & {*cure.eases})
    symptom = symptom or cure.eases_in(config) or _format_stays(cure, diagnosis, config)
    symptom = symptom or _stays_saturated(found.config, diagnosis) or _divides_by_zero(found.config)
    return replace(found, eases=symptom or _remains(found, diagnosis))


def _divides_by_zero(config: RunConfig) -> bool:
    """Say whether the weights' format rounds what the rule divides by: sooner or later, to zero."""
    return PRECISIONS[config.precision].master == "float16" and config.optimizer in DIVIDING


def _stays_saturated(config: RunConfig, diagnosis: Diagnosis) -> bool:
    """Say whether so much of what normalisation brings to variance 1 lies where φ is flat."""
    beyond = ACTIVATIONS[config.activation].saturates_beyond
    if not {*SATURATED} & _wanted(diagnosis) or config.normalization == "none" or beyond is None:
        return False
    return math.erfc(beyond / math.sqrt(2.0)) >= diagnosis.thresholds.saturated_warning


def _format_stays(cure: Cure, diagnosis: Diagnosis, config: RunConfig) -> bool:
    """Say whether a cure answers one half of a gradient that is too small for its format.

    A wider format holds what shrinks over the layers, and it goes on shrinking; in a network that
    keeps its size the whole of it may still be too small.
    """
    if not _wanted(diagnosis) & {"underflow16", Manner.ROUNDING.value}:
        return False
    if cure.on_network:
        return config.loss_scale != "dynamic"
    if diagnosis.autopsy is None or diagnosis.autopsy.last_finite is None:
        norms, decades = None, diagnosis.decades
    else:
        norms = diagnosis.autopsy.last_finite.layer("activation_grad_norm")[:-1]
        decades = gradient_decades(norms)[0]
    ends = diagnosis.layers_used < config.depth if norms is None else not norms.all()
    return ends or decades >= diagnosis.thresholds.weak_leave


def _remains(advice: Advice, diagnosis: Diagnosis) -> bool:
    """Say whether theory expects a slope after a cure that is told of still, or nearly so."""
    limits = diagnosis.thresholds
    return _expected(advice, limits.weak_decades) >= limits.weak_leave


def _rate_beside(diagnosis: Diagnosis, config: RunConfig) -> float:
    """Return the learning rate that a network needs which is as it should be; NaN: that it has.

    One that was made for a gradient that explodes, or has vanished, is out of the way; and one
    that a deep network bears while nothing reaches it is too long once something does. What is
    cured is to be healthy from its first steps on, too.
    """
    usual, rate = usual_rate(config), config.learning_rate
    too_low = 0.0 < rate <= usual / TENFOLD
    too_long = rate > usual and any(f.criterion == "huge_update" for f in diagnosis.findings)
    # Updates of weights that are divided by their own size are as much shorter as those are large.
    too_long = too_long and config.normalization not in BEARS_LONG_RATES
    too_long = (
        too_long or rate > longest_rate(config) * (1.0 + ROUNDING) or rate >= usual * FAR_FROM_USUAL
    )
    if too_low or too_long:
        return usual
    bold = config.normalization in BEARS_LONG_RATES and config.optimizer == "sgd"
    return LONGEST_HEALTHY_RATE if bold and rate > LONGEST_HEALTHY_RATE else math.nan


def _wanted(diagnosis: Diagnosis) -> set[str]:
    """Return what the cures must answer: what decided, or the way in which the run ended."""
    if diagnosis.autopsy is not None:
        return {diagnosis.autopsy.manner.value}
    return set() if diagnosis.decisive is None else {diagnosis.decisive.criterion}


def _too_long_by(diagnosis: Diagnosis) -> float:
    """Return how many times as long as is healthy the updates are; 0 where they did not decide."""
    decisive = diagnosis.decisive
    if decisive is None or decisive.criterion not in ("huge_update", "large_update"):
        return 0.0
    return decisive.numbers[0] / diagnosis.thresholds.healthy_update_high


def _computes_in_float16(config: RunConfig) -> bool:
    return PRECISIONS[config.precision].compute == "float16"


def _is_random(config: RunConfig) -> bool:
    """Say whether theory knows how the weights are drawn, or the first batch decides it."""
    row = INITIALIZERS[config.initializer]
    return row.from_data or row.variance(1, 1, config) > 0.0


def _is_long(diagnosis: Diagnosis, threshold: float) -> bool:
    """Say whether clipping would have shortened what decided, as much as a tenth of the rate does.

    Where a gradient is not finite itself there is nothing left to be shortened.
    """
    if diagnosis.autopsy is not None:
        return not 0.0 < diagnosis.autopsy.longest_gradient <= TENFOLD * threshold
    return "spike" not in _wanted(diagnosis) or not 0.0 < diagnosis.spike_norm <= threshold


def _drawn(config: RunConfig, anchor: Anchor | None, limits: Thresholds) -> tuple[Drawn, bool]:
    """Return how theory finds the weights drawn, and whether the outputs are too large so."""
    if anchor is None or INITIALIZERS[config.initializer].from_data:
        return Drawn.UNKNOWN, False
    prediction = replace(anchor, last_gradient_norm=1.0, grams=None).predict(config)
    sizes = prediction.activation_rms
    loud = bool(sizes[-1] > LOUD_OUTPUTS)
    if prediction.standing not in (Standing.THEORY, Standing.APPROXIMATE):
        return Drawn.UNKNOWN, loud
    if prediction.decades >= limits.weak_leave:
        return Drawn.SHRINKING, loud
    if prediction.decades <= -limits.weak_leave or loud:
        return Drawn.GROWING, loud
    growth = forward_growth(sizes[:-1])
    return (Drawn.UNKNOWN if growth > limits.forward_growth else Drawn.WELL), loud


def _with_prediction(cure: Cure, config: RunConfig, anchor: Anchor | None) -> Advice:
    if not cure.on_network or anchor is None:
        return Advice(cure, config)
    # Only ratios matter, also where nothing finite came back in the first step.
    prediction = replace(anchor, last_gradient_norm=1.0, grams=None).predict(config)
    if prediction.standing is Standing.NONE or INITIALIZERS[config.initializer].from_data:
        return Advice(cure, config)
    growth = forward_growth(prediction.activation_rms[:-1])
    # A rotation has nothing that chance could add up.
    chance = 0.0 if config.initializer == "orthogonal" else float(prediction.log_spread[0])
    return Advice(
        cure, config, prediction.decades, prediction.factor_per_layer, growth,
        float(prediction.activation_rms[-1]), chance / math.log(10.0), prediction.standing,
    )  # fmt: skip


def _helps(advice: Advice, now: float, diagnosis: Diagnosis) -> bool:
    """Say whether theory expects less than the weak limit, or at least much less than now."""
    if advice.standing is Standing.FORWARD_ONLY:
        # Hardly any unit would pass a gradient on.
        return False
    if math.isnan(advice.decades):
        return True
    limits = diagnosis.thresholds
    after = _expected(advice, limits.weak_decades)
    if advice.forward_growth > limits.forward_growth:
        return False
    if after < limits.weak_decades:
        return True
    return after < limits.strong_decades and not after > now - limits.weak_decades


def _expected(advice: Advice, healthy: float) -> float:
    """Return how many decades are lost or gained after a cure, chance included where it is large.

    Where chance alone makes more than `healthy` of them, a rotation is the better draw.
    """
    return abs(advice.decades) + (advice.chance if advice.chance >= healthy else 0.0)


def _halves(advice: Advice, healthy: float) -> float:
    """Return the same in whole halves of `healthy`: what differs by less is not told apart."""
    expected = _expected(advice, healthy)
    return float(expected // (0.5 * healthy)) if math.isfinite(expected) else math.inf


def _order(advice: Advice, healthy: float) -> tuple[int, float]:
    """Those whose effect is known come first, the smaller change before; ties as they are.

    What is expected to lose or gain less than `healthy` decades is not told apart: no verdict is.
    """
    cure, decades = advice.cure, _expected(advice, healthy)
    if cure.on_network and math.isnan(decades):
        return (1, cure.price)
    known = decades if cure.on_network and decades >= healthy else 0.0
    return (0, known + cure.price)
