"""Texts that come with the program in several languages, as its files hold them."""

from __future__ import annotations

from collections.abc import Mapping

# A text by the name of its language: {"en": …, "zh_CN": …}.
Texts = Mapping[str, str]
SOURCE_LANGUAGE = "en"
LANGUAGES = ("en", "zh_CN")


def in_language(texts: Texts, language: str) -> str:
    """Return a text in a language, or else in English, or else in the one that there is."""
    return texts.get(language) or texts.get(SOURCE_LANGUAGE) or next(iter(texts.values()), "")


def read_texts(value: object) -> dict[str, str]:
    """Read a text of a file.

    Raises:
        ValueError: it is no mapping of languages to texts, or holds none.
    """
    if not isinstance(value, Mapping) or not value:
        raise ValueError(value)
    if not all(isinstance(text, str) and text.strip() for text in value.values()):
        raise ValueError(value)
    return {str(language): text.strip() for language, text in value.items()}
