"""Runs for tests of verdicts: of made-up steps, or of the engine, with the judge beside them."""

import numpy as np

from engine.config import RunConfig
from engine.diagnosis import THRESHOLDS, Judge, Thresholds
from engine.history import History
from engine.record import CURVE_INDEX, CURVE_QUANTITIES, LAYER_INDEX, LAYER_QUANTITIES, StepRecord
from engine.trainer import Trainer

DEPTH, WIDTH, SAMPLES = 20, 100, 64


def record(step=1, *, dead=None, loss=2.3, norm=1.0, scale=1.0, **rows) -> StepRecord:
    """Return a step of a healthy network, but for the rows that are given."""
    layers = np.zeros((len(LAYER_QUANTITIES), DEPTH + 1))
    healthy = {
        "activation_rms": 1.0,
        "activation_grad_norm": 1e-2,
        "weight_norm": 10.0,
        "weight_grad_norm": 1e-1,
        "update_ratio": 1e-3,
        "distinct_units": WIDTH,
    }
    for name, value in (healthy | rows).items():
        layers[LAYER_INDEX[name]] = value
    curves = np.ones(len(CURVE_QUANTITIES))
    for name, value in (("loss", loss), ("grad_norm", norm), ("loss_scale", scale)):
        curves[CURVE_INDEX[name]] = value
    return StepRecord(step, curves, layers, None, None, dead_fraction=dead)


class Run:
    """A run of made-up steps, and its judge."""

    def __init__(self, thresholds: Thresholds = THRESHOLDS, **fields) -> None:
        usual = {"activation": "relu", "depth": DEPTH, "width": WIDTH, "batch_size": SAMPLES}
        self.config = RunConfig(**usual | fields)
        self.judge, self.history = Judge(thresholds), History(DEPTH, 2**20)
        self.steps = 0

    def go(self, steps=1, **measured) -> None:
        for _ in range(steps):
            self.steps += 1
            self.newest = record(self.steps, **measured)
            self.history.append(self.newest)
            self.judge.observe(self.newest, self.history, self.config)

    def diagnosis(self):
        return self.judge.diagnosis(self.newest, self.history.view())

    def found(self) -> dict:
        return {finding.criterion: finding for finding in self.diagnosis().findings}


def ramp(decades: float, steps: int = DEPTH) -> np.ndarray:
    """A gradient that loses so many decades from the last hidden layer to the first."""
    return 1e-2 * 10.0 ** np.append(np.linspace(-decades, 0.0, steps), 0.0)


def one_layer(value: float, index: int, others: float = 0.0) -> np.ndarray:
    row = np.full(DEPTH + 1, others)
    row[index] = value
    return row


# Those that THEORY's validation labels: activation, initialiser, depth, more fields, verdict.
LABELLED = [
    ("tanh", "xavier_normal", 20, {}, "healthy"),
    ("relu", "kaiming_normal", 20, {}, "healthy"),
    ("relu", "kaiming_normal", 50, {}, "healthy"),
    ("selu", "lecun_normal", 20, {}, "healthy"),
    ("relu", "xavier_normal", 30, {}, "vanishing"),
    ("relu", "torch_default", 30, {}, "vanishing"),
    ("sigmoid", "xavier_normal", 10, {}, "vanishing"),
    ("tanh", "torch_default", 20, {}, "vanishing"),
    ("tanh", "normal", 10, {"init_std": 0.01}, "vanishing"),
    ("gelu", "xavier_normal", 20, {}, "vanishing"),
    ("tanh", "normal", 10, {"init_std": 1.0}, "exploding"),
    # With any learning rate worth the name its second step is not finite: judged by its first.
    ("relu", "normal", 10, {"init_std": 1.0, "max_steps": 1}, "exploding"),
    ("tanh", "torch_default", 8, {}, "weakly vanishing"),
    ("relu", "xavier_normal", 10, {}, "weakly vanishing"),
]


def train(config: RunConfig, steps: int, thresholds: Thresholds = THRESHOLDS):
    """Return the diagnosis after some steps, and the trainer."""
    trainer, history, judge = Trainer(config), History(config.depth, 2**20), Judge(thresholds)
    for _ in range(config.max_steps or steps):
        newest = trainer.step()
        history.append(newest)
        judge.observe(newest, history, trainer.config, trainer.anchor, trainer.prediction)
        if newest.first_bad is not None:
            break
    return judge.diagnosis(newest, history.view()), trainer


def small_config(**fields) -> RunConfig:
    return RunConfig(**({"device": "cpu", "threads": 1, "dataset": "blobs"} | fields))
