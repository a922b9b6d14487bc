"""The initialisers: one row each, with the variance it gives a weight.

A weight of a layer with n_in inputs and n_out outputs has the shape (n_out, n_in). The draws are
those of `torch.nn.init` with the same generator, wherever PyTorch has the scheme.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from engine.config import RunConfig


@dataclass(frozen=True)
class Initializer:
    """One way to draw the weights.

    Attributes:
        formula: in plain text, for people.
        source: where it comes from.
        variance: (n_in, n_out, config) gives the variance of a weight at gain 1; NaN where
            the weights are not independent draws of one distribution.
        fill: (weight, config, generator) draws the weight in place; imports torch.
        fill_bias: (bias, n_in, generator) draws the bias in place; None: biases start at zero.
        from_data: the weights are rescaled afterwards so that each layer's output on the first
            batch has variance 1.
    """

    formula: str
    source: str
    variance: Callable[[int, int, RunConfig], float]
    fill: Callable[[Tensor, RunConfig, Generator], object]
    fill_bias: Callable[[Tensor, int, Generator], object] | None = None
    from_data: bool = False


def _no_variance(n_in: int, n_out: int, config: RunConfig) -> float:
    return math.nan


def _zeros(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    weight.zero_()


def _constant(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    weight.fill_(config.init_constant)


def _normal(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    from torch.nn import init

    init.normal_(weight, 0.0, config.init_std, generator=generator)


def _uniform(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    from torch.nn import init

    bound = 1.0 / math.sqrt(weight.shape[1])
    init.uniform_(weight, -bound, bound, generator=generator)


def _xavier_normal(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    from torch.nn import init

    init.xavier_normal_(weight, generator=generator)


def _xavier_uniform(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    from torch.nn import init

    init.xavier_uniform_(weight, generator=generator)


def _kaiming_normal(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    from torch.nn import init

    init.kaiming_normal_(weight, mode="fan_in", nonlinearity="relu", generator=generator)


def _kaiming_uniform(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    from torch.nn import init

    init.kaiming_uniform_(weight, mode="fan_in", nonlinearity="relu", generator=generator)


def _lecun_normal(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    from torch.nn import init

    init.normal_(weight, 0.0, 1.0 / math.sqrt(weight.shape[1]), generator=generator)


def _orthogonal(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    from torch.nn import init

    init.orthogonal_(weight, generator=generator)


def _torch_default(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    from torch.nn import init

    init.kaiming_uniform_(weight, a=math.sqrt(5.0), generator=generator)


def _torch_default_bias(bias: Tensor, n_in: int, generator: Generator) -> None:
    from torch.nn import init

    bound = 1.0 / math.sqrt(n_in)
    init.uniform_(bias, -bound, bound, generator=generator)


def _identity(weight: Tensor, config: RunConfig, generator: Generator) -> None:
    from torch.nn import init

    init.eye_(weight)


def _xavier_variance(n_in: int, n_out: int, config: RunConfig) -> float:
    return 2.0 / (n_in + n_out)


def _he_variance(n_in: int, n_out: int, config: RunConfig) -> float:
    return 2.0 / n_in


def _orthogonal_variance(n_in: int, n_out: int, config: RunConfig) -> float:
    return 1.0 / max(n_in, n_out)


INITIALIZERS: dict[str, Initializer] = {
    "zeros": Initializer("w = 0", "Dive into Deep Learning", lambda *_: 0.0, _zeros),
    "constant": Initializer("w = c", "Dive into Deep Learning", lambda *_: 0.0, _constant),
    "normal": Initializer(
        "w ~ N(0, σ²)",
        "Dive into Deep Learning",
        lambda n_in, n_out, config: config.init_std**2,
        _normal,
    ),
    "uniform": Initializer(
        "w ~ U(−1/√n_in, 1/√n_in)",
        "Glorot and Bengio 2010, eq. (1)",
        lambda n_in, n_out, config: 1.0 / (3.0 * n_in),
        _uniform,
    ),
    "xavier_normal": Initializer(
        "w ~ N(0, 2/(n_in + n_out))",
        "Glorot and Bengio 2010, eq. (12)",
        _xavier_variance,
        _xavier_normal,
    ),
    "xavier_uniform": Initializer(
        "w ~ U(−√(6/(n_in + n_out)), √(6/(n_in + n_out)))",
        "Glorot and Bengio 2010, eq. (16)",
        _xavier_variance,
        _xavier_uniform,
    ),
    "kaiming_normal": Initializer(
        "w ~ N(0, 2/n_in)", "He et al. 2015, eq. (10)", _he_variance, _kaiming_normal
    ),
    "kaiming_uniform": Initializer(
        "w ~ U(−√(6/n_in), √(6/n_in))", "He et al. 2015, eq. (10)", _he_variance, _kaiming_uniform
    ),
    "lecun_normal": Initializer(
        "w ~ N(0, 1/n_in)",
        "LeCun et al. 1998, section 4.6",
        lambda n_in, n_out, config: 1.0 / n_in,
        _lecun_normal,
    ),
    "orthogonal": Initializer(
        "W with orthonormal rows or columns",
        "Saxe et al. 2013",
        _orthogonal_variance,
        _orthogonal,
    ),
    "torch_default": Initializer(
        "w, b ~ U(−1/√n_in, 1/√n_in)",
        "torch.nn.Linear",
        lambda n_in, n_out, config: 1.0 / (3.0 * n_in),
        _torch_default,
        fill_bias=_torch_default_bias,
    ),
    "identity": Initializer("W = I", "Le et al. 2015", _no_variance, _identity),
    "lsuv": Initializer(
        "orthogonal, then each layer's output scaled to variance 1",
        "Mishkin and Matas 2016",
        _no_variance,
        _orthogonal,
        from_data=True,
    ),
}
