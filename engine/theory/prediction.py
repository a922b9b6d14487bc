"""What a network does before its first step, predicted from its configuration.

The prediction is a function of the experiment, the widths and a few measured numbers; it draws
nothing and trains nothing. Notation: q is the variance of what φ is applied to, M1, M2 and D are
the averages of φ, φ² and φ′² over it, σ_w² is n_in times the variance of a weight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.initializers import INITIALIZERS
from engine.slope import slope_of_logs
from engine.theory.chance import keeps_samples_alike, spread, weight_spread
from engine.theory.phases import PlainNetwork
from engine.theory.radial import log_lengthening, with_radial
from engine.theory.recursion import (
    LayerTheory,
    bias_variances,
    walk_forward,
    weight_variances,
    weights_from_data,
)
from engine.theory.standing import (
    NO_LINE,
    ON_A_MEAN,
    Reason,
    Standing,
    reasons_afterwards,
    reasons_beforehand,
    standing_of,
)
from engine.theory.weight_gradients import Grams, weight_gradients

if TYPE_CHECKING:
    from engine.config import RunConfig

# Standard deviation of ln ‖∂L/∂W‖ from which samples of the batch were at hand.
DOUBTFUL_SUM = 0.25
# By so much ln of the median network's factor per layer lies below the mean square's where it is
# told: a tenth.
TOLD_SHIFT = 0.1


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
        alike: the samples of a batch stay alike, and chance does to all what it does to one.
            Where they grow apart it averages out, and the typical network is not told.
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
    alike: bool
    variance: Array
    chi: Array
    log_grad_norm: Array
    plain: PlainNetwork | None

    @cached_property
    def decades(self) -> float:
        """Powers of ten lost on the way from the last hidden layer to the first.

        By the slope over all layers, as they are measured: where the line is curved another number
        than that from end to end.
        """
        logs = self.log_grad_norm[:-1]
        return slope_of_logs(logs) * (len(logs) - 1) / math.log(10.0)

    @property
    def factor_per_layer(self) -> float:
        """By how much the norm is multiplied per layer going back, by that slope."""
        layers = len(self.log_grad_norm) - 2
        return 10.0 ** (-self.decades / layers) if layers > 0 else math.nan

    @property
    def typical_factor_per_layer(self) -> float:
        """The same of the median network, which is told where it is another: narrow and deep.

        The product of a hundred 4 × 4 matrices grows by 2 per matrix in the mean square, and by
        1.75 in nearly every draw. NaN where both say the same, and where a batch is not like one
        of its samples.
        """
        count = len(self.log_shift) - 2
        if not self.alike or count < 1 or not self.log_shift[0] >= TOLD_SHIFT * count:
            return math.nan
        return self.factor_per_layer * math.exp(-float(self.log_shift[0]) / count)

    @property
    def typical_grad_norm(self) -> Array:
        """`activation_grad_norm` of the median network, for one sample."""
        return _exp(self.log_grad_norm - self.log_shift)

    def band(self, deviations: float = 1.0) -> tuple[Array, Array]:
        """Return the lower and upper edge of the band of activation gradient norms.

        It hangs on the typical network; where samples grow apart, on the mean square above, which
        a large batch comes near.
        """
        middle = self.log_grad_norm - self.log_shift
        above = middle if self.alike else self.log_grad_norm
        reach = deviations * self.log_spread
        return _exp(middle - reach), _exp(above + reach)

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
    reasons = reasons_beforehand(config, widths, samples)
    if not 0.0 < input_mean_square < math.inf:
        reasons.append(Reason.NOTHING_MEASURED)
    hangs = 0.0 < last_gradient_norm < math.inf
    if not hangs:
        reasons.append(Reason.NO_LAST_GRADIENT)
    if NO_LINE.intersection(reasons):
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
    log_variance = spread(layers, widths)
    normalised = config.normalization != "none"
    weight_variance = weight_spread(layers, widths, biases, log_variance, normalised)
    if Reason.RESIDUAL_MEAN in reasons:
        log_norm = with_radial(log_norm, layers, widths)
    elif Reason.RESIDUAL_OFFSET in reasons:
        log_norm = with_radial(log_norm, layers, widths, log_lengthening(config, layers, biases))
    else:
        reasons += reasons_afterwards(config, widths, biases, layers)
    if Reason.RARE_DRAWS in reasons:
        log_norm[:], log_variance[:], weight_variance[:] = np.nan, np.nan, np.nan
        hangs = False

    stream = np.array([layer.stream for layer in layers])
    output = weights[-1] * stream[-1] + biases[-1]
    weight_norm, doubts = np.full(depth + 1, np.nan), np.zeros(depth + 1)
    if grams is not None and hangs and not ON_A_MEAN.intersection(reasons):
        weight_norm, doubts = weight_gradients(
            config, widths, weights, biases, layers, grams, samples
        )
        if doubts.max() > DOUBTFUL_SUM:
            reasons.append(Reason.CANCELLING)
    padded = np.full(depth + 1, np.nan)
    padded[:depth] = chi
    return Prediction(
        standing=standing_of(reasons),
        reasons=tuple(reasons),
        activation_rms=np.sqrt(np.append(stream, output)),
        activation_grad_norm=_exp(log_norm),
        weight_grad_norm=weight_norm,
        # Hanin and Nica 2019: ln ‖g‖² is about Gaussian with mean −S/2 and variance S.
        log_shift=log_variance / 4.0,
        log_spread=np.sqrt(log_variance) / 2.0,
        weight_log_shift=weight_variance / 4.0,
        weight_log_spread=np.sqrt(weight_variance / 4.0 + doubts**2),
        alike=keeps_samples_alike(layers, config.dropout),
        variance=np.append([layer.at.variance for layer in layers], output),
        chi=padded,
        log_grad_norm=log_norm,
        plain=_plain(config, widths, weights, biases, layers),
    )


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
        alike=True,
        variance=nothing,
        chi=nothing,
        log_grad_norm=nothing,
        plain=None,
    )


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
