"""The controls of a lab, made from its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from engine.fields import OneOf
from gui import theme as looks
from gui.buttons import FlatButton
from gui.field_controls import CONTROLS, Control, WheelGuard, guard_wheel
from gui.labs.lab import LARGEST_SEED, SEED_NAME, Parameter, Values, label_text
from gui.theme import Theme
from gui.translation import choice_text

PANEL_WIDTH = 268
# In large type, before it is enlarged: the pictures need the room more than the sliders.
LARGE_PANEL_WIDTH = 248
SCROLL_BAR_WIDTH = 8
_NARROW_CONTROL_WIDTH = 118
# A step through the seeds that visits all of them: odd, and far from the powers of two.
_SEED_STRIDE = 7919


class ParameterRow(QWidget):
    """A name, its control, and room for a refusal.

    Attributes:
        edited: another allowed value was given.
    """

    edited = Signal(object)

    def __init__(
        self, name: str, parameter: Parameter, guard: WheelGuard, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.label = QLabel()
        self.control: Control = CONTROLS[type(parameter.kind)](parameter.kind, parameter.default)
        self.control.edited.connect(self.edited)
        self.control.refused.connect(self.show_problem)
        guard_wheel(self.control, guard)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setFont(looks.font(looks.CAPTION_POINTS))
        self.problem.hide()
        head = QHBoxLayout()
        head.setSpacing(looks.GAP)
        head.addWidget(self.label, 1)
        self.new_seed: FlatButton | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(2)
        column.addLayout(head)
        if self.control.wide:
            column.addWidget(self.control)
        else:
            self.control.setFixedWidth(looks.scaled(_NARROW_CONTROL_WIDTH))
            if name == SEED_NAME:
                self.new_seed = FlatButton("seed")
                self.new_seed.set_small()
                self.new_seed.clicked.connect(self._next_seed)
                head.addWidget(self.new_seed)
                self.control.setFixedWidth(looks.scaled(_NARROW_CONTROL_WIDTH - 30))
            head.addWidget(self.control)
        column.addWidget(self.problem)
        self._value = parameter.default

    @property
    def value(self) -> Any:
        """The value in force."""
        return self._value

    def value_text(self) -> str:
        """Return the value in force as people read it."""
        kind = self.parameter.kind
        written: str = kind.write(self._value)
        return choice_text(written) if isinstance(kind, OneOf) else written

    def show_value(self, value: Any) -> None:
        """Show the value in force."""
        self._value = value
        self.control.show_value(value)
        self.show_problem("")

    def take(self, value: Any) -> None:
        """Remember a value that the control shows already."""
        self._value = value

    def show_problem(self, text: str) -> None:
        """Say why what stands there is refused; empty: it is not."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def _next_seed(self) -> None:
        self.show_value((self._value + _SEED_STRIDE) % LARGEST_SEED)
        self.edited.emit(self._value)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        if self.new_seed is not None:
            self.new_seed.set_theme(theme)
        palette = self.problem.palette()
        palette.setColor(palette.ColorRole.WindowText, QColor(theme.problem))
        self.problem.setPalette(palette)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        label, help_text = label_text(self.parameter.label), label_text(self.parameter.help)
        self.label.setText(label)
        for widget in (self.label, self.control):
            widget.setToolTip(help_text or label)
        self.control.setAccessibleName(label)
        if self.new_seed is not None:
            self.new_seed.setToolTip(self.tr("Another seed"))
        self.control.retranslate()


class ParameterPanel(QScrollArea):
    """All controls of a lab.

    Attributes:
        changed: a control was moved or a number typed.
    """

    changed = Signal()

    def __init__(self, parameters: Mapping[str, Parameter], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._guard = WheelGuard(self)
        self.rows: dict[str, ParameterRow] = {}
        self.reset_button = FlatButton("reset")
        self.reset_button.clicked.connect(self.reset)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, looks.GAP, 0)
        column.setSpacing(looks.GAP)
        for name, parameter in parameters.items():
            row = self.rows[name] = ParameterRow(name, parameter, self._guard)
            row.edited.connect(lambda value, row=row: self._edited(row, value))
            column.addWidget(row)
        column.addWidget(self.reset_button)
        column.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Its room is always kept, so that nothing moves when a refusal needs a line.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFixedWidth(looks.scaled(LARGE_PANEL_WIDTH if looks.is_large() else PANEL_WIDTH))
        content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self._show_applicable()

    def values(self) -> dict[str, Any]:
        """Return the values in force."""
        return {name: row.value for name, row in self.rows.items()}

    def set_values(self, values: Values) -> None:
        """Show other values for some parameters, as if they had been typed."""
        for name, value in values.items():
            row = self.rows[name]
            row.show_value(row.parameter.kind.read(value))
        self._show_applicable()
        self.changed.emit()

    def reset(self) -> None:
        """Go back to the defaults; what was refused is forgotten."""
        self.set_values({name: row.parameter.default for name, row in self.rows.items()})

    def _edited(self, row: ParameterRow, value: Any) -> None:
        row.take(value)
        self._show_applicable()
        self.changed.emit()

    def _show_applicable(self) -> None:
        values = self.values()
        for row in self.rows.values():
            row.setVisible(row.parameter.applies(values))

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.reset_button.set_theme(theme)
        for row in self.rows.values():
            row.set_theme(theme)
        self.verticalScrollBar().setStyleSheet(looks.scroll_bar_style(theme, SCROLL_BAR_WIDTH))

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.reset_button.setText(self.tr("Reset"))
        for row in self.rows.values():
            row.retranslate()
