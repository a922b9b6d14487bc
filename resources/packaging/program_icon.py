"""The icon of the program in the formats that systems ask for, from resources/icons/app.svg."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from engine.resources import RESOURCES

SVG = RESOURCES / "icons" / "app.svg"
NAME = "vanishing-point"
PNG_SIZE = 512
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
# Apple's names of the sizes that may be given as PNG.
ICNS_TYPES = {
    b"icp4": 16,
    b"icp5": 32,
    b"ic07": 128,
    b"ic08": 256,
    b"ic09": 512,
    b"ic10": 1024,
    b"ic11": 32,
    b"ic12": 64,
    b"ic13": 256,
    b"ic14": 512,
}


def write_icons(folder: Path) -> None:
    """Write the icon as .png, .ico and .icns."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QGuiApplication.instance() or QGuiApplication([])
    (folder / f"{NAME}.png").write_bytes(png(PNG_SIZE))
    (folder / f"{NAME}.ico").write_bytes(ico([(size, png(size)) for size in ICO_SIZES]))
    pictures = {kind: png(size) for kind, size in ICNS_TYPES.items()}
    (folder / f"{NAME}.icns").write_bytes(icns(pictures))
    del application


def png(size: int) -> bytes:
    """Draw the icon and return it as PNG."""
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(SVG)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return content.data()


def ico(pictures: list[tuple[int, bytes]]) -> bytes:
    """Return a Windows icon of PNG pictures: a header, a directory, the pictures."""
    header = struct.pack("<HHH", 0, 1, len(pictures))
    offset = len(header) + 16 * len(pictures)
    directory = b""
    for size, content in pictures:
        # 256 is written as 0; one plane of 32 bits a pixel.
        edge = size % 256
        directory += struct.pack("<BBBBHHII", edge, edge, 0, 0, 1, 32, len(content), offset)
        offset += len(content)
    return header + directory + b"".join(content for _, content in pictures)


def icns(pictures: dict[bytes, bytes]) -> bytes:
    """Return an Apple icon of PNG pictures: each with its type and its length, as the whole."""
    elements = b"".join(
        kind + struct.pack(">I", 8 + len(content)) + content for kind, content in pictures.items()
    )
    return b"icns" + struct.pack(">I", 8 + len(elements)) + elements
