"""Whether this processor has the operations of an experiment in the experiment's number format.

PyTorch has not every operation in every format on every processor. A run must be refused before it
starts, and nothing may be computed in another format than the one asked for: so the whole step is
tried once on a network of three units a layer.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from engine.config import RunConfig
from engine.fields import ConfigError
from engine.losses import cross_entropy, mean_squared_error
from engine.network import DeepMLP, network_layout
from engine.optimizers import Optimizer, clip_norm, clip_values
from engine.parameters import Parameters
from engine.precision import PRECISIONS
from engine.probes import Probes

if TYPE_CHECKING:
    import torch

FEATURES, UNITS, SAMPLES = 2, 3, 4


def require_operations(config: RunConfig, classes: int, device: torch.device) -> None:
    """Make sure that every operation of an experiment exists here.

    Args:
        config: the experiment.
        classes: number of classes, 0 for regression.
        device: where it will run.

    Raises:
        ConfigError: an operation is missing; names it and the format.
    """
    tiny = RunConfig(
        depth=UNITS,
        width=UNITS,
        activation=config.activation,
        normalization=config.normalization,
        skip=config.skip,
        dropout=0.5 if config.dropout else 0.0,
        optimizer=config.optimizer,
        weight_decay=0.1,
        precision=config.precision,
    )
    missing = _missing_operation(tiny, min(classes, UNITS), device)
    if missing:
        raise ConfigError(
            "precision",
            config.precision,
            f"must be a format that PyTorch computes with on this {device.type}, "
            f"which lacks here: {missing}",
        )


@cache
def _missing_operation(config: RunConfig, classes: int, device: torch.device) -> str:
    """Make one step, and say in words what it lacked; empty: nothing."""
    import torch

    try:
        with torch.inference_mode(), np.errstate(all="ignore"):
            _step(config, classes, device)
    except (RuntimeError, NotImplementedError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        missing = re.search(r'"(\w+)" not implemented for \'(\w+)\'', lines[0])
        return f"{missing[1]} for {missing[2]}" if missing else lines[0]
    return ""


def _step(config: RunConfig, classes: int, device: torch.device) -> None:
    import torch

    precision = PRECISIONS[config.precision]
    compute, master = precision.compute_dtype(), precision.master_dtype()
    n_out = classes or 1
    layout = network_layout(config, FEATURES, n_out)
    flat = torch.full((layout.flat_size(),), 0.5, dtype=master, device=device)
    weights = Parameters(layout, flat)
    copies, stored = (
        weights.like(flat.to(compute)),
        weights.like(torch.zeros_like(flat.to(compute))),
    )
    gradients = weights.like(torch.zeros_like(flat))
    loss = cross_entropy if classes else mean_squared_error
    generator = torch.Generator(device=device)
    network = DeepMLP(config, copies, stored, SAMPLES, loss, generator)
    probes = Probes(network, weights)
    samples = torch.arange(SAMPLES, device=device)
    torch.index_select(torch.ones_like(network.x), 0, samples.flip(0), out=network.x)
    targets = samples % n_out if classes else torch.ones(SAMPLES, n_out, dtype=master).to(device)

    blocks = range(len(layout.blocks))
    network.draw_dropout()
    for block in blocks:
        network.forward(block)
        probes.measure_forward(block)
    loss(network.logits.to(master), targets, 2.0, network.logits_gradient)
    for block in reversed(blocks):
        network.backward(block)
        probes.measure_backward(block)
    gradients.flat.copy_(stored.flat).mul_(0.5)
    clip_values(gradients.flat, 1.0)
    clip_norm(gradients.flat, 2.0, 1.0)
    optimizer = Optimizer(weights, config.optimizer)
    optimizer.begin_step()
    for block in blocks:
        probes.before_update(block)
        optimizer.step(block, gradients.blocks[block], config)
        probes.after_update(block)
    probes.read(2.0)
    network.evaluate(network.x)
