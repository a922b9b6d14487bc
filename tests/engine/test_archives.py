"""An archive is believed nothing that it says of itself, and what is wrong with it is told."""

import io
import json
import math
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.archives import ArchiveError, read_archive
from engine.config import RunConfig
from engine.data_files import read_data_file
from engine.diagnosis.findings import CRITERIA
from engine.fields import ConfigError
from engine.lockstep import Lockstep
from engine.recording import open_recording, write_replay
from engine.torch_script import export_script

MOST = 2**20


def entry(shape: tuple[int, ...], dtype: str, data: bytes) -> bytes:
    """Return an array whose head and whose bytes need not agree."""
    stream = io.BytesIO()
    head = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, head)
    return stream.getvalue() + data


def archive_of(path: Path, **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(f"{name}.npy", data)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 6) | st.integers(-2, 10**30), max_size=3),
    st.sampled_from(["<f8", ">i2", "|u1", "|b1", "<U3"]),
    st.integers(0, 300),
)
@example([2, 3], "<f8", 48)
@example([2, -3], "<f8", 48)
@example([0, 10**6, 10**14], "<f8", 0)
@example([], ">i2", 2)
def test_an_array_is_read_where_its_bytes_are_those_that_it_says(tmp_path, shape, dtype, size):
    path = archive_of(tmp_path / "a.npz", x=entry(tuple(shape), dtype, bytes(size)))
    claimed = math.prod(shape) * np.dtype(dtype).itemsize
    try:
        array = read_archive(path, MOST)["x"]
    except ArchiveError as error:
        # Of an array without entries NumPy wants that it could have had some.
        beyond = math.prod(filter(None, shape)) * np.dtype(dtype).itemsize >= 2**63
        assert claimed != size or min(shape, default=0) < 0 or beyond
        assert str(error).isprintable()
    else:
        assert (array.shape, array.nbytes) == (tuple(shape), size)


def test_a_claim_is_told_as_what_it_is_wherever_the_file_is_read(tmp_path):
    path = archive_of(
        tmp_path / "a.npz", x=entry((10**9,), "<f8", b"1234"), y=entry((1,), "|u1", b"1")
    )
    with pytest.raises(ArchiveError, match=r"says that x has 7.45 GiB, and holds 4 bytes"):
        read_archive(path, MOST)
    config = RunConfig(dataset=str(path))
    for read in (
        lambda: read_data_file(path),
        lambda: open_recording(path),
        lambda: export_script(config, tmp_path / "script.py"),
    ):
        with pytest.raises(ConfigError, match=r"says that x has 7.45 GiB, and holds 4 bytes"):
            read()
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


def test_what_has_the_right_size_and_does_not_fit_is_told(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise MemoryError

    path = archive_of(tmp_path / "a.npz", x=entry((1,), "|u1", b"1"), y=entry((1,), "|u1", b"1"))
    monkeypatch.setattr(np.lib.format, "read_array", refuse)
    with pytest.raises(ConfigError, match="needs more memory than there is"):
        read_data_file(path)


def test_python_objects_are_never_opened_and_said_to_be_there(tmp_path):
    np.savez(tmp_path / "a.npz", allow_pickle=True, x=np.array([print]))
    with pytest.raises(ArchiveError, match="holds Python objects in x, which are never opened"):
        read_archive(tmp_path / "a.npz", MOST)


def test_what_is_not_wanted_is_not_read(tmp_path):
    path = archive_of(tmp_path / "a.npz", x=entry((1,), "|u1", b"1"), z=b"no array")
    assert list(read_archive(path, MOST, ("x", "y"))) == ["x"]
    with pytest.raises(ArchiveError, match="is damaged"):
        read_archive(path, MOST)


def test_a_name_that_stands_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        for name in ("x.npy", "x"):
            archive.writestr(name, entry((1,), "|u1", b"1"))
    with pytest.raises(ArchiveError, match="holds x twice"):
        read_archive(tmp_path / "a.npz", MOST)


@pytest.fixture
def recording(tmp_path):
    """Return a function that writes a recording whose description was changed."""
    path = tmp_path / "run.npz"
    lockstep = Lockstep((RunConfig(depth=2, width=4, dataset="blobs", batch_size=8, threads=1),))
    lockstep.advance()
    write_replay(path, lockstep.snapshots(), "cpu")
    arrays = read_archive(path, 2**24)

    def with_text(change) -> Path:
        text = change(arrays["about"].tobytes().decode())
        with path.open("wb") as file:
            np.savez(file, **arrays | {"about": np.frombuffer(text.encode(), np.uint8)})
        return path

    return with_text


def with_config(change):
    """Return what changes the experiment in the description of a recording."""

    def changed(text: str) -> str:
        about = json.loads(text)
        about["config"] = change(about["config"])
        return json.dumps(about)

    return changed


@pytest.mark.parametrize("field", ["learning_rate", "activation", "seed"])
def test_a_recording_that_leaves_a_field_out_is_refused(recording, field):
    path = recording(
        with_config(lambda config: {name: config[name] for name in config if name != field})
    )
    with pytest.raises(ConfigError, match=f"does not say what {field} was"):
        open_recording(path)


def test_a_recording_with_a_field_of_another_version_is_refused(recording):
    with pytest.raises(ConfigError, match="knows fields that this version does not: colour"):
        open_recording(recording(with_config(lambda config: config | {"colour": 1})))


def test_a_recording_that_gives_a_key_twice_is_refused(recording):
    path = recording(lambda text: text.replace('"depth": 2', '"depth": 3, "depth": 2', 1))
    with pytest.raises(ConfigError, match="the file says of itself: this gives depth twice"):
        open_recording(path)


# A layer out of the network's two, a share and a count that nothing can have been found with.
WRONG_FINDINGS = (
    ("decades_lost", [math.nan, 0.5]),
    ("high_loss", [math.nan, 1.0]),
    ("high_loss", [1.0, "2"]),
    ("guessing", [2.3, math.inf]),
    ("guessing", [2.3, -1.0]),
    ("low_gradient", [1e-9, 3.0]),
    ("low_gradient", [1e-9, -1.0]),
    ("low_gradient", [1e-9, math.inf]),
    ("low_gradient", [1e-9, math.nan]),
)


@pytest.mark.parametrize(("criterion", "numbers"), WRONG_FINDINGS)
def test_a_finding_that_nothing_can_have_been_found_with_is_refused(recording, criterion, numbers):
    places = len(CRITERIA[criterion].styles)
    numbers = [*numbers, *[1.0] * places][:places]

    def changed(text: str) -> str:
        about = json.loads(text)
        about["diagnosis"]["findings"] = [[criterion, numbers, 1]]
        return json.dumps(about)

    with pytest.raises(ConfigError, match="not damaged"):
        open_recording(recording(changed))


def test_a_loss_that_was_infinite_is_shown_as_such(recording):
    def changed(text: str) -> str:
        about = json.loads(text)
        about["diagnosis"]["findings"] = [["high_loss", [math.inf, 2.0], 1]]
        return json.dumps(about)

    (finding,) = open_recording(recording(changed)).runs[0].diagnosis.findings
    assert finding.sentence.english() == "The loss has risen to inf; it began at 2."
