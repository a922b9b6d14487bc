"""What the engine shows of itself at one moment: frozen, and safe to read from any thread."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.deferred import Deferred
from engine.device import NOWHERE, Device

# The window is to be painted before what only an engine needs has been imported.
if TYPE_CHECKING:
    from engine.close_up import CloseUp
    from engine.config import RunConfig
    from engine.datasets import DataShape
    from engine.diagnosis import Diagnosis
    from engine.fields import ConfigError
    from engine.histograms import GradientHistogram
    from engine.history import HistoryView
    from engine.record import FirstBad, StepRecord
    from engine.theory.anchor import Anchor
    from engine.theory.prediction import Prediction


class State(enum.Enum):
    """What the engine is doing."""

    LOADING = "loading the engine"
    BUILDING = "building the network"
    PAUSED = "paused"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CLOSED = "closed"


class FinishReason(enum.Enum):
    """Why a run is finished."""

    MAX_STEPS = "the number of steps asked for has been made"
    NONFINITE = "a value is no longer finite"
    TARGET_LOSS = "the loss is as small as was asked for"


@dataclass(frozen=True)
class Failure:
    """What went wrong inside the engine.

    Attributes:
        message: one line for the person.
        traceback: the whole of it, to copy into a report; empty for a refused experiment.
        refused: why a value of the experiment is not allowed, if it is one that is to blame.
        run: which of the experiments in lockstep it is about, from 0; None: none of them.
        hint: what can be done about it, of `engine.failures.HINTS`, or nothing.
    """

    message: str
    traceback: str = ""
    refused: ConfigError | None = None
    run: int | None = None
    hint: str = ""


@dataclass(frozen=True)
class Change:
    """A change of the experiment; it is marked on the plots.

    Attributes:
        step: after which it was made; 0 where it built the run anew.
        field: of the experiment.
        value: the new value, as text.
        seconds: when, in seconds since 1970 (UTC); 0 where that is unknown.
        steps_before: steps that the run before it had made, where it built the run anew.
    """

    step: int
    field: str
    value: str
    seconds: float = 0.0
    steps_before: int | None = None


@dataclass(frozen=True)
class Moment:
    """A recorded step that is looked at again.

    A record of fixed memory keeps only the mean over some steps once a run is long. The moment has
    the name of the step that was asked for, `RunSnapshot.record.step`, wherever it is shown.

    Attributes:
        first_step: the first of the steps that are shown as one.
        last_step: the last; the same in a short run.
    """

    first_step: int
    last_step: int


@dataclass(frozen=True)
class RunSnapshot:
    """One run at one moment.

    Attributes:
        config: the experiment, live changes included.
        history: everything measured so far.
        record: the newest step, or the moment's; step 0 before the first. None where nothing
            has been measured at all.
        judged: the verdict on that step, or what works it out: there are more snapshots of a run
            that goes on than verdicts to show. None likewise.
        changes: the live changes, in order.
        parameters: number of parameters.
        history_bytes: memory that the history holds.
        histogram: the newest histogram of dL/dW, in most snapshots of an earlier step.
        anchor: what the prediction hangs on; None where nothing has been measured.
        prediction: what theory expects of every layer at initialisation; None likewise.
        steps_per_epoch: batches that show every sample once; 0 where that is not known.
        finish_reason: why this run is finished, while others in lockstep may go on.
        first_bad: the first value that was not finite, whichever moment is shown.
        moment: the recorded step that is shown; None for the newest.
        close_up: what somebody looks at closely now; None while nobody does.
        data: what its data were taken for; None where that is not known.
    """

    config: RunConfig
    history: HistoryView
    record: StepRecord | None
    judged: Diagnosis | Deferred[Diagnosis] | None
    changes: tuple[Change, ...]
    parameters: int
    history_bytes: int
    histogram: GradientHistogram | None = None
    anchor: Anchor | None = None
    prediction: Prediction | None = None
    steps_per_epoch: int = 0
    finish_reason: FinishReason | None = None
    first_bad: FirstBad | None = None
    moment: Moment | None = None
    close_up: CloseUp | None = None
    data: DataShape | None = None

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The verdict on the step that is shown; None where nothing has been measured."""
        return self.judged.value if isinstance(self.judged, Deferred) else self.judged

    @property
    def steps(self) -> int:
        """Steps made so far, whichever moment is shown."""
        return self.history.curves.last_step

    def at(self, step: int) -> RunSnapshot:
        """Return the run as it was at a recorded step.

        Its history is the whole one; record and diagnosis are the moment's. Where the record
        has merged that step with its neighbours, they are the mean over the steps that
        `moment` names.

        Args:
            step: from 1; the nearest recorded step is taken.
        """
        if not self.steps:
            return self
        from engine.moments import run_at

        return run_at(self, step)

    def before_the_end(self) -> RunSnapshot:
        """Return the run as it was in its last finite step, where it is over.

        A moment that somebody looks at stays; and so does a run of which no step was finite.
        """
        if self.first_bad is None or self.moment is not None:
            return self
        from engine.moments import last_finite

        return last_finite(self)


@dataclass(frozen=True)
class Snapshot:
    """The engine at one moment.

    Attributes:
        state: what it is doing.
        run_number: counts the runs built; views start afresh when it changes.
        runs: the runs, in lockstep; empty before one is built.
        ghosts: runs that are over, to be shown behind the others, oldest first.
        finish_reason: why it is finished, in that state only.
        failure: what went wrong, in the failed state only.
        device: where the runs compute; one without a name before a run is built.
        steps_per_second: of late; 0 when it does not run.
        measuring_share: share of the step's time that measuring takes, 0 to 1.
    """

    state: State
    run_number: int = 0
    runs: tuple[RunSnapshot, ...] = ()
    ghosts: tuple[RunSnapshot, ...] = ()
    finish_reason: FinishReason | None = None
    failure: Failure | None = None
    device: Device = NOWHERE
    steps_per_second: float = 0.0
    measuring_share: float = 0.0
