"""The window of the labs: their names on the left, the chosen one on the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QWidget,
)

from engine.config import RunConfig
from gui import numbers
from gui import theme as looks
from gui.actions import LABS_KEY
from gui.file_dialogs import FileDialogs
from gui.labs.lab import Values
from gui.labs.page import LabPage
from gui.labs.table import LABS
from gui.theme import Theme

if TYPE_CHECKING:
    from engine.session import Session

FIRST_SIZE = (1280, 800)
SMALLEST_SIZE = (900, 620)
LIST_WIDTH = 220
_ITEM_HEIGHT = 34
# On both sides of a name, as the style sheet has them.
_ITEM_MARGINS = 28


class LabsWindow(QWidget):
    """All labs. A lab is made when it is opened for the first time.

    Args:
        config_now: returns the experiment in the main window.
        session: the engine of the main window, if there is one.
        shown: the lab that is shown first; empty: the first of the table.
        values: what the controls of some labs say when they are opened, by name.
        dialogs: ask where to save, if not the labs' own.

    Attributes:
        experiment_wanted: the main window shall show this experiment.
        pages: the labs that were opened, by name.
    """

    experiment_wanted = Signal(object)

    def __init__(
        self,
        config_now: Callable[[], RunConfig],
        theme: Theme,
        parent: QWidget | None = None,
        *,
        session: Session | None = None,
        shown: str = "",
        values: Mapping[str, Values] | None = None,
        dialogs: FileDialogs | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self._values = dict(values or {})
        self._config_now = config_now
        self._session = session
        self._dialogs = dialogs
        self._theme = theme
        self.pages: dict[str, LabPage] = {}
        self.list = QListWidget()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for row in LABS:
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, row.name)
            item.setSizeHint(QSize(0, looks.scaled(_ITEM_HEIGHT)))
            self.list.addItem(item)
        self._stack = QStackedWidget()
        columns = QHBoxLayout(self)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(0)
        columns.addWidget(self.list)
        columns.addWidget(self._stack, 1)
        self.list.currentRowChanged.connect(self._open_row)
        for key in (QKeySequence.StandardKey.Close, "Escape", LABS_KEY):
            QShortcut(QKeySequence(key), self).activated.connect(self.close)
        self.resize(*FIRST_SIZE)
        self.setMinimumSize(*SMALLEST_SIZE)
        self.set_theme(theme)
        self.retranslate()
        self.open_lab(shown or LABS[0].name)

    @property
    def page(self) -> LabPage:
        """The lab that is shown."""
        page = self._stack.currentWidget()
        assert isinstance(page, LabPage)
        return page

    def open_lab(self, name: str) -> LabPage:
        """Show a lab of the table and return its page."""
        names = [row.name for row in LABS]
        self.list.setCurrentRow(names.index(name))
        return self.page

    def values(self) -> dict[str, Values]:
        """Return what the controls of the labs say that were opened."""
        return self._values | {name: page.panel.values() for name, page in self.pages.items()}

    def _open_row(self, index: int) -> None:
        row = LABS[index]
        if row.name not in self.pages:
            page = self.pages[row.name] = LabPage(
                row, self._config_now, self._session, self._dialogs
            )
            page.experiment_wanted.connect(self.experiment_wanted)
            page.set_theme(self._theme)
            page.retranslate()
            self._stack.addWidget(page)
            if row.name in self._values:
                page.panel.set_values(self._values[row.name])
        self._stack.setCurrentWidget(self.pages[row.name])
        self.page.begin()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.list.setStyleSheet(
            f"QListWidget {{ background: {theme.card}; outline: 0; padding: 6px; }}"
            "QListWidget::item { border-radius: 6px; padding-left: 4px; }"
            f"QListWidget::item:selected {{ background: {theme.accent};"
            f" color: {theme.on_accent}; }}"
        )
        for page in self.pages.values():
            page.set_theme(theme)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.setWindowTitle(self.tr("Labs"))
        # Before a hall the pictures need the room; the title of the one shown stands above it.
        brief = looks.is_large()
        for index, row in enumerate(LABS):
            text = str(row.number) if brief else f"{numbers.listed(row.number)}  {row.title_text()}"
            item = self.list.item(index)
            item.setText(text)
            item.setToolTip(row.title_text())
            item.setData(Qt.ItemDataRole.AccessibleTextRole, row.title_text())
        least = 0 if brief else LIST_WIDTH
        self.list.setFixedWidth(max(least, self._widest_name()))
        for page in self.pages.values():
            page.retranslate()

    def _widest_name(self) -> int:
        texts = (self.list.item(index).text() for index in range(self.list.count()))
        widest = max(self.list.fontMetrics().horizontalAdvance(text) for text in texts)
        return widest + _ITEM_MARGINS

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # What closing has ended begins again; an error in it is shown like any other.
        QTimer.singleShot(0, self, self._begin_shown)

    def _begin_shown(self) -> None:
        # It may have been closed meanwhile, for good: nobody would end what began now.
        if self.isVisible():
            self.page.begin()

    def closeEvent(self, event: QCloseEvent) -> None:
        for page in self.pages.values():
            page.shut()
        super().closeEvent(event)
