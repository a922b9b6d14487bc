"""A recording is complete, honest about what is not finite, and opens as it was."""

import csv
import gc
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.command_line import read_thresholds
from engine.config import RunConfig
from engine.diagnosis import diagnose
from engine.fields import ConfigError
from engine.history import History
from engine.own_folder import prepared_folder
from engine.record import LAYER_QUANTITIES
from engine.recording import open_recording, save_recording
from engine.snapshot import Change, RunSnapshot, State
from engine.tables import LAYER_COLUMNS
from engine.trainer import Trainer


def train(config: RunConfig, steps: int) -> RunSnapshot:
    trainer, history = Trainer(config), History(config.depth)
    for _ in range(steps):
        record = trainer.step()
        history.append(record)
    return RunSnapshot(
        config=config,
        history=history.view(),
        record=record,
        judged=diagnose(record, history.view()),
        changes=(Change(min(3, steps), "learning_rate", "0.2"),),
        parameters=trainer.layout.size,
        history_bytes=history.nbytes,
        anchor=trainer.anchor,
        prediction=trainer.prediction,
    )


SMALL = RunConfig(depth=3, width=8, activation="relu", dataset="spirals", batch_size=16)


@pytest.fixture(scope="module")
def run() -> RunSnapshot:
    return train(SMALL, 60)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_tables_hold_every_step_and_layer(run, tmp_path):
    save_recording(tmp_path, [run], "cpu")
    steps, layers = rows(tmp_path / "steps.csv"), rows(tmp_path / "layers.csv")
    assert [row["step"] for row in steps] == [str(n) for n in range(1, 61)]
    assert list(steps[0]) == [
        "step", "loss", "accuracy", "validation_loss", "validation_accuracy", "grad_norm",
        "learning_rate", "loss_scale", "seconds",
    ]  # fmt: skip
    measured = [row["step"] for row in steps if row["validation_loss"]]
    assert measured == ["1", "50"]
    assert [row["layer"] for row in layers[:4]] == ["1", "2", "3", "output"]
    assert len(layers) == 60 * 4
    assert list(layers[0]) == list(LAYER_COLUMNS)
    predicted = [float(row["theory_activation_rms"]) for row in layers[:4]]
    np.testing.assert_allclose(predicted, run.prediction.activation_rms)
    # ReLU is not bounded, so it cannot saturate; the output layer has no φ.
    assert {row["saturated_fraction"] for row in layers} == {""}
    assert {row["inactive_fraction"] == "" for row in layers[3::4]} == {True}
    assert (
        float(layers[0]["activation_grad_norm"]) == run.history.layer("activation_grad_norm")[0, 0]
    )
    assert float(steps[-1]["loss"]) == run.record.curve("loss")


def test_run_json_tells_what_was_run_and_the_verdict(run, tmp_path):
    save_recording(tmp_path, [run], "cpu")
    text = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert RunConfig(**text["config"]) == SMALL
    assert text["share_string"] == SMALL.share_string()
    assert text["runs"][0]["verdict"] == run.diagnosis.verdict
    assert set(text["versions"]) == {"vanishing_point", "python", "torch", "numpy"}
    assert text["thresholds"]["strong_decades"] == 3.0


def test_it_opens_as_it_was(run, tmp_path):
    save_recording(tmp_path, [run], "cpu")
    for path in (tmp_path, tmp_path / "run.npz"):
        snapshot = open_recording(path)
        (opened,) = snapshot.runs
        assert snapshot.state is State.FINISHED
        assert opened.config == run.config
        assert opened.changes == run.changes
        assert opened.diagnosis == run.diagnosis
        assert opened.anchor == run.anchor
        np.testing.assert_array_equal(opened.prediction.chi, run.prediction.chi)
        for name in LAYER_QUANTITIES:
            np.testing.assert_array_equal(opened.history.layer(name), run.history.layer(name))
        np.testing.assert_array_equal(opened.record.curves, run.record.curves)


