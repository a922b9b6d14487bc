"""Experiments by effect: the files of resources/presets, and the person's own.

A preset is a JSON file: a title and one sentence by language, and the experiment as an object of
fields; where all is over soon, also the speed that shows it. `gallery.json` says in which order and
under which headings they are offered. A file is read when it is asked for, because the window is to
be painted before.
"""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from engine.complete_files import complete_files
from engine.config import RunConfig, from_mapping
from engine.fields import ConfigError, Words
from engine.input_files import JsonError, read_bytes, read_json, require_regular, system_words
from engine.pace import SPEEDS
from engine.resources import RESOURCES
from engine.texts import SOURCE_LANGUAGE, Texts, read_texts

FOLDER = RESOURCES / "presets"
GALLERY = "gallery.json"
DEFAULT_PRESET = "vanishing"
LONGEST_TITLE, LONGEST_SENTENCE = 60, 240
# A preset is some hundred characters; a mistaken file must not be read as a whole.
MOST_BYTES = 2**16
# What an experiment keeps of itself when a preset is chosen.
KEPT_BY_PRESETS = ("seed", "device", "threads")
KEPT_BY_OWN_PRESETS = ("device", "threads")


@dataclass(frozen=True)
class Preset:
    """A named experiment.

    Attributes:
        name: name of its file, and of the command line's option.
        title: its name for people, by language.
        sentence: what it shows, by language; empty where the person wrote none.
        config: the experiment.
        speed: one of `SPEEDS`, so that nobody misses what happens soon; 0: as the person likes.
        path: its file; the picture lies beside it.
    """

    name: str
    title: Texts
    sentence: Texts
    config: RunConfig
    speed: int
    path: Path

    @property
    def is_own(self) -> bool:
        """Whether the person made it."""
        return self.path.parent != FOLDER

    @property
    def picture(self) -> Path:
        """Where its picture lies, if it has one."""
        return self.path.with_suffix(".png")


@dataclass(frozen=True)
class PresetGroup:
    """Presets that belong together.

    Attributes:
        title: the heading, by language.
        names: of the presets, in order.
    """

    title: Texts
    names: tuple[str, ...]


