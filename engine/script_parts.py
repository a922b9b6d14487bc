"""The parts of an exported PyTorch script: its head, the model, how it is drawn, its training."""

from __future__ import annotations

from collections.abc import Sequence

from engine.activations import LEAKY_SLOPE
from engine.config import RunConfig
from engine.datasets import Data, Stream
from engine.device import default_threads
from engine.lsuv import MOST_ITERATIONS, TOLERANCE
from engine.network import GATE_BIAS, NORMALIZATION_EPSILON
from engine.optimizers import ADAM_BETAS, EPSILON, LARS_TRUST, RMSPROP_ALPHA
from engine.precision import GROWTH_INTERVAL_STEPS, INITIAL_SCALE

_ACTIVATIONS = {
    "identity": "z",
    "sigmoid": "torch.sigmoid(z)",
    "scaled_sigmoid": "2 * torch.tanh(z / 2)  # = 4 sigmoid(z) - 2",
    "tanh": "torch.tanh(z)",
    "hardtanh": "F.hardtanh(z)",
    "relu": "F.relu(z)",
    "leaky_relu": f"F.leaky_relu(z, {LEAKY_SLOPE})",
    "elu": "F.elu(z)",
    "selu": "F.selu(z)",
    "gelu": "F.gelu(z)",
    "silu": "F.silu(z)",
    "mish": "F.mish(z)",
    "softplus": "F.softplus(z)",
    "softsign": "F.softsign(z)",
}


def _initializer(config: RunConfig) -> str:
    """Return the call that draws one weight."""
    bound = "1 / math.sqrt(weight.shape[1])"
    return {
        "zeros": "nn.init.zeros_(weight)",
        "constant": f"nn.init.constant_(weight, {config.init_constant!r})",
        "normal": f"nn.init.normal_(weight, 0.0, {config.init_std!r}, generator=generator)",
        "uniform": f"nn.init.uniform_(weight, -{bound}, {bound}, generator=generator)",
        "xavier_normal": "nn.init.xavier_normal_(weight, generator=generator)",
        "xavier_uniform": "nn.init.xavier_uniform_(weight, generator=generator)",
        "kaiming_normal": "nn.init.kaiming_normal_(weight, nonlinearity='relu', "
        "generator=generator)",
        "kaiming_uniform": "nn.init.kaiming_uniform_(weight, nonlinearity='relu', "
        "generator=generator)",
        "lecun_normal": f"nn.init.normal_(weight, 0.0, {bound}, generator=generator)",
        "orthogonal": "nn.init.orthogonal_(weight, generator=generator)",
        "torch_default": "nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)",
        "identity": "nn.init.eye_(weight)",
        # Scaled afterwards.
        "lsuv": "nn.init.orthogonal_(weight, generator=generator)",
    }[config.initializer]


# What a reader may expect of the numbers that are printed.
_AGREES = """\
The losses and the norms of dL/dh that it prints are those of the recording, to 1e-4 over the first
50 steps, or for as long as this script prints the same with DTYPE = torch.float64: after that
rounding has grown, and no two programs agree.
"""
# The same of a run whose fields were changed while it went on.
_CHANGED = """\
The run was changed on its way, {steps}. This script has the last
values from its first step on: what it prints is the recording of a run that began with them, not
of that one.
"""
# More of them would fill the head.
_MOST_NAMED = 5


def expectation(changed: Sequence[int]) -> str:
    """Return what the head says of the numbers that are printed."""
    if not changed:
        return _AGREES
    named = [str(step) for step in changed[:_MOST_NAMED]]
    more = ["…"] if len(changed) > _MOST_NAMED else []
    word = "step" if len(changed) == 1 else "steps"
    return _CHANGED.format(steps=f"after {word} {', '.join(named + more)}")


