"""Opens the window of the labs when it is asked for, and keeps it in step with the main one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui.theme import Theme

if TYPE_CHECKING:
    from engine.config import RunConfig
    from gui.labs.window import LabsWindow
    from gui.main_window import MainWindow


class LabsOpener:
    """The labs as the main window sees them: nothing, until they are opened for the first time.

    Args:
        main: the main window, which shows the experiments of the labs.
    """

    def __init__(self, main: MainWindow) -> None:
        self._main = main
        self.window: LabsWindow | None = None

    def open(self) -> None:
        """Show the labs in front."""
        if self.window is None:
            # Labs are for those who ask for them: start-up does not load them.
            from gui.labs.window import LabsWindow

            self.window = LabsWindow(
                lambda: self._main.config, self._main.theme, session=self._main.session
            )
            self.window.experiment_wanted.connect(self._show_experiment)
        self.window.show()
        _bring_to_front(self.window)

    def _show_experiment(self, config: RunConfig) -> None:
        self._main.configure(config)
        _bring_to_front(self._main)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        if self.window is not None:
            self.window.set_theme(theme)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        if self.window is not None:
            self.window.retranslate()

    def close(self) -> None:
        """Close the labs with the main window; their threads end."""
        if self.window is not None:
            self.window.close()
            self.window.deleteLater()
            self.window = None


def _bring_to_front(window: QWidget) -> None:
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.activateWindow()
