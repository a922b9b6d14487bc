"""Which shared libraries the executable carries, and where they come from."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from engine.licences import Part

# (place in the executable's folder, file it comes from, kind), as PyInstaller has them.
Entry = tuple[str, str, str]
DOCUMENTS = Path("/usr/share/doc")


def without_orphans(*lists: list[Entry]) -> list[list[Entry]]:
    """Drop the libraries, and the links to them, that nothing needs once `left_out` is left out."""
    from PyInstaller.depend.bindepend import get_imports

    needed = {"libpython"}
    for place, source, kind in (entry for entries in lists for entry in entries):
        if kind in ("BINARY", "EXTENSION") and not _is_library(place, kind):
            needed |= {Path(name).name for name, _ in get_imports(source)}
    return [
        [
            (place, source, kind)
            for place, source, kind in entries
            if not _is_library(place, kind) or _stem(place) in needed
        ]
        for entries in lists
    ]


def _is_library(place: str, kind: str) -> bool:
    """Say whether a file is only there because something else is linked with it."""
    if kind == "EXTENSION":
        return False
    folder = Path(place).parent
    beside = folder == Path() or folder.name.endswith(".libs") or folder.parts[-2:] == ("Qt", "lib")
    return beside and ".so" in place


def _stem(place: str) -> str:
    name = Path(place).name
    return "libpython" if name.startswith("libpython") else name


def system_parts(sources: list[Path]) -> list[Part]:
    """Return the Debian packages that these files of the system belong to."""
    if shutil.which("dpkg-query") is None:
        return []
    packages = sorted({package for source in sources for package in _packages(source)})
    return [_debian_part(package) for package in packages]


def _packages(source: Path) -> list[str]:
    """Return the package that owns a file: it may know it by the place before /usr was merged."""
    real = source.resolve()
    places = {str(source), str(real), str(real).removeprefix("/usr"), f"/usr{source}"}
    for place in sorted(places):
        found = subprocess.run(["dpkg-query", "-S", place], capture_output=True, text=True)
        if found.returncode == 0:
            return [found.stdout.split(": ")[0].split(",")[0]]
    return []


def _debian_part(package: str) -> Part:
    version = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", package],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    name = package.partition(":")[0]
    text = (DOCUMENTS / name / "copyright").read_text(encoding="utf-8", errors="replace")
    licences = dict.fromkeys(re.findall(r"^License: *(\S.*?) *$", text, flags=re.MULTILINE))
    return Part(name, version, ", ".join(licences) or "see the text", text)
