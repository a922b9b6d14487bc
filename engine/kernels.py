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
Counts = NDArray[np.int64]

# float64: the exponent begins at this bit and has this offset; all ones are not finite.
EXPONENT_SHIFT, EXPONENT_OFFSET, EXPONENT_ONES = 52, 1023, 2047
# Between these bounds a sum of squares has lost nothing in float64.
LEAST_SQUARES, MOST_SQUARES = 1e-280, 1e280


@compiled("f8({f}[::1])")
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


@compiled("i8({f}[::1])")
def count_nonfinite(row: Layers) -> int:
    """Return how many entries of a row, (entries,), are Inf or NaN."""
    count = 0
    for i in range(row.size):
        if not math.isfinite(row[i]):
            count += 1
    return count


@compiled("void({f}[:,::1], f8[::1], f8[::1])")
def measure_norms(layers: Layers, norms: Array, nonfinite: Array) -> None:
    """Measure the L2 norm of each layer, and count what is not finite.

    Args:
        layers: (rows, entries), contiguous, as in all that follows.
        norms: (rows,), written.
        nonfinite: (rows,), what is found is added.
    """
    for row in range(len(layers)):
        norms[row] = norm(layers[row])
        if not math.isfinite(norms[row]):
            nonfinite[row] += count_nonfinite(layers[row])


@compiled("void({f}[:,::1], f8[::1], f8[::1], f8[::1])")
def measure_activations(layers: Layers, norms: Array, sums: Array, nonfinite: Array) -> None:
    """Do what `measure_norms` does, and write the sum of each layer into (rows,)."""
    for row in range(len(layers)):
        entries = layers[row]
        squares = total = 0.0
        for i in range(entries.size):
            entry = np.float64(entries[i])
            squares += entry * entry
            total += entry
        sums[row] = total
        norms[row] = math.sqrt(squares)
        if not LEAST_SQUARES < squares < MOST_SQUARES:
            norms[row] = norm(entries)
            if not math.isfinite(norms[row]):
                nonfinite[row] += count_nonfinite(entries)


@compiled("void({f}[:,::1], {f}, f8[::1], f8[::1], f8[::1], f8[::1])")
def measure_gradients(
    layers: Layers, tiny: Any, norms: Array, below: Array, zeros: Array, nonfinite: Array
) -> None:
    """Do what `measure_norms` does, and count the entries that are small.

    Args:
        layers: (rows, entries).
        tiny: the smallest normal number of the stored format, in the format of the entries.
        norms: (rows,), written.
        below: (rows,), written: the entries that are nearer to zero, the zeros among them.
        zeros: (rows,), written.
        nonfinite: (rows,), what is found is added.
    """
    for row in range(len(layers)):
        entries = layers[row]
        small, none = np.int32(0), np.int32(0)
        # Counts of four bytes keep up with entries of four bytes.
        for i in range(entries.size):
            small = np.int32(small + np.int32(abs(entries[i]) < tiny))
        if small:
            for i in range(entries.size):
                none = np.int32(none + np.int32(entries[i] == 0.0))
        below[row], zeros[row] = small, none
    measure_norms(layers, norms, nonfinite)


@compiled("void({f}[:,::1], {f}, f8[::1])")
def measure_saturated(layers: Layers, edge: Any, saturated: Array) -> None:
    """Count the entries of each layer, (rows, entries), at or beyond ±edge, into (rows,)."""
    for row in range(len(layers)):
        entries = layers[row]
        count = np.int32(0)
        for i in range(entries.size):
            count = np.int32(count + np.int32(abs(entries[i]) >= edge))
        saturated[row] = count


@compiled("void({f}[:,:,::1], b1[::1], b1[:,::1], f8[::1])")
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


