"""What the profile says: the slope measured, the slope predicted, and how far to trust it."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.snapshot import RunSnapshot
from gui import numbers
from gui.changes import change_text
from gui.translation import engine_text, spaced

translate = QCoreApplication.translate


# A line, and the same in ever fewer words.
Texts = tuple[str, ...]


# The first and the last of the layers that a factor is of, where it is not of all.
Stretch = tuple[int, int] | None


def slope_words(factor: float, decades: float | None, stretch: Stretch = None) -> Texts:
    """Say a factor per layer and, going back, the powers of ten it adds up to.

    Args:
        factor: per layer; NaN where there is none.
        decades: in all; None: they are not told.
        stretch: of which layers; None: of all.
    """
    if not math.isfinite(factor):
        text = translate("Profile", "no slope")
        return (text,) * 3
    number = numbers.factor(factor)
    text = translate("Profile", "×{0} per layer").format(number)
    if stretch is not None:
        some = translate("Profile", "×{0} per layer in layers {1}–{2}").format(number, *stretch)
        return some, text, f"×{number}"
    if decades is None:
        return text, f"×{number}", f"×{number}"
    amount = f"{abs(decades):.1f}"
    words = (
        translate("Profile", "{0} decades lost")
        if decades >= 0
        else translate("Profile", "{0} decades gained")
    )
    # In short its sign says whether they are lost or gained; none where it rounds to nothing.
    sign = "" if float(amount) == 0.0 else "−" if decades > 0 else "+"
    short = translate("Profile", "{0} decades").format(f"{sign}{amount}")
    both = translate("Profile", "{0}, {1}")
    long = both.format(text, words.format(amount))
    return long, both.format(f"×{number}", short), f"×{number}"


def _forward_factor(rms: np.ndarray) -> tuple[float, Stretch]:
    """Return by how much the activations are multiplied per hidden layer, and in which layers.

    Between the first and the last that are neither zero nor beyond all numbers.
    """
    hidden = rms[:-1]
    there = np.flatnonzero(np.isfinite(hidden) & (hidden > 0.0))
    if len(there) < 2:
        return math.nan, None
    first, last = int(there[0]), int(there[-1])
    rise = math.log(float(hidden[last])) - math.log(float(hidden[first]))
    return math.exp(rise / (last - first)), _stretch(there, len(hidden))


def _stretch(there: np.ndarray, depth: int) -> Stretch:
    """Return the first and the last of some layers, counted from 1; None where both ends are."""
    first, last = int(there[0]), int(there[-1])
    return None if (first, last) == (0, depth - 1) else (first + 1, last + 1)


def _lines(name: str, sign: str, measured: Texts, predicted: Texts | None) -> tuple[Texts, Texts]:
    """Return the line of what was measured and that of what theory expects."""
    if predicted is None:
        expected: Texts = (translate("Profile", "no theory"),)
    else:
        theory = translate("Profile", "theory {0}")
        expected = tuple(spaced(theory.format(words)) for words in predicted)
    long = spaced(translate("Profile", "{0} {1}").format(name, measured[0]))
    return (long, *(f"{sign} {words}" for words in measured[1:])), expected


def forward_words(run: RunSnapshot | None) -> tuple[Texts, Texts]:
    """Return what was measured going forward, and what theory expects."""
    name = translate("Profile", "Forward")
    if run is None or run.record is None:
        return (name,), ("",)
    factor, stretch = _forward_factor(run.record.layer("activation_rms"))
    measured = slope_words(factor, None, stretch)
    predicted = None
    if run.prediction is not None and np.isfinite(run.prediction.activation_rms).all():
        predicted = slope_words(_forward_factor(run.prediction.activation_rms)[0], None)
    return _lines(name, "→", measured, predicted)


def backward_words(run: RunSnapshot | None) -> tuple[Texts, Texts]:
    """Return what was measured going back, and what theory expects, or why it expects nothing."""
    from engine.theory.standing import Reason, Standing

    name = translate("Profile", "Backward")
    if run is None or run.record is None:
        return (name,), ("",)
    prediction = run.prediction
    measured = slope_words(*_drawn_slope(run))
    predicted = None
    if prediction is not None and math.isfinite(prediction.decades):
        predicted = slope_words(prediction.factor_per_layer, prediction.decades)
        typical = prediction.typical_factor_per_layer
        if math.isfinite(typical):
            told = translate("Profile", "{0}, typically ×{1}")
            predicted = tuple(told.format(words, numbers.factor(typical)) for words in predicted)
    lines = _lines(name, "←", measured, predicted)
    if prediction is not None and prediction.standing is Standing.FORWARD_ONLY:
        why = translate("Profile", "no theory: the gradient is not finite")
        if Reason.RARE_DRAWS in prediction.reasons:
            why = translate("Profile", "no theory: hardly any unit passes a gradient on")
        elif _begins_at_zero(run):
            why = translate("Profile", "no theory: the gradient is zero")
        return lines[0], (why, *lines[1])
    return lines


def _drawn_slope(run: RunSnapshot) -> tuple[float, float, Stretch]:
    """Return the factor per layer and the decades lost of the very step whose dots are drawn.

    Where the first or the last layer gets none there are no decades, and the factor is of the
    layers between those that do.
    """
    from engine.diagnosis import slope_of

    decades = math.nan if run.diagnosis is None else run.diagnosis.newest_decades
    depth, stretch = run.config.depth, None
    slope = decades / (depth - 1) if depth > 1 else math.nan
    if math.isnan(slope) and run.record is not None:
        norms = run.record.layer("activation_grad_norm")[:-1]
        slope, used = slope_of(norms)
        if used > 1:
            stretch = _stretch(np.flatnonzero(np.isfinite(norms) & (norms > 0.0)), depth)
    with np.errstate(over="ignore"):
        return float(10.0 ** np.float64(-slope)), decades, stretch


def _begins_at_zero(run: RunSnapshot) -> bool:
    """Say whether the last hidden layer's gradient, as it was measured first, is zero."""
    return run.anchor is not None and run.anchor.last_gradient_norm == 0.0


