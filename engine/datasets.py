"""The data sets: one row each, and the files of the person's own.

Every set is drawn from the seed alone, by NumPy, so that it is the same on every platform and
whatever else the experiment says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.fields import ConfigError, Words
from engine.input_files import system_words
from engine.resources import RESOURCES

Floats = NDArray[np.float64]
Targets = NDArray[np.int64] | NDArray[np.float64]


class Stream(IntEnum):
    """Independent streams of random numbers, so that one draw never shifts another."""

    DATA = 1
    SPLIT = 2
    BATCHES = 3
    WEIGHTS = 4
    DROPOUT = 5


def random_stream(seed: int, stream: Stream) -> np.random.Generator:
    """Return the generator of one purpose of a run."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, stream])))


def epochs(samples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield the order in which the samples of each epoch are shown, (samples,)."""
    random = random_stream(seed, Stream.BATCHES)
    while True:
        yield random.permutation(samples)


# What is told of data, each with its number: for the console, and for the window to translate.
DATA_WORDS = {
    "samples": "samples: {0}",
    "features": "features: {0}",
    "classes": "classes: {0}",
    "targets": "regression, targets: {0}",
    "header": "the first row names the columns",
}


@dataclass(frozen=True)
class DataShape:
    """What data were taken for.

    Attributes:
        samples: of training and validation together.
        features: of each.
        classes: number of classes; 0: a regression.
        targets: of each sample; 0: classes.
        header: the first row of the file names the columns.
    """

    samples: int
    features: int
    classes: int
    targets: int
    header: bool

    @property
    def facts(self) -> list[tuple[str, int]]:
        """What is to be told: texts of `DATA_WORDS`, and the number that stands in each."""
        return [
            (words, number) for name, words in DATA_WORDS.items() if (number := getattr(self, name))
        ]


@dataclass(frozen=True)
class Data:
    """Samples for training and for validation, standardised.

    Attributes:
        train_x, validation_x: (samples, features).
        train_y, validation_y: class numbers 0 … classes - 1 (samples,), or targets
            (samples, outputs).
        classes: number of classes; 0 for regression.
        header: the first row of a file names its columns.
    """

    train_x: Floats
    train_y: Targets
    validation_x: Floats
    validation_y: Targets
    classes: int
    header: bool = False

    @property
    def taken_for(self) -> DataShape:
        """What it was taken for."""
        samples = len(self.train_x) + len(self.validation_x)
        targets = 0 if self.classes else self.n_out
        return DataShape(samples, self.n_in, self.classes, targets, self.header)

    @property
    def n_in(self) -> int:
        """Number of features."""
        return int(self.train_x.shape[1])

    @property
    def n_out(self) -> int:
        """Number of units of the output layer."""
        return self.classes or int(self.train_y.shape[1])


@dataclass(frozen=True)
class Dataset:
    """A built-in data set.

    Attributes:
        summary: what it is, for people.
        draw: makes (x, y) of all samples from a generator; integer y are class numbers.
        pixels: the features are pixels of one image, standardised together.
    """

    summary: str
    draw: Callable[[np.random.Generator], tuple[Floats, Targets]]
    pixels: bool = False


VALIDATION_SHARE = 0.2
SAMPLES = 2000
CLASSES = 10


MOST_DIGITS_BYTES = 2**24


def _digits(random: np.random.Generator) -> tuple[Floats, Targets]:
    from engine.archives import ArchiveError, read_archive

    try:
        arrays = read_archive(RESOURCES / "data" / "digits.npz", MOST_DIGITS_BYTES)
        return arrays["x"].astype(np.float64), arrays["y"].astype(np.int64)
    except OSError as error:
        reason = system_words(error)
    except (ArchiveError, KeyError):
        reason = Words("damaged")
    words = Words("the program's own file digits.npz cannot be read ({0})", (reason,))
    raise ConfigError("dataset", "digits", words)


def _blobs(random: np.random.Generator) -> tuple[Floats, Targets]:
    # 64 dimensions, means of norm 4, unit noise.
    means = random.standard_normal((CLASSES, 64))
    means *= 4.0 / np.linalg.norm(means, axis=1, keepdims=True)
    y = random.integers(0, CLASSES, SAMPLES)
    return means[y] + random.standard_normal((SAMPLES, 64)), y


def _spirals(random: np.random.Generator) -> tuple[Floats, Targets]:
    y = np.arange(SAMPLES) % 2
    radius = np.sqrt(random.uniform(0.01, 1.0, SAMPLES))
    angle = 3.0 * np.pi * radius + np.pi * y
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return x + random.normal(0.0, 0.02, x.shape), y


def _moons(random: np.random.Generator) -> tuple[Floats, Targets]:
    y = np.arange(SAMPLES) % 2
    angle = random.uniform(0.0, np.pi, SAMPLES)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    x = np.where(y[:, None] == 0, upper, lower)
    return x + random.normal(0.0, 0.1, x.shape), y


def _circles(random: np.random.Generator) -> tuple[Floats, Targets]:
    y = np.arange(SAMPLES) % 2
    angle = random.uniform(0.0, 2.0 * np.pi, SAMPLES)
    radius = np.where(y == 0, 1.0, 0.5)
    x = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return x + random.normal(0.0, 0.08, x.shape), y


def _xor(random: np.random.Generator) -> tuple[Floats, Targets]:
    x = random.uniform(-1.0, 1.0, (SAMPLES, 2))
    return x, (x[:, 0] * x[:, 1] > 0.0).astype(np.int64)


def _curve(
    function: Callable[[Floats], Floats],
) -> Callable[[np.random.Generator], tuple[Floats, Targets]]:
    def draw(random: np.random.Generator) -> tuple[Floats, Targets]:
        x = random.uniform(-2.0, 2.0, (SAMPLES, 1))
        return x, function(x)

    return draw


def _gaussian(random: np.random.Generator) -> tuple[Floats, Targets]:
    return random.standard_normal((SAMPLES, 64)), random.integers(0, CLASSES, SAMPLES)


DATASETS: dict[str, Dataset] = {
    "digits": Dataset("handwritten digits, 8 × 8 pixels, 1797 images", _digits, pixels=True),
    "blobs": Dataset("ten clouds of points in 64 dimensions", _blobs),
    "spirals": Dataset("two interleaved spirals in the plane", _spirals),
    "moons": Dataset("two interleaved half circles in the plane", _moons),
    "circles": Dataset("a circle within a circle", _circles),
    "xor": Dataset("two classes in opposite quadrants", _xor),
    "square": Dataset("the curve x², a regression", _curve(np.square)),
    "cube": Dataset("the curve x³, a regression", _curve(lambda x: x**3)),
    "sine": Dataset("the curve sin 3x, a regression", _curve(lambda x: np.sin(3.0 * x))),
    "gaussian": Dataset("N(0, 1) inputs with random labels", _gaussian),
}


def is_data_path(text: str) -> bool:
    """Say whether a text names a file rather than a built-in set."""
    return text.lower().endswith((".npz", ".csv", "ubyte", ".gz"))


def load_data(name: str, seed: int) -> Data:
    """Return a data set, split and standardised.

    Classes are shuffled and split at random; the split depends on the seed alone.

    Args:
        name: a key of `DATASETS`, or a path.
        seed: decides the draw and the split.

    Raises:
        ConfigError: the file cannot be read as data.
    """
    if name in DATASETS:
        dataset = DATASETS[name]
        x, y = dataset.draw(random_stream(seed, Stream.DATA))
        pixels, header = dataset.pixels, False
    else:
        from engine.data_files import read_data_file

        x, y, pixels, header = read_data_file(Path(name))
    data = _split_and_standardise(x, y, pixels, random_stream(seed, Stream.SPLIT))
    if not all(np.isfinite(part).all() for part in (data.validation_x, data.validation_y)):
        words = Words(
            "the file holds numbers that cannot be standardised: one is too far from the others"
        )
        raise ConfigError("dataset", name, words)
    return replace(data, header=header)


def _split_and_standardise(
    x: Floats, y: Targets, pixels: bool, random: np.random.Generator
) -> Data:
    order = random.permutation(len(x))
    held_out = max(1, round(len(x) * VALIDATION_SHARE))
    validation, train = order[:held_out], order[held_out:]
    x = _standardise(x, x[train], axis=None if pixels else 0)
    if np.issubdtype(y.dtype, np.integer):
        classes = int(y.max()) + 1
    else:
        classes = 0
        targets = y.astype(np.float64)
        y = _standardise(targets, targets[train], axis=0)
    return Data(x[train], y[train], x[validation], y[validation], classes)


def _standardise(values: Floats, reference: Floats, axis: int | None) -> Floats:
    """Shift and scale to the mean 0 and variance 1 of the reference; a constant becomes 0.

    Before it is squared, everything is divided by a power of two that leaves the reference near 1:
    this rounds nothing, and no square leaves float64.
    """
    exponent = np.frexp(np.abs(reference).max(axis=axis, keepdims=True))[1]
    with np.errstate(over="ignore", under="ignore"):
        values, reference = np.ldexp(values, -exponent), np.ldexp(reference, -exponent)
        mean = reference.mean(axis=axis, keepdims=True)
        std = reference.std(axis=axis, keepdims=True)
        return np.asarray((values - mean) / np.where(std > 0.0, std, 1.0))
