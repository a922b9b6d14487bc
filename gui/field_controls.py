"""One control for each kind of value: it shows a value, and reads one or refuses it."""

from __future__ import annotations

import math
from abc import abstractmethod
from bisect import bisect_left
from typing import Any

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QSignalBlocker,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QWidget,
)

from engine.fields import (
    Flag,
    Kind,
    NameOr,
    OneOf,
    OneOrList,
    Real,
    Text,
    Whole,
)
from gui import theme as looks
from gui.refusals import refused_words
from gui.translation import choice_text

translate = QCoreApplication.translate

# A range wider than this is divided by ratio, not by difference.
_GEOMETRIC_RATIO = 100.0
_LINEAR_PARTS = 100
_NUMBER_WIDTH = 76
# Qt's own value for "no limit".
_NO_LIMIT = 2**24 - 1


def slider_values(kind: Whole | Real, default: float) -> tuple[float, ...]:
    """Return the values a slider stops at, in ascending order.

    A ladder climbs in half decades: 0.001, 0.003, 0.01. A ladder whose default is zero begins
    with zero.
    """
    if kind.slider is None:
        return ()
    low, high = kind.slider
    if isinstance(kind, Whole):
        if low > 0 and high / low > _GEOMETRIC_RATIO:
            return _doubling(int(low), int(high))
        return tuple(range(int(low), int(high) + 1))
    if kind.ladder:
        rungs = _half_decades(low, high)
        return (0.0, *rungs) if default == 0.0 and kind.minimum <= 0.0 else rungs
    if low > 0 and high / low >= _GEOMETRIC_RATIO:
        ratio = math.log(high / low) / _LINEAR_PARTS
        stops = [low * math.exp(ratio * i) for i in range(_LINEAR_PARTS + 1)]
        return tuple(sorted({float(f"{stop:.2g}") for stop in stops}))
    step = (high - low) / _LINEAR_PARTS
    return tuple(round(low + step * i, 6) for i in range(_LINEAR_PARTS + 1))


def _half_decades(low: float, high: float) -> tuple[float, ...]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    rungs = (float(f"{k}e{n}") for n in range(first, last + 1) for k in (1, 3))
    return tuple(rung for rung in rungs if low * 0.999 <= rung <= high * 1.001)


