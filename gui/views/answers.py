"""What the network answers: regions of the plane, a fitted curve, or who is taken for whom."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QWidget

from engine.close_up import Answers, Confusion, FittedCurve, Regions
from engine.snapshot import RunSnapshot
from gui import numbers
from gui import theme as looks
from gui.export import Table
from gui.theme import Theme
from gui.views.axes import NumberAxis
from gui.views.plot import quiet_plot, style_plot
from gui.views.view import View

_POINT_PIXELS = 5
# Numbers side by side run into each other at pyqtgraph's own density.
_TICK_DENSITY = 0.5
_REGION_OPACITY = 90
_AXIS_ROOM = 20


class AnswersView(View):
    """The answers of the network, in the picture that suits the data."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self._answers: Answers | None = None
        self._seen: RunSnapshot | None = None
        self.plot = quiet_plot({name: NumberAxis(name) for name in ("bottom", "left")})
        self.plot.viewport().installEventFilter(self)
        for name in ("left", "bottom"):
            self.plot.getAxis(name).setTickDensity(_TICK_DENSITY)
        self.table = _ConfusionTable()
        self._image = pg.ImageItem(axisOrder="row-major")
        self._samples = pg.ScatterPlotItem(size=_POINT_PIXELS, pen=None)
        self._fitted = pg.PlotCurveItem()
        for item in (self._image, self._samples, self._fitted):
            self.plot.addItem(item)
        place = QWidget()
        self._stack = QStackedLayout(place)
        self._stack.addWidget(self.plot)
        self._stack.addWidget(self.table)
        self.body.addWidget(place, 1)
        self.retranslate()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._theme = theme
        style_plot(self.plot, theme)
        self.table.set_theme(theme)
        self._fitted.setPen(looks.strong_pen(theme, 1))
        self._draw()

    def retranslate(self) -> None:
        self.table.retranslate()
        self._entitle()

    def _entitle(self) -> None:
        answers = self._answers
        if isinstance(answers, Confusion):
            right = float(np.trace(answers.counts)) / max(int(answers.counts.sum()), 1)
            self.set_title(
                self.tr("Answers on validation samples: {0} right").format(numbers.percent(right)),
                self.tr("Answers: {0} right").format(numbers.percent(right)),
            )
        elif isinstance(answers, Regions):
            self.set_title(self.tr("Answer at every point of the plane"), self.tr("Answers"))
        elif isinstance(answers, FittedCurve):
            self.set_title(self.tr("The fitted curve and its samples"), self.tr("Fitted curve"))
        else:
            self.set_title(self.tr("What the network answers"), self.tr("Answers"))

    def table(self, run: RunSnapshot) -> Table | None:
        match None if run.close_up is None else run.close_up.answers:
            case Confusion(counts=counts):
                heads = ["true_class", *(f"taken_for_{name}" for name in range(len(counts)))]
                return heads, [[row, *counts[row].tolist()] for row in range(len(counts))]
            case FittedCurve(grid=grid, fitted=fitted):
                pairs = zip(grid.tolist(), fitted.tolist(), strict=True)
                return ["input", "answer"], [list(pair) for pair in pairs]
            case Regions() as regions:
                rows, columns = regions.classes.shape
                points = [np.linspace(regions.low, regions.high, n) for n in (columns, rows)]
                return ["x1", "x2", "class"], [
                    [float(points[0][column]), float(points[1][row]), int(number)]
                    for (row, column), number in np.ndenumerate(regions.classes)
                ]
        return None

    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        self._seen = run
        answers = None if run.close_up is None else run.close_up.answers
        if answers is not self._answers:
            self._answers = answers
            self._entitle()
            self._draw()
        if run.moment is not None and run.close_up is None:
            self.set_reading(self.tr("not kept of this step"))
        else:
            known = run.close_up is not None and answers is None
            self.set_reading(self.tr("no picture for data like these") if known else "")

    def clear(self) -> None:
        self._seen = self._answers = None
        self._entitle()
        self._draw()

    def _draw(self) -> None:
        answers = self._answers
        self._stack.setCurrentWidget(self.table if isinstance(answers, Confusion) else self.plot)
        nothing = np.empty(0)
        self._image.setVisible(isinstance(answers, Regions))
        if isinstance(answers, Confusion):
            self.table.show_counts(answers)
        elif isinstance(answers, Regions):
            self._draw_regions(answers)
        elif isinstance(answers, FittedCurve):
            self._fitted.setData(answers.grid, answers.fitted)
            self._samples.setData(answers.x, answers.y, brush=self._theme.series[0])
            low, high = float(answers.y.min()), float(answers.y.max())
            margin = 0.1 * max(high - low, 1.0)
            self.plot.setAspectLocked(False)
            self.plot.span_x(float(answers.grid[0]), float(answers.grid[-1]))
            self.plot.span_y(low - margin, high + margin)
        else:
            self._fitted.setData(nothing, nothing)
            self._samples.setData(nothing, nothing)

    def _draw_regions(self, regions: Regions) -> None:
        colours = [QColor(colour) for colour in self._theme.series]
        brushes = [pg.mkBrush(colours[y % len(colours)]) for y in regions.y]
        table = np.array([[c.red(), c.green(), c.blue(), _REGION_OPACITY] for c in colours])
        self._image.setImage(table[regions.classes % len(colours)].astype(np.ubyte), levels=None)
        width = regions.high - regions.low
        self._image.setRect(QRectF(regions.low, regions.low, width, width))
        self._samples.setData(regions.x[:, 0], regions.x[:, 1], brush=brushes)
        self._fitted.setData([], [])
        # Both axes are of one kind: a circle is to look like one.
        self.plot.setAspectLocked(True)
        self.plot.span_x(regions.low, regions.high)
        self.plot.span_y(regions.low, regions.high)


