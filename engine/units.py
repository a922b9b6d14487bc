"""How many units of a layer differ: the symmetry that only chance can break.

Every unit is projected on three random directions. Units count as one where all three projections
agree: for two units that differ, that is one chance in 1e15. To be one, they must have the same
bias too; and the same gradient, or the next update parts them.

Units that differ do not become equal at once: an update brings no two of them nearer than by twice
the way of the unit that it moves farthest. So the distance of the two that are nearest is measured
too, and until the updates made since then could have used it up, no layer need be looked at.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.measure import Array

if TYPE_CHECKING:
    from torch import Tensor

    from engine.parameters import Parameters

# Two units count as one where numbers made of all their weights agree to this share of the
# layer's largest: about as well as such sums can agree in float32.
DISTINCT_TOLERANCE = 1e-5
DIRECTIONS = 3
BIAS_DIRECTIONS = np.array([0.83, -1.27, 0.41], np.float32)
# Distances are those of squares that cancel; this share of the longest unit is taken off them.
DISTANCE_TOLERANCE = 1e-2
# All distances in a layer cost units³ operations: in a wide layer more than to look every step.
MOST_UNITS = 512
# Where the distance was used up in so few steps, it is not measured again for a while.
FEW_STEPS, PATIENCE_STEPS = 8, 16


class Units:
    """Counts the distinct units of every layer.

    Args:
        weights: the weights that are updated.
        gradients: by which they are.

    Attributes:
        distance: (depth + 1,), by how much two units of a layer can still come nearer before it
            must be looked at; to be lessened with every update.
        alike: in some layer all units are one.
    """

    def __init__(self, weights: Parameters, gradients: Parameters) -> None:
        import torch

        self._weights = [block.weight for block in weights.blocks]
        self._biases = [block.tensors["bias"] for block in weights.blocks]
        self._gradients = [block.weight for block in gradients.blocks]
        self._layers = [slice(block[0], block[-1] + 1) for block in weights.layout.blocks]
        self._wide = torch.promote_types(weights.flat.dtype, torch.float32)
        self._directions: dict[int, Tensor] = {}
        layers = weights.layout.depth + 1
        self._count = np.zeros(layers)
        self.distance = np.zeros(layers)
        # What `measure` has found in the gradients of the layers whose units are one.
        self._parted = np.ones(layers)
        self._several = np.array(weights.layout.widths[1:]) > 1
        self.alike = False
        self._step = 0
        self._measured_in = [-PATIENCE_STEPS] * len(self._weights)
        self._measured_again_in = [0] * len(self._weights)
        # Weights drawn beyond the format are found and told by the first step.
        with np.errstate(all="ignore"):
            self._look()

    def count(self) -> Array:
        """Return the number of distinct units in each layer before the update; not to be changed.

        Where all are one before it, how many the gradient is about to part.
        """
        if not self.alike:
            return self._count
        return np.where(self._count == 1.0, self._parted, self._count)

    def go_on(self, used_up: bool) -> None:
        """Go on to the weights after the update.

        Waits for the device where it has to look at them.

        Args:
            used_up: the distance of some layer is.
        """
        self._step += 1
        if used_up:
            self._look()

    def measure(self, block: int) -> None:
        """Count units apart that the gradient is about to part, where all of a layer are one."""
        if self.alike and (self._count[self._layers[block]] == 1.0).any():
            gradient = self._gradients[block].to(self._wide)
            self._parted[self._layers[block]] = self._distinct(gradient)

    def _look(self) -> None:
        """Count where the distance is used up."""
        for block, layers in enumerate(self._layers):
            if not self.distance[layers].min() > 0.0:
                weight = self._weights[block].to(self._wide)
                self._count[layers] = self._distinct(weight, self._biases[block])
                self.distance[layers] = self._least_distance(block, weight)
        self.alike = bool((self._count[self._several] == 1.0).any())

    def _distinct(self, weight: Tensor, bias: Tensor | None = None) -> Array:
        """Return the number of distinct units in every layer of a block."""
        layers, units = weight.shape[:2]
        projected = (weight.flatten(0, 1) @ self._directions_for(weight)).cpu().numpy()
        projected = projected.reshape(layers, units, DIRECTIONS)
        if bias is not None:
            # One more weight, in a direction of its own for each projection.
            projected += bias.to(self._wide).cpu().numpy()[:, :, None] * BIAS_DIRECTIONS
        ordered = np.sort(projected[:, :, 0], axis=1)
        largest = np.maximum(-ordered[:, :1], ordered[:, -1:])
        near = ordered[:, 1:] - ordered[:, :-1] <= DISTINCT_TOLERANCE * largest
        distinct = np.full(layers, float(units))
        for row in np.flatnonzero(near.any(axis=1)):
            distinct[row] -= _agreeing_neighbours(projected[row])
        return distinct

    def _directions_for(self, weight: Tensor) -> Tensor:
        """Return the directions that units with as many weights are projected on."""
        import torch

        n_in = weight.shape[-1]
        if n_in not in self._directions:
            generator = torch.Generator().manual_seed(0)
            directions = torch.randn(n_in, DIRECTIONS, generator=generator)
            self._directions[n_in] = directions.to(weight.device, self._wide)
        return self._directions[n_in]

    def _least_distance(self, block: int, weight: Tensor) -> Array | float:
        """Return the distance of the nearest two units in every layer; 0 where it is not known."""
        lasted = self._step - self._measured_in[block]
        if lasted < FEW_STEPS:
            self._measured_again_in[block] = self._step + PATIENCE_STEPS
        if weight.shape[1] > MOST_UNITS or self._step < self._measured_again_in[block]:
            return 0.0
        self._measured_in[block] = self._step
        # ‖a − b‖² = ‖a‖² + ‖b‖² − 2 a·b
        products = weight @ weight.transpose(1, 2)
        squares = products.diagonal(dim1=1, dim2=2).clone()
        distances = products.mul_(-2.0).add_(squares[:, :, None]).add_(squares[:, None, :])
        distances.diagonal(dim1=1, dim2=2).fill_(math.inf)
        nearest = distances.amin(dim=(1, 2)).clamp_(min=0.0).sqrt_()
        longest = squares.amax(dim=1).sqrt_()
        known: Array = (nearest - DISTANCE_TOLERANCE * longest).cpu().double().numpy()
        return known


def _agreeing_neighbours(projected: NDArray[Any]) -> int:
    """Return how many units of a layer agree with the one before, in order of a projection.

    Args:
        projected: (units, directions).
    """
    ordered = projected[np.argsort(projected[:, 0])]
    largest = np.abs(projected).max(axis=0)
    agree = np.abs(ordered[1:] - ordered[:-1]) <= DISTINCT_TOLERANCE * largest
    return int(np.count_nonzero(agree.all(axis=1)))
