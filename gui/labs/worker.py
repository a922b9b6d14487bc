"""A thread for work that would make the window wait. The newest job is the only one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from engine.labs.job import Interrupted, Report

# The closing window waits so long. Work that hears of it later ends by itself, unseen.
CLOSE_TIMEOUT_SECONDS = 0.1


class Job:
    """One piece of work. Its attributes may be read from any thread at any time.

    Attributes:
        share: share of the work that is done.
        partial: the newest result that can be shown already, or None.
        result: what was computed; valid once `done`.
        error: what went wrong instead, or None.
        done: it has ended, well or not.
        stopped: nobody waits for it any more.
    """

    def __init__(self, work: Callable[[Report], Any]) -> None:
        self._work = work
        self.share = 0.0
        self.partial: Any = None
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = False
        self.stopped = False

    def stop(self) -> None:
        """End it with its next report."""
        self.stopped = True

    def report(self, share: float, partial: Any = None) -> None:
        """Take note of progress; called by the work itself.

        Raises:
            Interrupted: nobody waits for the result any more.
        """
        if self.stopped:
            raise Interrupted
        self.share = share
        if partial is not None:
            self.partial = partial

    def run(self) -> None:
        """Do the work; called by the worker's thread."""
        try:
            self.result = self._work(self.report)
        except Interrupted:
            pass
        except Exception as error:  # noqa: BLE001 - shown by the window
            self.error = error
        self.done = True


class Worker:
    """Runs jobs one after the other on a thread that is started with the first.

    All methods are called from the window's thread.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._newest: Job | None = None
        # The thread that works for us; one that is told to end finds another here, or none.
        self._thread: threading.Thread | None = None

    def ask(self, work: Callable[[Report], Any]) -> Job:
        """Begin a job as soon as the one before, which is stopped, has ended."""
        job = Job(work)
        with self._condition:
            if self._newest is not None:
                self._newest.stop()
            self._newest = job
            self._condition.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="lab", daemon=True)
            self._thread.start()
        return job

    def close(self) -> None:
        """Stop what is going on, and give the thread a moment to end."""
        with self._condition:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            if self._newest is not None:
                self._newest.stop()
            self._condition.notify()
        thread.join(CLOSE_TIMEOUT_SECONDS)

    def _run(self) -> None:
        ran: Job | None = None
        while True:
            with self._condition:
                while self._newest is ran and self._is_mine():
                    self._condition.wait()
                if not self._is_mine():
                    return
                ran = self._newest
            assert ran is not None
            ran.run()

    def _is_mine(self) -> bool:
        """Say whether the thread that asks is still the one that works for us."""
        return self._thread is threading.current_thread()
