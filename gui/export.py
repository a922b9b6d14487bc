"""Pictures and data of a view or a lab, as files. A reader never sees half a file."""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QCoreApplication,
    QIODevice,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPaintEngine, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from engine.complete_files import complete_file

# Column heads and rows, for a CSV file.
Table = tuple[list[str], list[list[Any]]]

# A picture for slides has twice the pixels of the window.
PNG_SCALE = 2
_HEADING_MARGIN = 8
# Higher than any text.
_NO_LIMIT = 100_000


@dataclass(frozen=True)
class Heading:
    """A line or more above a picture that says what it shows.

    Attributes:
        text: is broken where it is wider than the picture.
        font, colour: of the text.
    """

    text: str
    font: QFont
    colour: str

    def height(self, width: int) -> int:
        """Return the room it takes above a picture of some width, in logical pixels."""
        flags = Qt.TextFlag.TextWordWrap
        box = QRect(0, 0, width - 2 * _HEADING_MARGIN, _NO_LIMIT)
        return QFontMetrics(self.font).boundingRect(box, flags, self.text).height() + (
            2 * _HEADING_MARGIN
        )

    def draw(self, painter: QPainter, width: int) -> None:
        """Write it from the upper left corner on."""
        margin = _HEADING_MARGIN
        box = QRect(margin, margin, width - 2 * margin, self.height(width) - 2 * margin)
        painter.setFont(self.font)
        painter.setPen(QColor(self.colour))
        painter.drawText(box, Qt.TextFlag.TextWordWrap, self.text)


def png(
    widget: QWidget, background: str, heading: Heading | None = None, key: QWidget | None = None
) -> bytes:
    """Return a widget as a PNG picture in twice its size, below a heading.

    Args:
        widget: what is drawn.
        background: its colour.
        heading: what stands above it.
        key: what stands on its right, to tell what its colours mean.

    Raises:
        OSError: it has no size just now, or there is no room for the picture.
    """
    above = heading.height(widget.width()) if heading else 0
    size = _whole(widget, above, key) * PNG_SCALE
    picture = QImage(size, QImage.Format.Format_RGB32)
    if picture.isNull():
        raise OSError(_not_drawn())
    picture.setDevicePixelRatio(PNG_SCALE)
    picture.fill(QColor(background))
    painter = QPainter(picture)
    _paint(painter, widget, heading, above, key)
    painter.end()
    return png_bytes(picture)


def is_saved(painter: QPainter, scale: float) -> bool:
    """Say whether a file is drawn, which is finer than the screen or has no pixels at all.

    Args:
        painter: of a widget.
        scale: the screen's pixels for each logical one.
    """
    as_on_screen = math.isclose(painter.deviceTransform().m11(), scale)
    return not as_on_screen or painter.paintEngine().type() == QPaintEngine.Type.SVG


def window_png(window: QWidget) -> bytes:
    """Return a window as it looks on the screen as a PNG picture."""
    return png_bytes(window.grab().toImage())


def png_bytes(picture: QImage, quality: int = -1) -> bytes:
    """Return a picture as PNG.

    Args:
        picture: the picture.
        quality: from 0, slow and small, to 100; -1: the usual one.

    Raises:
        OSError: it has no pixels, or there is no room for it.
    """
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not picture.save(buffer, "PNG", quality):
        raise OSError(_not_drawn())
    return data.data()


def _not_drawn() -> str:
    return QCoreApplication.translate("Files", "The picture could not be drawn.")


def svg(
    widget: QWidget, background: str, heading: Heading | None = None, key: QWidget | None = None
) -> bytes:
    """Return a widget as an SVG drawing, as `png` does; curves and texts stay such."""
    above = heading.height(widget.width()) if heading else 0
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # Version 1.1 clips; 1.2 Tiny would let curves run out of their plots.
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    whole = QRect(QPoint(0, 0), _whole(widget, above, key))
    generator.setSize(whole.size())
    generator.setViewBox(whole)
    generator.setTitle(widget.windowTitle())
    painter = QPainter(generator)
    painter.fillRect(whole, QColor(background))
    _paint(painter, widget, heading, above, key)
    painter.end()
    return data.data()


def _whole(widget: QWidget, above: int, key: QWidget | None) -> QSize:
    """Return the size of a picture with all that stands around it; none without the widget's."""
    size = widget.size()
    if key is not None and not size.isEmpty():
        size = QSize(size.width() + key.width(), max(size.height(), key.height()))
    return size + QSize(0, above)


def _paint(
    painter: QPainter, widget: QWidget, heading: Heading | None, above: int, key: QWidget | None
) -> None:
    if heading is not None:
        heading.draw(painter, widget.width())
    widget.render(painter, QPoint(0, above))
    if key is not None:
        key.render(painter, QPoint(widget.width(), above))


def csv_text(table: Table, notes: Sequence[str] = ()) -> str:
    """Return a table as comma-separated values; numbers that are not finite as inf and nan.

    Args:
        table: column heads and rows.
        notes: lines above the table, each of which begins with "# " in the file.
    """
    # The window is painted before anything is saved.
    import csv
    import io

    heads, rows = table
    text = io.StringIO()
    text.writelines(f"# {note}\n" for note in notes)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return text.getvalue()


def write(path: Path, data: bytes) -> None:
    """Write a file that appears under its name only when it is complete.

    Raises:
        OSError: it cannot be written.
    """
    with complete_file(path) as file:
        file.write(data)


def with_ending(name: str, ending: str) -> Path:
    """Return the file that a dialog's answer means: an ending that was left out is added.

    Raises:
        OSError: there is such a file already. The dialog has asked about another name.
    """
    path = Path(name)
    if path.suffix.lower() == ending:
        return path
    whole = path.with_name(path.name + ending)
    if os.path.lexists(whole):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(whole))
    return whole
