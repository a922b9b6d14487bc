"""What to try: one row for each cure, with what it changes and what theory expects after it.

A cure is offered where it answers what decided the verdict, changes something in this experiment,
and where theory does not expect it to leave the network as ill as it is. Those come first that go
to the cause; among them those that theory expects most of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.activations import ACTIVATIONS
from engine.config import RunConfig
from engine.diagnosis.autopsy import Manner
from engine.diagnosis.judge import Diagnosis
from engine.diagnosis.slope import forward_growth
from engine.initializers import INITIALIZERS
from engine.precision import PRECISIONS
from engine.theory.prediction import Standing

if TYPE_CHECKING:
    from engine.theory.anchor import Anchor

MOST_ADVICE = 3
# A learning rate so many times smaller, or larger, but not beyond these.
TENFOLD = 10.0
SMALLEST_RATE, LARGEST_RATE = 1e-9, 10.0
ADAM_RATE = 1e-3

Changes = Mapping[str, Any]
# What a cure changes in an experiment; None where it does not apply.
Change = Callable[[RunConfig], Changes | None]

# What a cure may answer: criteria, and the manners in which a run ends.
SHRINKS = ("decades_lost", "weakly_lost", "gradient_ends")
GROWS = ("decades_gained", "weakly_gained", "grown_forward", "high_gradient")
FAINT = ("tiny_layer", "updates_apart", "low_gradient")
SLOW = ("stall", "small_update", "not_learning")
FAST = ("huge_update", "large_update", "high_loss", "risen_loss", Manner.LEARNING_RATE.value)
BURST = ("spike", "large_norm", Manner.GRADIENT.value, Manner.FIRST_GRADIENT.value)
DEAD = ("silent_layer", "dead_alarm", "dead_warning")
SATURATED = ("saturated_alarm", "saturated_warning")
FORMAT = ("underflow16", "overflow16", "near_overflow", Manner.NUMBER_FORMAT.value)
# Where theory finds nothing wrong with how the weights were drawn, it has come with training.
WITH_TRAINING = "with training"
_MAY_COME_WITH_TRAINING = {*SHRINKS, *GROWS, "silent_layer"}


@dataclass(frozen=True)
class Cure:
    """One thing to try.

    Attributes:
        name: its key.
        title: a few words, for a button.
        why: what it does, in a sentence.
        answers: what it goes to the cause of.
        change: the fields that it changes.
        on_network: it changes the network as it is drawn, so that theory can say what it does.
        price: how much it changes, in decades that it must be better than a smaller change.
        family: only the best of a family is offered; empty for none.
        also: what it helps against, but behind those that go to the cause.
        redraws: it draws the weights in another way, and changes nothing else.
    """

    name: str
    title: str
    why: str
    answers: tuple[str, ...]
    change: Change
    on_network: bool = False
    price: float = 0.0
    family: str = ""
    also: tuple[str, ...] = ()
    redraws: bool = False


@dataclass(frozen=True)
class Advice:
    """A cure for one experiment.

    Attributes:
        cure: what to do.
        config: the experiment with the cure.
        decades: that theory expects to be lost after it; NaN where theory has no line.
        factor_per_layer: likewise, per layer.
        forward_growth: of the mean square of the activations, likewise.
    """

    cure: Cure
    config: RunConfig
    decades: float = math.nan
    factor_per_layer: float = math.nan
    forward_growth: float = math.nan


def _scheme(initializer: str, activation: str = "") -> Change:
    """Draw the weights in another way; with another activation where one is named."""

    def change(config: RunConfig) -> Changes | None:
        changes = {"initializer": initializer, "gain": 1.0, "bias_std": 0.0}
        return changes | ({"activation": activation} if activation else {})

    return change


def _always(**changes: Any) -> Change:
    return lambda config: changes


def _rate(factor: float) -> Change:
    def change(config: RunConfig) -> Changes | None:
        # What a person would choose, without the last digits of a product.
        rate = float(f"{config.learning_rate * factor:.3g}")
        if factor > 1.0 and config.learning_rate == 0.0:
            rate = 0.01
        sensible = rate >= SMALLEST_RATE if factor < 1.0 else rate <= LARGEST_RATE
        return {"learning_rate": rate} if sensible else None

    return change


def _half_precision(**changes: Any) -> Change:
    def change(config: RunConfig) -> Changes | None:
        return changes if PRECISIONS[config.precision].compute == "float16" else None

    return change


def _clip(config: RunConfig) -> Changes | None:
    return {"clip": "norm", "clip_threshold": 1.0} if config.clip != "norm" else None


def _smaller_scale(config: RunConfig) -> Changes | None:
    half = PRECISIONS[config.precision].compute == "float16"
    return {"loss_scale": 1.0} if half and isinstance(config.loss_scale, float) else None


def _double(config: RunConfig) -> Changes | None:
    return {"precision": "float64"} if config.precision in ("float32", "bfloat16") else None


def _leaky(config: RunConfig) -> Changes | None:
    if not ACTIVATIONS[config.activation].has_flat_zero:
        return None
    return {"activation": "leaky_relu"}


def _unsaturated(config: RunConfig) -> Changes | None:
    if ACTIVATIONS[config.activation].saturates_beyond is None:
        return None
    return {"activation": "relu", "initializer": "kaiming_normal", "gain": 1.0, "bias_std": 0.0}


_AT_THE_START = (Manner.INITIALISATION.value, Manner.FIRST_GRADIENT.value)
_UNHEALTHY_DEPTH = (*SHRINKS, *GROWS, *FAINT, "cliff", *_AT_THE_START)
_DREW_BADLY = (*_UNHEALTHY_DEPTH, "no_gradient", "symmetric", "silent_layer")

# Theory expects of several cures that sizes are kept, and not how soon they learn. Their order is
# what 200 steps at depth 10 to 30 on the digits have shown: tanh learned sooner than ReLU, whose
# samples become alike from layer to layer; that layer normalisation leaves as it is.
_ROWS = (
    Cure(
        "xavier", "Xavier initialisation",
        "Draws weights of variance 2/(n_in + n_out), which keeps sizes in both directions where "
        "φ is close to a straight line.",
        (*_DREW_BADLY, *SATURATED), _scheme("xavier_normal"), on_network=True,
        family="scheme", redraws=True,
    ),
    Cure(
        "he", "He initialisation",
        "Draws weights of variance 2/n: ReLU lets half of everything pass, and the 2 makes up "
        "for it.",
        _DREW_BADLY, _scheme("kaiming_normal"), on_network=True, family="scheme",
        redraws=True,
    ),
    Cure(
        "orthogonal", "Orthogonal initialisation",
        "Every matrix is a rotation: nothing grows or shrinks in it.",
        _DREW_BADLY, _scheme("orthogonal"), on_network=True, family="scheme",
        redraws=True,
    ),
    Cure(
        "tanh_xavier", "tanh with Xavier",
        "tanh has slope 1 at zero and activations of mean zero.",
        _DREW_BADLY,
        _scheme("xavier_normal", "tanh"), on_network=True, price=1.0, family="activation",
    ),
    Cure(
        "relu_he", "ReLU with He",
        "The slope of ReLU is 1 wherever a unit is active; that of a sigmoid is never above 1/4.",
        (*_DREW_BADLY, *SATURATED),
        _scheme("kaiming_normal", "relu"), on_network=True, price=1.0, family="activation",
    ),
    Cure(
        "batch_norm", "Batch normalisation",
        "Brings every unit back to mean 0 and variance 1 over the batch.",
        (*_UNHEALTHY_DEPTH, *DEAD, *SATURATED),
        _always(normalization="batch"), on_network=True, price=0.5, family="normalisation",
    ),
    Cure(
        "layer_norm", "Layer normalisation",
        "Brings the pre-activations of every layer back to one size, whatever the weights are.",
        (*_UNHEALTHY_DEPTH, *DEAD, *SATURATED),
        _always(normalization="layer"), on_network=True, price=1.0, family="normalisation",
    ),
    Cure(
        "residual", "Residual connections",
        "Adds each layer's input to its output, so that the gradient has a way past every layer.",
        (*SHRINKS, *FAINT),
        _always(skip="residual"), on_network=True, price=0.5,
    ),
    Cure(
        "slower", "Learning rate ÷ 10",
        "Every update becomes a tenth as long.",
        (*FAST, WITH_TRAINING), _rate(1.0 / TENFOLD), price=2.0,
        also=(*BURST, *GROWS, *DEAD),
    ),
    Cure(
        "clip", "Clip the gradient",
        "Shortens the whole gradient to norm 1 where it is longer; its direction stays.",
        BURST, _clip, price=2.0, also=(*FAST, *GROWS),
    ),
    Cure(
        "faster", "Learning rate × 10",
        "Every update becomes ten times as long.",
        SLOW, _rate(TENFOLD),
    ),
    Cure(
        "adam", "Adam",
        "Divides every update by the gradient's own size, so that small gradients move as well.",
        SLOW, _always(optimizer="adam", learning_rate=ADAM_RATE), also=FAINT,
    ),
    Cure(
        "leaky", "Leaky ReLU",
        "A small slope is left where ReLU has none, so that a silent unit can come back.",
        DEAD, _leaky,
    ),
    Cure(
        "unsaturated", "ReLU with He",
        "ReLU has no flat end on the positive side.",
        SATURATED, _unsaturated, on_network=True, price=1.0, family="activation",
    ),
    Cure(
        "dynamic_scale", "Dynamic loss scale",
        "Multiplies the loss by as much as float16 can bear, and divides the gradient by it again.",
        FORMAT, _half_precision(loss_scale="dynamic"),
    ),
    Cure(
        "mixed_float16", "Mixed float16",
        "Weights, and what the optimiser remembers of gradients, stay in float32.",
        (Manner.ROUNDING.value,), _half_precision(precision="mixed_float16"),
    ),
    Cure(
        "bfloat16", "bfloat16",
        "Has the range of float32, with fewer digits.",
        (*FORMAT, Manner.ROUNDING.value),
        _half_precision(precision="bfloat16", loss_scale=1.0),
    ),
    Cure(
        "float32", "float32",
        "Reaches from 1e-38 to 3e38.",
        (*FORMAT, Manner.ROUNDING.value),
        _half_precision(precision="float32", loss_scale=1.0),
    ),
    Cure(
        "smaller_scale", "Loss scale 1",
        "The gradient is stored as it is.",
        ("overflow16", "near_overflow", Manner.NUMBER_FORMAT.value), _smaller_scale,
    ),
    Cure(
        "float64", "float64",
        "Reaches down to 1e-308: the gradient stays as small, but can be seen.",
        ("underflow32",), _double,
    ),
)  # fmt: skip

CURES = {row.name: row for row in _ROWS}


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
    wanted, drawn_well = _wanted(diagnosis), False
    # A slope over the layers is worth a cure beside whatever else has decided.
    beside = {f.criterion for f in diagnosis.findings}.intersection((*SHRINKS, *GROWS))
    beside = set() if diagnosis.autopsy is not None else beside - wanted
    if wanted & _MAY_COME_WITH_TRAINING:
        drawn_well = _draws_well(config, anchor, diagnosis)
        wanted |= {WITH_TRAINING} if drawn_well else set()
    now = abs(diagnosis.decades)
    advice: list[Advice] = []
    for cure in CURES.values():
        answers = {*cure.answers, *cure.also}
        if not (wanted | beside) & answers or (cure.redraws and drawn_well):
            continue
        changes = cure.change(config)
        if changes is None:
            continue
        other = config.replace(**changes)
        if not config.differences(other) or any(a.config == other for a in advice):
            continue
        found = _with_prediction(cure, other, anchor)
        if cure.on_network and not _helps(found, now, diagnosis):
            continue
        advice.append(found)
    # Where training has done it, what is drawn anew may go the same way.
    cause = {WITH_TRAINING} if drawn_well else wanted
    healthy = diagnosis.thresholds.weak_decades
    advice.sort(key=lambda a: (not cause.intersection(a.cure.answers), *_order(a, healthy)))
    families = [a.cure.family for a in advice]
    best = [a for i, a in enumerate(advice) if not families[i] or families[i] not in families[:i]]
    return tuple(best[:most])


def _wanted(diagnosis: Diagnosis) -> set[str]:
    """Return what the cures must answer: what decided, or the way in which the run ended."""
    if diagnosis.autopsy is not None:
        return {diagnosis.autopsy.manner.value}
    return set() if diagnosis.decisive is None else {diagnosis.decisive.criterion}


def _draws_well(config: RunConfig, anchor: Anchor | None, diagnosis: Diagnosis) -> bool:
    """Say whether theory expects no trouble at initialisation."""
    if anchor is None or INITIALIZERS[config.initializer].from_data:
        return False
    prediction = replace(anchor, last_gradient_norm=1.0, grams=None).predict(config)
    growth, limits = forward_growth(prediction.activation_rms[:-1]), diagnosis.thresholds
    return (
        prediction.standing in (Standing.THEORY, Standing.APPROXIMATE)
        and abs(prediction.decades) < limits.weak_decades
        and not growth > limits.forward_growth
    )


def _with_prediction(cure: Cure, config: RunConfig, anchor: Anchor | None) -> Advice:
    if not cure.on_network or anchor is None:
        return Advice(cure, config)
    # Only ratios matter, also where nothing finite came back in the first step.
    prediction = replace(anchor, last_gradient_norm=1.0, grams=None).predict(config)
    if prediction.standing is Standing.NONE or INITIALIZERS[config.initializer].from_data:
        return Advice(cure, config)
    growth = forward_growth(prediction.activation_rms[:-1])
    return Advice(cure, config, prediction.decades, prediction.factor_per_layer, growth)


def _helps(advice: Advice, now: float, diagnosis: Diagnosis) -> bool:
    """Say whether theory expects less than the weak limit, or at least much less than now."""
    if math.isnan(advice.decades):
        return True
    after, limits = abs(advice.decades), diagnosis.thresholds
    if advice.forward_growth > limits.forward_growth:
        return False
    if after < limits.weak_decades:
        return True
    return after < limits.strong_decades and not after > now - limits.weak_decades


def _order(advice: Advice, healthy: float) -> tuple[int, float]:
    """Those whose effect is known come first, the smaller change before; ties by the table.

    What is expected to lose or gain less than `healthy` decades is not told apart: no verdict is.
    """
    cure, decades = advice.cure, abs(advice.decades)
    if cure.on_network and math.isnan(decades):
        return (1, cure.price)
    known = decades if cure.on_network and decades >= healthy else 0.0
    return (0, known + cure.price)
