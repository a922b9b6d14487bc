"""Slow motion: one step told layer after layer, forward, the loss, then backward.

It needs nothing of the engine but the record of the step: what is measured is there at once, and
is shown bit by bit, in the order in which it came about.
"""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.record import layer_name
from engine.snapshot import RunSnapshot, State
from gui.views.stage import Phase, Stage

if TYPE_CHECKING:
    from gui.main_window import MainWindow

TICK_MS = 40
# How long each phase takes, however deep the network is.
PHASE_SECONDS = {Phase.FORWARD: 2.5, Phase.LOSS: 1.0, Phase.BACKWARD: 2.5}


class Wait(enum.Enum):
    """What the telling waits for."""

    NOTHING = "nothing"
    STEP = "a step to be made"


def stage_at(seconds: float, depth: int) -> Stage | None:
    """Return what is told at a time, None when all has been told.

    Args:
        seconds: since the beginning.
        depth: number of hidden layers; the output layer follows them.
    """
    for phase, length in PHASE_SECONDS.items():
        if seconds < length:
            place = min(int(seconds / length * (depth + 1)), depth)
            layer = {Phase.FORWARD: place, Phase.LOSS: depth, Phase.BACKWARD: depth - place}[phase]
            return Stage(phase, layer)
        seconds -= length
    return None


class SlowMotion(QObject):
    """Tells one step: the moment that the timeline is at, or else one more.

    A run that rests for it goes on behind it, unless the person has asked for something meanwhile.

    Args:
        window: whose views are told.
        clock: seconds, monotonic.

    Attributes:
        told: something else is told now.
    """

    told = Signal(str)

    def __init__(self, window: MainWindow, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(window)
        self._window = window
        self._clock = clock
        self._waits = Wait.NOTHING
        self._steps_before = 0
        self._goes_on = False
        self._began = 0.0
        self._run: RunSnapshot | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def is_on(self) -> bool:
        """Whether a step is being told."""
        return self._timer.isActive()

    def toggle(self) -> None:
        """Begin, or stop."""
        if self.is_on:
            self._end()
            return
        window = self._window
        self._goes_on = False
        if window.timeline.moment is None and not window.shows_recording:
            runs = window.snapshot().runs
            self._steps_before = runs[0].steps if runs else 0
            self._waits = Wait.STEP
            runs_on = window.session.snapshot().state is State.RUNNING
            window.step()
            self._goes_on = runs_on
        self._run = None
        self._began = self._clock()
        self._timer.start()

    def stop(self) -> None:
        """Show all of the step again."""
        if self.is_on:
            self._timer.stop()
            self._waits = Wait.NOTHING
            self._show(None)

    def _end(self) -> None:
        """Stop, and let the run go on that rests for what is told."""
        self.stop()
        if self._goes_on and self._window.session.snapshot().state is State.PAUSED:
            self._window.run()

    def let_rest(self) -> None:
        """Leave the run behind the telling as it is: the person says what becomes of it."""
        self._goes_on = False

    def _tick(self) -> None:
        if self._waits is Wait.STEP:
            runs = self._window.snapshot().runs
            if not runs or runs[0].steps <= self._steps_before:
                return
            self._waits = Wait.NOTHING
            self._began = self._clock()
            self._window.renew_everything()
        runs = self._window.shown().runs
        if not runs or runs[0].record is None:
            self.stop()
            return
        self._run = runs[0]
        stage = stage_at(self._clock() - self._began, self._run.config.depth)
        if stage is None:
            self._end()
        else:
            self._show(stage)

    def _show(self, stage: Stage | None) -> None:
        self._window.dashboard.show_stage(stage)
        self.told.emit("" if stage is None else self._words(stage))

    def _words(self, stage: Stage) -> str:
        run = self._run
        assert run is not None and run.record is not None
        name = layer_name(stage.layer, run.config.depth)
        layer = self.tr("output layer") if name == "output" else self.tr("layer {0}").format(name)
        if stage.phase is Phase.LOSS:
            return self.tr("loss {0}").format(f"{run.record.curve('loss'):.4g}")
        if stage.phase is Phase.FORWARD:
            return self.tr("forward: {0}").format(layer)
        return self.tr("backward: {0}").format(layer)
