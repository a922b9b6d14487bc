"""The tour of the first start: five bubbles that point at what matters, and can be skipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QT_TRANSLATE_NOOP,
    QCoreApplication,
    QEvent,
    QObject,
    QPoint,
    QRect,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygon
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui import theme as looks
from gui.buttons import FlatButton
from gui.labels import WrappedLabel
from gui.theme import Theme
from gui.views.card import Card

if TYPE_CHECKING:
    from gui.main_window import MainWindow

_WIDTH = 330
_ARROW = 10
_BORDER = 1.5


@dataclass(frozen=True)
class Stop:
    """One bubble.

    Attributes:
        target: returns what it points at.
        text: what it says.
    """

    target: Callable[[MainWindow], QWidget]
    text: str


STOPS = (
    Stop(
        lambda w: w.dashboard.views["heatmap_h"],
        QT_TRANSLATE_NOOP(
            "Tour",
            "A network in training: each row is a layer, each column a step, the colour is the "
            "size of the gradient. Where it darkens towards the input, the gradient vanishes.",
        ),
    ),
    Stop(
        lambda w: w.verdict,
        QT_TRANSLATE_NOOP("Tour", "Here it says in words what is wrong, and offers the cure."),
    ),
    Stop(
        lambda w: w.toolbar.presets["healthy"],
        QT_TRANSLATE_NOOP(
            "Tour", "One click shows another experiment: here the same depth, in good health."
        ),
    ),
    Stop(
        lambda w: w.panel,
        QT_TRANSLATE_NOOP(
            "Tour",
            "Change one thing and watch: depth, activation, initialiser. Rewind returns to the "
            "same weights, New seed draws others.",
        ),
    ),
    Stop(
        lambda w: w.toolbar.menu,
        QT_TRANSLATE_NOOP(
            "Tour", "All else is here: recordings, pictures, views, languages. H shows all keys."
        ),
    ),
)


class Tour(QFrame):
    """A bubble that goes from stop to stop. The window can be used all the while.

    Attributes:
        ended: the last bubble is gone, or the rest was skipped.
    """

    ended = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._place = 0
        self._tip, self._is_below = QPoint(), False
        self._theme = window.theme
        self.setFixedWidth(looks.scaled(_WIDTH))
        self.text = WrappedLabel()
        self.count = QLabel()
        self.skip = FlatButton()
        self.next = FlatButton(primary=True)
        self.skip.clicked.connect(self.end)
        self.next.clicked.connect(self._go_on)
        row = QHBoxLayout()
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.skip)
        row.addWidget(self.next)
        column = QVBoxLayout(self)
        margin = _ARROW + 2 * looks.GAP
        column.setContentsMargins(margin, margin, margin, margin)
        column.addWidget(self.text)
        column.addLayout(row)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        window.installEventFilter(self)
        self.set_theme(window.theme)
        self._show_stop()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        for button in (self.skip, self.next):
            button.set_theme(theme)
        palette = self.count.palette()
        palette.setColor(palette.ColorRole.WindowText, QColor(theme.muted))
        self.count.setPalette(palette)
        self.update()

    def end(self) -> None:
        """Take the bubble away."""
        self._window.removeEventFilter(self)
        # Hidden with it, it would hand the keyboard to the next field of the form.
        self.clearFocus()
        self.hide()
        self.deleteLater()
        self.ended.emit()

    def _go_on(self) -> None:
        self._place += 1
        if self._place == len(STOPS):
            self.end()
        else:
            self._show_stop()

    def _show_stop(self) -> None:
        self.text.setText(QCoreApplication.translate("Tour", STOPS[self._place].text))
        self.count.setText(f"{self._place + 1} / {len(STOPS)}")
        last = self._place == len(STOPS) - 1
        self.skip.setText(self.tr("Skip"))
        self.skip.setVisible(not last)
        self.next.setText(self.tr("Begin") if last else self.tr("Next"))
        self.resize(self.width(), self.layout().heightForWidth(self.width()))
        self._move_to_target()
        self.show()
        self.raise_()
        self.setFocus()

    def _move_to_target(self) -> None:
        """Stand beside the target, within the window, with the arrow's tip on it."""
        target, window = STOPS[self._place].target(self._window), self._window
        aim = QRect(target.mapTo(window, QPoint(0, 0)), target.size())
        # Below a bar or a button.
        self._is_below = aim.height() < window.height() // 4
        if self._is_below:
            x = min(aim.center().x(), aim.left() + _WIDTH // 2)
            self._tip = QPoint(x, aim.bottom() + 1)
            place = self._tip - QPoint(self.width() // 2, 0)
        else:
            self._tip = aim.center()
            place = self._tip - QPoint(0, self.height() // 2)
        most = QPoint(window.width() - self.width(), window.height() - self.height())
        place = QPoint(min(max(place.x(), 0), most.x()), min(max(place.y(), 0), most.y()))
        self.move(self._beside_titles(place, aim))
        self.update()

    def _beside_titles(self, place: QPoint, aim: QRect) -> QPoint:
        """Return the nearest place where no title is covered, nor the verdict's; else this one.

        Args:
            place: from which to move along the target.
            aim: the target.
        """
        window = self._window
        titles = [
            QRect(card.title.mapTo(window, QPoint(0, 0)), card.title.size()).adjusted(
                *(-looks.GAP, -looks.GAP, looks.GAP, looks.GAP)
            )
            for card in window.findChildren(Card)
            if card.title.isVisible()
        ]
        headline = window.verdict.headline
        titles.append(QRect(headline.mapTo(window, QPoint(0, 0)), headline.sizeHint()))
        step = QPoint(looks.GAP, 0) if self._is_below else QPoint(0, looks.GAP)
        first, last = (aim.left(), aim.right()) if self._is_below else (aim.top(), aim.bottom())
        most_steps = max(window.width(), window.height()) // looks.GAP
        for steps in sorted(range(-most_steps, most_steps), key=abs):
            moved = place + steps * step
            box = self._box().translated(moved)
            if (
                window.rect().contains(QRect(moved, self.size()))
                and first <= self._arrow_on(box) <= last
                and not any(box.intersects(title) for title in titles)
            ):
                return moved
        return place

    def _box(self) -> QRect:
        """Return where the bubble itself is, without its arrow, in its own coordinates."""
        return self.rect().adjusted(_ARROW, _ARROW, -_ARROW, -_ARROW)

    def _arrow_on(self, box: QRect) -> int:
        """Return where along the edge of a bubble in the window the arrow stands."""
        margin = 2 * _ARROW
        if self._is_below:
            return min(max(self._tip.x(), box.left() + margin), box.right() - margin)
        return min(max(self._tip.y(), box.top() + margin), box.bottom() - margin)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._move_to_target()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go_on()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        # One that has ended is deleted with the next turn of the event loop.
        if event.type() == QEvent.Type.LanguageChange and not self.isHidden():
            self._show_stop()
        elif event.type() == QEvent.Type.PaletteChange:
            self.set_theme(self._window.theme)
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.accent), _BORDER))
        painter.setBrush(QColor(self._theme.card))
        box = self._box()
        painter.drawRoundedRect(box, looks.CARD_RADIUS, looks.CARD_RADIUS)
        place = self._arrow_on(box.translated(self.pos()))
        if self._is_below:
            x = place - self.x()
            arrow = [QPoint(x - _ARROW, box.top()), QPoint(x, 1), QPoint(x + _ARROW, box.top())]
        else:
            y = place - self.y()
            arrow = [QPoint(box.left(), y - _ARROW), QPoint(1, y), QPoint(box.left(), y + _ARROW)]
        painter.drawPolygon(QPolygon(arrow))
        painter.setPen(Qt.PenStyle.NoPen)
        # The arrow's foot has no border.
        painter.drawRect(
            box.adjusted(2, 2, -2, -2).intersected(
                QPolygon(arrow).boundingRect().adjusted(-1, -1, 4, 4)
            )
        )
