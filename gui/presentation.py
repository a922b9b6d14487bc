"""The window before a hall: the whole screen, large type, a few views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray

from gui import theme as looks

if TYPE_CHECKING:
    from gui.main_window import MainWindow

# What a hall is shown, and how much larger than on a desk.
PRESENTATION_VIEWS = frozenset({"heatmap_h", "profile", "loss"})
PRESENTATION_ZOOM = 1.4


class Presentation:
    """Takes a window from the desk to the hall, and back.

    Args:
        window: the window.

    Attributes:
        is_on: it is shown to a hall.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.is_on = False
        self._was_maximized = False
        self._desk_geometry = QByteArray()

    def toggle(self) -> None:
        """Fill the screen with a few views in large type, or go back to the desk."""
        window = self._window
        self.is_on = not self.is_on
        if self.is_on:
            self._desk_geometry = window.saveGeometry()
        window.status.show_only_notices(self.is_on)
        if not window.lessons.is_open:
            # A lesson's page says itself which views and fields there are, and covers some.
            self.show_views()
        # Before a hall there is no form, whose place the list would keep.
        column, place = (window.pictures, 1) if self.is_on else (window.side, 0)
        column.insertWidget(place, window.comparison.list)
        window.comparison.list.lay_across(across=self.is_on)
        looks.set_zoom(PRESENTATION_ZOOM if self.is_on else 1.0, window)
        window.follow_system_theme()
        window.retranslate()
        if self.is_on:
            self._was_maximized = window.isMaximized()
            window.showFullScreen()
        elif self._was_maximized:
            window.showMaximized()
        else:
            window.showNormal()

    def show_views(self) -> None:
        """Show the views and the form as they are without a lesson."""
        self._window.panel.setVisible(not self.is_on)
        self._window.dashboard.show_only(PRESENTATION_VIEWS if self.is_on else None)

    def geometry(self) -> QByteArray:
        """Return the place of the window on the desk, as Qt keeps it."""
        return self._desk_geometry if self.is_on else self._window.saveGeometry()

    def end(self) -> None:
        """Write in ordinary size again; the window closes."""
        if self.is_on:
            self.is_on = False
            looks.set_zoom(1.0, self._window)
