"""Lab: what number formats can hold, and what they make of a Gaussian of gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from engine.config import RunConfig
from engine.fields import OneOf, Real, Whole
from engine.labs.job import Report
from engine.labs.number_formats import (
    FORMATS,
    Losses,
    log_density,
    predicted_losses,
    sampled_losses,
    spacing,
)
from gui import numbers
from gui import theme as looks
from gui.labs.lab import SEED_NAME, Lab, Parameter, Reading, Table, Values, seed_parameter
from gui.labs.marks import ABOVE_LEFT
from gui.labs.plot import LabPlot
from gui.theme import Theme

NAMES = tuple(FORMATS)
SMALLEST_SIGMA, LARGEST_SIGMA = 1e-44, 1e30
_POINTS = 401
_BAR_HALF = 0.32
_SUBNORMAL_ALPHA = 0.4
_DENSITY_ALPHA = 0.3
# The names of the formats stand where others have numbers.
_NAMES_WIDTH = 78
_PAD_DECADES = 1.5
# More lost than this is worth a warning.
_ALARMING_SHARE = 0.01
# What would be rounded to 0.0%.
_LEAST_SHARE = 0.0005


@dataclass(frozen=True)
class Result:
    """What is drawn and read out.

    Attributes:
        x: log10 of sizes, (points,).
        density, scaled_density: of log10 |g| without and with the loss scale, (points,).
        spacings: log10 of the distance between neighbours, by format, (points,).
        predicted, sampled: shares lost by the chosen format.
    """

    x: np.ndarray
    density: np.ndarray
    scaled_density: np.ndarray
    spacings: dict[str, np.ndarray]
    predicted: Losses
    sampled: Losses


class NumberFormatsLab(Lab):
    """Bars from the smallest to the largest number, a Gaussian across, and the spacing."""

    parameters: ClassVar = {
        "name": Parameter(
            OneOf(NAMES[::-1]), "float16", QT_TRANSLATE_NOOP("Labs", "Number format")
        ),
        "sigma": Parameter(
            Real(SMALLEST_SIGMA, LARGEST_SIGMA, slider=(1e-12, 1e4)),
            1e-7,
            QT_TRANSLATE_NOOP("Labs", "σ of the gradients"),
            QT_TRANSLATE_NOOP("Labs", "The line in the picture can be dragged, too."),
        ),
        "log2_scale": Parameter(
            Whole(0, 40, slider=(0, 40)), 0, QT_TRANSLATE_NOOP("Labs", "Loss scale S = 2 to the")
        ),
        SEED_NAME: seed_parameter(),
    }
    formulas = (
        r"P(0) = \rm{erf}(\frac{x_{\rm{min}}}{2 \sqrt{2} σ S})",
        r"P(\rm{Inf}) = 1 − \rm{erf}(\frac{x_{\rm{max}}}{\sqrt{2} σ S})",
    )
    reading_group = 4

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(config_now, parent)
        self.ranges = LabPlot(bottom_powers=True, legend_columns=3)
        self.steps = LabPlot(left_powers=True, bottom_powers=True, legend_columns=2)
        self.lay_out(ranges=1, steps=1)
        self._bars = {name: pg.BarGraphItem(**_bar(name)) for name in NAMES}
        for bar in self._bars.values():
            bar.setZValue(-5)
            self.ranges.plot.addItem(bar)
        # Bars end beyond the picture where another format is chosen: their ends in words.
        self._ends = {name: self.ranges.add_mark(ABOVE_LEFT) for name in NAMES}
        for name, text in self._ends.items():
            row = FORMATS[name]
            text.setFont(looks.font(looks.CAPTION_POINTS))
            # Between two bars.
            text.most_height = 1.0 - 2.0 * _BAR_HALF
            text.setText(f"{numbers.scientific(row.smallest)} … {numbers.scientific(row.largest)}")
        self._scaled = self.ranges.add_curve()
        self._density = self.ranges.add_curve()
        self._line = pg.InfiniteLine(angle=90, movable=True)
        self._line.sigDragged.connect(self._dragged)
        self.ranges.plot.addItem(self._line, ignoreBounds=True)
        axis = self.ranges.plot.getAxis("left")
        axis.setWidth(looks.scaled(_NAMES_WIDTH))
        axis.setTicks([[(_row(name), name) for name in NAMES]])
        self._spacings = {name: self.steps.add_curve() for name in NAMES}
        self._scale = 1.0
        self._shown: Result | None = None
        self.ranges.read = self._read_range
        self.steps.read = self._read_steps

    def explanation(self) -> str:
        return self.tr(
            "Every number format ends on both sides: above its largest number lies Inf, below its "
            "smallest 0, and near its lower end (pale) it loses digits. Gradients are often "
            "smaller than float16 can hold. Multiply the loss by S and they move to the right, "
            "into the range; divide by S after the backward pass and nothing else has changed. "
            "Too large an S makes Inf."
        )

    def compute(self, values: Values, report: Report) -> Result:
        row, sigma = FORMATS[values["name"]], values["sigma"]
        scaled = sigma * 2.0 ** values["log2_scale"]
        low = min(math.log10(row.smallest), math.log10(sigma) - 2.0) - _PAD_DECADES
        high = max(math.log10(row.largest), math.log10(scaled)) + _PAD_DECADES
        x = np.linspace(low, high, _POINTS)
        return Result(
            x=x,
            density=log_density(x, sigma),
            scaled_density=log_density(x, scaled),
            spacings={name: spacing(other, x) for name, other in FORMATS.items()},
            predicted=predicted_losses(row, scaled),
            sampled=sampled_losses(row, scaled, values[SEED_NAME]),
        )

    def show_result(self, values: Values, result: Result) -> None:
        self._shown = result
        self._scale = 2.0 ** values["log2_scale"]
        top = len(NAMES)
        for curve, density in (
            (self._density, result.density),
            (self._scaled, result.scaled_density),
        ):
            # The same height for every σ: the area of a logarithm's density is always 1.
            curve.setData(result.x, 0.9 * top * density)
        self._line.setValue(math.log10(values["sigma"] * self._scale))
        x = (float(result.x[0]), float(result.x[-1]))
        self.ranges.set_range(x, (0.0, top + _BAR_HALF))
        for name, text in self._ends.items():
            text.place(x[1], _row(name) + _BAR_HALF)
        self.ranges.settle_marks()
        for name, curve in self._spacings.items():
            curve.setData(result.x, result.spacings[name])
        drawn = np.concatenate(list(result.spacings.values()))
        drawn = drawn[np.isfinite(drawn)]
        ends = (float(drawn.min()) - _PAD_DECADES, float(drawn.max()) + _PAD_DECADES)
        self.steps.set_range(x, ends)
        for plot in (self.ranges, self.steps):
            plot.update_reading()

    def _dragged(self) -> None:
        sigma = 10.0 ** float(self._line.value()) / self._scale
        sigma = min(max(sigma, SMALLEST_SIGMA), LARGEST_SIGMA)
        self.values_wanted.emit({"sigma": float(f"{sigma:.2g}")})

    def readings(self, values: Values, result: Result) -> list[Reading]:
        row = FORMATS[values["name"]]
        made = [
            Reading(self.tr("largest"), numbers.scientific(row.largest)),
            Reading(self.tr("smallest normal"), numbers.scientific(row.smallest_normal)),
            Reading(self.tr("smallest subnormal"), numbers.scientific(row.smallest)),
            Reading(self.tr("spacing at 1"), numbers.scientific(row.epsilon)),
        ]
        names = {
            "zero": self.tr("lost to 0 (sampled)"),
            "subnormal": self.tr("subnormal (sampled)"),
            "overflow": self.tr("Inf (sampled)"),
        }
        for what, name in names.items():
            expected, counted = getattr(result.predicted, what), getattr(result.sampled, what)
            text = f"{_share(expected)} ({_share(counted)})"
            made.append(
                Reading(name, text, alarm=what != "subnormal" and expected > _ALARMING_SHARE)
            )
        scaled = values["sigma"] * self._scale
        return [*made, Reading(self.tr("σ · S"), numbers.scientific(scaled))]

    def table(self, values: Values, result: Result) -> Table:
        heads = ["log10_size", "density", "density_scaled"]
        heads += [f"log10_spacing_{name}" for name in result.spacings]
        columns = [result.x, result.density, result.scaled_density, *result.spacings.values()]
        return heads, np.column_stack(columns).tolist()

    def experiment(self, values: Values) -> RunConfig:
        """Return the default experiment in this format and with this loss scale."""
        return RunConfig(precision=values["name"], loss_scale=2.0 ** values["log2_scale"])

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for plot in (self.ranges, self.steps):
            plot.set_theme(theme)
        for index, name in enumerate(NAMES):
            whole, pale = QColor(theme.series[index]), QColor(theme.series[index])
            pale.setAlphaF(_SUBNORMAL_ALPHA)
            self._bars[name].setOpts(brushes=[pale, whole], pen=pg.mkPen(None))
            self._spacings[name].setPen(looks.strong_pen(theme, index))
            self._ends[name].setColor(theme.muted)
        fill = QColor(theme.text)
        fill.setAlphaF(_DENSITY_ALPHA)
        self._scaled.setPen(pg.mkPen(theme.text))
        self._scaled.setFillLevel(0.0)
        self._scaled.setBrush(fill)
        self._density.setPen(pg.mkPen(theme.muted, style=pg.QtCore.Qt.PenStyle.DotLine))
        self._line.setPen(pg.mkPen(theme.mark, width=2))
        self._line.setHoverPen(pg.mkPen(theme.accent, width=3))
        self._name()

    def retranslate(self) -> None:
        self._name()

    def _name(self) -> None:
        self.ranges.set_title(self.tr("What a format can hold"), self.tr("Range"))
        self.steps.set_title(self.tr("Distance to the next number"), self.tr("Spacing"))
        self.ranges.name_axes(left="", bottom=self.tr("size"))
        self.steps.name_axes(left="", bottom=self.tr("size"))
        self.ranges.set_legend(
            [
                (self.tr("gradients times S"), pg.mkPen(self.theme.text)),
                (self.tr("gradients"), pg.mkPen(self.theme.muted)),
                (self.tr("σ · S, to drag"), pg.mkPen(self.theme.mark)),
            ],
            ["g · S", "g", "σ · S"],
        )
        entries = [(name, looks.series_pen(self.theme, i)) for i, name in enumerate(NAMES)]
        self.steps.set_legend(entries)

    def _read_range(self, x: float, y: float) -> tuple[str, list[str]]:
        name = NAMES[min(max(len(NAMES) - 1 - int(y), 0), len(NAMES) - 1)]
        row = FORMATS[name]
        size = 10.0**x
        if size < row.zero_below:
            where = self.tr("0 in {0}")
        elif size < row.normal_from:
            where = self.tr("subnormal in {0}")
        else:
            where = self.tr("Inf in {0}") if size >= row.inf_from else self.tr("normal in {0}")
        return f"{numbers.scientific(size)}: {where.format(name)}", []

    def _read_steps(self, x: float, y: float) -> tuple[str, list[str]]:
        if self._shown is None:
            return "", []
        at = int(np.argmin(np.abs(self._shown.x - x)))
        values = [
            numbers.scientific(10.0 ** float(self._shown.spacings[name][at])) for name in NAMES
        ]
        return numbers.scientific(10.0**x), values


def _share(share: float) -> str:
    """Write a share, and one that is too small for its digits as small, not as none."""
    return "< 0.1%" if 0.0 < share < _LEAST_SHARE else numbers.percent(share)


def _row(name: str) -> float:
    """Return the height of a format's bar, the first one highest."""
    return len(NAMES) - NAMES.index(name) - 0.5


def _bar(name: str) -> dict[str, list[float]]:
    """Return the two parts of a bar: subnormal numbers, then normal ones."""
    row, y = FORMATS[name], _row(name)
    ends = [math.log10(v) for v in (row.smallest, row.smallest_normal, row.largest)]
    return {
        "x0": ends[:2],
        "x1": ends[1:],
        "y0": [y - _BAR_HALF] * 2,
        "y1": [y + _BAR_HALF] * 2,
    }
