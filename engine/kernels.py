"""The loops that measure a block of layers, each layer while it is in the first-level cache.

They are plain Python and mean what they say. What runs is the machine code that Numba makes of
them: it reads an entry in a fraction of a nanosecond and does not hold Python's lock, so that the
window goes on drawing meanwhile.

Everything is added up in float64, which the squares of all smaller formats fit into (THEORY.md,
finding 5). Where those of float64 itself do not, a layer is measured again in units of its largest
entry.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.compilation import compiled

Array = NDArray[np.float64]
# float32 or float64; a row of it is a layer.
Layers = NDArray[Any]

# Between these bounds a sum of squares has lost nothing in float64.
LEAST_SQUARES, MOST_SQUARES = 1e-280, 1e280


@compiled
def norm(row: Layers) -> float:
    """Return the L2 norm of a row, (entries,)."""
    squares = 0.0
    for i in range(row.size):
        entry = np.float64(row[i])
        squares += entry * entry
    if LEAST_SQUARES < squares < MOST_SQUARES or math.isnan(squares):
        return math.sqrt(squares)
    largest = 0.0
    for i in range(row.size):
        largest = max(largest, abs(np.float64(row[i])))
    if largest == 0.0 or math.isinf(largest):
        return largest
    squares = 0.0
    for i in range(row.size):
        entry = np.float64(row[i]) / largest
        squares += entry * entry
    return largest * math.sqrt(squares)


@compiled
def count_nonfinite(row: Layers) -> int:
    """Return how many entries of a row, (entries,), are Inf or NaN."""
    count = 0
    for i in range(row.size):
        if not math.isfinite(row[i]):
            count += 1
    return count


@compiled
def measure_norms(layers: Layers, norms: Array, nonfinite: Array) -> bool:
    """Measure the L2 norm of each row, and count what is not finite.

    Args:
        layers: (rows, entries), contiguous.
        norms: (rows,), written.
        nonfinite: (rows,), what is found is added.

    Returns:
        Whether every norm is finite.
    """
    finite = True
    for row in range(len(layers)):
        norms[row] = norm(layers[row])
        if not math.isfinite(norms[row]):
            nonfinite[row] += count_nonfinite(layers[row])
            finite = False
    return finite


@compiled
def measure_sums(layers: Layers, sums: Array) -> None:
    """Write the sum of each row of (rows, entries) into (rows,)."""
    for row in range(len(layers)):
        entries = layers[row]
        total = 0.0
        for i in range(entries.size):
            total += np.float64(entries[i])
        sums[row] = total


@compiled
def measure_below(layers: Layers, bound: Any, below: Array, zeros: Array) -> None:
    """Count the entries of each row that are nearer to zero than a bound, and those that are zero.

    Args:
        layers: (rows, entries), contiguous.
        bound: in the format of the entries.
        below: (rows,), written; the zeros among them.
        zeros: (rows,), written.
    """
    for row in range(len(layers)):
        entries = layers[row]
        count = np.int32(0)
        for i in range(entries.size):
            count += np.int32(abs(entries[i]) < bound)
        below[row] = count
        zeros[row] = 0.0
        if count:
            count = np.int32(0)
            for i in range(entries.size):
                count += np.int32(entries[i] == 0.0)
            zeros[row] = count


@compiled
def measure_saturated(layers: Layers, edge: Any, saturated: Array) -> None:
    """Count the entries of each row of (rows, entries) at or beyond ±edge, into (rows,)."""
    for row in range(len(layers)):
        entries = layers[row]
        count = np.int32(0)
        for i in range(entries.size):
            count += np.int32(abs(entries[i]) >= edge)
        saturated[row] = count


@compiled
def measure_inactive(
    activations: Layers, active: NDArray[np.bool_], ever: NDArray[np.bool_], inactive: Array
) -> None:
    """Count the units of each layer that are zero on every sample.

    Args:
        activations: (rows, batch, units), contiguous.
        active: (units,), memory to work in.
        ever: (rows, units), set where a unit is active.
        inactive: (rows,), written.
    """
    for row in range(len(activations)):
        active[:] = False
        for sample in range(activations.shape[1]):
            units = activations[row, sample]
            for i in range(units.size):
                active[i] |= units[i] != 0.0
        count = 0
        for i in range(active.size):
            count += not active[i]
            ever[row, i] |= active[i]
        inactive[row] = count


@compiled
def measure_moved(after: Layers, before: Layers, norms: Array) -> None:
    """Measure how far each row of (rows, entries) has moved, as an L2 norm, into (rows,)."""
    for row in range(len(after)):
        squares = 0.0
        new, old = after[row], before[row]
        for i in range(new.size):
            difference = np.float64(new[i]) - np.float64(old[i])
            squares += difference * difference
        norms[row] = math.sqrt(squares)
