"""The compiled loops: NumPy's answers, for any numbers; and every way they are called is known."""

import math

import hypothesis.extra.numpy as arrays
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine import kernels
from engine.compilation import ANY_FORMAT, FORMATS, LOOPS, TARGETS
from engine.config import RunConfig
from engine.history import History
from engine.trainer import Trainer

FORMAT = st.sampled_from([np.float32, np.float64])


@st.composite
def layers(draw, dimensions=2):
    """Draw (rows, entries) or (rows, units, entries), with everything that a format knows."""
    dtype = draw(FORMAT)
    shape = draw(arrays.array_shapes(min_dims=dimensions, max_dims=dimensions, max_side=40))
    entries = st.one_of(
        st.floats(width=dtype(0).itemsize * 8),
        st.sampled_from([0.0, -0.0, 1e-40, 1e-30, 1e30, math.inf, -math.inf, math.nan]),
    )
    return draw(arrays.arrays(dtype, shape, elements=entries.map(dtype), fill=st.just(dtype(1.5))))


def exact_norms(rows):
    """Return L2 norms by way of the largest entry, in float64."""
    wide = rows.astype(np.float64)
    largest = np.abs(wide).max(axis=1)
    usable = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    with np.errstate(all="ignore"):
        return np.sqrt(np.square(wide / usable[:, None]).sum(axis=1)) * usable


@given(layers())
def test_norms_sums_and_counts_are_those_of_numpy(rows):
    norms, sums, below, zeros, saturated = np.zeros((5, len(rows)))
    bad, bad_again, bad_of_gradients = np.zeros((3, len(rows)))
    tiny, edge = np.finfo(rows.dtype).tiny, rows.dtype.type(1.5)

    kernels.measure_norms(rows, norms, bad)
    np.testing.assert_allclose(norms, exact_norms(rows), rtol=1e-12)
    np.testing.assert_array_equal(bad, (~np.isfinite(rows)).sum(axis=1))

    kernels.measure_activations(rows, norms, sums, bad_again)
    np.testing.assert_allclose(norms, exact_norms(rows), rtol=1e-12)
    np.testing.assert_array_equal(bad_again, bad)
    wide = rows.astype(np.float64)
    with np.errstate(all="ignore"):
        expected, scale = wide.sum(axis=1), np.abs(wide).sum(axis=1)
    certain = np.isfinite(scale)
    assert (np.abs(sums[certain] - expected[certain]) <= 1e-12 * scale[certain]).all()
    assert not np.isfinite(sums[bad > 0]).any()

    kernels.measure_gradients(rows, tiny, norms, below, zeros, bad_of_gradients)
    np.testing.assert_allclose(norms, exact_norms(rows), rtol=1e-12)
    np.testing.assert_array_equal(below, (np.abs(rows) < tiny).sum(axis=1))
    np.testing.assert_array_equal(zeros, (rows == 0).sum(axis=1))
    np.testing.assert_array_equal(bad_of_gradients, bad)

    kernels.measure_saturated(rows, edge, saturated)
    np.testing.assert_array_equal(saturated, (np.abs(rows) >= edge).sum(axis=1))


@given(layers(dimensions=3))
def test_units_that_no_sample_activates_are_counted(activations):
    rows, _, units = activations.shape
    ever = np.zeros((rows, units), bool)
    inactive = np.zeros(rows)
    kernels.measure_inactive(activations, np.ones(units, bool), ever, inactive)
    active = (activations != 0).any(axis=1)
    np.testing.assert_array_equal(inactive, (~active).sum(axis=1))
    np.testing.assert_array_equal(ever, active)


@given(layers(dimensions=3), st.data())
def test_how_far_weights_have_moved_is_the_norm_of_the_difference(after, data):
    before = data.draw(arrays.arrays(after.dtype, after.shape, elements=st.floats(-2, 2, width=32)))
    rows = len(after)
    norms, farthest, copied = np.zeros((3, rows))
    earlier = before.copy()
    kernels.measure_moved(after, before, norms, farthest)
    with np.errstate(all="ignore"):
        moved = after.astype(np.float64) - earlier
    expected = exact_norms(moved.reshape(rows, -1))
    most = exact_norms(moved.reshape(-1, after.shape[2])).reshape(rows, -1).max(axis=1)
    np.testing.assert_allclose(norms, expected, rtol=1e-12)
    np.testing.assert_allclose(farthest, most, rtol=1e-12)

    flat, copy = after.reshape(rows, -1), np.empty_like(after).reshape(rows, -1)
    kernels.remember_weights(flat, copy, copied)
    np.testing.assert_array_equal(copy, flat)
    np.testing.assert_allclose(copied, exact_norms(flat), rtol=1e-12)


@given(layers(), st.data())
def test_right_answers_are_those_of_pytorch(logits, data):
    samples, classes = logits.shape
    answers = data.draw(arrays.arrays(np.int64, samples, elements=st.integers(0, classes - 1)))
    largest = torch.from_numpy(logits).argmax(dim=1)
    assert kernels.count_right(logits, answers) == (largest.numpy() == answers).sum()


@given(st.lists(st.floats(), min_size=1, max_size=20), st.lists(st.floats(0), min_size=1))
def test_the_norm_of_all_is_that_of_its_parts(weights, others):
    found = kernels.total_norm(np.array(weights), np.array(others))
    expected = exact_norms(np.array([weights + others]))[0]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("precision", ["float64", "float32", "bfloat16", "mixed_float16"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_executable_has_each_loop_for_the_arrays_that_a_run_passes(precision, activation):
    from numba.core.sigutils import normalize_signature

    trainer = Trainer(RunConfig(depth=3, width=8, precision=precision, activation=activation))
    history = History(3)
    trainer.look()
    for _ in range(2 * len(FORMATS)):
        history.append(trainer.step())
    for name, (_, signature) in LOOPS.items():
        known = {
            tuple(normalize_signature(signature.replace(ANY_FORMAT, one))[0])
            for one in FORMATS.values()
        }
        assert set(getattr(kernels, name).signatures) <= known, name


def test_the_last_target_of_every_machine_runs_everywhere():
    for targets in TARGETS.values():
        assert not targets[-1].capabilities
        assert all(target.capabilities for target in targets[:-1])
