"""Play, step and rewind for a lab that trains: each moves the control of the steps."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui import theme as looks
from gui.buttons import FlatButton
from gui.theme import Theme

# As often as a picture is renewed while it plays.
PLAY_PERIOD_MS = 40


class Player(QWidget):
    """The buttons of a training.

    Args:
        stride: steps between two pictures while it plays.
        last: the last step there is.

    Attributes:
        wanted: the step that shall be shown.
    """

    wanted = Signal(int)

    def __init__(self, stride: int, last: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stride = stride
        self._last = last
        self._step = 0
        self._timer = QTimer(self)
        self._timer.setInterval(PLAY_PERIOD_MS)
        self._timer.timeout.connect(lambda: self._go(self._step + self._stride))
        self.play = FlatButton("run", primary=True)
        self.step = FlatButton("step")
        self.rewind = FlatButton("rewind")
        self.play.clicked.connect(self.toggle)
        self.step.clicked.connect(self._make_one)
        self.rewind.clicked.connect(self._back)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(looks.GAP)
        for button in (self.play, self.step, self.rewind):
            row.addWidget(button)
        row.addStretch(1)

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    def show_step(self, step: int) -> None:
        """Take note of the step that is shown."""
        self._step = step
        if step >= self._last:
            self.stop()
        self.step.setEnabled(step < self._last)
        self.rewind.setEnabled(step > 0)

    def toggle(self) -> None:
        """Play, from the start if it has come to its end; or stop."""
        if self.playing:
            self.stop()
            return
        if self._step >= self._last:
            self.wanted.emit(0)
        self._timer.start()
        self._show_playing()

    def stop(self) -> None:
        """Stop where it is."""
        self._timer.stop()
        self._show_playing()

    def _make_one(self) -> None:
        self.stop()
        self._go(self._step + 1)

    def _back(self) -> None:
        self.stop()
        self._go(0)

    def _go(self, step: int) -> None:
        self.wanted.emit(min(step, self._last))

    def hideEvent(self, event: QHideEvent) -> None:
        self.stop()
        super().hideEvent(event)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for button in (self.play, self.step, self.rewind):
            button.set_theme(theme)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.play.set_alternatives((self.tr("Play"), self.tr("Pause")))
        self.step.setText(self.tr("Step"))
        self.rewind.setText(self.tr("Rewind"))
        self._show_playing()

    def _show_playing(self) -> None:
        self.play.set_icon_name("pause" if self.playing else "run")
        self.play.setText(self.tr("Pause") if self.playing else self.tr("Play"))