@compiled("void({f}[:,::1], {f}[:,::1], f8[::1])")
def remember_weights(weights: Layers, before: Layers, norms: Array) -> None:
    """Measure the L2 norm of each layer, (rows, entries), into (rows,), and copy it."""
    for row in range(len(weights)):
        entries, copies = weights[row], before[row]
        squares = 0.0
        for i in range(entries.size):
            copies[i] = entries[i]
            entry = np.float64(entries[i])
            squares += entry * entry
        in_range = LEAST_SQUARES < squares < MOST_SQUARES
        norms[row] = math.sqrt(squares) if in_range else norm(entries)


@compiled("void({f}[:,:,::1], {f}[:,:,::1], f8[::1], f8[::1])")
def measure_moved(after: Layers, before: Layers, norms: Array, farthest: Array) -> None:
    """Measure how far each layer has moved, and that unit of it which has moved farthest.

    Args:
        after: (rows, units, entries), contiguous.
        before: the same earlier; where squares leave float64 it becomes the difference.
        norms: (rows,), written: L2 norms.
        farthest: (rows,), written: L2 norms; NaN where one is NaN.
    """
    for row in range(len(after)):
        total = most = 0.0
        for unit in range(after.shape[1]):
            new, old = after[row, unit], before[row, unit]
            squares = 0.0
            for i in range(new.size):
                difference = np.float64(new[i]) - np.float64(old[i])
                squares += difference * difference
            total += squares
            most = max(most, squares)
        norms[row], farthest[row] = math.sqrt(total), math.sqrt(most)
        if not LEAST_SQUARES < total < MOST_SQUARES:
            total = most = 0.0
            for unit in range(after.shape[1]):
                new, old = after[row, unit], before[row, unit]
                for i in range(new.size):
                    old[i] = new[i] - old[i]
                moved = norm(old)
                total = math.hypot(total, moved)
                # What is not a number is passed on.
                most = most if most > moved or most != most else moved
            norms[row] = most if math.isnan(most) else total
            farthest[row] = most


@compiled(
    "void(f4[:,:,::1], f4[:,:,::1], f4[::1], f4[::1], f4, f4, "
    "f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1], f8[::1])"
)
def descend(
    weights: Layers, gradients: Layers, others: Layers, by_others: Layers, rate: Any, tiny: Any,
    weight_norms: Array, norms: Array, below: Array, zeros: Array, nonfinite: Array,
    moved: Array, farthest: Array, others_norm: Array,
) -> None:  # fmt: skip
    """Make a step of gradient descent, w ← w + rate · ∂L/∂w, and measure it on the way.

    Each entry is read once, where measuring before, updating and measuring after read it six
    times. Only in float32, whose squares never leave float64.

    Args:
        weights: (rows, units, entries), contiguous, as in all that follows; written.
        gradients: the same shape.
        others: (parameters,), what these layers have beside the weights; written.
        by_others: the same shape, their gradient.
        rate: minus the learning rate.
        tiny: the smallest normal number.
        weight_norms: (rows,), written: of the weights before.
        norms: (rows,), written as by `measure_gradients`, as the next three.
        below: (rows,).
        zeros: (rows,).
        nonfinite: (rows,).
        moved: (rows,), written as by `measure_moved`, as the next.
        farthest: (rows,).
        others_norm: (1,), written: the L2 norm of `by_others`.
    """
    for row in range(len(weights)):
        of_weight = of_gradient = total = most = 0.0
        small = np.int32(0)
        for unit in range(weights.shape[1]):
            weight, gradient = weights[row, unit], gradients[row, unit]
            for i in range(weight.size):
                small = np.int32(small + np.int32(abs(gradient[i]) < tiny))
            # Sums of their own: what a loop adds to should not outlive it.
            weight_squares = gradient_squares = squares = 0.0
            for i in range(weight.size):
                before, slope = np.float64(weight[i]), np.float64(gradient[i])
                # In float32, rounded as PyTorch rounds it.
                after = weight[i] + rate * gradient[i]
                weight[i] = after
                difference = np.float64(after) - before
                weight_squares += before * before
                gradient_squares += slope * slope
                squares += difference * difference
            of_weight += weight_squares
            of_gradient += gradient_squares
            total += squares
            most = max(most, squares)
        weight_norms[row], norms[row] = math.sqrt(of_weight), math.sqrt(of_gradient)
        # What is not a number is passed on.
        moved[row] = math.sqrt(total)
        farthest[row] = math.sqrt(most) if math.isfinite(total) else moved[row]
        below[row], zeros[row] = small, 0.0
        for unit in range(weights.shape[1] if small else 0):
            gradient = gradients[row, unit]
            for i in range(gradient.size):
                zeros[row] += gradient[i] == 0.0
        for unit in range(0 if math.isfinite(norms[row]) else weights.shape[1]):
            nonfinite[row] += count_nonfinite(gradients[row, unit])
    squares = 0.0
    for i in range(others.size):
        slope = np.float64(by_others[i])
        others[i] += rate * by_others[i]
        squares += slope * slope
    others_norm[0] = math.sqrt(squares)


