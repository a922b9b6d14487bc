"""The engine thread: commands in, snapshots out.

The thread owns every trainer. Commands reach it through a queue that it reads between steps;
what it shows of itself is a frozen `Snapshot` that any thread may pick up. It never waits for
the window, and an exception in it becomes a state that the person can read.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.config import SETTINGS, RunConfig
from engine.fields import ConfigError
from engine.snapshot import Change, Failure, FinishReason, RunSnapshot, Snapshot, State

if TYPE_CHECKING:
    from engine.histograms import GradientHistogram
    from engine.history import History
    from engine.record import StepRecord
    from engine.trainer import Trainer

logger = logging.getLogger(__name__)

# Over how long the steps per second are averaged.
SPEED_WINDOW_SECONDS = 0.5
# A snapshot that nobody has picked up is renewed this often.
STALE_SECONDS = 0.02
# Changes made while one run went on that are remembered; a slider that is dragged makes many.
MOST_CHANGES = 1000
IDLE = (State.PAUSED, State.FINISHED, State.FAILED)


@dataclass
class _Run:
    """A trainer and what is kept of it."""

    trainer: Trainer
    history: History
    record: StepRecord | None = None
    histogram: GradientHistogram | None = None
    changes: list[Change] = field(default_factory=list)

    def snapshot(self) -> RunSnapshot:
        from engine.diagnosis import diagnose

        history, record = self.history.view(), self.record
        return RunSnapshot(
            config=self.trainer.config,
            history=history,
            record=record,
            diagnosis=None if record is None else diagnose(record, history),
            changes=tuple(self.changes),
            parameters=self.trainer.layout.size(),
            history_bytes=self.history.nbytes,
            histogram=self.histogram,
            anchor=self.trainer.anchor,
            prediction=self.trainer.prediction,
        )


class Session:
    """Runs one experiment in a thread of its own.

    Every public method may be called from any thread and returns at once; what it asks for is
    done between two steps.

    Args:
        config: the experiment to begin with.
        clock: seconds, monotonic.
    """

    def __init__(self, config: RunConfig, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._config = config
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._latest = Snapshot(State.LOADING)
        self._taken = True
        self._closing = False
        # All that follows belongs to the thread.
        self._run: _Run | None = None
        # The last view of a run whose successor was refused.
        self._shown: RunSnapshot | None = None
        self._run_number = 0
        self._state = State.LOADING
        self._wanted_steps = 0
        self._running = False
        self._finish_reason: FinishReason | None = None
        self._failure: Failure | None = None
        self._published_at = 0.0
        self._unpublished = False
        self._pace: float | None = None
        self._next_due = 0.0
        self._speed = _Speed(clock)

    # Called from any thread ------------------------------------------------------------------

    def start(self) -> None:
        """Start the thread. It imports torch, builds the network and waits."""
        self._thread.start()

    def snapshot(self) -> Snapshot:
        """Return what the engine shows of itself; the same object while nothing has changed."""
        self._taken = True
        return self._latest

    def run(self) -> None:
        """Train until told otherwise."""
        self._commands.put(self._do_run)

    def pause(self) -> None:
        """Stop training after the present step."""
        self._commands.put(self._do_pause)

    def step(self, count: int = 1) -> None:
        """Make some steps and pause."""
        self._commands.put(lambda: self._do_step(count))

    def rewind(self) -> None:
        """Go back to step 0 with the same weights."""
        self._commands.put(lambda: self._build(self._config))

    def configure(self, config: RunConfig) -> None:
        """Go on with another experiment.

        Live differences are in force at the next step; any other builds the run anew, from
        step 0, and keeps it running if it was running.
        """
        self._commands.put(lambda: self._do_configure(config))

    def ask_histogram(self) -> None:
        """Take a histogram of the gradient in the next step, whenever the next is due."""
        self._commands.put(self._do_ask_histogram)

    def set_speed(self, steps_per_second: float | None) -> None:
        """Limit the speed; None: as fast as it goes."""
        self._commands.put(lambda: self._do_set_speed(steps_per_second))

    def close(self, timeout: float) -> bool:
        """Ask the thread to end, and wait for it.

        Args:
            timeout: seconds to wait at most.

        Returns:
            Whether the thread has ended.
        """
        self._closing = True
        self._commands.put(lambda: None)
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    # The thread ------------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            self._publish()
            import torch  # noqa: F401  (here, so that the window does not wait for it)

            self._build(self._config)
            while not self._closing:
                self._serve_commands()
                if self._is_due():
                    self._train()
        except BaseException as error:
            # Whatever it is, the person must be able to read it.
            self._fail(error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._run = None
            self._state = State.CLOSED if self._failure is None else State.FAILED
            self._publish()

    def _serve_commands(self) -> None:
        """Carry out what was asked for; wait for it where there is nothing else to do."""
        wait = self._seconds_to_wait()
        if wait != 0.0 and self._unpublished:
            self._publish()
        while not self._closing:
            try:
                command = self._commands.get(block=wait != 0.0, timeout=wait)
            except queue.Empty:
                return
            try:
                command()
            except Exception as error:  # noqa: BLE001  (a state, never a crash)
                self._fail(error)
            wait = 0.0

    def _seconds_to_wait(self) -> float | None:
        if self._state is not State.RUNNING:
            return None
        return max(0.0, self._next_due - self._clock()) if self._pace else 0.0

    def _is_due(self) -> bool:
        if self._state is not State.RUNNING or self._closing:
            return False
        return self._pace is None or self._clock() >= self._next_due

    def _train(self) -> None:
        assert self._run is not None
        run = self._run
        try:
            record = run.trainer.step()
        except Exception as error:  # noqa: BLE001  (a state, never a crash)
            self._fail(error)
            return
        run.history.append(record)
        run.record = record
        run.histogram = record.histogram or run.histogram
        self._speed.count(record.step)
        if self._pace is not None:
            # A step that came late does not make the next ones hurry.
            self._next_due = max(self._next_due + 1.0 / self._pace, self._clock())
        if self._wanted_steps:
            self._wanted_steps -= 1
            if not self._wanted_steps:
                self._rest(State.PAUSED)
        self._finish_if_done(run, record)
        self._publish_if_taken()

    def _finish_if_done(self, run: _Run, record: StepRecord) -> None:
        config = run.trainer.config
        if config.max_steps and record.step >= config.max_steps:
            self._finish_reason = FinishReason.MAX_STEPS
        elif config.stop_on_nonfinite and record.first_bad is not None:
            self._finish_reason = FinishReason.NONFINITE
        else:
            return
        self._rest(State.FINISHED)

    def _rest(self, state: State) -> None:
        self._running = False
        self._wanted_steps = 0
        self._state = state
        self._publish()

    # Commands --------------------------------------------------------------------------------

    def _do_run(self, steps: int = 0) -> None:
        self._running = True
        self._wanted_steps = steps
        if self._state is State.FAILED:
            self._build(self._config)
            return
        if self._state is State.PAUSED or (self._state is State.FINISHED and self._may_go_on()):
            self._finish_reason = None
            self._state = State.RUNNING
            self._next_due = self._clock()
            self._speed.begin()
            self._publish()

    def _may_go_on(self) -> bool:
        """Say whether the reason to be finished has gone, after a live change."""
        if self._run is None or self._run.record is None:
            return False
        config, record = self._run.trainer.config, self._run.record
        done = config.max_steps and record.step >= config.max_steps
        return not done and not (config.stop_on_nonfinite and record.first_bad is not None)

    def _do_step(self, count: int) -> None:
        self._do_run(max(1, count))

    def _do_pause(self) -> None:
        self._running = False
        if self._state is State.RUNNING:
            self._rest(State.PAUSED)

    def _do_ask_histogram(self) -> None:
        if self._run is not None:
            self._run.trainer.ask_histogram()

    def _do_set_speed(self, steps_per_second: float | None) -> None:
        self._pace = steps_per_second
        self._next_due = self._clock()

    def _do_configure(self, config: RunConfig) -> None:
        previous, self._config = self._config, config
        if self._run is None or not previous.differs_only_live(config):
            self._build(config)
            return
        step = 0 if self._run.record is None else self._run.record.step
        for name in previous.differences(config):
            value = SETTINGS[name].kind.write(getattr(config, name))
            if step:
                self._run.changes.append(Change(step, name, value))
        del self._run.changes[:-MOST_CHANGES]
        self._run.trainer.change(config)
        self._publish()

    def _build(self, config: RunConfig) -> None:
        """Make the run of an experiment, at step 0; keep running if that was asked for."""
        from engine.history import History
        from engine.trainer import Trainer

        running = self._running
        # Let go of the old run first: two large ones may not fit. What it showed is kept, in
        # case the new one is refused.
        shown = self._shown if self._run is None else self._run.snapshot()
        self._run = None
        self._failure = self._finish_reason = None
        self._state = State.BUILDING
        self._publish()
        try:
            trainer = Trainer(config)
            self._run = _Run(trainer, History(config.depth))
        except Exception as error:  # noqa: BLE001  (a state, never a crash)
            self._shown = shown
            self._fail(error)
            return
        self._shown = None
        self._run_number += 1
        self._state = State.PAUSED
        if running:
            self._do_run(self._wanted_steps)
        else:
            self._publish()

    def _fail(self, error: BaseException) -> None:
        """Turn an exception into a state."""
        if isinstance(error, ConfigError):
            self._failure = Failure(str(error), field=error.field)
        else:
            logger.error("the engine failed", exc_info=error)
            text = "".join(traceback.format_exception(error))
            self._failure = Failure(f"{type(error).__name__}: {error}".strip(), text)
        self._rest(State.FAILED)

    # Snapshots -------------------------------------------------------------------------------

    def _publish_if_taken(self) -> None:
        """Show the newest step, if the one before has been looked at or has grown old.

        Otherwise it is shown before the thread rests.
        """
        self._unpublished = True
        if self._taken or self._clock() - self._published_at > STALE_SECONDS:
            self._publish()

    def _publish(self) -> None:
        run = self._run
        shown = self._shown if run is None else run.snapshot()
        self._taken = self._unpublished = False
        self._published_at = self._clock()
        self._latest = Snapshot(
            state=self._state,
            run_number=self._run_number,
            runs=() if shown is None else (shown,),
            finish_reason=self._finish_reason,
            failure=self._failure,
            device="" if run is None else run.trainer.device_words,
            steps_per_second=self._speed.steps_per_second if self._running else 0.0,
            measuring_share=0.0 if run is None else run.trainer.measuring_share,
        )


class _Speed:
    """Steps per second, of late."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.steps_per_second = 0.0
        self._since: tuple[float, int] | None = None

    def begin(self) -> None:
        self._since = None
        self.steps_per_second = 0.0

    def count(self, step: int) -> None:
        now = self._clock()
        if self._since is None:
            self._since = now, step
            return
        seconds = now - self._since[0]
        if seconds >= SPEED_WINDOW_SECONDS:
            self.steps_per_second = (step - self._since[1]) / seconds
            self._since = now, step
