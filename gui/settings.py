"""What the window remembers from one start to the next."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QSettings

from gui.theme import THEME_CHOICES

ORGANISATION = "Vanishing Point"
APPLICATION = "Vanishing Point"


class Settings:
    """Window geometry, theme and language, in the place the system has for them.

    Args:
        store: where they are kept; tests give a file of their own.
    """

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION, APPLICATION
        )

    @property
    def geometry(self) -> QByteArray | None:
        """The window's place and size, if it has been closed before."""
        value = self._store.value("window/geometry")
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    @property
    def theme(self) -> str:
        """One of `THEME_CHOICES`."""
        value = self._store.value("theme")
        return value if value in THEME_CHOICES else "system"

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.setValue("theme", value)

    @property
    def language(self) -> str:
        """A language of `gui.translation.LANGUAGES`, or "system"."""
        return str(self._store.value("language") or "system")

    @language.setter
    def language(self, value: str) -> None:
        self._store.setValue("language", value)
