"""Below the verdict: its reasons in sentences, and buttons that apply a cure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QWidget

from engine.config import RunConfig
from engine.snapshot import RunSnapshot, Snapshot, State
from gui import numbers
from gui import theme as looks
from gui.buttons import FlatButton
from gui.labels import tidy_width
from gui.theme import Theme
from gui.translation import engine_text

if TYPE_CHECKING:
    from engine.diagnosis.advice import Advice

MOST_BUTTONS = 3
# A row of this many pixels has room for every button beside the reasons.
_ROOM_FOR_ALL = 820
# So many lines of reasons have room whatever is said.
_LINES, _LINES_WHERE_NARROW = 2, 3
# Higher than any text.
_NO_LIMIT = 100_000

translate = QCoreApplication.translate


def button_text(advice: Advice, *, factor: bool = True) -> str:
    """Return what a cure's button says: what it does, and the factor that theory expects.

    Args:
        advice: the cure.
        factor: whether there is room for that; the tool tip has it in any case.
    """
    from engine.theory.standing import Standing

    title = engine_text(advice.cure.title)
    if math.isfinite(advice.rate):
        title = translate("Advice", "{0}, rate {1}").format(title, f"{advice.rate:g}")
    if advice.eases:
        title = translate("Advice", "{0} (eases)").format(title)
    if not factor or not math.isfinite(advice.factor_per_layer):
        return title
    sign = "≈ ×" if advice.standing is Standing.APPROXIMATE else "×"
    return f"{title}  {sign}{numbers.factor(advice.factor_per_layer)}"


def button_help(advice: Advice) -> str:
    """Return the tool tip of a cure's button."""
    from engine.theory.standing import Standing

    lines = [engine_text(advice.cure.why)]
    if math.isfinite(advice.rate):
        text = translate(
            "Advice", "The learning rate becomes {0}: the one there is fits the trouble only."
        )
        lines.append(text.format(f"{advice.rate:g}"))
    elif advice.config.learning_rate == 0.0:
        lines.append(translate("Advice", "The learning rate stays 0: nothing is learned."))
    if advice.eases:
        lines.append(
            translate("Advice", "It makes less of the trouble and does not remove what it is from.")
        )
    if math.isfinite(advice.factor_per_layer):
        text = translate("Advice", "Theory expects ×{0} per layer, {1} decades lost in all.")
        if advice.decades < 0.0:
            text = translate("Advice", "Theory expects ×{0} per layer, {1} decades gained in all.")
        factor = numbers.factor(advice.factor_per_layer)
        lines.append(text.format(factor, f"{abs(advice.decades):.1f}"))
        if advice.standing is Standing.APPROXIMATE:
            lines[-1] += " " + translate("Advice", "That is approximate.")
    return "\n".join(lines)


