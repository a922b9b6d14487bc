"""How long one step takes, against the plain PyTorch step it replaces.

`python -m tests.bench.step` prints, for several networks on one CPU thread: the instrumented
step ÷ a bare `nn.Sequential` + `torch.optim.SGD` step without any measurement, and the engine
with its probes ÷ the engine without.
"""

from __future__ import annotations

import importlib.util
import itertools
import resource
import statistics
import tempfile
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from torch import nn

from engine.config import RunConfig
from engine.history import History
from engine.probes import Unmeasured
from engine.trainer import Trainer
from tests.bench.alternate import Table, medians, parse_arguments, report

# depth, width, batch, at most: instrumented ÷ bare.
NETWORKS = [
    (30, 64, 64, 0.60),
    (100, 32, 64, 0.55),
    (1000, 64, 64, 0.60),
    (30, 100, 64, 0.75),
    (50, 128, 128, 0.92),
    (100, 256, 128, 1.05),
]
MOST_MONITORING = 1.20
# Begins to watch a model; returns what is to be called after every step, if anything.
Watch = Callable[[nn.Module], Callable[[], object] | None]


def experiment(depth: int, width: int, batch: int) -> RunConfig:
    """Return the experiment of the comparison: tanh on the digits, small steps."""
    return RunConfig(
        depth=depth,
        width=width,
        batch_size=batch,
        activation="tanh",
        learning_rate=0.001,
        device="cpu",
        threads=1,
        stop_on_nonfinite=False,
    )


def instrumented(config: RunConfig):
    """Return a step of the engine as a run makes it, history included."""
    trainer, history = Trainer(config), History(config.depth)
    return lambda: history.append(trainer.step())


def unmeasured(config: RunConfig):
    """Return a step of the engine without its probes."""
    trainer = Trainer(config, probes=Unmeasured)
    return trainer.step


