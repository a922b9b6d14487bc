"""The number formats: which work here, what they lose, and how the loss is scaled against it."""

import itertools
import math

import numpy as np
import pytest
import torch

from engine.activations import ACTIVATIONS
from engine.config import CLIPS, NORMALIZATIONS, OPTIMIZERS, SKIPS, RunConfig
from engine.fields import ConfigError
from engine.precision import GROWTH_INTERVAL_STEPS, INITIAL_SCALE, PRECISIONS, LossScaler
from engine.trainer import Trainer
from tests.engine.oracle import watch_deltas, watch_gradients

TINY = {"depth": 3, "width": 8, "dataset": "xor", "batch_size": 16, "device": "cpu",
        "initializer": "xavier_normal"}  # fmt: skip


# Every format works here, or is refused ----------------------------------------------------------


@pytest.mark.parametrize(
    ("precision", "normalization", "skip"),
    # All of them in float64 are compared with autograd elsewhere.
    list(itertools.product(list(PRECISIONS)[1:], NORMALIZATIONS, SKIPS)),
)
def test_every_format_trains_with_everything_and_nothing_falls_back(
    precision, normalization, skip, one_thread
):
    for activation in ACTIVATIONS:
        trainer = Trainer(RunConfig(activation=activation, precision=precision, skip=skip,
                                    normalization=normalization, dropout=0.2, **TINY))  # fmt: skip
        assert trainer.step().first_bad is None, activation
        row = PRECISIONS[precision]
        assert trainer.weights.flat.dtype == row.master_dtype()
        network = trainer.network
        tensors = [network.parameters.flat, network.gradients.flat, network.x]
        names = ("z", "u", "a", "h", "dz", "dh", "da", "x_hat", "keep", "gate")
        buffers = [getattr(stack, name) for stack in network.stacks for name in names]
        tensors += [buffer[0] for buffer in buffers if buffer is not None]
        assert {tensor.dtype for tensor in tensors} == {row.compute_dtype()}


@pytest.mark.parametrize(
    ("precision", "optimizer"), list(itertools.product(PRECISIONS, OPTIMIZERS))
)
def test_every_format_has_every_rule_and_both_losses(precision, optimizer, one_thread):
    for dataset, clip in itertools.product(("xor", "square"), CLIPS):
        config = RunConfig(activation="tanh", precision=precision, optimizer=optimizer, clip=clip,
                           weight_decay=0.01, **(TINY | {"dataset": dataset}))  # fmt: skip
        Trainer(config).step()


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("\"addmm_impl_cpu_\" not implemented for 'Half'", "addmm_impl_cpu_ for Half"),
        ("no kernel image is available\nCUDA kernel errors", "no kernel image is available"),
    ],
)
def test_a_missing_operation_is_named_before_anything_is_drawn(message, words, monkeypatch):
    import dataclasses

    import engine.trainer
    import engine.trial

    def kernels():
        def missing(*arguments):
            raise RuntimeError(message)

        return missing, missing

    broken = dataclasses.replace(ACTIVATIONS["mish"], kernels=kernels)
    monkeypatch.setitem(ACTIVATIONS, "mish", broken)
    monkeypatch.setattr(engine.trainer, "draw_parameters", None)
    # What was tried before is remembered.
    tried = engine.trial._missing_operation
    monkeypatch.setattr(engine.trial, "_missing_operation", tried.__wrapped__)
    with pytest.raises(ConfigError) as caught:
        Trainer(RunConfig(activation="mish", precision="float16", **TINY))
    error = caught.value
    assert (error.field, error.value) == ("precision", "float16")
    assert words in str(error)
    assert "\n" not in str(error)


# What a format loses -----------------------------------------------------------------------------

# Bits of the exponent and of the fraction.
FORMATS = {"float64": (np.uint64, 11, 52), "float32": (np.uint32, 8, 23),
           "bfloat16": (np.uint16, 8, 7), "float16": (np.uint16, 5, 10)}  # fmt: skip
INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}


