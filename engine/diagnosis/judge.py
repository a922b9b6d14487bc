"""The verdict on a run: findings that come and go with hysteresis, and a name for the gravest.

A reading is taken in each of the first steps and in every tenth from then on, by the number of the
step and never by the clock, so that the same run always gets the same verdict.
"""

from __future__ import annotations

import copy
import math
import statistics
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from engine.config import RunConfig
from engine.diagnosis.autopsy import KEPT_STEPS, Autopsy, Witness
from engine.diagnosis.findings import (
    BY_DECADES,
    BY_NEWEST,
    COVERED_BY,
    CRITERIA,
    Criterion,
    Finding,
    Severity,
)
from engine.diagnosis.last_steps import (
    LATE_STEPS,
    TYPICAL_STEPS,
    KeptSteps,
    LastSteps,
    Shown,
    last_columns,
)
from engine.diagnosis.reading import TYPICAL_LOSS_STEPS, Past, Reading, read
from engine.diagnosis.thresholds import THRESHOLDS, Thresholds
from engine.history import HistoryView
from engine.record import FirstBad, StepRecord
from engine.slope import decades_of_steps, gradient_decades, slope_of

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
# While one of these holds the gradient is not of its usual size, and measures no spike.
FADED = ("no_gradient", "gradient_ends", "decades_lost")


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
        typical_steps: the first and the last of them; few where those show what the others do
            not yet show: that no gradient arrives.
        newest_decades: the same as `decades`, of the newest step alone.
        first_share: what the first hidden layer receives of the last one's gradient.
        findings: all that was found, the gravest first; empty in a healthy run.
        autopsy: how the run came to a value that is not finite; None while all is finite.
        spike_norm: the norm of the gradient in the last spike; 0 where there is none.
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
    spike_norm: float = 0.0
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
        if before and found is not None:
            if row.lasting or row.check(reading, thresholds, False) is not None:
                return _Latch(found)
            # Below its limit, but in doubt; the numbers are those of now all the same.
            gone = self.readings + 1 >= thresholds.readings
            return _Latch() if gone else _Latch(found, self.readings + 1)
        if not before and found is None:
            return _Latch()
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
        self._kept = KeptSteps(READING_INTERVAL_STEPS)
        self._first_norm = math.nan
        self._loss_scale = math.nan
        self._backed_off_step = 0
        self._readings = 0
        self._read_step = 0
        self._faded_step = 0
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
        self._witness.observe(record, config.learning_rate)
        self._follow(record)
        if self._due:
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
        steps = self._last_steps(record, history)
        reading = read(record, steps, config, self._past, anchor, prediction)
        first = self._readings == 0
        latches = self._latches | self._by_decades_until(record.step - 1)
        for name, row in CRITERIA.items():
            latches[name] = latches[name].after(row, reading, self._thresholds, first)
        self._latches, self._reading = latches, reading
        self._readings += 1
        self._read_step = record.step
        if any(latches[name].finding for name in FADED):
            self._faded_step = record.step

    def _follow(self, record: StepRecord) -> None:
        """Remember what must be looked at in every step."""
        loss, norm = record.curve("loss"), record.curve("grad_norm")
        self._kept.keep(record)
        scale = record.curve("loss_scale")
        past, limits = self._past, self._thresholds
        if not self._losses:
            past = replace(
                past, first_loss=loss, first_inactive=record.layer("inactive_fraction")[:-1]
            )
            self._first_norm = norm
        self._losses.append(loss)
        high = past.high_loss_steps + 1 if loss > limits.diverged_growth * past.first_loss else 0
        if past.spike_step and record.step - past.spike_step > limits.spike_steps:
            past = replace(past, spike_step=0)
        ratio = self._spike_ratio(norm, record.step)
        if ratio > limits.spike:
            past = replace(past, spike_step=record.step, spike_ratio=ratio, spike_norm=norm)
        if math.isfinite(norm):
            self._norms.append(norm)
        if scale < self._loss_scale:
            self._backed_off_step = record.step
        self._loss_scale = scale
        tenths = record.step // READING_INTERVAL_STEPS
        self._due = due = (
            record.step <= EARLY_STEPS or tenths > self._read_step // READING_INTERVAL_STEPS
        )
        backed_off = 0 < self._backed_off_step > record.step - KEPT_STEPS
        if (high, backed_off) != (past.high_loss_steps, past.backed_off):
            past = replace(past, high_loss_steps=high, backed_off=backed_off)
        self._past = self._with_typical(past) if due else past

    def _with_typical(self, past: Past) -> Past:
        """Return what goes before a reading with the typical loss and norm as they are now."""
        losses, norms = [*self._losses], [*self._norms][-TYPICAL_STEPS:]
        return replace(
            past,
            typical_loss=statistics.median(losses),
            # Of two the lower: the first alone says nothing of the second.
            late_loss=statistics.median_low(losses[-LATE_STEPS:]),
            # Likewise: the second may have leapt.
            typical_norm=statistics.median_low(norms) if norms else past.typical_norm,
        )

    def _spike_ratio(self, norm: float, step: int) -> float:
        """Return by how much a norm stands out; 0 where it does no harm or nothing measures it.

        It does from the last steps as from the many before: where a gradient has faded, or is
        small until something is learned, it rises to its usual size and stays there.
        """
        # A batch that stands out once nearly everything has been learned does no harm.
        if not self._first_norm < norm < math.inf:
            return 0.0
        since = min(len(self._norms), step - 1 - self._faded_step)
        if since < SPIKE_FROM_STEP:
            return 0.0
        norms = [*self._norms][-since:]
        usual = statistics.median(norms[-TYPICAL_STEPS:])
        # Nearly always that is enough.
        if norm > self._thresholds.spike * usual:
            usual = max(usual, statistics.median(norms))
        return norm / usual if usual > 0.0 else 0.0

    def as_it_is(self) -> Judge:
        """Return a judge that has seen what this one has, and may be asked on any thread."""
        other = copy.copy(self)
        other._kept = self._kept.copy()
        return other

    @np.errstate(all="ignore")
    def diagnosis(self, record: StepRecord, history: HistoryView) -> Diagnosis:
        """Return the verdict, with the numbers of the newest step.

        Args:
            record: the newest step.
            history: of the run, that step included.
        """
        steps = self._last_steps(record, history)
        shown = steps.shown()
        found = {n: latch.finding for n, latch in self._latches.items() if latch.finding}
        if self._reading is not None and record.first_bad is None:
            latches = self._latches | self._by_decades_until(record.step)
            found = {n: latch.finding for n, latch in latches.items() if latch.finding}
            found, shown = self._seen_lately(found, record, steps)
        decades, used = gradient_decades(shown.norms)
        first_share = float(shown.norms[0] / shown.norms[-1])
        for name in found.keys() & {*BY_NEWEST}:
            assert self._reading is not None
            slope = slope_of(shown.norms)[0]
            now = replace(self._reading, norms=shown.norms, decades=decades, slope=slope)
            found[name] = found[name].with_numbers(
                CRITERIA[name].check(now, self._thresholds, True)
            )
        for name in BY_DECADES.keys() & found.keys():
            # The verdict stands beside them as they are now.
            if math.isfinite(decades):
                numbers = BY_DECADES[name] * decades, first_share
                found[name] = found[name].with_numbers(numbers)
        findings = tuple(
            found[name]
            for name in CRITERIA
            if name in found and not any(stronger in found for stronger in COVERED_BY.get(name, ()))
        )
        depth = len(shown.norms)
        factor = 10.0 ** np.float64(-decades / (depth - 1)) if depth > 1 else math.nan
        return Diagnosis(
            verdict=_verdict(record, findings, depth),
            decades=decades,
            factor_per_layer=float(factor),
            layers_used=used,
            first_bad=record.first_bad,
            typical_steps=shown.steps,
            newest_decades=gradient_decades(record.layer("activation_grad_norm")[:-1])[0],
            first_share=first_share,
            findings=findings,
            autopsy=self._autopsy,
            spike_norm=self._past.spike_norm if self._past.spike_step else 0.0,
            thresholds=self._thresholds,
        )

    def _last_steps(self, record: StepRecord, history: HistoryView) -> LastSteps:
        return self._kept.last(record) or last_columns(record, history)

    def _by_decades_until(self, step: int) -> dict[str, _Latch]:
        """Return the latches of decades as the steps since the last reading leave them.

        Only what is far beyond its limit decides between readings; a latch keeps it then, so that
        it comes back only at the limit for coming. The steps are gone through anew from the last
        reading on, so that the verdict does not hang on who looks at it when.
        """
        latches = {name: self._latches[name] for name in BY_DECADES}
        if self._reading is None or step <= self._read_step:
            return latches
        norms = self._kept.typical_norms(self._read_step, step)
        for each, decades in zip(norms, decades_of_steps(norms), strict=True):
            now = replace(self._reading, norms=each, decades=decades)
            for name in BY_DECADES:
                latch, row = latches[name], CRITERIA[name]
                if row.certain(now, self._thresholds, latch.finding is not None):
                    latches[name] = latch.after(row, now, self._thresholds)
        return latches

    def _seen_lately(
        self, found: dict[str, Finding], record: StepRecord, steps: LastSteps
    ) -> tuple[dict[str, Finding], Shown]:
        """Return the findings with what a few of the last steps show, and what shows the gravest.

        The heatmap stands beside them. What was shown stays for as long as it is among them.
        """
        assert self._reading is not None
        there, gravest = dict(found), steps.shown()
        looks = [
            (look, replace(self._reading, record=record, norms=look.norms, inactive=look.inactive))
            for look in (gravest, *steps.shown_lately())
        ]
        for name, row in reversed(CRITERIA.items()):
            if not row.seen_lately:
                continue
            there.pop(name, None)
            for look, now in looks:
                numbers = row.check(now, self._thresholds, name in found)
                if numbers is not None:
                    there[name] = Finding(name, row.verdict, row.severity, numbers, record.step)
                    gravest = look
                    break
        return there, gravest


def _verdict(record: StepRecord, findings: tuple[Finding, ...], depth: int) -> str:
    if record.first_bad is not None:
        return "diverged"
    for finding in findings:
        if finding.severity > Severity.NOTE:
            return finding.verdict
    return "too shallow to tell" if depth < 2 else "healthy"
