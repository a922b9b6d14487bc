"""The icons of resources/icons, in the colours of the theme."""

from __future__ import annotations

import math
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from engine.resources import RESOURCES

ICON_FOLDER = RESOURCES / "icons"
# Logical size.
ICON_SIZE = 18


def _pixmap(svg: str, colour: str, size: int) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


@cache
def icon(name: str, colour: str, disabled: str | None = None, size: int = ICON_SIZE) -> QIcon:
    """Return an icon drawn in one colour, and in a second one where it is disabled.

    Args:
        name: of a file in resources/icons.
        colour: as Qt names it.
        disabled: the second one.
        size: at which it is drawn most, in logical pixels.

    Raises:
        FileNotFoundError: there is no such icon.
    """
    svg = (ICON_FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    made = QIcon()
    # For an ordinary screen and for the finest there is; the verdict's icon is twice as large.
    finest = math.ceil(QGuiApplication.instance().devicePixelRatio())
    for scale in {1, finest, 2 * finest}:
        made.addPixmap(_pixmap(svg, QColor(colour).name(), size * scale))
        if disabled is not None:
            faint = _pixmap(svg, QColor(disabled).name(), size * scale)
            made.addPixmap(faint, QIcon.Mode.Disabled)
    return made


def application_icon() -> QIcon:
    """Return the icon of the program."""
    svg = (ICON_FOLDER / "app.svg").read_text(encoding="utf-8")
    made = QIcon()
    for size in (16, 32, 64, 128, 256):
        made.addPixmap(_pixmap(svg, "#000000", size))
    return made
