"""A recurrent network unrolled: what the last output owes to the input of every time step.

    h_t = tanh(W h_{t-1} + U x_t)                                              RNN
    c_t = f_t c_{t-1} + i_t tanh(W^g h_{t-1} + U^g x_t),   h_t = o_t tanh c_t   LSTM

The gates i, f and o are sigmoids of sums like the others, and f has the bias b_f (Hochreiter and
Schmidhuber 1997; the forget gate after Gers, Schmidhuber and Cummins 2000). Along c the gradient is
multiplied with f_t, a number near 1 where b_f is large, and not with a matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.activations import ACTIVATIONS, Array

SAMPLES = 8
INPUTS = 8
# The blocks of the LSTM's stacked weights, in PyTorch's order.
_, FORGET, CELL, OUTPUT = range(4)


@dataclass(frozen=True)
class RecurrentSetup:
    """What decides the chains.

    Attributes:
        steps: time steps.
        units: of h and of c.
        gain: recurrent weights are drawn from N(0, gain²/units), those of the input from
            N(0, 1/INPUTS).
        forget_bias: b_f; the gate without input is sigmoid(b_f).
        seed: of input, weights and the direction of the output.
    """

    steps: int = 100
    units: int = 32
    gain: float = 1.0
    forget_bias: float = 3.0
    seed: int = 7


@dataclass(frozen=True)
class RecurrentDraws:
    """Everything random. Time comes first, then the sample.

    Attributes:
        x: (steps, samples, INPUTS).
        recurrent: (4, units, units); the RNN takes that of the cell.
        inputs: (4, units, INPUTS), likewise.
        direction: v of the output v·h_T, (units,), of length 1.
    """

    x: Array
    recurrent: Array
    inputs: Array
    direction: Array


def draw_recurrent(setup: RecurrentSetup) -> RecurrentDraws:
    """Draw input, weights and direction from the seed."""
    random = np.random.default_rng(setup.seed)
    n = setup.units
    direction = random.standard_normal(n)
    return RecurrentDraws(
        direction=direction / np.linalg.norm(direction),
        recurrent=random.standard_normal((4, n, n)) * (setup.gain / np.sqrt(n)),
        inputs=random.standard_normal((4, n, INPUTS)) / np.sqrt(INPUTS),
        # Last, so that more steps leave the weights as they are.
        x=random.standard_normal((setup.steps, SAMPLES, INPUTS)),
    )


def rnn_gradients(setup: RecurrentSetup, draws: RecurrentDraws) -> Array:
    """Return ∂(v·h_T)/∂x_t of the RNN, (steps, samples, INPUTS)."""
    recurrent, inputs = draws.recurrent[CELL], draws.inputs[CELL]
    driven = draws.x @ inputs.T
    h = np.zeros((setup.steps + 1, SAMPLES, setup.units))
    for t in range(setup.steps):
        h[t + 1] = np.tanh(h[t] @ recurrent.T + driven[t])
    dz = np.empty_like(driven)
    dh = np.broadcast_to(draws.direction, h[0].shape)
    for t in reversed(range(setup.steps)):
        dz[t] = dh * (1.0 - h[t + 1] ** 2)
        dh = dz[t] @ recurrent
    return np.asarray(dz @ inputs)


def lstm_gradients(setup: RecurrentSetup, draws: RecurrentDraws) -> Array:
    """Return ∂(v·h_T)/∂x_t of the LSTM, (steps, samples, INPUTS)."""
    n, steps = setup.units, setup.steps
    # sigmoid(z) = (1 + tanh(z/2))/2: halved beforehand, gates and candidate are one tanh.
    halved = np.full((4, 1), 0.5)
    halved[CELL] = 1.0
    recurrent = draws.recurrent.reshape(4 * n, n)
    inputs = draws.inputs.reshape(4 * n, INPUTS)
    driven = (draws.x @ inputs.T).reshape(steps, SAMPLES, 4, n)
    driven[:, :, FORGET] += setup.forget_bias
    driven *= halved
    halved_recurrent = (draws.recurrent * halved[:, :, None]).reshape(4 * n, n)
    # Each (steps, samples, 4, units): the gates and the candidate.
    gates = np.empty((steps, SAMPLES, 4, n))
    c = np.zeros((steps + 1, SAMPLES, n))
    h = np.zeros((SAMPLES, n))
    tanh_c = np.empty((steps, SAMPLES, n))
    for t in range(steps):
        z = (h @ halved_recurrent.T).reshape(SAMPLES, 4, n)
        tanh = np.tanh(z + driven[t], out=gates[t])
        tanh *= halved
        tanh += 1.0 - halved
        i, f, g, o = gates[t].swapaxes(0, 1)
        np.add(f * c[t], i * g, out=c[t + 1])
        h = o * np.tanh(c[t + 1], out=tanh_c[t])
    slopes = gates * (1.0 - gates)
    slopes[:, :, CELL] = 1.0 - gates[:, :, CELL] ** 2
    i, f, g, o = gates.transpose(2, 0, 1, 3)
    # What dc (the last one: dh) is multiplied with to give ∂/∂z.
    by_z = slopes * np.stack([g, c[:-1], i, tanh_c], axis=2)
    dc_by_dh = o * (1.0 - tanh_c**2)
    dz = np.empty_like(gates)
    dh = np.broadcast_to(draws.direction, h.shape)
    dc = np.zeros_like(h)
    for t in reversed(range(steps)):
        dc = dc + dh * dc_by_dh[t]
        np.multiply(by_z[t], dc[:, None], out=dz[t])
        np.multiply(by_z[t, :, OUTPUT], dh, out=dz[t, :, OUTPUT])
        dh = dz[t].reshape(SAMPLES, 4 * n) @ recurrent
        dc = dc * f[t]
    return np.asarray(dz.reshape(steps, SAMPLES, 4 * n) @ inputs)


def gradient_by_time(gradients: Array) -> Array:
    """Return ‖∂(v·h_T)/∂x_t‖ for each step, (steps,): the root mean square over the samples."""
    return np.asarray(np.sqrt(np.mean(np.sum(gradients**2, axis=2), axis=1)))


def open_gate(setup: RecurrentSetup) -> Array:
    """Return sigmoid(b_f)^(T − t) for each step, (steps,): what the forget gate alone lets by."""
    gate = ACTIVATIONS["sigmoid"].phi(np.array([setup.forget_bias]))[0]
    return np.asarray(gate ** np.arange(setup.steps - 1, -1, -1.0))
