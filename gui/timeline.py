"""The timeline: every recorded step of the run, to be looked at again.

Dragging its handle moves every view to that moment; training, if it goes on, goes on unseen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolTip, QWidget

from engine.moments import Mark, MarkKind, marks
from engine.snapshot import RunSnapshot, Snapshot
from gui import theme as looks
from gui.buttons import FlatButton
from gui.changes import change_text
from gui.labels import FittingLabel
from gui.theme import Theme
from gui.translation import engine_text
from gui.views.card import Card
from gui.views.traces import draw_segments

_HEIGHT = 38
_TRACK_HEIGHT = 26
_HANDLE_RADIUS = 6.0
_MARK_SIZE = 4.5
# How near to a mark, in pixels, the mouse has to be to read it.
_NEAR_PIXELS = 6
# Ends of epochs are drawn where they stand at least so many pixels apart.
_EPOCH_PIXELS = 5
_LABEL_WIDTH = 210
# The whole of a run is shown again in so long, however long it was.
REPLAY_SECONDS = 8.0
REPLAY_PERIOD_MS = 33


def mark_text(mark: Mark) -> str:
    """Say what happened at a mark."""
    if mark.change is not None:
        return change_text(mark.change)
    return engine_text(mark.kind.value)


def _rail_pen(colour: str) -> QPen:
    pen = QPen(QColor(colour), 3)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


class Track(QWidget):
    """The line of all steps with its handle.

    Attributes:
        chosen: a step was chosen with the mouse or the keys; the newest one too.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self.steps = 0
        self.step = 0
        self.at_newest = True
        self._per_epoch = 0
        self._marks: tuple[Mark, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, _TRACK_HEIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def show_run(
        self, run: RunSnapshot | None, step: int | None, beside: Sequence[RunSnapshot] = ()
    ) -> None:
        """Show the steps of a run; the handle at one of them, or at the newest for None.

        Args:
            run: it; None: there is none.
            step: where the handle stands.
            beside: runs in lockstep, whose end is marked too.
        """
        steps = 0 if run is None else run.steps
        per_epoch = 0 if run is None else run.steps_per_epoch
        found = () if run is None else marks(run, beside)
        state = (steps, steps if step is None else step, step is None, per_epoch, found)
        if state != (self.steps, self.step, self.at_newest, self._per_epoch, self._marks):
            self.steps, self.step, self.at_newest, self._per_epoch, self._marks = state
            self.update()

    def x_of(self, step: float) -> float:
        """Return where a step is, in pixels."""
        # What was changed before the first step stands with it.
        share = (max(step, 1) - 1) / (self.steps - 1) if self.steps > 1 else 1.0
        return _HANDLE_RADIUS + share * (self.width() - 2 * _HANDLE_RADIUS)

    def step_at(self, x: float) -> int:
        """Return the step at a place, the nearest that there is."""
        share = (x - _HANDLE_RADIUS) / max(self.width() - 2 * _HANDLE_RADIUS, 1.0)
        return min(max(round(1 + share * (self.steps - 1)), 1), self.steps)

    def text_at(self, x: float) -> str:
        """Say what happened near a place; empty: nothing."""
        near = [mark for mark in self._marks if abs(self.x_of(mark.step) - x) <= _NEAR_PIXELS]
        lines = [self.tr("step {0}: {1}").format(mark.step, mark_text(mark)) for mark in near[-6:]]
        if not lines and self._epochs_apart() >= 2 * _NEAR_PIXELS:
            epoch = round(self.step_at(x) / self._per_epoch)
            if epoch and abs(self.x_of(epoch * self._per_epoch) - x) <= _NEAR_PIXELS:
                text = self.tr("step {0}: end of epoch {1}")
                lines.append(text.format(epoch * self._per_epoch, epoch))
        return "\n".join(lines)

    def _epochs_apart(self) -> float:
        """Return how many pixels lie between the ends of two epochs; 0: there are none."""
        if not self._per_epoch or self.steps < 2:
            return 0.0
        return self._per_epoch * (self.width() - 2 * _HANDLE_RADIUS) / (self.steps - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, middle = self._theme, self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right = _HANDLE_RADIUS, self.width() - _HANDLE_RADIUS
        handle = self.x_of(self.step) if self.steps else left
        painter.setPen(_rail_pen(theme.border))
        painter.drawLine(QPointF(left, middle), QPointF(right, middle))
        if not self.steps:
            return
        painter.setPen(_rail_pen(theme.accent))
        painter.drawLine(QPointF(left, middle), QPointF(handle, middle))
        apart = self._epochs_apart()
        if apart:
            every = max(math.ceil(_EPOCH_PIXELS / apart), 1) * self._per_epoch
            painter.setPen(QPen(QColor(theme.muted), 1))
            ends = range(every, self.steps + 1, every)
            at = [round(self.x_of(step)) + 0.5 for step in ends]
            draw_segments(painter, np.array([(x, middle + 4, x, middle + 8) for x in at]))
        painter.setPen(Qt.PenStyle.NoPen)
        for mark in self._marks:
            bad = mark.kind is MarkKind.NONFINITE
            painter.setBrush(QColor(theme.diverged if bad else theme.mark))
            x = self.x_of(mark.step)
            corners = [
                QPointF(x - _MARK_SIZE, middle - 4 - 1.6 * _MARK_SIZE),
                QPointF(x + _MARK_SIZE, middle - 4 - 1.6 * _MARK_SIZE),
                QPointF(x, middle - 4),
            ]
            painter.drawPolygon(QPolygonF.fromList(corners))
        painter.setBrush(QColor(theme.card if self.at_newest else theme.accent))
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawEllipse(QPointF(handle, middle), _HANDLE_RADIUS - 1, _HANDLE_RADIUS - 1)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)

    # Events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.steps:
            self.chosen.emit(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self.steps:
            self.chosen.emit(self.step_at(event.position().x()))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            text = self.text_at(event.pos().x())
            QToolTip.showText(event.globalPos(), text or self.toolTip(), self)
            return True
        overrides = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        # Where the Tab key has come here, the arrows belong to the handle.
        if overrides and self._target(event.key()) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        target = self._target(event.key())
        if target is None:
            super().keyPressEvent(event)
        elif self.steps:
            self.chosen.emit(min(max(target, 1), self.steps))

    def _target(self, key: int) -> int | None:
        """Return the step that a key leads to."""
        keys, page = Qt.Key, max(self.steps // 20, 1)
        ways = {keys.Key_Left: -1, keys.Key_Right: 1, keys.Key_PageUp: -page,
                keys.Key_PageDown: page}  # fmt: skip
        if key in ways:
            return self.step + ways[keys(key)]
        return {keys.Key_Home: 1, keys.Key_End: self.steps}.get(keys(key))


class Timeline(Card):
    """The track, what it shows in words, and the buttons beside it.

    Attributes:
        moment: the step that is looked at; None: the newest, whichever that is.
        moved: another moment is to be shown.
        slow_motion_wanted: one step is to be told layer after layer.
    """

    moved = Signal()
    slow_motion_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title.hide()
        self.reading.hide()
        self.moment: int | None = None
        self._run_number: int | None = None
        self._run: RunSnapshot | None = None
        self._beside: list[RunSnapshot] = []
        self._replayed = 0.0
        # What slow motion says just now.
        self._told = ""
        self.replay = FlatButton("replay")
        self.slow = FlatButton("slow")
        self.track = Track()
        self.words = FittingLabel()
        self.words.setFont(looks.font(looks.CAPTION_POINTS))
        self.words.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.words.setFixedWidth(_LABEL_WIDTH)
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.now = FlatButton("now")
        row = QHBoxLayout()
        row.setSpacing(looks.GAP)
        for widget in (self.replay, self.slow, self.track, self.words, self.now):
            if isinstance(widget, FlatButton):
                widget.set_small()
            row.addWidget(widget)
        self.body.setContentsMargins(looks.CARD_MARGIN - 4, 0, looks.CARD_MARGIN - 4, 0)
        self.body.addLayout(row)
        self.setFixedHeight(_HEIGHT)
        self._timer = QTimer(self)
        self._timer.setInterval(REPLAY_PERIOD_MS)
        self._timer.timeout.connect(self._show_next)
        self.track.chosen.connect(self._choose)
        self.replay.clicked.connect(self.toggle_replay)
        self.slow.clicked.connect(self.slow_motion_wanted)
        self.now.clicked.connect(self.show_newest)
        self.retranslate()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for part in (self.replay, self.slow, self.now, self.track):
            part.set_theme(theme)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.replay.setToolTip(self.tr("Show the run again from its first step"))
        self.replay.setAccessibleName(self.tr("Replay"))
        self.slow.setToolTip(self.tr("One step in slow motion, layer after layer"))
        self.slow.setAccessibleName(self.tr("Slow motion"))
        self.now.setToolTip(self.tr("Back to the newest step"))
        self.now.setAccessibleName(self.tr("Now"))
        self.track.setToolTip(self.tr("Drag to look at any step that has been made"))
        self.track.setAccessibleName(self.tr("Recorded steps"))
        self.write()

    def tell(self, text: str) -> None:
        """Say something in place of the step; empty: the step again."""
        self._told = text
        self.write()

    def follow(self, snapshot: Snapshot) -> None:
        """Follow the runs; other runs are looked at where they are. `write` shows it."""
        if snapshot.run_number != self._run_number:
            self._run_number = snapshot.run_number
            self._stop()
            self.moment = None
        # Where one of several has come to an end, the others have more to show.
        self._run = max(snapshot.runs, key=lambda run: run.steps, default=None)
        self._beside = [run for run in snapshot.runs if run is not self._run]

    @property
    def is_replaying(self) -> bool:
        """Whether the run is being shown again."""
        return self._timer.isActive()

    def show_newest(self) -> None:
        """Look at the newest step again, and stay with it."""
        self._stop()
        self._go(None)

    def turn(self, steps: int) -> bool:
        """Look so many steps further on, or back; return whether there was one to look at."""
        if self._run is None or (self.moment is None and steps > 0):
            return False
        self._choose(max((self.moment or self._run.steps) + steps, 1))
        return True

    def toggle_replay(self) -> None:
        """Show the run again, from the moment or from its first step; or stop doing so."""
        if self.is_replaying:
            self._stop()
        elif self._run is not None and self._run.steps:
            at_end = self.moment is None or self.moment >= self._run.steps
            self._replayed = 1.0 if at_end else float(self.moment or 1)
            self._timer.start()
            self._go(int(self._replayed))
        self.write()

    def stop(self) -> None:
        """End what goes on here by itself, as the window closes."""
        self._stop()

    def _stop(self) -> None:
        self._timer.stop()

    def _show_next(self) -> None:
        steps = 0 if self._run is None else self._run.steps
        self._replayed += max(steps * REPLAY_PERIOD_MS / (1000.0 * REPLAY_SECONDS), 0.2)
        if self._replayed >= steps:
            self.show_newest()
        else:
            self._go(int(self._replayed))

    def _choose(self, step: int) -> None:
        self._stop()
        steps = 0 if self._run is None else self._run.steps
        self._go(None if step >= steps else step)

    def _go(self, step: int | None) -> None:
        if step != self.moment:
            self.moment = step
            self.moved.emit()
        self.write()

    def write(self) -> None:
        """Show how far the runs have come, and what is looked at."""
        run = self._run
        self.track.show_run(run, self.moment, self._beside)
        steps = 0 if run is None else run.steps
        for button in (self.replay, self.track):
            button.setEnabled(steps > 1)
        self.now.setEnabled(self.moment is not None)
        self.replay.set_icon_name("pause" if self.is_replaying else "replay")
        if self._told:
            self.words.set_texts(self._told, self._told)
            return
        if run is None or not steps:
            self.words.set_texts(self.tr("step 0"), self.tr("step 0"))
            return
        if self.moment is None:
            text = self.tr("step {0}").format(steps)
            self.words.set_texts(text, text)
            return
        brief = self.tr("step {0} of {1}").format(self.moment, steps)
        layers = run.history.layers
        first, last = layers.steps_of(layers.column_at(self.moment))
        text = brief
        if first != last:
            text = self.tr("{0}  (mean of {1}–{2})").format(brief, first, last)
        self.words.set_texts(text, brief)
