"""A run as tables for spreadsheets and scripts, in the format of CSV."""

from __future__ import annotations

import csv
import io
import math
from bisect import bisect_left
from collections.abc import Iterator

import numpy as np

from engine.history import HistoryView
from engine.record import (
    CURVE_QUANTITIES,
    LAYER_INDEX,
    LAYER_QUANTITIES,
    VALIDATION_QUANTITIES,
    applicable,
    layer_name,
)
from engine.snapshot import RunSnapshot
from engine.theory.standing import Standing

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
# What is measured beside the columns that scripts rely on comes after all of them.
EXTRA = ("distinct_units",)
MEASURED = tuple(name for name in LAYER_QUANTITIES if name not in EXTRA)
LAYER_COLUMNS = ("step", "layer", *MEASURED, *THEORY_COLUMNS, *EXTRA)


def steps_table(run: RunSnapshot) -> str:
    """Return the quantities of the whole network, a line for each step."""
    return _csv_text(STEP_COLUMNS, _step_rows(run.history))


def layers_table(run: RunSnapshot) -> str:
    """Return the quantities of every layer, a line for each step and layer."""
    return _csv_text(LAYER_COLUMNS, _layer_rows(run))


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
    measured = history.validation
    measured_at = measured.first_steps.tolist()
    validation = {name: measured.read(n).tolist() for n, name in enumerate(VALIDATION_QUANTITIES)}
    for row, step in enumerate(history.curves.first_steps.tolist()):
        last = step + history.curves.stride - 1
        place = bisect_left(measured_at, step)
        is_measured = place < len(measured_at) and measured_at[place] <= last
        cells = [str(step)]
        for name in STEP_COLUMNS[1:]:
            if name in VALIDATION_QUANTITIES:
                value = validation[name][place] if is_measured else None
            else:
                value = curves[name][row]
            # A regression has no accuracy; everything else is written as it is.
            missing = value is None or ("accuracy" in name and math.isnan(value))
            cells.append("" if missing or value is None else _cell(value))
        yield cells


def _layer_rows(run: RunSnapshot) -> Iterator[list[str]]:
    history, depth = run.history, run.config.depth
    applies = applicable(run.config)
    measured, extra = ([LAYER_INDEX[name] for name in names] for names in (MEASURED, EXTRA))
    steps = history.layers.first_steps.tolist()
    names = [layer_name(row, depth) for row in range(depth + 1)]
    values = np.stack([history.layer(name) for name in LAYER_QUANTITIES], axis=2).tolist()
    theory = _theory_cells(run)
    for column, step in enumerate(steps):
        for row, name in enumerate(names):
            numbers = enumerate(values[column][row])
            cells = [_cell(v) if applies[q, row] else "" for q, v in numbers]
            yield [
                str(step),
                name,
                *(cells[q] for q in measured),
                *theory[row],
                *(cells[q] for q in extra),
            ]


def _theory_cells(run: RunSnapshot) -> list[list[str]]:
    """Return the cells of `THEORY_COLUMNS` for every layer; empty where there is no theory."""
    prediction = run.prediction
    if prediction is None or prediction.standing is Standing.NONE:
        return [["", ""]] * (run.config.depth + 1)
    lines = zip(prediction.activation_rms, prediction.activation_grad_norm, strict=True)
    return [["" if math.isnan(v) else _cell(float(v)) for v in values] for values in lines]
