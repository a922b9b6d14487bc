"""Close-ups of a run, taken only while somebody looks: one layer, and what the network answers.

They read the network between two steps and change nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

    from engine.trainer import Trainer

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# While a run goes on close-ups are renewed this often, and less often where they would take more
# than this share of the time, but never so rarely that they do not look live any more.
RENEWAL_SECONDS = 0.25
LARGEST_SHARE = 0.01
SLOWEST_SECONDS = 2.0
PRE_ACTIVATION_BINS = 60
# Beyond this many units of 1 the outermost bins hold the rest.
PRE_ACTIVATION_RANGE = 10.0
GRID_POINTS = 80
CURVE_POINTS = 200
# Samples drawn as points beside what the network answers.
MOST_SAMPLES = 400


@dataclass(frozen=True)
class Watch:
    """What somebody looks at.

    Attributes:
        layer: a hidden layer, 0 is the one next to the input; None: none.
        answers: what the network answers.
    """

    layer: int | None = None
    answers: bool = False


@dataclass(frozen=True)
class PreActivations:
    """How large the entries are that φ is applied to in one layer.

    For what the layer has seen of the newest batch, with its weights as they are now.

    Attributes:
        layer: 0 is the layer next to the input.
        edges: (bins + 1,).
        counts: (bins,); the outermost bins hold what lies beyond, too.
        nonfinite: entries that are Inf or NaN.
    """

    layer: int
    edges: Floats
    counts: Counts
    nonfinite: int


@dataclass(frozen=True)
class Confusion:
    """How samples that are not trained on were classified.

    Attributes:
        counts: (classes, classes), a row for each true class, a column for each answer.
    """

    counts: Counts


@dataclass(frozen=True)
class Regions:
    """Which class the network gives to every point of the plane.

    Attributes:
        low, high: ends of both axes, in units of the standardised inputs.
        classes: (rows, columns), class numbers; row 0 is the lowest.
        x: (samples, 2), samples that are not trained on.
        y: (samples,), their classes.
    """

    low: float
    high: float
    classes: Counts
    x: Floats
    y: Counts


@dataclass(frozen=True)
class FittedCurve:
    """What the network answers for one number.

    Attributes:
        grid: (points,), inputs, ascending.
        fitted: (points,), the answers.
        x: (samples,), samples that are not trained on.
        y: (samples,), their targets.
    """

    grid: Floats
    fitted: Floats
    x: Floats
    y: Floats


Answers = Confusion | Regions | FittedCurve


@dataclass(frozen=True)
class CloseUp:
    """Close-ups after one step.

    Attributes:
        step: the step; 0 before the first.
        layer: of the layer that is watched; None: none is.
        answers: None: not watched, or there is no picture of such answers.
    """

    step: int
    layer: PreActivations | None
    answers: Answers | None


class CloseUps:
    """Takes the close-ups of a run. To be called from the engine thread.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._watch = Watch()
        self._taken: tuple[object, CloseUp] | None = None
        self._due = 0.0

    def watch(self, watch: Watch) -> None:
        """Look at something else from now on."""
        self._watch = watch
        self._taken = None

    def take(self, trainer: Trainer, *, resting: bool) -> CloseUp | None:
        """Return the close-up of a run; while it goes on, one that is a moment old.

        Args:
            trainer: the run.
            resting: no further step is about to be made.

        Returns:
            The same object until there is a newer one; None while nobody looks.
        """
        if self._watch == Watch():
            return None
        if self._taken is not None:
            key, close_up = self._taken
            fresh = self._clock() < self._due and not resting
            if key is trainer and (fresh or close_up.step == trainer.steps):
                return close_up
        begun = self._clock()
        close_up = take(trainer, self._watch)
        now = self._clock()
        period = min(max((now - begun) / LARGEST_SHARE, RENEWAL_SECONDS), SLOWEST_SECONDS)
        self._taken, self._due = (trainer, close_up), now + period
        return close_up


def take(trainer: Trainer, watch: Watch) -> CloseUp:
    """Return a close-up of a run as it is now."""
    layer = None
    if watch.layer is not None and watch.layer < trainer.config.depth:
        layer = _pre_activations(trainer, watch.layer)
    return CloseUp(trainer.steps, layer, _answers(trainer) if watch.answers else None)


def _pre_activations(trainer: Trainer, layer: int) -> PreActivations:
    entries = _numpy(trainer.pre_activations(layer)).ravel()
    finite = entries[np.isfinite(entries)]
    reach = min(max(float(np.abs(finite).max(initial=0.0)), 1.0), PRE_ACTIVATION_RANGE)
    counts, edges = np.histogram(
        np.clip(finite, -reach, reach), PRE_ACTIVATION_BINS, (-reach, reach)
    )
    return PreActivations(layer, edges, counts.astype(np.int64), len(entries) - len(finite))


def _answers(trainer: Trainer) -> Answers | None:
    data = trainer.data
    if data.classes:
        if data.n_in == 2:
            return _regions(trainer)
        counts = np.zeros((data.classes, data.classes), np.int64)
        answers = _numpy(trainer.answer(data.validation_x)).argmax(axis=1)
        np.add.at(counts, (np.asarray(data.validation_y, np.int64), answers), 1)
        return Confusion(counts)
    if data.n_in == 1 and data.n_out == 1:
        return _fitted_curve(trainer)
    return None


def _regions(trainer: Trainer) -> Regions:
    data = trainer.data
    reach = 1.1 * float(np.abs(data.validation_x).max())
    axis = np.linspace(-reach, reach, GRID_POINTS)
    columns, rows = np.meshgrid(axis, axis)
    points = np.stack([columns.ravel(), rows.ravel()], axis=1)
    classes = _numpy(trainer.answer(points)).argmax(axis=1).reshape(GRID_POINTS, GRID_POINTS)
    return Regions(
        low=-reach,
        high=reach,
        classes=classes,
        x=data.validation_x[:MOST_SAMPLES],
        y=np.asarray(data.validation_y[:MOST_SAMPLES], np.int64),
    )


def _fitted_curve(trainer: Trainer) -> FittedCurve:
    x, y = trainer.data.validation_x[:, 0], np.asarray(trainer.data.validation_y)[:, 0]
    margin = 0.05 * float(np.ptp(x))
    grid = np.linspace(float(x.min()) - margin, float(x.max()) + margin, CURVE_POINTS)
    fitted = _numpy(trainer.answer(grid[:, None]))[:, 0]
    return FittedCurve(grid, fitted, x[:MOST_SAMPLES], y[:MOST_SAMPLES].astype(np.float64))


def _numpy(tensor: Tensor) -> Floats:
    array: Floats = tensor.double().cpu().numpy()
    return array
