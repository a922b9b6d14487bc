"""The few measured numbers that the prediction hangs on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.activations import Array
from engine.checked import floats, number, whole
from engine.theory.prediction import Prediction, predict
from engine.theory.weight_gradients import Grams

if TYPE_CHECKING:
    from engine.config import RunConfig

# So many samples tell the sums over a whole batch to a few percent (tests/engine/test_theory.py).
GRAM_SAMPLES = 32
# All pairs of them cost up to a millisecond a layer, once; deeper networks do without.
GRAM_DEPTH = 200
# More features, units or samples are in no network that fits into a machine.
MOST_UNITS = 2**31


@dataclass(frozen=True)
class Anchor:
    """What was measured in the first step.

    Attributes:
        widths: features, hidden widths, units of the output layer.
        samples: in the batch.
        input_mean_square: of the batch.
        last_gradient_norm: L2 norm of dL/dh at the last hidden layer.
        grams: inner products of the first samples of the batch; None: the weight gradients are
            not predicted.
    """

    widths: tuple[int, ...]
    samples: int
    input_mean_square: float
    last_gradient_norm: float
    grams: Grams | None = field(default=None, compare=False)

    def predict(self, config: RunConfig) -> Prediction:
        """Return what theory expects of every layer at initialisation."""
        return predict(
            config,
            self.widths,
            self.input_mean_square,
            self.last_gradient_norm,
            self.grams,
            self.samples,
        )

    def numbers(self) -> dict[str, Any]:
        """Return all but the inner products, as JSON values."""
        return {
            "widths": self.widths,
            "samples": self.samples,
            "input_mean_square": self.input_mean_square,
            "last_gradient_norm": self.last_gradient_norm,
        }

    def arrays(self) -> dict[str, Array]:
        """Return the inner products by name, as `read` takes them."""
        if self.grams is None:
            return {}
        kept = {f"gram_{name}": array for name, array in vars(self.grams).items()}
        return {name: array for name, array in kept.items() if array is not None}

    @staticmethod
    def read(numbers: Mapping[str, Any], arrays: Mapping[str, Array]) -> Anchor:
        """Return what `numbers` and `arrays` were made from.

        Raises:
            ValueError, TypeError, KeyError: they are damaged.
        """
        grams = None
        if "gram_inputs" in arrays:
            logits = arrays.get("gram_logit_gradients")
            shape = (arrays["gram_inputs"].shape[0],) * 2
            grams = Grams(
                floats(arrays["gram_inputs"], shape),
                floats(arrays["gram_last_gradients"], shape),
                None if logits is None else floats(logits, shape),
            )
        return Anchor(
            widths=tuple(whole(width, 1, MOST_UNITS) for width in numbers["widths"]),
            samples=whole(numbers["samples"], 1, MOST_UNITS),
            input_mean_square=number(numbers["input_mean_square"]),
            last_gradient_norm=number(numbers["last_gradient_norm"]),
            grams=grams,
        )
