"""How the sizes of the gradient and of the activations change over the layers."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

# Slopes between all pairs of 2000 layers would be two million; so many tell no more than some.
MOST_SLOPE_LAYERS = 256
# So many tell what is far from a limit; it is looked for in every step.
MOST_QUICK_LAYERS = 32


def theil_sen_slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return the median of the slopes of all pairs of points (Sen 1968).

    A single corrupted layer moves it hardly at all, unlike least squares. NaN for fewer than
    two points.
    """
    if len(x) < 2:
        return float("nan")
    left, right = _pairs(len(x))
    return float(np.median((y[right] - y[left]) / (x[right] - x[left])))


@lru_cache(maxsize=8)
def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the places of the first and of the second of every pair."""
    left, right = np.triu_indices(count, k=1)
    return left, right


def slope_of(norms: NDArray[np.float64]) -> tuple[float, int]:
    """Return the Theil-Sen slope of log10(norm) per layer, and how many layers entered.

    Zeros and non-finite norms are left out.
    """
    usable = np.flatnonzero(np.isfinite(norms) & (norms > 0))
    chosen = usable[_some(len(usable), MOST_SLOPE_LAYERS)]
    return theil_sen_slope(chosen.astype(np.float64), np.log10(norms[chosen])), len(usable)


def slope_of_logs(logs: NDArray[np.float64]) -> float:
    """Return the Theil-Sen slope per layer of logarithms, one for each layer; NaN where one is."""
    chosen = _some(len(logs), MOST_SLOPE_LAYERS)
    with np.errstate(invalid="ignore"):
        return theil_sen_slope(chosen.astype(np.float64), logs[chosen])


def _some(count: int, most: int) -> NDArray[np.intp]:
    """Return the places of at most so many, evenly among all."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype(np.intp)


def gradient_decades(norms: NDArray[np.float64]) -> tuple[float, int]:
    """Return the decades lost from the last to the first hidden layer, and the layers used.

    Args:
        norms: L2 norms of dL/dh in layers 1 … depth; zeros and non-finite ones are left out.

    Returns:
        Theil-Sen slope of log10(norm) over the layers, times (depth - 1), and the number of
        layers that entered. (NaN, n) where fewer than two did, or where the first or
        the last did not.
    """
    slope, used = slope_of(norms)
    ends = norms[[0, -1]]
    if not (np.isfinite(ends) & (ends > 0)).all():
        return float("nan"), used
    return slope * (len(norms) - 1), used


def decades_of_steps(norms: NDArray[np.float64]) -> list[float]:
    """Return the decades lost in each of several steps, quickly: in deep networks of some layers.

    Args:
        norms: (steps, depth).
    """
    depth = norms.shape[1]
    layers = _some(depth, MOST_QUICK_LAYERS)
    some = norms[:, layers]
    if depth < 2 or not (np.isfinite(some) & (some > 0.0)).all():
        return [gradient_decades(each)[0] for each in norms]
    logs, (left, right) = np.log10(some), _pairs(len(layers))
    slopes = (logs[:, right] - logs[:, left]) / (layers[right] - layers[left])
    return [float(slope) * (depth - 1) for slope in np.median(slopes, axis=1)]


def bend(
    norms: NDArray[np.float64], decades: float, least: float
) -> tuple[float, float, float] | None:
    """Return how the norms of dL/dh depart from a straight line over the layers.

    Args:
        norms: in layers 1 … depth.
        decades: lost by the slope over all layers.
        least: difference in decades from which there is something to say.

    Returns:
        The decades by the slope, those from the last layer to the first, and the number of the
        layer that lies farthest from the straight line between the two; None where both say the
        same, or where one is not known.
    """
    there = np.flatnonzero(np.isfinite(norms) & (norms > 0.0))
    if math.isnan(decades) or len(there) < 3:
        return None
    logs = np.log10(norms[there])
    ends = float(logs[-1] - logs[0])
    if abs(ends - decades) < least:
        return None
    chord = np.interp(there, there[[0, -1]], logs[[0, -1]])
    return decades, ends, float(there[np.argmax(np.abs(logs - chord))]) + 1.0


def forward_growth(rms: NDArray[np.float64]) -> float:
    """Return by how much the mean square of h grows from the first hidden layer to the last.

    Args:
        rms: of h in layers 1 … depth.

    Returns:
        NaN where the first is zero or not finite.
    """
    if not 0.0 < rms[0] < math.inf:
        return math.nan
    with np.errstate(over="ignore"):
        return float((rms[-1] / rms[0]) ** 2)
