"""How a threshold is declared: its kind, unit and source beside its value."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from engine.fields import Kind


@dataclass(frozen=True)
class Threshold:
    """The declaration of one threshold.

    Attributes:
        kind: what it accepts.
        label: its name for people.
        unit: in words; empty for a plain ratio.
        source: where the number comes from.
        help: what it decides.
    """

    kind: Kind
    label: str
    unit: str
    source: str
    help: str


def threshold(default: Any, kind: Kind, label: str, unit: str, source: str, help: str) -> Any:
    """Return a field of a dataclass with its declaration."""
    declaration = Threshold(kind, label, unit, source, help)
    return dataclasses.field(default=default, metadata={"threshold": declaration})
