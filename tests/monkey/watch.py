"""What goes wrong while a monkey plays: errors anywhere, messages of Qt, threads left over."""

from __future__ import annotations

import contextlib
import random
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator

from PySide6.QtCore import QtMsgType, qInstallMessageHandler

# Of the actions that led to a failure, so many are told.
TOLD = 25
# Nothing that a person does may take so long, on however busy a machine.
HANG_SECONDS = 60.0
OFFSCREEN_WORDS = "This plugin does not support"


class MonkeyError(AssertionError):
    """Something broke; the text tells what, and how to play it again."""


class Watch:
    """Notes what goes wrong.

    Args:
        seed: of the sequence that is played.

    Attributes:
        errors: what has gone wrong and was not told yet.
        trail: the last actions in words.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.errors: list[str] = []
        self.trail: deque[str] = deque(maxlen=TOLD)

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        """Note what goes wrong anywhere in the process, and which threads are left."""
        hooks = sys.excepthook, threading.excepthook
        sys.excepthook = lambda kind, error, trace: self.note(error)
        threading.excepthook = lambda arguments: self.note(arguments.exc_value)
        qInstallMessageHandler(self._note_message)
        state = random.getstate()
        random.seed(self._seed)
        before = set(threading.enumerate())
        try:
            yield
        finally:
            sys.excepthook, threading.excepthook = hooks
            qInstallMessageHandler(None)
            random.setstate(state)
        left = set(threading.enumerate()) - before
        end = time.monotonic() + HANG_SECONDS
        for thread in left:
            thread.join(max(0.0, end - time.monotonic()))
        self.errors += [f"thread left: {thread}" for thread in left if thread.is_alive()]
        self.check("the end")

    def note(self, error: BaseException | None) -> None:
        """Take note of an exception."""
        if error is not None:
            self.errors.append("".join(traceback.format_exception(error)))

    def _note_message(self, kind: QtMsgType, _: object, message: str) -> None:
        if kind >= QtMsgType.QtWarningMsg and not message.startswith(OFFSCREEN_WORDS):
            where = "".join(traceback.format_stack(limit=8))
            self.errors.append(f"Qt: {message}\n{where}")

    def check(self, when: str) -> None:
        """Tell what has gone wrong by now.

        Raises:
            MonkeyError: something has.
        """
        if self.errors:
            errors, self.errors = self.errors, []
            raise MonkeyError(
                f"seed {self._seed}, {when}:\n" + "\n".join(errors)
                + "\nafter\n  " + "\n  ".join(self.trail)
                + f"\nAgain: python -m tests.monkey --seed {self._seed}"
            )  # fmt: skip
