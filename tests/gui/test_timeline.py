"""Looking back: the timeline moves every view to a recorded step, and back to the newest."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.config import RunConfig
from engine.record import FirstBad


def track_point(window, step: int) -> QPoint:
    track = window.timeline.track
    return QPoint(round(track.x_of(step)), track.height() // 2)


def press(window, step: int) -> None:
    QTest.mouseClick(
        window.timeline.track, Qt.MouseButton.LeftButton, pos=track_point(window, step)
    )


@pytest.fixture
def stepped(window, session, qtbot):
    session.advance(30)
    qtbot.waitUntil(lambda: window.timeline.track.steps == 30)
    return window


def test_a_click_moves_every_view_to_that_step_and_now_back(stepped, session, qtbot):
    window = stepped
    press(window, 12)
    assert window.timeline.moment == 12
    views = window.dashboard.views
    for name in ("heatmap_h", "heatmap_w"):
        assert views[name].canvas._moment.last_step == 12
    assert views["profile"]._run.record.step == 12
    assert views["loss"].legend.values[0] == views["loss"].write(2.0 / 12)
    assert "steps 4 to 12" in window.verdict.detail.text()
    assert window.timeline.words.text() == "step 12 of 30"
    # A run that goes on does not take the moment away.
    session.advance(5)
    qtbot.waitUntil(lambda: window.timeline.track.steps == 35)
    assert window.dashboard.views["profile"]._run.record.step == 12
    QTest.mouseClick(window.timeline.now, Qt.MouseButton.LeftButton)
    assert window.timeline.moment is None
    assert views["profile"]._run.record.step == 35
    assert views["heatmap_h"].canvas._moment is None


def test_the_newest_step_is_no_moment(stepped):
    press(stepped, 12)
    press(stepped, 30)
    assert stepped.timeline.moment is None


@pytest.mark.parametrize("back", ["step", "rewind", "toggle_run"])
def test_whoever_trains_looks_at_the_newest_step(stepped, back):
    press(stepped, 12)
    getattr(stepped, back)()
    assert stepped.timeline.moment is None


def test_another_run_is_looked_at_where_it_is(stepped, session):
    press(stepped, 12)
    stepped.configure(session.config.replace(depth=6))
    stepped.renew_everything()
    assert stepped.timeline.moment is None
    assert stepped.timeline.track.steps == 0


def test_keys_move_the_handle(stepped):
    track = stepped.timeline.track
    track.setFocus()
    for key, moment in (
        (Qt.Key.Key_Left, 29), (Qt.Key.Key_Left, 28), (Qt.Key.Key_Right, 29),
        (Qt.Key.Key_Home, 1), (Qt.Key.Key_PageDown, 2), (Qt.Key.Key_End, None),
    ):  # fmt: skip
        QTest.keyClick(track, key)
        assert stepped.timeline.moment == moment
    assert track.steps == 30


def test_the_arrows_look_at_what_is_recorded_before_they_make_a_step(stepped, session):
    for key, moment in (
        (Qt.Key.Key_Left, 29), (Qt.Key.Key_Left, 28), (Qt.Key.Key_Right, 29),
        (Qt.Key.Key_Right, None),
    ):  # fmt: skip
        QTest.keyClick(stepped, key)
        assert stepped.timeline.moment == moment
        assert session.steps == 30
    QTest.keyClick(stepped, Qt.Key.Key_Right)
    assert session.steps == 31


def test_the_run_is_shown_again_from_its_first_step(stepped, qtbot):
    seen = []
    stepped.timeline.moved.connect(lambda: seen.append(stepped.timeline.moment))
    QTest.mouseClick(stepped.timeline.replay, Qt.MouseButton.LeftButton)
    assert stepped.timeline.is_replaying
    qtbot.waitUntil(lambda: len(seen) >= 4)
    assert seen[:4] == [1, 2, 3, 4]
    QTest.mouseClick(stepped.timeline.replay, Qt.MouseButton.LeftButton)
    assert not stepped.timeline.is_replaying
    assert stepped.timeline.moment == seen[-1]


def test_marks_tell_what_happened(stepped, session):
    stepped.configure(session.config.replace(learning_rate=0.5))
    session.advance(10)
    session.diverge(FirstBad(41, "2", "dL/dh"))
    stepped.renew_everything()
    track = stepped.timeline.track
    assert track.text_at(track.x_of(30)) == "step 30: Learning rate = 0.5"
    assert track.text_at(track.x_of(41)) == "step 41: first value that is not finite"
    assert track.text_at(track.x_of(20)) == "step 20: end of epoch 2"
    assert track.text_at(track.x_of(5)) == ""
    press(stepped, 40)
    assert "Diverged" not in stepped.verdict.headline.text()
    assert track.text_at(track.x_of(41)) == "step 41: first value that is not finite"


def test_shift_steps_to_the_end_of_the_epoch(stepped, session):
    QTest.keyClick(stepped, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert session.calls[-1] == "step_epoch"
    assert session.steps == 40


def test_a_merged_moment_says_so(open_window, make_session, qtbot):
    session = make_session(RunConfig(depth=4, width=8))
    window = open_window(session)
    session.history = type(session.history)(4, budget_bytes=1)
    session.advance(150)
    qtbot.waitUntil(lambda: window.timeline.track.steps == 150)
    window.timeline.track.chosen.emit(70)
    first, last = window.shown().runs[0].moment.first_step, window.shown().runs[0].moment.last_step
    assert first < last
    assert window.timeline.words.text() == f"step 70 of 150  (mean of {first}–{last})"
    wanted = np.mean([2.0 / step for step in range(70, 71)])
    assert window.shown().runs[0].record.curve("loss") == pytest.approx(wanted)
    # Every view calls it by the same name.
    window.resize(1440, 900)
    window.renew_everything()
    views = window.dashboard.views
    assert views["loss"].reading.text() == views["accuracy"].reading.text() == "step 70"
    assert views["loss"]._cursor.x == (70,)
    name = f"Every layer at step 70, mean of {first}–{last}"
    qtbot.waitUntil(lambda: views["profile"].title.text() == name)
    heatmap = views["heatmap_h"].canvas
    assert heatmap.cells.steps(heatmap.cells.series.column_at(70)) == (first, last)
