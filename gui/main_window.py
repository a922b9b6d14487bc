"""The window: it places the parts, and does what the person asks for."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QPaintEvent,
    QResizeEvent,
    QScreen,
)
from PySide6.QtWidgets import QApplication, QWidget

from engine.config import RunConfig
from engine.fields import ConfigError
from engine.presets import KEPT_BY_OWN_PRESETS, KEPT_BY_PRESETS, Preset, kept_fields, presets
from engine.snapshot import Snapshot, State
from gui import theme as looks
from gui.actions import add_keys
from gui.arrangement import Arrangement
from gui.comparison import Comparison
from gui.dashboard import Dashboard
from gui.dialogs import Dialogs
from gui.experiment_panel import ExperimentPanel
from gui.files import Files
from gui.labs.opening import LabsOpener
from gui.lesson_mode import LessonMode
from gui.places import Places
from gui.presentation import Presentation
from gui.refusals import reason_words, refusal_words
from gui.renewal import Renewal
from gui.settings import Settings
from gui.sharing import Sharing
from gui.slow_motion import SlowMotion
from gui.source import Source
from gui.status import StatusLine
from gui.timeline import Timeline
from gui.toolbar import Toolbar
from gui.translation import Translation
from gui.undo import Undoing
from gui.verdict import VerdictBanner
from gui.wiring import connect_parts

if TYPE_CHECKING:
    from engine.session import Session

logger = logging.getLogger(__name__)

# The engine thread gets so long to end when the window closes; the window is gone by then.
CLOSE_TIMEOUT_SECONDS = 0.4
# Nothing can end an import, so that there is no point in waiting for it.
LOADING_TIMEOUT_SECONDS = 0.05
SMALLEST_SIZE = (1000, 640)
FIRST_SIZE = (1360, 850)
# What a frame takes of the screen: both sides, and title and bottom.
FRAME_SIZE = (16, 48)
LARGEST_NEW_SEED = 10000


class MainWindow(QWidget):
    """The laboratory.

    Args:
        session: the engine, not started yet.
        config: the experiment the session was made with.
        opened: a recorded run to show until the person starts something.

    Attributes:
        first_painted: the window is on the screen for the first time.
        first_pictured: a run is shown for the first time; all that takes long is loaded.
        engine_ended: after closing, whether the engine thread has ended.
    """

    first_painted = Signal()
    first_pictured = Signal()

    def __init__(
        self,
        session: Session,
        config: RunConfig,
        *,
        settings: Settings,
        translation: Translation,
        opened: Snapshot | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self.config = config
        self.engine_ended = True
        self._settings = settings
        self._translation = translation
        self._source = Source(session)
        self._painted = False
        self._engine_started = False
        self._wants_run = False
        self._refused: Snapshot | None = None
        self.renewal = Renewal(self)
        self.renewal.first_pictured.connect(self.first_pictured)
        # A click beside a field lets go of it, so that the keys are the window's again.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._build()
        add_keys(self)
        if opened is not None:
            self._source.open(opened, "")
        self.set_theme(settings.theme)
        self.retranslate()
        self._show_config()
        # On a small screen all of it is to be seen, its frame too.
        self.resize(QSize(*FIRST_SIZE).boundedTo(_room_on(self.screen())))
        self.setMinimumSize(*SMALLEST_SIZE)
        if settings.geometry is not None:
            self.restoreGeometry(settings.geometry)

    # Parts

    def _build(self) -> None:
        self.toolbar = Toolbar()
        # What the person has chosen; a preset may have another.
        self._own_speed: int | None = None
        self.panel = ExperimentPanel(self.config)
        self.verdict = VerdictBanner()
        self.dashboard = Dashboard()
        self.dashboard.arrange(Arrangement.read(self._settings.arrangement))
        self.timeline = Timeline()
        self.slow_motion = SlowMotion(self)
        self.comparison = Comparison(self)
        self.undoing = Undoing(self)
        self.files = Files(self)
        self.sharing = Sharing(self)
        self.dialogs = Dialogs(self)
        self.lessons = LessonMode(self)
        self.presentation = Presentation(self)
        self.labs = LabsOpener(self)
        self.status = StatusLine()
        self.places = Places(self)
        connect_parts(self)

    @property
    def settings(self) -> Settings:
        """What is remembered from one start to the next."""
        return self._settings

    @property
    def language(self) -> str:
        """The language in force."""
        return self._translation.language

    # What the person does

    def toggle_run(self) -> None:
        """Run, or pause if it runs."""
        snapshot = self.snapshot()
        on_the_way = self._wants_run and snapshot.state in (State.LOADING, State.BUILDING)
        if on_the_way or snapshot.state is State.RUNNING:
            self._wants_run = False
            self.session.pause()
            self.toolbar.show_running(False)
            return
        if self.session.snapshot().state is State.FINISHED:
            self.session.rewind()
            self.status.notice(self.tr("Again from step 0"))
        self.run()

    def run(self, steps: int = 0) -> None:
        """Run so many steps, or without end, whatever the engine was at when looked at last."""
        self._wants_run = True
        self.slow_motion.let_rest()
        self._close_recording()
        self.timeline.show_newest()
        self.session.step(steps) if steps else self.session.run()
        self.toolbar.show_running(True)

    def step(self) -> None:
        """Make one step."""
        self._pause_before()
        self.session.step()

    def rewind(self) -> None:
        """Back to step 0 with the same weights, and wait."""
        self._pause_before()
        self.session.rewind()

    def step_epoch(self) -> None:
        """Train to the end of the epoch."""
        self._pause_before()
        self.session.step_epoch()

    def _pause_before(self) -> None:
        self.slow_motion.let_rest()
        self._close_recording()
        self.timeline.show_newest()
        self._wants_run = False
        self.session.pause()

    def new_seed(self) -> None:
        """Draw other weights; go on running if it runs."""
        seed = self.config.seed
        while seed == self.config.seed:
            seed = random.randrange(LARGEST_NEW_SEED)
        self.take_seed(seed)

    def take_seed(self, seed: int) -> None:
        """Draw the weights of a seed: another run, which nothing was changed in."""
        self.configure(self.config.replace(seed=seed), marked=False)

    def choose_preset(self, name: str) -> None:
        """Take the experiment of a preset."""
        try:
            preset = presets()[name]
        except ConfigError as error:
            self.status.notice(self.tr("Not taken. {0}").format(refusal_words(error)))
        else:
            self.take_preset(preset)

    def take_preset(self, preset: Preset) -> None:
        """Take the experiment of a preset, with the seed of the person's own ones."""
        kept = KEPT_BY_OWN_PRESETS if preset.is_own else KEPT_BY_PRESETS
        speed = preset.speed or self._own_speed
        if speed != self.toolbar.chosen_speed():
            self._train_at(speed)
        self._begin(preset.config.replace(**kept_fields(self.config, kept)))

    def _begin(self, config: RunConfig) -> None:
        """Begin an experiment alone at step 0."""
        with self._running_after_an_end():
            self.comparison.take((config,))
            self.session.rewind()

    @contextmanager
    def _running_after_an_end(self) -> Iterator[None]:
        """Run what is chosen meanwhile, if nothing runs because that has ended by itself.

        Where the person has paused, or has not begun, it waits.
        """
        ended = self.session.snapshot().state in (State.FINISHED, State.FAILED)
        yield
        if ended:
            self.run()

    def choose_speed(self, steps_per_second: int | None) -> None:
        """Train at most so fast; None: as fast as it goes."""
        self._own_speed = steps_per_second
        self._train_at(steps_per_second)

    def _train_at(self, steps_per_second: int | None) -> None:
        self.toolbar.show_speed(steps_per_second)
        self.session.set_speed(steps_per_second)

    def take_cure(self, config: RunConfig) -> None:
        """Go on with the experiment that a cure makes of this one: a mark on every plot says so."""
        with self._running_after_an_end():
            self.configure(config, marked=True)

    def configure(self, config: RunConfig, *, marked: bool | None = None) -> None:
        """Go on with another experiment.

        Args:
            config: it.
            marked: as of `Session.configure`.
        """
        if config != self.config:
            self.show_experiment(config)
            self.comparison.follow()
            self.session.configure(config, marked=marked)
            self.undoing.note()
        self._show_config()

    def show_experiment(self, config: RunConfig) -> None:
        """Show an experiment that the engine has been told of, or is about to be."""
        self.config = config
        self._close_recording()
        self._show_config()

    @property
    def shows_recording(self) -> bool:
        """Whether a recording is shown, and not the engine."""
        return self._source.is_recording

    def _close_recording(self) -> None:
        if self._source.is_recording:
            self._source.close()
            self._show_title()

    def _show_title(self) -> None:
        title = self.tr("Vanishing Point")
        if self._source.is_recording:
            title = f"{self._source.name or self.tr('Recording')} – {title}"
        self.setWindowTitle(title)

    def notice(self, text: str) -> None:
        """Tell something in the status line for a while."""
        self.status.notice(text)

    def show_recording(self, opened: Snapshot, name: str) -> None:
        """Show a recorded run until the person starts something."""
        self._pause_before()
        self.comparison.take([run.config for run in opened.runs])
        self._source.open(opened, name)
        self._show_title()

    # Files dropped on the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.files.take_drag(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.files.take_drop(event)

    # Looks and language

    @property
    def presenting(self) -> bool:
        """Whether the window is shown to a hall."""
        return self.presentation.is_on

    def toggle_panel(self) -> None:
        """Show the form, or hide it."""
        # Where a view fills the window, to ask for the form is to ask for all around the view.
        self.panel.setVisible(self.panel.isHidden() or self.dashboard.enlarged is not None)
        self.dashboard.enlarge(None)

    def toggle_presentation(self) -> None:
        """Fill the screen with a few views in large type, or go back to the desk."""
        self.presentation.toggle()

    def go_back(self) -> None:
        """Leave what was entered last: the tour, an enlarged view, a lesson, the presentation."""
        if self.dialogs.end_tour():
            return
        if self.dashboard.enlarged is not None:
            self.dashboard.enlarge(None)
        elif self.lessons.is_open:
            self.lessons.close()
        elif self.presenting:
            self.toggle_presentation()

    def set_theme(self, choice: str) -> None:
        """Take one of `THEME_CHOICES`."""
        self.theme = looks.theme_for(choice)
        self._settings.theme = choice
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        looks.apply(self.theme, application)
        parts = (self.toolbar, self.panel, self.verdict, self.dashboard, self.timeline)
        for part in (*parts, self.comparison.list, self.lessons, self.labs):
            part.set_theme(self.theme)
        # What stands in words has colours too, also where nothing goes on.
        self.renewal.forget_words()

    def follow_system_theme(self) -> None:
        """Take the system's theme anew, if that was chosen."""
        self.set_theme(self._settings.theme)

    def toggle_theme(self) -> None:
        """Change between dark and light."""
        self.set_theme("light" if self.theme.name == "dark" else "dark")

    def set_language(self, choice: str) -> None:
        """Take a language of `LANGUAGES`, or "system"."""
        self._settings.language = choice
        self._translation.use(choice)
        self.retranslate()

    def reset_arrangement(self) -> None:
        """Put all views where they stand at the first start."""
        self.dashboard.arrange(Arrangement.default())
        self.remember_arrangement()

    def remember_arrangement(self) -> None:
        """Find the views at the next start where they stand now."""
        self._settings.arrangement = self.dashboard.arrangement.write()

    def retranslate(self) -> None:
        """Take the texts of the language in force, everywhere."""
        self._show_title()
        parts = (self.toolbar, self.panel, self.verdict, self.dashboard, self.timeline, self.status)
        for part in parts:
            part.retranslate()
        self.comparison.list.retranslate()
        self.lessons.retranslate()
        self.labs.retranslate()
        self.renewal.forget_words()
        self.renewal.renew_text()

    # What is shown

    def snapshot(self) -> Snapshot:
        """Return the recording that was opened, or the engine's newest."""
        return self._source.newest()

    def shown(self) -> Snapshot:
        """Return what is to be shown: the newest, or the moment that the timeline is at."""
        snapshot = self.snapshot()
        self.timeline.follow(snapshot)
        return self._source.at(snapshot, self.timeline.moment)

    def renew_everything(self) -> None:
        """Bring all views, the heatmaps too, up to the newest snapshot now."""
        self.renewal.renew_everything()

    def write(self, snapshot: Snapshot) -> None:
        """Write what a snapshot is told in words, and let the buttons follow."""
        self.timeline.write()
        self.verdict.show_snapshot(snapshot)
        self.comparison.show_snapshot(snapshot)
        self.panel.show_run(snapshot.runs[0] if snapshot.runs else None)
        self.status.show_snapshot(snapshot, recording=self._source.is_recording)
        if snapshot.state in (State.PAUSED, State.FINISHED, State.FAILED):
            self._wants_run = False
        elif snapshot.state is State.RUNNING:
            self._wants_run = True
        self.toolbar.show_running(self._wants_run)
        failure = snapshot.failure
        refused = None if failure is None or failure.run else failure.refused
        if refused is not None and snapshot is not self._refused:
            self._refused = snapshot
            self.panel.show_refusal(refused.field, reason_words(refused))

    def _show_config(self) -> None:
        self.panel.show_config(self.config)
        self.lessons.follow(self.config)
        self.toolbar.show_config(self.config)

    # Life

    def start_engine(self) -> None:
        """Start the engine thread, once the window is on the screen."""
        self._engine_started = True
        self.engine_ended = False
        self.session.start()
        if self._settings.thresholds:
            from engine.diagnosis.thresholds import thresholds_from

            self.session.set_thresholds(thresholds_from(self._settings.thresholds))
        self.start_timers()

    def start_timers(self) -> None:
        """Begin to show what there is."""
        self.dashboard.complete()
        self.panel.complete()
        self.renewal.start()

    def remember_experiment(self) -> None:
        """Begin the next start with this experiment, unless it cannot be run or is a lesson's."""
        if self.session.snapshot().state is not State.FAILED and not self.lessons.is_open:
            self._settings.experiment = self.config

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.comparison.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            # Behind everything that this first painting still has to do.
            QTimer.singleShot(0, self, self._tell_painted)

    def _tell_painted(self) -> None:
        # For a picture it may have been closed by now: nothing is to begin any more.
        if self.isVisible():
            self.first_painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        geometry = self.presentation.geometry()
        # Gone for the person at once, whatever the window or the engine is in the middle of.
        self.hide()
        self.renewal.stop()
        self.panel.stop()
        self.lessons.stop()
        self.dashboard.stop()
        self.timeline.stop()
        self.slow_motion.stop()
        self.status.clear_notice()
        self.presentation.end()
        self._settings.geometry = geometry
        self.remember_experiment()
        self.labs.close()
        if self._engine_started:
            loading = self.session.snapshot().state is State.LOADING
            timeout = LOADING_TIMEOUT_SECONDS if loading else CLOSE_TIMEOUT_SECONDS
            self.engine_ended = self.session.close(timeout)
            if not self.engine_ended:
                logger.info("the engine is still busy; it ends with the process")
        event.accept()


def _room_on(screen: QScreen) -> QSize:
    """Return the size of the largest window that a screen shows whole, frame and all."""
    return screen.availableGeometry().size() - QSize(*FRAME_SIZE)
