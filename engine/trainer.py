"""One run: the training step, to be read from top to bottom."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.config import RunConfig
from engine.datasets import Stream, load_data, random_stream
from engine.device import choose_device, device_words, use_threads
from engine.initialization import draw_parameters
from engine.losses import cross_entropy, mean_squared_error
from engine.network import DeepMLP, network_layout
from engine.optimizers import Optimizer, clip_gradients
from engine.precision import PRECISIONS, LossScaler
from engine.probes import Probes, Unmeasured, first_nonfinite
from engine.record import CURVE_QUANTITIES, FirstBad, StepRecord

if TYPE_CHECKING:
    from torch import Tensor

# Validation costs about a third of a step for each batch of samples: often enough for a curve,
# on few enough samples, to stay a small part of the whole.
VALIDATION_INTERVAL_STEPS = 25
MOST_VALIDATION_SAMPLES = 1024


class Trainer:
    """An experiment under way. All its methods are to be called from one thread.

    Args:
        config: the experiment.
        probes: what measures; `Unmeasured` where only the speed without matters.

    Raises:
        ConfigError: the data cannot be read, or this machine cannot run the experiment.
    """

    def __init__(self, config: RunConfig, probes: type[Probes | Unmeasured] = Probes) -> None:
        import torch

        self.config = config
        self.data = load_data(config.dataset, config.seed)
        self.device = choose_device(config.device)
        use_threads(config.threads)
        precision = PRECISIONS[config.precision]
        compute, master = precision.compute_dtype(), precision.master_dtype()

        layout = network_layout(config, self.data.n_in, self.data.n_out)
        self.layout = layout
        self.weights = draw_parameters(config, layout, self.data, self.device, master)
        mixed = compute != master
        flat = self.weights.flat
        self._copies = self.weights.like(flat.to(compute)) if mixed else self.weights
        self._stored = self.weights.like(torch.zeros_like(self._copies.flat))
        self.gradients = self.weights.like(torch.zeros_like(flat)) if mixed else self._stored

        self._loss = cross_entropy if self.data.classes else mean_squared_error
        # The loss itself is never computed in less than float32 where master weights are kept.
        self._loss_dtype = master
        dropout = torch.Generator(device=self.device)
        dropout.manual_seed(_torch_seed(config.seed, Stream.DROPOUT))
        batch_size = min(config.batch_size, len(self.data.train_x))
        self.network = DeepMLP(config, self._copies, self._stored, batch_size, self._loss, dropout)
        self.optimizer = Optimizer(self.weights, self.gradients, config.optimizer)
        self.scaler = LossScaler(config.loss_scale)
        self.probes = probes(self.network, self.weights)

        self._train_x = self._to_device(self.data.train_x)
        self._train_y = self._to_device(self.data.train_y)
        self._validation_x = self._to_device(self.data.validation_x[:MOST_VALIDATION_SAMPLES])
        self._validation_y = self._to_device(self.data.validation_y[:MOST_VALIDATION_SAMPLES])
        self._batches = _batches(len(self.data.train_x), batch_size, config.seed)

        self.steps = 0
        self.first_bad: FirstBad | None = None
        self.seconds = 0.0
        self.seconds_measuring = 0.0

    @property
    def device_words(self) -> str:
        """The device and what computes there, for people."""
        return device_words(self.device)

    @property
    def steps_per_epoch(self) -> int:
        """Number of batches in one pass over the training set."""
        return max(1, len(self.data.train_x) // len(self.network.x))

    @property
    def measuring_share(self) -> float:
        """Share of the time spent in `step` that measuring took, 0 to 1."""
        return self.seconds_measuring / self.seconds if self.seconds else 0.0

    def step(self) -> StepRecord:
        """Train on one batch and return what was measured."""
        import torch

        with torch.no_grad():
            return self._step()

    def _step(self) -> StepRecord:
        started = time.perf_counter()
        self.steps += 1
        config, network = self.config, self.network
        loss_scale = self.scaler.scale

        batch = next(self._batches)
        network.x.copy_(self._train_x[batch])
        targets = self._train_y[batch]

        if self._copies is not self.weights:
            self._copies.flat.copy_(self.weights.flat)
        network.forward()
        loss, accuracy = self._loss(
            network.logits.to(self._loss_dtype), targets, loss_scale, network.logits_gradient
        )
        network.backward()

        measuring = time.perf_counter()
        self.probes.measure()
        # Waits for the device: clipping and loss scaling need it before the update.
        grad_norm = self.probes.grad_norm() / loss_scale
        measured = time.perf_counter() - measuring

        skipped = self.scaler.skips(grad_norm)
        if not skipped:
            self._unscale(loss_scale)
            clip_gradients(self.gradients, grad_norm, config)
            self.optimizer.step(config)

        measuring = time.perf_counter()
        self.probes.measure_update()
        record = self._record(float(loss), float(accuracy), grad_norm, loss_scale, skipped)
        now = time.perf_counter()
        self.seconds_measuring += measured + now - measuring
        self.seconds += now - started
        return record

    def _unscale(self, loss_scale: float) -> None:
        if self.gradients is not self._stored:
            self.gradients.flat.copy_(self._stored.flat)
        if loss_scale != 1.0:
            self.gradients.flat.mul_(1.0 / loss_scale)

    def _record(
        self, loss: float, accuracy: float, grad_norm: float, loss_scale: float, skipped: bool
    ) -> StepRecord:
        table = self.probes.read(loss_scale)
        if self.first_bad is None and not skipped:
            self.first_bad = first_nonfinite(table, loss, self.steps)
        curves = {
            "loss": loss,
            "accuracy": accuracy,
            "grad_norm": grad_norm,
            "learning_rate": self.config.learning_rate,
            "loss_scale": loss_scale,
            "seconds": self.seconds,
        }
        self.scaler.update(skipped)
        return StepRecord(
            step=self.steps,
            curves=np.array([curves[name] for name in CURVE_QUANTITIES]),
            layers=table,
            validation=self._validate() if self._validation_is_due() else None,
            first_bad=self.first_bad,
        )

    def _validation_is_due(self) -> bool:
        return self.steps == 1 or self.steps % VALIDATION_INTERVAL_STEPS == 0

    def _validate(self) -> tuple[float, float]:
        """Return loss and accuracy on samples that are not trained on, after the update."""
        if self._copies is not self.weights:
            self._copies.flat.copy_(self.weights.flat)
        outputs = self.network.evaluate(self._validation_x).to(self._loss_dtype)
        loss, accuracy = self._loss(outputs, self._validation_y, 1.0, None)
        return float(loss), float(accuracy)

    def change(self, config: RunConfig) -> None:
        """Go on with other live fields from the next step on.

        Raises:
            ValueError: a field differs that cannot change while the run goes on.
        """
        if not self.config.differs_only_live(config):
            raise ValueError(f"not live: {self.config.differences(config)}")
        if config.loss_scale != self.config.loss_scale:
            self.scaler = LossScaler(config.loss_scale)
        self.config = config

    def _to_device(self, values: NDArray[np.float64] | NDArray[np.int64]) -> Tensor:
        import torch

        tensor = torch.from_numpy(np.ascontiguousarray(values)).to(self.device)
        return tensor.to(self._copies.flat.dtype) if tensor.is_floating_point() else tensor


def _batches(samples: int, batch_size: int, seed: int) -> Iterator[Tensor]:
    """Yield the samples of one batch after the other, every sample once in an epoch.

    The last samples of an epoch that fill no batch are left out; the next epoch draws anew.
    """
    import torch

    random = random_stream(seed, Stream.BATCHES)
    while True:
        order = torch.from_numpy(random.permutation(samples))
        for start in range(0, samples - batch_size + 1, batch_size):
            yield order[start : start + batch_size]


def _torch_seed(seed: int, stream: Stream) -> int:
    return int(random_stream(seed, stream).integers(2**62))
