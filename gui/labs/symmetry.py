"""Lab: units that start equal stay equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtWidgets import QWidget

from engine.config import RunConfig
from engine.fields import OneOf, Real, Whole
from engine.labs.job import Report
from engine.labs.symmetry import STARTS, SymmetryNetwork, SymmetrySetup, SymmetryState
from engine.labs.trajectory import Trajectory
from gui import numbers
from gui import theme as looks
from gui.labs.lab import Lab, Parameter, Reading, Table, Values, seed_parameter
from gui.labs.network_picture import NetworkPicture
from gui.labs.player import Player
from gui.labs.plot import LabPlot
from gui.theme import Theme
from gui.views.plot import logarithm

# The names of `STARTS`; the constant one has its translation from the initialiser.
_NAMES = (QT_TRANSLATE_NOOP("engine", "random"),)
MOST_HIDDEN_LAYERS = 3
MOST_STEPS = 2000
STEPS_PER_PICTURE = 5
# So many steps are made within a repaint; a step and its state take up to 0.3 ms.
STEPS_AT_ONCE = 40
# The axis of the loss ends a decade lower whenever the loss comes there.
_LEAST_LOSS = 0.1
_NO_LOSS = 1e-12


class SymmetryLab(Lab):
    """The network and its loss."""

    parameters: ClassVar = {
        "steps": Parameter(
            Whole(0, MOST_STEPS, slider=(0, MOST_STEPS)),
            0,
            QT_TRANSLATE_NOOP("Labs", "Training steps"),
        ),
        "hidden_layers": Parameter(
            Whole(0, MOST_HIDDEN_LAYERS, slider=(0, MOST_HIDDEN_LAYERS)),
            2,
            QT_TRANSLATE_NOOP("Labs", "Hidden layers"),
            QT_TRANSLATE_NOOP("Labs", "0 is softmax regression."),
        ),
        "units": Parameter(
            Whole(1, 8, slider=(1, 8)),
            5,
            QT_TRANSLATE_NOOP("Labs", "Units in a hidden layer"),
            needs=("hidden_layers", tuple(range(1, MOST_HIDDEN_LAYERS + 1))),
        ),
        "start": Parameter(OneOf(STARTS), "constant", QT_TRANSLATE_NOOP("Labs", "First weights")),
        "constant": Parameter(
            Real(-10.0, 10.0, slider=(-1.0, 1.0)),
            0.3,
            QT_TRANSLATE_NOOP("Labs", "Constant c"),
            needs=("start", ("constant",)),
        ),
        "dropout": Parameter(
            Real(0.0, 0.9, slider=(0.0, 0.9)), 0.0, QT_TRANSLATE_NOOP("Labs", "Dropout")
        ),
        "learning_rate": Parameter(
            Real(0.0, 10.0, slider=(0.01, 3.0), ladder=True),
            0.3,
            QT_TRANSLATE_NOOP("Labs", "Learning rate"),
        ),
        "seed": seed_parameter(),
    }
    formulas = (
        r"w_1^{(0)} = w_2^{(0)} = ⋯ = c",
        r"\frac{∂L}{∂w_1} = \frac{∂L}{∂w_2} = ⋯",
        r"w_1^{(k)} = w_2^{(k)} = ⋯",
    )

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(config_now, parent)
        self.bar = self.player = Player(STEPS_PER_PICTURE, MOST_STEPS)
        self.player.wanted.connect(lambda step: self.values_wanted.emit({"steps": step}))
        self.picture = NetworkPicture()
        self.plot = LabPlot(left_powers=True, bottom_counts=True, legend_columns=1)
        self.lay_out(picture=3, plot=2)
        self._loss = self.plot.add_curve()
        self._trajectory: tuple[SymmetrySetup, Trajectory[SymmetryState]] | None = None
        self._shown: list[SymmetryState] = []
        self.plot.read = self._read

    def explanation(self) -> str:
        return self.tr(
            "Units of one layer that start with equal weights get equal gradients, so they stay "
            "equal: a layer of many units works as one, for ever. Units with the same letter are "
            "the same to the last bit. A random start parts them, and so does dropout, which "
            "silences one and not the other. Softmax regression, no hidden layer, may start from "
            "equal weights: the classes differ, and so do their gradients."
        )

    def complete(self, values: Values) -> Values:
        """Add the training, which goes on where it was as long as only the steps change."""
        names = [name for name in self.parameters if name != "steps"]
        setup = SymmetrySetup(**{name: values[name] for name in names})
        if self._trajectory is None or self._trajectory[0] != setup:
            self._trajectory = setup, Trajectory(SymmetryNetwork(setup))
        return {**values, "trajectory": self._trajectory[1]}

    def is_slow(self, values: Values) -> bool:
        return bool(values["steps"] - values["trajectory"].known > STEPS_AT_ONCE)

    def compute(self, values: Values, report: Report) -> list[SymmetryState]:
        states: list[SymmetryState] = values["trajectory"].until(values["steps"], report)
        return states

    def show_result(self, values: Values, result: list[SymmetryState]) -> None:
        self._shown = result
        state = result[-1]
        self.player.show_step(state.step)
        groups = state.unit_groups()
        ends = ((text, text) for text in (self.tr("input"), self.tr("classes")))
        captions = [next(ends), *map(self._layer_texts, groups), next(ends)]
        self.picture.show_network(state.weights, groups, captions)
        loss = np.array([state.loss for state in result])
        self._loss.setData(np.arange(len(loss)), logarithm(loss))
        least, high = min(_LEAST_LOSS, float(loss.min())), max(3.0, float(loss.max()))
        low = np.floor(np.log10(max(least, _NO_LOSS)) + 1e-9)
        self.plot.set_range((0.0, max(100.0, len(loss) * 1.05)), (low, np.log10(high)))
        self.plot.update_reading()

    def _layer_texts(self, group: np.ndarray) -> tuple[str, str]:
        distinct = int(group.max()) + 1
        return self.tr("{0} distinct").format(distinct), str(distinct)

    def readings(self, values: Values, result: list[SymmetryState]) -> list[Reading]:
        state = result[-1]
        groups = state.unit_groups()
        distinct = [int(group.max()) + 1 for group in groups]
        text = ", ".join(map(str, distinct)) or self.tr("no hidden layer")
        one = values["units"] > 1 and bool(distinct) and min(distinct) == 1
        return [
            Reading(self.tr("step"), str(state.step)),
            Reading(self.tr("distinct units in each layer"), text, alarm=one),
            Reading(self.tr("loss"), numbers.plain(state.loss)),
            Reading(self.tr("accuracy"), numbers.percent(state.accuracy)),
        ]

    def table(self, values: Values, result: list[SymmetryState]) -> Table:
        state = result[-1]
        rows: list[list[object]] = []
        for layer, (weight, bias) in enumerate(
            zip(state.weights, state.biases, strict=True), start=1
        ):
            for unit, (into, offset) in enumerate(zip(weight, bias, strict=True), start=1):
                rows += [[state.step, layer, unit, i, w] for i, w in enumerate(into, start=1)]
                rows.append([state.step, layer, unit, "bias", offset])
        return ["step", "layer", "unit", "input", "weight"], rows

    def experiment(self, values: Values) -> RunConfig | None:
        if values["hidden_layers"] == 0:
            return None
        constant = values["start"] == "constant"
        return RunConfig(
            depth=values["hidden_layers"],
            width=values["units"],
            activation="tanh",
            initializer="constant" if constant else "lecun_normal",
            init_constant=values["constant"],
            dropout=values["dropout"],
            learning_rate=values["learning_rate"],
            dataset="blobs",
            seed=values["seed"],
        )

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for part in (self.player, self.picture, self.plot):
            part.set_theme(theme)
        self._loss.setPen(looks.strong_pen(theme, 0))
        self._name()

    def retranslate(self) -> None:
        self.player.retranslate()
        self._name()

    def _name(self) -> None:
        self.picture.set_title(
            self.tr("The network; equal units have one letter"), self.tr("The network")
        )
        self.picture.name_signs(self.tr("positive weight"), self.tr("negative weight"))
        self.plot.set_title(self.tr("Loss on six clouds of points"), self.tr("Loss"))
        self.plot.name_axes(left=self.tr("loss"), bottom=self.tr("step"))
        self.plot.set_legend([(self.tr("cross-entropy"), looks.strong_pen(self.theme, 0))])

    def _read(self, x: float, y: float) -> tuple[str, list[str]]:
        if not self._shown:
            return "", []
        step = min(max(round(x), 0), len(self._shown) - 1)
        return self.tr("step {0}").format(step), [numbers.plain(self._shown[step].loss)]
