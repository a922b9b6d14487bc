"""Whatever comes in, a working thing or one clear line comes out."""

import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.command_line import parse_command_line, read_experiment, read_thresholds
from engine.config import SETTINGS, RunConfig, parse_experiment
from engine.data_files import read_data_file
from engine.datasets import load_data
from engine.fields import ConfigError
from engine.history import History
from engine.lessons import FOLDER as LESSONS
from engine.lessons import read_lesson
from engine.lockstep import Lockstep
from engine.moments import marks
from engine.presets import FOLDER as PRESETS
from engine.presets import GALLERY, _read_gallery, read_preset
from engine.recording import open_recording, save_recording
from engine.resources import RESOURCES

# Files are written into the same folder again and again, each over the one before.
quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

NUMBERS = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([-1, 0, 1, 10**30, 1e308, float("nan"), float("inf"), True]),
)
JSON = st.recursive(
    st.one_of(st.none(), st.text(), NUMBERS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
WRITTEN = st.one_of(
    st.text(),
    NUMBERS.map(str),
    st.sampled_from(["", "-", "--", "--depth", "vp:", "{", "1e999", "nan", "-inf", "٣", "1_0",
                     "yes"]),
)  # fmt: skip
OPTIONS = (
    *SETTINGS, "preset", "experiment", "open", "steps", "out", "screenshot", "export-script",
    "headless", "list", "selftest", "announce", "no-such-option", "size", "theme", "language",
)  # fmt: skip


def refused_or_works(do: Callable[[], object]) -> bool:
    """Return whether it works; anything but a refusal in one line is an error."""
    try:
        do()
    except ConfigError as error:
        assert str(error).isprintable(), repr(str(error))
        return False
    return True


# Text ------------------------------------------------------------------------------------------


@quick
@given(st.lists(st.tuples(st.sampled_from(OPTIONS), WRITTEN, st.integers(0, 3)), max_size=5))
def test_any_command_line(pairs):
    arguments: list[str] = []
    for name, value, how in pairs:
        arguments += [[f"--{name}={value}"], [f"--{name}", value], [f"--{name}"], [value]][how]
    refused_or_works(lambda: parse_command_line(arguments))


@quick
@given(st.dictionaries(st.sampled_from([*SETTINGS, "colour"]), JSON, max_size=4))
def test_any_json_experiment(values):
    text = json.dumps(values)
    for experiment in (text, json.dumps({"config": values})):
        if refused_or_works(lambda experiment=experiment: parse_experiment(experiment)):
            config, _ = parse_experiment(experiment)
            again, _ = parse_experiment(config.share_string())
            assert again == config, "no silent default"


@quick
@given(st.dictionaries(st.sampled_from(list(SETTINGS)), WRITTEN, max_size=4))
def test_any_share_string(values):
    text = "vp:" + "&".join(f"{name}={value}" for name, value in values.items())
    refused_or_works(lambda: parse_experiment(text))


@quick
@given(
    st.binary(max_size=200) | st.text().map(str.encode) | JSON.map(lambda v: json.dumps(v).encode())
)
def test_any_file_that_is_to_be_text(tmp_path, content):
    path = tmp_path / "file.json"
    path.write_bytes(content)
    refused_or_works(lambda: read_preset(path))
    refused_or_works(lambda: read_lesson(path))
    refused_or_works(lambda: parse_command_line(["--experiment", str(path)]))
    for name in ("data.csv", "data.npz", "t10k-images-idx3-ubyte", "train-images.gz"):
        path = tmp_path / name
        path.write_bytes(content)
        refused_or_works(lambda path=path: read_data_file(path))


@pytest.mark.parametrize("text", ["[" * 10**5, '{"a":' * 10**5, "a = " + "[" * 10**5, "1" * 10**5])
def test_text_without_end_is_refused(tmp_path, text):
    path = tmp_path / "file.json"
    path.write_text(text)
    for read in (read_preset, read_lesson, read_data_file):
        assert not refused_or_works(lambda read=read: read(path))
    assert not refused_or_works(lambda: parse_experiment(text))


def places(value: object, above: tuple = ()) -> list[tuple]:
    """Return the way to everything within a JSON value."""
    found = [above]
    if isinstance(value, dict):
        items = list(value.items())
    else:
        items = list(enumerate(value)) if isinstance(value, list) else []
    for key, inner in items:
        found += places(inner, (*above, key))
    return found


def with_other(value, place: tuple, other):
    """Return a JSON value in which something else stands in one place."""
    if not place:
        return other
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = with_other(value[place[0]], place[1:], other)
    return copy


PRESET = json.loads((PRESETS / "vanishing.json").read_text(encoding="utf-8"))


@quick
@given(st.sampled_from(places(PRESET)), JSON)
def test_any_value_anywhere_in_a_preset(tmp_path, place, other):
    path = tmp_path / "file.json"
    path.write_text(json.dumps(with_other(PRESET, place, other)), encoding="utf-8")
    refused_or_works(lambda: read_preset(path))


LESSON = (LESSONS / "03_vanishing.toml").read_text(encoding="utf-8").splitlines()


@quick
@given(
    st.integers(0, len(LESSON) - 1),
    st.sampled_from(["", "= [", "x = 1", "run = 2", "views = 3", "quantities = {a = [1]}",
                     "speed = -1", "experiment = 1", '"""', "[[pages]]", "covers = [true]"]),
)  # fmt: skip
def test_any_other_line_in_a_lesson(tmp_path, line, other):
    path = tmp_path / "file.toml"
    path.write_text("\n".join([*LESSON[:line], other, *LESSON[line + 1 :]]), encoding="utf-8")
    refused_or_works(lambda: read_lesson(path))


# Recordings ------------------------------------------------------------------------------------

TINY = RunConfig(depth=2, width=4, dataset="blobs", batch_size=8, threads=1, activation="relu",
                 learning_rate=1e6)  # fmt: skip


@pytest.fixture(scope="module")
def recording(tmp_path_factory) -> Path:
    """A recording of two runs that diverge."""
    folder = tmp_path_factory.mktemp("recording")
    lockstep = Lockstep((TINY, TINY.replace(activation="tanh")))
    lockstep.advance()
    lockstep.change([run.trainer.config.replace(learning_rate=2e5) for run in lockstep.runs])
    for _ in range(3):
        lockstep.advance()
    save_recording(folder, lockstep.snapshots(), "cpu")
    return folder / "run.npz"


def open_and_use(path: Path, again: Path) -> bool:
    """Open a recording and do with it what the window does; return whether it opened."""
    opened = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if not refused_or_works(lambda: opened.append(open_recording(path))):
            return False
        for run in opened[0].runs:
            marks(run)
            for step in (1, 2, run.steps, 10**9):
                run.at(step)
        save_recording(again, opened[0].runs, str(opened[0].device))
        open_recording(again)
    return True


def test_the_recording_itself_opens(recording, tmp_path):
    assert open_and_use(recording, tmp_path)


def damaged(recording: Path, stride: int, first: int):
    content = recording.read_bytes()
    for place in range(first, len(content), stride):
        yield content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
        yield content[:place]


def refuse_or_open_each(contents, path: Path, read=open_recording) -> None:
    for content in contents:
        path.write_bytes(content)
        refused_or_works(lambda: read(path))


def test_some_bytes_flipped_and_some_cuts(recording, tmp_path):
    refuse_or_open_each(damaged(recording, 211, 7), tmp_path / "run.npz")


def read_digits(path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.datasets.RESOURCES", path.parents[1])
        load_data("digits", seed=0)


# Every kind of file that comes with the program, or that it writes, with the way it is read; and
# every so many bytes one is flipped and the file is cut, so that each takes less than a second.
SHIPPED = {
    PRESETS / "vanishing.json": (read_preset, 3),
    PRESETS / GALLERY: (_read_gallery, 11),
    LESSONS / "03_vanishing.toml": (read_lesson, 101),
    RESOURCES / "data" / "digits.npz": (read_digits, 499),
}


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_damage_anywhere_in_a_file_of_the_program_is_refused_or_harmless(tmp_path, file):
    read, stride = SHIPPED[file]
    folder = tmp_path / "data"
    folder.mkdir()
    refuse_or_open_each(damaged(file, stride, 0), folder / file.name, read)


@pytest.mark.parametrize("read", [read_experiment, read_thresholds], ids=["run.json", "thresholds"])
def test_damage_anywhere_in_a_summary_is_refused_or_harmless(recording, tmp_path, read):
    summary = recording.with_name("run.json")
    refuse_or_open_each(damaged(summary, 29, 0), tmp_path / "run.json", read)


DATA = np.random.default_rng(3).normal(size=(12, 2))


def write_data(folder: Path) -> list[Path]:
    """Write data of each kind that is read, and return their files."""
    npz, csv, idx = (folder / name for name in ("d.npz", "d.csv", "d-images-idx3-ubyte"))
    np.savez_compressed(npz, x=DATA, y=np.arange(12) % 2)
    csv.write_text("".join(f"{a},{b},{n % 2}\n" for n, (a, b) in enumerate(DATA)))
    idx.write_bytes(b"\0\0\x08\x02" + bytes([0, 0, 0, 12, 0, 0, 0, 2]) + bytes(range(24)))
    labels = b"\0\0\x08\x01" + bytes([0, 0, 0, 12]) + bytes(n % 2 for n in range(12))
    (folder / "d-labels-idx1-ubyte").write_bytes(labels)
    return [npz, csv, idx]


def test_damage_anywhere_in_data_is_refused_or_harmless(tmp_path):
    for path in write_data(tmp_path):
        assert refused_or_works(lambda path=path: load_data(str(path), 0))
        contents = list(damaged(path, 3, 0))
        refuse_or_open_each(contents, path, lambda path: load_data(str(path), 0))


@pytest.mark.sweep
def test_each_byte_flipped_and_every_cut(recording, tmp_path):
    refuse_or_open_each(damaged(recording, 1, 0), tmp_path / "run.npz")


def arrays_of(recording: Path) -> dict[str, np.ndarray]:
    with np.load(recording, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


OTHERS = (None, -1, 0, 1, 2.5, 1e308, float("nan"), "x", "", [], {}, True, 10**30, [[]], "1")
CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "empty": lambda a: a[:0],
    "negative": lambda a: -a,
    "zero": np.zeros_like,
    "text": lambda a: a.astype("U"),
    "whole": lambda a: np.clip(np.nan_to_num(a), -9, 9).astype(np.int64),
    "a number": lambda a: np.array(3),
    "nan": lambda a: np.full(a.shape, np.nan),
    "infinite": lambda a: np.full(a.shape, np.inf),
    "large": lambda a: np.full(a.shape, 2**62),
    "shorter": lambda a: a[:-1],
    "longer": lambda a: np.concatenate([a, a]),
    "backwards": lambda a: a[::-1],
    "transposed": lambda a: a.T,
    "complex": lambda a: a.astype(complex),
    "single": lambda a: a.astype(np.float32),
    "other end": lambda a: a.astype(a.dtype.newbyteorder(">")),
}


def kinds_of(arrays: dict[str, np.ndarray]) -> list[tuple]:
    """Return everything that can stand in another place: what, and what instead."""
    about = json.loads(arrays["about"].tobytes())
    ways = [(place, other) for place in places(about) for other in OTHERS]
    return ways + [(name, change) for name in arrays if name != "about" for change in CHANGES]


def replaced(arrays: dict[str, np.ndarray], number: int) -> dict[str, np.ndarray]:
    """Return the arrays of a recording with one thing in them replaced; all by number."""
    about = json.loads(arrays["about"].tobytes())
    kinds = kinds_of(arrays)
    what, how = kinds[number % len(kinds)]
    if isinstance(what, str):
        return arrays | {what: CHANGES[how](arrays[what])}
    text = json.dumps(with_other(about, what, how))
    return arrays | {"about": np.frombuffer(text.encode(), np.uint8)}


def use_replaced(recording: Path, number: int, folder: Path) -> None:
    path = folder / "other.npz"
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **replaced(arrays_of(recording), number))
    open_and_use(path, folder)


@settings(parent=quick, max_examples=25)
@given(st.integers(0, 10**6))
def test_any_value_anywhere_in_a_recording(recording, tmp_path, number):
    use_replaced(recording, number, tmp_path)


@pytest.mark.sweep
def test_every_value_everywhere_in_a_recording(recording, tmp_path):
    for number in range(len(kinds_of(arrays_of(recording)))):
        use_replaced(recording, number, tmp_path)


def test_a_recording_that_would_unpack_without_end_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("about.npy", bytes(2**20))
        # What its directory says, which is what is believed: nothing is unpacked beyond that.
        archive.filelist[0].file_size = 2**30 + 1
    for read in (open_recording, read_data_file):
        with pytest.raises(ConfigError, match="would unpack to 1024 MiB"):
            read(path)


class Trap:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_opening_runs_no_code(tmp_path):
    path, made = tmp_path / "run.npz", tmp_path / "made"
    trap = np.array([Trap(made)], dtype=object)
    np.savez(path, allow_pickle=True, about=trap, x=trap, y=trap)
    assert not refused_or_works(lambda: open_recording(path))
    assert not refused_or_works(lambda: read_data_file(path))
    assert not made.exists()


def test_no_history_is_larger_than_a_recording_may_be():
    for depth in (1, 30, 2000):
        assert History.bytes_needed(depth) < 2**30
