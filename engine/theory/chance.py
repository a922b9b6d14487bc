"""What chance does at finite width: how networks of one draw differ from the mean over all."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from engine.activations import Array
from engine.theory.recursion import LayerTheory

# Samples count as growing apart where a small difference between two is multiplied by more per
# layer, in the square: SELU with LeCun's scheme, 1.07, is the first that is told.
GROWS_APART = 1.05


def layer_noise(layers: list[LayerTheory], widths: Sequence[int]) -> Array:
    """Return what each layer adds to the variance of ln ‖dL/dh‖² of one sample, (depth,).

    Hanin and Nica 2019, theorem 1, for a general φ: (3 κ − 1) / n.
    """
    kurtosis = np.array([layer.at.slope_kurtosis for layer in layers])
    return np.asarray((3.0 * kurtosis - 1.0) / np.array(widths[1:-1], np.float64))


def keeps_samples_alike(layers: list[LayerTheory], dropout: float) -> bool:
    """Say whether the samples of a batch stay alike: chance does to all what it does to one.

    A small difference between two samples is multiplied by χ_l E h²_{l−1} / E h²_l per layer, in
    the square, in comparison with the samples themselves (Schoenholz et al. 2017, eq. 6 at
    c = 1). Where that is more than 1, and under dropout, they are soon as good as independent, and
    what chance does to each averages out over the batch.
    """
    if dropout > 0.0 or len(layers) < 2:
        return not dropout > 0.0
    chi = np.array([layer.chi for layer in layers[1:]])
    with np.errstate(divide="ignore", invalid="ignore"):
        first, last = np.log([layers[0].stream, layers[-1].stream])
        apart = float(np.log(chi).sum() + first - last)
    return not apart > (len(layers) - 1) * math.log(GROWS_APART)


def spread(layers: list[LayerTheory], widths: Sequence[int]) -> Array:
    """Return S, the variance of ln ‖dL/dh_l‖² between networks, 0 at the last hidden layer.

    Hanin and Nica 2019, theorem 1, for a general φ: (3 κ − 1) / n from each layer that is
    passed. With a skip connection the branch has the share r / (1 + r) of the square, and its
    cross term with the stream the variance 4 r / (n (1 + r)²).
    """
    spread = np.full(len(layers) + 1, np.nan)
    noises, total = layer_noise(layers, widths), 0.0
    for layer in reversed(range(len(layers))):
        spread[layer] = total
        noise = float(noises[layer])
        if layers[layer].skips:
            r = layers[layer].branch_chi
            noise = (noise * r * r + 4.0 * r / widths[layer + 1]) / (1.0 + r) ** 2
        total += noise
    return spread


def weight_spread(
    layers: list[LayerTheory],
    widths: Sequence[int],
    biases: Array,
    spread: Array,
    normalised: bool,
) -> Array:
    """Return the variance of ln ‖dL/dW_l‖² between networks, for one sample.

    The norm is that of h_{l−1} times that of dL/dz_l, and the two hang on different layers: on
    those before and those behind. Going forward a layer deviates by (E φ⁴ / (E φ²)² − 1) / n
    (Hanin and Nica 2019: 5/n for ReLU, 2/n without φ), and the deviation travels on as far as the
    mean square follows the one before; φ′ adds 3 (κ − 1) / n to what `_spread` says of dL/dh_l.
    """
    depth = len(layers)
    variance, forward, total = np.zeros(depth + 1), 0.0, np.zeros(depth + 1)
    follows = np.zeros(depth)
    if not normalised:
        follows = elasticities(layers, biases) * [
            layer.at.mean_square_elasticity for layer in layers
        ]
    for index, layer in enumerate(layers):
        # The input is the data's own and differs in no network.
        variance[index] = forward
        own = (layer.at.kurtosis - 1.0) / widths[index + 1]
        share = 1.0 - layers[index - 1].stream / layer.stream if layer.skips else 1.0
        share = min(max(share, 0.0), 1.0)
        passed = (1.0 - share) + share * float(follows[index])
        cross = 4.0 * share * (1.0 - share) / widths[index + 1]
        forward = passed**2 * forward + share**2 * own + cross
    variance[depth] = forward
    total[:depth] = [
        3.0 * (layer.at.slope_kurtosis - 1.0) / widths[index + 1]
        for index, layer in enumerate(layers)
    ]
    # The output layer's own gradient is measured, and not predicted.
    behind = np.append(spread[:depth], 0.0)
    return np.asarray(variance + total + behind)


def elasticities(layers: list[LayerTheory], biases: Array) -> Array:
    """Return by how much ln E z² of each hidden layer follows ln E h² of the layer before.

    That is the share of the variance that does not come from the biases.
    """
    pre = np.array([layer.pre_variance for layer in layers])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1.0 - biases[:-1] / pre)


def factor_noise(layers: list[LayerTheory], passed_on: Array, widths: Sequence[int]) -> float:
    """Return the spread of the factor per layer from chance in the forward variance.

    A layer's mean square deviates by (E φ⁴ / (E φ²)² − 1) / n; the deviation travels on with
    the elasticity of the recursion, and D follows it with its own.
    """
    effect, total = 0.0, 0.0
    for index in reversed(range(1, len(layers))):
        # d ln G of all layers from here by d ln E h² of the layer before.
        at = layers[index].at
        effect = float(passed_on[index]) * (
            at.slope_elasticity + at.mean_square_elasticity * effect
        )
        # It is 1 where φ is as good as constant; a rounding may say less.
        excess = max(0.0, layers[index - 1].at.kurtosis - 1.0)
        total += effect**2 * excess / widths[index]
    return 0.5 * math.sqrt(total) / max(1, len(layers) - 1)
