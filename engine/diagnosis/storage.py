"""A diagnosis in the file of a recording: what hysteresis and the last steps had made of it.

Sentences are not kept: they are made again from the numbers, in whatever language is in force.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.checked import floats, number, whole, words
from engine.diagnosis.autopsy import DECISIVE, KNOWN_STEPS, Autopsy, Manner, RaisedRate
from engine.diagnosis.findings import CRITERIA, Finding
from engine.diagnosis.judge import VERDICTS, Diagnosis
from engine.diagnosis.sentences import Style
from engine.diagnosis.thresholds import thresholds_from
from engine.record import CURVE_QUANTITIES, LAYER_QUANTITIES, StepRecord


def store_diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return what `restore_diagnosis` needs, as JSON values."""
    autopsy = diagnosis.autopsy
    return {
        "verdict": diagnosis.verdict,
        "findings": [[f.criterion, list(f.numbers), f.step] for f in diagnosis.findings],
        "spike_norm": diagnosis.spike_norm,
        "thresholds": diagnosis.thresholds.changed(),
        "autopsy": autopsy
        and {
            "manner": autopsy.manner.value,
            "quantity": autopsy.quantity,
            "over": autopsy.over,
            "known_steps": autopsy.known_steps,
            "longest_gradient": autopsy.longest_gradient,
            "at": autopsy.at.tolist(),
            "values": autopsy.values.tolist(),
            "raised": autopsy.raised and dataclasses.asdict(autopsy.raised),
            "last_finite": autopsy.last_finite and _store_record(autopsy.last_finite),
        },
    }


def _store_record(record: StepRecord) -> dict[str, Any]:
    dead = record.dead_fraction
    return {
        "step": record.step,
        "curves": record.curves.tolist(),
        "layers": record.layers.tolist(),
        "validation": record.validation,
        "dead_fraction": None if dead is None else dead.tolist(),
    }


def restore_diagnosis(measured: Diagnosis, stored: Mapping[str, Any], depth: int) -> Diagnosis:
    """Return a diagnosis of the recorded arrays with what was stored of its making.

    Args:
        measured: from the recorded arrays alone.
        stored: what `store_diagnosis` returned.
        depth: number of hidden layers.

    Raises:
        ValueError, KeyError, TypeError: it is damaged.
    """
    verdict = str(stored["verdict"])
    if verdict not in VERDICTS:
        raise ValueError(f"no such verdict: {verdict}")
    findings = tuple(_finding(*entry, depth=depth) for entry in stored["findings"])
    return dataclasses.replace(
        measured,
        verdict=verdict,
        findings=findings,
        autopsy=_autopsy(measured, stored["autopsy"], depth),
        spike_norm=number(stored.get("spike_norm", 0.0)),
        thresholds=thresholds_from(stored["thresholds"]),
    )


def _finding(criterion: str, numbers: list[float], step: int, *, depth: int) -> Finding:
    row = CRITERIA[criterion]
    if len(numbers) != len(row.styles):
        raise ValueError(f"{criterion} with {len(numbers)} numbers")
    read = tuple(_amount(n, style, depth) for n, style in zip(numbers, row.styles, strict=True))
    return Finding(criterion, row.verdict, row.severity, read, whole(step))


def _amount(stored: object, style: Style, depth: int) -> float:
    """Return a number of a finding. None was ever found by one that is NaN; a loss may be Inf."""
    value = number(stored)
    is_layer = value.is_integer() and 0.0 <= value <= depth
    if (
        math.isnan(value)
        or (style is Style.LAYER and not is_layer)
        or (style is Style.COUNT and not 0.0 <= value < math.inf)
    ):
        raise ValueError(f"no {style} of a finding: {value}")
    return value


def _autopsy(measured: Diagnosis, stored: Mapping[str, Any] | None, depth: int) -> Autopsy | None:
    if stored is None or measured.first_bad is None:
        return None
    at = np.array([whole(place) for place in stored["at"]], np.int64)
    values = np.array([number(value) for value in stored["values"]], np.float64)
    quantity, over = words(stored["quantity"]), stored["over"]
    if at.shape != values.shape or over not in ("step", "layer"):
        raise ValueError("a damaged autopsy")
    towards = np.sign(np.diff(at))
    if not np.isfinite(values).all() or not (np.all(towards == 1) or np.all(towards == -1)):
        raise ValueError("an autopsy of damaged places or values")
    if quantity not in DECISIVE.values():
        raise ValueError(f"no such quantity: {quantity}")
    manner, raised = Manner(stored["manner"]), _raised(stored.get("raised"))
    if (manner is Manner.RAISED_RATE) != (raised is not None):
        raise ValueError("a manner without its change, or a change without its manner")
    return Autopsy(
        first_bad=measured.first_bad,
        manner=manner,
        last_finite=_record(stored.get("last_finite"), depth),
        quantity=quantity,
        over=over,
        # Recordings of older versions do not say.
        known_steps=whole(stored.get("known_steps", KNOWN_STEPS)),
        longest_gradient=number(stored.get("longest_gradient", 0.0)),
        at=at,
        values=values,
        raised=raised,
    )


def _raised(stored: Mapping[str, Any] | None) -> RaisedRate | None:
    """Return how the learning rate was raised; None where that is not to blame."""
    if stored is None:
        return None
    before, after = number(stored["before"]), number(stored["after"])
    if not 0.0 < before < after < math.inf:
        raise ValueError(f"not raised: from {before} to {after}")
    return RaisedRate(whole(stored["step"]), before, after)


def _record(stored: Mapping[str, Any] | None, depth: int) -> StepRecord | None:
    """Return the last finite step; None where there was none, or an older version left it out."""
    if stored is None:
        return None
    curves, layers = (np.array(stored[name], np.float64) for name in ("curves", "layers"))
    dead, validation = stored["dead_fraction"], stored["validation"]
    if curves.shape != (len(CURVE_QUANTITIES),) or layers.shape != (
        len(LAYER_QUANTITIES),
        depth + 1,
    ):
        raise ValueError("a damaged step")
    if validation is not None:
        loss, accuracy = validation
        validation = number(loss), number(accuracy)
    return StepRecord(
        step=whole(stored["step"]),
        curves=curves,
        layers=layers,
        validation=validation,
        first_bad=None,
        dead_fraction=None if dead is None else floats(np.array(dead, np.float64), (depth,)),
    )
