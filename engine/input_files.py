"""What a person names to be read: a regular file, or one clear reason why it is none.

A pipe keeps whoever opens it waiting, and a device may never end; both are refused before they are
opened, whatever their names end in.
"""

from __future__ import annotations

import errno
import json
import stat
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


class RepeatedKeyError(ValueError):
    """A JSON object gives a key twice: which of the two is meant, nobody can say."""

    def __init__(self, key: str) -> None:
        super().__init__(f"gives {on_one_line(key)} twice")


def require_regular(path: Path) -> None:
    """Refuse what is no regular file; links are followed.

    Raises:
        OSError: it is none, or there is nothing.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        other = next((words for is_it, words in _OTHERS.items() if is_it(mode)), "something else")
        raise OSError(errno.EINVAL, f"{other}, not a regular file", str(path))


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

    Raises:
        RepeatedKeyError: an object gives a key twice.
        ValueError, RecursionError: it is no JSON.
    """
    return json.loads(text, object_pairs_hook=_each_once, parse_float=float_or_text)


def float_or_text(text: str) -> float | str:
    """Read a number, or return its text where it would be read as 0 and is not."""
    return text if is_too_small(text) else float(text)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return found