@compiled("b1(f8[:,::1])")
def all_finite(rows: Array) -> bool:
    """Say whether all of (rows, layers) is finite."""
    for row in range(rows.shape[0]):
        for layer in range(rows.shape[1]):
            if not math.isfinite(rows[row, layer]):
                return False
    return True


@compiled("i8({f}[:,::1], i8[::1])")
def count_right(logits: Layers, classes: NDArray[np.int64]) -> int:
    """Count the samples of (samples, classes) whose largest logit is that of their class.

    The first of equals is the largest; what is not a number is larger than all that is one.
    """
    count = 0
    for sample in range(len(logits)):
        of_sample = logits[sample]
        largest = 0
        for i in range(of_sample.size):
            larger = of_sample[i] > of_sample[largest] or math.isnan(of_sample[i])
            if larger and not math.isnan(of_sample[largest]):
                largest = i
        count += largest == classes[sample]
    return count


@compiled("f8[:,::1](f8[:,::1], i8[::1])")
def take_rows(table: Array, cleared: NDArray[np.int64]) -> Array:
    """Return a copy of a table, (rows, layers), and set the rows with these numbers to zero."""
    rows = np.empty_like(table)
    for row in range(table.shape[0]):
        for layer in range(table.shape[1]):
            rows[row, layer] = table[row, layer]
    for row in cleared:
        for layer in range(table.shape[1]):
            table[row, layer] = 0.0
    return rows


@compiled("f8(f8[::1], f8[::1])")
def total_norm(weights: Array, others: Array) -> float:
    """Return the L2 norm of everything whose parts have these norms; NaN where one is NaN."""
    return norm(np.array([norm(weights), norm(others)]))


@compiled("Tuple((f8, b1))(f8[:,::1], f8[:,::1], UniTuple(i8, 7), f8[::1], f8[::1])")
def finish_rows(
    rows: Array,
    divisors: Array,
    numbers: tuple[int, int, int, int, int, int, int],
    distances: Array,
    counts: Array,
) -> tuple[float, bool]:
    """Make quantities of what was added up, in place.

    Takes off twice what the units of each layer have moved at most from the distances of the
    nearest of them.

    Args:
        rows: (rows, layers); those behind the divisors' are left as they are.
        divisors: (quantities, layers), what each is divided by.
        numbers: of the row that is taken less another, and the other; of the row that is divided by
            another, and the other; of the row that holds how far a unit has moved at most and is to
            hold how many differ; and of the two rows that hold the norms of the gradient's parts.
        distances: (layers,), of the nearest units of a layer.
        counts: (layers,), of distinct units.

    Returns:
        The L2 norm of the whole gradient, NaN where that of a part is; and whether some distance is
        used up, or is no number.
    """
    less, by_which, shared, among, units, weights, others = numbers
    total = total_norm(rows[weights], rows[others])
    used_up = False
    for layer in range(rows.shape[1]):
        distances[layer] -= 2.0 * rows[units, layer]
        used_up |= not distances[layer] > 0.0
        rows[units, layer] = counts[layer]
        rows[less, layer] -= rows[by_which, layer]
        rows[shared, layer] /= rows[among, layer]
        for row in range(divisors.shape[0]):
            rows[row, layer] /= divisors[row, layer]
    return total, used_up


