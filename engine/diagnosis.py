"""The verdict on a run, from the arrays that were measured.

The gradient with respect to the activations is judged, not the one with respect to the
weights: the latter is the product of the forward and the backward size of a layer, in which
the two trends cancel (Glorot and Bengio 2010, equation 14 and figure 8).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.history import HistoryView
from engine.record import FirstBad, StepRecord


@dataclass(frozen=True)
class Thresholds:
    """The conventions behind the verdicts.

    Attributes:
        strong_decades: from here on the gradient has vanished or exploded; the first layer
            gets less than 1e-3 or more than 1e3 of the last (AutoTrainer, Zhang et al. 2021,
            uses 1e-3 for the weight gradients).
        weak_decades: from here on the change is larger than chance between seeds.
        gradient_range: the range a healthy gradient keeps (Mu Li's lecture): [1e-6, 1e3].
    """

    strong_decades: float = 3.0
    weak_decades: float = 1.0
    gradient_range: tuple[float, float] = (1e-6, 1e3)


THRESHOLDS = Thresholds()
VERDICTS = (
    "vanishing",
    "weakly vanishing",
    "healthy",
    "weakly exploding",
    "exploding",
    "no gradient",
    "diverged",
    "too shallow to tell",
)


@dataclass(frozen=True)
class Diagnosis:
    """What the gradients say.

    Attributes:
        verdict: one of `VERDICTS`.
        decades: powers of ten lost on the way from the last to the first hidden layer;
            negative where the gradient grows. NaN where the first or the last layer gets none:
            nothing is said about layers that were not measured.
        factor_per_layer: by how much the gradient's norm is multiplied per layer going back;
            NaN likewise.
        layers_used: number of layers whose gradient is finite and not zero.
        first_bad: the first non-finite value of the run, or None.
    """

    verdict: str
    decades: float
    factor_per_layer: float
    layers_used: int
    first_bad: FirstBad | None


def theil_sen_slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the median of the slopes of all pairs of points (Sen 1968).

    A single corrupted layer moves it hardly at all, unlike least squares. NaN for fewer than
    two points.
    """
    if len(x) < 2:
        return float("nan")
    left, right = np.triu_indices(len(x), k=1)
    return float(np.median((y[right] - y[left]) / (x[right] - x[left])))


# Slopes between all pairs of 2000 layers would be two million; so many tell no more than some.
MOST_SLOPE_LAYERS = 256


def gradient_decades(norms: NDArray[np.float64]) -> tuple[float, int]:
    """Return the decades lost from the last to the first hidden layer, and the layers used.

    Args:
        norms: L2 norms of dL/dh in layers 1 … depth; zeros and non-finite ones are left out.

    Returns:
        Theil-Sen slope of log10(norm) over the layers, times (depth - 1), and the number of
        layers that entered. (NaN, n) where fewer than two did, or where the first or
        the last did not.
    """
    layers = np.arange(len(norms), dtype=np.float64)
    usable = np.isfinite(norms) & (norms > 0)
    used = int(usable.sum())
    chosen = np.flatnonzero(usable)
    if used > MOST_SLOPE_LAYERS:
        chosen = chosen[np.linspace(0, used - 1, MOST_SLOPE_LAYERS).round().astype(int)]
    if not used or not (usable[0] and usable[-1]):
        return float("nan"), used
    slope = theil_sen_slope(layers[chosen], np.log10(norms[chosen]))
    return slope * (len(norms) - 1), used


# A batch differs from the next by some hundredths of a decade, and by much more once the loss
# hangs on a few samples; the verdict is on the typical batch of this many steps.
TYPICAL_STEPS = 25


def typical_norms(history: HistoryView) -> NDArray[np.float64]:
    """Return the median norm of dL/dh in layers 1 … depth over the last steps, shape (depth,)."""
    series = history.layers
    columns = -(-TYPICAL_STEPS // series.stride)
    norms = history.layer("activation_grad_norm", start=max(0, len(series) - columns))
    return np.asarray(np.median(norms[:, :-1], axis=0))


def diagnose(
    record: StepRecord, history: HistoryView, thresholds: Thresholds = THRESHOLDS
) -> Diagnosis:
    """Judge a run at its newest step.

    Args:
        record: the newest step.
        history: of the run, that step included.
        thresholds: the conventions.
    """
    # Once something has stopped being finite, only the step itself is of interest; before the
    # first step there is nothing else.
    if record.first_bad is None and len(history.layers):
        norms = typical_norms(history)
    else:
        norms = record.layer("activation_grad_norm")[:-1]
    decades, used = gradient_decades(norms)
    depth = len(norms)
    factor = 10.0 ** (-decades / (depth - 1)) if depth > 1 else float("nan")
    return Diagnosis(
        verdict=_verdict(record, decades, norms, thresholds),
        decades=decades,
        factor_per_layer=factor,
        layers_used=used,
        first_bad=record.first_bad,
    )


def _verdict(
    record: StepRecord, decades: float, norms: NDArray[np.float64], thresholds: Thresholds
) -> str:
    if record.first_bad is not None:
        return "diverged"
    if len(norms) < 2:
        return "too shallow to tell"
    if math.isnan(decades):
        # Nothing at all reaches the first layer, or leaves the last.
        return "vanishing" if norms[-1] > 0 else "no gradient"
    if decades >= thresholds.strong_decades:
        return "vanishing"
    if decades <= -thresholds.strong_decades:
        return "exploding"
    if decades >= thresholds.weak_decades:
        return "weakly vanishing"
    if decades <= -thresholds.weak_decades:
        return "weakly exploding"
    return "healthy"
