"""Number formats: what they can hold, and what they make of a Gaussian of gradients.

float64, float32 and float16 are those of IEEE 754; bfloat16 is float32 without its last 16 bits.
The share of gradients that a format loses, and how a factor on the loss saves them, is the
reason for loss scaling (Micikevicius et al. 2018, "Mixed precision training").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAMPLES = 100_000


@dataclass(frozen=True)
class NumberFormat:
    """A binary floating-point format.

    Attributes:
        name: of the format.
        digits: binary digits of the significand, with the leading one that is not stored.
        lowest, highest: exponents of two of the smallest and the largest normal numbers.
    """

    name: str
    digits: int
    lowest: int
    highest: int

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return math.ldexp(2.0 - 2.0 ** (1 - self.digits), self.highest)

    @property
    def smallest_normal(self) -> float:
        """The smallest number with all its digits."""
        return 2.0**self.lowest

    @property
    def smallest(self) -> float:
        """The smallest number above zero, a subnormal one."""
        return 2.0 ** (self.lowest - self.digits + 1)

    @property
    def epsilon(self) -> float:
        """The distance from 1 to the next number."""
        return 2.0 ** (1 - self.digits)

    @property
    def zero_below(self) -> float:
        """Sizes up to here become zero: a tie goes to the even neighbour, which is zero."""
        return 0.5 * self.smallest

    @property
    def inf_from(self) -> float:
        """Sizes from here on become Inf: half a step beyond the largest. Inf for float64 itself."""
        return self.largest + 0.5 * self.epsilon * math.ldexp(1.0, self.highest)

    @property
    def normal_from(self) -> float:
        """Sizes from here on are rounded to a normal number."""
        return self.smallest_normal - 0.5 * self.smallest


FORMATS: dict[str, NumberFormat] = {
    row.name: row
    for row in (
        NumberFormat("float64", 53, -1022, 1023),
        NumberFormat("float32", 24, -126, 127),
        NumberFormat("bfloat16", 8, -126, 127),
        NumberFormat("float16", 11, -14, 15),
    )
}


def spacing(number_format: NumberFormat, log10_size: Floats) -> Floats:
    """Return log10 of the distance between neighbours around numbers of some sizes.

    Args:
        number_format: the format.
        log10_size: log10 of the sizes. Beyond the largest number there is none: NaN.
    """
    exponent = np.floor(log10_size / math.log10(2.0))
    made = (np.maximum(exponent, number_format.lowest) - number_format.digits + 1) * math.log10(2.0)
    made[log10_size > math.log10(number_format.largest)] = np.nan
    return np.asarray(made)


def rounded(values: Floats, number_format: NumberFormat) -> Floats:
    """Round float64 numbers to a format: to the nearest, ties to even.

    A step of the format is a power of two, so that dividing by it and multiplying again is exact
    and only `rint` rounds. Formats that reach as far as float64 itself are given back as they are.
    """
    if number_format.digits >= 53:
        return values.copy()
    exponent = np.frexp(values)[1] - 1
    step = np.ldexp(1.0, np.maximum(exponent, number_format.lowest) - number_format.digits + 1)
    made: Floats = np.rint(values / step) * step
    made[np.abs(made) > number_format.largest] *= np.inf
    return made


@dataclass(frozen=True)
class Losses:
    """Which shares of the gradients a format loses.

    Attributes:
        zero: become zero.
        subnormal: keep fewer digits than the format has.
        overflow: become Inf.
    """

    zero: float
    subnormal: float
    overflow: float


def predicted_losses(number_format: NumberFormat, sigma: float) -> Losses:
    """Return the shares of N(0, σ²) that a format loses.

    Args:
        number_format: the format.
        sigma: standard deviation of what is stored, loss scale included.
    """

    def within(size: float) -> float:
        return math.erf(size / (sigma * math.sqrt(2.0)))

    return Losses(
        zero=within(number_format.zero_below),
        subnormal=within(number_format.normal_from) - within(number_format.zero_below),
        overflow=math.erfc(number_format.inf_from / (sigma * math.sqrt(2.0))),
    )


def sampled_losses(number_format: NumberFormat, sigma: float, seed: int) -> Losses:
    """Round a sample of N(0, σ²) to a format and count what is lost.

    Args:
        number_format: the format.
        sigma: standard deviation of what is stored, loss scale included.
        seed: of the sample.
    """
    stored = np.abs(rounded(sigma * _sample(seed), number_format))
    return Losses(
        zero=float(np.mean(stored == 0.0)),
        subnormal=float(np.mean((stored > 0.0) & (stored < number_format.smallest_normal))),
        overflow=float(np.mean(np.isinf(stored))),
    )


@lru_cache(maxsize=4)
def _sample(seed: int) -> Floats:
    return np.random.default_rng(seed).standard_normal(SAMPLES)


def log_density(log10_size: Floats, sigma: float) -> Floats:
    """Return the density of log10 |g| for g ~ N(0, σ²).

    Args:
        log10_size: where.
        sigma: standard deviation of g.
    """
    exponent = np.minimum(log10_size - math.log10(sigma), 3.0)
    u = 10.0**exponent
    made: Floats = u * np.exp(-0.5 * u * u) * (math.log(10.0) * math.sqrt(2.0 / math.pi))
    return made
