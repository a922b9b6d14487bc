"""The data sets, and files of the person's own."""

import gzip
import math
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data_files import read_data_file
from engine.datasets import DATASETS, DataShape, load_data
from engine.fields import ConfigError


@pytest.mark.parametrize("name", DATASETS)
def test_every_set_is_standardised_split_and_decided_by_the_seed(name):
    data = load_data(name, seed=3)
    again = load_data(name, seed=3)
    other = load_data(name, seed=4)
    np.testing.assert_array_equal(data.train_x, again.train_x)
    np.testing.assert_array_equal(data.train_y, again.train_y)
    assert not np.array_equal(data.train_x, other.train_x)
    assert abs(float(np.mean(data.train_x))) < 1e-9
    assert float(np.mean(data.train_x**2)) == pytest.approx(1.0, abs=1e-9)
    assert len(data.validation_x) == pytest.approx(0.25 * len(data.train_x), rel=0.01)
    if data.classes:
        assert set(np.unique(data.train_y)) == set(range(data.classes))
        assert data.n_out == data.classes
    else:
        assert data.train_y.shape == (len(data.train_x), 1)


def test_the_digits_are_the_real_ones():
    data = load_data("digits", seed=0)
    assert (len(data.train_x), len(data.validation_x), data.n_in) == (1438, 359, 64)
    counts = np.bincount(np.concatenate([data.train_y, data.validation_y]))
    # As the UCI repository's description of the test set counts them.
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_curves_are_the_functions():
    for name, degree in (("square", 2), ("cube", 3)):
        data = load_data(name, seed=0)
        x, y = data.train_x[:, 0], data.train_y[:, 0]
        # Standardising shifts and scales: a polynomial keeps its degree.
        for tried, fits in ((degree, True), (degree - 1, False)):
            residual = y - np.polyval(np.polyfit(x, y, tried), x)
            assert (float(np.abs(residual).max()) < 1e-9) is fits


def write_npz(folder, **arrays):
    path = folder / "data.npz"
    np.savez(path, **arrays)
    return path


X = np.random.default_rng(0).normal(size=(20, 3))


def test_npz_with_classes_and_with_targets(tmp_path):
    data = load_data(str(write_npz(tmp_path, x=X, y=np.arange(20) % 3)), seed=0)
    assert (data.classes, data.n_in, data.n_out) == (3, 3, 3)
    data = load_data(str(write_npz(tmp_path, x=X, y=X[:, :2])), seed=0)
    assert (data.classes, data.n_out) == (0, 2)


@pytest.mark.parametrize("header", ["a,b,label\n", ""])
def test_csv_with_numbers_words_and_targets(tmp_path, header):
    path = tmp_path / "data.csv"
    for labels, classes in ((["0", "1"], 2), (["cat", "dog"], 2), (["0.5", "1"], 0)):
        rows = [f"{i},{i * i},{labels[i % 2]}" for i in range(12)]
        path.write_text(header + "\n".join(rows), encoding="utf-8")
        assert load_data(str(path), seed=0).classes == classes


def write_idx(path, array, opener=open):
    head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    with opener(path, "wb") as file:
        file.write(head + array.astype(np.uint8).tobytes())


@pytest.mark.parametrize(("suffix", "opener"), [("", open), (".gz", gzip.open)])
def test_an_idx_pair_as_mnist_is_published(tmp_path, suffix, opener):
    images = np.random.default_rng(0).integers(0, 256, (30, 4, 4))
    path = tmp_path / f"train-images-idx3-ubyte{suffix}"
    write_idx(path, images, opener)
    write_idx(tmp_path / f"train-labels-idx1-ubyte{suffix}", np.arange(30) % 10, opener)
    data = load_data(str(path), seed=0)
    assert (data.classes, data.n_in) == (10, 16)
    assert float(np.mean(data.train_x**2)) == pytest.approx(1.0)


WHOLE = [f"{i},{3 * i},{i % 2}" for i in range(10)]


