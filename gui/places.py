"""Where the parts of the window stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from gui import theme as looks

if TYPE_CHECKING:
    from gui.main_window import MainWindow

_BESIDE, _BETWEEN = 3 * looks.GAP, 2 * looks.GAP


class Places:
    """The layout of a window: the toolbar on top, the form beside the pictures, a line below.

    Args:
        window: with all of its parts made.

    Attributes:
        side: the column of what stands beside the pictures.
        pictures: the column of the pictures, with the verdict above and the timeline below.
    """

    def __init__(self, window: MainWindow) -> None:
        self.side, self.pictures = QVBoxLayout(), QVBoxLayout()
        for column in (self.side, self.pictures):
            column.setSpacing(_BETWEEN)
        self.side.addWidget(window.comparison.list)
        self.side.addWidget(window.panel)
        self.pictures.addWidget(window.verdict)
        self.pictures.addWidget(window.dashboard, 1)
        self.pictures.addWidget(window.timeline)
        self._middle = QHBoxLayout()
        # The scroll bar of the panel is the gap.
        self._middle.setSpacing(looks.GAP)
        self._middle.addLayout(self.side)
        self._middle.addLayout(self.pictures, 1)
        self.keep_margin_below(False)
        column = QVBoxLayout(window)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_BETWEEN)
        column.addWidget(window.toolbar)
        column.addLayout(self._middle, 1)
        column.addWidget(window.status)

    def keep_margin_below(self, kept: bool) -> None:
        """Keep the cards off the lower edge, where there is no status line; or not."""
        self._middle.setContentsMargins(_BESIDE, 0, _BESIDE, _BETWEEN if kept else 0)
