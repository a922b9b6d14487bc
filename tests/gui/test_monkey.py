"""No order of actions breaks the window."""

import sys
import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider

from engine.session import LEAST_GHOST_SECONDS
from gui.examine import wait_until
from tests.monkey.hands import SMALL, double_click
from tests.monkey.player import Monkey


def test_a_hundred_random_actions(tmp_path, one_thread):
    Monkey(1, tmp_path).play(100)


def test_it_settles_whatever_was_running(tmp_path, one_thread):
    monkey = Monkey(1, tmp_path)
    monkey.open()
    try:
        deeper = SMALL.replace(depth=SMALL.depth + 1)
        monkey.window.configure(deeper)
        wait_until(lambda: [r.config for r in monkey.session.snapshot().runs] == [deeper], "it")
        began = time.monotonic()
        # So long that a change of the experiment leaves a ghost.
        wait_until(lambda: time.monotonic() - began > 2 * LEAST_GHOST_SECONDS, "a run to keep")
        assert monkey.session.snapshot().runs[0].steps
        monkey.settle()
    finally:
        monkey.close()


def test_a_double_click_lets_the_button_go(qtbot):
    held, let_go = QSlider(Qt.Orientation.Horizontal), QSlider(Qt.Orientation.Horizontal)
    for slider in (held, let_go):
        slider.setRange(0, 1000)
        slider.setPageStep(1)
        slider.resize(300, 20)
        qtbot.addWidget(slider)
        slider.show()
    end = QPoint(290, 10)
    double_click(let_go, end)
    value = let_go.value()
    QTest.mousePress(held, Qt.MouseButton.LeftButton, pos=end)
    wait_until(lambda: held.value() > 5, "a slider that is held to go on")
    QTest.mouseRelease(held, Qt.MouseButton.LeftButton, pos=end)
    assert let_go.value() == value > 0


@pytest.mark.slow
def test_three_hundred_random_actions(tmp_path, one_thread):
    Monkey(2, tmp_path).play(300)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_thousand_random_actions(seed, tmp_path, one_thread):
    Monkey(seed, tmp_path).play(1000)


# What four more rounds of the same actions may add to four of them, after four in which is loaded
# what is loaded when it is first wanted: when that is depends on the speed of the machine, and it
# is up to 60 MB. Chance decides how far caches of bounded size are filled, and how the allocator's
# pages lie. A window that keeps something of each action keeps it in every later round, and more
# objects than that, of Python or of Qt; of the latter a window that may be open or not has eighty.
MOST_ADDED_MEMORY = 0.08
MOST_ADDED_OBJECTS = (0.01, 0.06)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="free memory is given back on Linux only")
def test_the_same_actions_again_keep_no_more_memory(tmp_path, one_thread):
    monkey = Monkey(1, tmp_path)
    monkey.play(100, rounds=12)
    early, late = slice(4, 8), slice(8, 12)
    kept = monkey.kept
    assert min(kept[late]) <= (1.0 + MOST_ADDED_MEMORY) * max(kept[early]), kept
    for counts, added in zip(zip(*monkey.objects, strict=True), MOST_ADDED_OBJECTS, strict=True):
        assert min(counts[late]) <= (1.0 + added) * max(counts[early]), monkey.objects
