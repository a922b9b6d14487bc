"""Data of the person's own: .npz, .csv, and the IDX pairs that MNIST is published as.

Nothing in a file is ever run (no pickles), and no file is read that would unpack beyond a stated
size. Whatever is wrong with a file is said in one line.

Labels that are all whole numbers, written as 3, 3.0 or 3e0, are classes; with one fraction among
them all are the targets of a regression; words are classes by name.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from array import array
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.archives import read_archive
from engine.fields import ConfigError, shorten
from engine.input_files import FileError, require_regular, system_words

# Room for MNIST (60 000 × 784 in float64 is 376 MB) and somewhat more.
MOST_UNPACKED_BYTES = 2**30
MOST_CLASSES = 10_000
FEWEST_SAMPLES = 5
# IDX: two zero bytes, the type, the number of dimensions; big-endian (LeCun's description).
MOST_DIMENSIONS = 4
IDX_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}

Floats = NDArray[np.float64]
Targets = NDArray[np.int64] | NDArray[np.float64]


class _UnreadableError(FileError):
    """Why a file is no data."""


class Samples(NamedTuple):
    """The samples of a file.

    Attributes:
        x: (samples, features).
        y: class numbers (samples,), or targets (samples, outputs).
        pixels: the features are pixels of one image.
        header: the first row of the file names the columns.
    """

    x: Floats
    y: Targets
    pixels: bool = False
    header: bool = False


def read_data_file(path: Path) -> Samples:
    """Read the samples of a file.

    Args:
        path: a .npz with arrays `x` (samples, …) and `y` (samples,) or (samples, outputs); a .csv
            whose last column is the label or target, with or without a header; or the images
            file of an IDX pair, gzip too, whose labels lie beside it.

    Raises:
        ConfigError: it cannot be read as data; the message says why.
    """
    try:
        if not path.exists():
            raise _UnreadableError("does not exist")
        require_regular(path)
        suffix = path.suffix.lower()
        if suffix == ".npz":
            x, y, pixels = _read_npz(path)
            return Samples(*_checked(x, y), pixels=pixels)
        if suffix == ".csv":
            x, y, header = _read_csv(path)
            return Samples(*_checked(x, y), header=header)
        return Samples(*_checked(*_read_idx_pair(path)), pixels=True)
    except FileError as error:
        found = error
    except MemoryError:
        found = _UnreadableError("needs more memory than there is")
    except OSError as error:
        found = _UnreadableError("cannot be read ({0})", system_words(error))
    except (ValueError, EOFError, zlib.error, csv.Error):
        found = _UnreadableError("is damaged")
    raise ConfigError("dataset", str(path), found.words)


# What is wanted of all of them ------------------------------------------------------------------


def _checked(x: NDArray[np.generic], y: NDArray[np.generic]) -> tuple[Floats, Targets]:
    if x.ndim == 0 or y.ndim == 0 or len(x) != len(y):
        raise _UnreadableError(
            "must have as many rows in x as in y, not {0} and {1}", x.shape, y.shape
        )
    if not _is_numeric(x) or not _is_numeric(y):
        raise _UnreadableError("must hold numbers, not {0} and {1}", x.dtype, y.dtype)
    if len(x) < FEWEST_SAMPLES:
        raise _UnreadableError("must hold at least {0} samples, not {1}", FEWEST_SAMPLES, len(x))
    # What float64 has no room for becomes Inf, and is refused as that.
    with np.errstate(over="ignore"):
        features = x.reshape(len(x), -1).astype(np.float64)
    if features.shape[1] == 0:
        raise _UnreadableError("must have at least one feature")
    if not np.isfinite(features).all():
        sample = int(np.flatnonzero(~np.isfinite(features).all(axis=1))[0])
        raise _UnreadableError("must hold finite numbers; x is not in sample {0}", sample + 1)
    return features, _checked_targets(y)


def _is_numeric(array: NDArray[np.generic]) -> bool:
    return array.dtype.kind in "biuf"


def _checked_targets(y: NDArray[np.generic]) -> Targets:
    if y.ndim == 2 and y.shape[1] == 1 and y.dtype.kind in "biu":
        y = y[:, 0]
    if y.ndim > 2 or not y.size:
        raise _UnreadableError(
            "must have y of shape (samples,) or (samples, outputs), not {0}", y.shape
        )
    with np.errstate(over="ignore"):
        values = y.astype(np.float64)
    if not np.isfinite(values).all():
        sample = int(np.flatnonzero(~np.isfinite(values.reshape(len(y), -1)).all(axis=1))[0])
        raise _UnreadableError("must hold finite numbers; y is not in sample {0}", sample + 1)
    # A column of its own, (samples, 1), is a target whatever it holds.
    if y.dtype.kind == "f" and (y.ndim > 1 or not _are_whole(values)):
        return values.reshape(len(y), -1)
    if y.ndim != 1:
        raise _UnreadableError("must have one label for each sample, not y of shape {0}", y.shape)
    lowest, highest = int(values.min()), int(values.max())
    if lowest < 0 or highest >= MOST_CLASSES:
        raise _UnreadableError(
            "must have labels from 0 to {0}, not {1}…{2} (whole numbers alone are classes)",
            MOST_CLASSES - 1,
            lowest,
            highest,
        )
    if lowest == highest:
        raise _UnreadableError("must have at least two classes; every label is {0}", lowest)
    return values.astype(np.int64)


def _are_whole(values: Floats) -> bool:
    """Say whether all are whole numbers; of larger ones than 2⁵³ float64 knows no fractions."""
    return bool((np.abs(values) < 2.0**53).all() and (values == np.round(values)).all())


# .npz -------------------------------------------------------------------------------------------


def _read_npz(path: Path) -> tuple[NDArray[np.generic], NDArray[np.generic], bool]:
    arrays = read_archive(path, MOST_UNPACKED_BYTES, ("x", "y"))
    missing = [name for name in ("x", "y") if name not in arrays]
    if missing:
        if len(missing) == 2:
            raise _UnreadableError("must hold the arrays x and y; x and y are not there")
        raise _UnreadableError("must hold the arrays x and y; {0} is not there", missing[0])
    x, y = arrays["x"], arrays["y"]
    # Samples that are pictures: (samples, height, width[, channels]) of bytes.
    return x, y, x.ndim > 2 or x.dtype == np.uint8


# .csv -------------------------------------------------------------------------------------------


def _read_csv(path: Path) -> tuple[NDArray[np.generic], NDArray[np.generic], bool]:
    if path.stat().st_size > MOST_UNPACKED_BYTES // 4:
        raise _UnreadableError("is larger than 256 MiB")
    # A number takes eight bytes, and not the sixty of its text in memory.
    values, labels, names, columns = array("d"), [], dict[str, str](), 0
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows, header = _without_header(csv.reader(file))
            for number, (place, row) in enumerate(rows, start=1):
                columns = columns or len(row)
                _check_row(row, columns, number, place)
                values.extend(map(float, row[:-1]))
                label = row[-1].strip()
                # Of a label that comes again there is one text.
                labels.append(names.setdefault(label, label))
    except UnicodeDecodeError:
        raise _UnreadableError("is not UTF-8 text") from None
    if not labels:
        raise _UnreadableError("holds no samples")
    x = np.array(values).reshape(len(labels), columns - 1)
    return x, _csv_targets(labels), header


def _without_header(rows: Iterator[list[str]]) -> tuple[Iterator[tuple[int, list[str]]], bool]:
    """Return the rows that are not empty without a header, and whether there was one.

    Each with its number among all rows of the file.
    """
    filled = ((place, row) for place, row in enumerate(rows, start=1) if row)
    some = list(islice(filled, 2))
    header = bool(some) and _is_header(*(row for _, row in some))
    return chain(some[header:], filled), header


def _is_header(first: list[str], second: Sequence[str] = ()) -> bool:
    """Say whether the first row names the columns.

    It does where no cell is a number, and where the cells count 0, 1, 2 … as columns without names
    are written; the last may be a word above numbers.

    Raises:
        _UnreadableError: some cells of the first row are numbers, and some features are not.
    """
    *features, label = first
    numbers = [_row_of_numbers([cell]) for cell in features]
    is_number = _row_of_numbers([label])
    if not all(numbers):
        if any(numbers) or is_number:
            place = numbers.index(False)
            raise _UnreadableError(
                "must have names or numbers in its first row, not both; column {0} of it is {1}",
                place + 1,
                shorten(features[place]),
            )
        return True
    counts = [cell.strip() for cell in features] == [str(place) for place in range(len(features))]
    if len(features) < 2 or not counts or not second:
        return False
    return label.strip() == str(len(features)) if is_number else _row_of_numbers([second[-1]])


def _check_row(row: list[str], columns: int, number: int, place: int) -> None:
    if columns < 2:
        raise _UnreadableError("must have at least one feature and the label, separated by commas")
    if len(row) != columns:
        raise _UnreadableError(
            "must have {0} columns in every row; sample {1} has {2}", columns, number, len(row)
        )
    if not _row_of_numbers(row[:-1]):
        column = [_row_of_numbers([cell]) for cell in row].index(False)
        raise _UnreadableError(
            "must hold numbers; column {0} of row {1} holds {2}",
            column + 1,
            place,
            shorten(row[column]),
        )


def _row_of_numbers(cells: list[str]) -> bool:
    try:
        for cell in cells:
            float(cell)
    except ValueError:
        return False
    return True


def _csv_targets(cells: list[str]) -> NDArray[np.generic]:
    """Words are classes by name; numbers are for `_checked_targets` to tell apart."""
    if not all(cells):
        sample = cells.index("") + 1
        raise _UnreadableError("must have a label in every row; sample {0} has none", sample)
    numbers = [_row_of_numbers([cell]) for cell in cells]
    if all(numbers):
        return np.array(cells, np.float64)
    if any(numbers):
        odd = numbers.index(2 * sum(numbers) < len(numbers))
        raise _UnreadableError(
            "must have words for labels, or numbers, not both; the label of sample {0} is {1}",
            odd + 1,
            shorten(cells[odd]),
        )
    return np.unique(cells, return_inverse=True)[1].astype(np.int64)


# IDX --------------------------------------------------------------------------------------------


def _read_idx_pair(path: Path) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    name = path.name
    if "images" not in name:
        raise _UnreadableError("must be the images file of an IDX pair (…images…ubyte, or .gz)")
    labels_name = name.replace("images", "labels").replace("idx3", "idx1")
    candidates = [path.with_name(labels_name)]
    candidates += [
        path.with_name(labels_name + ".gz"),
        path.with_name(labels_name.removesuffix(".gz")),
    ]
    labels = next((candidate for candidate in candidates if candidate.exists()), None)
    if labels is None:
        raise _UnreadableError("must have its labels beside it, in {0}", labels_name)
    require_regular(labels)
    return _read_idx(path), _read_idx(labels)


def _read_idx(path: Path) -> NDArray[np.generic]:
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rb") as file:
        head = file.read(4)
        if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in IDX_TYPES or not head[3]:
            raise _UnreadableError("is not IDX data: {0}", path.name)
        if head[3] > MOST_DIMENSIONS:
            raise _UnreadableError("is not IDX data: {0} claims {1} dimensions", path.name, head[3])
        dtype = np.dtype(IDX_TYPES[head[2]])
        shape = tuple(np.frombuffer(_exactly(file, 4 * head[3]), ">u4").tolist())
        size = dtype.itemsize
        for length in shape:
            size *= length
        # In float64 the pixels take eight times as much.
        if size > MOST_UNPACKED_BYTES // 8:
            raise _UnreadableError(
                "would unpack to more than 1024 MiB: {0} is {1}", path.name, shape
            )
        values = np.frombuffer(_exactly(file, size), dtype).reshape(shape)
        if file.read(1):
            raise _UnreadableError("is longer than it says: {0}", path.name)
    return values.astype(dtype.newbyteorder("="))


def _exactly(file: BinaryIO | gzip.GzipFile, size: int) -> bytes:
    data = b"".join(_chunks(file, size))
    if len(data) != size:
        raise _UnreadableError("ends too early")
    return data


def _chunks(file: BinaryIO | gzip.GzipFile, size: int) -> Iterator[bytes]:
    """Read in pieces: a header may promise more than there is."""
    left = size
    while left:
        piece = file.read(min(left, 2**20))
        if not piece:
            return
        left -= len(piece)
        yield piece