def test_a_run_of_unequal_widths_opens_as_it_was(tmp_path):
    run = train(RunConfig(width=(8, 4, 4, 16), activation="tanh", dataset="moons"), 3)
    save_recording(tmp_path, [run], "cpu")
    (opened,) = open_recording(tmp_path).runs
    assert opened.config == run.config
    assert opened.anchor.widths == (2, 8, 4, 4, 16, 2)
    np.testing.assert_array_equal(opened.prediction.chi, run.prediction.chi)
    np.testing.assert_array_equal(
        opened.prediction.weight_grad_norm, run.prediction.weight_grad_norm
    )
    assert np.isfinite(opened.prediction.weight_grad_norm).all()
    summary = json.loads((tmp_path / "run.json").read_text())
    assert summary["config"]["width"] == [8, 4, 4, 16]
    assert "width=8,4,4,16" in summary["share_string"]


def test_what_is_not_finite_keeps_its_kind(tmp_path):
    config = RunConfig(depth=50, activation="relu", initializer="normal", init_std=1.0)
    run = train(config, 2)
    save_recording(tmp_path, [run], "cpu")
    cells = {row["activation_rms"] for row in rows(tmp_path / "layers.csv")}
    assert "inf" in cells or "nan" in cells
    text = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert text["runs"][0]["verdict"] == "diverged"
    assert text["runs"][0]["first_bad"]["tensor"] == "h"
    opened = open_recording(tmp_path).runs[0]
    np.testing.assert_array_equal(opened.record.layers, run.record.layers)


def test_nothing_unfinished_is_left_and_no_file_is_half(run, tmp_path, monkeypatch):
    save_recording(tmp_path, [run], "cpu")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(before) == {"run.json", "steps.csv", "layers.csv", "run.npz"}

    def disk_full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", disk_full)
    with pytest.raises(OSError, match="No space left"):
        save_recording(tmp_path, [run], "cpu")
    after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert after == before


def test_a_folder_that_cannot_be_written_is_refused_before_training(tmp_path):
    file = tmp_path / "file"
    file.write_text("in the way")
    refused = pytest.raises(ConfigError, match="must be a folder to write to")
    with refused, prepared_folder(file):
        pass
    assert file.read_text() == "in the way"


def test_a_folder_made_for_a_recording_goes_where_nothing_was_put_into_it(tmp_path):
    for there in (tmp_path / "new" / "folder", tmp_path / "new"):
        with prepared_folder(there):
            assert there.is_dir()
        assert list(tmp_path.iterdir()) == []
    with prepared_folder(tmp_path / "new" / "folder") as folder:
        (folder.path / "file").write_text("something")
    assert (tmp_path / "new" / "folder" / "file").exists()
    (tmp_path / "old").mkdir()
    with prepared_folder(tmp_path / "old"):
        pass
    assert (tmp_path / "old").exists(), "it was there before"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", 2), ("format", "1"), ("format", True), ("format", None),
        ("curve_quantities", ["loss"]), ("layer_quantities", []),
        ("device", 5), ("device", "cpu\nand more"), ("device", "x" * 5000),
    ],
)  # fmt: skip
def test_a_file_that_another_program_wrote_is_refused(run, tmp_path, key, value):
    save_recording(tmp_path, [run], "cpu")
    path = tmp_path / "run.npz"
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    about = json.loads(arrays["about"].tobytes()) | {key: value}
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(path, **arrays)
    with pytest.raises(ConfigError) as refused:
        open_recording(path)
    assert "\n" not in str(refused.value)


def test_a_damaged_recording_is_refused_in_one_line(run, tmp_path):
    save_recording(tmp_path, [run], "cpu")
    whole = (tmp_path / "run.npz").read_bytes()
    damaged = tmp_path / "damaged.npz"
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        damaged.write_bytes(whole[:length])
        with pytest.raises(ConfigError) as caught:
            open_recording(damaged)
        assert "\n" not in str(caught.value)
    for path in (tmp_path / "none.npz", tmp_path / "steps.csv"):
        with pytest.raises(ConfigError):
            open_recording(path)


