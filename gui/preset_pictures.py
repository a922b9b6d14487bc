"""The pictures of the presets: `python -m gui.preset_pictures` trains each and draws it anew.

A picture is the beginning of a run: the gradient of every layer at every step in the colours of the
heatmap, and the loss as a line above it. What the run did not reach is left transparent.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from engine.history import History, HistoryView
from engine.presets import Preset, presets
from engine.record import CURVE_INDEX
from gui import export
from gui import theme as looks
from gui.views.colour_scale import colour_table, reduce_cells
from gui.views.heatmap_cells import HeatmapCells

# Two pixels for each that the gallery shows, for fine screens.
WIDTH, HEIGHT = 320, 180
STEPS = 100
QUANTITY = "activation_grad_norm"
# The loss of every picture on the same scale, as powers of ten; beyond it stays at the edge.
LOSS_EXPONENTS = (-2.0, 1.5)
_LEAST_COLUMNS = 4
_LINE, _OUTLINE = 4.0, 8.0
_MARGIN = 10.0


def draw_picture(history: HistoryView) -> QImage:
    """Draw the beginning of a run; of one that ended soon, all of it in the left half."""
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    cells = HeatmapCells(QUANTITY)
    cells.feed(0, history)
    span = min(max(2 * cells.columns, _LEAST_COLUMNS), STEPS)
    filled = np.ascontiguousarray(reduce_cells(cells.filled()[:, :span], HEIGHT, WIDTH))
    if not filled.size:
        return image
    rows, shown = filled.shape
    heatmap = QImage(filled.data, shown, rows, shown, QImage.Format.Format_Indexed8)
    heatmap.setColorTable(colour_table(looks.LIGHT))
    painter = QPainter(image)
    width = WIDTH * min(cells.columns, span) / span
    painter.drawImage(QRectF(0, 0, width, HEIGHT), heatmap, QRectF(heatmap.rect()))
    _draw_loss(painter, history.curves.read(CURVE_INDEX["loss"])[:span], WIDTH / span)
    painter.end()
    return image


def _draw_loss(painter: QPainter, losses: NDArray[np.float64], step_width: float) -> None:
    low, high = LOSS_EXPONENTS
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (np.log10(losses) - low) / (high - low)
    points = QPolygonF()
    for index, value in enumerate(np.clip(share, 0.0, 1.0)):
        if np.isfinite(value):
            y = HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * float(value)
            points.append(QPointF((index + 0.5) * step_width, y))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, thickness in (("#101418", _OUTLINE), ("#ffffff", _LINE)):
        pen = QPen(QColor(colour), thickness)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPolyline(points)


def picture_png(history: HistoryView) -> bytes:
    """Draw the beginning of a run as a PNG."""
    # The quality of a PNG is the size of its file: 0 is the smallest.
    return export.png_bytes(draw_picture(history), 0)


def train(preset: Preset, steps: int = STEPS) -> HistoryView:
    """Train a preset for some steps, or until it diverges, and return its record."""
    from engine.trainer import Trainer

    trainer = Trainer(preset.config.replace(device="cpu", threads=1))
    history = History(preset.config.depth)
    for _ in range(steps):
        record = trainer.step()
        history.append(record)
        if record.first_bad is not None:
            break
    return history.view()


def main(names: list[str]) -> None:
    """Draw the pictures of the presets named, or of all."""
    from gui.app import make_application

    application = make_application()
    for name in names or presets():
        preset = presets()[name]
        export.write(preset.picture, picture_png(train(preset)))
        print(f"{preset.picture.name}: {preset.picture.stat().st_size} bytes")
    application.processEvents()


if __name__ == "__main__":
    main(sys.argv[1:])
