"""Flat buttons: the only kind the window has."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from gui import icons
from gui import theme as looks
from gui.theme import Theme

_PADDING = 9
_HEIGHT = 32
_RADIUS = 6
# Between icon and text.
_ICON_GAP = 6


class FlatButton(QToolButton):
    """A button without a frame, drawn by us alike on every system.

    It takes no focus from a click: the space bar stays with Run and Pause.

    Args:
        icon_name: of resources/icons; empty for none.
        primary: filled with the accent colour.
    """

    def __init__(
        self, icon_name: str = "", *, primary: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self._icon_name = icon_name
        self._primary = primary
        self._small = False
        self._compact = False
        self._outlined = False
        self._alternatives: tuple[str, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_small(self) -> None:
        """Be as small as the text around."""
        self._small = True

    @property
    def _icon_size(self) -> int:
        """In logical pixels, as large as the type beside it asks for."""
        return looks.scaled(icons.ICON_SIZE - (4 if self._small else 0))

    def set_outlined(self) -> None:
        """Have an edge, where it stands among text and would look like it."""
        self._outlined = True

    def set_compact(self, compact: bool) -> None:
        """Show the icon alone, where there is one; the tool tip tells the rest."""
        compact = compact and bool(self._icon_name)
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

    def shown_text(self) -> str:
        """Return the text that is drawn."""
        return "" if self._compact else self.text()

    def set_alternatives(self, texts: tuple[str, ...]) -> None:
        """Be wide enough for each of these texts, so that a change between them moves nothing."""
        if texts != self._alternatives:
            self._alternatives = texts
            self.updateGeometry()

    def set_icon_name(self, icon_name: str) -> None:
        """Show another icon."""
        if icon_name != self._icon_name:
            self._icon_name = icon_name
            self.set_theme(self._theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        if self._icon_name:
            colour = theme.on_accent if self._primary else theme.text
            self.setIcon(icons.icon(self._icon_name, colour, theme.disabled, self._icon_size))
        self.update()

    def sizeHint(self) -> QSize:
        return self.hint(compact=self._compact)

    def hint(self, *, compact: bool) -> QSize:
        """Return the size it wants with its text, or with the icon alone."""
        height = looks.scaled(22 if self._small else _HEIGHT)
        text = "" if compact and self._icon_name else self.text()
        width = height if not text else 2 * _PADDING
        if text:
            texts = (text, *self._alternatives)
            width += max(round(self.fontMetrics().horizontalAdvance(text)) for text in texts)
            if self._icon_name:
                width += self._icon_size + _ICON_GAP
        return QSize(width, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        if self._outlined and not self._primary:
            painter.setPen(QPen(QColor(self._theme.border), 1.0))
        painter.setBrush(self._background())
        painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._theme.accent), 1.5))
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        self._draw_content(painter)

    def _background(self) -> QColor:
        theme = self._theme
        colour = QColor(Qt.GlobalColor.transparent)
        if self._primary:
            colour = QColor(theme.accent)
            if not self.isEnabled():
                colour = QColor(theme.border)
            elif self.isDown():
                colour = colour.darker(115)
            elif self.underMouse():
                colour = colour.lighter(108)
        elif self.isChecked():
            colour = QColor(theme.accent)
            colour.setAlphaF(0.18)
        elif self.isEnabled() and (self.isDown() or self.underMouse()):
            colour = QColor(theme.text)
            colour.setAlphaF(0.14 if self.isDown() else 0.07)
        return colour

    def _draw_content(self, painter: QPainter) -> None:
        size = self._icon_size
        left = float(_PADDING) if self.shown_text() else (self.width() - size) / 2
        if self._icon_name:
            mode = self.icon().Mode.Normal if self.isEnabled() else self.icon().Mode.Disabled
            top = (self.height() - size) // 2
            self.icon().paint(
                painter, round(left), top, size, size, Qt.AlignmentFlag.AlignCenter, mode
            )
            left += size + _ICON_GAP
        if not self.shown_text():
            return
        if not self.isEnabled():
            colour = self._theme.disabled
        elif self._primary:
            colour = self._theme.on_accent
        else:
            colour = self._theme.accent if self.isChecked() else self._theme.text
        painter.setPen(QColor(colour))
        painter.setFont(self.font())
        box = QRectF(left, 0, self.width() - left, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.shown_text())
