"""The weight gradients, which need the correlations between the samples of a batch.

The norm of a weight gradient is (forward size) × (backward size), and samples that resemble one
another add up: neither is to be had from one sample alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.theory.pairs import pair_averages
from engine.theory.recursion import NORMALIZATION_EPSILON, LayerTheory

if TYPE_CHECKING:
    from engine.config import RunConfig


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


def weight_gradients(
    config: RunConfig,
    widths: Sequence[int],
    weights: Array,
    biases: Array,
    layers: list[LayerTheory],
    grams: Grams,
    samples: int,
) -> tuple[Array, Array]:
    """Return ‖dL/dW_l‖_F, from ‖dL/dW_l‖² = n_{l−1} Σ_ab ⟨δ_a, δ_b⟩_l K^{l−1}_ab.

    NaN in a layer where the samples' gradients nearly cancel over the batch, and the sum is lost
    in the chance of which samples are at hand. Beside the norms stand the standard deviations of
    their logarithms that come from it, inf where one is not known.

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
            return np.full(depth + 1, np.nan), np.zeros(depth + 1)
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

    sizes, doubts = np.full(depth + 1, np.nan), np.zeros(depth + 1)
    if grams.logit_gradients is not None:
        terms = grams.logit_gradients * kernels[depth]
        sizes[depth], doubts[depth] = _batch_sum(widths[depth] * terms, samples)
    by_output = np.asarray(grams.last_gradients, dtype=np.float64)
    for index in reversed(range(depth)):
        by_z = by_output * slopes[index]
        terms = widths[index] * (by_z * kernels[index])
        sizes[index], doubts[index] = _batch_sum(terms, samples)
        passed = weights[index] * by_z
        by_output = by_output + passed if layers[index].skips else passed
    return _roots(sizes), doubts


def _roots(squares: Array) -> Array:
    """A square that rounding or chance has made negative is not known; it is not zero."""
    return np.sqrt(np.where(squares >= 0.0, squares, np.nan))


def _same(before: Array, now: Array) -> bool:
    return bool(np.abs(now - before).max() <= 1e-9 * np.abs(now).max())


def _batch_sum(terms: Array, samples: int) -> tuple[float, float]:
    """Sum over all pairs of the batch, where only some of its samples are at hand.

    Beside the sum stands the standard deviation of the logarithm of its root. NaN and inf where
    the sum is smaller than its standard error: it is a square, and what chance has left of it, or
    made negative, says nothing.
    """
    known = len(terms)
    own = float(np.trace(terms))
    others = float(terms.sum()) - own
    if known == samples:
        return own + others, 0.0
    pairs = samples * (samples - 1) / (known * (known - 1)) if known > 1 else 0.0
    total = own * samples / known + others * pairs
    error = _standard_error(terms, samples)
    if total < error:
        return math.nan, math.inf
    return total, error / (2.0 * total) if error > 0.0 else 0.0


def _standard_error(terms: Array, samples: int) -> float:
    """Return that of the sum over a whole batch, told from some of its samples.

    The jackknife for a mean over pairs (Arvesen 1969), for samples drawn without replacement.
    """
    known = len(terms)
    if known < 3:
        return 0.0
    diagonal = np.diag(terms)
    rows = terms.sum(axis=1) - diagonal
    own, others = float(diagonal.sum()), float(rows.sum())
    without = (own - diagonal) * (samples / (known - 1)) + (others - 2.0 * rows) * (
        samples * (samples - 1) / ((known - 1) * (known - 2))
    )
    return math.sqrt((known - 1) * float(without.var()) * max(0.0, 1.0 - known / samples))


def _weight_gradients_of_batch_norm(
    widths: Sequence[int], layers: list[LayerTheory], weights: Array, grams: Grams, samples: int
) -> tuple[Array, Array]:
    """The gradient by z has mean zero over the batch: only what differs between samples counts.

    So ‖dL/dW_l‖² = n_{l−1} ‖dL/dz_l‖² Var h_{l−1}, in which the variance cancels against the one
    that normalisation divides by.
    """
    depth = len(layers)
    sizes, doubts = np.full(depth + 1, np.nan), np.zeros(depth + 1)
    size = float(np.trace(grams.last_gradients)) * samples / len(grams.last_gradients)
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
            terms = widths[depth] * (grams.logit_gradients * kernel)
            sizes[depth], doubts[depth] = _batch_sum(terms, samples)
    return _roots(sizes), doubts
