"""What a program that was killed has left behind: kept while it runs, offered at the next start.

Every window writes to a file of its own and holds a lock beside it. A lock that can be taken
belonged to a program that is no more, and its file is what that one had come to.
"""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QLockFile, QTimer, Signal

from engine.autosave import PROMISED_SECONDS, Autosave
from engine.fields import ConfigError
from engine.snapshot import Snapshot, State
from gui.buttons import FlatButton
from gui.notice_bar import NoticeBar
from gui.refusals import error_text

if TYPE_CHECKING:
    from gui.main_window import MainWindow

logger = logging.getLogger(__name__)

# A disk is not to fill with runs that nobody asked for: the oldest go.
MOST_KEPT = 4
# How often the last experiment is written, and it is asked how much a killed program would lose.
LOOK_PERIOD_MS = 5000
# The closing window waits so long for a file that is being written.
CLOSE_TIMEOUT_SECONDS = 0.05
_NOTHING = Snapshot(State.PAUSED)


class RecoveryBar(NoticeBar):
    """Says that there is a run of a program that was killed, and asks what to do with it.

    Attributes:
        open_wanted: the run is to be shown.
        discard_wanted: it is to be forgotten.
    """

    open_wanted = Signal()
    discard_wanted = Signal()

    def __init__(self, moment: QDateTime, window: MainWindow) -> None:
        self._moment = moment
        self.open_button = FlatButton(primary=True)
        self.discard_button = FlatButton()
        super().__init__(window, (self.open_button, self.discard_button))
        self.open_button.clicked.connect(self.open_wanted)
        self.discard_button.clicked.connect(self.discard_wanted)

    def retranslate(self) -> None:
        moment = QLocale().toString(self._moment, QLocale.FormatType.ShortFormat)
        text = self.tr("The program was ended in the middle of a run. It was kept as of {0}.")
        self.text.setText(text.format(moment))
        self.open_button.setText(self.tr("Show that run"))
        self.discard_button.setText(self.tr("Discard"))


class Recovery:
    """Keeps the window's run, and offers that of a program that was killed.

    Args:
        window: whose engine is kept.
        folder: where; None: nothing is remembered.

    Attributes:
        bar: the offer, while there is one.
    """

    def __init__(self, window: MainWindow, folder: Path | None) -> None:
        self._window = window
        self._folder = folder
        self._autosave: Autosave | None = None
        self._lock: QLockFile | None = None
        self._told_to_lose = 0.0
        self._timer = QTimer(window)
        self._timer.setInterval(LOOK_PERIOD_MS)
        self._timer.timeout.connect(self._look)
        self.bar: RecoveryBar | None = None
        # What is offered, or shown, and the lock that keeps other windows from it.
        self._left: tuple[Path, QLockFile] | None = None
        self._settled = False

    def start(self) -> None:
        """Begin to keep the run, and offer what was left behind."""
        folder = self._folder
        if folder is None:
            return
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._claim_left(folder)
        except OSError as error:
            self._tell_unkept(error_text(error))
            return
        name = f"{os.getpid()}-{uuid4().hex[:8]}"
        lock = _lock_of(folder / name)
        if not lock.tryLock(0):
            self._tell_unkept(str(folder))
            return
        self._lock = lock
        self._autosave = Autosave(
            folder / f"{name}.npz",
            self._own_snapshot,
            prepare=lambda: folder.mkdir(parents=True, exist_ok=True),
        )
        self._autosave.start()
        self._timer.start()
        if self._left is not None:
            self._offer(self._left[0])

    def close(self, *, keep: bool = False) -> None:
        """The window closes in an orderly way: forget its run, and what has been seen.

        Args:
            keep: it was not the person who closed it; the next start offers the run.
        """
        self._timer.stop()
        if self._autosave is not None:
            self._autosave.close(CLOSE_TIMEOUT_SECONDS, keep=keep)
        if self._lock is not None:
            self._lock.unlock()
        self._let_go(forget=self._settled)

    def _own_snapshot(self) -> Snapshot:
        """Return the newest, of the person's own run: what was kept of it outlasts a lesson.

        Any thread may call this.
        """
        newest = self._window.session.snapshot()
        # In this order: a lesson that was opened meanwhile has the newest of its page.
        return _NOTHING if self._window.lessons.is_open else newest

    def _tell_unkept(self, why: str) -> None:
        logger.warning("runs cannot be kept in case the program is killed: %s", why)
        self._window.status.worry_about(why)

    def _look(self) -> None:
        """Tell of the keeping what the person should know, and remember what is running."""
        assert self._autosave is not None
        runs = self._window.session.snapshot().runs
        if runs and runs[0].steps:
            # Not before its first step, which may be what ends the program.
            self._window.remember_experiment()
        problem = self._autosave.problem
        self._window.status.worry_about("" if problem is None else error_text(problem))
        self._tell_what_may_be_lost(self._autosave.most_lost)

    def _tell_what_may_be_lost(self, lost: float) -> None:
        """Say when it has become more than is promised, and when it has doubled since."""
        if lost > max(PROMISED_SECONDS, 2 * self._told_to_lose):
            self._told_to_lose = lost
            text = QCoreApplication.translate(
                "Recovery",
                "This record takes long to write: a killed program would lose up to {0} s of it.",
            )
            self._window.notice(text.format(round(lost)))

    def _claim_left(self, folder: Path) -> None:
        """Take the newest file whose program is no more, and tidy up after the others."""
        for part in folder.glob(".*.part"):
            # Of a program that was killed, or that ended, in the middle of writing.
            lock = _lock_of(folder / part.name[1:].partition(".")[0])
            if lock.tryLock(0):
                part.unlink(missing_ok=True)
                lock.unlock()
        for path in folder.glob("*.lock"):
            lock = _lock_of(path)
            if lock.tryLock(0):
                lock.unlock()
        files = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for number, path in enumerate(files):
            lock = _lock_of(path)
            if not lock.tryLock(0):
                continue
            if self._left is None:
                self._left = path, lock
                continue
            if number >= MOST_KEPT:
                path.unlink(missing_ok=True)
            lock.unlock()

    def _offer(self, path: Path) -> None:
        window = self._window
        moment = QDateTime.fromSecsSinceEpoch(int(path.stat().st_mtime))
        self.bar = RecoveryBar(moment, window)
        self.bar.open_wanted.connect(self._open)
        self.bar.discard_wanted.connect(self._discard)
        self.bar.show_above()

    def _open(self) -> None:
        from engine.recording import open_recording

        assert self._left is not None and self.bar is not None
        try:
            opened = open_recording(self._left[0])
        except ConfigError as error:
            # What cannot be opened now may be needed all the same: only the person discards it.
            self._window.files.refuse(self._left[0], error)
            return
        # It stays until the window closes in an orderly way, and can be saved until then.
        self._settled = True
        name = QCoreApplication.translate("RecoveryBar", "The run that was kept")
        self._window.show_recording(opened, name)
        self._remove_bar()

    def _discard(self) -> None:
        self._let_go(forget=True)
        self._remove_bar()

    def _remove_bar(self) -> None:
        if self.bar is not None:
            self.bar.hide()
            self.bar.deleteLater()
            self.bar = None

    def _let_go(self, *, forget: bool) -> None:
        if self._left is None:
            return
        path, lock = self._left
        self._left = None
        if forget:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        lock.unlock()


def _lock_of(path: Path) -> QLockFile:
    lock = QLockFile(str(path.with_suffix(".lock")))
    # It is held for as long as the program runs, which may be days.
    lock.setStaleLockTime(0)
    return lock
