"""The program examines itself, from source and as an executable alike: the half without a window.

An executable may lack a file or a module, and where a folder or a table is looked through it then
says nothing. So every table is counted, and an empty one is an error; and every choice that an
experiment has is trained with once.
"""

from __future__ import annotations

import contextlib
import io
import math
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

from engine.config import DEFAULTS, GROUPS, SETTINGS, RunConfig
from engine.fields import NameOr, OneOf
from engine.version import version_words

STEPS = 50
# Small, so that all of it takes seconds; the seed and one thread make the losses repeatable.
SMALL = RunConfig(
    depth=3, width=8, batch_size=8, learning_rate=0.01, threads=1, stop_on_nonfinite=False
)
_NAME_WIDTH = 26


@dataclass(frozen=True)
class Check:
    """One thing to examine.

    Attributes:
        name: a few words.
        run: examines it, raises where something is wrong, and returns what it found.
    """

    name: str
    run: Callable[[], str]


def run_checks(checks: Iterable[Check]) -> list[str]:
    """Print a line for each check, and return the names of those that failed."""
    failed = []
    for check in checks:
        try:
            line = f"ok      {check.name:<{_NAME_WIDTH}}  {check.run()}"
        except Exception as error:  # noqa: BLE001  (named below, and the next one is examined)
            failed.append(check.name)
            line = f"FAILED  {check.name:<{_NAME_WIDTH}}  {type(error).__name__}: {error}"
            traceback.print_exc(file=sys.stderr)
        print(line, flush=True)
    return failed


def engine_checks() -> Iterable[Check]:
    """Yield what can be examined without a window."""
    yield Check("versions", _versions)
    for name, rows in engine_tables().items():
        yield table_check(name, rows)
    for config in covering_experiments():
        yield Check(f"train {config.activation}", partial(_train, config))
    yield Check("recording", _recording)
    yield Check("PyTorch script", _script)


def table_check(name: str, rows: Callable[[], Sized]) -> Check:
    """Return the check that counts a table; an empty one is an error."""

    def count() -> str:
        found = len(rows())
        if found == 0:
            raise ValueError("the table is empty")
        return str(found)

    return Check(f"table {name}", count)


def engine_tables() -> dict[str, Callable[[], Sized]]:
    """Return every table of the engine by name."""
    from engine.activations import ACTIVATIONS
    from engine.datasets import DATASETS
    from engine.diagnosis import THRESHOLDS, VERDICTS
    from engine.initializers import INITIALIZERS
    from engine.licences import parts
    from engine.optimizers import RULES
    from engine.precision import PRECISIONS
    from engine.presets import presets
    from engine.record import CURVE_QUANTITIES, LAYER_QUANTITIES

    return {
        "fields": lambda: SETTINGS,
        "groups of fields": lambda: GROUPS,
        "activations": lambda: ACTIVATIONS,
        "initialisers": lambda: INITIALIZERS,
        "optimisers": lambda: RULES,
        "number formats": lambda: PRECISIONS,
        "data sets": lambda: DATASETS,
        "presets": presets,
        "curves": lambda: CURVE_QUANTITIES,
        "layer quantities": lambda: LAYER_QUANTITIES,
        "verdicts": lambda: VERDICTS,
        "thresholds": lambda: fields(THRESHOLDS),
        "licences": parts,
    }


def covering_experiments() -> list[RunConfig]:
    """Return experiments in which each choice of each field occurs at least once.

    As many as the longest table has rows; the shorter tables begin again.
    """
    choices: dict[str, list[object]] = {}
    for name, setting in SETTINGS.items():
        if isinstance(setting.kind, OneOf | NameOr):
            choices[name] = list(dict.fromkeys([*setting.kind.names, DEFAULTS[name]]))
    count = max(len(names) for names in choices.values())
    return [
        SMALL.replace(**{name: names[row % len(names)] for name, names in choices.items()})
        for row in range(count)
    ]


def _versions() -> str:
    from engine.recording import versions

    named = [f"{name} {version}" for name, version in versions().items() if "vanishing" not in name]
    return ", ".join([version_words(), *named, platform.platform()])


def _losses(config: RunConfig) -> list[float]:
    from engine.trainer import Trainer

    trainer = Trainer(config)
    return [trainer.step().curve("loss") for _ in range(STEPS)]


def _train(config: RunConfig) -> str:
    """Train some steps and tell the losses.

    That a run diverges is a result; that its first loss is not finite is none.
    """
    losses = _losses(config)
    if not math.isfinite(losses[0]):
        raise ValueError(f"the first loss is {losses[0]}")
    what = f"{config.initializer}, {config.optimizer}, {config.precision}, {config.dataset}"
    return f"{what}: loss {losses[0]:.6g} to {losses[-1]:.6g}"


def _recording() -> str:
    """Train as `--headless` does, and compare what was written with the same training."""
    from engine.headless import train_headless
    from engine.recording import open_recording

    with tempfile.TemporaryDirectory() as place:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            train_headless(SMALL, STEPS, Path(place))
        names = sorted(path.name for path in Path(place).iterdir())
        recorded = open_recording(Path(place)).runs[0].history.curve("loss").tolist()
    if recorded != _losses(SMALL):
        raise ValueError("the recording holds other losses than the run")
    return ", ".join(names)


def _script() -> str:
    """Write an experiment as a plain PyTorch script, which must be Python."""
    from engine.torch_script import export_script

    with tempfile.TemporaryDirectory() as place:
        script = Path(place) / "experiment.py"
        export_script(SMALL, script)
        text = script.read_text(encoding="utf-8")
    compile(text, script.name, "exec")
    return f"{len(text.splitlines())} lines"
