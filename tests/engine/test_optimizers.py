"""The update rules against torch.optim, clipping against torch.nn.utils, LARS against its paper."""

import pytest
import torch
from torch import nn

from engine.config import RunConfig
from engine.optimizers import LARS_TRUST, RULES, Optimizer
from engine.parameters import Layout, Parameters
from engine.trainer import Trainer, _batches
from tests.engine.oracle import watch_updates

STEPS = 50
TOLERANCE = 1e-6
SMALL = {"depth": 4, "width": 12, "activation": "tanh", "initializer": "xavier_normal",
         "batch_size": 32, "precision": "float64", "device": "cpu", "learning_rate": 0.02,
         "bias_std": 0.1}  # fmt: skip


def torch_optimizer(config: RunConfig, parameters) -> torch.optim.Optimizer:
    """Return what a PyTorch user writes for the experiment."""
    rate, decay = config.learning_rate, config.weight_decay
    match config.optimizer:
        case "sgd":
            return torch.optim.SGD(parameters, lr=rate, weight_decay=decay)
        case "momentum":
            return torch.optim.SGD(parameters, lr=rate, momentum=config.momentum,
                                   weight_decay=decay)  # fmt: skip
        case "nesterov":
            return torch.optim.SGD(parameters, lr=rate, momentum=config.momentum,
                                   weight_decay=decay, nesterov=True)  # fmt: skip
        case "rmsprop":
            return torch.optim.RMSprop(parameters, lr=rate, weight_decay=decay)
        case "adam":
            return torch.optim.Adam(parameters, lr=rate, weight_decay=decay)
        case "adamw":
            return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay)
    raise AssertionError(config.optimizer)


class Twin:
    """The same experiment as a plain PyTorch loop."""

    def __init__(self, trainer: Trainer) -> None:
        config = trainer.config
        modules: list[nn.Module] = []
        for n_in, n_out in zip(trainer.layout.widths, trainer.layout.widths[1:], strict=False):
            modules += [nn.Linear(n_in, n_out, dtype=trainer.weights.flat.dtype), nn.Tanh()]
        self.model = nn.Sequential(*modules[:-1])
        self.linears = [module for module in self.model if isinstance(module, nn.Linear)]
        with torch.no_grad():
            for linear, weight, bias in zip(
                self.linears, trainer.weights.weight, trainer.weights.bias, strict=True
            ):
                linear.weight.copy_(weight)
                linear.bias.copy_(bias)
        self.optimizer = torch_optimizer(config, self.model.parameters())
        self._x, self._y = trainer._train_x, trainer._train_y
        self._batches = _batches(len(self._x), len(trainer.network.x), config.seed)

    def step(self, config: RunConfig) -> float:
        for group in self.optimizer.param_groups:
            group["lr"], group["weight_decay"] = config.learning_rate, config.weight_decay
            if config.optimizer in ("momentum", "nesterov"):
                group["momentum"] = config.momentum
        batch = next(self._batches)
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.model(self._x[batch]), self._y[batch])
        loss.backward()
        if config.clip == "norm":
            nn.utils.clip_grad_norm_(self.model.parameters(), config.clip_threshold)
        elif config.clip == "value":
            nn.utils.clip_grad_value_(self.model.parameters(), config.clip_threshold)
        self.optimizer.step()
        return float(loss.detach())

    def difference(self, trainer: Trainer) -> float:
        """Return the largest relative difference of a weight or bias of any layer."""
        measured = trainer.weights.weight + trainer.weights.bias
        wanted = [m.weight.detach() for m in self.linears] + [m.bias.detach() for m in self.linears]
        pairs = zip(measured, wanted, strict=True)
        return max(float((a - b).norm() / b.norm()) for a, b in pairs)


