"""One layer closely: how large its gradients are, where its φ is used, and its numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from engine.activations import ACTIVATIONS
from engine.precision import PRECISIONS
from engine.record import LAYER_INDEX
from engine.snapshot import RunSnapshot
from gui import numbers
from gui import theme as looks
from gui.export import Table
from gui.labels import FittingLabel, unbroken
from gui.theme import Theme
from gui.views.axes import NumberAxis, PowerAxis
from gui.views.plot import quiet_plot, style_plot
from gui.views.quantities import QUANTITIES
from gui.views.traces import Band, Curve
from gui.views.view import View

if TYPE_CHECKING:
    from engine.close_up import PreActivations
    from engine.histograms import GradientHistogram

# The gradient's axis has at least these ends, so that it does not jump from layer to layer.
_EXPONENTS = (-12.0, 2.0)
# The other ends move by such steps: axes that follow every figure are not read, and are dear.
_SHARES_STEP, _INPUTS_STEP = 0.05, 2.0
_CURVE_POINTS = 201
_BARS_OPACITY = 110
# Numbers side by side run into each other at pyqtgraph's own density.
# Numbers that are written below the plots, as rows of `QUANTITIES` and beside them.
_WRITTEN = (
    "activation_rms",
    "activation_grad_norm",
    "weight_grad_norm",
    "update_ratio",
    "saturated_fraction",
    "inactive_fraction",
    "distinct_units",
)

# A card that is lower than this shows no numbers.
_ROOM_FOR_WORDS = 210


class InspectorView(View):
    """The layer that was clicked in a heatmap; the middle one until then."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self._help = ""
        self._run: RunSnapshot | None = None
        self._chosen: int | None = None
        # Which φ is drawn, whether none is, and over which inputs.
        self._drawn: tuple[str, bool, PreActivations | None] | None = None
        self.gradients = quiet_plot({"bottom": PowerAxis("bottom", room=46)})
        self.function = quiet_plot({side: NumberAxis(side) for side in ("left", "bottom")})
        self._entries = pg.BarGraphItem(x=[], height=[], width=[])
        self._limits = [pg.InfiniteLine(angle=90, movable=False) for _ in range(2)]
        self.gradients.addItem(self._entries)
        for line in self._limits:
            self.gradients.addItem(line, ignoreBounds=True)
        # How often each input was there, φ, and φ′.
        self._used, self._phi, self._slope = Band(), Curve(), Curve()
        for trace in (self._used, self._phi, self._slope):
            self.function.add_trace(trace)
        for plot in (self.gradients, self.function):
            plot.viewport().installEventFilter(self)
            plot.setMinimumSize(90, 60)
        self.gradients.getAxis("left").setTicks([[]])
        self.gradients_title, self.function_title = FittingLabel(), FittingLabel()
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setWordWrap(True)
        for label in (self.gradients_title, self.function_title, self.words):
            label.setFont(looks.font(looks.CAPTION_POINTS))
        self._lay_out()
        self.retranslate()

    def table(self, run: RunSnapshot) -> Table | None:
        histogram, layer = run.histogram, self.watched_layer
        if histogram is None or layer is None or layer >= len(histogram.counts):
            return None
        edges, counts = histogram.edges.tolist(), histogram.counts[layer].tolist()
        rows = [list(row) for row in zip(edges[:-1], edges[1:], counts, strict=True)]
        return ["log10_from", "log10_to", f"entries_of_layer_{layer + 1}"], rows

    def _lay_out(self) -> None:
        heads, plots = QHBoxLayout(), QHBoxLayout()
        for row, widgets in (
            (heads, (self.gradients_title, self.function_title)),
            (plots, (self.gradients, self.function)),
        ):
            row.setSpacing(2 * looks.GAP)
            for widget in widgets:
                row.addWidget(widget, 1)
        self.body.addLayout(heads)
        self.body.addLayout(plots, 1)
        self.body.addWidget(self.words)

    @property
    def watched_layer(self) -> int | None:
        if self._run is None:
            return self._chosen
        middle = (self._run.config.depth - 1) // 2
        return min(middle if self._chosen is None else self._chosen, self._run.config.depth)

    def choose_layer(self, layer: int | None) -> None:
        self._chosen = layer
        self._show()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._theme = theme
        style_plot(self.gradients, theme, axis_width=8)
        style_plot(self.function, theme, axis_width=36)
        entries, used = (QColor(theme.series[index]) for index in (1, 0))
        for colour in (entries, used):
            colour.setAlpha(_BARS_OPACITY)
        self._entries.setOpts(brush=entries, pen=None)
        self._used.set_brush(QBrush(used))
        self._phi.set_pen(looks.strong_pen(theme, 2))
        self._slope.set_pen(looks.theory_pen(theme, 3))
        for line in self._limits:
            line.setPen(looks.mark_pen(theme))
        for label in (self.gradients_title, self.function_title):
            palette = label.palette()
            palette.setColor(palette.ColorRole.WindowText, QColor(theme.muted))
            label.setPalette(palette)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # In a low card the pictures have what room there is, and the numbers are its tool tip.
        self.words.setVisible(self.height() >= looks.scaled(_ROOM_FOR_WORDS))

    def retranslate(self) -> None:
        self._help = self.tr("Click a row of a heatmap to look at another layer.")
        self.setToolTip(self._help)
        self._show()

    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        self._run = run
        self._show()

    def clear(self) -> None:
        self._run = None
        self._show()

    def _show(self) -> None:
        run, layer = self._run, self.watched_layer
        if run is None or layer is None or run.record is None:
            self.title.setText(self.tr("One layer closely"))
            self.words.setText("")
            self._drawn = None
            self._entries.setOpts(x=[], height=[], width=[])
            self._used.clear()
            return
        depth = run.config.depth
        output = layer == depth
        name = self.tr("Output layer") if output else self.tr("Layer {0}").format(layer + 1)
        self.title.setText(self.tr("{0} closely").format(name))
        if run.histogram is None and run.moment is not None:
            # Of some steps only, and of the past none is kept.
            self.gradients_title.set_texts(self.tr("∂L/∂W: not kept of this step"), "∂L/∂W  –")
        else:
            self.gradients_title.set_texts(
                self.tr("entries of ∂L/∂W, by their power of ten"),
                self.tr("entries of ∂L/∂W"),
                "∂L/∂W",
            )
        self._show_gradients(run.histogram, layer, run.config.precision)
        seen = None if run.close_up is None else run.close_up.layer
        past = run.moment is not None and seen is None
        self._show_function(
            run.config.activation, None if output else seen, output=output, past=past
        )
        words = self._words(run, layer)
        self.words.setText(words)
        self.setToolTip(words if self.words.isHidden() else self._help)

    def _show_gradients(
        self, histogram: GradientHistogram | None, layer: int, precision: str
    ) -> None:
        if histogram is None or layer >= len(histogram.counts):
            self._entries.setOpts(x=[], height=[], width=[])
            return
        edges, counts = histogram.edges, histogram.counts[layer]
        drawn = np.flatnonzero(counts)
        shares = counts / max(int(histogram.entries[layer]), 1)
        centres = (edges[:-1] + edges[1:]) / 2
        self._entries.setOpts(
            x=centres[drawn], height=shares[drawn], width=np.diff(edges)[drawn], y0=0.0
        )
        low, high = _EXPONENTS
        if drawn.size:
            low = min(low, math.floor(edges[drawn[0]]))
            high = max(high, math.ceil(edges[drawn[-1] + 1]))
        self.gradients.span_x(low, high, padding=0.02)
        highest = max(float(shares.max()), 1e-3)
        self.gradients.span_y(0.0, math.ceil(highest / _SHARES_STEP) * _SHARES_STEP, padding=0.02)
        # What the stored format can hold: its smallest normal number and its largest.
        shift = math.log10(histogram.loss_scale)
        for line, limit in zip(self._limits, PRECISIONS[precision].gradient_limits(), strict=True):
            line.setValue(math.log10(limit) - shift)

    def _show_function(
        self, activation: str, seen: PreActivations | None, *, output: bool, past: bool
    ) -> None:
        if output:
            self.function_title.set_texts(self.tr("the output layer has no φ"))
        elif past:
            self.function_title.set_texts(
                self.tr("φ (line), φ′ (dashes); its inputs: not kept of this step"),
                self.tr("φ, φ′; inputs not kept"),
                "φ, φ′",
            )
        else:
            self.function_title.set_texts(
                self.tr("φ (line), φ′ (dashes), over its inputs (bars)"),
                self.tr("φ, φ′ over the inputs"),
                "φ, φ′",
            )
        drawn, self._drawn = self._drawn, (activation, output, seen)
        # What the layer has seen is renewed less often than the numbers.
        if drawn is None or drawn[:2] != (activation, output) or drawn[2] is not seen:
            self._draw_function(activation, seen, output=output)

    def _draw_function(self, activation: str, seen: PreActivations | None, *, output: bool) -> None:
        self._used.clear()
        low, high = -6.0, 6.0
        if seen is not None:
            low, high = (
                turn(end / _INPUTS_STEP) * _INPUTS_STEP
                for turn, end in ((math.floor, seen.edges[0]), (math.ceil, seen.edges[-1]))
            )
        z = np.linspace(low, high, _CURVE_POINTS)
        row = ACTIVATIONS[activation]
        for curve, function in ((self._phi, row.phi), (self._slope, row.phi_prime)):
            if output:
                curve.clear()
            else:
                curve.set_data(z, function(z))
        bottom, top = float(min(row.phi(z).min(), 0.0)), float(max(row.phi(z).max(), 1.0))
        bottom, top = max(bottom, -4.0), min(top, 4.0)
        if seen is not None and seen.counts.max() > 0:
            heights = bottom + seen.counts / seen.counts.max() * (top - bottom)
            # Bars that touch: each begins and ends at an edge.
            sides, tops = np.repeat(seen.edges, 2)[1:-1], np.repeat(heights, 2)
            self._used.set_edges(sides, np.full(len(sides), bottom), tops)
        self.function.span_x(low, high)
        self.function.span_y(bottom, top, padding=0.04)

    def _words(self, run: RunSnapshot, layer: int) -> str:
        assert run.record is not None
        parts = []
        for name in _WRITTEN:
            value = float(run.record.layers[LAYER_INDEX[name], layer])
            if math.isnan(value) and not QUANTITIES[name].applies(run.config):
                continue
            quantity = QUANTITIES[name]
            if math.isnan(value) and not run.record.step:
                # Nothing has been updated yet.
                text = "–"
            elif quantity.of_width:
                text = numbers.plain(value)
            elif quantity.scale.logarithmic:
                text = numbers.scientific(value)
            else:
                text = numbers.percent(value)
            parts.append(f"{quantity.symbol or quantity.heads()[1]} {text}")
        histogram = run.histogram
        if histogram is not None and layer < len(histogram.counts):
            special = (
                (self.tr("zeros"), histogram.zeros[layer]),
                ("Inf", histogram.infinite[layer]),
                ("NaN", histogram.nans[layer]),
            )
            entries = max(int(histogram.entries[layer]), 1)
            parts += [f"{name} {numbers.percent(n / entries)}" for name, n in special if n]
        return "  ·  ".join(map(unbroken, parts))
