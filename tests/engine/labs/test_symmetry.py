"""The drawn network against autograd, and what becomes of equal units."""

import numpy as np
import pytest
import torch

from engine.labs.symmetry import CLASSES, SymmetryNetwork, SymmetrySetup
from engine.labs.trajectory import Trajectory


def by_autograd(network: SymmetryNetwork, masks) -> tuple[list[np.ndarray], list[np.ndarray]]:
    weights = [torch.tensor(weight, requires_grad=True) for weight in network.weights]
    biases = [torch.tensor(bias, requires_grad=True) for bias in network.biases]
    h = torch.tensor(network.x)
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        h = torch.nn.functional.linear(h, weight, bias)
        if layer < len(weights) - 1:
            h = torch.tanh(h)
            if masks is not None:
                h = h * torch.tensor(masks[layer])
    torch.nn.functional.cross_entropy(h, torch.tensor(network.y)).backward()
    return [weight.grad.numpy() for weight in weights], [bias.grad.numpy() for bias in biases]


@pytest.mark.parametrize("hidden_layers", [0, 1, 2, 3])
@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_gradients_are_those_of_autograd(hidden_layers, dropout):
    setup = SymmetrySetup(hidden_layers, 4, "random", dropout=dropout, seed=3)
    network = SymmetryNetwork(setup)
    masks = network.draw_masks()
    assert (masks is None) == (dropout == 0.0)
    computed, expected = network.gradients(masks), by_autograd(network, masks)
    for ours, autograd in zip(computed, expected, strict=True):
        for one, other in zip(ours, autograd, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-15)


def groups_after(steps: int, **fields) -> list[int]:
    """Return the number of distinct units of each hidden layer."""
    state = Trajectory(SymmetryNetwork(SymmetrySetup(**fields))).until(steps)[-1]
    return [int(group.max()) + 1 for group in state.unit_groups()]


@pytest.mark.parametrize("constant", [-1.0, 0.0, 0.05, 0.3])
@pytest.mark.parametrize("units", [2, 5, 8])
def test_units_that_start_equal_stay_equal_to_the_last_bit(constant, units):
    assert groups_after(500, constant=constant, units=units) == [1, 1]


def test_dropout_parts_equal_units_and_so_does_a_random_start():
    assert groups_after(0, dropout=0.2) == [1, 1]
    assert groups_after(20, dropout=0.2) == [5, 5]
    assert groups_after(0, start="random") == [5, 5]


def test_zeros_with_dropout_stay_zeros():
    # No unit has an output, so none has a gradient: dropout has nothing to silence.
    assert groups_after(50, constant=0.0, dropout=0.5) == [1, 1]


def test_a_part_of_the_units_may_be_one():
    network = SymmetryNetwork(SymmetrySetup(1, 4, "random"))
    for layer, axis in ((0, 0), (1, 1)):
        weight = np.moveaxis(network.weights[layer], axis, 0)
        weight[3] = weight[1]
    assert network.state().unit_groups()[0].tolist() == [0, 1, 2, 1]


def test_softmax_regression_learns_from_equal_weights_and_one_unit_cannot():
    def learnt(**fields) -> float:
        return Trajectory(SymmetryNetwork(SymmetrySetup(**fields))).until(1000)[-1].accuracy

    assert learnt(hidden_layers=0) == 1.0
    # Five units that are one see the samples along one direction only, as one unit does.
    assert learnt(units=1) < 0.9 and learnt(units=5) < 0.9
    assert learnt(start="random") == 1.0


def test_before_training_with_zeros_the_loss_is_that_of_guessing():
    state = SymmetryNetwork(SymmetrySetup(constant=0.0)).state()
    assert state.loss == pytest.approx(np.log(CLASSES))


def test_a_trajectory_is_the_same_in_any_order_and_its_states_stay():
    at_once = Trajectory(SymmetryNetwork(SymmetrySetup(start="random", dropout=0.3))).until(60)
    other = Trajectory(SymmetryNetwork(SymmetrySetup(start="random", dropout=0.3)))
    for step in (5, 3, 60, 0):
        states = other.until(step)
        assert [state.step for state in states] == list(range(step + 1))
        assert states[-1].loss == at_once[step].loss
    assert other.known == 60


def test_an_interrupted_trajectory_goes_on_where_it_was():
    class NoMoreError(Exception):
        pass

    def report(share, partial=None):
        if share > 0.5:
            raise NoMoreError

    trajectory = Trajectory(SymmetryNetwork(SymmetrySetup()))
    with pytest.raises(NoMoreError):
        trajectory.until(100, report)
    assert 50 < trajectory.known < 100
    whole = Trajectory(SymmetryNetwork(SymmetrySetup())).until(100)
    assert trajectory.until(100)[-1].loss == whole[-1].loss