@pytest.mark.parametrize(
    ("rows", "samples", "classes"),
    [
        (WHOLE, 10, 2),
        ([f"{row}.0" for row in WHOLE], 10, 2),
        ([*WHOLE, "1,2,1.0"], 11, 2),
        ([*WHOLE, "1,2,0.5"], 11, 0),
        ([f"{i}.0,{i % 3:.18e}" for i in range(12)], 12, 3),
        (["a,b,y", *WHOLE], 10, 2),
        ([",b,y", *WHOLE], 10, 2),
        (["0,1,2", *WHOLE], 10, 2),
        (["0,1,label", *WHOLE], 10, 2),
        (["0,1,1", *WHOLE], 11, 2),
        (["0,1,cat", *(f"{i},{i},dog" for i in range(10))], 11, 2),
    ],
    ids=str,
)
def test_what_a_csv_is_taken_for(tmp_path, rows, samples, classes):
    path = tmp_path / "data.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    data = load_data(str(path), seed=0)
    assert data.classes == classes
    # A row that is no sample names the columns.
    header = len(rows) > samples
    assert data.taken_for == DataShape(samples, data.n_in, classes, int(not classes), header)


def test_whole_numbers_are_classes_in_any_format_and_a_column_of_its_own_is_a_target(tmp_path):
    y = np.arange(20) % 3
    for labels, classes in ((y.astype(float), 3), (y + 0.5, 0), (y.astype(float)[:, None], 0)):
        assert load_data(str(write_npz(tmp_path, x=X, y=labels)), seed=0).classes == classes


BROKEN = {
    "typo_first.csv": (b"1.x,2,0\n" + b"1,2,0\n2,1,1\n" * 5, "column 1 of it is 1.x"),
    "missing_first.csv": (b",2,0\n" + b"1,2,0\n2,1,1\n" * 5, "column 1 of it is"),
    "name_or_word.csv": (b"a,b,1\n" + b"1,2,0\n2,1,1\n" * 5, "column 1 of it is a"),
    "huge_label.csv": (b"1,2,0\n2,1,1\n" * 5 + b"1,2,999999999999\n", "0\u2026999999999999"),
    "typo_label.csv": (b"1,2,0\n2,1,1\n" * 5 + b"1,2,1x\n", "sample 11 is 1x"),
    "asked_label.csv": (b"1,2,0\n2,1,1\n" * 5 + b"1,2,?\n", "sample 11 is ?"),
    "one_number.csv": (b"1,2,a\n2,1,b\n" * 5 + b"1,2,3\n", "sample 11 is 3"),
    "missing": (None, "does not exist"),
    "empty.npz": (b"", "not an .npz archive"),
    "empty.csv": (b"", "no samples"),
    "only_header.csv": (b"a,b\n", "no samples"),
    "ragged.csv": (b"1,2,0\n" * 5 + b"1,0\n", "3 columns in every row; sample 6 has 2"),
    "nan.csv": (b"1,nan,0\n2,1,1\n" * 5, "x is not in sample 1"),
    "one_class.csv": (b"1,2,0\n" * 9, "at least two classes"),
    "one_column.csv": (b"1\n" * 9, "at least one feature"),
    "negative.csv": (b"1,2,-1\n1,3,0\n" * 5, "labels from 0"),
    "no_label.csv": (b"1,2,a\n1,3,\n" * 5, "sample 2 has none"),
    "words.csv": (b"1,2,0\n1,x,1\n" * 5, "column 2 of row 2 holds x"),
    "words_below_names.csv": (b"a,b,c\n\n1,2,0\n,3,1\n", "column 1 of row 4 holds ''"),
    "latin.csv": ("1,2,\xe9\n".encode("latin-1") * 9, "not UTF-8"),
    "few.csv": (b"1,2,0\n1,2,1\n", "at least 5 samples"),
    "x-images.gz": (b"not gzip", "labels beside it"),
    "x.gz": (b"", "images file of an IDX pair"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_one_line(tmp_path, name):
    content, words = BROKEN[name]
    path = tmp_path / (name if "." in name else name + ".csv")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_data(str(path), seed=0)
    assert caught.value.field == "dataset"
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": X}, "y is not there"),
        ({"x": X, "y": np.arange(19)}, "as many rows"),
        ({"x": X, "y": np.full(20, 3)}, "at least two classes"),
        ({"x": X, "y": np.arange(20) * 10_000}, "labels from 0 to 9999"),
        ({"x": np.full((20, 2), np.inf), "y": np.arange(20) % 2}, "sample 1"),
        ({"x": X, "y": np.array(["a"] * 20)}, "must hold numbers"),
        ({"x": np.zeros((20, 0)), "y": np.arange(20) % 2}, "at least one feature"),
        ({"x": X, "y": np.zeros((20, 2), int)}, "one label for each sample"),
        ({"x": X, "y": np.zeros((20, 0))}, r"not \(20, 0\)"),
        ({"x": X, "y": np.zeros((20, 2, 2))}, r"not \(20, 2, 2\)"),
        ({"x": X * np.longdouble("1e400"), "y": np.arange(20) % 2}, "x is not in sample 1"),
    ],
)
def test_a_wrong_npz_is_refused_in_one_line(tmp_path, arrays, words):
    with pytest.raises(ConfigError, match=words):
        load_data(str(write_npz(tmp_path, **arrays)), seed=0)


