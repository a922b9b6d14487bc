"""Formulas as they are set in the labs."""

import pytest

from gui.labs import formula
from gui.labs.table import LABS


@pytest.mark.parametrize("source", [f for row in LABS for f in row.load().formulas])
def test_every_formula_can_be_set(qapp, source):
    box = formula.layout(source)
    assert box.width > 0
    assert box.ascent + box.descent > 0
    # Nothing stands outside the room it claims.
    for x, y, text, points, italic in box.texts:
        metrics = formula._metrics(points, italic)
        assert -1 <= x <= box.width
        assert x + metrics.horizontalAdvance(text) <= box.width + 2
        assert -box.ascent - 2 <= y <= box.descent + 2


def test_a_fraction_is_higher_than_its_parts(qapp):
    whole, part = formula.layout(r"\frac{a}{b}"), formula.layout("a")
    assert whole.ascent > part.ascent
    assert whole.descent > part.descent
    assert formula.layout("x^{2}").ascent > formula.layout("x").ascent
    assert formula.layout("x_i").descent > formula.layout("x").descent


@pytest.mark.parametrize("source", [r"\nonsense", "{a", r"\frac{a}{b", "a}"])
def test_a_formula_that_is_none_is_refused(qapp, source):
    with pytest.raises(ValueError, match=r"word|bracket"):
        formula.layout(source)
