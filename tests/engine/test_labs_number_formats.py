"""Number formats against NumPy's and torch's own, losses against closed forms and sampling."""

import math

import numpy as np
import pytest

from engine.labs.number_formats import (
    FORMATS,
    SAMPLES,
    log_density,
    predicted_losses,
    rounded,
    sampled_losses,
    spacing,
)

IN_NUMPY = {"float64": np.float64, "float32": np.float32, "float16": np.float16}


@pytest.mark.parametrize("name", IN_NUMPY)
def test_limits_are_those_of_numpy(name):
    ours, theirs = FORMATS[name], np.finfo(IN_NUMPY[name])
    assert ours.largest == float(theirs.max)
    assert ours.smallest_normal == float(theirs.smallest_normal)
    assert ours.smallest == float(theirs.smallest_subnormal)
    assert ours.epsilon == float(theirs.eps)


def test_limits_of_bfloat16_are_those_of_torch():
    torch = pytest.importorskip("torch")
    ours, theirs = FORMATS["bfloat16"], torch.finfo(torch.bfloat16)
    assert ours.largest == theirs.max
    assert ours.smallest_normal == theirs.smallest_normal
    assert ours.epsilon == theirs.eps


def everything_difficult(name):
    """Return numbers of all sizes, and ties, neighbours and ends of a format."""
    row = FORMATS[name]
    random = np.random.default_rng(3)
    low, high = math.log2(row.smallest) - 3, math.log2(row.largest) + 2
    sizes = np.exp2(random.uniform(low, min(high, 1023), 20_000))
    steps = row.smallest * np.arange(0, 64) / 4
    ends = row.largest * (1 + row.epsilon * np.linspace(-2, 2, 65))
    middle = 1 + row.epsilon * np.arange(-16, 17) / 4
    normal = row.smallest_normal + row.smallest * np.arange(-8, 9) / 4
    values = np.concatenate([sizes, steps, ends, middle, normal])
    return np.concatenate([values, -values])


@pytest.mark.parametrize("name", ["float32", "float16"])
def test_rounding_is_numpys(name):
    values = everything_difficult(name)
    with np.errstate(over="ignore"):
        theirs = values.astype(IN_NUMPY[name]).astype(np.float64)
    np.testing.assert_array_equal(rounded(values, FORMATS[name]), theirs)


def test_rounding_to_bfloat16_is_torchs():
    torch = pytest.importorskip("torch")
    # As float32 first, so that torch rounds once only.
    with np.errstate(over="ignore"):
        values = everything_difficult("bfloat16").astype(np.float32)
    theirs = torch.from_numpy(values).to(torch.bfloat16).to(torch.float64).numpy()
    finite = np.isfinite(values)
    np.testing.assert_array_equal(
        rounded(values[finite].astype(np.float64), FORMATS["bfloat16"]), theirs[finite]
    )


def test_rounding_to_bfloat16_keeps_the_upper_half_of_the_bits():
    values = np.abs(everything_difficult("bfloat16"))
    values = values[(values < 1e38) & (values > 1e-37)].astype(np.float32)
    bits = values.view(np.uint32).astype(np.uint64)
    # Half of what is cut off, less one where the kept part is even already.
    bits = (bits + 0x7FFF + ((bits >> np.uint64(16)) & np.uint64(1))) & np.uint64(0xFFFF0000)
    theirs = bits.astype(np.uint32).view(np.float32).astype(np.float64)
    np.testing.assert_array_equal(rounded(values.astype(np.float64), FORMATS["bfloat16"]), theirs)


@pytest.mark.parametrize("name", IN_NUMPY)
def test_spacing_is_numpys(name):
    low, high = (math.log10(getattr(FORMATS[name], e)) for e in ("smallest", "largest"))
    logs = np.linspace(low + 1, high - 0.01, 400)
    theirs = np.log10(np.spacing((10.0**logs).astype(IN_NUMPY[name])).astype(np.float64))
    ours = spacing(FORMATS[name], logs)
    # Where rounding moved a size over a power of two the two may differ by one step.
    assert np.mean(np.abs(ours - theirs) < 1e-6) > 0.98
    assert np.isnan(spacing(FORMATS[name], np.array([high + 1.0]))[0])


# Samples are float64 themselves, and lose nothing in it.
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "float64"])
@pytest.mark.parametrize("place", ["smallest", "smallest_normal", "largest"])
def test_predicted_losses_against_sampling(name, place):
    row = FORMATS[name]
    for times in (0.1, 0.5, 1.0, 3.0, 30.0):
        sigma = times * getattr(row, place)
        expected, counted = predicted_losses(row, sigma), sampled_losses(row, sigma, 11)
        for what in ("zero", "subnormal", "overflow"):
            p = getattr(expected, what)
            spread = math.sqrt(p * (1 - p) / SAMPLES)
            assert abs(getattr(counted, what) - p) <= 5 * spread + 1e-12, (times, what)


def test_the_loss_to_zero_of_float16_in_closed_form():
    # Half of 2^-24 is one standard deviation of gradients of 2^-25: P(|u| <= 1) = 0.6827.
    assert predicted_losses(FORMATS["float16"], 2.0**-25).zero == pytest.approx(0.682689, abs=1e-6)
    # A loss scale of 2^10 takes the same gradients to P(|u| <= 2^-10).
    scaled = predicted_losses(FORMATS["float16"], 2.0**-15).zero
    assert scaled == pytest.approx(2.0**-10 * math.sqrt(2.0 / math.pi), rel=1e-5)


@pytest.mark.parametrize("sigma", [1e-30, 1e-6, 1.0])
def test_the_density_of_the_logarithm(sigma):
    logs = np.linspace(math.log10(sigma) - 8, math.log10(sigma) + 2, 20_001)
    density = log_density(logs, sigma)
    area = float(np.sum(0.5 * (density[1:] + density[:-1]) * np.diff(logs)))
    assert area == pytest.approx(1.0, abs=1e-6)
    # d/dt of log density vanishes where u = 1: the curve is highest at σ.
    assert logs[np.argmax(density)] == pytest.approx(math.log10(sigma), abs=1e-3)
