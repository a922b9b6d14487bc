"""What keeps a window up to the newest snapshot: two timers.

The window pulls. A fast timer hands the newest snapshot to the pictures; a slow one renews text and
curves. Both do nothing while nothing is new.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.snapshot import Snapshot, State
from gui.pacing import FAST_TIMER_PERIOD_MS, SLOW_TIMER_PERIOD_MS, WRITING_SHARE, Pacer

if TYPE_CHECKING:
    from gui.main_window import MainWindow

# A network that is built faster than this takes the place of the one before without a word.
BRIEF_SECONDS = 0.25


class Renewal(QObject):
    """Renews the views and the words of a window.

    Args:
        window: the window.

    Attributes:
        first_pictured: a run is shown for the first time.
        fast_timer: of the pictures.
        slow_timer: of text and curves.
    """

    first_pictured = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._any_pictured = False
        self._pictured: Snapshot | None = None
        self._written: Snapshot | None = None
        # What the words of the next turn are about.
        self._to_write: Snapshot | None = None
        self._building_since: float | None = None
        self._pacer = Pacer()
        self._writing_pacer = Pacer(SLOW_TIMER_PERIOD_MS, WRITING_SHARE)
        self.fast_timer = QTimer(self)
        self.fast_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.fast_timer.setInterval(FAST_TIMER_PERIOD_MS)
        self.fast_timer.timeout.connect(self.renew_pictures)
        self.slow_timer = QTimer(self)
        self.slow_timer.setInterval(SLOW_TIMER_PERIOD_MS)
        self.slow_timer.timeout.connect(self.renew_text)

    def start(self) -> None:
        """Begin to show what there is."""
        self.fast_timer.start()
        self.slow_timer.start()

    def stop(self) -> None:
        """Show nothing new any more."""
        self.fast_timer.stop()
        self.slow_timer.stop()

    def forget_words(self) -> None:
        """Write all words anew with the next look: they have other colours, or another language."""
        self._written = None

    def renew_everything(self) -> None:
        """Bring all views, the heatmaps too, up to the newest snapshot now."""
        self.renew_pictures()
        self._renew_all()

    def renew_pictures(self) -> None:
        """Bring the heatmaps up to the newest snapshot; with the last of a run, everything."""
        window = self._window
        snapshot = window.shown()
        if snapshot is self._pictured or window.isMinimized():
            return
        begun = time.perf_counter()
        if self._is_brief(snapshot, begun):
            return
        if snapshot.runs and not self._any_pictured:
            self._any_pictured = True
            self.first_pictured.emit()
        new_run = self._pictured is None or snapshot.run_number != self._pictured.run_number
        self._pictured = snapshot
        window.dashboard.refresh_fast(snapshot)
        if new_run or snapshot.state is not State.RUNNING:
            # The last picture of a run, and its first, show everything at once.
            self._renew_all()
        period = self._pacer.spent(time.perf_counter() - begun)
        if period != self.fast_timer.interval():
            self.fast_timer.setInterval(period)

    def _is_brief(self, snapshot: Snapshot, now: float) -> bool:
        """Say whether this is the moment between two runs, which would only flicker."""
        if snapshot.state is not State.BUILDING:
            self._building_since = None
            return False
        if self._building_since is None:
            self._building_since = now
        return now - self._building_since < BRIEF_SECONDS

    def _renew_all(self) -> None:
        snapshot = self._window.shown()
        self._window.dashboard.refresh_all(snapshot)
        self._to_write = None
        self._renew_words(snapshot)

    def renew_text(self) -> None:
        """Bring the next of the curves, or the words, up to what is pictured."""
        window = self._window
        if window.isMinimized():
            return
        # Never ahead of the heatmaps, which show a newer one with the next tick.
        snapshot = self._pictured or window.shown()
        begun = time.perf_counter()
        if self._written is None:
            self._renew_words(snapshot)
        elif self._to_write is not None:
            # What the last curve was told, whose verdict is worked out already.
            written, self._to_write = self._to_write, None
            self._renew_words(written)
        elif window.dashboard.refresh_next(snapshot):
            self._to_write = snapshot
        period = self._writing_pacer.spent(time.perf_counter() - begun)
        if period != self.slow_timer.interval():
            self.slow_timer.setInterval(period)

    def _renew_words(self, snapshot: Snapshot) -> None:
        if snapshot is not self._written:
            self._written = snapshot
            self._window.write(snapshot)
