"""What a verdict looks at: one step among the last ones, in a few numbers for each layer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.config import RunConfig
from engine.diagnosis.last_steps import LastSteps
from engine.record import LAYER_INDEX, LAYER_QUANTITIES, StepRecord
from engine.slope import gradient_decades, slope_of
from engine.theory.anchor import Anchor
from engine.theory.prediction import Prediction

Array = NDArray[np.float64]

# The loss differs by far more from batch to batch, and is compared with a limit of a percent.
TYPICAL_LOSS_STEPS = 25


@dataclass(frozen=True)
class Past:
    """What a verdict has to remember of the steps before. The beginning of a run is all zeros.

    Attributes:
        first_loss: loss of the first step.
        typical_loss: median loss of the last steps.
        late_loss: the same of fewer of them.
        high_loss_steps: for how many steps the loss has been too many times its first value.
        typical_norm: median norm of the whole gradient over the last steps.
        spike_step: the step of the last spike of that norm, 0 if none is recent.
        spike_ratio: that norm by its running median.
        spike_norm: that norm.
        first_inactive: share of inactive units in the first step, by hidden layer.
        backed_off: the loss scale was lowered of late, because the gradient overflowed.
    """

    first_loss: float = math.nan
    typical_loss: float = math.nan
    late_loss: float = math.nan
    high_loss_steps: int = 0
    typical_norm: float = math.nan
    spike_step: int = 0
    spike_ratio: float = math.nan
    spike_norm: float = math.nan
    first_inactive: Array | None = None
    backed_off: bool = False


@dataclass(frozen=True)
class Reading:
    """The numbers that the criteria judge. Arrays hold the hidden layers 1 … depth.

    Attributes:
        record: the newest step.
        config: the experiment.
        past: what went before.
        norms: L2 norm of dL/dh over the batch.
        decades: lost from the last hidden layer to the first; NaN where one of them gets none.
        layers_used: layers whose norm is finite and not zero.
        slope: of log10 of the norms, per layer.
        weight_slope: the same of dL/dW.
        per_sample: root mean square of dL/dh for one sample, without the 1/B of the mean loss.
        entry: root mean square of the entries of dL/dW, of those that are not zero.
        all_entries: the same of all of them.
        samples: in the batch.
        update: update by weight, the output layer last, (depth + 1,).
        descent: likewise what plain gradient descent would make it, without clipping.
        activation_rms: root mean square of h.
        saturated: share of activations on the flat parts of φ; NaN where φ has none.
        inactive: share of units that are zero for the whole batch; NaN likewise.
        zero: share of the entries of dL/dW that are exactly zero.
        subnormal: share of those entries that are subnormal.
        distinct: units whose incoming weights differ.
        chance: standard deviation of `decades` between seeds, by theory; 0 without one.
        guessing_loss: mean of −log p where every class has the same p; NaN in a regression, and
            where the number of classes is not known.
        relief: by how much the loss has fallen since the start, at least 1. A gradient shrinks
            with the loss; that is no fault of the network's.
    """

    record: StepRecord
    config: RunConfig
    past: Past
    norms: Array
    decades: float
    layers_used: int
    slope: float
    weight_slope: float
    per_sample: Array
    entry: Array
    all_entries: Array
    samples: int
    update: Array
    descent: Array
    activation_rms: Array
    saturated: Array
    inactive: Array
    zero: Array
    subnormal: Array
    distinct: Array
    chance: float
    guessing_loss: float
    relief: float

    @property
    def depth(self) -> int:
        """Number of hidden layers."""
        return len(self.norms)

    @property
    def first_share(self) -> float:
        """What the first hidden layer receives of the gradient of the last."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(self.norms[0] / self.norms[-1])


def read(
    record: StepRecord,
    steps: LastSteps,
    config: RunConfig,
    past: Past,
    anchor: Anchor | None = None,
    prediction: Prediction | None = None,
) -> Reading:
    """Return the reading at a run's newest step.

    Args:
        record: the newest step.
        steps: the last ones, that step included.
        config: the experiment.
        past: what went before.
        anchor: widths and batch size as they are; None: as the experiment says.
        prediction: of the theory, for the spread between seeds.
    """
    typical = steps.median()
    row = {name: typical[LAYER_INDEX[name]] for name in LAYER_QUANTITIES}
    norms = steps.shown().norms
    decades, used = gradient_decades(norms)
    widths, samples = _sizes(config, anchor)
    hidden, entries = widths[1:-1], widths[:-2] * widths[1:-1]
    nonzero = np.maximum(1.0 - row["zero_fraction"][:-1], 1e-12)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        entry = row["weight_grad_norm"][:-1] / np.sqrt(entries * nonzero)
        descent = config.learning_rate * row["weight_grad_norm"] / row["weight_norm"]
    return Reading(
        record=record,
        config=config,
        past=past,
        norms=norms,
        decades=decades,
        layers_used=used,
        slope=slope_of(norms)[0],
        weight_slope=slope_of(row["weight_grad_norm"][:-1])[0],
        per_sample=norms * np.sqrt(samples / hidden),
        entry=entry,
        all_entries=row["weight_grad_norm"][:-1] / np.sqrt(entries),
        samples=samples,
        update=row["update_ratio"],
        descent=descent,
        activation_rms=row["activation_rms"][:-1],
        saturated=row["saturated_fraction"][:-1],
        inactive=row["inactive_fraction"][:-1],
        zero=row["zero_fraction"][:-1],
        subnormal=row["subnormal_fraction"][:-1],
        distinct=record.layer("distinct_units")[:-1],
        chance=_chance(prediction),
        guessing_loss=_guessing_loss(record, anchor),
        relief=_relief(past),
    )


def _sizes(config: RunConfig, anchor: Anchor | None) -> tuple[Array, int]:
    """Return the widths from the input to the output, and the batch size."""
    if anchor is not None:
        return np.array(anchor.widths, np.float64), anchor.samples
    hidden = np.array(config.widths, np.float64)
    return np.concatenate([hidden[:1], hidden, hidden[-1:]]), config.batch_size


def _chance(prediction: Prediction | None) -> float:
    if prediction is None or not np.isfinite(prediction.log_spread[0]):
        return 0.0
    return float(prediction.log_spread[0]) / math.log(10.0)


def _guessing_loss(record: StepRecord, anchor: Anchor | None) -> float:
    # In a regression there is no accuracy.
    if anchor is None or not math.isfinite(record.curve("accuracy")):
        return math.nan
    return math.log(anchor.widths[-1])


def _relief(past: Past) -> float:
    if not (past.first_loss > 0.0 and past.typical_loss > 0.0):
        return 1.0
    return max(1.0, past.first_loss / past.typical_loss)