def _doubling(low: int, high: int) -> tuple[int, ...]:
    stops = {low, high}
    power = 1
    while power <= high:
        stops |= {stop for stop in (power, power * 3 // 2) if low <= stop <= high}
        power *= 2
    return tuple(sorted(stops))


class Control(QWidget):
    """Shows and reads the value of one field.

    Attributes:
        edited: a new allowed value was given.
        refused: why what stands there is not allowed; empty when it is again.
    """

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, kind: Kind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(2 * looks.GAP)

    @property
    def wide(self) -> bool:
        """Whether it needs the whole width of the panel, below the field's name."""
        return False

    @abstractmethod
    def show_value(self, value: Any) -> None:
        """Show a value without taking it for an edit."""

    def set_name(self, name: str) -> None:
        """Tell those who hear the window what is given here, whichever part has the keyboard."""
        for part in (self, *self.findChildren(QWidget)):
            part.setAccessibleName(name)
        for combo in self.findChildren(QComboBox):
            # On Linux the name of a list of choices is what is chosen.
            combo.setAccessibleDescription(name)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""


class Slider(QSlider):
    """A slider to which the arrows belong where the Tab key has come to it."""

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.accept()
            return True
        return super().event(event)


class Entry(QLineEdit):
    """A line that forgets what was typed on Escape and lets go of the keyboard on Return.

    Attributes:
        abandoned: what was typed is to be forgotten.
        is_refused: what stands there was not taken: Return lets it be typed anew.
    """

    abandoned = Signal()
    is_refused = False

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() == Qt.Key.Key_Escape:
            # While it has the keyboard the key is its own, and nobody's shortcut.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.abandoned.emit()
            self.clearFocus()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            # Without the keyboard, the next figure would be somebody's shortcut.
            if self.is_refused:
                self.selectAll()
            else:
                self.clearFocus()


class NumberControl(Control):
    """A number to type, and a slider over the comfortable part of its range.

    Where a list of numbers may be typed as well, it takes the place of the slider.
    """

    def __init__(
        self, kind: Whole | Real | OneOrList, default: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(kind, parent)
        self._value: float | tuple[int, ...] = default
        self._stops = slider_values(kind.one if isinstance(kind, OneOrList) else kind, default)
        self.entry = Entry()
        self.entry.setAlignment(Qt.AlignmentFlag.AlignRight)
        # The type keeps the size that it is made in.
        self._number_width = looks.scaled(_NUMBER_WIDTH)
        self.entry.setFixedWidth(self._number_width)
        self.entry.textEdited.connect(self._typed)
        self.entry.editingFinished.connect(self._finished)
        self.entry.abandoned.connect(lambda: self.show_value(self._value))
        self.slider = Slider(Qt.Orientation.Horizontal)
        if self._stops:
            self.slider.setRange(0, len(self._stops) - 1)
            self.slider.setPageStep(max(len(self._stops) // 10, 1))
            self.slider.valueChanged.connect(self._slid)
            self.slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.row.addWidget(self.slider, 1)
        else:
            self.row.addStretch(1)
        self.row.addWidget(self.entry)
        self.show_value(default)

    @property
    def wide(self) -> bool:
        return bool(self._stops)

    def show_value(self, value: float | tuple[int, ...]) -> None:
        self._value = value
        self.entry.setText(self.kind.write(value))
        self._move_slider(value)
        self.refused.emit("")

    def _move_slider(self, value: float | tuple[int, ...]) -> None:
        if not self._stops:
            return
        self.slider.setVisible(not isinstance(value, tuple))
        if isinstance(value, tuple):
            self.entry.setMaximumWidth(_NO_LIMIT)
            self.entry.setCursorPosition(0)
            return
        self.entry.setFixedWidth(self._number_width)
        right = min(bisect_left(self._stops, value), len(self._stops) - 1)
        left = max(right - 1, 0)
        nearer = abs(self._stops[left] - value) < abs(self._stops[right] - value)
        with QSignalBlocker(self.slider):
            self.slider.setValue(left if nearer else right)

    def _slid(self, position: int) -> None:
        self._value = self.kind.read(self._stops[position])
        self.entry.setText(self.kind.write(self._value))
        self.refused.emit("")
        self.edited.emit(self._value)

    def _typed(self, text: str) -> None:
        # What is only begun is not yet wrong.
        begun = text.strip() in ("", "-", "+", ".", "-.") or text.strip().lower().endswith(
            ("e", "e-", "e+", ",")
        )
        self.refused.emit("" if begun or self._read(text) is not None else self._refusal(text))

    def _finished(self) -> None:
        value = self._read(self.entry.text())
        self.entry.is_refused = value is None
        if value is None:
            self.refused.emit(self._refusal(self.entry.text()))
            return
        changed = value != self._value
        self.show_value(value)
        if changed:
            self.edited.emit(value)

    def _read(self, text: str) -> float | tuple[int, ...] | None:
        try:
            return self.kind.read(text.strip())
        except (ValueError, OverflowError):
            return None

    def _refusal(self, text: str) -> str:
        return refusal_of(self.kind, self.kind.write(self._value), text)


def refusal_of(kind: Kind, in_force: str, value: object = None) -> str:
    """Say what a kind accepts in place of a value, and what stays in force."""
    words = refused_words(kind, value)
    return translate("FieldControls", "{0}. {1} stays in force.").format(
        words[:1].upper() + words[1:], in_force
    )


class ChoiceControl(Control):
    """One name out of a table."""

    def __init__(self, kind: OneOf, default: str, parent: QWidget | None = None) -> None:
        super().__init__(kind, parent)
        self.combo = QComboBox()
        _prepare(self.combo)
        for name in kind.names:
            self.combo.addItem(choice_text(name), name)
        self.combo.activated.connect(lambda index: self.edited.emit(self.combo.itemData(index)))
        self.row.addWidget(self.combo, 1)
        self.show_value(default)

    def show_value(self, value: str) -> None:
        self.combo.setCurrentIndex(self.combo.findData(value))

    def retranslate(self) -> None:
        for index in range(self.combo.count()):
            self.combo.setItemText(index, choice_text(self.combo.itemData(index)))


def _prepare(combo: QComboBox) -> None:
    combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    combo.setMaxVisibleItems(20)
    # The wheel scrolls the panel; a choice is not to be changed by accident.
    combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


class FreeChoiceControl(Control):
    """Names to choose from, and anything else that the kind accepts to type."""

    _SUGGESTIONS = ("auto", "cpu", "cuda")

    def __init__(self, kind: NameOr | Text, default: Any, parent: QWidget | None = None) -> None:
        super().__init__(kind, parent)
        self._value = default
        self.combo = QComboBox()
        _prepare(self.combo)
        self.combo.setEditable(True)
        self.combo.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.combo.setCompleter(None)  # type: ignore[arg-type]
        self.entry = Entry()
        self.combo.setLineEdit(self.entry)
        self._names = tuple(kind.names) if isinstance(kind, NameOr) else self._SUGGESTIONS
        for name in self._names:
            self.combo.addItem(choice_text(name), name)
        self.combo.activated.connect(lambda index: self._take(self.combo.itemData(index)))
        self.entry.textEdited.connect(self._typed)
        self.entry.editingFinished.connect(self._finished)
        self.entry.abandoned.connect(lambda: self.show_value(self._value))
        self.row.addWidget(self.combo, 1)
        self.show_value(default)

    def show_value(self, value: Any) -> None:
        self._value = value
        index = self.combo.findData(value)
        with QSignalBlocker(self.combo):
            self.combo.setCurrentIndex(index)
            self.entry.setText(self._shown(value))
            self.entry.setCursorPosition(0)
        self.refused.emit("")

    def retranslate(self) -> None:
        for index, name in enumerate(self._names):
            self.combo.setItemText(index, choice_text(name))
        self.entry.setText(self._shown(self._value))

    def _shown(self, value: Any) -> str:
        return choice_text(value) if value in self._names else self.kind.write(value)

    def _read(self) -> Any:
        text = self.entry.text().strip()
        for name in self._names:
            if text in (name, choice_text(name)):
                text = name
        try:
            return self.kind.read(text)
        except (ValueError, OverflowError):
            return None

    def _typed(self) -> None:
        # A path or a number is only judged when it is finished.
        self.refused.emit("")

    def _finished(self) -> None:
        value = self._read()
        self.entry.is_refused = value is None
        if value is None:
            typed = self.entry.text().strip()
            self.refused.emit(refusal_of(self.kind, self._shown(self._value), typed))
        else:
            self._take(value)

    def _take(self, value: Any) -> None:
        changed = value != self._value
        self.show_value(value)
        if changed:
            self.edited.emit(value)


class FlagControl(Control):
    """Yes or no."""

    def __init__(self, kind: Flag, default: bool, parent: QWidget | None = None) -> None:
        super().__init__(kind, parent)
        self.box = QCheckBox()
        self.box.clicked.connect(lambda checked: self.edited.emit(checked))
        self.row.addStretch(1)
        self.row.addWidget(self.box)
        self.show_value(default)

    def show_value(self, value: bool) -> None:
        self.box.setChecked(value)


CONTROLS: dict[type[Kind], Any] = {
    Whole: NumberControl,
    Real: NumberControl,
    OneOrList: NumberControl,
    OneOf: ChoiceControl,
    NameOr: FreeChoiceControl,
    Text: FreeChoiceControl,
    Flag: FlagControl,
}


class WheelGuard(QObject):
    """Lets the wheel scroll the panel instead of changing what happens to lie under it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return False


def guard_wheel(control: Control, guard: WheelGuard) -> None:
    """Keep the wheel away from the parts of a control."""
    for part in (*control.findChildren(QComboBox), *control.findChildren(QSlider)):
        part.installEventFilter(guard)
