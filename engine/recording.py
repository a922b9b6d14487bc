"""Save a run, or a few that were trained in lockstep, and open them again.

A recording is a folder: run.json (what was run, and the verdicts), steps.csv and layers.csv (for
spreadsheets and scripts), run.npz (everything the window needs to show it again) and window.png.
The tables of the second run are steps-2.csv and layers-2.csv, and so on.
Every file is written under another name, and all are renamed when the last is complete, so that a
reader never sees half of one, and no recording is half that of another run. Opening a recording
runs no code from it.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.archives import ArchiveError
from engine.complete_files import complete_file, complete_files
from engine.diagnosis import THRESHOLDS
from engine.fields import ConfigError, Words
from engine.input_files import REPLAY, JsonError, system_words
from engine.replay import DAMAGE, FORMAT, arrays_of, read_runs
from engine.snapshot import RunSnapshot, Snapshot
from engine.tables import layers_table, steps_table
from engine.twins import MOST_RUNS, differing_fields
from engine.version import __version__

TABLES = {"steps": steps_table, "layers": layers_table}
# What two recordings of the same experiment differ in, on the same machine: how long a step took
# and when a change was made, and by what it was trained. The names of keys in run.json and in
# `about` of run.npz, of columns in the tables, of quantities in the arrays. All else is the same,
# byte for byte.
TIMES_AND_VERSIONS = frozenset({"seconds", "versions"})


def save_recording(
    folder: Path, runs: Sequence[RunSnapshot], device: str, picture: bytes | None = None
) -> None:
    """Write runs to a folder: all of it, or nothing.

    Args:
        folder: exists and can be written.
        runs: at least one, of which at least one step has been made.
        device: the device in words.
        picture: of the window, as PNG.

    Raises:
        OSError: the disk is full or the folder has gone. What was in it is untouched.
    """
    # A link in the folder is replaced: nothing outside it is written to.
    with complete_files(through_links=False) as begin:

        def write(name: str, data: bytes) -> None:
            with begin(folder / name) as file:
                file.write(data)

        for number, run in enumerate(runs, start=1):
            for table, text_of in TABLES.items():
                write(_table_name(table, number), text_of(run).encode("utf-8"))
        with begin(folder / REPLAY) as file:
            _write_arrays(file, runs, device, compressed=True)
        if picture is not None:
            write("window.png", picture)
        # Last: where there is a run.json the rest is there too.
        text = json.dumps(_summary(runs, device), indent=2, ensure_ascii=False, allow_nan=False)
        # A byte in a file's name that is no text is written as JSON writes such a sign.
        write("run.json", f"{text}\n".encode(errors="backslashreplace"))
    # Of a recording with more runs, which this one has replaced.
    for number in range(len(runs) + 1, MOST_RUNS + 1):
        for table in TABLES:
            (folder / _table_name(table, number)).unlink(missing_ok=True)


def write_replay(
    path: Path, runs: Sequence[RunSnapshot], device: str, *, compressed: bool = True
) -> None:
    """Write everything that the window needs to show runs again.

    Args:
        path: the file, in a folder that exists.
        runs: as of `save_recording`.
        device: the device in words.
        compressed: take time to write less.

    Raises:
        OSError: the disk is full or the folder has gone.
    """
    with complete_file(path, through_links=False) as file:
        _write_arrays(file, runs, device, compressed=compressed)


def _write_arrays(
    file: IO[bytes], runs: Sequence[RunSnapshot], device: str, *, compressed: bool
) -> None:
    write = np.savez_compressed if compressed else np.savez
    write(file, allow_pickle=False, **arrays_of(runs, device))


def _table_name(table: str, number: int) -> str:
    return f"{table}.csv" if number == 1 else f"{table}-{number}.csv"


def _summary(runs: Sequence[RunSnapshot], device: str) -> dict[str, Any]:
    """Return what run.json holds: the first run's experiment, and the verdict on each run."""
    run = runs[0]
    return {
        "format": FORMAT,
        "config": run.config.to_dict(),
        "share_string": run.config.share_string(),
        "steps": run.steps,
        "parameters": run.parameters,
        "device": device,
        "seed": run.config.seed,
        "versions": versions(),
        "runs": [_run_summary(run) for run in runs],
        "differing_fields": differing_fields([run.config for run in runs]),
        "thresholds": dataclasses.asdict(
            THRESHOLDS if run.diagnosis is None else run.diagnosis.thresholds
        ),
        "changes": [dataclasses.asdict(change) for change in run.changes],
    }


def _run_summary(run: RunSnapshot) -> dict[str, Any]:
    diagnosis = run.diagnosis
    assert diagnosis is not None
    first_bad = diagnosis.first_bad
    return {
        "verdict": diagnosis.verdict,
        "decades": _json_number(diagnosis.decades),
        "factor_per_layer": _json_number(diagnosis.factor_per_layer),
        "first_bad": None if first_bad is None else dataclasses.asdict(first_bad),
        "findings": [
            {
                "verdict": finding.verdict,
                "criterion": finding.criterion,
                "step": finding.step,
                "reason": finding.sentence.english(),
            }
            for finding in diagnosis.findings
        ],
        "autopsy": diagnosis.autopsy
        and [sentence.english() for sentence in diagnosis.autopsy.sentences()],
        "share_string": run.config.share_string(),
        "steps": run.steps,
        "parameters": run.parameters,
        "changes": [dataclasses.asdict(change) for change in run.changes],
    }


def _json_number(value: float) -> float | str | None:
    """Return a number as JSON knows it: "nan" and "inf" are not numbers there."""
    return value if math.isfinite(value) else str(value)


def versions() -> dict[str, str]:
    """Return the versions that a run depends on."""
    from importlib.metadata import version

    return {
        "vanishing_point": __version__,
        "python": platform.python_version(),
        "torch": version("torch"),
        "numpy": np.__version__,
    }


# Why what was to be opened is no recording.
NO_REPLAY = f"must be a recording (the folder holds no {REPLAY})"
NO_FILE = "must be a recording (no such file)"
UNREADABLE = "must be a recording ({0})"
NO_ARCHIVE = "must be a recording, run.npz ({0})"
WRONG_ABOUT = "must be a recording, run.npz (what the file says of itself: {0})"
OTHER_VERSION = "must be a recording of this version ({0})"
DAMAGED = "must be a recording, run.npz, that is not damaged"
NO_RECORDING = (
    NO_REPLAY, NO_FILE, UNREADABLE, NO_ARCHIVE, WRONG_ABOUT, OTHER_VERSION, DAMAGED,
)  # fmt: skip


def open_recording(path: Path) -> Snapshot:
    """Read run.npz, or the folder it lies in, as the finished run that it was.

    Raises:
        ConfigError: it is not a recording, or a damaged one.
    """
    is_folder = os.path.isdir(path)  # noqa: PTH112 (what cannot be looked at is none)
    try:
        return read_runs(path / REPLAY if is_folder else path)
    except FileNotFoundError:
        words = Words(NO_REPLAY if is_folder else NO_FILE)
    except OSError as error:
        words = Words(UNREADABLE, (system_words(error),))
    except ArchiveError as error:
        words = Words(NO_ARCHIVE, (error.words,))
    except JsonError as error:
        words = Words(WRONG_ABOUT, (error.words,))
    except ConfigError as error:
        words = Words(OTHER_VERSION, (error,))
    except DAMAGE:
        words = Words(DAMAGED)
    raise ConfigError("open", str(path), words)
