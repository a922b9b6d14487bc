"""What the data of an experiment were taken for, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

if TYPE_CHECKING:
    from engine.datasets import DataShape

translate = QCoreApplication.translate


def data_words(shape: DataShape) -> str:
    """Say how many samples there are, of how many features, and what is to be told of them."""
    words = [
        translate("Data", "samples: {0}").format(shape.samples),
        translate("Data", "features: {0}").format(shape.features),
    ]
    if shape.classes:
        words.append(translate("Data", "classes: {0}").format(shape.classes))
    else:
        words.append(translate("Data", "regression, targets: {0}").format(shape.targets))
    if shape.header:
        words.append(translate("Data", "the first row names the columns"))
    return "  ·  ".join(words)
