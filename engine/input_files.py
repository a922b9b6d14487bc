"""What a person names to be read: a regular file, or one clear reason why it is none.

A pipe keeps whoever opens it waiting, and a device may never end; both are refused before they are
opened, whatever their names end in.
"""

from __future__ import annotations

import errno
import json
import re
import stat
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.fields import ConfigError, Words, is_too_small

# What else can stand under a name.
_OTHERS: dict[Callable[[int], bool], str] = {
    stat.S_ISDIR: "a folder, not a regular file",
    stat.S_ISFIFO: "a pipe, not a regular file",
    stat.S_ISSOCK: "a socket, not a regular file",
    stat.S_ISCHR: "a device, not a regular file",
    stat.S_ISBLK: "a device, not a regular file",
}
_SOMETHING_ELSE = "something else, not a regular file"

# Why a file cannot be read or written, in the words of POSIX: a system may have others.
_SYSTEM_WORDS = {
    errno.ENOENT: "No such file or directory",
    errno.EACCES: "Permission denied",
    errno.EPERM: "Operation not permitted",
    errno.EISDIR: "Is a directory",
    errno.ENOTDIR: "Not a directory",
    errno.EEXIST: "File exists",
    errno.ENAMETOOLONG: "File name too long",
    errno.ENOSPC: "No space left on device",
    errno.EROFS: "Read-only file system",
    errno.EIO: "Input/output error",
}
_DAMAGED = "damaged"

# What the standard library says of a text that is no JSON.
_JSON_WORDS = (
    "expecting value",
    "expecting property name enclosed in double quotes",
    "expecting ':' delimiter",
    "expecting ',' delimiter",
    "illegal trailing comma before end of object",
    "illegal trailing comma before end of array",
    "unterminated string starting at",
    "invalid control character at",
    "invalid \\escape",
    "invalid \\uXXXX escape",
    "extra data",
)

# What is wrong with a text that is no TOML, by how the standard library begins to say it.
_TOML_WORDS = {
    ("Cannot", "Duplicate"): "a name that is given twice",
    ("Unterminated",): "a text that does not end",
    ("Unclosed",): "a list or a table that does not end",
    ("Unescaped", "Escaped", "Illegal", "Found"): "a sign that must not stand here",
    ("Expected newline",): "more than one thing in a line",
    ("Invalid value", "Invalid date", "Invalid hex"): "no value",
}
_NO_TOML = "neither a name nor a table"

FILE_WORDS = (
    *_OTHERS.values(), _SOMETHING_ELSE, *_SYSTEM_WORDS.values(), _DAMAGED, *_JSON_WORDS,
    *_TOML_WORDS.values(), _NO_TOML,
)  # fmt: skip


# The file of a recording that can be shown again.
REPLAY = "run.npz"

# Endings of what can be opened, or dropped on the window.
OPENED = (".npz", ".json", ".csv", ".gz", "ubyte")

# No number of more digits is a float, and Python reads none of more than 4300.
_MOST_DIGITS = 400


class FileError(ValueError):
    """What is wrong with a file.

    Args:
        template: in words that follow `subject`, with places {0}, {1} … for the parts.
        parts: what stands in those places.
    """

    subject = "the file "

    def __init__(self, template: str, *parts: object) -> None:
        self.words = Words(self.subject + template, parts)
        super().__init__(str(self.words).removeprefix(self.subject))


class JsonError(ValueError):
    """Why a text cannot be read as JSON.

    Args:
        words: of a sentence that begins with "this".
    """

    def __init__(self, words: Words) -> None:
        self.words = words
        super().__init__(str(words))


def system_words(error: OSError) -> Words:
    """Say why the system did not read or write a file."""
    known = "" if error.errno is None else _SYSTEM_WORDS.get(error.errno, "")
    return Words(known or error.strerror or _DAMAGED)


def require_known_ending(path: Path) -> None:
    """Refuse a file that nobody would know how to open.

    Raises:
        ConfigError: its name ends in something else.
    """
    if not path.name.lower().endswith(OPENED):
        words = Words(
            "must be a recording ending in .npz, an experiment or a preset in .json, or data in "
            ".npz, .csv, ubyte or .gz"
        )
        raise ConfigError("file", str(path), words)


def require_regular(path: Path) -> None:
    """Refuse what is no regular file; links are followed.

    Raises:
        OSError: it is none, or there is nothing.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        other = next((words for is_it, words in _OTHERS.items() if is_it(mode)), _SOMETHING_ELSE)
        raise OSError(errno.EINVAL, other, str(path))


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
        reason = Words(error.msg[:1].lower() + error.msg[1:])
        parts = error.lineno, error.colno, reason
        raise JsonError(Words("this is no JSON (line {0}, column {1}: {2})", parts)) from None
    except RecursionError:
        raise JsonError(Words("this has lists or objects nested too deeply")) from None


def toml_words(error: ValueError | RecursionError) -> Words:
    """Say why a text cannot be read as TOML in UTF-8."""
    if isinstance(error, RecursionError):
        return Words("this has lists or objects nested too deeply")
    if not isinstance(error, tomllib.TOMLDecodeError):
        return Words("must be TOML in UTF-8")
    said = str(error)
    known = (words for begins, words in _TOML_WORDS.items() if said.startswith(begins))
    reason = Words(next(known, _NO_TOML))
    place = re.search(r"\(at line (\d+), column (\d+)\)$", said)
    if place is None:
        return Words("must be TOML in UTF-8 (at its end: {0})", (reason,))
    return Words("must be TOML in UTF-8 (line {0}, column {1}: {2})", (*place.groups(), reason))


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
        raise JsonError(Words("this gives {0} twice; each must be given once", (twice,)))
    return found