def bare(config: RunConfig, watch: Watch | None = None):
    """Return a step as a PyTorch user writes it, measuring nothing but the loss.

    Args:
        config: the experiment.
        watch: what else the user lets watch the model.
    """
    trainer = Trainer(config)
    layers: list[nn.Module] = []
    for n_in, n_out in itertools.pairwise(trainer.layout.widths):
        layers += [nn.Linear(n_in, n_out), nn.Tanh()]
    model = nn.Sequential(*layers[:-1])
    with torch.no_grad():
        linears = [module for module in model if isinstance(module, nn.Linear)]
        for linear, weight in zip(linears, trainer.weights.weight, strict=True):
            linear.weight.copy_(weight)
            linear.bias.zero_()
    optimizer = torch.optim.SGD(model.parameters(), lr=config.learning_rate)
    loss_function = nn.CrossEntropyLoss()
    x, y, batches = trainer._train_x, trainer._train_y, trainer._batches
    after_step = watch(model) if watch is not None else None

    def step() -> float:
        batch = next(batches)
        optimizer.zero_grad()
        loss = loss_function(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        if after_step is not None:
            after_step()
        return loss.item()

    return step


def watch_with_hooks(model: nn.Module) -> Callable[[], object] | None:
    """Norms of activations and gradients by a hook on every layer, as tutorials do it."""
    norms: dict[str, float] = {}
    # The input needs no gradient, which is meant.
    warnings.filterwarnings("ignore", message="Full backward hook is firing")

    def forward(name: str, module: nn.Module, inputs: object, output: torch.Tensor) -> None:
        norms[f"{name} rms"] = output.detach().square().mean().sqrt().item()

    def backward(name: str, module: nn.Module, inputs: object, outputs: tuple) -> None:
        norms[f"{name} gradient"] = outputs[0].norm().item()

    for name, module in model.named_children():
        module.register_forward_hook(partial(forward, name))
        module.register_full_backward_hook(partial(backward, name))
    return None


def watch_with_wandb(model: nn.Module) -> Callable[[], object]:
    """`wandb.watch` of everything in every step, offline."""
    import wandb

    run = wandb.init(mode="offline", dir=tempfile.mkdtemp(), project="bench")
    run.watch(model, log="all", log_freq=1)
    return lambda: run.log({"step": 0})


def watch_with_tensorboard(model: nn.Module) -> Callable[[], object]:
    """TensorBoard's histograms of every weight and gradient in every step."""
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(tempfile.mkdtemp())
    steps = itertools.count()

    def log() -> None:
        step = next(steps)
        for name, parameter in model.named_parameters():
            writer.add_histogram(name, parameter, step)
            writer.add_histogram(f"{name}.grad", parameter.grad, step)

    return log


WATCHES = {
    "hooks": ("", watch_with_hooks),
    "wandb": ("wandb", watch_with_wandb),
    "tensorboard": ("tensorboard", watch_with_tensorboard),
}


SIDES = {"step": instrumented, "unmeasured": unmeasured, "bare": bare}
# Where in memory a small network happens to lie makes it 2 % slower or faster: so many of each.
SEVERAL = 5


def steps_table(quick: bool) -> list[dict[str, object]]:
    """The step against the bare one, and what others make of the bare one."""
    rows = []
    for depth, width, batch, most in NETWORKS:
        config = experiment(depth, width, batch)
        large = depth * width > 20_000
        sides = {
            f"{name} {number}": make(config)
            for number in range(1 if large else SEVERAL)
            for name, make in SIDES.items()
        }
        rounds, calls = (5, 8) if large else (6, 20)
        times = medians(sides, rounds if quick else 3 * rounds, calls)
        seconds = {
            name: statistics.median(time for side, time in times.items() if name == side.split()[0])
            for name in SIDES
        }
        row: dict[str, object] = {
            "depth × width, batch": f"{depth} × {width}, {batch}",
            "step ms": seconds["step"] * 1e3,
            "bare ms": seconds["bare"] * 1e3,
            "step ÷ bare": seconds["step"] / seconds["bare"],
            "at most": most,
            "with ÷ without probes": seconds["step"] / seconds["unmeasured"],
            "at most ": MOST_MONITORING,
        }
        for name, (package, watch) in WATCHES.items():
            row[f"{name} ÷ bare"] = "not installed"
            if not package or importlib.util.find_spec(package):
                pair = {"watched": bare(config, watch), "bare": bare(config)}
                # Hundreds of times slower: a few calls tell enough.
                seconds = medians(pair, 3, 3)
                row[f"{name} ÷ bare"] = seconds["watched"] / seconds["bare"]
        rows.append(row)
    return rows


def depth_table() -> list[dict[str, object]]:
    """How the step's time grows with depth, and with the number of steps made."""
    depths = (10, 30, 100, 300, 1000)
    sides = {str(depth): instrumented(experiment(depth, 64, 64)) for depth in depths}
    seconds = medians(sides, 4, 5)
    per_layer = {depth: seconds[str(depth)] / depth for depth in depths}
    return [
        {
            "depth": depth,
            "step ms": seconds[str(depth)] * 1e3,
            "ms per layer": per_layer[depth] * 1e3,
            "÷ that of depth 100": per_layer[depth] / per_layer[100],
        }
        for depth in depths
    ]


def growth_table(quick: bool) -> list[dict[str, object]]:
    """Time and resident memory late in a long run, against early."""
    late = 20_000 if quick else 200_000
    step = instrumented(experiment(20, 16, 64))
    moments = []
    times: deque[float] = deque(maxlen=1000)
    for number in range(1, late + 1):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
        if number in (2000, late):
            moments.append((number, statistics.median(times), resident_bytes()))
            times.clear()
    (early, fast, before), (_, slow, after) = moments
    return [
        {
            "steps": f"{early} → {late}",
            "step ms early": fast * 1e3,
            "step ms late": slow * 1e3,
            "late ÷ early": slow / fast,
            "memory grew MiB": (after - before) / 2**20,
            "less than": 8,
        }
    ]


def cuda_table(quick: bool) -> list[dict[str, object]]:
    """The replayed step against a bare eager one on a graphics card."""
    config = experiment(100, 64, 64).replace(device="cuda")
    seconds = medians({"step": instrumented(config), "bare": bare(config)}, 5, 10)
    return [
        {
            "depth × width": "100 × 64",
            "step ÷ bare": seconds["step"] / seconds["bare"],
            "at most": 0.25,
        }
    ]


def resident_bytes() -> int:
    """Return the memory that the process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def main() -> None:
    """Print the tables."""
    arguments = parse_arguments(__doc__)
    torch.set_num_threads(1)
    report(tables(arguments.quick), arguments.json)
    if not torch.cuda.is_available():
        print("no CUDA here")


def tables(quick: bool) -> Iterator[Table]:
    """Yield one table after the other."""
    yield "One step, CPU, one thread (ratios of medians)", steps_table(quick)
    yield "Depth: width 64, batch 64", depth_table()
    yield "A long run: 20 × 16", growth_table(quick)
    if torch.cuda.is_available():
        yield "CUDA", cuda_table(quick)


if __name__ == "__main__":
    main()
