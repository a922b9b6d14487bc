"""How the variance of a linear network changes from layer to layer, forward and backward.

With independent weights of mean 0 and variance γ and no activation, Var h^t = n_{t−1} γ_t
Var h^{t−1} going forward and Var g^{t−1} = n_t γ_t Var g^t going back: n_in γ = 1 and n_out γ = 1
cannot both hold where the widths differ, and 2 / (n_in + n_out) is the compromise (Glorot and
Bengio 2010, equations 10 to 12 and 16).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.labs.job import Report, nobody

Floats = NDArray[np.float64]

DISTRIBUTIONS = ("normal", "uniform")
LARGEST_WIDTH = 1024
LARGEST_DEPTH = 60
# Samples that are sent through: their mean square is within some per cent of the expectation.
BATCH = 64

# OpenBLAS takes one thread for products of at most so many multiplications.
_ONE_THREAD_PRODUCT = 2**18

# γ of one layer by n_in, n_out and the γ that a person chose.
RULES: dict[str, Callable[[int, int, float], float]] = {
    "fan_in": lambda n_in, n_out, own: 1.0 / n_in,
    "fan_out": lambda n_in, n_out, own: 1.0 / n_out,
    "xavier": lambda n_in, n_out, own: 2.0 / (n_in + n_out),
    "own": lambda n_in, n_out, own: own,
}


@dataclass(frozen=True)
class Variances:
    """Variances of the layers 0 … depth, relative to where each direction begins.

    Attributes:
        widths: n_0 … n_depth.
        forward_logs: log10 of the measured mean square of h^t, by rule, (depth + 1,).
        backward_logs: log10 of the measured mean square of g^t, by rule, (depth + 1,).
        forward_theory, backward_theory: log10 of what is expected, by rule, (depth + 1,).
    """

    widths: tuple[int, ...]
    forward_logs: dict[str, Floats]
    backward_logs: dict[str, Floats]
    forward_theory: dict[str, Floats]
    backward_theory: dict[str, Floats]


def layer_widths(first: int, last: int, depth: int) -> tuple[int, ...]:
    """Return n_0 … n_depth, going from the first to the last by about the same factor."""
    return tuple(int(n) for n in np.rint(np.geomspace(first, last, depth + 1)))


def weights_to_draw(first: int, last: int, depth: int) -> int:
    """Return how many weights such a network has."""
    widths = layer_widths(first, last, depth)
    return sum(n_in * n_out for n_in, n_out in pairwise(widths))


def variances(
    first: int,
    last: int,
    depth: int,
    distribution: str,
    own: float,
    seed: int,
    report: Report = nobody,
) -> Variances:
    """Send a batch forward and a gradient backward through random layers.

    All rules share one draw of weights with variance 1: γ only multiplies it, so that the
    difference between two rules is γ's alone.

    Args:
        first: width of the input, n_0.
        last: width of the last layer.
        depth: number of weight matrices.
        distribution: of the weights, one of `DISTRIBUTIONS`.
        own: γ of the rule "own", the same for all layers.
        seed: of weights and batch.
        report: is called after every layer.
    """
    random = np.random.default_rng(seed)
    widths = layer_widths(first, last, depth)
    drawn = []
    signal = random.standard_normal((BATCH, widths[0]))
    unit_forward = [_take_out_size(signal)]
    for layer in range(1, depth + 1):
        shape = (widths[layer], widths[layer - 1])
        drawn.append(_draw(random, shape, distribution))
        signal = _product(signal, drawn[-1].T)
        unit_forward.append(unit_forward[-1] + _take_out_size(signal))
        report(layer / (2 * depth))
    gradient = random.standard_normal((BATCH, widths[-1]))
    unit_backward = [_take_out_size(gradient)]
    for layer in range(depth, 0, -1):
        gradient = _product(gradient, drawn[layer - 1])
        unit_backward.append(unit_backward[-1] + _take_out_size(gradient))
        report(1.0 - layer / (2 * depth))
    pairs = list(pairwise(widths))
    n_in, n_out = (np.log10(np.array(side, dtype=np.float64)) for side in zip(*pairs, strict=True))
    gammas = {rule: np.log10([gamma(a, b, own) for a, b in pairs]) for rule, gamma in RULES.items()}
    return Variances(
        widths=widths,
        forward_logs={r: np.array(unit_forward) + _sums(g) for r, g in gammas.items()},
        backward_logs={
            r: np.array(unit_backward)[::-1] + _sums(g[::-1])[::-1] for r, g in gammas.items()
        },
        forward_theory={r: _sums(g + n_in) for r, g in gammas.items()},
        backward_theory={r: _sums((g + n_out)[::-1])[::-1] for r, g in gammas.items()},
    )


def _product(left: Floats, right: Floats) -> Floats:
    """Return left @ right, computed on this thread alone.

    NumPy's OpenBLAS shares a larger product among all cores, where its threads and those that
    train next door wait for each other: fifteen times as long was measured on two busy cores.
    """
    columns = max(_ONE_THREAD_PRODUCT // left.size, 1)
    blocks = range(0, right.shape[1], columns)
    return np.hstack([left @ right[:, first : first + columns] for first in blocks])


def _sums(logs: Floats) -> Floats:
    """Return 0 and the sums of the first one, two … of some logarithms."""
    return np.concatenate([[0.0], np.cumsum(logs)])


def _take_out_size(signal: Floats) -> float:
    """Divide a signal by its root mean square in place; return log10 of its mean square."""
    mean_square = float(np.mean(np.square(signal)))
    signal /= math.sqrt(mean_square)
    return math.log10(mean_square)


def _draw(random: np.random.Generator, shape: tuple[int, int], distribution: str) -> Floats:
    """Return weights of mean 0 and variance 1."""
    if distribution == "normal":
        return random.standard_normal(shape)
    # U(−a, a) has variance a² / 3.
    return random.uniform(-math.sqrt(3.0), math.sqrt(3.0), shape)
