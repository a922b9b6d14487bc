"""Sentences of the engine in the language of the window."""

from __future__ import annotations

from engine.diagnosis.sentences import (
    LAYER_WORDS,
    OUTPUT_NUMBER,
    Amount,
    Choice,
    Phrase,
    Sentence,
    Style,
)
from gui import numbers
from gui.translation import choice_text, engine_text, spaced


def sentence_text(sentence: Sentence) -> str:
    """Return a sentence with its numbers as the window writes them."""
    template = engine_text(sentence.template)
    return spaced(template.format(*(_part_text(part) for part in sentence.parts)))


def sentences_text(sentences: tuple[Sentence, ...]) -> str:
    """Return some sentences, one after the other."""
    return spaced(" ".join(sentence_text(sentence) for sentence in sentences))


def _part_text(part: Amount | Choice | Phrase) -> str:
    if isinstance(part, Amount):
        return _amount_text(part)
    if isinstance(part, Choice):
        return choice_text(part.name)
    return engine_text(part.words).format(*(_amount_text(amount) for amount in part.parts))


def _amount_text(amount: Amount) -> str:
    value = amount.value
    if amount.style is Style.LAYER:
        numbered, output = LAYER_WORDS
        return engine_text(output if value == OUTPUT_NUMBER else numbered).format(round(value))
    if amount.style is Style.SHARE:
        return numbers.percent(value)
    if value == 0.0:
        return "0"
    match amount.style:
        case Style.COUNT:
            return str(round(value))
        case Style.DECADES:
            return f"{value:.1f}"
        case Style.FACTOR:
            return numbers.factor(value)
        case Style.GIVEN:
            return f"{value:g}"
        case Style.POWER:
            return numbers.scientific(value)
    return numbers.plain(value)
