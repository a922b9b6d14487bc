"""The file of the settings, before Qt reads it: what is damaged in it must not end the program.

Qt makes of `@Variant(…)` and `@DateTime(…)` whatever their bytes say. A type that it does not know
costs a line on the output for errors, a list that is said to have a billion entries the process.
The window remembers texts and bytes only, so that both are taken out wherever they stand.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from engine.complete_files import complete_file
from engine.input_files import read_bytes

logger = logging.getLogger(__name__)

# What a window remembers has some thousand bytes.
MOST_BYTES = 2**20
_REFUSED = ("@Variant(", "@DateTime(")
# A backslash at its end makes a line go on.
_END_OF_LINE = re.compile(r"(?<!\\)(\n|\r)")
_ESCAPED = re.compile(r"\\(?:x([0-9A-Fa-f]+)|([0-7]+)|.)", re.DOTALL)


def make_readable(path: Path) -> bool:
    """Take out of a settings file what Qt must not read; the rest is kept.

    Args:
        path: the file, which there may not be yet.

    Returns:
        Whether Qt may read the file.
    """
    try:
        data = read_bytes(path, MOST_BYTES)
        if data is None:
            raise OSError(f"it has more than {MOST_BYTES} bytes")
        kept = _without_refused(data)
        if kept != data:
            with complete_file(path) as file:
                file.write(kept)
    except FileNotFoundError:
        return True
    except OSError as error:
        reason = error.strerror or str(error)
        logger.warning("nothing is remembered: the settings in %s are no use (%s)", path, reason)
        return False
    return True


def _without_refused(data: bytes) -> bytes:
    # Every byte is a character of this code, and the other way round.
    lines = _END_OF_LINE.split(data.decode("latin-1"))
    kept = ("" if any(words in _as_read(line) for words in _REFUSED) else line for line in lines)
    return "".join(kept).encode("latin-1")


def _as_read(line: str) -> str:
    """Return a line as Qt reads it: without quotation marks, and with every escape resolved."""
    return _ESCAPED.sub(_resolved, line.replace('"', ""))


def _resolved(escape: re.Match[str]) -> str:
    hexadecimal, octal = escape.groups()
    if hexadecimal is None and octal is None:
        return ""
    # Of a longer number Qt keeps the last sixteen bits.
    return chr((int(hexadecimal, 16) if hexadecimal else int(octal, 8)) & 0xFFFF)
