"""The network once more, slow and obvious: one layer after the other, gradients by autograd."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.config import RunConfig
from engine.network import DeepMLP
from engine.parameters import Block, Parameters
from engine.trainer import Trainer

ACTIVATIONS = {
    "identity": lambda z: z,
    "sigmoid": torch.sigmoid,
    "scaled_sigmoid": lambda z: 4.0 * torch.sigmoid(z) - 2.0,
    "tanh": torch.tanh,
    "hardtanh": F.hardtanh,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "mish": F.mish,
    "softplus": lambda z: torch.logaddexp(z, torch.zeros_like(z)),
    "softsign": F.softsign,
}


@dataclass
class Oracle:
    """What autograd finds for one batch."""

    loss: Tensor
    h: list[Tensor]
    by_h: list[Tensor]
    by_z: list[Tensor]
    by_weight: list[Tensor]
    by_bias: list[Tensor]
    by_gate_weight: dict[int, Tensor]
    by_gate_bias: dict[int, Tensor]
    by_scale: dict[int, Tensor]
    by_shift: dict[int, Tensor]


def watch_deltas(network: DeepMLP) -> list[Tensor]:
    """Return dL/dh of all layers, copied in every pass to come before others overwrite it."""
    network_backward = network.backward
    shapes = [stack.h[0].shape for stack in network.stacks for _ in stack.layers]
    deltas = [network.x.new_zeros(shape) for shape in shapes]

    def backward(block: int) -> None:
        network_backward(block)
        for layer in network.layout.blocks[block]:
            deltas[layer].copy_(network.gather("dh", range(layer, layer + 1))[0])

    network.backward = backward
    return deltas


def watch_gradients(network: DeepMLP) -> Parameters:
    """Return the gradient of all parameters, copied in every pass to come, as it is stored."""
    network_backward = network.backward
    gradients = network.parameters.zeros(network.parameters.flat.dtype)

    def backward(block: int) -> None:
        network_backward(block)
        gradients.blocks[block].flat.copy_(network.gradients.blocks[block].flat)

    network.backward = backward
    return gradients


def watch_updates(trainer: Trainer) -> Parameters:
    """Return the gradient of all parameters as the update takes it, copied in every step."""
    optimizer_step = trainer.optimizer.step
    gradients = trainer.weights.zeros(trainer.weights.flat.dtype)

    def step(block: int, gradient: Block, config: RunConfig) -> None:
        gradients.blocks[block].flat.copy_(gradient.flat)
        optimizer_step(block, gradient, config)

    trainer.optimizer.step = step
    return gradients


def autograd(trainer: Trainer, x: Tensor, y: Tensor) -> Oracle:
    """Differentiate the trainer's network, as it now is, on one batch.

    Dropout uses the masks that the trainer's own forward pass drew.
    """
    network, config = trainer.network, trainer.config
    parameters = network.parameters
    depth = network.layout.depth

    def leaves(views):
        items = views.items() if isinstance(views, dict) else enumerate(views)
        return {key: view.detach().clone().requires_grad_() for key, view in items}

    weight, bias = leaves(parameters.weight), leaves(parameters.bias)
    gate_weight, gate_bias = leaves(parameters.gate_weight), leaves(parameters.gate_bias)
    scale, shift = leaves(parameters.scale), leaves(parameters.shift)
    keep = {
        layer: mask.clone()
        for stack in network.stacks
        if stack.keep is not None
        for layer, mask in zip(stack.layers, stack.keep.unbind(), strict=True)
    }
    h, outputs, pre_activations = x, [], []
    # As documented: a layer whose input has another width than its output has no skip.
    for layer in range(depth):
        z = F.linear(h, weight[layer], bias[layer])
        z.retain_grad()
        pre_activations.append(z)
        if config.normalization == "batch":
            z = F.batch_norm(z, None, None, scale[layer], shift[layer], training=True)
        elif config.normalization == "layer":
            z = F.layer_norm(z, z.shape[1:], scale[layer], shift[layer])
        elif config.normalization == "rms":
            z = F.rms_norm(z, z.shape[1:], scale[layer], eps=1e-5) + shift[layer]
        d = ACTIVATIONS[config.activation](z)
        if layer in keep:
            d = d * keep[layer]
        if layer == 0 or config.skip == "none" or h.shape != d.shape:
            h = d
        elif config.skip == "residual":
            h = h + d
        else:
            t = torch.sigmoid(F.linear(h, gate_weight[layer], gate_bias[layer]))
            h = t * d + (1.0 - t) * h
        h.retain_grad()
        outputs.append(h)
    logits = F.linear(h, weight[depth], bias[depth])
    logits.retain_grad()
    outputs.append(logits)
    pre_activations.append(logits)
    loss = F.cross_entropy(logits, y) if trainer.data.classes else F.mse_loss(logits, y)
    loss.backward()

    def grads(tensors):
        return {key: tensor.grad for key, tensor in tensors.items()}

    return Oracle(
        loss=loss.detach(),
        h=[output.detach() for output in outputs],
        by_h=[output.grad for output in outputs],
        by_z=[z.grad for z in pre_activations],
        by_weight=list(grads(weight).values()),
        by_bias=list(grads(bias).values()),
        by_gate_weight=grads(gate_weight),
        by_gate_bias=grads(gate_bias),
        by_scale=grads(scale),
        by_shift=grads(shift),
    )
