"""How far training has left the initialisation behind."""

from __future__ import annotations

import numpy as np

from engine.history import MEAN, HistoryView
from engine.record import LAYER_INDEX, StepRecord

# On the digits, at depth 20 and width 128, the factor per layer was 2 to 10 percent off where the
# weights had gone this way, and within 3 percent at a tenth of it (SGD at rates from 0.01 to 0.1,
# and Adam; what does not learn stays true for longer).
MOVED = 0.03
UNMOVED = MOVED / 10.0


def way_of_weights(history: HistoryView, newest: StepRecord) -> float:
    """Return how far the weights that the newest step was measured at have gone.

    The updates ‖ΔW‖ / ‖W‖ of a layer, added up over all steps before, and of that the mean over
    the hidden layers that the gradient passes, 2 … depth: an upper bound for how far they are
    from where they began, as a share of their norm. Biases are not counted: where activations
    vanish they decide the forward signal within a few steps.
    """
    series = history.layers
    # The first layer and the output layer are no factor between the first and the last gradient.
    layers = slice(1, -1) if series.complete.shape[-1] > 2 else slice(0, 1)
    index = LAYER_INDEX["update_ratio"]
    # A layer of zeros has no ratio.
    way = np.nansum(series.complete[:, MEAN, index, layers], axis=0) * series.stride
    if series.partial is not None:
        steps = series.last_step - int(series.first_steps[-1]) + 1
        way = way + np.nan_to_num(series.partial[MEAN, index, layers], posinf=np.inf) * steps
    # The newest step was measured before its own update.
    way = way - np.nan_to_num(newest.layer("update_ratio")[layers], posinf=0.0)
    return max(float(way.mean()), 0.0)


def faded(way: float) -> float:
    """Return how little of the theory is left to be shown: 0 at the start, 1 from `MOVED` on."""
    if way <= UNMOVED:
        return 0.0
    return min(float(np.log(way / UNMOVED) / np.log(MOVED / UNMOVED)), 1.0)
