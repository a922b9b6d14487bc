"""Products of matrices against exact arithmetic, closed forms and NumPy's own product."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest

from engine.labs.job import Interrupted
from engine.labs.matrix_product import (
    DISTRIBUTIONS,
    half_digamma,
    lyapunov_exponents,
    multiply,
)

EULER = 0.5772156649015329


def matrices(size, count, seed):
    """Return the Gaussian factors that `multiply` draws."""
    random = np.random.default_rng(seed)
    return [random.standard_normal((size, size)) for _ in range(count)]


def exact_log10_singular_values(factors):
    """Multiply and decompose with 300 decimal digits: one-sided Jacobi rotations."""
    getcontext().prec = 300
    size = len(factors[0])
    product = None
    for factor in factors:
        m = [[Decimal(float(x)) for x in row] for row in factor]
        if product is None:
            product = m
        else:
            columns = list(zip(*product, strict=True))
            product = [
                [sum(a * b for a, b in zip(row, column, strict=True)) for column in columns]
                for row in m
            ]
    columns = [list(column) for column in zip(*product, strict=True)]
    for _ in range(40):
        largest = Decimal(0)
        for p in range(size):
            for q in range(p + 1, size):
                a = sum(x * x for x in columns[p])
                b = sum(x * x for x in columns[q])
                c = sum(x * y for x, y in zip(columns[p], columns[q], strict=True))
                cosine = abs(c) / (a * b).sqrt()
                largest = max(largest, cosine)
                if cosine < Decimal(10) ** -30:
                    continue
                zeta = (b - a) / (2 * c)
                t = (1 if zeta >= 0 else -1) / (abs(zeta) + (1 + zeta * zeta).sqrt())
                cos = 1 / (1 + t * t).sqrt()
                pairs = list(zip(columns[p], columns[q], strict=True))
                columns[p] = [cos * x - cos * t * y for x, y in pairs]
                columns[q] = [cos * t * x + cos * y for x, y in pairs]
        if largest < Decimal(10) ** -30:
            break
    return sorted((float(sum(x * x for x in c).log10() / 2) for c in columns), reverse=True)


@pytest.mark.parametrize(("size", "count"), [(2, 5), (2, 300), (4, 20), (4, 150), (7, 60)])
def test_singular_values_against_exact_arithmetic(size, count):
    made = multiply(size, 1.0, "normal", count, "float64", 3)
    exact = exact_log10_singular_values(matrices(size, count, 3))
    np.testing.assert_allclose(made.logs[-1], exact, atol=1e-5)


def test_the_classroom_product():
    made = multiply(4, 1.0, "normal", 100, "float64", 14)
    product = np.eye(4)
    for factor in matrices(4, 100, 14):
        product = factor @ product
    np.testing.assert_array_equal(made.entries, product)
    assert 1e24 <= np.abs(made.entries).max() <= 1e25
    norm = np.linalg.norm(product)
    assert made.format_logs[-1] == pytest.approx(math.log10(norm), abs=1e-12)
    assert made.logs[-1, 0] == pytest.approx(math.log10(np.linalg.norm(product, 2)), abs=1e-12)


def test_ten_thousand_factors_overflow_to_inf_and_then_nan():
    made = multiply(4, 1.0, "normal", 10_000, "float64", 14)
    # 308 decades at ½ (ln 2 + ψ(2)) = 0.558 a factor are 1271 factors, give or take.
    assert 1100 < made.inf_from < 1450
    assert made.inf_from <= made.nan_from <= made.inf_from + 3
    assert np.isnan(made.entries).all()
    assert np.isfinite(made.logs).all()
    # The standard error of a mean of 10 000: Var ln χ²₄ / 4 = ψ′(2) / 4.
    assert abs(made.measured_rate - made.exponents[0]) < 4 * math.sqrt(0.6449 / 4 / 10_000)


@pytest.mark.parametrize(("name", "digits"), [("float16", 4.8), ("float32", 38.5)])
def test_narrow_formats_end_sooner(name, digits):
    made = multiply(4, 1.0, "normal", 240, name, 14)
    at = int(np.flatnonzero(made.counts == made.inf_from)[0])
    assert made.logs[at, 0] == pytest.approx(digits, abs=1.5)


def test_small_factors_vanish():
    made = multiply(4, 0.01, "normal", 60, "float16", 1)
    assert made.zero_from is not None
    assert made.inf_from is None
    assert made.format_logs[-1] == -math.inf
    assert made.logs[-1, 0] < -60


@pytest.mark.parametrize(
    ("twice", "value"),
    [(1, -EULER - 2 * math.log(2)), (2, -EULER), (3, 2 - EULER - 2 * math.log(2)), (4, 1 - EULER)],
)
def test_digamma(twice, value):
    assert half_digamma(twice) == pytest.approx(value, abs=1e-14)


@pytest.mark.parametrize("twice", [5, 20, 63, 64])
def test_digamma_is_the_derivative_of_log_gamma(twice):
    x, h = twice / 2, 1e-5
    assert half_digamma(twice) == pytest.approx(
        (math.lgamma(x + h) - math.lgamma(x - h)) / (2 * h), abs=1e-8
    )


def test_the_known_growth_rate():
    # ½ (ln 2 + ψ(2)) = ½ (0.6931 + 0.4228), the e^0.558 a factor of the literature.
    assert lyapunov_exponents(4, 1.0, "normal")[0] == pytest.approx(0.557966, abs=1e-6)
    np.testing.assert_allclose(
        lyapunov_exponents(4, 3.0, "normal"), lyapunov_exponents(4, 1.0, "normal") + math.log(3)
    )


@pytest.mark.parametrize("size", [2, 5, 12])
def test_all_directions_grow_as_theory_says(size):
    count = 4000
    made = multiply(size, 1.0, "normal", count, "float64", 5)
    rates = made.logs[-1] * math.log(10) / count
    # Each rate is a mean of ½ ln χ²; its variance is below ψ′(1/2) / 4 = 1.234.
    np.testing.assert_allclose(rates, made.exponents, atol=4 * math.sqrt(1.234 / count))


def test_orthogonal_factors_keep_every_direction():
    made = multiply(16, 1.1, "orthogonal", 500, "float64", 5)
    np.testing.assert_allclose(made.logs[-1], 500 * math.log10(1.1), atol=1e-9)
    assert made.inf_from is None


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_more_factors_begin_with_the_same(distribution):
    short = multiply(6, 1.0, distribution, 20, "float64", 5)
    long = multiply(6, 1.0, distribution, 60, "float64", 5)
    np.testing.assert_allclose(long.logs[:20], short.logs, atol=1e-9)


def test_progress_shows_what_is_done_and_can_be_interrupted():
    seen = []

    def stop_later(share, partial=None):
        seen.append((share, partial))
        if share > 0.5:
            raise Interrupted

    with pytest.raises(Interrupted):
        multiply(64, 1.0, "normal", 200, "float32", 5, stop_later)
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    partial = seen[-1][1]
    assert not partial.done
    whole = multiply(64, 1.0, "normal", int(partial.counts[-1]), "float32", 5)
    np.testing.assert_allclose(partial.logs, whole.logs[: len(partial.logs)], atol=1e-9)
