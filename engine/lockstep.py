"""Runs in lockstep: the trainers that a session steps in turn, and what is kept of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from engine.config import SETTINGS, RunConfig
from engine.deferred import Deferred
from engine.snapshot import Change, FinishReason, RunSnapshot

if TYPE_CHECKING:
    from engine.close_up import CloseUp
    from engine.device import Device
    from engine.diagnosis import Diagnosis, Judge, Thresholds
    from engine.histograms import GradientHistogram
    from engine.history import History, HistoryView
    from engine.record import StepRecord
    from engine.trainer import Trainer

# Changes made while one run went on that are remembered; a slider that is dragged makes many.
MOST_CHANGES = 1000


class RunError(Exception):
    """One of the runs was refused or failed; the reason is the cause.

    Attributes:
        run: which, from 0.
    """

    def __init__(self, run: int) -> None:
        super().__init__(f"run {run}")
        self.run = run


def reason_to_finish(config: RunConfig, record: StepRecord) -> FinishReason | None:
    """Return why a run is done with its newest step, None where it may go on."""
    if not record.step:
        return None
    # Also where it happens in the last step that was asked for.
    if config.stop_on_nonfinite and record.first_bad is not None:
        return FinishReason.NONFINITE
    if config.max_steps and record.step >= config.max_steps:
        return FinishReason.MAX_STEPS
    if config.target_loss and record.curve("loss") <= config.target_loss:
        return FinishReason.TARGET_LOSS
    return None


def changes_between(before: RunConfig, after: RunConfig) -> list[tuple[str, str]]:
    """Return the fields in which two experiments differ, with the second one's values as text."""
    return [
        (name, SETTINGS[name].kind.write(getattr(after, name)))
        for name in before.differences(after)
    ]


def changes_since(
    shown: Sequence[RunSnapshot], configs: Sequence[RunConfig], seconds: float
) -> list[list[Change]]:
    """Return, for each experiment, what a run that had begun is built anew for.

    Args:
        shown: the runs as they were, in the order of the experiments that take their places.
        configs: those.
        seconds: when that was asked for, since 1970.
    """
    return [
        [
            Change(0, name, value, seconds, run.steps)
            for name, value in changes_between(run.config, config)
        ]
        if run.steps
        else []
        for run, config in zip(shown, configs, strict=False)
    ]


@dataclass
class LiveRun:
    """A trainer and what is kept of it.

    Attributes:
        trainer: it.
        history: of its steps.
        judge: follows it.
        record: the newest step; step 0 at first.
        histogram: the newest.
        changes: made while it went on.
        finish_reason: why it makes no more steps.
        identity: tells it from every other run, of the same experiment too.
    """

    trainer: Trainer
    history: History
    judge: Judge
    record: StepRecord
    histogram: GradientHistogram | None
    changes: list[Change] = field(default_factory=list)
    finish_reason: FinishReason | None = None
    identity: object = field(default_factory=object)

    def advance(self) -> None:
        """Make a step."""
        self.record = record = self.trainer.step()
        self.history.append(record)
        trainer = self.trainer
        self.judge.observe(record, self.history, trainer.config, trainer.anchor, trainer.prediction)
        self.histogram = record.histogram or self.histogram
        self.finish_reason = reason_to_finish(self.trainer.config, record)

    def change(self, config: RunConfig, seconds: float = 0.0) -> None:
        """Go on as another experiment, which differs in live fields only.

        Args:
            config: that experiment.
            seconds: when that was asked for, since 1970.
        """
        if self.record.step:
            changes = changes_between(self.trainer.config, config)
            self.changes += [Change(self.record.step, n, v, seconds) for n, v in changes]
        del self.changes[:-MOST_CHANGES]
        self.trainer.change(config)

    def diagnosis(self, history: HistoryView) -> Deferred[Diagnosis]:
        """Return the verdict on the newest step; before the first, on what was looked at."""
        from engine.diagnosis import diagnose

        if self.record.step:
            return Deferred(partial(self.judge.as_it_is().diagnosis, self.record, history))
        trainer, limits = self.trainer, self.judge.thresholds
        told = trainer.config, trainer.anchor, trainer.prediction
        return Deferred(partial(diagnose, self.record, history, limits, *told))

    def use_thresholds(self, thresholds: Thresholds) -> None:
        """Judge by other conventions from now on."""
        self.judge.use(thresholds)
        record, trainer = self.record, self.trainer
        if record.step and record.first_bad is None:
            self.judge.read(
                record, self.history.view(), trainer.config, trainer.anchor, trainer.prediction
            )

    def snapshot(self, close_up: CloseUp | None = None) -> RunSnapshot:
        """Return what there is to show, with what is looked at closely."""
        history, record = self.history.view(), self.record
        return RunSnapshot(
            config=self.trainer.config,
            history=history,
            record=record,
            judged=self.diagnosis(history),
            changes=tuple(self.changes),
            parameters=self.trainer.layout.size,
            history_bytes=self.history.nbytes,
            histogram=self.histogram,
            anchor=self.trainer.anchor,
            prediction=self.trainer.prediction,
            steps_per_epoch=self.trainer.steps_per_epoch,
            finish_reason=self.finish_reason,
            first_bad=self.trainer.first_bad,
            close_up=close_up,
            data=self.trainer.data.taken_for,
        )


