"""Lab: a chain of scalars, y = a · a · … · a · x."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QWidget

from engine.config import RunConfig
from engine.fields import Real, Whole
from engine.labs.job import Report
from engine.labs.scalar_chain import WELL_KNOWN, Chain, chain
from gui import numbers
from gui import theme as looks
from gui.labs.lab import Lab, Parameter, Reading, Table, Values
from gui.labs.marks import ABOVE_LEFT, ABOVE_RIGHT, BELOW_RIGHT
from gui.labs.plot import LabPlot, level_pen
from gui.theme import Theme
from gui.views.plot import logarithm

_LIMITS = np.finfo(np.float16)
LARGEST, SMALLEST_NORMAL = float(_LIMITS.max), float(_LIMITS.smallest_normal)
SMALLEST = float(_LIMITS.smallest_subnormal)
# Dots of float16's own product, which would hide the line below them if there were more.
_MOST_DOTS = 25
# The view keeps float16 and the known chains in sight and grows with the chain.
_LEAST_RANGE = (-12.0, 20.0)
# Where the texts stand beside the end of a chain, by how steep it is, and beside a limit.
_STEEP = (ABOVE_LEFT, (1.0, -0.6), (-0.05, 0.5))
_FLAT = ((1.0, -0.6), ABOVE_LEFT, (-0.05, 0.5))
_LEVEL_ANCHORS = ((ABOVE_RIGHT, BELOW_RIGHT), (ABOVE_RIGHT,), (BELOW_RIGHT, ABOVE_RIGHT))


class ScalarChainLab(Lab):
    """log10 of a^k against k, the chains of the lecture, and where float16 ends."""

    parameters: ClassVar = {
        "factor": Parameter(
            Real(0.01, 10.0, slider=(0.5, 1.6)), 1.1, QT_TRANSLATE_NOOP("Labs", "Factor a")
        ),
        "depth": Parameter(
            Whole(1, 1000, slider=(1, 1000)), 100, QT_TRANSLATE_NOOP("Labs", "Number of factors d")
        ),
    }
    formulas = (
        r"y = a · a ⋯ a · x = a^d x",
        r"\frac{dy}{dx} = a^d",
        r"\rm{log}_{10}a^d = d \rm{log}_{10}a",
    )

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(config_now, parent)
        self.plot = LabPlot(left_powers=True, bottom_counts=True, legend_columns=2)
        self.lay_out(plot=1)
        self._known_curves = [self.plot.add_curve(behind=True) for _ in WELL_KNOWN]
        for (factor, depth), curve in zip(WELL_KNOWN, self._known_curves, strict=True):
            curve.setData([0.0, depth], [0.0, depth * math.log10(factor)])
        self._exact = self.plot.add_curve()
        self._narrow = self.plot.add_dots(4.0)
        self._levels = [self.plot.add_level() for _ in range(3)]
        self._known = self.plot.add_dots(9.0)
        # Beside the line, not on it.
        self._known_labels = [
            self.plot.add_mark(*(_STEEP if factor > 1.2 else _FLAT)) for factor, _ in WELL_KNOWN
        ]
        self._level_labels = [self.plot.add_mark(*anchors) for anchors in _LEVEL_ANCHORS]
        self._shown: Chain | None = None
        self.plot.read = self._read

    def explanation(self) -> str:
        return self.tr(
            "The smallest network that vanishes and explodes: every layer multiplies by the same "
            "factor a. Its derivative is a power of the depth, a straight line on this axis. A "
            "factor a little below or above one is enough: after a hundred layers 0.8 leaves "
            "2·10⁻¹⁰ and 1.5 makes 4·10¹⁷, both beyond float16, whose limits are drawn. Near its "
            "smallest number float16 may stand still: 0.8 times 2·2⁻²⁴ is rounded back to 2·2⁻²⁴."
        )

    def compute(self, values: Values, report: Report) -> Chain:
        return chain(values["factor"], values["depth"])

    def show_result(self, values: Values, result: Chain) -> None:
        self._shown = result
        steps = np.arange(result.depth + 1.0)
        self._exact.setData(steps, result.logs)
        kept = slice(None, None, -(-len(steps) // _MOST_DOTS))
        narrow = logarithm(result.narrow[kept])
        finite = np.isfinite(narrow)
        self._narrow.setData(steps[kept][finite], narrow[finite])
        low = min(_LEAST_RANGE[0], float(result.logs[-1]))
        high = max(_LEAST_RANGE[1], float(result.logs[-1]))
        right = float(result.depth)
        self.plot.set_range((0.0, 1.02 * right), (low - 1.0, high + 1.0))
        self._place_marks(right)
        self.plot.update_reading()

    def _place_marks(self, right: float) -> None:
        known = [(depth, depth * math.log10(factor)) for factor, depth in WELL_KNOWN]
        for (x, y), label in zip(known, self._known_labels, strict=True):
            label.place(x, y)
        low, high = self.plot.plot.getViewBox().viewRange()[1]
        inside = [point for point in known if point[0] <= right and low <= point[1] <= high]
        self._known.setData(*zip(*inside, strict=True)) if inside else self._known.clear()
        for label, level in zip(self._level_labels, self._levels, strict=True):
            label.place(0.01 * right, level.value())
        self.plot.settle_marks()

    def readings(self, values: Values, result: Chain) -> list[Reading]:
        factor, depth = result.factor, result.depth
        end = result.logs[-1]
        made = [
            Reading(numbers.raised(f"{factor:g}", depth), _power_text(end)),
            Reading(self.tr("decades per factor"), f"{math.log10(factor):+.4f}".replace("-", "−")),
        ]
        return [*made, *self._narrow_readings(result)]

    def _narrow_readings(self, result: Chain) -> list[Reading]:
        first = self.tr("factor {0}")
        never = self.tr("never")
        overflow = first.format(result.inf_from) if result.inf_from is not None else never
        name, fate = self.tr("float16 is 0 from"), never
        if result.zero_from is not None:
            fate = first.format(result.zero_from)
        elif result.subnormal_from is not None:
            name, fate = self.tr("float16 loses digits from"), first.format(result.subnormal_from)
        return [
            Reading(self.tr("float16 is Inf from"), overflow, alarm=overflow != never),
            Reading(name, fate, alarm=fate != never),
        ]

    def table(self, values: Values, result: Chain) -> Table:
        rows = zip(range(result.depth + 1), result.logs, result.narrow, strict=True)
        return ["k", "log10_exact", "float16"], [list(row) for row in rows]

    def experiment(self, values: Values) -> RunConfig:
        """Return a linear network whose layers multiply the gradient's size by the factor.

        Orthogonal matrices times a gain keep all directions alike, as a scalar does.
        """
        depth = min(values["depth"], 200)
        return RunConfig(
            depth=depth, width=32, activation="identity", initializer="orthogonal",
            gain=values["factor"], dataset="gaussian",
        )  # fmt: skip

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plot.set_theme(theme)
        self._exact.setPen(looks.strong_pen(theme, 0))
        self._narrow.setBrush(theme.series[1])
        self._known.setBrush(theme.mark)
        for label, curve in zip(self._known_labels, self._known_curves, strict=True):
            label.setColor(theme.mark)
            curve.setPen(looks.mark_pen(theme))
        colours = (theme.exploding, theme.muted, theme.vanishing)
        limits = (LARGEST, SMALLEST_NORMAL, SMALLEST)
        for level, value, colour in zip(self._levels, limits, colours, strict=True):
            level.setValue(math.log10(value))
            level.setPen(level_pen(colour))
        for label, colour in zip(self._level_labels, colours, strict=True):
            label.setColor(colour)
        self._name()

    def retranslate(self) -> None:
        self._name()

    def _name(self) -> None:
        self.plot.set_title(self.tr("The derivative after every factor"), self.tr("The derivative"))
        self.plot.name_axes(left="dy/dx", bottom=self.tr("number of factors k"))
        self.plot.set_legend(
            [
                (self.tr("exact"), looks.series_pen(self.theme, 0)),
                (self.tr("as float16 multiplies it"), looks.series_pen(self.theme, 1)),
            ]
        )
        for (factor, depth), label in zip(WELL_KNOWN, self._known_labels, strict=True):
            power = numbers.raised(f"{factor:g}", depth)
            label.setText(f"{power} = {_power_text(depth * math.log10(factor))}")
        names = (
            self.tr("largest float16, 65504"),
            self.tr("smallest normal float16"),
            self.tr("smallest float16, 2⁻²⁴"),
        )
        for name, label in zip(names, self._level_labels, strict=True):
            label.setText(name)
        self.plot.settle_marks()

    def _read(self, x: float, y: float) -> tuple[str, list[str]]:
        if self._shown is None:
            return "", []
        k = min(max(round(x), 0), self._shown.depth)
        exact = _power_text(float(self._shown.logs[k]))
        return f"k = {k}", [exact, numbers.scientific(float(self._shown.narrow[k]))]


def _power_text(log10: float) -> str:
    """Write a number given by its logarithm, which may be beyond float64."""
    if abs(log10) < 5.0:
        return numbers.significant(10.0**log10, 6)
    exponent = math.floor(log10)
    mantissa = f"{10.0 ** (log10 - exponent):.2f}"
    if mantissa == "10.00":
        mantissa, exponent = "1.00", exponent + 1
    return f"{mantissa}·{numbers.power(exponent)}"
