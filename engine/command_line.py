"""The command line, made from the declarations of the experiment's fields."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from engine.activations import ACTIVATIONS
from engine.config import DEFAULTS, GROUPS, SETTINGS, RunConfig, parse_experiment
from engine.datasets import DATASETS
from engine.fields import ConfigError, Whole, Words, shorten
from engine.initializers import INITIALIZERS
from engine.input_files import JsonError, read_bytes, read_json, system_words
from engine.presets import opening_experiment, preset_problem, preset_problems, presets
from engine.texts import SOURCE_LANGUAGE, in_language
from engine.version import IS_EXECUTABLE, version_words

PROGRAM = "vanishing-point"
STEPS = Whole(1, 10**9)
# The window needs some room; beyond the rest no screen and no printer goes.
PIXELS = Whole(600, 10_000)
LOOKS = {"theme": ("light", "dark"), "language": ("en", "zh_CN")}


@dataclass(frozen=True)
class Look:
    """What the window is to look like, this once.

    Attributes:
        size: width and height of a picture of it in pixels; None: as always.
        theme, language: of `LOOKS`; empty: as remembered.
    """

    size: tuple[int, int] | None = None
    theme: str = ""
    language: str = ""


@dataclass(frozen=True)
class Command:
    """What the person asked for.

    Attributes:
        config: the experiment.
        chosen: some of it was asked for; otherwise it is the opening experiment.
        steps: stop after this many steps; None: not said.
        headless: train without a window.
        out: folder for the recording.
        thresholds: the conventions of the verdict, by name, where a file was given.
        screenshot: file for a picture of the window.
        look: of the window, or of that picture.
        script: file for the experiment as a plain PyTorch script.
        recording: recording to open.
        list_tables: print what there is to choose from.
        selftest: examine everything that came with the program.
        announce: say on the output when the window is painted for the first time.
        notes: remarks for the person, one line each.
    """

    config: RunConfig
    chosen: bool
    steps: int | None
    headless: bool
    out: Path | None
    thresholds: Mapping[str, object]
    screenshot: Path | None
    look: Look
    script: Path | None
    recording: Path | None
    list_tables: bool
    selftest: bool
    announce: bool
    notes: tuple[str, ...]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ConfigError("command line", " ".join(sys.argv[1:]) or "(empty)", message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM if IS_EXECUTABLE else "main.py",
        description="See the gradients of a deep network vanish, explode and come back to health. "
        "Without options the window opens with the default experiment.",
        epilog="Exit codes: 0 done, a diverging run included; 2 bad arguments or unreadable "
        "input; 1 anything else.",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    program = parser.add_argument_group("program")
    add = program.add_argument
    add("--preset", metavar="NAME", help="begin with a preset: " + ", ".join(presets()))
    add("--experiment", metavar="TEXT", help="begin with a share string (vp:…) or a JSON file")
    add("--open", metavar="RUN.npz", help="open a recording")
    add("--steps", metavar="N", help="stop after N steps (without a window: 1000 unless said)")
    add("--headless", action="store_true", help="train without a window")
    add("--out", metavar="DIR", help="with --headless: write the recording to this folder")
    add(
        "--thresholds",
        metavar="FILE.json",
        help='with --headless: judge by other conventions, such as {"strong_decades": 4}, or by '
        "those of a run.json",
    )
    add("--screenshot", metavar="FILE.png", help="train, save the window as a picture and exit")
    add("--size", metavar="WxH", help="with --screenshot: pixels of the picture, such as 1440x900")
    for name, choices in LOOKS.items():
        text = f"of the window, this time: {' or '.join(choices)}"
        add(f"--{name}", metavar=name.upper(), help=text)
    add(
        "--export-script",
        metavar="FILE.py",
        help="write the experiment as a plain PyTorch script, its data beside it, and exit",
    )
    add("--list", action="store_true", help="print what there is to choose from, and exit")
    add("--selftest", action="store_true", help="try everything, a line each, and exit 0 or 1")
    add("--announce", action="store_true", help="print a line when the window is first painted")
    add("--version", action="version", version=f"{PROGRAM} {version_words()}")
    groups = {key: parser.add_argument_group(title.lower()) for key, title in GROUPS.items()}
    for name, setting in SETTINGS.items():
        default = setting.kind.write(DEFAULTS[name])
        allowed = setting.kind.allowed().removeprefix("must be ")
        text = f"{setting.help} {allowed[:1].upper()}{allowed[1:]}. Default: {default}."
        groups[setting.group].add_argument(
            f"--{name}", metavar="X", help=text.replace("%", "%%"), default=None
        )
    return parser


def parse_command_line(arguments: Sequence[str]) -> Command:
    """Read the command line.

    Raises:
        ConfigError: a value is not allowed, or a file cannot be read.
        SystemExit: --help or --version was asked for.
    """
    parsed = _parser().parse_args(_join_negative_values(arguments))
    given = {name: getattr(parsed, name) for name in SETTINGS if getattr(parsed, name) is not None}
    _check_combination(parsed)
    with _in_option("experiment", parsed.experiment):
        base, notes = _base_experiment(parsed.preset, parsed.experiment)
    config = base.replace(**given)
    for name in given:
        if not config.applies(name):
            notes.append(f"{name} has no effect here: {_why_not(name)}")
    with _in_option("thresholds", parsed.thresholds):
        thresholds = {} if parsed.thresholds is None else read_thresholds(Path(parsed.thresholds))
    if parsed.list:
        notes += [note for note in map("left out: {}".format, preset_problems())
                  if note not in notes]  # fmt: skip
    if parsed.steps is not None and config.max_steps:
        notes.append("max_steps has no effect here: --steps says when to stop")
    return Command(
        config=config,
        chosen=bool(given or parsed.preset or parsed.experiment),
        steps=None if parsed.steps is None else _read_steps(parsed.steps),
        headless=parsed.headless,
        out=None if parsed.out is None else Path(parsed.out),
        thresholds=thresholds,
        screenshot=None if parsed.screenshot is None else _picture_path(parsed.screenshot),
        look=_look(parsed),
        script=None if parsed.export_script is None else _script_path(parsed.export_script),
        recording=None if parsed.open is None else Path(parsed.open),
        list_tables=parsed.list,
        selftest=parsed.selftest,
        announce=parsed.announce,
        notes=tuple(notes),
    )


@contextmanager
def _in_option(name: str, value: str | None) -> Iterator[None]:
    """Have what is refused in an option that holds many values say that it stood there."""
    try:
        yield
    except ConfigError as error:
        # One that names the option itself has said so.
        if value is not None and error.field != name:
            error.origin = f"--{name}" if _is_text(value) else f"--{name} {shorten(value)}"
        raise


def _is_text(experiment: str) -> bool:
    """Return whether an experiment is written out, and not the name of a file."""
    return experiment.strip().startswith(("vp:", "{"))


def _why_not(name: str) -> str:
    if name == "depth":
        return "the list of widths sets it"
    other, values = SETTINGS[name].needs or ("", ())
    return f"it needs {other} = {' or '.join(str(value) for value in values)}"


def _check_combination(parsed: argparse.Namespace) -> None:
    """Refuse options that would be ignored beside each other."""
    if parsed.out is not None and not parsed.headless:
        raise ConfigError("out", parsed.out, "must be given together with --headless")
    if parsed.thresholds is not None and not parsed.headless:
        raise ConfigError("thresholds", parsed.thresholds, "must be given together with --headless")
    if parsed.size is not None and parsed.screenshot is None:
        raise ConfigError("size", parsed.size, "must be given together with --screenshot")
    for name in ("out", "open", "experiment", "thresholds"):
        if getattr(parsed, name) == "":
            what = "a folder" if name == "out" else "a file"
            raise ConfigError(name, "", f"must be the name of {what}, not empty")
    for name in ("screenshot", "open", "export_script", *LOOKS):
        value = getattr(parsed, name)
        if parsed.headless and value is not None:
            raise ConfigError(name, value, "must not be given together with --headless")


def _join_negative_values(arguments: Sequence[str]) -> list[str]:
    """Let `--field -1` mean what `--field=-1` means: argparse takes -1 for an option."""
    joined: list[str] = []
    for argument in arguments:
        name = joined[-1].removeprefix("--") if joined else ""
        if argument.startswith("-") and not argument.startswith("--") and name in SETTINGS:
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _read_steps(text: str) -> int:
    try:
        return STEPS.read(text)
    except (ValueError, OverflowError):
        raise ConfigError("steps", text, STEPS.allowed()) from None


def _picture_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".png":
        raise ConfigError("screenshot", text, "must be a file name ending in .png")
    if not os.path.isdir(path.parent):  # noqa: PTH112 (what cannot be looked at is none)
        raise ConfigError("screenshot", text, "must lie in a folder that exists")
    return path


def _look(parsed: argparse.Namespace) -> Look:
    for name, choices in LOOKS.items():
        value = getattr(parsed, name)
        if value is not None and value not in choices:
            raise ConfigError(name, value, f"must be one of {', '.join(choices)}")
    return Look(_read_size(parsed.size), parsed.theme or "", parsed.language or "")


def _read_size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    try:
        width, height = (PIXELS.read(part) for part in text.lower().split("x"))
    except (ValueError, OverflowError):
        words = f"must be two whole numbers from {PIXELS.minimum} to {PIXELS.maximum}"
        raise ConfigError("size", text, f"{words}, such as 1440x900") from None
    return width, height


def _script_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".py":
        raise ConfigError("export_script", text, "must be a file name ending in .py")
    return path


def _base_experiment(preset: str | None, experiment: str | None) -> tuple[RunConfig, list[str]]:
    if preset is not None and experiment is not None:
        raise ConfigError("experiment", experiment, "must not be given together with --preset")
    if experiment is None and preset is None:
        config, problem = opening_experiment()
        return config, [] if problem is None else [f"left out: {problem}"]
    if preset is not None:
        problem = preset_problem(preset)
        if problem is not None:
            raise problem
        return presets()[preset].config, []
    assert experiment is not None
    if _is_text(experiment):
        config, unknown = parse_experiment(experiment)
    else:
        config, unknown = read_experiment(Path(experiment))
    return config, [f"unknown field ignored: {shorten(name)}" for name in unknown]


# An experiment is a few hundred characters; a mistyped name must not read a film into memory.
MOST_EXPERIMENT_BYTES = 2**20


def read_experiment(path: Path) -> tuple[RunConfig, tuple[str, ...]]:
    """Read an experiment from a file of JSON, or with a share string in it.

    Returns:
        The experiment, and the unknown names, which were ignored.

    Raises:
        ConfigError: the file cannot be read, or is neither.
    """
    wanted = Words("must be a share string (vp:…) or a readable JSON file")
    text = _read_text(path, "experiment", wanted)
    try:
        return parse_experiment(text)
    except ConfigError as error:
        if error.field != "experiment":
            raise
        # The name of the file tells more than what stands in it.
        raise ConfigError("experiment", str(path), error.words) from None


def read_thresholds(path: Path) -> dict[str, object]:
    """Read thresholds from a file of JSON: an object of numbers by name, or a run.json.

    Raises:
        ConfigError: it cannot be read, names what is no threshold, or a value is not allowed.
    """
    from engine.diagnosis.thresholds import THRESHOLD_TABLE, Thresholds

    wanted = "must be a JSON object of thresholds"
    try:
        found = read_json(_read_text(path, "thresholds", Words(wanted)))
    except JsonError as error:
        raise ConfigError("thresholds", str(path), f"{wanted}; {error}") from None
    if isinstance(found, dict) and isinstance(found.get("thresholds"), dict):
        found = found["thresholds"]
    if not isinstance(found, dict):
        raise ConfigError("thresholds", str(path), wanted)
    unknown = [name for name in found if name not in THRESHOLD_TABLE]
    if unknown:
        known = "must name only " + ", ".join(THRESHOLD_TABLE)
        raise ConfigError("thresholds", ", ".join(unknown), known)
    Thresholds(**found)
    return found


def _read_text(path: Path, field: str, wanted: Words) -> str:
    try:
        data = read_bytes(path, MOST_EXPERIMENT_BYTES)
        if data is None:
            raise ConfigError(field, str(path), Words("{0} of at most 1 MiB", (wanted,)))
        return data.decode("utf-8")
    except OSError as error:
        reason = system_words(error)
    except ValueError:
        reason = Words("not UTF-8 text")
    raise ConfigError(field, str(path), Words("{0} ({1})", (wanted, reason)))


def tables_text() -> str:
    """Return what there is to choose from, as `--list` prints it."""
    tables = {
        "Activations": {name: row.formula for name, row in ACTIVATIONS.items()},
        "Initialisers": {name: row.formula for name, row in INITIALIZERS.items()},
        "Data sets": {name: row.summary for name, row in DATASETS.items()},
        "Presets": {
            name: in_language(presets()[name].sentence, SOURCE_LANGUAGE)
            for name in presets()
            if preset_problem(name) is None
        },
    }
    lines = []
    for title, rows in tables.items():
        lines.append(f"{title} ({len(rows)})")
        width = max(map(len, rows), default=0) + 2
        lines += [f"  {name:<{width}}{text}" for name, text in rows.items()]
        lines.append("")
    return "\n".join(lines).rstrip()
