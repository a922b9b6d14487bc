"""The window before a hall: the whole screen, large type, a few views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, QTimer

from gui import theme as looks

if TYPE_CHECKING:
    from gui.main_window import MainWindow

# What a hall is shown, and how much larger than on a desk.
PRESENTATION_VIEWS = frozenset({"heatmap_h", "profile", "loss"})
PRESENTATION_ZOOM = 1.4
# A lesson's page takes a third of the width. On a screen smaller than this, in logical pixels, type
# of the full size would leave its pictures none.
CROWDED_ROOM = (1400, 840)
CROWDED_ZOOM = 1.2


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
        # A new size of the type is a new layout, which is no thing to do in the middle of one.
        self._fitting = QTimer(window)
        self._fitting.setSingleShot(True)
        self._fitting.timeout.connect(self._fit)

    def toggle(self) -> None:
        """Fill the screen with a few views in large type, or go back to the desk."""
        window = self._window
        self.is_on = not self.is_on
        if self.is_on:
            self._desk_geometry = window.saveGeometry()
        if not window.lessons.is_open:
            # A lesson's page says itself which views and fields there are, and covers some.
            enlarged = window.dashboard.enlarged
            self.show_views()
            window.dashboard.enlarge(enlarged)
        window.places.show_to_hall(self.is_on)
        self._write(self._zoom(window.screen().size()))
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

    def fit_soon(self) -> None:
        """Take the size of type that the window has room for, once it is laid out."""
        if self.is_on:
            self._fitting.start()

    def _fit(self) -> None:
        if self.is_on and self._zoom(self._window.size()) != looks.zoom():
            self._write(self._zoom(self._window.size()))

    def _zoom(self, size: QSize) -> float:
        """Return how much larger than on a desk everything is written in so many pixels."""
        if not self.is_on:
            return 1.0
        small = size.width() < CROWDED_ROOM[0] or size.height() < CROWDED_ROOM[1]
        return CROWDED_ZOOM if self._window.lessons.is_open and small else PRESENTATION_ZOOM

    def _write(self, zoom: float) -> None:
        looks.set_zoom(zoom, self._window)
        self._window.follow_system_theme()
        self._window.retranslate()

    def geometry(self) -> QByteArray:
        """Return the place of the window on the desk, as Qt keeps it."""
        return self._desk_geometry if self.is_on else self._window.saveGeometry()

    def end(self) -> None:
        """Write in ordinary size again; the window closes."""
        if self.is_on:
            self.is_on = False
            self._fitting.stop()
            looks.set_zoom(1.0, self._window)
