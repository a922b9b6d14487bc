"""The picture of a heatmap, with its axes."""

from __future__ import annotations

import math
import time

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPaintEngine,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.snapshot import Moment, RunSnapshot
from gui import numbers
from gui import theme as looks
from gui.theme import Theme
from gui.views.colour_scale import FIRST, LAST, Cells, colour_table
from gui.views.difference import DifferenceCells
from gui.views.heatmap_cells import Ends, HeatmapCells
from gui.views.quantities import smallest_normal

# Room around the picture for the axes, in logical pixels where the type has its ordinary size.
_LEFT, _TOP, _RIGHT, _BOTTOM = 54, 6, 4, 20
_TICK_PIXELS = 26
_COLUMN_PIXELS_PER_TICK = 64
_MARK_SIZE = 5.0
_LEAST_WIDTH = 200
# Beside other pictures.
_LEAST_TILE_WIDTH, _TILE_LEFT, _CAPTION_HEIGHT, _SWATCH = 96, 30, 18, 9
# Beside one whose axis tells the layers of both.
_BARE_LEFT = 6
# A run that ended early is seen all the same.
_LEAST_FILLED = 3.0
_KEY_WIDTH = 30


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
        self._caption: tuple[tuple[str, ...], str] | None = None
        self._colour_ends: tuple[str, str] | None = None
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
        self._triangles: tuple[object, QPainterPath] | None = None
        # Where the cells are, while they are painted.
        self._plot = QRect()
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

    def stand_beside(
        self,
        names: tuple[str, ...],
        colour: str,
        *,
        first: bool,
        own_axis: bool = True,
        ends: tuple[str, str] | None = None,
    ) -> None:
        """Stand beside other pictures, under a name.

        Args:
            names: of the run, then ever shorter ones for where there is no room for it.
            colour: of the run; empty: none.
            first: it is the one on the left, which names the axis for all.
            own_axis: its layers are others than those of the first.
            ends: what the first and the last of its colours stand for, where they are its own.
        """
        self._colour_ends = ends
        beside = _TILE_LEFT if own_axis else _BARE_LEFT
        self._place_caption((names, colour), _LEFT if first else beside)

    def stand_alone(self) -> None:
        """Have all the room again."""
        self._place_caption(None, _LEFT)

    def _place_caption(self, caption: tuple[tuple[str, ...], str] | None, left: int) -> None:
        if (caption, left) != (self._caption, self._left):
            self._caption, self._left = caption, left
            self.setMinimumWidth(_LEAST_WIDTH if caption is None else _LEAST_TILE_WIDTH)
            self._axes_key = self._image = None
            self.update()

    def span_steps(self, least: int) -> None:
        """Span so many steps at least, like the picture beside."""
        if least != self.cells.least_steps:
            self.cells.least_steps = least
            self._image = None
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
        widths = (*run.config.widths, 1) if self.cells.quantity.of_width else None
        if run.moment != self._moment:
            self._moment = run.moment
            self.update(self.plot_rect())
        smallest = smallest_normal(run, self.cells.quantity.name)
        if not self.cells.feed(run_number, run.history, widths, smallest):
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

    def width_beside_plot(self) -> int:
        """Return how much of the width is not the picture itself."""
        return looks.scaled(self._left) + _RIGHT

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
        plot = self._plot = self.plot_rect()
        if self._is_saved(painter):
            self._paint_axes(painter)
        elif plot.contains(event.rect()):
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

    def _is_saved(self, painter: QPainter) -> bool:
        """Say whether a file is drawn, which is finer than the screen or has no pixels at all."""
        as_on_screen = math.isclose(painter.deviceTransform().m11(), self.devicePixelRatioF())
        return not as_on_screen or painter.paintEngine().type() == QPaintEngine.Type.SVG

    def _draw_cells(self, painter: QPainter) -> None:
        plot = self._plot
        width = max(plot.width() * self.cells.columns / self.cells.span, _LEAST_FILLED)
        if self._image is None:
            self._make_image(width, plot.height())
        assert self._image is not None
        target = QRectF(plot.left(), plot.top(), width, plot.height())
        painter.drawImage(target, self._image, QRectF(self._image.rect()))

    def _make_image(self, width: float, height: float) -> None:
        scale = self.devicePixelRatioF()
        pixels = round(height * scale), round(width * scale)
        self._image = _as_image(self.cells.fitted(*pixels), self._table)

    def _column_x(self, column: float) -> float:
        return self._plot.left() + self._plot.width() * column / self.cells.span

    def _draw_marks(self, painter: QPainter) -> None:
        series = self.cells.series
        if series is None or not self._marks:
            return
        # Where the marks are changes rarely, and the picture many times a second.
        last = series.column_at(self._marks[-1])
        key = self._marks, last, series.merges, self.cells.span, self._plot
        if self._triangles is None or self._triangles[0] != key:
            top, path = self._plot.top(), QPainterPath()
            for step in self._marks:
                x = self._column_x(series.column_at(step))
                left, right = QPointF(x - _MARK_SIZE, top), QPointF(x + _MARK_SIZE, top)
                path.addPolygon(
                    QPolygonF.fromList([left, right, QPointF(x, top + 1.6 * _MARK_SIZE), left])
                )
            self._triangles = key, path
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(self._triangles[1], Qt.GlobalColor.white)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _draw_moment(self, painter: QPainter) -> None:
        """Frame the column of the moment that is looked at, from top to bottom."""
        series = self.cells.series
        if series is None or self._moment is None:
            return
        plot, column = self._plot, series.column_at(self._moment.last_step)
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
        plot, height = self._plot, self._plot.height() / self.cells.rows
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
        plot = self._plot
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
        plot, height = self._plot, self._plot.height() / self.cells.rows
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
        painter = QPainter(self._axes)
        self._paint_axes(painter)
        painter.end()
        self._axes_key = self._axes_state()

    def _paint_axes(self, painter: QPainter) -> None:
        painter.setFont(self.font())
        plot = self.plot_rect()
        painter.fillRect(self.rect(), QColor(self._theme.card))
        painter.fillRect(plot, QColor(self._theme.plot))
        painter.setPen(QColor(self._theme.muted))
        self._draw_step_axis(painter, plot)
        self._draw_layer_axis(painter, plot)
        self._draw_caption(painter, plot)

    def _draw_caption(self, painter: QPainter, plot: QRect) -> None:
        if self._caption is None:
            return
        names, colour = self._caption
        left, line, side = plot.left(), looks.scaled(_CAPTION_HEIGHT), looks.scaled(_SWATCH)
        if colour:
            painter.fillRect(left, (line - side) // 2, side, side, colour)
            left += side + looks.GAP
        metrics = QFontMetricsF(self.font())
        room = plot.right() - left
        # What is shown matters more than where its colours end.
        room -= self._draw_key(painter, plot, room - metrics.horizontalAdvance(names[-1]))
        fitting = (name for name in names if metrics.horizontalAdvance(name) <= room)
        name = next(fitting, names[-1])
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
        painter.setPen(QColor(self._theme.text))
        box = QRectF(left, 0, room, line - 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)

    def _draw_key(self, painter: QPainter, plot: QRect, room: float) -> float:
        """Draw the colours of the picture between their ends; return the width that it takes.

        Where that is more than there is room for, the ends are left out.
        """
        if self._colour_ends is None:
            return 0.0
        metrics = QFontMetricsF(self.font())
        low, high = self._colour_ends
        if sum(map(metrics.horizontalAdvance, (low, high))) + 3 * looks.GAP + _KEY_WIDTH > room:
            low = high = ""
        widths = [metrics.horizontalAdvance(text) + looks.GAP for text in (low, high)]
        taken = sum(widths) + _KEY_WIDTH
        colours = np.arange(FIRST, LAST + 1, dtype=np.uint8)[None, :]
        line, height = looks.scaled(_CAPTION_HEIGHT), looks.scaled(_SWATCH)
        left = plot.right() - widths[1] - _KEY_WIDTH
        strip = QRectF(left, (line - height) // 2, _KEY_WIDTH, height)
        image = _as_image(colours, self._table)
        painter.drawImage(strip, image, QRectF(image.rect()))
        painter.setPen(QColor(self._theme.muted))
        box = QRectF(plot.right() - taken, 0, taken, line - 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, high)
        return taken + looks.GAP

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
        if rows and self._left != _BARE_LEFT:
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
