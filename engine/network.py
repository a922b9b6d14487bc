"""The deep network, with the chain rule of the lecture written out.

For every hidden layer l = 1 … depth

    z_l = W_l h_{l-1} + b_l      u_l = normalise(z_l)      a_l = φ(u_l)      d_l = dropout(a_l)
    h_l = d_l                                   plain
    h_l = h_{l-1} + d_l                         residual
    h_l = t_l d_l + (1 − t_l) h_{l-1}           highway, t_l = sigmoid(W^t_l h_{l-1} + b^t_l)

and backwards, from dL/dh_l to dL/dh_{l-1},

    dL/dz_l = φ′(u_l) · dL/da_l,      dL/dh_{l-1} = W_lᵀ dL/dz_l,      dL/dW_l = dL/dz_l h_{l-1}ᵀ.

Deep and narrow networks are bound by the cost of single operations, so the operations are few:
they work on buffers made once, layers of one shape are stacked in one tensor, and the gradients
of all weights of a block of layers are one batched product. Which operations there are is decided
when the network is made: a pass is a list of calls, block by block. Written out this way the
gradient by every activation, which the laboratory exists to show, comes for nothing.

Rows are samples: h_l has the shape (batch, n_l), so that z_l = h_{l-1} W_lᵀ + b_l. Skip
connections start at the second hidden layer; where a layer's input has another width than its
output there is none, and the layer is plain.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from engine.activation_stack import Rows, allocate
from engine.activations import ACTIVATIONS
from engine.losses import Loss
from engine.parameters import Block, Layout, Parameters

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from engine.activations import Forward
    from engine.config import RunConfig

Call = Callable[[], object]

# As in torch.nn.BatchNorm1d and torch.nn.LayerNorm.
NORMALIZATION_EPSILON = 1e-5
RUNNING_MOMENTUM = 0.1
# A gate starts nearly shut, so that a deep network starts out close to the identity
# (Srivastava et al. 2015, section 2.2, use −1 to −10).
GATE_BIAS = -2.0


def network_layout(config: RunConfig, n_in: int, n_out: int) -> Layout:
    """Return the shapes of the network of an experiment."""
    return Layout(
        widths=(n_in, *config.widths, n_out),
        gated=config.skip == "highway",
        normalized=config.normalization != "none",
    )


class DeepMLP:
    """Forward and backward pass on a batch of fixed size.

    Args:
        config: the experiment.
        parameters: the weights that are multiplied with.
        gradients: where the gradient goes.
        batch_size: samples in a batch.
        loss: the loss and its derivative.
        generator: of the dropout masks, on the parameters' device.
    """

    def __init__(
        self,
        config: RunConfig,
        parameters: Parameters,
        gradients: Parameters,
        batch_size: int,
        loss: Loss,
        generator: torch.Generator,
    ) -> None:
        self.config = config
        self.layout = parameters.layout
        self.parameters = parameters
        self.gradients = gradients
        self.loss_function = loss
        self._generator = generator
        self._phi, self._phi_backward = ACTIVATIONS[config.activation].kernels()
        self.x = parameters.flat.new_zeros(batch_size, self.layout.widths[0])
        self.stacks = [
            allocate(config, self.layout, run, self.x) for run in self.layout.width_runs()
        ]
        self._by_layer = {
            layer: (stack, row) for stack in self.stacks for row, layer in enumerate(stack.layers)
        }
        # Batch statistics for validation, as torch.nn.BatchNorm1d keeps them.
        widths = self.layout.widths[1:-1]
        self._running_mean = [parameters.flat.new_zeros(width) for width in widths]
        self._running_variance = [parameters.flat.new_ones(width) for width in widths]
        # What a normalisation leaves for its way back, by layer.
        self._statistics: dict[int, tuple[Tensor, Tensor]] = {}
        self._rstd: dict[int, Tensor] = {}
        self._forward_calls = [
            [call for layer in block for call in self._forward_layer(layer)]
            for block in self.layout.blocks
        ]
        self._backward_calls = [
            [call for layer in reversed(block.layers) for call in self._backward_layer(layer)]
            + self._weight_gradient_calls(block)
            for block in gradients.blocks
        ]

    # Buffers -------------------------------------------------------------------------------

    def _input_of(self, layer: int) -> Tensor:
        if layer == 0:
            return self.x
        stack, row = self._by_layer[layer - 1]
        return stack.h[row]

    @property
    def running_statistics(self) -> list[Tensor]:
        """What normalisation over the batch carries from one batch to the next."""
        return [*self._running_mean, *self._running_variance]

    @property
    def logits(self) -> Tensor:
        """What the output layer gives, (batch, n_out)."""
        return self.stacks[-1].z[0]

    @property
    def logits_gradient(self) -> Tensor:
        """dL/dlogits times the loss scale, (batch, n_out)."""
        return self.stacks[-1].dz[0]

    # Forward -------------------------------------------------------------------------------

    def draw_dropout(self) -> None:
        """Draw the masks of the step."""
        keep = 1.0 - self.config.dropout
        for stack in self.stacks:
            if stack.keep is not None:
                stack.keep.bernoulli_(keep, generator=self._generator).div_(keep)

    def forward(self, block: int) -> None:
        """Compute the layers of one block; the first block reads the batch in `x`."""
        for call in self._forward_calls[block]:
            call()

    def _forward_layer(self, layer: int) -> list[Call]:
        import torch

        stack, row = self._by_layer[layer]
        parameters = self.parameters
        x, z, u, a, h = (
            self._input_of(layer),
            stack.z[row],
            stack.u[row],
            stack.a[row],
            stack.h[row],
        )
        weight, bias = parameters.weight[layer], parameters.bias[layer]

        calls: list[Call] = [partial(torch.addmm, bias, x, weight.t(), out=z)]
        if layer == self.layout.depth:
            return calls
        if stack.x_hat is not None:
            calls.append(partial(self._normalise_rms, layer, z, stack.x_hat[row], u))
        elif self.config.normalization != "none":
            calls.append(partial(self._normalise, layer, z, u))
        calls.append(partial(self._phi, u, a))
        d = a
        if stack.keep is not None:
            # Without a skip connection what dropout leaves is what the next layer sees.
            d = h
            calls.append(partial(torch.mul, a, stack.keep[row], out=d))
        if self.config.skip == "none":
            pass
        elif not self.layout.can_skip(layer):
            if d is a:
                calls.append(partial(h.copy_, a))
        elif self.config.skip == "residual":
            calls.append(partial(torch.add, d, x, out=h))
        else:
            assert stack.gate is not None
            gate = stack.gate[row]
            gate_weight, gate_bias = parameters.gate_weight[layer], parameters.gate_bias[layer]
            calls.append(partial(torch.addmm, gate_bias, x, gate_weight.t(), out=gate))
            calls.append(gate.sigmoid_)
            # t d + (1 − t) x = x + t (d − x)
            calls.append(partial(torch.lerp, x, d, gate, out=h))
        return calls

    def pre_activations(self, layer: int) -> Tensor:
        """Return what φ is applied to in a hidden layer, for what it has seen of the batch.

        With the weights as they are now: those in the buffer may have given way to other layers'.

        Returns:
            (batch, units).
        """
        import torch

        weight, bias = self.parameters.weight[layer], self.parameters.bias[layer]
        z = torch.addmm(bias, self._input_of(layer), weight.t())
        return _normalised(self.config.normalization, self.parameters, layer, z, None)

    def _normalise(self, layer: int, z: Tensor, u: Tensor) -> None:
        """Write u = scale · (z − mean) / √(variance + ε) + shift.

        Over the batch (Ioffe and Szegedy 2015), or over the layer (Ba et al. 2016).
        """
        import torch

        operators = torch.ops.aten
        scale, shift = self.parameters.scale[layer], self.parameters.shift[layer]
        if self.config.normalization == "batch":
            running = (self._running_mean[layer], self._running_variance[layer])
            # A single sample has no variance to be remembered.
            rule = (*(running if len(z) > 1 else (None, None)), True, RUNNING_MOMENTUM)
            normalised, *statistics = operators.native_batch_norm(
                z, scale, shift, *rule, NORMALIZATION_EPSILON
            )
        else:
            normalised, *statistics = operators.native_layer_norm(
                z, z.shape[1:], scale, shift, NORMALIZATION_EPSILON
            )
        u.copy_(normalised)
        self._statistics[layer] = (statistics[0], statistics[1])

    def _normalise_rms(self, layer: int, z: Tensor, x_hat: Tensor, u: Tensor) -> None:
        """Write x̂ = z / √(mean(z²) + ε), the mean over the layer, and u = scale · x̂ + shift.

        Zhang and Sennrich 2019, with a shift.
        """
        import torch

        mean_square = z.square().mean(dim=1, keepdim=True)
        self._rstd[layer] = rstd = mean_square.add_(NORMALIZATION_EPSILON).rsqrt_()
        torch.mul(z, rstd, out=x_hat)
        torch.addcmul(self.parameters.shift[layer], x_hat, self.parameters.scale[layer], out=u)

    # Backward ------------------------------------------------------------------------------

    def backward(self, block: int) -> None:
        """Compute every gradient of one block, the last block first.

        dL/dlogits must have been written to `logits_gradient`.
        """
        for call in self._backward_calls[block]:
            call()

    def _backward_layer(self, layer: int) -> list[Call]:
        """From dL/dh of a layer to its dL/dz and to dL/dh of the layer before."""
        import torch

        stack, row = self._by_layer[layer]
        parameters = self.parameters
        x, u, a = self._input_of(layer), stack.u[row], stack.a[row]
        dh, dz = stack.dh[row], stack.dz[row]
        calls: list[Call] = []
        if layer == self.layout.depth:
            before, row_before = self._by_layer[layer - 1]
            return [partial(torch.mm, dz, parameters.weight[-1], out=before.dh[row_before])]

        # From dL/dh through the gate and the mask to dL/da, where there are any.
        da, through = stack.da[row], dh
        keep = None if stack.keep is None else stack.keep[row]
        if self.config.skip == "highway" and self.layout.can_skip(layer):
            assert stack.gate is not None and stack.dgate is not None
            gate, dgate = stack.gate[row], stack.dgate[row]
            calls.append(partial(self._gate_backward, x, a, keep, gate, dh, dgate))
            calls.append(partial(torch.mul, dh, gate, out=da))
            through = da
        if keep is not None:
            calls.append(partial(torch.mul, through, keep, out=da))
            through = da
        calls.append(partial(self._phi_backward, through, u, a, dz))
        if stack.x_hat is not None:
            calls.append(partial(self._normalise_rms_backward, layer, stack.x_hat[row], dz))
        elif self.config.normalization != "none":
            calls.append(partial(self._normalise_backward, layer, stack.z[row], dz))
        if layer == 0:
            return calls

        before, row_before = self._by_layer[layer - 1]
        dx, weight = before.dh[row_before], parameters.weight[layer]
        if self.config.skip == "none" or not self.layout.can_skip(layer):
            calls.append(partial(torch.mm, dz, weight, out=dx))
        elif self.config.skip == "residual":
            calls.append(partial(torch.addmm, dh, dz, weight, out=dx))
        else:
            assert stack.gate is not None and stack.dgate is not None
            # dL/dx = (1 − t) dL/dh + dL/dz^t W^t + dL/dz W
            calls.append(partial(torch.sub, 1.0, stack.gate[row], out=dx))
            calls.append(partial(dx.mul_, dh))
            calls.append(partial(dx.addmm_, stack.dgate[row], parameters.gate_weight[layer]))
            calls.append(partial(dx.addmm_, dz, weight))
        return calls

    @staticmethod
    def _gate_backward(
        x: Tensor, a: Tensor, keep: Tensor | None, gate: Tensor, dh: Tensor, dgate: Tensor
    ) -> None:
        """Write dL/dz^t = dL/dh (d − x) t (1 − t)."""
        import torch

        torch.sub(a if keep is None else a * keep, x, out=dgate)
        torch.ops.aten.sigmoid_backward.grad_input(dgate.mul_(dh), gate, grad_input=dgate)

    def _normalise_backward(self, layer: int, z: Tensor, du: Tensor) -> None:
        """Turn dL/du into dL/dz, in place, and write the gradient of scale and shift."""
        import torch

        scale, shift = self.parameters.scale[layer], self.parameters.shift[layer]
        mean, rstd = self._statistics[layer]
        wanted = [True, True, True]
        if self.config.normalization == "batch":
            dz, by_scale, by_shift = torch.ops.aten.native_batch_norm_backward(
                du, z, scale, None, None, mean, rstd, True, NORMALIZATION_EPSILON, wanted
            )
        else:
            dz, by_scale, by_shift = torch.ops.aten.native_layer_norm_backward(
                du, z, z.shape[1:], mean, rstd, scale, shift, wanted
            )
        du.copy_(dz)
        self.gradients.scale[layer].copy_(by_scale)
        self.gradients.shift[layer].copy_(by_shift)

    def _normalise_rms_backward(self, layer: int, x_hat: Tensor, du: Tensor) -> None:
        """Turn dL/du into dL/dz, in place, and write the gradient of scale and shift.

        With g = scale · dL/du and the mean over the layer,
        dL/dz = (g − x̂ mean(g x̂)) / √(mean(z²) + ε).
        """
        import torch

        torch.sum(du, dim=0, out=self.gradients.shift[layer])
        torch.sum(du * x_hat, dim=0, out=self.gradients.scale[layer])
        du.mul_(self.parameters.scale[layer])
        along = (du * x_hat).mean(dim=1, keepdim=True)
        du.addcmul_(x_hat, along, value=-1.0).mul_(self._rstd[layer])

    def _weight_gradient_calls(self, block: Block) -> list[Call]:
        """dL/dW = dL/dzᵀ h and dL/db = Σ dL/dz over the batch, for all layers of a block."""
        import torch

        dz, x = self.gather("dz", block.layers), self._inputs(block.layers)
        tensors = block.tensors
        calls: list[Call] = [
            partial(torch.bmm, dz.transpose(1, 2), x, out=tensors["weight"]),
            partial(torch.sum, dz, dim=1, out=tensors["bias"]),
        ]
        if "gate_weight" in tensors:
            dgate = self.gather("dgate", block.layers)
            calls.append(partial(torch.bmm, dgate.transpose(1, 2), x, out=tensors["gate_weight"]))
            calls.append(partial(torch.sum, dgate, dim=1, out=tensors["gate_bias"]))
        return calls

    def gather(self, buffer: str, layers: range) -> Tensor:
        """Return a buffer of consecutive layers of one width, (layers, batch, width)."""
        stack, row = self._by_layer[layers[0]]
        rows: Rows = getattr(stack, buffer)
        return rows[row : row + len(layers)]

    def _inputs(self, layers: range) -> Tensor:
        if layers[0] == 0:
            return self.x[None]
        return self.gather("h", range(layers.start - 1, layers.stop - 1))

    # The same network, for samples that are not trained on -----------------------------------

    def evaluate(self, x: Tensor) -> Tensor:
        """Return the output for any number of samples, without dropout.

        Normalisation over the batch uses the running statistics, as PyTorch does.

        Args:
            x: (samples, n_in).

        Returns:
            (samples, n_out).
        """
        import torch

        parameters, h = self.parameters, x
        for layer in range(self.layout.depth):
            z = torch.addmm(parameters.bias[layer], h, parameters.weight[layer].t())
            running = self._running_mean[layer], self._running_variance[layer]
            h = pass_on(self.config, parameters, layer, h, z, self._phi, running)
        return torch.addmm(parameters.bias[-1], h, parameters.weight[-1].t())


def pass_on(
    config: RunConfig,
    parameters: Parameters,
    layer: int,
    h: Tensor,
    z: Tensor,
    phi: Forward,
    statistics: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """Return what a hidden layer gives on, without dropout.

    Args:
        config: the experiment.
        parameters: of the network.
        layer: which, counted from 0.
        h: its input, (samples, n_in).
        z: its pre-activations, (samples, n_out).
        phi: the activation.
        statistics: mean and variance of every unit for normalisation over the batch; None: those
            of these samples.
    """
    import torch

    u = _normalised(config.normalization, parameters, layer, z, statistics)
    d = torch.empty_like(u)
    phi(u, d)
    if config.skip == "none" or not parameters.layout.can_skip(layer):
        return d
    if config.skip == "residual":
        return h + d
    gate_weight, gate_bias = parameters.gate_weight[layer], parameters.gate_bias[layer]
    return torch.lerp(h, d, torch.addmm(gate_bias, h, gate_weight.t()).sigmoid_())


def _normalised(
    kind: str,
    parameters: Parameters,
    layer: int,
    z: Tensor,
    statistics: tuple[Tensor, Tensor] | None,
) -> Tensor:
    import torch

    if kind == "none":
        return z
    if kind == "rms":
        mean, variance = z.new_zeros(()), z.square().mean(dim=1, keepdim=True)
    elif kind == "batch" and statistics is not None:
        mean, variance = statistics
    else:
        over = 0 if kind == "batch" else 1
        variance, mean = torch.var_mean(z, dim=over, correction=0, keepdim=True)
    x_hat = (z - mean) * (variance + NORMALIZATION_EPSILON).rsqrt()
    return torch.addcmul(parameters.shift[layer], x_hat, parameters.scale[layer])
