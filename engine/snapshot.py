"""What the engine shows of itself at one moment: frozen, and safe to read from any thread."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

# The window is to be painted before what only an engine needs has been imported.
if TYPE_CHECKING:
    from engine.config import RunConfig
    from engine.diagnosis import Diagnosis
    from engine.histograms import GradientHistogram
    from engine.history import HistoryView
    from engine.record import StepRecord
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


@dataclass(frozen=True)
class Failure:
    """What went wrong inside the engine.

    Attributes:
        message: one line for the person.
        traceback: the whole of it, to copy into a report; empty for a refused experiment.
        field: the field of the experiment that is to blame, if one is.
    """

    message: str
    traceback: str = ""
    field: str | None = None


@dataclass(frozen=True)
class Change:
    """A change made while a run went on; it is marked on the plots."""

    step: int
    field: str
    value: str


@dataclass(frozen=True)
class RunSnapshot:
    """One run at one moment.

    Attributes:
        config: the experiment, live changes included.
        history: everything measured so far.
        record: the newest step; None before the first.
        diagnosis: the verdict on the newest step; None before the first.
        changes: the live changes, in order.
        parameters: number of parameters.
        history_bytes: memory that the history holds.
        histogram: the newest histogram of dL/dW, in most snapshots of an earlier step.
        anchor: what the prediction hangs on; None before the first step.
        prediction: what theory expects of every layer at initialisation; None likewise.
    """

    config: RunConfig
    history: HistoryView
    record: StepRecord | None
    diagnosis: Diagnosis | None
    changes: tuple[Change, ...]
    parameters: int
    history_bytes: int
    histogram: GradientHistogram | None = None
    anchor: Anchor | None = None
    prediction: Prediction | None = None


@dataclass(frozen=True)
class Snapshot:
    """The engine at one moment.

    Attributes:
        state: what it is doing.
        run_number: counts the runs built; views start afresh when it changes.
        runs: the runs, in lockstep; empty before one is built.
        finish_reason: why it is finished, in that state only.
        failure: what went wrong, in the failed state only.
        device: the device in words, empty before a run is built.
        steps_per_second: of late; 0 when it does not run.
        measuring_share: share of the step's time that measuring takes, 0 to 1.
    """

    state: State
    run_number: int = 0
    runs: tuple[RunSnapshot, ...] = ()
    finish_reason: FinishReason | None = None
    failure: Failure | None = None
    device: str = ""
    steps_per_second: float = 0.0
    measuring_share: float = 0.0
