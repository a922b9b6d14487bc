"""Covariate shift and label shift: weights for the samples of the source, made from the target.

Covariate shift, p(x) changes and p(y|x) stays: a classifier between source (−1) and target (+1) has
the logit h, and the density ratio q(x)/p(x) is exp(h(x)) for as many samples of each. Label shift,
p(y) changes and p(x|y) stays: the confusion matrix C of a classifier, C[i, j] = P(says i, is j),
gives the ratio w_j = q(j)/p(j) by C w = μ, μ_i how often it says i on the target (Lipton, Wang and
Smola 2018, eq. 3). Both as in Dive into Deep Learning, "Environment and distribution shift".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.activations import Array

Labels = NDArray[np.intp]

KINDS = COVARIATE, LABEL = "covariate", "label"

# Accuracy on the target is measured on so many other samples: its standard error is below 0.005.
TEST_SAMPLES = 10_000
# Keeps the weights of separable classes finite, and shrinks those of overlapping ones by less than
# their samples leave open: 1e-3 took a ninth of the slope at distance 4.
RIDGE = 1e-7
NEWTON_STEPS = 25
NEWTON_TOLERANCE = 1e-10
# Covariate shift: the class is 1 above the parabola x₂ = x₁²/2 − 1, up to noise. A line cannot
# follow it, so that which line is best depends on where the samples lie.
CURVATURE, OFFSET, NOISE = 0.5, 1.0, 0.25
# Label shift: the means of the two classes; they overlap, so that the prior matters.
CLASS_MEANS = np.array([[-1.0, 0.0], [1.0, 0.0]])


@dataclass(frozen=True)
class ShiftSetup:
    """What decides the samples and the correction.

    Attributes:
        kind: of `KINDS`.
        distance: of the target's mean from the source's, in standard deviations (covariate shift).
        source_prior, target_prior: p(y = 1) in source and target (label shift).
        samples: of the source, and as many of the target.
        clip: c, the largest weight.
        seed: of the draws.
    """

    kind: str = COVARIATE
    distance: float = 2.0
    source_prior: float = 0.5
    target_prior: float = 0.9
    samples: int = 800
    clip: float = 20.0
    seed: int = 7


@dataclass(frozen=True)
class Shift:
    """Samples, weights and what they are worth.

    Attributes:
        source_x, target_x: (samples, 2).
        source_y, target_y: classes, (samples,); those of the target only for the picture.
        ratio: estimated density ratio at the source samples, before clipping, (samples,).
        true_ratio: the one that the samples were drawn with, (samples,).
        weights: min(ratio, c), (samples,).
        shift_line: w₁, w₂, b of the logit h between source and target; None for label shift.
        line_before, line_after: w₁, w₂, b of the classifier without and with the weights.
        accuracy_before, accuracy_after: on other samples of the target.
        best_accuracy: on the same, of the same kind of classifier trained on as many of them.
        effective_samples: (Σ β)² / Σ β² (Kish 1965).
    """

    source_x: Array
    source_y: Labels
    target_x: Array
    target_y: Labels
    ratio: Array
    true_ratio: Array
    weights: Array
    shift_line: Array | None
    line_before: Array
    line_after: Array
    accuracy_before: float
    accuracy_after: float
    best_accuracy: float
    effective_samples: float


def logits(x: Array, line: Array) -> Array:
    """Return w·x + b of each sample for a line (w₁, w₂, b)."""
    return np.asarray(x @ line[:-1] + line[-1])


def fit_logistic(x: Array, y: Labels, weights: Array | None = None) -> Array:
    """Fit a logistic regression by Newton's method, each step halved until it descends.

    Args:
        x: (samples, features).
        y: 0 or 1, (samples,).
        weights: of the samples, (samples,); equal if None.

    Returns:
        The weights of the features and the bias, (features + 1,). The mean weighted loss plus
        `RIDGE`/2 times their squared norm is as small as it gets.
    """
    inputs = np.column_stack([x, np.ones(len(x))])
    share = np.full(len(x), 1.0 / len(x)) if weights is None else weights / weights.sum()
    sign = np.where(y == 1, 1.0, -1.0)

    def loss(line: Array) -> float:
        fit = share @ np.logaddexp(0.0, -sign * (inputs @ line))
        return float(fit + 0.5 * RIDGE * (line @ line))

    line = np.zeros(inputs.shape[1])
    now = loss(line)
    for _ in range(NEWTON_STEPS):
        margin = inputs @ line
        chance = 0.5 * (1.0 + np.tanh(0.5 * margin))
        gradient = inputs.T @ (share * (chance - (y == 1))) + RIDGE * line
        slope = share * chance * (1.0 - chance)
        curvature = (inputs * slope[:, None]).T @ inputs + RIDGE * np.eye(len(line))
        step = np.linalg.solve(curvature, gradient)
        while (then := loss(line - step)) > now and np.abs(step).max() > NEWTON_TOLERANCE:
            step = 0.5 * step
        line, now = line - step, then
        if np.abs(step).max() <= NEWTON_TOLERANCE:
            break
    return line


def make_shift(setup: ShiftSetup) -> Shift:
    """Draw the samples, estimate the weights and train with and without them."""
    random = np.random.default_rng(setup.seed)
    problem = _covariate_problem if setup.kind == COVARIATE else _label_problem
    return problem(setup, random)


def true_edge(x1: Array) -> Array:
    """Return x₂ on the edge between the classes of the covariate shift."""
    return np.asarray(CURVATURE * x1**2 - OFFSET)


def covariate_ratio(x: Array, distance: float) -> Array:
    """Return q(x)/p(x) of N((d/2, 0), I) and N((−d/2, 0), I): exp(d x₁)."""
    return np.exp(distance * x[:, 0])


def estimated_prior_ratio(confusion: Array, said: Array) -> Array:
    """Solve C w = μ for w = q(y)/p(y), and set what came out negative to zero.

    Args:
        confusion: C, (classes, classes), shares of the source that sum to 1.
        said: μ, (classes,), shares of the target.
    """
    # A classifier that always says the same has a singular C; least squares still answers.
    ratio, *_ = np.linalg.lstsq(confusion, said, rcond=1e-9)
    return np.asarray(np.maximum(ratio, 0.0))


def confusion_matrix(said: Labels, true: Labels) -> Array:
    """Return C[i, j], the share of samples of class j that the classifier calls i."""
    counts = np.zeros((2, 2))
    np.add.at(counts, (said, true), 1.0)
    return counts / len(true)


def _draw_covariate(random: np.random.Generator, mean: float, samples: int) -> tuple[Array, Labels]:
    x = random.standard_normal((samples, 2)) + np.array([mean, 0.0])
    edge = true_edge(x[:, 0])
    noise = NOISE * random.standard_normal(samples)
    return x, (x[:, 1] + noise > edge).astype(np.intp)


def _draw_label(random: np.random.Generator, prior: float, samples: int) -> tuple[Array, Labels]:
    y = (random.random(samples) < prior).astype(np.intp)
    return CLASS_MEANS[y] + random.standard_normal((samples, 2)), y


def _covariate_problem(setup: ShiftSetup, random: np.random.Generator) -> Shift:
    half = 0.5 * setup.distance
    source_x, source_y = _draw_covariate(random, -half, setup.samples)
    target_x, target_y = _draw_covariate(random, half, setup.samples)
    both = np.concatenate([source_x, target_x])
    is_target = np.repeat(np.array([0, 1]), setup.samples)
    shift_line = fit_logistic(both, is_target)
    ratio = np.exp(logits(source_x, shift_line))
    test = _draw_covariate(random, half, TEST_SAMPLES)
    true_ratio = covariate_ratio(source_x, setup.distance)
    source, target = (source_x, source_y), (target_x, target_y)
    return _compare(setup, source, target, test, ratio, true_ratio, shift_line)


def _label_problem(setup: ShiftSetup, random: np.random.Generator) -> Shift:
    source_x, source_y = _draw_label(random, setup.source_prior, setup.samples)
    target_x, target_y = _draw_label(random, setup.target_prior, setup.samples)
    # Half of the source trains the classifier, the other half tells how it errs.
    half = setup.samples // 2
    line = fit_logistic(source_x[:half], source_y[:half])
    said = (logits(source_x[half:], line) > 0.0).astype(np.intp)
    confusion = confusion_matrix(said, source_y[half:])
    share = float((logits(target_x, line) > 0.0).mean())
    by_class = estimated_prior_ratio(confusion, np.array([1.0 - share, share]))
    p, q = setup.source_prior, setup.target_prior
    true_by_class = np.array([(1.0 - q) / (1.0 - p), q / p])
    test = _draw_label(random, q, TEST_SAMPLES)
    source, target = (source_x, source_y), (target_x, target_y)
    ratio, true_ratio = by_class[source_y], true_by_class[source_y]
    return _compare(setup, source, target, test, ratio, true_ratio, None)


def _compare(
    setup: ShiftSetup,
    source: tuple[Array, Labels],
    target: tuple[Array, Labels],
    test: tuple[Array, Labels],
    ratio: Array,
    true_ratio: Array,
    shift_line: Array | None,
) -> Shift:
    """Train without and with the weights, and on the target itself, and count the hits."""
    weights = np.minimum(ratio, setup.clip)
    # Where the estimate leaves no weight at all there is nothing to correct with.
    usable = weights if weights.sum() > 0.0 else np.ones_like(weights)
    before, after, best = (
        fit_logistic(*source),
        fit_logistic(*source, usable),
        fit_logistic(*target),
    )
    test_x, test_y = test

    def accuracy(line: Array) -> float:
        return float(((logits(test_x, line) > 0.0) == (test_y == 1)).mean())

    return Shift(
        *source,
        *target,
        ratio=ratio,
        true_ratio=true_ratio,
        weights=weights,
        shift_line=shift_line,
        line_before=before,
        line_after=after,
        accuracy_before=accuracy(before),
        accuracy_after=accuracy(after),
        best_accuracy=accuracy(best),
        effective_samples=float(usable.sum() ** 2 / (usable**2).sum()),
    )
