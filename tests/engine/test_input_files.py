"""What is no file, says a thing twice or cannot be told from 0 is refused before it does harm."""

import json
import os
import socket
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.command_line import parse_command_line, read_experiment, read_thresholds
from engine.config import RunConfig, parse_experiment
from engine.data_files import read_data_file
from engine.fields import ConfigError, Real, is_too_small
from engine.lessons import read_lesson
from engine.presets import read_preset
from engine.recording import open_recording

READERS = {
    "run.npz": open_recording,
    "data.npz": read_data_file,
    "data.csv": read_data_file,
    "data-images.gz": read_data_file,
    "experiment.json": read_experiment,
    "thresholds.json": read_thresholds,
    "preset.json": read_preset,
    "lesson.toml": read_lesson,
}


def make(kind: str, path: Path) -> None:
    """Put something under a name that is no regular file."""
    if kind == "a folder":
        # A recording may be named by its folder.
        (path / "run.npz").mkdir(parents=True)
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a socket":
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(str(path))
    else:
        path.symlink_to("/dev/zero")


@pytest.mark.skipif(
    sys.platform == "win32", reason="its pipes and sockets have no names in folders"
)
@pytest.mark.parametrize("kind", ["a folder", "a pipe", "a socket", "a device"])
@pytest.mark.parametrize("name", READERS)
def test_what_is_no_regular_file_is_refused_at_once(tmp_path, monkeypatch, name, kind):
    # The name of a socket may have 108 bytes.
    monkeypatch.chdir(tmp_path)
    path = Path(name)
    make(kind, path)
    with pytest.raises(ConfigError, match=f"{kind}, not a regular file"):
        READERS[name](path)


@pytest.mark.skipif(sys.platform == "win32", reason="its pipes have no names in folders")
def test_labels_that_are_a_pipe_are_refused_at_once(tmp_path):
    images = tmp_path / "t-images-idx3-ubyte"
    images.write_bytes(b"\0\0\x08\x01\0\0\0\0")
    os.mkfifo(tmp_path / "t-labels-idx1-ubyte")
    with pytest.raises(ConfigError, match="a pipe, not a regular file"):
        read_data_file(images)


TWICE = '{"depth": 3, "depth": 4}'


@pytest.mark.parametrize("text", [TWICE, f'{{"config": {TWICE}}}', f'{{"experiment": {TWICE}}}'])
def test_a_key_that_is_given_twice_is_refused(tmp_path, text):
    with pytest.raises(ConfigError, match="gives depth twice"):
        parse_experiment(text)
    path = tmp_path / "file.json"
    path.write_text(text)
    for read in (read_experiment, read_preset, read_thresholds):
        with pytest.raises(ConfigError, match="gives depth twice"):
            read(path)


@pytest.mark.parametrize("digits", [400, 401, 4301, 6000])
def test_a_number_beyond_all_floats_is_a_number_that_is_not_allowed(tmp_path, digits):
    path = tmp_path / "file.json"
    for sign in ("", "-"):
        number = sign + "7" * digits
        for field in ("depth", "width", "learning_rate", "loss_scale", "stop_on_nonfinite"):
            for text in (f'{{"{field}": {number}}}', f"vp:{field}={number}"):
                with pytest.raises(ConfigError, match=rf"^{field} = {sign}7+….*: must be "):
                    parse_experiment(text)
        path.write_text(f'{{"strong_decades": {number}}}')
        with pytest.raises(ConfigError, match=rf"strong_decades = {sign}7+…: must be a number"):
            read_thresholds(path)
        path.write_text(f'{{"title": {{"en": "T"}}, "experiment": {{"depth": {number}}}}}')
        with pytest.raises(ConfigError, match=rf"holds depth = {sign}7+…: must be a whole number"):
            read_preset(path)
    # Nobody reads what nobody knows.
    assert parse_experiment(f'{{"weather": {number}}}') == (RunConfig(), ("weather",))


NO_JSON = {
    "[" * 60_000: "has lists or objects nested too deeply",
    '{"depth": ' * 6_000: "has lists or objects nested too deeply",
    '{"depth": 3,\n "width": }': r"is no JSON \(line 2, column 11: expecting value\)",
    '{"depth": 3': r"is no JSON \(line 1, column 12: expecting ',' delimiter\)",
    "depth = 3": r"is no JSON \(line 1, column 1: expecting value\)",
    "": r"is no JSON \(line 1, column 1: expecting value\)",
}


@pytest.mark.parametrize(("text", "words"), NO_JSON.items(), ids=range(len(NO_JSON)))
def test_what_is_no_json_says_why_and_where(tmp_path, text, words):
    with pytest.raises(ConfigError, match=f"must be vp:.*; this {words}"):
        parse_experiment(text)
    path = tmp_path / "file.json"
    path.write_text(text)
    for read in (read_experiment, read_preset, read_thresholds):
        with pytest.raises(ConfigError, match=f"must be .*; this {words}"):
            read(path)


@given(st.from_regex(r"[+-]?[0-9]{1,4}(\.[0-9]{0,4})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
@example("1e-400")
@example("0e-400")
@example("0.0")
@example("4.9e-324")
@example("2e-324")
def test_a_number_is_too_small_where_it_is_not_0_and_would_be_read_as_0(text):
    wanted = Decimal(text) != 0 and float(text) == 0.0
    assert is_too_small(text) == wanted
    assert is_too_small(f" {text} ") == wanted
    if wanted:
        with pytest.raises(ValueError, match=r"(?i)e-"):
            Real(-1.0, 1.0).read(text)


def test_a_rate_that_would_be_read_as_0_is_refused_wherever_it_is_given(tmp_path):
    path = tmp_path / "file.json"
    path.write_text('{"learning_rate": 1e-400}')
    ways = [
        lambda: parse_command_line(["--learning_rate", "1e-400"]),
        lambda: parse_command_line(["--experiment", str(path)]),
        lambda: parse_experiment("vp:learning_rate=1e-400"),
        lambda: parse_experiment(path.read_text()),
        lambda: RunConfig(learning_rate="0.1e-399"),
    ]
    for way in ways:
        with pytest.raises(ConfigError, match=r"learning_rate = .*too close to 0"):
            way()
    with pytest.raises(ConfigError, match=r"loss_scale = 1e-400.*too close to 0"):
        RunConfig(loss_scale="1e-400")
    path.write_text('{"strong_decades": 1e-400}')
    with pytest.raises(ConfigError, match="strong_decades"):
        read_thresholds(path)
    assert RunConfig(learning_rate="5e-324").learning_rate == 5e-324
    assert RunConfig(learning_rate="0.000e-400").learning_rate == 0.0


@pytest.mark.parametrize("option", ["out", "open", "experiment", "thresholds"])
def test_an_empty_name_is_refused_in_a_line(option):
    with pytest.raises(ConfigError, match=f"{option} = '': must be the name of a f"):
        parse_command_line(["--headless", f"--{option}", ""])


def test_json_that_is_given_once_is_read_as_ever():
    config = RunConfig(depth=4, learning_rate=1e-7)
    assert parse_experiment(json.dumps(config.to_dict())) == (config, ())
