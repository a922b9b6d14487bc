"""What a heatmap can show: one row for each quantity that is measured in every layer."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from engine.config import RunConfig
from engine.record import LAYER_INDEX, applicable
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
        return bool(applicable(config)[LAYER_INDEX[self.name]].any())


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
