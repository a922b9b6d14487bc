"""Ghosts: runs that are over, behind the next one, and around lessons."""

import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from engine.history import MEAN
from engine.session import LEAST_GHOST_SECONDS
from engine.snapshot import State
from gui.company import company_of, names_of
from tests.gui.comparing import fronts, train
from tests.gui.conftest import SMALL


def test_a_ghost_stands_behind_the_next_run(lab, qtbot):
    train(lab, qtbot, 20)
    lab.comparison.keep_ghost()
    qtbot.waitUntil(lambda: bool(lab.session.snapshot().ghosts))
    lab.configure(SMALL.replace(depth=6))
    qtbot.waitUntil(lambda: getattr(fronts(lab), "depth", None) == 6)
    snapshot = train(lab, qtbot, 8)
    company = company_of(snapshot)
    assert [one.name for one in company.others] == ["before: Depth 4"]
    assert company.others[0].is_ghost and company.twins == ()
    # That the ghost has come farther makes nothing older that is drawn of the run.
    assert names_of(company, snapshot.runs[0]) == [company.name, "before: Depth 4"]
    loss = lab.dashboard.views["loss"]
    # No more of it than there is of the axis, and one step beyond.
    assert loss._others[0][0].x.tolist() == list(range(1, 10))
    assert lab.dashboard.views["heatmap_h"].tiles == []
    lab.timeline.track.chosen.emit(3)
    assert lab.dashboard.views["profile"]._run.record.step == 3
    QTest.mouseClick(lab.comparison.list.rows[1].close_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not lab.session.snapshot().ghosts)


def test_two_ghosts_are_told_apart_wherever_they_are_shown(lab, qtbot):
    for count, depth in enumerate((6, 5), start=1):
        train(lab, qtbot, 3)
        lab.comparison.keep_ghost()
        qtbot.waitUntil(lambda count=count: len(lab.session.snapshot().ghosts) == count)
        lab.configure(SMALL.replace(depth=depth))
        qtbot.waitUntil(lambda depth=depth: getattr(fronts(lab), "depth", None) == depth)
    train(lab, qtbot, 3)
    qtbot.waitUntil(lambda: len(lab.comparison.list.rows) == 3)
    views, greys = lab.dashboard.views, [QColor(grey) for grey in lab.theme.past]
    pens = [pair[0]._pen for pair in views["loss"]._others]
    assert [pen.color() for pen in pens] == greys
    assert pens[0].dashPattern() != pens[1].dashPattern()
    for legend in (views["loss"].legend, views["profile"].runs):
        assert [pen for _, pen in legend._entries[1:3]] == pens
    for panel in views["profile"].panels:
        assert [dots._pen.color() for dots in panel._others] == greys
    assert [row.swatch._colour for row in lab.comparison.list.rows[1:]] == greys
    # Where they lie on one another, each is seen.
    (training, *trainings), (validation, *validations) = zip(
        (views["loss"]._training, views["loss"]._validation), *views["loss"]._others, strict=True
    )
    for first, others in ((training, trainings), (validation, validations)):
        assert first.rivals == (first, *others) == others[-1].rivals
    for panel in views["profile"].panels:
        assert panel.dots[0].rivals == (panel.dots[0], *panel._others)


def test_a_ghost_is_forgotten_alone_and_that_can_be_undone(lab, qtbot):
    def steps():
        return [ghost.steps for ghost in lab.session.snapshot().ghosts]

    for depth, count in ((5, 3), (6, 4)):
        train(lab, qtbot, count)
        lab.comparison.keep_ghost()
        qtbot.waitUntil(lambda count=count: count in steps())
        lab.configure(SMALL.replace(depth=depth))
        qtbot.waitUntil(lambda depth=depth: getattr(fronts(lab), "depth", None) == depth)
    qtbot.waitUntil(lambda: len(lab.comparison.list.rows) == 3)
    QTest.mouseClick(lab.comparison.list.rows[1].close_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: steps() == [4])
    configs = lab.comparison.configs
    lab.undoing.undo()
    qtbot.waitUntil(lambda: steps() == [3, 4])
    assert lab.comparison.configs == configs
    # The next one undoes the change before.
    lab.undoing.undo()
    assert lab.config.depth == 5
    # What is done after it cannot be stepped over.
    lab.comparison.forget(0)
    lab.configure(SMALL.replace(depth=8))
    lab.undoing.undo()
    assert lab.config.depth == 5
    qtbot.waitUntil(lambda: steps() == [4])


def test_a_ghost_leaves_the_axis_of_steps_to_the_runs_of_now(lab, qtbot):
    train(lab, qtbot, 100)
    lab.comparison.keep_ghost()
    lab.configure(SMALL.replace(depth=6))
    qtbot.waitUntil(lambda: getattr(fronts(lab), "depth", None) == 6)
    loss = lab.dashboard.views["loss"].plot.getViewBox()
    # Where nothing is trained yet all of it is to be seen.
    qtbot.waitUntil(lambda: loss.viewRange()[0][1] > 100)
    train(lab, qtbot, 10)
    assert 10 <= loss.viewRange()[0][1] < 50


def test_the_run_before_a_lesson_is_there_after_it(lab, qtbot):
    before = train(lab, qtbot, 5).runs[0]
    lab.lessons.open(0, 0)
    qtbot.waitUntil(lambda: fronts(lab) not in (None, SMALL))
    lab.lessons.close()
    assert lab.shows_recording
    (kept,) = lab.snapshot().runs
    assert (kept.config, kept.steps) == (SMALL, 5)
    assert np.array_equal(kept.history.curve("loss"), before.history.curve("loss"))
    # It is looked at, and nothing goes on from there.
    lab.run()
    assert not lab.shows_recording
    lab.session.pause()


