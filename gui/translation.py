"""The languages of the window.

Every text passes through Qt's translators. The engine knows no language: its labels, helps and
names are translated here, in the context "engine".
"""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator
from PySide6.QtGui import QFontDatabase

from engine.resources import RESOURCES
from engine.texts import Texts, in_language

# The name of each language in itself.
LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
ENGINE_CONTEXT = "engine"
CHINESE_FONT = RESOURCES / "fonts" / "NotoSansSC-GB2312.otf"

# How the parts of a choice's name are written for people.
_WORDS = {
    "relu": "ReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "lars": "LARS",
    "rmsprop": "RMSprop",
    "rms": "RMS",
    "lsuv": "LSUV",
    "xavier": "Xavier",
    "kaiming": "He",
    "lecun": "LeCun",
    "torch": "PyTorch",
    "xor": "XOR",
    "nesterov": "Nesterov",
    "float64": "float64",
    "float32": "float32",
    "float16": "float16",
    "bfloat16": "bfloat16",
    "cpu": "CPU",
    "cuda": "CUDA",
}

_CHINESE, _CHINESE_STOP = r"[\u4e00-\u9fff]", r"[\u3001\u3002\uff01-\uff5e]"
_LATIN = r"[A-Za-z0-9∂φθσ×‖]"
# Chinese is set without spaces, except beside words and numbers in other letters.
_TOO_WIDE = re.compile(
    f"(?<={_CHINESE}) +(?={_CHINESE})|(?<={_CHINESE_STOP}) +| +(?={_CHINESE_STOP})"
)
_TOO_NARROW = re.compile(f"(?<={_CHINESE})(?={_LATIN})|(?<=[A-Za-z0-9%‖⁰¹²³⁴-⁹])(?={_CHINESE})")


def engine_text(text: str) -> str:
    """Return a text of the engine in the language of the window."""
    return QCoreApplication.translate(ENGINE_CONTEXT, text)


def local_text(texts: Texts) -> str:
    """Return a text of a file (a preset's, a lesson's) in the language of the window."""
    return in_language(texts, QLocale().name())


def choice_text(name: str) -> str:
    """Return the name of a choice (an activation, a data set …) for people."""
    translated = engine_text(name)
    if translated != name:
        return translated
    first, *rest = name.split("_")
    words = [_WORDS.get(first, first.capitalize()), *(_WORDS.get(word, word) for word in rest)]
    return " ".join(words)


def spaced(text: str) -> str:
    """Return a text with the spaces that Chinese has where a sentence was put together."""
    return _TOO_NARROW.sub(" ", _TOO_WIDE.sub("", text))


def system_language() -> str:
    """Return the language of `LANGUAGES` that the system speaks."""
    return "zh_CN" if QLocale.system().language() == QLocale.Language.Chinese else "en"


class Translation:
    """The translators in force. Made once, after the application.

    Installing one sends LanguageChange to every window, which then sets its texts anew.
    """

    def __init__(self) -> None:
        # Qt falls back to this font for Chinese characters by itself, where the system has none.
        QFontDatabase.addApplicationFont(str(CHINESE_FONT))
        self._installed: list[QTranslator] = []
        self.language = "en"

    def use(self, choice: str) -> None:
        """Switch to a language of `LANGUAGES`, or to the system's."""
        language = choice if choice in LANGUAGES else system_language()
        application = QCoreApplication.instance()
        assert application is not None
        for translator in self._installed:
            application.removeTranslator(translator)
        self._installed.clear()
        self.language = language
        QLocale.setDefault(QLocale(language))
        if language == "en":
            return
        for name, folder in (
            (f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
            (f"app_{language}", str(RESOURCES / "i18n")),
        ):
            translator = QTranslator(application)
            if translator.load(name, folder):
                self._installed.append(translator)
                application.installTranslator(translator)
