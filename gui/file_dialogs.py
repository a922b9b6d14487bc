"""The dialogs that ask for a file: where they begin, and what they suggest."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.translation import choice_text

if TYPE_CHECKING:
    from engine.config import RunConfig
    from gui.settings import Settings

# What a name may not hold on one system or another.
_FORBIDDEN = re.compile(r'[\\/:*?"<>|\s]+')
# Of a network of many widths the name says how many layers it has.
_MOST_WIDTHS = 4


def suggested_name(what: str, config: RunConfig, ending: str = "") -> str:
    """Return a file's name that says what it shows and of which experiment.

    Args:
        what: in the language in force.
        config: the experiment.
        ending: of the file.
    """
    size = f"{config.depth}x{config.width}"
    if isinstance(config.width, tuple):
        few = len(config.width) <= _MOST_WIDTHS
        size = "-".join(map(str, config.width)) if few else str(config.depth)
    name = f"{what} - {size} {choice_text(config.activation)}"
    return _FORBIDDEN.sub(" ", name).strip() + ending


class FileDialogs:
    """Asks for files. Each dialog begins in the folder that was used last.

    Args:
        settings: remember the folder for the next start, if there are any.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._folder = None if settings is None else settings.folder

    def ask_file(self, parent: QWidget, title: str, suggestion: str, kinds: str) -> str:
        """Return where to save a file; empty: nowhere."""
        place = str(self._first_folder() / suggestion)
        name, _ = QFileDialog.getSaveFileName(parent, title, place, kinds)
        return self._used(name, Path(name).parent)

    def ask_folder(self, parent: QWidget, title: str) -> str:
        """Return a folder to save in; empty: none."""
        place = str(self._first_folder())
        name = QFileDialog.getExistingDirectory(parent, title, place)
        return self._used(name, Path(name))

    def ask_what_to_open(self, parent: QWidget, title: str, kinds: str) -> str:
        """Return a file that there is; empty: none."""
        place = str(self._first_folder())
        name, _ = QFileDialog.getOpenFileName(parent, title, place, kinds)
        return self._used(name, Path(name).parent)

    def _used(self, name: str, folder: Path) -> str:
        if name:
            self._folder = folder
            if self._settings is not None:
                self._settings.folder = folder
        return name

    def _first_folder(self) -> Path:
        """Return the folder used last, else that of documents, else that of the person."""
        documents = QStandardPaths.StandardLocation.DocumentsLocation
        folders = self._folder, Path(QStandardPaths.writableLocation(documents))
        return next((one for one in folders if one is not None and one.is_dir()), Path.home())
