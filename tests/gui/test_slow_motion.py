"""A step told slowly: forward, the loss, backward."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.snapshot import State
from gui.slow_motion import PHASE_SECONDS, stage_at
from gui.views.stage import Phase


def test_a_step_is_told_forward_then_the_loss_then_backward():
    times = np.arange(0.0, sum(PHASE_SECONDS.values()), 0.04)
    stages = [stage_at(float(t), 5) for t in times]
    phases = [stage.phase for stage in stages]
    assert phases == sorted(phases, key=list(Phase).index)
    forward = [stage.layer for stage in stages if stage.phase is Phase.FORWARD]
    backward = [stage.layer for stage in stages if stage.phase is Phase.BACKWARD]
    assert sorted(set(forward)) == list(range(6)) and forward == sorted(forward)
    assert sorted(set(backward)) == list(range(6)) and backward == sorted(backward, reverse=True)
    assert stage_at(sum(PHASE_SECONDS.values()), 5) is None


def test_slow_motion_shows_no_layer_before_its_turn(window, session, qtbot):
    session.advance(3)
    now = [0.0]
    motion = window.slow_motion
    motion._clock = lambda: now[0]
    QTest.keyClick(window, Qt.Key.Key_S)
    assert session.steps == 4
    panels = window.dashboard.views["profile"]
    qtbot.waitUntil(lambda: window.timeline.words.text() == "forward: layer 1")
    assert panels.forward.dots[0].drawn.shape[0] == 1
    assert panels.backward.dots[0].drawn.shape[0] == 0
    assert window.dashboard.views["heatmap_h"].canvas.lit == 0
    now[0] = PHASE_SECONDS[Phase.FORWARD] + 0.5
    qtbot.waitUntil(lambda: window.timeline.words.text() == "loss 0.5")
    now[0] = PHASE_SECONDS[Phase.FORWARD] + PHASE_SECONDS[Phase.LOSS]
    qtbot.waitUntil(lambda: window.timeline.words.text() == "backward: output layer")
    assert panels.forward.dots[0].drawn.shape[0] == 5
    assert panels.backward.dots[0].drawn.shape[0] == 1
    now[0] = 100.0
    qtbot.waitUntil(lambda: not motion.is_on)
    assert panels.backward.dots[0].drawn.shape[0] == 5
    assert window.timeline.words.text() == "step 4"


@pytest.fixture
def clock(window) -> list[float]:
    """The seconds of the window's slow motion, to be set."""
    now = [0.0]
    window.slow_motion._clock = lambda: now[0]
    return now


def tell(qtbot, window, session) -> None:
    """Let a step be told, from its beginning."""
    QTest.keyClick(window, Qt.Key.Key_S)
    session.pause()
    qtbot.waitUntil(lambda: window.timeline.words.text() == "forward: layer 1")


@pytest.mark.parametrize("way", ["to its end", "broken off"])
def test_a_run_goes_on_after_slow_motion(window, session, qtbot, clock, way):
    session.advance(3)
    window.run()
    tell(qtbot, window, session)
    assert session.snapshot().state is State.PAUSED
    if way == "broken off":
        QTest.keyClick(window, Qt.Key.Key_S)
    clock[0] = 100.0
    qtbot.waitUntil(lambda: session.snapshot().state is State.RUNNING)
    assert not window.slow_motion.is_on


@pytest.mark.parametrize("keys", [(), (Qt.Key.Key_Space, Qt.Key.Key_Space), (Qt.Key.Key_Right,)])
def test_a_run_rests_after_slow_motion_where_it_rested_or_was_paused(
    window, session, qtbot, clock, keys
):
    session.advance(3)
    if keys:
        window.run()
    tell(qtbot, window, session)
    for key in keys:
        QTest.keyClick(window, key)
    clock[0] = 100.0
    qtbot.waitUntil(lambda: not window.slow_motion.is_on)
    assert session.snapshot().state is State.PAUSED


def test_slow_motion_is_told_in_words_where_a_view_fills_the_window(window, session, qtbot, clock):
    session.advance(3)
    window.dashboard.enlarge("profile")
    tell(qtbot, window, session)
    assert window.status.isVisible()
    assert window.status.state.text() == "forward: layer 1"
    clock[0] = 100.0
    qtbot.waitUntil(lambda: not window.slow_motion.is_on)
    assert not window.status.isVisible()
