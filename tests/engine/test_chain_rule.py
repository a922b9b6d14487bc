"""The chain rule written out, against PyTorch's autograd in float64."""

import itertools

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.activations import ACTIVATIONS
from engine.config import NORMALIZATIONS, SKIPS, RunConfig
from engine.trainer import Trainer
from tests.engine.oracle import autograd, watch_deltas, watch_gradients

TOLERANCE = 1e-9
SMALL = {"width": 7, "batch_size": 6, "precision": "float64", "initializer": "kaiming_normal"}


def relative_error(measured: torch.Tensor, wanted: torch.Tensor, terms: float = 1e-300) -> float:
    """Compare with the wanted value, or with the terms it is a sum of, if those are larger.

    What a normalisation over the batch takes away again, such as a bias, has the gradient zero: a
    sum whose terms cancel.
    """
    return float((measured - wanted).norm() / wanted.norm().clamp(min=terms))


@torch.inference_mode()
def perturb(trainer: Trainer) -> None:
    """Move every parameter, so that no bias is zero and no scale is one."""
    generator = torch.Generator().manual_seed(1)
    flat = trainer.weights.flat
    flat.add_(torch.randn(flat.shape, generator=generator, dtype=flat.dtype), alpha=0.1)


def check(config: RunConfig) -> None:
    trainer = Trainer(config)
    network = trainer.network
    perturb(trainer)
    measured_dh, gradients = watch_deltas(network), watch_gradients(network)
    batch = torch.arange(len(network.x))
    x, y = trainer._train_x[batch], trainer._train_y[batch]
    with torch.inference_mode():
        network.x.copy_(x)
        blocks = range(len(network.layout.blocks))
        network.draw_dropout()
        for block in blocks:
            network.forward(block)
        loss, _ = network.loss_function(network.logits, y, 1.0, network.logits_gradient)
        for block in reversed(blocks):
            network.backward(block)
    oracle = autograd(trainer, x, y)

    errors = {"loss": relative_error(loss, oracle.loss)}
    measured_h = [h for stack in network.stacks for h in stack.h.unbind()]
    lists = {
        "h": (measured_h, oracle.h),
        "dL/dh": (measured_dh, oracle.by_h),
        "dL/dW": (gradients.weight, oracle.by_weight),
        "dL/db": (gradients.bias, oracle.by_bias),
        "dL/dW gate": (gradients.gate_weight, oracle.by_gate_weight),
        "dL/db gate": (gradients.gate_bias, oracle.by_gate_bias),
        "dL/dscale": (gradients.scale, oracle.by_scale),
        "dL/dshift": (gradients.shift, oracle.by_shift),
    }
    for name, (measured, wanted) in lists.items():
        assert len(measured) == len(wanted), name
        keys = list(wanted) if isinstance(wanted, dict) else range(len(wanted))
        for layer in keys:
            terms = 1e-300
            if name in ("dL/db", "dL/dshift", "dL/dscale", "dL/db gate"):
                terms = float(oracle.by_z[layer].norm())
            if config.normalization == "batch" and name not in ("h", "dL/dh"):
                terms = max(terms, float(oracle.by_h[layer].norm()))
            errors[f"{name} {layer}"] = relative_error(measured[layer], wanted[layer], terms)
    worst = max(errors, key=errors.__getitem__)
    assert errors[worst] < TOLERANCE, (worst, errors[worst])


@pytest.mark.parametrize("dataset", ["digits", "square"])
@pytest.mark.parametrize(
    ("activation", "normalization", "skip"),
    list(itertools.product(ACTIVATIONS, NORMALIZATIONS, SKIPS)),
)
def test_gradients_equal_autograd(activation, normalization, skip, dataset, one_thread):
    check(
        RunConfig(
            depth=3,
            activation=activation,
            normalization=normalization,
            skip=skip,
            dataset=dataset,
            **SMALL,
        )
    )


@settings(max_examples=40, deadline=None)
@given(
    depth=st.integers(1, 12),
    width=st.integers(2, 12) | st.lists(st.integers(2, 6), min_size=1, max_size=9).map(tuple),
    batch_size=st.integers(3, 40),
    activation=st.sampled_from(list(ACTIVATIONS)),
    normalization=st.sampled_from(NORMALIZATIONS),
    skip=st.sampled_from(SKIPS),
    dropout=st.sampled_from([0.0, 0.3]),
    dataset=st.sampled_from(["digits", "blobs", "spirals", "square"]),
    gain=st.sampled_from([0.5, 1.0, 1.5]),
    seed=st.integers(0, 5),
)
def test_gradients_equal_autograd_whatever_the_experiment(**fields):
    # A linear network of one feature, normalised over the batch, does not depend on its weights:
    # there is only rounding left to compare.
    linear = fields["activation"] == "identity" and fields["normalization"] == "batch"
    assume(not (linear and fields["dataset"] == "square"))
    # Nor does a layer of two units, normalised over the two, depend on more than their order.
    config = RunConfig(precision="float64", initializer="kaiming_normal", **fields)
    assume(not (2 in config.widths and fields["normalization"] == "layer"))
    check(config)


@pytest.mark.parametrize("skip", SKIPS)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("widths", [(9, 5), (5, 5, 9, 9, 9, 5), (3, 9, 3), (8, 8, 4, 4)])
def test_gradients_equal_autograd_where_widths_differ(widths, normalization, skip, one_thread):
    fields = SMALL | {"width": widths, "dropout": 0.3, "activation": "tanh"}
    check(RunConfig(normalization=normalization, skip=skip, **fields))


def test_a_layer_as_wide_as_its_neighbours_outside_is_no_special_case(one_thread):
    # 64 features in, 64 units: the first weight has the shape of the hidden ones.
    check(RunConfig(depth=4, activation="tanh", **(SMALL | {"width": 64})))
    # Ten classes out of ten units.
    check(RunConfig(depth=4, activation="tanh", skip="residual", **(SMALL | {"width": 10})))