@pytest.mark.parametrize("factor", [2.0**990, 2.0**-990, 1e300, -1e-300])
def test_no_size_of_the_numbers_changes_what_is_learnt(tmp_path, factor):
    x = np.random.default_rng(5).normal(size=(20, 3))
    y = np.random.default_rng(6).normal(size=20)
    usual = load_data(str(write_npz(tmp_path, x=x, y=y)), seed=0)
    scaled = load_data(str(write_npz(tmp_path, x=factor * x, y=factor * y)), seed=0)
    # A power of two rounds nothing.
    close = 0.0 if math.frexp(factor)[0] == 0.5 else 1e-12
    for name in ("train_x", "train_y", "validation_x", "validation_y"):
        wanted = math.copysign(1.0, factor) * getattr(usual, name)
        np.testing.assert_allclose(getattr(scaled, name), wanted, rtol=close, atol=close)


def test_numbers_that_no_scale_brings_together_are_refused(tmp_path):
    refused = 0
    for sample in range(20):
        x = np.full((20, 1), 1e-300) * np.arange(20)[:, None]
        x[sample] = 1e300
        path = write_npz(tmp_path, x=x, y=np.arange(20) % 2)
        try:
            data = load_data(str(path), seed=0)
        except ConfigError as error:
            assert "too far from the others" in str(error)
            refused += 1
        else:
            assert np.isfinite(data.train_x).all()
    # Where it is one of those that the scale is not taken from.
    assert refused == len(load_data(str(path), seed=0).validation_x) == 4


def test_a_pickle_is_never_run(tmp_path):
    path = write_npz(tmp_path, x=X, y=np.array([print] * 20, dtype=object))
    with pytest.raises(ConfigError, match="holds Python objects in y, which are never opened"):
        load_data(str(path), seed=0)


def test_an_idx_head_of_many_dimensions_is_refused_without_listing_them(tmp_path):
    path = tmp_path / "t-images-idx3-ubyte"
    path.write_bytes(b"\0\0\x08\xff" + b"\0\0\0\1" * 255)
    write_idx(tmp_path / "t-labels-idx1-ubyte", np.arange(6) % 2)
    with pytest.raises(ConfigError, match="claims 255 dimensions"):
        load_data(str(path), seed=0)


def test_truncated_idx_is_refused_at_every_length(tmp_path):
    path = tmp_path / "t-images-idx3-ubyte"
    write_idx(path, np.zeros((6, 2, 2)))
    write_idx(tmp_path / "t-labels-idx1-ubyte", np.arange(6) % 2)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ConfigError):
            load_data(str(path), seed=0)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=400), suffix=st.sampled_from([".npz", ".csv", "-images.gz"]))
def test_any_bytes_are_data_or_refused_in_one_line(tmp_path, content, suffix):
    path = tmp_path / f"any{suffix}"
    path.write_bytes(content)
    (tmp_path / "any-labels.gz").write_bytes(content)
    try:
        load_data(str(path), seed=0)
    except ConfigError as error:
        assert "\n" not in str(error)


def test_a_csv_file_takes_no_more_memory_than_some_times_its_size(tmp_path):
    path = tmp_path / "narrow.csv"
    path.write_text("".join(f"{row % 7}.5,{row % 2}\n" for row in range(50_000)))
    tracemalloc.start()
    try:
        x, y, *_ = read_data_file(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (x.shape, y.shape) == ((50_000, 1), (50_000,))
    np.testing.assert_array_equal(x[:3, 0], [0.5, 1.5, 2.5])
    # Read into rows of texts it was fifty times.
    assert peak < 12 * path.stat().st_size
