"""The licences of all that an executable contains, from what was collected for it."""

from __future__ import annotations

import sys
from importlib.metadata import distribution, packages_distributions
from pathlib import Path
from typing import Any

from libraries import system_parts

from engine import licences
from engine.licences import Part

NAME = "parts.json"
TEXT_NAME = "THIRD-PARTY-LICENCES.txt"
# What the sources of an executable are called beside Python's packages.
REPLACEABLE = """\
Qt and PySide6 are used under the GNU Lesser General Public License, version 3. They lie in this
folder as shared libraries of their own (_internal/PySide6, on macOS Contents/Frameworks/PySide6):
you may replace them by versions that you have changed or built yourself, as long as they have the
same interface. Their source is at https://download.qt.io and https://code.qt.io. What Qt contains
itself is listed at https://doc.qt.io/qt-6/licenses-used-in-qt.html
"""


def write_parts(folder: Path, analysis: Any) -> Path:
    """Write the list for the program and the text for people; return the former.

    Args:
        folder: where to.
        analysis: what PyInstaller has collected.
    """
    found = [*licences.own_parts(), licences.python_part(), *_installed(analysis)]
    found += _bootloader()
    # It is not collected, but what it compiles contains some of it.
    found.append(licences.distribution_part(distribution("numba")))
    found += system_parts(_system_libraries(analysis))
    licences.write_parts(folder / NAME, found)
    (folder / TEXT_NAME).write_text(_readable(found), encoding="utf-8")
    return folder / NAME


def _installed(analysis: Any) -> list[Part]:
    """Return the installed packages of which a module or a file was collected."""
    owners = packages_distributions()
    collected = {name.partition(".")[0] for name, _, _ in analysis.pure}
    collected |= {Path(place).parts[0].partition(".")[0] for place, _, _ in analysis.binaries}
    names = {name for module in collected for name in owners.get(module, ())}
    # PySide6's tools and the packages of tests share its top-level names.
    names = {distribution(name).name for name in names}
    return [licences.distribution_part(distribution(name)) for name in sorted(names, key=str.lower)]


def _bootloader() -> list[Part]:
    """PyInstaller's own part in it: its licence lets what it starts have any other."""
    part = licences.distribution_part(distribution("pyinstaller"))
    licence = "GPL-2.0-or-later with an exception for what it packs"
    return [Part("PyInstaller's bootloader", part.version, licence, part.text)]


def _system_libraries(analysis: Any) -> list[Path]:
    """Return the libraries that belong to neither a Python package nor Python."""
    prefixes = (sys.prefix, sys.base_prefix)
    sources = [Path(source) for _, source, kind in analysis.binaries if kind == "BINARY"]
    return [source for source in sources if not str(source).startswith(prefixes)]


def _readable(found: list[Part]) -> str:
    heading = "What Vanishing Point contains, and on which terms"
    lines = [heading, "=" * len(heading), "", REPLACEABLE]
    lines += [f"{part.name} {part.version}: {part.licence}" for part in found]
    for part in found[1:]:
        title = f"{part.name} {part.version}".strip()
        lines += ["", "", "=" * 100, title, "=" * 100, "", part.text.strip()]
    return "\n".join(lines) + "\n"
