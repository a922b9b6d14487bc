"""Addition against multiplication: the gradient through a plain, a residual and a highway network.

All three have the same depth and the same weights, and are those of `engine.network`:

    h_l = φ(W_l h_{l-1})                                   plain
    h_l = h_{l-1} + φ(W_l h_{l-1})                         residual (He et al. 2016)
    h_l = t_l φ(W_l h_{l-1}) + (1 − t_l) h_{l-1},          highway (Srivastava et al. 2015)
          t_l = sigmoid(W^t_l h_{l-1} + b_t)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.activations import ACTIVATIONS, Array

SAMPLES = 16


@dataclass(frozen=True)
class DepthSetup:
    """What decides the networks.

    Attributes:
        depth: layers.
        width: units of each, and of the input.
        activation: key of `ACTIVATIONS`.
        gain: weights are drawn from N(0, gain²/width).
        gate_bias: b_t of the highway; the lower, the more passes unchanged.
        seed: of input, weights and the direction the gradient starts in.
    """

    depth: int = 50
    width: int = 32
    activation: str = "tanh"
    gain: float = 1.0
    gate_bias: float = -2.0
    seed: int = 7


# One layer: (h, W, W^t) gives its output and how to turn ∂L/∂output into ∂L/∂h.
Layer = tuple[Array, Callable[[Array], Array]]


def _plain(setup: DepthSetup, h: Array, weight: Array, gate_weight: Array) -> Layer:
    row = ACTIVATIONS[setup.activation]
    z = h @ weight.T
    slope = row.phi_prime(z)
    return row.phi(z), lambda gradient: (gradient * slope) @ weight


def _residual(setup: DepthSetup, h: Array, weight: Array, gate_weight: Array) -> Layer:
    branch, back = _plain(setup, h, weight, gate_weight)
    return h + branch, lambda gradient: gradient + back(gradient)


def _highway(setup: DepthSetup, h: Array, weight: Array, gate_weight: Array) -> Layer:
    branch, back = _plain(setup, h, weight, gate_weight)
    gate = ACTIVATIONS["sigmoid"].phi(h @ gate_weight.T + setup.gate_bias)
    through_gate = (branch - h) * gate * (1.0 - gate)

    def backward(gradient: Array) -> Array:
        kept = gradient * (1.0 - gate)
        return np.asarray(kept + back(gradient * gate) + (gradient * through_gate) @ gate_weight)

    return h + gate * (branch - h), backward


KINDS: dict[str, Callable[[DepthSetup, Array, Array, Array], Layer]] = {
    "plain": _plain,
    "residual": _residual,
    "highway": _highway,
}


@dataclass(frozen=True)
class DepthDraws:
    """Everything random: the same for every kind of network.

    Attributes:
        x: (samples, width).
        weights, gate_weights: (depth, width, width).
        direction: of the gradient by the last layer, (samples, width), each row of length 1.
    """

    x: Array
    weights: Array
    gate_weights: Array
    direction: Array


def draw_depth(setup: DepthSetup) -> DepthDraws:
    """Draw input, weights and direction from the seed."""
    random = np.random.default_rng(setup.seed)
    n, shape = setup.width, (setup.depth, setup.width, setup.width)
    direction = random.standard_normal((SAMPLES, n))
    return DepthDraws(
        x=random.standard_normal((SAMPLES, n)),
        direction=direction / np.linalg.norm(direction, axis=1, keepdims=True),
        weights=random.standard_normal(shape) * (setup.gain / np.sqrt(n)),
        gate_weights=random.standard_normal(shape) * (setup.gain / np.sqrt(n)),
    )


def gradient_by_layer(kind: str, setup: DepthSetup, draws: DepthDraws) -> Array:
    """Return ‖∂L/∂h_l‖ for l = 0 … depth, (depth + 1,): the root mean square over the samples.

    L is the last layer's output along `direction`, so that the last value is 1. Where an output is
    too large for float64 every value is NaN: a slope of Inf or NaN is none.
    """
    h, backs = draws.x, []
    with np.errstate(over="ignore", invalid="ignore"):
        for weight, gate_weight in zip(draws.weights, draws.gate_weights, strict=True):
            h, back = KINDS[kind](setup, h, weight, gate_weight)
            backs.append(back)
        if not np.isfinite(h).all():
            return np.full(setup.depth + 1, np.nan)
        gradient, norms = draws.direction, [_rms_norm(draws.direction)]
        for back in reversed(backs):
            gradient = back(gradient)
            norms.append(_rms_norm(gradient))
    return np.array(norms[::-1])


def _rms_norm(rows: Array) -> float:
    return float(np.sqrt(np.mean(np.sum(rows * rows, axis=1))))
