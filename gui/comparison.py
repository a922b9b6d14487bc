"""Comparison: twins of the experiment in the form, and ghosts of those before it.

The form, the verdict and everything else speak of the first run. To bring another one to the
front is to swap the two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from engine.config import RunConfig
from engine.snapshot import RunSnapshot, Snapshot
from engine.twins import MOST_RUNS, aligned, with_changed
from gui import theme as looks
from gui.buttons import FlatButton
from gui.company import brief_names, ghost_name, run_names, short_names
from gui.experiment_panel import PANEL_WIDTH, QWIDGETSIZE_MAX, SCROLL_BAR_WIDTH
from gui.labels import FittingLabel
from gui.theme import Theme
from gui.verdict import Words, run_words
from gui.views.card import Card

if TYPE_CHECKING:
    from gui.main_window import MainWindow

translate = QCoreApplication.translate

# In a window that is lower than this, in logical pixels at the size of the type, the pictures of
# several runs need the room of the reasons.
_LOW_WINDOW = 820
# Of the list; what it says begins where that of every other card does.
_MARGIN = 6
_INDENT = looks.CARD_MARGIN - _MARGIN

# What a twin can do differently, in one click.
WHAT_IFS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    (QT_TRANSLATE_NOOP("Comparison", "He initialisation"), {"initializer": "kaiming_normal"}),
    (QT_TRANSLATE_NOOP("Comparison", "Xavier initialisation"), {"initializer": "xavier_normal"}),
    (QT_TRANSLATE_NOOP("Comparison", "ReLU"), {"activation": "relu"}),
    (
        QT_TRANSLATE_NOOP("Comparison", "ReLU with He initialisation"),
        {"activation": "relu", "initializer": "kaiming_normal"},
    ),
    (QT_TRANSLATE_NOOP("Comparison", "Tanh"), {"activation": "tanh"}),
    (QT_TRANSLATE_NOOP("Comparison", "Batch normalisation"), {"normalization": "batch"}),
    (QT_TRANSLATE_NOOP("Comparison", "Residual connections"), {"skip": "residual"}),
    (QT_TRANSLATE_NOOP("Comparison", "Gradient clipping"), {"clip": "norm"}),
)


class Swatch(QWidget):
    """The colour of a run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = QColor()
        self.setFixedSize(10, 10)

    def set_colour(self, colour: str) -> None:
        """Show a colour."""
        self._colour = QColor(colour)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._colour)


