"""Singular values of a network's Jacobians against autograd and what is known of them."""

import numpy as np
import pytest
import torch

from engine.config import RunConfig
from engine.labs.jacobian import (
    MOST_SPECTRA,
    NetworkCopy,
    layer_jacobians,
    lost_below,
    redrawn,
    spectra,
    spectra_layers,
)
from engine.labs.network_copy import TooLargeError, copy_network, first_network
from engine.trainer import Trainer


def copied(steps: int = 0, **fields) -> tuple[Trainer, NetworkCopy]:
    small = {"depth": 5, "width": 6, "precision": "float64", "device": "cpu", "batch_size": 64}
    trainer = Trainer(RunConfig(**(small | fields)))
    for _ in range(steps):
        trainer.step()
    return trainer, copy_network(trainer)


def through_the_network(trainer: Trainer, layers: range, fixed_batch: torch.Tensor):
    """Return the function from h before some layers to h behind them, for one sample.

    Written with PyTorch's own modules' functions; batch statistics are those of `fixed_batch`.
    """
    config = trainer.config
    # A copy that autograd may go through.
    parameters = trainer.weights.like(trainer.weights.flat.clone())
    phi = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}[config.activation]
    functional = torch.nn.functional

    def one(layer, h, statistics):
        z = functional.linear(h, parameters.weight[layer], parameters.bias[layer])
        u = z
        if config.normalization != "none":
            scale, shift = parameters.scale[layer], parameters.shift[layer]
        if config.normalization == "layer":
            u = functional.layer_norm(z, z.shape[-1:], scale, shift, 1e-5)
        elif config.normalization == "rms":
            u = functional.rms_norm(z, z.shape[-1:], scale, 1e-5) + shift
        elif config.normalization == "batch":
            z_batch = functional.linear(
                statistics, parameters.weight[layer], parameters.bias[layer]
            )
            variance, mean = torch.var_mean(z_batch, dim=0, correction=0)
            u = (z - mean) / torch.sqrt(variance + 1e-5) * scale + shift
        d = phi(u)
        if config.skip == "none" or layer == 0:
            return d
        if config.skip == "residual":
            return h + d
        gate = functional.linear(h, parameters.gate_weight[layer], parameters.gate_bias[layer])
        return h + torch.sigmoid(gate) * (d - h)

    batches = [fixed_batch]
    for layer in range(layers.stop):
        batches.append(one(layer, batches[-1], batches[-1]))

    def run(h):
        for layer in layers:
            h = one(layer, h, batches[layer])
        return h

    return run, batches


@pytest.mark.parametrize("normalization", ["none", "batch", "layer", "rms"])
@pytest.mark.parametrize("skip", ["none", "residual", "highway"])
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu"])
def test_spectra_are_those_of_autograds_jacobian(normalization, skip, activation):
    trainer, network = copied(
        3,
        normalization=normalization,
        skip=skip,
        activation=activation,
        initializer="kaiming_normal",
    )
    sample, depth = 2, trainer.config.depth
    with torch.no_grad():
        _, batches = through_the_network(trainer, range(depth), torch.tensor(network.x))
    by_layer = dict(spectra(network, sample))
    assert sorted(by_layer) == [1, 2, 3, 4]
    for layer, logs in by_layer.items():
        run, _ = through_the_network(trainer, range(layer, depth), torch.tensor(network.x))
        jacobian = torch.autograd.functional.jacobian(run, batches[layer][sample])
        expected = torch.linalg.svdvals(jacobian).numpy()
        # What either computation rounds is a share of the largest.
        rounding = 1e-13 * expected[0]
        found = np.nan_to_num(10.0**logs)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=rounding)


def linear(weights: list[np.ndarray]) -> NetworkCopy:
    biases = tuple(np.zeros(len(weight)) for weight in weights)
    x = np.ones((1, weights[0].shape[1]))
    return NetworkCopy(0, "identity", "none", "none", x, tuple(weights), biases)


