"""The pass that a graphics card records: here run without recording, there against eager."""

import itertools

import numpy as np
import pytest
import torch

from engine.config import RunConfig
from engine.trainer import Trainer

EXPERIMENTS = {
    "plain": {},
    "dropout": {"dropout": 0.3, "optimizer": "adam"},
    "batch, highway": {"normalization": "batch", "skip": "highway", "clip": "norm"},
    "mixed, dynamic": {"precision": "mixed_float16", "loss_scale": "dynamic", "gain": 2.0},
    "decay": {"weight_decay": 0.1, "optimizer": "nesterov", "clip": "value", "loss_scale": 8.0},
}
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")


def experiment(name: str, device: str) -> RunConfig:
    fields = {"depth": 12, "width": 40, "activation": "tanh", "batch_size": 32, "device": device}
    return RunConfig(**(fields | EXPERIMENTS[name]))


def compare(one: Trainer, other: Trainer, steps: int, rtol: float) -> None:
    for _ in range(steps):
        first, second = one.step(), other.step()
        np.testing.assert_allclose(first.curve("loss"), second.curve("loss"), rtol)
        np.testing.assert_allclose(first.layers, second.layers, rtol, atol=rtol)
        assert (first.histogram is None) == (second.histogram is None)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_all_gradients_before_the_first_update_are_the_same_step(name, one_thread):
    """The order in which a recording computes, on the CPU: equal to the last bit."""
    config = experiment(name, "cpu")
    other = Trainer(config)
    other._captured = other._forward_and_backward
    compare(Trainer(config), other, 20, rtol=0.0)


@pytest.mark.cuda
@needs_cuda
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_recorded_step_equals_the_eager_one(name):
    config = experiment(name, "cuda")
    eager, recorded = Trainer(config), Trainer(config)
    eager._captured = eager._forward_and_backward
    compare(eager, recorded, 50, rtol=1e-5)


@pytest.mark.cuda
@needs_cuda
def test_a_card_trains_as_the_processor_does():
    compare(
        Trainer(experiment("plain", "cpu")), Trainer(experiment("plain", "cuda")), 20, rtol=1e-3
    )


@pytest.mark.cuda
@needs_cuda
def test_another_loss_scale_is_recorded_anew():
    config = experiment("plain", "cuda")
    eager, recorded = Trainer(config), Trainer(config)
    eager._captured = eager._forward_and_backward
    for scale in (1.0, 64.0, 3.0):
        for trainer in (eager, recorded):
            trainer.change(config.replace(loss_scale=scale))
        compare(eager, recorded, 5, rtol=1e-5)


@pytest.mark.cuda
@needs_cuda
def test_every_replay_draws_another_mask():
    trainer = Trainer(experiment("dropout", "cuda"))
    masks = []
    for _ in range(4):
        trainer.step()
        masks.append(trainer.network.stacks[0].keep.clone())
    assert all(not torch.equal(a, b) for a, b in itertools.combinations(masks, 2))
