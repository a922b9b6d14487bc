"""The histograms of ∂L/∂W against sorting every entry by hand."""

import itertools

import numpy as np
import pytest
import torch

from engine.config import RunConfig
from engine.histograms import HISTOGRAM_INTERVAL_STEPS, MOST_ENTRIES, Histograms
from engine.parameters import Layout, Parameters
from engine.precision import PRECISIONS
from engine.probes import Unmeasured
from engine.trainer import Trainer
from tests.engine.oracle import watch_gradients

FORMATS = [torch.float64, torch.float32, torch.bfloat16, torch.float16]


def taken(gradients: Parameters, loss_scale: float = 1.0):
    histograms = Histograms(gradients)
    for block in range(len(gradients.blocks)):
        histograms.measure(block)
    return histograms.read(1, loss_scale)


def awkward_gradients(dtype: torch.dtype) -> Parameters:
    """Entries over the whole range of a format, and all that has no logarithm."""
    layout = Layout((20, 30, 30, 30, 4))
    generator = torch.Generator().manual_seed(1)
    about = torch.finfo(dtype)
    low, high = np.log2(about.tiny) - 12, np.log2(about.max)
    exponents = low + (high - low) * torch.rand(layout.flat_size(), generator=generator).double()
    signs = torch.rand(layout.flat_size(), generator=generator).sub(0.5).sign()
    flat = (signs * torch.exp2(exponents)).to(dtype)
    gradients = Parameters(layout, flat)
    special = [0.0, -0.0, float("inf"), -float("inf"), float("nan"), about.max, about.tiny, 1.0]
    gradients.weight[1][3, :8] = torch.tensor(special, dtype=dtype)
    gradients.weight[2].zero_()
    return gradients


@pytest.mark.parametrize("loss_scale", [1.0, 1024.0, 1000.0])
@pytest.mark.parametrize("dtype", FORMATS, ids=str)
def test_every_entry_is_in_its_bin(dtype, loss_scale):
    gradients = awkward_gradients(dtype)
    histogram = taken(gradients, loss_scale)
    powers = np.round((histogram.edges + np.log10(loss_scale)) / np.log10(2.0)).astype(int)
    assert (np.diff(powers) == 1).all()
    np.testing.assert_allclose(
        histogram.edges, powers * np.log10(2.0) - np.log10(loss_scale), atol=1e-9
    )
    for layer, weight in enumerate(gradients.weight):
        values = np.abs(weight.double().numpy().ravel())
        finite = values[np.isfinite(values) & (values > 0)]
        # Above the largest power of two that float64 holds there is no limit.
        limits = [2.0**p if p < 1024 else np.inf for p in powers.tolist()]
        wanted = [np.sum((finite >= a) & (finite < b)) for a, b in itertools.pairwise(limits)]
        if dtype == torch.float64:
            wanted[0] += np.sum(finite < 2.0 ** int(powers[0]))
        np.testing.assert_array_equal(histogram.counts[layer], wanted)
        assert histogram.zeros[layer] == np.sum(values == 0)
        assert histogram.infinite[layer] == np.sum(np.isinf(values))
        assert histogram.nans[layer] == np.sum(np.isnan(values))
        assert histogram.entries[layer] == len(values)


def test_of_a_large_layer_some_entries_are_looked_at_from_every_input():
    layout = Layout((256, 256, 4))
    gradients = Parameters(layout, torch.zeros(layout.flat_size()))
    gradients.weight[0][:] = torch.exp2(torch.arange(256.0) % 100)
    histogram = taken(gradients)
    assert MOST_ENTRIES // 2 < histogram.entries[0] <= MOST_ENTRIES
    assert np.count_nonzero(histogram.counts[0]) == 100


@pytest.mark.parametrize("precision", PRECISIONS)
def test_it_is_of_the_gradient_before_the_update(precision, one_thread):
    config = RunConfig(depth=4, width=10, activation="tanh", precision=precision, clip="value",
                       clip_threshold=1e-6, weight_decay=0.3, loss_scale=256.0,
                       device="cpu")  # fmt: skip
    trainer = Trainer(config)
    gradients = watch_gradients(trainer.network)
    histogram = trainer.step().histogram
    assert histogram is not None
    for layer, weight in enumerate(gradients.weight):
        size = np.abs(weight.double().numpy().ravel()) / 256.0
        sizes = np.log10(size[size > 0])
        lowest = histogram.edges[np.flatnonzero(histogram.counts[layer])[0]]
        assert lowest <= sizes.min() <= lowest + 0.302
        assert histogram.counts[layer].sum() == len(sizes)


def test_it_is_taken_every_sixteenth_step_and_when_asked_for():
    trainer = Trainer(RunConfig(depth=2, width=4, device="cpu"))
    steps = [trainer.step() for _ in range(3 * HISTOGRAM_INTERVAL_STEPS)]
    taken_in = [record.step for record in steps if record.histogram is not None]
    assert taken_in == [1, 17, 33]
    assert [r.histogram.step for r in steps if r.histogram is not None] == taken_in
    for _ in range(4):
        trainer.step()
    trainer.ask_histogram()
    assert trainer.step().histogram.step == 53
    # The rhythm stays.
    later = [trainer.step() for _ in range(HISTOGRAM_INTERVAL_STEPS)]
    assert [record.step for record in later if record.histogram is not None] == [65]
    assert Trainer(RunConfig(depth=2, device="cpu"), probes=Unmeasured).step().histogram is None
