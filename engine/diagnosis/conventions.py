"""The conventions that nobody can change while a run goes on: what is measured is made with them.

They stand below the thresholds, with the reason why they are fixed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FixedConvention:
    """A number that cannot be changed, since what is measured and recorded is made with it.

    Attributes:
        value: the number.
        label, unit, source: as of a `Threshold`.
        help: what it decides, and why it is fixed.
    """

    value: float
    label: str
    unit: str
    source: str
    help: str


def fixed_conventions() -> tuple[FixedConvention, ...]:
    """Return the numbers that verdicts hang on and nobody can change while a run goes on."""
    from engine.activations import SATURATION_SLOPE
    from engine.diagnosis.last_steps import TYPICAL_STEPS
    from engine.probes import DEAD_SAMPLES, DEAD_STEPS
    from engine.units import DISTINCT_TOLERANCE

    return (
        FixedConvention(
            TYPICAL_STEPS, "Typical of the last", "steps",
            "measured: a batch differs from the next by some hundredths of a decade",
            "Verdicts are on the median of so many steps. Fixed: the typical numbers that are "
            "shown beside a verdict are made with it too.",
        ),
        FixedConvention(
            DEAD_STEPS, "Dead: window of", "steps",
            "SageMaker Debugger, rule DeadRelu, for many batches",
            "A unit is dead that no sample of so many steps has activated. Fixed: it is counted "
            "while the network trains.",
        ),
        FixedConvention(
            DEAD_SAMPLES, "… and at least", "samples",
            "convention: one in a hundred, found by chance in every window",
            "With small batches the window is longer, until it holds so many samples. Fixed: it "
            "is counted while the network trains.",
        ),
        FixedConvention(
            SATURATION_SLOPE, "Saturated: slope below", "of the largest",
            "Karpathy's lectures: |tanh| above 0.97",
            "An activation counts as saturated where the slope of φ is a smaller share of its "
            "largest. Fixed: it is counted while the network trains.",
        ),
        FixedConvention(
            DISTINCT_TOLERANCE, "Symmetric: alike to", "of the layer's largest",
            "measured: as well as sums in float32 agree; the definition says 1e-6",
            "Two units count as one where their weights, biases and gradients differ by less. "
            "Fixed: it is counted while the network trains.",
        ),
    )  # fmt: skip
