"""Curves of the whole run: loss and accuracy, on training and on validation samples."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from engine.history import MAXIMUM, MEAN, MINIMUM, SeriesView
from engine.record import CURVE_INDEX, VALIDATION_QUANTITIES
from engine.snapshot import RunSnapshot
from gui import numbers
from gui import theme as looks
from gui.changes import change_text
from gui.company import ALONE, Company, briefs_of, looks_of, names_of, pens_of
from gui.export import Table
from gui.theme import Theme
from gui.views.axes import ShareAxis
from gui.views.plot import Floats, LinePlot, logarithm, thin
from gui.views.traces import Curve

# The first axis of a run spans so many steps; from there on it doubles.
_FIRST_SPAN = 8
# A picture that has no size yet is taken for one of so many pixels.
_FEWEST_PIXELS = 100


class RunCurves(LinePlot):
    """Two curves over the steps: one for each batch, one for the validation samples."""

    quantity: str
    validation_quantity: str

    def __init__(
        self,
        *,
        logarithmic: bool,
        left: pg.AxisItem | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(logarithmic=logarithmic, legend_columns=2, left=left, parent=parent)
        self._logarithmic = logarithmic
        self._training, self._validation = Curve(), Curve(dotted=True)
        self.plot.add_trace(self._training)
        self.plot.add_trace(self._validation)
        self._run: RunSnapshot | None = None
        self._company = ALONE
        # Training and validation curve of each run beside the first.
        self._others: list[tuple[Curve, Curve]] = []
        self._run_number = 0
        self._span = _FIRST_SPAN
        self.plot.span_x(0, _FIRST_SPAN)
        self.retranslate()

    @abstractmethod
    def title_text(self) -> str:
        """Return the title."""

    @abstractmethod
    def fit(self, shown: list[Floats], ghosts: list[Floats]) -> None:
        """Choose the vertical range.

        Args:
            shown: heights of the curves of the runs that are trained now.
            ghosts: those of runs that are over.
        """

    def reset(self) -> None:
        """Choose the vertical range of a run of which nothing is known."""

    def note_of(self, run: RunSnapshot) -> str:
        """Return what is to be said of what cannot be drawn; empty: nothing."""
        return ""

    @abstractmethod
    def write(self, value: float) -> str:
        """Write a value for the legend."""

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._choose_pens()
        self.retranslate()

    def retranslate(self) -> None:
        self.title.setText(self.title_text())
        self.make_room_for(self.plot.getAxis("bottom").name)
        both = (self.tr("training"), self.tr("validation"))
        short = (self.tr("train"), self.tr("valid."))
        if self._company.others:
            # One name for both curves of a run; what tells the two apart comes after them.
            names, short_names = names_of(self._company), briefs_of(self._company)
            pens = pens_of(self.theme, self._company, strong=True)
            thin = (len(pens),)
            names, short_names = [*names, *both], [*short_names, *short]
            pens += [pg.mkPen(self.theme.muted)] * 2
        else:
            names, short_names, thin = list(both), list(short), ()
            pens = [looks.series_pen(self.theme, index) for index in range(2)]
        entries = list(zip(names, pens, strict=True))
        self.legend.set_entries(entries, short_names, self.theme, thin=thin, paired=True)
        self.update_reading()

    def _choose_pens(self) -> None:
        theme, company = self.theme, self._company
        if not company.others:
            self._training.set_pen(looks.series_pen(theme, 0))
            self._validation.set_pen(looks.strong_pen(theme, 1))
            return
        # Among others a colour stands for a run.
        pairs = (self._training, self._validation), *self._others
        thin, strong = (pens_of(theme, company, strong=strong) for strong in (False, True))
        for (training, validation), *pens in zip(pairs, thin, strong, strict=False):
            training.set_pen(pens[0])
            validation.set_pen(pens[1])

    def show_company(self, company: Company) -> None:
        before, self._company = self._company, company
        while len(self._others) < len(company.others):
            pair = Curve(), Curve(dotted=True)
            for curve in pair:
                self.plot.add_trace(curve, behind=True)
            self._others.append(pair)
        for index, pair in enumerate(self._others):
            for curve in pair:
                curve.set_visible(index < len(company.others))
        shown = (self._training, self._validation), *self._others[: len(company.others)]
        for rivals in zip(*shown, strict=True):
            for curve in rivals:
                curve.rivals = rivals
        if looks_of(before) != looks_of(company):
            self._choose_pens()
            self.retranslate()

    def table(self, run: RunSnapshot) -> Table:
        curves, validation = run.history.curves, run.history.validation
        index = CURVE_INDEX[self.quantity]
        statistics = [curves.read(index, which) for which in (MEAN, MINIMUM, MAXIMUM)]
        column = VALIDATION_QUANTITIES.index(self.validation_quantity)
        held_out = dict(
            zip(validation.first_steps.tolist(), validation.read(column).tolist(), strict=True)
        )
        rows: list[list[object]] = []
        for number in range(len(curves)):
            first, last = curves.steps_of(number)
            # Empty where nothing was validated in these steps.
            found = [held_out[step] for step in range(first, last + 1) if step in held_out]
            numbers_ = [float(values[number]) for values in statistics]
            rows.append([first, last, *numbers_, found[-1] if found else ""])
        names = (self.quantity, f"{self.quantity}_minimum", f"{self.quantity}_maximum")
        return ["first_step", "last_step", *names, self.validation_quantity], rows

    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        self._run = run
        if run_number != self._run_number:
            self._run_number = run_number
            self.reset()
        live = [run.steps, *(one.run.steps for one in self._company.twins)]
        # The heatmaps beside know nothing of ghosts: one that is much longer ends at their edge.
        steps = max(live) or max((one.run.steps for one in self._company.others), default=0)
        span = _FIRST_SPAN
        while span < steps:
            span *= 2
        if span != self._span:
            self._span = span
            self.plot.span_x(0, span)
        pair = self._training, self._validation
        shown, ghosts = self._feed(pair, run, (MINIMUM, MAXIMUM)), []
        for one, pair in zip(self._company.others, self._others, strict=False):
            if one.is_ghost:
                # Of a long run a column stands for many steps: between their extremes a line would
                # swing over the few steps of now.
                ghosts += self._feed(pair, one.run, (MEAN, MEAN))
            else:
                shown += self._feed(pair, one.run, (MINIMUM, MAXIMUM))
        self.fit(shown, ghosts)
        self.plot.set_note(self.note_of(run))
        self.show_marks(self._marks_of(run))
        self.update_reading()

    def _feed(
        self, pair: tuple[Curve, Curve], run: RunSnapshot, statistics: tuple[int, int]
    ) -> list[Floats]:
        """Give a run's training and validation curve their points; return the heights in sight.

        Args:
            pair: the curves.
            run: the run.
            statistics: of the readings of a column, between which the curve is drawn.
        """
        index = VALIDATION_QUANTITIES.index(self.validation_quantity)
        fed = (run.history.curves, CURVE_INDEX[self.quantity]), (run.history.validation, index)
        heights = []
        for curve, (series, row) in zip(pair, fed, strict=True):
            curve.set_data(*self._points_of(series, row, statistics))
            heights.append(curve.y[curve.x <= self._span])
        return heights

    def _points_of(
        self, series: SeriesView, index: int, statistics: tuple[int, int]
    ) -> tuple[Floats, Floats]:
        x = series.first_steps.astype(np.float64)
        if not len(x):
            return x, x
        if statistics == (MEAN, MEAN):
            # A mean stands in the middle of the readings that it is of.
            half = (1.0 - 1.0 / series.stride) / 2.0
            x = np.minimum(x + half * (x[:2].max() - x[0]), series.last_step)
        # Thinned over all steps, a few of them would be a line or two. One beyond the edge leads
        # there.
        sight = int(np.searchsorted(x, self._span, side="right")) + 1
        x = x[:sight]
        bounds = [series.read(index, statistic)[:sight] for statistic in statistics]
        if self._logarithmic:
            bounds = [logarithm(bound) for bound in bounds]
        low, high = (np.where(np.isfinite(bound), bound, np.nan) for bound in bounds)
        # Two for each of the screen's own pixels: the lowest and the highest there.
        pixels = round(self.plot.viewport().width() * self.devicePixelRatioF())
        return thin(x, low, high, most=2 * max(pixels, _FEWEST_PIXELS))

    def _marks_of(self, run: RunSnapshot) -> list[tuple[int, str]]:
        marks = [(change.step, change_text(change)) for change in run.changes]
        if run.first_bad is not None:
            marks.append((run.first_bad.step, self.tr("first value that is not finite")))
        return marks

    def clear(self) -> None:
        self._run = None
        for curve in (self._training, self._validation):
            curve.clear()
        self.show_company(ALONE)
        self.plot.set_note("")
        self.show_marks([])
        self.update_reading()

    def update_reading(self) -> None:
        x = self.mouse_x()
        run = self._run
        if run is None or not run.steps:
            self.set_reading("")
            self.legend.set_values(())
            self.show_cursor(None)
            return
        curves, validation = run.history.curves, run.history.validation
        if x is None:
            step = curves.last_step
            self.set_reading("")
            self.show_cursor(None)
            if run.moment is not None and run.record is not None:
                # The moment that is looked at is pointed to like one under the mouse.
                step = run.record.step
                self.set_reading(self.tr("step {0}").format(step))
                self.show_cursor(step)
        else:
            step = min(max(round(x), 1), curves.last_step)
            column = curves.column_at(step)
            step, last = curves.steps_of(column)
            mark, text = self.mark_at(x), self.tr("step {0}").format(step)
            if last > step:
                # A long record keeps no single steps any more.
                text = self.tr("mean of steps {0}–{1}").format(step, last)
            self.set_reading(mark or text, self.tr("step {0}").format(step))
            self.show_cursor(step)
        index = VALIDATION_QUANTITIES.index(self.validation_quantity)
        values: list[float | None] = [
            float(curves.read(CURVE_INDEX[self.quantity], start=curves.column_at(step))[0])
        ]
        if self._company.others:
            values += [self._value_of(one.run, step) for one in self._company.others]
        elif len(validation):
            values.append(self._validation_at(step, index))
        self.legend.set_values(tuple("–" if v is None else self.write(v) for v in values))

    def _validation_at(self, step: int, index: int) -> float | None:
        """Return the newest validation at a step; None where it is from before a bad loss.

        Of a run that has diverged it would look like one of now.
        """
        assert self._run is not None
        curves, validation = self._run.history.curves, self._run.history.validation
        column = validation.column_at(step)
        value = float(validation.read(index, start=column)[0])
        loss = curves.reading(curves.column_at(step))[MEAN, CURVE_INDEX["loss"]]
        is_older = validation.first_steps[column] < step
        return None if is_older and np.isfinite(value) and not np.isfinite(loss) else value

    def _value_of(self, run: RunSnapshot, step: int) -> float | None:
        """Return the quantity of a run on the batch of a step; None where it made no such step."""
        curves = run.history.curves
        if not 1 <= step <= curves.last_step:
            return None
        column = curves.column_at(step)
        return float(curves.reading(column)[MEAN, CURVE_INDEX[self.quantity]])


class LossView(RunCurves):
    """The loss as a power of ten, so that a falling and an exploding one both fit."""

    quantity = "loss"
    validation_quantity = "validation_loss"
    # Half a decade of air, and never less than this: a flat loss must look flat.
    _LEAST_SPAN = 1.0
    # So many decades above the runs of now are open to those that are over.
    _GHOST_ROOM = 1.0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(logarithmic=True, parent=parent)

    def title_text(self) -> str:
        return self.tr("Loss")

    def reset(self) -> None:
        self.plot.span_y(-self._LEAST_SPAN / 2, self._LEAST_SPAN / 2, padding=0.04)

    def fit(self, shown: list[Floats], ghosts: list[Floats]) -> None:
        values = _finite(shown)
        over = _finite(ghosts)
        if values.size:
            # A run that exploded would press flat what comes after it. One that has learned may:
            # how far below it lies is what it was kept for.
            over = np.minimum(over, values.max() + self._GHOST_ROOM)
        values = np.concatenate([values, over])
        if not values.size:
            return
        # Steps of a quarter decade keep the axis from trembling.
        low = float(np.floor(values.min() * 4) / 4)
        high = float(np.ceil(values.max() * 4) / 4)
        air = max(self._LEAST_SPAN - (high - low), 0.0) / 2
        self.plot.span_y(low - air, high + air, padding=0.04)

    def note_of(self, run: RunSnapshot) -> str:
        """Say from which step on the loss is not finite, if it is not now."""
        curves = run.history.curves
        finite = np.isfinite(curves.read(CURVE_INDEX[self.quantity]))
        if not len(finite) or finite[-1]:
            return ""
        last = np.flatnonzero(finite)[-1:]
        first = int(curves.first_steps[last[0] + 1 if last.size else 0])
        return self.tr("not finite from step {0} on").format(first)

    def write(self, value: float) -> str:
        return numbers.plain(value)


class AccuracyView(RunCurves):
    """The share of samples put into the right class."""

    quantity = "accuracy"
    validation_quantity = "validation_accuracy"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(logarithmic=False, left=ShareAxis("left"), parent=parent)
        self.plot.span_y(0.0, 1.0, padding=0.03)

    def title_text(self) -> str:
        return self.tr("Accuracy")

    def fit(self, shown: list[Floats], ghosts: list[Floats]) -> None:
        """Keep the range: accuracy lies between 0 and 1."""

    def write(self, value: float) -> str:
        return numbers.percent(value)


def _finite(curves: list[Floats]) -> Floats:
    values = np.concatenate([np.empty(0), *curves])
    finite: Floats = values[np.isfinite(values)]
    return finite
