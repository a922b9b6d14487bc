"""Layer-sequential unit-variance initialisation (Mishkin and Matas 2016, algorithm 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.parameters import Parameters

if TYPE_CHECKING:
    from torch import Tensor

    from engine.activations import Forward

# As in the paper.
TOLERANCE = 0.02
MOST_ITERATIONS = 10


def scale_to_unit_variance(parameters: Parameters, x: Tensor, phi: Forward) -> list[int]:
    """Divide each hidden layer's weight by the standard deviation of its output, in place.

    Layer by layer from the input, until the variance of the pre-activations is within 0.02 of 1.

    Args:
        parameters: drawn orthogonal; changed in place.
        x: a batch, (samples, n_in).
        phi: the activation.

    Returns:
        How many times each layer was divided.
    """
    import torch

    h, iterations = x, []
    for layer in range(parameters.layout.depth):
        weight, bias = parameters.weight[layer], parameters.bias[layer]
        z = torch.addmm(bias, h, weight.t())
        count = 0
        while count < MOST_ITERATIONS and abs(z.var(correction=0) - 1.0) >= TOLERANCE:
            # A layer that gives a constant cannot be scaled to anything else.
            if z.var(correction=0) == 0.0:
                break
            weight.div_(z.std(correction=0))
            torch.addmm(bias, h, weight.t(), out=z)
            count += 1
        iterations.append(count)
        h = torch.empty_like(z)
        phi(z, h)
    return iterations
