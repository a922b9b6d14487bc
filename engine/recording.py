"""Save a run, or a few that were trained in lockstep, and open them again.

A recording is a folder: run.json (what was run, and the verdicts), steps.csv and layers.csv (for
spreadsheets and scripts), run.npz (everything the window needs to show it again) and window.png.
The tables of the second run are steps-2.csv and layers-2.csv, and so on.
Every file is written under another name and renamed when it is complete, so that a reader never
sees half of one. Opening a recording runs no code from it.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import platform
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.config import RunConfig, from_mapping
from engine.diagnosis import THRESHOLDS, review
from engine.diagnosis.storage import restore_diagnosis, store_diagnosis
from engine.fields import ConfigError
from engine.history import HistoryView, SeriesView
from engine.record import (
    CURVE_QUANTITIES,
    LAYER_QUANTITIES,
    VALIDATION_QUANTITIES,
    FirstBad,
    StepRecord,
)
from engine.snapshot import Change, RunSnapshot, Snapshot, State
from engine.tables import layers_table, steps_table
from engine.theory.anchor import Anchor
from engine.twins import MOST_RUNS, differing_fields
from engine.version import __version__

FORMAT = 1
TABLES = {"steps": steps_table, "layers": layers_table}
SERIES = ("curves", "validation", "layers")
# A recording that says it unpacks to more than this is refused: the history of a run in memory
# is a quarter of it.
MOST_UNPACKED_BYTES = 2**30

# What reading a damaged archive may raise, from the archive's own layers up to ours.
DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


@contextmanager
def complete_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that appears under its name only when it is complete."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def prepare_folder(folder: Path) -> None:
    """Make sure that a recording can be written to a folder, before there is anything to write.

    Raises:
        ConfigError: it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with complete_file(folder / ".writable"):
            pass
        (folder / ".writable").unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError("out", str(folder), f"must be a folder to write to ({reason})") from None


def save_recording(folder: Path, runs: Sequence[RunSnapshot], device: str) -> None:
    """Write runs to a folder, but for the picture of the window.

    Args:
        folder: exists and can be written.
        runs: at least one, of which at least one step has been made.
        device: the device in words.

    Raises:
        OSError: the disk is full or the folder has gone.
    """
    for number, run in enumerate(runs, start=1):
        for table, text_of in TABLES.items():
            _write_text(folder / _table_name(table, number), text_of(run))
    write_replay(folder / "run.npz", runs, device)
    # Of a recording with more runs, which this one replaces.
    for number in range(len(runs) + 1, MOST_RUNS + 1):
        for table in TABLES:
            (folder / _table_name(table, number)).unlink(missing_ok=True)
    # Last: where there is a run.json the rest is there too.
    text = json.dumps(_summary(runs, device), indent=2, ensure_ascii=False, allow_nan=False)
    _write_text(folder / "run.json", text + "\n")


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
    write = np.savez_compressed if compressed else np.savez
    with complete_file(path) as file:
        write(file, allow_pickle=False, **_arrays(runs, device))


def _table_name(table: str, number: int) -> str:
    return f"{table}.csv" if number == 1 else f"{table}-{number}.csv"


def _write_text(path: Path, text: str) -> None:
    with complete_file(path) as file:
        file.write(text.encode("utf-8"))


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


# The window's own format -----------------------------------------------------------------------


def _arrays(runs: Sequence[RunSnapshot], device: str) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for number, run in enumerate(runs, start=1):
        arrays |= {_prefix(number) + name: array for name, array in _run_arrays(run).items()}
    about = _run_about(runs[0]) | {
        "format": FORMAT,
        "layer_quantities": LAYER_QUANTITIES,
        "curve_quantities": CURVE_QUANTITIES,
        "device": device,
        "others": [_run_about(run) for run in runs[1:]],
    }
    arrays["about"] = np.frombuffer(json.dumps(about).encode("utf-8"), np.uint8)
    return arrays


def _prefix(number: int) -> str:
    """Return what the names of a run's arrays begin with; the first run is 1."""
    return "" if number == 1 else f"run{number}_"


def _run_arrays(run: RunSnapshot) -> dict[str, NDArray[Any]]:
    record = run.record
    assert record is not None
    arrays: dict[str, NDArray[Any]] = {}
    for name in SERIES:
        series: SeriesView = getattr(run.history, name)
        values = series.complete
        if series.partial is not None:
            values = np.concatenate([values, series.partial[None]])
        arrays[f"{name}_first_steps"] = series.first_steps
        arrays[f"{name}_values"] = values
        arrays[f"{name}_scale"] = np.array(
            [series.stride, series.merges, series.last_step, series.capacity]
        )
    arrays["record_curves"] = record.curves
    arrays["record_layers"] = record.layers
    if run.anchor is not None:
        arrays |= run.anchor.arrays()
    return arrays


