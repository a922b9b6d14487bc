"""Layer-sequential unit-variance initialisation (Mishkin and Matas 2016, algorithm 1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.activations import ACTIVATIONS
from engine.network import pass_on
from engine.parameters import Parameters

if TYPE_CHECKING:
    from torch import Tensor

    from engine.config import RunConfig

# As in the paper.
TOLERANCE = 0.02
MOST_ITERATIONS = 10


def scale_to_unit_variance(config: RunConfig, parameters: Parameters, x: Tensor) -> list[int]:
    """Divide each hidden layer's weight by the standard deviation of its output, in place.

    Layer by layer from the input, until the variance of W h is within 0.02 of 1.
    What a layer gives on passes through normalisation and skip connections where there are any, as
    it will when the network is trained. Dropout is left out: its mask is another in every step.
    Biases that were drawn are added after that, with a variance of their own: the paper has none,
    and no weight could make up for them.

    Args:
        config: the experiment.
        parameters: drawn orthogonal; changed in place.
        x: a batch, (samples, n_in).

    Returns:
        How many times each layer was divided.
    """
    import torch

    phi, _ = ACTIVATIONS[config.activation].kernels()
    h, iterations = x, []
    for layer in range(parameters.layout.depth):
        weight, bias = parameters.weight[layer], parameters.bias[layer]
        z = torch.mm(h, weight.t())
        count = 0
        while count < MOST_ITERATIONS and abs(z.var(correction=0) - 1.0) >= TOLERANCE:
            # A layer that gives a constant cannot be scaled to anything else.
            if z.var(correction=0) == 0.0:
                break
            weight.div_(z.std(correction=0))
            torch.mm(h, weight.t(), out=z)
            count += 1
        iterations.append(count)
        h = pass_on(config, parameters, layer, h, z.add_(bias), phi)
    return iterations