def program(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    main = Path(__file__).resolve().parents[2] / "main.py"
    return subprocess.run(
        [sys.executable, str(main), *arguments],
        cwd=cwd, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--depth", "0"], "depth = 0: must be a whole number from 1 to 2000"),
        (["--depth", "512,64,512"], "whole number from 1 to 2000; a list belongs in width"),
        (["--experiment", "vp:depth=9,9"], "depth = 9,9: must be a whole number from 1 to 2000; a"),
        (["--learning_rate", "-1"], "learning_rate = -1: must be a number from 0"),
        (["--activation", "swish"], "activation = swish: must be one of identity"),
        (["--experiment", "vp:width=9999"], "width = 9999: must be"),
        (["--width", "512,0,64"], "width = 512,0,64: must be a whole number from 1 to 4096, or up"),
        (["--experiment", "vp:oops"], "experiment = oops"),
        (["--experiment", "missing.json"], "experiment = missing.json"),
        (["--preset", "happy"], "preset = happy: must be one of vanishing"),
        (["--open", "missing.npz"], "open = missing.npz"),
        (["--steps", "0", "--headless"], "steps = 0: must be a whole number"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
        (["--headless", "--dataset", "no.csv", "--out", "made"], "does not exist"),
        (["--headless", "--device", "cuda:9"], "device = cuda:9"),
        (["--out", "made"], "together with --headless"),
        (["--screenshot", "a.jpg"], "ending in .png"),
        (["--size", "1440x900"], "size = 1440x900: must be given together with --screenshot"),
        (["--headless", "--theme", "dark"], "not be given together with --headless"),
        (["--screenshot", "a.png", "--size", "9x9"], "must be two whole numbers from 600 to 10000"),
        (["--screenshot", "a.png", "--language", "fr"], "language = fr: must be one of en, zh_CN"),
        (["--thresholds", "a.json"], "together with --headless"),
        (["--headless", "--thresholds", "a.json"], "thresholds = a.json: must be a JSON object"),
        (["--headless", "--screenshot", "a.png"], "not be given together with --headless"),
        (["--headless", "--open", "a.npz"], "not be given together with --headless"),
        (["--headless", "--out", ""], "must be the name of a folder"),
    ],
)
def test_bad_arguments_get_one_line_exit_code_2_and_nothing_is_written(
    tmp_path, monkeypatch, capsys, arguments, words
):
    import main

    # It waits with that for the window.
    gc.enable()
    monkeypatch.chdir(tmp_path)
    for name in ("stdout", "stderr"):
        # Given back afterwards.
        monkeypatch.setattr(sys, name, getattr(sys, name))
    assert main.run(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line
    assert list(tmp_path.iterdir()) == []


def test_a_bad_argument_ends_the_process_with_2_and_one_line(tmp_path):
    result = program("--depth", "0", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == "error: depth = 0: must be a whole number from 1 to 2000\n"


def test_unknown_fields_of_a_share_string_are_named(tmp_path):
    result = program("--experiment", "vp:depth=2&width=4&colour=red", "--headless", "--steps", "1",
                     cwd=tmp_path)  # fmt: skip
    assert result.returncode == 0
    assert "unknown field ignored: colour" in result.stderr


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("--experiment", '{"depth": 0}', "depth = 0: must be a whole number from 1 to 2000"),
        ("--experiment", "vp:depth=0", "depth = 0: must be a whole number from 1 to 2000"),
        ("--thresholds", '{"readings": 0}', "readings = 0: must be a whole number from 1 to 1000"),
    ],
)
def test_what_is_refused_in_a_file_is_said_to_stand_there(
    tmp_path, monkeypatch, capsys, option, text, words
):
    import main

    gc.enable()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.json").write_text(text)
    assert main.run(["--headless", option, "own.json", "--seed", "8"]) == 2
    assert capsys.readouterr().err == f"error: {words} (in {option} own.json)\n"
    # Its own option says as much as its field.
    assert main.run(["--headless", "--experiment", "vp:depth=0"]) == 2
    assert capsys.readouterr().err.endswith(" from 1 to 2000 (in --experiment)\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '{"strong_decade": 4, "readings": 2, "odd": 1}',
            "thresholds = strong_decade, odd: must name",
        ),
        ('{"readings": 0}', "readings = 0: must be a whole number from 1 to 1000"),
        ('{"strong_decades": "much"}', "strong_decades = much: must be"),
        ('{"strong_decades": null}', "strong_decades = None: must be"),
        ("[3]", "must be a JSON object of thresholds"),
        ("{", "must be a JSON object of thresholds"),
    ],
)
def test_thresholds_that_are_refused_are_one_line(tmp_path, text, words):
    path = tmp_path / "own.json"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_thresholds(path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_headless_run_is_judged_by_own_thresholds_and_says_why(tmp_path):
    (tmp_path / "own.json").write_text('{"strong_decades": 1.5, "strong_leave": 1.2}')
    options = ("--activation", "tanh", "--initializer", "torch_default", "--depth", "8",
               "--dataset", "blobs", "--headless", "--steps", "1", "--threads", "1")  # fmt: skip
    result = program(*options, "--thresholds", "own.json", "--out", "made", cwd=tmp_path)
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "Verdict after 1 step: vanishing"
    assert lines[1].startswith("Decided by: 1.")
    assert any(line.startswith("Why: The gradient shrinks ×0.") for line in lines)
    assert any("--initializer xavier_normal" in line for line in lines if line.startswith("Try: "))
    about = json.loads((tmp_path / "made" / "run.json").read_text())
    assert about["runs"][0]["verdict"] == "vanishing"
    assert about["thresholds"]["strong_decades"] == 1.5
    # What a recording was judged by judges the next.
    assert read_thresholds(tmp_path / "made" / "run.json")["strong_decades"] == 1.5


def test_widths_on_the_command_line(tmp_path):
    result = program("--width", "12,4,12", "--depth", "30", "--headless", "--steps", "2", "--out",
                     "made", cwd=tmp_path)  # fmt: skip
    assert result.returncode == 0
    assert "depth has no effect here: the list of widths sets it" in result.stderr
    config = json.loads((tmp_path / "made" / "run.json").read_text())["config"]
    assert (config["depth"], config["width"]) == (3, [12, 4, 12])
    names = [row["layer"] for row in rows(tmp_path / "made" / "layers.csv")]
    assert names == ["1", "2", "3", "output"] * 2


def test_without_a_display_a_sentence_says_what_to_do(tmp_path, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    result = program(cwd=tmp_path)
    assert result.returncode == 2
    assert "--headless" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_script_is_exported_with_its_data(tmp_path):
    result = program("--depth", "3", "--export-script", "run.py", cwd=tmp_path)
    assert result.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"run.py", "run_data.npz"}
    result = program("--export-script", "nowhere/run.py", cwd=tmp_path)
    assert result.returncode == 2
    assert "must be writable" in result.stderr


def test_list_prints_all_tables(tmp_path):
    result = program("--list", cwd=tmp_path)
    assert result.returncode == 0
    for words in ("Activations (14)", "Initialisers (13)", "Data sets (10)", "Presets ("):
        assert words in result.stdout


def test_runs_in_lockstep_lie_in_one_recording(run, tmp_path):
    other = train(SMALL.replace(depth=4, initializer="kaiming_normal"), 60)
    save_recording(tmp_path, [run, other], "cpu")
    assert len(rows(tmp_path / "layers-2.csv")) == 60 * 5
    assert float(rows(tmp_path / "steps-2.csv")[-1]["loss"]) == other.record.curve("loss")
    text = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert text["differing_fields"] == ["depth", "initializer"]
    assert [each["verdict"] for each in text["runs"]] == [
        run.diagnosis.verdict, other.diagnosis.verdict
    ]  # fmt: skip
    for wanted, opened in zip((run, other), open_recording(tmp_path).runs, strict=True):
        assert opened.config == wanted.config
        assert opened.diagnosis == wanted.diagnosis
        np.testing.assert_array_equal(opened.record.layers, wanted.record.layers)
        np.testing.assert_array_equal(opened.history.layers.first_steps,
                                      wanted.history.layers.first_steps)  # fmt: skip
    # A recording of one run in its place leaves nothing of the second behind.
    save_recording(tmp_path, [run], "cpu")
    assert {path.name for path in tmp_path.iterdir()} == {
        "run.json", "steps.csv", "layers.csv", "run.npz"
    }  # fmt: skip


def test_what_scripts_rely_on_in_layers_csv_stands_where_it_did():
    assert LAYER_COLUMNS[:15] == (
        "step", "layer", "activation_mean", "activation_rms", "activation_grad_norm",
        "weight_norm", "weight_grad_norm", "update_ratio", "saturated_fraction",
        "inactive_fraction", "zero_fraction", "subnormal_fraction", "nonfinite_count",
        "theory_activation_rms", "theory_activation_grad_norm",
    )  # fmt: skip
    assert LAYER_COLUMNS[15:] == ("distinct_units",)
