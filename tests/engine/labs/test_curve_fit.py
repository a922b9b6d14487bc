"""The curve fit against autograd, torch's Adam and what straight pieces can do."""

import numpy as np
import pytest
import torch

from engine.labs.curve_fit import (
    INTERVAL,
    TARGETS,
    CurveFit,
    CurveSetup,
    CurveState,
    smallest_possible_error,
)
from engine.labs.trajectory import Trajectory


@pytest.mark.parametrize("target", TARGETS)
def test_the_first_steps_are_those_of_torch(target):
    fit = CurveFit(CurveSetup(target, width=7, learning_rate=0.02))
    rows = [torch.tensor(row, requires_grad=True) for row in fit.parameters[:3]]
    c = torch.zeros((), dtype=torch.float64, requires_grad=True)
    x, y = torch.tensor(fit.x), torch.tensor(fit.y)
    adam = torch.optim.Adam([*rows, c], lr=0.02)
    for _ in range(50):
        adam.zero_grad()
        w, b, v = rows
        (((torch.relu(torch.outer(x, w) + b) @ v + c) - y) ** 2).mean().backward()
        gradient = fit.gradient()
        for ours, theirs in zip(gradient, rows, strict=False):
            np.testing.assert_allclose(ours, theirs.grad.numpy(), rtol=1e-9, atol=1e-12)
        assert gradient[3, 0] == pytest.approx(float(c.grad), rel=1e-9, abs=1e-12)
        adam.step()
        fit.step()
    for ours, theirs in zip(fit.parameters, rows, strict=False):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-8)


def test_hinges_are_where_the_slope_changes():
    state = CurveState(0, np.array([[1.0, -2.0, 0.0], [0.5, 3.0, 1.0], [2, 1, 1], [0, 0, 0]]), 0, 0)
    hinges = state.hinges()
    np.testing.assert_allclose(hinges[:2], [-0.5, 1.5])
    assert np.isinf(hinges[2])
    x = np.linspace(-2, 2, 4001)
    bends = np.abs(np.diff(state(x), 2)) > 1e-9
    np.testing.assert_allclose(x[1:-1][bends], [-0.5, 1.5], atol=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_every_hinge_starts_in_the_interval(seed):
    hinges = CurveFit(CurveSetup(width=64, seed=seed)).state().hinges()
    assert (hinges >= INTERVAL[0]).all() and (hinges <= INTERVAL[1]).all()


@pytest.mark.parametrize("width", [1, 3, 8])
def test_no_chain_of_pieces_is_closer_than_the_bound(width):
    # The best chain: pieces of one length, each the chord lowered by half its largest distance.
    knots = np.linspace(*INTERVAL, width + 2)
    x = np.linspace(*INTERVAL, 20001)
    chain = np.interp(x, knots, knots**2)
    miss = chain - x**2
    assert np.abs(miss - 0.5 * miss.max()).max() == pytest.approx(
        smallest_possible_error(width), rel=1e-6
    )


def test_x_squared_is_learnt_and_width_helps():
    def error(target: str, width: int) -> float:
        return Trajectory(CurveFit(CurveSetup(target, width))).until(3000)[-1].rms_error

    assert error("square", 16) < 0.05 < error("square", 4)
    assert error("cube", 64) < 0.05 < error("cube", 4)


def test_the_errors_are_those_of_the_function_shown():
    state = Trajectory(CurveFit(CurveSetup())).until(10)[-1]
    x = np.linspace(*INTERVAL, 101)
    miss = [sum(v * max(w * at + b, 0.0) for w, b, v, _ in state.parameters.T)
            + state.parameters[3, 0] - at**2 for at in x]  # fmt: skip
    assert state.largest_error == pytest.approx(np.abs(miss).max())
    assert state.rms_error == pytest.approx(np.sqrt(np.mean(np.square(miss))))