class _ConfusionTable(QWidget):
    """A square for every pair of a true class, downwards, and an answer, to the right."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = looks.LIGHT
        self._counts = np.zeros((0, 0), np.int64)
        self.setFont(looks.font(looks.CAPTION_POINTS))
        self.setMinimumSize(120, 90)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def retranslate(self) -> None:
        self.setToolTip(
            self.tr(
                "Each row is a true class, each column an answer. "
                "A network that cannot learn gives everything the same answer: one column."
            )
        )

    def show_counts(self, confusion: Confusion) -> None:
        self._counts = confusion.counts
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        classes = len(self._counts)
        if not classes:
            return
        painter = QPainter(self)
        painter.setFont(self.font())
        metrics = QFontMetricsF(self.font())
        left, bottom = metrics.height() + _AXIS_ROOM, metrics.height() + _AXIS_ROOM
        room = QRectF(left, 2, self.width() - left - 4, self.height() - bottom - 2)
        image = self._image()
        painter.drawImage(room, image)
        self._draw_numbers(painter, room, metrics, image)
        painter.setPen(QColor(self._theme.muted))
        size_x, size_y = room.width() / classes, room.height() / classes
        every = math.ceil(metrics.height() / max(size_y, 1.0))
        for index in range(0, classes, every):
            # The number may be higher than its row, but not than the picture.
            height = max(size_y, metrics.height())
            top = room.top() + (index + 0.5) * size_y - height / 2
            row = QRectF(0, max(top, 0.0), left - 5, height)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(row, right, str(index))
            column = QRectF(room.left() + index * size_x, room.bottom() + 2, size_x, _AXIS_ROOM)
            painter.drawText(column, Qt.AlignmentFlag.AlignHCenter, str(index))
        below = QRectF(
            room.left(), self.height() - metrics.height(), room.width(), metrics.height()
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self.tr("answer"))
        painter.translate(metrics.height() / 2, room.center().y())
        painter.rotate(-90)
        if metrics.horizontalAdvance(self.tr("true class")) > room.height():
            return
        beside = QRectF(-room.height() / 2, -metrics.height() / 2, room.height(), metrics.height())
        painter.drawText(beside, Qt.AlignmentFlag.AlignCenter, self.tr("true class"))

    def _image(self) -> QImage:
        """Return one pixel for each square: from the background to the accent colour."""
        shares = self._counts / np.maximum(self._counts.sum(axis=1, keepdims=True), 1)
        ends = [QColor(colour) for colour in (self._theme.plot, self._theme.accent)]
        low, high = (np.array([c.red(), c.green(), c.blue()], np.float64) for c in ends)
        colours = np.rint(low + shares[:, :, None] * (high - low)).astype(np.uint8)
        padded = np.zeros((*shares.shape, 4), np.uint8)
        padded[:, :, :3] = colours[:, :, ::-1]
        classes = len(shares)
        return QImage(
            padded.tobytes(), classes, classes, 4 * classes, QImage.Format.Format_RGB32
        ).copy()

    def _draw_numbers(
        self, painter: QPainter, room: QRectF, metrics: QFontMetricsF, image: QImage
    ) -> None:
        classes = len(self._counts)
        size_x, size_y = room.width() / classes, room.height() / classes
        widest = metrics.horizontalAdvance(str(int(self._counts.max())))
        if size_y < metrics.height() or size_x < widest + 4:
            return
        for row, column in zip(*np.nonzero(self._counts), strict=True):
            painter.setPen(looks.ink_on(image.pixelColor(int(column), int(row))))
            box = QRectF(room.left() + column * size_x, room.top() + row * size_y, size_x, size_y)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._counts[row, column]))
