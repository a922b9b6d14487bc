"""What stands in for the dialogs of the system, which nobody could answer."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

from PySide6.QtCore import Qt
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QFileDialog


class StandIns:
    """Answers the dialogs of the system at random.

    Args:
        chance: draws.
        folder: what is opened and saved lies in it.
    """

    def __init__(self, chance: random.Random, folder: Path) -> None:
        self._random = chance
        self._folder = folder

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        """Answer."""
        with (
            patch.object(QFileDialog, "getOpenFileName", self._file_to_open),
            patch.object(QFileDialog, "getSaveFileName", self._file_to_save),
            patch.object(QFileDialog, "getExistingDirectory", self._folder_to_save),
            patch.object(QDrag, "exec", _drop_nowhere),
            patch("gui.preset_gallery._move_to_bin", lambda path: path.unlink() or True),
        ):
            yield

    def _file_to_open(self, *_: object) -> tuple[str, str]:
        files = sorted(self._folder.rglob("*.npz"))
        strange = [self._folder / "missing.npz", self._folder / "settings.ini", self._folder]
        return str(self._random.choice([*files, *files, *strange])), ""

    def _file_to_save(self, _: object, title: str, proposed: str, *__: object) -> tuple[str, str]:
        name = Path(proposed).name
        places = [self._folder / name, self._folder / "no" / "such" / name, ""]
        return str(self._random.choice([places[0], *places])), ""

    def _folder_to_save(self, *_: object) -> str:
        places = [self._folder / "recordings", self._folder / "settings.ini", ""]
        return str(self._random.choice([places[0], *places]))


def _drop_nowhere(drag: QDrag, *_: object) -> Qt.DropAction:
    """End a drag as Qt does, which would wait for a mouse that is not there."""
    drag.deleteLater()
    return Qt.DropAction.IgnoreAction
