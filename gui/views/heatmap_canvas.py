"""The picture of a heatmap, with its axes."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.snapshot import Moment, RunSnapshot
from gui import theme as looks
from gui.export import is_saved
from gui.theme import Theme
from gui.views.difference import DifferenceCells
from gui.views.heatmap_axes import HeatmapAxes, Place
from gui.views.heatmap_cells import Ends, HeatmapCells
from gui.views.heatmap_image import HeatmapImage
from gui.views.quantities import smallest_normal

_MARK_SIZE = 5.0
# Alone, and beside other pictures.
_LEAST_WIDTH, _LEAST_TILE_WIDTH = 200, 72


class _Marks(NamedTuple):
    """Triangles at steps, which are drawn again only for another `key`."""

    key: object
    path: QPainterPath
    place: QRect


class HeatmapCanvas(QWidget):
    """The picture with its axes.

    While a run goes on only the columns that are new are painted.

    Attributes:
        hovered: the mouse is over another cell, or over none.
        layer_clicked: a row was clicked; 0 is the layer next to the input.
        applies: whether the quantity has a meaning in the experiment.
        selected: the layer that is looked at closely.
        lit: the layer that a step in slow motion has reached.
    """

    hovered = Signal()
    layer_clicked = Signal(int)

    def __init__(
        self, cells: HeatmapCells | DifferenceCells, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.cells = cells
        self._axes = HeatmapAxes(cells)
        self._image = HeatmapImage(cells)
        self.applies = True
        self.selected: int | None = None
        self.lit: int | None = None
        self._mouse: QPoint | None = None
        self._marks: tuple[int, ...] = ()
        self._triangles: _Marks | None = None
        # Where the cells are, while they are painted.
        self._plot = QRect()
        # What is painted is coloured already.
        self._coloured = False
        # Kept for the sake of `_show_changes`: to destroy one lets go of Python's lock.
        self._painter = QPainter()
        self._moment: Moment | None = None
        self.setFont(looks.font(looks.CAPTION_POINTS))
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(_LEAST_WIDTH, 90)
        self.set_theme(looks.LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._axes.set_theme(theme)
        self._image.set_theme(theme)
        self.update()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self._axes.forget()
        self.update()

    def stand(self, place: Place) -> None:
        """Stand beside other pictures, or alone."""
        if place != self._axes.place:
            self._axes.place = place
            self._axes.forget()
            self.setMinimumWidth(_LEAST_TILE_WIDTH if place.names else _LEAST_WIDTH)
            self.update()

    def has_room_for_name(self, width: int) -> bool:
        """Return whether its name stands in one line above a picture so wide."""
        return self._axes.has_room_for_name(width)

    def keep_lines(self, lines: int) -> None:
        """Have so many lines for the name."""
        self.stand(replace(self._axes.place, lines=lines))

    def span_steps(self, least: int) -> None:
        """Span so many steps at least, like the picture beside."""
        if least != self.cells.least_steps:
            self.cells.least_steps = least
            self.update()

    def show_difference(self, run_number: int, first: RunSnapshot, second: RunSnapshot) -> None:
        """Show how two runs of one depth differ."""
        assert isinstance(self.cells, DifferenceCells)
        self._take_state(first)
        if self.cells.feed(run_number, first.history, second.history):
            self._show_changes()

    def show_run(self, run_number: int, run: RunSnapshot) -> bool:
        """Take in a newer state of the run; return whether anything changed."""
        assert isinstance(self.cells, HeatmapCells)
        self._take_state(run)
        widths = (*run.config.widths, 1) if self.cells.quantity.of_width else None
        smallest = smallest_normal(run, self.cells.quantity.name)
        if not self.cells.feed(run_number, run.history, widths, smallest):
            return False
        marks = tuple(change.step for change in run.changes)
        if marks != self._marks:
            self._marks = marks
            self.update(self.plot_rect())
        self._show_changes()
        return True

    def _take_state(self, run: RunSnapshot) -> None:
        applies = self.cells.quantity.applies(run.config)
        if applies != self.applies:
            self.applies = applies
            self.update()
        if run.moment != self._moment:
            self._moment = run.moment
            self.update(self.plot_rect())

    def _show_changes(self) -> None:
        """Paint the columns that are new.

        At once, and no object of Qt's is made for it: the engine waits for Python's lock, which is
        let go of before an event, and whenever such an object is destroyed.
        """
        if self.cells.columns and self._axes.are_up_to_date():
            plot = self.plot_rect()
            place = self._image.place_of(*self._colour(plot), plot)
            self._coloured = True
            self.repaint(*place)
            self._coloured = False
        else:
            self.update()

    def show_quantity(self, quantity: str, ends: Ends) -> None:
        """Show another quantity, or the same on another scale; a run is to be shown anew."""
        assert isinstance(self.cells, HeatmapCells)
        self.cells.show(quantity, ends)
        self._axes.forget()
        self.clear()

    def clear(self) -> None:
        """Show an empty picture."""
        self.cells.clear()
        self._marks = ()
        self.update()

    def width_beside_plot(self) -> int:
        """Return how much of the width is not the picture itself."""
        return self._axes.width

    def plot_rect(self) -> QRect:
        """Return where the cells are."""
        return self._axes.plot_rect(self.width(), self.height())

    def cell_at(self, position: QPoint) -> tuple[int, int] | None:
        """Return (row, column) of the cell under a point, None where there is none."""
        plot = self.plot_rect()
        if not plot.contains(position) or not self.cells.columns:
            return None
        column = (position.x() - plot.left()) * self.cells.span // plot.width()
        row = (position.y() - plot.top()) * self.cells.rows // plot.height()
        return (row, column) if column < self.cells.columns else None

    @property
    def is_pointed_at(self) -> bool:
        """Whether the mouse is over it."""
        return self._mouse is not None

    def hovered_cell(self) -> tuple[int, int] | None:
        """Return the cell under the mouse."""
        return None if self._mouse is None else self.cell_at(self._mouse)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = self._painter
        painter.begin(self)
        plot, place = self.plot_rect(), event.rect()
        self._plot = plot
        # While a run goes on only cells are new, and what is around them stays.
        if not (self.cells.columns and plot.contains(place)):
            self._draw_axes(painter)
        if not self.applies:
            self._draw_note(painter, self.tr("has no meaning with this activation"))
        elif self.cells.columns:
            if not self._coloured:
                self._colour(plot)
            self._image.draw(painter, plot)
            self._draw_over(painter, place)
        painter.end()

    def _draw_axes(self, painter: QPainter) -> None:
        scale = self.devicePixelRatioF()
        if is_saved(painter, scale):
            self._axes.paint(painter, self.rect())
        else:
            painter.drawPixmap(0, 0, self._axes.pixmap(self.size(), scale))

    def _colour(self, plot: QRect) -> tuple[int, int]:
        scale = self.devicePixelRatioF()
        return self._image.renew(round(plot.height() * scale), round(plot.width() * scale))

    def _column_x(self, column: float) -> float:
        return self._plot.left() + self._plot.width() * column / self.cells.span

    def _draw_over(self, painter: QPainter, place: QRect) -> None:
        """Draw what lies over the cells; what is outside the place that is painted need not be."""
        marks = self._mark_shapes()
        if marks is not None and not marks.place.intersects(place):
            marks = None
        if (marks, self.selected, self._moment, self.lit, self._mouse) == (None,) * 5:
            return
        painter.setClipRect(self._plot)
        if marks is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillPath(marks.path, Qt.GlobalColor.white)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._draw_selection(painter)
        self._draw_moment(painter)
        self._draw_lit(painter)
        self._draw_hover(painter)

    def _mark_shapes(self) -> _Marks | None:
        """Return a triangle at each step at which something was changed, None where there is none.

        Where they are changes rarely, and the picture many times a second.
        """
        series = self.cells.series
        if series is None or not self._marks:
            return None
        last = series.column_at(self._marks[-1])
        key = self._marks, last, series.merges, self.cells.span, self._plot
        if self._triangles is None or self._triangles.key != key:
            top, path = self._plot.top(), QPainterPath()
            for step in self._marks:
                x = self._column_x(series.column_at(step))
                left, right = QPointF(x - _MARK_SIZE, top), QPointF(x + _MARK_SIZE, top)
                path.addPolygon(
                    QPolygonF.fromList([left, right, QPointF(x, top + 1.6 * _MARK_SIZE), left])
                )
            self._triangles = _Marks(key, path, path.boundingRect().toAlignedRect())
        return self._triangles

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
        painter.fillRect(plot, QColor(self._theme.plot))
        painter.setPen(QColor(self._theme.muted))
        painter.setFont(self.font())
        painter.drawText(plot, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    # Events

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._axes.font = self.font()
            self._axes.forget()

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

    def _hover_changed(self) -> None:
        self.update(self.plot_rect())
        self.hovered.emit()
