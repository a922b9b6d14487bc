"""Company: the runs that stand beside the first, twins in lockstep and ghosts of earlier runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
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


@dataclass(frozen=True)
class Companion:
    """A run beside the first.

    Attributes:
        run: it.
        name: what it does differently.
        place: among the runs in lockstep, from 1; None: a ghost.
    """

    run: RunSnapshot
    name: str
    place: int | None

    @property
    def is_ghost(self) -> bool:
        """Whether it is over."""
        return self.place is None


@dataclass(frozen=True)
class Company:
    """The first run's name among the others, and the others.

    Attributes:
        name: what the first run does differently.
        others: the twins, then the ghosts.
    """

    name: str = ""
    others: tuple[Companion, ...] = ()

    @property
    def twins(self) -> tuple[Companion, ...]:
        """Those that are trained in lockstep with the first."""
        return tuple(one for one in self.others if not one.is_ghost)


ALONE = Company()


def company_of(snapshot: Snapshot) -> Company:
    """Return who stands beside the first run of a snapshot."""
    if len(snapshot.runs) < 2 and not snapshot.ghosts:
        return ALONE
    runs = (*snapshot.runs, *snapshot.ghosts)
    first, *names = run_names([run.config for run in runs], live=len(snapshot.runs))
    live, others = len(snapshot.runs), []
    for place, (run, name) in enumerate(zip(runs[1:], names, strict=True), start=1):
        ghost = place >= live
        others.append(Companion(run, ghost_name(name) if ghost else name, None if ghost else place))
    return Company(first or translate("Company", "now"), tuple(others))


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
        live: so many of them, from the first, are compared now: what tells these apart comes
            first, because the end of a long name is cut.
    """
    presets = [preset_of(config) for config in configs]
    titles = [local_text(preset.title) for preset in presets if preset is not None]
    # Two of one preset differ in something else.
    if len(titles) == len(configs) > 1 and len(set(titles)) == len(set(configs)):
        return titles
    among_live = differing_fields(configs[:live])
    fields = (*among_live, *(f for f in differing_fields(configs) if f not in among_live))
    # What has no effect in an experiment tells nothing of it.
    return [
        ", ".join(_telling(config, name) for name in fields if config.applies(name))
        for config in configs
    ]


def _telling(config: RunConfig, name: str) -> str:
    """Write the value of a field, with the field's name unless the value tells it."""
    kind, value = SETTINGS[name].kind, getattr(config, name)
    written = value_text(name, value)
    if isinstance(kind, OneOf) and value != "none":
        return written
    return f"{engine_text(SETTINGS[name].label)} {written}"


def value_text(name: str, value: object) -> str:
    """Write the value of a field for people."""
    kind = SETTINGS[name].kind
    is_choice = isinstance(kind, OneOf) or (isinstance(kind, NameOr) and value in kind.names)
    return choice_text(str(value)) if is_choice else kind.write(value)


def pen_of(theme: Theme, place: int | None, *, strong: bool) -> QPen:
    """Return the pen of a run by its place in lockstep, 0 for the first; None: a ghost."""
    if place is None:
        return looks.ghost_pen(theme)
    return looks.strong_pen(theme, place) if strong else looks.faint_pen(theme, place)


def looks_of(company: Company) -> list[tuple[str, int | None]]:
    """Return what names and pens hang on."""
    return [(company.name, 0), *((one.name, one.place) for one in company.others)]
