"""What a heatmap can show: one row for each quantity that is measured in every layer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from engine.config import RunConfig
from engine.precision import PRECISIONS
from engine.record import applies
from engine.snapshot import RunSnapshot
from gui.views.colour_scale import GRADIENTS, Scale

# Sizes share their decades with the gradients, so that their colours mean the same number.
_SIZES = Scale(GRADIENTS.low, GRADIENTS.high)
_UPDATES = Scale(GRADIENTS.low, GRADIENTS.high, marks=(-5, -2))
_SHARES = Scale(0.0, 1.0, logarithmic=False)


@dataclass(frozen=True)
class Quantity:
    """A quantity of every layer.

    Attributes:
        name: one of `engine.record.LAYER_QUANTITIES`.
        title: in words.
        brief: in one word, for where there is little room.
        symbol: as a formula; empty where there is none.
        scale: its fixed scale.
        output_row: the output layer has a row.
        of_width: it is shown as a share of the layer's width.
    """

    name: str
    title: str
    brief: str
    symbol: str
    scale: Scale
    output_row: bool = False
    of_width: bool = False

    def words(self) -> str:
        """Return the title in the language in force."""
        return QCoreApplication.translate("Quantities", self.title)

    def heads(self) -> tuple[str, str]:
        """Return a long and a short head for a picture, with the symbol."""
        brief = QCoreApplication.translate("Quantities", self.brief)
        return f"{self.words()}  {self.symbol}".strip(), f"{brief}  {self.symbol}".strip()

    def applies(self, config: RunConfig) -> bool:
        """Say whether the quantity has a meaning in this experiment."""
        return applies(self.name, config)


QUANTITIES = {
    quantity.name: quantity
    for quantity in (
        Quantity(
            "activation_grad_norm",
            QT_TRANSLATE_NOOP("Quantities", "Gradient at the activations"),
            QT_TRANSLATE_NOOP("Quantities", "Gradient"),
            "‖∂L/∂h‖",
            GRADIENTS,
        ),
        Quantity(
            "weight_grad_norm",
            QT_TRANSLATE_NOOP("Quantities", "Gradient at the weights"),
            QT_TRANSLATE_NOOP("Quantities", "Gradient"),
            "‖∂L/∂W‖",
            GRADIENTS,
            output_row=True,
        ),
        Quantity(
            "activation_rms",
            QT_TRANSLATE_NOOP("Quantities", "Size of the activations"),
            QT_TRANSLATE_NOOP("Quantities", "Activations"),
            "RMS h",
            _SIZES,
            output_row=True,
        ),
        Quantity(
            "update_ratio",
            QT_TRANSLATE_NOOP("Quantities", "Update of the weights"),
            QT_TRANSLATE_NOOP("Quantities", "Update"),
            "‖ΔW‖ / ‖W‖",
            _UPDATES,
            output_row=True,
        ),
        Quantity(
            "saturated_fraction",
            QT_TRANSLATE_NOOP("Quantities", "Saturated units"),
            QT_TRANSLATE_NOOP("Quantities", "Saturated"),
            "",
            _SHARES,
        ),
        Quantity(
            "inactive_fraction",
            QT_TRANSLATE_NOOP("Quantities", "Inactive units"),
            QT_TRANSLATE_NOOP("Quantities", "Inactive"),
            "",
            _SHARES,
        ),
        Quantity(
            "zero_fraction",
            QT_TRANSLATE_NOOP("Quantities", "Gradient exactly zero"),
            QT_TRANSLATE_NOOP("Quantities", "Zero"),
            "∂L/∂W = 0",
            _SHARES,
            output_row=True,
        ),
        Quantity(
            "distinct_units",
            QT_TRANSLATE_NOOP("Quantities", "Distinct units"),
            QT_TRANSLATE_NOOP("Quantities", "Distinct"),
            "",
            _SHARES,
            of_width=True,
        ),
    )
}


def smallest_normal(run: RunSnapshot, quantity: str) -> NDArray[np.float64] | None:
    """Return what a size is at least in each layer where its numbers have all their digits.

    Below it the root mean square of the numbers is subnormal in the run's format. A gradient is
    stored times the loss scale, of which the newest is taken.

    Args:
        run: at a step.
        quantity: key of `QUANTITIES`.

    Returns:
        One value for each layer, the output layer last; None for what is no size in that format.
    """
    config, anchor = run.config, run.anchor
    widths = (1, *config.widths, 1) if anchor is None else anchor.widths
    samples = config.batch_size if anchor is None else anchor.samples
    scale = run.record.curve("loss_scale") if run.record is not None else 1.0
    if quantity == "activation_rms" or not scale > 0.0:
        scale = 1.0
    return _smallest_normal(quantity, tuple(widths), samples, config.precision, scale)


@lru_cache(maxsize=16)
def _smallest_normal(
    quantity: str, widths: tuple[int, ...], samples: int, precision: str, scale: float
) -> NDArray[np.float64] | None:
    units = np.array(widths, np.float64)
    entries = {
        "activation_rms": np.ones(len(units) - 1),
        "activation_grad_norm": samples * units[1:],
        "weight_grad_norm": units[:-1] * units[1:],
    }.get(quantity)
    if entries is None:
        return None
    smallest, _ = PRECISIONS[precision].gradient_limits()
    made: NDArray[np.float64] = smallest / scale * np.sqrt(entries)
    return made
