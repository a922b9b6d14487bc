"""Whose work the program stands on, and on which terms: read from what is installed.

The executable carries the same list as a file, made by the same functions when it is built.
"""

from __future__ import annotations

import json
import platform
import re
import sys
import sysconfig
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from engine.resources import RESOURCES
from engine.version import __version__

LIST_OF_THE_EXECUTABLE = RESOURCES / "licences" / "parts.json"
# What pyproject.toml names; what these need in turn is found out.
DEPENDENCIES = ("torch", "numpy", "numba", "PySide6-Essentials", "pyqtgraph", "tqdm", "pillow")
# An expression or a name is one short line; some packages put the whole text there.
LONGEST_NAME = 120
LGPL_TEXTS = ("LGPL-3.0.txt", "GPL-3.0.txt")


@dataclass(frozen=True)
class Part:
    """One work that comes with the program.

    Attributes:
        name: as its authors call it.
        version: empty where it has none.
        licence: its name, for most parts an SPDX expression.
        text: the whole licence, and those of what it contains itself.
    """

    name: str
    version: str
    licence: str
    text: str


@cache
def parts() -> tuple[Part, ...]:
    """Return every part, the program itself first."""
    if LIST_OF_THE_EXECUTABLE.exists():
        return read_parts(LIST_OF_THE_EXECUTABLE)
    found = [*own_parts(), python_part()]
    return (*found, *(distribution_part(each) for each in needed_distributions()))


def read_parts(path: Path) -> tuple[Part, ...]:
    """Read a list that `write_parts` has written."""
    return tuple(Part(**values) for values in json.loads(path.read_text(encoding="utf-8")))


def write_parts(path: Path, found: list[Part]) -> None:
    """Write a list for `read_parts`."""
    text = json.dumps([asdict(part) for part in found], ensure_ascii=False, indent=1)
    path.write_text(text, encoding="utf-8")


def own_parts() -> list[Part]:
    """Return the program, its font and its data."""
    return [
        Part("Vanishing Point", __version__, "MIT", _text(RESOURCES.parent / "LICENSE")),
        Part("Noto Sans SC", "", "OFL-1.1", _text(RESOURCES / "fonts" / "OFL.txt")),
        Part("Optical Digits", "", "CC-BY-4.0", _text(RESOURCES / "data" / "README.md")),
    ]


def python_part() -> Part:
    """Return Python itself."""
    folder = Path(sysconfig.get_path("stdlib"))
    places = (folder / "LICENSE.txt", folder.parent / "LICENSE.txt", folder.parent / "LICENSE")
    text = next((_text(place) for place in places if place.is_file()), sys.copyright)
    return Part("Python", platform.python_version(), "PSF-2.0", text)


def needed_distributions() -> list[Distribution]:
    """Return the installed packages that the program needs, and what those need in turn."""
    found: dict[str, Distribution] = {}
    waiting = list(DEPENDENCIES)
    while waiting:
        name = waiting.pop(0)
        try:
            each = distribution(name)
        except PackageNotFoundError:
            # For another system or another Python.
            continue
        if each.name in found:
            continue
        found[each.name] = each
        requirements = [text for text in each.requires or () if "extra" not in text]
        waiting += [re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in requirements]
    return list(found.values())


def distribution_part(each: Distribution) -> Part:
    """Return an installed package with all licence texts it brought along."""
    licence = _licence_name(each)
    return Part(each.name, each.version, licence, _licence_texts(each, licence))


def _licence_name(each: Distribution) -> str:
    for key in ("License-Expression", "License"):
        for value in each.metadata.get_all(key) or ():
            if "\n" not in value and len(value) <= LONGEST_NAME:
                return str(value)
    classifiers = each.metadata.get_all("Classifier") or []
    named = [text.split(" :: ")[-1] for text in classifiers if text.startswith("License ::")]
    return ", ".join(named) or "see the text"


def _licence_texts(each: Distribution, licence: str) -> str:
    """Return the texts one after the other, each once, under the name of its file."""
    texts: dict[str, str] = {}
    pattern = re.compile(r"(LICEN[CS]E|COPYING|NOTICE)[^/]*$", re.IGNORECASE)
    for file in each.files or ():
        place = str(file).replace("\\", "/")
        path = Path(str(file.locate()))
        if ".dist-info/" in place and pattern.search(place) and path.is_file():
            texts.setdefault(_text(path), place.partition(".dist-info/")[2])
    if not texts and licence.startswith("LGPL-3.0"):
        # Qt's wheels name their licence without its text.
        texts = {_text(RESOURCES / "licences" / name): name for name in LGPL_TEXTS}
    return "\n\n".join(f"── {place} ──\n\n{text.strip()}" for text, place in texts.items())


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