def standing_words(run: RunSnapshot | None, way: float) -> Texts:
    """Say what was changed last, how far the theory can be trusted, and how old it is.

    Args:
        run: at a step; None: there is nothing to say.
        way: as `engine.theory.drift.way_of_weights` returns it.
    """
    told = _theory_words(run, way)
    changed = _changed_words(run)
    if not changed:
        return told
    both = tuple("  ·  ".join((changed[0], words)) for words in told if words)
    brief = (f"{changed[1]}  ·  {told[-1]}",) if told[-1] else ()
    return (*both, *brief, *changed)


def _changed_words(run: RunSnapshot | None) -> Texts:
    """Name the last change of the experiment with its date: a mark that has no place on layers."""
    if run is None or run.record is None:
        return ()
    made = [change for change in run.changes if change.step <= run.record.step]
    if not made:
        return ()
    step = made[-1].step
    what = ", ".join(change_text(change) for change in made if change.step == step)
    if step == 0:
        return translate("Profile", "changed before step 1: {0}").format(what), translate(
            "Profile", "changed before step 1"
        )
    long = translate("Profile", "changed after step {0}: {1}").format(step, what)
    return long, translate("Profile", "changed after step {0}").format(step)


def _theory_words(run: RunSnapshot | None, way: float) -> Texts:
    from engine.theory.drift import UNMOVED
    from engine.theory.standing import Standing

    if run is None or run.prediction is None:
        return ("",)
    prediction = run.prediction
    reasons = "; ".join(engine_text(reason.value) for reason in prediction.reasons)
    if prediction.standing is Standing.NONE:
        return translate("Profile", "No theory: {0}").format(reasons), translate(
            "Profile", "no theory"
        )
    if prediction.standing is Standing.APPROXIMATE:
        text = translate("Profile", "Theory at initialisation, approximate: {0}").format(reasons)
        short = translate("Profile", "approximate theory")
    elif prediction.standing is Standing.FORWARD_ONLY:
        text = translate("Profile", "Theory at initialisation, only forward: {0}").format(reasons)
        short = translate("Profile", "theory only forward")
    elif prediction.reasons:
        text = translate("Profile", "Theory at initialisation; {0}").format(reasons)
        short = translate("Profile", "theory, ∂L/∂W approximate")
    else:
        text = short = translate("Profile", "Theory at initialisation")
    if way <= UNMOVED:
        return text, short
    share = numbers.percent(way)
    moved = translate("Profile", "weights moved by up to {0} of their size on average").format(
        share
    )
    briefly = translate("Profile", "moved up to {0} of ‖W‖").format(share)
    if way >= 1.0:
        moved = translate("Profile", "weights moved by more than their own size")
        briefly = translate("Profile", "moved far")
    return f"{moved}  ·  {text}", f"{briefly}  ·  {short}", briefly