def test_a_step_after_a_lesson_leaves_the_run_from_before_it_as_a_ghost(lab, qtbot):
    before = train(lab, qtbot, 5).runs[0]
    lab.lessons.open(0, 0)
    qtbot.waitUntil(lambda: fronts(lab) not in (None, SMALL))
    lab.lessons.close()
    assert "starts again at step 0" in lab.status.state.text()
    qtbot.waitUntil(lambda: fronts(lab) == SMALL and lab.session.snapshot().state is State.PAUSED)
    lab.step()
    qtbot.waitUntil(lambda: lab.snapshot().runs[0].steps == 1)
    (ghost,) = lab.snapshot().ghosts
    assert (ghost.config, ghost.steps) == (SMALL, 5)
    assert np.array_equal(ghost.history.curve("loss"), before.history.curve("loss"))


def test_the_ghosts_from_before_a_lesson_are_there_after_it(lab, qtbot):
    train(lab, qtbot, 5)
    lab.comparison.keep_ghost()
    qtbot.waitUntil(lambda: len(lab.session.snapshot().ghosts) == 1)
    (ghost,) = lab.session.snapshot().ghosts
    lab.lessons.open(0, 0)
    qtbot.waitUntil(lambda: fronts(lab) not in (None, SMALL))
    qtbot.waitUntil(lambda: not lab.session.snapshot().ghosts)
    lab.lessons.close()
    # In the run that is looked at, and behind the next one.
    assert [one.steps for one in lab.snapshot().ghosts] == [5]
    lab.run()
    qtbot.waitUntil(lambda: [one.steps for one in lab.session.snapshot().ghosts] == [5])
    lab.session.pause()
    (kept,) = lab.session.snapshot().ghosts
    assert np.array_equal(kept.history.curve("loss"), ghost.history.curve("loss"))


def test_a_lesson_leaves_no_ghost_behind_the_persons_own_run(lab, qtbot):
    lab.lessons.open(0, 0)
    qtbot.waitUntil(lambda: fronts(lab) not in (None, SMALL))
    began = time.monotonic()
    # So long that going on to another experiment would leave one.
    qtbot.waitUntil(lambda: time.monotonic() - began > 2 * LEAST_GHOST_SECONDS)
    assert lab.session.snapshot().runs[0].steps
    lab.lessons.close()
    # The next run is built after all that closing asks for.
    lab.configure(SMALL.replace(depth=6))
    qtbot.waitUntil(lambda: getattr(fronts(lab), "depth", None) == 6)
    assert not lab.session.snapshot().ghosts


def test_a_ghost_leaves_the_loss_to_what_is_in_sight(lab, qtbot):
    lab.configure(SMALL.replace(depth=12, learning_rate=0.5))
    qtbot.waitUntil(lambda: fronts(lab) == lab.config)
    ghost = train(lab, qtbot, 40).runs[0]
    lab.comparison.keep_ghost()
    qtbot.waitUntil(lambda: bool(lab.session.snapshot().ghosts))
    lab.configure(SMALL)
    qtbot.waitUntil(lambda: fronts(lab) == SMALL)
    train(lab, qtbot, 4)
    lab.renew_everything()
    loss = lab.dashboard.views["loss"]
    heights = loss._feed(loss._others[0], ghost, (MEAN, MEAN))
    assert heights[0].size == 8 < loss._others[0][0].x.size


@pytest.mark.parametrize(("depth", "is_shown"), [(2, True), (12, True), (30, False)])
def test_of_a_deeper_ghost_the_profile_shows_all_layers_or_none(lab, qtbot, depth, is_shown):
    lab.configure(SMALL.replace(depth=depth))
    qtbot.waitUntil(lambda: fronts(lab) == lab.config)
    train(lab, qtbot, 3)
    lab.comparison.keep_ghost()
    qtbot.waitUntil(lambda: bool(lab.session.snapshot().ghosts))
    lab.configure(SMALL)
    qtbot.waitUntil(lambda: fronts(lab) == SMALL)
    train(lab, qtbot, 3)
    lab.renew_everything()
    profile = lab.dashboard.views["profile"]
    layers = 1 + max(depth if is_shown else 0, SMALL.depth)
    for panel in profile.panels:
        assert panel.plot.viewRange()[0] == [0.5, layers + 0.5]
        assert panel._others[0].x.size == is_shown * (depth + 1)
    names = [name for name, _ in profile.runs._entries]
    assert ["(too deep to be shown)" in name for name in names] == [False, not is_shown]


def test_runs_are_named_in_the_language_in_force_also_where_nothing_runs(lab, qtbot):
    lab.comparison.add_twin({"activation": "relu", "initializer": "kaiming_normal"})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    train(lab, qtbot, 5)
    lab.renew_everything()
    views = lab.dashboard.views

    def names() -> set[str]:
        legends = views["loss"].legend, views["profile"].runs
        return {name for legend in legends for name, _ in legend._entries}

    assert any("normal" in name for name in names())
    lab.set_language("zh_CN")
    assert not any("normal" in name for name in names())
    assert any("正态" in name for name in names())
    lab.set_language("en")
    assert not any("正态" in name for name in names())
