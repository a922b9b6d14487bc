"""A recorded step, looked at again; and the steps worth looking at."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable
from dataclasses import dataclass

from engine.history import MEAN
from engine.record import FirstBad, StepRecord
from engine.snapshot import Change, Moment, RunSnapshot


def run_at(run: RunSnapshot, step: int) -> RunSnapshot:
    """Return a run, of which at least one step is recorded, as it was at a step."""
    from engine.diagnosis import THRESHOLDS, review

    step = min(max(step, 1), run.steps)
    layers, curves = run.history.layers, run.history.curves
    column = layers.column_at(step)
    moment = Moment(*layers.steps_of(column))
    record = run.record
    if record is None or record.step != step:
        bad = run.first_bad
        record = StepRecord(
            step=step,
            curves=curves.reading(curves.column_at(step))[MEAN],
            layers=layers.reading(column)[MEAN],
            validation=None,
            first_bad=None if bad is None or bad.step > moment.last_step else bad,
        )
    else:
        moment = Moment(step, step)
    past = run.history.until(step)
    taken = run.histogram
    if taken is not None and not moment.first_step <= taken.step <= moment.last_step:
        # It tells of another step.
        taken = None
    seen = run.close_up
    if seen is not None and not moment.first_step <= seen.step <= moment.last_step:
        seen = None
    thresholds = THRESHOLDS if run.diagnosis is None else run.diagnosis.thresholds
    diagnosis = review(record, past, thresholds, run.config, run.anchor, run.prediction)
    known = None if run.diagnosis is None else run.diagnosis.autopsy
    if diagnosis.autopsy is not None and known is not None:
        # Whoever was there knows as well what was changed while the run went on.
        diagnosis = dataclasses.replace(diagnosis, autopsy=known)
    return dataclasses.replace(
        run, record=record, judged=diagnosis, histogram=taken, close_up=seen, moment=moment
    )


def last_finite(run: RunSnapshot) -> RunSnapshot:
    """Return a run as it was in the last step in which everything was finite.

    The record of that step is the autopsy's, and as exact as the step itself.
    """
    from engine.slope import gradient_decades

    found = run.diagnosis
    kept = None if found is None or found.autopsy is None else found.autopsy.last_finite
    if found is None or kept is None:
        return run
    decades, _ = gradient_decades(kept.layer("activation_grad_norm")[:-1])
    found = dataclasses.replace(found, newest_decades=decades)
    moment = Moment(kept.step, kept.step)
    return dataclasses.replace(run, record=kept, judged=found, moment=moment)


class MarkKind(enum.Enum):
    """Why a step is worth looking at."""

    CHANGE = "change"
    NONFINITE = "first value that is not finite"


@dataclass(frozen=True)
class Mark:
    """A step worth looking at.

    Attributes:
        step: the last step before a change, the first with a value that is not finite.
        kind: why.
        change: the change, where that is why.
        first_bad: the value, where that is why.
    """

    step: int
    kind: MarkKind
    change: Change | None = None
    first_bad: FirstBad | None = None


def marks(run: RunSnapshot, beside: Iterable[RunSnapshot] = ()) -> tuple[Mark, ...]:
    """Return the steps of a run that are worth looking at, in order; ends of epochs apart.

    Epochs end at the multiples of `RunSnapshot.steps_per_epoch`.

    Args:
        run: it.
        beside: runs in lockstep with it, of which the first value that is not finite counts, too.
    """
    found = [Mark(change.step, MarkKind.CHANGE, change=change) for change in run.changes]
    ends = (one.first_bad for one in (run, *beside) if one.first_bad is not None)
    found += (Mark(bad.step, MarkKind.NONFINITE, first_bad=bad) for bad in ends)
    return tuple(sorted(found, key=lambda mark: mark.step))
