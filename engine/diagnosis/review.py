"""A verdict after the fact: on one step alone, or on a recorded run as it was judged then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.config import RunConfig
from engine.diagnosis.judge import Diagnosis, Judge
from engine.diagnosis.thresholds import THRESHOLDS, Thresholds
from engine.history import MEAN, HistoryView
from engine.record import StepRecord

if TYPE_CHECKING:
    from engine.theory.anchor import Anchor
    from engine.theory.prediction import Prediction


def diagnose(
    record: StepRecord,
    history: HistoryView,
    thresholds: Thresholds = THRESHOLDS,
    config: RunConfig | None = None,
    anchor: Anchor | None = None,
    prediction: Prediction | None = None,
) -> Diagnosis:
    """Judge a run by one reading, without what went before.

    Args:
        record: the newest step.
        history: of the run, that step included.
        thresholds: the conventions.
        config: the experiment; None: only its depth is known.
        anchor: widths and batch size.
        prediction: of the theory.
    """
    if config is None:
        config = RunConfig(depth=record.layers.shape[1] - 1)
    judge = Judge(thresholds)
    if record.first_bad is not None and not record.step:
        # Before the first step nothing has gone before that could have led to it.
        judge.observe(record, history, config, anchor, prediction)
    elif record.first_bad is None:
        judge.read(record, history, config, anchor, prediction)
    return judge.diagnosis(record, history)


# So many of the last steps decide what a verdict was at a moment: ten readings.
REVIEWED_STEPS = 100


def review(
    record: StepRecord,
    history: HistoryView,
    thresholds: Thresholds = THRESHOLDS,
    config: RunConfig | None = None,
    anchor: Anchor | None = None,
    prediction: Prediction | None = None,
) -> Diagnosis:
    """Judge a recorded run anew, by its last steps, as it was judged while it went on.

    A verdict that hysteresis has kept for longer is not known any more. Dead units are known at the
    newest step, whose record names them; not at earlier ones, since the history does not hold them.

    Args:
        record: the newest step, or a moment's.
        history: of the run up to that step.
        thresholds: the conventions.
        config: the experiment; None: only its depth is known.
        anchor: widths and batch size.
        prediction: of the theory.
    """
    if config is None:
        config = RunConfig(depth=record.layers.shape[1] - 1)
    judge, columns = Judge(thresholds), len(history.layers)
    recent = range(max(1, columns - REVIEWED_STEPS), columns)
    for column in [0, *recent] if columns else []:
        step = int(history.layers.first_steps[column])
        bad = record.first_bad
        if step < record.step and (bad is None or step < bad.step):
            before = HistoryView(
                history.curves.until(history.curves.column_at(step)),
                history.validation,
                history.layers.until(column),
            )
            judge.observe(_recorded(before), before, config, anchor, prediction)
    judge.observe(record, history, config, anchor, prediction)
    return judge.diagnosis(record, history)


def _recorded(history: HistoryView) -> StepRecord:
    """Return the last step of a history, as far as it is recorded."""
    layers, curves = history.layers, history.curves
    return StepRecord(
        step=int(layers.first_steps[-1]),
        curves=curves.reading(len(curves) - 1)[MEAN],
        layers=layers.reading(len(layers) - 1)[MEAN],
        validation=None,
        first_bad=None,
    )
