"""The one direction, along the activations, that the average over all directions leaves out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.theory.chance import elasticities
from engine.theory.recursion import LayerTheory

if TYPE_CHECKING:
    from engine.config import RunConfig

# What is no share at all, where a logarithm is taken.
SMALLEST_FOLLOWING = 1e-12


def log_lengthening(config: RunConfig, layers: list[LayerTheory], biases: Array) -> Array:
    """Return by how much ln √(E h²) of the last hidden layer follows that of each, as a logarithm.

    Where φ(0) is not zero a layer adds to the stream however long its input is.
    """
    stream = np.array([layer.stream for layer in layers])
    added = 1.0 - stream[:-1] / stream[1:]
    if config.normalization == "none":
        follows = elasticities(layers, biases) * [
            layer.at.mean_square_elasticity for layer in layers
        ]
    else:
        follows = np.zeros(len(layers))
    by_layer = np.log(np.maximum(1.0 - (1.0 - follows[1:]) * added, SMALLEST_FOLLOWING))
    return np.append(np.cumsum(by_layer[::-1])[::-1], 0.0)


def with_radial(
    log_norm: Array,
    layers: list[LayerTheory],
    widths: Sequence[int],
    log_lengthening: Array | float = 0.0,
) -> Array:
    """Return ln ‖dL/dh‖ where the mean of the activations adds up.

    One direction in n grows as the stream does; the longer of it and the average over all
    directions is taken for the whole. Measured in residual networks of six such activations,
    depths 5 to 50 and widths 32 to 128, the factor per layer of single networks was within 10 % of
    that, and on average within 4 %; with a normalisation within 8 and 3 %.
    """
    log_stream = np.log([layer.stream for layer in layers])
    radial = 0.5 * (log_stream[-1] - log_stream - np.log(widths[1:-1])) + log_lengthening
    longer = log_norm.copy()
    longer[:-1] = np.maximum(log_norm[:-1], log_norm[-2] + radial)
    return longer


def log_radial_share(layers: list[LayerTheory], passed_on: Array, widths: Sequence[int]) -> float:
    """Return ln of the squared gradient along the activations by that of the average.

    A longer h_l makes a longer h_L; that one direction in n is not among those averaged.
    """
    followed = passed_on[1:] * [layer.at.mean_square_elasticity for layer in layers[1:]]
    chi = np.array([layer.chi for layer in layers[1:]])
    if len(chi) == 0 or followed.min() <= 0.0 or chi.min() <= 0.0:
        return -math.inf
    stream = np.array([layers[0].stream, layers[-1].stream])
    if not (np.isfinite(stream).all() and stream.all()):
        return -math.inf
    longer = 2.0 * float(np.log(followed).sum()) + math.log(stream[1]) - math.log(stream[0])
    return longer - float(np.log(chi).sum()) - math.log(min(widths[1:-1]))
