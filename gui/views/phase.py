"""Phase picture: where the experiment lies between order and chaos.

A plain network is two numbers, σ_w² = n_in Var W and σ_b² = Var b. On one side of the edge of chaos
gradients vanish, on the other they explode; how far from the edge one may be depends on the depth.
Poole et al. 2016, figure 1; Schoenholz et al. 2017, figures 2 and 5.
"""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from engine.config import SETTINGS, RunConfig
from engine.snapshot import RunSnapshot
from engine.theory.place import NoPlace, Place, edge_line, log_factor_map, place_of
from gui import numbers
from gui import theme as looks
from gui.labels import FittingLabel
from gui.theme import Theme
from gui.translation import choice_text, engine_text
from gui.views.axes import PowerAxis
from gui.views.phase_words import depth_words, no_edge_words, phase_words
from gui.views.plot import LinePlot

Floats = NDArray[np.float64]

# Cells of the map.
COLUMNS, ROWS = 72, 36
# What is seen at least: powers of ten of σ_w², and σ_b².
_LEAST_LOG_WEIGHT = (-1.0, 1.0)
_LEAST_BIAS = 0.5
# Room around the point and around the edge's lower end.
_MARGIN_LOG_WEIGHT, _MARGIN_BIAS = 0.4, 1.3
# Clicks this near to the lower edge mean no bias at all.
_NO_BIAS_SHARE = 0.02
# So many decades lost or gained over the depth have the full colour.
_FULL_DECADES = 3.0
_FULL_ALPHA = 130
_TICK_ROOM = 46
_LEFT_AXIS_WIDTH = 64
_DIGITS = 4
_POINT_SIZE = 11
_UPRIGHT_DEGREES = 90.0
# A text of this width has one line.
_AS_LONG_AS_IT_IS = -1.0


