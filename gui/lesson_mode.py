"""What a lesson asks of the window: an experiment, few fields, few views, some of them covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut

from engine.config import RunConfig
from engine.presets import kept_fields
from engine.snapshot import RunSnapshot, Snapshot, State
from gui import theme as looks
from gui.actions import LESSONS_KEY
from gui.experiment_panel import QWIDGETSIZE_MAX
from gui.theme import Theme
from gui.views.cover import Cover
from gui.views.table import KINDS

if TYPE_CHECKING:
    from engine.lessons import Page
    from gui.lessons import LessonPanel
    from gui.main_window import MainWindow
    from gui.undo import Changes, Configs

# The form beside a page is as high as its fields, which leaves the page this much, in logical
# pixels at the size of the type.
_LEAST_PAGE = 240


class LessonMode(QObject):
    """Opens and closes the lessons of a window.

    What the person had before, experiment, speed and the run as it was, comes back when the lesson
    is closed.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.panel: LessonPanel | None = None
        self._covers: list[Cover] = []
        self._looks: dict[str, dict[str, str]] = {}
        self._before: tuple[Configs, int | None] | None = None
        self._run_before: Snapshot | None = None
        self._ghosts_before: tuple[RunSnapshot, ...] = ()
        self._changes_before: Changes | None = None
        self._keys: list[QShortcut] = []
        self._page: Page | None = None
        # The form knows its height once its fields have been laid out.
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.timeout.connect(self._fit_form)

    @property
    def is_open(self) -> bool:
        """Whether a lesson is given."""
        return self._before is not None

    def show_list(self) -> None:
        """Show the list of lessons, where one is given too."""
        if self._has_lessons():
            from gui.lesson_menu import LessonMenu

            menu = LessonMenu(self._window, QKeySequence(LESSONS_KEY))
            menu.popup(self._window.toolbar.place_below("lessons"))

    def _has_lessons(self) -> bool:
        """Return whether there are lessons, and say so where there are none."""
        # The lessons are read when they are first wanted.
        from engine.lessons import lessons

        if not lessons():
            self._window.notice(
                self.tr("No lesson can be given: their files are damaged or missing.")
            )
        return bool(lessons())

    def open(self, lesson: int | None = None, page: int | None = None) -> None:
        """Give a lesson; None: where it was left."""
        window = self._window
        if not self._has_lessons():
            return
        window.dialogs.end_tour()
        panel = self._panel()
        if self._before is None:
            window.remember_experiment()
            self._before = window.comparison.configs, window.toolbar.chosen_speed()
            self._run_before = _kept(window.snapshot())
            self._ghosts_before = window.snapshot().ghosts
            self._changes_before = window.undoing.swap()
            window.comparison.end()
        panel.show()
        window.presentation.fit_soon()
        for key in self._keys:
            key.setEnabled(True)
        if lesson is None:
            lesson, page = panel.lesson_number, panel.page_number
        panel.open(lesson, page or 0)

    def choose(self, number: int) -> None:
        """Give a lesson from its first page, by the number it has for people."""
        from engine.lessons import lessons

        for place, lesson in enumerate(lessons()):
            if lesson.number == number:
                self.open(place)
                return
        self._window.notice(self.tr("Lesson {0} is not available.").format(number))

    def close(self) -> None:
        """Leave the lesson: all fields, all views, and the experiment from before."""
        if self._before is None or self.panel is None:
            return
        window = self._window
        configs, speed = self._before
        self._before = None
        self.panel.hide()
        self.panel.forget()
        for key in self._keys:
            key.setEnabled(False)
        self._page = None
        self._uncover()
        self._restore_looks()
        window.panel.setMinimumHeight(0)
        window.panel.setMaximumHeight(QWIDGETSIZE_MAX)
        window.panel.show_only(None)
        window.presentation.show_views()
        window.presentation.fit_soon()
        window.choose_speed(speed)
        if len(configs) > 1:
            window.comparison.take(configs)
        else:
            self._go_to(configs[0])
        window.rewind()
        run, self._run_before = self._run_before, None
        # What the person's own experiment is compared with are not the lesson's runs.
        ghosts = self._ghosts_before
        if run is not None:
            # A picture, which cannot be trained further: it stands behind the run that follows.
            ghosts = _with_ghost(ghosts, run.runs[0])
        window.session.restore_ghosts(ghosts)
        if run is not None:
            window.show_recording(run, self.tr("Before the lesson"))
            window.notice(
                self.tr("The run is as before the lesson; training starts again at step 0.")
            )
        # All that was changed here ends with the lesson.
        window.undoing.swap(self._changes_before)

    def stop(self) -> None:
        """Lay nothing out any more; the window closes."""
        self._fitting.stop()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        if self.panel is not None:
            self.panel.set_theme(theme)
        for cover in self._covers:
            cover.set_theme(theme)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        if self.panel is not None:
            self.panel.retranslate()

    def _panel(self) -> LessonPanel:
        if self.panel is None:
            from gui.lessons import LessonPanel

            self.panel = LessonPanel(self._window)
            self.panel.set_theme(self._window.theme)
            self.panel.page_shown.connect(self._show_page)
            self.panel.revealed.connect(self._uncover)
            self.panel.closed.connect(self.close)
            self.panel.restore_wanted.connect(self._restore)
            self._window.places.side.insertWidget(0, self.panel, 1)
            for part in (self._window, self._window.panel.widget()):
                part.installEventFilter(self)
            # What presenters in the hand send.
            for key, action in (
                (Qt.Key.Key_PageDown, self.panel.go_on),
                (Qt.Key.Key_PageUp, self.panel.back),
            ):
                shortcut = QShortcut(QKeySequence(key), self._window)
                shortcut.activated.connect(action)
                self._keys.append(shortcut)
        return self.panel

    def follow(self, config: RunConfig) -> None:
        """Offer the page's experiment where the person has gone on to another."""
        if self.is_open and self.panel is not None and self._page is not None:
            self.panel.restore_button.setVisible(config != self._experiment(self._page))

    def _experiment(self, page: Page) -> RunConfig:
        return page.config.replace(**kept_fields(self._window.config, ("device", "threads")))

    def _go_to(self, config: RunConfig) -> None:
        """Go on with an experiment alone: a twin belongs to the page that it was made on."""
        if self._window.comparison.is_on:
            self._window.comparison.take((config,))
        self._window.configure(config)

    def _restore(self) -> None:
        if self._page is not None:
            self._window.configure(self._experiment(self._page))

    def _show_page(self, page: Page) -> None:
        window, self._page = self._window, page
        self._uncover()
        self._restore_looks()
        window.choose_speed(page.speed or None)
        self._go_to(self._experiment(page))
        self.follow(window.config)
        # A page is no change of the person's.
        window.undoing.swap()
        # After the change, which is no change of a run that goes on.
        window.rewind()
        # The page before is not what this one is compared with.
        window.session.drop_ghosts()
        self._show_form(page)
        window.dashboard.show_only(frozenset(name for name in page.views if name in KINDS))
        for name, quantity in page.quantities.items():
            view = window.dashboard.views.get(name)
            if view is not None:
                self._looks[name] = view.state()
                view.restore({"quantity": quantity})
        self._cover(page)
        if page.run:
            # The engine may still be at the run of the page before.
            window.run(page.pause)

    def _show_form(self, page: Page) -> None:
        form = self._window.panel
        form.show_only(page.controls)
        form.setVisible(bool(page.controls))
        self._fitting.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the fields of the form, and the height of the window."""
        changes = event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize)
        if changes and self.is_open and self._window.isVisible():
            self._fitting.start()
        return False

    def _fit_form(self) -> None:
        """Let the form be as high as its fields, so that none is cut."""
        if self.is_open and self.panel is not None:
            window, form = self._window, self._window.panel
            room = window.places.side.geometry().height() - looks.scaled(_LEAST_PAGE)
            wanted = form.widget().sizeHint().height()
            form.setFixedHeight(max(min(wanted, room), form.minimumSizeHint().height()))

    def _restore_looks(self) -> None:
        for name, state in self._looks.items():
            self._window.dashboard.views[name].restore(state)
        self._looks.clear()

    def _cover(self, page: Page) -> None:
        window = self._window
        for name in page.views:
            view = window.dashboard.views.get(name)
            if view is not None and name in page.covered:
                self._covers.append(Cover(view, window.theme))
        # A cure says what is wrong. Where something is covered, so does all else that speaks of the
        # run: the verdicts, the marks of the timeline, the step and the reason that a run ended at.
        window.verdict.show_advice(not page.predict)
        if page.covered:
            window.status.keep_outcome(True)
            for part in (window.verdict, window.comparison.list, window.timeline):
                self._covers.append(Cover(part, window.theme))

    def _uncover(self) -> None:
        self._window.verdict.show_advice(True)
        self._window.status.keep_outcome(False)
        for cover in self._covers:
            cover.remove()
        self._covers.clear()


def _kept(snapshot: Snapshot) -> Snapshot | None:
    """Return the runs of a snapshot as a recording of its own, in little memory; None: no steps."""
    from engine.ghosts import ghost_of

    if not snapshot.runs or not snapshot.runs[0].steps:
        return None
    runs = tuple(ghost_of(run) for run in snapshot.runs)
    return Snapshot(
        State.FINISHED, run_number=1, runs=runs, ghosts=snapshot.ghosts, device=snapshot.device
    )


def _with_ghost(ghosts: tuple[RunSnapshot, ...], run: RunSnapshot) -> tuple[RunSnapshot, ...]:
    """Return ghosts and a run that is over, unless it was kept as it stands."""
    kept = any((ghost.config, ghost.steps) == (run.config, run.steps) for ghost in ghosts)
    return ghosts if kept else (*ghosts, run)
