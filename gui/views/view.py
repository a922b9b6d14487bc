"""A view: a card that shows something of a run and can be moved about on the dashboard."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QIcon, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from engine.snapshot import RunSnapshot
from gui import theme as looks
from gui.buttons import FlatButton
from gui.company import Company
from gui.export import Table
from gui.theme import Theme
from gui.views.card import Card
from gui.views.stage import Stage


class View(Card):
    """A picture of a run. Abstract.

    Attributes:
        enlarge_wanted: it is to fill the window, or to go back to its place.
        menu_wanted: its menu was asked for, at a place on the screen.
        dragged: it was taken by its head and pulled.
        state_changed: what of its looks is remembered has changed.
        fields_wanted: fields of the experiment were chosen in it, name → value.
        notice_wanted: a sentence is to be told of what was chosen in it.
    """

    # A view that is part of another one has no menu of its own.
    has_menu = True
    # What the head says is there only while the mouse is over the picture.
    reading_passes = True
    more: FlatButton | None = None
    back: FlatButton | None = None
    enlarge_wanted = Signal()
    menu_wanted = Signal(QPoint)
    dragged = Signal()
    state_changed = Signal()
    fields_wanted = Signal(dict)
    notice_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed: QPoint | None = None
        if self.has_menu:
            self.more = FlatButton("more")
            self.more.clicked.connect(self._ask_for_menu)
            # At the very edge, where no reading moves it.
            self.back = FlatButton()
            self.back.clicked.connect(self.enlarge_wanted)
            self.back.hide()
            for button in (self.more, self.back):
                button.set_small()
                self.head.addWidget(button)
            self.fit_head()

    @property
    def _buttons(self) -> list[FlatButton]:
        return [button for button in (self.more, self.back) if button is not None]

    def show_way_back(self, shown: bool) -> None:
        """Offer to give all views their places again, or do not."""
        if self.back is not None:
            self.back.setVisible(shown)
            # Above what a lesson covers the view with.
            self.back.raise_()

    @contextmanager
    def as_picture(self, least_height: int = 0) -> Iterator[None]:
        """Show nothing meanwhile that only a window needs, and be as high as what stands beside.

        Args:
            least_height: of the picture, in logical pixels.
        """
        size = self.size()
        looks_of_buttons = [(button, button.icon(), button.text()) for button in self._buttons]
        for button in self._buttons:
            button.setIcon(QIcon())
            button.setText("")
        self.resize(size.expandedTo(QSize(0, least_height)))
        try:
            yield
        finally:
            self.resize(size)
            for button, icon, text in looks_of_buttons:
                button.setIcon(icon)
                button.setText(text)

    def fit_head(self) -> None:
        super().fit_head()
        for button in self._buttons:
            # No higher than the line, which must not move when a button goes.
            button.setFixedHeight(self.title.minimumHeight())

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for button in self._buttons:
            button.set_theme(theme)

    def set_reading(self, text: str, short: str = "") -> None:
        # The reading takes the button's room: the mouse is over the picture, not over the button.
        more = self.more
        if more is not None and self.reading_passes and more.isVisible() == bool(text):
            more.setVisible(not text)
            self.body.activate()
        super().set_reading(text, short)

    def show_company(self, company: Company) -> None:
        """Take note of the runs beside the first, before `refresh`."""

    def show_stage(self, stage: Stage | None) -> None:
        """Show no more of the step than has come about; None: all of it."""

    @abstractmethod
    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        """Show a newer state of the run; another number is another run."""

    @abstractmethod
    def clear(self) -> None:
        """Show no run."""

    @abstractmethod
    def retranslate(self) -> None:
        """Take the texts of the language in force."""

    def table(self, run: RunSnapshot) -> Table | None:
        """Return what it shows of a run as numbers, for a CSV file; None: it has none to give."""
        return None

    def choose_layer(self, layer: int | None) -> None:
        """Look at one layer closely, where the view shows layers; 0 is next to the input.

        None: no layer is looked at closely any more.
        """

    @property
    def watched_layer(self) -> int | None:
        """The layer of which the engine is to tell more than of the others."""
        return None

    def fill_menu(self, menu: QMenu) -> None:
        """Add what its menu offers beside its place on the dashboard."""

    def state(self) -> dict[str, str]:
        """Return what of its looks is remembered; empty while it is as at first."""
        return {}

    def restore(self, state: Mapping[str, str]) -> None:
        """Look as a state says; what is unknown in it is passed over."""

    def head_height(self) -> int:
        """Return how far down from the top it can be taken and pulled."""
        return self.body.contentsMargins().top() + self.title.height() + looks.GAP

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        head = event.button() == Qt.MouseButton.LeftButton and place.y() < self.head_height()
        self._pressed = place if head else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        way = (event.position().toPoint() - self._pressed).manhattanLength()
        if way >= QApplication.startDragDistance():
            self._pressed = None
            self.dragged.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.enlarge_wanted.emit()

    def _ask_for_menu(self) -> None:
        assert self.more is not None
        self.menu_wanted.emit(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.has_menu:
            event.ignore()
            return
        self.menu_wanted.emit(event.globalPos())