class Lockstep:
    """Runs that make the same steps, each on the same batch as the others.

    A run that is finished waits; the others go on without it.

    Args:
        configs: the experiments, aligned as twins are.
        thresholds: by which they are judged; None: the usual ones.

    Attributes:
        runs: in the order they are shown.

    Raises:
        RunError: one of them was refused or failed.
    """

    def __init__(self, configs: Sequence[RunConfig], thresholds: Thresholds | None = None) -> None:
        from engine.history import DEFAULT_BUDGET_BYTES

        budget = DEFAULT_BUDGET_BYTES // len(configs)
        deepest = max(config.depth for config in configs)
        self.runs: list[LiveRun] = []
        for index, config in enumerate(configs):
            try:
                self.runs.append(_built(config, budget, deepest, thresholds))
            except Exception as error:
                raise RunError(index) from error

    @property
    def steps(self) -> int:
        """Steps made by the run that has made the most."""
        return max(run.record.step for run in self.runs)

    @property
    def steps_to_end_of_epoch(self) -> int:
        """Steps until every sample has been shown as often as any other, at least 1."""
        per_epoch = self.runs[0].trainer.steps_per_epoch
        return per_epoch - self.steps % per_epoch

    @property
    def computes_on(self) -> Device:
        """The device and what computes there."""
        return self.runs[0].trainer.computes_on

    @property
    def measuring_share(self) -> float:
        """Share of the time of a step that measuring takes, 0 to 1."""
        return sum(run.trainer.measuring_share for run in self.runs) / len(self.runs)

    def advance(self) -> None:
        """Make a step of every run that is not finished.

        Raises:
            RunError: one of them failed.
        """
        for index, run in enumerate(self.runs):
            if run.finish_reason is None:
                try:
                    run.advance()
                except Exception as error:
                    raise RunError(index) from error

    def finish_reason(self) -> FinishReason | None:
        """Return why the last of the runs to finish did so, None while one may go on."""
        if any(run.finish_reason is None for run in self.runs):
            return None
        return max(self.runs, key=lambda run: run.record.step).finish_reason

    def reconsider(self) -> None:
        """Find out anew which runs are finished, after a change."""
        for run in self.runs:
            run.finish_reason = reason_to_finish(run.trainer.config, run.record)

    def change(self, configs: Sequence[RunConfig], seconds: float = 0.0) -> None:
        """Go on as other experiments, each of which differs in live fields only.

        Args:
            configs: those.
            seconds: when that was asked for, since 1970.

        Raises:
            RunError: one of them refused.
        """
        for index, (run, config) in enumerate(zip(self.runs, configs, strict=True)):
            try:
                run.change(config, seconds)
            except Exception as error:
                raise RunError(index) from error

    def predict(self) -> bool:
        """Find out what theory expects of every run; return whether that was not known yet."""
        unknown = [run.trainer for run in self.runs if run.trainer.prediction is None]
        for trainer in unknown:
            trainer.predict()
        return bool(unknown)

    def use_thresholds(self, thresholds: Thresholds) -> None:
        """Judge every run by other conventions from now on."""
        for run in self.runs:
            run.use_thresholds(thresholds)

    def ask_histogram(self) -> None:
        """Take a histogram of every run in the next step."""
        for run in self.runs:
            run.trainer.ask_histogram()

    def snapshots(self, close_up: CloseUp | None = None) -> tuple[RunSnapshot, ...]:
        """Return what there is to show, with what is looked at closely in the first run."""
        first, *others = self.runs
        return (first.snapshot(close_up), *(run.snapshot() for run in others))


def _built(
    config: RunConfig, budget_bytes: int, deepest: int, thresholds: Thresholds | None
) -> LiveRun:
    """Return a run that has been looked at and has made no step."""
    from engine.diagnosis import THRESHOLDS, Judge
    from engine.history import History
    from engine.trainer import Trainer

    trainer = Trainer(config)
    record = trainer.look()
    history, judge = History(config.depth, budget_bytes, deepest), Judge(thresholds or THRESHOLDS)
    return LiveRun(trainer, history, judge, record, record.histogram)
