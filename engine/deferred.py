"""What is worked out when somebody first asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Deferred(Generic[T]):
    """A value to come.

    Attributes:
        make: returns the value, always the same; any thread may call it, and two that ask first at
            the same time both do.
    """

    make: Callable[[], T]

    @cached_property
    def value(self) -> T:
        """The value, made when it is first asked for."""
        return self.make()
