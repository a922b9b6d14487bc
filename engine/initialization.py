"""Draws the parameters of a network before its first step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.datasets import Data, epochs
from engine.initializers import INITIALIZERS
from engine.lsuv import scale_to_unit_variance
from engine.network import GATE_BIAS
from engine.parameters import Layout, Parameters

if TYPE_CHECKING:
    import torch

    from engine.config import RunConfig


def draw_parameters(
    config: RunConfig,
    layout: Layout,
    data: Data,
    device: torch.device,
    dtype: torch.dtype,
) -> Parameters:
    """Return the parameters at step 0.

    They are drawn on the CPU in float32, layer by layer from the input, each weight before its
    bias, and then stored in `dtype` on `device`: the same seed gives the same weights in every
    format and on every device. Gates are drawn after all layers, so that they shift no draw.
    """
    import torch

    row = INITIALIZERS[config.initializer]
    generator = torch.Generator().manual_seed(config.seed)
    drawn = Parameters(layout, torch.zeros(layout.flat_size()))
    for layer, weight in enumerate(drawn.weight):
        row.fill(weight, config, generator)
        # Where the data decide the scale, the gain comes after them.
        if not row.from_data or layer == layout.depth:
            _multiply(weight, config.gain)
        bias = drawn.bias[layer]
        if row.fill_bias is not None:
            row.fill_bias(bias, layout.widths[layer], generator)
        if config.bias_std > 0:
            bias.normal_(0.0, config.bias_std, generator=generator)
    for layer, weight in drawn.gate_weight.items():
        row.fill(weight, config, generator)
        _multiply(weight, config.gain)
        drawn.gate_bias[layer].fill_(GATE_BIAS)
    for scale in drawn.scale.values():
        scale.fill_(1.0)
    if row.from_data:
        # The batch of the first step.
        order = next(epochs(len(data.train_x), config.seed))
        batch = data.train_x[order[: config.batch_size]]
        scale_to_unit_variance(config, drawn, torch.from_numpy(batch).to(drawn.flat.dtype))
        for weight in drawn.weight[:-1]:
            _multiply(weight, config.gain)
    return drawn.like(drawn.flat.to(device=device, dtype=dtype))


def _multiply(weight: torch.Tensor, gain: float) -> None:
    if gain != 1.0:
        weight.mul_(gain)
