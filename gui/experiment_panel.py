"""The form of an experiment, made from the declarations of RunConfig."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.config import DEFAULTS, GROUPS, SETTINGS, RunConfig, beyond_sliders
from engine.snapshot import RunSnapshot
from gui import theme as looks
from gui.activation_picture import ActivationPicture
from gui.buttons import FlatButton
from gui.company import value_text
from gui.data_words import data_words
from gui.field_controls import CONTROLS, Control, WheelGuard, guard_wheel
from gui.labels import ElidedLabel
from gui.theme import Theme
from gui.translation import engine_text
from gui.views.card import Card

# Edits that follow each other faster than this are sent as one: a slider that is dragged must
# not build a network for every value it passes.
DEBOUNCE_MS = 150
PANEL_WIDTH = 288
SCROLL_BAR_WIDTH = 8
CONTROL_WIDTH = 130
# What a row has for its name and its control, beside margins and gaps.
ROW_WIDTH = PANEL_WIDTH - SCROLL_BAR_WIDTH - 36
# Qt's own value for "no limit".
QWIDGETSIZE_MAX = 2**24 - 1
# The seed lives in the toolbar.
ELSEWHERE = ("seed",)
# What an experiment is about is always to be seen.
NEVER_FOLDED = ("network",)


# As far from the edge as the names of the fields.
_HEADING_INDENT = 6


class FieldRow(QWidget):
    """One field: its name, its control, a way back to the default, and room for a refusal.

    Attributes:
        edited: (name, value) was given.
    """

    edited = Signal(str, object)

    def __init__(self, name: str, guard: WheelGuard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.setting = SETTINGS[name]
        self._theme = looks.LIGHT
        self.label = QLabel()
        # A widget that is shown before it has a parent would be a window for a moment.
        self.live = QLabel(self)
        self.live.setFont(looks.font(looks.CAPTION_POINTS))
        self.live.setVisible(self.setting.live)
        # What the runs beside have here.
        self._others: tuple[str, ...] = ()
        self.differs = ElidedLabel(self)
        self.differs.setFont(looks.font(looks.CAPTION_POINTS, strong=True))
        self.differs.hide()
        self.reset = FlatButton("reset")
        self.reset.set_small()
        keep = self.reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(keep)
        self.reset.clicked.connect(self._reset)
        self.control: Control = CONTROLS[type(self.setting.kind)](self.setting.kind, DEFAULTS[name])
        self.control.edited.connect(lambda value: self.edited.emit(self.name, value))
        self.control.refused.connect(self.show_problem)
        guard_wheel(self.control, guard)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setFont(looks.font(looks.CAPTION_POINTS))
        self.problem.hide()
        # What is to be known of the value, and what came of it.
        self._is_beyond, self._outcome = False, ""
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setFont(looks.font(looks.CAPTION_POINTS))
        self.note.hide()
        self._lay_out()
        self.retranslate()

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.setSpacing(looks.GAP)
        self._head.addWidget(self.label)
        self._head.addWidget(self.live)
        self._head.addWidget(self.differs, 100)
        self._head.addStretch(1)
        self._head.addWidget(self.reset)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 3, 6, 3)
        self._column.setSpacing(2)
        self._column.addLayout(self._head)
        self._column.addWidget(self.control)
        self._column.addWidget(self.note)
        self._column.addWidget(self.problem)

    def _place_control(self) -> None:
        """Put a narrow control beside the name, or below where the name leaves no room."""
        if self.control.wide:
            return
        taken = self.label.sizeHint().width() + self.reset.sizeHint().width()
        if self.setting.live:
            taken += self.live.sizeHint().width()
        # A value beside the name leaves a control no room there.
        width = looks.scaled(CONTROL_WIDTH)
        if taken + width <= looks.scaled(ROW_WIDTH) and not self._others:
            self.control.setFixedWidth(width)
            self._head.addWidget(self.control)
        else:
            self.control.setMinimumWidth(0)
            self.control.setMaximumWidth(QWIDGETSIZE_MAX)
            self._column.insertWidget(1, self.control)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.reset.set_theme(theme)
        # Before a hall names and choices are larger.
        self._place_control()
        colours = {
            self.live: theme.accent,
            self.differs: theme.mark,
            self.note: theme.muted,
            self.problem: theme.problem,
        }
        for label, colour in colours.items():
            palette = label.palette()
            palette.setColor(palette.ColorRole.WindowText, QColor(colour))
            label.setPalette(palette)
        self.update()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.label.setText(engine_text(self.setting.label))
        self.live.setText(self.tr("live"))
        self.live.setToolTip(self.tr("May be changed while the run goes on"))
        default = self.setting.kind.write(DEFAULTS[self.name])
        self.reset.setToolTip(self.tr("Back to {0}").format(default))
        self.reset.setAccessibleName(f"{self.label.text()}: {self.reset.toolTip()}")
        help_text = engine_text(self.setting.help)
        if self.setting.unit:
            help_text += "\n" + self.tr("Unit: {0}").format(engine_text(self.setting.unit))
        if not self.setting.live:
            help_text += "\n" + self.tr("A change starts the run anew.")
        for widget in (self.label, self.control):
            widget.setToolTip(help_text)
            widget.setWhatsThis(help_text)
        self.control.set_name(engine_text(self.setting.label))
        self.control.retranslate()
        self._write_note()
        self._place_control()

    def show_value(self, value: Any, *, beyond: bool = False) -> None:
        """Show the value in force, and say whether it lies beyond what the slider offers."""
        self.control.show_value(value)
        self.reset.setVisible(value != DEFAULTS[self.name])
        self._is_beyond = beyond
        self._write_note()

    @property
    def differs_from_others(self) -> bool:
        """Whether the runs beside have other values here."""
        return bool(self._others)

    def show_others(self, texts: tuple[str, ...]) -> None:
        """Tell the values that this field has in the runs beside; none: they do not differ."""
        if texts != self._others:
            self._others = texts
            self.differs.setVisible(bool(texts))
            self.differs.setText("≠ " + ", ".join(texts))
            self.differs.setToolTip(self.tr("Compared with {0}").format(", ".join(texts)))
            self._place_control()

    def show_problem(self, text: str) -> None:
        """Say why what stands there is refused; empty: it is not."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.update()

    def show_outcome(self, text: str) -> None:
        """Say what the engine made of the value; empty: nothing is to be told."""
        self._outcome = text
        self._write_note()

    def _write_note(self) -> None:
        beyond = self.tr("beyond the slider") if self._is_beyond else ""
        text = "  ·  ".join(filter(None, (beyond, self._outcome)))
        if text != self.note.text():
            self.note.setText(text)
            self.note.setVisible(bool(text))

    def _reset(self) -> None:
        self.show_value(DEFAULTS[self.name])
        self.edited.emit(self.name, DEFAULTS[self.name])

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.problem.text():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.problem), 1.4))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)


