"""The changes of the experiment and its twins that can be undone, and those that were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from engine.config import RunConfig

if TYPE_CHECKING:
    from gui.main_window import MainWindow

MOST_CHANGES = 200

# The window's own experiment, then its twins in their order.
Configs = tuple[RunConfig, ...]


class Changes:
    """The experiments that the person went through, and where among them he stands.

    Args:
        configs: the first.
    """

    def __init__(self, configs: Configs) -> None:
        self._visited = [configs]
        self._place = 0

    def note(self, configs: Configs) -> None:
        """Remember experiments that the person has gone on to; what was undone is forgotten."""
        if configs == self._visited[self._place]:
            return
        del self._visited[self._place + 1 :]
        self._visited.append(configs)
        del self._visited[:-MOST_CHANGES]
        self._place = len(self._visited) - 1

    def undo(self) -> Configs | None:
        """Go back by one change; None where there is none."""
        return self._go(-1)

    def redo(self) -> Configs | None:
        """Make the change that was undone again; None where there is none."""
        return self._go(1)

    def _go(self, way: int) -> Configs | None:
        place = self._place + way
        if not 0 <= place < len(self._visited):
            return None
        self._place = place
        return self._visited[place]


class Undoing:
    """Takes the window back to experiments that the person went through.

    Args:
        window: with its experiment and its comparison.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._changes = Changes(window.comparison.configs)

    def note(self) -> None:
        """Remember the experiment and its twins, so that the person can come back to them."""
        comparison = self._window.comparison
        self._changes.note(comparison.configs)
        comparison.has_forgotten = False

    def undo(self) -> None:
        """Go back to the experiment before the last change."""
        if not self._window.comparison.remember():
            otherwise = QCoreApplication.translate("Undoing", "There is nothing to undo.")
            self._go_to(self._changes.undo(), otherwise)

    def redo(self) -> None:
        """Make the change that was undone again."""
        otherwise = QCoreApplication.translate("Undoing", "There is nothing to redo.")
        self._go_to(self._changes.redo(), otherwise)

    def swap(self, changes: Changes | None = None) -> Changes:
        """Undo and redo among other changes from now on; return those of until now.

        Args:
            changes: the others; None: nothing has been changed yet.
        """
        before = self._changes
        self._changes = Changes(self._window.comparison.configs) if changes is None else changes
        # Not all that was there with them may have come back.
        self.note()
        return before

    def _go_to(self, configs: Configs | None, otherwise: str) -> None:
        if configs is None:
            self._window.notice(otherwise)
        else:
            self._window.comparison.go_to(configs)
