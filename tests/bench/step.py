"""How long one step takes, against the plain PyTorch step it replaces.

`python -m tests.bench.step` prints, for several networks on one CPU thread: the instrumented
step ÷ a bare `nn.Sequential` + `torch.optim.SGD` step without any measurement, and the engine
with its probes ÷ the engine without.
"""

from __future__ import annotations

import itertools

import torch
from torch import nn

from engine.config import RunConfig
from engine.history import History
from engine.probes import Unmeasured
from engine.trainer import Trainer
from tests.bench.alternate import medians, parse_arguments, report

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


def bare(config: RunConfig):
    """Return a step as a PyTorch user writes it, measuring nothing but the loss."""
    trainer = Trainer(config)
    layers: list[nn.Module] = []
    widths = trainer.layout.widths
    for n_in, n_out in itertools.pairwise(widths):
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

    def step() -> float:
        batch = next(batches)
        optimizer.zero_grad()
        loss = loss_function(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def main() -> None:
    """Print the table."""
    arguments = parse_arguments(__doc__)
    torch.set_num_threads(1)
    rows = []
    for depth, width, batch, most in NETWORKS:
        config = experiment(depth, width, batch)
        sides = {
            "step": instrumented(config),
            "unmeasured": unmeasured(config),
            "bare": bare(config),
        }
        rounds, calls = (5, 8) if depth * width > 20_000 else (20, 10)
        if not arguments.quick:
            rounds *= 3
        seconds = medians(sides, rounds, calls)
        rows.append(
            {
                "depth × width, batch": f"{depth} × {width}, {batch}",
                "step ms": seconds["step"] * 1e3,
                "bare ms": seconds["bare"] * 1e3,
                "step ÷ bare": seconds["step"] / seconds["bare"],
                "at most": most,
                "with ÷ without probes": seconds["step"] / seconds["unmeasured"],
                "at most ": MOST_MONITORING,
            }
        )
    report("One step, CPU, one thread (ratios of medians)", rows, arguments.json)


if __name__ == "__main__":
    main()
