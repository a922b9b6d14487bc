"""The verdict: what the gradients of the present step say, in words and a number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from engine.config import RunConfig
from engine.record import OUTPUT_LAYER, FirstBad
from engine.snapshot import RunSnapshot, Snapshot, State
from gui import icons, numbers
from gui import theme as looks
from gui.advice import AdviceRow
from gui.buttons import FlatButton
from gui.labels import ElidedLabel, FittingLabel
from gui.refusals import refusal_words
from gui.theme import Theme
from gui.translation import engine_text, spaced
from gui.views.card import Card

if TYPE_CHECKING:
    from engine.diagnosis import Diagnosis
    from engine.theory.prediction import Prediction

_ICON_PIXELS = 34
# Sizes of the headline, the largest first.
_HEADLINE_POINTS = (looks.VERDICT_POINTS, 16.0, 13.5, 11.5)
# Where a hall leaves the banner less than this, in logical pixels at the size of the type, the
# headline has a line of its own.
_NARROW = 620
# Of verdicts that have no picture of their own: too little passes, or too much.
_LIKENESS = {
    "dead network": "vanishing",
    "dead units": "vanishing",
    "not learning": "vanishing",
    "saturated": "vanishing",
    "small updates": "vanishing",
    "symmetric": "vanishing",
    "underflow": "vanishing",
    "uniform stall": "vanishing",
    "large updates": "large_updates",
    "high loss": "exploding",
    "overflow": "exploding",
    "cliff": "exploding",
}

# Pictures whose name is no colour of the theme.
_COLOURS = {"large_updates": "exploding"}
# Decades by which the newest step must differ from the median for both to be told.
_APART_DECADES = 0.3
# From so many decades on a gradient is said to have grown.
_GROWN_DECADES = 1.0

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Words:
    """What the banner says.

    Attributes:
        headline: a few words, legible from the back row.
        detail: a sentence.
        shorter: the same in ever fewer words, for where there is no room for it.
        brief: the headline without its number, for where there is no room for it.
        colour: attribute of the theme.
        icon: of resources/icons: the shape tells what the colour tells.
        told_below: the reasons begin with the detail, so that a shorter one is enough above them.
    """

    headline: str
    detail: str = ""
    shorter: tuple[str, ...] = ()
    brief: str = ""
    colour: str = "neutral"
    icon: str = "waiting"
    told_below: bool = False


def words_of(snapshot: Snapshot) -> Words:
    """Say what the engine does, or what the gradients of its newest step say."""
    if snapshot.state is State.FAILED:
        failure = snapshot.failure
        message = failure.message if failure is not None else ""
        if failure is not None and failure.refused is not None:
            message = refusal_words(failure.refused)
        if failure is not None and failure.run:
            # The first of them is the one that everything here speaks of.
            message = translate("Verdict", "Run {0}: {1}").format(failure.run + 1, message)
        if failure is not None and failure.hint:
            message = f"{engine_text(failure.hint)}  ·  {message}"
        headline = translate("Verdict", "The engine stopped")
        return Words(headline, message, colour="diverged", icon="diverged")
    if snapshot.state in (State.LOADING, State.BUILDING) or not snapshot.runs:
        detail = translate("Verdict", "An experiment can be chosen already.")
        return Words(_sentence(engine_text(snapshot.state.value)), detail)
    words = run_words(snapshot.runs[0])
    if words is None:
        return Words(
            translate("Verdict", "Ready"),
            translate("Verdict", "Press Run, or the space bar, to train."),
        )
    return words


def run_words(run: RunSnapshot) -> Words | None:
    """Say what the gradients of a run say; None where nothing has been measured."""
    if run.diagnosis is None or run.record is None:
        return None
    return _verdict_words(run, run.diagnosis)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + " …"


def _verdict_words(run: RunSnapshot, diagnosis: Diagnosis) -> Words:
    assert run.record is not None
    verdict = diagnosis.verdict
    at_step = translate("Verdict", "step {0}").format(run.record.step)
    if diagnosis.first_bad is not None:
        where = _first_bad_brief(diagnosis.first_bad).split("  ·  ")
        return Words(
            translate("Verdict", "Diverged"),
            _first_bad_words(diagnosis.first_bad),
            tuple("  ·  ".join(where[:count]) for count in range(len(where), 0, -1)),
            colour="diverged",
            icon="diverged",
            told_below=True,
        )
    if verdict == "no gradient":
        detail = f"{_zero_words(run, diagnosis)}  ·  {at_step}"
        headline = translate("Verdict", "No gradient")
        return Words(headline, detail, colour="vanishing", icon="vanishing")
    if verdict == "too shallow to tell":
        detail = translate("Verdict", "A slope needs at least two hidden layers.")
        return Words(translate("Verdict", "Too shallow to tell"), detail)
    title = verdict if diagnosis.decisive is None else diagnosis.decisive.title
    headline = {
        "vanishing": translate("Verdict", "Vanishing"),
        "weakly vanishing": translate("Verdict", "Weakly vanishing"),
        "healthy": translate("Verdict", "Healthy"),
        "weakly exploding": translate("Verdict", "Weakly exploding"),
        "exploding": translate("Verdict", "Exploding"),
    }.get(title) or engine_text(title).capitalize()
    shape = next((s for s in ("vanishing", "exploding", "healthy") if s in verdict), "")
    decided = _deciding_words(diagnosis)
    brief = headline
    if decided:
        headline = translate("Verdict", "{0}: {1}").format(headline, decided)
    shape = shape or _LIKENESS.get(verdict, "diverged")
    if verdict == "saturated" and diagnosis.decades < -_GROWN_DECADES:
        # What few units let pass may grow all the same, as the heatmap beside shows.
        shape = "exploding"
    colour = _COLOURS.get(shape, shape)
    if math.isnan(diagnosis.decades) and diagnosis.layers_used < run.config.depth:
        # A slope over the layers that do have a gradient would tell of them only.
        zero = f"{_zero_words(run, diagnosis)}  ·  {at_step}"
        return Words(headline, zero, brief=brief, colour=colour, icon=shape)
    detail = translate("Verdict", "from layer {0} back to layer 1").format(run.config.depth)
    if math.isnan(diagnosis.decades):
        return Words(headline, at_step, brief=brief, colour=colour, icon=shape)
    factor = translate("Verdict", "×{0} per layer").format(
        numbers.factor(diagnosis.factor_per_layer)
    )
    bare = factor
    if run.prediction is not None and math.isfinite(run.prediction.factor_per_layer):
        expected = numbers.factor(run.prediction.factor_per_layer)
        theory = theory_words(run.prediction).format(expected)
        typical = run.prediction.typical_factor_per_layer
        if math.isfinite(typical):
            told = translate("Verdict", "{0}, typically ×{1}")
            theory = told.format(theory, numbers.factor(typical))
        factor += f"  ({theory})"
    dead = run.config.depth - diagnosis.layers_used
    when = _when(diagnosis)
    lines = [factor, detail, *when]
    if dead > 0:
        lines.insert(
            2,
            translate("Verdict", "exactly zero in {0} of {1} layers").format(
                dead, run.config.depth
            ),
        )
    # The headline has the number already; of which steps it is stands nowhere else.
    shorter = tuple(
        "  ·  ".join(words) for words in ([factor, *when], [bare, *when], when, when[:1])
    )
    return Words(headline, "  ·  ".join(lines), shorter, brief=brief, colour=colour, icon=shape)


def _when(diagnosis: Diagnosis) -> list[str]:
    """Say of which steps the number is; and what the newest says, where that is another thing."""
    first, last = diagnosis.typical_steps
    if first == last:
        return [translate("Verdict", "step {0}").format(last)]
    lines = [translate("Verdict", "median of steps {0} to {1}").format(first, last)]
    newest = diagnosis.newest_decades
    if not abs(newest - diagnosis.decades) < _APART_DECADES:
        said = translate("Verdict", "no slope") if math.isnan(newest) else _decades_words(newest)
        lines.append(translate("Verdict", "step {0} alone: {1}").format(last, said))
    return lines


def theory_words(prediction: Prediction) -> str:
    """Name the factor that theory expects, and how far it can be trusted."""
    from engine.theory.standing import Standing

    if prediction.standing is Standing.APPROXIMATE:
        return translate("Verdict", "theory at initialisation, approximate: ×{0}")
    return translate("Verdict", "theory at initialisation: ×{0}")


def _deciding_words(diagnosis: Diagnosis) -> str:
    """Say in a few words, and a number, what made the verdict."""
    from gui.sentences import sentence_text

    decisive, decades = diagnosis.decisive, diagnosis.decades
    if decisive is None:
        return "" if math.isnan(decades) else _decades_words(decades)
    if decisive.decades * decades > 0.0:
        # As it is now, and not as at the last reading.
        return _decades_words(decades)
    return sentence_text(decisive.brief)


def _zero_words(run: RunSnapshot, diagnosis: Diagnosis) -> str:
    depth = run.config.depth
    text = translate("Verdict", "The gradient is exactly zero in {0} of {1} layers")
    return text.format(depth - diagnosis.layers_used, depth)


def _decades_words(decades: float) -> str:
    text = f"{abs(decades):.1f}"
    if decades > 0:
        return translate("Verdict", "{0} decades lost").format(text)
    return translate("Verdict", "{0} decades gained").format(text)


def _first_bad_words(bad: FirstBad) -> str:
    tensor = {
        "h": translate("Verdict", "the activations h"),
        "loss": translate("Verdict", "the loss"),
        "dL/dh": translate("Verdict", "the gradient ∂L/∂h"),
        "dL/dW": translate("Verdict", "the gradient ∂L/∂W"),
        "W": translate("Verdict", "the weights W"),
    }.get(bad.tensor, bad.tensor)
    where = _place_of(bad)
    if not where:
        text = translate("Verdict", "At step {0}, {1} became the first value that is not finite.")
        return spaced(text.format(bad.step, tensor))
    text = translate("Verdict", "At step {0}, {1} of {2} became the first that are not finite.")
    return spaced(text.format(bad.step, tensor, where))


def _place_of(bad: FirstBad) -> str:
    """Name the layer; empty where it was in none."""
    if bad.layer == OUTPUT_LAYER:
        return translate("Verdict", "the output layer")
    return translate("Verdict", "layer {0}").format(bad.layer) if bad.layer else ""


def _first_bad_brief(bad: FirstBad) -> str:
    """Say when and where, as briefly as it can be said."""
    tensor = bad.tensor.replace("dL", "∂L").replace("/d", "/∂")
    step = translate("Verdict", "step {0}").format(bad.step)
    return spaced("  ·  ".join(filter(None, (step, _place_of(bad), tensor))))


class Headline(ElidedLabel):
    """A line in the largest type of a few that there is room for; its height is that of the first.

    A verdict that is too long for its place is smaller, then briefer, before it is cut.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points = looks.VERDICT_POINTS
        self._whole = self._brief = ""
        self._fit()

    def set_texts(self, whole: str, brief: str = "") -> None:
        """Say something, or the same in fewer words where there is no room for it."""
        if (whole, brief) != (self._whole, self._brief):
            self._whole, self._brief = whole, brief or whole
            self.setText(whole)

    def whole_text(self) -> str:
        return self._whole

    def _fit(self) -> None:
        largest = QFontMetrics(looks.font(_HEADLINE_POINTS[0], strong=True))
        self.setFont(looks.font(self._points, strong=True))
        self.setFixedHeight(largest.height())

    def choose_size(self, room: int) -> int:
        """Take the largest type that fits into so many pixels, and return how many it takes."""
        text, self._points = self.way(room)
        self.setText(text)
        self._fit()
        return _length(text, self._points)

    def way(self, room: int) -> tuple[str, float]:
        """Return what is to be said in so many pixels, and in which size of type."""
        ways = [(t, p) for t in (self._whole, self._brief) for p in _HEADLINE_POINTS]
        return next((way for way in ways if _length(*way) <= room), ways[-1])


