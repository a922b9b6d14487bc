"""Runs of the engine whose verdict is known."""

import itertools

import numpy as np
import pytest

from engine.config import RunConfig
from engine.diagnosis import Judge
from engine.diagnosis.advice import advise
from engine.history import History
from engine.trainer import Trainer
from tests.engine.judged_runs import LABELLED, small_config, train


@pytest.mark.slow
@pytest.mark.parametrize(("case", "seed"), list(itertools.product(LABELLED, (1, 2, 3))))
def test_the_fourteen_labelled_configurations(case, seed, one_thread):
    activation, initializer, depth, more, verdict = case
    config = small_config(
        depth=depth, width=128, activation=activation, initializer=initializer,
        batch_size=128, learning_rate=0.01, seed=seed, **more,
    )  # fmt: skip
    diagnosis, _ = train(config, 30)
    assert diagnosis.verdict == verdict, diagnosis.findings


@pytest.mark.parametrize("case", LABELLED)
def test_labelled_configurations_in_small(case, one_thread):
    activation, initializer, depth, more, verdict = case
    config = small_config(
        depth=depth, width=128, activation=activation, initializer=initializer,
        batch_size=128, learning_rate=0.01, seed=1, **more,
    )  # fmt: skip
    diagnosis, _ = train(config, 1)
    assert diagnosis.verdict == verdict, diagnosis.findings


TANH = {"activation": "tanh", "depth": 3}
REAL_RUNS = [
    (TANH | {"initializer": "constant"}, "symmetric"),
    (TANH | {"initializer": "zeros"}, "no gradient"),
    (TANH | {"initializer": "normal", "init_std": 1.0}, "saturated"),
    (TANH | {"learning_rate": 1e-8}, "uniform stall"),
    (TANH | {"depth": 30, "initializer": "torch_default", "precision": "float16"}, "underflow"),
]


@pytest.mark.parametrize(("fields", "verdict"), REAL_RUNS)
def test_verdicts_of_real_runs(fields, verdict, one_thread):
    diagnosis, _ = train(small_config(**({"learning_rate": 0.01, "width": 64} | fields)), 12)
    assert verdict in {finding.verdict for finding in diagnosis.findings}
    assert diagnosis.verdict == verdict, diagnosis.findings


def test_units_that_a_bias_has_silenced_are_dead_and_those_of_one_batch_are_not(one_thread):
    import torch

    config = small_config(
        depth=4, width=32, activation="relu", initializer="kaiming_normal", learning_rate=1e-3
    )
    trainer, history, judge = Trainer(config), History(4, 2**20), Judge()
    with torch.inference_mode():
        # 20 of 32 units of layer 2 can never be active again.
        trainer.weights.bias[1][:20] = -100.0
    for _ in range(60):
        newest = trainer.step()
        history.append(newest)
        judge.observe(newest, history, config, trainer.anchor, trainer.prediction)
        if newest.step < 50:
            assert newest.dead_fraction is None
    assert newest.dead_fraction[1] == 20 / 32
    diagnosis = judge.diagnosis(newest, history.view())
    assert diagnosis.verdict == "dead units"
    # The layer behind has units that few samples activate, and no alarm is made of it.
    assert newest.layer("inactive_fraction")[2] >= newest.dead_fraction[2]


def test_a_network_that_keeps_the_gradient_s_size_does_not_explode_because_of_its_rate(one_thread):
    """He at the default rate, and a tower of sigmoids that a residual connection saves."""
    he = RunConfig(activation="relu", initializer="kaiming_normal")
    saved = RunConfig(
        depth=30,
        width=100,
        activation="sigmoid",
        initializer="xavier_normal",
        learning_rate=0.1,
        skip="residual",
    )
    for config, steps in ((he, 3), (saved, 40)):
        found, _ = train(config.replace(device="cpu", threads=1), steps)
        assert abs(found.decades) < 1.0
        assert found.verdict == "large updates"
        assert not {f.verdict for f in found.findings} & {"exploding", "weakly exploding"}


@pytest.mark.parametrize(("activation", "depth"), [("relu", 1), ("identity", 1), ("gelu", 2)])
def test_a_loss_far_above_guessing_is_not_healthy(activation, depth, one_thread):
    """Biases as large as these are all that the outputs are made of."""
    config = small_config(
        dataset="digits", activation=activation, depth=depth, bias_std=100.0, learning_rate=1e-4
    )
    diagnosis, trainer = train(config, 60)
    assert diagnosis.verdict == "high loss"
    # Independent: guessing among ten classes.
    loss, guessed, classes = diagnosis.decisive.numbers
    assert loss > 5.0 * np.log(10.0)
    assert (guessed, classes) == pytest.approx((np.log(10.0), 10.0))
    (first, *_) = advise(diagnosis, config, trainer.anchor)
    assert first.config.bias_std == 0.0
    healed, _ = train(first.config, 60)
    assert healed.decisive is None


def test_batch_normalisation_of_one_sample_is_named(one_thread):
    diagnosis, _ = train(small_config(depth=5, normalization="batch", batch_size=1), 3)
    assert diagnosis.verdict == "dead network"
    assert diagnosis.decisive.criterion == "batch_of_one"
    assert not {"underflow32", "no_gradient"} & {f.criterion for f in diagnosis.findings}
    assert "at least two samples" in diagnosis.decisive.sentence.english()
