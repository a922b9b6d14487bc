"""The conventions behind the verdicts, in one table that the person can see and change.

Where a verdict begins is a convention and no law of nature. Every number is declared once, with
its unit, the source that it comes from, and what it decides. A few stand where they are measured
with, and cannot be changed while a run goes on: `engine.diagnosis.conventions`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.diagnosis.threshold_declaration import Threshold, threshold
from engine.fields import ConfigError, Real, Whole

ANY_SHARE = Real(0.0, 1.0)
ANY_SIZE = Real(0.0, 1e300)
# From no decades at all every gradient would count as lost and as gained.
SOME_DECADES = Real(0.1, 300.0)


# Pairs of which the first must not be the larger one.
NOT_ABOVE = (
    ("strong_leave", "strong_decades"),
    ("weak_leave", "weak_decades"),
    ("weak_decades", "strong_decades"),
    ("stalled_update", "moving_update"),
    ("healthy_gradient_low", "healthy_gradient_high"),
    ("healthy_update_low", "healthy_update_high"),
    ("healthy_update_high", "huge_update"),
    ("stalled_update", "healthy_update_low"),
    ("uniform_update", "healthy_update_low"),
    ("saturated_warning", "saturated_alarm"),
    ("dead_warning", "dead_alarm"),
)


class ContradictionError(ConfigError):
    """Two thresholds of `NOT_ABOVE` that cannot both hold.

    Attributes:
        lower, upper: their names.
        lower_value, upper_value: what they would be.
    """

    def __init__(self, thresholds: Thresholds, lower: str, upper: str) -> None:
        self.lower, self.upper = lower, upper
        self.lower_value = float(getattr(thresholds, lower))
        self.upper_value = float(getattr(thresholds, upper))
        super().__init__(
            lower,
            f"{self.lower_value:g}",
            f"must not be above {upper}, which is {self.upper_value:g}",
        )


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """One number for each convention.

    Raises:
        ConfigError: a number is out of range; `ContradictionError`: two cannot both hold.
    """

    strong_decades: float = threshold(
        3.0,
        SOME_DECADES,
        "Vanished or exploded from",
        "decades",
        "AutoTrainer (Zhang et al. 2021), there for weight gradients: 1e-3",
        "Decades between the last and the first hidden layer from which the gradient counts as "
        "vanished or exploded.",
    )
    strong_leave: float = threshold(
        2.5,
        Real(0.0, 300.0),
        "… until below",
        "decades",
        "convention: half a decade of hysteresis",
        "The verdict is withdrawn only when so many decades or fewer are left.",
    )
    weak_decades: float = threshold(
        1.0,
        SOME_DECADES,
        "Weakly from",
        "decades",
        "measured: five standard deviations between seeds (depth 20, width 128, ReLU)",
        "Decades from which the gradient counts as weakly vanishing or weakly exploding.",
    )
    weak_leave: float = threshold(
        0.8,
        Real(0.0, 300.0),
        "… until below",
        "decades",
        "convention: a fifth of a decade of hysteresis",
        "The weak verdict is withdrawn only when so many decades or fewer are left.",
    )
    chance_deviations: float = threshold(
        2.0,
        Real(0.0, 100.0),
        "Beyond chance",
        "standard deviations",
        "Hanin and Nica 2019: the spread between networks of this width and depth",
        "Decades count only where they exceed so many standard deviations between seeds.",
    )
    readings: int = threshold(
        5,
        Whole(1, 1000),
        "Readings in a row",
        "readings",
        "convention",
        "Near its limit a verdict comes or goes after so many readings in a row that agree.",
    )
    doubt: float = threshold(
        0.3,
        ANY_SHARE,
        "… only within",
        "share of the limit",
        "convention: more than batches differ by",
        "What is farther beyond a limit than this changes the verdict at once.",
    )
    tiny_gradient: float = threshold(
        1e-7,
        ANY_SIZE,
        "Tiny weight gradient",
        "",
        "SageMaker Debugger, rule VanishingGradient",
        "A layer whose ∂L/∂W has a smaller mean magnitude gets no gradient to speak of.",
    )
    stalled_update: float = threshold(
        1e-7,
        ANY_SIZE,
        "Layer stands still",
        "of the weights",
        "four decades below Karpathy's 1e-3",
        "A layer whose update is smaller than this does not learn while another does.",
    )
    moving_update: float = threshold(
        1e-4,
        ANY_SIZE,
        "… while another moves",
        "of the weights",
        "a tenth of Karpathy's 1e-3",
        "The update of a layer that does learn.",
    )
    uniform_update: float = threshold(
        1e-6,
        ANY_SIZE,
        "All layers stand still",
        "of the weights",
        "Glorot and Bengio 2010, eq. 14: Xavier with ReLU at depth 30",
        "With smaller updates in every layer the whole network stalls, however even its gradient.",
    )
    flat_weight_slope: float = threshold(
        0.02,
        ANY_SIZE,
        "Even weight gradient",
        "decades per layer",
        "He et al. 2015, figure 3, measured",
        "A slope of ∂L/∂W over the layers that looks like no slope at all.",
    )
    large_norm: float = threshold(
        1e3,
        ANY_SIZE,
        "Large gradient norm",
        "",
        "Mu Li's lecture: a healthy gradient lies in [1e-6, 1e3]",
        "The norm of the gradient of all parameters from which it counts as exploded.",
    )
    spike: float = threshold(
        10.0,
        Real(1.0, 1e9),
        "Spike",
        "× running median",
        "convention: an order of magnitude",
        "A gradient norm so many times its running median, and that of the last nine steps, and "
        "above its first value, is a spike. Steps in which it had vanished are not counted: rising "
        "back to its usual size is none.",
    )
    spike_steps: int = threshold(
        50,
        Whole(10, 1000),
        "… over the last",
        "steps",
        "convention: some tens of batches make a median",
        "How many steps the running median is taken of, and for how many a spike is told of.",
    )
    forward_growth: float = threshold(
        1e3,
        Real(1.0, 1e300),
        "Activations grow",
        "× from first to last",
        "mirror of the backward 1e-3",
        "Growth of the mean square of the activations from the first to the last hidden layer.",
    )
    huge_update: float = threshold(
        0.1,
        ANY_SIZE,
        "Huge update",
        "of the weights",
        "SageMaker Debugger warns at 10; a tenth of the weights in one step is too much already",
        "An update from which the learning rate counts as too high, whatever the gradient does.",
    )
    healthy_gradient_low: float = threshold(
        1e-6,
        ANY_SIZE,
        "Healthy gradient from",
        "",
        "Mu Li's lecture: [1e-6, 1e3]",
        "Root mean square of ∂L/∂h of one sample.",
    )
    healthy_gradient_high: float = threshold(
        1e3,
        ANY_SIZE,
        "… up to",
        "",
        "Mu Li's lecture: [1e-6, 1e3]",
        "Root mean square of ∂L/∂h of one sample.",
    )
    healthy_update_low: float = threshold(
        1e-5,
        ANY_SIZE,
        "Healthy update from",
        "of the weights",
        "two decades below Karpathy's 1e-3",
        "A smaller update moves a layer hardly at all.",
    )
    healthy_update_high: float = threshold(
        1e-2,
        ANY_SIZE,
        "… up to",
        "of the weights",
        "a decade above Karpathy's 1e-3",
        "A larger update makes training restless.",
    )
    cliff_decades: float = threshold(
        2.0,
        SOME_DECADES,
        "Cliff",
        "decades",
        "convention: far beyond any per-layer factor",
        "A jump of the gradient at one layer beyond the common slope.",
    )
    bent_decades: float = threshold(
        1.0,
        SOME_DECADES,
        "Bent line",
        "decades",
        "convention: as many as make a weak verdict",
        "By so much the decades by the slope and those from end to end differ where a bend of the "
        "line over the layers is named.",
    )
    symmetric_units: int = threshold(
        1,
        Whole(1, 4096),
        "Symmetric",
        "distinct units",
        "Dive into Deep Learning 5.4; alike to 1e-5 of the layer's largest",
        "A layer with so few distinct units, or fewer, is symmetric. Units count as distinct where "
        "weights, bias or their gradient differ by more than 1e-5 of the largest; closer than that "
        "sums in float32 do not agree, whatever the units.",
    )
    inactive_samples: int = threshold(
        256,
        Whole(1, 65536),
        "Inactive: told from a batch of",
        "samples",
        "convention: in fewer samples a sound unit is often zero by chance",
        "Units that are zero for a whole batch are counted only where it has so many samples. "
        "They are no fault: in a deep ReLU network that is healthy, half of them may be.",
    )
    dead_alarm: float = threshold(
        0.5,
        ANY_SHARE,
        "Dead units: alarm",
        "share of a layer",
        "SageMaker Debugger, rule DeadRelu",
        "Share of units that no sample of the last window (at least 50 steps and 1000 samples) has "
        "activated. The rule says fewer than 1 %; here it is none at all, since only the largest "
        "activation of a unit is kept, not their number: to count them would read all of them once "
        "more in every step.",
    )
    dead_warning: float = threshold(
        0.1,
        ANY_SHARE,
        "Dead units: warning",
        "share of a layer",
        "Lu et al. 2019: what counts is what training has added",
        "By so much the share of dead units exceeds the share that was inactive at the start.",
    )
    saturated_warning: float = threshold(
        0.2,
        ANY_SHARE,
        "Saturated: warning",
        "share of a layer",
        "Karpathy's lectures: 5 % at gain 5/3, 41 % at gain 3",
        "Share of activations where the slope of φ is below a twentieth of its maximum.",
    )
    saturated_alarm: float = threshold(
        0.5,
        ANY_SHARE,
        "Saturated: alarm",
        "share of a layer",
        "Karpathy's lectures: 85 % with N(0, 1) at width 128",
        "Share of activations where the slope of φ is below a twentieth of its maximum.",
    )
    diverged_loss: float = threshold(
        1e5,
        ANY_SIZE,
        "Diverged: loss above",
        "",
        "AutoTrainer (Zhang et al. 2021)",
        "A loss that has risen above this in two of three steps has diverged; one that began above "
        "it, once it is as many times its first value as the next row says.",
    )
    diverged_growth: float = threshold(
        10.0,
        Real(1.0, 1e9),
        "Diverged: loss risen",
        "× first loss",
        "convention: an order of magnitude",
        "A loss that stays above so many times its first value has diverged.",
    )
    diverged_steps: int = threshold(
        20,
        Whole(1, 10**6),
        "… for",
        "steps",
        "convention",
        "For how long the loss has to stay there.",
    )
    jump_steps: int = threshold(
        3,
        Whole(1, 1000),
        "A jump takes at most",
        "steps",
        "convention: an update, the gradient after it, and the next",
        "When a run has ended: a rise of the gradient in so many steps or fewer is a jump, a "
        "slower one is laid to the learning rate.",
    )
    harmless_size: float = threshold(
        650.0,
        ANY_SIZE,
        "Nothing has grown below",
        "",
        "IEEE 754: a hundredth of 65504, where float16 ends",
        "When a run in float16 has ended: where all that is finite is smaller than this, the "
        "number format is to blame and not growth.",
    )
    progress: float = threshold(
        0.01,
        ANY_SHARE,
        "Learning: loss fallen by",
        "share of the first",
        "convention: more than batches differ by",
        "A loss that has fallen by less, a hundred steps after the start, has not begun to fall.",
    )
    above_guessing: float = threshold(
        5.0,
        Real(1.0, 1e9),
        "Loss far above guessing",
        "× that of guessing",
        "convention: weights that keep sizes begin below twice that of guessing",
        "A loss so many times that of giving every class the same probability comes from outputs "
        "that are far too large.",
    )
    underflow: float = threshold(
        0.05,
        ANY_SHARE,
        "Underflow",
        "share of entries",
        "Micikevicius et al. 2018: 5 % of entries below 2^-24",
        "Share of the entries of ∂L/∂W that the number format has rounded to zero.",
    )
    near_overflow: float = threshold(
        3e4,
        ANY_SIZE,
        "Near overflow in float16",
        "",
        "IEEE 754: float16 ends at 65504",
        "A largest entry above this is one unlucky batch away from Inf. It is estimated: see the "
        "next row. An entry that is not finite is found exactly, wherever it is.",
    )
    largest_by_rms: float = threshold(
        4.0,
        Real(1.0, 1e6),
        "… largest entry",
        "× root mean square",
        "normal distribution: one entry of 16 000 lies beyond four standard deviations",
        "The largest entry is taken to be so many times the root mean square: to measure it would "
        "read every activation and gradient once more in every step.",
    )
    smallest_float32: float = threshold(
        1e-38,
        ANY_SIZE,
        "Limit of float32",
        "",
        "IEEE 754: smallest normal number 1.2e-38",
        "A root mean square below this has lost its digits.",
    )

    def __post_init__(self) -> None:
        for name, declaration in THRESHOLD_TABLE.items():
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, declaration.kind.read(value))
            except (ValueError, OverflowError):
                raise ConfigError(name, value, declaration.kind.allowed()) from None
        for lower, upper in NOT_ABOVE:
            if getattr(self, lower) > getattr(self, upper):
                raise ContradictionError(self, lower, upper)

    def changed(self) -> dict[str, float]:
        """Return the numbers that are not the defaults, by name."""
        return {
            item.name: getattr(self, item.name)
            for item in dataclasses.fields(self)
            if getattr(self, item.name) != item.default
        }


# The declarations in order, by field name.
THRESHOLD_TABLE: Mapping[str, Threshold] = {
    item.name: item.metadata["threshold"] for item in dataclasses.fields(Thresholds)
}
THRESHOLDS = Thresholds()


def thresholds_from(values: Mapping[str, object]) -> Thresholds:
    """Return the thresholds with some numbers changed; what is unknown or refused stays.

    What was stored by another version must not keep the window from opening. Of two numbers that
    contradict one another neither is taken.
    """
    taken: dict[str, Any] = {}
    for name, value in values.items():
        if name in THRESHOLD_TABLE:
            try:
                taken[name] = THRESHOLD_TABLE[name].kind.read(value)
            except (ValueError, OverflowError):
                continue
    while True:
        try:
            return Thresholds(**taken)
        except ContradictionError as error:
            for name in (error.lower, error.upper):
                taken.pop(name, None)