class _Presets(Mapping[str, Preset]):
    """The presets that come with the program, in order, each read when it is asked for."""

    def __init__(self, groups: tuple[PresetGroup, ...]) -> None:
        self._names = tuple(name for group in groups for name in group.names)

    def __getitem__(self, name: str) -> Preset:
        if name not in self._names:
            raise KeyError(name)
        return _bundled(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


@cache
def gallery() -> tuple[PresetGroup, ...]:
    """Return the headings and what stands under them.

    Where the file that says so is damaged, all presets that there are stand under one.

    Raises:
        OSError: there are no presets at all.
    """
    try:
        return _read_gallery(FOLDER / GALLERY)
    except ConfigError:
        names = sorted(path.stem for path in FOLDER.glob("*.json") if path.name != GALLERY)
        if not names:
            raise FileNotFoundError(errno.ENOENT, "no presets", str(FOLDER)) from None
        return (PresetGroup({SOURCE_LANGUAGE: "Presets", "zh_CN": "预设"}, tuple(names)),)


def _read_gallery(path: Path) -> tuple[PresetGroup, ...]:
    """Read which presets there are.

    Raises:
        ConfigError: the file cannot be read, or is damaged.
    """
    try:
        require_regular(path)
        text = read_json(path.read_text(encoding="utf-8"))
        groups = tuple(
            PresetGroup(read_texts(row["title"]), _names(row["presets"])) for row in text
        )
    except OSError as error:
        raise _unreadable(path, error) from None
    except (ValueError, TypeError, KeyError):
        groups = ()
    if not any(group.names for group in groups):
        words = Words("must be a list of headings and names of presets")
        raise ConfigError("preset", path.name, words)
    return groups


def _names(value: object) -> tuple[str, ...]:
    """Read a list of names, of files in this folder."""
    if not isinstance(value, list) or not all(own_name(str(name)) == name for name in value):
        raise ValueError(value)
    return tuple(value)


@cache
def presets() -> Mapping[str, Preset]:
    """Return the presets that come with the program, by name and in order.

    To ask for one whose file is damaged raises `ConfigError`.
    """
    return _Presets(gallery())


def preset_problem(name: str) -> ConfigError | None:
    """Return what is wrong with a preset that comes with the program, if something is."""
    try:
        presets()[name]
    except ConfigError as error:
        return error
    except KeyError:
        return ConfigError("preset", name, "must be one of " + ", ".join(presets()))
    return None


def preset_problems() -> tuple[ConfigError, ...]:
    """Return what is wrong with the files of the presets; those that it names are left out."""
    found = []
    try:
        _read_gallery(FOLDER / GALLERY)
    except ConfigError as error:
        found.append(error)
    found += filter(None, map(preset_problem, presets()))
    return tuple(found)


def kept_fields(config: RunConfig, names: Sequence[str] = KEPT_BY_PRESETS) -> dict[str, object]:
    """Return what an experiment hands on to the one that takes its place."""
    return {name: getattr(config, name) for name in names}


def with_preset(name: str, config: RunConfig) -> RunConfig:
    """Return a preset with the seed, device and threads of the present experiment.

    Raises:
        ConfigError: its file is damaged.
    """
    return presets()[name].config.replace(**kept_fields(config))


# The window asks with every picture.
@lru_cache(maxsize=32)
def preset_of(config: RunConfig) -> Preset | None:
    """Return which of the presets that come with the program an experiment is, if any."""
    for name in presets():
        if preset_problem(name) is None and with_preset(name, config) == config:
            return presets()[name]
    return None


def opening_experiment() -> tuple[RunConfig, ConfigError | None]:
    """Return the experiment that the program begins with, and what is wrong with its file."""
    problem = preset_problem(DEFAULT_PRESET)
    return (presets()[DEFAULT_PRESET].config, None) if problem is None else (RunConfig(), problem)


@cache
def _bundled(name: str) -> Preset:
    return read_preset(FOLDER / f"{name}.json")


def read_preset(path: Path) -> Preset:
    """Read a preset.

    Raises:
        ConfigError: the file cannot be read, or is no preset; says what is wrong with it.
    """
    try:
        data = read_bytes(path, MOST_BYTES)
        if data is None:
            words = Words("must have at most {0} bytes", (MOST_BYTES,))
            raise ConfigError("preset", path.name, words)
        text = read_json(data.decode("utf-8"))
    except OSError as error:
        raise _unreadable(path, error) from None
    except UnicodeDecodeError:
        raise ConfigError("preset", path.name, Words("must be JSON in UTF-8")) from None
    except JsonError as error:
        words = Words("must be JSON; {0}", (error.words,))
        raise ConfigError("preset", path.name, words) from None
    if not isinstance(text, dict) or not isinstance(text.get("experiment"), dict):
        words = Words('must be an object with an "experiment" of fields')
        raise ConfigError("preset", path.name, words)
    try:
        title = read_texts(text.get("title"))
        sentence = read_texts(text["sentence"]) if text.get("sentence") else {}
    except ValueError:
        words = Words('must have a "title" and may have a "sentence", each an object of languages')
        raise ConfigError("preset", path.name, words) from None
    try:
        config, unknown = from_mapping(text["experiment"])
    except ConfigError as error:
        raise ConfigError("preset", path.name, Words("holds {0}", (error,))) from None
    if unknown:
        words = Words("holds unknown fields: {0}", (", ".join(unknown),))
        raise ConfigError("preset", path.name, words)
    speed = text.get("speed", 0)
    if type(speed) is not int or speed not in (0, *SPEEDS):
        words = Words('may have a "speed", one of {0}', (", ".join(map(str, SPEEDS)),))
        raise ConfigError("preset", path.name, words)
    return Preset(path.stem, title, sentence, config, speed, path)


def _unreadable(path: Path, error: OSError) -> ConfigError:
    return ConfigError("preset", path.name, Words("cannot be read ({0})", (system_words(error),)))


def read_own_presets(folder: Path) -> tuple[tuple[Preset, ...], tuple[ConfigError, ...]]:
    """Return the person's presets in a folder by name, and what is wrong with the other files."""
    found, problems = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(read_preset(path))
        except ConfigError as error:
            problems.append(error)
    return tuple(found), tuple(problems)


def own_name(title: str) -> str:
    """Return the file name, without its ending, of a preset that a person calls so."""
    return re.sub(r"[^\w-]+", "_", title.strip()).strip("_").lower()


def write_preset(
    folder: Path,
    config: RunConfig,
    title: str,
    sentence: str,
    language: str,
    picture: bytes | None = None,
) -> Preset:
    """Write a preset of the person's own, in the place of one with the same name.

    Args:
        folder: where; it is made if it does not exist.
        config: the experiment.
        title: its name, of letters and figures at least one.
        sentence: what it shows, or nothing.
        language: that both are written in.
        picture: of what it does, as PNG.

    Raises:
        ConfigError: the title or the sentence is empty or too long.
        OSError: the file cannot be written.
    """
    title, sentence = title.strip(), sentence.strip()
    name = own_name(title)
    if not name or len(title) > LONGEST_TITLE:
        words = Words("must have from 1 to {0} characters, a letter or a figure among them",
                      (LONGEST_TITLE,))  # fmt: skip
        raise ConfigError("title", title, words)
    if len(sentence) > LONGEST_SENTENCE:
        words = Words("must have at most {0} characters", (LONGEST_SENTENCE,))
        raise ConfigError("sentence", sentence, words)
    text = {
        "title": {language: title},
        "sentence": {language: sentence} if sentence else {},
        "experiment": config.to_dict(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    with complete_files() as begin:
        if picture is not None:
            with begin(path.with_suffix(".png")) as file:
                file.write(picture)
        with begin(path) as file:
            # A byte in a file's name that is no text is written as JSON writes such a sign.
            written = json.dumps(text, ensure_ascii=False, indent=2) + "\n"
            file.write(written.encode(errors="backslashreplace"))
    return read_preset(path)
