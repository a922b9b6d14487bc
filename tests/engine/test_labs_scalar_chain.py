"""The chain of scalars against known numbers and exact arithmetic."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest

from engine.labs.scalar_chain import chain


@pytest.mark.parametrize(("factor", "known"), [(1.1, 13780.6), (1.5, 4.07e17), (0.8, 2.04e-10)])
def test_the_chains_of_the_lecture(factor, known):
    assert 10.0 ** chain(factor, 100).logs[-1] == pytest.approx(known, rel=2e-3)


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.0, 1.1, 1.6])
def test_logarithms_are_exact(factor):
    getcontext().prec = 50
    exact = (Decimal(factor) ** 1000).log10()
    assert chain(factor, 1000).logs[-1] == pytest.approx(float(exact), rel=1e-13, abs=1e-13)


def test_float16_overflows_where_its_largest_number_is_passed():
    made = chain(2.0, 100)
    # 2^16 = 65536 is the first power of two beyond 65504.
    assert made.inf_from == 16
    assert made.zero_from is None
    assert made.subnormal_from is None


def test_float16_underflows_where_its_smallest_number_is_passed():
    made = chain(0.5, 100)
    # 2^-14 is the last normal number and 2^-24 the smallest of all.
    assert made.subnormal_from == 15
    assert made.zero_from == 25
    assert made.inf_from is None


def test_rounding_can_hold_a_falling_product_above_zero():
    # 2 · 2^-24 · 0.8 = 1.6 · 2^-24, which is rounded back to 2 · 2^-24.
    made = chain(0.8, 1000)
    assert made.zero_from is None
    assert made.narrow[-1] == 2.0 * 2.0**-24
    assert made.subnormal_from is not None


def test_float16_stays_near_the_exact_value_while_it_is_normal():
    made = chain(1.1, 100)
    error = np.abs(np.log(made.narrow) - made.logs * math.log(10.0))
    # Half a unit in the last of 11 bits, for the factor and for every product.
    assert np.all(error <= (2 * np.arange(101) + 1) * 2.0**-11)
