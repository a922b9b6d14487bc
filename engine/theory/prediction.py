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
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.initializers import INITIALIZERS
from engine.theory.gaussian import Moments, is_odd, moments
from engine.theory.pairs import pair_averages
from engine.theory.phases import FixedPoint, fixed_point

if TYPE_CHECKING:
    from engine.config import RunConfig

Array = NDArray[np.float64]

# As engine.network adds it to every variance that it divides by.
NORMALIZATION_EPSILON = 1e-5
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
# Smooth and neither odd nor straight: 2 to 5 percent off under batch normalisation.
SMOOTH_AND_LOPSIDED = ("gelu", "silu", "mish", "softplus")


class Standing(StrEnum):
    """How far a line of the prediction can be trusted."""

    THEORY = "theory"
    APPROXIMATE = "approximate"
    LOWER_BOUND = "lower bound"
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
    NARROW = "fewer than 16 units in a layer"
    FEW_UNITS = "most units are saturated, so that few carry the gradient"
    NOISY_VARIANCE = "chance at this width moves the size of the activations, and the slope with it"
    RADIAL = "one direction, along the activations, shrinks more slowly than the average"
    NOTHING_MEASURED = "the input or the last gradient is not a finite positive number"


# Reasons that leave no line at all.
_NO_LINE = {
    Reason.NOT_RANDOM,
    Reason.HIGHWAY,
    Reason.DROPOUT_AND_BATCH_NORM,
    Reason.TINY_BATCH,
    Reason.NOTHING_MEASURED,
}


@dataclass(frozen=True)
class Grams:
    """Inner products between the samples of a batch, or of some samples of it.

    Attributes:
        inputs: ⟨x_a, x_b⟩ / n_0, (samples, samples).
        last_gradients: ⟨dL/dh_a, dL/dh_b⟩ at the last hidden layer, L the mean loss of the
            batch.
        logit_gradients: the same at the output; None: the output layer's weight gradient is
            not predicted.
    """

    inputs: Array
    last_gradients: Array
    logit_gradients: Array | None = None


@dataclass(frozen=True)
class Prediction:
    """The theory at initialisation. Arrays are float64, NaN where there is no prediction.

    Those of layers hold the layers 1 … depth and then the output layer, (depth + 1,).

    Attributes:
        standing: of the backward lines.
        reasons: why they are less than theory; empty where they are not.
        activation_rms: √(E h²) by layer; the forward line.
        activation_grad_norm: L2 norm of dL/dh over the batch, anchored on the measured one at
            the last hidden layer: the root of the mean square over networks. NaN at the output.
        weight_grad_norm: Frobenius norm of dL/dW; NaN without Gram matrices.
        log_shift: the typical network lies this much below `activation_grad_norm`, in ln.
        log_spread: standard deviation of ln ‖dL/dh‖ between networks, for one sample; an upper
            bound for a batch.
        variance: q, of what φ is applied to; the output layer's own variance in the last place.
        chi: the squared gradient's factor over a layer going back, from dL/dh_l to
            dL/dh_{l−1}; NaN at the output.
        log_grad_norm: ln `activation_grad_norm`, which neither over- nor underflows.
        fixed_point: what a plain network of constant width tends to; None for others.
    """

    standing: Standing
    reasons: tuple[Reason, ...]
    activation_rms: Array
    activation_grad_norm: Array
    weight_grad_norm: Array
    log_shift: Array
    log_spread: Array
    variance: Array
    chi: Array
    log_grad_norm: Array
    fixed_point: FixedPoint | None

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
    def typical_grad_norm(self) -> Array:
        """The middle of the band: `activation_grad_norm` of the median network."""
        return _exp(self.log_grad_norm - self.log_shift)

    def band(self, deviations: float = 1.0) -> tuple[Array, Array]:
        """Return the lower and upper edge of the band of activation gradient norms."""
        middle = self.log_grad_norm - self.log_shift
        reach = deviations * self.log_spread
        return _exp(middle - reach), _exp(middle + reach)


