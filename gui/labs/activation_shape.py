"""Lab: an activation and its derivative."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QT_TRANSLATE_NOOP
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from engine.activations import ACTIVATIONS
from engine.config import RunConfig
from engine.fields import OneOf, Real
from engine.labs.activation_shape import Shape, gaussian, shape
from engine.labs.job import Report
from gui import numbers
from gui import theme as looks
from gui.labs.lab import Lab, Parameter, Reading, Table, Values
from gui.labs.plot import LabPlot, theory_line
from gui.theme import Theme
from gui.translation import choice_text

NONE = "none"
PLACES = ("first", "second", "third")
FARTHEST = 50.0
_LEAST_WIDTH = 0.5
# φ may leave the plot: a ReLU that goes up to 8 would leave the others flat.
_MOST_PHI = 3.0
_MOST_PARTS = 4
_SHADE_ALPHA = 0.13
_AREA_ALPHA = 0.3
_TAYLOR_STRIDE = 8
_ORDERS = {NONE: None, "1": 1, "3": 3}


def _activation(default: str, label: str, *, optional: bool) -> Parameter:
    names = (NONE, *ACTIVATIONS) if optional else tuple(ACTIVATIONS)
    return Parameter(OneOf(names), default, label)


class ActivationShapeLab(Lab):
    """φ above, φ′ below, for up to three activations."""

    parameters: ClassVar = {
        "first": _activation("sigmoid", QT_TRANSLATE_NOOP("Labs", "Activation"), optional=False),
        "second": _activation("tanh", QT_TRANSLATE_NOOP("Labs", "and"), optional=True),
        "third": _activation("relu", QT_TRANSLATE_NOOP("Labs", "and also"), optional=True),
        "order": Parameter(
            OneOf(tuple(_ORDERS)),
            "1",
            QT_TRANSLATE_NOOP("Labs", "Taylor polynomial"),
            QT_TRANSLATE_NOOP("Labs", "Its order at 0; order 1 is the tangent."),
        ),
        "sigma": Parameter(
            Real(0.01, 100.0, slider=(0.1, 5.0)),
            1.0,
            QT_TRANSLATE_NOOP("Labs", "σ of the Gaussian over z"),
        ),
        "left": Parameter(
            Real(-FARTHEST, FARTHEST, slider=(-20.0, 0.0)),
            -8.0,
            QT_TRANSLATE_NOOP("Labs", "From z ="),
            QT_TRANSLATE_NOOP("Labs", "The plots can also be dragged, and zoomed with the wheel."),
        ),
        "right": Parameter(
            Real(-FARTHEST, FARTHEST, slider=(0.0, 20.0)), 8.0, QT_TRANSLATE_NOOP("Labs", "To z =")
        ),
    }
    formulas = (
        r"δ_l = (W_{l+1}^⊤ δ_{l+1}) ⊙ φ′(z_l)",
        r"E φ′^2 = ∫ φ′(z)^2 p_σ(z) \thin dz",
    )
    reading_group = 3

    def __init__(self, config_now: Callable[[], RunConfig], parent: QWidget | None = None) -> None:
        super().__init__(config_now, parent)
        self.phi = LabPlot(legend_columns=3)
        self.slope = LabPlot(legend_columns=3)
        self.lay_out(phi=1, slope=1)
        self._plots = (self.phi, self.slope)
        self._curves = [[plot.add_curve() for _ in PLACES] for plot in self._plots]
        self._taylor = [self.phi.add_curve(behind=True) for _ in PLACES]
        self._areas = [plot.add_curve(behind=True) for plot in self._plots]
        self._density = self.slope.add_curve(behind=True)
        self._parts = [[_shade(plot) for _ in range(_MOST_PARTS)] for plot in self._plots]
        self._shown: list[Shape] = []
        self._names: tuple[str, ...] = ()
        for plot in self._plots:
            plot.plot.setMouseEnabled(True, False)
            box = plot.plot.getViewBox()
            box.sigRangeChangedManually.connect(lambda _, box=box: self._dragged(box))
        self.phi.read = lambda x, y: self._read(x, "phi")
        self.slope.read = lambda x, y: self._read(x, "slope")

    def explanation(self) -> str:
        return self.tr(
            "Every layer multiplies the gradient by φ′(z). The sigmoid's derivative is at most 1/4 "
            "and almost 0 beyond |z| = 5: where the first activation is that flat, it is shaded. "
            "Near 0, tanh, ReLU on its right and 4·sigmoid − 2 behave like z and keep a variance; "
            "the sigmoid behaves like 1/2 + z/4 and does not. The filled areas are what a Gaussian "
            "pre-activation z makes of φ² and φ′²: they decide how signal and gradient shrink."
        )

    def complete(self, values: Values) -> Values:
        # The ends may be typed or dragged in any order.
        left = min(values["left"], FARTHEST - _LEAST_WIDTH)
        return {**values, "left": left, "right": max(values["right"], left + _LEAST_WIDTH)}

    def notice(self, values: Values) -> str:
        if values["right"] - values["left"] >= _LEAST_WIDTH:
            return ""
        shown = self.complete(values)
        return self.tr("Drawn from {0} to {1}.").format(
            *(f"{shown[end]:g}".replace("-", "−") for end in ("left", "right"))
        )

    def compute(self, values: Values, report: Report) -> list[Shape]:
        names = dict.fromkeys(values[place] for place in PLACES if values[place] != NONE)
        order, sigma = _ORDERS[values["order"]], values["sigma"]
        return [shape(name, values["left"], values["right"], order, sigma) for name in names]

    def show_result(self, values: Values, result: list[Shape]) -> None:
        self._shown = result
        self._names = tuple(one.name for one in result)
        for index in range(len(PLACES)):
            one = result[index] if index < len(result) else None
            for curves, values_of in zip(self._curves, ("phi", "slope"), strict=True):
                curves[index].setData(
                    *([], []) if one is None else (one.z, getattr(one, values_of))
                )
            drawn = one is not None and one.taylor is not None
            self._taylor[index].setData(
                *_sparse(one.z, one.taylor, _TAYLOR_STRIDE) if drawn else ([], [])
            )
        first = result[0]
        density = gaussian(first.z, values["sigma"])
        self._density.setData(first.z, density)
        self._areas[0].setData(first.z, first.phi**2 * density)
        self._areas[1].setData(first.z, first.slope**2 * density)
        for parts in self._parts:
            for index, part in enumerate(parts):
                part.setVisible(index < len(first.saturated))
                if index < len(first.saturated):
                    part.setRegion(first.saturated[index])
        self._show_ranges(values, result)
        self._name()
        for plot in self._plots:
            plot.update_reading()

    def _show_ranges(self, values: Values, result: list[Shape]) -> None:
        x = (values["left"], values["right"])
        low = max(min(float(one.phi.min()) for one in result), -_MOST_PHI)
        high = min(max(float(one.phi.max()) for one in result), _MOST_PHI)
        low, high = min(low, 0.0), max(high, 1.0)
        pad = 0.08 * (high - low)
        self.phi.set_range(x, (low - pad, high + pad))
        low = min(0.0, *(float(one.slope.min()) for one in result))
        high = max(0.3, *(float(one.slope.max()) for one in result))
        self.slope.set_range(x, (low - 0.03, 1.08 * high))

    def _dragged(self, box: pg.ViewBox) -> None:
        left, right = (round(max(min(end, FARTHEST), -FARTHEST), 2) for end in box.viewRange()[0])
        self.values_wanted.emit({"left": left, "right": max(right, left + _LEAST_WIDTH)})

    def readings(self, values: Values, result: list[Shape]) -> list[Reading]:
        made = []
        for one in result:
            name = choice_text(one.name)
            made += [
                Reading(f"{name}: E φ²", numbers.plain(one.mean_square)),
                Reading(f"{name}: E φ′²", numbers.plain(one.mean_square_slope)),
                Reading(
                    self.tr("{0}: saturated").format(name), numbers.percent(one.saturated_share)
                ),
            ]
        return made

    def table(self, values: Values, result: list[Shape]) -> Table:
        heads, columns = ["z"], [result[0].z]
        for one in result:
            named: dict[str, Any] = {"phi": one.phi, "slope": one.slope, "taylor": one.taylor}
            for what, column in named.items():
                if column is not None:
                    heads.append(f"{one.name}_{what}")
                    columns.append(column)
        return heads, np.column_stack(columns).tolist()

    def experiment(self, values: Values) -> RunConfig:
        """Return the default experiment with this activation."""
        return RunConfig(activation=values["first"])

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for plot in self._plots:
            plot.set_theme(theme)
        for index in range(len(PLACES)):
            for curves in self._curves:
                curves[index].setPen(looks.strong_pen(theme, index))
            self._taylor[index].setPen(theory_line(theme, index))
        shade = self._shade_colour(_SHADE_ALPHA)
        for curve in self._areas:
            curve.setPen(None)
            curve.setFillLevel(0.0)
            curve.setBrush(self._area_colour())
        self._density.setPen(pg.mkPen(theme.muted, width=1))
        for parts in self._parts:
            for part in parts:
                part.setBrush(shade)
        self._name()

    def retranslate(self) -> None:
        self._name()

    def _name(self) -> None:
        self.phi.set_title(self.tr("Activation φ(z)"), "φ(z)")
        self.slope.set_title(self.tr("Derivative φ′(z)"), "φ′(z)")
        for plot in self._plots:
            plot.name_axes(left="", bottom="z")
        names = [
            (choice_text(name), looks.series_pen(self.theme, index))
            for index, name in enumerate(self._names)
        ]
        area = pg.mkPen(self._area_colour())
        # A line of it is seen less than a field.
        flat = (self.tr("saturated"), pg.mkPen(self._shade_colour(3.0 * _SHADE_ALPHA)))
        self.phi.set_legend(
            [
                *names,
                (self.tr("Taylor, of each"), theory_line(self.theme, 0)),
                (self.tr("φ² · Gaussian"), area),
                flat,
            ],
            [*(name for name, _ in names), self.tr("Taylor"), "φ²", self.tr("flat")],
        )
        self.slope.set_legend(
            [
                *names,
                (self.tr("Gaussian"), pg.mkPen(self.theme.muted)),
                (self.tr("φ′² · Gaussian"), area),
                flat,
            ],
            [*(name for name, _ in names), self.tr("Gaussian"), "φ′²", self.tr("flat")],
        )

    def _shade_colour(self, alpha: float) -> QColor:
        made = QColor(self.theme.mark)
        made.setAlphaF(alpha)
        return made

    def _area_colour(self) -> QColor:
        made = QColor(self.theme.series[0])
        made.setAlphaF(_AREA_ALPHA)
        return made

    def _read(self, x: float, what: str) -> tuple[str, list[str]]:
        if not self._shown:
            return "", []
        at = int(np.argmin(np.abs(self._shown[0].z - x)))
        values = [numbers.plain(float(getattr(one, what)[at])) for one in self._shown]
        return f"z = {self._shown[0].z[at]:.2f}".replace("-", "−"), values


def _sparse(z: np.ndarray, values: np.ndarray, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a curve of few points, with its kink at 0: dashes start anew at each."""
    kept = np.abs(z) < 1e-6
    kept[::stride] = True
    kept[-1] = True
    return z[kept], values[kept]


def _shade(plot: LabPlot) -> pg.LinearRegionItem:
    """Add a shaded part of the axis."""
    made = pg.LinearRegionItem(movable=False, pen=pg.mkPen(None))
    made.setZValue(-10)
    plot.plot.addItem(made, ignoreBounds=True)
    return made