class Section(Card):
    """A group of fields under a head, which folds it away unless it is one of `NEVER_FOLDED`."""

    def __init__(self, group: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.group = group
        self.rows: list[FieldRow] = []
        self.reading.hide()
        self.folds = group not in NEVER_FOLDED
        self.fold = FlatButton("collapsed")
        self.fold.setFont(looks.font(looks.TITLE_POINTS, strong=True))
        # However long its text, it must not widen the form.
        self.fold.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.fold.clicked.connect(lambda: self.set_open(not self.is_open))
        self.title.setIndent(_HEADING_INDENT)
        self.body.addWidget(self.fold)
        self.show_head(True)
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self.body.addWidget(self._content)
        self.body.setContentsMargins(4, 2 if self.folds else looks.CARD_MARGIN, 4, 4)
        self.body.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.is_open: bool = True
        self.set_open(not self.folds)

    def add(self, row: FieldRow) -> None:
        """Add a field below the others."""
        self.rows.append(row)
        self._column.addWidget(row)

    def add_picture(self, picture: QWidget) -> None:
        """Add a picture below the last field."""
        self._column.addWidget(picture)

    def set_open(self, is_open: bool) -> None:
        """Fold or unfold, where it folds."""
        self.is_open = is_open or not self.folds
        self._content.setVisible(self.is_open)
        self.fold.set_icon_name("expanded" if self.is_open else "collapsed")
        self.retranslate()

    def show_head(self, shown: bool) -> None:
        """Name the group, or show its fields alone."""
        self.fold.setVisible(shown and self.folds)
        self.title.setVisible(shown and not self.folds)

    def show_content(self, *, opened: bool) -> None:
        """Show the fields for a while, folded or not."""
        self._content.setVisible(opened or self.is_open)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.fold.set_theme(theme)
        for row in self.rows:
            row.set_theme(theme)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        text = engine_text(GROUPS[self.group])
        changed = sum(1 for row in self.rows if row.reset.isVisibleTo(row))
        if changed and not self.is_open:
            text += "  ·  " + self.tr("{0} changed").format(changed)
        if not self.is_open and any(row.differs_from_others for row in self.rows):
            text += "  ≠"
        for head in (self.title, self.fold):
            head.setText(text)


class ExperimentPanel(QScrollArea):
    """All fields of an experiment, in groups.

    Attributes:
        changed: another experiment was asked for.
    """

    changed = Signal(object)

    def __init__(self, config: RunConfig, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = config
        self._pending: dict[str, Any] = {}
        self._only: frozenset[str] | None = None
        self._guard = WheelGuard(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self._send)
        self.rows: dict[str, FieldRow] = {}
        self.sections: dict[str, Section] = {}
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * looks.GAP)
        for group in GROUPS:
            self.sections[group] = Section(group)
            column.addWidget(self.sections[group])
        column.addStretch(1)
        self._theme = looks.LIGHT
        self.picture = ActivationPicture()
        self._add_rows(NEVER_FOLDED)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # The keyboard goes from field to field, and each comes into sight by itself.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Its room is always kept, so that nothing moves when a group is unfolded.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFixedWidth(PANEL_WIDTH)
        content.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self.show_config(config)

    def _add_rows(self, groups: Iterable[str]) -> None:
        for name, setting in SETTINGS.items():
            if setting.group in groups and name not in ELSEWHERE:
                row = self.rows[name] = FieldRow(name, self._guard)
                row.edited.connect(self._edited)
                row.set_theme(self._theme)
                self.sections[setting.group].add(row)
                if name == "activation":
                    self.sections[setting.group].add_picture(self.picture)

    def complete(self) -> None:
        """Make the fields of the folded groups, which the first painting does not show."""
        self._add_rows(GROUPS.keys() - set(NEVER_FOLDED))
        self.show_config(self._config)

    def stop(self) -> None:
        """Send nothing any more of what was typed."""
        self._timer.stop()

    def show_config(self, config: RunConfig) -> None:
        """Show an experiment; what was typed and not sent yet is dropped."""
        self._timer.stop()
        self._pending.clear()
        self._config = config
        beyond = beyond_sliders(config)
        for name, row in self.rows.items():
            row.show_value(getattr(config, name), beyond=name in beyond)
        self._show_applicable(config)

    def show_only(self, names: Collection[str] | None) -> None:
        """Show these fields and no others for a while; None: all again."""
        self._only = None if names is None else frozenset(names)
        for section in self.sections.values():
            wanted = self._only is None or any(row.name in self._only for row in section.rows)
            section.setVisible(wanted)
            section.show_head(self._only is None)
            section.show_content(opened=self._only is not None)
        self.picture.setVisible(self._only is None or "activation" in self._only)
        self._show_applicable(self._config)

    def show_others(self, others: Sequence[RunConfig]) -> None:
        """Mark the fields in which the runs beside differ from this experiment."""
        before = [row.differs_from_others for row in self.rows.values()]
        for name, row in self.rows.items():
            own = getattr(self._config, name)
            values = [getattr(config, name) for config in others]
            written = (value_text(name, value) for value in values if value != own)
            row.show_others(tuple(dict.fromkeys(written)))
        if before == [row.differs_from_others for row in self.rows.values()]:
            return
        for section in self.sections.values():
            section.retranslate()

    def show_run(self, run: RunSnapshot | None) -> None:
        """Say beside the data what they were taken for; None: nothing is known of that."""
        row = self.rows.get("dataset")
        if row is not None:
            shape = None if run is None else run.data
            row.show_outcome("" if shape is None else data_words(shape))

    def show_refusal(self, field: str, text: str) -> None:
        """Say beside a field why the engine refused its value."""
        row = self.rows.get(field)
        if row is not None:
            self.sections[row.setting.group].set_open(True)
            row.show_problem(text)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.picture.set_theme(theme)
        self.setFixedWidth(looks.scaled(PANEL_WIDTH))
        for section in self.sections.values():
            section.set_theme(theme)
        self.verticalScrollBar().setStyleSheet(looks.scroll_bar_style(theme, SCROLL_BAR_WIDTH))

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.picture.retranslate()
        for row in self.rows.values():
            row.retranslate()
        for section in self.sections.values():
            section.retranslate()

    def _edited(self, name: str, value: Any) -> None:
        self._pending[name] = value
        row = self.rows[name]
        row.reset.setVisible(value != DEFAULTS[name])
        self._show_applicable(self._config.replace(**self._pending))
        self._timer.start()

    def _send(self) -> None:
        config = self._config.replace(**self._pending)
        self._pending.clear()
        if config != self._config:
            self._config = config
            self.changed.emit(config)

    def _show_applicable(self, config: RunConfig) -> None:
        self.picture.show_activation(config.activation)
        for name, row in self.rows.items():
            wanted = self._only is None or name in self._only
            row.setVisible(wanted and config.applies(name))
        for section in self.sections.values():
            section.retranslate()
