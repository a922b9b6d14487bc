"""Profile: every layer at the present step.

A gradient that vanishes is a straight line falling towards the input; the slope is the factor
that each layer multiplies it with.
"""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from engine.record import layer_name
from engine.snapshot import RunSnapshot
from gui import numbers
from gui import theme as looks
from gui.theme import Theme
from gui.views.plot import LinePlot, logarithm

# The quantities that theory predicts, by their place in `QUANTITIES`.
PREDICTED = {0: "activation_grad_norm", 2: "activation_rms"}
QUANTITIES = ("activation_grad_norm", "weight_grad_norm", "activation_rms", "update_ratio")
# The vertical range grows in steps of so many decades, so that the axis does not tremble.
_RANGE_STEP = 3
_MOST_TICKS = 6
_LEAST_RANGE = (-3.0, 1.0)


def vertical_range(values: list[np.ndarray]) -> tuple[float, float]:
    """Return a range of whole steps that holds all finite values."""
    low, high = _LEAST_RANGE
    for value in values:
        finite = value[np.isfinite(value)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    step = _RANGE_STEP
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)


class ProfileView(LinePlot):
    """Gradient, activation and update of every layer, as powers of ten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(logarithmic=True, legend_columns=2, parent=parent)
        self._curves = [pg.PlotCurveItem(connect="finite") for _ in QUANTITIES]
        for curve in self._curves:
            self.plot.addItem(curve)
        self._theory = {index: pg.PlotCurveItem(connect="finite") for index in PREDICTED}
        for curve in self._theory.values():
            # Behind what was measured.
            curve.setZValue(-1)
            self.plot.addItem(curve)
        self._run: RunSnapshot | None = None
        self._layers = 0
        self.plot.getAxis("bottom").setTicks([[]])
        self.plot.setYRange(*vertical_range([]), padding=0.03)
        self.retranslate()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for index, curve in enumerate(self._curves):
            curve.setPen(looks.strong_pen(theme, index))
        for index, curve in self._theory.items():
            curve.setPen(looks.theory_pen(theme, index))
        self.retranslate()

    def retranslate(self) -> None:
        self.title.setText(self.tr("Every layer now"))
        names = ("‖∂L/∂h‖", "‖∂L/∂W‖", self.tr("RMS of h"), "‖ΔW‖ / ‖W‖")
        names += (self.tr("theory at initialisation"),)
        pens = [looks.series_pen(self.theme, index) for index in range(len(QUANTITIES))]
        pens.append(looks.theory_pen(self.theme, 0))
        self.legend.set_entries(
            list(zip(names, pens, strict=True)),
            ("∂h", "∂W", "h", "ΔW", self.tr("theory")),
            self.theme,
        )
        self.setToolTip(
            self.tr(
                "Left: the layer next to the input. Right: the output layer. "
                "The gradient travels from right to left."
            )
        )
        self.update_reading()

    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        self._run = run
        if run.config.depth + 1 != self._layers:
            self._layers = run.config.depth + 1
            self._name_layers()
        if run.record is None:
            self._empty()
            self.plot.setYRange(*vertical_range([]), padding=0.03)
            return
        logs = [logarithm(run.record.layer(quantity)) for quantity in QUANTITIES]
        layers = np.arange(1, len(logs[0]) + 1, dtype=np.float64)
        for curve, values in zip(self._curves, logs, strict=True):
            curve.setData(layers, values)
        self._show_theory(run, layers)
        low, high = vertical_range(logs)
        self.plot.setYRange(low, high, padding=0.03)
        self.update_reading()

    def _show_theory(self, run: RunSnapshot, layers: np.ndarray) -> None:
        """Draw what theory expects at initialisation, which training then leaves behind."""
        prediction = run.prediction
        for index, name in PREDICTED.items():
            if prediction is None:
                self._theory[index].setData([], [])
            else:
                self._theory[index].setData(layers, logarithm(getattr(prediction, name)))

    def _name_layers(self) -> None:
        depth = self._layers - 1
        ticks = [(layer, str(layer)) for layer in numbers.layer_ticks(depth, _MOST_TICKS)]
        self.plot.getAxis("bottom").setTicks([ticks])
        self.plot.setXRange(0.5, self._layers + 0.5)

    def clear(self) -> None:
        self._run = None
        self._empty()

    def _empty(self) -> None:
        for curve in (*self._curves, *self._theory.values()):
            curve.setData([], [])
        self.update_reading()

    def update_reading(self) -> None:
        x = self.mouse_x()
        if x is None or self._run is None or self._run.record is None:
            self.set_reading("")
            self.legend.set_values(())
            self.show_cursor(None)
            return
        row = min(max(round(x) - 1, 0), self._layers - 1)
        record = self._run.record
        name = layer_name(row, self._layers - 1)
        self.set_reading(
            self.tr("output layer") if name == "output" else self.tr("layer {0}").format(name)
        )
        self.legend.set_values(
            tuple(numbers.scientific(float(record.layer(q)[row])) for q in QUANTITIES)
        )
        self.show_cursor(row + 1)
