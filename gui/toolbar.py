"""The toolbar: run, step, rewind, seed, speed, presets, and what else has a button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QSizePolicy, QWidget

from engine.config import SETTINGS, RunConfig
from engine.fields import shorten
from engine.pace import SPEEDS
from engine.presets import preset_problem, presets, with_preset
from gui import theme as looks
from gui.actions import ACTIONS, Action
from gui.buttons import FlatButton
from gui.field_controls import Entry, refusal_of
from gui.refusals import refusal_words
from gui.theme import Theme
from gui.translation import engine_text, local_text

# Steps per second to choose from; None: as fast as it goes.
# Of a line between two groups of buttons, with the room beside it.
_LINE_WIDTH = 2 * looks.GAP + 1
# The presets that have a button of their own.
FIRST_PRESETS = ("vanishing", "exploding", "healthy")
# What a lecture asks for most keeps its words longer than the rest.
FIRST_ACTIONS = ("compare", "lessons")
# What stands in the menu as well gives its place to the words of the presets, in this order.
SPARED_ACTIONS = ("share", "theme", "gallery", "labs", "present")


class Toolbar(QWidget):
    """The row of buttons at the top.

    Attributes:
        run_clicked, step_clicked, rewind_clicked, new_seed_clicked: a button was clicked.
        action_chosen: the button of a row of `ACTIONS` was clicked.
        seed_given: a seed was typed.
        seed_refused: what was typed is no seed; why.
        speed_chosen: steps per second, or None.
        preset_chosen: name of a preset.
    """

    run_clicked = Signal()
    step_clicked = Signal()
    rewind_clicked = Signal()
    new_seed_clicked = Signal()
    action_chosen = Signal(object)
    seed_given = Signal(int)
    seed_refused = Signal(str)
    speed_chosen = Signal(object)
    preset_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self._running = False
        self.run = FlatButton("run", primary=True)
        self.step = FlatButton("step")
        self.rewind = FlatButton("rewind")
        self.new_seed = FlatButton("seed")
        self.actions: dict[Action, FlatButton] = {
            action: FlatButton(action.icon) for action in ACTIONS if action.icon
        }
        self.menu = FlatButton("menu")
        self.presets = {name: FlatButton(name) for name in FIRST_PRESETS}
        self.seed = Entry()
        self.seed.setFixedWidth(72)
        self._present_seed = 0
        self.speed = QComboBox()
        for speed in (None, *SPEEDS):
            self.speed.addItem("", speed)
        self.speed.setMaxVisibleItems(1 + len(SPEEDS))
        # Its words are not cut for those of a button.
        self.speed.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.speed.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._connect()
        self._lay_out()
        self.retranslate()

    def _connect(self) -> None:
        self.run.clicked.connect(self.run_clicked)
        self.step.clicked.connect(self.step_clicked)
        self.rewind.clicked.connect(self.rewind_clicked)
        self.new_seed.clicked.connect(self.new_seed_clicked)
        for action, button in self.actions.items():
            button.clicked.connect(lambda _=False, one=action: self.action_chosen.emit(one))
        for name, button in self.presets.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, name=name: self.preset_chosen.emit(name))
        self.seed.editingFinished.connect(self._seed_finished)
        self.seed.textEdited.connect(self._colour_seed)
        self.seed.abandoned.connect(self._show_seed)
        self.speed.activated.connect(
            lambda index: self.speed_chosen.emit(self.speed.itemData(index))
        )

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * looks.GAP, 2 * looks.GAP, 3 * looks.GAP, 0)
        row.setSpacing(looks.GAP)
        groups: list[tuple[QWidget, ...]] = [
            (self.run, self.step, self.rewind),
            (self.new_seed, self.seed),
            (self.speed,),
            tuple(self.presets.values()),
        ]
        self._lines: list[QFrame] = []
        for index, group in enumerate(groups):
            if index:
                line = QFrame()
                line.setFrameStyle(QFrame.Shape.VLine | QFrame.Shadow.Plain)
                line.setFixedSize(_LINE_WIDTH, 20)
                self._lines.append(line)
                row.addWidget(line)
            for widget in group:
                row.addWidget(widget)
        row.addStretch(1)
        for button in (*self.actions.values(), self.menu):
            row.addWidget(button)
        # Where there is not room for all words, these lose theirs first, group by group.
        by_icon = {action.icon: button for action, button in self.actions.items()}
        self._spared = tuple(by_icon[icon] for icon in SPARED_ACTIONS)
        self._dispensable = (
            self._spared,
            tuple(by_icon[icon] for icon in FIRST_ACTIONS),
            (self.new_seed, self.rewind, self.step),
            (self.run,),
            tuple(self.presets.values()),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        """Give as many groups of buttons their words as there is room for.

        What is needed is computed: to try it out would ask for a new layout, and so for this again.
        """
        layout = self.layout()
        assert layout is not None
        groups = self._dispensable
        shown = [button for group in groups for button in group if not button.isHidden()]
        now = sum(button.sizeHint().width() + looks.GAP for button in shown)
        now += sum(_LINE_WIDTH + looks.GAP for line in self._lines if not line.isHidden())
        room = self.width() - (layout.totalMinimumSize().width() - now)

        def fits(dropped: int, spared: int, lines: bool) -> bool:
            needed = lines * len(self._lines) * (_LINE_WIDTH + looks.GAP) + sum(
                button.hint(compact=index < dropped).width() + looks.GAP
                for index, group in enumerate(groups)
                for button in (group[spared:] if group is self._spared else group)
            )
            return needed <= room

        wordless = len(groups)
        ways = [(dropped, 0, True) for dropped in range(wordless)]
        ways += [(wordless - 1, spared, True) for spared in range(1, len(self._spared) + 1)]
        ways += [(wordless - 1, len(self._spared), False)]
        found = next((way for way in ways if fits(*way)), (wordless, 0, True))
        dropped, spared, lines = found
        for index, group in enumerate(groups):
            for button in group:
                button.set_compact(index < dropped)
        for index, button in enumerate(self._spared):
            button.setVisible(index >= spared)
        for line in self._lines:
            line.setVisible(lines)

    def place_below(self, icon: str) -> QPoint:
        """Return the place on the screen below the button of an action, by its icon."""
        button = next(b for action, b in self.actions.items() if action.icon == icon)
        return button.mapToGlobal(button.rect().bottomLeft())

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for button in self.findChildren(FlatButton):
            button.set_theme(theme)
        for line in self._lines:
            palette = line.palette()
            palette.setColor(palette.ColorRole.WindowText, theme.border)
            line.setPalette(palette)
        self._colour_seed()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.step.setText(self.tr("Step"))
        self.step.setToolTip(self.tr("One batch  (→)\nWith Shift: to the end of the epoch"))
        self.rewind.setText(self.tr("Rewind"))
        self.rewind.setToolTip(self.tr("Back to step 0 with the same weights  (R)"))
        self.new_seed.setText(self.tr("New seed"))
        self.new_seed.setToolTip(self.tr("Back to step 0 with other weights  (N)"))
        self.seed.setToolTip(engine_text(SETTINGS["seed"].help))
        self.seed.setAccessibleName(engine_text(SETTINGS["seed"].label))
        for action, button in self.actions.items():
            button.setText(action.button_text())
            key = action.key_text()
            button.setToolTip(action.title() + (f"  ({key})" if key else ""))
            button.setAccessibleName(action.title())
        self.menu.setToolTip(self.tr("Menu"))
        self.menu.setAccessibleName(self.menu.toolTip())
        for button in (self.step, self.rewind, self.new_seed):
            button.setAccessibleName(button.text())
        self.speed.setToolTip(self.tr("Largest number of steps in a second"))
        self.speed.setAccessibleName(self.speed.toolTip())
        for index, speed in enumerate((None, *SPEEDS)):
            text = self.tr("Full speed") if speed is None else self.tr("{0} steps/s").format(speed)
            self.speed.setItemText(index, text)
        numbers = {name: number for number, name in enumerate(presets(), start=1)}
        for name, button in self.presets.items():
            problem = preset_problem(name)
            button.setEnabled(problem is None)
            if problem is not None:
                button.setText(name)
                button.setToolTip(refusal_words(problem))
                continue
            preset, number = presets()[name], numbers[name]
            button.setText(local_text(preset.title))
            button.setToolTip(f"{local_text(preset.sentence)}  ({number})")
        self.show_running(self._running)

    def chosen_speed(self) -> int | None:
        """Return the largest number of steps in a second; None: as fast as it goes."""
        speed: int | None = self.speed.currentData()
        return speed

    def show_speed(self, speed: int | None) -> None:
        """Show a speed of `SPEEDS`; None: as fast as it goes."""
        self.speed.setCurrentIndex((None, *SPEEDS).index(speed))

    def show_running(self, running: bool) -> None:
        """Offer Pause while it runs, Run otherwise."""
        self._running = running
        self.run.set_alternatives((self.tr("Run"), self.tr("Pause")))
        self.run.setText(self.tr("Pause") if running else self.tr("Run"))
        self.run.setAccessibleName(self.run.text())
        self.run.setToolTip(self.tr("Train, or pause  (space bar)"))
        self.run.set_icon_name("pause" if running else "run")

    def show_config(self, config: RunConfig) -> None:
        """Show the seed, and which preset the experiment is."""
        self._present_seed = config.seed
        if not self.seed.hasFocus():
            self._show_seed()
        for name, button in self.presets.items():
            # One whose file is damaged is nothing that an experiment could be.
            button.setChecked(button.isEnabled() and with_preset(name, config) == config)

    def _read_seed(self) -> int | None:
        try:
            return int(SETTINGS["seed"].kind.read(self.seed.text().strip()))
        except (ValueError, OverflowError):
            return None

    def _seed_finished(self) -> None:
        typed, seed = self.seed.text().strip(), self._read_seed()
        self.seed.is_refused = seed is None and bool(typed)
        if seed is not None:
            self._present_seed = seed
        self._show_seed()
        if seed is not None:
            self.seed_given.emit(seed)
        elif typed:
            setting = SETTINGS["seed"]
            words = refusal_of(setting.kind, str(self._present_seed))
            text = self.tr("{0} = {1}: {2}")
            self.seed_refused.emit(text.format(engine_text(setting.label), shorten(typed), words))

    def _show_seed(self) -> None:
        self.seed.setText(str(self._present_seed))
        self._colour_seed()

    def _colour_seed(self) -> None:
        wrong = bool(self.seed.text().strip()) and self._read_seed() is None
        colour = self._theme.problem if wrong else self._theme.text
        palette = self.seed.palette()
        palette.setColor(palette.ColorRole.Text, colour)
        self.seed.setPalette(palette)