def head(config: RunConfig, data_name: str, classes: int, expected: str) -> str:
    """Return what the script is, its imports, its constants and its data."""
    dtype = f"torch.{config.precision}"
    grouping = "from itertools import groupby\n" if config.dropout else ""
    return f'''"""{config.share_string()}

{expected}"""

import math
{grouping}from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

STEPS = {config.max_steps or 50}
BATCH_SIZE = {config.batch_size}
SEED = {config.seed}
DTYPE = {dtype}
torch.set_num_threads({config.threads or default_threads()})  # so that sums have the same order

data = np.load(Path(__file__).with_name({data_name!r}))
x_all = torch.from_numpy(data["x"]).to(DTYPE)
y_all = torch.from_numpy(data["y"]){"" if classes else ".to(DTYPE)"}
'''


def model(config: RunConfig, data: Data) -> str:
    """Return the class of the network, and the one that is trained."""
    skip, norm = config.skip != "none", config.normalization
    # A scheme that looks at a batch first does so without dropout, and by that batch's own norm.
    looks_first = config.initializer == "lsuv"
    tracks = ", track_running_stats=False" if looks_first else ""
    norms = {
        "batch": f"nn.BatchNorm1d(n, eps={NORMALIZATION_EPSILON}{tracks})",
        "layer": f"nn.LayerNorm(n, eps={NORMALIZATION_EPSILON})",
        "rms": f"nn.RMSNorm(n, eps={NORMALIZATION_EPSILON})",
    }
    widths = f"[{config.width}] * {config.depth}"
    if isinstance(config.width, tuple):
        widths = str(list(config.width))
    lines = [
        "",
        f"N_IN, N_OUT = {data.n_in}, {data.n_out}",
        f"WIDTHS = {widths}  # of the hidden layers",
        "",
        "",
        "class MLP(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        "        shapes = zip([N_IN] + WIDTHS[:-1], WIDTHS)",
        "        self.hidden = nn.ModuleList(nn.Linear(*shape) for shape in shapes)",
        "        self.output = nn.Linear(WIDTHS[-1], N_OUT)",
    ]
    if norm != "none":
        lines.append(f"        self.norms = nn.ModuleList({norms[norm]} for n in WIDTHS)")
    if norm == "rms":
        lines.append("        self.shifts = nn.ParameterList(torch.zeros(n) for n in WIDTHS)")
    if config.skip == "highway":
        lines += [
            "        self.gates = nn.ModuleDict({",
            "            str(layer): nn.Linear(n, n) for layer, n in enumerate(WIDTHS)",
            "            if layer > 0 and WIDTHS[layer - 1] == n})",
        ]
    lines += [
        "",
        "    def forward(self, x):",
        "        self.activations = []  # kept, so that their gradients can be read",
        "        h = x",
    ]
    if config.dropout:
        keep = 1.0 - config.dropout
        drawn = "WIDTHS if self.training else []" if looks_first else "WIDTHS"
        lines += [
            "        keep = []",
            f"        for n, run in groupby({drawn}):  # layers of one width are drawn at once",
            "            mask = torch.empty(len(list(run)), len(x), n, dtype=DTYPE)",
            f"            keep += mask.bernoulli_({keep!r}, generator=dropout) / {keep!r}",
        ]
    lines += ["        for layer, linear in enumerate(self.hidden):", "            z = linear(h)"]
    if norm != "none":
        shift = " + self.shifts[layer]" if norm == "rms" else ""
        lines.append(f"            z = self.norms[layer](z){shift}")
    lines.append(f"            d = {_ACTIVATIONS[config.activation]}")
    if config.dropout:
        lines.append(
            f"            d = d * keep[layer]{' if self.training else d' if looks_first else ''}"
        )
    if not skip:
        lines.append("            h = d")
    elif config.skip == "residual":
        lines.append("            h = h + d if layer > 0 and h.shape == d.shape else d")
    else:
        lines += [
            "            if str(layer) in self.gates:",
            "                t = torch.sigmoid(self.gates[str(layer)](h))",
            "                d = torch.lerp(h, d, t)  # t d + (1 - t) h",
            "            h = d",
        ]
    lines += [
        "            h.retain_grad()",
        "            self.activations.append(h)",
        "        return self.output(h)",
        "",
        "",
        "model = MLP().to(DTYPE)",
    ]
    return "\n".join(lines)


