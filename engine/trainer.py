"""One run: the training step, to be read from top to bottom."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.config import RunConfig
from engine.cuda_graph import CapturedPass, Pass
from engine.datasets import Stream, epochs, load_data, random_stream
from engine.device import Device, choose_device, describe, use_threads
from engine.first_bad import first_nonfinite
from engine.inference import without_autograd
from engine.initialization import draw_parameters
from engine.losses import cross_entropy, mean_squared_error
from engine.memory import estimate_memory, require_memory
from engine.network import DeepMLP, network_layout
from engine.optimizers import (
    Optimizer,
    clip_norm,
    clip_values,
    is_plain_descent,
    needs_whole_gradient,
)
from engine.precision import PRECISIONS, LossScaler
from engine.probes import Probes, Unmeasured
from engine.record import CURVE_QUANTITIES, LAYER_INDEX, FirstBad, StepRecord
from engine.theory.anchor import GRAM_DEPTH, GRAM_SAMPLES, Anchor
from engine.theory.prediction import Prediction
from engine.theory.weight_gradients import Grams
from engine.trial import require_operations

if TYPE_CHECKING:
    from torch import Tensor

    from engine.histograms import GradientHistogram
    from engine.parameters import Parameters

# Validation costs about a third of a step for each batch of samples: often enough for a curve,
# on few enough samples, to stay a small part of the whole.
VALIDATION_INTERVAL_STEPS = 50
MOST_VALIDATION_SAMPLES = 1024


class Trainer:
    """An experiment under way. All its methods are to be called from one thread.

    Args:
        config: the experiment.
        probes: what measures; `Unmeasured` where only the speed without matters.

    Raises:
        ConfigError: the data cannot be read, or this machine cannot run the experiment.
    """

    @without_autograd
    def __init__(self, config: RunConfig, probes: type[Probes | Unmeasured] = Probes) -> None:
        import torch

        self.config = config
        self.data = load_data(config.dataset, config.seed)
        self.device = choose_device(config.device)
        use_threads(config.threads)
        precision = PRECISIONS[config.precision]
        compute, master = precision.compute_dtype(), precision.master_dtype()
        require_operations(config, self.data.classes, self.device)

        layout = network_layout(config, self.data.n_in, self.data.n_out)
        self.layout = layout
        # On a graphics card all gradients are computed before the first is used.
        in_turn = self.device.type == "cpu"
        estimate = estimate_memory(config, layout, self.data, MOST_VALIDATION_SAMPLES, in_turn)
        require_memory(config, estimate, self.device)
        self.weights = draw_parameters(config, layout, self.data, self.device, master)
        mixed = compute != master
        flat = self.weights.flat
        self._copies = self.weights.like(flat.to(compute)) if mixed else self.weights
        self._stored = self.weights.zeros(compute, in_turn=in_turn)
        # The same in the format of the weights, as the update takes it ...
        self._unscaled = self.weights.zeros(master, in_turn=in_turn) if mixed else self._stored
        # ... and where a step waits for all of it.
        self._whole = None if in_turn else self._unscaled

        self._loss = cross_entropy if self.data.classes else mean_squared_error
        # The loss itself is never computed in less than float32 where master weights are kept.
        self._loss_dtype = master
        self._dropout = dropout = torch.Generator(device=self.device)
        dropout.manual_seed(_torch_seed(config.seed, Stream.DROPOUT))
        batch_size = min(config.batch_size, len(self.data.train_x))
        self.network = DeepMLP(config, self._copies, self._stored, batch_size, self._loss, dropout)
        self.optimizer = Optimizer(self.weights, config.optimizer)
        self.scaler = LossScaler(config.loss_scale)
        self.probes = probes(self.network, self.weights)

        self._train_x = self._to_device(self.data.train_x)
        self._train_y = self._to_device(self.data.train_y)
        self._validation_x = self._to_device(self.data.validation_x[:MOST_VALIDATION_SAMPLES])
        self._validation_y = self._to_device(self.data.validation_y[:MOST_VALIDATION_SAMPLES])
        self._batches = _batches(len(self.data.train_x), batch_size, config.seed)

        self._targets = self._train_y[:batch_size].clone()
        self._captured: Pass | None = None
        if self.device.type == "cuda":
            changed = self.network.running_statistics
            self._captured = CapturedPass(self._forward_and_backward, dropout, changed)

        self.steps = 0
        # Set by the first step, or the look before it, whose measurements the prediction hangs on.
        self.anchor: Anchor | None = None
        self.prediction: Prediction | None = None
        self.first_bad: FirstBad | None = None
        self.seconds = 0.0
        self._seconds_measuring = 0.0

    @property
    def computes_on(self) -> Device:
        """The device and what computes there."""
        return describe(self.device)

    @property
    def measuring_share(self) -> float:
        """Share of the time spent in `step` that measuring took, 0 to 1.

        Of an update that is measured while it is made, all of it.
        """
        return self._seconds_measuring / self.seconds if self.seconds else 0.0

    @property
    def steps_per_epoch(self) -> int:
        """How many batches show every sample once."""
        return len(self._train_x) // len(self.network.x)

    @without_autograd
    def look(self) -> StepRecord:
        """Measure the first batch before the first step, and change nothing.

        The prediction, which takes as long again, is left to `predict`.

        Returns:
            What step 1 will measure before its update, as the record of step 0: without update
            ratios and without validation.
        """
        assert not self.steps, "training has begun"
        generator, measuring = self._dropout.get_state(), self._seconds_measuring
        running = [tensor.clone() for tensor in self.network.running_statistics]
        with np.errstate(all="ignore"):
            record = self._look()
        self._dropout.set_state(generator)
        for tensor, before in zip(self.network.running_statistics, running, strict=True):
            tensor.copy_(before)
        self._seconds_measuring, self.first_bad = measuring, None
        return record

    def predict(self) -> None:
        """Find out what theory expects, unless that is known; after the look or the first step."""
        if self.prediction is None:
            assert self.anchor is not None, "nothing has been measured"
            self.prediction = self.anchor.predict(self.config)

    def _look(self) -> StepRecord:
        probes, loss_scale = self.probes, self.scaler.scale
        samples, batch_size = len(self._train_x), len(self.network.x)
        self._load(next(_batches(samples, batch_size, self.config.seed)))
        # To record it for a graphics card would take longer than this one pass.
        loss, right = self._forward(loss_scale)
        for block in reversed(range(len(self.layout.blocks))):
            self._backward(block)
            probes.look_closer(block)
            probes.before_update(block)
        table, grad_norm = probes.read(loss_scale)
        histogram = probes.read_histogram(self.steps, loss_scale)
        # Step 1 takes one again.
        probes.ask_histogram()
        skipped = self.scaler.skips(grad_norm)
        accuracy = float(right) / len(self._targets)
        record = self._record(float(loss), accuracy, table, grad_norm, skipped, histogram)
        record.layers[LAYER_INDEX["update_ratio"]] = math.nan
        return record

    def _load(self, batch: Tensor) -> None:
        """Bring the samples of a batch to where the network reads them."""
        import torch

        batch = batch.to(self.device)
        torch.index_select(self._train_x, 0, batch, out=self.network.x)
        torch.index_select(self._train_y, 0, batch, out=self._targets)
        if self._copies is not self.weights:
            self._copies.flat.copy_(self.weights.flat)

    @without_autograd
    def step(self) -> StepRecord:
        """Train on one batch and return what was measured."""
        # What is not finite is found and shown; NumPy need not warn of it.
        with np.errstate(all="ignore"):
            return self._step()

    def _step(self) -> StepRecord:
        started = time.perf_counter()
        self.steps += 1
        probes = self.probes
        blocks = range(len(self.layout.blocks))

        self._load(next(self._batches))
        # Where nothing forbids it a block is updated while its gradient is still in the cache.
        waits = needs_whole_gradient(self.config)
        gradients = self._whole_gradient() if waits else self._unscaled
        if not waits:
            self.optimizer.begin_step()
        loss_scale = self.scaler.scale
        loss, right = (self._captured or self._forward)(loss_scale)
        descend = probes.descend if is_plain_descent(self.config) else None
        for block in reversed(blocks):
            if descend is not None:
                self._descend(block, descend)
                continue
            if self._captured is None:
                self._backward(block)
            if probes.looks_closer:
                self._measure(probes.look_closer, block)
            if waits:
                probes.measure_norm(block)
            self._unscale(gradients, block, loss_scale)
            if not waits:
                self._update(gradients, block)
        skipped = waits and self._update_together(gradients, loss_scale)

        reading = time.perf_counter()
        table, grad_norm = probes.read(loss_scale)
        histogram = probes.read_histogram(self.steps, loss_scale)
        self._seconds_measuring += time.perf_counter() - reading
        accuracy = float(right) / len(self._targets)
        record = self._record(float(loss), accuracy, table, grad_norm, skipped, histogram)
        self.scaler.update(skipped)
        self.seconds += time.perf_counter() - started
        return record

    def _forward(self, loss_scale: float) -> tuple[Tensor, Tensor | float]:
        """Return loss and number of right answers, and write dL/dlogits."""
        network = self.network
        network.draw_dropout()
        for block in range(len(self.layout.blocks)):
            network.forward(block)
            self._measure(self.probes.measure_forward, block)
        logits = network.logits.to(self._loss_dtype)
        return self._loss(logits, self._targets, loss_scale, network.logits_gradient)

    def _backward(self, block: int) -> None:
        self.network.backward(block)
        self._measure(self.probes.measure_backward, block)

    def _forward_and_backward(self, loss_scale: float) -> tuple[Tensor, Tensor | float]:
        """What is recorded once on a graphics card: all that waits for nothing."""
        results = self._forward(loss_scale)
        for block in reversed(range(len(self.layout.blocks))):
            self._backward(block)
        return results

    def _measure(self, probe: Callable[[int], None], block: int) -> None:
        started = time.perf_counter()
        probe(block)
        self._seconds_measuring += time.perf_counter() - started

    def _descend(self, block: int, descend: Callable[[int, float], None]) -> None:
        """Go back through a block and update it, measured on the way."""
        self.network.backward(block)
        started = time.perf_counter()
        if self.probes.looks_closer:
            self.probes.look_closer(block)
        descend(block, self.config.learning_rate)
        self._seconds_measuring += time.perf_counter() - started

    def _whole_gradient(self) -> Parameters:
        """Return memory for the gradient of all blocks at once."""
        if self._whole is None:
            self._whole = self.weights.zeros(self.weights.flat.dtype)
        return self._whole

    def _unscale(self, gradients: Parameters, block: int, loss_scale: float) -> None:
        """Bring a block's gradient into the format of the weights, and undo the loss scale."""
        gradient, stored = gradients.blocks[block].flat, self._stored.blocks[block].flat
        if gradient is not stored:
            gradient.copy_(stored)
        if loss_scale != 1.0:
            gradient.mul_(1.0 / loss_scale)
        if self.config.clip == "value":
            clip_values(gradient, self.config.clip_threshold)

    def _update(self, gradients: Parameters, block: int) -> None:
        self._measure(self.probes.before_update, block)
        self.optimizer.step(block, gradients.blocks[block], self.config)
        self._measure(self.probes.after_update, block)

    def _update_together(self, gradients: Parameters, loss_scale: float) -> bool:
        """Update all blocks, their gradients taken as one; return whether that was skipped."""
        norm = self.probes.grad_norm() / loss_scale
        skipped = self.scaler.skips(norm)
        if skipped:
            for block in range(len(self.layout.blocks)):
                self._measure(self.probes.before_update, block)
        else:
            self.optimizer.begin_step()
            if self.config.clip == "norm":
                clip_norm(gradients.flat, norm, self.config.clip_threshold)
            for block in range(len(self.layout.blocks)):
                self._update(gradients, block)
        return skipped

    def _record(
        self,
        loss: float,
        accuracy: float,
        table: NDArray[np.float64],
        grad_norm: float,
        skipped: bool,
        histogram: GradientHistogram | None,
    ) -> StepRecord:
        # An overflow of the gradient that dynamic loss scaling has caught is no accident.
        if self.first_bad is None:
            self.first_bad = first_nonfinite(
                table, loss, self.steps, self.weights, forward_only=skipped
            )
        if self.anchor is None:
            self.anchor = self._anchor(table)
        if self.steps:
            self.predict()
        curves = {
            "loss": loss,
            # Among NaNs no class is the most likely one.
            "accuracy": accuracy if math.isfinite(loss) else math.nan,
            "grad_norm": grad_norm,
            "learning_rate": self.config.learning_rate,
            "loss_scale": self.scaler.scale,
            "seconds": self.seconds,
        }
        return StepRecord(
            step=self.steps,
            curves=np.array([curves[name] for name in CURVE_QUANTITIES]),
            layers=table,
            validation=self._validate() if self._validation_is_due() else None,
            first_bad=self.first_bad,
            histogram=histogram,
            dead_fraction=self.probes.dead_fraction(self.steps),
        )

    def _anchor(self, table: NDArray[np.float64]) -> Anchor:
        """Return what the prediction hangs on, of the step just made."""
        batch = self.network.x.double()
        return Anchor(
            widths=self.layout.widths,
            samples=len(batch),
            input_mean_square=float(batch.square().mean()),
            last_gradient_norm=float(table[LAYER_INDEX["activation_grad_norm"], -2]),
            grams=self._grams() if self.layout.depth <= GRAM_DEPTH else None,
        )

    def _grams(self) -> Grams:
        """Return the inner products of the first samples of the batch."""
        network, depth = self.network, self.layout.depth

        def products(rows: Tensor, scale: float) -> NDArray[np.float64]:
            some = rows[:GRAM_SAMPLES].double() * scale
            gram: NDArray[np.float64] = (some @ some.t()).cpu().numpy()
            return gram

        unscale = 1.0 / self.scaler.scale
        return Grams(
            inputs=products(network.x, 1.0 / math.sqrt(self.layout.widths[0])),
            last_gradients=products(network.gather("dh", range(depth - 1, depth))[0], unscale),
            logit_gradients=products(network.logits_gradient, unscale),
        )

    def _validation_is_due(self) -> bool:
        return self.steps == 1 or (self.steps > 0 and self.steps % VALIDATION_INTERVAL_STEPS == 0)

    def _validate(self) -> tuple[float, float]:
        """Return loss and accuracy on samples that are not trained on, after the update."""
        if self._copies is not self.weights:
            self._copies.flat.copy_(self.weights.flat)
        outputs = self.network.evaluate(self._validation_x).to(self._loss_dtype)
        loss, right = self._loss(outputs, self._validation_y, 1.0, None)
        accuracy = float(right) / len(outputs) if loss.isfinite() else math.nan
        return float(loss), accuracy

    @without_autograd
    def answer(self, x: NDArray[np.float64]) -> Tensor:
        """Return the output for any inputs, without dropout and without changing the run.

        Args:
            x: (samples, features), standardised as the data are.

        Returns:
            (samples, outputs), in the format of the weights.
        """
        if self._copies is not self.weights:
            self._copies.flat.copy_(self.weights.flat)
        return self.network.evaluate(self._to_device(x)).to(self._loss_dtype)

    @without_autograd
    def pre_activations(self, layer: int) -> Tensor:
        """Return what φ is applied to in a hidden layer, (batch, units), after the update."""
        if self._copies is not self.weights:
            self._copies.flat.copy_(self.weights.flat)
        return self.network.pre_activations(layer)

    def ask_histogram(self) -> None:
        """Take a histogram of the gradient in the next step, whenever the next is due."""
        self.probes.ask_histogram()

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

    for drawn in epochs(samples, seed):
        order = torch.from_numpy(drawn)
        for start in range(0, samples - batch_size + 1, batch_size):
            yield order[start : start + batch_size]


def _torch_seed(seed: int, stream: Stream) -> int:
    return int(random_stream(seed, stream).integers(2**62))
