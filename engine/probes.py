"""What is measured in every layer, in a few reductions over each stack.

Measuring reads and never writes what training uses, so that it changes no number of a run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.measure import row_norms
from engine.network import ActivationStack, DeepMLP
from engine.parameters import Parameters
from engine.record import LAYER_INDEX, LAYER_QUANTITIES, FirstBad, layer_name

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]

# Two units count as one where their weights agree to this share of the layer's largest.
DISTINCT_TOLERANCE = 1e-6


class Probes:
    """Measures a step, between the backward pass and the update, and once more after it.

    Args:
        network: the network, whose buffers hold the step.
        weights: the weights that are updated (the master weights in mixed precision).
    """

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        self._network = network
        self._weights = weights
        self._before = weights.flat.clone()
        self._update = weights.like(self._before)
        depth = network.layout.depth
        self._table = np.full((len(LAYER_QUANTITIES), depth + 1), math.nan)
        self._directions = [_direction(stack) for _, stack in weights.stacks["weight"]]
        activation = ACTIVATIONS[network.config.activation]
        self._saturates_beyond = activation.saturates_beyond
        self._has_flat_zero = activation.has_flat_zero

    def _write(self, quantity: str, layers: range, values: Tensor | Array | float) -> None:
        row = self._table[LAYER_INDEX[quantity]]
        if not isinstance(values, np.ndarray | float):
            values = values.cpu().numpy()
        row[layers.start : layers.stop] = values

    def measure(self, loss_scale: float) -> float:
        """Measure activations and gradients, before clipping and the update.

        Args:
            loss_scale: what the gradients were multiplied with.

        Returns:
            The L2 norm of the gradient of all parameters.
        """
        for stack in self._network.stacks:
            self._measure_activations(stack, loss_scale)
        for (layers, weight), direction in zip(
            self._weights.stacks["weight"], self._directions, strict=True
        ):
            self._write("weight_norm", layers, row_norms(weight))
            self._write("distinct_units", layers, _distinct_units(weight, direction))
        for layers, gradient in self._network.gradients.stacks["weight"]:
            self._write("weight_grad_norm", layers, row_norms(gradient) / loss_scale)
            zero, subnormal = _zeros_and_subnormals(gradient)
            self._write("zero_fraction", layers, zero)
            self._write("subnormal_fraction", layers, subnormal)
        self._count_nonfinite()
        flat = self._network.gradients.flat
        return float(row_norms(flat[None])[0]) / loss_scale

    def _measure_activations(self, stack: ActivationStack, loss_scale: float) -> None:
        layers, samples = stack.layers, stack.h[0].numel()
        self._write("activation_mean", layers, stack.h.flatten(1).mean(dim=1).double())
        self._write("activation_rms", layers, row_norms(stack.h) / math.sqrt(samples))
        self._write("activation_grad_norm", layers, row_norms(stack.dh) / loss_scale)
        if layers[-1] == self._network.layout.depth:
            return
        if self._saturates_beyond is not None:
            saturated = stack.u.abs().ge_(self._saturates_beyond)
            self._write("saturated_fraction", layers, saturated.flatten(1).mean(dim=1).double())
        if self._has_flat_zero:
            inactive = stack.a.amax(dim=1).eq_(0.0)
            self._write("inactive_fraction", layers, inactive.mean(dim=1).double())

    def _count_nonfinite(self) -> None:
        """Count the Inf and NaN entries of h, dL/dh and dL/dW, where a norm betrays some."""
        names = ("activation_rms", "activation_grad_norm", "weight_grad_norm")
        norms = self._table[[LAYER_INDEX[name] for name in names]]
        counts = np.zeros(norms.shape[1])
        if not np.isfinite(norms).all():
            tensors = [stack.h for stack in self._network.stacks]
            tensors += [stack.dh for stack in self._network.stacks]
            runs = [stack.layers for stack in self._network.stacks] * 2
            for run, gradient in self._network.gradients.stacks["weight"]:
                runs.append(run)
                tensors.append(gradient)
            for run, tensor in zip(runs, tensors, strict=True):
                bad = tensor.isfinite().logical_not_().flatten(1).sum(dim=1)
                counts[run.start : run.stop] += bad.cpu().numpy()
        self._table[LAYER_INDEX["nonfinite_count"]] = counts

    def before_update(self) -> None:
        """Remember the weights."""
        self._before.copy_(self._weights.flat)

    def after_update(self) -> None:
        """Measure the update that was really made, rounding included."""
        import torch

        torch.sub(self._weights.flat, self._before, out=self._before)
        weight_norms = self._table[LAYER_INDEX["weight_norm"]]
        for layers, update in self._update.stacks["weight"]:
            norms = row_norms(update).cpu().numpy()
            part = weight_norms[layers.start : layers.stop]
            with np.errstate(divide="ignore", invalid="ignore"):
                self._write("update_ratio", layers, norms / part)

    def table(self) -> Array:
        """Return a copy of the measurements, (quantities, depth + 1)."""
        return self._table.copy()


def _direction(stack: Tensor) -> Tensor:
    """Return a fixed direction (n_in,) in which different units almost surely differ."""
    import torch

    generator = torch.Generator().manual_seed(0)
    return torch.randn(stack.shape[2], generator=generator).to(stack)


def _distinct_units(weight: Tensor, direction: Tensor) -> Tensor:
    """Count the units of each layer whose incoming weights differ.

    Every unit is projected on one direction; units whose projections agree count as one.

    Args:
        weight: (layers, n_out, n_in).
        direction: (n_in,).

    Returns:
        float64 (layers,).
    """
    projections = (weight @ direction).sort(dim=1).values
    largest = projections.abs().amax(dim=1, keepdim=True)
    gaps = projections.diff(dim=1) > DISTINCT_TOLERANCE * largest
    return gaps.sum(dim=1).double() + 1.0


def _zeros_and_subnormals(gradient: Tensor) -> tuple[Tensor, Tensor]:
    """Return the shares of exact zeros and of subnormal entries in every layer.

    Args:
        gradient: (layers, ...), in the format it is stored in.

    Returns:
        Two float64 tensors (layers,).
    """
    import torch

    rows = gradient.flatten(1)
    size = rows.shape[1]
    smallest_normal = torch.finfo(gradient.dtype).tiny
    magnitude = rows.abs()
    nonzero = torch.count_nonzero(rows, dim=1).double()
    below = (magnitude < smallest_normal).sum(dim=1).double()
    zero = (size - nonzero) / size
    return zero, below / size - zero


def first_nonfinite(table: Array, loss: float, step: int) -> FirstBad | None:
    """Find the first non-finite tensor of a step.

    Searched forward through the activations, then the loss, backward through dL/dh, then
    dL/dW from the output on, and last the weights after the update.

    Args:
        table: (quantities, depth + 1), as `Probes.table` returns it.
        loss: of the batch.
        step: the step.
    """
    depth = table.shape[1] - 1

    def bad(quantity: str) -> Array:
        return np.flatnonzero(~np.isfinite(table[LAYER_INDEX[quantity]]))

    forward = bad("activation_rms")
    if len(forward):
        return FirstBad(step, layer_name(int(forward[0]), depth), "h")
    if not math.isfinite(loss):
        return FirstBad(step, "", "loss")
    for quantity, tensor in (("activation_grad_norm", "dL/dh"), ("weight_grad_norm", "dL/dW")):
        backward = bad(quantity)
        if len(backward):
            return FirstBad(step, layer_name(int(backward[-1]), depth), tensor)
    return None
