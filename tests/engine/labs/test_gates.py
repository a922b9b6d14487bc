"""Gradients through depth and through time against autograd."""

import numpy as np
import pytest
import torch

from engine.labs.gates import KINDS, DepthSetup, draw_depth, gradient_by_layer
from engine.labs.recurrence import (
    CELL,
    RecurrentSetup,
    draw_recurrent,
    gradient_by_time,
    lstm_gradients,
    open_gate,
    rnn_gradients,
)

ACTIVATIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu}


def autograd_by_layer(kind: str, setup: DepthSetup) -> np.ndarray:
    draws = draw_depth(setup)
    phi = ACTIVATIONS[setup.activation]
    h = torch.tensor(draws.x, requires_grad=True)
    layers = [h]
    for weight, gate_weight in zip(draws.weights, draws.gate_weights, strict=True):
        branch = phi(h @ torch.tensor(weight).T)
        if kind == "residual":
            h = h + branch
        elif kind == "highway":
            t = torch.sigmoid(h @ torch.tensor(gate_weight).T + setup.gate_bias)
            h = t * branch + (1 - t) * h
        else:
            h = branch
        h.retain_grad()
        layers.append(h)
    (h * torch.tensor(draws.direction)).sum().backward()
    return np.array([float(h.grad.square().sum(1).mean().sqrt()) for h in layers])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_of_every_layer_are_those_of_autograd(kind, activation):
    setup = DepthSetup(depth=12, width=7, activation=activation, gain=1.3, gate_bias=-1.0, seed=5)
    found = gradient_by_layer(kind, setup, draw_depth(setup))
    np.testing.assert_allclose(found, autograd_by_layer(kind, setup), rtol=1e-9)
    assert found[-1] == pytest.approx(1.0)


def test_a_closed_gate_passes_everything_and_an_open_one_nothing_extra():
    shut = DepthSetup(depth=20, gate_bias=-60.0)
    np.testing.assert_allclose(gradient_by_layer("highway", shut, draw_depth(shut)), 1.0)
    open_ = DepthSetup(depth=20, gate_bias=60.0)
    draws = draw_depth(open_)
    plain = gradient_by_layer("plain", open_, draws)
    np.testing.assert_allclose(gradient_by_layer("highway", open_, draws), plain, rtol=1e-9)


def test_without_weights_only_addition_passes_the_gradient():
    setup = DepthSetup(depth=5, gain=0.0)
    draws = draw_depth(setup)
    assert gradient_by_layer("plain", setup, draws).tolist()[:-1] == [0.0] * 5
    np.testing.assert_allclose(gradient_by_layer("residual", setup, draws), 1.0)


def test_outputs_beyond_float64_have_no_gradient():
    setup = DepthSetup(depth=500, activation="relu", gain=10.0)
    assert np.isnan(gradient_by_layer("plain", setup, draw_depth(setup))).all()


def test_a_plain_sigmoid_loses_a_quarter_of_the_gain_per_layer():
    # At initialisation a factor of about gain · √E φ′², which is at most 1/4.
    setup = DepthSetup(depth=60, width=128, activation="sigmoid")
    norms = gradient_by_layer("plain", setup, draw_depth(setup))
    factors = norms[10:-10] / norms[11:-9]
    assert 0.2 < np.exp(np.log(factors).mean()) < 0.25


def torch_gradients(setup: RecurrentSetup, kind: str) -> np.ndarray:
    draws = draw_recurrent(setup)
    n = setup.units
    x = torch.tensor(draws.x, requires_grad=True)
    if kind == "rnn":
        module = torch.nn.RNN(draws.x.shape[2], n, bias=False).double()
        recurrent, inputs = draws.recurrent[CELL], draws.inputs[CELL]
    else:
        module = torch.nn.LSTM(draws.x.shape[2], n).double()
        recurrent, inputs = draws.recurrent.reshape(4 * n, n), draws.inputs.reshape(4 * n, -1)
        for bias in (module.bias_ih_l0, module.bias_hh_l0):
            bias.data.zero_()
        module.bias_ih_l0.data[n : 2 * n] = setup.forget_bias
    module.weight_hh_l0.data = torch.tensor(recurrent)
    module.weight_ih_l0.data = torch.tensor(inputs)
    outputs, _ = module(x)
    (outputs[-1] @ torch.tensor(draws.direction)).sum().backward()
    return x.grad.numpy()


@pytest.mark.parametrize("steps", [1, 10, 60])
@pytest.mark.parametrize("forget_bias", [-1.0, 3.0])
def test_gradients_of_every_time_step_are_those_of_torch(steps, forget_bias):
    setup = RecurrentSetup(steps, units=6, gain=1.4, forget_bias=forget_bias, seed=2)
    draws = draw_recurrent(setup)
    for kind, ours in (("rnn", rnn_gradients), ("lstm", lstm_gradients)):
        expected = torch_gradients(setup, kind)
        np.testing.assert_allclose(ours(setup, draws), expected, rtol=1e-9, atol=1e-300)


def test_more_steps_leave_the_weights_as_they_are():
    short, long = (draw_recurrent(RecurrentSetup(steps)) for steps in (10, 200))
    np.testing.assert_array_equal(short.recurrent, long.recurrent)
    np.testing.assert_array_equal(short.x, long.x[:10])


def test_without_recurrent_weights_the_cell_alone_carries_the_gradient():
    # Then every gate depends on its own input only, and the gradient falls as the product of the
    # forget gates; with gates all but open hardly at all.
    setup = RecurrentSetup(steps=50, gain=0.0, forget_bias=20.0)
    draws = draw_recurrent(setup)
    assert (rnn_gradients(setup, draws)[:-1] == 0.0).all()
    norms = gradient_by_time(lstm_gradients(setup, draws))
    assert norms[0] > 0.1 * norms[-2]
    np.testing.assert_allclose(open_gate(setup), 1.0, rtol=1e-6)


def test_the_gate_alone():
    expected = [0.25, 0.5, 1.0]
    np.testing.assert_allclose(open_gate(RecurrentSetup(3, forget_bias=0.0)), expected)


def test_an_lstm_with_an_open_gate_remembers_what_an_rnn_forgets():
    setup = RecurrentSetup(steps=200, forget_bias=5.0)
    draws = draw_recurrent(setup)
    rnn, lstm = (
        gradient_by_time(gradients(setup, draws)) for gradients in (rnn_gradients, lstm_gradients)
    )
    assert rnn[0] / rnn[-1] < 1e-20
    assert lstm[0] / lstm[-1] > 1e-3
