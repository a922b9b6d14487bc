"""How work that takes its time tells where it stands, and ends when nobody wants it any more."""

from __future__ import annotations

from typing import Any, Protocol


class Interrupted(Exception):  # noqa: N818 - nothing went wrong
    """The result is no longer wanted."""


class Report(Protocol):
    """What a computation calls now and then, at least every 20 ms or so."""

    def __call__(self, share: float, partial: Any = None) -> None:
        """Tell how far it is.

        Args:
            share: share of the work that is done, 0 to 1.
            partial: a result that can be shown already. It must not change afterwards.

        Raises:
            Interrupted: nobody waits for the result any more.
        """


def nobody(share: float, partial: Any = None) -> None:
    """Report to nobody: for work that is done at once, and for tests."""
