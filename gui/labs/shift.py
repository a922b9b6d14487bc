"""Lab: covariate shift and label shift, and weights that correct them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QT_TRANSLATE_NOOP, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from engine.activations import Array
from engine.config import RunConfig
from engine.fields import OneOf, Real, Whole
from engine.labs.job import Report
from engine.labs.shift import COVARIATE, KINDS, LABEL, Shift, ShiftSetup, make_shift, true_edge
from gui import numbers
from gui.labs.lab import Lab, Parameter, Reading, Table, Values, seed_parameter
from gui.labs.plot import LabPlot, level_pen
from gui.theme import Theme
from gui.views.plot import logarithm

# The names of `KINDS`, for the translation.
_NAMES = (
    QT_TRANSLATE_NOOP("engine", "covariate"),
    QT_TRANSLATE_NOOP("engine", "label"),
)
# Diameter of a sample of weight 1, in pixels; the area is the weight.
_WEIGHT_ONE = 6.0
_DIAMETERS = (1.5, 22.0)
# Diameters come in steps of this, for each other one is drawn anew.
_DIAMETER_STEP = 1.5
_TARGET_DIAMETER = 5.0
_TARGET_OPACITY = 0.55
_EDGE_POINTS = 121
_LEAST_WEIGHT_RANGE = (-2.0, 2.0)
_WIDEST_WEIGHT_RANGE = (-6.0, 4.0)
# The symbol of each class.
_SYMBOLS = ("o", "t1")


# How the weights of each kind are made.
FORMULAS = {
    COVARIATE: (r"β_i = \rm{min}(\rm{exp}(h(x_i)), c)", r"h(x) ≈ \rm{ln}\frac{q(x)}{p(x)}"),
    LABEL: (
        r"β_i = \rm{min}(w_{y_i}, c)",
        r"C w = μ",
        r"w_j ≈ \frac{q(y = j)}{p(y = j)}",
    ),
}


class ShiftLab(Lab):
    """Samples with their weights, the classifiers, and the weights beside the true ratio."""

    parameters: ClassVar = {
        "kind": Parameter(OneOf(KINDS), COVARIATE, QT_TRANSLATE_NOOP("Labs", "Shift")),
        "distance": Parameter(
            Real(0.0, 8.0, slider=(0.0, 4.0)),
            2.0,
            QT_TRANSLATE_NOOP("Labs", "Distance of the target"),
            QT_TRANSLATE_NOOP("Labs", "Between the means of source and target; σ is 1."),
            needs=("kind", (COVARIATE,)),
        ),
        "source_prior": Parameter(
            Real(0.01, 0.99, slider=(0.05, 0.95)),
            0.5,
            QT_TRANSLATE_NOOP("Labs", "Class 1 in the source"),
            needs=("kind", (LABEL,)),
        ),
        "target_prior": Parameter(
            Real(0.01, 0.99, slider=(0.05, 0.95)),
            0.9,
            QT_TRANSLATE_NOOP("Labs", "Class 1 in the target"),
            needs=("kind", (LABEL,)),
        ),
        "clip": Parameter(
            Real(0.001, 1e6, slider=(1.0, 1000.0)),
            20.0,
            QT_TRANSLATE_NOOP("Labs", "Largest weight c"),
            QT_TRANSLATE_NOOP("Labs", "A small c leaves a bias, a large one a few samples."),
        ),
        "samples": Parameter(
            Whole(20, 5000, slider=(20, 2000)), 800, QT_TRANSLATE_NOOP("Labs", "Samples of each")
        ),
        "seed": seed_parameter(),
    }
    reading_group = 3
    formulas = tuple(formula for formulas in FORMULAS.values() for formula in formulas)

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(config_now, parent)
        self.plane = LabPlot(legend_columns=3)
        self.ratio_plot = LabPlot(left_powers=True, bottom_powers=True, legend_columns=2)
        self.lay_out(plane=3, ratio_plot=2)
        self._targets = [self._add_points(self.plane, symbol) for symbol in _SYMBOLS]
        self._sources = [self._add_points(self.plane, symbol) for symbol in _SYMBOLS]
        self._edge = self.plane.add_curve(behind=True)
        self._shift_line = self.plane.add_curve()
        self._before, self._after = self.plane.add_curve(), self.plane.add_curve()
        self._ratios = self._add_points(self.ratio_plot, "o")
        self._equal = self.ratio_plot.add_curve(behind=True)
        self._clip = self.ratio_plot.add_level()
        self._shown: Shift | None = None
        self._kind = COVARIATE
        self.plane.read = self._read
        self.ratio_plot.read = self._read_ratio

    @staticmethod
    def _add_points(plot: LabPlot, symbol: str) -> pg.ScatterPlotItem:
        points = pg.ScatterPlotItem(pxMode=True, symbol=symbol, pen=None)
        plot.plot.addItem(points)
        return points

    def explanation(self) -> str:
        return self.tr(
            "The source is what was trained on, the target what it is used on. Covariate shift: "
            "p(x) changes, p(y|x) stays. A classifier between source and target has the logit h, "
            "and exp(h) is how much more frequent a sample is in the target; the straight "
            "classifier cannot follow the curved edge everywhere, and weights tell it where to be "
            "right. Label shift: p(y) changes, p(x|y) stays; the weights follow from how often the "
            "classifier confuses the classes. Clipping at c trades a bias for less noise."
        )

    def formulas_for(self, values: Values) -> tuple[str, ...]:
        return FORMULAS[values["kind"]]

    def compute(self, values: Values, report: Report) -> Shift:
        return make_shift(
            ShiftSetup(
                kind=values["kind"],
                distance=values["distance"],
                source_prior=values["source_prior"],
                target_prior=values["target_prior"],
                samples=values["samples"],
                clip=values["clip"],
                seed=values["seed"],
            )
        )

    def show_result(self, values: Values, result: Shift) -> None:
        self._shown = result
        self._name_edge(values["kind"])
        both = np.concatenate([result.source_x, result.target_x])
        x_range, y_range = ((float(v.min()) - 0.3, float(v.max()) + 0.3) for v in both.T)
        self.plane.set_range(x_range, y_range)
        diameters = _diameters(result.weights)
        for label, (sources, targets) in enumerate(zip(self._sources, self._targets, strict=True)):
            ours = result.source_y == label
            sources.setData(*result.source_x[ours].T, size=diameters[ours])
            targets.setData(*result.target_x[result.target_y == label].T, size=_TARGET_DIAMETER)
        lines = (
            (self._before, result.line_before),
            (self._after, result.line_after),
            (self._shift_line, result.shift_line),
        )
        for curve, line in lines:
            curve.setData(*_boundary(line, x_range, y_range))
        self._edge.setData(*_true_edge(values, x_range, y_range))
        self._show_ratios(values, result)
        for plot in (self.plane, self.ratio_plot):
            plot.update_reading()

    def _show_ratios(self, values: Values, result: Shift) -> None:
        true, estimated = logarithm(result.true_ratio), logarithm(result.ratio)
        known = np.isfinite(estimated)
        self._ratios.setData(true[known], estimated[known])
        both = np.concatenate([true, estimated[known]])
        low = max(min(_LEAST_WEIGHT_RANGE[0], np.floor(both.min())), _WIDEST_WEIGHT_RANGE[0])
        high = min(max(_LEAST_WEIGHT_RANGE[1], np.ceil(both.max())), _WIDEST_WEIGHT_RANGE[1])
        self.ratio_plot.set_range((low, high), (low, high))
        self._equal.setData([low, high], [low, high])
        self._clip.setValue(np.log10(values["clip"]))

    def readings(self, values: Values, result: Shift) -> list[Reading]:
        clipped = float(np.mean(result.ratio > values["clip"]))
        effective = self.tr("{0} of {1}").format(
            numbers.plain(result.effective_samples), len(result.weights)
        )
        return [
            Reading(self.tr("target accuracy, no weights"), _share(result.accuracy_before)),
            Reading(self.tr("target accuracy, weighted"), _share(result.accuracy_after)),
            Reading(self.tr("trained on the target itself"), _share(result.best_accuracy)),
            Reading(self.tr("effective samples (Σβ)²/Σβ²"), effective),
            Reading(self.tr("largest weight before clipping"), numbers.plain(result.ratio.max())),
            Reading(self.tr("weights clipped"), numbers.percent(clipped)),
        ]

    def table(self, values: Values, result: Shift) -> Table:
        heads = ["domain", "x1", "x2", "y", "estimated_ratio", "true_ratio", "weight"]
        sources = zip(
            result.source_x, result.source_y, result.ratio, result.true_ratio, result.weights,
            strict=True,
        )  # fmt: skip
        rows: list[list[object]] = [["source", *x, *others] for x, *others in sources]
        targets = zip(result.target_x, result.target_y, strict=True)
        return heads, [*rows, *(["target", *x, y, "", "", ""] for x, y in targets)]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plane.set_theme(theme)
        self.ratio_plot.set_theme(theme)
        faint = QColor(theme.series[3])
        faint.setAlphaF(_TARGET_OPACITY)
        for label, (sources, targets) in enumerate(zip(self._sources, self._targets, strict=True)):
            sources.setBrush(theme.series[label])
            sources.setPen(pg.mkPen(theme.card, width=0.5))
            targets.setBrush(faint)
        self._ratios.setBrush(theme.series[0])
        self._edge.setPen(level_pen(theme.healthy))
        self._before.setPen(self._pen_before())
        self._after.setPen(self._pen_after())
        self._shift_line.setPen(self._pen_between())
        self._equal.setPen(pg.mkPen(theme.muted, width=1))
        self._clip.setPen(level_pen(theme.exploding))
        self._name()

    def retranslate(self) -> None:
        self._name()

    def _pen_before(self) -> object:
        return level_pen(self.theme.problem)

    def _pen_after(self) -> object:
        return pg.mkPen(self.theme.text, width=2)

    def _pen_between(self) -> object:
        """Return the pen of the line between source and target."""
        return pg.mkPen(self.theme.mark, width=1.5, style=Qt.PenStyle.DashDotLine)

    def _name(self) -> None:
        theme = self.theme
        self.plane.set_title(self.tr("Samples; their area is their weight"), self.tr("Samples"))
        self.plane.name_axes(left="x₂", bottom="x₁")
        self._name_edge(self._kind)
        self.ratio_plot.set_title(self.tr("Weight of every source sample"), self.tr("Weights"))
        self.ratio_plot.name_axes(left=self.tr("estimated ratio"), bottom=self.tr("true ratio q/p"))
        self.ratio_plot.set_legend(
            [
                (self.tr("estimated = true"), pg.mkPen(theme.muted)),
                (self.tr("clipped above c"), level_pen(theme.exploding)),
            ],
            (self.tr("exact"), "c"),
        )

    def _name_edge(self, kind: str) -> None:
        """Name the lines; only a covariate shift has one between source and target."""
        self._kind = kind
        theme = self.theme
        entries = [
            (self.tr("source, class 0 ●"), pg.mkPen(theme.series[0])),
            (self.tr("source, class 1 ▲"), pg.mkPen(theme.series[1])),
            (self.tr("target"), pg.mkPen(theme.series[3])),
            (self.tr("without weights"), self._pen_before()),
            (self.tr("with weights"), self._pen_after()),
            (self.tr("true edge"), level_pen(theme.healthy)),
        ]
        if kind == COVARIATE:
            entries.append(("h = 0", self._pen_between()))
        short = ["●", "▲", self.tr("target"), self.tr("no β"), "β", self.tr("true edge"), "h = 0"]
        self.plane.set_legend(entries, short[: len(entries)])

    def _read(self, x: float, y: float) -> tuple[str, list[str]]:
        return f"x₁ = {x:.2f}, x₂ = {y:.2f}".replace("-", "−"), []

    def _read_ratio(self, x: float, y: float) -> tuple[str, list[str]]:
        return f"{numbers.plain(10.0**x)} → {numbers.plain(10.0**y)}", []


def _share(value: float) -> str:
    return numbers.percent(value)


def _diameters(weights: Array) -> Array:
    low, high = _DIAMETERS
    step = _DIAMETER_STEP
    return np.clip(np.round(_WEIGHT_ONE * np.sqrt(weights) / step) * step, low, high)


def _boundary(
    line: Array | None, x_range: tuple[float, float], y_range: tuple[float, float]
) -> tuple[Array, Array]:
    """Return the ends of w₁ x₁ + w₂ x₂ + b = 0, far enough apart; nothing if there is none."""
    if line is None or np.hypot(line[0], line[1]) < 1e-9:
        return np.empty(0), np.empty(0)
    normal = line[:2] / np.hypot(line[0], line[1])
    middle = np.array([np.mean(x_range), np.mean(y_range)])
    offset = (line[:2] @ middle + line[2]) / np.hypot(line[0], line[1])
    # Beyond this the line is not in the view.
    reach = np.hypot(x_range[1] - x_range[0], y_range[1] - y_range[0])
    if abs(offset) > reach:
        return np.empty(0), np.empty(0)
    foot = middle - offset * normal
    along = np.array([-normal[1], normal[0]]) * reach
    ends = np.stack([foot - along, foot + along])
    return ends[:, 0], ends[:, 1]


def _true_edge(
    values: Values, x_range: tuple[float, float], y_range: tuple[float, float]
) -> tuple[Array, Array]:
    """Return the edge that is best on the target."""
    if values["kind"] == COVARIATE:
        x = np.linspace(*x_range, _EDGE_POINTS)
        return x, true_edge(x)
    # Bayes: 2 x₁ + log(q / (1 − q)) = 0 for means at ±1.
    odds = np.log(values["target_prior"] / (1.0 - values["target_prior"]))
    return np.full(2, -0.5 * odds), np.array(y_range)