@compiled("void({f}[:,::1], i8, i8, i8[:,::1], i8[::1])")
def count_exponents(layers: Layers, stride: int, lowest: int, counts: Counts, nans: Counts) -> None:
    """Count the entries of each row between every two powers of two: by exponent, as stored.

    Args:
        layers: (rows, entries), contiguous.
        stride: each so many-th entry is looked at.
        lowest: the exponent of the smallest entries that are told apart; smaller ones are counted
            with them.
        counts: (rows, bins + 2), written: in front of the bins the zeros, behind them what is not
            finite.
        nans: (rows,), written.
    """
    last = counts.shape[1] - 1
    for row in range(len(layers)):
        entries, of_row = layers[row], counts[row]
        of_row[:] = 0
        nans[row] = 0
        for i in range(0, entries.size, stride):
            bits = np.float64(entries[i]).view(np.int64)
            exponent = ((bits >> EXPONENT_SHIFT) & EXPONENT_ONES) - EXPONENT_OFFSET
            place = 0 if entries[i] == 0.0 else min(max(exponent - lowest + 1, 1), last)
            if place == last and math.isnan(entries[i]):
                nans[row] += 1
            of_row[place] += 1


@compiled("void(f8[:,:,:,::1], f8[:,:,:,::1], i8, i8)")
def merge_columns(columns: Array, merged: Array, first: int, end: int) -> None:
    """Write every two neighbouring columns as one: mean of means, extremes of extremes.

    Args:
        columns: (columns, 3, quantities, layers), contiguous, of mean, minimum and maximum; or
            (columns, 1, quantities, layers) of readings, which are all three.
        merged: (columns, 3, quantities, layers), contiguous.
        first: the first column that is written.
        end: the first that is not.
    """
    maximum = columns.shape[1] - 1
    minimum = min(1, maximum)
    for pair in range(first, end):
        left, right, result = columns[2 * pair], columns[2 * pair + 1], merged[pair]
        for quantity in range(left.shape[1]):
            for layer in range(left.shape[2]):
                one, other = left[0, quantity, layer], right[0, quantity, layer]
                mean = 0.5 * (one + other)
                # The sum of two large finite means must not overflow; half of each, added, the
                # compiler makes half of the sum.
                if math.isinf(mean) and math.isfinite(one) and math.isfinite(other):
                    mean = one + 0.5 * (other - one)
                result[0, quantity, layer] = mean
                low, other = left[minimum, quantity, layer], right[minimum, quantity, layer]
                # What is not a number is passed on, whichever it is.
                result[1, quantity, layer] = low if low < other or low != low else other
                high, other = left[maximum, quantity, layer], right[maximum, quantity, layer]
                result[2, quantity, layer] = high if high > other or high != high else other


@compiled("void(f8[:,:,::1], f8[:,::1], f8)")
def add_reading(column: Array, reading: Array, share: float) -> None:
    """Add a reading to a column, (3, quantities, layers), of sum, minimum and maximum.

    Args:
        column: what is added to.
        reading: (quantities, layers).
        share: what it is multiplied with: a sum of large finite readings must not overflow.
    """
    for quantity in range(reading.shape[0]):
        for layer in range(reading.shape[1]):
            value = reading[quantity, layer]
            column[0, quantity, layer] += share * value
            low, high = column[1, quantity, layer], column[2, quantity, layer]
            if value < low or value != value:
                column[1, quantity, layer] = value
            if value > high or value != value:
                column[2, quantity, layer] = value
