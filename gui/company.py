"""Company: the runs that stand beside the first, twins in lockstep and ghosts of earlier runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtGui import QPen

from engine.config import SETTINGS, RunConfig
from engine.fields import NameOr, OneOf
from engine.presets import preset_of
from engine.snapshot import RunSnapshot, Snapshot
from engine.twins import differing_fields
from gui import theme as looks
from gui.theme import Theme
from gui.translation import choice_text, engine_text, local_text

translate = QCoreApplication.translate

# A ghost may differ in everything; nobody reads more of that.
_FEW_FIELDS = 3
_MOST_TELLING = (
    "activation",
    "initializer",
    "normalization",
    "skip",
    "optimizer",
    "dataset",
    "precision",
    "depth",
    "width",
    "learning_rate",
)


@dataclass(frozen=True)
class Companion:
    """A run beside the first.

    Attributes:
        run: it.
        name: what it does differently.
        short: the same in as few words as tell it from the others.
        brief: a word or two of that.
        place: among the runs in lockstep, from 1; of a ghost: among the ghosts, from 0.
        is_ghost: it is over.
    """

    run: RunSnapshot
    name: str
    short: str
    brief: str
    place: int
    is_ghost: bool = False


@dataclass(frozen=True)
class Company:
    """The first run's name among the others, and the others.

    Attributes:
        name: what the first run does differently.
        short: the same in as few words as tell it from the others.
        brief: a word or two of that.
        others: the twins, then the ghosts.
    """

    name: str = ""
    short: str = ""
    brief: str = ""
    others: tuple[Companion, ...] = ()

    @property
    def twins(self) -> tuple[Companion, ...]:
        """Those that are trained in lockstep with the first."""
        return tuple(one for one in self.others if not one.is_ghost)


ALONE = Company()


class Names:
    """The names of the runs of the newest snapshot, which are looked for many times a second."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Find them anew: the language is another one."""
        self._key: object = None
        self._names: list[tuple[str, str, str]] = []

    def of(self, snapshot: Snapshot) -> list[tuple[str, str, str]]:
        """Return the names of all runs of a snapshot, its ghosts last: long, short, and brief."""
        live = len(snapshot.runs)
        configs = [run.config for run in (*snapshot.runs, *snapshot.ghosts)]
        if (configs, live) != self._key:
            self._key = configs, live
            ways = [naming(configs, live) for naming in (run_names, short_names, brief_names)]
            now = translate("Company", "now")
            for names in ways:
                names[0] = names[0] or now
                names[live:] = map(ghost_name, names[live:])
            self._names = list(zip(*ways, strict=True))
        return self._names


def company_of(snapshot: Snapshot, names: Names | None = None) -> Company:
    """Return who stands beside the first run of a snapshot."""
    if len(snapshot.runs) < 2 and not snapshot.ghosts:
        return ALONE
    live = len(snapshot.runs)
    own, *known = (names or Names()).of(snapshot)
    runs = (*snapshot.runs[1:], *snapshot.ghosts)
    others = tuple(
        Companion(run, *of_run, place - live if place >= live else place, is_ghost=place >= live)
        for place, (run, of_run) in enumerate(zip(runs, known, strict=True), start=1)
    )
    return Company(*own, others)


def ghost_name(name: str) -> str:
    """Name a run that is over."""
    return (
        translate("Company", "before: {0}").format(name)
        if name
        else (translate("Company", "before"))
    )


def run_names(configs: Sequence[RunConfig], live: int | None = None) -> list[str]:
    """Name experiments by the values of the fields in which they differ; presets by their titles.

    Args:
        configs: the experiments.
        live: so many of them, from the first, are compared now, and the others are ghosts; None:
            all.
    """
    return _titles(configs) or _named_by(configs, _fields_of(configs, live))


def short_names(configs: Sequence[RunConfig], live: int | None = None) -> list[str]:
    """Name experiments as `run_names` does, by as few fields as tell them apart."""
    titles = _titles(configs)
    if titles:
        return titles
    fields = _fields_of(configs, live)
    if len({*fields}) == 1:
        odd = _named_by_what_is_odd(configs, fields[0])
        if len(set(odd)) == len(set(configs)) > 2:
            return odd
    for count in range(1, max(map(len, fields))):
        names = _named_by(configs, [each[:count] for each in fields])
        if len(set(names)) == len(set(configs)):
            return names
    return _named_by(configs, fields)


