"""The two losses, each with its derivative by the output of the network.

Both return the mean over the batch, and write dL/dlogits of that mean times the loss scale.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

# (logits, targets, loss scale, where dL/dlogits goes or None) -> (loss, right answers), both
# 0-dimensional.
Loss = Callable[["Tensor", "Tensor", float, "Tensor | None"], "tuple[Tensor, Tensor]"]

# PyTorch's numbers for the mean over the batch, and for no class being left out of it.
_MEAN, _NONE_LEFT_OUT = 1, -100
# A larger loss scale is not to be had in float16 as a number, though its products with the
# gradient may be.
_IN_EVERY_FORMAT = 65504.0


def cross_entropy(
    logits: Tensor, classes: Tensor, loss_scale: float, gradient: Tensor | None
) -> tuple[Tensor, Tensor]:
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
    right = (logits.argmax(dim=1) == classes).sum()
    if gradient is not None:
        # By the operators of autograd, whose rounding is that of any other PyTorch program.
        within = min(loss_scale, _IN_EVERY_FORMAT)
        by_loss = torch.full_like(loss, within)
        by_log = operators.nll_loss_backward.default(
            by_loss, log_probabilities, classes, *rule, samples
        )
        by_logits = operators._log_softmax_backward_data.default(
            by_log, log_probabilities, 1, loss.dtype
        )
        torch.mul(by_logits, loss_scale / within, out=gradient)
    return loss, right


def mean_squared_error(
    outputs: Tensor, targets: Tensor, loss_scale: float, gradient: Tensor | None
) -> tuple[Tensor, Tensor]:
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
    return loss, loss.new_full((), float("nan"))
