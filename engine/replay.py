"""The file that the window shows runs from: what is in it, and how it is read again.

Reading trusts nothing: a value that this program cannot have written is refused, so that whatever
has been opened can be shown, judged and written again. No code from the file is run.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.archives import ArchiveError, read_archive
from engine.checked import floats, integers, number, whole, words
from engine.config import SETTINGS, RunConfig, from_mapping
from engine.device import read_device
from engine.diagnosis import review
from engine.diagnosis.autopsy import PLACES
from engine.diagnosis.storage import restore_diagnosis, store_diagnosis
from engine.fields import shorten
from engine.history import HistoryView, SeriesView
from engine.input_files import read_json
from engine.record import (
    CURVE_QUANTITIES,
    LAYER_QUANTITIES,
    VALIDATION_QUANTITIES,
    FirstBad,
    StepRecord,
    layer_name,
)
from engine.snapshot import Change, RunSnapshot, Snapshot, State
from engine.theory.anchor import Anchor
from engine.twins import MOST_RUNS

FORMAT = 1
SERIES = ("curves", "validation", "layers")
# A recording that says it unpacks to more than this is refused: the history of a run in memory
# is a quarter of it.
MOST_UNPACKED_BYTES = 2**30
# The longest name of a processor or a card, and of what computes there, has a quarter of this.
LONGEST_DEVICE = 400
# So often no run can have doubled the stride of its columns: it would take centuries.
MOST_MERGES = 40

# What reading a recording that was damaged or made up may raise.
DAMAGE = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    ArithmeticError,
    MemoryError,
)


def arrays_of(runs: Sequence[RunSnapshot], device: str) -> dict[str, NDArray[Any]]:
    """Return runs as arrays by name, as `read_runs` takes them.

    Args:
        runs: at least one, of which at least one step has been made.
        device: the device in words.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for place, run in enumerate(runs, start=1):
        arrays |= {_prefix(place) + name: array for name, array in _run_arrays(run).items()}
    about = _run_about(runs[0]) | {
        "format": FORMAT,
        "layer_quantities": LAYER_QUANTITIES,
        "curve_quantities": CURVE_QUANTITIES,
        "device": device,
        "others": [_run_about(run) for run in runs[1:]],
    }
    arrays["about"] = np.frombuffer(json.dumps(about).encode("utf-8"), np.uint8)
    return arrays


def _prefix(place: int) -> str:
    """Return what the names of a run's arrays begin with; the first run is 1."""
    return "" if place == 1 else f"run{place}_"


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


def read_runs(path: Path) -> Snapshot:
    """Return the runs that were written to a file, as finished ones.

    Raises:
        ArchiveError: it is no such file, or holds other things than one.
        OSError: it cannot be read at all.
        One of `DAMAGE`: it was damaged or made up.
    """
    arrays = read_archive(path, MOST_UNPACKED_BYTES)
    if "about" not in arrays:
        raise ArchiveError("holds other things")
    about = read_json(arrays["about"].tobytes().decode("utf-8"))
    if type(about["format"]) is not int or about["format"] != FORMAT:
        raise ValueError("another format")
    quantities = about["layer_quantities"], about["curve_quantities"]
    if tuple(map(tuple, quantities)) != (LAYER_QUANTITIES, CURVE_QUANTITIES):
        raise ValueError("other quantities")
    abouts = [about, *about.get("others", [])]
    if len(abouts) > MOST_RUNS:
        raise ValueError("too many runs")
    runs = tuple(_read_run(arrays, place, each) for place, each in enumerate(abouts, start=1))
    device = words(about["device"])
    if len(device) > LONGEST_DEVICE or not device.isprintable():
        raise ValueError("no device is called like that")
    return Snapshot(State.FINISHED, run_number=1, runs=runs, device=read_device(device))


