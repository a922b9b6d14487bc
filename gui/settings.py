"""What the window remembers from one start to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from engine.config import RunConfig, parse_experiment
from engine.fields import ConfigError
from gui.settings_file import make_readable
from gui.theme import THEME_CHOICES

ORGANISATION = "Vanishing Point"
APPLICATION = "Vanishing Point"


class _Forgetful:
    """The methods of QSettings that are used here, in memory."""

    def __init__(self) -> None:
        self._values: dict[str, object] = {}

    def value(self, key: str) -> object:
        return self._values.get(key)

    def setValue(self, key: str, value: object) -> None:
        self._values[key] = value

    def sync(self) -> None:
        pass


def _system_store() -> QSettings | _Forgetful:
    """Return what is kept in the place the system has for it, or nothing where that is no use."""
    ini = QSettings.Format.IniFormat
    # A file that it is asked for by name Qt reads at once: it is asked for that of all programs.
    common = Path(QSettings(ini, QSettings.Scope.UserScope, ORGANISATION).fileName())
    place = common.with_suffix("") / f"{APPLICATION}{common.suffix}"
    return QSettings(str(place), ini) if make_readable(place) else _Forgetful()


class Settings:
    """Window geometry, theme and language, in the place the system has for them.

    Args:
        store: where they are kept; tests give a file of their own.
    """

    def __init__(self, store: QSettings | _Forgetful | None = None) -> None:
        self._store = store or _system_store()
        # In force until the program ends, or the person chooses another.
        self._this_time: dict[str, str] = {}

    def look_this_time(self, theme: str, language: str) -> None:
        """Have a theme and a language until the program ends; empty: as remembered."""
        given = {"theme": theme, "language": language}
        self._this_time = {name: value for name, value in given.items() if value}

    def passing_copy(self) -> Settings:
        """Return the same theme and language, forgotten with the process."""
        copy = Settings(_Forgetful())
        copy.theme, copy.language = self.theme, self.language
        return copy

    def save(self) -> None:
        """Write everything now: the process may end without another word."""
        self._store.sync()

    @property
    def geometry(self) -> QByteArray | None:
        """The window's place and size, if it has been closed before."""
        value = self._store.value("window/geometry")
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    @property
    def recent_files(self) -> tuple[str, ...]:
        """What was opened or saved of late, the newest first."""
        try:
            stored = json.loads(str(self._store.value("recent_files") or "[]"))
        except ValueError:
            return ()
        return tuple(str(name) for name in stored) if isinstance(stored, list) else ()

    @recent_files.setter
    def recent_files(self, names: Sequence[str]) -> None:
        self._store.setValue("recent_files", json.dumps(list(names)))

    @property
    def folder(self) -> Path | None:
        """The folder in which a file was opened or saved last, if there was one."""
        value = str(self._store.value("folder") or "")
        return Path(value) if value else None

    @folder.setter
    def folder(self, value: Path) -> None:
        self._store.setValue("folder", str(value.absolute()))

    @property
    def presets_folder(self) -> Path | None:
        """Where the person's own presets lie; None where nothing is remembered."""
        if isinstance(self._store, _Forgetful):
            return None
        return Path(self._store.fileName()).parent / "presets"

    @property
    def autosave_folder(self) -> Path | None:
        """Where runs are kept in case the program is killed; None where nothing is remembered."""
        if isinstance(self._store, _Forgetful):
            return None
        return Path(self._store.fileName()).parent / "autosave"

    @property
    def theme(self) -> str:
        """One of `THEME_CHOICES`."""
        value = self._this_time.get("theme", self._store.value("theme"))
        return str(value) if value in THEME_CHOICES else "system"

    @theme.setter
    def theme(self, value: str) -> None:
        self._choose("theme", value)

    @property
    def language(self) -> str:
        """A language of `gui.translation.LANGUAGES`, or "system"."""
        return self._this_time.get("language", str(self._store.value("language") or "system"))

    @language.setter
    def language(self, value: str) -> None:
        self._choose("language", value)

    def _choose(self, name: str, value: str) -> None:
        # The window says again what it was given for this time.
        if self._this_time.get(name) != value:
            self._this_time.pop(name, None)
            self._store.setValue(name, value)

    @property
    def thresholds(self) -> dict[str, object]:
        """The conventions of the verdicts that the person has changed, by name."""
        try:
            values = json.loads(str(self._store.value("thresholds") or "{}"))
        except ValueError:
            return {}
        return values if isinstance(values, dict) else {}

    @thresholds.setter
    def thresholds(self, values: Mapping[str, object]) -> None:
        self._store.setValue("thresholds", json.dumps(dict(values)))

    @property
    def arrangement(self) -> str:
        """Where the views stand, as `gui.arrangement.Arrangement` writes it."""
        return str(self._store.value("arrangement") or "")

    @arrangement.setter
    def arrangement(self, value: str) -> None:
        self._store.setValue("arrangement", value)

    @property
    def toured(self) -> bool:
        """Whether the tour of the first start has been shown."""
        return str(self._store.value("toured") or "") == "yes"

    @toured.setter
    def toured(self, value: bool) -> None:
        self._store.setValue("toured", "yes" if value else "")

    @property
    def experiment(self) -> RunConfig | None:
        """The person's last experiment."""
        text = str(self._store.value("experiment") or "")
        try:
            return parse_experiment(text)[0] if text else None
        except ConfigError:
            # Written by a version that knew other values.
            return None

    @experiment.setter
    def experiment(self, value: RunConfig) -> None:
        # It is told again while nothing changes, and each setting is a writing of the whole file.
        if value != self.experiment:
            self._store.setValue("experiment", value.share_string())

    @property
    def starting(self) -> tuple[int, str]:
        """The process that began a run and has shown nothing of it yet, and the experiment.

        0 and nothing where there is none.
        """
        number, _, experiment = str(self._store.value("starting") or "").partition(" ")
        return (int(number), experiment) if number.isdecimal() and len(number) < 20 else (0, "")

    @starting.setter
    def starting(self, value: tuple[int, str]) -> None:
        self._store.setValue("starting", f"{value[0]} {value[1]}" if value[0] else "")
