"""Save a run and open it again.

A recording is a folder: run.json (what was run, and the verdict), steps.csv and layers.csv (for
spreadsheets and scripts), run.npz (everything the window needs to show it again) and window.png.
Every file is written under another name and renamed when it is complete, so that a reader never
sees half of one. Opening a recording runs no code from it.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
import os
import platform
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.config import RunConfig, from_mapping
from engine.diagnosis import THRESHOLDS, diagnose
from engine.fields import ConfigError
from engine.history import HistoryView, SeriesView
from engine.record import (
    CURVE_QUANTITIES,
    LAYER_QUANTITIES,
    VALIDATION_QUANTITIES,
    FirstBad,
    StepRecord,
    applicable,
    layer_name,
)
from engine.snapshot import Change, RunSnapshot, Snapshot, State
from engine.theory.anchor import Anchor
from engine.theory.prediction import Standing
from engine.version import __version__

FORMAT = 1
SERIES = ("curves", "validation", "layers")
STEP_COLUMNS = (
    "step",
    "loss",
    "accuracy",
    "validation_loss",
    "validation_accuracy",
    "grad_norm",
    "learning_rate",
    "loss_scale",
    "seconds",
)
# What theory expects at initialisation: the same in every step, beside what was measured.
THEORY_COLUMNS = ("theory_activation_rms", "theory_activation_grad_norm")
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


def save_recording(folder: Path, run: RunSnapshot, device: str) -> None:
    """Write a run to a folder, but for the picture of the window.

    Args:
        folder: exists and can be written.
        run: at least one step has been made.
        device: the device in words.

    Raises:
        OSError: the disk is full or the folder has gone.
    """
    _write_text(folder / "steps.csv", _csv_text(STEP_COLUMNS, _step_rows(run.history)))
    header = ("step", "layer", *LAYER_QUANTITIES, *THEORY_COLUMNS)
    _write_text(folder / "layers.csv", _csv_text(header, _layer_rows(run)))
    with complete_file(folder / "run.npz") as file:
        np.savez_compressed(file, allow_pickle=False, **_arrays(run, device))
    # Last: where there is a run.json the rest is there too.
    text = json.dumps(_summary(run, device), indent=2, ensure_ascii=False, allow_nan=False)
    _write_text(folder / "run.json", text + "\n")


def _write_text(path: Path, text: str) -> None:
    with complete_file(path) as file:
        file.write(text.encode("utf-8"))


def _summary(run: RunSnapshot, device: str) -> dict[str, Any]:
    diagnosis = run.diagnosis
    assert diagnosis is not None
    first_bad = diagnosis.first_bad
    return {
        "format": FORMAT,
        "config": run.config.to_dict(),
        "share_string": run.config.share_string(),
        "steps": run.history.curves.last_step,
        "parameters": run.parameters,
        "device": device,
        "seed": run.config.seed,
        "versions": versions(),
        "runs": [
            {
                "verdict": diagnosis.verdict,
                "decades": _json_number(diagnosis.decades),
                "factor_per_layer": _json_number(diagnosis.factor_per_layer),
                "first_bad": None if first_bad is None else dataclasses.asdict(first_bad),
            }
        ],
        "thresholds": dataclasses.asdict(THRESHOLDS),
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


# Tables ----------------------------------------------------------------------------------------


def _csv_text(header: tuple[str, ...], rows: Iterator[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _cell(value: float) -> str:
    """Write a number with all its digits; not finite: inf, -inf or nan."""
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _step_rows(history: HistoryView) -> Iterator[list[str]]:
    """Yield a row for each column of the history: a step, or the mean over several."""
    curves = {name: history.curve(name).tolist() for name in CURVE_QUANTITIES}
    validation = dict(_validation_by_step(history))
    for row, step in enumerate(history.curves.first_steps.tolist()):
        last = step + history.curves.stride - 1
        measured = next((validation[s] for s in range(step, last + 1) if s in validation), None)
        cells = [str(step)]
        for name in STEP_COLUMNS[1:]:
            if name in VALIDATION_QUANTITIES:
                value = None if measured is None else measured[VALIDATION_QUANTITIES.index(name)]
            else:
                value = curves[name][row]
            # A regression has no accuracy; everything else is written as it is.
            missing = value is None or ("accuracy" in name and math.isnan(value))
            cells.append("" if missing or value is None else _cell(value))
        yield cells


def _validation_by_step(history: HistoryView) -> Iterator[tuple[int, tuple[float, ...]]]:
    series = history.validation
    columns = [series.read(index).tolist() for index in range(len(VALIDATION_QUANTITIES))]
    yield from zip(series.first_steps.tolist(), zip(*columns, strict=True), strict=True)


def _layer_rows(run: RunSnapshot) -> Iterator[list[str]]:
    history, depth = run.history, run.config.depth
    applies = applicable(run.config)
    steps = history.layers.first_steps.tolist()
    names = [layer_name(row, depth) for row in range(depth + 1)]
    values = np.stack([history.layer(name) for name in LAYER_QUANTITIES], axis=2).tolist()
    theory = _theory_cells(run)
    for column, step in enumerate(steps):
        for row, name in enumerate(names):
            cells = values[column][row]
            yield [
                str(step),
                name,
                *(_cell(v) if applies[q, row] else "" for q, v in enumerate(cells)),
                *theory[row],
            ]


def _theory_cells(run: RunSnapshot) -> list[list[str]]:
    """Return the cells of `THEORY_COLUMNS` for every layer; empty where there is no theory."""
    prediction = run.prediction
    if prediction is None or prediction.standing is Standing.NONE:
        return [["", ""]] * (run.config.depth + 1)
    lines = zip(prediction.activation_rms, prediction.activation_grad_norm, strict=True)
    return [["" if math.isnan(v) else _cell(float(v)) for v in values] for values in lines]


# The window's own format -----------------------------------------------------------------------


def _arrays(run: RunSnapshot, device: str) -> dict[str, NDArray[Any]]:
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
    about = {
        "format": FORMAT,
        "config": run.config.to_dict(),
        "layer_quantities": LAYER_QUANTITIES,
        "curve_quantities": CURVE_QUANTITIES,
        "first_bad": record.first_bad and dataclasses.asdict(record.first_bad),
        "changes": [dataclasses.asdict(change) for change in run.changes],
        "parameters": run.parameters,
        "history_bytes": run.history_bytes,
        "device": device,
        "anchor": run.anchor and run.anchor.numbers(),
    }
    if run.anchor is not None:
        arrays |= run.anchor.arrays()
    arrays["about"] = np.frombuffer(json.dumps(about).encode("utf-8"), np.uint8)
    return arrays


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
    config, _ = from_mapping(about["config"])
    if tuple(about["layer_quantities"]) != LAYER_QUANTITIES:
        raise ValueError("other quantities")
    history = HistoryView(*(_series(arrays, name, config) for name in SERIES))
    bad = about["first_bad"]
    record = StepRecord(
        step=history.curves.last_step,
        curves=_checked(arrays["record_curves"], (len(CURVE_QUANTITIES),)),
        layers=_checked(arrays["record_layers"], (len(LAYER_QUANTITIES), config.depth + 1)),
        validation=None,
        first_bad=None if bad is None else FirstBad(**bad),
    )
    anchored = about.get("anchor")
    if anchored is not None:
        anchored = Anchor.read(anchored, arrays)
        if len(anchored.widths) != config.depth + 2:
            raise ValueError("widths of another depth")
    run = RunSnapshot(
        config=config,
        history=history,
        record=record,
        diagnosis=diagnose(record, history),
        changes=tuple(Change(**change) for change in about["changes"]),
        parameters=int(about["parameters"]),
        history_bytes=int(about["history_bytes"]),
        anchor=anchored,
        prediction=None if anchored is None else anchored.predict(config),
    )
    return Snapshot(State.FINISHED, run_number=1, runs=(run,), device=str(about["device"]))


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
