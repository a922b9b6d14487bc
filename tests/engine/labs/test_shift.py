"""Weights for another distribution against the ratio that the samples were drawn with."""

import math

import numpy as np
import pytest
import torch

from engine.labs.shift import (
    RIDGE,
    ShiftSetup,
    confusion_matrix,
    covariate_ratio,
    estimated_prior_ratio,
    fit_logistic,
    logits,
    make_shift,
)


def test_the_logistic_fit_is_the_minimum_that_torch_finds():
    random = np.random.default_rng(0)
    x, weights = random.normal(size=(80, 2)), random.uniform(0.1, 3.0, 80)
    y = (x[:, 0] + random.normal(size=80) > 0.3).astype(int)
    line = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    inputs = torch.tensor(np.column_stack([x, np.ones(80)]))
    optimizer = torch.optim.LBFGS([line], max_iter=200, tolerance_grad=1e-12, tolerance_change=0)

    def loss():
        optimizer.zero_grad()
        each = torch.nn.functional.binary_cross_entropy_with_logits(
            inputs @ line, torch.tensor(y, dtype=torch.float64), reduction="none"
        )
        value = (each * torch.tensor(weights / weights.sum())).sum() + RIDGE / 2 * line @ line
        value.backward()
        return value

    optimizer.step(loss)
    np.testing.assert_allclose(fit_logistic(x, y, weights), line.detach().numpy(), atol=1e-6)


def test_separable_classes_and_a_single_class_have_finite_fits():
    x = np.array([[-1.0, 0.0], [-2.0, 1.0], [1.0, 0.0], [2.0, -1.0]])
    line = fit_logistic(x, np.array([0, 0, 1, 1]))
    assert ((logits(x, line) > 0) == [False, False, True, True]).all()
    assert np.isfinite(fit_logistic(x, np.ones(4, dtype=int))).all()


@pytest.mark.parametrize("distance", [0.0, 0.5, 1.0, 2.0])
def test_the_logit_is_the_logarithm_of_the_density_ratio(distance):
    # Two Gaussians with means ±d/2 on the first axis: log q/p = d x₁.
    shift = make_shift(ShiftSetup(distance=distance, samples=20000))
    np.testing.assert_allclose(shift.shift_line, [distance, 0.0, 0.0], atol=0.1)
    x = np.array([[0.7, -3.0]])
    normal = [math.exp(-0.5 * (0.7 - mean) ** 2) for mean in (distance / 2, -distance / 2)]
    assert covariate_ratio(x, distance)[0] == pytest.approx(normal[0] / normal[1])


def test_weights_are_clipped_and_average_one():
    shift = make_shift(ShiftSetup(distance=1.0, samples=20000, clip=1e9))
    np.testing.assert_array_equal(shift.weights, shift.ratio)
    assert shift.weights.mean() == pytest.approx(1.0, abs=0.05)
    clipped = make_shift(ShiftSetup(distance=1.0, samples=20000, clip=2.0))
    np.testing.assert_array_equal(clipped.weights, np.minimum(shift.ratio, 2.0))
    assert clipped.effective_samples > shift.effective_samples
    # For Gaussians a distance d apart, E β² = exp(d²): so much smaller is the effective number.
    assert 20000 / shift.effective_samples == pytest.approx(math.e, rel=0.15)


@pytest.mark.parametrize("seed", range(5))
def test_covariate_correction_helps_where_the_shift_is_moderate(seed):
    shift = make_shift(ShiftSetup(distance=2.0, samples=1000, seed=seed))
    assert shift.accuracy_after > shift.accuracy_before + 0.1
    assert shift.best_accuracy >= shift.accuracy_after - 0.01


def test_without_a_shift_there_is_nothing_to_gain():
    shift = make_shift(ShiftSetup(distance=0.0, samples=2000))
    np.testing.assert_array_equal(shift.true_ratio, 1.0)
    assert shift.accuracy_after == pytest.approx(shift.accuracy_before, abs=0.01)


@pytest.mark.parametrize("target_prior", [0.1, 0.5, 0.8])
def test_label_weights_are_the_ratio_of_the_priors(target_prior):
    setup = ShiftSetup("label", source_prior=0.4, target_prior=target_prior, samples=40000)
    shift = make_shift(setup)
    expected = np.where(shift.source_y == 1, target_prior / 0.4, (1 - target_prior) / 0.6)
    np.testing.assert_allclose(shift.true_ratio, expected)
    np.testing.assert_allclose(shift.ratio, expected, atol=0.05)
    # The same covariance in both classes: Bayes' classifier is a line, and weights find it.
    odds = math.log(target_prior / (1 - target_prior))
    np.testing.assert_allclose(shift.line_after, [2.0, 0.0, odds], atol=0.15)


def test_a_classifier_that_never_errs_counts_the_labels():
    said = true = np.array([0, 0, 0, 1])
    confusion = confusion_matrix(said, true)
    np.testing.assert_array_equal(confusion, [[0.75, 0.0], [0.0, 0.25]])
    np.testing.assert_allclose(estimated_prior_ratio(confusion, np.array([0.5, 0.5])), [2 / 3, 2.0])


def test_known_confusion_and_priors_give_back_their_ratio():
    # P(says i | is j), then p and q of two classes.
    says = np.array([[0.8, 0.3], [0.2, 0.7]])
    p, q = np.array([0.6, 0.4]), np.array([0.1, 0.9])
    np.testing.assert_allclose(estimated_prior_ratio(says * p, says @ q), q / p)


def test_a_classifier_that_always_says_the_same_still_has_an_answer():
    ratio = estimated_prior_ratio(np.array([[0.5, 0.5], [0.0, 0.0]]), np.array([1.0, 0.0]))
    assert np.isfinite(ratio).all() and (ratio >= 0.0).all()


@pytest.mark.parametrize("kind", ["covariate", "label"])
@pytest.mark.parametrize("samples", [20, 2000])
def test_extremes_stay_finite(kind, samples):
    for distance, source, target, clip in ((6.0, 0.05, 0.95, 1e-3), (0.0, 0.95, 0.05, 1e6)):
        shift = make_shift(ShiftSetup(kind, distance, source, target, samples, clip, seed=1))
        for values in (shift.weights, shift.line_before, shift.line_after):
            assert np.isfinite(values).all()
        assert 0.0 < shift.effective_samples <= samples * (1 + 1e-9)


def test_the_seed_decides_everything():
    first, again, other = (make_shift(ShiftSetup(seed=seed)) for seed in (1, 1, 2))
    assert first.accuracy_after == again.accuracy_after
    np.testing.assert_array_equal(first.source_x, again.source_x)
    assert not np.array_equal(first.source_x, other.source_x)
