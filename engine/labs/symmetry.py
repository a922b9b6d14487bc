"""A network small enough to be drawn unit by unit, trained from equal weights or from random ones.

Units of a hidden layer that start with equal weights get equal gradients and stay one unit; that is
Dive into Deep Learning, "Numerical stability and initialisation", section on symmetry. Softmax
regression has no hidden layer and loses nothing by equal weights: its loss is convex.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.activations import Array

# Clouds on a circle: every one can be cut off from the others by a line, so that softmax
# regression separates them, and no single direction tells all of them apart.
CLASSES = 6
SAMPLES_PER_CLASS = 20
CLOUD_RADIUS = 2.0
CLOUD_STD = 0.3
STARTS = ("constant", "random")


@dataclass(frozen=True)
class SymmetrySetup:
    """What decides a run.

    Attributes:
        hidden_layers: 0 is softmax regression.
        units: in each hidden layer.
        start: of `STARTS`; random draws N(0, 1/n_in).
        constant: every weight, for the constant start.
        dropout: probability with which a hidden unit is silenced, for each sample anew.
        learning_rate: of gradient descent on all samples at once.
        seed: of the samples, the weights and the masks.
    """

    hidden_layers: int = 2
    units: int = 5
    start: str = "constant"
    constant: float = 0.3
    dropout: float = 0.0
    learning_rate: float = 0.5
    seed: int = 7


@dataclass(frozen=True)
class SymmetryState:
    """The network after some steps.

    Attributes:
        step: how many.
        weights: of each layer, (n_out, n_in), the output layer last.
        biases: of each layer, (n_out,).
        loss, accuracy: on all samples, without dropout.
    """

    step: int
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    loss: float
    accuracy: float

    def unit_groups(self) -> list[NDArray[np.intp]]:
        """Return for each hidden layer which units are one and the same: (units,) group numbers.

        Two units are the same if all weights that come in and all that go out are equal; groups are
        numbered from 0 in the order of their first units.
        """
        groups = []
        for layer in range(len(self.weights) - 1):
            incoming = np.column_stack([self.weights[layer], self.biases[layer]])
            all_of_it = np.column_stack([incoming, self.weights[layer + 1].T])
            _, first, group = np.unique(all_of_it, axis=0, return_index=True, return_inverse=True)
            order = np.argsort(np.argsort(first))
            groups.append(order[group.reshape(-1)])
        return groups


def draw_clouds(random: np.random.Generator) -> tuple[Array, NDArray[np.intp]]:
    """Return the samples, (samples, 2), and their class numbers."""
    y = np.repeat(np.arange(CLASSES), SAMPLES_PER_CLASS)
    # The clouds do not lie on the axes, where a start with equal weights would see two as one.
    angle = 2.0 * np.pi * (y + 0.2) / CLASSES
    centre = CLOUD_RADIUS * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return centre + random.normal(0.0, CLOUD_STD, centre.shape), y


class SymmetryNetwork:
    """tanh layers and a softmax, trained by gradient descent.

    Sums are taken by `einsum` and not by matrix products, which may round the columns of a product
    differently: here units that are equal stay equal to the last bit.

    Attributes:
        weights: of each layer, (n_out, n_in), the output layer last.
        biases: of each layer, (n_out,).
        steps: made so far.
    """

    def __init__(self, setup: SymmetrySetup) -> None:
        self.setup = setup
        samples, masks, draws = (
            np.random.default_rng(stream) for stream in np.random.SeedSequence(setup.seed).spawn(3)
        )
        self.x, self.y = draw_clouds(samples)
        self._masks = masks
        widths = [self.x.shape[1], *[setup.units] * setup.hidden_layers, CLASSES]
        self.weights: list[Array] = []
        for n_in, n_out in pairwise(widths):
            drawn = draws.normal(0.0, n_in**-0.5, (n_out, n_in))
            equal = np.full((n_out, n_in), setup.constant)
            self.weights.append(drawn if setup.start == "random" else equal)
        self.biases = [np.zeros(n_out) for n_out in widths[1:]]
        self.steps = 0

    def outputs(self, masks: list[Array] | None = None) -> list[Array]:
        """Return the samples, what each hidden layer makes of them, and the logits.

        Args:
            masks: what each hidden layer is multiplied with; None without dropout.
        """
        outputs = [self.x]
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = np.einsum("sj,ij->si", outputs[-1], weight) + bias
            if layer < self.setup.hidden_layers:
                z = np.tanh(z)
                if masks is not None:
                    z = z * masks[layer]
            outputs.append(z)
        return outputs

    def loss_and_accuracy(self) -> tuple[float, float]:
        """Return mean cross-entropy and accuracy on the samples, without dropout."""
        logits = self.outputs()[-1]
        logarithm = _log_softmax(logits)
        loss = -logarithm[np.arange(len(self.y)), self.y].mean()
        return float(loss), float((logits.argmax(axis=1) == self.y).mean())

    def draw_masks(self) -> list[Array] | None:
        """Draw what dropout multiplies each hidden layer with; None where there is none."""
        keep = 1.0 - self.setup.dropout
        if keep == 1.0:
            return None
        shape = (len(self.y), self.setup.units)
        return [(self._masks.random(shape) < keep) / keep for _ in range(self.setup.hidden_layers)]

    def gradients(self, masks: list[Array] | None = None) -> tuple[list[Array], list[Array]]:
        """Return ∂L/∂W and ∂L/∂b of every layer, L the mean cross-entropy."""
        outputs = self.outputs(masks)
        delta = np.exp(_log_softmax(outputs[-1]))
        delta[np.arange(len(self.y)), self.y] -= 1.0
        delta /= len(self.y)
        by_weight: list[Array] = []
        by_bias: list[Array] = []
        for layer in reversed(range(len(self.weights))):
            by_weight.insert(0, np.einsum("si,sj->ij", delta, outputs[layer]))
            by_bias.insert(0, delta.sum(axis=0))
            if layer == 0:
                break
            back = np.einsum("si,ij->sj", delta, self.weights[layer])
            if masks is None:
                delta = back * (1.0 - outputs[layer] ** 2)
            else:
                # Where the mask is zero so is the output, and the slope does not matter.
                mask = masks[layer - 1]
                tanh = np.divide(outputs[layer], mask, out=np.zeros_like(mask), where=mask > 0.0)
                delta = back * mask * (1.0 - tanh**2)
        return by_weight, by_bias

    def step(self) -> None:
        """Make one step of gradient descent."""
        rate = self.setup.learning_rate
        by_weight, by_bias = self.gradients(self.draw_masks())
        for weight, gradient in zip(self.weights, by_weight, strict=True):
            weight -= rate * gradient
        for bias, gradient in zip(self.biases, by_bias, strict=True):
            bias -= rate * gradient
        self.steps += 1

    def state(self) -> SymmetryState:
        """Return a copy of the network as it is now."""
        return SymmetryState(
            self.steps,
            tuple(weight.copy() for weight in self.weights),
            tuple(bias.copy() for bias in self.biases),
            *self.loss_and_accuracy(),
        )


def _log_softmax(logits: Array) -> Array:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
