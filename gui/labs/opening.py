"""Opens the window of the labs when it is asked for, and keeps it in step with the main one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gui import theme as looks
from gui.theme import Theme

if TYPE_CHECKING:
    from engine.config import RunConfig
    from gui.labs.lab import Values
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
        self._zoom = looks.zoom()
        # What the window was like before a presentation, which gives it the whole screen.
        self._desk_state: Qt.WindowState | None = None

    def open(self) -> None:
        """Show the labs in front."""
        window = self.window or self._make()
        if self._main.presenting and not window.isVisible():
            window.showMaximized()
        window.show()
        _bring_to_front(window)

    def _make(self, shown: str = "", values: Mapping[str, Values] | None = None) -> LabsWindow:
        # Labs are for those who ask for them: start-up does not load them.
        from gui.labs.window import LabsWindow

        self.window = LabsWindow(
            lambda: self._main.config,
            self._main.theme,
            session=self._main.session,
            shown=shown,
            values=values,
            dialogs=self._main.files.dialogs,
        )
        self.window.experiment_wanted.connect(self._show_experiment)
        self._zoom = looks.zoom()
        return self.window

    def _make_anew(self, old: LabsWindow) -> None:
        """Put a window in the place of another: the same labs, written in another size.

        A lab takes its lengths when it is made, and there are too many of them to follow.
        """
        place = old.normalGeometry() if old.isMaximized() else old.geometry()
        state, visible = old.windowState(), old.isVisible()
        if self._main.presenting:
            self._desk_state, state = state, state | Qt.WindowState.WindowMaximized
        elif self._desk_state is not None:
            self._desk_state, state = None, self._desk_state
        shown, values = old.page.row.name, old.values()
        self.close()
        new = self._make(shown, values)
        new.setGeometry(place)
        new.setWindowState(state)
        # The main window goes on to fill the screen: it keeps the keyboard.
        new.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        new.setVisible(visible)
        new.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, False)

    def _show_experiment(self, config: RunConfig) -> None:
        self._main.configure(config)
        _bring_to_front(self._main)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme, and the size of the type."""
        if self.window is None:
            return
        if self._zoom != looks.zoom():
            self._make_anew(self.window)
        else:
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
