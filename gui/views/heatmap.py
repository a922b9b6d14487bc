"""Heatmap: the size of a gradient in every layer at every step.

Vanishing is a picture that darkens towards the input, exploding one that brightens, trouble at
one moment a vertical line.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from engine.history import MAXIMUM, MEAN, MINIMUM
from engine.record import OUTPUT_LAYER, layer_name
from engine.snapshot import Moment, RunSnapshot
from gui import numbers
from gui import theme as looks
from gui.company import ALONE, Company, looks_of
from gui.export import Table
from gui.theme import Theme
from gui.views.colour_bar import label
from gui.views.colour_scale import Cells, Scale, colour_table, reduce_cells
from gui.views.difference import DifferenceCells
from gui.views.heatmap_cells import Ends, HeatmapCells
from gui.views.quantities import QUANTITIES
from gui.views.stage import Phase, Stage
from gui.views.view import View

# Room around the picture for the axes, in logical pixels where the type has its ordinary size.
_LEFT, _TOP, _RIGHT, _BOTTOM = 54, 6, 4, 20
_TICK_PIXELS = 26
_COLUMN_PIXELS_PER_TICK = 64
_MARK_SIZE = 5.0
_LEAST_WIDTH = 200
# Beside other pictures.
_LEAST_TILE_WIDTH, _TILE_LEFT, _CAPTION_HEIGHT, _SWATCH = 96, 30, 18, 9


class HeatmapCanvas(QWidget):
    """The picture with its axes.

    Axes are drawn into a pixmap when they change; while a run goes on only the picture is
    drawn, as one image.

    Attributes:
        hovered: the mouse is over another cell, or over none.
        layer_clicked: a row was clicked; 0 is the layer next to the input.
        applies: whether the quantity has a meaning in the experiment.
        selected: the layer that is looked at closely.
        lit: the layer that a step in slow motion has reached.
        paint_seconds: what the last painting cost.
    """

    hovered = Signal()
    layer_clicked = Signal(int)

    def __init__(
        self, cells: HeatmapCells | DifferenceCells, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.cells = cells
        self._diverging = isinstance(cells, DifferenceCells)
        # Beside others: a name and its colour above the picture, less room for the axis.
        self._caption: tuple[str, str] | None = None
        self._left = _LEFT
        self.applies = True
        self.selected: int | None = None
        self.lit: int | None = None
        self.paint_seconds = 0.0
        self._theme = looks.LIGHT
        self._empty = QColor(self._theme.plot)
        self._table = colour_table(self._theme, diverging=self._diverging)
        self._axes: QPixmap | None = None
        self._axes_key: object = None
        self._image: QImage | None = None
        self._mouse: QPoint | None = None
        self._marks: tuple[int, ...] = ()
        self._moment: Moment | None = None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(_LEAST_WIDTH, 90)
        self.setFont(looks.font(looks.CAPTION_POINTS))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._empty = QColor(theme.plot)
        self._table = colour_table(theme, diverging=self._diverging)
        self._axes_key = None
        self._image = None
        self.update()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._axes_key = None
        self.update()

    def stand_beside(self, name: str, colour: str, *, first: bool) -> None:
        """Stand beside other pictures, under a name.

        Args:
            name: of the run.
            colour: of the run; empty: none.
            first: it is the one on the left, which names the axis for all.
        """
        self._place_caption((name, colour), _LEFT if first else _TILE_LEFT)

    def stand_alone(self) -> None:
        """Have all the room again."""
        self._place_caption(None, _LEFT)

    def _place_caption(self, caption: tuple[str, str] | None, left: int) -> None:
        if (caption, left) != (self._caption, self._left):
            self._caption, self._left = caption, left
            self.setMinimumWidth(_LEAST_WIDTH if caption is None else _LEAST_TILE_WIDTH)
            self._axes_key = self._image = None
            self.update()

    def show_difference(self, run_number: int, first: RunSnapshot, second: RunSnapshot) -> None:
        """Show how two runs of one depth differ."""
        assert isinstance(self.cells, DifferenceCells)
        self.applies = self.cells.quantity.applies(first.config)
        if self.cells.feed(run_number, first.history, second.history):
            self._image = None
        self._moment = first.moment
        self.update()

    def show_run(self, run_number: int, run: RunSnapshot) -> bool:
        """Take in a newer state of the run; return whether anything changed."""
        assert isinstance(self.cells, HeatmapCells)
        applies = self.cells.quantity.applies(run.config)
        if applies != self.applies:
            self.applies = applies
            self.update()
        widths = (*run.config.widths, 1)
        if run.moment != self._moment:
            self._moment = run.moment
            self.update(self.plot_rect())
        if not self.cells.feed(run_number, run.history, widths):
            return False
        self._marks = tuple(change.step for change in run.changes)
        self._image = None
        if self._axes_key == self._axes_state():
            self.update(self.plot_rect())
        else:
            self.update()
        return True

    def show_quantity(self, quantity: str, ends: Ends) -> None:
        """Show another quantity, or the same on another scale; a run is to be shown anew."""
        assert isinstance(self.cells, HeatmapCells)
        self.cells.show(quantity, ends)
        self._axes_key = None
        self.clear()

    def clear(self) -> None:
        """Show an empty picture."""
        self.cells.clear()
        self._image = None
        self._marks = ()
        self.update()

    def plot_rect(self) -> QRect:
        """Return where the cells are."""
        top = _TOP if self._caption is None else looks.scaled(_CAPTION_HEIGHT)
        return self.rect().adjusted(looks.scaled(self._left), top, -_RIGHT, -looks.scaled(_BOTTOM))

    def cell_at(self, position: QPoint) -> tuple[int, int] | None:
        """Return (row, column) of the cell under a point, None where there is none."""
        plot = self.plot_rect()
        if not plot.contains(position) or not self.cells.columns:
            return None
        column = (position.x() - plot.left()) * self.cells.span // plot.width()
        row = (position.y() - plot.top()) * self.cells.rows // plot.height()
        return (row, column) if column < self.cells.columns else None

    def hovered_cell(self) -> tuple[int, int] | None:
        """Return the cell under the mouse."""
        return None if self._mouse is None else self.cell_at(self._mouse)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        begun = time.perf_counter()
        painter = QPainter(self)
        if self._axes_key != self._axes_state():
            self._draw_axes()
        plot = self.plot_rect()
        if plot.contains(event.rect()):
            # While a run goes on the axes stay as they are.
            filled = math.floor(self._column_x(self.cells.columns))
            painter.fillRect(plot.adjusted(filled - plot.left(), 0, 0, 0), self._empty)
        else:
            assert self._axes is not None
            painter.drawPixmap(0, 0, self._axes)
        if not self.applies:
            self._draw_note(painter, self.tr("has no meaning with this activation"))
        elif self.cells.columns:
            painter.setClipRect(plot)
            self._draw_cells(painter)
            self._draw_selection(painter)
            self._draw_marks(painter)
            self._draw_moment(painter)
            self._draw_lit(painter)
            self._draw_hover(painter)
        painter.end()
        self.paint_seconds = time.perf_counter() - begun

    def _draw_cells(self, painter: QPainter) -> None:
        plot = self.plot_rect()
        width = plot.width() * self.cells.columns / self.cells.span
        if self._image is None:
            self._make_image(width, plot.height())
        assert self._image is not None
        target = QRectF(plot.left(), plot.top(), width, plot.height())
        painter.drawImage(target, self._image, QRectF(self._image.rect()))

    def _make_image(self, width: float, height: float) -> None:
        scale = self.devicePixelRatioF()
        pixels = round(height * scale), round(width * scale)
        self._image = _as_image(reduce_cells(self.cells.filled(), *pixels), self._table)

    def _column_x(self, column: float) -> float:
        plot = self.plot_rect()
        return plot.left() + plot.width() * column / self.cells.span

    def _draw_marks(self, painter: QPainter) -> None:
        series = self.cells.series
        if series is None or not self._marks:
            return
        top = self.plot_rect().top()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#ffffff"))
        for step in self._marks:
            x = self._column_x(series.column_at(step))
            painter.drawPolygon(
                QPolygonF.fromList(
                    [
                        QPointF(x - _MARK_SIZE, top),
                        QPointF(x + _MARK_SIZE, top),
                        QPointF(x, top + 1.6 * _MARK_SIZE),
                    ]
                )
            )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_moment(self, painter: QPainter) -> None:
        """Frame the column of the moment that is looked at, from top to bottom."""
        series = self.cells.series
        if series is None or self._moment is None:
            return
        plot, column = self.plot_rect(), series.column_at(self._moment.last_step)
        left, width = self._column_x(column), max(plot.width() / self.cells.span, 2.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, grow in (("#000000", 1.5), ("#ffffff", 0.5)):
            painter.setPen(QColor(colour))
            frame = QRectF(left - grow, plot.top(), width + 2 * grow, plot.height())
            painter.drawRect(frame.adjusted(0, -3, 0, 3))

    def _draw_lit(self, painter: QPainter) -> None:
        """Frame the row of the layer that a step in slow motion has reached."""
        if self.lit is None or self.lit >= self.cells.rows:
            return
        plot, height = self.plot_rect(), self.plot_rect().height() / self.cells.rows
        top = plot.bottom() + 1 - height * (self.lit + 1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, grow in (("#000000", 1.5), ("#ffffff", 0.5)):
            painter.setPen(QColor(colour))
            frame = QRectF(plot.left(), top - grow, plot.width(), max(height, 3.0) + 2 * grow)
            painter.drawRect(frame.adjusted(-3, 0, 3, 0))

    def _draw_hover(self, painter: QPainter) -> None:
        cell = self.hovered_cell()
        if cell is None:
            return
        row, column = cell
        plot = self.plot_rect()
        cell_height = plot.height() / self.cells.rows
        cell_width = plot.width() / self.cells.span
        y = plot.top() + row * cell_height
        x = self._column_x(column)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, grow in (("#000000", 1.5), ("#ffffff", 0.5)):
            painter.setPen(QColor(colour))
            painter.drawRect(
                QRectF(x - grow, y - grow, max(cell_width, 2) + 2 * grow, cell_height + 2 * grow)
            )

    def _draw_selection(self, painter: QPainter) -> None:
        if self.selected is None or self.selected >= self.cells.rows:
            return
        plot, height = self.plot_rect(), self.plot_rect().height() / self.cells.rows
        middle = plot.bottom() + 1 - height * (self.selected + 0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor("#000000"))
        painter.setBrush(QColor("#ffffff"))
        left = float(plot.left())
        painter.drawPolygon(
            QPolygonF.fromList(
                [
                    QPointF(left, middle - _MARK_SIZE),
                    QPointF(left, middle + _MARK_SIZE),
                    QPointF(left + 1.6 * _MARK_SIZE, middle),
                ]
            )
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_note(self, painter: QPainter, text: str) -> None:
        plot = self.plot_rect()
        painter.fillRect(plot, self._empty)
        painter.setPen(QColor(self._theme.muted))
        painter.setFont(self.font())
        painter.drawText(plot, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def _axes_state(self) -> object:
        series = self.cells.series
        stride = 1 if series is None else series.stride
        return (self.size(), self.devicePixelRatioF(), self.cells.span, stride, self.cells.rows)

    def _draw_axes(self) -> None:
        scale = self.devicePixelRatioF()
        self._axes = QPixmap(round(self.width() * scale), round(self.height() * scale))
        self._axes.setDevicePixelRatio(scale)
        self._axes.fill(QColor(self._theme.card))
        painter = QPainter(self._axes)
        painter.setFont(self.font())
        plot = self.plot_rect()
        painter.fillRect(plot, QColor(self._theme.plot))
        painter.setPen(QColor(self._theme.muted))
        self._draw_step_axis(painter, plot)
        self._draw_layer_axis(painter, plot)
        self._draw_caption(painter, plot)
        painter.end()
        self._axes_key = self._axes_state()

    def _draw_caption(self, painter: QPainter, plot: QRect) -> None:
        if self._caption is None:
            return
        name, colour = self._caption
        left = plot.left()
        if colour:
            painter.fillRect(left, (_CAPTION_HEIGHT - _SWATCH) // 2, _SWATCH, _SWATCH, colour)
            left += _SWATCH + looks.GAP
        room = plot.right() - left
        text = QFontMetricsF(self.font()).elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.setPen(QColor(self._theme.text))
        box = QRectF(left, 0, room, _CAPTION_HEIGHT - 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)

    def _draw_step_axis(self, painter: QPainter, plot: QRect) -> None:
        series = self.cells.series
        stride = 1 if series is None else series.stride
        span = self.cells.span * stride
        every = numbers.nice_step(span, plot.width() // looks.scaled(_COLUMN_PIXELS_PER_TICK))
        metrics = QFontMetricsF(self.font())
        name = self.tr("step")
        room = plot.right() - metrics.horizontalAdvance(name) - 8
        baseline = plot.bottom() + 5 + metrics.ascent()
        for step in [1, *range(every, span + 1, every)]:
            x = plot.left() + plot.width() * (step - 0.5) / span
            text = str(step)
            left = x - metrics.horizontalAdvance(text) / 2
            if left + metrics.horizontalAdvance(text) > room:
                break
            painter.drawLine(round(x), plot.bottom() + 1, round(x), plot.bottom() + 4)
            painter.drawText(QPointF(left, baseline), text)
        painter.drawText(QPointF(plot.right() - metrics.horizontalAdvance(name), baseline), name)

    def _draw_layer_axis(self, painter: QPainter, plot: QRect) -> None:
        rows = self.cells.rows
        metrics = QFontMetricsF(self.font())
        if rows:
            depth = rows - (1 if self.cells.output_row else 0)
            for layer in numbers.layer_ticks(depth, plot.height() // looks.scaled(_TICK_PIXELS)):
                y = plot.bottom() + 1 - plot.height() * (layer - 0.5) / rows
                if not self.cells.output_row or y > plot.top() + metrics.height():
                    self._draw_layer_tick(painter, y, str(layer))
            if self.cells.output_row:
                self._draw_layer_tick(
                    painter, plot.top() + plot.height() / 2 / rows, self.tr("out")
                )
        if self._left != _LEFT:
            return
        painter.save()
        painter.translate(metrics.ascent(), plot.center().y())
        painter.rotate(-90)
        text = self.tr("input  ←  layer  →  output")
        if metrics.horizontalAdvance(text) > plot.height():
            text = self.tr("layer")
        painter.drawText(QPointF(-metrics.horizontalAdvance(text) / 2, 0), text)
        painter.restore()

    def _draw_layer_tick(self, painter: QPainter, y: float, text: str) -> None:
        metrics, right = QFontMetricsF(self.font()), self.plot_rect().left()
        painter.drawLine(right - 4, round(y), right - 1, round(y))
        left = right - 7 - metrics.horizontalAdvance(text)
        # Never above the edge, where it would be cut off.
        baseline = max(y + metrics.capHeight() / 2, metrics.capHeight() + 1)
        painter.drawText(QPointF(left, baseline), text)

    # Events

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse = event.position().toPoint()
        self._hover_changed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        # The press is the card's, which may be pulled or double-clicked.
        cell = self.cell_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.layer_clicked.emit(self.cells.rows - 1 - cell[0])
        super().mouseReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._mouse = None
        self._hover_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._image = None
        super().resizeEvent(event)

    def _hover_changed(self) -> None:
        self.update(self.plot_rect())
        self.hovered.emit()


def _as_image(cells: Cells, table: list[int]) -> QImage:
    """Return an image of bytes in the format of the screen, which scales four times faster."""
    rows, columns = cells.shape
    # Lines of an image begin at multiples of four bytes.
    line = -(-columns // 4) * 4
    padded = np.zeros((rows, line), np.uint8)
    padded[:, :columns] = cells
    image = QImage(padded.data, columns, rows, line, QImage.Format.Format_Indexed8)
    image.setColorTable(table)
    return image.convertToFormat(QImage.Format.Format_RGB32)


class HeatmapView(View):
    """A heatmap with its title and the reading under the mouse.

    Args:
        quantity: the row of `QUANTITIES` to show at first.

    Attributes:
        scale_changed: its colours mean something else now.
        layer_clicked: a row was clicked; 0 is the layer next to the input.
    """

    scale_changed = Signal()
    layer_clicked = Signal(int)

    def __init__(self, quantity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._first = quantity
        self._theme = looks.LIGHT
        self._scale: Scale | None = None
        self._latest: tuple[int, RunSnapshot] | None = None
        self._company = ALONE
        self.canvas = HeatmapCanvas(HeatmapCells(quantity))
        # Beside the first run's: one for each twin, and the difference of two.
        self.tiles: list[HeatmapCanvas] = []
        self.difference: HeatmapCanvas | None = None
        self._row = QHBoxLayout()
        self._row.setSpacing(looks.GAP)
        self._add_canvas(self.canvas)
        self.body.addLayout(self._row, 1)
        self.retranslate()

    def _add_canvas(self, canvas: HeatmapCanvas) -> None:
        canvas.set_theme(self._theme)
        canvas.hovered.connect(self.update_reading)
        canvas.layer_clicked.connect(self.layer_clicked)
        canvas.selected = self.canvas.selected
        self._row.addWidget(canvas, 1)

    @property
    def canvases(self) -> list[HeatmapCanvas]:
        """All pictures, from the left."""
        last = [] if self.difference is None else [self.difference]
        return [self.canvas, *self.tiles, *last]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._theme = theme
        for canvas in self.canvases:
            canvas.set_theme(theme)
        self._name_tiles()

    def retranslate(self) -> None:
        self.set_title(*self.canvas.cells.quantity.heads())
        for canvas in self.canvases:
            canvas.retranslate()
        self._name_tiles()
        self.update_reading()

    # What is shown

    def show_quantity(self, quantity: str, ends: Ends) -> None:
        """Show a row of `QUANTITIES` on a scale."""
        cells = self._own_cells()
        if (quantity, ends) == (cells.quantity.name, cells.ends):
            return
        for canvas in (self.canvas, *self.tiles):
            canvas.show_quantity(quantity, ends)
        self._replace_difference()
        self.retranslate()
        if self._latest is not None:
            self.refresh(*self._latest)
        self._tell_scale()
        self.state_changed.emit()

    def state(self) -> dict[str, str]:
        cells = self._own_cells()
        if cells.quantity.name == self._first and cells.ends is Ends.FIXED:
            return {}
        return {"quantity": cells.quantity.name, "ends": cells.ends.value}

    def restore(self, state: Mapping[str, str]) -> None:
        quantity = state.get("quantity", self._first)
        ends = state.get("ends", Ends.FIXED.value)
        if quantity in QUANTITIES and ends in {one.value for one in Ends}:
            self.show_quantity(quantity, Ends(ends))

    def table(self, run: RunSnapshot) -> Table:
        quantity, series = self._own_cells().quantity.name, run.history.layers
        statistics = [run.history.layer(quantity, which) for which in (MEAN, MINIMUM, MAXIMUM)]
        heads = ["first_step", "last_step", "layer", "mean", "minimum", "maximum"]
        rows = [
            [
                *series.steps_of(column),
                layer_name(layer, run.config.depth),
                *(float(values[column, layer]) for values in statistics),
            ]
            for column in range(len(series))
            for layer in range(run.config.depth + 1)
        ]
        return [*heads[:3], *(f"{quantity}_{word}" for word in heads[3:])], rows

    def fill_menu(self, menu: QMenu) -> None:
        cells = self._own_cells()
        quantities = QMenu(self.tr("Quantity"), menu)
        menu.addMenu(quantities)
        for name, quantity in QUANTITIES.items():
            text, _ = quantity.heads()
            action = quantities.addAction(text, partial(self.show_quantity, name, cells.ends))
            action.setCheckable(True)
            action.setChecked(quantity is cells.quantity)
        scales = QMenu(self.tr("Colour scale"), menu)
        menu.addMenu(scales)
        names = {
            Ends.FIXED: self.tr("Fixed: colours can be compared between runs"),
            Ends.RECENT: self.tr("From the smallest to the largest of late"),
            Ends.PER_LAYER: self.tr("Each layer from its smallest to its largest"),
        }
        for ends, text in names.items():
            action = scales.addAction(text, partial(self.show_quantity, cells.quantity.name, ends))
            action.setCheckable(True)
            action.setChecked(ends is cells.ends)

    def choose_layer(self, layer: int | None) -> None:
        for canvas in self.canvases:
            if layer != canvas.selected:
                canvas.selected = layer
                canvas.update()

    def _tell_scale(self) -> None:
        scale = self.canvas.cells.scale
        if scale != self._scale:
            self._scale = scale
            self.scale_changed.emit()

    def show_stage(self, stage: Stage | None) -> None:
        lit = None if stage is None or stage.phase is Phase.LOSS else stage.layer
        for canvas in self.canvases:
            if canvas.lit != lit:
                canvas.lit = lit
                canvas.update(canvas.plot_rect())

    # Company

    def show_company(self, company: Company) -> None:
        before, self._company = self._company, company
        if before.others or company.others:
            if len(before.twins) != len(company.twins):
                self._lay_tiles(len(company.twins))
            if looks_of(before) != looks_of(company):
                self._name_tiles()

    def _lay_tiles(self, count: int) -> None:
        cells = self._own_cells()
        while len(self.tiles) > count:
            self._remove(self.tiles.pop())
        while len(self.tiles) < count:
            tile = HeatmapCanvas(HeatmapCells(cells.quantity.name))
            tile.show_quantity(cells.quantity.name, cells.ends)
            self.tiles.append(tile)
            self._add_canvas(tile)
        self._replace_difference()

    def _own_cells(self) -> HeatmapCells:
        cells = self.canvas.cells
        assert isinstance(cells, HeatmapCells)
        return cells

    def _replace_difference(self) -> None:
        """Have a picture of the difference where there are two runs."""
        if self.difference is not None:
            self._remove(self.difference)
            self.difference = None
        if len(self.tiles) == 1:
            self.difference = HeatmapCanvas(DifferenceCells(self._own_cells().quantity.name))
            self._add_canvas(self.difference)
            self._name_tiles()

    def _remove(self, canvas: HeatmapCanvas) -> None:
        self._row.removeWidget(canvas)
        canvas.hide()
        canvas.deleteLater()

    def _name_tiles(self) -> None:
        twins = self._company.twins
        if not twins:
            self.canvas.stand_alone()
            return
        colours = self._theme.series
        self.canvas.stand_beside(self._company.name, colours[0], first=True)
        for place, (tile, twin) in enumerate(zip(self.tiles, twins, strict=False), start=1):
            tile.stand_beside(twin.name, colours[place], first=False)
        if self.difference is not None:
            scale = self.difference.cells.scale
            text = self.tr("second ÷ first") if scale.logarithmic else self.tr("second − first")
            ends = f"{label(scale, scale.low)} … {label(scale, scale.high)}"
            self.difference.stand_beside(f"{text}  {ends}", "", first=False)

    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        self._latest = run_number, run
        self.paint_seconds = sum(canvas.paint_seconds for canvas in self.canvases)
        changed = self.canvas.show_run(run_number, run)
        twins = self._company.twins
        for tile, twin in zip(self.tiles, twins, strict=False):
            tile.show_run(run_number, twin.run)
        if self.difference is not None and len(twins) == 1:
            # Layers of unequal depths have nothing to do with each other.
            comparable = twins[0].run.config.depth == run.config.depth
            self.difference.setVisible(comparable)
            if comparable:
                self.difference.show_difference(run_number, run, twins[0].run)
        if changed and any(canvas.underMouse() for canvas in self.canvases):
            # The mouse rests while the picture moves on under it.
            self.update_reading()
        self._tell_scale()

    def clear(self) -> None:
        self._latest = None
        for canvas in self.canvases:
            canvas.clear()
        self.update_reading()

    def update_reading(self) -> None:
        """Write what is under the mouse into the head."""
        for canvas in self.canvases:
            cell = canvas.hovered_cell()
            if cell is not None:
                texts = (self.reading_of(*cell, short=short, canvas=canvas) for short in (0, 1))
                self.set_reading(*texts)
                return
        self.set_reading("")

    def reading_of(
        self, row: int, column: int, *, short: bool = False, canvas: HeatmapCanvas | None = None
    ) -> str:
        """Say layer, steps and value of a cell; in short only layer and value."""
        cells = (canvas or self.canvas).cells
        depth = cells.rows - (1 if cells.output_row else 0)
        name = layer_name(cells.rows - 1 - row, depth)
        layer = (
            self.tr("output layer") if name == OUTPUT_LAYER else self.tr("layer {0}").format(name)
        )
        number = cells.value(row, column)
        if isinstance(cells, DifferenceCells):
            signed = f"{100 * number:+.1f}%".replace("-", "−")
            value = f"×{numbers.factor(number)}" if cells.scale.logarithmic else signed
        elif cells.quantity.of_width:
            value = numbers.plain(number)
        elif cells.scale.logarithmic:
            value = numbers.scientific(number)
        else:
            value = numbers.percent(number)
        if short:
            return f"{layer}  ·  {value}"
        first, last = cells.steps(column)
        if first == last:
            step = self.tr("step {0}").format(first)
        else:
            step = self.tr("largest of steps {0}–{1}").format(first, last)
        return f"{layer}  ·  {step}  ·  {value}"