def _read_run(arrays: dict[str, NDArray[Any]], place: int, about: dict[str, Any]) -> RunSnapshot:
    prefix = _prefix(place)
    arrays = {name.removeprefix(prefix): array for name, array in arrays.items()
              if name.startswith(prefix)}  # fmt: skip
    config = _config(about["config"])
    curves, validation, layers = (_series(arrays, name, config) for name in SERIES)
    for series in (curves, layers):
        # Something is measured in every step.
        if not len(series) or not _is_gapless(series) or series.last_step != curves.last_step:
            raise ValueError("steps are missing")
    steps = curves.last_step
    record = StepRecord(
        step=steps,
        curves=floats(arrays["record_curves"], (len(CURVE_QUANTITIES),)),
        layers=floats(arrays["record_layers"], (len(LAYER_QUANTITIES), config.depth + 1)),
        validation=None,
        first_bad=_first_bad(about["first_bad"], config, steps),
        dead_fraction=_dead_fraction(about.get("dead_fraction"), config.depth),
    )
    anchor = about.get("anchor")
    if anchor is not None:
        anchor = Anchor.read(anchor, arrays)
        if anchor.widths[1:-1] != config.widths or len(anchor.widths) < 3:
            raise ValueError("widths of another network")
    history = HistoryView(curves, validation, layers)
    prediction = None if anchor is None else anchor.predict(config)
    stored = about.get("diagnosis")
    diagnosis = review(record, history, config=config, anchor=anchor, prediction=prediction)
    return RunSnapshot(
        config=config,
        history=history,
        record=record,
        judged=diagnosis if stored is None else restore_diagnosis(diagnosis, stored, config.depth),
        changes=tuple(_change(change, steps) for change in about["changes"]),
        parameters=whole(about["parameters"]),
        history_bytes=whole(about["history_bytes"]),
        anchor=anchor,
        prediction=prediction,
        steps_per_epoch=whole(about.get("steps_per_epoch", 0)),
        first_bad=record.first_bad,
    )


def _config(stored: dict[str, Any]) -> RunConfig:
    """Return the experiment; a field that is not there has no value that could be taken for it."""
    missing = [name for name in SETTINGS if name not in stored]
    if missing:
        raise ArchiveError("does not say what {0} was", ", ".join(missing))
    config, unknown = from_mapping(stored)
    if unknown:
        raise ArchiveError("knows fields that this version does not: {0}", shorten(unknown[0]))
    return config


def _first_bad(stored: dict[str, Any] | None, config: RunConfig, steps: int) -> FirstBad | None:
    if stored is None:
        return None
    bad = FirstBad(**stored)
    whole(bad.step, 1, steps)
    layers = {layer_name(row, config.depth) for row in range(config.depth + 1)}
    if bad.tensor not in PLACES or bad.layer not in ({""} if bad.tensor == "loss" else layers):
        raise ValueError(f"no such place: {bad}")
    return bad


def _dead_fraction(stored: list[Any] | None, depth: int) -> NDArray[np.float64] | None:
    if stored is None:
        return None
    return floats(np.array([number(share) for share in stored]), (depth,))


def _change(stored: dict[str, Any], steps: int) -> Change:
    change = Change(**stored)
    whole(change.step, 0, steps)
    words(change.value)
    if change.field not in SETTINGS or not math.isfinite(number(change.seconds)):
        raise ValueError(f"no such change: {change}")
    if change.steps_before is not None:
        whole(change.steps_before)
    return change


def _series(arrays: dict[str, NDArray[Any]], name: str, config: RunConfig) -> SeriesView:
    shapes = {
        "curves": (len(CURVE_QUANTITIES),),
        "validation": (len(VALIDATION_QUANTITIES),),
        "layers": (len(LAYER_QUANTITIES), config.depth + 1),
    }
    count = arrays[f"{name}_first_steps"].size
    steps = integers(arrays[f"{name}_first_steps"], (count,))
    stride, merges, last_step, capacity = integers(arrays[f"{name}_scale"], (4,)).tolist()
    if stride != 2 ** whole(merges, 0, MOST_MERGES) or capacity < count:
        raise ValueError("columns of another scale")
    if count and not (steps[0] >= 1 and np.all(np.diff(steps) > 0) and steps[-1] <= last_step):
        raise ValueError("steps do not follow each other")
    return SeriesView(
        first_steps=steps,
        complete=floats(arrays[f"{name}_values"], (count, 3, *shapes[name])),
        partial=None,
        stride=stride,
        merges=merges,
        last_step=last_step,
        capacity=capacity,
    )


def _is_gapless(series: SeriesView) -> bool:
    """Say whether every column begins where the one before it ended."""
    count, stride = len(series), series.stride
    begins = np.arange(count) * stride + 1
    return np.array_equal(series.first_steps, begins) and series.last_step <= count * stride
