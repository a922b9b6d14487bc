"""Pictures and data of a view or a lab, as files. A reader never sees half a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

# Column heads and rows, for a CSV file.
Table = tuple[list[str], list[list[Any]]]

# A picture for slides has twice the pixels of the window.
PNG_SCALE = 2


def png(widget: QWidget, background: str) -> bytes:
    """Return a widget as a PNG picture in twice its size."""
    size = widget.size() * PNG_SCALE
    picture = QImage(size, QImage.Format.Format_RGB32)
    picture.setDevicePixelRatio(PNG_SCALE)
    picture.fill(QColor(background))
    widget.render(picture)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not picture.save(buffer, "PNG"):
        raise OSError("PNG")
    return data.data()


def svg(widget: QWidget, background: str) -> bytes:
    """Return a widget as an SVG drawing, whose curves and texts stay such."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # Version 1.1 clips; 1.2 Tiny would let curves run out of their plots.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    size: QSize = widget.size()
    generator.setSize(size)
    generator.setViewBox(widget.rect())
    generator.setTitle(widget.windowTitle())
    painter = QPainter(generator)
    painter.fillRect(widget.rect(), QColor(background))
    widget.render(painter, QPoint())
    painter.end()
    return data.data()


def csv_text(table: Table) -> str:
    """Return a table as comma-separated values; numbers that are not finite as inf and nan."""
    # The window is painted before anything is saved.
    import csv
    import io

    heads, rows = table
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return text.getvalue()


def write(path: Path, data: bytes) -> None:
    """Write a file that appears under its name only when it is complete.

    Raises:
        OSError: it cannot be written.
    """
    from engine.recording import complete_file

    with complete_file(path) as file:
        file.write(data)
