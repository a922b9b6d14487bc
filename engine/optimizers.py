"""The update rules, on flat tensors: one operation covers all parameters of a block.

The rules are those of `torch.optim`, with its defaults; LARS is You, Gitman and Ginsburg 2017.
They are written here, and not taken from PyTorch, because its optimiser classes import the
compiler (seconds of start-up) and know nothing of layers that share a tensor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from engine.measure import exact_norms
from engine.parameters import Block, Parameters

if TYPE_CHECKING:
    from torch import Tensor

    from engine.config import RunConfig

RMSPROP_ALPHA = 0.99
ADAM_BETAS = (0.9, 0.999)
# Rounds to zero in float16, there as here: a gradient whose square does so too is divided by zero.
EPSILON = 1e-8
# You et al. 2017, section 5: the trust coefficient η.
LARS_TRUST = 0.001
CLIP_EPSILON = 1e-6


class Optimizer:
    """An update rule and what it remembers.

    Args:
        parameters: what is updated.
        rule: name of the rule, one of `RULES`.
    """

    def __init__(self, parameters: Parameters, rule: str) -> None:
        self.steps = 0
        self._rule = RULES[rule]
        self._weights = parameters.blocks
        memory = [
            parameters.zeros(parameters.flat.dtype).blocks for _ in range(self._rule.memories)
        ]
        self._remembered = [[of_all[block] for of_all in memory]
                            for block in range(len(self._weights))]  # fmt: skip

    def begin_step(self) -> None:
        """Count a step; every block is updated once in it."""
        self.steps += 1

    def step(self, block: int, gradient: Block, config: RunConfig) -> None:
        """Update one block.

        Args:
            block: which.
            gradient: of the mean loss, unscaled and clipped; it may be written to.
            config: learning rate, momentum and decay are read from it.
        """
        weights = self._weights[block]
        self._rule.update(config, self.steps, weights, gradient, *self._remembered[block])


def _add(to: Tensor, values: Tensor, factor: float) -> None:
    """Add factor · values, in place.

    PyTorch refuses a factor that float16 cannot hold, however small the product is.
    """
    import torch

    if abs(factor) <= torch.finfo(to.dtype).max:
        to.add_(values, alpha=factor)
    else:
        to.add_(values * factor)


def _decayed(weights: Block, gradient: Block, config: RunConfig) -> Tensor:
    if config.weight_decay:
        gradient.flat.add_(weights.flat, alpha=config.weight_decay)
    return gradient.flat


def _sgd(config: RunConfig, step: int, weights: Block, gradient: Block) -> None:
    _add(weights.flat, _decayed(weights, gradient, config), -config.learning_rate)


def _momentum(
    config: RunConfig, step: int, weights: Block, gradient: Block, velocity: Block
) -> None:
    velocity.flat.mul_(config.momentum).add_(_decayed(weights, gradient, config))
    _add(weights.flat, velocity.flat, -config.learning_rate)


def _nesterov(
    config: RunConfig, step: int, weights: Block, gradient: Block, velocity: Block
) -> None:
    update = _decayed(weights, gradient, config)
    velocity.flat.mul_(config.momentum).add_(update)
    update.add_(velocity.flat, alpha=config.momentum)
    _add(weights.flat, update, -config.learning_rate)


def _rmsprop(
    config: RunConfig, step: int, weights: Block, gradient: Block, mean_square: Block
) -> None:
    update = _decayed(weights, gradient, config)
    mean_square.flat.mul_(RMSPROP_ALPHA).addcmul_(update, update, value=1.0 - RMSPROP_ALPHA)
    spread = mean_square.flat.sqrt().add_(EPSILON)
    weights.flat.addcdiv_(update, spread, value=-config.learning_rate)


def _adam(
    config: RunConfig, step: int, weights: Block, gradient: Block, mean: Block, square: Block
) -> None:
    _decayed(weights, gradient, config)
    _adam_update(config, step, weights, gradient, mean, square)


def _adamw(
    config: RunConfig, step: int, weights: Block, gradient: Block, mean: Block, square: Block
) -> None:
    # Loshchilov and Hutter 2019: the decay does not pass through the moments.
    weights.flat.mul_(1.0 - config.learning_rate * config.weight_decay)
    _adam_update(config, step, weights, gradient, mean, square)


def _adam_update(
    config: RunConfig, step: int, weights: Block, gradient: Block, mean: Block, square: Block
) -> None:
    """Kingma and Ba 2015, algorithm 1."""
    first, second = ADAM_BETAS
    mean.flat.lerp_(gradient.flat, 1.0 - first)
    square.flat.mul_(second).addcmul_(gradient.flat, gradient.flat, value=1.0 - second)
    spread = square.flat.sqrt().div_((1.0 - second**step) ** 0.5).add_(EPSILON)
    rate = config.learning_rate / (1.0 - first**step)
    weights.flat.addcdiv_(mean.flat, spread, value=-rate)


def _lars(config: RunConfig, step: int, weights: Block, gradient: Block, velocity: Block) -> None:
    """Follow v = m v + λ · η ‖w‖ / (‖g‖ + β ‖w‖) · (g + β w) for each weight; w = w − v.

    Biases, gates' biases and the normalisation's scale and shift keep the plain momentum rule.
    """
    import torch

    decay = config.weight_decay
    adapted = {}
    for name in ("weight", "gate_weight"):
        if name in weights.tensors:
            weight, by_weight = weights.tensors[name], gradient.tensors[name]
            weight_norm, gradient_norm = exact_norms(weight), exact_norms(by_weight)
            trust = LARS_TRUST * weight_norm / (gradient_norm + decay * weight_norm)
            # Where either norm is zero the ratio says nothing: the plain rule applies.
            usable = (weight_norm > 0) & (gradient_norm > 0)
            trust = torch.where(usable, trust, torch.ones_like(trust))[:, None, None]
            # In float64: the ratio of a gradient that has vanished fits into no other format.
            adapted[name] = by_weight.to(torch.float64, copy=True).add_(weight, alpha=decay)
            adapted[name].mul_(trust)
    update = _decayed(weights, gradient, config)
    for name, values in adapted.items():
        gradient.tensors[name].copy_(values)
    _add(velocity.flat.mul_(config.momentum), update, config.learning_rate)
    weights.flat.sub_(velocity.flat)


class Rule(NamedTuple):
    """An update rule.

    Attributes:
        update: of one block.
        memories: how many tensors of the size of the parameters it remembers.
        scratch: the bytes that it takes while it updates a block, and gives back after it: for
            the bytes of a parameter, the number of weights of the block, and of what it has
            besides, the weights of gates among them.
    """

    update: Callable[..., None]
    memories: int
    scratch: Callable[[int, int, int], int] = lambda item_bytes, weights, others: 0


def _root_bytes(item_bytes: int, weights: int, others: int) -> int:
    """The square root of the mean square."""
    return item_bytes * (weights + others)


def _adapted_bytes(item_bytes: int, weights: int, others: int) -> int:
    """The step in float64, the weights on their way into it, and that of the gates."""
    return 8 * (2 * weights + others)


RULES = {
    "sgd": Rule(_sgd, 0),
    "momentum": Rule(_momentum, 1),
    "nesterov": Rule(_nesterov, 1),
    "rmsprop": Rule(_rmsprop, 1, _root_bytes),
    "adam": Rule(_adam, 2, _root_bytes),
    "adamw": Rule(_adamw, 2, _root_bytes),
    "lars": Rule(_lars, 1, _adapted_bytes),
}


def is_plain_descent(config: RunConfig) -> bool:
    """Say whether a step is w ← w − λ ∂L/∂w, with the gradient as it was computed."""
    plain = config.optimizer == "sgd" and not config.weight_decay
    return plain and config.clip == "none" and config.loss_scale == 1.0


def needs_whole_gradient(config: RunConfig) -> bool:
    """Say whether all gradients have to be known before the first weight is updated."""
    return config.clip == "norm" or config.loss_scale == "dynamic"


def clip_values(gradient: Tensor, threshold: float) -> None:
    """Cut each entry to the threshold, in place."""
    import torch

    # A threshold beyond the format cuts nothing.
    threshold = min(threshold, torch.finfo(gradient.dtype).max)
    gradient.clamp_(-threshold, threshold)


def clip_norm(gradient: Tensor, norm: float, threshold: float) -> None:
    """Scale all entries so that their norm is at most the threshold, in place.

    Pascanu et al. 2013, algorithm 1, with the small term that `torch.nn.utils.clip_grad_norm_`
    adds to the norm.

    Args:
        gradient: of all parameters.
        norm: its L2 norm.
        threshold: the largest norm that is let through.
    """
    factor = threshold / (norm + CLIP_EPSILON)
    # A norm that is not a number makes all of it so.
    if not factor >= 1.0:
        gradient.mul_(factor)
