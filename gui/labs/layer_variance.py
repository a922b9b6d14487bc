"""Lab: variance from layer to layer, forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QWidget

from engine.config import RunConfig
from engine.fields import OneOf, Real, Whole
from engine.labs.job import Report
from engine.labs.layer_variance import (
    DISTRIBUTIONS,
    LARGEST_DEPTH,
    LARGEST_WIDTH,
    RULES,
    Variances,
    layer_widths,
    variances,
    weights_to_draw,
)
from gui import numbers
from gui import theme as looks
from gui.labs.lab import SEED_NAME, Lab, Parameter, Reading, Table, Values, seed_parameter
from gui.labs.plot import LabPlot
from gui.theme import Theme

# More random weights than these take longer than a repaint may.
_AT_ONCE_WEIGHTS = 250_000
_LEAST_RANGE = (-2.0, 2.0)
# Formulas of the rules, alike in all languages.
RULE_TEXTS = {"fan_in": "nᵢₙ γ = 1", "fan_out": "nₒᵤₜ γ = 1", "xavier": "Xavier"}


class LayerVarianceLab(Lab):
    """Mean squares of signal and gradient for three rules and a γ of one's own."""

    parameters: ClassVar = {
        "first": Parameter(
            Whole(1, LARGEST_WIDTH, slider=(4, 512)),
            256,
            QT_TRANSLATE_NOOP("Labs", "Width of the input"),
        ),
        "last": Parameter(
            Whole(1, LARGEST_WIDTH, slider=(4, 512)),
            32,
            QT_TRANSLATE_NOOP("Labs", "Width of the last layer"),
            QT_TRANSLATE_NOOP("Labs", "The widths between follow by equal factors."),
        ),
        "depth": Parameter(
            Whole(1, LARGEST_DEPTH, slider=(1, LARGEST_DEPTH)),
            10,
            QT_TRANSLATE_NOOP("Labs", "Layers"),
        ),
        "own": Parameter(
            Real(1e-8, 1e4, slider=(1e-4, 1.0)),
            0.01,
            QT_TRANSLATE_NOOP("Labs", "γ of your own"),
            QT_TRANSLATE_NOOP("Labs", "The variance of every weight in every layer."),
        ),
        "distribution": Parameter(
            OneOf(DISTRIBUTIONS), "normal", QT_TRANSLATE_NOOP("Labs", "Weights")
        ),
        SEED_NAME: seed_parameter(),
    }
    formulas = (
        r"\rm{Var} h^t = n_{t−1} γ_t \rm{Var} h^{t−1}",
        r"\rm{Var} g^{t−1} = n_t γ_t \rm{Var} g^t",
        r"γ_t = \frac{2}{n_{t−1} + n_t}",
    )

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(config_now, parent)
        self.forward = LabPlot(left_powers=True, bottom_counts=True, legend_columns=2)
        self.backward = LabPlot(left_powers=True, bottom_counts=True, legend_columns=2)
        self.lay_out(forward=1, backward=1)
        self._plots = {"forward": self.forward, "backward": self.backward}
        self._lines = {
            side: {rule: plot.add_curve(behind=True) for rule in RULES}
            for side, plot in self._plots.items()
        }
        self._dots = {
            side: {rule: plot.add_dots() for rule in RULES} for side, plot in self._plots.items()
        }
        self._shown: Variances | None = None
        self.forward.read = lambda x, y: self._read(x, "forward")
        self.backward.read = lambda x, y: self._read(x, "backward")

    def explanation(self) -> str:
        return self.tr(
            "A linear network whose widths change on the way: a batch is sent forward, a gradient "
            "back. Lines are theory, dots were measured. nᵢₙ γ = 1 keeps the variance of the "
            "signal, nₒᵤₜ γ = 1 that of the gradient; only equal widths allow both, and Xavier's "
            "rule lies between. A γ of your own, the same for all layers, shows how fast "
            "everything vanishes or explodes. Theory is the mean over all draws; one draw of "
            "narrow layers strays from it by chance, the farther the more layers there are."
        )

    def is_slow(self, values: Values) -> bool:
        weights = weights_to_draw(values["first"], values["last"], values["depth"])
        return weights > _AT_ONCE_WEIGHTS

    def compute(self, values: Values, report: Report) -> Variances:
        return variances(**values, report=report)

    def show_result(self, values: Values, result: Variances) -> None:
        self._shown = result
        layers = np.arange(len(result.widths), dtype=np.float64)
        for side, plot in self._plots.items():
            theory = getattr(result, f"{side}_theory")
            logs = getattr(result, f"{side}_logs")
            for rule in RULES:
                self._lines[side][rule].setData(layers, theory[rule])
                self._dots[side][rule].setData(layers, logs[rule])
            # The own γ may leave the plot, but not push the three rules together.
            drawn = np.concatenate([logs[rule] for rule in RULES if rule != "own"])
            low, high = min(_LEAST_RANGE[0], drawn.min()), max(_LEAST_RANGE[1], drawn.max())
            spread = 1.5 * (high - low)
            own = logs["own"]
            low = max(min(low, float(own.min())), low - spread)
            high = min(max(high, float(own.max())), high + spread)
            plot.set_range((-0.3, layers[-1] + 0.3), (low - 0.3, high + 0.3))
            plot.update_reading()

    def readings(self, values: Values, result: Variances) -> list[Reading]:
        made = []
        sides = (
            ("forward", -1, self.tr("{0}: signal (theory)")),
            ("backward", 0, self.tr("{0}: gradient (theory)")),
        )
        for side, end, name in sides:
            for rule in RULES:
                measured, expected = (
                    _factor(float(logs[end] - logs[-1 - end]))
                    for logs in (
                        getattr(result, f"{side}_{kind}")[rule] for kind in ("logs", "theory")
                    )
                )
                text = f"{measured} ({expected})"
                made.append(Reading(name.format(self._rule_text(rule)), text))
        return made

    reading_group = 4

    def table(self, values: Values, result: Variances) -> Table:
        heads, columns = (
            ["layer", "width"],
            [np.arange(len(result.widths)), np.array(result.widths)],
        )
        for side in self._plots:
            for kind in ("logs", "theory"):
                for rule, column in getattr(result, f"{side}_{kind}").items():
                    heads.append(f"log10_{side}_{rule}_{'measured' if kind == 'logs' else kind}")
                    columns.append(column)
        return heads, [list(row) for row in zip(*(c.tolist() for c in columns), strict=True)]

    def experiment(self, values: Values) -> RunConfig:
        """Return a linear network with these widths and Xavier's rule."""
        return RunConfig(
            width=layer_widths(values["first"], values["last"], values["depth"]),
            activation="identity",
            initializer=f"xavier_{values['distribution']}",
            seed=values[SEED_NAME],
        )

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for side, plot in self._plots.items():
            plot.set_theme(theme)
            for rule in RULES:
                self._lines[side][rule].setPen(self._pen(rule))
                self._dots[side][rule].setBrush(self._pen(rule).color())
        self._name()

    def _pen(self, rule: str) -> QPen:
        return looks.series_pen(self.theme, list(RULES).index(rule))

    def _rule_text(self, rule: str) -> str:
        return RULE_TEXTS.get(rule) or self.tr("own γ")

    def retranslate(self) -> None:
        self._name()

    def _name(self) -> None:
        self.forward.set_title(self.tr("Forward: variance of the signal"), self.tr("Forward"))
        self.backward.set_title(self.tr("Backward: variance of the gradient"), self.tr("Backward"))
        for plot in self._plots.values():
            plot.name_axes(left="", bottom=self.tr("layer"))
            plot.set_legend([(self._rule_text(rule), self._pen(rule)) for rule in RULES])

    def _read(self, x: float, side: str) -> tuple[str, list[str]]:
        if self._shown is None:
            return "", []
        layer = min(max(round(x), 0), len(self._shown.widths) - 1)
        logs = getattr(self._shown, f"{side}_logs")
        width = self._shown.widths[layer]
        values = [_factor(float(logs[rule][layer])) for rule in RULES]
        return self.tr("layer {0}, width {1}").format(layer, width), values


def _factor(log10: float) -> str:
    """Write a factor given by its logarithm, which may be beyond float64."""
    if abs(log10) < 300.0:
        return f"×{numbers.factor(10.0**log10)}"
    return f"×{numbers.power(round(log10))}"