def _exp(values: Array) -> Array:
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(np.exp(values))


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


@dataclass(frozen=True)
class _Layer:
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
        last_gradient_norm: measured L2 norm of dL/dh at the last hidden layer, over the batch.
        grams: measured inner products, for the weight gradients; of fewer samples than the
            batch has, the sums are scaled up.
        batch_size: samples in the batch; `config.batch_size` if None.
    """
    samples = config.batch_size if batch_size is None else batch_size
    depth = len(widths) - 2
    reasons = _reasons_beforehand(config, widths, samples)
    usable = 0.0 < input_mean_square < math.inf and 0.0 < last_gradient_norm < math.inf
    if not usable:
        reasons.append(Reason.NOTHING_MEASURED)
    if _NO_LINE.intersection(reasons):
        return _nothing(depth, tuple(reasons))

    weights, biases = weight_variances(config, widths), bias_variances(config, widths)
    if INITIALIZERS[config.initializer].from_data:
        weights = _weights_from_data(config, weights, biases, input_mean_square)
        if not np.isfinite(weights).all():
            return _nothing(depth, (Reason.NOT_RANDOM,))
    layers = _walk_forward(config, widths, weights, biases, input_mean_square, samples)
    chi = np.array([layer.chi for layer in layers])
    # ‖dL/dh_{l−1}‖² = χ_l ‖dL/dh_l‖² (Schoenholz et al. 2017, eq. 17, with the L2 norm in
    # place of the mean square, so that n_in stands in place of n_out).
    log_norm = np.full(depth + 1, np.nan)
    with np.errstate(divide="ignore"):
        steps = 0.5 * np.log(chi[1:])
    log_norm[:depth] = math.log(last_gradient_norm)
    log_norm[: depth - 1] += np.cumsum(steps[::-1])[::-1]
    spread = _spread(layers, widths)
    if Reason.RESIDUAL_MEAN in reasons:
        log_norm = _at_least_radial(log_norm, layers, widths)
    else:
        reasons += _reasons_afterwards(config, widths, biases, layers)

    stream = np.array([layer.stream for layer in layers])
    output = weights[-1] * stream[-1] + biases[-1]
    weight_norm = np.full(depth + 1, np.nan)
    if grams is not None and Reason.RESIDUAL_MEAN not in reasons:
        weight_norm = _weight_gradients(config, widths, weights, biases, layers, grams, samples)
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
        variance=np.append([layer.at.variance for layer in layers], output),
        chi=padded,
        log_grad_norm=log_norm,
        fixed_point=_fixed_point(config, widths, weights, biases, layers),
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
    skips = any(_can_skip(widths, layer) for layer in range(len(hidden)))
    if config.skip == "residual" and skips and not is_odd(config.activation):
        reasons.append(Reason.RESIDUAL_MEAN)
    if min(hidden) < NARROW:
        reasons.append(Reason.NARROW)
    return reasons


def _can_skip(widths: Sequence[int], layer: int) -> bool:
    """As `engine.parameters.Layout.can_skip` says, hidden layers counted from 0."""
    return layer > 0 and widths[layer] == widths[layer + 1]


def _standing(reasons: list[Reason]) -> Standing:
    if Reason.RESIDUAL_MEAN in reasons:
        return Standing.LOWER_BOUND
    return Standing.APPROXIMATE if reasons else Standing.THEORY


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
        variance=nothing,
        chi=nothing,
        log_grad_norm=nothing,
        fixed_point=None,
    )


def _weights_from_data(
    config: RunConfig, drawn: Array, biases: Array, input_mean_square: float
) -> Array:
    """LSUV divides so that E z² = 1: σ_w² = (1 − σ_b²) / E h² of the layer before.

    Mishkin and Matas 2016, algorithm 1, on a plain network; the gain comes after it. The output
    layer stays orthogonal, which `drawn` does not know.
    """
    before = np.full(len(drawn), moments(config.activation, 1.0).mean_square)
    before[0] = input_mean_square
    weights = (1.0 - biases) / before
    weights[weights <= 0.0] = np.nan
    weights[-1] = 1.0
    return np.asarray(weights * config.gain**2)


def _walk_forward(
    config: RunConfig,
    widths: Sequence[int],
    weights: Array,
    biases: Array,
    input_mean_square: float,
    samples: int,
) -> list[_Layer]:
    """Poole et al. 2016, eq. 3, with normalisation, dropout and skip connections."""
    keep = 1.0 - config.dropout
    stream, mean, before = input_mean_square, 0.0, -1.0
    layers: list[_Layer] = []
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
        skips = config.skip == "residual" and _can_skip(widths, layer)
        if skips:
            # Yang and Schoenholz 2017, with the mean that builds up where φ is not odd.
            stream += at.mean_square / keep + 2.0 * mean * at.mean
            mean += at.mean
        else:
            stream, mean = at.mean_square / keep, at.mean
        layers.append(_Layer(pre_variance, divisor, at, stream, branch_chi, skips))
    return layers


def _spread(layers: list[_Layer], widths: Sequence[int]) -> Array:
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


def _at_least_radial(log_norm: Array, layers: list[_Layer], widths: Sequence[int]) -> Array:
    """Where the mean of the activations adds up, one direction in n grows as the stream does."""
    log_stream = np.log([layer.stream for layer in layers])
    radial = 0.5 * (log_stream[-1] - log_stream - np.log(widths[1:-1]))
    bound = log_norm.copy()
    bound[:-1] = np.maximum(log_norm[:-1], log_norm[-2] + radial)
    return bound


def _reasons_afterwards(
    config: RunConfig,
    widths: Sequence[int],
    biases: Array,
    layers: list[_Layer],
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


def _elasticities(layers: list[_Layer], biases: Array) -> Array:
    """Return by how much ln E z² of each hidden layer follows ln E h² of the layer before.

    That is the share of the variance that does not come from the biases.
    """
    pre = np.array([layer.pre_variance for layer in layers])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(1.0 - biases[:-1] / pre)


def _factor_noise(layers: list[_Layer], passed_on: Array, widths: Sequence[int]) -> float:
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
        total += effect**2 * (layers[index - 1].at.kurtosis - 1.0) / widths[index]
    return 0.5 * math.sqrt(total) / max(1, len(layers) - 1)


def _log_radial_share(layers: list[_Layer], passed_on: Array, widths: Sequence[int]) -> float:
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


def _fixed_point(
    config: RunConfig,
    widths: Sequence[int],
    weights: Array,
    biases: Array,
    layers: list[_Layer],
) -> FixedPoint | None:
    """Of a plain network; where widths differ, of the mean variances of its inner layers."""
    plain = config.normalization == "none" and config.skip == "none" and config.dropout == 0.0
    if not plain or len(widths) < 4:
        return None
    return fixed_point(
        config.activation,
        float(weights[1:-1].mean()),
        float(biases[1:-1].mean()),
        max(layers[0].pre_variance, 1e-300),
    )


# Weight gradients ------------------------------------------------------------------------------


def _weight_gradients(
    config: RunConfig,
    widths: Sequence[int],
    weights: Array,
    biases: Array,
    layers: list[_Layer],
    grams: Grams,
    samples: int,
) -> Array:
    """Return ‖dL/dW_l‖_F, from ‖dL/dW_l‖² = n_{l−1} Σ_ab ⟨δ_a, δ_b⟩_l K^{l−1}_ab.

    K is the kernel of the activations (Poole et al. 2016, eq. 5) and ⟨δ_a, δ_b⟩ that of the
    gradients by z: ⟨δ_a, δ_b⟩_l = σ_w² ⟨δ_a, δ_b⟩_{l+1} E[φ′(u_a) φ′(u_b)] (Schoenholz et al.
    2017; the neural tangent kernel's recursion, Jacot et al. 2018).
    """
    if config.normalization == "batch":
        return _weight_gradients_of_batch_norm(widths, layers, weights, grams, samples)
    depth, keep = len(layers), 1.0 - config.dropout
    kernel = np.asarray(grams.inputs, dtype=np.float64)
    diagonal = np.diag_indices(len(kernel))
    kernels, slopes = [kernel], []
    state: tuple[Array, Array, Array] | None = None
    for index, layer in enumerate(layers):
        pre = weights[index] * kernel + biases[index]
        if not np.isfinite(pre).all():
            return np.full(depth + 1, np.nan)
        variance = np.maximum(pre[diagonal], 1e-300)
        root = np.sqrt(variance)
        correlation = pre / np.outer(root, root)
        correlation[diagonal] = 1.0
        divisor = np.ones_like(variance)
        if config.normalization != "none":
            divisor = variance + NORMALIZATION_EPSILON
        seen = variance / divisor
        # Where nothing has changed since the layer before, nothing is computed again.
        if state is None or not _same(state[0], pre):
            state = (pre, *pair_averages(config.activation, seen, correlation))
        _, values, slope = state
        branch, slope = values.copy(), slope / np.sqrt(np.outer(divisor, divisor))
        branch[diagonal] /= keep
        slope[diagonal] /= keep
        kernel = kernel + branch if layer.skips else branch
        kernels.append(kernel)
        slopes.append(slope)

    sizes = np.empty(depth + 1)
    sizes[depth] = np.nan
    if grams.logit_gradients is not None:
        sizes[depth] = widths[depth] * _batch_sum(grams.logit_gradients * kernels[depth], samples)
    by_output = np.asarray(grams.last_gradients, dtype=np.float64)
    for index in reversed(range(depth)):
        by_z = by_output * slopes[index]
        sizes[index] = widths[index] * _batch_sum(by_z * kernels[index], samples)
        passed = weights[index] * by_z
        by_output = by_output + passed if layers[index].skips else passed
    return np.asarray(np.sqrt(np.maximum(sizes, 0.0)))


def _same(before: Array, now: Array) -> bool:
    return bool(np.abs(now - before).max() <= 1e-9 * np.abs(now).max())


def _batch_sum(terms: Array, samples: int) -> float:
    """Sum over all pairs of the batch, where only some of its samples are at hand."""
    known = len(terms)
    own = float(np.trace(terms))
    others = float(terms.sum()) - own
    if known == samples:
        return own + others
    pairs = samples * (samples - 1) / (known * (known - 1)) if known > 1 else 0.0
    return own * samples / known + others * pairs


def _weight_gradients_of_batch_norm(
    widths: Sequence[int], layers: list[_Layer], weights: Array, grams: Grams, samples: int
) -> Array:
    """The gradient by z has mean zero over the batch: only what differs between samples counts.

    So ‖dL/dW_l‖² = n_{l−1} ‖dL/dz_l‖² Var h_{l−1}, in which the variance cancels against the one
    that normalisation divides by.
    """
    depth = len(layers)
    sizes = np.full(depth + 1, np.nan)
    size = _batch_sum(np.diag(np.diag(grams.last_gradients)), samples)
    for index in reversed(range(depth)):
        layer = layers[index]
        by_z = size * layer.branch_chi / weights[index]
        varying = (layer.divisor - NORMALIZATION_EPSILON) / weights[index]
        sizes[index] = widths[index] * by_z * varying
        size *= layer.chi
    if grams.logit_gradients is not None:
        at = layers[-1].at
        mean_square = at.mean * at.mean
        kernel = np.full_like(grams.logit_gradients, mean_square)
        kernel[np.diag_indices(len(kernel))] = at.mean_square
        if not layers[-1].skips:
            sizes[depth] = widths[depth] * _batch_sum(grams.logit_gradients * kernel, samples)
    return np.asarray(np.sqrt(np.maximum(sizes, 0.0)))
