"""Brings the translation files up to date: `python -m gui.update_translations`.

Qt's own tool finds the texts of the window in the source. Those of the engine stand in its
tables: they are walked here and handed to the tool in a file of their own.
"""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from engine import (
    archives,
    command_line,
    config,
    data_files,
    datasets,
    device,
    input_files,
    lessons,
    own_folder,
    presets,
    replay,
)
from engine.config import GROUPS, SETTINGS
from engine.datasets import DATA_WORDS
from engine.diagnosis import VERDICTS
from engine.diagnosis.autopsy import (
    GROWN_OVER_LAYERS,
    GROWN_OVER_STEPS,
    GROWTH_OVER_LAYERS,
    GROWTH_OVER_STEPS,
    LAST_FINITE,
    PLACES,
    REASONS,
    SUDDEN,
)
from engine.diagnosis.conventions import fixed_conventions
from engine.diagnosis.cures import CURES, RESETS
from engine.diagnosis.explain import TEMPLATES
from engine.diagnosis.findings import CRITERIA
from engine.diagnosis.sentences import LAYER_WORDS
from engine.diagnosis.thresholds import THRESHOLD_TABLE
from engine.failures import HINTS
from engine.fields import TOO_SMALL, Kind, NameOr, OneOf, Text, Words
from engine.input_files import FILE_WORDS, FileError
from engine.moments import MarkKind
from engine.recording import NO_RECORDING
from engine.resources import RESOURCES
from engine.snapshot import FinishReason, State
from engine.theory.place import NoPlace
from engine.theory.standing import Reason
from engine.torch_script import REFUSALS
from gui.translation import ENGINE_CONTEXT, LANGUAGES

FOLDER = RESOURCES / "i18n"
SOURCE_LANGUAGE = "en"
# The modules that say what is wrong with what a person gives.
_REFUSING = (
    archives, command_line, config, data_files, datasets, device, input_files, lessons,
    own_folder, presets, replay,
)  # fmt: skip


def engine_texts() -> list[str]:
    """Return every text of the engine that a person may see, each once."""
    texts: list[str] = [*GROUPS.values()]
    for setting in SETTINGS.values():
        texts += [setting.label, setting.help, setting.unit, *_texts_of(setting.kind)]
    texts += [state.value for state in State]
    texts += [reason.value for reason in FinishReason]
    texts += [*HINTS, *REFUSALS, *NO_RECORDING, *DATA_WORDS.values()]
    texts += FILE_WORDS
    for module in _REFUSING:
        texts += _refusals(module)
    texts.append(TOO_SMALL)
    texts += [kind.value for kind in MarkKind if kind is not MarkKind.CHANGE]
    texts += [reason.value for reason in (*Reason, *NoPlace)]
    texts += VERDICTS
    for row in CRITERIA.values():
        texts += [row.verdict, row.title, row.brief, row.sentence, row.sentence_of_one]
    for cure in CURES.values():
        texts += [cure.title, cure.why]
    for title, why in RESETS.values():
        texts += [title, why]
    texts += [*PLACES.values(), *REASONS.values(), SUDDEN, LAST_FINITE]
    texts += [GROWTH_OVER_STEPS, GROWTH_OVER_LAYERS]
    texts += [*GROWN_OVER_STEPS.values(), *GROWN_OVER_LAYERS.values()]
    texts += [*TEMPLATES, *LAYER_WORDS]
    for number in (*THRESHOLD_TABLE.values(), *fixed_conventions()):
        texts += [number.label, number.unit, number.source, number.help]
    return [text for text in dict.fromkeys(texts) if text]


def _refusals(module: ModuleType) -> Iterator[str]:
    """Yield what a module says of what it refuses: the templates of its words and errors."""
    kinds = {name: value for name, value in vars(module).items() if isinstance(value, type)}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            kind, first = kinds.get(node.func.id, object), node.args[0]
            if issubclass(kind, (Words, FileError)) and isinstance(first, ast.Constant):
                yield getattr(kind, "subject", "") + str(first.value)


def _texts_of(kind: Kind) -> list[str]:
    match kind:
        case NameOr():
            return [*kind.names, *_texts_of(kind.other)]
        case OneOf():
            return list(kind.names)
        case Text():
            return [kind.words]
    return []


def update(language: str, folder: Path = FOLDER) -> Path:
    """Write the file of a language anew, keeping what is translated; return its path."""
    target = folder / f"app_{language}.ts"
    with tempfile.TemporaryDirectory() as place:
        stub = Path(place) / "engine_texts.py"
        lines = (
            f"QCoreApplication.translate({ENGINE_CONTEXT!r}, {text!r})\n" for text in engine_texts()
        )
        stub.write_text("".join(lines), encoding="utf-8")
        sources = [str(path) for path in sorted(Path(__file__).parent.rglob("*.py"))]
        _run(
            "lupdate", *sources, str(stub), "-ts", str(target), "-locations", "none", "-no-obsolete"
        )
    return target


def release(source: Path) -> Path:
    """Turn a file of texts into the one the program reads."""
    target = source.with_suffix(".qm")
    _run("lrelease", str(source), "-qm", str(target))
    return target


def _run(tool: str, *arguments: str) -> None:
    program = Path(sys.executable).parent / f"pyside6-{tool}"
    subprocess.run([str(program), *arguments], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    for name in LANGUAGES:
        if name != SOURCE_LANGUAGE:
            release(update(name))
