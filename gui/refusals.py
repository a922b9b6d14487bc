"""Why a value or a file is not taken, in the language of the window."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from engine.config import SETTINGS
from engine.fields import (
    TOO_SMALL,
    ConfigError,
    Kind,
    NameOr,
    OneOf,
    OneOrList,
    Real,
    Text,
    Whole,
    Words,
    is_too_small,
    on_one_line,
    shorten,
)
from engine.input_files import system_words
from gui.translation import engine_text, spaced

translate = QCoreApplication.translate


def allowed_words(kind: Kind, others: str = "") -> str:
    """Say what a kind accepts, in the language of the window.

    Args:
        kind: the kind.
        others: in place of the words for what it accepts besides names.
    """
    match kind:
        case Whole():
            text = translate("Refusals", "must be a whole number from {0} to {1}")
            return text.format(kind.minimum, kind.maximum)
        case Real(below_maximum=True):
            text = translate("Refusals", "must be a number from {0} up to but not including {1}")
            return text.format(f"{kind.minimum:g}", f"{kind.maximum:g}")
        case Real():
            text = translate("Refusals", "must be a number from {0} to {1}")
            return text.format(f"{kind.minimum:g}", f"{kind.maximum:g}")
        case OneOrList():
            text = translate("Refusals", "{0}, or up to {1} of them with commas between")
            return text.format(allowed_words(kind.one), kind.most)
        case NameOr():
            names = ", ".join(kind.names)
            other = others or allowed_words(kind.other)
            return translate("Refusals", "must be one of {0}; otherwise it {1}").format(
                names, other
            )
        case OneOf():
            return translate("Refusals", "must be one of {0}").format(", ".join(kind.names))
        case Text():
            return translate("Refusals", "must be {0}").format(engine_text(kind.words))
    return engine_text(kind.allowed())


def refused_words(kind: Kind, value: object) -> str:
    """Say what a kind accepts in place of a value, in the language of the window."""
    if isinstance(kind, NameOr):
        return allowed_words(kind, refused_words(kind.other, value))
    words = allowed_words(kind)
    if isinstance(kind, Real) and is_too_small(value):
        return f"{words}; {engine_text(TOO_SMALL)}"
    if isinstance(kind, Whole) and kind.is_misplaced(value):
        text = translate("Refusals", "{0}; a list belongs in the field “{1}”")
        words = text.format(words, engine_text(SETTINGS[kind.lists_in].label))
    return words


def refusal_words(error: ConfigError) -> str:
    """Say in the language of the window which field, which value and what is allowed.

    Names beside it that nobody knows are named after it.
    """
    words = _refusal_words(error)
    if not error.unknown:
        return words
    names = ", ".join(map(shorten, error.unknown))
    return f"{words}  ·  " + translate("Refusals", "Not known here: {0}").format(names)


# What is asked for elsewhere than in the form.
_OTHER_NAMES = {
    "experiment": QT_TRANSLATE_NOOP("Refusals", "Experiment"),
    "open": QT_TRANSLATE_NOOP("Refusals", "Recording"),
    "preset": QT_TRANSLATE_NOOP("Refusals", "Preset"),
    "lesson": QT_TRANSLATE_NOOP("Refusals", "Lesson"),
    "file": QT_TRANSLATE_NOOP("Refusals", "File"),
    "out": QT_TRANSLATE_NOOP("Refusals", "Folder"),
    "title": QT_TRANSLATE_NOOP("Refusals", "Name"),
    "sentence": QT_TRANSLATE_NOOP("Refusals", "Sentence"),
    "export_script": QT_TRANSLATE_NOOP("Refusals", "PyTorch script"),
}


def _refusal_words(error: ConfigError) -> str:
    setting = SETTINGS.get(error.field)
    if setting is not None:
        name = engine_text(setting.label)
    elif error.field in _OTHER_NAMES:
        name = translate("Refusals", _OTHER_NAMES[error.field])
    else:
        return str(error)
    words = translate("Refusals", "{0} = {1}: {2}")
    return spaced(words.format(name, shorten(error.value), reason_words(error)))


def reason_words(error: ConfigError) -> str:
    """Say in the language of the window what would have been accepted, or what is wrong."""
    setting = SETTINGS.get(error.field)
    if setting is not None and error.allowed == setting.kind.refusal(error.value):
        return refused_words(setting.kind, error.value)
    return words_text(error.words)


def words_text(words: Words) -> str:
    """Say in the language of the window what the engine says."""
    text = engine_text(words.template)
    return spaced(text.format(*map(_part_text, words.parts))) if words.parts else text


def system_text(error: OSError) -> str:
    """Say in the language of the window why a file was not read or written, and which."""
    words = words_text(system_words(error))
    return words if error.filename is None else f"{words}: {error.filename}"


def error_text(error: Exception) -> str:
    """Say in the language of the window what went wrong with a file that the program writes."""
    match error:
        case OSError():
            return system_text(error)
        case ConfigError():
            return refusal_words(error)
    return str(error) or type(error).__name__


def _part_text(part: object) -> str:
    match part:
        case Words():
            return words_text(part)
        case ConfigError():
            return refusal_words(part)
    return on_one_line(str(part))
