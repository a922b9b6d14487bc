"""Units that are alike, dead, or on the flat parts of φ."""

from __future__ import annotations

import numpy as np

from engine.diagnosis.criteria.criterion import (
    ALARM,
    COUNT,
    LAYER,
    NOTE,
    SHARE,
    WARNING,
    Check,
    Criterion,
    Numbers,
    kept_above,
    known,
    largest,
    layer_number,
)
from engine.diagnosis.reading import Reading
from engine.diagnosis.thresholds import Thresholds


def _symmetric(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    widths = np.array(reading.config.widths)
    alike = np.flatnonzero((reading.distinct <= limits.symmetric_units) & (widths > 1))
    if not len(alike):
        return None
    return (layer_number(alike[0]), float(widths[alike[0]]), float(len(alike)))


def _silent_layer(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    silent = np.flatnonzero(reading.inactive >= 1.0)
    return (layer_number(silent[0]),) if len(silent) else None


def _dead_alarm(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    dead = reading.record.dead_fraction
    if dead is None:
        return None
    return largest(known(dead), kept_above(limits.dead_alarm, limits, before))


def _dead_warning(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    dead, first = reading.record.dead_fraction, reading.past.first_inactive
    if dead is None or first is None:
        return None
    found = largest(known(dead - first), kept_above(limits.dead_warning, limits, before))
    return None if found is None else (float(dead[int(found[1]) - 1]), found[1], found[0])


def _inactive(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
    # In a small batch chance alone leaves units at zero: it says nothing.
    if reading.samples < limits.inactive_samples:
        return None
    return largest(known(reading.inactive), 0.0)


def _saturated(alarm: bool) -> Check:
    def check(reading: Reading, limits: Thresholds, before: bool) -> Numbers:
        if reading.config.skip != "none":
            # The gradient has a way around the flat units.
            return None
        limit = limits.saturated_alarm if alarm else limits.saturated_warning
        return largest(known(reading.saturated), kept_above(limit, limits, before))

    return check


SYMMETRIC = Criterion(
    "symmetric", "symmetric", ALARM, "all units of {0} are alike",
    "In {0} all {1} units have the same weights and stay alike for ever: the layer is "
    "worth one unit. That holds for {2} layers.",
    (LAYER, COUNT, COUNT), _symmetric,
    "In {0} all {1} units have the same weights and stay alike for ever: the layer is "
    "worth one unit.",
    at_once=True,
)  # fmt: skip

SILENT_LAYER = Criterion(
    "silent_layer", "dead network", ALARM, "{0} is silent",
    "No unit of {0} is active for any sample: nothing passes through it, forward or "
    "back.",
    (LAYER,), _silent_layer, seen_lately=True,
)  # fmt: skip

DEAD_ALARM = Criterion(
    "dead_alarm", "dead units", ALARM, "{0} of {1}",
    "{0} of the units of {1} were not activated by any sample of the last window; it "
    "is the worst of {2} such layers.",
    (SHARE, LAYER, COUNT), _dead_alarm,
    "{0} of the units of {1} were not activated by any sample of the last window.",
    at_once=True,
)  # fmt: skip

SATURATED_ALARM = Criterion(
    "saturated_alarm", "saturated", ALARM, "{0} of {1}",
    "{0} of the activations of {1} lie where φ is flat, and pass on almost no gradient; "
    "it is the worst of {2} such layers.",
    (SHARE, LAYER, COUNT), _saturated(True),
    "{0} of the activations of {1} lie where φ is flat, and pass on almost no gradient.",
)  # fmt: skip

DEAD_WARNING = Criterion(
    "dead_warning", "dead units", WARNING, "{0} of {1}",
    "{0} of the units of {1} were not activated by any sample of the last window: {2} "
    "more than were inactive at the start.",
    (SHARE, LAYER, SHARE), _dead_warning, at_once=True,
)  # fmt: skip

SATURATED_WARNING = Criterion(
    "saturated_warning", "saturated", WARNING, "{0} of {1}",
    "{0} of the activations of {1} lie where φ is flat; so it is in {2} layers.",
    (SHARE, LAYER, COUNT), _saturated(False),
    "{0} of the activations of {1} lie where φ is flat.",
)  # fmt: skip

INACTIVE = Criterion(
    "inactive", "inactive", NOTE, "",
    "{0} of the units of {1} are zero for this whole batch, and some in {2} layers. In a "
    "deep ReLU network that is usual, and no fault.",
    (SHARE, LAYER, COUNT), _inactive,
    "{0} of the units of {1} are zero for this whole batch. In a deep ReLU network that is "
    "usual, and no fault.",
)  # fmt: skip
