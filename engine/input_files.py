"""What a person names to be read: a regular file, or one clear reason why it is none.

A pipe keeps whoever opens it waiting, and a device may never end; both are refused before they are
opened, whatever their names end in.
"""

from __future__ import annotations

import errno
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.fields import is_too_small, on_one_line

# What else can stand under a name, in words.
_OTHERS: dict[Callable[[int], bool], str] = {
    stat.S_ISDIR: "a folder",
    stat.S_ISFIFO: "a pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}


# The file of a recording that can be shown again.
REPLAY = "run.npz"

# No number of more digits is a float, and Python reads none of more than 4300.
_MOST_DIGITS = 400


class FileError(ValueError):
    """What is wrong with a file.

    Attributes:
        template: in words that follow "the file", with places {0}, {1} … for the parts.
        parts: what stands in those places.
    """

    def __init__(self, template: str, *parts: object) -> None:
        self.template = template
        self.parts = tuple(on_one_line(str(part)) for part in parts)
        super().__init__(template.format(*self.parts) if parts else template)


class JsonError(ValueError):
    """Why a text cannot be read as JSON, in words that follow "this" or "the file"."""


def require_regular(path: Path) -> None:
    """Refuse what is no regular file; links are followed.

    Raises:
        OSError: it is none, or there is nothing.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        other = next((words for is_it, words in _OTHERS.items() if is_it(mode)), "something else")
        raise OSError(errno.EINVAL, f"{other}, not a regular file", str(path))


def holds_recording(path: Path) -> bool:
    """Say whether a file is a recorded run rather than data of the person's own."""
    # Beside the arrays of a run lies what it says of itself.
    return "about" in arrays_in(path)


def arrays_in(path: Path) -> frozenset[str]:
    """Return the names of the arrays in an .npz file; none where it is no such file."""
    if path.suffix.lower() != ".npz":
        return frozenset()
    try:
        require_regular(path)
        with zipfile.ZipFile(path) as archive:
            return frozenset(name.removesuffix(".npy") for name in archive.namelist())
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        # What is wrong with it is said by whoever reads it.
        return frozenset()


def read_bytes(path: Path, most: int) -> bytes | None:
    """Read a regular file; None: it is larger than so many bytes.

    Raises:
        OSError: it cannot be read.
    """
    require_regular(path)
    with path.open("rb") as file:
        # A file may grow, and some that the system makes up say that they are empty.
        data = file.read(most + 1)
    return data if len(data) <= most else None


def read_json(text: str) -> Any:
    """Read JSON; a number that floats are too coarse for stays text, which no field accepts.

    So does a whole number that is larger than all of them.

    Raises:
        JsonError: it is no JSON, gives a key twice, or is nested deeper than anybody nests it.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_each_once,
            parse_float=float_or_text,
            parse_int=_whole_or_text,
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise JsonError(f"is no JSON ({place}: {error.msg[:1].lower()}{error.msg[1:]})") from None
    except RecursionError:
        raise JsonError("has lists or objects nested too deeply") from None


def float_or_text(text: str) -> float | str:
    """Read a number, or return its text where it would be read as 0 and is not."""
    return text if is_too_small(text) else float(text)


def _whole_or_text(text: str) -> int | str:
    return int(text) if len(text) <= _MOST_DIGITS else text


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        # Which of the two is meant, nobody can say.
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonError(f"gives {on_one_line(twice)} twice; each must be given once")
    return found
