"""One half of the profile: some quantities of every layer, beside what theory expects of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFontMetricsF, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.snapshot import RunSnapshot
from gui import numbers
from gui import theme as looks
from gui.company import ALONE, Companion, Company, looks_of
from gui.labels import FittingLabel
from gui.theme import Theme
from gui.views.axes import WordAxis
from gui.views.plot import LinePlot, logarithm
from gui.views.traces import Band, Curve, Dots

if TYPE_CHECKING:
    from engine.theory.prediction import Prediction

Floats = NDArray[np.float64]

# The vertical range is of whole decades, of so many at least; a wide one grows by three at once.
LEAST_DECADES = 2
_WIDE_DECADES, _WIDE_STEP = 8, 3
# So much more than is needed is kept, so that the axis does not tremble.
_SLACK_DECADES = 3
_EDGE_DECADES = 0.1
_TICK_PIXELS = 26
_LEAST_WIDTH, _LEAST_HEIGHT = 64, 50
# A panel that is lower than this has no legend, or no words of the theory.
_ROOM_FOR_LEGEND, _ROOM_FOR_THEORY, _ROOM_FOR_THEORY_AMONG_RUNS = 150, 112, 190
# One that is lower than this does not name the band.
_ROOM_FOR_BAND = 190
# Of a ghost that is deeper than so many times the runs of now no layer is shown: beside all of its
# layers nothing would be seen of theirs, and cut off it would seem to end there.
_MOST_TIMES = 4
Range = tuple[float, float]


def vertical_range(values: Sequence[Floats], before: Range | None = None) -> Range:
    """Return a range of whole decades that holds all finite values.

    Args:
        values: powers of ten.
        before: the range so far, which stays where it holds them and is not much too wide.
    """
    finite = np.concatenate([value[np.isfinite(value)] for value in values] or [np.empty(0)])
    if not finite.size:
        return before or (-1.0, 1.0)
    lowest, highest = float(finite.min()), float(finite.max())
    step = _WIDE_STEP if highest - lowest > _WIDE_DECADES else 1
    low = float(np.floor((lowest - _EDGE_DECADES) / step) * step)
    high = float(np.ceil((highest + _EDGE_DECADES) / step) * step)
    if high - low < LEAST_DECADES:
        # On the side with less room.
        down = lowest - low < high - highest
        low, high = (high - LEAST_DECADES, high) if down else (low, low + LEAST_DECADES)
    if before is not None and before[0] <= lowest and highest <= before[1]:
        wide = (before[1] - before[0]) - (high - low)
        if wide <= max(_SLACK_DECADES, 0.5 * (high - low)):
            return before
    return low, high


def _unit_rms(run: RunSnapshot, norms: Floats) -> Floats:
    """Return the root mean square of dL/dh over units and samples, where widths differ."""
    if not isinstance(run.config.width, tuple) or run.anchor is None:
        return np.full_like(norms, np.nan)
    return np.asarray(norms / np.sqrt(run.anchor.samples * np.array(run.anchor.widths[1:])))


def _recorded(name: str) -> Callable[[RunSnapshot], Floats]:
    def values(run: RunSnapshot) -> Floats:
        assert run.record is not None
        return run.record.layer(name)

    return values


def _recorded_unit_rms(run: RunSnapshot) -> Floats:
    return _unit_rms(run, _recorded("activation_grad_norm")(run))


def _predicted(name: str) -> Callable[[RunSnapshot], Floats]:
    def values(run: RunSnapshot) -> Floats:
        found: Floats = getattr(run.prediction, name)
        return found

    return values


def _predicted_unit_rms(run: RunSnapshot) -> Floats:
    return _unit_rms(run, _predicted("activation_grad_norm")(run))


@dataclass(frozen=True)
class Line:
    """One line of a panel.

    Attributes:
        name: for the legend.
        short: the same where there is little room.
        series: its colour, by its place among those of the theme.
        measured: of the newest step, (depth + 1,).
        predicted: at initialisation, (depth + 1,); None: there is no theory of it.
        band: of the theory, by chance; None: it has none.
        unequal_widths_only: it tells something of its own only where widths differ.
        size: of its dots, beside that of others: what lies on another leaves a rim of it.
    """

    name: str
    short: str
    series: int
    measured: Callable[[RunSnapshot], Floats]
    predicted: Callable[[RunSnapshot], Floats] | None = None
    band: Callable[[Prediction], tuple[Floats, Floats]] | None = None
    unequal_widths_only: bool = False
    size: float = 1.0


FORWARD = (
    Line("RMS h", "h", 2, _recorded("activation_rms"), _predicted("activation_rms")),
)  # fmt: skip
BACKWARD = (
    Line("‖∂L/∂h‖", "∂h", 0, _recorded("activation_grad_norm"),
         _predicted("activation_grad_norm"), lambda prediction: prediction.band(),
         size=1.3),
    Line("‖∂L/∂W‖", "∂W", 1, _recorded("weight_grad_norm"), _predicted("weight_grad_norm"),
         lambda prediction: prediction.weight_band(), size=0.65),
    Line("‖ΔW‖ / ‖W‖", "ΔW", 3, _recorded("update_ratio")),
    Line("RMS ∂L/∂h", "RMS", 2, _recorded_unit_rms, _predicted_unit_rms,
         unequal_widths_only=True),
)  # fmt: skip


class LayerPanel(LinePlot):
    """Some quantities of every layer, as powers of ten, with what theory expects of them.

    Args:
        lines: what it shows.
        legend_columns: how many names stand side by side.

    Attributes:
        pointed: the mouse moved over it, or left.
    """

    pointed = Signal()

    has_menu = False

    def __init__(
        self,
        lines: tuple[Line, ...],
        *,
        legend_columns: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            logarithmic=True,
            legend_columns=legend_columns,
            bottom=WordAxis("bottom"),
            values_pass=True,
            parent=parent,
        )
        for part in (self.title, self.reading):
            part.hide()
        self.body.setContentsMargins(0, 0, 0, 0)
        # Two of them take no more room than the plot of another card.
        self.plot.setMinimumSize(_LEAST_WIDTH, _LEAST_HEIGHT)
        self.lines = lines
        self.words = [FittingLabel(), FittingLabel()]
        for place, label in enumerate(self.words):
            label.setFont(looks.font(looks.CAPTION_POINTS))
            self.body.insertWidget(1 + place, label)
        self.bands = {line: Band() for line in lines if line.band}
        self.dots = [Dots() for _ in lines]
        self.theory = {line: Curve() for line in lines if line.predicted}
        for trace in (*self.bands.values(), *self.dots, *self.theory.values()):
            self.plot.add_trace(trace)
        # The first line of each run beside the first.
        self._others: list[Dots] = []
        self._company = ALONE
        self._layers = 0
        self._predicted: object = None
        self._unequal: bool = False
        self._band_named: bool = False
        self.plot.getAxis("bottom").setTicks([[]])

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._choose_sizes()
        for label in self.words:
            # With the theme the size of the type may have changed. Signs from another font would
            # move what is below.
            label.setFixedHeight(label.fontMetrics().height() + 2)
        for line, curve in self.theory.items():
            curve.set_pen(looks.theory_pen(theme, line.series))
        for line, band in self.bands.items():
            band.set_brush(looks.band_brush(theme, line.series))
        measured, expected = (label.palette() for label in self.words)
        measured.setColor(measured.ColorRole.WindowText, theme.text)
        expected.setColor(expected.ColorRole.WindowText, theme.muted)
        self.words[0].setPalette(measured)
        self.words[1].setPalette(expected)
        self.retranslate()

    def _choose_sizes(self) -> None:
        """Choose dots that do not touch, where there is room, and ticks that are told apart."""
        if not self._layers:
            return
        room = self.plot.getViewBox().width()
        each = room / self._layers
        for line, dots in zip(self.lines, self.dots, strict=True):
            # Among others a colour stands for a run.
            among = bool(self._company.others)
            series, size = (0, 1.0) if among else (line.series, line.size)
            dots.set_pen(looks.dot_pen(self.theme, series, each, size))
        for one, dots in zip(self._company.others, self._others, strict=False):
            if one.is_ghost:
                dots.set_pen(looks.ghost_dot_pen(self.theme, one.place, each))
            else:
                dots.set_pen(looks.dot_pen(self.theme, one.place, each))
        axis, output = self.plot.getAxis("bottom"), self.tr("out")
        font = axis.style["tickFont"] or axis.font()
        metrics = QFontMetricsF(font)
        self.make_room_for(output)
        least = looks.scaled(_TICK_PIXELS)
        most = max(int(room // least), 1)
        # The last point is the output layer's: it has a name and no number.
        both = metrics.horizontalAdvance(output) + metrics.horizontalAdvance(str(self._layers))
        free = self._layers - max(both / 2 + looks.GAP, least) / max(each, 1e-9)
        layers = [n for n in numbers.layer_ticks(self._layers - 1, most) if n <= free]
        axis.setTicks([[*((n, str(n)) for n in layers), (self._layers, output)]])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_words()
        band_named = self.height() >= looks.scaled(_ROOM_FOR_BAND)
        if self.bands and band_named != self._band_named:
            self._band_named = band_named
            self.retranslate()
        # The plot itself learns of its size later.
        QTimer.singleShot(0, self, self._choose_sizes)

    def _show_words(self) -> None:
        """Leave the picture itself what room there is in a low window, or among other runs."""
        among = bool(self._company.others)
        room = self.height()
        self.legend.setVisible(not among and room >= looks.scaled(_ROOM_FOR_LEGEND))
        theory = _ROOM_FOR_THEORY_AMONG_RUNS if among else _ROOM_FOR_THEORY
        self.words[1].setVisible(room >= looks.scaled(theory))

    def retranslate(self) -> None:
        self._choose_sizes()
        shown = self._shown_lines()
        names = [line.name for line in shown]
        short = [line.short for line in shown]
        pens = [looks.strong_pen(self.theme, line.series) for line in shown]
        names.append(self.tr("theory"))
        short.append(self.tr("theory"))
        pens.append(looks.theory_pen(self.theme, shown[0].series))
        if self.bands and self._band_named:
            names.append(self.tr("by chance"))
            short.append(self.tr("chance"))
            pens.append(QPen(looks.band_brush(self.theme, shown[0].series).color(), 8.0))
        self.legend.set_entries(list(zip(names, pens, strict=True)), short, self.theme)

    def show_company(self, company: Company) -> None:
        before, self._company = self._company, company
        while len(self._others) < len(company.others):
            self._others.append(Dots())
            self.plot.add_trace(self._others[-1], behind=True)
        for dots in self._others[len(company.others) :]:
            dots.clear()
        rivals = self.dots[0], *self._others[: len(company.others)]
        for dots in rivals:
            dots.rivals = rivals
        if looks_of(before) != looks_of(company):
            # Lines that are left out among others come back.
            self._predicted = None
            self._show_words()
            self.retranslate()

    @property
    def layers(self) -> int:
        """How many the horizontal axis spans, the output layer among them."""
        return self._layers

    def has_room_for(self, one: Companion) -> bool:
        """Say whether all layers of a run are shown, or none of them."""
        return one.run.config.depth < self._layers

    def _shown_lines(self) -> list[Line]:
        if self._company.others:
            return [self.lines[0]]
        return [line for line in self.lines if self._unequal or not line.unequal_widths_only]

    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        live = max(run.config.depth, *(one.run.config.depth for one in self._company.twins), 0)
        depths = (one.run.config.depth for one in self._company.others)
        layers_shown = max(d + 1 for d in (live, *depths) if d + 1 <= _MOST_TIMES * (live + 1))
        if layers_shown != self._layers:
            self._layers = layers_shown
            self.plot.span_x(0.5, self._layers + 0.5)
            self._choose_sizes()
        if self._unequal != isinstance(run.config.width, tuple):
            self._unequal = not self._unequal
            self.retranslate()
        if run.record is None:
            self.clear()
            return
        layers = np.arange(1.0, self._layers + 1.0)
        shown = self._shown_lines()
        for line, dots in zip(self.lines, self.dots, strict=True):
            if line in shown or not self._company.others:
                values = logarithm(line.measured(run))
                dots.set_data(layers[: len(values)], values)
            else:
                dots.clear()
        for one, dots in zip(self._company.others, self._others, strict=False):
            if not self.has_room_for(one):
                dots.clear()
            elif one.run.record is not None:
                values = logarithm(self.lines[0].measured(one.run))
                dots.set_data(np.arange(1.0, len(values) + 1.0), values)
        if run.prediction is not self._predicted:
            self._predicted = run.prediction
            self._show_theory(run, layers)

    def _show_theory(self, run: RunSnapshot, layers: Floats) -> None:
        """Draw what theory expects at initialisation; nothing where it expects nothing."""
        prediction = run.prediction
        for line, curve in self.theory.items():
            if prediction is None or line.predicted is None or line not in self._shown_lines():
                curve.clear()
            else:
                curve.set_data(layers[: run.config.depth + 1], logarithm(line.predicted(run)))
        for line, band in self.bands.items():
            assert line.band is not None
            if prediction is None or self._company.others:
                band.clear()
            else:
                low, high = (logarithm(edge) for edge in line.band(prediction))
                band.set_edges(layers[: len(low)], low, high)

    def show_between(self, low: float, high: float) -> None:
        """Draw only what was measured in the layers between two."""
        for dots in (*self.dots, *self._others):
            dots.show_between(low, high)

    def fade(self, opacity: float) -> None:
        """Show less of the theory."""
        for trace in (*self.theory.values(), *self.bands.values()):
            trace.set_opacity(opacity)

    def extent(self) -> list[Floats]:
        """Return what the vertical axis has to hold: what was measured, and the theory beside it.

        Theory that lies far off makes nothing else small.
        """
        measured = [dots.y[: self._layers] for dots in (*self.dots, *self._others)]
        finite = np.concatenate([values[np.isfinite(values)] for values in measured])
        if not finite.size:
            return measured
        low, high = float(finite.min()), float(finite.max())
        reach = max(high - low, LEAST_DECADES)
        curves = (curve.y for curve in self.theory.values())
        return [*measured, *(np.clip(curve, low - reach, high + reach) for curve in curves)]

    def clear(self) -> None:
        self._predicted = None
        for trace in (*self._others, *self.dots, *self.theory.values(), *self.bands.values()):
            trace.clear()

    def update_reading(self) -> None:
        self.pointed.emit()

    def show_values(self, run: RunSnapshot | None, row: int) -> tuple[str, ...]:
        """Write the values of one layer into the legend, and return them; of no run: none."""
        if run is None or run.record is None:
            self.legend.set_values(())
            self.show_cursor(None)
            return ()
        own = row <= run.config.depth
        values = [
            float(line.measured(run)[row]) if own else float("nan") for line in self._shown_lines()
        ]
        for one in self._company.others:
            there = one.run.record is not None and row <= one.run.config.depth
            values.append(float(self.lines[0].measured(one.run)[row]) if there else float("nan"))
        written = tuple(map(numbers.scientific, values))
        self.legend.set_values(written)
        self.show_cursor(row + 1)
        return written