def counted(stored: torch.Tensor, precision: str) -> tuple[int, int, int]:
    """Count zeros, subnormals and non-finite entries from the bits that are stored."""
    unsigned, exponent_bits, fraction_bits = FORMATS[PRECISIONS[precision].compute]
    bits = stored.contiguous().view(INTEGERS[stored.dtype.itemsize]).numpy().view(unsigned)
    largest = 2**exponent_bits - 1
    exponent = (bits >> unsigned(fraction_bits)) & unsigned(largest)
    fraction = bits & unsigned(2**fraction_bits - 1)
    zero = (exponent == 0) & (fraction == 0)
    subnormal = (exponent == 0) & (fraction != 0)
    return int(zero.sum()), int(subnormal.sum()), int((exponent == largest).sum())


# Where each format runs out of numbers: the depth of a sigmoid network.
DEPTHS = {"float64": 380, "float32": 60, "bfloat16": 60, "float16": 14, "mixed_float16": 14}


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("loss_scale", [1.0, 512.0])
def test_underflow_is_counted_from_the_stored_bits(precision, loss_scale, one_thread):
    config = RunConfig(depth=DEPTHS[precision], width=13, activation="sigmoid", batch_size=32,
                       initializer="torch_default", precision=precision, loss_scale=loss_scale,
                       learning_rate=0.0, device="cpu")  # fmt: skip
    trainer = Trainer(config)
    gradients = watch_gradients(trainer.network)
    record = trainer.step()
    for layer, stored in enumerate(gradients.weight):
        zeros, subnormals, nonfinite = counted(stored, precision)
        size = stored.numel()
        assert record.layer("zero_fraction")[layer] * size == pytest.approx(zeros, abs=1e-3)
        measured = record.layer("subnormal_fraction")[layer] * size
        assert measured == pytest.approx(subnormals, abs=1e-3)
        assert nonfinite == 0
    zero, subnormal = record.layer("zero_fraction"), record.layer("subnormal_fraction")
    assert zero[0] == 1.0
    assert zero[-1] == 0.0
    # Processors that multiply bfloat16 in hardware (AMX) make no subnormal numbers of it.
    if precision != "bfloat16":
        assert ((subnormal > 0.0) & (zero < 1.0)).any()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_overflow_is_counted_from_the_stored_bits(precision, one_thread):
    largest = float(torch.finfo(PRECISIONS[precision].compute_dtype()).max)
    # Each layer multiplies by about 6; the last ones overflow.
    depth = round(math.log10(largest) / math.log10(6.0)) + 6
    config = RunConfig(depth=depth, width=72, activation="relu", initializer="normal",
                       init_std=1.0, batch_size=8, precision=precision, learning_rate=0.0,
                       device="cpu")  # fmt: skip
    trainer = Trainer(config)
    network = trainer.network
    deltas, gradients = watch_deltas(network), watch_gradients(network)
    record = trainer.step()
    for layer in range(depth + 1):
        stack, row = network._by_layer[layer]
        wanted = sum(
            counted(tensor, precision)[2]
            for tensor in (stack.h[row], deltas[layer], gradients.weight[layer])
        )
        assert record.layer("nonfinite_count")[layer] == wanted
    assert record.first_bad is not None
    assert record.first_bad.tensor == "h"


# The loss scale ----------------------------------------------------------------------------------


@pytest.mark.parametrize("loss_scale", [1.0, 128.0, 2.0**14, 1000.0])
def test_norms_are_those_of_the_unscaled_loss(loss_scale, one_thread):
    config = RunConfig(depth=5, width=16, activation="tanh", initializer="xavier_normal",
                       device="cpu")  # fmt: skip
    wanted = Trainer(config.replace(precision="float64")).step()
    narrow = config.replace(precision="mixed_float16", loss_scale=loss_scale)
    measured = Trainer(narrow).step()
    for name in ("activation_grad_norm", "weight_grad_norm", "update_ratio"):
        # float16 has 11 bits; some hundred terms and 5 layers add up.
        np.testing.assert_allclose(measured.layer(name), wanted.layer(name), rtol=5e-3)
    assert measured.curve("grad_norm") == pytest.approx(wanted.curve("grad_norm"), rel=5e-3)
    assert measured.curve("loss_scale") == loss_scale


def test_a_loss_scale_brings_back_what_underflows(one_thread):
    config = RunConfig(depth=8, width=16, activation="sigmoid", initializer="torch_default",
                       precision="mixed_float16", device="cpu")  # fmt: skip
    lost = Trainer(config).step().layer("zero_fraction")[0]
    kept = Trainer(config.replace(loss_scale=2.0**14)).step().layer("zero_fraction")[0]
    assert lost > 0.5
    assert kept < 0.1


