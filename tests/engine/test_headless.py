"""Training without a window: whatever comes between, what was recorded is kept and said to be."""

import errno
import json
import math
import re
import shutil
import signal
import sys
from functools import partial

import numpy as np
import pytest

import engine.autosave
import engine.headless
from engine.config import RunConfig, parse_experiment
from engine.headless import KILLED, UNFINISHED, train_headless
from engine.recording import open_recording
from engine.signals import SIGNALS, interruptible
from engine.trainer import Trainer

TINY = RunConfig(depth=3, width=8, dataset="blobs", threads=1)
FAULTS = (
    RuntimeError("something nobody thought of\nand more of it"),
    MemoryError("no room"),
    RuntimeError("CUDA error: unspecified launch failure"),
    OSError(errno.EIO, "the disk is gone"),
)


def names(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


RECORDING = {"run.json", "run.npz", "steps.csv", "layers.csv"}


def break_step(monkeypatch, fault: Exception, at: int) -> None:
    """Have a step fail."""
    step = Trainer.step

    def faulty(trainer):
        if trainer.steps + 1 == at:
            raise fault
        return step(trainer)

    monkeypatch.setattr(Trainer, "step", faulty)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault)[:20])
def test_a_fault_in_the_middle_keeps_what_was_recorded(monkeypatch, tmp_path, capsys, fault):
    break_step(monkeypatch, fault, at=5)
    assert train_headless(TINY, 20, tmp_path)[0] == 1
    assert open_recording(tmp_path).runs[0].steps == 4
    assert names(tmp_path) == RECORDING
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert line.startswith(f"error: step 5 failed ({type(fault).__name__}: ")
    assert str(fault).splitlines()[0] in line


def test_a_fault_in_the_first_step_records_nothing(monkeypatch, tmp_path, capsys):
    break_step(monkeypatch, MemoryError("no room"), at=1)
    assert train_headless(TINY, 20, tmp_path)[0] == 1
    assert not names(tmp_path)
    captured = capsys.readouterr()
    assert "error: step 1 failed (MemoryError: no room)" in captured.err
    assert "nothing is recorded" in captured.out


def test_no_memory_for_the_network_is_one_line(monkeypatch, capsys):
    def refuse(self, config):
        raise MemoryError("no room")

    monkeypatch.setattr(Trainer, "__init__", refuse)
    assert train_headless(TINY, 20, None)[0] == 1
    assert capsys.readouterr().err == (
        "error: the network cannot be built (MemoryError: no room). "
        "There is not enough memory: lower depth, width or batch size.\n"
    )


def test_a_full_disk_at_the_end_leaves_what_was_kept_before(monkeypatch, tmp_path, capsys):
    keep_every_step(monkeypatch)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(engine.headless, "save_recording", full)
    assert train_headless(TINY, 6, tmp_path)[0] == 1
    assert names(tmp_path) == {UNFINISHED}
    assert open_recording(tmp_path / UNFINISHED).runs[0].steps == 6
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert "No space left on device" in line
    assert line.endswith(f"--open {tmp_path / UNFINISHED} shows it up to step 6 of 6.")


def keep_every_step(monkeypatch) -> None:
    """Have a run kept after each step, not after some seconds."""
    monkeypatch.setattr("engine.autosave.MOST_SHARE", math.inf)
    kept = engine.headless.Autosave
    monkeypatch.setattr(engine.headless, "Autosave", partial(kept, period=0.0))


def test_a_disk_that_is_full_on_the_way_is_told_once_and_the_training_goes_on(
    monkeypatch, tmp_path, caplog, capsys
):
    keep_every_step(monkeypatch)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    vanishing(
        monkeypatch, tmp_path, lambda _: monkeypatch.setattr("engine.recording.write_replay", full)
    )
    monkeypatch.setattr(engine.headless, "save_recording", lambda *_: None)
    assert train_headless(TINY, 6, tmp_path)[0] == 0
    assert len(caplog.records) == 1
    assert "No space left on device" in caplog.text
    # On a line of its own, not behind the bar.
    told = [line for line in re.split(r"[\r\n]", capsys.readouterr().err) if "kept" in line]
    assert told == [caplog.records[0].getMessage()]


def vanishing(monkeypatch, folder, do) -> None:
    """Have something done to the folder of a run before its third step."""
    step = Trainer.step

    def vanish(trainer):
        if trainer.steps == 2:
            do(folder)
        return step(trainer)

    monkeypatch.setattr(Trainer, "step", vanish)


def test_a_folder_that_vanishes_is_made_anew_and_said_to_be(monkeypatch, tmp_path, capsys):
    folder = tmp_path / "a" / "run"
    vanishing(monkeypatch, folder, lambda place: shutil.rmtree(place.parent))
    assert train_headless(TINY, 6, folder)[0] == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if "note" in line]
    assert lines == [f"note: the folder {folder} had gone and was made anew"]
    assert open_recording(folder).runs[0].steps == 6
    assert names(folder) == RECORDING


def test_a_folder_that_was_moved_keeps_what_was_written_to_it(monkeypatch, tmp_path, capsys):
    keep_every_step(monkeypatch)
    folder, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    vanishing(monkeypatch, folder, lambda place: place.rename(elsewhere))
    assert train_headless(TINY, 6, folder)[0] == 0
    assert capsys.readouterr().err.count("had gone and was made anew") == 1
    assert names(folder) == RECORDING
    assert open_recording(elsewhere / UNFINISHED).runs[0].steps == 2


