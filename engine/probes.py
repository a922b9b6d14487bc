"""What is measured in every layer, block by block, while it is still in the cache.

Measuring reads and never writes what training uses, so that it changes no number of a run.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.card_meter import CardMeter
from engine.histograms import GradientHistogram, Histograms
from engine.host_meter import HostMeter
from engine.kernels import finish_rows, total_norm
from engine.measure import quick_norms
from engine.meter import ROWS, Meter
from engine.network import DeepMLP
from engine.parameters import Parameters
from engine.record import LAYER_INDEX, LAYER_QUANTITIES, applicable
from engine.units import Units

Array = NDArray[np.float64]

# A unit that is zero on one whole batch is not dead: in a deep ReLU network, healthy, half of
# them may be. Dead is what no sample of a window of so many steps and samples has activated.
DEAD_STEPS = 50
DEAD_SAMPLES = 1000

# As `finish_rows` asks for them. Zeros were counted among the subnormal numbers.
NUMBERS = (
    *(ROWS["subnormal_fraction"], ROWS["zero_fraction"]),
    *(ROWS["update_ratio"], ROWS["weight_norm"]),
    ROWS["distinct_units"],
    *(ROWS["weight_grad_norm"], ROWS["other_grad_norm"]),
)
GRADIENTS = [LAYER_INDEX[name] for name in ("activation_grad_norm", "weight_grad_norm")]


class Probes:
    """Measures a step: each block after its forward pass, its backward pass and its update.

    Args:
        network: the network, whose buffers hold the step.
        weights: the weights that are updated (the master weights in mixed precision).
    """

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        layout = network.layout
        samples = [stack.h[0].numel() for stack in network.stacks for _ in stack.layers]
        widths = np.array(layout.widths[1:], np.float64)
        sizes = widths * layout.widths[:-1]
        # What the rows of the meter are divided by; where a quantity has no meaning by NaN.
        self._divisors = np.ones((len(LAYER_QUANTITIES), layout.depth + 1))
        for name, size in (
            ("activation_mean", samples),
            ("activation_rms", np.sqrt(samples)),
            ("saturated_fraction", samples),
            ("inactive_fraction", widths),
            ("zero_fraction", sizes),
            ("subnormal_fraction", sizes),
        ):
            self._divisors[LAYER_INDEX[name]] = size
        self._divisors[~applicable(network.config)] = math.nan
        meter: Meter = (CardMeter if weights.flat.is_cuda else HostMeter)(network, weights)
        self._meter, self._depth = meter, layout.depth
        self._window_steps = max(DEAD_STEPS, -(-DEAD_SAMPLES // len(network.x)))
        self._dead: Array | None = None
        self._units = Units(weights, network.gradients)
        self._histograms = Histograms(network.gradients)
        self.measure_forward = meter.measure_forward
        self.measure_backward = meter.measure_backward
        self.before_update = meter.before_update
        self.after_update = meter.after_update
        self.descend = meter.descend

    @property
    def looks_closer(self) -> bool:
        """The gradients of this step are to be measured by `look_closer` too."""
        return self._histograms.due or self._units.alike

    def look_closer(self, block: int) -> None:
        """Measure in the gradients of a block, before the update, what not every step needs."""
        self._histograms.measure(block)
        self._units.measure(block)

    def measure_norm(self, block: int) -> None:
        """Measure what `grad_norm` needs; `measure_backward` has done so."""

    def grad_norm(self) -> float:
        """Return the L2 norm of the gradient of all parameters, loss scale included.

        Waits for the device. Every block must have been measured.
        """
        return _total(self._meter.look())

    def read(self, loss_scale: float) -> tuple[Array, float]:
        """Return what was measured: the one wait for the device in a step.

        Args:
            loss_scale: what the gradients were multiplied with.

        Returns:
            (quantities, depth + 1), as `LAYER_QUANTITIES` names them, and the L2 norm of the
            gradient of all parameters.
        """
        rows, units = self._meter.read(), self._units
        total, used_up = finish_rows(rows, self._divisors, NUMBERS, units.distance, units.count())
        units.go_on(used_up)
        result = rows[: len(LAYER_QUANTITIES)]
        if loss_scale != 1.0:
            result[GRADIENTS] /= loss_scale
        return result, total / loss_scale

    def dead_fraction(self, step: int) -> Array | None:
        """Return the share of units that the last full window has not activated, (depth,).

        None before the first window is full, and where φ is nowhere flat zero.

        Args:
            step: the step just made; a window is full in every so many of them.
        """
        if self._meter.activity and step % self._window_steps == 0:
            dead = np.zeros(self._depth)
            for layers, activity in self._meter.activity:
                silent = (activity == 0.0).sum(dim=1).cpu().double().numpy()
                dead[layers.start : layers.stop] = silent / activity.shape[1]
                activity.zero_()
            # The batch that is looked at before the first step is no window.
            self._dead = dead if step else None
        return self._dead

    def ask_histogram(self) -> None:
        """Take a histogram in the next step, whenever the next is due."""
        self._histograms.ask()

    def read_histogram(self, step: int, loss_scale: float) -> GradientHistogram | None:
        """Return the histogram of the step; None in most steps."""
        return self._histograms.read(step, loss_scale)


def _total(rows: Array) -> float:
    """Return the L2 norm of the gradient of all parameters, from the rows of a meter."""
    return total_norm(rows[ROWS["weight_grad_norm"]], rows[ROWS["other_grad_norm"]])


class Unmeasured:
    """Stands in for `Probes` where nothing is to be measured but the gradient's norm."""

    def __init__(self, network: DeepMLP, weights: Parameters) -> None:
        self._blocks = network.gradients.blocks
        # As the meters keep them: sums of as many terms, in the same order, are the same number.
        self._weights = np.zeros(network.layout.depth + 1)
        self._others = np.zeros_like(self._weights)
        self._table = np.full((len(LAYER_QUANTITIES), network.layout.depth + 1), math.nan)

    looks_closer = False
    descend = None

    def measure_forward(self, block: int) -> None: ...

    def measure_backward(self, block: int) -> None: ...

    def look_closer(self, block: int) -> None: ...

    def measure_norm(self, block: int) -> None:
        of_block, layers = self._blocks[block], self._blocks[block].layers
        self._weights[layers.start : layers.stop] = quick_norms(of_block.weight)
        self._others[layers.start] = quick_norms(of_block.rest[None])[0]

    def before_update(self, block: int) -> None: ...

    def after_update(self, block: int) -> None: ...

    def grad_norm(self) -> float:
        return total_norm(self._weights, self._others)

    def read(self, loss_scale: float) -> tuple[Array, float]:
        return self._table, math.nan

    def dead_fraction(self, step: int) -> None: ...

    def ask_histogram(self) -> None: ...

    def read_histogram(self, step: int, loss_scale: float) -> None: ...
