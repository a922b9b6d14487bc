"""What is measured in every layer, in a few reductions over each stack.

Measuring reads and never writes what training uses, so that it changes no number of a run. All
reductions write into one small table on the device, which crosses to the CPU once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.activations import ACTIVATIONS
from engine.measure import SAFE_NORMS, exact_norms, reduction_dtype, total_norm
from engine.network import ActivationStack, DeepMLP
from engine.parameters import Parameters
from engine.record import LAYER_INDEX, LAYER_QUANTITIES, FirstBad, applicable, layer_name

if TYPE_CHECKING:
    from torch import Tensor

Array = NDArray[np.float64]

# Two units count as one where their weights agree to this share of the layer's largest.
DISTINCT_TOLERANCE = 1e-6

# Rows of the table that the reductions fill. The norms come first.
NORMS = ("h", "dh", "weight", "weight_gradient", "update")
FRACTIONS = ("mean", "saturated", "inactive", "below_normal", "nonzero")
ROWS = {name: row for row, name in enumerate(NORMS + FRACTIONS)}


class Probes:
    """Measures a step, between the backward pass and the update, and once more after it.

    Args:
        network: the network, whose buffers hold the step.
        weights: the weights that are updated (the master weights in mixed precision).
    """

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        import torch

        self._network = network
        self._weights = weights
        self._before = weights.flat.clone()
        self._update = weights.like(self._before)
        gradients = network.gradients
        depth = network.layout.depth
        self._dtype = reduction_dtype(gradients.flat)
        self._table = gradients.flat.new_zeros((len(ROWS), depth + 1), dtype=self._dtype)
        # One piece of memory serves every operation that needs a place for its result.
        largest = max(
            stack.numel()
            for stack in [*(s.u for s in network.stacks), *_tensors(gradients.stacks["weight"])]
        )
        self._scratch = gradients.flat.new_empty(largest)

        activation = ACTIVATIONS[network.config.activation]
        self._norm_jobs: list[tuple[str, range, Tensor]] = []
        self._jobs: list[Callable[[], object]] = []
        for stack in network.stacks:
            self._plan_activations(stack, activation.saturates_beyond, activation.has_flat_zero)
        for layers, weight in weights.stacks["weight"]:
            self._plan_norm("weight", layers, weight)
        for layers, gradient in gradients.stacks["weight"]:
            self._plan_norm("weight_gradient", layers, gradient)
            self._jobs.append(partial(self._count_below_normal, layers, gradient))
        self._update_jobs: list[Callable[[], object]] = []
        for layers, update in self._update.stacks["weight"]:
            self._plan_norm("update", layers, update, self._update_jobs)
        self._projections = [
            _Projections(layers, weight) for layers, weight in weights.stacks["weight"]
        ]
        self._applies = applicable(network.config)
        self._samples = np.array(
            [stack.h[0].numel() for stack in network.stacks for _ in stack.layers]
        )
        self._result = np.zeros((len(LAYER_QUANTITIES), depth + 1))

    # What to measure, decided once ---------------------------------------------------------------

    def _place(self, row: str, layers: range) -> Tensor:
        return self._table[ROWS[row], layers.start : layers.stop]

    def _plan_norm(
        self,
        row: str,
        layers: range,
        tensor: Tensor,
        jobs: list[Callable[[], object]] | None = None,
    ) -> None:
        import torch

        rows, place = tensor.flatten(1), self._place(row, layers)
        self._norm_jobs.append((row, layers, rows))
        measure = partial(torch.linalg.vector_norm, rows, dim=1, dtype=self._dtype, out=place)
        (self._jobs if jobs is None else jobs).append(measure)

    def _plan_activations(
        self, stack: ActivationStack, saturates_beyond: float | None, has_flat_zero: bool
    ) -> None:
        import torch

        layers = stack.layers
        self._plan_norm("h", layers, stack.h)
        self._plan_norm("dh", layers, stack.dh)
        mean = self._place("mean", layers)
        self._jobs.append(
            partial(torch.mean, stack.h.flatten(1), dim=1, dtype=self._dtype, out=mean)
        )
        if layers[-1] == self._network.layout.depth:
            return
        if saturates_beyond is not None:
            self._jobs.append(partial(self._count_saturated, layers, stack.u, saturates_beyond))
        if has_flat_zero:
            self._jobs.append(partial(self._count_inactive, layers, stack.a))

    def _scratch_like(self, tensor: Tensor) -> Tensor:
        return self._scratch[: tensor.numel()].view(tensor.shape)

    def _count_saturated(self, layers: range, u: Tensor, beyond: float) -> None:
        import torch

        magnitude = torch.abs(u, out=self._scratch_like(u))
        # Ones and zeros in the same format: summing truth values is many times slower.
        torch.ge(magnitude, beyond, out=magnitude)
        place = self._place("saturated", layers)
        torch.mean(magnitude.flatten(1), dim=1, dtype=self._dtype, out=place)

    def _count_inactive(self, layers: range, a: Tensor) -> None:
        import torch

        inactive = a.amax(dim=1).eq_(0.0)
        torch.mean(inactive, dim=1, dtype=self._dtype, out=self._place("inactive", layers))

    def _count_below_normal(self, layers: range, gradient: Tensor) -> None:
        """Count the entries that are zero or subnormal, and those that are not zero."""
        import torch

        scratch = self._scratch_like(gradient)
        below, nonzero = self._place("below_normal", layers), self._place("nonzero", layers)
        torch.abs(gradient, out=scratch)
        torch.lt(scratch, torch.finfo(gradient.dtype).tiny, out=scratch)
        torch.mean(scratch.flatten(1), dim=1, dtype=self._dtype, out=below)
        if not gradient.is_cuda and not below.any():
            nonzero.fill_(1.0)
            return
        torch.ne(gradient, 0.0, out=scratch)
        torch.mean(scratch.flatten(1), dim=1, dtype=self._dtype, out=nonzero)

    # Every step ----------------------------------------------------------------------------------

    def measure(self) -> None:
        """Measure activations, gradients and weights, before clipping and the update."""
        for job in self._jobs:
            job()
        for projections in self._projections:
            projections.project()
        self._before.copy_(self._weights.flat)

    def measure_update(self) -> None:
        """Measure the update that was really made, rounding included."""
        import torch

        torch.sub(self._weights.flat, self._before, out=self._before)
        for job in self._update_jobs:
            job()

    def grad_norm(self) -> float:
        """Return the L2 norm of the gradient of all parameters, loss scale included."""
        return total_norm(self._network.gradients.flat)

    def read(self, loss_scale: float) -> Array:
        """Return what was measured, (quantities, depth + 1), as `LAYER_QUANTITIES` names it.

        Args:
            loss_scale: what the gradients were multiplied with.
        """
        rows = self._table.cpu().numpy().astype(np.float64)
        self._mend_norms(rows)
        h, dh, weight, weight_gradient, update, mean, saturated, inactive, below, nonzero = rows
        result = self._result.copy()
        with np.errstate(divide="ignore", invalid="ignore"):
            values = {
                "activation_mean": mean,
                "activation_rms": h / np.sqrt(self._samples),
                "activation_grad_norm": dh / loss_scale,
                "weight_norm": weight,
                "weight_grad_norm": weight_gradient / loss_scale,
                "update_ratio": update / weight,
                "saturated_fraction": saturated,
                "inactive_fraction": inactive,
                "zero_fraction": 1.0 - nonzero,
                "subnormal_fraction": np.maximum(below - (1.0 - nonzero), 0.0),
            }
        for name, row in values.items():
            result[LAYER_INDEX[name]] = row
        if not np.isfinite(rows[: len(NORMS)]).all():
            result[LAYER_INDEX["nonfinite_count"]] = self._count_nonfinite()
        distinct = result[LAYER_INDEX["distinct_units"]]
        for projections in self._projections:
            layers = projections.layers
            distinct[layers.start : layers.stop] = projections.count_distinct()
        result[~self._applies] = math.nan
        return result

    def _mend_norms(self, rows: Array) -> None:
        """Measure again, in float64, the norms that float32 cannot hold the squares of."""
        if self._dtype.itemsize == 8:
            return
        norms = rows[: len(NORMS)]
        unsafe = ~((norms > SAFE_NORMS[0]) & (norms < SAFE_NORMS[1]))
        if not unsafe.any():
            return
        for name, layers, tensor in self._norm_jobs:
            bad = np.flatnonzero(unsafe[ROWS[name], layers.start : layers.stop])
            if len(bad):
                # They lie together: the deep end of a vanishing gradient.
                first, last = int(bad[0]), int(bad[-1]) + 1
                exact = exact_norms(tensor[first:last]).numpy()
                norms[ROWS[name], layers.start + first : layers.start + last] = exact

    def _count_nonfinite(self) -> Array:
        """Count the Inf and NaN entries of h, dL/dh and dL/dW in every layer."""
        counts = np.zeros(self._result.shape[1])
        for name, layers, rows in self._norm_jobs:
            if name in ("h", "dh", "weight_gradient"):
                bad = rows.isfinite().logical_not_().sum(dim=1)
                counts[layers.start : layers.stop] += bad.cpu().numpy()
        return counts


def _tensors(stacks: list[tuple[range, Tensor]]) -> list[Tensor]:
    return [tensor for _, tensor in stacks]


class Unmeasured:
    """Stands in for `Probes` where nothing is to be measured but the gradient's norm."""

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        self._flat = network.gradients.flat
        self._table = np.full((len(LAYER_QUANTITIES), network.layout.depth + 1), math.nan)

    def measure(self) -> None: ...

    def measure_update(self) -> None: ...

    def grad_norm(self) -> float:
        return total_norm(self._flat)

    def read(self, loss_scale: float) -> Array:
        return self._table


