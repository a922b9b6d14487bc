"""A ReLU network of one hidden layer fits x² or x³, and where it bends.

f(x) = Σ v_k relu(w_k x + b_k) + c is a chain of straight pieces; unit k bends it at −b_k / w_k.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.activations import Array

# The curves are fitted on −2 … 2, as the data sets `square` and `cube` are.
INTERVAL = (-2.0, 2.0)
SAMPLES = 101
# Kingma and Ba 2015, algorithm 1.
ADAM_BETAS = (0.9, 0.999)
ADAM_EPSILON = 1e-8

TARGETS: dict[str, Callable[[Array], Array]] = {
    "square": np.square,
    "cube": lambda x: x**3,
}


@dataclass(frozen=True)
class CurveSetup:
    """What decides a fit.

    Attributes:
        target: key of `TARGETS`.
        width: hidden units.
        learning_rate: of Adam on all samples at once.
        seed: of the first weights; the default is the middle one of 21 by its largest error.
    """

    target: str = "square"
    width: int = 8
    learning_rate: float = 0.01
    seed: int = 4


def smallest_possible_error(width: int) -> float:
    """Return the largest error on x² that no network of this width can stay below.

    A chain of m ≤ width + 1 straight pieces has one of length ℓ ≥ L/m, L the interval's length, and
    no line stays closer to x² than ℓ²/8 all along it (the equioscillation theorem).
    """
    length = INTERVAL[1] - INTERVAL[0]
    return length**2 / (8.0 * (width + 1) ** 2)


@dataclass(frozen=True)
class CurveState:
    """The network after some steps.

    Attributes:
        step: how many.
        parameters: rows w, b, v and, in its first column alone, c: (4, width).
        rms_error, largest_error: on the samples.
    """

    step: int
    parameters: Array
    rms_error: float
    largest_error: float

    def __call__(self, x: Array) -> Array:
        """Return f at the points x, (points,)."""
        w, b, v, c = self.parameters
        return np.asarray(np.maximum(np.outer(x, w) + b, 0.0) @ v + c[0])

    def hinges(self) -> Array:
        """Return where the units bend the curve, (width,); inf where a unit has no hinge."""
        w, b, _, _ = self.parameters
        with np.errstate(divide="ignore", invalid="ignore"):
            places = -b / w
        return np.where(np.isfinite(places), places, np.inf)


class CurveFit:
    """A fit under way.

    Attributes:
        x, y: the samples and their targets, (samples,).
        parameters: as in `CurveState`.
        steps: made so far.
    """

    def __init__(self, setup: CurveSetup) -> None:
        self.setup = setup
        self.x = np.linspace(*INTERVAL, SAMPLES)
        self.y = TARGETS[setup.target](self.x)
        random = np.random.default_rng(setup.seed)
        w = random.normal(0.0, np.sqrt(2.0), setup.width)
        # Biases that spread the hinges evenly at random: each unit then bends the curve somewhere.
        b = -w * random.uniform(*INTERVAL, setup.width)
        v = random.normal(0.0, setup.width**-0.5, setup.width)
        self.parameters = np.stack([w, b, v, np.zeros(setup.width)])
        self.steps = 0
        self._mean = np.zeros_like(self.parameters)
        self._square = np.zeros_like(self.parameters)

    def state(self) -> CurveState:
        """Return a copy of the network as it is now."""
        state = CurveState(self.steps, self.parameters.copy(), 0.0, 0.0)
        miss = state(self.x) - self.y
        rms, largest = float(np.sqrt(np.mean(miss**2))), float(np.abs(miss).max())
        return replace(state, rms_error=rms, largest_error=largest)

    def gradient(self) -> Array:
        """Return ∂L/∂(w, b, v, c), L the mean squared error, in the shape of `parameters`."""
        w, b, v, c = self.parameters
        z = np.outer(self.x, w) + b
        h = np.maximum(z, 0.0)
        delta = 2.0 * (h @ v + c[0] - self.y) / len(self.x)
        dz = np.outer(delta, v) * (z > 0.0)
        made = np.zeros_like(self.parameters)
        made[0], made[1], made[2] = self.x @ dz, dz.sum(axis=0), delta @ h
        made[3, 0] = delta.sum()
        return made

    def step(self) -> None:
        """Make one step of Adam."""
        first, second = ADAM_BETAS
        self.steps += 1
        gradient = self.gradient()
        self._mean += (1.0 - first) * (gradient - self._mean)
        self._square += (1.0 - second) * (gradient**2 - self._square)
        mean = self._mean / (1.0 - first**self.steps)
        square = self._square / (1.0 - second**self.steps)
        self.parameters -= self.setup.learning_rate * mean / (np.sqrt(square) + ADAM_EPSILON)
