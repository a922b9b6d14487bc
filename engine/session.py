"""The engine thread: commands in, snapshots out.

The thread owns every trainer. Commands reach it through a queue that it reads between steps;
what it shows of itself is a frozen `Snapshot` that any thread may pick up. It never waits for
the window, and an exception in it becomes a state that the person can read.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from engine.close_up import CloseUps, Watch
from engine.config import RunConfig
from engine.device import NOWHERE
from engine.failures import failure_of
from engine.ghosts import Ghosts
from engine.pace import Pace
from engine.pages import GiveBack
from engine.snapshot import Failure, FinishReason, RunSnapshot, Snapshot, State
from engine.twins import aligned, with_changed

if TYPE_CHECKING:
    from engine.diagnosis import Thresholds
    from engine.labs.jacobian import NetworkCopy
    from engine.labs.network_copy import NoCopyError
    from engine.lockstep import Lockstep

# A snapshot that nobody has picked up is renewed this often.
STALE_SECONDS = 0.1
# A run that somebody dragged a slider past leaves no ghost.
LEAST_GHOST_SECONDS = 0.5


class _Command(NamedTuple):
    """What was asked for.

    Attributes:
        do: carries it out, in the engine thread.
        configures: it only sets what is to be built.
    """

    do: Callable[[], None]
    configures: bool = False


class Session:
    """Runs an experiment, or a few in lockstep, in a thread of its own.

    Every public method may be called from any thread and returns at once; what it asks for is
    done between two steps.

    Args:
        config: the experiment to begin with.
        clock: seconds, monotonic.
        calendar: seconds since 1970, for the date of a change.
    """

    def __init__(
        self,
        config: RunConfig,
        clock: Callable[[], float] = time.perf_counter,
        calendar: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._calendar = calendar
        self._thresholds: Thresholds | None = None
        self._commands: queue.SimpleQueue[_Command] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._main, name="engine", daemon=True)
        self._latest = Snapshot(State.LOADING)
        self._taken = True
        self._closing = False
        self._network: NetworkCopy | NoCopyError | None = None
        # All that follows belongs to the thread.
        self._configs: tuple[RunConfig, ...] = (config,)
        # What is asked for differs from what was built.
        self._outdated = False
        # Whether it is to have a mark; None: where it was running.
        self._marked: bool | None = None
        self._lockstep: Lockstep | None = None
        self._built_at = 0.0
        # What runs that are gone held goes back to the system.
        self._give_back = GiveBack(clock)
        self._ghosts = Ghosts()
        # The last view of the runs whose successors were refused.
        self._shown: tuple[RunSnapshot, ...] = ()
        self._run_number = 0
        self._state = State.LOADING
        self._wanted_steps, self._running = 0, False
        self._finish_reason: FinishReason | None = None
        self._failure: Failure | None = None
        self._published_at = 0.0
        self._unpublished = False
        self._pace = Pace(clock)
        self._close_ups = CloseUps(clock)

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
        self._ask(self._do_run)

    def pause(self) -> None:
        """Stop training after the present step."""
        self._ask(self._do_pause)

    def step(self, count: int = 1) -> None:
        """Make some steps and pause."""
        self._ask(lambda: self._do_run(max(1, count)))

    def step_epoch(self) -> None:
        """Train to the end of the epoch and pause."""
        self._ask(self._do_step_epoch)

    def rewind(self) -> None:
        """Go back to step 0 with the same weights."""
        self._ask(self._do_rewind, configures=True)

    def configure(self, config: RunConfig, run: int = 0, *, marked: bool | None = None) -> None:
        """Go on with another experiment in the place of one of those in lockstep.

        Live differences are in force at the next step; any other builds the runs anew, from
        step 0, and keeps them running if they were running; what they had come to stays as a
        ghost. What twins have in common changes in all of them.

        Args:
            config: the experiment.
            run: which of the runs it is for, from 0.
            marked: a run that is built anew has a mark for what was changed; None: where the
                one before was running.
        """
        self._ask(
            lambda: self._do_configure(with_changed(self._configs, run, config), marked),
            configures=True,
        )

    def configure_all(self, configs: Sequence[RunConfig]) -> None:
        """Go on with other experiments, in lockstep; else as `configure`, and without a mark.

        Args:
            configs: 1 to 4; what twins have in common is taken from the first.

        Raises:
            ValueError: there are none, or too many.
        """
        wanted = aligned(configs)
        self._ask(lambda: self._do_configure(wanted, marked=False), configures=True)

    def swap(self, first: int, second: int) -> None:
        """Let two of the runs change places; nothing is built anew."""
        self._ask(lambda: self._do_swap(first, second))

    def drop(self, run: int) -> None:
        """Go on without one of the runs, the last one excepted."""
        self._ask(lambda: self._do_drop(run))

    def keep_ghost(self, run: int = 0) -> None:
        """Keep one of the runs as it stands, to be shown behind those that follow."""
        self._ask(lambda: self._do_keep_ghost(run))

    def drop_ghosts(self) -> None:
        """Let go of all ghosts."""
        self._ask(lambda: self._do_with_ghosts(self._ghosts.drop))

    def drop_ghost(self, place: int) -> None:
        """Let go of one of the ghosts, by its place in a snapshot."""
        self._ask(lambda: self._do_with_ghosts(lambda: self._ghosts.drop_one(place)))

    def bring_back_ghost(self) -> None:
        """Have the ghost again that was let go of last, unless another has come since."""
        self._ask(lambda: self._do_with_ghosts(self._ghosts.bring_back))

    def restore_ghosts(self, ghosts: Sequence[RunSnapshot]) -> None:
        """Have these ghosts, which snapshots once had, and no others."""
        kept = tuple(ghosts)
        self._ask(lambda: self._do_with_ghosts(lambda: self._ghosts.restore(kept)))

    def ask_histogram(self) -> None:
        """Take a histogram of the gradient in the next step, whenever the next is due."""
        self._ask(self._do_ask_histogram)

    def watch(self, watch: Watch) -> None:
        """Look closely at something of the first run from now on, or no longer."""
        self._ask(lambda: self._do_watch(watch))

    def ask_network(self) -> None:
        """Take a copy of the first run's network after the present step; `network` returns it."""
        self._ask(self._do_ask_network)

    def network(self) -> NetworkCopy | NoCopyError | None:
        """Return the copy last taken, or why there was none; None: nobody has asked yet."""
        return self._network

    def set_speed(self, steps_per_second: float | None) -> None:
        """Limit the speed; None: as fast as it goes."""
        self._ask(lambda: self._pace.set_limit(steps_per_second))

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Judge by other conventions from now on."""
        self._ask(lambda: self._do_set_thresholds(thresholds))

    def close(self, timeout: float) -> bool:
        """Ask the thread to end, and wait for it.

        Args:
            timeout: seconds to wait at most.

        Returns:
            Whether the thread has ended.
        """
        self._closing = True
        self._ask(lambda: None)
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _ask(self, do: Callable[[], None], *, configures: bool = False) -> None:
        self._commands.put(_Command(do, configures))

    # The thread ------------------------------------------------------------------------------

    def _main(self) -> None:
        try:
            self._publish()
            import torch  # noqa: F401  (here, so that the window does not wait for it)

            self._build()
            while not self._closing:
                self._serve_commands()
                if self._is_due():
                    self._attempt(self._train)
        except BaseException as error:
            if self._closing and self._state is State.LOADING:
                # The end of the program broke the import off: that is no failure of the engine.
                return
            # Whatever it is, the person must be able to read it.
            self._fail(error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._lockstep = None
            self._state = State.CLOSED if self._failure is None else State.FAILED
            self._publish()

    def _serve_commands(self) -> None:
        """Carry out what was asked for; wait for it where there is nothing else to do."""
        wait = self._seconds_to_wait()
        if wait != 0.0:
            self._attempt(self._use_the_wait)
        while not self._closing:
            try:
                command = self._commands.get(block=wait != 0.0, timeout=wait)
            except queue.Empty:
                break
            # A slider that is dragged asks faster than networks are built: only the last of
            # several experiments in a row is.
            if self._outdated and not command.configures:
                self._attempt(self._replace)
            self._attempt(command.do)
            wait = 0.0
        if self._outdated:
            self._attempt(self._replace)

    def _use_the_wait(self) -> None:
        """Do what nobody is to wait for, where nothing has been asked for meanwhile."""
        if self._lockstep is not None and self._commands.empty() and self._lockstep.predict():
            self._unpublished = True
        if self._unpublished:
            self._publish()

    def _attempt(self, do: Callable[[], None]) -> None:
        try:
            if not self._closing:
                do()
        except Exception as error:  # noqa: BLE001  (a state, never a crash)
            self._fail(error)

    def _seconds_to_wait(self) -> float | None:
        return self._pace.seconds_to_wait() if self._state is State.RUNNING else None

    def _is_due(self) -> bool:
        return not self._closing and self._seconds_to_wait() == 0.0

    def _train(self) -> None:
        lockstep = self._lockstep
        assert lockstep is not None
        lockstep.advance()
        self._pace.count(lockstep.steps)
        if self._wanted_steps:
            self._wanted_steps -= 1
            if not self._wanted_steps:
                self._rest(State.PAUSED)
        self._finish_if_done(lockstep)
        self._publish_if_taken()

    def _finish_if_done(self, lockstep: Lockstep) -> None:
        self._finish_reason = lockstep.finish_reason()
        if self._finish_reason is not None:
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
        if self._state is State.FAILED or self._lockstep is None:
            self._build()
            return
        if self._state not in (State.PAUSED, State.FINISHED):
            return
        # A live change may have taken away the reason to be finished.
        self._lockstep.reconsider()
        if self._lockstep.finish_reason() is None:
            self._finish_reason = None
            self._state = State.RUNNING
            self._pace.begin()
            self._publish()

    def _do_step_epoch(self) -> None:
        lockstep = self._lockstep
        self._do_run(1 if lockstep is None else lockstep.steps_to_end_of_epoch)

    def _do_pause(self) -> None:
        self._running = False
        if self._state is State.RUNNING:
            self._rest(State.PAUSED)

    def _do_ask_histogram(self) -> None:
        if self._lockstep is not None:
            self._lockstep.ask_histogram()

    def _do_watch(self, watch: Watch) -> None:
        self._close_ups.watch(watch)
        self._publish()

    def _do_ask_network(self) -> None:
        from engine.labs.network_copy import copy_or_reason

        self._network = copy_or_reason(self._lockstep)

    def _do_rewind(self) -> None:
        self._outdated = True

    def _do_configure(self, configs: tuple[RunConfig, ...], marked: bool | None) -> None:
        before, self._configs = self._configs, configs
        lockstep = self._lockstep
        live = len(before) == len(configs) and all(
            one.differs_only_live(other) for one, other in zip(before, configs, strict=True)
        )
        if lockstep is None or self._outdated or not live:
            self._outdated, self._marked = True, marked
            return
        lockstep.change(configs, self._calendar())
        self._publish()

    def _do_set_thresholds(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        if self._lockstep is not None:
            self._lockstep.use_thresholds(thresholds)
            self._publish()

    def _do_swap(self, first: int, second: int) -> None:
        order = list(range(len(self._configs)))
        order[first], order[second] = second, first
        self._configs = tuple(self._configs[place] for place in order)
        if self._lockstep is not None:
            self._lockstep.runs[:] = [self._lockstep.runs[place] for place in order]
        elif len(self._shown) == len(order):
            self._shown = tuple(self._shown[place] for place in order)
        failure = self._failure
        if failure is not None and failure.run is not None:
            # The run that was refused has another number now.
            self._failure = replace(failure, run=order.index(failure.run))
        self._run_number += 1
        self._publish()

    def _do_drop(self, run: int) -> None:
        if len(self._configs) == 1:
            return
        self._configs = (*self._configs[:run], *self._configs[run + 1 :])
        if self._lockstep is None or self._state is State.FAILED:
            # It may have been the one that was refused.
            self._build()
            return
        del self._lockstep.runs[run]
        self._run_number += 1
        if self._state is State.RUNNING:
            self._finish_if_done(self._lockstep)
        self._publish()

    def _do_keep_ghost(self, run: int) -> None:
        if self._lockstep is not None and self._lockstep.runs[run].record.step:
            kept = self._lockstep.runs[run]
            self._ghosts.keep(kept.snapshot(), kept.identity)
            self._publish()

    def _do_with_ghosts(self, do: Callable[[], None]) -> None:
        do()
        self._publish()

    def _replace(self) -> None:
        """Build the experiments that were asked for; what was running stays as a ghost."""
        lockstep = self._lockstep
        if lockstep is not None and self._state is State.RUNNING:
            first = lockstep.runs[0]
            long_enough = self._clock() - self._built_at >= LEAST_GHOST_SECONDS
            if long_enough and first.record.step and first.trainer.config not in self._configs:
                self._ghosts.leave(first.snapshot(), first.identity)
        self._build()

    def _build(self) -> None:
        """Make the runs of the experiments, at step 0; keep running if that was asked for."""
        from engine.lockstep import Lockstep, changes_since

        running, self._outdated = self._running, False
        # Let go of the old runs first: two large ones may not fit. What they showed is kept, in
        # case the new ones are refused.
        shown = self._shown if self._lockstep is None else self._lockstep.snapshots()
        # What is chosen while nothing runs is another experiment, and no change of one, unless
        # somebody knows better.
        marked = running if self._marked is None else self._marked
        changed = changes_since(shown, self._configs, self._calendar()) if marked else []
        self._marked = None
        self._lockstep = None
        self._failure = self._finish_reason = None
        self._state = State.BUILDING
        self._publish()
        try:
            self._lockstep = Lockstep(self._configs, self._thresholds)
        except Exception as error:  # noqa: BLE001  (a state, never a crash)
            self._shown = shown
            self._fail(error)
            return
        for run, changes in zip(self._lockstep.runs, changed, strict=False):
            run.changes += changes
        self._shown = ()
        self._built_at = self._clock()
        self._run_number += 1
        self._state = State.PAUSED
        # Step 0 is to be seen before anything else is done.
        self._publish()
        self._give_back()
        if running:
            self._do_run(self._wanted_steps)

    def _fail(self, error: BaseException) -> None:
        """Turn an exception into a state."""
        self._failure = failure_of(error)
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
        lockstep = self._lockstep
        runs = self._shown
        if lockstep is not None:
            first, resting = lockstep.runs[0].trainer, self._state is not State.RUNNING
            runs = lockstep.snapshots(self._close_ups.take(first, resting=resting))
        self._taken = self._unpublished = False
        self._published_at = self._clock()
        self._latest = Snapshot(
            state=self._state,
            run_number=self._run_number,
            runs=runs,
            ghosts=self._ghosts.runs,
            finish_reason=self._finish_reason,
            failure=self._failure,
            device=NOWHERE if lockstep is None else lockstep.computes_on,
            steps_per_second=self._pace.steps_per_second if self._running else 0.0,
            measuring_share=0.0 if lockstep is None else lockstep.measuring_share,
        )