class _Projections:
    """Counts the units of each layer whose incoming weights differ.

    Every unit is projected on one direction; units whose projections agree count as one.
    """

    def __init__(self, layers: range, weight: Tensor) -> None:
        import torch

        self.layers = layers
        generator = torch.Generator().manual_seed(0)
        self._direction = torch.randn(weight.shape[2], generator=generator).to(weight)
        self._units = weight.flatten(0, 1)
        self._shape = weight.shape[:2]
        self._projected = weight.new_empty(len(self._units))

    def project(self) -> None:
        """Project every unit's incoming weights."""
        import torch

        torch.mv(self._units, self._direction, out=self._projected)

    def count_distinct(self) -> Array:
        """Return the number of distinct units in each layer."""
        projected = self._projected.view(self._shape).cpu()
        if projected.dtype.itemsize < 4:
            projected = projected.float()
        values = np.sort(projected.numpy(), axis=1)
        largest = np.maximum(-values[:, :1], values[:, -1:])
        with np.errstate(invalid="ignore"):
            gaps = np.diff(values, axis=1) > DISTINCT_TOLERANCE * largest
        count: Array = 1.0 + gaps.sum(axis=1)
        return count


def first_nonfinite(table: Array, loss: float, step: int) -> FirstBad | None:
    """Find the first non-finite tensor of a step.

    Searched forward through the activations, then the loss, backward through dL/dh, then
    dL/dW from the output on, and last the weights after the update.

    Args:
        table: (quantities, depth + 1), as `Probes.read` returns it.
        loss: of the batch.
        step: the step.
    """
    depth = table.shape[1] - 1

    def bad(quantity: str) -> NDArray[np.intp]:
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
    weights = bad("update_ratio")
    # A layer of zeros has no ratio either; it is finite all the same.
    infinite = [layer for layer in weights if table[LAYER_INDEX["weight_norm"], layer] > 0]
    if infinite:
        return FirstBad(step, layer_name(int(infinite[0]), depth), "W")
    return None
