"""Values out of a file: of the kind that was written there, or none at all."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

# Beyond this a JSON number need not be whole any more.
LARGEST_WHOLE = 2**53


def whole(value: object, least: int = 0, most: int = LARGEST_WHOLE) -> int:
    """Return a whole number within limits.

    Raises:
        ValueError: it is something else.
    """
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{value!r} is no whole number from {least} to {most}")
    return value


def number(value: object) -> float:
    """Return a number; it may be infinite or NaN.

    Raises:
        ValueError: it is something else.
        OverflowError: it is whole and larger than any float.
    """
    if type(value) not in (int, float):
        raise ValueError(f"{value!r} is no number")
    return float(value)  # type: ignore[arg-type]


def words(value: object) -> str:
    """Return a text.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def floats(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return an array of float64 of a given shape.

    Raises:
        ValueError: it has another, or is of another type.
    """
    _check(array, np.dtype(np.float64), shape)
    return cast("NDArray[np.float64]", array)


def integers(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return an array of int64 of a given shape.

    Raises:
        ValueError: it has another, or is of another type.
    """
    _check(array, np.dtype(np.int64), shape)
    return cast("NDArray[np.int64]", array)


def _check(array: NDArray[Any], kind: np.dtype[Any], shape: tuple[int, ...]) -> None:
    if array.dtype != kind or array.shape != shape:
        raise ValueError(f"an array {array.dtype} {array.shape} instead of {kind} {shape}")