class RunRow(QWidget):
    """One run of the list: its colour, name and verdict, and what can be done with it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.swatch = Swatch()
        self.name = FittingLabel()
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.verdict = FittingLabel()
        self.verdict.setFont(looks.font(looks.CAPTION_POINTS))
        self.verdict.hide()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.name)
        words.addWidget(self.verdict)
        self.front = FlatButton("front")
        self.close_button = FlatButton("close")
        row = QHBoxLayout(self)
        row.setContentsMargins(_INDENT, 0, 4, 0)
        row.setSpacing(looks.GAP)
        row.addWidget(self.swatch)
        row.addLayout(words, 1)
        for button in (self.front, self.close_button):
            button.set_small()
            row.addWidget(button)

    def show_verdict(self, words: Words | None, theme: Theme) -> None:
        """Say in a few words what the gradients of the run say."""
        texts = _row_texts(words)
        colour = QColor(getattr(theme, words.colour) if words is not None else theme.muted)
        palette = self.verdict.palette()
        self.verdict.set_texts(*texts)
        self.verdict.setVisible(bool(texts[0]))
        if colour != palette.color(palette.ColorRole.WindowText):
            palette.setColor(palette.ColorRole.WindowText, colour)
            self.verdict.setPalette(palette)


def _row_texts(words: Words | None) -> tuple[str, ...]:
    """Return what the row of a run says of it, and the same in fewer words."""
    if words is None:
        return ("",)
    texts = (words.headline, words.brief or words.headline)
    if words.colour != "diverged" or not words.shorter:
        return texts
    # The others may go on while this one has come to its end.
    return tuple(f"{words.headline}  ·  {where}" for where in words.shorter)


class RunList(Card):
    """The runs that are compared, the first on top, then the ghosts.

    Attributes:
        front_wanted: a run, counted from 0, is to be the first.
        drop_wanted: a run is to go.
        ghost_unwanted: a ghost, counted from 0, is to go.
    """

    front_wanted = Signal(int)
    drop_wanted = Signal(int)
    ghost_unwanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self.reading.hide()
        self.rows: list[RunRow] = []
        self._rows = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._rows.setSpacing(looks.GAP)
        self.body.addLayout(self._rows)
        self.body.setContentsMargins(_MARGIN, 4, 4, 6)
        self.head.setContentsMargins(_INDENT, 0, 0, 0)
        self.lay_across(across=False)
        self._shown: object = None
        self.hide()

    def lay_across(self, *, across: bool) -> None:
        """Stand above the pictures, the runs side by side; or above the form, one below another."""
        direction = QBoxLayout.Direction
        self._rows.setDirection(direction.LeftToRight if across else direction.TopToBottom)
        self.title.setVisible(not across)
        wide, fixed = QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed
        self.setSizePolicy(wide if across else fixed, fixed)
        # As wide as the cards of the form.
        column = PANEL_WIDTH - SCROLL_BAR_WIDTH
        self.setMinimumWidth(0 if across else column)
        self.setMaximumWidth(QWIDGETSIZE_MAX if across else column)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._theme = theme
        self._shown = None

    def retranslate(self) -> None:
        """Take the texts of the language in force; the rows follow with the next look."""
        self.title.setText(self.tr("Compared"))
        self._shown = None

    def show_runs(
        self, configs: Sequence[RunConfig], ghosts: Sequence[RunConfig], *, fixed: bool = False
    ) -> None:
        """List experiments in lockstep, and ghosts; nothing where there is only one.

        Args:
            configs: the experiments.
            ghosts: those of the ghosts.
            fixed: they were recorded, and none can be swapped or left out.
        """
        if self._shown == (configs, ghosts, fixed):
            return
        self._shown = configs, ghosts, fixed
        for row in self.rows:
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = []
        if len(configs) + len(ghosts) < 2:
            self.hide()
            return
        runs = [*configs, *ghosts]
        ways = (way(runs, len(configs)) for way in (run_names, short_names, brief_names))
        for index, (long, short, brief) in enumerate(zip(*ways, strict=True)):
            ghost = index >= len(configs)
            row = RunRow()
            theme = self._theme
            colours = (*theme.series[: len(configs)], *theme.past)
            row.swatch.set_colour(colours[index])
            # Where no word or two tell it from the others, there is no brief name.
            names = (long, short, brief or short)
            row.name.set_texts(
                *(ghost_name(name) if ghost else name or self.tr("the same") for name in names)
            )
            row.front.setVisible(0 < index < len(configs) and not fixed)
            row.front.setToolTip(self.tr("Swap with the first, which the form shows"))
            row.close_button.setVisible((ghost or len(configs) > 1) and not fixed)
            tip = self.tr("Forget this run") if ghost else self.tr("Go on without this one")
            row.close_button.setToolTip(tip)
            for button in (row.front, row.close_button):
                button.set_theme(theme)
                button.setAccessibleName(button.toolTip())
            row.front.clicked.connect(partial(self.front_wanted.emit, index))
            if ghost:
                place = index - len(configs)
                row.close_button.clicked.connect(partial(self.ghost_unwanted.emit, place))
            else:
                row.close_button.clicked.connect(partial(self.drop_wanted.emit, index))
            self.rows.append(row)
            self._rows.addWidget(row)
        self.show()

    def show_verdicts(self, runs: Sequence[RunSnapshot]) -> None:
        """Say the verdict of each run beside its name; in the order of the list."""
        if len(runs) == len(self.rows):
            for row, run in zip(self.rows, runs, strict=True):
                row.show_verdict(run_words(run), self._theme)


def _swapped(configs: Sequence[RunConfig], index: int) -> tuple[RunConfig, ...]:
    """Return the experiments, one of them in the place of the first."""
    order = list(configs)
    order[0], order[index] = order[index], order[0]
    return tuple(order)


def _without(configs: Sequence[RunConfig], index: int) -> tuple[RunConfig, ...]:
    """Return the experiments but one."""
    return (*configs[:index], *configs[index + 1 :])


def _is_offered(action: QAction) -> bool:
    return action.isEnabled() and not action.isSeparator()


def _too_many() -> str:
    """Say why there is no further twin."""
    return translate("Comparison", "At most {0} runs can be compared.").format(MOST_RUNS)


class Comparison:
    """The twins of the window's experiment.

    Attributes:
        others: the experiments beside the window's own, in their order.
        list: shows them.
        has_forgotten: the last that the person did was to let go of a ghost.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.others: tuple[RunConfig, ...] = ()
        self.list = RunList()
        self.list.front_wanted.connect(self.bring_to_front)
        self.list.drop_wanted.connect(self.drop)
        self.list.ghost_unwanted.connect(self.forget)
        self.has_forgotten = False

    @property
    def configs(self) -> tuple[RunConfig, ...]:
        """All experiments, the window's own first."""
        return (self._window.config, *self.others)

    def follow(self) -> None:
        """Take over what twins have in common, after the window's experiment has changed."""
        self.others = with_changed(self.configs, 0, self._window.config)[1:]

    def take(self, configs: Sequence[RunConfig]) -> None:
        """Go on with these experiments, the first in the form."""
        first, *others = aligned(configs)
        self.others = tuple(others)
        self._window.show_experiment(first)
        self._window.session.configure_all(self.configs)
        self._window.undoing.note()

    def go_to(self, configs: Sequence[RunConfig]) -> None:
        """Take experiments that were there before, by the way that builds the fewest runs anew."""
        now, wanted = self.configs, tuple(configs)
        # The first run is the last to be given up for one just like it.
        for index in reversed(range(len(now))):
            if _swapped(now, index) == wanted != now:
                self.bring_to_front(index)
                return
            if _without(now, index) == wanted:
                self.drop(index)
                return
        self.take(wanted)

    def add_twin(self, changes: Mapping[str, Any], rate: float = math.nan) -> None:
        """Train a twin beside the present experiment; all begin at step 0.

        Args:
            changes: what it does differently.
            rate: learning rate that it and all others take; NaN: each keeps its own.
        """
        if len(self.configs) >= MOST_RUNS:
            self._window.notice(_too_many())
            return
        configs = (*self.configs, self._window.config.replace(**changes))
        if not math.isnan(rate):
            configs = tuple(config.replace(learning_rate=rate) for config in configs)
        self.take(configs)

    def end(self) -> None:
        """Go on with the window's experiment alone, and let go of what was kept."""
        if self.others:
            self.take((self._window.config,))
        self._window.session.drop_ghosts()

    def bring_to_front(self, index: int) -> None:
        """Swap a run with the first."""
        if index >= len(self.configs):
            # Its row outlives a run until the list is looked at again.
            return
        first, *others = _swapped(self.configs, index)
        self.others = tuple(others)
        self._window.show_experiment(first)
        self._window.session.swap(0, index)
        self._window.undoing.note()

    def drop(self, index: int) -> None:
        """Go on without one of the runs."""
        if index >= len(self.configs) or not self.others:
            # As above; and the last run stays.
            return
        first, *others = _without(self.configs, index)
        self.others = tuple(others)
        self._window.show_experiment(first)
        self._window.session.drop(index)
        self._window.undoing.note()

    def forget(self, place: int) -> None:
        """Let go of a ghost, until that is undone."""
        self.has_forgotten = True
        self._window.session.drop_ghost(place)

    def remember(self) -> bool:
        """Bring back the ghost that was forgotten, if nothing was done since; return whether."""
        forgotten, self.has_forgotten = self.has_forgotten, False
        if forgotten:
            self._window.session.bring_back_ghost()
        return forgotten

    def keep_ghost(self) -> None:
        """Keep the first run as it stands, behind those that follow."""
        snapshot = self._window.session.snapshot()
        if not snapshot.runs or not snapshot.runs[0].steps:
            self._window.notice(translate("Comparison", "There is nothing to keep yet."))
            return
        self.has_forgotten = False
        self._window.session.keep_ghost()
        self._window.notice(translate("Comparison", "Kept: it is shown behind what follows."))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """List the runs, and tell the form what the others do differently."""
        shown = [run.config for run in snapshot.runs]
        fixed = self._window.shows_recording
        configs = shown if fixed else self.configs
        ghosts = tuple(ghost.config for ghost in snapshot.ghosts)
        self.list.show_runs(tuple(configs), ghosts, fixed=fixed)
        self.list.show_verdicts((*snapshot.runs, *snapshot.ghosts))
        self._window.panel.show_others(tuple(configs[1:]))
        self.fit()

    def fit(self) -> None:
        """Give the pictures of several runs the room of the first run's reasons, in a low window.

        Every run has its verdict in the list.
        """
        window = self._window
        low = window.height() < looks.scaled(_LOW_WINDOW)
        # A page of a lesson has its own room for them.
        alone = window.presenting and not window.lessons.is_open
        window.verdict.show_brief(low and (self.is_on or alone))
        window.presentation.fit_soon()

    @property
    def is_on(self) -> bool:
        """Whether there are twins."""
        return bool(self.others)

    def make_menu(self) -> QMenu:
        """Return the menu of what a twin may do differently."""
        menu = QMenu(self._window)
        menu.addSection(translate("Comparison", "A twin: what if …"))
        config = self._window.config
        for text, changes in WHAT_IFS:
            wanted = config.replace(**changes)
            if wanted in self.configs:
                continue
            menu.addAction(translate("Comparison", text), partial(self.add_twin, changes))
            rate = self._bearable_rate(wanted)
            if not math.isnan(rate):
                # What only it cannot bear would tell nothing of what it does differently.
                text = translate(
                    "Comparison", "      … all at learning rate {0}: {1} may be too high for it"
                ).format(f"{rate:g}", f"{wanted.learning_rate:g}")
                menu.addAction(text, partial(self.add_twin, changes, rate))
        lower = {"learning_rate": config.learning_rate / 10}
        text = translate("Comparison", "A tenth of the learning rate")
        menu.addAction(text).triggered.connect(lambda: self.add_twin(lower))
        text = translate("Comparison", "The same, to be changed in the form")
        menu.addAction(text).triggered.connect(lambda: self.add_twin({}))
        if len(self.configs) >= MOST_RUNS:
            menu.setToolTipsVisible(True)
            for twin in menu.actions():
                twin.setEnabled(False)
                twin.setToolTip(_too_many())
        menu.addSeparator()
        text = translate("Comparison", "Keep this run as a ghost")
        menu.addAction(text).triggered.connect(self.keep_ghost)
        return menu

    def _bearable_rate(self, config: RunConfig) -> float:
        """Return the learning rate to begin with where a twin may not bear its own; else NaN."""
        from engine.diagnosis.advice import bearable_rate

        runs = self._window.session.snapshot().runs
        return bearable_rate(config, runs[0].anchor) if runs else math.nan

    def open_menu(self) -> None:
        """Ask what the twin is to do differently."""
        menu = self.make_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        # A key that opens it is followed by another key.
        menu.setActiveAction(next(a for a in menu.actions() if _is_offered(a)))
        menu.popup(self._window.toolbar.place_below("compare"))
