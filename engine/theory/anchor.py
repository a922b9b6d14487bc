"""The few measured numbers that the prediction hangs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.theory.prediction import Prediction, predict

if TYPE_CHECKING:
    from engine.config import RunConfig


@dataclass(frozen=True)
class Anchor:
    """What was measured in the first step.

    Attributes:
        widths: features, hidden widths, units of the output layer.
        samples: in the batch.
        input_mean_square: of the batch.
        last_gradient_norm: L2 norm of dL/dh at the last hidden layer.
    """

    widths: tuple[int, ...]
    samples: int
    input_mean_square: float
    last_gradient_norm: float

    def predict(self, config: RunConfig) -> Prediction:
        """Return what theory expects of every layer at initialisation."""
        return predict(
            config,
            self.widths,
            self.input_mean_square,
            self.last_gradient_norm,
            batch_size=self.samples,
        )
