"""Cards side by side or one above the other, each with the room that it needs to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSplitter, QSplitterHandle

from gui import theme as looks


@dataclass(frozen=True)
class Claim:
    """What a card asks for.

    Attributes:
        weight: its share of the room, beside those of the others.
        least: so much it needs for all of its words, in logical pixels at the size of the type.
    """

    weight: int
    least: int


def distribute(room: float, claims: Sequence[Claim]) -> list[float]:
    """Divide room by weight, so that everyone has at least what he needs.

    Where there is too little for that, everyone lacks the same share of it.

    Args:
        room: in the unit of the claims' least.
        claims: of at least one.
    """
    needed = sum(claim.least for claim in claims)
    if needed >= room:
        return [room * claim.least / needed for claim in claims]
    # Whoever would get too little by weight has what he needs; the others share the rest.
    poor: set[int] = set()
    while True:
        rest = room - sum(claims[index].least for index in poor)
        weights = sum(claim.weight for index, claim in enumerate(claims) if index not in poor)
        found = [
            float(claim.least) if index in poor else rest * claim.weight / weights
            for index, claim in enumerate(claims)
        ]
        lacking = {
            index
            for index, claim in enumerate(claims)
            if index not in poor and found[index] < claim.least
        }
        if not lacking:
            return found
        poor |= lacking


class _Gap(QSplitterHandle):
    """The space between two cards, which can be pulled; it shows nothing but the pointer."""

    def paintEvent(self, event: QPaintEvent) -> None:
        pass


class Splitter(QSplitter):
    """Cards side by side or one above the other.

    Attributes:
        is_pulled: the person has divided the room himself.
    """

    def __init__(self, orientation: Qt.Orientation) -> None:
        super().__init__(orientation)
        self.setHandleWidth(2 * looks.GAP)
        self.setChildrenCollapsible(False)
        self.is_pulled = False
        self._pulled: list[int] = []
        self.splitterMoved.connect(self._note_pull)

    def createHandle(self) -> QSplitterHandle:
        return _Gap(self.orientation(), self)

    def _note_pull(self) -> None:
        self.is_pulled = True
        self._pulled = self.sizes()

    def divide(self, claims: Sequence[Claim]) -> None:
        """Give each card its room, unless the person has done so himself.

        Args:
            claims: one for each card, in their order; of those that are hidden, too.
        """
        if self.is_pulled:
            # What was hidden for a while has lost its part.
            self.setSizes(self._pulled)
            return
        shown = [index for index in range(self.count()) if not self.widget(index).isHidden()]
        across = self.orientation() is Qt.Orientation.Horizontal
        whole = self.width() if across else self.height()
        room = whole - self.handleWidth() * (len(shown) - 1)
        if not shown or room <= 0:
            return
        at_type = [Claim(claims[i].weight, looks.scaled(claims[i].least)) for i in shown]
        sizes = [0] * self.count()
        for index, size in zip(shown, distribute(room, at_type), strict=True):
            sizes[index] = round(size)
        self.setSizes(sizes)
