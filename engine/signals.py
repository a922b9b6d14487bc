"""The signals that ask a program to end, as far as whoever started it wants them heard.

A shell has what it starts in the background ignore Ctrl-C, and `nohup` a terminal that is closed. A
program inherits that, and whoever asked for it is not to be overruled.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# Windows has no terminal that hangs up.
SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


@contextmanager
def handled_by(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Give the signals to a handler meanwhile; those that are ignored stay ignored.

    Only the main thread may call this.
    """
    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handler) for number in heard}
    try:
        yield
    finally:
        for number, handler_before in before.items():
            signal.signal(number, handler_before)


class Interruptions:
    """The signals that asked to stop.

    Attributes:
        received: their numbers, in order.
    """

    def __init__(self) -> None:
        self.received: list[int] = []
        self._raises = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """Collect a signal."""
        self.received.append(number)
        if self._raises:
            raise KeyboardInterrupt

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Have one that came, or comes, end what is done here: there is nothing to keep yet.

        Raises:
            KeyboardInterrupt: there was one.
        """
        self._raises = True
        try:
            if self.received:
                raise KeyboardInterrupt
            yield
        finally:
            self._raises = False


@contextmanager
def interruptible() -> Iterator[Interruptions]:
    """Collect the signals that ask to stop, instead of stopping in the middle of something."""
    interruptions = Interruptions()
    with handled_by(interruptions.note):
        yield interruptions
