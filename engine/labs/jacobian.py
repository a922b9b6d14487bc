"""The singular values of ∂h_L/∂h_l, for one sample and every layer l of a network.

The product of the layers' Jacobians decides what becomes of a gradient; its singular values say so
for every direction (Saxe et al. 2013; Pennington, Schoenholz and Ganguli 2017). A layer's Jacobian
is written out, as the network is in `engine.network`:

    J = ∂φ(u)/∂u · ∂u/∂z · W      plain
    J = I + …                     residual
    J = t (…) + (1 − t) I + (a − h) t (1 − t) W^t      highway

Batch normalisation mixes the samples; here its statistics are held fixed, as in evaluation. Dropout
is left out likewise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from engine.activations import ACTIVATIONS, Array

NORMALIZATION_EPSILON = 1e-5
# Layers whose spectrum is computed; more would be narrower than a curve's points.
MOST_SPECTRA = 60
DRAWS = ("gaussian", "orthogonal")


@dataclass(frozen=True)
class NetworkCopy:
    """The hidden layers of a network at one step, in float64. Layers are counted from 0.

    Attributes:
        step: how many steps had been made.
        activation, normalization, skip: as in `RunConfig`.
        x: some samples, (samples, n_0).
        weights: of each hidden layer, (n_out, n_in).
        biases: of each hidden layer, (n_out,).
        gate_weights, gate_biases: by layer, where there is a gate.
        scales, shifts: by layer, where it is normalised.
    """

    step: int
    activation: str
    normalization: str
    skip: str
    x: Array
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    gate_weights: dict[int, Array] = field(default_factory=dict)
    gate_biases: dict[int, Array] = field(default_factory=dict)
    scales: dict[int, Array] = field(default_factory=dict)
    shifts: dict[int, Array] = field(default_factory=dict)

    @property
    def depth(self) -> int:
        """Number of hidden layers."""
        return len(self.weights)

    @property
    def is_finite(self) -> bool:
        """Whether every weight and bias is a number."""
        gates = (*self.gate_weights.values(), *self.gate_biases.values())
        scales = (*self.scales.values(), *self.shifts.values())
        return all(
            np.isfinite(values).all() for values in (*self.weights, *self.biases, *gates, *scales)
        )

    def skips(self, layer: int) -> bool:
        """Say whether a layer has a skip connection, as `engine.parameters.Layout` does."""
        n_out, n_in = self.weights[layer].shape
        return self.skip != "none" and layer > 0 and n_out == n_in


def redrawn(network: NetworkCopy, how: str, seed: int) -> NetworkCopy:
    """Return the network with other weights of the same mean square in every layer but the first.

    Args:
        network: where all else comes from.
        how: of `DRAWS`; orthogonal weights are a multiple of orthonormal rows or columns.
        seed: of the draw.
    """
    random = np.random.default_rng(seed)
    drawn = [network.weights[0]]
    for weight in network.weights[1:]:
        other = random.standard_normal(weight.shape)
        if how == "orthogonal":
            q, r = np.linalg.qr(other if len(other) >= len(other.T) else other.T)
            # Without the signs the draw would not be uniform (Mezzadri 2007).
            q *= np.sign(np.diag(r))
            other = q if q.shape == weight.shape else q.T
            other = other / np.sqrt(np.mean(other**2))
        drawn.append(other * np.sqrt(np.mean(weight**2)))
    return replace(network, weights=tuple(drawn))


def layer_jacobians(network: NetworkCopy, sample: int) -> list[Array]:
    """Return ∂h_l/∂h_{l-1} of every hidden layer but the first, each (n_out, n_in).

    Args:
        network: the network.
        sample: for which of its samples.
    """
    row = ACTIVATIONS[network.activation]
    h, found = network.x, []
    with np.errstate(over="ignore", invalid="ignore"):
        for layer, (weight, bias) in enumerate(zip(network.weights, network.biases, strict=True)):
            z = h @ weight.T + bias
            u, by_z = _normalise(network, layer, z, sample)
            a = row.phi(u)
            jacobian = row.phi_prime(u)[sample][:, None] * (by_z @ weight)
            below, h = h, a
            if network.skips(layer):
                h, jacobian = _skip(network, layer, below, a, jacobian, sample)
            if layer:
                found.append(jacobian)
    return found


def _normalise(network: NetworkCopy, layer: int, z: Array, sample: int) -> tuple[Array, Array]:
    """Return u of all samples, and ∂u/∂z of one, (units, units)."""
    units = z.shape[1]
    if network.normalization == "none":
        return z, np.eye(units)
    axis = 0 if network.normalization == "batch" else 1
    mean = z.mean(axis=axis, keepdims=True)
    if network.normalization == "rms":
        mean = np.zeros_like(mean)
    variance = np.mean((z - mean) ** 2, axis=axis, keepdims=True)
    rstd = np.broadcast_to((variance + NORMALIZATION_EPSILON) ** -0.5, z.shape)
    x_hat = (z - mean) * rstd
    scale = network.scales[layer]
    by_z = np.eye(units)
    if network.normalization != "batch":
        # The derivative of (z − mean) / std by z, through mean and std as well.
        one = x_hat[sample]
        by_z = by_z - np.outer(one, one) / units
        if network.normalization == "layer":
            by_z = by_z - 1.0 / units
    by_z = (scale * rstd[sample])[:, None] * by_z
    return x_hat * scale + network.shifts[layer], by_z


def _skip(
    network: NetworkCopy, layer: int, h: Array, a: Array, jacobian: Array, sample: int
) -> tuple[Array, Array]:
    """Return what a layer with a skip connection gives on, and its Jacobian."""
    identity = np.eye(len(jacobian))
    if network.skip == "residual":
        return h + a, identity + jacobian
    gate_weight = network.gate_weights[layer]
    gate = ACTIVATIONS["sigmoid"].phi(h @ gate_weight.T + network.gate_biases[layer])
    t = gate[sample]
    through_gate = (a - h)[sample] * t * (1.0 - t)
    mixed = t[:, None] * jacobian + (1.0 - t)[:, None] * identity
    return h + gate * (a - h), mixed + through_gate[:, None] * gate_weight


def spectra_layers(depth: int) -> list[int]:
    """Return the layers l whose spectrum is computed, counted from 1, the last but one first."""
    every = max(1, -(-(depth - 1) // MOST_SPECTRA))
    layers = list(range(depth - 1, 0, -every))
    return layers if not layers or layers[-1] == 1 else [*layers, 1]


def spectra(network: NetworkCopy, sample: int) -> Iterator[tuple[int, Array]]:
    """Yield l and log10 of the singular values of ∂h_L/∂h_l, in descending order.

    L is the last hidden layer. Singular values that float64 cannot tell from 0 beside the largest
    are NaN, those of a product that is 0 are −inf, and all are NaN where it is not finite. One
    layer is computed at a time: a caller may stop between two.

    Args:
        network: the network; finite.
        sample: for which of its samples.
    """
    wanted = set(spectra_layers(network.depth))
    product: Array | None = None
    exponent = 0.0
    jacobians = layer_jacobians(network, sample)
    # jacobians[i] is ∂h_{i+2}/∂h_{i+1}, layers counted from 1.
    for layer in range(network.depth - 1, 0, -1):
        jacobian = jacobians[layer - 1]
        product = jacobian if product is None else product @ jacobian
        # The product would leave float64 where the network is deep; its size is kept apart.
        size = float(np.abs(product).max())
        if not np.isfinite(size):
            yield layer, np.full(min(product.shape), np.nan)
            return
        if size > 0.0:
            product = product / size
            exponent += float(np.log10(size))
        if layer in wanted:
            yield layer, _log_singular_values(product) + exponent


def _log_singular_values(matrix: Array) -> Array:
    values = np.linalg.svd(matrix, compute_uv=False)
    if values[0] == 0.0:
        return np.full(len(values), -np.inf)
    lost = values <= values[0] * len(values) * np.finfo(np.float64).eps
    return np.log10(np.where(lost, np.nan, values))


def lost_below(logs: Array) -> float:
    """Return log10 of what those singular values lie below that float64 has lost, NaN in `logs`.

    Args:
        logs: one spectrum, as `spectra` yields it, (values,).
    """
    return float(logs[0] + np.log10(len(logs) * np.finfo(np.float64).eps))
