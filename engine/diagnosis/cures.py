"""Everything there is to try: one row for each cure, with what it answers and what it changes.

Which of them are offered for a run, and in what order, is `engine.diagnosis.advice`'s.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from engine.activations import ACTIVATIONS
from engine.config import DEFAULTS, RunConfig
from engine.diagnosis.autopsy import DIVIDING, Manner
from engine.diagnosis.criteria.settings import decayed_share
from engine.diagnosis.thresholds import THRESHOLDS
from engine.precision import PRECISIONS
from engine.theory.gaussian import is_odd

# A learning rate so many times smaller, or larger, but not beyond these.
TENFOLD = 10.0
SMALLEST_RATE, LARGEST_RATE = 1e-9, 10.0
ADAM_RATE = 1e-3
# ReLU is not offered where chance alone silences a layer more often than this.
MOST_SILENT = 0.05
SCALE_FREE = (*DIVIDING, "lars")
# Where a search for a learning rate usually begins, and how far from there one is out of the way.
USUAL_RATES = {"sgd": 0.01, "momentum": 0.01, "nesterov": 0.01, "lars": 1.0} | dict.fromkeys(
    ("rmsprop", "adam", "adamw"), ADAM_RATE
)
FAR_FROM_USUAL = 100.0
# What follows the gradient as long as it is, and not its direction alone.
DESCENDING = ("sgd", "momentum", "nesterov")
# The longest rate with which a network learns goes as one over its depth (Saxe et al. 2013): in
# 300 steps on the digits He and Xavier learn up to 1 / depth at depths 10 to 50, and no further; a
# sum over skip connections up to a third of that.
LONGEST_RATE_BY_DEPTH, LONGEST_RESIDUAL_RATE_BY_DEPTH = 1.0, 0.3
# Batch normalisation divides by what the weights have grown to, and bears longer rates.
BEARS_LONG_RATES = ("batch",)
# ReLU makes samples alike from layer to layer, which layer normalisation leaves as it is: in more
# layers than the first it learns but now and then, in more than the second its units die.
SURE_LAYER_NORM_WITH_RELU, DEEPEST_LAYER_NORM_WITH_RELU = 20, 40

Changes = Mapping[str, Any]
# What a cure changes in an experiment; None where it does not apply.
Change = Callable[[RunConfig], Changes | None]

# What a cure may answer: criteria, and the manners in which a run ends.
SHRINKS = ("decades_lost", "weakly_lost", "gradient_ends")
GROWS = ("decades_gained", "weakly_gained", "grown_forward", "high_gradient")
FAINT = ("tiny_layer", "updates_apart", "low_gradient")
SLOW = ("stall", "small_update", "not_learning", "no_rate")
# It does learn, as far as its biases can without the samples: longer steps are no help then.
GUESSES = ("guessing",)
FAST = ("huge_update", "large_update", "high_loss", "risen_loss", Manner.LEARNING_RATE.value)
BURST = ("spike", "large_norm", Manner.GRADIENT.value, Manner.FIRST_GRADIENT.value)
# Shorter steps are safer; the gradient that they are made of stays as large.
LARGE_NORM = ("large_norm", Manner.FIRST_GRADIENT.value)
CLIPPED = ("clipped_stall", "clipped_update")
# Outputs that are too large as they are drawn, or have become so.
LOUD = ("above_guessing",)
DEAD = ("silent_layer", "dead_alarm", "dead_warning")
SATURATED = ("saturated_alarm", "saturated_warning")
ALIKE = {"symmetric", "no_gradient"}
# What one setting does by itself.
ALONE = {*CLIPPED, "batch_of_one"}
FORMAT = ("underflow16", "overflow16", "near_overflow", Manner.NUMBER_FORMAT.value)
RISEN = ("high_loss", "risen_loss")
# ReLU layers of so few units that chance alone silences one of them.
NARROW = "too narrow"
# Where theory finds nothing wrong with how the weights were drawn, it has come with training.
WITH_TRAINING = "with training"


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
        shortens: it divides every update by so much.
        eases: what it makes less of without removing it; that is said.
        eases_in: the experiments in which it does no more than that.
        needs_rate: it helps beside a usual learning rate alone, as those on the network do.
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
    shortens: float = math.inf
    eases: tuple[str, ...] = ()
    eases_in: Callable[[RunConfig], bool] = lambda config: False
    needs_rate: bool = False


def _scheme(initializer: str, activation: str = "") -> Change:
    """Draw the weights in another way; with another activation where one is named."""

    def change(config: RunConfig) -> Changes | None:
        if is_too_narrow(config.replace(activation=activation or config.activation)):
            return None
        changes = {"initializer": initializer, "gain": 1.0, "bias_std": 0.0}
        return changes | ({"activation": activation} if activation else {})

    return change


def _silent_by_chance(config: RunConfig) -> float:
    """Return how often a ReLU network has a layer that is silent for an input (Lu et al. 2019)."""
    return 1.0 - math.prod(1.0 - 0.5**width for width in config.widths)


def is_too_narrow(config: RunConfig) -> bool:
    """Say whether chance alone may well silence a layer, however the weights are drawn."""
    flat = ACTIVATIONS[config.activation].has_flat_zero
    return flat and _silent_by_chance(config) > MOST_SILENT


def _always(**changes: Any) -> Change:
    return lambda config: changes


def _rate(factor: float) -> Change:
    def change(config: RunConfig) -> Changes | None:
        # What a person would choose, without the last digits of a product.
        rate = float(f"{config.learning_rate * factor:.3g}")
        sensible = rate >= SMALLEST_RATE if factor < 1.0 else 0.0 < rate <= LARGEST_RATE
        return {"learning_rate": rate} if sensible else None

    return change


def longest_rate(config: RunConfig) -> float:
    """Return the longest learning rate with which a network of sound weights still learns.

    Infinite for rules that divide by the gradient's size: theirs does not hang on the depth.
    """
    if config.optimizer not in DESCENDING or config.normalization in BEARS_LONG_RATES:
        return math.inf
    share = LONGEST_RATE_BY_DEPTH if config.skip == "none" else LONGEST_RESIDUAL_RATE_BY_DEPTH
    if config.optimizer != "sgd":
        # A lasting gradient is followed so many times as far.
        share *= 1.0 - config.momentum
    return share / config.depth


def usual_rate(config: RunConfig) -> float:
    """Return where a search for the learning rate would begin for this experiment."""
    usual, longest = USUAL_RATES[config.optimizer], longest_rate(config)
    if usual <= longest:
        return usual
    # One digit, as a person would write it, and not beyond.
    power = 10.0 ** math.floor(math.log10(longest))
    return float(f"{math.floor(longest / power + 1e-9) * power:.1g}")


def _usual_rate(lower: bool) -> Change:
    def change(config: RunConfig) -> Changes | None:
        usual, rate = usual_rate(config), config.learning_rate
        far = rate >= usual * FAR_FROM_USUAL if lower else rate <= usual / FAR_FROM_USUAL
        return {"learning_rate": usual} if far else None

    return change


def _without_dropout(config: RunConfig) -> Changes | None:
    return {"dropout": 0.0} if config.dropout else None


def _layer_norm(config: RunConfig) -> Changes | None:
    """What it brings to one size is signed by chance still, and ReLU may let nothing through."""
    if is_too_narrow(config):
        return None
    # In place of another normalisation it still does better.
    flat = ACTIVATIONS[config.activation].has_flat_zero
    plain = config.normalization == "none"
    if flat and plain and config.depth > DEEPEST_LAYER_NORM_WITH_RELU:
        return None
    return {"normalization": "layer"}


def _makes_alike(config: RunConfig) -> bool:
    """Say whether so many layers of ReLU make samples too much alike to be sure of."""
    return ACTIVATIONS[config.activation].has_flat_zero and config.depth > SURE_LAYER_NORM_WITH_RELU


def _without_skip(config: RunConfig) -> Changes | None:
    return None if config.skip == "none" or is_odd(config.activation) else {"skip": "none"}


def _half_precision(**changes: Any) -> Change:
    def change(config: RunConfig) -> Changes | None:
        return changes if PRECISIONS[config.precision].compute == "float16" else None

    return change


def _clip(config: RunConfig) -> Changes | None:
    # Rules that divide by the gradient's size take the same step, however long it was.
    if config.clip == "norm" or config.optimizer in SCALE_FREE:
        return None
    return {"clip": "norm", "clip_threshold": 1.0}


def _without_clipping(config: RunConfig) -> Changes | None:
    return None if config.clip == "none" else {"clip": "none"}


def _looser_clipping(config: RunConfig) -> Changes | None:
    tight = config.clip != "none" and config.clip_threshold < DEFAULTS["clip_threshold"]
    return {"clip_threshold": DEFAULTS["clip_threshold"]} if tight else None


def _wider(config: RunConfig) -> Changes | None:
    return {"width": DEFAULTS["width"]} if is_too_narrow(config) else None


def _larger_batch(config: RunConfig) -> Changes | None:
    return {"batch_size": DEFAULTS["batch_size"]} if config.batch_size < 2 else None


def _without_decay(config: RunConfig) -> Changes | None:
    if decayed_share(config) <= THRESHOLDS.healthy_update_high:
        return None
    return {"weight_decay": 0.0}


def _residual(config: RunConfig) -> Changes | None:
    """Where activations have a mean it adds up on the skip connection, and the outputs explode."""
    skips = any(one == next_one for one, next_one in pairwise(config.widths))
    return {"skip": "residual"} if skips and is_odd(config.activation) else None


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
    return _scheme("kaiming_normal", "relu")(config)


_AT_THE_START = (Manner.INITIALISATION.value, Manner.FIRST_GRADIENT.value)
_UNHEALTHY_DEPTH = (*SHRINKS, *GROWS, *FAINT, "cliff", *_AT_THE_START)
_DREW_BADLY = (*_UNHEALTHY_DEPTH, *LOUD, "no_gradient", "symmetric", "silent_layer")

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
        (*_DREW_BADLY, *GUESSES),
        _scheme("xavier_normal", "tanh"), on_network=True, price=1.0, family="activation",
    ),
    Cure(
        "relu_he", "ReLU with He",
        "The slope of ReLU is 1 wherever a unit is active, however large its pre-activation.",
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
        (*_UNHEALTHY_DEPTH, *DEAD, *SATURATED, "batch_of_one"),
        _layer_norm, on_network=True, price=1.0, family="normalisation", eases_in=_makes_alike,
    ),
    Cure(
        "residual", "Residual connections",
        "Adds each layer's input to its output, so that the gradient has a way past every layer.",
        (*SHRINKS, *FAINT), _residual, on_network=True, price=0.5,
    ),
    Cure(
        "no_skip", "Without skip connections",
        "What every layer adds to its input has a mean, which piles up from layer to layer.",
        (*GROWS, *_AT_THE_START), _without_skip, on_network=True, price=0.5,
    ),
    Cure(
        "no_decay", "No weight decay",
        "Weight decay times learning rate is what every step takes away from all weights, whatever "
        "the gradient says.",
        ("heavy_decay", *FAST), _without_decay,
    ),
    Cure(
        "looser_clip", "Clipping threshold 1",
        "Only a gradient whose norm, or entry, is larger than 1 is shortened.",
        CLIPPED, _looser_clipping,
    ),
    Cure(
        "no_clip", "No clipping",
        "The gradient stays as long as it is.",
        CLIPPED, _without_clipping,
    ),
    Cure(
        "wider", "Layers of 100 units",
        "All n units of a ReLU layer are inactive for one sample in 2ⁿ: of a few units that is "
        "often enough, and nothing passes through them.",
        (NARROW,), _wider, needs_rate=True,
    ),
    Cure(
        "larger_batch", "Batches of 64",
        "Mean and variance over a batch tell its samples apart; of one sample they leave nothing.",
        ("batch_of_one",), _larger_batch,
    ),
    Cure(
        "usual_slower", "Usual learning rate",
        "Takes the rate that a search usually begins with: 0.01, or 0.001 for a rule that divides "
        "by the gradient's own size.",
        (*FAST, WITH_TRAINING), _usual_rate(lower=True), price=1.5, family="rate",
        also=(*BURST, *LOUD), eases=LARGE_NORM,
    ),
    Cure(
        "slower", "Learning rate ÷ 10",
        "Every update becomes a tenth as long.",
        (*FAST, WITH_TRAINING), _rate(1.0 / TENFOLD), price=2.0, family="rate",
        also=(*BURST, *LOUD), shortens=TENFOLD, eases=LARGE_NORM,
    ),
    Cure(
        "much_slower", "Learning rate ÷ 100",
        "Every update becomes a hundredth as long.",
        FAST, _rate(1.0 / TENFOLD**2), price=2.5, family="rate",
    ),
    Cure(
        "clip", "Clip the gradient",
        "Shortens the whole gradient to norm 1 where it is longer; its direction stays.",
        BURST, _clip, price=2.0, eases=LARGE_NORM,
    ),
    Cure(
        "usual_faster", "Usual learning rate",
        "Takes the rate that a search usually begins with: 0.01, or 0.001 for a rule that divides "
        "by the gradient's own size.",
        SLOW, _usual_rate(lower=False), family="rate",
    ),
    Cure(
        "faster", "Learning rate × 10",
        "Every update becomes ten times as long.",
        SLOW, _rate(TENFOLD), family="rate",
    ),
    Cure(
        "no_dropout", "No dropout",
        "The noise of dropout adds up over the layers, until little is left of what tells one "
        "sample from another.",
        GUESSES, _without_dropout,
    ),
    Cure(
        "adam", "Adam",
        "Divides every update by the gradient's own size, so that small gradients move as well.",
        (*SLOW, *GUESSES), _always(optimizer="adam", learning_rate=ADAM_RATE), also=FAINT,
    ),
    Cure(
        "leaky", "Leaky ReLU",
        "A small slope is left where ReLU has none, so that a silent unit can come back.",
        DEAD, _leaky, needs_rate=True,
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
        ("underflow32",), _double, eases=("underflow32",),
    ),
)  # fmt: skip

CURES = {row.name: row for row in _ROWS}

# What a cure does where all it changes are these fields: its own title would name what is set.
RESETS = {
    ("gain",): ("Gain 1", "The weights are drawn as large as the scheme wants them."),
    ("bias_std",): ("Biases of zero", "No noise of the biases is added to what passes through."),
    ("gain", "bias_std"): (
        "Gain 1, biases of zero",
        "The weights are drawn as large as the scheme wants them, and no noise of the biases is "
        "added to what passes through.",
    ),
}
