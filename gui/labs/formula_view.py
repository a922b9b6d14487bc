"""Formulas in a window."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme as looks
from gui.labs.formula import Box, draw, em, layout
from gui.theme import Theme

# Room between two formulas on one line, and between two lines, in em.
_GAP_EM = 2.2
_LINE_GAP_EM = 0.5


class FormulaView(QWidget):
    """Formulas beside each other, on a new line where there is no room."""

    def __init__(self, formulas: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._formulas = formulas
        self._colour = looks.LIGHT.text
        # A fixed height would be that of one line.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("   ".join(formulas))

    def show_formulas(self, formulas: tuple[str, ...]) -> None:
        """Show these."""
        if formulas != self._formulas:
            self._formulas = formulas
            self.setAccessibleName("   ".join(formulas))
            self.updateGeometry()
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._colour = theme.text
        self.update()

    def _places(self, width: float) -> tuple[list[tuple[Box, QPointF]], float]:
        """Return the formulas with the left ends of their baselines, and the height of all.

        Both are in the formula's ordinary size, as `layout` is; only the painter knows of another.
        """
        width /= looks.zoom()
        gap, line_gap = _GAP_EM * em(), _LINE_GAP_EM * em()
        lines: list[list[Box]] = [[]]
        x = 0.0
        for formula in self._formulas:
            box = layout(formula)
            if lines[-1] and x + box.width > width:
                lines.append([])
                x = 0.0
            lines[-1].append(box)
            x += box.width + gap
        placed = []
        y = 2.0
        for line in lines:
            x = 1.0
            baseline = y + max(box.ascent for box in line)
            for box in line:
                placed.append((box, QPointF(x, baseline)))
                x += box.width + gap
            y = baseline + max(box.descent for box in line) + line_gap
        return placed, y - line_gap + 3.0

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return looks.scaled(self._places(width)[1])

    def sizeHint(self) -> QSize:
        widest = max(layout(formula).width for formula in self._formulas)
        return QSize(looks.scaled(widest + 2), looks.scaled(self._places(1e9)[1]))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(looks.zoom(), looks.zoom())
        for box, at in self._places(self.width())[0]:
            draw(painter, box, at, self._colour)
