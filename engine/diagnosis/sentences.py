"""Sentences with numbers in them, that a person may read in any language.

The engine knows no language: it hands over a template, in English, and what stands in its places.
The window translates the template and writes the numbers in its own way; a console writes both as
they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How a number is to be written."""

    COUNT = "count"
    DECADES = "decades"
    FACTOR = "factor"
    # A setting, with the digits that it was given.
    GIVEN = "given"
    LAYER = "layer"
    PLAIN = "plain"
    POWER = "power"
    SHARE = "share"


# The number that stands for the output layer where layers are numbered from 1.
OUTPUT_NUMBER = 0.0
# What a layer is called in a sentence.
LAYER_WORDS = ("layer {0}", "the output layer")


@dataclass(frozen=True)
class Amount:
    """A number in a sentence."""

    value: float
    style: Style

    def english(self) -> str:
        """Return it in plain text."""
        value = self.value
        if not math.isfinite(value):
            return str(value)
        match self.style:
            case Style.COUNT:
                return str(round(value))
            case Style.LAYER:
                numbered, output = LAYER_WORDS
                return output if value == OUTPUT_NUMBER else numbered.format(round(value))
            case Style.DECADES:
                return f"{value:.1f}"
            case Style.SHARE:
                # 1.4 % of the weights is not the 1 % that it is compared with.
                if value >= 10.0:
                    return f"{100.0 * value:.3g} %"
                return f"{100.0 * value:.{0 if value >= 0.1 else 1}f} %"
            case Style.GIVEN:
                return f"{value:g}"
            case Style.POWER:
                # Two digits, as many as of decades.
                return f"{value:.1e}" if value else "0"
            case Style.FACTOR if 0.1 <= value < 10.0:
                return f"{value:.2f}"
        return f"{value:.3g}"


@dataclass(frozen=True)
class Choice:
    """The name of a choice in a sentence: an activation, an initialiser."""

    name: str

    def english(self) -> str:
        """Return it in plain text."""
        return self.name


@dataclass(frozen=True)
class Phrase:
    """Words of the engine in a sentence, which are translated on their own."""

    words: str
    parts: tuple[Amount, ...] = ()

    def english(self) -> str:
        """Return it in plain text."""
        return self.words.format(*(part.english() for part in self.parts))


@dataclass(frozen=True)
class Sentence:
    """A template with places {0}, {1} … and what stands in them."""

    template: str
    parts: tuple[Amount | Choice | Phrase, ...] = ()

    def english(self) -> str:
        """Return it in plain text."""
        return self.template.format(*(part.english() for part in self.parts))
