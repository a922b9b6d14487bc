"""Experiments by effect: the files of resources/presets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from engine.config import RunConfig, from_mapping
from engine.resources import RESOURCES

# The order in which they are offered; a file that is not named here comes after these.
ORDER = ("vanishing", "exploding", "healthy")
DEFAULT_PRESET = "vanishing"


@dataclass(frozen=True)
class Preset:
    """A named experiment.

    Attributes:
        name: name of its file, and of the command line's option.
        title: its name for people.
        sentence: what it shows.
        config: the experiment.
    """

    name: str
    title: str
    sentence: str
    config: RunConfig


@cache
def presets() -> dict[str, Preset]:
    """Return the presets by name.

    Raises:
        RuntimeError: the folder holds none, or a file names an unknown field.
    """
    found = {}
    for path in sorted((RESOURCES / "presets").glob("*.json")):
        text = json.loads(path.read_text(encoding="utf-8"))
        config, unknown = from_mapping(text["experiment"])
        if unknown:
            raise RuntimeError(f"{path.name}: unknown fields {', '.join(unknown)}")
        found[path.stem] = Preset(path.stem, text["title"], text["sentence"], config)
    if not found:
        raise RuntimeError(f"no presets in {RESOURCES / 'presets'}")
    names = [name for name in ORDER if name in found]
    return {name: found[name] for name in names + sorted(found.keys() - set(names))}
