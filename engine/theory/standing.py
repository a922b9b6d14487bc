"""How far the prediction can be trusted, and why not farther."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import ACTIVATIONS, Array
from engine.initializers import INITIALIZERS
from engine.theory.chance import elasticities, factor_noise, layer_noise
from engine.theory.gaussian import is_odd
from engine.theory.radial import log_radial_share
from engine.theory.recursion import LayerTheory, can_skip, weight_variances

if TYPE_CHECKING:
    from engine.config import RunConfig

# Below this width the Gaussian limit says little.
NARROW = 16
# Yang et al. 2019's average over the batch holds within a percent from here on.
SMALL_BATCH = 32
# Predicted share of the mean square that is noise, in one layer.
NOISY_LAYER = 0.1
# The same from which the mean over networks is of rare draws, and no network is like it.
LOST_LAYER = 2.0
# κ of ReLU is 2; beyond this most of E φ′² comes from few units.
FEW_UNITS_KURTOSIS = 5.0
# Predicted spread of the factor per layer that the noise of the forward variance causes.
NOISY_VARIANCE = 0.02
# Share of the gradient along the one direction that the recursion leaves out.
RADIAL_SHARE = 0.1
# Smooth and neither odd nor straight: 2 to 5 percent off under batch normalisation.
SMOOTH_AND_LOPSIDED = ("gelu", "silu", "mish", "softplus")


class Standing(StrEnum):
    """How far a line of the prediction can be trusted."""

    THEORY = "theory"
    APPROXIMATE = "approximate"
    FORWARD_ONLY = "forward only"
    NONE = "no theory"


class Reason(StrEnum):
    """Why there is no theory, or only an approximate one."""

    NOT_RANDOM = "the weights are not independent random draws"
    FROM_DATA = "the weights are scaled to the first batch, which the theory replaces by an average"
    HIGHWAY = "the gates of a highway have no simple theory"
    DROPOUT_AND_BATCH_NORM = "dropout and batch normalisation together have no simple theory"
    TINY_BATCH = "batch normalisation over fewer than four samples has no average"
    SMALL_BATCH = "the average over the batch assumes many samples, and fewer than units"
    LOPSIDED_BATCH_NORM = "batch normalisation of this activation tends to no symmetric state"
    RESIDUAL_MEAN = (
        "activations of non-zero mean add up on the skip connection; one direction then carries "
        "the gradient, and how much of it is only estimated"
    )
    RESIDUAL_OFFSET = (
        "activations that are not zero at zero add up on the skip connection, and how much of the "
        "gradient follows them is only estimated"
    )
    NARROW = "fewer than 16 units in a layer"
    FEW_UNITS = "most units are saturated, so that few carry the gradient"
    RARE_DRAWS = (
        "nearly all units are saturated: the average over all networks is that of a few rare ones, "
        "and hardly any is like it"
    )
    NOISY_VARIANCE = "chance at this width moves the size of the activations, and the slope with it"
    RADIAL = "one direction, along the activations, shrinks more slowly than the average"
    CANCELLING = (
        "the samples nearly cancel in ∂L/∂W, which is known only roughly, and not at all where its "
        "line has a gap"
    )
    NOTHING_MEASURED = "the input is not of a finite positive size"
    NO_LAST_GRADIENT = (
        "the gradient at the last hidden layer, on which the backward line hangs, is not of a "
        "finite positive size"
    )


# The average over all directions leaves one out.
ON_A_MEAN = {Reason.RESIDUAL_MEAN, Reason.RESIDUAL_OFFSET}
# Reasons that leave no line at all.
NO_LINE = {
    Reason.NOT_RANDOM,
    Reason.HIGHWAY,
    Reason.DROPOUT_AND_BATCH_NORM,
    Reason.TINY_BATCH,
    Reason.NOTHING_MEASURED,
}


def reasons_beforehand(config: RunConfig, widths: Sequence[int], samples: int) -> list[Reason]:
    """Return what the experiment itself says against the theory, before anything is computed."""
    reasons = []
    hidden = widths[1:-1]
    row = INITIALIZERS[config.initializer]
    variances = weight_variances(config, widths)
    if row.from_data:
        reasons.append(Reason.FROM_DATA if config.gain > 0.0 else Reason.NOT_RANDOM)
    elif not (variances > 0.0).all():
        reasons.append(Reason.NOT_RANDOM)
    if config.skip == "highway":
        reasons.append(Reason.HIGHWAY)
    if config.normalization == "batch":
        if config.dropout > 0.0:
            reasons.append(Reason.DROPOUT_AND_BATCH_NORM)
        if samples < 4:
            reasons.append(Reason.TINY_BATCH)
        elif samples < SMALL_BATCH or 2 * samples > min(hidden):
            reasons.append(Reason.SMALL_BATCH)
        if config.activation in SMOOTH_AND_LOPSIDED:
            reasons.append(Reason.LOPSIDED_BATCH_NORM)
    skips = any(can_skip(widths, layer) for layer in range(len(hidden)))
    if config.skip == "residual" and skips and not is_odd(config.activation):
        at_zero = float(ACTIVATIONS[config.activation].phi(np.zeros(1))[0])
        reasons.append(Reason.RESIDUAL_OFFSET if at_zero else Reason.RESIDUAL_MEAN)
    if min(hidden) < NARROW:
        reasons.append(Reason.NARROW)
    return reasons


def reasons_afterwards(
    config: RunConfig,
    widths: Sequence[int],
    biases: Array,
    layers: list[LayerTheory],
) -> list[Reason]:
    """Return what the recursion itself shows to be beyond it: widths too small for its averages."""
    reasons = []
    noise = layer_noise(layers, widths)
    flattest = max(layer.at.slope_kurtosis for layer in layers)
    if flattest > FEW_UNITS_KURTOSIS:
        if float(noise[1:].max(initial=0.0)) > LOST_LAYER:
            reasons.append(Reason.RARE_DRAWS)
        elif float(noise.max()) > NOISY_LAYER:
            reasons.append(Reason.FEW_UNITS)
    if config.normalization != "none" or config.skip != "none":
        return reasons
    passed_on = elasticities(layers, biases)
    if not np.isfinite(passed_on).all():
        return reasons
    if factor_noise(layers, passed_on, widths) > NOISY_VARIANCE:
        reasons.append(Reason.NOISY_VARIANCE)
    if log_radial_share(layers, passed_on, widths) > math.log(RADIAL_SHARE):
        reasons.append(Reason.RADIAL)
    return reasons


def standing_of(reasons: list[Reason]) -> Standing:
    """Return how far the backward line can be trusted, for some reasons."""
    if {Reason.NO_LAST_GRADIENT, Reason.RARE_DRAWS} & set(reasons):
        return Standing.FORWARD_ONLY
    # What is uncertain of the weight gradients alone leaves the other line as it is.
    return Standing.APPROXIMATE if set(reasons) - {Reason.CANCELLING} else Standing.THEORY
