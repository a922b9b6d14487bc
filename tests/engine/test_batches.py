"""The same seed gives the same data and the same batches, whatever else a person changes."""

import itertools

import numpy as np
import pytest
import torch

from engine.config import RunConfig
from engine.trainer import Trainer, _batches

FIRST_BATCH = [439, 183, 665, 84, 1070]
FIRST_WEIGHTS = [-0.138628, 0.06687387, 0.1519433]
BASE = {"depth": 2, "width": 6, "batch_size": 50, "device": "cpu", "seed": 7}
OTHER_CHOICES = [
    {"depth": 9},
    {"width": 31},
    {"activation": "relu"},
    {"initializer": "orthogonal", "gain": 2.0, "bias_std": 0.3},
    {"initializer": "lsuv"},
    {"optimizer": "adam", "learning_rate": 0.5},
    {"precision": "float64"},
    {"precision": "mixed_float16", "loss_scale": "dynamic"},
    {"dropout": 0.5},
    {"normalization": "batch", "skip": "highway"},
    {"clip": "norm", "weight_decay": 0.1},
    {"threads": 1, "max_steps": 4, "stop_on_nonfinite": False},
    pytest.param({"device": "cuda"}, marks=pytest.mark.cuda),
]


def seen(config: RunConfig, steps: int) -> tuple[list[list[int]], np.ndarray, np.ndarray]:
    """Return which samples were trained on in each step, and the data."""
    trainer = Trainer(config)
    batches = trainer._batches
    drawn: list[list[int]] = []

    def spy():
        for batch in batches:
            drawn.append(batch.tolist())
            yield batch

    trainer._batches = spy()
    for _ in range(steps):
        trainer.step()
    return drawn, trainer.data.train_x, trainer.data.train_y


@pytest.mark.parametrize("dataset", ["digits", "gaussian", "square"])
@pytest.mark.parametrize("change", OTHER_CHOICES, ids=str)
def test_other_choices_change_neither_data_nor_batches(change, dataset):
    if "cuda" in change.values() and not torch.cuda.is_available():
        pytest.skip("no CUDA here")
    base = RunConfig(**BASE, dataset=dataset)
    batches, x, y = seen(base, 40)
    others, other_x, other_y = seen(base.replace(**change), 40)
    assert batches == others
    np.testing.assert_array_equal(x, other_x)
    np.testing.assert_array_equal(y, other_y)


def test_the_batch_size_changes_only_where_the_cuts_are():
    one, x, _ = seen(RunConfig(**BASE), 6)
    other, other_x, _ = seen(RunConfig(**(BASE | {"batch_size": 30})), 10)
    assert list(itertools.chain(*one)) == list(itertools.chain(*other))
    np.testing.assert_array_equal(x, other_x)


def test_another_seed_is_another_order():
    one, _, _ = seen(RunConfig(**BASE), 2)
    other, _, _ = seen(RunConfig(**(BASE | {"seed": 8})), 2)
    assert one != other


def test_an_epoch_holds_every_sample_once():
    for samples, size in [(10, 3), (10, 5), (7, 7), (1438, 64)]:
        batches = _batches(samples, size, seed=1)
        first = torch.cat(list(itertools.islice(batches, samples // size))).tolist()
        second = torch.cat(list(itertools.islice(batches, samples // size))).tolist()
        assert len(set(first)) == len(first) == samples // size * size
        assert len(set(second)) == len(second)
        assert size == samples or first != second


def test_the_draws_are_these_on_every_platform():
    """Written down once: a platform, or a library, that draws others breaks every share string."""
    assert next(_batches(1438, 64, seed=7))[:5].tolist() == FIRST_BATCH
    trainer = Trainer(RunConfig(**BASE))
    assert trainer.weights.weight[0][0, :3].tolist() == pytest.approx(FIRST_WEIGHTS, rel=1e-6)