def _length(text: str, points: float) -> int:
    """Return how many pixels a headline takes in a size of type."""
    return QFontMetrics(looks.font(points, strong=True)).horizontalAdvance(text)


class VerdictBanner(Card):
    """The verdict in large type, with a shape and a colour of its own; reasons and cures below.

    Attributes:
        cure_chosen: the experiment with a cure that the person wants.
        autopsy_wanted: all that was found is to be shown, and what happened.
        thresholds_wanted: the conventions are to be shown.
    """

    cure_chosen = Signal(RunConfig)
    autopsy_wanted = Signal()
    thresholds_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title.hide()
        self.reading.hide()
        self._theme = looks.LIGHT
        self._words = Words("")
        self._sign = ("", "")
        self._narrow = False
        self._brief = False
        self._keeps_advice = False
        self._shape = QLabel()
        self._shape.setFixedSize(_ICON_PIXELS, _ICON_PIXELS)
        self.headline = Headline()
        self.detail = FittingLabel()
        self.advice = AdviceRow()
        for label in (self.headline, self.detail):
            label.let_copy()
        self.details_button = FlatButton()
        self.details_button.hide()
        lines = QVBoxLayout()
        # Chinese signs fill the whole height of their line.
        lines.setSpacing(looks.GAP // 2)
        lines.addWidget(self.headline)
        lines.addWidget(self.detail)
        row = self._head = QHBoxLayout()
        row.setSpacing(3 * looks.GAP)
        row.setContentsMargins(looks.GAP, 0, 0, 0)
        row.addWidget(self._shape)
        row.addLayout(lines, 1)
        row.addWidget(self.advice.bar)
        row.addWidget(self.details_button)
        self.body.addLayout(row)
        self.advice.cure_chosen.connect(self.cure_chosen)
        self.advice.autopsy_wanted.connect(self.autopsy_wanted)
        self.advice.thresholds_wanted.connect(self.thresholds_wanted)
        self.advice.type_changed.connect(self._give_room)
        self.body.addWidget(self.advice)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._theme = theme
        self.details_button.set_theme(theme)
        self.advice.set_theme(theme)
        self._paint_words()

    def retranslate(self) -> None:
        """Take the texts of the language in force; the verdict follows with the next look."""
        self.details_button.setText(self.tr("Details …"))
        self.advice.retranslate()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Say what a snapshot says."""
        failure = snapshot.failure
        self.details_button.setVisible(failure is not None and bool(failure.traceback))
        offered = self.advice.least_room()
        self.advice.show_snapshot(snapshot)
        words = words_of(snapshot)
        if words == self._words:
            if offered != self.advice.least_room():
                self._give_room()
            return
        self._words = words
        self._paint_words()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_room()

    def _give_room(self) -> None:
        """Let the cures have what the headline leaves."""
        self._place_cures()
        margins = 2 * looks.CARD_MARGIN + _ICON_PIXELS + 8 * looks.GAP
        room = self.width() - margins
        if self._narrow:
            self.advice.say_factors(True)
            self.headline.choose_size(room)
            self.advice.set_room(room - self.advice.more.sizeHint().width())
            return
        with_factor = room - self.advice.least_room()
        without = room - self.advice.least_room(factor=False)
        # A hall reads the headline from afar, and a button's tool tip has the factor as well.
        fits = self.headline.way(with_factor) == self.headline.way(without)
        factor = fits or not looks.is_large()
        self.advice.say_factors(factor)
        headline = self.headline.choose_size(with_factor if factor else without)
        self.advice.set_room(room - headline)

    def show_advice(self, shown: bool) -> None:
        """Say the reasons and offer the cures, or keep them for a while."""
        self._keeps_advice = not shown
        self._show_parts()

    def show_brief(self, brief: bool) -> None:
        """Leave the reasons to the findings, where the pictures need the room; or say them."""
        if brief != self._brief:
            self._brief = brief
            self._give_room()
            self._show_parts()

    def _show_parts(self) -> None:
        self.advice.setVisible(not self._keeps_advice and not self._brief)
        self._write_detail()
        self.advice.bar.setVisible(not self._keeps_advice)

    def _place_cures(self) -> None:
        """Put the cures below the headline, in the place of the reasons, or beside it."""
        narrow = looks.is_large() and self.width() < looks.scaled(_NARROW) and not self._brief
        if narrow == self._narrow:
            return
        self._narrow = narrow
        if narrow:
            self._head.removeWidget(self.advice.bar)
            self.advice.take_bar()
        else:
            self.advice.give_bar()
            self._head.insertWidget(self._head.count() - 1, self.advice.bar)

    def _write_detail(self) -> None:
        words = self._words
        told = words.told_below and not self.advice.isHidden()
        self.detail.set_texts(*([] if told else [words.detail]), *words.shorter)

    def _paint_words(self) -> None:
        words = self._words
        colour = getattr(self._theme, words.colour)
        self.headline.set_texts(words.headline, words.brief)
        self._write_detail()
        self._give_room()
        if (words.icon, colour) == self._sign:
            return
        self._sign = words.icon, colour
        palette = self.headline.palette()
        palette.setColor(palette.ColorRole.WindowText, colour)
        self.headline.setPalette(palette)
        size = _ICON_PIXELS
        picture = icons.icon(words.icon, colour, size=size)
        self._shape.setPixmap(
            picture.pixmap(
                self._shape.size().scaled(size, size, Qt.AspectRatioMode.KeepAspectRatio),
                self.devicePixelRatioF(),
            )
        )
