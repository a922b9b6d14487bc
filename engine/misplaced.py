"""What was given to an option of the command line, and belongs to another one.

This is asked when something has been refused already: it says the more helpful half.
"""

from __future__ import annotations

import re
from pathlib import Path

from engine.input_files import REPLAY, arrays_in, holds_recording
from engine.presets import presets

# The options that read something, and what each of them takes, in words.
TAKEN = {
    "open": "a recording",
    "experiment": "an experiment as JSON",
    "dataset": "data",
    "preset": "the name of a preset",
}
_BY_ENDING = {".json": "experiment", ".csv": "dataset", ".gz": "dataset", "ubyte": "dataset"}
# What `save_recording` writes for others to read.
_OF_A_RECORDING = re.compile(r"run\.json|window\.png|(steps|layers)(-[0-9]+)?\.csv")


def advice(option: str, value: object) -> str:
    """Say which option takes what was refused; empty where it is this one or none is known.

    Args:
        option: that refused it, without its dashes.
        value: the name of a file or folder, or a text.
    """
    if option not in TAKEN or not isinstance(value, str):
        return ""
    beside = Path(value).parent / REPLAY
    if option == "open" and _OF_A_RECORDING.fullmatch(Path(value).name) and holds_recording(beside):
        return f"--open {beside} shows the run that this was written with"
    other = _option_for(value)
    return "" if other in ("", option) else f"--{other} takes {TAKEN[other]}"


def _option_for(value: str) -> str:
    path = Path(value)
    if value in presets():
        return "preset"
    if value.startswith(("vp:", "{")):
        return "experiment"
    if holds_recording(path) or holds_recording(path / REPLAY):
        return "open"
    if arrays_in(path) >= {"x", "y"}:
        return "dataset"
    name = value.lower()
    return next((option for ending, option in _BY_ENDING.items() if name.endswith(ending)), "")
