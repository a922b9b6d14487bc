"""Lab: addition against multiplication, through the layers and through time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QWidget

from engine.activations import ACTIVATIONS, Array
from engine.config import RunConfig
from engine.fields import OneOf, Real, Whole
from engine.labs.gates import KINDS, DepthSetup, draw_depth, gradient_by_layer
from engine.labs.job import Report
from engine.labs.recurrence import (
    RecurrentSetup,
    draw_recurrent,
    gradient_by_time,
    lstm_gradients,
    open_gate,
    rnn_gradients,
)
from gui import numbers
from gui import theme as looks
from gui.labs.lab import Lab, Parameter, Reading, Table, Values, seed_parameter
from gui.labs.plot import LabPlot, theory_line
from gui.theme import Theme
from gui.views.plot import logarithm

# The view always shows these decades, and grows with the curves, in steps.
_LEAST_RANGE = (-3.0, 3.0)
_RANGE_STEP = 3.0
_LOWEST = -60.0
# So many layers and time steps of 32 units are computed within a repaint, 0.1 ms each.
_MOST_AT_ONCE = 130


@dataclass(frozen=True)
class Gradients:
    """What is drawn: root mean square norms.

    Attributes:
        by_layer: of ∂L/∂h_l for l = 0 … depth, by kind of network.
        rnn, lstm: of ∂L/∂x_t for t = 1 … T.
        gate: what the forget gate alone lets by.
    """

    by_layer: dict[str, Array]
    rnn: Array
    lstm: Array
    gate: Array


class GatesLab(Lab):
    """The gradient of every layer and of every time step, with and without addition."""

    parameters: ClassVar = {
        "depth": Parameter(Whole(2, 500, slider=(2, 200)), 50, QT_TRANSLATE_NOOP("Labs", "Layers")),
        "activation": Parameter(
            OneOf(tuple(ACTIVATIONS)), "sigmoid", QT_TRANSLATE_NOOP("Labs", "Activation")
        ),
        "gate_bias": Parameter(
            Real(-20.0, 20.0, slider=(-8.0, 2.0)),
            -2.0,
            QT_TRANSLATE_NOOP("Labs", "Highway's gate bias"),
            QT_TRANSLATE_NOOP("Labs", "The lower, the more of a layer's input passes unchanged."),
        ),
        "steps": Parameter(
            Whole(2, 500, slider=(10, 200)), 100, QT_TRANSLATE_NOOP("Labs", "Time steps T")
        ),
        "forget_bias": Parameter(
            Real(-20.0, 20.0, slider=(-2.0, 8.0)),
            3.0,
            QT_TRANSLATE_NOOP("Labs", "LSTM's forget bias"),
            QT_TRANSLATE_NOOP("Labs", "The higher, the longer the cell keeps what it holds."),
        ),
        "width": Parameter(
            Whole(1, 64, slider=(2, 64)), 32, QT_TRANSLATE_NOOP("Labs", "Units in a layer")
        ),
        "gain": Parameter(
            Real(0.0, 10.0, slider=(0.0, 4.0)),
            1.0,
            QT_TRANSLATE_NOOP("Labs", "Weight scale σ√n"),
            QT_TRANSLATE_NOOP("Labs", "Weights are drawn from N(0, σ²); 1 is σ² = 1/n."),
        ),
        "seed": seed_parameter(),
    }
    reading_group = 3
    formulas = (
        r"h_l = φ(W_l h_{l−1})",
        r"h_l = h_{l−1} + φ(W_l h_{l−1})",
        r"h_l = t_l φ(W_l h_{l−1}) + (1−t_l) h_{l−1}",
        r"h_t = \rm{tanh}(W h_{t−1} + U x_t)",
        r"c_t = f_t c_{t−1} + i_t g_t",
    )

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(config_now, parent)
        self.depth_plot = LabPlot(left_powers=True, bottom_counts=True, legend_columns=2)
        self.time_plot = LabPlot(left_powers=True, bottom_counts=True, legend_columns=2)
        self.lay_out(depth_plot=1, time_plot=1)
        self._depth_curves = [self.depth_plot.add_curve() for _ in KINDS]
        self._time_curves = [self.time_plot.add_curve() for _ in range(2)]
        self._gate_curve = self.time_plot.add_curve(behind=True)
        self._shown: Gradients | None = None
        self.depth_plot.read = self._read_depth
        self.time_plot.read = self._read_time

    def explanation(self) -> str:
        return self.tr(
            "A product of many factors vanishes or explodes; a sum need not. Left, the gradient on "
            "its way back to the input of three networks with the same weights: plain, residual, "
            "highway. Right, what the last output of a recurrent chain owes to the input of every "
            "time step: an RNN multiplies by a matrix at every step; an LSTM multiplies its cell c "
            "by the forget gate f, and the input gate i adds what is new, g. Addition helps, and "
            "removes nothing: a residual network grows with its depth, a gate that is only half "
            "open forgets as well."
        )

    def compute(self, values: Values, report: Report) -> Gradients:
        seed, gain = values["seed"], values["gain"]
        depth = DepthSetup(
            values["depth"], values["width"], values["activation"], gain, values["gate_bias"], seed
        )
        draws = draw_depth(depth)
        time = RecurrentSetup(values["steps"], values["width"], gain, values["forget_bias"], seed)
        chain = draw_recurrent(time)
        return Gradients(
            by_layer={kind: gradient_by_layer(kind, depth, draws) for kind in KINDS},
            rnn=gradient_by_time(rnn_gradients(time, chain)),
            lstm=gradient_by_time(lstm_gradients(time, chain)),
            gate=open_gate(time),
        )

    def is_slow(self, values: Values) -> bool:
        wide = max(values["width"] / 32, 1.0)
        return bool((values["depth"] + values["steps"]) * wide > _MOST_AT_ONCE)

    def show_result(self, values: Values, result: Gradients) -> None:
        self._shown = result
        logs = [logarithm(norms) for norms in result.by_layer.values()]
        for curve, log in zip(self._depth_curves, logs, strict=True):
            curve.setData(np.arange(len(log)), log)
        depth = len(logs[0]) - 1
        self.depth_plot.set_range((0.0, float(depth)), _vertical_range(logs), pad=0.02)
        times = np.arange(1, len(result.rnn) + 1)
        chains = [logarithm(norms) for norms in (result.rnn, result.lstm, result.gate)]
        for curve, log in zip(self._time_curves, chains, strict=False):
            curve.setData(times, log)
        # A straight line: only its ends, or its dashes would run together. The far end may be
        # below what a float holds, its logarithm is not.
        slope = chains[-1][-2]
        self._gate_curve.setData(times[[0, -1]], np.array([slope * (len(times) - 1), 0.0]))
        self.time_plot.set_range((1.0, float(len(times))), _vertical_range(chains), pad=0.02)
        for plot in (self.depth_plot, self.time_plot):
            plot.update_reading()

    def readings(self, values: Values, result: Gradients) -> list[Reading]:
        lost = self.tr("{0}: first layer ÷ last")
        made = [
            Reading(lost.format(name), _ratio_text(norms), alarm=not np.isfinite(norms).all())
            for name, norms in zip(self._kind_names(), result.by_layer.values(), strict=True)
        ]
        first = self.tr("{0}: first step ÷ last")
        made += [
            Reading(first.format(name), _ratio_text(norms))
            for name, norms in (("RNN", result.rnn), ("LSTM", result.lstm))
        ]
        gate = ACTIVATIONS["sigmoid"].phi(np.array([values["forget_bias"]]))[0]
        return [*made, Reading(self.tr("forget gate without input"), numbers.plain(gate))]

    def table(self, values: Values, result: Gradients) -> Table:
        heads = ["through", "index", *KINDS, "rnn", "lstm", "forget_gate_alone"]
        rows: list[list[object]] = [
            ["layers", layer, *norms, "", "", ""]
            for layer, norms in enumerate(zip(*result.by_layer.values(), strict=True))
        ]
        chains = zip(result.rnn, result.lstm, result.gate, strict=True)
        rows += [["time", t, "", "", "", *norms] for t, norms in enumerate(chains, start=1)]
        return heads, rows

    def experiment(self, values: Values) -> RunConfig:
        return RunConfig(
            depth=values["depth"],
            width=values["width"],
            activation=values["activation"],
            initializer="lecun_normal",
            gain=values["gain"],
            skip="residual",
            seed=values["seed"],
        )

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for plot in (self.depth_plot, self.time_plot):
            plot.set_theme(theme)
        for index, curve in enumerate(self._depth_curves):
            curve.setPen(looks.strong_pen(theme, index))
        for index, curve in enumerate(self._time_curves):
            curve.setPen(looks.strong_pen(theme, index))
        self._gate_curve.setPen(theory_line(theme, 1))
        self._name()

    def retranslate(self) -> None:
        self._name()

    def _kind_names(self) -> tuple[str, str, str]:
        return self.tr("Plain"), self.tr("Residual"), self.tr("Highway")

    def _name(self) -> None:
        theme = self.theme
        self.depth_plot.set_title(
            self.tr("Gradient of every layer ‖∂L/∂hₗ‖"), self.tr("Every layer")
        )
        self.depth_plot.name_axes(left="‖∂L/∂h‖", bottom=self.tr("layer l, 0 is the input"))
        names = enumerate(self._kind_names())
        self.depth_plot.set_legend([(name, looks.strong_pen(theme, i)) for i, name in names])
        self.time_plot.set_title(
            self.tr("Gradient of every time step ‖∂L/∂xₜ‖"), self.tr("Every time step")
        )
        self.time_plot.name_axes(left="‖∂L/∂x‖", bottom=self.tr("time step t"))
        gate = self.tr("forget gate alone")
        self.time_plot.set_legend(
            [
                ("RNN", looks.strong_pen(theme, 0)),
                ("LSTM", looks.strong_pen(theme, 1)),
                (gate, theory_line(theme, 1)),
            ],
            ("RNN", "LSTM", self.tr("gate")),
        )

    def _read_depth(self, x: float, y: float) -> tuple[str, list[str]]:
        if self._shown is None:
            return "", []
        norms = list(self._shown.by_layer.values())
        layer = min(max(round(x), 0), len(norms[0]) - 1)
        return f"l = {layer}", [numbers.scientific(float(norm[layer])) for norm in norms]

    def _read_time(self, x: float, y: float) -> tuple[str, list[str]]:
        shown = self._shown
        if shown is None:
            return "", []
        t = min(max(round(x), 1), len(shown.rnn))
        chains = (shown.rnn, shown.lstm, shown.gate)
        return f"t = {t}", [numbers.scientific(float(norms[t - 1])) for norms in chains]


def _ratio_text(norms: Array) -> str:
    """Write how much of the last norm the first one is."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return numbers.plain(float(norms[0] / norms[-1]))


def _vertical_range(logs: list[Array]) -> tuple[float, float]:
    """Return a range of whole steps that holds the curves, but not what has long vanished."""
    low, high = _LEAST_RANGE
    for log in logs:
        finite = log[np.isfinite(log)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    step = _RANGE_STEP
    return max(np.floor(low / step) * step, _LOWEST), np.ceil(high / step) * step