def initialization(config: RunConfig) -> str:
    """Return how its parameters are drawn."""
    drawn = gained = f"{config.gain!r} * weight" if config.gain != 1.0 else "weight"
    if config.initializer == "lsuv":
        # The gain comes after the data have decided the scale.
        drawn = "weight"
    lines = [
        "",
        "# Drawn in float32 from one generator, layer by layer, then stored in DTYPE.",
        "generator = torch.Generator().manual_seed(SEED)",
        "with torch.no_grad():",
        "    for linear in [*model.hidden, model.output]:",
        "        weight = torch.empty(linear.weight.shape)",
        f"        {_initializer(config)}",
        f"        linear.weight.copy_({drawn})",
        "        bias = torch.zeros(linear.bias.shape)",
    ]
    if config.initializer == "torch_default":
        bound = "1 / math.sqrt(weight.shape[1])"
        lines.append(f"        nn.init.uniform_(bias, -{bound}, {bound}, generator=generator)")
    if config.bias_std:
        lines.append(f"        bias.normal_(0.0, {config.bias_std!r}, generator=generator)")
    lines.append("        linear.bias.copy_(bias)")
    if config.skip == "highway":
        lines += [
            "    for gate in model.gates.values():",
            "        weight = torch.empty(gate.weight.shape)",
            f"        {_initializer(config)}",
            f"        gate.weight.copy_({gained})",
            f"        gate.bias.fill_({GATE_BIAS})",
        ]
    return "\n".join(lines)


def _optimizer(config: RunConfig) -> str:
    rate = f"lr={config.learning_rate!r}, weight_decay={config.weight_decay!r}"
    momentum = f"momentum={config.momentum!r}"
    return {
        "sgd": f"torch.optim.SGD(model.parameters(), {rate})",
        "momentum": f"torch.optim.SGD(model.parameters(), {rate}, {momentum})",
        "nesterov": f"torch.optim.SGD(model.parameters(), {rate}, {momentum}, nesterov=True)",
        "rmsprop": f"torch.optim.RMSprop(model.parameters(), {rate}, alpha={RMSPROP_ALPHA}, "
        f"eps={EPSILON})",
        "adam": f"torch.optim.Adam(model.parameters(), {rate}, betas={ADAM_BETAS}, eps={EPSILON})",
        "adamw": f"torch.optim.AdamW(model.parameters(), {rate}, betas={ADAM_BETAS}, "
        f"eps={EPSILON})",
        "lars": f"torch.optim.SGD(model.parameters(), lr={config.learning_rate!r}, {momentum})",
    }[config.optimizer]


_LARS = '''
def scale_by_trust(decay):
    """LARS (You, Gitman and Ginsburg 2017): scale each layer's gradient by its trust ratio."""
    for parameter in model.parameters():
        gradient, trust = parameter.grad, 1.0
        norms = [t.detach().norm(dtype=torch.float64) for t in (parameter, gradient)]
        gradient.add_(parameter.detach(), alpha=decay)
        if parameter.dim() == 2 and min(norms) > 0:
            trust = {trust} * norms[0] / (norms[1] + decay * norms[0])
        gradient.mul_(trust)
'''


def _unit_variance(config: RunConfig) -> list[str]:
    """Return the lines that scale what was drawn as the first batch asks for."""
    lines = [
        "# Layer-sequential unit variance (Mishkin and Matas 2016), on the first batch.",
        *(["model.eval()"] if config.dropout else []),
        "x = x_all[next(batches())]",
        "for layer, linear in enumerate(model.hidden):",
        "    model(x)",
        "    h = model.activations[layer - 1].detach() if layer > 0 else x",
        f"    for _ in range({MOST_ITERATIONS}):",
        "        z = F.linear(h, linear.weight.detach())",
        f"        if abs(z.var(correction=0) - 1) < {TOLERANCE} or z.var(correction=0) == 0:",
        "            break",
        "        linear.weight.data /= z.std(correction=0)",
    ]
    if config.gain != 1.0:
        lines += [
            "for linear in [*model.hidden, model.output]:",
            f"    linear.weight.data *= {config.gain!r}",
        ]
    return [*lines, *(["model.train()"] if config.dropout else []), "", ""]


