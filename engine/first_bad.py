"""Where a run first left the numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.kernels import all_finite
from engine.parameters import Parameters
from engine.record import LAYER_INDEX, FirstBad, layer_name

Array = NDArray[np.float64]

# Neighbouring rows, in which all that is looked for shows.
MEASURED = slice(LAYER_INDEX["activation_rms"], LAYER_INDEX["update_ratio"] + 1)


def first_nonfinite(
    table: Array, loss: float, step: int, weights: Parameters, *, forward_only: bool = False
) -> FirstBad | None:
    """Find the first non-finite tensor of a step.

    Searched forward through the activations, then the loss, backward through dL/dh, then
    dL/dW from the output on, and last the weights after the update.

    Args:
        table: (quantities, depth + 1), as `Probes.read` returns it.
        loss: of the batch.
        step: the step.
        weights: after the update.
        forward_only: no further than the loss: the gradient of a step that dynamic loss scaling
            leaves out may hold anything, but what is not scaled may not.
    """
    if math.isfinite(loss) and all_finite(table[MEASURED]):
        return None
    depth = table.shape[1] - 1

    def bad(quantity: str) -> NDArray[np.intp]:
        return np.flatnonzero(~np.isfinite(table[LAYER_INDEX[quantity]]))

    forward = bad("activation_rms")
    if len(forward):
        return FirstBad(step, layer_name(int(forward[0]), depth), "h")
    if not math.isfinite(loss):
        return FirstBad(step, "", "loss")
    if forward_only:
        return None
    for quantity, tensor in (("activation_grad_norm", "dL/dh"), ("weight_grad_norm", "dL/dW")):
        backward = bad(quantity)
        if len(backward):
            return FirstBad(step, layer_name(int(backward[-1]), depth), tensor)
    moved = bad("update_ratio")
    # A layer of zeros has no ratio, before an update that leaves it finite as before one that does
    # not, and a ratio may leave float64 alone: the weights themselves have to be looked at.
    if len(moved) and not bool(weights.flat.isfinite().all()):
        for layer in moved.tolist():
            if not bool(weights.weight[layer].isfinite().all()):
                return FirstBad(step, layer_name(layer, depth), "W")
    return None
