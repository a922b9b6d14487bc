"""Room is divided by weight, and nobody has less than he needs while there is enough for all."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from gui.splitters import Claim, Splitter, distribute


@pytest.mark.parametrize(
    ("room", "claims", "expected"),
    [
        (300, [Claim(1, 10), Claim(2, 10)], [100, 200]),
        # The first would have 100 by weight.
        (300, [Claim(1, 120), Claim(2, 10)], [120, 180]),
        # What the first is given leaves the second too little.
        (300, [Claim(1, 150), Claim(2, 99), Claim(5, 10)], [150, 99, 51]),
        # There is too little for all.
        (300, [Claim(9, 200), Claim(1, 400)], [100, 200]),
        (50, [Claim(3, 200)], [50]),
    ],
)
def test_room_is_divided(room, claims, expected):
    assert distribute(room, claims) == pytest.approx(expected)


def test_what_is_hidden_claims_nothing_and_what_was_pulled_stays(qtbot):
    splitter = Splitter(Qt.Orientation.Vertical)
    qtbot.addWidget(splitter)
    for _ in range(3):
        splitter.addWidget(QWidget())
    splitter.resize(200, 600)
    splitter.show()
    qtbot.waitExposed(splitter)
    splitter.widget(1).hide()
    QApplication.processEvents()
    claims = [Claim(1, 10), Claim(100, 500), Claim(1, 400)]
    splitter.divide(claims)
    gap = splitter.handleWidth()
    assert splitter.sizes() == [600 - gap - 400, 0, 400]
    splitter.moveSplitter(300, 2)
    pulled = splitter.sizes()
    assert pulled[0] == 300
    splitter.divide(claims)
    assert splitter.sizes() == pulled
