"""The verdict on a run: findings that come and go with hysteresis, and a name for the gravest.

A reading is taken in each of the first steps and in every tenth from then on, by the number of the
step and never by the clock, so that the same run always gets the same verdict.
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.config import RunConfig
from engine.diagnosis.autopsy import KEPT_STEPS, Autopsy, Witness
from engine.diagnosis.findings import (
    BY_DECADES,
    COVERED_BY,
    CRITERIA,
    Criterion,
    Finding,
    Severity,
)
from engine.diagnosis.reading import (
    LATE_STEPS,
    TYPICAL_LOSS_STEPS,
    TYPICAL_STEPS,
    Past,
    Reading,
    read,
    typical_from,
    typical_layers,
    typical_norms,
)
from engine.diagnosis.slope import gradient_decades
from engine.diagnosis.thresholds import THRESHOLDS, Thresholds
from engine.history import HistoryView
from engine.record import LAYER_INDEX, FirstBad, StepRecord

if TYPE_CHECKING:
    from engine.history import History
    from engine.theory.anchor import Anchor
    from engine.theory.prediction import Prediction

VERDICTS = (
    "healthy",
    "too shallow to tell",
    "diverged",
    *dict.fromkeys(row.verdict for row in CRITERIA.values() if row.severity > Severity.NOTE),
)
VERDICTS = tuple(dict.fromkeys(VERDICTS))

# Every step up to this one, then every tenth.
EARLY_STEPS = 10
READING_INTERVAL_STEPS = 10
# Norms before this many steps have no running median that a spike could be measured by.
SPIKE_FROM_STEP = 10


@dataclass(frozen=True)
class Diagnosis:
    """What the gradients say.

    Attributes:
        verdict: one of `VERDICTS`.
        decades: powers of ten lost on the way from the last to the first hidden layer;
            negative where the gradient grows. NaN where the first or the last layer gets none:
            nothing is said about layers that were not measured. Of the median over the steps
            `typical_steps`.
        factor_per_layer: by how much the gradient's norm is multiplied per layer going back;
            NaN likewise.
        layers_used: number of layers whose gradient is finite and not zero.
        first_bad: the first non-finite value of the run, or None.
        typical_steps: the first and the last of them.
        newest_decades: the same as `decades`, of the newest step alone.
        first_share: what the first hidden layer receives of the last one's gradient.
        findings: all that was found, the gravest first; empty in a healthy run.
        autopsy: how the run came to a value that is not finite; None while all is finite.
        thresholds: the conventions it was judged by.
    """

    verdict: str
    decades: float
    factor_per_layer: float
    layers_used: int
    first_bad: FirstBad | None
    typical_steps: tuple[int, int] = (0, 0)
    newest_decades: float = math.nan
    first_share: float = math.nan
    findings: tuple[Finding, ...] = ()
    autopsy: Autopsy | None = None
    thresholds: Thresholds = THRESHOLDS

    @property
    def decisive(self) -> Finding | None:
        """The finding that made the verdict; None where nothing was found that makes one."""
        return next((f for f in self.findings if f.severity > Severity.NOTE), None)


@dataclass(frozen=True)
class _Latch:
    """Whether one criterion holds, and for how long it has been otherwise."""

    finding: Finding | None = None
    readings: int = 0

    def after(
        self, row: Criterion, reading: Reading, thresholds: Thresholds, first: bool = False
    ) -> _Latch:
        """Return what it is after one more reading."""
        before = self.finding is not None
        numbers = row.check(reading, thresholds, before)
        found = None
        if numbers is not None:
            found = Finding(row.name, row.verdict, row.severity, numbers, reading.record.step)
        if (found is not None) == before:
            return _Latch(found)
        decides = row.at_once or (first and not row.patient)
        if decides or self.readings + 1 >= thresholds.readings:
            return _Latch(found)
        if row.certain(reading, thresholds, before):
            return _Latch(found)
        return _Latch(self.finding, self.readings + 1)


class Judge:
    """Follows one run and says what is wrong with it. Belongs to the thread of the run.

    Args:
        thresholds: the conventions.
    """

    def __init__(self, thresholds: Thresholds = THRESHOLDS) -> None:
        self._thresholds = thresholds
        self._witness = Witness()
        self._latches = {name: _Latch() for name in CRITERIA}
        self._autopsy: Autopsy | None = None
        self._reading: Reading | None = None
        self._past = Past()
        self._losses: deque[float] = deque(maxlen=TYPICAL_LOSS_STEPS)
        self._norms: deque[float] = deque(maxlen=thresholds.spike_steps)
        self._first_norm = math.nan
        self._loss_scale = math.nan
        self._backed_off_step = 0
        self._readings = 0
        self._read_step = 0
        self._due = False

    @property
    def thresholds(self) -> Thresholds:
        """The conventions in force."""
        return self._thresholds

    def use(self, thresholds: Thresholds) -> None:
        """Go on with other conventions, from the next reading on without hysteresis."""
        if thresholds != self._thresholds:
            self._thresholds = thresholds
            self._latches = {name: _Latch() for name in CRITERIA}
            self._norms = deque(self._norms, maxlen=thresholds.spike_steps)
            self._readings = 0

    def observe(
        self,
        record: StepRecord,
        history: History | HistoryView,
        config: RunConfig,
        anchor: Anchor | None = None,
        prediction: Prediction | None = None,
    ) -> None:
        """Take notice of a step; to be called for every one.

        Args:
            record: the step.
            history: of the run, the step included.
            config: the experiment as it is in this step.
            anchor: widths and batch size.
            prediction: of the theory.
        """
        if record.first_bad is not None:
            if self._autopsy is None:
                self._autopsy = self._witness.testify(record, config, self._thresholds)
            return
        self._witness.observe(record)
        self._follow(record)
        if self._due:
            self._read_step = record.step
            view = history if isinstance(history, HistoryView) else history.view()
            self.read(record, view, config, anchor, prediction)

    # A step that dynamic loss scaling leaves out may hold any value there is.
    @np.errstate(all="ignore")
    def read(
        self,
        record: StepRecord,
        history: HistoryView,
        config: RunConfig,
        anchor: Anchor | None = None,
        prediction: Prediction | None = None,
    ) -> None:
        """Take a reading; the first one decides without waiting for more."""
        reading = read(record, history, config, self._past, anchor, prediction)
        latches, first = self._latches, self._readings == 0
        for name, row in CRITERIA.items():
            latches[name] = latches[name].after(row, reading, self._thresholds, first)
        self._reading = reading
        self._readings += 1

    def _follow(self, record: StepRecord) -> None:
        """Remember what must be looked at in every step."""
        loss, norm = record.curve("loss"), record.curve("grad_norm")
        scale = record.curve("loss_scale")
        past, limits = self._past, self._thresholds
        if not self._losses:
            past = dataclasses.replace(
                past, first_loss=loss, first_inactive=record.layer("inactive_fraction")[:-1]
            )
            self._first_norm = norm
        self._losses.append(loss)
        high = past.high_loss_steps + 1 if loss > limits.diverged_growth * past.first_loss else 0
        spike_step, spike_ratio = past.spike_step, past.spike_ratio
        if spike_step and record.step - spike_step > limits.spike_steps:
            spike_step = 0
        if len(self._norms) >= SPIKE_FROM_STEP and math.isfinite(norm):
            usual = past.median_norm
            # A batch that stands out once nearly everything has been learned does no harm.
            if norm > limits.spike * usual and norm > self._first_norm:
                spike_step, spike_ratio = record.step, norm / usual
        if math.isfinite(norm):
            self._norms.append(norm)
        if scale < self._loss_scale:
            self._backed_off_step = record.step
        self._loss_scale = scale
        tenths = record.step // READING_INTERVAL_STEPS
        self._due = due = (
            record.step <= EARLY_STEPS or tenths > self._read_step // READING_INTERVAL_STEPS
        )
        self._past = dataclasses.replace(
            past,
            high_loss_steps=high,
            spike_step=spike_step,
            spike_ratio=spike_ratio,
            typical_loss=statistics.median(self._losses) if due else past.typical_loss,
            typical_norm=(
                statistics.median([*self._norms][-TYPICAL_STEPS:])
                if due and self._norms
                else past.typical_norm
            ),
            median_norm=statistics.median(self._norms) if due and self._norms else past.median_norm,
            backed_off=0 < self._backed_off_step > record.step - KEPT_STEPS,
        )

    @np.errstate(all="ignore")
    def diagnosis(self, record: StepRecord, history: HistoryView) -> Diagnosis:
        """Return the verdict, with the numbers of the newest step.

        Args:
            record: the newest step.
            history: of the run, that step included.
        """
        norms = typical_norms(record, history)
        decades, used = gradient_decades(norms)
        depth = len(norms)
        factor = 10.0 ** np.float64(-decades / (depth - 1)) if depth > 1 else math.nan
        first_share = float(norms[0] / norms[-1])
        found = {n: latch.finding for n, latch in self._latches.items() if latch.finding}
        if self._reading is not None and record.first_bad is None:
            now = dataclasses.replace(self._reading, record=record, norms=norms, decades=decades)
            found = self._by_decades_now(found, now)
            found = self._seen_lately(found, now, history)
        findings = tuple(
            finding
            for name, finding in found.items()
            if not any(stronger in found for stronger in COVERED_BY.get(name, ()))
        )
        return Diagnosis(
            verdict=_verdict(record, findings, depth),
            decades=decades,
            factor_per_layer=float(factor),
            layers_used=used,
            first_bad=record.first_bad,
            typical_steps=(typical_from(record, history), record.step),
            newest_decades=gradient_decades(record.layer("activation_grad_norm")[:-1])[0],
            first_share=first_share,
            findings=findings,
            autopsy=self._autopsy,
            thresholds=self._thresholds,
        )

    def _by_decades_now(self, found: dict[str, Finding], now: Reading) -> dict[str, Finding]:
        """Return the findings with those of decades as they are now: the verdict stands beside it.

        Nothing is remembered of it, so that the verdict does not hang on who looks at it when.
        """
        there = dict(found)
        for name, sign in BY_DECADES.items():
            latch, row, limits = self._latches[name], CRITERIA[name], self._thresholds
            if row.certain(now, limits, latch.finding is not None):
                latch = latch.after(row, now, limits)
            there.pop(name, None)
            if latch.finding is not None:
                numbers = latch.finding.numbers
                if math.isfinite(now.decades):
                    numbers = sign * now.decades, now.first_share
                there[name] = dataclasses.replace(latch.finding, numbers=numbers)
        return {name: there[name] for name in CRITERIA if name in there}

    def _seen_lately(
        self, found: dict[str, Finding], now: Reading, history: HistoryView
    ) -> dict[str, Finding]:
        """Return the findings with what the last few steps show: the heatmap stands beside them.

        What they show no more stays for as long as most of the last steps show it.
        """
        layers = typical_layers(now.record, history, LATE_STEPS)
        late = dataclasses.replace(
            now,
            norms=layers[LAYER_INDEX["activation_grad_norm"]][:-1],
            inactive=layers[LAYER_INDEX["inactive_fraction"]][:-1],
        )
        there = dict(found)
        for name, row in CRITERIA.items():
            if not row.seen_lately:
                continue
            numbers = row.check(late, self._thresholds, name in found)
            if numbers is not None:
                step = late.record.step
                there[name] = Finding(name, row.verdict, row.severity, numbers, step)
            elif row.check(now, self._thresholds, name in found) is None:
                there.pop(name, None)
        return {name: there[name] for name in CRITERIA if name in there}


def _verdict(record: StepRecord, findings: tuple[Finding, ...], depth: int) -> str:
    if record.first_bad is not None:
        return "diverged"
    for finding in findings:
        if finding.severity > Severity.NOTE:
            return finding.verdict
    return "too shallow to tell" if depth < 2 else "healthy"
