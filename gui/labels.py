"""Labels that never need more room than there is."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QFont,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

# Of the room: shorter last lines look lost.
_LEAST_LAST_LINE = 0.25


class ElidedLabel(QWidget):
    """A line that ends in "…" where it does not fit, and tells the whole of it as its tool tip.

    A `QLabel` asks for a new layout of the whole window with every new text. This one does not:
    its height is that of its font, whatever it says, and its width is given to it. Figures that
    change many times a second cost no more than their own painting.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._help = ""
        self._alignment = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """Return the text, the whole of it."""
        return self._text

    def setText(self, text: str) -> None:
        """Show a text."""
        # A line feed, as in a message of the engine, would need a second line.
        text = " ".join(text.split("\n"))
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self._tell()
            self.update()

    def setAlignment(self, alignment: Qt.AlignmentFlag) -> None:
        """Place the text in the label."""
        self._alignment = alignment
        self.update()

    def set_help(self, text: str) -> None:
        """Have a tool tip where the text is not elided."""
        self._help = text
        self._tell()

    def let_copy(self) -> None:
        """Offer to copy the text, where it is clicked with the right button."""
        copy = QAction(self.tr("Copy"), self)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.whole_text()))
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    @property
    def is_elided(self) -> bool:
        """Whether the text is wider than the label."""
        return self.fontMetrics().horizontalAdvance(self._text) > self.contentsRect().width()

    def sizeHint(self) -> QSize:
        margins = self.contentsMargins()
        width = self.fontMetrics().horizontalAdvance(self._text)
        return QSize(
            width + margins.left() + margins.right(),
            self.fontMetrics().height() + margins.top() + margins.bottom(),
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell()

    def whole_text(self) -> str:
        """Return what is to be said where there is room enough."""
        return self._text

    def _tell(self) -> None:
        cut = self.is_elided or self._text != self.whole_text()
        text = self.whole_text() if cut else self._help
        if text != self.toolTip():
            self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        box = self.contentsRect()
        text = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, box.width())
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(box, self._alignment | Qt.TextFlag.TextSingleLine, text)


class FittingLabel(ElidedLabel):
    """A line that says as much as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: tuple[str, ...] = ("",)

    def set_texts(self, *texts: str) -> None:
        """Show the first text that there is room for, or the last.

        Args:
            texts: the whole of it, then ever shorter versions.
        """
        if texts != self._texts:
            self._texts = texts
            self._choose()

    def whole_text(self) -> str:
        return self._texts[0]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._choose()

    def _choose(self) -> None:
        width, metrics = self.contentsRect().width(), self.fontMetrics()
        fitting = (text for text in self._texts if metrics.horizontalAdvance(text) <= width)
        self.setText(next(fitting, self._texts[-1]))
        # Of two texts the second may be shown as before and the first be another.
        self._tell()


class WrappedLabel(QLabel):
    """Plain text in several lines, whose last is no lone word where that costs no line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)

    def paintEvent(self, event: QPaintEvent) -> None:
        box = self.contentsRect()
        box.setWidth(tidy_width(self.text(), self.font(), box.width()))
        flags = self.alignment().value | Qt.TextFlag.TextWordWrap.value
        self.style().drawItemText(
            QPainter(self), box, flags, self.palette(), self.isEnabled(), self.text(),
            self.foregroundRole(),
        )  # fmt: skip


def unbroken(text: str) -> str:
    """Return a text within which no line is broken, not between Chinese signs either."""
    return re.sub("(?<=[一-鿿])(?=[一-鿿])", "\u2060", text.replace(" ", "\u00a0"))


def tidy_width(text: str, font: QFont, room: int) -> int:
    """Return a width in which the last line of a text is no lone word, or all the room.

    It is the greatest one that needs no line more than the room itself.

    Args:
        text: is broken between words.
        font: of the text.
        room: the greatest width, in logical pixels.
    """
    lines = _line_widths(text, font, room)
    tried, most, width = lines, len(lines), room
    while len(tried) == most > 1:
        if tried[-1] >= _LEAST_LAST_LINE * room:
            return width
        # Nothing changes before the widest line has no room.
        width = min(math.ceil(max(tried)), width) - 1
        tried = _line_widths(text, font, width) if width > 0 else []
    return room


def _line_widths(text: str, font: QFont, width: int) -> list[float]:
    layout = QTextLayout(text.replace("\n", "\u2028"), font)
    layout.beginLayout()
    widths = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        widths.append(line.naturalTextWidth())
    layout.endLayout()
    return widths


def ascent_of(text: str, font: QFont) -> float:
    """Return how high a text reaches above its line, from whatever fonts its signs come."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    return line.ascent()