def test_orthogonal_weights_keep_every_direction_and_gaussian_ones_do_not():
    n, depth = 20, 30
    start = linear([np.random.default_rng(0).normal(0, n**-0.5, (n, n)) for _ in range(depth)])
    orthogonal = redrawn(start, "orthogonal", 1)
    for weight in orthogonal.weights[1:]:
        product = weight @ weight.T
        np.testing.assert_allclose(product, product[0, 0] * np.eye(n), atol=1e-12)
    for _, logs in spectra(orthogonal, 0):
        assert np.ptp(logs) < 1e-10
    *_, (layer, logs) = spectra(redrawn(start, "gaussian", 1), 0)
    assert layer == 1
    assert np.nanmax(logs) - np.nanmin(logs) > 8.0


@pytest.mark.parametrize("how", ["gaussian", "orthogonal"])
def test_redrawn_weights_keep_their_size_and_the_first_layer(how):
    random = np.random.default_rng(4)
    start = linear([random.normal(0, 0.3, (7, 3)), random.normal(0, 0.2, (5, 7)), np.eye(5)])
    other = redrawn(start, how, 9)
    np.testing.assert_array_equal(other.weights[0], start.weights[0])
    for before, after in zip(start.weights[1:], other.weights[1:], strict=True):
        assert after.shape == before.shape
        assert not np.array_equal(after, before)
        assert np.mean(after**2) == pytest.approx(np.mean(before**2), rel=0.7)
    if how == "orthogonal":
        assert np.mean(other.weights[1] ** 2) == pytest.approx(np.mean(start.weights[1] ** 2))


def test_deep_products_stay_within_reach_and_rounding_is_not_taken_for_a_value():
    for factor in (1e-3, 1e3):
        deep = linear([factor * np.eye(2)] * 300)
        *_, (_, logs) = spectra(deep, 0)
        np.testing.assert_allclose(logs, 299 * np.log10(factor), rtol=1e-12)
    *_, (_, logs) = spectra(linear([np.diag([1.0, 0.1])] * 30), 0)
    assert logs[0] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(logs[1])


def test_what_is_lost_lies_below_the_bound_that_is_given():
    for small in (0.5, 0.3, 0.1):
        *_, (_, logs) = spectra(linear([np.diag([2.0, 2.0 * small])] * 60), 0)
        truth = 59 * np.log10(2.0 * small)
        if np.isnan(logs[1]):
            assert truth <= lost_below(logs)
        else:
            assert logs[1] == pytest.approx(truth)
            assert truth > lost_below(logs)


def test_dead_layers_give_zero():
    *_, (_, logs) = spectra(linear([np.eye(3), np.zeros((3, 3)), np.eye(3)]), 0)
    np.testing.assert_array_equal(logs, -np.inf)


def test_which_layers_are_looked_at():
    assert spectra_layers(1) == []
    assert spectra_layers(4) == [3, 2, 1]
    many = spectra_layers(1000)
    assert many[0] == 999 and many[-1] == 1
    assert len(many) <= MOST_SPECTRA + 1
    deep = linear([np.eye(2)] * 1000)
    assert [layer for layer, _ in spectra(deep, 0)] == many


def test_a_copy_does_not_follow_the_training_and_large_networks_are_refused(monkeypatch):
    trainer, network = copied(skip="highway", normalization="layer")
    before = [weight.copy() for weight in network.weights]
    trainer.step()
    for weight, now in zip(before, network.weights, strict=True):
        np.testing.assert_array_equal(weight, now)
    assert network.step == 0 and network.is_finite and network.depth == 5
    assert not np.array_equal(copy_network(trainer).weights[1], before[1])
    for limit, value in (("MOST_WEIGHTS", 10), ("MOST_UNITS", 5)):
        with monkeypatch.context() as patch:
            patch.setattr(f"engine.labs.network_copy.{limit}", value)
            with pytest.raises(TooLargeError):
                copy_network(trainer)


def test_the_first_network_is_the_one_that_a_run_begins_with():
    config = RunConfig(depth=3, width=5, device="cpu")
    ours, run = first_network(config), copy_network(Trainer(config))
    assert ours.step == run.step == 0
    for one, other in zip(ours.weights, run.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(TooLargeError):
        first_network(RunConfig(depth=1000, width=1000))


def test_weights_that_are_no_numbers_are_noticed():
    assert not linear([np.eye(2), np.full((2, 2), np.nan)]).is_finite
    assert linear([np.eye(2)]).is_finite
    assert layer_jacobians(linear([np.eye(2)]), 0) == []