def follow(config: RunConfig, changes: dict[int, dict] | None = None) -> None:
    """Train both for 50 steps, with live changes after some of them."""
    trainer = Trainer(config)
    twin = Twin(trainer)
    start = [linear.weight.detach().clone() for linear in twin.linears]
    for step in range(STEPS):
        if changes and step in changes:
            config = config.replace(**changes[step])
            trainer.change(config)
        record = trainer.step()
        assert record.curve("loss") == pytest.approx(twin.step(config), rel=TOLERANCE)
        assert record.curve("learning_rate") == config.learning_rate
    assert twin.difference(trainer) < TOLERANCE
    # It went somewhere.
    ends = [linear.weight.detach() for linear in twin.linears]
    assert max(float((a - b).norm()) for a, b in zip(ends, start, strict=True)) > 1e-3


PLAIN_RULES = [name for name in RULES if name != "lars"]


@pytest.mark.parametrize("weight_decay", [0.0, 0.05])
@pytest.mark.parametrize("optimizer", PLAIN_RULES)
def test_fifty_steps_equal_torch(optimizer, weight_decay, one_thread):
    follow(RunConfig(optimizer=optimizer, weight_decay=weight_decay, **SMALL))


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam"])
@pytest.mark.parametrize("threshold", [1e-3, 0.3, 1e3])
@pytest.mark.parametrize("clip", ["norm", "value"])
def test_clipping_equals_torch(clip, threshold, optimizer, one_thread):
    follow(
        RunConfig(optimizer=optimizer, clip=clip, clip_threshold=threshold, **SMALL)
        if threshold > 0.1
        else RunConfig(
            optimizer=optimizer, clip=clip, clip_threshold=threshold,
            **(SMALL | {"learning_rate": 2.0 if optimizer != "adam" else 0.02}),
        )
    )  # fmt: skip


@pytest.mark.parametrize("optimizer", PLAIN_RULES)
def test_live_changes_equal_torch(optimizer, one_thread):
    config = RunConfig(optimizer=optimizer, loss_scale=1000.0, **SMALL)
    changes = {
        5: {"learning_rate": 0.005},
        10: {"weight_decay": 0.1},
        15: {"momentum": 0.5},
        20: {"clip": "norm", "clip_threshold": 0.2},
        25: {"clip": "value", "clip_threshold": 0.01},
        30: {"clip": "none", "loss_scale": 3.0},
        35: {"learning_rate": 0.0},
        36: {"learning_rate": 0.03, "weight_decay": 0.0, "loss_scale": "dynamic"},
    }
    follow(config, changes)


@pytest.mark.parametrize("weight_decay", [0.0, 0.05])
@pytest.mark.parametrize("optimizer", PLAIN_RULES)
def test_the_rules_equal_torch_in_float32_on_the_same_gradients(optimizer, weight_decay):
    config = RunConfig(optimizer=optimizer, weight_decay=weight_decay, learning_rate=0.02)
    generator = torch.Generator().manual_seed(5)
    layout = Layout((6, 9, 9, 9, 3))
    start = torch.randn(layout.flat_size(), generator=generator)
    parameters = Parameters(layout, start.clone())
    gradients = parameters.like(torch.zeros_like(start))
    ours = Optimizer(parameters, optimizer)
    theirs = [nn.Parameter(view.clone()) for view in parameters.weight]
    torchs = torch_optimizer(config, theirs)
    for _ in range(STEPS):
        # Layers apart by decades, as the laboratory has them.
        for layer, (gradient, parameter) in enumerate(zip(gradients.weight, theirs, strict=True)):
            gradient.copy_(torch.randn(gradient.shape, generator=generator) * 10.0 ** (-2 * layer))
            parameter.grad = gradient.clone()
        ours.begin_step()
        for block in range(len(layout.blocks)):
            ours.step(block, gradients.blocks[block], config)
        torchs.step()
    for measured, wanted in zip(parameters.weight, (p.detach() for p in theirs), strict=True):
        assert float((measured - wanted).norm() / wanted.norm()) < TOLERANCE


# LARS (You, Gitman and Ginsburg 2017) -----------------------------------------------------------


