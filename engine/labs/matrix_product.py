"""The product of many random matrices: how it grows, and where a number format ends.

A gradient is such a product (Dive into Deep Learning, "Numerical stability and initialisation").
Every direction grows or shrinks at a rate of its own, the Lyapunov exponents; for Gaussian
entries they are known exactly (Newman 1986, "The distribution of Lyapunov exponents: exact
results for random matrices").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.labs.job import Report, nobody

Floats = NDArray[np.float64]

LARGEST_SIZE = 64
LARGEST_COUNT = 10_000
DISTRIBUTIONS = ("normal", "orthogonal")
FORMATS = ("float64", "float32", "float16")
# More points than these are not seen on a curve.
MOST_RECORDS = 240
_EULER_GAMMA = 0.5772156649015329
_ENTRIES_PER_REPORT = 2**16
# Below this spread, in natural logarithms, a product in float64 keeps all its singular values.
_SAFE_SPREAD = 18.0
_SWEEPS = 3


@dataclass(frozen=True)
class Product:
    """A product M_k ⋯ M_2 M_1, recorded after some of its factors.

    Attributes:
        counts: after how many factors, ascending, (records,).
        logs: log10 of the singular values as they really are, largest first, (records, n).
        format_logs: log10 of the Frobenius norm as the number format makes it; −inf where the
            product is zero, inf and nan where it is not finite, (records,).
        entries: the product as the number format has it in the end, (n, n).
        inf_from, nan_from, zero_from: the first number of factors after which an entry is Inf,
            an entry is NaN, every entry is 0; None if never.
        exponents: the Lyapunov exponents of theory, per factor, natural logarithms, (n,).
        done: all factors have been multiplied.
    """

    counts: NDArray[np.int64]
    logs: Floats
    format_logs: Floats
    entries: Floats
    inf_from: int | None
    nan_from: int | None
    zero_from: int | None
    exponents: Floats
    done: bool

    @property
    def measured_rate(self) -> float:
        """How the largest singular value grew per factor, as a natural logarithm."""
        return float(self.logs[-1, 0] * math.log(10.0) / self.counts[-1])


def half_digamma(twice: int) -> float:
    """Return ψ(twice / 2), the derivative of ln Γ at a half or whole number."""
    value = -_EULER_GAMMA - (2.0 * math.log(2.0) if twice % 2 else 0.0)
    x = 0.5 if twice % 2 else 1.0
    while x < 0.5 * twice - 0.25:
        value += 1.0 / x
        x += 1.0
    return value


def lyapunov_exponents(size: int, sigma: float, distribution: str) -> Floats:
    """Return how each direction grows per factor, natural logarithms, largest first, (size,).

    Gaussian entries N(0, σ²): λ_i = ½ (ln 2 + ψ((n − i + 1) / 2)) + ln σ (Newman 1986). A random
    orthogonal matrix times σ: ln σ in all directions.
    """
    if distribution == "orthogonal":
        return np.full(size, math.log(sigma))
    psi = np.array([half_digamma(size - i) for i in range(size)])
    made: Floats = 0.5 * (math.log(2.0) + psi) + math.log(sigma)
    return made


def multiply(
    size: int,
    sigma: float,
    distribution: str,
    count: int,
    number_format: str,
    seed: int,
    report: Report = nobody,
) -> Product:
    """Multiply random matrices.

    The singular values are followed in a form that neither overflows nor loses the small ones:
    the product is kept as Q · diag(exp d) · U, Q orthogonal, U upper triangular. Beside it the
    plain product is made in a number format, float16 with sums in float32, as processors do it.

    Args:
        size: n, of n × n matrices.
        sigma: standard deviation of an entry; an orthogonal matrix is multiplied with it.
        distribution: one of `DISTRIBUTIONS`.
        count: number of factors, at least 1.
        number_format: one of `FORMATS`.
        seed: of the matrices; the first factors are the same for every count.
        report: is called every few factors, with a `Product` of those so far.
    """
    random = np.random.default_rng(seed)
    exponents = lyapunov_exponents(size, sigma, distribution)
    plain = _PlainProduct(size, number_format)
    exact = _GradedProduct(size)
    counts = np.unique(np.rint(np.linspace(1, count, min(count, MOST_RECORDS))).astype(np.int64))
    logs = np.empty((len(counts), size))
    format_logs = np.empty(len(counts))
    recorded = finished = 0

    def so_far(done: bool) -> Product:
        nonlocal finished
        if recorded > finished:
            logs[finished:recorded] = exact.take_log_singular_values() / math.log(10.0)
            finished = recorded
        return Product(
            counts[:recorded].copy(), logs[:recorded].copy(), format_logs[:recorded].copy(),
            plain.entries.astype(np.float64), plain.inf_from, plain.nan_from, plain.zero_from,
            exponents, done,
        )  # fmt: skip

    matrices_per_report = max(_ENTRIES_PER_REPORT // size**2, 8)
    for k in range(1, count + 1):
        factor = _draw(random, size, sigma, distribution)
        exact.multiply(factor)
        plain.multiply(factor, k)
        if counts[recorded] == k:
            exact.record()
            format_logs[recorded] = plain.log10_norm()
            recorded += 1
        if k % matrices_per_report == 0 and k < count:
            report(k / count, so_far(False) if recorded else None)
    return so_far(True)


def _draw(random: np.random.Generator, size: int, sigma: float, distribution: str) -> Floats:
    gaussian = random.standard_normal((size, size))
    if distribution == "normal":
        return sigma * gaussian
    q, r = np.linalg.qr(gaussian)
    # Without this the QR decomposition's own signs would spoil the uniform distribution
    # (Mezzadri 2007).
    made: Floats = sigma * q * np.sign(np.diag(r))
    return made


class _GradedProduct:
    """A product as Q · diag(exp d) · U: directions, sizes in logarithms, and a mild rest.

    U is upper triangular; the grading of d keeps its entries at the order of 1.
    """

    def __init__(self, size: int) -> None:
        self._q = np.eye(size)
        self._d = np.zeros(size)
        self._u = np.eye(size)
        self._records: list[tuple[Floats, Floats]] = []

    def multiply(self, factor: Floats) -> None:
        """Put a factor in front."""
        self._q, r = np.linalg.qr(factor @ self._q)
        sizes = np.abs(np.diag(r))
        with np.errstate(divide="ignore"):
            grown = self._d + np.log(sizes)
        # R exp(d) U = exp(d') [exp(−d') R exp(d)] U, and the bracket is upper triangular.
        between = _triangular_scaled(r, -grown, self._d)
        self._u = between @ self._u
        self._d = grown

    def record(self) -> None:
        """Keep the product as it is now for `take_log_singular_values`."""
        self._records.append((self._d, self._u))

    def take_log_singular_values(self) -> Floats:
        """Return the natural logarithms of the singular values of all records since the last call.

        All at once, because a small matrix is decomposed faster than NumPy is called.

        Returns:
            Largest first, (records, n).
        """
        d = np.stack([d for d, _ in self._records])
        u = np.stack([u for _, u in self._records])
        self._records.clear()
        made = np.empty_like(d)
        safe = d.max(axis=1) - d.min(axis=1) < _SAFE_SPREAD
        if safe.any():
            top = d[safe].max(axis=1)
            scaled = np.exp(d[safe] - top[:, None])[:, :, None] * u[safe]
            made[safe] = np.log(np.linalg.svd(scaled, compute_uv=False)) + top[:, None]
        if not safe.all():
            made[~safe] = _graded_log_singular_values(d[~safe], u[~safe])
        return made


def _graded_log_singular_values(d: Floats, u: Floats) -> Floats:
    """Return the logarithms of the singular values of diag(exp d) · U, largest first.

    The QR algorithm on a graded matrix: every sweep takes the parts beside the diagonal down by
    the squared ratio of neighbouring sizes, so that few sweeps are enough. Two neighbours of
    almost one size may keep an error of some hundredths of a decade.

    Args:
        d: (matrices, n).
        u: upper triangular, (matrices, n, n).
    """
    for _ in range(_SWEEPS):
        lower = np.swapaxes(np.linalg.qr(np.swapaxes(u, 1, 2), mode="r"), 1, 2)
        diagonal = np.diagonal(lower, axis1=1, axis2=2)
        d = d + np.log(np.abs(diagonal))
        upper = np.linalg.qr(_triangular_scaled(lower / diagonal[:, :, None], d, -d), mode="r")
        diagonal = np.diagonal(upper, axis1=1, axis2=2)
        u = _triangular_scaled(upper / diagonal[:, :, None], -d, d)
        d = d + np.log(np.abs(diagonal))
    return -np.sort(-d, axis=1)


def _triangular_scaled(matrix: Floats, left: Floats, right: Floats) -> Floats:
    """Return exp(left_i) · matrix_ij · exp(right_j), without 0 · inf where the matrix is 0."""
    exponent = np.where(matrix != 0.0, left[..., :, None] + right[..., None, :], 0.0)
    made: Floats = matrix * np.exp(np.minimum(exponent, 700.0))
    return made


class _PlainProduct:
    """A product as a number format makes it, rounded after every factor."""

    def __init__(self, size: int, number_format: str) -> None:
        self._format = np.dtype(number_format)
        # Sums of float16 products are made in float32, as on every processor that has float16.
        self._sums = np.promote_types(self._format, np.float32)
        self.entries = np.eye(size, dtype=self._format)
        self.inf_from: int | None = None
        self.nan_from: int | None = None
        self.zero_from: int | None = None

    def multiply(self, factor: Floats, k: int) -> None:
        """Put factor number k in front."""
        if self.nan_from is not None and bool(np.isnan(self.entries).all()):
            return
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            rounded = factor.astype(self._format).astype(self._sums)
            self.entries = (rounded @ self.entries.astype(self._sums)).astype(self._format)
        if not np.isfinite(self.entries).all():
            if self.inf_from is None and bool(np.isinf(self.entries).any()):
                self.inf_from = k
            if self.nan_from is None and bool(np.isnan(self.entries).any()):
                self.nan_from = k
        elif self.zero_from is None and not self.entries.any():
            self.zero_from = k

    def log10_norm(self) -> float:
        """Return log10 of the Frobenius norm."""
        size = np.abs(self.entries.astype(np.float64))
        largest = float(size.max())
        if largest == 0.0 or not math.isfinite(largest):
            return -math.inf if largest == 0.0 else largest
        return math.log10(largest) + 0.5 * math.log10(float(np.sum((size / largest) ** 2)))
