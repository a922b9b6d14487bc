"""What one training step leaves behind: a finished, frozen record of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS

if TYPE_CHECKING:
    from engine.config import RunConfig
    from engine.histograms import GradientHistogram

# Per-layer quantities, in the order of the columns of layers.csv (its last stands behind theory).
LAYER_QUANTITIES = (
    "activation_mean",
    "activation_rms",
    "activation_grad_norm",
    "weight_norm",
    "weight_grad_norm",
    "update_ratio",
    "saturated_fraction",
    "inactive_fraction",
    "zero_fraction",
    "subnormal_fraction",
    "nonfinite_count",
    "distinct_units",
)
LAYER_INDEX = {name: index for index, name in enumerate(LAYER_QUANTITIES)}

# Quantities of the whole network, in the order of the columns of steps.csv.
CURVE_QUANTITIES = (
    "loss",
    "accuracy",
    "grad_norm",
    "learning_rate",
    "loss_scale",
    "seconds",
)
CURVE_INDEX = {name: index for index, name in enumerate(CURVE_QUANTITIES)}
VALIDATION_QUANTITIES = ("validation_loss", "validation_accuracy")

OUTPUT_LAYER = "output"


def layer_name(row: int, depth: int) -> str:
    """Name a row of a layer array: "1" … "depth" from the input, then "output"."""
    return OUTPUT_LAYER if row == depth else str(row + 1)


def applies(quantity: str, config: RunConfig) -> bool:
    """Say whether a quantity has a meaning in an experiment, in its hidden layers."""
    activation = ACTIVATIONS[config.activation]
    if quantity == "saturated_fraction":
        return activation.saturates_beyond is not None
    return quantity != "inactive_fraction" or activation.has_flat_zero


def applicable(config: RunConfig) -> NDArray[np.bool_]:
    """Return which quantity has a meaning in which layer, (quantities, depth + 1)."""
    meant = np.array([applies(quantity, config) for quantity in LAYER_QUANTITIES])
    table = np.repeat(meant[:, None], config.depth + 1, axis=1)
    # The output layer has no φ.
    for name in ("saturated_fraction", "inactive_fraction"):
        table[LAYER_INDEX[name], -1] = False
    return table


@dataclass(frozen=True)
class FirstBad:
    """Where the first value stopped being finite.

    Attributes:
        step: the step in which it happened; the first step is 1.
        layer: "1" … "depth" or "output"; empty for the loss.
        tensor: "h", "loss", "dL/dh", "dL/dW" or "W", searched in this order: forward through
            the layers, the loss, backward through the layers, gradients, weights after the step.
    """

    step: int
    layer: str
    tensor: str


@dataclass(frozen=True)
class StepRecord:
    """The measurements of one step.

    Gradients are those of the mean loss of the batch at the weights before the update, after
    unscaling and before clipping. NaN where a quantity does not apply or is not a number.

    Attributes:
        step: 1 for the first step; 0 for what was measured before it.
        curves: float64, one value for each of `CURVE_QUANTITIES`.
        layers: float64 of shape (quantities, depth + 1), rows as `LAYER_QUANTITIES`,
            columns the layers 1 … depth and the output layer.
        validation: (loss, accuracy) where they were measured in this step, else None.
        first_bad: the first non-finite value of the run, if it has happened by now.
        histogram: of the entries of dL/dW, where it was taken in this step, else None.
        dead_fraction: share of the units of each hidden layer that no sample of the last full
            window activated, (depth,); None before one is full, or where φ is nowhere flat zero.
    """

    step: int
    curves: NDArray[np.float64]
    layers: NDArray[np.float64]
    validation: tuple[float, float] | None
    first_bad: FirstBad | None
    histogram: GradientHistogram | None = None
    dead_fraction: NDArray[np.float64] | None = None

    def curve(self, quantity: str) -> float:
        """Return one of `CURVE_QUANTITIES`."""
        return float(self.curves[CURVE_INDEX[quantity]])

    def layer(self, quantity: str) -> NDArray[np.float64]:
        """Return one of `LAYER_QUANTITIES` for every layer, shape (depth + 1,)."""
        row: NDArray[np.float64] = self.layers[LAYER_INDEX[quantity]]
        return row
