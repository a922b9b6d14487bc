"""Lab: the singular values of the main window's network, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QT_TRANSLATE_NOOP, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.activations import Array
from engine.config import RunConfig
from engine.fields import ConfigError, Whole
from engine.labs.jacobian import DRAWS, NetworkCopy, lost_below, redrawn, spectra, spectra_layers
from engine.labs.job import Report
from engine.labs.network_copy import (
    MOST_UNITS,
    SAMPLES,
    NoCopyError,
    TooLargeError,
    first_network,
)
from gui import numbers
from gui import theme as looks
from gui.buttons import FlatButton
from gui.labels import ElidedLabel
from gui.labs.lab import Lab, Parameter, Reading, Table, Values, seed_parameter
from gui.labs.plot import LabPlot
from gui.refusals import refusal_words
from gui.theme import Theme

# The networks that are compared; the first is the main window's own.
NETWORKS = ("own", *DRAWS)
# Why there may be nothing to draw.
TOO_LARGE, NOT_FINITE, SHALLOW, REFUSED = "too large", "not finite", "shallow", "refused"
# How often it is looked whether the engine has given a copy.
ASK_PERIOD_MS = 40
MOST_TICKS = 4
_TICK_PIXELS = 24
_LEAST_RANGE = (-4.0, 2.0)
_RANGE_STEP = 2.0
_MOST_DECADES = 40.0
_LOST = np.empty(0)
# The largest, the middle and the smallest, as shares of a spectrum.
_PLACES = (0.0, 0.5, 1.0)


@dataclass(frozen=True)
class Spectra:
    """What is drawn.

    Attributes:
        step: of the network; None where there is none.
        depth: its hidden layers.
        problem: why there is nothing to draw; empty: there is.
        refusal: why the experiment cannot be run, if that is the problem.
        layers: l of every spectrum so far, from the last but one down, by network.
        logs: log10 of the singular values of ∂h_L/∂h_l, by network.
    """

    step: int | None
    depth: int
    problem: str = ""
    refusal: ConfigError | None = None
    layers: dict[str, tuple[int, ...]] = field(default_factory=lambda: dict.fromkeys(NETWORKS, ()))
    logs: dict[str, tuple[Array, ...]] = field(default_factory=lambda: dict.fromkeys(NETWORKS, ()))


class JacobianLab(Lab):
    """Three fans of singular values: the network, and Gaussian and orthogonal weights."""

    parameters: ClassVar = {
        "sample": Parameter(
            Whole(1, SAMPLES, slider=(1, SAMPLES)),
            1,
            QT_TRANSLATE_NOOP("Labs", "Sample"),
            QT_TRANSLATE_NOOP("Labs", "Of the training data; every sample has its own Jacobian."),
        ),
        "seed": seed_parameter(),
    }
    reading_group = 2
    formulas = (
        r"\frac{∂h^L}{∂h^l} = \prod_{k=l+1}^L D_k W_k",
        r"D_k = \rm{diag} φ′(z^k)",
        r"σ_1 ≥ σ_2 ≥ ⋯ ≥ σ_n",
    )

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(config_now, parent)
        self.take = FlatButton("reset")
        self.take.clicked.connect(self.ask)
        self.message = ElidedLabel()
        self.bar = QWidget()
        head = QHBoxLayout(self.bar)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(2 * looks.GAP)
        head.addWidget(self.take)
        head.addWidget(self.message, 1)
        self.plots = {name: LabPlot(left_powers=True, legend_columns=2) for name in NETWORKS}
        self.own, self.gaussian, self.orthogonal = self.plots.values()
        self.lay_out(own=1, gaussian=1, orthogonal=1)
        self._all = {name: plot.add_curve(behind=True) for name, plot in self.plots.items()}
        self._some = {
            name: [plot.add_curve() for _ in range(3)] for name, plot in self.plots.items()
        }
        self._network: NetworkCopy | NoCopyError | None = None
        self._first: tuple[RunConfig, NetworkCopy] | None = None
        self._asked_over: NetworkCopy | NoCopyError | None = None
        self._shown: Spectra | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(ASK_PERIOD_MS)
        self._timer.timeout.connect(self._look_for_network)
        for name, plot in self.plots.items():
            plot.read = lambda x, y, name=name: self._read(name, x)

    def explanation(self) -> str:
        return self.tr(
            "A gradient on its way back is multiplied by the Jacobian of every layer. The singular "
            "values of their product say how much the best and the worst direction keep of it: "
            "where all of them fall, the gradient vanishes; where they fan out, most directions "
            "are lost though the norm may look healthy. Left, the network that now stands in the "
            "main window; beside it the same network with fresh Gaussian and orthogonal weights of "
            "the same size. Orthogonal factors stretch nothing: only φ′ fans out. A line ends "
            "where float64 can no longer tell its values from 0 beside the largest, some 10¹⁴ "
            "times as large."
        )

    # The network next door

    def ask(self) -> None:
        """Take the network of the main window as it is now."""
        if self.session is None:
            self.values_wanted.emit({})
            return
        self._asked_over = self.session.network()
        self.session.ask_network()
        self._timer.start()

    def _look_for_network(self) -> None:
        assert self.session is not None
        answer = self.session.network()
        if answer is not None and answer is not self._asked_over:
            self._timer.stop()
            self._network = answer
            self.values_wanted.emit({})

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.session is not None:
            self.ask()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    # The lab

    def complete(self, values: Values) -> Values:
        """Add the network, or else the experiment that it would be made from."""
        return {**values, "network": self._network, "config": self.config_now()}

    def is_slow(self, values: Values) -> bool:
        return True

    def compute(self, values: Values, report: Report) -> Spectra:
        network = values["network"]
        try:
            if isinstance(network, TooLargeError):
                raise network
            if not isinstance(network, NetworkCopy):
                network = self._first_network(values["config"])
        except TooLargeError:
            return Spectra(None, 0, TOO_LARGE)
        except ConfigError as error:
            return Spectra(None, 0, REFUSED, error)
        if not network.is_finite:
            return Spectra(network.step, network.depth, NOT_FINITE)
        if network.depth < 2:
            return Spectra(network.step, network.depth, SHALLOW)
        sample = (values["sample"] - 1) % len(network.x)
        shown = Spectra(network.step, network.depth)
        parts = len(NETWORKS) * len(spectra_layers(network.depth))
        done = 0
        for name in NETWORKS:
            report(done / parts, shown if done else None)
            other = network if name == "own" else redrawn(network, name, values["seed"])
            layers: list[int] = []
            logs: list[Array] = []
            for layer, log in spectra(other, sample):
                layers.append(layer)
                logs.append(log)
                done += 1
                report(done / parts)
            shown = replace(
                shown,
                layers={**shown.layers, name: tuple(layers)},
                logs={**shown.logs, name: tuple(logs)},
            )
        return shown

    def _first_network(self, config: RunConfig) -> NetworkCopy:
        """Return the network of an experiment before its first step; the last one is kept."""
        if self._first is None or self._first[0] != config:
            self._first = config, first_network(config)
        return self._first[1]

    def show_result(self, values: Values, result: Spectra) -> None:
        self._shown = result
        self.message.setText(self._problem_text(result) or self._what_is_shown(result))
        span = _vertical_range([log for logs in result.logs.values() for log in logs])
        right = max(float(result.depth), 2.0)
        for name, plot in self.plots.items():
            layers, logs = result.layers[name], result.logs[name]
            self._all[name].setData(*_fan(layers, logs))
            for curve, log in zip(self._some[name], _three(logs), strict=True):
                curve.setData(np.array(layers, dtype=float), log)
            plot.set_range((1.0, right), span, pad=0.02)
            room = plot.plot.getViewBox().width() // looks.scaled(_TICK_PIXELS)
            last = round(right)
            ticks = numbers.layer_ticks(last, MOST_TICKS) if room > MOST_TICKS else [1, last]
            plot.plot.getAxis("bottom").setTicks([[(tick, str(tick)) for tick in ticks]])
            plot.update_reading()

    def _problem_text(self, result: Spectra) -> str:
        texts = {
            TOO_LARGE: self.tr(
                "The network is too large for this lab: at most {0} units in a layer."
            ).format(MOST_UNITS),
            NOT_FINITE: self.tr("Weights are no longer finite: nothing can be decomposed."),
            SHALLOW: self.tr("One hidden layer: there is no Jacobian between hidden layers."),
            REFUSED: "" if result.refusal is None else refusal_words(result.refusal),
        }
        return texts.get(result.problem, "")

    def _what_is_shown(self, result: Spectra) -> str:
        if not isinstance(self._network, NetworkCopy):
            return self.tr("The main window's experiment before its first step")
        return self.tr("The main window's network after step {0}").format(result.step)

    def readings(self, values: Values, result: Spectra) -> list[Reading]:
        made = []
        largest, median = self.tr("{0}: σ₁ at l = 1"), self.tr("{0}: median at l = 1")
        for name, shown in zip(NETWORKS, self._network_names(), strict=True):
            values_there = ["–", "–"]
            if result.layers[name]:
                values_there = _three_texts(result.logs[name][-1])[:2]
            for text, value in zip((largest, median), values_there, strict=True):
                made.append(Reading(text.format(shown), value))
        return made

    def table(self, values: Values, result: Spectra) -> Table:
        rows: list[list[object]] = []
        for name in NETWORKS:
            for layer, log in zip(result.layers[name], result.logs[name], strict=True):
                rows += [[name, layer, index, value] for index, value in enumerate(log, start=1)]
        return ["network", "layer", "index", "log10_singular_value"], rows

    def experiment(self, values: Values) -> RunConfig:
        return self.config_now().replace(initializer="orthogonal")

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.take.set_theme(theme)
        for name, plot in self.plots.items():
            plot.set_theme(theme)
            self._all[name].setPen(pg.mkPen(theme.disabled, width=1))
            for index, curve in enumerate(self._some[name]):
                curve.setPen(looks.strong_pen(theme, index))
        self._name()

    def retranslate(self) -> None:
        self.take.setText(self.tr("Take the network as it is now"))
        self._name()

    def _network_names(self) -> tuple[str, str, str]:
        return self.tr("The network"), self.tr("Gaussian"), self.tr("Orthogonal")

    def _name(self) -> None:
        pens = [looks.strong_pen(self.theme, index) for index in range(3)]
        names = (self.tr("largest"), self.tr("median"), self.tr("smallest"))
        short = (self.tr("max"), self.tr("med."), self.tr("min"))
        for plot, title in zip(self.plots.values(), self._network_names(), strict=True):
            plot.set_title(title, title)
            plot.name_axes(left=self.tr("singular values"), bottom=self.tr("layer l"))
            plot.set_legend(list(zip(names, pens, strict=True)), short)

    def _read(self, name: str, x: float) -> tuple[str, list[str]]:
        shown = self._shown
        if shown is None or not shown.layers[name]:
            return "–", []
        layers = np.array(shown.layers[name])
        index = int(np.abs(layers - x).argmin())
        return f"l = {layers[index]}", _three_texts(shown.logs[name][index])


def _three(logs: tuple[Array, ...]) -> list[Array]:
    """Return the largest, the middle and the smallest singular value of every layer, log10."""
    if not logs:
        return [_LOST, _LOST, _LOST]
    return [np.array([log[_index(place, log)] for log in logs]) for place in _PLACES]


def _index(place: float, log: Array) -> int:
    return round(place * (len(log) - 1))


def _three_texts(log: Array) -> list[str]:
    """Write the largest, the middle and the smallest of one spectrum."""
    texts = []
    for place in _PLACES:
        value = log[_index(place, log)]
        lost = np.isnan(value) and np.isfinite(log[0])
        texts.append(f"< {_power_text(lost_below(log))}" if lost else _power_text(value))
    return texts


def _fan(layers: tuple[int, ...], logs: tuple[Array, ...]) -> tuple[Array, Array]:
    """Return one curve that draws every singular value, with gaps between them."""
    if not logs:
        return _LOST, _LOST
    shared = min(len(log) for log in logs)
    values = np.stack([log[:shared] for log in logs], axis=1)
    gap = np.full((shared, 1), np.nan)
    x = np.tile(np.array([*layers, np.nan]), shared)
    return x, np.concatenate([values, gap], axis=1).reshape(-1)


def _power_text(log10: float) -> str:
    if np.isnan(log10):
        return "–"
    with np.errstate(over="ignore"):
        return numbers.scientific(float(10.0**log10))


def _vertical_range(logs: list[Array]) -> tuple[float, float]:
    low, high = _LEAST_RANGE
    for log in logs:
        finite = log[np.isfinite(log)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    step = _RANGE_STEP
    high = float(np.ceil(high / step) * step)
    return max(float(np.floor(low / step) * step), high - _MOST_DECADES), high
