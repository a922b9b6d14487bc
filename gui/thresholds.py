"""The conventions of the verdicts, in a table that can be changed."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.diagnosis.conventions import fixed_conventions
from engine.diagnosis.thresholds import (
    THRESHOLD_TABLE,
    THRESHOLDS,
    ContradictionError,
    Thresholds,
)
from engine.fields import ConfigError
from gui import theme as looks
from gui.refusals import allowed_words
from gui.translation import engine_text

_SIZE = (860, 560)
NAME, VALUE, DEFAULT, UNIT, SOURCE = range(5)


class ThresholdsDialog(QDialog):
    """One row for each convention: its value, the default, the unit and the source.

    A value that is not allowed is put back, and a line below the table says what is. Below those
    that can be changed stand those that cannot; their tips say why.

    Args:
        thresholds: in force.

    Attributes:
        chosen: the thresholds, after every change.
    """

    chosen = Signal(Thresholds)

    def __init__(self, thresholds: Thresholds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finished.connect(self.deleteLater)
        self.setWindowTitle(self.tr("Thresholds"))
        self._thresholds = thresholds
        said = self.tr(
            "Where a verdict begins is a convention. A change is in force at once, is remembered, "
            "and is written into every recording."
        )
        note = QLabel(said)
        note.setWordWrap(True)
        self._fixed = fixed_conventions()
        self.table = QTableWidget(len(THRESHOLD_TABLE) + len(self._fixed), 5)
        titles = (
            self.tr("Convention"),
            self.tr("Value"),
            self.tr("Default"),
            self.tr("Unit"),
            self.tr("Source"),
        )
        self.table.setHorizontalHeaderLabels(titles)
        self.table.verticalHeader().hide()
        self.table.setWordWrap(True)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self._fill()
        self.table.itemChanged.connect(self._changed)
        header = self.table.horizontalHeader()
        for column in (NAME, VALUE, DEFAULT, UNIT):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(SOURCE, QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setMinimumHeight(self.problem.fontMetrics().height())
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.reset = buttons.addButton(
            self.tr("Back to the defaults"), QDialogButtonBox.ButtonRole.ResetRole
        )
        self.reset.clicked.connect(lambda: self._take(THRESHOLDS))
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setSpacing(2 * looks.GAP)
        for part in (note, self.table, self.problem, buttons):
            column.addWidget(part)
        self.resize(*_SIZE)

    def _fill(self) -> None:
        blocked = self.table.blockSignals(True)
        for row, (name, declaration) in enumerate(THRESHOLD_TABLE.items()):
            write = declaration.kind.write
            value, default = getattr(self._thresholds, name), getattr(THRESHOLDS, name)
            texts = (
                engine_text(declaration.label),
                f"{value:g}",
                f"{default:g}",
                engine_text(declaration.unit) if declaration.unit else "",
                engine_text(declaration.source),
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                if column == VALUE:
                    flags |= Qt.ItemFlag.ItemIsEditable
                    item.setText(f"{value:g}" if float(f"{value:g}") == value else write(value))
                    font = item.font()
                    font.setBold(value != default)
                    item.setFont(font)
                item.setFlags(flags)
                item.setToolTip(engine_text(declaration.help))
                self.table.setItem(row, column, item)
        for row, fixed in enumerate(self._fixed, len(THRESHOLD_TABLE)):
            texts = (
                engine_text(fixed.label),
                f"{fixed.value:g}",
                self.tr("fixed"),
                engine_text(fixed.unit),
                engine_text(fixed.source),
            )
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                item.setToolTip(engine_text(fixed.help))
                self.table.setItem(row, column, item)
        self.table.blockSignals(blocked)

    def _changed(self, item: QTableWidgetItem) -> None:
        if item.column() != VALUE:
            return
        name = list(THRESHOLD_TABLE)[item.row()]
        try:
            thresholds = dataclasses.replace(self._thresholds, **{name: item.text()})
        except ContradictionError as error:
            text = self.tr("Not taken: “{0}” ({1}) must not be above “{2}” ({3}).")
            lower, upper = (
                engine_text(THRESHOLD_TABLE[each].label) for each in (error.lower, error.upper)
            )
            values = f"{error.lower_value:g}", f"{error.upper_value:g}"
            self.problem.setText(text.format(lower, values[0], upper, values[1]))
            self._fill()
            return
        except ConfigError:
            text = self.tr("Not taken: {0} for “{1}”, which {2}.")
            row = THRESHOLD_TABLE[name]
            words = engine_text(row.label), allowed_words(row.kind)
            self.problem.setText(text.format(item.text(), *words))
            self._fill()
            return
        self._take(thresholds)

    def _take(self, thresholds: Thresholds) -> None:
        self.problem.setText("")
        self._thresholds = thresholds
        self._fill()
        self.chosen.emit(thresholds)
