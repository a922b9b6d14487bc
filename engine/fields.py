"""The kinds of value a field of an experiment may take.

A kind reads a value from text or JSON, checks it, writes it back, and says in words what is
allowed. The form, the command line, the share string and every validation message are made
from the same kind, so that they cannot disagree.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from numbers import Real as AnyReal
from typing import Any


@dataclass(frozen=True)
class Words:
    """What a person is told, on one line, and in the language of the window there.

    Attributes:
        template: with places {0}, {1} … for the parts, where there are some.
        parts: what is the same in all languages; or words again, or an error that has some.
    """

    template: str
    parts: tuple[object, ...] = ()

    def __str__(self) -> str:
        return on_one_line(self.template.format(*self.parts) if self.parts else self.template)


class ConfigError(ValueError):
    """A value that is not allowed: one line naming the field, the value and what is allowed.

    Attributes:
        field: name of the field.
        value: the offending value, as it was given.
        words: what would have been accepted, or what is wrong.
        allowed: the same as a text.
        unknown: names beside the field that are no fields at all; they would have been ignored.
        origin: the option that the value stood in, with its file; empty where the field tells it.
    """

    unknown: tuple[str, ...] = ()
    origin: str = ""

    def __init__(self, field: str, value: object, words: str | Words) -> None:
        self.field = field
        self.value = value
        self.words = words if isinstance(words, Words) else Words(words)
        self.allowed = str(self.words)
        super().__init__(f"{field} = {shorten(value)}: {self.allowed}")


def on_one_line(text: str) -> str:
    """Write what would break a line, or is no letter at all, as Python does: a name may hold it."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def shorten(value: object, longest: int = 60) -> str:
    """Write a value on one line, however long or strange it is."""
    text = value if isinstance(value, str) and value.isprintable() and value else repr(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"


# What is said of `is_too_small`; the smallest of all floats is 5e-324.
TOO_SMALL = "this one is too close to 0 to be told from it"


class Kind(ABC):
    """What a field accepts."""

    @abstractmethod
    def allowed(self) -> str:
        """Say in words what is accepted, to follow "name = value: "."""

    def refusal(self, value: object) -> str:
        """Say in words what is accepted in place of a value that is not."""
        return self.allowed()

    @abstractmethod
    def read(self, value: object) -> Any:
        """Turn text or a JSON value into the field's value.

        Raises:
            ValueError: the value is not accepted.
        """

    def write(self, value: Any) -> str:
        """Turn a value into the text that `read` turns back."""
        return str(value)


def _number(value: object) -> float:
    # NumPy's numbers are numbers too.
    if isinstance(value, bool) or not isinstance(value, AnyReal | str):
        raise ValueError(value)
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        raise ValueError(value)
    number = float(value)
    if not math.isfinite(number) or is_too_small(value):
        raise ValueError(value)
    return number


def is_too_small(value: object) -> bool:
    """Say whether a text is a number that is not 0 and would be read as 0."""
    if not isinstance(value, str):
        return False
    try:
        is_zero = float(value) == 0.0
    except ValueError:
        return False
    return is_zero and any(sign in "123456789" for sign in value.lower().partition("e")[0])


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number from `minimum` to `maximum`; `slider` is the comfortable part of it.

    `lists_in` names the field that takes a list, where somebody may give one to this one.
    """

    minimum: int
    maximum: int
    slider: tuple[int, int] | None = None
    lists_in: str = ""

    def allowed(self) -> str:
        return f"must be a whole number from {self.minimum} to {self.maximum}"

    def refusal(self, value: object) -> str:
        if self.is_misplaced(value):
            return f"{self.allowed()}; a list belongs in {self.lists_in}"
        return self.allowed()

    def is_misplaced(self, value: object) -> bool:
        """Say whether a value is a list, for which there is another field."""
        listed = isinstance(value, list | tuple) or (isinstance(value, str) and "," in value)
        return listed and bool(self.lists_in)

    def read(self, value: object) -> int:
        if isinstance(value, str) and value.strip().lstrip("+-").isdecimal():
            value = int(_ascii(value))
        number = value if isinstance(value, Integral) else _number(value)
        if isinstance(number, bool) or number != int(number):
            raise ValueError(value)
        number = int(number)
        if not self.minimum <= number <= self.maximum:
            raise ValueError(value)
        return number


@dataclass(frozen=True)
class OneOrList(Kind):
    """One whole number for all, or a list with a number for each: 100, or 512,64,512."""

    one: Whole
    most: int

    def allowed(self) -> str:
        return f"{self.one.allowed()}, or up to {self.most} of them with commas between"

    def read(self, value: object) -> int | tuple[int, ...]:
        if isinstance(value, str) and "," in value:
            value = value.split(",")
        if not isinstance(value, list | tuple):
            return self.one.read(value)
        if not 1 <= len(value) <= self.most:
            raise ValueError(value)
        return tuple(self.one.read(item) for item in value)

    def write(self, value: int | tuple[int, ...]) -> str:
        return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _ascii(text: str) -> str:
    if not text.isascii() or len(text) > 40:
        raise ValueError(text)
    return text


@dataclass(frozen=True)
class Real(Kind):
    """A number from `minimum` to `maximum`; `slider` is the comfortable part of it.

    `ladder` asks for a control that moves in half decades, as a learning rate wants it.
    """

    minimum: float
    maximum: float
    slider: tuple[float, float] | None = None
    ladder: bool = False
    below_maximum: bool = False

    def allowed(self) -> str:
        end = "up to but not including" if self.below_maximum else "to"
        return f"must be a number from {self.minimum:g} {end} {self.maximum:g}"

    def refusal(self, value: object) -> str:
        return f"{self.allowed()}; {TOO_SMALL}" if is_too_small(value) else self.allowed()

    def read(self, value: object) -> float:
        number = _number(value)
        if not self.minimum <= number <= self.maximum:
            raise ValueError(value)
        if self.below_maximum and number == self.maximum:
            raise ValueError(value)
        return number

    def write(self, value: float) -> str:
        if value == int(value) and abs(value) < 1e16:
            return str(int(value))
        # Python writes 1e-07.
        return repr(value).replace("e-0", "e-").replace("e+0", "e+")


@dataclass(frozen=True)
class Flag(Kind):
    """Yes or no."""

    def allowed(self) -> str:
        return "must be yes or no"

    def read(self, value: object) -> bool:
        if isinstance(value, bool):
            return value
        words = {"yes": True, "true": True, "on": True, "1": True}
        words |= {"no": False, "false": False, "off": False, "0": False}
        try:
            return words[str(value).strip().lower()]
        except KeyError:
            raise ValueError(value) from None

    def write(self, value: bool) -> str:
        return "yes" if value else "no"


@dataclass(frozen=True)
class OneOf(Kind):
    """One name out of a table."""

    names: Sequence[str]

    def allowed(self) -> str:
        return "must be one of " + ", ".join(self.names)

    def read(self, value: object) -> str:
        if value not in self.names:
            raise ValueError(value)
        return str(value)


@dataclass(frozen=True)
class NameOr(Kind):
    """A name out of a table, or else what a second kind accepts."""

    names: Sequence[str]
    other: Kind

    def allowed(self) -> str:
        return self._allowed(self.other.allowed())

    def refusal(self, value: object) -> str:
        return self._allowed(self.other.refusal(value))

    def _allowed(self, others: str) -> str:
        return f"{OneOf(self.names).allowed()}, or {others.removeprefix('must be ')}"

    def read(self, value: object) -> Any:
        return str(value) if value in self.names else self.other.read(value)

    def write(self, value: Any) -> str:
        return str(value) if value in self.names else self.other.write(value)


@dataclass(frozen=True)
class Text(Kind):
    """Text that satisfies a rule, which `words` states."""

    words: str
    accepts: Callable[[str], bool] = field(repr=False)

    def allowed(self) -> str:
        return f"must be {self.words}"

    def read(self, value: object) -> str:
        if not isinstance(value, str) or not self.accepts(value):
            raise ValueError(value)
        return value