class Regions(pg.GraphicsObject):
    """A small picture stretched smoothly over a rectangle of the plot."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._rect = QRectF()

    def show_image(self, image: QImage, rect: QRectF) -> None:
        """Show a picture whose first row is the lowest."""
        self.prepareGeometryChange()
        self._image, self._rect = image, rect
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect

    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._rect, self._image)


# A card that is lower than this shows no legend, and no more than one line of words.
_ROOM_FOR_WORDS = 200


class PhaseView(LinePlot):
    """The plane of σ_w² and σ_b² for the activation, and the experiment in it.

    A click wants the gain and the σ of the biases that lead to the place clicked.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            logarithmic=False,
            legend_columns=2,
            bottom=PowerAxis("bottom", _TICK_ROOM),
            parent=parent,
        )
        self.words = (FittingLabel(), FittingLabel())
        for place, label in enumerate(self.words):
            label.setFont(looks.font(looks.CAPTION_POINTS))
            self.body.insertWidget(1 + place, label)
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.reason.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.reason.hide()
        self.body.addWidget(self.reason, 1)
        self.regions = Regions()
        self.edge = pg.PlotCurveItem()
        # An edge that is one point is a ring on the axis.
        self.edge_point = pg.ScatterPlotItem(size=2 * _POINT_SIZE, brush=None, pxMode=True)
        self.point = pg.ScatterPlotItem(size=_POINT_SIZE, pxMode=True)
        self.names = {sign: pg.TextItem(anchor=(0.5, 0.5)) for sign in (-1, 1)}
        self._region_words = {-1: ("", ""), 1: ("", "")}
        edges = self.edge, self.edge_point
        for depth, item in enumerate((self.regions, *edges, *self.names.values(), self.point)):
            item.setZValue(depth)
            self.plot.addItem(item, ignoreBounds=True)
        self.plot.viewport().setCursor(Qt.CursorShape.CrossCursor)
        self._pressed_at: QPointF | None = None
        self._config: RunConfig | None = None
        self._input = 1.0
        self._place: Place | None = None
        self._map: Floats = np.empty((0, 0))
        self._map_about: tuple[str, float, float, float, float] | None = None
        self._log_weights: Floats = np.empty(0)
        self._biases: Floats = np.empty(0)
        self.retranslate()

    # What is shown

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        # The name of the axis stands beside its numbers, and not on them.
        self.plot.getAxis("left").setWidth(looks.scaled(_LEFT_AXIS_WIDTH))
        self.edge.setPen(pg.mkPen(theme.text, width=2))
        self.edge_point.setPen(pg.mkPen(theme.text, width=2))
        self.point.setPen(pg.mkPen(theme.card, width=2))
        self.point.setBrush(QColor(theme.accent))
        for label, colour in zip(self.words, (theme.text, theme.muted), strict=True):
            palette = label.palette()
            palette.setColor(palette.ColorRole.WindowText, QColor(colour))
            label.setPalette(palette)
        self._colour_regions()
        self.retranslate()

    def retranslate(self) -> None:
        self.set_title(self.tr("Order and chaos"), self.tr("Phases"))
        self._name_lines()
        axes = {"bottom": "σ<sub>w</sub>² = n<sub>in</sub> Var W", "left": "σ<sub>b</sub>²"}
        for side, text in axes.items():
            self.plot.getAxis(side).setLabel(text, color=self.theme.muted)
        texts = {-1: self.tr("ordered: gradients vanish"), 1: self.tr("chaotic: gradients explode")}
        for sign, text in texts.items():
            first, _, second = text.partition(":")
            self._region_words[sign] = first, second.strip()
            self.names[sign].setColor(self.theme.text)
        self._name_regions()
        self.setToolTip(
            self.tr(
                "The colour says how much is lost or gained over the depth of this network: the "
                "paler, the better it can be trained. A click sets gain and bias σ."
            )
        )
        self._write()
        self.update_reading()

    def _name_lines(self) -> None:
        """Name what is drawn, and no edge of chaos where an activation has none."""
        entries = [
            (self.tr("edge of chaos"), pg.mkPen(self.theme.text, width=2)),
            (self.tr("this experiment"), pg.mkPen(self.theme.accent, width=2)),
        ]
        short = self.tr("edge"), self.tr("here")
        first = 1 if self._has_no_edge() else 0
        # Where φ is two straight lines the edge is one point.
        rings = (0,) if self._edge_points() == 1 else ()
        self.legend.set_entries(entries[first:], short[first:], self.theme, rings)

    def _edge_points(self) -> int:
        return 0 if self._place is None else len(edge_line(self._place.activation)[0])

    def _has_no_edge(self) -> bool:
        return self._place is not None and self._edge_points() == 0

    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        mean_square = 1.0 if run.anchor is None else run.anchor.input_mean_square
        if not (math.isfinite(mean_square) and mean_square > 0.0):
            mean_square = 1.0
        if run.config == self._config and mean_square == self._input:
            return
        if self._config is not None and run.anchor is None and self._same_data(run.config):
            # Measured before; the first step of the new run will say so again.
            mean_square = self._input
        self._config, self._input = run.config, mean_square
        found = place_of(run.config)
        self._place = found if isinstance(found, Place) else None
        self._show_what_fits()
        if self._place is not None:
            self._draw(self._place)
        self._name_lines()
        self._write()
        self.update_reading()

    def _same_data(self, config: RunConfig) -> bool:
        return self._config is not None and config.dataset == self._config.dataset

    def _draw(self, place: Place) -> None:
        weights, biases = edge_line(place.activation)
        x = math.log10(place.weight_variance)
        lows, highs = [_LEAST_LOG_WEIGHT[0], x], [_LEAST_LOG_WEIGHT[1], x]
        if len(weights):
            lows.append(math.log10(weights[0]))
            highs.append(math.log10(weights[0]))
        low, high = min(lows) - _MARGIN_LOG_WEIGHT, max(highs) + _MARGIN_LOG_WEIGHT
        # In steps, so that a small change leaves the picture where it is.
        low, high = math.floor(2.0 * low) / 2.0, math.ceil(2.0 * high) / 2.0
        top = _LEAST_BIAS
        while top < _MARGIN_BIAS * place.bias_variance:
            top *= 2.0
        self.plot.span_x(low, high)
        self.plot.span_y(-0.03 * top, top)
        self._compute_map((place.activation, low, high, top, self._input))
        self._colour_regions()
        self.edge.setData(np.log10(weights), np.minimum(biases, 10.0 * top))
        alone = slice(None) if len(weights) == 1 else slice(0)
        self.edge_point.setData(np.log10(weights[alone]), biases[alone])
        self.point.setData([x], [place.bias_variance])
        self._name_regions()

    def _compute_map(self, about: tuple[str, float, float, float, float]) -> None:
        """Compute the map, some hundredths of a second, unless it is the one that is shown."""
        if about == self._map_about:
            return
        self._map_about = about
        activation, low, high, top, input_mean_square = about
        self._log_weights = np.linspace(low, high, COLUMNS)
        self._biases = np.linspace(0.0, top, ROWS)
        self._map = log_factor_map(
            activation, 10.0**self._log_weights, self._biases, input_mean_square
        )

    def _name_regions(self) -> None:
        """Put the name of each region into the middle of it, or as much as there is room for.

        Upright where the region is too narrow for a line.
        """
        for sign, item in self.names.items():
            row = 2 * ROWS // 3
            inside = np.flatnonzero(np.sign(self._map[row]) == sign) if self._map.size else ()
            room = len(inside) / COLUMNS * self.plot.getViewBox().width() - looks.GAP
            bold, plain = (QFontMetricsF(looks.font(strong=strong)) for strong in (True, False))
            first, second = self._region_words[sign]
            upright = bold.horizontalAdvance(first) > room
            # They stand at two thirds of the height, from where the nearer edge is a third away.
            height = 2.0 / 3.0 * self.plot.getViewBox().height()
            if upright:
                item.setVisible(bold.height() <= room and bold.horizontalAdvance(first) <= height)
            else:
                item.setVisible(bold.height() <= height)
            item.setAngle(_UPRIGHT_DEGREES if upright else 0.0)
            both = bold.height() + plain.height() <= height
            below = f"<br>{second}" if both and plain.horizontalAdvance(second) <= room else ""
            item.setHtml(f"<div style='text-align:center'><b>{first}</b>{below}</div>")
            item.setTextWidth(_AS_LONG_AS_IT_IS if upright else max(room, 1.0))
            if len(inside):
                middle = float(self._log_weights[inside].mean())
                item.setPos(middle, self._biases[-1] * row / (ROWS - 1))

    def _show_what_fits(self) -> None:
        """In a low card the picture has the room of what only explains it."""
        plain = self._place is not None
        roomy = self.height() >= looks.scaled(_ROOM_FOR_WORDS)
        for part in (self.plot, self.words[0]):
            part.setVisible(plain)
        for part in (self.legend, self.words[1]):
            part.setVisible(plain and roomy)
        for side in ("bottom", "left"):
            self.plot.getAxis(side).showLabel(roomy)
        self.reason.setVisible(self._config is not None and not plain)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_what_fits()
        # The plot itself learns of its size later.
        QTimer.singleShot(0, self, self._name_regions)

    def _colour_regions(self) -> None:
        """Colour by the decades that are lost or gained over the depth of the network."""
        if self._config is None or not self._map.size:
            return
        decades = 0.5 * self._map * (self._config.depth - 1) / math.log(10.0)
        share = np.clip(np.abs(decades) / _FULL_DECADES, 0.0, 1.0)
        pixels = np.empty((ROWS, COLUMNS), np.uint32)
        for colour, chosen in (
            (QColor(self.theme.vanishing), decades <= 0.0),
            (QColor(self.theme.exploding), decades > 0.0),
        ):
            rgb = colour.rgb() & 0xFFFFFF
            alpha = np.rint(_FULL_ALPHA * share[chosen]).astype(np.uint32)
            pixels[chosen] = (alpha << 24) | rgb
        image = QImage(pixels.tobytes(), COLUMNS, ROWS, 4 * COLUMNS, QImage.Format.Format_ARGB32)
        low, high, top = self._log_weights[0], self._log_weights[-1], self._biases[-1]
        # Rows and columns are in the middle of their cells.
        dx, dy = (high - low) / (COLUMNS - 1), top / (ROWS - 1)
        rect = QRectF(low - dx / 2, -dy / 2, dx * COLUMNS, dy * ROWS)
        # A copy: the picture does not keep the bytes.
        self.regions.show_image(image.copy(), rect)

    def clear(self) -> None:
        self._config = self._place = None
        self._map, self._map_about = np.empty((0, 0)), None
        self.regions.show_image(QImage(), QRectF())
        self.edge.setData([], [])
        self.edge_point.setData([], [])
        self.point.setData([], [])
        for item in self.names.values():
            item.hide()
        self._write()
        self.update_reading()

    def _write(self) -> None:
        config, place = self._config, self._place
        if config is None:
            for label in self.words:
                label.set_texts("", "")
            return
        if place is None:
            found = place_of(config)
            assert isinstance(found, NoPlace)
            words = self.tr("This network has no place between order and chaos: {0}.")
            self.reason.setText(words.format(engine_text(found.value)))
            return
        found = place.tends_to(self._input)
        self.words[0].set_texts(*phase_words(found, choice_text(place.activation)))
        if self._has_no_edge():
            self.words[1].set_texts(*no_edge_words(choice_text(place.activation)))
        else:
            self.words[1].set_texts(*depth_words(found, config.depth))

    # The mouse

    def _mouse_place(self) -> tuple[float, float] | None:
        """Return σ_w² and σ_b² under the mouse."""
        if self._place is None or self._mouse is None:
            return None
        view = self.plot.getViewBox()
        if not view.sceneBoundingRect().contains(self._mouse):
            return None
        place = view.mapSceneToView(self._mouse)
        bias = float(place.y())
        if bias < _NO_BIAS_SHARE * self._biases[-1]:
            bias = 0.0
        return 10.0 ** float(place.x()), bias

    def update_reading(self) -> None:
        place = self._mouse_place()
        if place is None or self._config is None:
            self.set_reading("")
            return
        weight, bias = place
        assert self._place is not None
        (log_factor,) = log_factor_map(
            self._place.activation, np.array([weight]), np.array([bias]), self._input
        )
        factor = math.exp(0.5 * float(log_factor[0]))
        text = self.tr("σ_w² {0}, σ_b² {1}: ×{2} per layer")
        written = numbers.plain(weight), numbers.plain(bias), numbers.factor(factor)
        self.set_reading(text.format(*written), f"{written[0]}, {written[1]}: ×{written[2]}")

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick:
            # Two clicks are two choices here; the head of the card enlarges it.
            return True
        if isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
            if event.type() == QEvent.Type.MouseButtonPress:
                self._pressed_at = event.position()
            elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed_at is not None:
                self._pressed_at = None
                self._mouse = self.plot.mapToScene(event.position().toPoint())
                self._choose()
        return super().eventFilter(watched, event)

    def _choose(self) -> None:
        """Ask for the place under the mouse."""
        place = self._mouse_place()
        if place is None or self._place is None:
            return
        wanted = {"gain": self._place.gain_for(place[0]), "bias_std": math.sqrt(place[1])}
        # What leads to the place that was clicked.
        fields = {name: float(f"{value:.{_DIGITS}g}") for name, value in wanted.items()}
        for name, value in fields.items():
            most = getattr(SETTINGS[name].kind, "maximum")  # noqa: B009
            if value > most:
                words = self.tr("Not taken: that place has {0} {1}, and {2} is the most there is.")
                label = engine_text(SETTINGS[name].label)
                self.notice_wanted.emit(words.format(label, f"{value:g}", f"{most:g}"))
                return
        config = self._config
        self.fields_wanted.emit(fields)
        there = None if config is None else place_of(config.replace(**fields))
        if config is not None and isinstance(there, Place) and there.bias_variance > place[1] == 0:
            words = self.tr("{0} draws biases of its own: σ_b² is {1} here, and cannot be 0.")
            name = choice_text(config.initializer)
            self.notice_wanted.emit(words.format(name, numbers.plain(there.bias_variance)))
