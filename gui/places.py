"""Where the parts of the window stand: at a desk, before a hall, and where one view fills it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from gui import theme as looks

if TYPE_CHECKING:
    from gui.main_window import MainWindow

_BESIDE, _BETWEEN = 3 * looks.GAP, 2 * looks.GAP


class _Beside(QWidget):
    """A column with a gap on its right, which is as wide as nothing where it shows nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            # The scroll bar of the form is the rest of the gap.
            gap = 0 if self.column.isEmpty() else looks.GAP
            self.column.setContentsMargins(0, 0, gap, 0)
        return super().event(event)


class Places:
    """The layout of a window: the toolbar on top, the form beside the pictures, a line below.

    Args:
        window: with all of its parts made.

    Attributes:
        side: the column of what stands beside the pictures.
        above: the column of what stands above the pictures.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._focused: QWidget | None = None
        self._before_hall = False
        beside, above = _Beside(), QWidget()
        self.side, self.above = beside.column, QVBoxLayout(above)
        self.above.setContentsMargins(0, 0, 0, 0)
        pictures = QVBoxLayout()
        for column in (self.side, self.above, pictures):
            column.setSpacing(_BETWEEN)
        self.side.addWidget(window.comparison.list)
        self.side.addWidget(window.panel)
        self.above.addWidget(window.verdict)
        pictures.addWidget(above)
        pictures.addWidget(window.dashboard, 1)
        pictures.addWidget(window.timeline)
        self._middle = QHBoxLayout()
        self._middle.setSpacing(0)
        self._middle.addWidget(beside)
        self._middle.addLayout(pictures, 1)
        column = QVBoxLayout(window)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(_BETWEEN)
        column.addWidget(window.toolbar)
        column.addLayout(self._middle, 1)
        column.addWidget(window.status)
        # Hidden as they are here, whatever of them is shown or hidden for another reason meanwhile.
        self._around = (window.toolbar, beside, above, window.timeline)
        self._fit()

    def show_to_hall(self, shown: bool) -> None:
        """Have the runs side by side above the pictures, and no status line; or as at a desk."""
        self._before_hall = shown
        runs = self._window.comparison.list
        # Before a hall there is no form, whose place the list would keep.
        column, place = (self.above, self.above.count()) if shown else (self.side, 0)
        column.insertWidget(place, runs)
        runs.lay_across(across=shown)
        self._fit()

    def follow_enlarged(self) -> None:
        """Leave the window to the view that is to fill it, or bring back all that was there."""
        window = self._window
        alone = window.dashboard.enlarged is not None
        if alone and not self._around[0].isHidden():
            focused = QApplication.focusWidget()
            self._focused = focused if focused and window.isAncestorOf(focused) else None
            # What is hidden would hand the keyboard to its neighbour.
            window.setFocus()
        for part in self._around:
            part.setHidden(alone)
        self._fit()
        if not alone and self._focused is not None:
            if shiboken6.isValid(self._focused):
                self._focused.setFocus()
            self._focused = None

    def _fit(self) -> None:
        alone = self._window.dashboard.enlarged is not None
        # Cards keep off the edges, also where there is no toolbar or no status line.
        above, below = _BETWEEN * alone, _BETWEEN * (alone or self._before_hall)
        self._middle.setContentsMargins(_BESIDE, above, _BESIDE, below)
        # How a run has ended is said nowhere else while a view is alone.
        self._window.status.show_only_notices(alone or self._before_hall, ends=alone)
