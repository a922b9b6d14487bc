"""Keep a run that goes on recoverable: a thread writes it to a file at intervals.

A snapshot is frozen and shares its columns with the history, so that nothing is copied and the
engine is never stopped. The file is as large as the record in memory at most, it is written whole
under another name and renamed, and it is gone when the program ends in an orderly way.

Writing costs a bounded share of the time: where it takes long, it is done less often.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from engine.fields import ConfigError
from engine.snapshot import Snapshot

logger = logging.getLogger(__name__)

# What a killed program is to lose at most. It can, where writing takes no longer than 0.9 seconds,
# some 300 MB on an ordinary disk: a record of fixed memory has half of that.
PROMISED_SECONDS = 10.0
# From one writing to the next, at least.
PERIOD_SECONDS = 5.0
# Of the time, of a thread and of the disk, that writing may take.
MOST_SHARE = 0.1


class Autosave:
    """Writes the newest snapshot, at intervals: in a thread of its own, or when it is asked to.

    Args:
        path: the file; its folder exists. Nobody else writes to it.
        snapshot: returns the newest; called from the thread, if that is started.
        period: seconds from one writing to the next, at least.
        clock: seconds, monotonic.
        prepare: makes sure that the folder is still there, before each writing.

    Attributes:
        problem: why the last writing failed; None while all is well. Any thread may read it.
    """

    def __init__(
        self,
        path: Path,
        snapshot: Callable[[], Snapshot],
        period: float = PERIOD_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        prepare: Callable[[], object] = lambda: None,
    ) -> None:
        self._path = path
        self._snapshot = snapshot
        self._period = period
        self._clock = clock
        self._prepare = prepare
        self._looked_at = clock()
        # How long the last writing took, in seconds.
        self._writing = 0.0
        self._told_to_lose = 0.0
        self._told_of_thinning = False
        self._written: tuple[int, int] | None = None
        self.problem: Exception | None = None
        self._kept = False
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._main, name="autosave", daemon=True)

    @property
    def period(self) -> float:
        """Seconds from one writing to the next."""
        return max(self._period, self._writing / MOST_SHARE)

    @property
    def most_lost(self) -> float:
        """Seconds that a program which is killed loses at most; more where a writing fails.

        Killed just before a file is complete, it leaves the one before.
        """
        return self.period + self._writing

    def start(self) -> None:
        """Begin to write at intervals, in a thread."""
        self._thread.start()

    def save_if_due(self) -> None:
        """Write the newest snapshot if it is time to; for whoever needs no thread."""
        if self._clock() - self._looked_at >= self.period:
            self._try_to_save()

    def save(self) -> bool:
        """Write the newest snapshot now; return whether there was something new to write.

        Raises:
            OSError, ConfigError: the disk is full or the folder has gone.
            MemoryError: there is no room to write it from.
        """
        snapshot = self._snapshot()
        if not snapshot.runs or not all(run.steps for run in snapshot.runs):
            return False
        stand = snapshot.run_number, max(run.steps for run in snapshot.runs)
        if stand == self._written:
            return False
        # The numerical libraries are there by now; at the start nobody is to wait for them.
        from engine import recording, thinning

        self._prepare()
        try:
            recording.write_replay(
                self._path, snapshot.runs, str(snapshot.device), compressed=False
            )
        except OSError as error:
            if error.errno not in thinning.NO_ROOM:
                raise
            if not thinning.write_what_fits(self._path, snapshot.runs, str(snapshot.device)):
                self._tell_of_thinning()
        self._written = stand
        return True

    def _tell_of_thinning(self) -> None:
        if not self._told_of_thinning:
            self._told_of_thinning = True
            logger.warning(
                "there is little room: what is kept in case the program is killed is thinned"
            )

    def close(self, timeout: float, *, keep: bool = False) -> bool:
        """Stop writing and remove the file: the program ends in an orderly way.

        Args:
            timeout: seconds to wait at most.
            keep: the program was told to end by somebody else than the person who looks at the
                run: it is written once more, and stays.

        Returns:
            Whether the thread has ended.
        """
        self._kept = keep
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        if keep:
            self._try_to_save()
        self._remove()
        return not self._thread.is_alive()

    def _main(self) -> None:
        try:
            while not self._ending.wait(self._looked_at + self.period - self._clock()):
                self._try_to_save()
        finally:
            # Also where `close` did not wait for the file that was being written.
            self._remove()

    def _try_to_save(self) -> None:
        """Save, and tell each problem once: it comes again with the next attempt."""
        self._looked_at = self._clock()
        try:
            if self.save():
                self._writing = self._clock() - self._looked_at
                self.problem = None
                self._tell_what_may_be_lost()
        except (OSError, MemoryError, ConfigError) as error:
            before, self.problem = self.problem, error
            if repr(error) != repr(before):
                logger.warning(
                    "the run cannot be kept in case the program is killed: %s",
                    str(error) or type(error).__name__,
                )

    def _tell_what_may_be_lost(self) -> None:
        # A record grows: it is told again when it has become twice as much.
        if self.most_lost > max(PROMISED_SECONDS, 2 * self._told_to_lose):
            self._told_to_lose = self.most_lost
            logger.warning(
                "writing the run takes %.1f s: it is kept every %.0f s in case the program is "
                "killed, and up to %.0f s would be lost",
                self._writing, self.period, self.most_lost,
            )  # fmt: skip

    def _remove(self) -> None:
        if self._kept:
            return
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
