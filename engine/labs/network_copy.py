"""Takes a copy of a network that trains, for a lab to look into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.activations import Array
from engine.labs.jacobian import NetworkCopy

if TYPE_CHECKING:
    from torch import Tensor

    from engine.config import RunConfig
    from engine.lockstep import Lockstep
    from engine.trainer import Trainer

SAMPLES = 64
# Larger networks take long to copy, and a decomposition of wider layers holds up whoever waits.
MOST_WEIGHTS = 2**25
MOST_UNITS = 512


class NoCopyError(Exception):
    """There is no network to be looked into."""


class TooLargeError(NoCopyError):
    """The network is too large to be looked into."""


def copy_network(trainer: Trainer) -> NetworkCopy:
    """Return a copy of the hidden layers, in float64.

    To be called from the thread that owns the trainer.

    Raises:
        TooLargeError: it has more than `MOST_WEIGHTS` parameters or a layer more than `MOST_UNITS`.
    """
    weights, config, layout = trainer.weights, trainer.config, trainer.layout
    if layout.size > MOST_WEIGHTS or max(layout.widths[1:-1]) > MOST_UNITS:
        raise TooLargeError
    hidden = range(layout.depth)
    return NetworkCopy(
        step=trainer.steps,
        activation=config.activation,
        normalization=config.normalization,
        skip=config.skip,
        x=trainer.data.train_x[:SAMPLES],
        weights=tuple(_array(weights.weight[layer]) for layer in hidden),
        biases=tuple(_array(weights.bias[layer]) for layer in hidden),
        gate_weights={layer: _array(gate) for layer, gate in weights.gate_weight.items()},
        gate_biases={layer: _array(bias) for layer, bias in weights.gate_bias.items()},
        scales={layer: _array(scale) for layer, scale in weights.scale.items()},
        shifts={layer: _array(shift) for layer, shift in weights.shift.items()},
    )


def first_network(config: RunConfig) -> NetworkCopy:
    """Return the network of an experiment before its first step, made here and let go of.

    Raises:
        TooLargeError: as `copy_network`.
        ConfigError: the experiment cannot be run here.
    """
    from engine.trainer import Trainer

    # Before it is built: what is refused must not first take the memory.
    if max(config.widths) > MOST_UNITS or sum(n * n for n in config.widths) > MOST_WEIGHTS:
        raise TooLargeError
    # The card, if there is one, is left to the network that trains.
    return copy_network(Trainer(config.replace(device="cpu")))


def _array(tensor: Tensor) -> Array:
    made: Array = tensor.detach().cpu().double().numpy().astype(np.float64, copy=True)
    return made


def copy_or_reason(lockstep: Lockstep | None) -> NetworkCopy | NoCopyError:
    """Return a copy of the first run's network, or why there is none."""
    try:
        if lockstep is None:
            raise NoCopyError
        return copy_network(lockstep.runs[0].trainer)
    except NoCopyError as reason:
        return reason
