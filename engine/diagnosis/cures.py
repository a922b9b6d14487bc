"""Everything there is to try: one row for each cure, with what it answers and what it changes.

Which of them are offered for a run, and in what order, is `engine.diagnosis.advice`'s.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from engine.config import RunConfig
from engine.diagnosis.autopsy import Manner
from engine.diagnosis.causes import (
    AT_THE_START,
    BURST,
    CLIPPED,
    DEAD,
    DREW_BADLY,
    FAINT,
    FAST,
    FORMAT,
    GROWS,
    GUESSES,
    LARGE_NORM,
    LOUD,
    NARROW,
    RAISED_RATE,
    SATURATED,
    SHRINKS,
    SLOW,
    UNHEALTHY_DEPTH,
    WITH_TRAINING,
)
from engine.diagnosis.changes import (
    Change,
    always,
    clip,
    double,
    half_precision,
    larger_batch,
    layer_norm,
    leaky,
    looser_clipping,
    makes_alike,
    multiply_rate,
    residual,
    scheme,
    smaller_scale,
    to_adam,
    to_usual_rate,
    unsaturated,
    wider,
    without_clipping,
    without_decay,
    without_dropout,
    without_skip,
)
from engine.diagnosis.rates import TENFOLD


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
        takes_back: it takes the learning rate that there was before it was raised.
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
    takes_back: bool = False


# Theory expects of several cures that sizes are kept, and not how soon they learn. Their order is
# what 200 steps at depth 10 to 30 on the digits have shown: tanh learned sooner than ReLU, whose
# samples become alike from layer to layer; that layer normalisation leaves as it is.
_ROWS = (
    Cure(
        "xavier", "Xavier initialisation",
        "Draws weights of variance 2/(n_in + n_out), which keeps sizes in both directions where "
        "φ is close to a straight line.",
        (*DREW_BADLY, *SATURATED), scheme("xavier_normal"), on_network=True,
        family="scheme", redraws=True,
    ),
    Cure(
        "he", "He initialisation",
        "Draws weights of variance 2/n: ReLU lets half of everything pass, and the 2 makes up "
        "for it.",
        DREW_BADLY, scheme("kaiming_normal"), on_network=True, family="scheme",
        redraws=True,
    ),
    Cure(
        "orthogonal", "Orthogonal initialisation",
        "Every matrix is a rotation: nothing grows or shrinks in it.",
        DREW_BADLY, scheme("orthogonal"), on_network=True, family="scheme",
        redraws=True,
    ),
    Cure(
        "tanh_xavier", "tanh with Xavier",
        "tanh has slope 1 at zero and activations of mean zero.",
        (*DREW_BADLY, *GUESSES),
        scheme("xavier_normal", "tanh"), on_network=True, price=1.0, family="activation",
    ),
    Cure(
        "relu_he", "ReLU with He",
        "The slope of ReLU is 1 wherever a unit is active, however large its pre-activation.",
        (*DREW_BADLY, *SATURATED),
        scheme("kaiming_normal", "relu"), on_network=True, price=1.0, family="activation",
    ),
    Cure(
        "batch_norm", "Batch normalisation",
        "Brings every unit back to mean 0 and variance 1 over the batch.",
        (*UNHEALTHY_DEPTH, *DEAD, *SATURATED),
        always(normalization="batch"), on_network=True, price=0.5, family="normalisation",
    ),
    Cure(
        "layer_norm", "Layer normalisation",
        "Brings the pre-activations of every layer back to one size, whatever the weights are.",
        (*UNHEALTHY_DEPTH, *DEAD, *SATURATED, "batch_of_one"),
        layer_norm, on_network=True, price=1.0, family="normalisation", eases_in=makes_alike,
    ),
    Cure(
        "residual", "Residual connections",
        "Adds each layer's input to its output, so that the gradient has a way past every layer.",
        (*SHRINKS, *FAINT), residual, on_network=True, price=0.5,
    ),
    Cure(
        "no_skip", "Without skip connections",
        "What every layer adds to its input has a mean, which piles up from layer to layer.",
        (*GROWS, *AT_THE_START), without_skip, on_network=True, price=0.5,
    ),
    Cure(
        "no_decay", "No weight decay",
        "Weight decay times learning rate is what every step takes away from all weights, whatever "
        "the gradient says.",
        ("heavy_decay", *FAST), without_decay,
    ),
    Cure(
        "looser_clip", "Clipping threshold 1",
        "Only a gradient whose norm, or entry, is larger than 1 is shortened.",
        CLIPPED, looser_clipping,
    ),
    Cure(
        "no_clip", "No clipping",
        "The gradient stays as long as it is.",
        CLIPPED, without_clipping,
    ),
    Cure(
        "wider", "Layers of 100 units",
        "All n units of a ReLU layer are inactive for one sample in 2ⁿ: of a few units that is "
        "often enough, and nothing passes through them.",
        (NARROW,), wider, needs_rate=True,
    ),
    Cure(
        "larger_batch", "Batches of 64",
        "Mean and variance over a batch tell its samples apart; of one sample they leave nothing.",
        ("batch_of_one",), larger_batch,
    ),
    Cure(
        "take_back", "Take the change back",
        "Takes the learning rate that there was before it was raised, a few steps before the end.",
        RAISED_RATE, always(), family="rate", takes_back=True,
    ),
    Cure(
        "usual_slower", "Usual learning rate",
        "Takes the rate that a search usually begins with: 0.01, or 0.001 for a rule that divides "
        "by the gradient's own size; less where the network is deep.",
        (*FAST, *RAISED_RATE, WITH_TRAINING), to_usual_rate(lower=True), price=1.5, family="rate",
        also=(*BURST, *LOUD), eases=(*LARGE_NORM, "grown_forward"),
    ),
    Cure(
        "slower", "Learning rate ÷ 10",
        "Every update becomes a tenth as long.",
        (*FAST, *RAISED_RATE, WITH_TRAINING), multiply_rate(1.0 / TENFOLD), price=2.0,
        family="rate", also=(*BURST, *LOUD), shortens=TENFOLD,
        eases=(*LARGE_NORM, "grown_forward"),
    ),
    Cure(
        "much_slower", "Learning rate ÷ 100",
        "Every update becomes a hundredth as long.",
        FAST, multiply_rate(1.0 / TENFOLD**2), price=2.5, family="rate",
    ),
    Cure(
        "clip", "Clip the gradient",
        "Shortens the whole gradient to norm 1 where it is longer; its direction stays.",
        BURST, clip, price=2.0, also=RAISED_RATE, eases=LARGE_NORM,
    ),
    Cure(
        "usual_faster", "Usual learning rate",
        "Takes the rate that a search usually begins with: 0.01, or 0.001 for a rule that divides "
        "by the gradient's own size; less where the network is deep.",
        SLOW, to_usual_rate(lower=False), family="rate",
    ),
    Cure(
        "faster", "Learning rate × 10",
        "Every update becomes ten times as long.",
        SLOW, multiply_rate(TENFOLD), family="rate",
    ),
    Cure(
        "no_dropout", "No dropout",
        "The noise of dropout adds up over the layers, until little is left of what tells one "
        "sample from another.",
        GUESSES, without_dropout,
    ),
    Cure(
        "adam", "Adam",
        "Divides every update by the gradient's own size, so that small gradients move as well.",
        (*SLOW, *GUESSES), to_adam, also=FAINT,
    ),
    Cure(
        "leaky", "Leaky ReLU",
        "A small slope is left where ReLU has none, so that a silent unit can come back.",
        DEAD, leaky, needs_rate=True,
    ),
    Cure(
        "unsaturated", "ReLU with He",
        "ReLU has no flat end on the positive side.",
        SATURATED, unsaturated, on_network=True, price=1.0, family="activation",
    ),
    Cure(
        "dynamic_scale", "Dynamic loss scale",
        "Multiplies the loss by as much as float16 can bear, and divides the gradient by it again.",
        FORMAT, half_precision(loss_scale="dynamic"),
    ),
    Cure(
        "mixed_float16", "Mixed float16",
        "Weights, and what the optimiser remembers of gradients, stay in float32.",
        (Manner.ROUNDING.value,), half_precision(precision="mixed_float16"), needs_rate=True,
    ),
    Cure(
        "bfloat16", "bfloat16",
        "Has the range of float32, with fewer digits.",
        (*FORMAT, Manner.ROUNDING.value),
        half_precision(precision="bfloat16", loss_scale=1.0), needs_rate=True,
    ),
    Cure(
        "float32", "float32",
        "Reaches from 1e-38 to 3e38.",
        (*FORMAT, Manner.ROUNDING.value),
        half_precision(precision="float32", loss_scale=1.0), needs_rate=True,
    ),
    Cure(
        "smaller_scale", "Loss scale 1",
        "The gradient is stored as it is.",
        ("overflow16", "near_overflow", Manner.NUMBER_FORMAT.value), smaller_scale,
    ),
    Cure(
        "float64", "float64",
        "Reaches down to 1e-308: the gradient stays as small, but can be seen.",
        ("underflow32",), double, eases=("underflow32",),
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