def test_dynamic_scaling_does_what_torch_does():
    """Overflows at random: the scale after each step is that of torch.amp.GradScaler."""
    random = np.random.Generator(np.random.PCG64(3))
    scaler = LossScaler("dynamic")
    theirs = torch.amp.GradScaler("cpu", init_scale=INITIAL_SCALE)
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    overflows = 0
    for step in range(2 * GROWTH_INTERVAL_STEPS + 200):
        bad = random.random() < 1e-3 or step in (5, 6, 7)
        gradient = math.inf if bad else 1.0
        parameter.grad = torch.tensor([gradient])
        before = float(parameter.detach())
        # Scaling a loss is what makes the scaler begin.
        theirs.scale(torch.zeros(()))
        theirs.step(optimizer)
        theirs.update()
        skipped = scaler.skips(gradient)
        scaler.update(skipped)
        assert scaler.scale == theirs.get_scale(), step
        assert skipped == (float(parameter.detach()) == before) == bad
        overflows += bad
    assert overflows > 3


def test_the_scale_grows_after_two_thousand_good_steps_in_a_row():
    scaler = LossScaler("dynamic")
    for step in range(1, 2 * GROWTH_INTERVAL_STEPS + 1):
        assert not scaler.skips(1.0)
        scaler.update(skipped=False)
        assert scaler.scale == INITIAL_SCALE * 2.0 ** (step // GROWTH_INTERVAL_STEPS)


def test_an_overflow_halves_the_scale_and_makes_no_update(one_thread):
    config = RunConfig(depth=3, width=64, activation="relu", initializer="kaiming_normal",
                       gain=3.0, optimizer="adam", precision="mixed_float16", loss_scale="dynamic",
                       device="cpu")  # fmt: skip
    trainer = Trainer(config)
    skipped = 0
    for _ in range(12):
        before, scale = trainer.weights.flat.clone(), trainer.scaler.scale
        record = trainer.step()
        overflow = not math.isfinite(record.curve("grad_norm"))
        assert overflow == torch.equal(trainer.weights.flat, before)
        assert trainer.scaler.scale == (scale / 2 if overflow else scale)
        assert record.curve("loss_scale") == scale
        assert record.first_bad is None
        if overflow:
            assert record.layer("update_ratio").tolist() == [0.0] * 4
        skipped += overflow
    assert 0 < skipped < 12
    # The bias correction of Adam counts updates, not attempts.
    assert trainer.optimizer.steps == 12 - skipped


def test_what_no_scale_can_help_ends_the_run(one_thread):
    config = RunConfig(depth=3, width=64, activation="relu", initializer="normal", init_std=30.0,
                       precision="mixed_float16", loss_scale="dynamic", device="cpu")  # fmt: skip
    trainer = Trainer(config)
    for _ in range(18):
        record = trainer.step()
    assert trainer.scaler.scale == 1.0
    assert record.first_bad is not None


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_what_is_not_scaled_is_no_overflow_of_the_scale(precision, one_thread):
    """Activations or a loss that are not finite are the run's own, whatever the scale does."""
    config = RunConfig(depth=5, width=64, activation="relu", initializer="kaiming_normal",
                       learning_rate=1e6, precision=precision, loss_scale="dynamic",
                       device="cpu")  # fmt: skip
    trainer = Trainer(config)
    for _ in range(6):
        record = trainer.step()
        if not math.isfinite(record.curve("loss")):
            break
    assert not math.isfinite(record.curve("loss"))
    assert trainer.scaler.skips(math.nan), "it would be halved once more"
    assert record.first_bad is not None
    assert (record.first_bad.step, record.first_bad.tensor) == (record.step, "h")


def test_a_static_scale_that_overflows_is_no_secret(one_thread):
    config = RunConfig(depth=3, width=64, activation="relu", initializer="kaiming_normal",
                       gain=3.0, precision="mixed_float16", loss_scale=2.0**16,
                       device="cpu")  # fmt: skip
    record = Trainer(config).step()
    assert record.first_bad is not None
    assert record.first_bad.tensor.startswith("dL")


@pytest.mark.parametrize("name", PRECISIONS)
def test_limits_of_stored_gradients_are_those_of_torch(name):
    about = torch.finfo(PRECISIONS[name].compute_dtype())
    assert PRECISIONS[name].gradient_limits() == (about.tiny, about.max)
