"""The frame around every lab: explanation, formula, controls, pictures, readings, export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.config import RunConfig
from engine.input_files import system_words
from engine.labs.job import nobody
from gui import export
from gui import theme as looks
from gui.buttons import FlatButton
from gui.file_dialogs import FileDialogs
from gui.labels import ElidedLabel, WrappedLabel
from gui.labs.controls import ParameterPanel
from gui.labs.formula_view import FormulaView
from gui.labs.lab import Lab
from gui.labs.readings import ReadingsCard
from gui.labs.table import LabRow
from gui.labs.worker import Job, Worker
from gui.refusals import system_text, words_text
from gui.theme import Theme
from gui.views.card import Card

if TYPE_CHECKING:
    from engine.session import Session

# How often it is asked how far slow work is.
ASK_PERIOD_MS = 40
HEADING_POINTS = 16.0
_PROGRESS_PARTS = 1000
_PROGRESS_WIDTH = 120
# The title needs its room more than the progress does.
_LEAST_PROGRESS_WIDTH = 30


class LabPage(QWidget):
    """One lab in its frame.

    Args:
        row: the lab's row in the table.
        config_now: returns the experiment in the main window.
        session: the engine of the main window, if there is one.

    Attributes:
        experiment_wanted: the main window shall show this experiment.
        lab: the pictures.
        panel: the controls.
        result: what is shown, None before the first result of slow work.
        worker: does the slow work.
    """

    experiment_wanted = Signal(object)

    def __init__(
        self,
        row: LabRow,
        config_now: Callable[[], RunConfig],
        session: Session | None = None,
        dialogs: FileDialogs | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.row = row
        self._dialogs = dialogs or FileDialogs()
        self.lab: Lab = row.load()(config_now)
        self.lab.session = session
        self.panel = ParameterPanel(self.lab.parameters)
        self.worker = Worker()
        self.result: Any = None
        self._theme = looks.LIGHT
        self._values: dict[str, Any] = {}
        self._job: Job | None = None
        self._stale = True
        self._timer = QTimer(self)
        self._timer.setInterval(ASK_PERIOD_MS)
        self._timer.timeout.connect(self._look_at_job)
        self._build()
        self.panel.changed.connect(self.recompute)
        self.lab.values_wanted.connect(self.panel.set_values)

    def _build(self) -> None:
        self.heading = QLabel()
        self.heading.setFont(looks.font(HEADING_POINTS, strong=True))
        self.show_button = FlatButton()
        self.show_button.clicked.connect(self._want_experiment)
        self.export_button = FlatButton()
        self.export_button.clicked.connect(self._open_menu)
        self.progress = QProgressBar()
        self.progress.setRange(0, _PROGRESS_PARTS)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(looks.scaled(8))
        self.progress.setMinimumWidth(_LEAST_PROGRESS_WIDTH)
        self.progress.setMaximumWidth(looks.scaled(_PROGRESS_WIDTH))
        self.stop_button = FlatButton()
        self.stop_button.clicked.connect(self.interrupt)
        for widget in (self.progress, self.stop_button):
            widget.hide()
        self.explanation = WrappedLabel()
        self.explanation.setFont(looks.font(looks.TITLE_POINTS))
        self.explanation.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.explanation.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.formulas = FormulaView(self.lab.formulas)
        self.notice = ElidedLabel()
        self.readings = ReadingsCard(self.lab.reading_group)
        self.controls = Card()
        self.controls.title.hide()
        self.controls.reading.hide()
        self.controls.body.addWidget(self.panel)
        self.controls.body.setContentsMargins(looks.CARD_MARGIN, 6, 2, 6)
        self.controls.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

        head = QHBoxLayout()
        head.setSpacing(looks.GAP)
        head.addWidget(self.heading)
        head.addSpacing(3 * looks.GAP)
        head.addWidget(self.notice, 1)
        for widget in (self.progress, self.stop_button, self.show_button, self.export_button):
            head.addWidget(widget)
        pictures = self.pictures = QWidget()
        column = QVBoxLayout(pictures)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * looks.GAP)
        column.addWidget(self.lab, 1)
        column.addWidget(self.readings)
        right = QVBoxLayout()
        right.setSpacing(2 * looks.GAP)
        if self.lab.bar is not None:
            right.addWidget(self.lab.bar)
        right.addWidget(pictures, 1)
        middle = QHBoxLayout()
        middle.setSpacing(2 * looks.GAP)
        middle.addWidget(self.controls)
        middle.addLayout(right, 1)
        page = QVBoxLayout(self)
        page.setContentsMargins(3 * looks.GAP, 2 * looks.GAP, 3 * looks.GAP, 3 * looks.GAP)
        page.setSpacing(2 * looks.GAP)
        page.addLayout(head)
        page.addWidget(self.explanation)
        page.addWidget(self.formulas)
        page.addLayout(middle, 1)

    # Computing

    def recompute(self) -> None:
        """Show what the controls say, at once or as soon as it is computed."""
        self._stale = False
        self._values = dict(self.lab.complete(self.panel.values()))
        self.show_button.setVisible(self.lab.experiment(self._values) is not None)
        self.formulas.show_formulas(self.lab.formulas_for(self._values))
        self.notice.setText(self.lab.notice(self.panel.values()))
        if not self.lab.is_slow(self._values):
            self._end_job()
            self.show_result(self.lab.compute(self._values, nobody))
            return
        values = self._values
        self._job = self.worker.ask(lambda report: self.lab.compute(values, report))
        self._timer.start()
        self._look_at_job()

    def _look_at_job(self) -> None:
        job = self._job
        if job is None:
            return
        done = job.done
        self.progress.setValue(round(job.share * _PROGRESS_PARTS))
        for widget in (self.progress, self.stop_button):
            widget.setVisible(not done)
        if not done:
            partial, job.partial = job.partial, None
            if partial is not None:
                self.show_result(partial)
            return
        self._end_job()
        if job.error is not None:
            raise job.error
        self.show_result(job.result)

    def _end_job(self) -> None:
        if self._job is not None:
            self._job.stop()
            self._job = None
        self._timer.stop()
        for widget in (self.progress, self.stop_button):
            widget.hide()

    def interrupt(self) -> None:
        """Give up the work that is going on."""
        if self._job is not None:
            self._end_job()
            self.notice.setText(self.tr("Interrupted; any change of a control starts again."))

    @property
    def busy(self) -> bool:
        """Whether slow work is going on."""
        return self._job is not None

    def show_result(self, result: Any) -> None:
        """Feed the pictures and the readings."""
        self.result = result
        self.lab.show_result(self._values, result)
        self.readings.show_readings(self.lab.readings(self._values, result))

    def begin(self) -> None:
        """Compute what is shown, if nothing is yet or the work for it was ended."""
        if self._stale:
            self.recompute()

    def shut(self) -> None:
        """End all work and its thread; `begin` takes it up again."""
        if self._job is not None:
            self._stale = True
        self._end_job()
        self.worker.close()

    # What the person does

    def _want_experiment(self) -> None:
        config = self.lab.experiment(self._values)
        if config is not None:
            self.experiment_wanted.emit(config)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(self.tr("Picture (PNG)…"), lambda: self._ask_and_export(".png"))
        menu.addAction(self.tr("Drawing (SVG)…"), lambda: self._ask_and_export(".svg"))
        menu.addAction(self.tr("Data (CSV)…"), lambda: self._ask_and_export(".csv"))
        corner = self.export_button.rect().bottomRight()
        corner.setX(corner.x() - menu.sizeHint().width())
        menu.popup(self.export_button.mapToGlobal(corner))

    def _ask_and_export(self, ending: str) -> None:
        kind = f"{ending[1:].upper()} (*{ending})"
        proposed = f"{self.row.number:02}_{self.row.name}{ending}"
        name = self._dialogs.ask_file(self, self.tr("Export"), proposed, kind)
        if not name:
            return
        try:
            self.export(export.with_ending(name, ending))
        except FileExistsError as error:
            self.notice.setText(self.tr("Not saved. {0}").format(system_text(error)))

    def export(self, path: Path) -> None:
        """Write the pictures (.png, .svg) or the data (.csv), and say whether it worked."""
        if self.result is None:
            self.notice.setText(self.tr("Nothing to export before the first result."))
            return
        try:
            export.write(path, self._exported(path.suffix.lower()))
        except OSError as error:
            # The error itself names a file that the person has never heard of.
            reason = f"{path}: {words_text(system_words(error))}"
            self.notice.setText(self.tr("Not saved. {0}").format(reason))
        else:
            self.notice.setText(self.tr("Saved: {0}").format(path))

    def _exported(self, ending: str) -> bytes:
        if ending == ".csv":
            table = self.lab.table(self._values, self.result)
            return export.csv_text(table, self._notes()).encode()
        draw = {".png": export.png, ".svg": export.svg}[ending]
        heading = export.Heading(self._heading_text(), looks.font(), self._theme.text)
        return draw(self.pictures, self._theme.window, heading)

    def _heading_text(self) -> str:
        """Return the title and what the controls say, for people."""
        shown = (row for row in self.panel.rows.values() if row.parameter.applies(self._values))
        values = (f"{row.label.text().rstrip(' =')}: {row.value_text()}" for row in shown)
        return "  ·  ".join([self.row.title_text(), *values])

    def _notes(self) -> list[str]:
        """Return what the controls and the readings say, for the head of a table."""
        title = f"{self.row.number} {self.row.title_text()}"
        given = (
            f"{name} = {parameter.kind.write(self._values[name])}"
            for name, parameter in self.lab.parameters.items()
            if parameter.applies(self._values)
        )
        return [title, *given, *(f"{name}: {value}" for name, value in self.readings.texts())]

    # Looks and language

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        parts = (self.panel, self.controls, self.readings, self.formulas, self.lab)
        for part in (*parts, self.show_button, self.export_button, self.stop_button):
            part.set_theme(theme)
        self._show_again()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.heading.setText(self.row.title_text())
        self.explanation.setText(self.lab.explanation())
        # Before a hall somebody says it, and the pictures have its room.
        self.explanation.setVisible(not looks.is_large())
        self.heading.setToolTip(self.lab.explanation())
        self.show_button.setText(self.tr("Show it in the main window"))
        self.export_button.setText(self.tr("Export"))
        self.stop_button.setText(self.tr("Stop"))
        self.panel.retranslate()
        self.lab.retranslate()
        self._show_again()

    def _show_again(self) -> None:
        if self.result is not None:
            self.show_result(self.result)