def brief_names(configs: Sequence[RunConfig], live: int | None = None) -> list[str]:
    """Name experiments in a word or two, for where there is room for no more.

    Each by a value that no other has; else by the fewest of its values that none is called by. A
    ghost that is the only one needs no name.
    """
    titles = _titles(configs)
    if titles:
        return titles
    names: list[str] = []
    fields = _fields_of(configs, live)
    for config, own in zip(configs, fields, strict=True):
        others = [other for other in configs if other != config]
        telling = (
            name
            for name in _most_telling_first(own)
            if config.applies(name)
            and all(getattr(other, name) != getattr(config, name) for other in others)
        )
        found = next(telling, None)
        names.append("" if found is None else _telling(config, found, brief=True))
    now = len(configs[:live])
    for place, (config, own) in enumerate(zip(configs, fields, strict=True)):
        rivals = names[:now] if place < now else names[now:]
        for count in range(1, len(own) + 1):
            if names[place]:
                break
            (name,) = _named_by([config], [own[:count]])
            names[place] = name if name not in rivals or count == len(own) else ""
    return names if len(names) - now != 1 else [*names[:now], ""]


def _titles(configs: Sequence[RunConfig]) -> list[str]:
    """Return the titles of presets, where all experiments are presets; otherwise nothing."""
    presets = [preset_of(config) for config in configs]
    titles = [local_text(preset.title) for preset in presets if preset is not None]
    # Two of one preset differ in something else.
    whole = len(titles) == len(configs) > 1 and len(set(titles)) == len(set(configs))
    return titles if whole else []


def _fields_of(configs: Sequence[RunConfig], live: int | None) -> list[tuple[str, ...]]:
    """Return the fields that each experiment is named by.

    Those of now are named by what tells them apart, whatever stands behind them; a ghost has the
    fewest fields that tell it from all others, and a few at least. A run that is alone with ghosts
    is named by what they are named by.
    """
    now, over = configs[:live], configs[len(configs[:live]) :]
    among = differing_fields(now)
    if not over:
        return [among] * len(now)
    of_ghosts = [_fields_of_ghost(ghost, now, among) for ghost in over]
    most = max(map(len, of_ghosts))
    fields: list[tuple[str, ...]] = []
    for count in range(_FEW_FIELDS, max(most, _FEW_FIELDS) + 1):
        few = [each[:count] for each in of_ghosts]
        theirs = {name for each in few for name in each}
        fields = [among or _most_telling_first(theirs)] * len(now) + few
        if len(set(_named_by(configs, fields))) == len(set(configs)):
            break
    return fields


def _fields_of_ghost(
    ghost: RunConfig, now: Sequence[RunConfig], among: Sequence[str]
) -> tuple[str, ...]:
    """Return the fields in which a ghost differs from all runs of now, and those among them."""
    own = {f for f in SETTINGS if all(getattr(ghost, f) != getattr(one, f) for one in now)}
    return _most_telling_first(f for f in {*own, *among} if ghost.applies(f))


def _most_telling_first(names: Iterable[str]) -> tuple[str, ...]:
    """Sort fields: what makes the network another one, then how it is trained, then all else."""
    order = dict.fromkeys((*_MOST_TELLING, *SETTINGS))
    wanted = set(names)
    return tuple(name for name in order if name in wanted)


def _named_by(configs: Sequence[RunConfig], fields: Sequence[Sequence[str]]) -> list[str]:
    # What has no effect in an experiment tells nothing of it.
    return [
        ", ".join(_telling(config, name) for name in names if config.applies(name))
        for config, names in zip(configs, fields, strict=True)
    ]


def _named_by_what_is_odd(configs: Sequence[RunConfig], fields: Sequence[str]) -> list[str]:
    """Name each experiment by the values that most others do not have.

    One without any is named by all, but not by what it does not have.
    """
    usual = {f: Counter(getattr(config, f) for config in configs).most_common(1) for f in fields}
    names = []
    for config in configs:
        odd = [f for f in fields if getattr(config, f) != usual[f][0][0]]
        has = [f for f in fields if getattr(config, f) != "none"]
        names += _named_by([config], [odd or has or fields])
    return names


