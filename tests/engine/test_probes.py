"""What is measured, against a slow and obvious computation in float64."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.activations import ACTIVATIONS
from engine.card_meter import CardMeter
from engine.config import CLIPS, NORMALIZATIONS, OPTIMIZERS, SKIPS, RunConfig
from engine.parameters import Block
from engine.precision import PRECISIONS
from engine.probes import Unmeasured
from engine.record import LAYER_QUANTITIES, StepRecord, applicable
from engine.trainer import Trainer
from tests.engine.oracle import watch_deltas

SMALL = {"depth": 5, "width": 9, "batch_size": 16, "device": "cpu", "initializer": "xavier_normal"}
# Sums of up to some thousand terms in float32, and shares that are rounded to it.
RELATIVE, ABSOLUTE = 2e-6, 1e-7


def numbers(tensor) -> np.ndarray:
    return tensor.detach().to(torch.float64).numpy()


class Watched:
    """A trainer, and copies of what its next steps leave in memory before anything changes it."""

    def __init__(self, config: RunConfig) -> None:
        self.trainer = trainer = Trainer(config)
        self.gradient: dict[int, np.ndarray] = {}
        self.others: dict[int, np.ndarray] = {}
        self.weight: list[np.ndarray] = []
        self.bias: list[np.ndarray] = []
        network = trainer.network
        self.dh = watch_deltas(network)
        self.u = [torch.zeros_like(dh) for dh in self.dh]
        forward, backward = network.forward, network.backward

        def spy_forward(block: int) -> None:
            forward(block)
            for layer in trainer.layout.blocks[block]:
                self.u[layer].copy_(network.gather("u", range(layer, layer + 1))[0])

        def spy(block: int) -> None:
            backward(block)
            layers = trainer.layout.blocks[block]
            for layer in layers:
                self.gradient[layer] = numbers(trainer.network.gradients.weight[layer]).copy()
            self.others[block] = numbers(trainer.network.gradients.blocks[block].rest).copy()

        network.forward, network.backward = spy_forward, spy

    def step(self) -> StepRecord:
        weights = self.trainer.weights
        self.weight = [numbers(weight).copy() for weight in weights.weight]
        self.bias = [numbers(bias).copy() for bias in weights.bias]
        return self.trainer.step()

    def buffers(self, name: str) -> list[np.ndarray]:
        return [numbers(row) for stack in self.trainer.network.stacks
                for row in getattr(stack, name).unbind()]  # fmt: skip


def norm(values: np.ndarray) -> float:
    """Return the L2 norm, whatever the size of the values."""
    if not np.isfinite(values).all():
        return math.nan if np.isnan(values).any() else math.inf
    return math.hypot(*values.ravel().tolist())


def agreeing_apart(rows: np.ndarray) -> int:
    """Return how many rows agree with none before, each entry to 1e-5 of the largest of all."""
    nearness = 1e-5 * np.abs(rows).max()
    return sum(
        not any((np.abs(row - other) <= nearness).all() for other in rows[:index])
        for index, row in enumerate(rows)
    )


def distinct_rows(weight: np.ndarray, bias: np.ndarray, gradient: np.ndarray) -> int:
    """Return how many units differ; where all are one, how many the gradient is about to part."""
    units = agreeing_apart(np.column_stack([weight, bias]))
    if units > 1:
        return units
    # Classes that are equally frequent have equal gradients, but for the order of the sums.
    largest = np.abs(gradient).max() or 1.0
    return len(np.unique(np.round(gradient / largest, 5), axis=0))


def obvious(watched: Watched, loss_scale: float) -> np.ndarray:
    """Return all columns of layers.csv, entry by entry."""
    trainer, config = watched.trainer, watched.trainer.config
    activation = ACTIVATIONS[config.activation]
    compute = PRECISIONS[config.precision].compute
    smallest_normal = {"float64": 2.0**-1022, "float32": 2.0**-126, "bfloat16": 2.0**-126,
                       "float16": 2.0**-14}[compute]  # fmt: skip
    h, a = watched.buffers("h"), watched.buffers("a")
    dh, u = ([numbers(values) for values in rows] for rows in (watched.dh, watched.u))
    rows = []
    for layer in range(config.depth + 1):
        gradient = watched.gradient[layer]
        before, after = watched.weight[layer], numbers(trainer.weights.weight[layer])
        with np.errstate(all="ignore"):
            row = {
                "activation_mean": np.mean(h[layer]),
                "activation_rms": norm(h[layer]) / math.sqrt(h[layer].size),
                "activation_grad_norm": norm(dh[layer]) / loss_scale,
                "weight_norm": norm(before),
                "weight_grad_norm": norm(gradient) / loss_scale,
                "update_ratio": np.float64(norm(after - before)) / norm(before),
                "saturated_fraction": math.nan
                if activation.saturates_beyond is None
                else np.mean(np.abs(u[layer]) >= activation.saturates_beyond),
                "inactive_fraction": np.mean((a[layer] == 0.0).all(axis=0)),
                "zero_fraction": np.mean(gradient == 0.0),
                "subnormal_fraction": np.mean(
                    (gradient != 0.0) & (np.abs(gradient) < smallest_normal)
                ),
                "nonfinite_count": sum(
                    int((~np.isfinite(values)).sum()) for values in (h[layer], dh[layer], gradient)
                ),
                "distinct_units": distinct_rows(before, watched.bias[layer], gradient),
            }
        rows.append([row[name] for name in LAYER_QUANTITIES])
    table = np.array(rows, np.float64).T
    table[~applicable(config)] = math.nan
    return table


def check(config: RunConfig, steps: int = 3) -> StepRecord:
    watched = Watched(config)
    for _ in range(steps):
        loss_scale = watched.trainer.scaler.scale
        record = watched.step()
        wanted = obvious(watched, loss_scale)
        finite = [bool(np.isfinite(weight).all()) for weight in watched.weight]
        for name, measured, right in zip(LAYER_QUANTITIES, record.layers, wanted, strict=True):
            absolute = ABSOLUTE if "fraction" in name else 0.0
            if name == "activation_mean":
                # A sum in which terms cancel.
                rms = record.layer("activation_rms")
                absolute = RELATIVE * np.max(rms, where=np.isfinite(rms), initial=0.0)
            if name == "distinct_units":
                # What is not a number differs from itself.
                measured, right = measured[finite], right[finite]
            np.testing.assert_allclose(measured, right, RELATIVE, absolute, err_msg=name)
        parts = [values.ravel() for values in watched.gradient.values()]
        total = norm(np.concatenate([*parts, *watched.others.values()])) / loss_scale
        np.testing.assert_allclose(record.curve("grad_norm"), total, RELATIVE)
    return record


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_column(activation, precision, one_thread):
    check(RunConfig(activation=activation, precision=precision, bias_std=0.5, **SMALL))


@pytest.mark.parametrize(
    ("normalization", "skip", "dropout"),
    list(itertools.product(NORMALIZATIONS, SKIPS, [0.0, 0.4])),
)
def test_every_column_with_stabilisers(normalization, skip, dropout, one_thread):
    check(RunConfig(activation="relu", normalization=normalization, skip=skip, dropout=dropout,
                    **SMALL))  # fmt: skip


@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_gradient_is_measured_before_anything_changes_it(optimizer, clip, one_thread):
    check(RunConfig(activation="tanh", optimizer=optimizer, clip=clip, clip_threshold=1e-3,
                    weight_decay=0.5, loss_scale=8.0, **SMALL))  # fmt: skip


@settings(max_examples=25, deadline=None)
# Two units with one weight each, the same in two bytes, and biases that differ by 3e-7 of it.
@example(
    depth=3, width=23, activation="sigmoid", precision="bfloat16", normalization="none",
    skip="none", optimizer="sgd", clip="none", dataset="square", initializer="normal",
)  # fmt: skip
@given(
    depth=st.integers(1, 9),
    width=st.integers(1, 80) | st.lists(st.integers(1, 40), min_size=1, max_size=9).map(tuple),
    activation=st.sampled_from(list(ACTIVATIONS)),
    precision=st.sampled_from(list(PRECISIONS)),
    normalization=st.sampled_from(NORMALIZATIONS),
    skip=st.sampled_from(SKIPS),
    optimizer=st.sampled_from([name for name in OPTIMIZERS if name not in ("adam", "adamw")]),
    clip=st.sampled_from(CLIPS),
    dataset=st.sampled_from(["digits", "square"]),
    initializer=st.sampled_from(["normal", "kaiming_normal", "orthogonal"]),
)
def test_every_column_whatever_the_experiment(**fields):
    check(RunConfig(device="cpu", batch_size=20, learning_rate=0.01, **fields), steps=2)


@pytest.mark.parametrize("loss_scale", [1e-6, 1.0, 2.0**30])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_tiny_gradients_have_their_norm(weight_decay, loss_scale, one_thread):
    """Entries whose squares vanish in float32 (THEORY, finding 5), and subnormal ones."""
    config = RunConfig(activation="sigmoid", loss_scale=loss_scale, weight_decay=weight_decay,
                       **(SMALL | {"depth": 50}))  # fmt: skip
    record = check(config)
    norms = record.layer("activation_grad_norm")
    assert ((norms > 0) & (norms < 1e-25)).any()


@pytest.mark.parametrize("precision", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "lars"])
def test_huge_gradients_have_their_norm(precision, optimizer, one_thread):
    """Entries whose squares overflow in float32."""
    config = RunConfig(activation="relu", initializer="normal", init_std=1.0, width=64, depth=26,
                       learning_rate=1e-3, optimizer=optimizer, precision=precision,
                       batch_size=16, device="cpu")  # fmt: skip
    record = check(config, steps=1)
    assert record.layer("weight_grad_norm").max() > 1e20
    assert record.first_bad is None


def test_gradients_beyond_the_squares_of_float64_have_their_norm(one_thread):
    config = RunConfig(activation="sigmoid", precision="float64", initializer="torch_default",
                       batch_size=8, width=4, depth=220, device="cpu")  # fmt: skip
    record = check(config, steps=1)
    norms = record.layer("activation_grad_norm")
    assert ((norms > 0) & (norms < 1e-180)).any()


def test_an_overflow_is_counted_before_the_update(one_thread):
    for clip, weight_decay in itertools.product(CLIPS, [0.0, 0.1]):
        config = RunConfig(activation="relu", initializer="normal", init_std=2.0, depth=45,
                           width=30, batch_size=16, clip=clip, weight_decay=weight_decay,
                           device="cpu")  # fmt: skip
        record = check(config, steps=1)
        assert record.layer("nonfinite_count").any()


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_meter_of_a_graphics_card_measures_the_same(
    activation, precision, one_thread, monkeypatch
):
    """Its operations, on the processor."""
    monkeypatch.setattr("engine.probes.HostMeter", CardMeter)
    check(RunConfig(activation=activation, precision=precision, bias_std=0.5, **SMALL))


def test_the_meter_of_a_graphics_card_counts_an_overflow(one_thread, monkeypatch):
    monkeypatch.setattr("engine.probes.HostMeter", CardMeter)
    config = RunConfig(activation="relu", initializer="normal", init_std=2.0, depth=45, width=30,
                       batch_size=16, device="cpu")  # fmt: skip
    assert check(config, steps=1).layer("nonfinite_count").any()


# Symmetry ---------------------------------------------------------------------------------------


def symmetric(**fields) -> RunConfig:
    return RunConfig(depth=2, width=32, activation="tanh", initializer="constant",
                     init_constant=0.05, dataset="blobs", device="cpu", **fields)  # fmt: skip


def distinct(config: RunConfig, steps: int) -> np.ndarray:
    trainer = Trainer(config)
    for _ in range(steps):
        record = trainer.step()
    return record.layer("distinct_units")


def test_equal_units_stay_equal_until_dropout_parts_them(one_thread):
    """Dive into Deep Learning: neither a step nor a hundred break the symmetry; dropout does."""
    # The output units differ: each has a class of its own to learn, and a gradient of its own.
    assert distinct(symmetric(), 1).tolist() == [1, 1, 10]
    assert distinct(symmetric(), 100).tolist() == [1, 1, 10]
    # Their weights are alike before the first update; their gradients are not.
    assert distinct(symmetric(dropout=0.5), 1).tolist() == [32, 32, 10]
    parted = distinct(symmetric(dropout=0.5), 100)
    assert parted.tolist() == [32, 32, 10]


def test_a_bias_of_its_own_makes_a_unit_distinct(one_thread):
    assert distinct(symmetric(bias_std=0.1), 1).tolist() == [32, 32, 10]


def test_random_units_are_all_distinct(one_thread):
    config = RunConfig(depth=3, width=500, device="cpu", initializer="kaiming_uniform")
    assert distinct(config, 1).tolist() == [500, 500, 500, 10]


@pytest.mark.parametrize("learning_rate", [1e-6, 1e-2, 1.0])
def test_units_are_counted_however_fast_they_move(learning_rate, one_thread):
    check(RunConfig(activation="tanh", learning_rate=learning_rate, **SMALL), steps=40)


def test_two_units_that_an_update_makes_equal_are_noticed_at_once(one_thread):
    # An update that is made and measured in one cannot be disturbed in between.
    watched = Watched(RunConfig(activation="tanh", **SMALL | {"optimizer": "momentum"}))
    trainer = watched.trainer
    update = trainer.optimizer.step
    weight, bias = trainer.weights.weight[2], trainer.weights.bias[2]

    def step(block: int, gradient: Block, config: RunConfig) -> None:
        update(block, gradient, config)
        if trainer.steps >= 4 and 2 in trainer.layout.blocks[block]:
            weight[7].copy_(weight[3])
            # After the fourth step only the bias tells them apart.
            if trainer.steps == 5:
                bias[7].copy_(bias[3])

    trainer.optimizer.step = step
    counts = [watched.step().layer("distinct_units").tolist() for _ in range(7)]
    different = [9, 9, 9, 9, 9, 10]
    # Their outgoing weights differ, and so does their next gradient.
    assert counts == [different] * 5 + [[9, 9, 8, 9, 9, 10], different]


# Measuring changes nothing ------------------------------------------------------------------------

EXPERIMENTS = {
    "default": {},
    "clip by norm": {"clip": "norm", "clip_threshold": 0.05},
    "clip by norm, huge": {"clip": "norm", "activation": "relu", "initializer": "normal",
                           "init_std": 1.0, "width": 40, "depth": 20},
    "clip by norm, tiny": {"clip": "norm", "clip_threshold": 1e-12, "loss_scale": 1e-6},
    "clip by value": {"clip": "value", "clip_threshold": 1e-3, "optimizer": "adam"},
    "dropout": {"dropout": 0.3, "activation": "relu", "optimizer": "momentum"},
    "batch, highway": {"normalization": "batch", "skip": "highway", "optimizer": "rmsprop"},
    "mixed, dynamic": {"precision": "mixed_float16", "loss_scale": "dynamic", "clip": "norm"},
    "bfloat16": {"precision": "bfloat16", "optimizer": "nesterov", "weight_decay": 0.01},
    "float16": {"precision": "float16", "loss_scale": 1024.0, "dropout": 0.1},
    "lars, residual": {"optimizer": "lars", "skip": "residual", "normalization": "layer"},
    "several blocks": {"width": 200, "depth": 8, "clip": "norm", "clip_threshold": 0.1},
}  # fmt: skip


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_losses_with_and_without_probes_are_equal_to_the_last_bit(name):
    config = RunConfig(**({"depth": 6, "width": 20, "activation": "tanh", "batch_size": 32,
                           "device": "cpu"} | EXPERIMENTS[name]))  # fmt: skip
    with_probes, without = Trainer(config), Trainer(config, probes=Unmeasured)
    for _ in range(50):
        measured, bare = with_probes.step(), without.step()
        np.testing.assert_array_equal(measured.curve("loss"), bare.curve("loss"))
        assert measured.validation == bare.validation
    assert torch.equal(with_probes.weights.flat, without.weights.flat)


@pytest.mark.parametrize("seed", range(12))
def test_the_norm_that_clips_is_one_number_with_and_without_probes(seed, one_thread):
    """In float64 a sum in another order shows in the loss."""
    config = RunConfig(depth=3, width=3, batch_size=7, dataset="sine", activation="gelu", seed=seed,
                       precision="float64", clip="norm", clip_threshold=0.1)  # fmt: skip
    with_probes, without = Trainer(config), Trainer(config, probes=Unmeasured)
    for _ in range(30):
        assert with_probes.step().curve("loss") == without.step().curve("loss")


@pytest.mark.parametrize("fields", [
    {}, {"initializer": "zeros"}, {"initializer": "normal", "init_std": 3.0, "learning_rate": 10.0},
    {"normalization": "batch", "skip": "highway"}, {"width": (7, 33, 33, 1, 64), "depth": 5},
    {"learning_rate": 1e6, "activation": "relu"}, {"depth": 90, "activation": "sigmoid"},
], ids=str)  # fmt: skip
def test_a_step_measured_on_the_way_is_the_same_as_one_measured_before_and_after(
    fields, one_thread
):
    config = RunConfig(**{"activation": "tanh", "depth": 40, "width": 20} | fields)
    one, other = Trainer(config), Trainer(config)
    assert one.probes.descend is not None
    other.probes.descend = None
    for _ in range(6):
        found, wanted = one.step(), other.step()
        # To the last bit, as PyTorch makes it.
        assert one.weights.flat.numpy().tobytes() == other.weights.flat.numpy().tobytes()
        np.testing.assert_allclose(found.layers, wanted.layers, rtol=1e-12)
        np.testing.assert_allclose(found.curves[:3], wanted.curves[:3], rtol=1e-12)
        assert found.first_bad == wanted.first_bad


def test_a_layer_of_zeros_has_no_update_ratio_and_is_finite_all_the_same(one_thread):
    record = check(RunConfig(activation="sigmoid", **(SMALL | {"initializer": "zeros"})), steps=1)
    assert record.first_bad is None
    assert record.layer("weight_norm").tolist() == [0.0] * 6


@pytest.mark.parametrize(
    "zeros", [{"initializer": "zeros"}, {"gain": 0.0}, {"initializer": "normal", "init_std": 1e-30}]
)
@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_weights_that_leave_the_numbers_from_zero_are_noticed_at_once(zeros, optimizer, one_thread):
    """0 / 0 in float16: such a layer has no update ratio, whatever has become of it."""
    config = RunConfig(depth=4, width=16, activation="sigmoid", precision="float16",
                       optimizer=optimizer, learning_rate=0.01, device="cpu", **zeros)  # fmt: skip
    trainer = Trainer(config)
    record = trainer.step()
    assert math.isfinite(record.curve("loss"))
    bad = [not weight.isfinite().all() for weight in trainer.weights.weight]
    assert any(bad)
    layer = bad.index(True) + 1
    name = "output" if layer == 5 else str(layer)
    first = record.first_bad
    assert first is not None
    assert (first.step, first.layer, first.tensor) == (1, name, "W")


def test_weights_drawn_beyond_their_format_are_told_and_warned_of_by_nobody(one_thread):
    trainer = Trainer(RunConfig(precision="float16", depth=3, width=8, initializer="normal",
                                init_std=100.0, gain=1000.0, device="cpu"))  # fmt: skip
    trainer.look()
    first = trainer.step().first_bad
    assert first is not None
    assert (first.step, first.tensor) == (1, "h")


def test_the_norm_of_a_wide_layer_is_right(one_thread):
    """Adding a million squares one after the other in float32 loses five digits."""
    check(RunConfig(activation="tanh", depth=2, width=1500, batch_size=300, device="cpu",
                    initializer="xavier_normal"), steps=1)  # fmt: skip
