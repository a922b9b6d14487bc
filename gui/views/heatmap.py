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
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from engine.record import OUTPUT_LAYER, layer_name
from engine.snapshot import Moment, RunSnapshot
from gui import numbers
from gui import theme as looks
from gui.theme import Theme
from gui.views.colour_scale import Cells, Scale, colour_table, reduce_cells
from gui.views.heatmap_cells import Ends, HeatmapCells
from gui.views.quantities import QUANTITIES
from gui.views.view import View

# Room around the picture for the axes, in logical pixels.
_LEFT, _TOP, _RIGHT, _BOTTOM = 54, 6, 4, 20
_TICK_PIXELS = 26
_COLUMN_PIXELS_PER_TICK = 64
_MARK_SIZE = 5.0


class HeatmapCanvas(QWidget):
    """The picture with its axes.

    Axes are drawn into a pixmap when they change; while a run goes on only the picture is
    drawn, as one image.

    Attributes:
        hovered: the mouse is over another cell, or over none.
        layer_clicked: a row was clicked; 0 is the layer next to the input.
        applies: whether the quantity has a meaning in the experiment.
        selected: the layer that is looked at closely.
        paint_seconds: what the last painting cost.
    """

    hovered = Signal()
    layer_clicked = Signal(int)

    def __init__(self, quantity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = HeatmapCells(quantity)
        self.applies = True
        self.selected: int | None = None
        self.paint_seconds = 0.0
        self._theme = looks.LIGHT
        self._empty = QColor(self._theme.plot)
        self._table = colour_table(self._theme)
        self._axes: QPixmap | None = None
        self._axes_key: object = None
        self._image: QImage | None = None
        self._mouse: QPoint | None = None
        self._marks: tuple[int, ...] = ()
        self._moment: Moment | None = None
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 90)
        self.setFont(looks.font(looks.CAPTION_POINTS))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._empty = QColor(theme.plot)
        self._table = colour_table(theme)
        self._axes_key = None
        self._image = None
        self.update()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._axes_key = None
        self.update()

    def show_run(self, run_number: int, run: RunSnapshot) -> bool:
        """Take in a newer state of the run; return whether anything changed."""
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
        return self.rect().adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

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
        painter.end()
        self._axes_key = self._axes_state()

    def _draw_step_axis(self, painter: QPainter, plot: QRect) -> None:
        series = self.cells.series
        stride = 1 if series is None else series.stride
        span = self.cells.span * stride
        every = numbers.nice_step(span, plot.width() // _COLUMN_PIXELS_PER_TICK)
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
            for layer in numbers.layer_ticks(depth, plot.height() // _TICK_PIXELS):
                y = plot.bottom() + 1 - plot.height() * (layer - 0.5) / rows
                if not self.cells.output_row or y > plot.top() + metrics.height():
                    self._draw_layer_tick(painter, y, str(layer))
            if self.cells.output_row:
                self._draw_layer_tick(
                    painter, plot.top() + plot.height() / 2 / rows, self.tr("out")
                )
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
        self._scale: Scale | None = None
        self._latest: tuple[int, RunSnapshot] | None = None
        self.canvas = HeatmapCanvas(quantity)
        self.canvas.hovered.connect(self.update_reading)
        self.canvas.layer_clicked.connect(self.layer_clicked)
        self.body.addWidget(self.canvas, 1)
        self.retranslate()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.canvas.set_theme(theme)

    def retranslate(self) -> None:
        self.set_title(*self.canvas.cells.quantity.heads())
        self.canvas.retranslate()
        self.update_reading()

    # What is shown

    def show_quantity(self, quantity: str, ends: Ends) -> None:
        """Show a row of `QUANTITIES` on a scale."""
        if (quantity, ends) == (self.canvas.cells.quantity.name, self.canvas.cells.ends):
            return
        self.canvas.show_quantity(quantity, ends)
        self.retranslate()
        if self._latest is not None:
            self.refresh(*self._latest)
        self._tell_scale()
        self.state_changed.emit()

    def state(self) -> dict[str, str]:
        cells = self.canvas.cells
        if cells.quantity.name == self._first and cells.ends is Ends.FIXED:
            return {}
        return {"quantity": cells.quantity.name, "ends": cells.ends.value}

    def restore(self, state: Mapping[str, str]) -> None:
        quantity = state.get("quantity", self._first)
        ends = state.get("ends", Ends.FIXED.value)
        if quantity in QUANTITIES and ends in {one.value for one in Ends}:
            self.show_quantity(quantity, Ends(ends))

    def fill_menu(self, menu: QMenu) -> None:
        cells = self.canvas.cells
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

    def select_layer(self, layer: int | None) -> None:
        """Mark the layer that is looked at closely; 0 is the one next to the input."""
        if layer != self.canvas.selected:
            self.canvas.selected = layer
            self.canvas.update()

    def _tell_scale(self) -> None:
        scale = self.canvas.cells.scale
        if scale != self._scale:
            self._scale = scale
            self.scale_changed.emit()

    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        self._latest = run_number, run
        self.paint_seconds = self.canvas.paint_seconds
        if self.canvas.show_run(run_number, run) and self.canvas.underMouse():
            # The mouse rests while the picture moves on under it.
            self.update_reading()
        self._tell_scale()

    def clear(self) -> None:
        self._latest = None
        self.canvas.clear()
        self.update_reading()

    def update_reading(self) -> None:
        """Write what is under the mouse into the head."""
        cell = self.canvas.hovered_cell()
        if cell is None:
            self.set_reading("")
        else:
            self.set_reading(self.reading_of(*cell), self.reading_of(*cell, short=True))

    def reading_of(self, row: int, column: int, *, short: bool = False) -> str:
        """Say layer, steps and value of a cell; in short only layer and value."""
        cells = self.canvas.cells
        depth = cells.rows - (1 if cells.output_row else 0)
        name = layer_name(cells.rows - 1 - row, depth)
        layer = (
            self.tr("output layer") if name == OUTPUT_LAYER else self.tr("layer {0}").format(name)
        )
        number = cells.value(row, column)
        if cells.quantity.of_width:
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
