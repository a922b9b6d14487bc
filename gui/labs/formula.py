r"""Formulas, typeset by a few rules of TeX's.

The language is a small part of TeX's: `x^{2}`, `W_t`, `\frac{a}{b}`, `\sqrt{x}`, `\sum_{i=1}^{n}`
and `\prod` with limits above and below, `\rm{loss}` for upright words, `\quad` and `\thin` for
gaps. Greek letters and signs are written as themselves. Letters are slanted; digits, capitals of
Greek and `\rm` are upright; signs of relation and operation stand free between two operands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

# The first of these that is installed; each has slanted letters and the signs of mathematics.
FAMILIES = ("STIX Two Text", "Cambria", "Times New Roman", "DejaVu Serif", "Noto Serif")
FORMULA_POINTS = 14.0
_SCRIPT_SCALE = 0.72
_SMALLEST_POINTS = 8.0
_LIMIT_SIGNS = {"sum": "∑", "prod": "∏"}
_INTEGRAL = "∫"
# In em.
_SPACES = {"\\quad": 1.0, "\\thin": 0.17}
_RELATIONS = "=<>≤≥≈≠∼→∝∈"
_OPERATIONS = "+−±·×/⊙⋯"
_TOKEN = re.compile(r"\\[a-z]+|.", flags=re.DOTALL)


@cache
def _font(points: float, italic: bool) -> QFont:
    made = QFont()
    made.setFamilies(list(FAMILIES))
    made.setStyleHint(QFont.StyleHint.Serif)
    made.setPointSizeF(points)
    made.setItalic(italic)
    return made


@cache
def _metrics(points: float, italic: bool) -> QFontMetricsF:
    return QFontMetricsF(_font(points, italic))


@dataclass(frozen=True)
class Box:
    """A laid-out part: how much room it takes around its baseline, and how it is drawn.

    Attributes:
        width: in logical pixels.
        ascent, descent: above and below the baseline.
        texts: (x, y of the baseline, text, points, italic), relative to the left end.
        lines: rules of fractions and roots, each a polyline.
    """

    width: float
    ascent: float
    descent: float
    texts: tuple[tuple[float, float, str, float, bool], ...] = ()
    lines: tuple[tuple[tuple[float, float], ...], ...] = ()

    def moved(self, x: float, y: float) -> Box:
        """Return it shifted to the right and down, with the room it takes from the origin."""
        return Box(
            self.width + x,
            self.ascent - y,
            self.descent + y,
            tuple((tx + x, ty + y, *rest) for tx, ty, *rest in self.texts),
            tuple(tuple((px + x, py + y) for px, py in line) for line in self.lines),
        )


def _joined(boxes: list[Box], width: float) -> Box:
    return Box(
        width,
        max((box.ascent for box in boxes), default=0.0),
        max((box.descent for box in boxes), default=0.0),
        tuple(text for box in boxes for text in box.texts),
        tuple(line for box in boxes for line in box.lines),
    )


def _text(text: str, points: float, italic: bool) -> Box:
    metrics = _metrics(points, italic)
    width = metrics.horizontalAdvance(text)
    if italic:
        # A slanted letter leans over what follows.
        width += 0.04 * metrics.height()
    ascent = max(-metrics.tightBoundingRect(text).top(), metrics.xHeight())
    descent = max(metrics.tightBoundingRect(text).bottom(), 0.0)
    return Box(width, ascent, descent, ((0.0, 0.0, text, points, italic),))


class _Setter:
    """Reads a formula from left to right and sets it in one size."""

    def __init__(self, tokens: list[str], points: float) -> None:
        self._tokens = tokens
        self._next = 0
        self._points = points

    def row(self) -> Box:
        boxes: list[Box] = []
        x = 0.0
        operand_before, before = False, ""
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token == "}":
                break
            if token == " ":
                self._next += 1
                continue
            if token in _SPACES:
                self._next += 1
                x += _SPACES[token] * self._em()
                operand_before = False
                continue
            gap = self._gap(token, operand_before)
            if boxes and _stand_apart(before, token):
                x += 0.17 * self._em()
            box = self._with_scripts()
            boxes.append(box.moved(x + gap, 0.0))
            x += gap + box.width + gap
            operand_before, before = gap == 0.0 and token not in "([{", token
        return _joined(boxes, x)

    def _em(self) -> float:
        return em(self._points)

    def _gap(self, token: str, operand_before: bool) -> float:
        if self._points < FORMULA_POINTS * 0.9:
            return 0.06 * self._em() if token in _RELATIONS else 0.0
        if token in _RELATIONS:
            return 0.28 * self._em()
        return 0.2 * self._em() if token in _OPERATIONS and operand_before else 0.0

    def _with_scripts(self) -> Box:
        token = self._tokens[self._next]
        base = self._atom()
        scripts: dict[str, Box] = {}
        while self._next < len(self._tokens) and self._tokens[self._next] in "^_":
            place = self._tokens[self._next]
            self._next += 1
            scripts[place] = self._argument(self._points * _SCRIPT_SCALE)
        if not scripts:
            return base
        if token.removeprefix("\\") in _LIMIT_SIGNS:
            return self._limits(base, scripts)
        x_height = _metrics(self._points, False).xHeight()
        boxes, right = [base], base.width
        for place, box in scripts.items():
            if place == "^":
                y = -max(0.8 * x_height + box.descent, base.ascent - 0.45 * box.ascent)
            else:
                y = max(0.35 * x_height, base.descent + 0.15 * x_height)
            boxes.append(box.moved(base.width, y))
            right = max(right, base.width + box.width)
        return _joined(boxes, right + 0.05 * self._em())

    def _limits(self, base: Box, scripts: dict[str, Box]) -> Box:
        width = max(base.width, *(box.width for box in scripts.values()))
        boxes = [base.moved((width - base.width) / 2, 0.0)]
        space = 0.12 * self._em()
        for place, box in scripts.items():
            x = (width - box.width) / 2
            if place == "^":
                boxes.append(box.moved(x, -(base.ascent + space + box.descent)))
            else:
                boxes.append(box.moved(x, base.descent + space + box.ascent))
        return _joined(boxes, width + space)

    def _atom(self) -> Box:
        token = self._tokens[self._next]
        self._next += 1
        if token == "{":
            self._next -= 1
            return self._argument(self._points)
        if token == "\\frac":
            return self._fraction()
        if token == "\\sqrt":
            return self._root()
        if token == "\\rm":
            return _text(self._raw_argument(), self._points, False)
        name = token.removeprefix("\\")
        if name in _LIMIT_SIGNS:
            big = _text(_LIMIT_SIGNS[name], self._points * 1.5, False)
            # On the axis of the line, like a fraction's rule.
            return big.moved(0.0, 0.14 * self._em())
        if token == _INTEGRAL:
            return _text(token, self._points * 1.35, False).moved(0.0, 0.08 * self._em())
        if token.startswith("\\"):
            raise ValueError(f"not a word of this language: {token}")
        return _text(token, self._points, _is_slanted(token))

    def _raw_argument(self) -> str:
        assert self._tokens[self._next] == "{"
        end = self._tokens.index("}", self._next)
        text = "".join(self._tokens[self._next + 1 : end])
        self._next = end + 1
        return text

    def _argument(self, points: float) -> Box:
        points = max(points, _SMALLEST_POINTS)
        if self._tokens[self._next] != "{":
            inner = _Setter(self._tokens[self._next : self._next + 1], points)
            self._next += 1
            return inner.row()
        inner = _Setter(self._tokens, points)
        inner._next = self._next + 1
        box = inner.row()
        if inner._next >= len(self._tokens):
            raise ValueError("a bracket is not closed")
        self._next = inner._next + 1
        return box

    def _axis(self) -> float:
        return 0.5 * _metrics(self._points, False).xHeight()

    def _fraction(self) -> Box:
        above = self._argument(self._points * 0.88)
        below = self._argument(self._points * 0.88)
        side = 0.12 * self._em()
        inner = max(above.width, below.width)
        width = inner + 2 * side
        axis, space = self._axis(), 0.17 * self._em()
        rule = Box(width, axis, 0.0, (), (((0.0, -axis), (width, -axis)),))
        boxes = [
            above.moved(side + (inner - above.width) / 2, -axis - space - above.descent),
            below.moved(side + (inner - below.width) / 2, -axis + space + below.ascent),
            rule,
        ]
        outside = 0.08 * self._em()
        made = _joined(boxes, width).moved(outside, 0.0)
        return replace(made, width=made.width + outside)

    def _root(self) -> Box:
        inner = self._argument(self._points)
        hook, space = 0.55 * self._em(), 0.12 * self._em()
        top = -inner.ascent - space
        bottom = inner.descent
        sign = ((0.0, -0.35 * inner.ascent), (0.18 * hook, -0.45 * inner.ascent),
                (0.55 * hook, bottom), (hook, top), (hook + inner.width + space, top))  # fmt: skip
        around = Box(hook + inner.width + space, -top + space, bottom, (), (sign,))
        return _joined([inner.moved(hook, 0.0), around], around.width)


def _stand_apart(before: str, token: str) -> bool:
    """Say whether there is a thin space between two neighbours: ln 2, a, b, and around ∏."""
    if before in (",", "\\sum", "\\prod") or token in ("\\sum", "\\prod"):
        return True
    if before == "\\rm":
        return token.isalnum() or token.startswith("\\")
    return token == "\\rm" and (before.isalnum() or before == ")")


def _is_slanted(token: str) -> bool:
    return token.isalpha() and (token.islower() or token.isascii())


def em(points: float = FORMULA_POINTS) -> float:
    """Return the width of the letter m, in logical pixels."""
    return _metrics(points, False).horizontalAdvance("m")


@cache
def layout(source: str, points: float = FORMULA_POINTS) -> Box:
    """Set a formula.

    Raises:
        ValueError: a word that is not of the language, or a bracket that is not closed.
    """
    setter = _Setter(_TOKEN.findall(source), points)
    box = setter.row()
    if setter._next < len(setter._tokens):
        raise ValueError(f"a bracket too many: {source}")
    return box


def draw(painter: QPainter, box: Box, at: QPointF, colour: str) -> None:
    """Draw a formula with its baseline's left end at a point."""
    painter.save()
    painter.translate(at)
    painter.setPen(QColor(colour))
    for x, y, text, points, italic in box.texts:
        painter.setFont(_font(points, italic))
        painter.drawText(QPointF(x, y), text)
    pen = QPen(QColor(colour), 1.2)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    for line in box.lines:
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in line]))
    painter.restore()