class AdviceRow(QWidget):
    """Reasons, and at most three cures, whose buttons stand in a row of their own.

    The room for some lines of reasons is always there, and what an experiment once needed at this
    width stays, so that what is below does not move up and down with every change of verdict.

    Attributes:
        bar: the buttons of the cures, to be placed beside the verdict.
        cure_chosen: the experiment with the cure.
        autopsy_wanted: everything found is to be shown.
        thresholds_wanted: the conventions are to be shown.
        type_changed: what is shown takes another room now.
    """

    cure_chosen = Signal(RunConfig)
    autopsy_wanted = Signal()
    thresholds_wanted = Signal()
    type_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reasons = QLabel()
        self.reasons.setWordWrap(True)
        self.reasons.setTextFormat(Qt.TextFormat.PlainText)
        self.reasons.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reasons.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.cures = tuple(FlatButton(primary=not index) for index in range(MOST_BUTTONS))
        self.more = FlatButton()
        self.conventions = FlatButton()
        # Opens a menu with what there is no room for.
        self.rest = FlatButton("more")
        self.rest.clicked.connect(self._show_rest)
        self.more.clicked.connect(self.autopsy_wanted)
        self.conventions.clicked.connect(self.thresholds_wanted)
        for index, button in enumerate(self.cures):
            button.clicked.connect(lambda _=False, index=index: self._choose(index))
            button.set_outlined()
            button.hide()
        self.bar = QWidget()
        buttons = QHBoxLayout(self.bar)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(looks.GAP)
        for button in (*self.cures, self.rest):
            buttons.addWidget(button)
        for button in (self.more, self.conventions):
            button.set_small()
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(looks.GAP, 0, 0, 0)
        row.setSpacing(looks.GAP)
        row.addWidget(self.reasons, 1)
        for button in (self.more, self.conventions):
            row.addWidget(button)
        self._align_buttons(Qt.AlignmentFlag.AlignBottom)
        self._room = 0
        self._says_factors = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._advice: tuple[Advice, ...] = ()
        self._asked: tuple[object, ...] = ()
        self._snapshot: Snapshot | None = None
        # The highest that the reasons have been, at which width and in which type and language.
        self._kept = 0
        self._kept_for: object = None
        self._run: tuple[int, RunConfig] | None = None
        self.retranslate()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for button in (*self.cures, self.rest, self.more, self.conventions):
            button.set_theme(theme)
        # With the theme the size of the type may have changed.
        self._show_what_fits()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.conventions.setText(self.tr("Thresholds…"))
        self.rest.setToolTip(self.tr("More to try, and the thresholds"))
        self.rest.setAccessibleName(self.tr("More"))
        self._asked = ()
        if self._snapshot is not None:
            self.show_snapshot(self._snapshot)
        else:
            self.more.setText(self.tr("Findings…"))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Say what a snapshot says."""
        self._snapshot = snapshot
        run = snapshot.runs[0] if snapshot.runs else None
        ready = run is not None and run.diagnosis is not None and snapshot.state is not State.FAILED
        self.more.setEnabled(ready)
        if not ready or run is None:
            self.reasons.setText("")
            self._asked = ()
            self._show_advice(())
            return
        self._show_run(snapshot.run_number, run)

    def _note_run(self, number: int, config: RunConfig) -> None:
        """Keep no room for what was said of another experiment."""
        before, self._run = self._run, (number, config)
        if before is not None and before[0] != number and before[1] != config:
            self._kept = 0

    def _show_run(self, run_number: int, run: RunSnapshot) -> None:
        from engine.diagnosis.advice import advise
        from engine.diagnosis.explain import explain
        from gui.sentences import sentences_text

        diagnosis = run.diagnosis
        assert diagnosis is not None
        self._note_run(run_number, run.config)
        # Theory takes some milliseconds for every candidate: only where the question is new.
        criteria = tuple(finding.criterion for finding in diagnosis.findings[:1])
        asked = (run.config, diagnosis.verdict, criteria, diagnosis.autopsy, run.anchor)
        if asked != self._asked:
            self._asked = asked
            self._show_advice(advise(diagnosis, run.config, run.anchor))
        said = explain(diagnosis, run.config, run.prediction, self._advice)
        text = sentences_text(said)
        if text != self.reasons.text():
            self.reasons.setText(text)
        happened = self.tr("What happened?") if diagnosis.autopsy is not None else ""
        self.more.setText(happened or self.tr("Findings ({0})…").format(len(diagnosis.findings)))
        self._show_what_fits()

    def _show_advice(self, advice: tuple[Advice, ...]) -> None:
        self._advice = advice
        for index, button in enumerate(self.cures):
            if index < len(advice):
                button.setText(button_text(advice[index], factor=self._says_factors))
                button.setToolTip(button_help(advice[index]))
                button.updateGeometry()
        self._show_what_fits()

    def say_factors(self, said: bool) -> None:
        """Say on the buttons what theory expects, or leave it to their tool tips."""
        if said != self._says_factors:
            self._says_factors = said
            self._show_advice(self._advice)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_what_fits()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            # The buttons and the reasons take the new type after this.
            QTimer.singleShot(0, self, self._fit_anew)

    def _fit_anew(self) -> None:
        self._show_what_fits()
        self.type_changed.emit()

    def minimumSizeHint(self) -> QSize:
        # What does not fit is hidden: nothing here may make the window wider.
        return QSize(0, super().minimumSizeHint().height())

    def take_bar(self) -> None:
        """Have the buttons in the place of the reasons, where a hall has no room for both.

        The reasons are among the findings; a headline that is cut would be nowhere else.
        """
        self._row.insertWidget(0, self.bar, 1, Qt.AlignmentFlag.AlignLeft)
        self._align_buttons(Qt.AlignmentFlag.AlignVCenter)
        self.reasons.hide()

    def give_bar(self) -> None:
        """Say the reasons again; the buttons are about to be placed elsewhere."""
        self._row.removeWidget(self.bar)
        self._align_buttons(Qt.AlignmentFlag.AlignBottom)
        self.reasons.show()

    def _align_buttons(self, alignment: Qt.AlignmentFlag) -> None:
        for button in (self.more, self.conventions):
            self._row.setAlignment(button, alignment)

    def set_room(self, pixels: int) -> None:
        """Say how much room there is for the buttons of the cures."""
        if pixels != self._room:
            self._room = pixels
            self._show_what_fits()

    def least_room(self, *, factor: bool = True) -> int:
        """Return what the first cure needs, with its factor or without, and the menu beside it."""
        least = self.rest.sizeHint().width() + looks.GAP
        for advice, button in zip(self._advice[:1], self.cures, strict=False):
            length = button.fontMetrics().horizontalAdvance
            text = button_text(advice, factor=factor)
            least += button.sizeHint().width() + looks.GAP + length(text) - length(button.text())
        return least

    def _show_what_fits(self) -> None:
        """Show as many cures as there is room for; the rest and all that is hidden is in a menu."""
        self.conventions.setVisible(self.width() > looks.scaled(_ROOM_FOR_ALL))
        widths = [button.sizeHint().width() + looks.GAP for button in self.cures]
        widths = widths[: len(self._advice)]
        menu = self.rest.sizeHint().width() + looks.GAP
        shown = len(widths)
        while shown > 1 and sum(widths[:shown]) + menu > self._room:
            shown -= 1
        for index, button in enumerate(self.cures):
            button.setVisible(index < shown)
        self.rest.setVisible(shown < len(widths) or self.conventions.isHidden())
        # Where no cure stands before it the menu stands beside the findings.
        side = Qt.AlignmentFlag.AlignLeft if shown else Qt.AlignmentFlag.AlignRight
        self._row.setAlignment(self.bar, side)
        # A label that wraps tells a layout its height only for a width that is not this one.
        reasons = self.reasons
        others = sum(
            b.sizeHint().width() + looks.GAP
            for b in (self.more, self.conventions)
            if not b.isHidden()
        )
        # The label itself would count the height that it had to have so far.
        room = QRect(0, 0, max(self.width() - others - 2 * looks.GAP, 1), _NO_LIMIT)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        measure = reasons.fontMetrics().boundingRect
        # Signs and letters from other fonts make a line higher.
        line = measure(room, flags, f"{self.conventions.text()} 10⁻¹ ∂ ≈").height()
        kept_for = self.width(), line
        if kept_for != self._kept_for:
            self._kept, self._kept_for = 0, kept_for
        narrow = self.conventions.isHidden() and not looks.is_large()
        least = line * (_LINES_WHERE_NARROW if narrow else _LINES)
        self._kept = max(self._kept, least, measure(room, flags, reasons.text()).height())
        reasons.setFixedHeight(self._kept)
        # What can be selected is painted by Qt: the width it has to wrap in is all one can say.
        tidy = tidy_width(reasons.text(), reasons.font(), room.width())
        reasons.setContentsMargins(0, 0, room.width() - tidy + looks.GAP, 0)

    def _show_rest(self) -> None:
        place = self.rest.mapToGlobal(self.rest.rect().bottomLeft())
        self.rest_menu().popup(place)

    def rest_menu(self) -> QMenu:
        """Return a menu of the cures that are not shown, the findings and the thresholds."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for index, advice in enumerate(self._advice):
            if self.cures[index].isHidden():
                action = menu.addAction(button_text(advice))
                action.setToolTip(button_help(advice))
                action.triggered.connect(lambda _=False, index=index: self._choose(index))
        if not menu.isEmpty():
            menu.addSeparator()
        findings = menu.addAction(self.more.text())
        findings.setEnabled(self.more.isEnabled())
        findings.triggered.connect(self.autopsy_wanted)
        menu.addAction(self.conventions.text()).triggered.connect(self.thresholds_wanted)
        return menu

    def _choose(self, index: int) -> None:
        if index < len(self._advice):
            self.cure_chosen.emit(self._advice[index].config)
