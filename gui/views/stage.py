"""A stage of a step in slow motion: what has come about by now."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Phase(enum.Enum):
    """The parts of a step, in order."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"


@dataclass(frozen=True)
class Stage:
    """Where a step is.

    Attributes:
        phase: the part of it.
        layer: the layer that is reached; 0 is the one next to the input, depth the output layer.
    """

    phase: Phase
    layer: int
