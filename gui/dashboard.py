"""The dashboard: the views in columns, which the person hides, enlarges and rearranges.

A view is one row of `gui.views.table`. Those that are not shown at first are made when they are
first wanted; of the others only the heatmaps are made before the window's first painting.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import (
    QMimeData,
    QPoint,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QSplitter, QWidget

from engine.close_up import Watch
from engine.snapshot import Snapshot
from gui import theme as looks
from gui.arrangement import COLUMN_CLAIMS, Arrangement
from gui.company import ALONE, Company, Names, company_of
from gui.splitters import Splitter
from gui.theme import Theme
from gui.views.card import Card
from gui.views.colour_bar import ColourBar
from gui.views.heatmap import HeatmapView
from gui.views.stage import Stage
from gui.views.table import KINDS, VIEWS, ViewKind
from gui.views.view import View

MIME_TYPE = "application/x-vanishing-point-view"
# The key beside a picture has room for its labels, however low the picture is.
_KEY_HEIGHT = 280


class Dashboard(QWidget):
    """All views, in their places.

    Attributes:
        export_wanted: a view is to be saved: its name, and the ending of the file.
        rearranged: the person moved a view, showed or hid it, or changed its looks.
        watch_changed: something else is looked at closely, a `Watch`.
        fields_wanted: fields of the experiment were chosen in a view, name → value.
        notice_wanted: a view has a sentence to tell.
        enlarged_changed: another view, or none, is to fill the window.
    """

    rearranged = Signal()
    enlarged_changed = Signal()
    export_wanted = Signal(str, str)
    watch_changed = Signal(object)
    fields_wanted = Signal(dict)
    notice_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = looks.LIGHT
        self._arrangement = Arrangement.default()
        self._enlarged: str | None = None
        # Views that something else, such as a lesson, asks for in place of the person's.
        self._only: frozenset[str] | None = None
        self._late = False
        self._cards: dict[str, Card] = {}
        self.views: dict[str, View] = {}
        # Which snapshot each view shows: the slow ones are renewed in turn.
        self._shown: dict[str, Snapshot | None] = {}
        self._turn = 0
        self._newest: Snapshot | None = None
        self._company_in: Snapshot | None = None
        self._names = Names()
        self._company = ALONE
        self._runs = 1
        self._watch = Watch()
        self._layer: int | None = None
        # A click chooses a layer and opens the view for it, unless it becomes a double-click.
        self._opening = QTimer(self)
        self._opening.setSingleShot(True)
        self._opening.setInterval(QApplication.doubleClickInterval())
        self._opening.timeout.connect(lambda: self.set_shown("inspector", visible=True))
        # The splitters learn of their own size after the dashboard has learnt of its.
        self._dividing = QTimer(self)
        self._dividing.setSingleShot(True)
        self._dividing.timeout.connect(self._divide)
        self.colour_bar = ColourBar()
        self._columns = [Splitter(Qt.Orientation.Vertical) for _ in COLUMN_CLAIMS]
        self._lay_out()
        for kind in VIEWS:
            self._cards[kind.name] = Card()
            if kind.fast:
                self._make(kind)
        self._arrange()
        self.setAcceptDrops(True)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._splitter = Splitter(Qt.Orientation.Horizontal)
        row.addWidget(self._splitter)
        first = QWidget()
        beside = QHBoxLayout(first)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(2 * looks.GAP)
        beside.addWidget(self._columns[0], 1)
        beside.addWidget(self.colour_bar)
        self._places = [first, *self._columns[1:]]
        for place in self._places:
            self._splitter.addWidget(place)

    # What is shown

    def complete(self) -> None:
        """Make the views that the first painting did not wait for."""
        self._late = True
        self._arrange()

    def stop(self) -> None:
        """Open nothing any more that a click has asked for."""
        self._opening.stop()
        self._dividing.stop()

    def is_shown(self, name: str) -> bool:
        """Say whether a view is to be seen."""
        if self._enlarged is not None:
            return name == self._enlarged
        if self._only is not None:
            return name in self._only
        return name not in self._arrangement.hidden

    def is_wanted(self, name: str) -> bool:
        """Say whether the person has the view among those to be seen."""
        return name not in self._arrangement.hidden

    def set_shown(self, name: str, *, visible: bool) -> None:
        """Show a view, or hide it."""
        self._set_enlarged(None)
        if name == "inspector" and not visible:
            # The heatmaps need not mark its layer any longer.
            self._layer = None
            for view in self.views.values():
                view.choose_layer(None)
        self.arrange(self._arrangement.shown(name, visible=visible))
        self.rearranged.emit()

    def show_only(self, names: frozenset[str] | None) -> None:
        """Show these views and no others for a while; None: those of the person again."""
        self._set_enlarged(None)
        self._only = names
        self._divide_anew()
        self._arrange()

    def enlarge(self, name: str | None) -> None:
        """Give one view the whole window; None: all views their places again."""
        self._opening.stop()
        self._set_enlarged(name)
        self._arrange()

    def _set_enlarged(self, name: str | None) -> None:
        if name == self._enlarged:
            return
        self._enlarged = name
        for other, view in self.views.items():
            view.show_way_back(other == name)
        self.enlarged_changed.emit()

    @property
    def enlarged(self) -> str | None:
        """The view that fills the window."""
        return self._enlarged

    @property
    def arrangement(self) -> Arrangement:
        """Where the views stand."""
        return self._arrangement

    def arrange(self, arrangement: Arrangement) -> None:
        """Put the views where an arrangement says, and let them look as it says."""
        self._arrangement = arrangement
        for name, view in self.views.items():
            view.restore(arrangement.looks.get(name, {}))
        self._divide_anew()
        self._arrange()

    def _divide_anew(self) -> None:
        """Forget how the person divided the room among other views."""
        for splitter in self._columns:
            splitter.is_pulled = False

    def move_view(self, name: str, column: int, row: int) -> None:
        """Move a view to another place; rows count without that view."""
        self.arrange(self._arrangement.moved(name, column, row))
        self.rearranged.emit()

    def _arrange(self) -> None:
        for kind in VIEWS:
            if self._late and kind.name not in self.views and self.is_shown(kind.name):
                self._make(kind)
        for splitter, names in zip(self._columns, self._arrangement.columns, strict=True):
            for index, name in enumerate(names):
                if splitter.indexOf(self._cards[name]) != index:
                    splitter.insertWidget(index, self._cards[name])
                self._cards[name].setVisible(self.is_shown(name))
        for place, names in zip(self._places, self._arrangement.columns, strict=True):
            place.setVisible(any(self.is_shown(name) for name in names))
        self._dividing.start()
        if self._newest is not None:
            # A view that was hidden has missed something.
            self.refresh_all(self._newest)
        self._show_scales()
        self._tell_watch()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._dividing.start()

    def _divide(self) -> None:
        """Give every view its room."""
        self._splitter.divide(COLUMN_CLAIMS)
        for splitter, names in zip(self._columns, self._arrangement.columns, strict=True):
            splitter.divide([KINDS[name].claim_among(self._runs) for name in names])

    def choose_layer(self, layer: int) -> None:
        """Look at one layer closely; 0 is the one next to the input."""
        self._layer = layer
        for view in self.views.values():
            view.choose_layer(layer)
        if not self.is_shown("inspector") and self._enlarged is None:
            self._opening.start()
        self._tell_watch()

    @property
    def watch(self) -> Watch:
        """What is looked at closely."""
        return self._watch

    def _tell_watch(self) -> None:
        """Tell what is looked at closely, if that has changed."""
        shown = [view for name, view in self.views.items() if self.is_shown(name)]
        layer = next((v.watched_layer for v in shown if v.watched_layer is not None), None)
        watch = Watch(layer, self._late and self.is_shown("prediction"))
        if watch != self._watch:
            self._watch = watch
            self.watch_changed.emit(watch)

    def key_of(self, name: str) -> ColourBar | None:
        """Return what tells the meaning of a view's colours, to stand beside its picture."""
        view = self.views[name]
        if not isinstance(view, HeatmapView):
            return None
        key = ColourBar()
        key.set_theme(self._theme)
        key.show_scales((view.canvas.cells.scale,))
        key.resize(key.sizeHint().width(), max(view.height(), looks.scaled(_KEY_HEIGHT)))
        return key

    def _show_scales(self) -> None:
        """Let the key tell what the colours of all heatmaps mean."""
        scales = [
            view.canvas.cells.scale
            for name in (name for names in self._arrangement.columns for name in names)
            if isinstance(view := self.views.get(name), HeatmapView) and self.is_shown(name)
        ]
        self.colour_bar.show_scales(tuple(dict.fromkeys(scales)))
        self.colour_bar.setVisible(bool(scales))

    def _remember_looks(self) -> None:
        if self._only is not None:
            # What a lesson shows for a while is not the person's choice.
            return
        states = {name: view.state() for name, view in self.views.items()}
        states = {name: state for name, state in states.items() if state}
        self._arrangement = replace(self._arrangement, looks=states)
        self.rearranged.emit()

    def _make(self, kind: ViewKind) -> None:
        view = kind.make()
        before = self._cards[kind.name]
        splitter = before.parentWidget()
        if isinstance(splitter, QSplitter):
            splitter.replaceWidget(splitter.indexOf(before), view)
        before.hide()
        before.deleteLater()
        self._cards[kind.name] = self.views[kind.name] = view
        self._shown[kind.name] = None
        view.set_theme(self._theme)
        view.restore(self._arrangement.looks.get(kind.name, {}))
        if self._layer is not None:
            view.choose_layer(self._layer)
        name = kind.name
        self._name_buttons(view)
        view.state_changed.connect(self._remember_looks)
        view.fields_wanted.connect(self.fields_wanted)
        view.notice_wanted.connect(self.notice_wanted)
        if isinstance(view, HeatmapView):
            view.scale_changed.connect(self._show_scales)
            view.layer_clicked.connect(self.choose_layer)
        view.enlarge_wanted.connect(lambda: self.enlarge(None if self._enlarged else name))
        view.menu_wanted.connect(lambda place: self._open_menu(name, place))
        view.dragged.connect(lambda: self._drag(name))

    # Parts of the window

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.colour_bar.set_theme(theme)
        for card in self._cards.values():
            card.set_theme(theme)

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.colour_bar.retranslate()
        self._names.forget()
        for view in self.views.values():
            view.retranslate()
            self._name_buttons(view)
        if self._newest is not None:
            # The runs have other names: also where nothing new comes.
            self._company_in = None
            self._shown = dict.fromkeys(self._shown)
            self.refresh_all(self._newest)

    def _name_buttons(self, view: View) -> None:
        if view.more is not None and view.back is not None:
            view.more.setToolTip(self.tr("What can be done with this view"))
            view.more.setAccessibleName(view.more.toolTip())
            escape = QKeySequence(Qt.Key.Key_Escape)
            key = escape.toString(QKeySequence.SequenceFormat.NativeText)
            view.back.setText(self.tr("Back  ·  {0}").format(key))
            view.back.setToolTip(self.tr("All views again"))
            view.back.setAccessibleName(view.back.toolTip())

    # Renewing

    def refresh_fast(self, snapshot: Snapshot) -> None:
        """Bring the heatmaps up to a snapshot."""
        self._newest = snapshot
        for name, view in self.views.items():
            if KINDS[name].fast:
                self._refresh(name, view, snapshot)

    def refresh_next(self, snapshot: Snapshot) -> bool:
        """Bring one more of the slow views up to a snapshot; return whether all have had a turn."""
        slow = [name for name in self.views if not KINDS[name].fast and self.is_shown(name)]
        if not slow:
            return True
        self._turn = (self._turn + 1) % len(slow)
        name = slow[self._turn]
        self._refresh(name, self.views[name], snapshot)
        return self._turn == 0

    def refresh_all(self, snapshot: Snapshot) -> None:
        """Bring every view that is shown up to a snapshot."""
        self._newest = snapshot
        for name, view in self.views.items():
            self._refresh(name, view, snapshot)
        # The layer in the middle is another one in another network.
        self._tell_watch()

    def _refresh(self, name: str, view: View, snapshot: Snapshot) -> None:
        if self._shown[name] is snapshot or not self.is_shown(name):
            return
        self._shown[name] = snapshot
        if snapshot.runs:
            if len(snapshot.runs) != self._runs:
                self._runs = len(snapshot.runs)
                self._dividing.start()
            view.show_company(self._company_of(snapshot))
            view.refresh(snapshot.run_number, snapshot.runs[0])
        else:
            view.clear()

    def show_stage(self, stage: Stage | None) -> None:
        """Let every view show a step in slow motion; None: all of it."""
        for view in self.views.values():
            view.show_stage(stage)

    def _company_of(self, snapshot: Snapshot) -> Company:
        # The same for all views.
        if self._company_in is not snapshot:
            self._company_in, self._company = snapshot, company_of(snapshot, self._names)
        return self._company

    # Rearranging

    def _open_menu(self, name: str, place: QPoint) -> None:
        menu = self.menu_of(name)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def menu_of(self, name: str) -> QMenu:
        """Return the menu of one view."""
        menu = QMenu(self)
        enlarged = self._enlarged is not None
        text = self.tr("All views again") if enlarged else self.tr("Enlarge")
        menu.addAction(f"{text}\t{self.tr('double-click')}").triggered.connect(
            lambda: self.enlarge(None if enlarged else name)
        )
        if not enlarged:
            menu.addAction(self.tr("Hide")).triggered.connect(
                lambda: self.set_shown(name, visible=False)
            )
            menu.addSeparator()
            self._add_moves(menu, name)
        menu.addSeparator()
        self.views[name].fill_menu(menu)
        menu.addSeparator()
        self._add_exports(menu, name)
        return menu

    def _add_exports(self, menu: QMenu, name: str) -> None:
        exports = QMenu(self.tr("Save"), menu)
        menu.addMenu(exports)
        texts = {
            ".png": self.tr("Picture (PNG)…"),
            ".svg": self.tr("Drawing (SVG)…"),
            ".csv": self.tr("Data (CSV)…"),
        }
        if type(self.views[name]).table is View.table:
            del texts[".csv"]
        for ending, text in texts.items():
            exports.addAction(text, partial(self.export_wanted.emit, name, ending))

    def _add_moves(self, menu: QMenu, name: str) -> None:
        column, row = self._arrangement.place(name)
        last = len(self._arrangement.columns[column]) - 1
        moves: list[tuple[str, bool, int, int]] = [
            (self.tr("Move up"), row > 0, column, row - 1),
            (self.tr("Move down"), row < last, column, row + 1),
            (self.tr("Move to the left"), column > 0, column - 1, 0),
            (self.tr("Move to the right"), column < len(self._columns) - 1, column + 1, 0),
        ]
        for text, possible, to_column, to_row in moves:
            if possible:
                menu.addAction(text).triggered.connect(
                    lambda _=False, c=to_column, r=to_row: self.move_view(name, c, r)
                )

    def _drag(self, name: str) -> None:
        if self._enlarged is not None:
            return
        data = QMimeData()
        data.setData(MIME_TYPE, name.encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(self.views[name].grab().scaledToWidth(240))
        drag.exec(Qt.DropAction.MoveAction)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._accept(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._accept(event)

    @staticmethod
    def _accept(event: QDragMoveEvent) -> None:
        # Files are the window's.
        if event.mimeData().hasFormat(MIME_TYPE):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        if not event.mimeData().hasFormat(MIME_TYPE):
            event.ignore()
            return
        name = bytes(event.mimeData().data(MIME_TYPE).data()).decode()
        target = self._target(name, event.position().toPoint())
        if target is not None:
            event.acceptProposedAction()
            self.move_view(name, *target)

    def _target(self, name: str, point: QPoint) -> tuple[int, int] | None:
        """Return where a view that is dropped here goes: above or below the view under it."""
        for other, view in self.views.items():
            if other == name or not view.isVisible():
                continue
            inside = view.mapFrom(self, point)
            if not view.rect().contains(inside):
                continue
            column, _ = self._arrangement.place(other)
            row = [n for n in self._arrangement.columns[column] if n != name].index(other)
            return column, row + (inside.y() > view.height() / 2)
        return None