def _run_about(run: RunSnapshot) -> dict[str, Any]:
    assert run.record is not None
    first_bad = run.record.first_bad
    return {
        "config": run.config.to_dict(),
        "first_bad": first_bad and dataclasses.asdict(first_bad),
        "changes": [dataclasses.asdict(change) for change in run.changes],
        "parameters": run.parameters,
        "history_bytes": run.history_bytes,
        "anchor": run.anchor and run.anchor.numbers(),
        "steps_per_epoch": run.steps_per_epoch,
        "diagnosis": run.diagnosis and store_diagnosis(run.diagnosis),
        "dead_fraction": None
        if run.record.dead_fraction is None
        else run.record.dead_fraction.tolist(),
    }


def open_recording(path: Path) -> Snapshot:
    """Read run.npz, or the folder it lies in, as the finished run that it was.

    Raises:
        ConfigError: it is not a recording, or a damaged one.
    """
    if path.is_dir():
        path = path / "run.npz"
    try:
        return _read(path)
    except FileNotFoundError:
        raise ConfigError("open", str(path), "must be a recording (no such file)") from None
    except DAMAGE as error:
        if isinstance(error, ConfigError) and error.field != "open":
            reason = f"must be a recording of this version ({error})"
        else:
            reason = "must be a recording, run.npz, that is not damaged"
        raise ConfigError("open", str(path), reason) from None


def _read(path: Path) -> Snapshot:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED_BYTES:
            raise ValueError("it would unpack beyond any size a recording has")
    with np.load(path, allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    about = json.loads(arrays["about"].tobytes().decode("utf-8"))
    if tuple(about["layer_quantities"]) != LAYER_QUANTITIES:
        raise ValueError("other quantities")
    abouts = [about, *about.get("others", [])]
    if len(abouts) > MOST_RUNS:
        raise ValueError("too many runs")
    runs = tuple(_read_run(arrays, number, each) for number, each in enumerate(abouts, start=1))
    return Snapshot(State.FINISHED, run_number=1, runs=runs, device=str(about["device"]))


def _read_run(arrays: dict[str, NDArray[Any]], number: int, about: dict[str, Any]) -> RunSnapshot:
    prefix = _prefix(number)
    arrays = {name.removeprefix(prefix): array for name, array in arrays.items()
              if name.startswith(prefix)}  # fmt: skip
    config, _ = from_mapping(about["config"])
    history = HistoryView(*(_series(arrays, name, config) for name in SERIES))
    bad, dead = about["first_bad"], about.get("dead_fraction")
    record = StepRecord(
        step=history.curves.last_step,
        curves=_checked(arrays["record_curves"], (len(CURVE_QUANTITIES),)),
        layers=_checked(arrays["record_layers"], (len(LAYER_QUANTITIES), config.depth + 1)),
        validation=None,
        first_bad=None if bad is None else FirstBad(**bad),
        dead_fraction=None
        if dead is None
        else _checked(np.array(dead, np.float64), (config.depth,)),
    )
    anchored = about.get("anchor")
    if anchored is not None:
        anchored = Anchor.read(anchored, arrays)
        if len(anchored.widths) != config.depth + 2:
            raise ValueError("widths of another depth")
    prediction = None if anchored is None else anchored.predict(config)
    stored = about.get("diagnosis")
    diagnosis = review(record, history, config=config, anchor=anchored, prediction=prediction)
    return RunSnapshot(
        config=config,
        history=history,
        record=record,
        diagnosis=diagnosis
        if stored is None
        else restore_diagnosis(diagnosis, stored, config.depth),
        changes=tuple(Change(**change) for change in about["changes"]),
        parameters=int(about["parameters"]),
        history_bytes=int(about["history_bytes"]),
        anchor=anchored,
        prediction=prediction,
        steps_per_epoch=int(about.get("steps_per_epoch", 0)),
        first_bad=record.first_bad,
    )


def _checked(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float64]:
    if array.dtype != np.float64 or array.shape != shape:
        raise ValueError("an array of another shape")
    return array


def _series(arrays: dict[str, NDArray[Any]], name: str, config: RunConfig) -> SeriesView:
    shapes = {
        "curves": (len(CURVE_QUANTITIES),),
        "validation": (len(VALIDATION_QUANTITIES),),
        "layers": (len(LAYER_QUANTITIES), config.depth + 1),
    }
    steps, values = arrays[f"{name}_first_steps"], arrays[f"{name}_values"]
    stride, merges, last_step, capacity = (int(n) for n in arrays[f"{name}_scale"])
    if steps.ndim != 1 or not np.issubdtype(steps.dtype, np.integer) or stride < 1:
        raise ValueError("damaged steps")
    return SeriesView(
        first_steps=steps.astype(np.int64),
        complete=_checked(values, (len(steps), 3, *shapes[name])),
        partial=None,
        stride=stride,
        merges=merges,
        last_step=last_step,
        capacity=capacity,
    )
