"""The labs, in the order in which they are offered: one row each."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

if TYPE_CHECKING:
    from gui.labs.lab import Lab


@dataclass(frozen=True)
class LabRow:
    """One lab.

    Attributes:
        number: as lectures call it.
        name: of its file in this folder.
        class_name: of its class in that file.
        title: its name for people, in English.
    """

    number: int
    name: str
    class_name: str
    title: str

    def title_text(self) -> str:
        """Return the title in the language of the window."""
        return QCoreApplication.translate("Labs", self.title)

    def load(self) -> type[Lab]:
        """Import the lab's file and return its class."""
        made: type[Lab] = getattr(import_module(f"gui.labs.{self.name}"), self.class_name)
        return made


LABS: tuple[LabRow, ...] = (
    LabRow(
        1,
        "activation_shape",
        "ActivationShapeLab",
        QT_TRANSLATE_NOOP("Labs", "Activation and derivative"),
    ),
    LabRow(
        2, "matrix_product", "MatrixProductLab", QT_TRANSLATE_NOOP("Labs", "Product of matrices")
    ),
    LabRow(3, "scalar_chain", "ScalarChainLab", QT_TRANSLATE_NOOP("Labs", "Scalar chain")),
    LabRow(4, "number_formats", "NumberFormatsLab", QT_TRANSLATE_NOOP("Labs", "Number formats")),
    LabRow(
        5,
        "layer_variance",
        "LayerVarianceLab",
        QT_TRANSLATE_NOOP("Labs", "Variance through the layers"),
    ),
    LabRow(6, "symmetry", "SymmetryLab", QT_TRANSLATE_NOOP("Labs", "Symmetry")),
    LabRow(7, "jacobian", "JacobianLab", QT_TRANSLATE_NOOP("Labs", "Jacobian spectrum")),
    LabRow(8, "gates", "GatesLab", QT_TRANSLATE_NOOP("Labs", "Gates and addition")),
    LabRow(9, "curve_fit", "CurveFitLab", QT_TRANSLATE_NOOP("Labs", "ReLU fits a curve")),
    LabRow(10, "shift", "ShiftLab", QT_TRANSLATE_NOOP("Labs", "Distribution shift")),
)