def training(config: RunConfig, data: Data) -> str:
    """Return the optimiser, the batches and the loop over the steps."""
    scaled = config.loss_scale != 1.0
    # Scaled, it may be more than float16 can hold.
    logits = "model(x).float()" if scaled and config.precision == "float16" else "model(x)"
    loss = f"F.cross_entropy({logits}, y)" if data.classes else f"F.mse_loss({logits}, y)"
    seed = f"np.random.SeedSequence([SEED, {int(Stream.BATCHES)}])"
    lines = [""]
    if config.optimizer == "lars":
        lines += [_LARS.format(trust=LARS_TRUST), ""]
    if config.dropout:
        lines += [
            f"dropout_seeds = np.random.SeedSequence([SEED, {int(Stream.DROPOUT)}])",
            "dropout_random = np.random.Generator(np.random.PCG64(dropout_seeds))",
            "dropout = torch.Generator().manual_seed(int(dropout_random.integers(2**62)))",
        ]
    lines += [
        f"optimizer = {_optimizer(config)}",
        "",
        "",
        "def batches():",
        '    """Yield one batch after the other; every epoch is shuffled anew."""',
        f"    random = np.random.Generator(np.random.PCG64({seed}))",
        "    size = min(BATCH_SIZE, len(x_all))",
        "    while True:",
        "        order = torch.from_numpy(random.permutation(len(x_all)))",
        "        for start in range(0, len(x_all) - size + 1, size):",
        "            yield order[start : start + size]",
        "",
        "",
    ]
    if config.initializer == "lsuv":
        lines += _unit_variance(config)
    if config.loss_scale == "dynamic":
        lines.append(
            f"scale, good_steps = {INITIAL_SCALE}, 0  # of the loss (Micikevicius et al. 2018)"
        )
    elif scaled:
        lines.append(f"scale = {config.loss_scale!r}  # of the loss")
    lines += [
        "for step, batch in zip(range(1, STEPS + 1), batches()):",
        "    x, y = x_all[batch], y_all[batch]",
        "    optimizer.zero_grad()",
        f"    loss = {loss}",
    ]
    if scaled:
        lines += [
            "    (scale * loss).backward()",
            "    for p in model.parameters():",
            "        p.grad *= 1.0 / scale",
            "    norms = [h.grad.norm(dtype=torch.float64).item() / scale",
            "             for h in model.activations]",
        ]
    else:
        lines += [
            "    loss.backward()",
            "    norms = [h.grad.norm(dtype=torch.float64).item() for h in model.activations]",
        ]
    update = _update(config)
    if config.loss_scale == "dynamic":
        lines += [
            "    finite = all(p.grad.isfinite().all() for p in model.parameters())",
            "    if finite or scale <= 1.0:",
            *(f"    {line}" for line in update),
            "        good_steps += 1",
            f"        if good_steps == {GROWTH_INTERVAL_STEPS}:",
            "            scale, good_steps = 2.0 * scale, 0",
            "    else:  # no update: the scale was too large",
            "        scale, good_steps = 0.5 * scale, 0",
        ]
    else:
        lines += update
    return "\n".join([*lines, "    print(step, loss.item(), *norms)", ""])


def _update(config: RunConfig) -> list[str]:
    """Return the lines that change the parameters by their gradients."""
    threshold, lines = repr(config.clip_threshold), []
    if config.clip == "norm":
        lines += [
            "    # In float64: float32 has no room for the square of a gradient below 1e-23.",
            "    total = sum(p.grad.double().square().sum() for p in model.parameters()).sqrt()",
            f"    nn.utils.clip_grads_with_norm_(model.parameters(), {threshold}, total)",
        ]
    elif config.clip == "value":
        lines.append(f"    nn.utils.clip_grad_value_(model.parameters(), {threshold})")
    if config.optimizer == "lars":
        lines.append(f"    scale_by_trust({config.weight_decay!r})")
    return [*lines, "    optimizer.step()"]
