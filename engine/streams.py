"""The program's outputs: what cannot be written to one costs its words and nothing else."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO, cast


class Words:
    """A text stream that may fail: its reader has gone, its disk is full, its terminal is closed.

    A training must not end for that. What is written after the first failure goes nowhere.

    Attributes:
        lost: something could not be written.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.lost = False

    def write(self, text: str) -> int:
        """Write a text, or lose it."""
        try:
            return self._stream.write(text)
        except OSError:
            self._give_up()
        return len(text)

    def flush(self) -> None:
        """Write what has been held back, or lose it."""
        try:
            self._stream.flush()
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        self.lost = True
        # Python would try again at its end, and would fail there.
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def give_streams() -> tuple[Words, Words]:
    """Have the program print to outputs that never fail; return them.

    One with a window has none at all on Windows. Signs that an output has no code for, such as ×,
    become question marks.
    """
    out, errors = _words(sys.stdout), _words(sys.stderr)
    sys.stdout, sys.stderr = cast("TextIO", out), cast("TextIO", errors)
    return out, errors


def _words(stream: TextIO | None) -> Words:
    if stream is None:
        stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (never closed)
    # The errors' output writes such signs as Python does, which says more than a question mark.
    if isinstance(stream, io.TextIOWrapper) and stream.errors != "backslashreplace":
        stream.reconfigure(errors="replace")
    return Words(stream)
