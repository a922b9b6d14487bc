"""What a network does before its first step, predicted from its configuration.

The prediction is a function of the experiment, the widths and a few measured numbers; it draws
nothing and trains nothing. Notation: q is the variance of what φ is applied to, M1, M2 and D are
the averages of φ, φ² and φ′² over it, σ_w² is n_in times the variance of a weight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.initializers import INITIALIZERS
from engine.theory.gaussian import is_odd
from engine.theory.phases import PlainNetwork
from engine.theory.recursion import (
    LayerTheory,
    bias_variances,
    can_skip,
    walk_forward,
    weight_variances,
    weights_from_data,
)
from engine.theory.weight_gradients import Grams, weight_gradients

if TYPE_CHECKING:
    from engine.config import RunConfig

Array = NDArray[np.float64]

# Below this width the Gaussian limit says little.
NARROW = 16
# Yang et al. 2019's average over the batch holds within a percent from here on.
SMALL_BATCH = 32
# Predicted share of the mean square that is noise, in one layer.
NOISY_LAYER = 0.1
# κ of ReLU is 2; beyond this most of E φ′² comes from few units.
FEW_UNITS_KURTOSIS = 5.0
# Predicted spread of the factor per layer that the noise of the forward variance causes.
NOISY_VARIANCE = 0.02
# Share of the gradient along the one direction that the recursion leaves out.
RADIAL_SHARE = 0.1
# Standard deviation of ln ‖∂L/∂W‖ from which samples of the batch were at hand.
DOUBTFUL_SUM = 0.25
# By so much ln of the median network's factor per layer lies below the mean square's where it is
# told: a tenth.
TOLD_SHIFT = 0.1
# What is no share at all, where a logarithm is taken.
SMALLEST_FOLLOWING = 1e-12
# Smooth and neither odd nor straight: 2 to 5 percent off under batch normalisation.
SMOOTH_AND_LOPSIDED = ("gelu", "silu", "mish", "softplus")


class Standing(StrEnum):
    """How far a line of the prediction can be trusted."""

    THEORY = "theory"
    APPROXIMATE = "approximate"
    LOWER_BOUND = "lower bound"
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
        "the gradient, and the average over all of them is only a lower bound"
    )
    RESIDUAL_OFFSET = (
        "activations that are not zero at zero add up on the skip connection, and how much of the "
        "gradient follows them is only estimated"
    )
    NARROW = "fewer than 16 units in a layer"
    FEW_UNITS = "most units are saturated, so that few carry the gradient"
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
_ON_A_MEAN = {Reason.RESIDUAL_MEAN, Reason.RESIDUAL_OFFSET}
# Reasons that leave no line at all.
_NO_LINE = {
    Reason.NOT_RANDOM,
    Reason.HIGHWAY,
    Reason.DROPOUT_AND_BATCH_NORM,
    Reason.TINY_BATCH,
    Reason.NOTHING_MEASURED,
}


@dataclass(frozen=True)
class Prediction:
    """The theory at initialisation. Arrays are float64, NaN where there is no prediction.

    Those of layers hold the layers 1 … depth and then the output layer, (depth + 1,).

    Attributes:
        standing: of the backward line.
        reasons: why it is less than theory, and `Reason.CANCELLING` where the weight gradients'
            line is; empty where neither is.
        activation_rms: √(E h²) by layer; the forward line.
        activation_grad_norm: L2 norm of dL/dh over the batch, anchored on the measured one at
            the last hidden layer: the root of the mean square over networks. NaN at the output.
        weight_grad_norm: Frobenius norm of dL/dW; NaN without Gram matrices.
        log_shift: the typical network lies this much below `activation_grad_norm`, in ln.
        log_spread: standard deviation of ln ‖dL/dh‖ between networks, for one sample; an upper
            bound for a batch.
        weight_log_shift, weight_log_spread: the same of ln ‖dL/dW‖, with the spread of which
            samples of the batch were at hand.
        variance: q, of what φ is applied to; the output layer's own variance in the last place.
        chi: the squared gradient's factor over a layer going back, from dL/dh_l to
            dL/dh_{l−1}; NaN at the output.
        log_grad_norm: ln `activation_grad_norm`, which neither over- nor underflows.
        plain: its place in the phase picture; None for all but plain networks.
    """

    standing: Standing
    reasons: tuple[Reason, ...]
    activation_rms: Array
    activation_grad_norm: Array
    weight_grad_norm: Array
    log_shift: Array
    log_spread: Array
    weight_log_shift: Array
    weight_log_spread: Array
    variance: Array
    chi: Array
    log_grad_norm: Array
    plain: PlainNetwork | None

    @property
    def decades(self) -> float:
        """Powers of ten lost on the way from the last hidden layer to the first."""
        log = self.log_grad_norm
        return float(log[-2] - log[0]) / math.log(10.0)

    @property
    def factor_per_layer(self) -> float:
        """By how much the norm is multiplied per layer going back, the geometric mean."""
        log = self.log_grad_norm
        return math.exp(float(log[0] - log[-2]) / (len(log) - 2)) if len(log) > 2 else math.nan

    @property
    def typical_factor_per_layer(self) -> float:
        """The same of the median network, which is told where it is another: narrow and deep.

        The product of a hundred 4 × 4 matrices grows by 2 per matrix in the mean square, and by
        1.75 in nearly every draw. NaN where both say the same.
        """
        count = len(self.log_shift) - 2
        if count < 1 or not self.log_shift[0] >= TOLD_SHIFT * count:
            return math.nan
        return self.factor_per_layer * math.exp(-float(self.log_shift[0]) / count)

    @property
    def typical_grad_norm(self) -> Array:
        """The middle of the band: `activation_grad_norm` of the median network."""
        return _exp(self.log_grad_norm - self.log_shift)

    def band(self, deviations: float = 1.0) -> tuple[Array, Array]:
        """Return the lower and upper edge of the band of activation gradient norms."""
        middle = self.log_grad_norm - self.log_shift
        reach = deviations * self.log_spread
        return _exp(middle - reach), _exp(middle + reach)

    def weight_band(self, deviations: float = 1.0) -> tuple[Array, Array]:
        """Return the lower and upper edge of the band of weight gradient norms.

        It hangs on the mean square above and on the typical network below. Which of the two is
        nearer depends on the batch: deep layers make samples alike, which then add up, and that
        makes good for some of what the typical network loses.
        """
        with np.errstate(divide="ignore"):
            line = np.log(self.weight_grad_norm)
        reach = deviations * self.weight_log_spread
        return _exp(line - self.weight_log_shift - reach), _exp(line + reach)


def _exp(values: Array) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.exp(values))


# A network that explodes beyond float64 is predicted to do so, without a warning.
@np.errstate(over="ignore", under="ignore", invalid="ignore")
def predict(
    config: RunConfig,
    widths: Sequence[int],
    input_mean_square: float,
    last_gradient_norm: float,
    grams: Grams | None = None,
    batch_size: int | None = None,
) -> Prediction:
    """Predict every layer of a network at its first step.

    Args:
        config: the experiment.
        widths: features, hidden widths, units of the output layer.
        input_mean_square: measured mean square of the inputs of the batch.
        last_gradient_norm: measured L2 norm of dL/dh at the last hidden layer, over the batch; if
            it is zero or not finite, there is a forward line only.
        grams: measured inner products, for the weight gradients; of fewer samples than the
            batch has, the sums are scaled up.
        batch_size: samples in the batch; `config.batch_size` if None.
    """
    samples = config.batch_size if batch_size is None else batch_size
    depth = len(widths) - 2
    reasons = _reasons_beforehand(config, widths, samples)
    if not 0.0 < input_mean_square < math.inf:
        reasons.append(Reason.NOTHING_MEASURED)
    hangs = 0.0 < last_gradient_norm < math.inf
    if not hangs:
        reasons.append(Reason.NO_LAST_GRADIENT)
    if _NO_LINE.intersection(reasons):
        return _nothing(depth, tuple(reasons))

    weights, biases = weight_variances(config, widths), bias_variances(config, widths)
    if INITIALIZERS[config.initializer].from_data:
        weights = weights_from_data(config, widths, biases, input_mean_square)
        if not np.isfinite(weights).all():
            return _nothing(depth, (Reason.NOT_RANDOM,))
    layers = walk_forward(config, widths, weights, biases, input_mean_square, samples)
    chi = np.array([layer.chi for layer in layers])
    # ‖dL/dh_{l−1}‖² = χ_l ‖dL/dh_l‖² (Schoenholz et al. 2017, eq. 17, with the L2 norm in
    # place of the mean square, so that n_in stands in place of n_out).
    log_norm = np.full(depth + 1, np.nan)
    with np.errstate(divide="ignore"):
        steps = 0.5 * np.log(chi[1:])
    log_norm[:depth] = math.log(last_gradient_norm) if hangs else math.nan
    log_norm[: depth - 1] += np.cumsum(steps[::-1])[::-1]
    spread = _spread(layers, widths)
    weight_spread = _weight_spread(layers, widths, biases, spread, config.normalization != "none")
    if Reason.RESIDUAL_MEAN in reasons:
        log_norm = _at_least_radial(log_norm, layers, widths)
    elif Reason.RESIDUAL_OFFSET in reasons:
        log_norm = _at_least_radial(
            log_norm, layers, widths, _log_lengthening(config, layers, biases)
        )
    else:
        reasons += _reasons_afterwards(config, widths, biases, layers)

    stream = np.array([layer.stream for layer in layers])
    output = weights[-1] * stream[-1] + biases[-1]
    weight_norm, doubts = np.full(depth + 1, np.nan), np.zeros(depth + 1)
    if grams is not None and hangs and not _ON_A_MEAN.intersection(reasons):
        weight_norm, doubts = weight_gradients(
            config, widths, weights, biases, layers, grams, samples
        )
        if doubts.max() > DOUBTFUL_SUM:
            reasons.append(Reason.CANCELLING)
    padded = np.full(depth + 1, np.nan)
    padded[:depth] = chi
    return Prediction(
        standing=_standing(reasons),
        reasons=tuple(reasons),
        activation_rms=np.sqrt(np.append(stream, output)),
        activation_grad_norm=_exp(log_norm),
        weight_grad_norm=weight_norm,
        # Hanin and Nica 2019: ln ‖g‖² is about Gaussian with mean −S/2 and variance S.
        log_shift=spread / 4.0,
        log_spread=np.sqrt(spread) / 2.0,
        weight_log_shift=weight_spread / 4.0,
        weight_log_spread=np.sqrt(weight_spread / 4.0 + doubts**2),
        variance=np.append([layer.at.variance for layer in layers], output),
        chi=padded,
        log_grad_norm=log_norm,
        plain=_plain(config, widths, weights, biases, layers),
    )


def _reasons_beforehand(config: RunConfig, widths: Sequence[int], samples: int) -> list[Reason]:
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


def _standing(reasons: list[Reason]) -> Standing:
    if Reason.NO_LAST_GRADIENT in reasons:
        return Standing.FORWARD_ONLY
    if Reason.RESIDUAL_MEAN in reasons:
        return Standing.LOWER_BOUND
    # What is uncertain of the weight gradients alone leaves the other line as it is.
    return Standing.APPROXIMATE if set(reasons) - {Reason.CANCELLING} else Standing.THEORY


def _nothing(depth: int, reasons: tuple[Reason, ...]) -> Prediction:
    nothing = np.full(depth + 1, np.nan)
    return Prediction(
        standing=Standing.NONE,
        reasons=reasons,
        activation_rms=nothing,
        activation_grad_norm=nothing,
        weight_grad_norm=nothing,
        log_shift=nothing,
        log_spread=nothing,
        weight_log_shift=nothing,
        weight_log_spread=nothing,
        variance=nothing,
        chi=nothing,
        log_grad_norm=nothing,
        plain=None,
    )


def _spread(layers: list[LayerTheory], widths: Sequence[int]) -> Array:
    """Return S, the variance of ln ‖dL/dh_l‖² between networks, 0 at the last hidden layer.

    Hanin and Nica 2019, theorem 1, for a general φ: (3 κ − 1) / n from each layer that is
    passed. With a skip connection the branch has the share r / (1 + r) of the square, and its
    cross term with the stream the variance 4 r / (n (1 + r)²).
    """
    spread = np.full(len(layers) + 1, np.nan)
    total = 0.0
    for layer in reversed(range(len(layers))):
        spread[layer] = total
        noise = 3.0 * layers[layer].at.slope_kurtosis - 1.0
        if layers[layer].skips:
            r = layers[layer].branch_chi
            noise = (noise * r * r + 4.0 * r) / (1.0 + r) ** 2
        total += noise / widths[layer + 1]
    return spread


def _weight_spread(
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
        follows = _elasticities(layers, biases) * [
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


def _log_lengthening(config: RunConfig, layers: list[LayerTheory], biases: Array) -> Array:
    """Return by how much ln √(E h²) of the last hidden layer follows that of each, as a logarithm.

    Where φ(0) is not zero a layer adds to the stream however long its input is.
    """
    stream = np.array([layer.stream for layer in layers])
    added = 1.0 - stream[:-1] / stream[1:]
    if config.normalization == "none":
        follows = _elasticities(layers, biases) * [
            layer.at.mean_square_elasticity for layer in layers
        ]
    else:
        follows = np.zeros(len(layers))
    by_layer = np.log(np.maximum(1.0 - (1.0 - follows[1:]) * added, SMALLEST_FOLLOWING))
    return np.append(np.cumsum(by_layer[::-1])[::-1], 0.0)


def _at_least_radial(
    log_norm: Array,
    layers: list[LayerTheory],
    widths: Sequence[int],
    log_lengthening: Array | float = 0.0,
) -> Array:
    """Where the mean of the activations adds up, one direction in n grows as the stream does."""
    log_stream = np.log([layer.stream for layer in layers])
    radial = 0.5 * (log_stream[-1] - log_stream - np.log(widths[1:-1])) + log_lengthening
    bound = log_norm.copy()
    bound[:-1] = np.maximum(log_norm[:-1], log_norm[-2] + radial)
    return bound


def _reasons_afterwards(
    config: RunConfig,
    widths: Sequence[int],
    biases: Array,
    layers: list[LayerTheory],
) -> list[Reason]:
    reasons = []
    noise = [(3.0 * layer.at.slope_kurtosis - 1.0) / n
             for layer, n in zip(layers, widths[1:-1], strict=True)]  # fmt: skip
    flattest = max(layer.at.slope_kurtosis for layer in layers)
    if flattest > FEW_UNITS_KURTOSIS and max(noise) > NOISY_LAYER:
        reasons.append(Reason.FEW_UNITS)
    if config.normalization != "none" or config.skip != "none":
        return reasons
    passed_on = _elasticities(layers, biases)
    if not np.isfinite(passed_on).all():
        return reasons
    if _factor_noise(layers, passed_on, widths) > NOISY_VARIANCE:
        reasons.append(Reason.NOISY_VARIANCE)
    if _log_radial_share(layers, passed_on, widths) > math.log(RADIAL_SHARE):
        reasons.append(Reason.RADIAL)
    return reasons


def _elasticities(layers: list[LayerTheory], biases: Array) -> Array:
    """Return by how much ln E z² of each hidden layer follows ln E h² of the layer before.

    That is the share of the variance that does not come from the biases.
    """
    pre = np.array([layer.pre_variance for layer in layers])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1.0 - biases[:-1] / pre)


def _factor_noise(layers: list[LayerTheory], passed_on: Array, widths: Sequence[int]) -> float:
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


def _log_radial_share(layers: list[LayerTheory], passed_on: Array, widths: Sequence[int]) -> float:
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


def _plain(
    config: RunConfig,
    widths: Sequence[int],
    weights: Array,
    biases: Array,
    layers: list[LayerTheory],
) -> PlainNetwork | None:
    """Where widths differ, by the mean variances of the inner layers."""
    plain = config.normalization == "none" and config.skip == "none" and config.dropout == 0.0
    if not plain or len(widths) < 4:
        return None
    return PlainNetwork(
        config.activation,
        float(weights[1:-1].mean()),
        float(biases[1:-1].mean()),
        layers[0].pre_variance,
    )
