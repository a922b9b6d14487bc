"""What the window opens over itself: lists, explanations, the tour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.crash import ErrorDialog

if TYPE_CHECKING:
    from engine.diagnosis import Thresholds
    from gui.main_window import MainWindow
    from gui.tour import Tour


class Dialogs(QObject):
    """Opens them; each is imported when it is first wanted.

    Args:
        window: over which they stand.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._tour: Tour | None = None

    def show_about(self) -> None:
        """Tell the version and the licences."""
        from gui.about import AboutDialog

        AboutDialog(self._window).open()

    def show_keys(self) -> None:
        """Show all keys over the window."""
        from gui.key_help import KeyHelp

        for shown in self._window.findChildren(KeyHelp):
            shown.close()
        KeyHelp(self._window, self._window.theme).open()

    def begin_tour(self) -> None:
        """Point at what matters, one thing after the other."""
        from gui.tour import Tour

        self.end_tour()
        # It points at what a lesson hides, and a view that fills the window.
        self._window.lessons.close()
        self._window.dashboard.enlarge(None)
        self._tour = Tour(self._window)
        self._tour.ended.connect(self._forget_tour)

    def end_tour(self) -> bool:
        """Take the tour's bubble away; return whether there was one."""
        if self._tour is None:
            return False
        self._tour.end()
        return True

    def _forget_tour(self) -> None:
        self._tour = None

    def show_failure_details(self) -> None:
        """Open the whole text of a failure."""
        failure = self._window.snapshot().failure
        if failure is not None:
            ErrorDialog(failure.message, failure.traceback, self._window).open()

    def show_findings(self) -> None:
        """Show all that was found in the run, and what happened if it has ended."""
        from gui.findings import FindingsDialog

        snapshot = self._window.snapshot()
        if snapshot.runs and snapshot.runs[0].diagnosis is not None:
            dialog = FindingsDialog(snapshot.runs[0], self._window.theme, self._window)
            dialog.cure_chosen.connect(self._window.take_cure)
            dialog.open()

    def show_thresholds(self) -> None:
        """Show the conventions of the verdicts, to be changed."""
        from engine.diagnosis.thresholds import thresholds_from
        from gui.thresholds import ThresholdsDialog

        dialog = ThresholdsDialog(thresholds_from(self._window.settings.thresholds), self._window)
        dialog.chosen.connect(self.use_thresholds)
        dialog.open()

    def use_thresholds(self, thresholds: Thresholds) -> None:
        """Judge by other conventions from now on, also after the next start."""
        self._window.settings.thresholds = thresholds.changed()
        self._window.session.set_thresholds(thresholds)
