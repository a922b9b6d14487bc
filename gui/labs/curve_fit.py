"""Lab: a ReLU network fits x² or x³ by straight pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QWidget

from engine.config import RunConfig
from engine.fields import OneOf, Real, Whole
from engine.labs.curve_fit import (
    INTERVAL,
    TARGETS,
    CurveFit,
    CurveSetup,
    CurveState,
    smallest_possible_error,
)
from engine.labs.job import Report
from engine.labs.trajectory import Trajectory
from gui import numbers
from gui import theme as looks
from gui.labs.lab import Lab, Parameter, Reading, Table, Values, seed_parameter
from gui.labs.player import Player
from gui.labs.plot import LabPlot, level_pen
from gui.theme import Theme
from gui.views.plot import logarithm

MOST_STEPS = 5000
STEPS_PER_PICTURE = 20
# So many steps are made within a repaint; a step and its state take up to 0.1 ms.
STEPS_AT_ONCE = 120
_POINTS = 401
_TARGET_RANGE = {"square": (-1.0, 5.0), "cube": (-9.0, 9.0)}
_LEAST_ERROR = 1e-3


class CurveFitLab(Lab):
    """The curve, the network and its hinges, and the error so far."""

    parameters: ClassVar = {
        "steps": Parameter(
            Whole(0, MOST_STEPS, slider=(0, MOST_STEPS)),
            0,
            QT_TRANSLATE_NOOP("Labs", "Training steps"),
        ),
        "target": Parameter(OneOf(tuple(TARGETS)), "square", QT_TRANSLATE_NOOP("Labs", "Curve")),
        "width": Parameter(
            Whole(1, 128, slider=(1, 64)), 8, QT_TRANSLATE_NOOP("Labs", "Hidden units")
        ),
        "learning_rate": Parameter(
            Real(0.0, 10.0, slider=(0.001, 1.0), ladder=True),
            0.01,
            QT_TRANSLATE_NOOP("Labs", "Learning rate"),
        ),
        "seed": seed_parameter(CurveSetup.seed),
    }
    formulas = (
        r"f(x) = c + \sum_k v_k \rm{max}(0, w_k x + b_k)",
        r"x_k = −\frac{b_k}{w_k}",
        r"\rm{max}|f(x) − x^2| ≥ \frac{2}{(n + 1)^2}",
    )

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(config_now, parent)
        self.bar = self.player = Player(STEPS_PER_PICTURE, MOST_STEPS)
        self.player.wanted.connect(lambda step: self.values_wanted.emit({"steps": step}))
        self.plot = LabPlot(legend_columns=3)
        self.error_plot = LabPlot(left_powers=True, bottom_counts=True, legend_columns=2)
        self.lay_out(plot=3, error_plot=2)
        self._target, self._fit = self.plot.add_curve(behind=True), self.plot.add_curve()
        self._hinges = pg.ScatterPlotItem(size=10, symbol="d", pxMode=True)
        self.plot.plot.addItem(self._hinges)
        self._errors = [self.error_plot.add_curve() for _ in range(2)]
        self._bound = self.error_plot.add_level()
        self._x = np.linspace(*INTERVAL, _POINTS)
        self._trajectory: tuple[CurveSetup, Trajectory[CurveState]] | None = None
        self._shown: list[CurveState] = []
        self._shown_target = "square"
        self.plot.read = self._read
        self.error_plot.read = self._read_error

    def explanation(self) -> str:
        return self.tr(
            "Can ReLU fit x² or x³? A network of n ReLU units is a chain of at most n + 1 straight "
            "pieces, and every unit bends it at one hinge. With learned weights the pieces follow "
            "any curve: the more units, the closer. For x² no network of n units comes closer than "
            "2/(n + 1)² everywhere on this interval; training rarely gets there. Some draws end "
            "far worse: a unit whose hinge leaves the interval may be dead on all samples, gets no "
            "gradient and never returns."
        )

    def complete(self, values: Values) -> Values:
        """Add the training, which goes on where it was as long as only the steps change."""
        names = [name for name in self.parameters if name != "steps"]
        setup = CurveSetup(**{name: values[name] for name in names})
        if self._trajectory is None or self._trajectory[0] != setup:
            self._trajectory = setup, Trajectory(CurveFit(setup))
        return {**values, "trajectory": self._trajectory[1]}

    def is_slow(self, values: Values) -> bool:
        return bool(values["steps"] - values["trajectory"].known > STEPS_AT_ONCE)

    def compute(self, values: Values, report: Report) -> list[CurveState]:
        states: list[CurveState] = values["trajectory"].until(values["steps"], report)
        return states

    def show_result(self, values: Values, result: list[CurveState]) -> None:
        self._shown, self._shown_target = result, values["target"]
        state = result[-1]
        self.player.show_step(state.step)
        self._target.setData(self._x, TARGETS[values["target"]](self._x))
        self._fit.setData(self._x, state(self._x))
        hinges = _inside(state)
        self._hinges.setData(hinges, state(hinges))
        self.plot.set_range(INTERVAL, _TARGET_RANGE[values["target"]], pad=0.02)
        steps = np.arange(len(result))
        errors = np.array([(state.rms_error, state.largest_error) for state in result])
        for curve, error in zip(self._errors, errors.T, strict=True):
            curve.setData(steps, logarithm(error))
        bound = smallest_possible_error(values["width"])
        self._bound.setValue(np.log10(bound))
        self._bound.setVisible(values["target"] == "square")
        low = min(_LEAST_ERROR, 0.5 * bound)
        high = max(10.0, float(errors.max()))
        right = max(200.0, 1.05 * len(result))
        self.error_plot.set_range((0.0, right), (np.log10(low), np.log10(high)))
        for plot in (self.plot, self.error_plot):
            plot.update_reading()

    def readings(self, values: Values, result: list[CurveState]) -> list[Reading]:
        state = result[-1]
        bound = "–"
        if values["target"] == "square":
            bound = numbers.plain(smallest_possible_error(values["width"]))
        inside = self.tr("{0} of {1}").format(len(_inside(state)), values["width"])
        return [
            Reading(self.tr("step"), str(state.step)),
            Reading(self.tr("root mean square error"), numbers.plain(state.rms_error)),
            Reading(self.tr("largest error"), numbers.plain(state.largest_error)),
            Reading(self.tr("smallest possible, x²"), bound),
            Reading(self.tr("hinges in the interval"), inside),
        ]

    def table(self, values: Values, result: list[CurveState]) -> Table:
        state = result[-1]
        columns = (self._x, TARGETS[values["target"]](self._x), state(self._x))
        rows: list[list[object]] = [
            ["curve", x, y, f, "", "", ""] for x, y, f in zip(*columns, strict=True)
        ]
        w, b, v, _ = state.parameters
        units = zip(state.hinges(), state(state.hinges()), w, b, v, strict=True)
        rows += [["hinge", x, "", f, *weights] for x, f, *weights in units]
        return ["what", "x", "target", "network", "w", "b", "v"], rows

    def experiment(self, values: Values) -> RunConfig:
        return RunConfig(
            depth=1,
            width=values["width"],
            activation="relu",
            initializer="kaiming_normal",
            bias_std=1.0,
            dataset=values["target"],
            optimizer="adam",
            learning_rate=values["learning_rate"],
            seed=values["seed"],
        )

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for part in (self.player, self.plot, self.error_plot):
            part.set_theme(theme)
        self._target.setPen(pg.mkPen(theme.muted, width=1))
        self._fit.setPen(looks.strong_pen(theme, 0))
        self._hinges.setBrush(theme.series[1])
        self._hinges.setPen(None)
        for index, curve in enumerate(self._errors):
            curve.setPen(looks.strong_pen(theme, index))
        self._bound.setPen(level_pen(theme.muted))
        self._name()

    def retranslate(self) -> None:
        self.player.retranslate()
        self._name()

    def _name(self) -> None:
        theme = self.theme
        self.plot.set_title(self.tr("The curve and the network"), self.tr("The network"))
        self.plot.name_axes(left="f(x)", bottom="x")
        self.plot.set_legend(
            [
                (self.tr("curve"), pg.mkPen(theme.muted)),
                (self.tr("network"), looks.strong_pen(theme, 0)),
                (self.tr("hinges"), pg.mkPen(theme.series[1], width=4)),
            ]
        )
        self.error_plot.set_title(self.tr("Error while it learns"), self.tr("Error"))
        self.error_plot.name_axes(left=self.tr("error"), bottom=self.tr("step"))
        self.error_plot.set_legend(
            [
                (self.tr("root mean square"), looks.strong_pen(theme, 0)),
                (self.tr("largest"), looks.strong_pen(theme, 1)),
                (self.tr("smallest possible, x²"), level_pen(theme.muted)),
            ],
            ("RMS", self.tr("max"), self.tr("bound")),
        )

    def _read(self, x: float, y: float) -> tuple[str, list[str]]:
        if not self._shown:
            return "", []
        at = np.array([x])
        target, fit = TARGETS[self._shown_target](at)[0], self._shown[-1](at)[0]
        return f"x = {x:.2f}".replace("-", "−"), [numbers.plain(target), numbers.plain(fit)]

    def _read_error(self, x: float, y: float) -> tuple[str, list[str]]:
        if not self._shown:
            return "", []
        step = min(max(round(x), 0), len(self._shown) - 1)
        state = self._shown[step]
        values = (state.rms_error, state.largest_error)
        return self.tr("step {0}").format(step), [numbers.plain(value) for value in values]


def _inside(state: CurveState) -> np.ndarray:
    """Return the hinges that can be seen."""
    hinges = state.hinges()
    return np.sort(hinges[(hinges >= INTERVAL[0]) & (hinges <= INTERVAL[1])])
