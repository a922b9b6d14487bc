"""The activations: one row each.

A row holds φ and φ′ in NumPy, for theory and pictures, and how to find the pair of kernels that
the network runs on. Sources: Clevert et al. 2016 (elu), Klambauer et al. 2017 (selu),
Hendrycks and Gimpel 2016 (gelu, exact form with the error function), Ramachandran et al. 2017
(silu), Misra 2019 (mish), Glorot and Bengio 2010 (softsign), Dive into Deep Learning,
"Numerical stability and initialisation" (scaled sigmoid).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]
# φ: (z, out) writes h. φ′: (dL/dh, z, h, out) writes dL/dz = dL/dh · φ′(z).
Forward = Callable[["Tensor", "Tensor"], object]
Backward = Callable[["Tensor", "Tensor", "Tensor", "Tensor"], object]

# Share of the largest slope below which a unit counts as saturated (THEORY of the diagnosis:
# |h| > 0.975 for tanh, near the 0.97 that Karpathy's lectures use).
SATURATION_SLOPE = 0.05
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
LEAKY_SLOPE = 0.01


@dataclass(frozen=True)
class Activation:
    """One activation.

    Attributes:
        formula: in plain text, for people.
        phi: φ on an array.
        phi_prime: φ′ on an array; at a kink the value that autograd takes.
        kernels: returns the torch pair (forward, backward); imports torch.
        saturates_beyond: |z| from which |φ′| < 0.05 sup |φ′|; None where φ is not bounded.
        has_flat_zero: φ = 0 on a whole interval, so that a unit can be inactive.
        slope_from_output: the way back needs h only, so that z need not be kept for it.
    """

    formula: str
    phi: Callable[[Array], Array]
    phi_prime: Callable[[Array], Array]
    kernels: Callable[[], tuple[Forward, Backward]]
    saturates_beyond: float | None = None
    has_flat_zero: bool = False
    slope_from_output: bool = False


def _logistic(z: Array) -> Array:
    # Written with tanh, which cannot overflow.
    return 0.5 * (1.0 + np.tanh(0.5 * z))


def _softplus(z: Array) -> Array:
    return np.logaddexp(0.0, z)


# erf on a grid: at each of its points the Taylor coefficients, by d/dx erf = 2 e^(−x²) / √π and
# the recursion of the Hermite polynomials. Half a cell is 1/128, so the first term left out is
# below 1e-18; beyond 6 erf is 1 to the last bit.
_ERF_CELLS_PER_UNIT = 64
_ERF_END = 6.0
_ERF_ORDER = 7


def _erf_table() -> Array:
    """Return the coefficients, (order + 1, grid points)."""
    x = np.arange(0.0, _ERF_END + 0.5 / _ERF_CELLS_PER_UNIT, 1.0 / _ERF_CELLS_PER_UNIT)
    table = np.empty((_ERF_ORDER + 1, len(x)))
    table[0] = [math.erf(value) for value in x]
    before, hermite = np.zeros_like(x), np.exp(-x * x) * (2.0 / math.sqrt(math.pi))
    for order in range(1, _ERF_ORDER + 1):
        # hermite holds (−1)^k H_k(x) e^(−x²) 2/√π / k!, k = order − 1.
        table[order] = hermite / order
        before, hermite = hermite, -2.0 * (x * hermite + before) / order
    return table


_ERF_TABLE = _erf_table()


def erf(x: Array) -> Array:
    """Return the error function, within 2e-16 or so of the exact value."""
    size = np.minimum(np.abs(x), _ERF_END)
    # A NaN passes through `size`; as a cell number it must be a number.
    cell = np.rint(np.fmin(size, _ERF_END) * _ERF_CELLS_PER_UNIT).astype(np.intp)
    distance = size - cell / _ERF_CELLS_PER_UNIT
    # Every row is contiguous, and gathering one at a time needs no large array.
    value = _ERF_TABLE[-1][cell]
    for row in _ERF_TABLE[-2::-1]:
        value *= distance
        value += row[cell]
    signed: Array = np.copysign(value, x)
    return signed


def _normal_cdf(z: Array) -> Array:
    return np.asarray(0.5 * (1.0 + erf(z / math.sqrt(2.0))))


def _normal_pdf(z: Array) -> Array:
    return np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def _mish_prime(z: Array) -> Array:
    t = np.tanh(_softplus(z))
    return t + z * (1.0 - t * t) * _logistic(z)


def _exp_branch(z: Array) -> Array:
    """Return exp(z) for z < 0, where it is used, and 1 elsewhere, where it could overflow."""
    return np.exp(np.minimum(z, 0.0))


def _identity_kernels() -> tuple[Forward, Backward]:
    return (
        lambda z, out: out.copy_(z),
        lambda dh, z, h, out: out.copy_(dh),
    )


def _sigmoid_kernels() -> tuple[Forward, Backward]:
    import torch

    backward = torch.ops.aten.sigmoid_backward.grad_input
    return (
        lambda z, out: torch.sigmoid(z, out=out),
        lambda dh, z, h, out: backward(dh, h, grad_input=out),
    )


def _tanh_kernels() -> tuple[Forward, Backward]:
    import torch

    backward = torch.ops.aten.tanh_backward.grad_input
    return (
        lambda z, out: torch.tanh(z, out=out),
        lambda dh, z, h, out: backward(dh, h, grad_input=out),
    )


def _scaled_sigmoid_kernels() -> tuple[Forward, Backward]:
    # 4 sigmoid(z) - 2 = 2 tanh(z / 2), so φ′ = 1 - tanh²(z / 2) = 1 - (h / 2)².
    import torch

    def forward(z: Tensor, out: Tensor) -> None:
        torch.mul(z, 0.5, out=out)
        out.tanh_().mul_(2.0)

    tanh_backward = torch.ops.aten.tanh_backward.grad_input

    def backward(dh: Tensor, z: Tensor, h: Tensor, out: Tensor) -> None:
        torch.mul(h, 0.5, out=out)
        tanh_backward(dh, out, grad_input=out)

    return forward, backward


def _relu_kernels() -> tuple[Forward, Backward]:
    import torch

    backward = torch.ops.aten.threshold_backward.grad_input
    return (
        lambda z, out: torch.clamp(z, min=0, out=out),
        lambda dh, z, h, out: backward(dh, h, 0, grad_input=out),
    )


def _hardtanh_kernels() -> tuple[Forward, Backward]:
    import torch

    backward = torch.ops.aten.hardtanh_backward.grad_input
    return (
        lambda z, out: torch.clamp(z, min=-1, max=1, out=out),
        lambda dh, z, h, out: backward(dh, z, -1, 1, grad_input=out),
    )


def _leaky_relu_kernels() -> tuple[Forward, Backward]:
    import torch

    forward = torch.ops.aten.leaky_relu.out
    backward = torch.ops.aten.leaky_relu_backward.grad_input
    return (
        lambda z, out: forward(z, LEAKY_SLOPE, out=out),
        lambda dh, z, h, out: backward(dh, z, LEAKY_SLOPE, False, grad_input=out),
    )


def _elu_like_kernels(alpha: float, scale: float) -> tuple[Forward, Backward]:
    import torch

    forward = torch.ops.aten.elu.out
    backward = torch.ops.aten.elu_backward.grad_input
    return (
        lambda z, out: forward(z, alpha, scale, 1.0, out=out),
        lambda dh, z, h, out: backward(dh, alpha, scale, 1.0, False, z, grad_input=out),
    )


def _gelu_kernels() -> tuple[Forward, Backward]:
    import torch

    forward = torch.ops.aten.gelu.out
    backward = torch.ops.aten.gelu_backward.grad_input
    return (
        lambda z, out: forward(z, out=out),
        lambda dh, z, h, out: backward(dh, z, grad_input=out),
    )


def _silu_kernels() -> tuple[Forward, Backward]:
    import torch

    forward = torch.ops.aten.silu.out
    backward = torch.ops.aten.silu_backward.grad_input
    return (
        lambda z, out: forward(z, out=out),
        lambda dh, z, h, out: backward(dh, z, grad_input=out),
    )


def _mish_kernels() -> tuple[Forward, Backward]:
    import torch

    forward = torch.ops.aten.mish.out
    backward = torch.ops.aten.mish_backward
    return (
        lambda z, out: forward(z, out=out),
        # PyTorch has no version of this one that writes into a buffer.
        lambda dh, z, h, out: out.copy_(backward(dh, z)),
    )


def _softplus_kernels() -> tuple[Forward, Backward]:
    # φ′ = sigmoid(z), written out: PyTorch's own operator switches to the identity at z = 20,
    # which is exact in float32 only.
    import torch

    def forward(z: Tensor, out: Tensor) -> None:
        # log(1 + exp z) = max(z, 0) + log1p(exp(-|z|)), which cannot overflow.
        torch.abs(z, out=out)
        out.neg_().exp_().log1p_().add_(torch.clamp(z, min=0))

    def backward(dh: Tensor, z: Tensor, h: Tensor, out: Tensor) -> None:
        torch.sigmoid(z, out=out)
        out.mul_(dh)

    return forward, backward


def _softsign_kernels() -> tuple[Forward, Backward]:
    # h = z / (1 + |z|) gives φ′ = 1 / (1 + |z|)² = (1 - |h|)².
    import torch

    def forward(z: Tensor, out: Tensor) -> None:
        torch.abs(z, out=out)
        torch.div(z, out.add_(1.0), out=out)

    def backward(dh: Tensor, z: Tensor, h: Tensor, out: Tensor) -> None:
        # 1 - |h| loses all digits where |h| nears 1; 1 + |z| does not.
        torch.abs(z, out=out)
        out.add_(1.0).pow_(-2.0).mul_(dh)

    return forward, backward


# |z| at which φ′ falls to 0.05 of its largest value.
_SECH2 = math.acosh(1.0 / math.sqrt(SATURATION_SLOPE))
_SOFTSIGN_EDGE = 1.0 / math.sqrt(SATURATION_SLOPE) - 1.0

ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation(
        "φ(z) = z",
        lambda z: z.copy(),
        lambda z: np.ones_like(z),
        _identity_kernels,
        slope_from_output=True,
    ),
    "sigmoid": Activation(
        "φ(z) = 1 / (1 + e⁻ᶻ)",
        _logistic,
        lambda z: _logistic(z) * _logistic(-z),
        _sigmoid_kernels,
        # sigmoid(z) = (1 + tanh(z / 2)) / 2
        saturates_beyond=2.0 * _SECH2,
        slope_from_output=True,
    ),
    "scaled_sigmoid": Activation(
        "φ(z) = 4 sigmoid(z) − 2",
        lambda z: 2.0 * np.tanh(0.5 * z),
        lambda z: 4.0 * _logistic(z) * _logistic(-z),
        _scaled_sigmoid_kernels,
        saturates_beyond=2.0 * _SECH2,
        slope_from_output=True,
    ),
    "tanh": Activation(
        "φ(z) = tanh z",
        np.tanh,
        lambda z: 1.0 - np.tanh(z) ** 2,
        _tanh_kernels,
        saturates_beyond=_SECH2,
        slope_from_output=True,
    ),
    "hardtanh": Activation(
        "φ(z) = max(−1, min(1, z))",
        lambda z: np.clip(z, -1.0, 1.0),
        lambda z: (np.abs(z) < 1.0).astype(np.float64),
        _hardtanh_kernels,
        saturates_beyond=1.0,
    ),
    "relu": Activation(
        "φ(z) = max(0, z)",
        lambda z: np.maximum(z, 0.0),
        lambda z: (z > 0.0).astype(np.float64),
        _relu_kernels,
        has_flat_zero=True,
        slope_from_output=True,
    ),
    "leaky_relu": Activation(
        "φ(z) = max(0.01 z, z)",
        lambda z: np.where(z > 0.0, z, LEAKY_SLOPE * z),
        lambda z: np.where(z > 0.0, 1.0, LEAKY_SLOPE),
        _leaky_relu_kernels,
    ),
    "elu": Activation(
        "φ(z) = z, or eᶻ − 1 below 0",
        lambda z: np.where(z > 0.0, z, np.expm1(np.minimum(z, 0.0))),
        lambda z: np.where(z > 0.0, 1.0, _exp_branch(z)),
        lambda: _elu_like_kernels(1.0, 1.0),
    ),
    "selu": Activation(
        "φ(z) = 1.0507 z, or 1.7581 (eᶻ − 1) below 0",
        lambda z: SELU_SCALE * np.where(z > 0.0, z, SELU_ALPHA * np.expm1(np.minimum(z, 0.0))),
        lambda z: SELU_SCALE * np.where(z > 0.0, 1.0, SELU_ALPHA * _exp_branch(z)),
        lambda: _elu_like_kernels(SELU_ALPHA, SELU_SCALE),
    ),
    "gelu": Activation(
        "φ(z) = z Φ(z), Φ the normal distribution function",
        lambda z: z * _normal_cdf(z),
        lambda z: _normal_cdf(z) + z * _normal_pdf(z),
        _gelu_kernels,
    ),
    "silu": Activation(
        "φ(z) = z sigmoid(z)",
        lambda z: z * _logistic(z),
        lambda z: _logistic(z) * (1.0 + z * _logistic(-z)),
        _silu_kernels,
    ),
    "mish": Activation(
        "φ(z) = z tanh(log(1 + eᶻ))",
        lambda z: z * np.tanh(_softplus(z)),
        _mish_prime,
        _mish_kernels,
    ),
    "softplus": Activation(
        "φ(z) = log(1 + eᶻ)",
        _softplus,
        _logistic,
        _softplus_kernels,
    ),
    "softsign": Activation(
        "φ(z) = z / (1 + |z|)",
        lambda z: z / (1.0 + np.abs(z)),
        lambda z: (1.0 + np.abs(z)) ** -2.0,
        _softsign_kernels,
        saturates_beyond=_SOFTSIGN_EDGE,
    ),
}