def obvious_lars(config: RunConfig, weight, gradient, velocity, adapted: bool):
    """One parameter tensor, as the paper's algorithm 1 has it."""
    rate, decay = config.learning_rate, config.weight_decay
    if adapted:
        norm, size = weight.norm(), gradient.norm()
        if norm > 0 and size > 0:
            rate = rate * float(LARS_TRUST * norm / (size + decay * norm))
    velocity = config.momentum * velocity + rate * (gradient + decay * weight)
    return weight - velocity, velocity


@pytest.mark.parametrize("weight_decay", [0.0, 0.05])
@pytest.mark.parametrize("skip", ["none", "highway"])
def test_lars_equals_a_slow_obvious_version(skip, weight_decay, one_thread):
    config = RunConfig(optimizer="lars", weight_decay=weight_decay, momentum=0.8, skip=skip,
                       **(SMALL | {"learning_rate": 1.0}))  # fmt: skip
    trainer = Trainer(config)
    names = ("weight", "bias", "gate_weight", "gate_bias")

    def copies(parameters: Parameters) -> dict:
        found = {}
        for name in names:
            views = getattr(parameters, name)
            items = views.items() if isinstance(views, dict) else enumerate(views)
            found |= {(name, layer): view.clone() for layer, view in items}
        return found

    weights = copies(trainer.weights)
    velocities = {key: torch.zeros_like(value) for key, value in weights.items()}
    watched = watch_updates(trainer)
    for _ in range(STEPS):
        trainer.step()
        gradients = copies(watched)
        for key in weights:
            weights[key], velocities[key] = obvious_lars(
                config, weights[key], gradients[key], velocities[key], "weight" in key[0]
            )
    measured = copies(trainer.weights)
    for key, wanted in weights.items():
        assert float((measured[key] - wanted).norm() / wanted.norm()) < TOLERANCE, key


def test_lars_moves_every_layer_by_the_same_share(one_thread):
    """You et al. 2017: the ratio ‖w‖ / ‖g‖ spans decades; the relative update does not."""
    config = RunConfig(depth=20, width=128, activation="relu", initializer="torch_default",
                       optimizer="lars", learning_rate=1.0, batch_size=128, dataset="blobs",
                       device="cpu")  # fmt: skip
    record = Trainer(config).step()
    trust = record.layer("weight_norm") / record.layer("weight_grad_norm")
    assert trust.max() / trust.min() > 1e5
    ratio = record.layer("update_ratio")
    assert ratio == pytest.approx(LARS_TRUST, rel=1e-5)


@pytest.mark.parametrize("precision", ["float32", "float16", "bfloat16", "mixed_float16"])
def test_lars_of_a_vanished_gradient_stays_finite(precision, one_thread):
    """The ratio of a gradient of 1e-42 does not fit into the format of the gradient."""
    config = RunConfig(depth=60, width=16, activation="sigmoid", initializer="torch_default",
                       optimizer="lars", learning_rate=1.0, precision=precision,
                       device="cpu")  # fmt: skip
    trainer = Trainer(config)
    for _ in range(3):
        record = trainer.step()
    # Somewhere on the way down it is not zero yet.
    norms = record.layer("weight_grad_norm")
    assert norms[0] == 0.0 < norms[-1]
    assert record.first_bad is None
    assert bool(trainer.weights.flat.isfinite().all())


@pytest.mark.parametrize("optimizer", RULES)
def test_numbers_that_float16_cannot_hold_are_a_result_and_no_fault(optimizer, one_thread):
    config = RunConfig(depth=3, width=16, activation="relu", initializer="kaiming_normal",
                       dataset="blobs", device="cpu", precision="float16", optimizer=optimizer,
                       learning_rate=1e6, clip="value", clip_threshold=1e12)  # fmt: skip
    trainer = Trainer(config)
    assert any(trainer.step().first_bad is not None for _ in range(5))
