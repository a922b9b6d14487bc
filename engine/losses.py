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


def cross_entropy(
    logits: Tensor, classes: Tensor, loss_scale: float, gradient: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return the mean of −log softmax(logits)[class], and the number of right answers.

    Its derivative by the logits is (softmax − one-hot) / batch.

    Args:
        logits: (batch, classes).
        classes: int64 (batch,).
        loss_scale: multiplies the gradient.
        gradient: (batch, classes), written; None: not wanted.
    """
    import torch

    log_probabilities = torch.log_softmax(logits, dim=1)
    loss = torch.nn.functional.nll_loss(log_probabilities, classes)
    right = (logits.argmax(dim=1) == classes).sum()
    if gradient is not None:
        by_logits = log_probabilities.exp_()
        by_logits.scatter_(1, classes[:, None], -1.0, reduce="add")
        torch.mul(by_logits, loss_scale / len(logits), out=gradient)
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
