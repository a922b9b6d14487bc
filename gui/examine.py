"""Waiting for the window and looking at it, for a program that examines itself."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

PATIENCE_SECONDS = 120.0
_ASK_PERIOD_MS = 20
# A picture with axes and smooth letters has hundreds of colours, an empty card about ten.
LEAST_COLOURS = 20


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Let Qt work until something has happened."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE_SECONDS:.0f} s for {what}")
        loop = QEventLoop()
        QTimer.singleShot(_ASK_PERIOD_MS, loop.quit)
        loop.exec()


def drawn(widget: QWidget) -> str:
    """Draw a widget and return its size and the number of its colours; few are an error."""
    QCoreApplication.processEvents()
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32)
    colours = len(np.unique(pixels))
    size = f"{image.width()} × {image.height()}"
    if colours < LEAST_COLOURS:
        raise ValueError(f"only {colours} colours in {size} pixels")
    return f"{size}, {colours} colours"


def letter_picture(letter: str, widget: QWidget) -> bytes:
    """Return the picture of one letter."""
    image = QImage(64, 64, QImage.Format.Format_Grayscale8)
    image.fill(255)
    painter = QPainter(image)
    painter.setFont(widget.font())
    painter.drawText(8, 48, letter)
    painter.end()
    return bytes(image.constBits())
