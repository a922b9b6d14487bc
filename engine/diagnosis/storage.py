"""A diagnosis in the file of a recording: what hysteresis and the last steps had made of it.

Sentences are not kept: they are made again from the numbers, in whatever language is in force.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.diagnosis.autopsy import DECISIVE, Autopsy, Manner
from engine.diagnosis.findings import CRITERIA, Finding
from engine.diagnosis.judge import VERDICTS, Diagnosis
from engine.diagnosis.thresholds import thresholds_from


def store_diagnosis(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return what `restore_diagnosis` needs, as JSON values."""
    autopsy = diagnosis.autopsy
    return {
        "verdict": diagnosis.verdict,
        "findings": [[f.criterion, list(f.numbers), f.step] for f in diagnosis.findings],
        "thresholds": diagnosis.thresholds.changed(),
        "autopsy": autopsy
        and {
            "manner": autopsy.manner.value,
            "quantity": autopsy.quantity,
            "over": autopsy.over,
            "at": autopsy.at.tolist(),
            "values": autopsy.values.tolist(),
        },
    }


def restore_diagnosis(measured: Diagnosis, stored: Mapping[str, Any]) -> Diagnosis:
    """Return a diagnosis of the recorded arrays with what was stored of its making.

    The last finite step itself is not in a recording.

    Args:
        measured: from the recorded arrays alone.
        stored: what `store_diagnosis` returned.

    Raises:
        ValueError, KeyError, TypeError: it is damaged.
    """
    verdict = str(stored["verdict"])
    if verdict not in VERDICTS:
        raise ValueError(f"no such verdict: {verdict}")
    findings = tuple(_finding(*entry) for entry in stored["findings"])
    return dataclasses.replace(
        measured,
        verdict=verdict,
        findings=findings,
        autopsy=_autopsy(measured, stored["autopsy"]),
        thresholds=thresholds_from(stored["thresholds"]),
    )


def _finding(criterion: str, numbers: list[float], step: int) -> Finding:
    row = CRITERIA[criterion]
    if len(numbers) != len(row.styles):
        raise ValueError(f"{criterion} with {len(numbers)} numbers")
    return Finding(criterion, row.verdict, row.severity, tuple(map(float, numbers)), int(step))


def _autopsy(measured: Diagnosis, stored: Mapping[str, Any] | None) -> Autopsy | None:
    if stored is None or measured.first_bad is None:
        return None
    at, values = np.array(stored["at"], np.int64), np.array(stored["values"], np.float64)
    quantity, over = str(stored["quantity"]), str(stored["over"])
    if at.ndim != 1 or at.shape != values.shape or over not in ("step", "layer"):
        raise ValueError("a damaged autopsy")
    if quantity not in DECISIVE.values():
        raise ValueError(f"no such quantity: {quantity}")
    manner = Manner(stored["manner"])
    return Autopsy(measured.first_bad, manner, None, quantity, over, at, values)
