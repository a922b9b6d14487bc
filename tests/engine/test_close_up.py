"""Close-ups: against what the network was told, and without a trace in the run."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from engine.close_up import (
    LARGEST_SHARE,
    RENEWAL_SECONDS,
    SLOWEST_SECONDS,
    CloseUps,
    Confusion,
    FittedCurve,
    Regions,
    Watch,
    take,
)
from engine.config import RunConfig
from engine.trainer import VALIDATION_INTERVAL_STEPS, Trainer

ALL = Watch(layer=1, answers=True)


def trained(steps=3, **fields):
    trainer = Trainer(RunConfig(depth=3, width=16, batch_size=32, **fields))
    for _ in range(steps):
        trainer.step()
    return trainer


@pytest.mark.parametrize("normalization", ["none", "layer"])
def test_pre_activations_are_those_that_phi_was_applied_to(normalization):
    trainer = trained(normalization=normalization, activation="tanh")
    close_up = take(trainer, Watch(layer=1))
    weights = trainer.weights
    h = trainer.network.gather("h", range(1))[0]
    u = F.linear(h, weights.weight[1], weights.bias[1])
    if normalization == "layer":
        u = F.layer_norm(u, u.shape[1:], weights.scale[1], weights.shift[1])
    u = u.double().numpy()
    layer = close_up.layer
    assert close_up.step == 3
    assert layer.counts.sum() == u.size
    inside = np.histogram(u, layer.edges)[0]
    # Entries on the edge of a bin may fall on either side of it.
    assert np.abs(inside - layer.counts).sum() <= 0.02 * u.size


def test_entries_beyond_the_range_are_in_the_outermost_bins():
    trainer = trained(initializer="normal", init_std=50.0, activation="identity", steps=1)
    layer = take(trainer, Watch(layer=0)).layer
    assert layer.edges[0] == -10.0
    assert layer.edges[-1] == 10.0
    assert layer.counts.sum() == 32 * 16
    assert layer.counts[[0, -1]].sum() > 0.9 * 32 * 16


def test_entries_that_are_not_finite_are_counted():
    trainer = trained(steps=1)
    with torch.inference_mode():
        trainer.weights.bias[1][:3] = torch.tensor([np.inf, -np.inf, np.nan])
    layer = take(trainer, Watch(layer=1)).layer
    assert layer.nonfinite == 3 * 32
    assert layer.counts.sum() == 13 * 32


def test_confusion_agrees_with_the_validation_accuracy():
    trainer = trained(
        steps=VALIDATION_INTERVAL_STEPS, activation="relu", initializer="kaiming_normal"
    )
    confusion = take(trainer, ALL).answers
    assert isinstance(confusion, Confusion)
    assert confusion.counts.shape == (10, 10)
    np.testing.assert_array_equal(
        confusion.counts.sum(axis=1), np.bincount(trainer.data.validation_y, minlength=10)
    )
    accuracy = np.trace(confusion.counts) / confusion.counts.sum()
    before = trained(
        steps=VALIDATION_INTERVAL_STEPS - 1, activation="relu", initializer="kaiming_normal"
    )
    record = before.step()
    assert record.validation[1] == pytest.approx(accuracy, abs=1e-6)


def test_regions_are_the_classes_of_their_points():
    trainer = trained(dataset="moons", activation="relu")
    regions = take(trainer, ALL).answers
    assert isinstance(regions, Regions)
    axis = np.linspace(regions.low, regions.high, len(regions.classes))
    row, column = 11, 57
    answer = trainer.answer(np.array([[axis[column], axis[row]]]))
    assert regions.classes[row, column] == int(answer.argmax())
    assert (np.abs(regions.x) <= regions.high).all()
    assert len(regions.x) == len(regions.y)


def test_the_fitted_curve_is_what_the_network_answers():
    trainer = trained(dataset="square", activation="relu")
    curve = take(trainer, ALL).answers
    assert isinstance(curve, FittedCurve)
    answers = trainer.answer(curve.grid[:, None]).double().numpy()[:, 0]
    np.testing.assert_array_equal(curve.fitted, answers)
    assert curve.grid[0] < curve.x.min() < curve.x.max() < curve.grid[-1]


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_looking_changes_no_number_of_the_run(precision, dropout):
    fields = {"precision": precision, "dropout": dropout, "normalization": "batch"}
    looked, not_looked = trained(0, **fields), trained(0, **fields)
    for _ in range(5):
        one, other = looked.step(), not_looked.step()
        np.testing.assert_array_equal(one.curves[:2], other.curves[:2])
        np.testing.assert_array_equal(one.layers, other.layers)
        take(looked, ALL)


def test_nothing_is_taken_while_nobody_looks():
    close_ups = CloseUps(lambda: 0.0)
    assert close_ups.take(trained(1), resting=True) is None


def test_a_close_up_is_renewed_now_and_then_and_whenever_the_run_rests():
    now = 0.0
    close_ups = CloseUps(lambda: now)
    close_ups.watch(ALL)
    trainer = trained(1)
    first = close_ups.take(trainer, resting=False)
    trainer.step()
    assert close_ups.take(trainer, resting=False) is first
    now = RENEWAL_SECONDS
    second = close_ups.take(trainer, resting=False)
    assert second.step == 2
    trainer.step()
    third = close_ups.take(trainer, resting=True)
    assert third.step == 3
    assert close_ups.take(trainer, resting=True) is third
    close_ups.watch(Watch())
    assert close_ups.take(trainer, resting=True) is None


@pytest.mark.parametrize(
    ("cost", "period"),
    [(1e-3, RENEWAL_SECONDS), (8e-3, 8e-3 / LARGEST_SHARE), (0.5, SLOWEST_SECONDS)],
)
def test_what_a_close_up_costs_decides_how_often_it_is_taken(cost, period):
    now = 0.0

    def clock():
        # Every look at the clock is so much later: two of them stand around a close-up.
        nonlocal now
        now += cost
        return now

    close_ups, trainer = CloseUps(clock), trained(1)
    close_ups.watch(ALL)
    first = close_ups.take(trainer, resting=False)
    trainer.step()
    due = now + period
    now = due - 1.5 * cost
    assert close_ups.take(trainer, resting=False) is first
    assert close_ups.take(trainer, resting=False).step == 2
