"""The update rules, on flat tensors: one operation covers all parameters.

The rules are those of `torch.optim`, with its defaults; LARS is You, Gitman and Ginsburg 2017.
They are written here, and not taken from PyTorch, because its optimiser classes import the
compiler (seconds of start-up) and know nothing of layers that share a tensor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.measure import exact_norms
from engine.parameters import Parameters

if TYPE_CHECKING:
    from torch import Tensor

    from engine.config import RunConfig

RMSPROP_ALPHA = 0.99
ADAM_BETAS = (0.9, 0.999)
EPSILON = 1e-8
# You et al. 2017, section 5: the trust coefficient η.
LARS_TRUST = 0.001


class Optimizer:
    """An update rule and what it remembers.

    Args:
        parameters: what is updated.
        gradients: of the mean loss, unscaled and clipped.
        rule: name of the rule, one of `RULES`.
    """

    def __init__(self, parameters: Parameters, gradients: Parameters, rule: str) -> None:
        self.parameters = parameters
        self.gradients = gradients
        self.steps = 0
        self._update, memories = RULES[rule]
        self.memory = [parameters.flat.new_zeros(parameters.flat.shape) for _ in range(memories)]

    def step(self, config: RunConfig) -> None:
        """Update the parameters; learning rate, momentum and decay are read from `config`."""
        self.steps += 1
        self._update(self, config)


def _decayed_gradient(optimizer: Optimizer, config: RunConfig) -> Tensor:
    gradient = optimizer.gradients.flat
    if config.weight_decay:
        gradient.add_(optimizer.parameters.flat, alpha=config.weight_decay)
    return gradient


def _sgd(optimizer: Optimizer, config: RunConfig) -> None:
    gradient = _decayed_gradient(optimizer, config)
    optimizer.parameters.flat.add_(gradient, alpha=-config.learning_rate)


def _momentum(optimizer: Optimizer, config: RunConfig) -> None:
    (velocity,) = optimizer.memory
    velocity.mul_(config.momentum).add_(_decayed_gradient(optimizer, config))
    optimizer.parameters.flat.add_(velocity, alpha=-config.learning_rate)


def _nesterov(optimizer: Optimizer, config: RunConfig) -> None:
    (velocity,) = optimizer.memory
    gradient = _decayed_gradient(optimizer, config)
    velocity.mul_(config.momentum).add_(gradient)
    gradient.add_(velocity, alpha=config.momentum)
    optimizer.parameters.flat.add_(gradient, alpha=-config.learning_rate)


def _rmsprop(optimizer: Optimizer, config: RunConfig) -> None:
    (mean_square,) = optimizer.memory
    gradient = _decayed_gradient(optimizer, config)
    mean_square.mul_(RMSPROP_ALPHA).addcmul_(gradient, gradient, value=1.0 - RMSPROP_ALPHA)
    spread = mean_square.sqrt().add_(EPSILON)
    optimizer.parameters.flat.addcdiv_(gradient, spread, value=-config.learning_rate)


def _adam(optimizer: Optimizer, config: RunConfig) -> None:
    _adam_update(optimizer, _decayed_gradient(optimizer, config), config)


def _adamw(optimizer: Optimizer, config: RunConfig) -> None:
    # Loshchilov and Hutter 2019: the decay does not pass through the moments.
    optimizer.parameters.flat.mul_(1.0 - config.learning_rate * config.weight_decay)
    _adam_update(optimizer, optimizer.gradients.flat, config)


def _adam_update(optimizer: Optimizer, gradient: Tensor, config: RunConfig) -> None:
    mean, mean_square = optimizer.memory
    first, second = ADAM_BETAS
    mean.lerp_(gradient, 1.0 - first)
    mean_square.mul_(second).addcmul_(gradient, gradient, value=1.0 - second)
    mean_bias = 1.0 - first**optimizer.steps
    square_bias = 1.0 - second**optimizer.steps
    spread = mean_square.sqrt().div_(square_bias**0.5).add_(EPSILON)
    rate = config.learning_rate / mean_bias
    optimizer.parameters.flat.addcdiv_(mean, spread, value=-rate)


def _lars(optimizer: Optimizer, config: RunConfig) -> None:
    """V = m v + λ · η ‖w‖ / (‖g‖ + β ‖w‖) · (g + β w) for each weight; w = w − v.

    Biases, gates' biases and the normalisation's scale and shift keep the plain momentum rule.
    """
    import torch

    (velocity,) = optimizer.memory
    decay = config.weight_decay
    weights, gradients = optimizer.parameters, optimizer.gradients
    trusts = []
    for kind in ("weight", "gate_weight"):
        pairs = zip(weights.stacks.get(kind, []), gradients.stacks.get(kind, []), strict=True)
        for (_, weight), (_, gradient) in pairs:
            weight_norm, gradient_norm = exact_norms(weight), exact_norms(gradient)
            trust = LARS_TRUST * weight_norm / (gradient_norm + decay * weight_norm)
            # Where either norm is zero the ratio says nothing: the plain rule applies.
            usable = (weight_norm > 0) & (gradient_norm > 0)
            trusts.append((gradient, torch.where(usable, trust, torch.ones_like(trust))))
    if decay:
        gradients.flat.add_(weights.flat, alpha=decay)
    for gradient, trust in trusts:
        gradient.mul_(trust.to(gradient.dtype)[:, None, None])
    velocity.mul_(config.momentum).add_(gradients.flat, alpha=config.learning_rate)
    weights.flat.sub_(velocity)


# By name: the rule, and how many tensors it remembers.
RULES: dict[str, tuple[Callable[[Optimizer, RunConfig], None], int]] = {
    "sgd": (_sgd, 0),
    "momentum": (_momentum, 1),
    "nesterov": (_nesterov, 1),
    "rmsprop": (_rmsprop, 1),
    "adam": (_adam, 2),
    "adamw": (_adamw, 2),
    "lars": (_lars, 1),
}


def clip_gradients(gradients: Parameters, norm: float, config: RunConfig) -> None:
    """Limit the gradient in place.

    Args:
        gradients: of all parameters.
        norm: their L2 norm together.
        config: `clip` says how; "norm" scales all entries so that the norm is the threshold
            (Pascanu et al. 2013, algorithm 1), "value" cuts each entry.
    """
    threshold = config.clip_threshold
    if config.clip == "value":
        gradients.flat.clamp_(-threshold, threshold)
    elif config.clip == "norm" and norm > threshold:
        gradients.flat.mul_(threshold / norm)
