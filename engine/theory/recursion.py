"""The recursion over the layers: variances forward, and the factor of each layer back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.initializers import INITIALIZERS
from engine.theory.gaussian import Moments, moments

if TYPE_CHECKING:
    from engine.config import RunConfig

# As engine.network adds it to every variance that it divides by.
NORMALIZATION_EPSILON = 1e-5


def weight_variances(config: RunConfig, widths: Sequence[int]) -> Array:
    """Return σ_w² = n_in Var W of every layer, the output layer too; NaN where it has none."""
    row = INITIALIZERS[config.initializer]
    scheme = np.array(
        [n_in * row.variance(n_in, n_out, config) for n_in, n_out in pairwise(widths)]
    )
    return np.asarray(scheme * config.gain**2)


def bias_variances(config: RunConfig, widths: Sequence[int]) -> Array:
    """Return σ_b² of every layer, the output layer too."""
    if config.bias_std > 0.0:
        return np.full(len(widths) - 1, config.bias_std**2)
    if INITIALIZERS[config.initializer].fill_bias is None:
        return np.zeros(len(widths) - 1)
    # torch.nn.Linear: b ~ U(−1/√n_in, 1/√n_in).
    return np.array([1.0 / (3.0 * n_in) for n_in in widths[:-1]])


def weights_from_data(
    config: RunConfig, widths: Sequence[int], biases: Array, input_mean_square: float
) -> Array:
    """LSUV divides so that E z² = 1: σ_w² = (1 − σ_b²) / E h² of the layer before.

    Mishkin and Matas 2016, algorithm 1; the gain comes after it, and so does dropout. The output
    layer stays orthogonal.
    """
    at, before = moments(config.activation, 1.0), np.empty(len(biases))
    stream, mean = input_mean_square, 0.0
    for layer in range(len(biases)):
        before[layer] = stream
        stream, mean = _onward(config, widths, layer, (stream, mean), at, 1.0)
    weights = (1.0 - biases) / before
    weights[weights <= 0.0] = np.nan
    weights[-1] = 1.0
    return np.asarray(weights * config.gain**2)


def can_skip(widths: Sequence[int], layer: int) -> bool:
    """As `engine.parameters.Layout.can_skip` says, hidden layers counted from 0."""
    return layer > 0 and widths[layer] == widths[layer + 1]


@dataclass(frozen=True)
class LayerTheory:
    """One hidden layer of the recursion.

    Attributes:
        pre_variance: E z².
        divisor: what normalisation divides z² by; 1 without.
        at: averages over the variance that φ sees.
        stream: E h² of what the layer gives on.
        branch_chi: σ_w² D through φ, normalisation and dropout.
        skips: its input is added to its output.
    """

    pre_variance: float
    divisor: float
    at: Moments
    stream: float
    branch_chi: float
    skips: bool

    @property
    def chi(self) -> float:
        return self.branch_chi + (1.0 if self.skips else 0.0)


def walk_forward(
    config: RunConfig,
    widths: Sequence[int],
    weights: Array,
    biases: Array,
    input_mean_square: float,
    samples: int,
) -> list[LayerTheory]:
    """Poole et al. 2016, eq. 3, with normalisation, dropout and skip connections."""
    keep = 1.0 - config.dropout
    stream, mean, before = input_mean_square, 0.0, -1.0
    layers: list[LayerTheory] = []
    for layer in range(len(widths) - 2):
        weight = float(weights[layer])
        pre_variance = weight * stream + float(biases[layer])
        # Once the variance has come to rest the averages are those of the layer before.
        if abs(pre_variance - before) <= 1e-13 * pre_variance:
            pre_variance = before
        before = pre_variance
        divisor = 1.0
        if config.normalization in ("layer", "rms"):
            # Ba et al. 2016; Zhang and Sennrich 2019: each sample by its own mean square.
            divisor = pre_variance + NORMALIZATION_EPSILON
            seen = pre_variance / divisor
        elif config.normalization == "batch":
            # Yang et al. 2019: each unit by its variance over the batch, in which the mean of
            # the activations and the bias are gone.
            over_batch = weight * (stream - mean * mean)
            divisor = over_batch + NORMALIZATION_EPSILON
            seen = over_batch / divisor
        else:
            seen = pre_variance
        at = moments(config.activation, seen)
        branch_chi = weight * at.slope / (keep * divisor)
        if config.normalization == "batch":
            # E 1/s² over B samples, and the projection that goes with it; exact for a linear
            # network.
            branch_chi *= (samples - 2) / (samples - 3)
        stream, mean = _onward(config, widths, layer, (stream, mean), at, keep)
        skips = _adds_its_input(config, widths, layer)
        layers.append(LayerTheory(pre_variance, divisor, at, stream, branch_chi, skips))
    return layers


def _adds_its_input(config: RunConfig, widths: Sequence[int], layer: int) -> bool:
    return config.skip == "residual" and can_skip(widths, layer)


def _onward(
    config: RunConfig,
    widths: Sequence[int],
    layer: int,
    came_in: tuple[float, float],
    at: Moments,
    keep: float,
) -> tuple[float, float]:
    """Return E h² and E h of what a layer gives on.

    Args:
        config: the experiment.
        widths: features, hidden widths, units of the output layer.
        layer: counted from 0.
        came_in: E h² and E h of its input.
        at: averages over what φ sees.
        keep: share that dropout leaves.
    """
    stream, mean = came_in
    if not _adds_its_input(config, widths, layer):
        return at.mean_square / keep, at.mean
    # Yang and Schoenholz 2017, with the mean that builds up where φ is not odd.
    return stream + at.mean_square / keep + 2.0 * mean * at.mean, mean + at.mean
