"""The factor per layer at step 0, predicted and measured, for every activation and scheme.

`python -m tests.bench.theory` prints it for networks of 50 layers and the widths 64 and 256,
measured through the engine itself, with the error of each and the error that is allowed; it takes
some minutes. Before it stands how long a prediction takes.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from engine.activations import ACTIVATIONS
from engine.config import RunConfig
from engine.probes import Unmeasured
from engine.theory.prediction import Prediction, predict
from engine.theory.weight_gradients import Grams
from engine.trainer import Trainer
from tests.bench.listed_factors import TABLE, allowed_error
from tests.engine.oracle import watch_deltas

DEPTH = 50
BATCH = 32
SEEDS = range(5)
# By its short name: the initialiser and its σ.
SCHEMES = {
    "n001": {"initializer": "normal", "init_std": 0.01},
    "n1": {"initializer": "normal", "init_std": 1.0},
    "xavier": {"initializer": "xavier_normal"},
    "he": {"initializer": "kaiming_normal"},
    "lecun": {"initializer": "lecun_normal"},
    "orth": {"initializer": "orthogonal"},
    "torch": {"initializer": "torch_default"},
}


def experiment(activation: str, scheme: str, width: int, seed: int) -> RunConfig:
    """Return one cell of the table."""
    return RunConfig(
        depth=DEPTH,
        width=width,
        activation=activation,
        dataset="gaussian",
        batch_size=BATCH,
        precision="float64",
        learning_rate=0.0,
        device="cpu",
        threads=1,
        seed=seed,
        stop_on_nonfinite=False,
        **SCHEMES[scheme],
    )


def first_step(config: RunConfig):
    """Return the measured ‖dL/dh‖ of the hidden layers and the prediction beside it.

    The gradient by the logits is replaced by random numbers: what the loss makes of them is not
    the theory's business, and where the forward signal has exploded it is zero.
    """
    import torch

    # The gradients are kept and measured here, in float64, and need no other measurements.
    trainer = Trainer(config, probes=Unmeasured)
    network = trainer.network
    batch = next(trainer._batches)
    with torch.inference_mode():
        torch.index_select(trainer._train_x, 0, batch, out=network.x)
        network.draw_dropout()
        blocks = range(len(trainer.layout.blocks))
        for block in blocks:
            network.forward(block)
        generator = torch.Generator().manual_seed(config.seed)
        network.logits_gradient.normal_(generator=generator)
        deltas = watch_deltas(network)
        for block in reversed(blocks):
            network.backward(block)
        norms = torch.stack([delta.norm() for delta in deltas[:-1]]).numpy()
        mean_square = float(network.x.square().mean())
    prediction = predict(config, trainer.layout.widths, mean_square, float(norms[-1]))
    return norms, prediction


def slope(log_norms: np.ndarray) -> float:
    """Return the factor per layer going back, from the least-squares line."""
    layers = np.arange(len(log_norms))
    return math.exp(-np.polyfit(layers, log_norms, 1)[0])


def cell(
    activation: str, scheme: str, width: int, seeds: Sequence[int] = SEEDS
) -> tuple[float, float, Prediction]:
    """Return predicted and measured factor, the latter a geometric mean over seeds."""
    measured, predicted = [], []
    experiments = [experiment(activation, scheme, width, seed) for seed in seeds]
    # What is slow in it, drawing and multiplying, holds no lock.
    with ThreadPoolExecutor(2) as two:
        steps = list(two.map(first_step, experiments))
    for norms, prediction in steps:
        measured.append(math.log(slope(np.log(norms))))
        predicted.append(math.log(slope(prediction.log_grad_norm[:-1])))
    return math.exp(np.mean(predicted)), math.exp(np.mean(measured)), prediction


def print_table(widths: list[int]) -> None:
    for width in widths:
        listed = width in TABLE
        more = "; allowed" if listed else ""
        print(f"\nwidth {width}: predicted / measured (error{more}), ~ marked approximate\n")
        print("| activation | " + " | ".join(SCHEMES) + " |")
        print("|---" * (len(SCHEMES) + 1) + "|")
        errors, beyond = [], 0
        for activation in ACTIVATIONS:
            cells = []
            for place, scheme in enumerate(SCHEMES):
                predicted, measured, prediction = cell(activation, scheme, width)
                error = measured / predicted - 1.0
                errors.append(abs(error))
                mark = "~" if prediction.reasons else ""
                allowed = ""
                if listed:
                    most = allowed_error(activation, width, place)
                    allowed, beyond = f"; {most:.1%}", beyond + (abs(error) > most)
                cells.append(f"{mark}{predicted:.4f} / {measured:.4f} ({error:+.1%}{allowed})")
            print(f"| {activation} | " + " | ".join(cells) + " |", flush=True)
        print(
            f"\n|error|: median {np.median(errors):.2%}, "
            f"90th percentile {np.quantile(errors, 0.9):.2%}, largest {max(errors):.1%}"
        )
        if listed:
            print(f"beyond what is allowed: {beyond} of {len(errors)}")


def print_times(depth: int = 100, samples: int = 32) -> None:
    """Print how long a prediction takes, the first one and one more of the same."""
    random = np.random.default_rng(0)
    print(f"\ntime of a prediction at depth {depth}, ms: lines alone, again, "
          f"with weight gradients of {samples} samples")  # fmt: skip
    for activation in ACTIVATIONS:
        widths = (64, *[100] * depth, 10)
        config = RunConfig(depth=depth, width=100, activation=activation)
        x, g = random.standard_normal((samples, 64)), random.standard_normal((samples, 100))
        grams = Grams(x @ x.T / 64, g @ g.T)
        times = []
        for given in (None, None, grams):
            # A variance that was not seen before, but for the second time.
            mean_square = 1.0 if given is None else 1.01
            started = time.perf_counter()
            predict(config, widths, mean_square, 1.0, given)
            times.append(1e3 * (time.perf_counter() - started))
        print(f"{activation:15}" + "".join(f"{t:8.2f}" for t in times))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--widths", type=int, nargs="+", default=[64, 256])
    arguments = parser.parse_args()
    print_times()
    print_table(arguments.widths)
