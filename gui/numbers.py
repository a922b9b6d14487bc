"""How numbers are written in the window."""

from __future__ import annotations

import math

# As wide as a figure.
_FIGURE_SPACE = "\u2007"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def listed(number: int) -> str:
    """Write the number of an item of a list, as wide as one of two figures."""
    return str(number).rjust(2, _FIGURE_SPACE)


def raised(base: str, exponent: int) -> str:
    """Write a whole power: 1.1¹⁰⁰."""
    return base + str(exponent).translate(_SUPERSCRIPTS)


def power(exponent: int) -> str:
    """Write a whole power of ten: 10⁻⁶."""
    return raised("10", exponent)


def _special(value: float) -> str | None:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "−Inf"
    return "0" if value == 0.0 else None


def scientific(value: float) -> str:
    """Write any number with two digits and a power of ten: 3.2·10⁻⁷."""
    special = _special(value)
    if special is not None:
        return special
    # The format rounds before it splits, so that 9.96 becomes 1.0·10¹ and never 10.0·10⁰.
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}·{power(int(exponent))}".replace("-", "−")


def significant(value: float, digits: int) -> str:
    """Write a finite number that is not zero with so many digits, the last zeros too: 2.30."""
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2])
    return f"{value:.{max(digits - 1 - exponent, 0)}f}".replace("-", "−")


def factor(value: float) -> str:
    """Write what something is multiplied with: 0.95, 12.3, 2.7·10⁻⁵."""
    if 0.1 <= value < 10:
        return f"{value:.2f}"
    return significant(value, 3) if 0.01 <= value < 1000 else scientific(value)


def plain(value: float) -> str:
    """Write a number with three digits, with a power of ten only where it needs one."""
    special = _special(value)
    if special is not None:
        return special
    if 1e-3 <= abs(value) < 1e5:
        return significant(value, 3)
    return scientific(value)


def percent(share: float) -> str:
    """Write a share of one as a percentage."""
    special = _special(share)
    if special is not None:
        return special if share else "0%"
    return f"{plain(100 * share)}%" if abs(share) >= 10.0 else f"{100 * share:.1f}%"


def nice_step(span: float, most: int) -> int:
    """Return the whole step 1, 2 or 5 times a power of ten that divides a span into few parts.

    Args:
        span: length to divide.
        most: largest number of parts.
    """
    rough = max(span / max(most, 1), 1.0)
    unit = 10 ** math.floor(math.log10(rough))
    for factor in (1, 2, 5, 10):
        if factor * unit >= rough * (1 - 1e-9):
            return factor * unit
    return 10 * unit


def layer_ticks(depth: int, most: int) -> list[int]:
    """Return the layers that are named on an axis: the first, then round numbers.

    Args:
        depth: number of layers.
        most: about how many there is room for.
    """
    every = nice_step(depth, most)
    if every <= 2:
        return list(range(1, depth + 1, every))
    return [1, *range(every, depth + 1, every)]
