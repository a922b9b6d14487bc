"""All keys, over the window: to be read, then gone with the next key or click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QWidget

from gui import theme as looks
from gui.actions import ACTIONS, MOST_NUMBER_KEYS
from gui.theme import Theme

_SHADE_OPACITY = 0.55
_MARGIN = 28
_COLUMNS = 2
# Before and behind the texts of a column.
_GAPS = 24
# Of what a key does, the largest first.
_TEXT_POINTS = (looks.TITLE_POINTS, 10.0, 9.0, 8.0)
_WRAPPED = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap


def _native(key: str) -> str:
    """Return what a key is called here."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


class KeyHelp(QWidget):
    """A sheet over a window.

    Args:
        window: covered whole, whatever its size becomes.
        theme: its colours.
    """

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setGeometry(window.rect())
        window.installEventFilter(self)
        self.setAccessibleName(self.tr("All keys"))

    def open(self) -> None:
        """Cover the window."""
        self.show()
        self.raise_()
        self.setFocus()

    def rows(self) -> list[tuple[str, str]]:
        """Return (key, what it does) in the language in force."""
        rows: list[tuple[str, str]] = []
        for action in (one for one in ACTIONS if one.key is not None):
            row = action.key_text(), action.title().rstrip("…")
            if action.follows:
                key, text = rows.pop()
                row = f"{key}, {row[0]}", f"{text}  ·  {row[1]}"
            rows.append(row)
        numbers = self.tr("A preset; after L or in a lesson, one of the ten")
        rows.append((f"1 – {MOST_NUMBER_KEYS}, 0", numbers))
        pages = (f"{_native('PgUp')}, {_native('PgDown')}", self.tr("The pages of a lesson"))
        rows.append(pages)
        rows.append((self.tr("double-click"), self.tr("A view in the whole window")))
        return rows

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self.parentWidget().rect())
        return False

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            # Any key only closes the sheet, also one that the window knows.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self._go()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go()

    def _go(self) -> None:
        self.close()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shade = QColor("#000000")
        shade.setAlphaF(_SHADE_OPACITY)
        painter.fillRect(self.rect(), shade)
        rows = self.rows()
        lines = -(-len(rows) // _COLUMNS)
        metrics = QFontMetricsF(looks.font(looks.TITLE_POINTS))
        # Before a hall each text may have two lines.
        line = metrics.height() * (2.1 if looks.is_large() else 1.7)
        head = metrics.height() * 2.4
        height = min(head + lines * line + 2 * _MARGIN, self.height() - 16)
        width = min(self.width() - 32, looks.scaled(920))
        sheet = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.card))
        painter.drawRoundedRect(sheet, looks.CARD_RADIUS, looks.CARD_RADIUS)
        inside = sheet.adjusted(_MARGIN, _MARGIN * 0.7, -_MARGIN, -_MARGIN * 0.7)
        painter.setPen(QColor(self._theme.text))
        painter.setFont(looks.font(looks.VERDICT_POINTS, strong=True))
        painter.drawText(inside, Qt.AlignmentFlag.AlignTop, self.tr("Keys"))
        line = min(line, (inside.height() - head) / lines)
        bold = QFontMetricsF(looks.font(looks.TITLE_POINTS, strong=True))
        parts = [rows[start : start + lines] for start in range(0, len(rows), lines)]
        widths = [max(bold.horizontalAdvance(key) for key, _ in part) + 22 for part in parts]
        # What the keys leave is shared as the texts need it.
        room = inside.width() - sum(widths) - _COLUMNS * _GAPS
        font, rooms = fitting_font(parts, room, line)
        lefts = [
            inside.left() + sum(widths[:place]) + sum(rooms[:place]) + place * _GAPS
            for place in range(_COLUMNS)
        ]
        for index, (key, text) in enumerate(rows):
            place, row = divmod(index, lines)
            keys, room = widths[place], rooms[place]
            left, top = lefts[place], inside.top() + head + row * line
            self._draw_key(painter, QRectF(left, top, keys, line), key)
            painter.setFont(font)
            painter.setPen(QColor(self._theme.text))
            box = QRectF(left + keys + 12, top, room, line)
            painter.drawText(box, _WRAPPED, text)

    def _draw_key(self, painter: QPainter, box: QRectF, key: str) -> None:
        painter.setPen(QColor(self._theme.border))
        painter.setBrush(QColor(self._theme.field))
        painter.drawRoundedRect(box.adjusted(0, 3, 0, -3), 5, 5)
        painter.setPen(QColor(self._theme.text))
        painter.setFont(looks.font(looks.TITLE_POINTS, strong=True))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, key)


def fitting_font(
    parts: Sequence[Sequence[tuple[str, str]]], room: float, line: float
) -> tuple[QFont, list[float]]:
    """Return the largest type in which all columns of texts have room beside one another.

    Args:
        parts: the columns, each of keys and texts.
        room: for the texts of all columns, in logical pixels.
        line: the height that each text has, in which it may be broken.

    Returns:
        It, or the smallest, and how much room the texts of each column have.
    """
    for points in _TEXT_POINTS:
        font = looks.font(points)
        metrics = QFontMetricsF(font)
        widest = [max(metrics.horizontalAdvance(text) for _, text in part) for part in parts]
        spare = room - sum(widest)
        rooms = [width + spare * width / sum(widest) for width in widest]
        taken = (
            metrics.boundingRect(QRectF(0, 0, own, line), _WRAPPED, text)
            for part, own in zip(parts, rooms, strict=True)
            for _, text in part
        )
        heights = [box.height() for box in taken]
        # Texts of two lines stand apart from those above and below.
        if max(heights) <= line - looks.GAP:
            break
    return font, rooms