def test_a_folder_that_cannot_be_made_anew_is_one_line(monkeypatch, tmp_path, capsys):
    folder = tmp_path / "run"

    def replace(place):
        shutil.rmtree(place)
        place.write_text("in the way")

    vanishing(monkeypatch, folder, replace)
    assert train_headless(TINY, 6, folder)[0] == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert f"error: the recording cannot be written to {folder} (" in line
    assert line.endswith(
        f'Nothing of the run could be kept. --experiment "{TINY.share_string()}" trains it again.'
    )
    assert folder.read_text() == "in the way"


def test_a_disk_that_fills_up_on_the_way_keeps_what_was_written_and_names_it(
    monkeypatch, disk, fill, capsys
):
    keep_every_step(monkeypatch)
    folder = disk / "run"
    vanishing(monkeypatch, folder, lambda _: fill(0))
    assert train_headless(TINY, 40, folder)[0] == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert "No space left on device" in line
    assert line.endswith(f"--open {folder / UNFINISHED} shows it up to step 2 of 40.")
    assert open_recording(folder / UNFINISHED).runs[0].steps == 2
    assert names(folder) == {UNFINISHED}


def test_an_orderly_end_leaves_only_the_recording(monkeypatch, tmp_path):
    keep_every_step(monkeypatch)
    assert train_headless(TINY, 6, tmp_path)[0] == 0
    assert names(tmp_path) == RECORDING


def test_what_a_killed_run_had_come_to_is_named_at_the_next_start(monkeypatch, tmp_path, capsys):
    keep_every_step(monkeypatch)
    # What nobody catches stands for the kill.
    break_step(monkeypatch, KeyboardInterrupt(), at=4)
    with pytest.raises(KeyboardInterrupt):
        train_headless(TINY, 20, tmp_path)
    assert names(tmp_path) == {UNFINISHED}
    monkeypatch.undo()
    assert train_headless(TINY, 2, tmp_path)[0] == 0
    assert f"--open {tmp_path / KILLED}" in capsys.readouterr().err
    assert open_recording(tmp_path / KILLED).runs[0].steps == 3
    assert open_recording(tmp_path).runs[0].steps == 2


def test_one_layer_has_no_factor_per_layer(capsys):
    train_headless(RunConfig(depth=1, width=8, device="cpu", threads=1), 2, None)
    said = capsys.readouterr().out
    assert "nan" not in said
    assert "per layer" not in said


def test_what_decided_is_told_by_the_number_of_the_newest_step(capsys):
    config = RunConfig(activation="relu", initializer="torch_default", depth=10, width=32,
                       learning_rate=0.3, device="cpu", threads=1)  # fmt: skip
    for steps in (12, 16, 18):
        train_headless(config, steps, None)
        lines = capsys.readouterr().out.splitlines()
        (gradient,) = (line for line in lines if line.startswith("Gradient dL/dh: "))
        (decided,) = (line for line in lines if line.startswith("Decided by: "))
        assert "decades lost" in decided
        assert decided.removeprefix("Decided by: ") in gradient


def test_no_killed_run_takes_the_place_of_another(monkeypatch, tmp_path, capsys):
    keep_every_step(monkeypatch)
    break_step(monkeypatch, KeyboardInterrupt(), at=4)
    for number in range(1, 4):
        with pytest.raises(KeyboardInterrupt):
            train_headless(TINY, 20, tmp_path)
        told = capsys.readouterr().err
        assert ("killed" in told) == (number > 1)
        (tmp_path / UNFINISHED).write_text(f"run {number}")
    assert f"--open {tmp_path / 'killed-2.npz'} shows" in told
    assert (tmp_path / KILLED).read_text() == "run 1"
    assert (tmp_path / "killed-2.npz").read_text() == "run 2"
    assert names(tmp_path) == {UNFINISHED, KILLED, "killed-2.npz"}


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("before", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_signal_interrupts_unless_whoever_started_the_program_ignores_it(number, before):
    outside = signal.signal(number, before)
    try:
        with interruptible() as interrupted:
            signal.raise_signal(number)
        assert interrupted.received == ([] if before is signal.SIG_IGN else [number])
        assert signal.getsignal(number) is before
    finally:
        signal.signal(number, outside)


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_data_whose_name_is_no_text_are_recorded(tmp_path):
    path = tmp_path / b"mine\xff.npz".decode("utf-8", "surrogateescape")
    random = np.random.default_rng(3)
    np.savez(path, x=random.normal(size=(40, 3)), y=np.arange(40) % 2)
    config = TINY.replace(dataset=str(path), batch_size=8)
    assert train_headless(config, 3, tmp_path / "run")[0] == 0
    assert open_recording(tmp_path / "run").runs[0].config == config
    summary = (tmp_path / "run" / "run.json").read_text(encoding="utf-8")
    assert json.loads(summary)["config"]["dataset"] == str(path)
    assert parse_experiment(summary) == (config, ())


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("{}", "Data: samples: 12; features: 1; classes: 3"),
        ("{}.5", "Data: samples: 12; features: 1; regression, targets: 1"),
    ],
)
def test_what_a_file_was_taken_for_is_said(label, words, tmp_path, capsys):
    path = tmp_path / "own.csv"
    path.write_text("\n".join(f"{i},{label.format(i % 3)}" for i in range(12)), encoding="utf-8")
    train_headless(TINY.replace(dataset=str(path)), 2, None)
    assert words in capsys.readouterr().out.splitlines()