# Values that do not tell what they are of.
_SAID = {
    ("normalization", "none"): QT_TRANSLATE_NOOP("Company", "No normalisation"),
    ("normalization", "batch"): QT_TRANSLATE_NOOP("Company", "Batch normalisation"),
    ("normalization", "layer"): QT_TRANSLATE_NOOP("Company", "Layer normalisation"),
    ("normalization", "rms"): QT_TRANSLATE_NOOP("Company", "RMS normalisation"),
    ("skip", "none"): QT_TRANSLATE_NOOP("Company", "No skip connections"),
    ("clip", "none"): QT_TRANSLATE_NOOP("Company", "No clipping"),
    ("clip", "norm"): QT_TRANSLATE_NOOP("Company", "Clipped norm"),
    ("clip", "value"): QT_TRANSLATE_NOOP("Company", "Clipped values"),
}


# The same, where there is little room.
_SAID_BRIEFLY = {
    ("normalization", "batch"): QT_TRANSLATE_NOOP("Company", "Batch norm"),
    ("normalization", "layer"): QT_TRANSLATE_NOOP("Company", "Layer norm"),
    ("normalization", "rms"): QT_TRANSLATE_NOOP("Company", "RMS norm"),
    ("skip", "none"): QT_TRANSLATE_NOOP("Company", "No skips"),
}


def _telling(config: RunConfig, name: str, *, brief: bool = False) -> str:
    """Write the value of a field, with the field's name unless the value tells it."""
    kind, value = SETTINGS[name].kind, getattr(config, name)
    if brief and (name, value) in _SAID_BRIEFLY:
        return translate("Company", _SAID_BRIEFLY[name, value])
    if (name, value) in _SAID:
        return translate("Company", _SAID[name, value])
    written = value_text(name, value)
    if isinstance(kind, OneOf) and value != "none":
        return written
    return f"{engine_text(SETTINGS[name].label)} {written}"


def value_text(name: str, value: object) -> str:
    """Write the value of a field for people."""
    kind = SETTINGS[name].kind
    if isinstance(kind, OneOf) or (isinstance(kind, NameOr) and value in kind.names):
        return choice_text(str(value))
    written = kind.write(value)
    # The folder of a file leaves a name no room.
    return Path(written).name if name == "dataset" else written


def pens_of(theme: Theme, company: Company, *, strong: bool) -> list[QPen]:
    """Return the pens of all runs, the first's first."""
    live = looks.strong_pen if strong else looks.faint_pen
    others = (((looks.ghost_pen if one.is_ghost else live), one.place) for one in company.others)
    return [live(theme, 0), *(pen(theme, place) for pen, place in others)]


def names_of(company: Company, run: RunSnapshot | None = None) -> list[str]:
    """Return the names of all runs, the first's first.

    Args:
        company: who stands beside.
        run: the first; where it is given, those at another step than it are named with theirs.
    """
    names = [company.name, *(one.name for one in company.others)]
    if run is None:
        return names
    runs = [run, *(one.run for one in company.others)]
    steps = [0 if one.record is None else one.record.step for one in runs]
    # A ghost may well have come farther; it is drawn as it was.
    together = 1 + len(company.twins)
    newest = max(steps[:together])
    for place, (one, step) in enumerate(zip(runs[:together], steps, strict=False)):
        if step < newest and one.record is not None:
            # What is drawn of it is older than what is drawn of the others.
            text = translate("Company", "{0}, step {1}")
            names[place] = text.format(names[place], step)
    return names


def briefs_of(company: Company) -> list[str]:
    """Return the brief names of all runs, the first's first."""
    return [company.brief, *(one.brief for one in company.others)]


def looks_of(company: Company) -> list[tuple[str, int, bool]]:
    """Return what names and pens hang on."""
    others = ((one.name, one.place, one.is_ghost) for one in company.others)
    return [(company.name, 0, False), *others]
