"""Lab: the product of many random matrices."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QWidget

from engine.config import RunConfig
from engine.fields import OneOf, Real, Whole
from engine.labs.job import Report
from engine.labs.matrix_product import (
    DISTRIBUTIONS,
    FORMATS,
    LARGEST_COUNT,
    LARGEST_SIZE,
    Product,
    multiply,
)
from gui import numbers
from gui import theme as looks
from gui.labs.lab import SEED_NAME, Lab, Parameter, Reading, Table, Values, seed_parameter
from gui.labs.marks import ABOVE_RIGHT, BELOW_LEFT, BELOW_RIGHT
from gui.labs.matrix_view import MatrixCard
from gui.labs.plot import LabPlot, level_pen
from gui.theme import Theme

LN10 = math.log(10.0)
# With more directions than these, theory is drawn for the first and the last alone.
_MOST_THEORY_LINES = 8
# Seconds for one factor: fixed, and per n³, roughly.
_FACTOR_SECONDS, _CUBE_SECONDS = 7e-5, 8e-9
_AT_ONCE_SECONDS = 0.012
# Dots of the format's own product, which would hide the line below them if there were more.
_MOST_DOTS = 25
# The main window's deepest comfortable chain.
_MOST_LAYERS = 200


class MatrixProductLab(Lab):
    """Singular values of the product against the number of factors, and its entries."""

    parameters: ClassVar = {
        "count": Parameter(
            Whole(1, LARGEST_COUNT, slider=(1, LARGEST_COUNT)),
            100,
            QT_TRANSLATE_NOOP("Labs", "Number of factors k"),
        ),
        "size": Parameter(
            Whole(2, LARGEST_SIZE, slider=(2, LARGEST_SIZE)),
            4,
            QT_TRANSLATE_NOOP("Labs", "Size n of the n × n matrices"),
        ),
        "sigma": Parameter(
            Real(1e-3, 1e3, slider=(0.05, 2.0)),
            1.0,
            QT_TRANSLATE_NOOP("Labs", "Standard deviation σ"),
        ),
        "distribution": Parameter(
            OneOf(DISTRIBUTIONS), "normal", QT_TRANSLATE_NOOP("Labs", "Entries")
        ),
        "number_format": Parameter(
            OneOf(FORMATS), "float64", QT_TRANSLATE_NOOP("Labs", "Number format")
        ),
        SEED_NAME: seed_parameter(14),
    }
    formulas = (
        r"P_k = M_k M_{k−1} ⋯ M_2 M_1",
        r"\frac{1}{k} \rm{ln} s_i(P_k) → \frac{1}{2} (\rm{ln} 2 + ψ(\frac{n−i+1}{2})) + \rm{ln} σ",
    )

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(config_now, parent)
        self.plot = LabPlot(left_powers=True, bottom_counts=True, legend_columns=2)
        self.matrix = MatrixCard()
        self.lay_out(plot=5, matrix=4)
        self._theory = self.plot.add_curve(behind=True)
        self._others = self.plot.add_curve()
        self._first = self.plot.add_curve()
        self._format = self.plot.add_dots(4.0)
        self._limits = [self.plot.add_level() for _ in range(2)]
        self._marks = [self.plot.add_level(vertical=True) for _ in range(2)]
        sides = ((BELOW_LEFT, BELOW_RIGHT), (BELOW_RIGHT, BELOW_LEFT))
        self._mark_labels = [self.plot.add_mark(*anchors) for anchors in sides]
        # Beyond the range of the format, or inside where the plot ends there.
        sides = ((ABOVE_RIGHT, BELOW_RIGHT), (BELOW_RIGHT, ABOVE_RIGHT))
        self._limit_labels = [self.plot.add_mark(*anchors) for anchors in sides]
        self._shown: Product | None = None
        self._format_name = "float64"
        self.plot.read = self._read

    def explanation(self) -> str:
        return self.tr(
            "A gradient that passes k layers is a product of k matrices. A product of random ones "
            "grows by almost the same factor every time, its directions part at rates that theory "
            "knows, and only one survives. 100 factors of size 4×4 end near 10²⁴ (by luck some "
            "powers more or less); with thousands the number format ends: first Inf, then NaN. A "
            "small σ makes everything vanish. Orthogonal matrices keep every direction."
        )

    def is_slow(self, values: Values) -> bool:
        each = _FACTOR_SECONDS + _CUBE_SECONDS * values["size"] ** 3
        return values["count"] * each > _AT_ONCE_SECONDS

    def compute(self, values: Values, report: Report) -> Product:
        return multiply(**values, report=report)

    def show_result(self, values: Values, result: Product) -> None:
        self._shown = result
        self._format_name = values["number_format"]
        counts = result.counts.astype(np.float64)
        # The product of no factor is the identity: one factor alone makes a line, too.
        begun = np.insert(counts, 0, 0.0)
        logs = np.insert(result.logs, 0, 0.0, axis=0)
        self._first.setData(begun, logs[:, 0])
        self._others.setData(*_many(begun, logs[:, 1:]))
        finite = np.flatnonzero(np.isfinite(result.format_logs))
        finite = finite[:: -(-len(finite) // _MOST_DOTS) or 1]
        self._format.setData(counts[finite], result.format_logs[finite])
        end = float(values["count"])
        slopes = result.exponents / LN10
        if len(slopes) > _MOST_THEORY_LINES:
            slopes = slopes[[0, -1]]
        self._theory.setData(*_many(np.array([0.0, end]), np.outer([0.0, end], slopes)))
        drawn = np.concatenate([result.logs.ravel(), _finite(result.format_logs), slopes * end])
        low, high = min(0.0, float(np.nanmin(drawn))), max(0.0, float(np.nanmax(drawn)))
        pad = 0.06 * max(high - low, 10.0)
        self.plot.set_range((0.0, end), (low - pad, high + pad))
        self._show_limits(end, low - pad, high + pad)
        self._show_marks(result, high + pad)
        self.matrix.show_matrix(result.entries)
        self._name()
        self.plot.update_reading()

    def _show_limits(self, end: float, low: float, high: float) -> None:
        limits = np.finfo(self._format_name)
        values = (math.log10(limits.max), math.log10(limits.smallest_subnormal))
        for value, level, label in zip(values, self._limits, self._limit_labels, strict=True):
            level.setValue(value)
            level.setVisible(bool(low < value < high))
            label.place(0.01 * end, value)

    def _show_marks(self, result: Product, top: float) -> None:
        values = (result.inf_from, result.nan_from)
        for value, mark, label in zip(values, self._marks, self._mark_labels, strict=True):
            mark.setVisible(value is not None)
            if value is None:
                label.drop()
            else:
                mark.setValue(value)
                label.place(value, top)

    def readings(self, values: Values, result: Product) -> list[Reading]:
        name = values["number_format"]
        finite = np.abs(result.entries[np.isfinite(result.entries)])
        largest = numbers.scientific(float(finite.max())) if finite.size else "–"
        theory = float(result.exponents[0])
        steps = self.tr("factor {0}")
        made = [
            Reading(self.tr("largest entry"), largest),
            Reading(self.tr("growth, measured"), _rate(result.measured_rate)),
            Reading(self.tr("growth, theory"), _rate(theory)),
        ]
        never = self.tr("never")
        events = {
            self.tr("Inf in {0} from").format(name): result.inf_from,
            self.tr("NaN in {0} from").format(name): result.nan_from,
            self.tr("all zero in {0} from").format(name): result.zero_from,
        }
        for text, k in events.items():
            made.append(Reading(text, never if k is None else steps.format(k), alarm=k is not None))
        return made

    def table(self, values: Values, result: Product) -> Table:
        size = result.logs.shape[1]
        heads = ["what", "factors", *(f"log10_s{i + 1}" for i in range(size))]
        heads += [f"log10_norm_{values['number_format']}", "row", "column", "entry"]
        columns = (result.counts.tolist(), result.logs.tolist(), result.format_logs.tolist())
        rows: list[list[object]] = [
            ["product", k, *logs, norm, "", "", ""] for k, logs, norm in zip(*columns, strict=True)
        ]
        last, blank = int(result.counts[-1]), [""] * (size + 1)
        for (row, column), entry in np.ndenumerate(result.entries):
            rows.append(["entry", last, *blank, row + 1, column + 1, float(entry)])
        return heads, rows

    def experiment(self, values: Values) -> RunConfig:
        """Return a linear network with such matrices as its layers."""
        orthogonal = values["distribution"] == "orthogonal"
        return RunConfig(
            depth=min(values["count"], _MOST_LAYERS),
            width=values["size"],
            activation="identity",
            dataset="gaussian",
            initializer="orthogonal" if orthogonal else "normal",
            init_std=min(values["sigma"], 100.0),
            gain=values["sigma"] if orthogonal else 1.0,
            precision=values["number_format"],
            seed=values[SEED_NAME],
        )

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.plot.set_theme(theme)
        self.matrix.set_theme(theme)
        self._first.setPen(looks.strong_pen(theme, 0))
        self._others.setPen(looks.series_pen(theme, 2))
        self._format.setBrush(theme.series[1])
        self._theory.setPen(level_pen(theme.muted))
        for level, label in zip(self._limits, self._limit_labels, strict=True):
            level.setPen(level_pen(theme.exploding))
            label.setColor(theme.exploding)
        for mark, label, colour in zip(
            self._marks, self._mark_labels, (theme.inf, theme.text), strict=True
        ):
            mark.setPen(level_pen(colour))
            label.setColor(colour)
        self._name()

    def retranslate(self) -> None:
        self._name()

    def _name(self) -> None:
        name = self._format_name
        self.plot.set_title(self.tr("Singular values of the product"), self.tr("Singular values"))
        self.plot.name_axes(left="", bottom=self.tr("number of factors k"))
        self.matrix.set_title(
            self.tr("Entries of the product in {0}").format(name), self.tr("Entries")
        )
        self.plot.set_legend(
            [
                (self.tr("largest singular value"), looks.series_pen(self.theme, 0)),
                (self.tr("the others"), looks.series_pen(self.theme, 2)),
                (self.tr("Frobenius norm in {0}").format(name), looks.series_pen(self.theme, 1)),
                (self.tr("theory"), level_pen(self.theme.muted)),
            ],
            ["s₁", "s₂ …", "‖P‖", self.tr("theory")],
        )
        texts = (self.tr("largest {0}").format(name), self.tr("smallest {0}").format(name))
        for text, label in zip(texts, self._limit_labels, strict=True):
            label.setText(text)
        for text, label in zip(("Inf", "NaN"), self._mark_labels, strict=True):
            label.setText(text)
        self.plot.settle_marks()

    def _read(self, x: float, y: float) -> tuple[str, list[str]]:
        if self._shown is None:
            return "", []
        at = int(np.argmin(np.abs(self._shown.counts - x)))
        k, logs = int(self._shown.counts[at]), self._shown.logs[at]
        theory = k * float(self._shown.exponents[0]) / LN10
        norm = float(self._shown.format_logs[at])
        shown = _power_of_ten(norm) if math.isfinite(norm) else numbers.scientific(norm)
        others = f"{_power_of_ten(logs[1])} … {_power_of_ten(logs[-1])}"
        return f"k = {k}", [_power_of_ten(logs[0]), others, shown, _power_of_ten(theory)]


def _many(x: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return many curves over the same x as one, with gaps between them."""
    gap = np.full((1, columns.shape[1]), np.nan)
    return np.tile(np.append(x, np.nan), columns.shape[1]), np.vstack([columns, gap]).T.ravel()


def _finite(logs: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(logs), logs, np.nan)


def _power_of_ten(log10: float) -> str:
    return f"10^{log10:.1f}".replace("-", "−")


def _rate(rate: float) -> str:
    """Write a growth rate as a factor."""
    return f"×{numbers.plain(math.exp(rate))}"
