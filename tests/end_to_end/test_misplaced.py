"""What is given to an option that does not take it is refused, and the one that does is named."""

from pathlib import Path

import numpy as np
import pytest

import main
from engine.config import RunConfig
from engine.lockstep import Lockstep
from engine.recording import save_recording

TINY = RunConfig(depth=3, width=8, dataset="blobs", threads=1)


@pytest.fixture
def files(tmp_path, monkeypatch, one_thread):
    """Have a recording, an experiment and data lie in the current folder."""
    (tmp_path / "run").mkdir()
    lockstep = Lockstep((TINY,))
    lockstep.advance()
    save_recording(tmp_path / "run", lockstep.snapshots(), "cpu")
    (tmp_path / "run.npz").write_bytes((tmp_path / "run" / "run.npz").read_bytes())
    (tmp_path / "mine.json").write_text('{"depth": 3}')
    (tmp_path / "lone").mkdir()
    (tmp_path / "lone" / "mine.json").write_text('{"depth": 3}')
    (tmp_path / "lone" / "data.csv").write_text("a,b\n1,2\n")
    np.savez(tmp_path / "data.npz", x=np.zeros((6, 2)), y=np.arange(6) % 2)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys, *arguments: str) -> str:
    """Return the one line that the program says to a command line."""
    assert main.main(list(arguments)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    field = arguments[-2].removeprefix("--").replace("-", "_")
    assert line.startswith(f"error: {field} = ")
    return line


JSON, DATA, RUN = (
    ". --experiment takes an experiment as JSON", ". --dataset takes data",
    ". --open takes a recording",
)  # fmt: skip
ELSEWHERE = [
    ("--open", "lone/mine.json", JSON),
    ("--open", "vp:depth=3", JSON),
    ("--open", '{"depth": 3}', JSON),
    ("--open", "lone/data.csv", DATA),
    ("--open", "lone/images.gz", DATA),
    ("--open", "lone/t10k-images-idx3-ubyte", DATA),
    ("--open", "data.npz", DATA),
    ("--open", "sigmoid_tower", ". --preset takes the name of a preset"),
    ("--experiment", "run.npz", RUN),
    ("--experiment", "run", RUN),
    ("--experiment", "run/run.npz", RUN),
    ("--experiment", "data.npz", DATA),
    ("--experiment", "lone/data.csv", DATA),
    ("--experiment", "sigmoid_tower", ". --preset takes the name of a preset"),
    ("--dataset", "run", RUN),
    ("--dataset", "mine.json", JSON),
    ("--preset", "mine.json", JSON),
    ("--preset", "run.npz", RUN),
]


@pytest.mark.parametrize("name", ["run.json", "steps.csv", "layers.csv"])
def test_a_file_of_a_recording_leads_to_it(files, capsys, name):
    beside = Path("run", "run.npz")
    words = f". --open {beside} shows the run that this was written with"
    assert refused(capsys, "--open", f"run/{name}").endswith(words)


def test_a_recording_is_no_data(files, capsys):
    line = refused(capsys, "--headless", "--steps", "1", "--dataset", "run.npz")
    assert "x and y are not there" in line
    assert line.endswith(RUN)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--open", "nothing"),
        ("--open", "nothing.npz"),
        ("--open", "lone"),
        ("--open", "/"),
        ("--experiment", "nothing.json"),
        ("--experiment", "lone"),
        ("--experiment", '{"depth": '),
        ("--preset", "nothing"),
        ("--dataset", "nothing"),
    ],
)
def test_where_none_is_known_none_is_named(files, capsys, option, value):
    assert " takes " not in refused(capsys, option, value)


def test_a_folder_without_a_recording_is_said_to_be_one(files, capsys):
    line = refused(capsys, "--open", "lone")
    assert line == "error: open = lone: must be a recording (the folder holds no run.npz)"


@pytest.mark.parametrize(
    ("option", "name"), [("--open", "a" * 300), ("--screenshot", f"{'a' * 300}/a.png")]
)
def test_a_name_that_no_file_can_have_is_refused(files, capsys, option, name):
    assert refused(capsys, option, name)


@pytest.mark.parametrize("name", ["x.txt", "x", ".", "", "run", "x.py.txt"])
def test_a_script_has_the_ending_of_one(files, capsys, name):
    line = refused(capsys, "--export-script", name)
    assert line.endswith(": must be a file name ending in .py")
    assert sorted(path.name for path in files.iterdir()) == [
        "data.npz", "lone", "mine.json", "run", "run.npz",
    ]  # fmt: skip


@pytest.mark.parametrize(("option", "value", "advice"), ELSEWHERE)
def test_the_option_that_takes_it_is_named(files, capsys, option, value, advice):
    assert refused(capsys, option, value).endswith(advice)
