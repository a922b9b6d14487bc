"""What the data of an experiment were taken for, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.translation import engine_text

if TYPE_CHECKING:
    from engine.datasets import DataShape


def data_words(shape: DataShape) -> str:
    """Say how many samples there are, of how many features, and what is to be told of them."""
    return "  ·  ".join(engine_text(words).format(number) for words, number in shape.facts)
