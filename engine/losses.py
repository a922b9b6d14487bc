"""The two losses, each with its derivative by the output of the network.

Both return the mean over the batch, and write dL/dlogits of that mean times the loss scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.kernels import count_right

if TYPE_CHECKING:
    from torch import Tensor

# (logits, targets, loss scale, where dL/dlogits goes or None) -> (loss, right answers), both
# 0-dimensional, the latter on a card for as long as nobody waits for it.
Loss = Callable[["Tensor", "Tensor", float, "Tensor | None"], "tuple[Tensor, Tensor | float]"]

# PyTorch's numbers for the mean over the batch, and for no class being left out of it.
_MEAN, _NONE_LEFT_OUT = 1, -100
# A larger loss scale is not to be had in float16 as a number, though its products with the
# gradient may be.
_IN_EVERY_FORMAT = 65504.0


def cross_entropy(
    logits: Tensor, classes: Tensor, loss_scale: float, gradient: Tensor | None
) -> tuple[Tensor, Tensor | float]:
    """Return the mean of −log softmax(logits)[class], and the number of right answers.

    Its derivative by the logits is (softmax − one-hot) / batch: that of −log p, by class, passed
    back through the logarithm of the softmax.

    Args:
        logits: (batch, classes).
        classes: int64 (batch,).
        loss_scale: multiplies the gradient.
        gradient: (batch, classes), written; None: not wanted.
    """
    import torch

    log_probabilities = torch.log_softmax(logits, dim=1)
    operators = torch.ops.aten
    rule = (None, _MEAN, _NONE_LEFT_OUT)
    loss, samples = operators.nll_loss_forward.default(log_probabilities, classes, *rule)
    if gradient is not None:
        # By the operators of autograd, whose rounding is that of any other PyTorch program.
        within = min(loss_scale, _IN_EVERY_FORMAT)
        by_loss = torch.full_like(loss, within)
        by_log = operators.nll_loss_backward.default(
            by_loss, log_probabilities, classes, *rule, samples
        )
        arguments = (by_log, log_probabilities, 1, loss.dtype)
        if within == loss_scale and gradient.dtype == loss.dtype:
            operators._log_softmax_backward_data.out(*arguments, out=gradient)
        else:
            by_logits = operators._log_softmax_backward_data.default(*arguments)
            torch.mul(by_logits, loss_scale / within, out=gradient)
    return loss, _right_answers(logits, classes)


def mean_squared_error(
    outputs: Tensor, targets: Tensor, loss_scale: float, gradient: Tensor | None
) -> tuple[Tensor, Tensor | float]:
    """Return the mean of (output − target)² over batch and outputs, and NaN: nothing is right.

    Its derivative by the outputs is 2 (output − target) / (batch · outputs).

    Args:
        outputs: (batch, outputs).
        targets: (batch, outputs).
        loss_scale: multiplies the gradient.
        gradient: (batch, outputs), written; None: not wanted.
    """
    import torch

    error = outputs - targets
    loss = error.square().mean()
    if gradient is not None:
        torch.mul(error, 2.0 * loss_scale / error.numel(), out=gradient)
    return loss, loss.new_full((), math.nan) if loss.is_cuda else math.nan


def _right_answers(logits: Tensor, classes: Tensor) -> Tensor | float:
    """Return the number of samples whose largest logit is that of their class."""
    if logits.is_cuda or logits.dtype.itemsize < 4:
        right: Tensor = (logits.argmax(dim=1) == classes).sum()
        return right
    return count_right(logits.numpy(), classes.numpy())
