"""Twins and ghosts in the window, with the real engine; differences; slow motion."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from engine.config import RunConfig
from engine.history import MAXIMUM, History
from engine.presets import presets
from engine.session import LEAST_GHOST_SECONDS, Session
from engine.snapshot import Snapshot, State
from gui.company import ALONE, company_of, names_of, run_names, short_names
from gui.comparison import WHAT_IFS
from gui.slow_motion import PHASE_SECONDS, stage_at
from gui.verdict import run_words
from gui.views.colour_scale import FIRST, LAST, NAN
from gui.views.cover import Cover
from gui.views.difference import DifferenceCells
from gui.views.profile import ProfileView
from gui.views.stage import Phase
from tests.gui.conftest import made_up_record

SMALL = RunConfig(depth=4, width=8, activation="tanh", batch_size=16)


@pytest.fixture
def lab(open_window, qtbot):
    """Return a window on the real engine, ready to train."""
    window = open_window(Session(SMALL), SMALL)
    qtbot.waitUntil(lambda: window.session.snapshot().state is State.PAUSED, timeout=30000)
    return window


def fronts(window) -> RunConfig | None:
    """Return the experiment of the engine's first run; None while it is being built."""
    runs = window.session.snapshot().runs
    return runs[0].config if runs else None


def train(window, qtbot, steps: int) -> Snapshot:
    session = window.session
    wanted = session.snapshot().runs[0].steps + steps
    session.step(steps)
    qtbot.waitUntil(
        lambda: (
            session.snapshot().runs[0].steps == wanted
            and session.snapshot().state is not State.RUNNING
        )
    )
    window.renew_everything()
    return session.snapshot()


def test_one_click_makes_a_twin_and_every_view_shows_both(lab, qtbot):
    menu = lab.comparison.make_menu()
    next(a for a in menu.actions() if a.text() == "ReLU with He initialisation").trigger()
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    snapshot = train(lab, qtbot, 30)
    second = snapshot.runs[1]
    assert second.config == SMALL.replace(activation="relu", initializer="kaiming_normal")
    views = lab.dashboard.views
    heatmap = views["heatmap_h"]
    assert [canvas.cells.columns for canvas in heatmap.canvases] == [30, 30, 30]
    for canvas, run in zip(heatmap.canvases, snapshot.runs, strict=False):
        wanted = run.history.layer("activation_grad_norm", MAXIMUM)[-1, 0]
        assert canvas.cells.value(3, 29) == wanted
    ratio = heatmap.difference.cells.value(3, 29)
    norms = [run.history.layer("activation_grad_norm", MAXIMUM)[-1, 0] for run in snapshot.runs]
    assert ratio == pytest.approx(norms[1] / norms[0], rel=1e-9)
    backward = views["profile"].backward
    np.testing.assert_allclose(
        backward._others[0].values[:4], np.log10(second.record.layer("activation_grad_norm")[:4])
    )
    assert [name for name, _ in views["loss"].legend._entries] == [
        "Tanh, Xavier normal", "ReLU, He normal", "training", "validation"
    ]  # fmt: skip
    # One line is thin, the other is not: they tell the two curves of every run apart.
    assert views["loss"].legend._thin == {2}
    row = lab.panel.rows["activation"]
    assert row.differs.text() == "≠ ReLU"
    assert not lab.panel.rows["depth"].differs.isVisibleTo(lab.panel)
    assert len(lab.comparison.list.rows) == 2


def test_swap_drop_and_the_form_follows(lab, qtbot):
    lab.comparison.add_twin({"initializer": "kaiming_normal"})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    train(lab, qtbot, 5)
    QTest.mouseClick(lab.comparison.list.rows[1].front, Qt.MouseButton.LeftButton)
    assert lab.config.initializer == "kaiming_normal"
    qtbot.waitUntil(lambda: getattr(fronts(lab), "initializer", None) == "kaiming_normal")
    assert [run.steps for run in lab.session.snapshot().runs] == [5, 5]
    # What the form changes is the first run; what twins share changes in both.
    lab.configure(lab.config.replace(gain=2.0, seed=11))
    qtbot.waitUntil(lambda: getattr(fronts(lab), "gain", None) == 2.0)
    assert [run.config.gain for run in lab.session.snapshot().runs] == [2.0, 1.0]
    assert [run.config.seed for run in lab.session.snapshot().runs] == [11, 11]
    assert lab.comparison.configs == tuple(r.config for r in lab.session.snapshot().runs)
    lab.renew_everything()
    QTest.mouseClick(lab.comparison.list.rows[0].close_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 1)
    assert lab.config.initializer == "xavier_normal"
    lab.renew_everything()
    assert not lab.comparison.list.isVisible()
    assert lab.dashboard.views["heatmap_h"].tiles == []
    assert lab.dashboard.views["heatmap_h"].difference is None


def test_undo_takes_back_one_change_of_the_twins_at_a_time(lab, qtbot):
    he, deep = SMALL.replace(initializer="kaiming_normal"), SMALL.replace(depth=6)
    lab.comparison.add_twin({"initializer": "kaiming_normal"})
    lab.comparison.bring_to_front(1)
    lab.configure(he.replace(depth=3, seed=11))
    lab.comparison.add_twin({"activation": "relu"})
    lab.comparison.drop(0)
    lab.comparison.end()
    lab.configure(deep)
    # Twins have the seed in common.
    other, shallow = SMALL.replace(seed=11), he.replace(depth=3, seed=11)
    relu = shallow.replace(activation="relu")
    visited = [
        (SMALL,), (SMALL, he), (he, SMALL), (shallow, other), (shallow, other, relu),
        (other, relu), (other,), (deep,),
    ]  # fmt: skip

    def built(wanted: tuple[RunConfig, ...]) -> bool:
        return tuple(run.config for run in lab.session.snapshot().runs) == wanted

    for go, places in ((lab.undo, visited[-2::-1]), (lab.redo, visited[1:])):
        for wanted in places:
            go()
            assert lab.comparison.configs == wanted
            qtbot.waitUntil(lambda wanted=wanted: built(wanted))
    lab.redo()
    assert lab.status.state.text() == "There is nothing to redo."


def test_to_undo_a_swap_builds_nothing_anew(lab, qtbot):
    lab.comparison.add_twin({"initializer": "kaiming_normal"})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    train(lab, qtbot, 5)
    lab.comparison.bring_to_front(1)
    qtbot.waitUntil(lambda: fronts(lab) != SMALL)
    lab.undo()
    qtbot.waitUntil(lambda: fronts(lab) == SMALL)
    assert [run.steps for run in lab.session.snapshot().runs] == [5, 5]
    # Nor does it to undo the twin itself.
    lab.undo()
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 1)
    assert (fronts(lab), lab.session.snapshot().runs[0].steps) == (SMALL, 5)


def test_twins_without_a_step_are_there_after_a_lesson(lab, qtbot):
    lab.comparison.add_twin({"initializer": "kaiming_normal"})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    pair = lab.comparison.configs
    lab.lessons.open(0, 0)
    lab.undo()
    assert len(lab.comparison.configs) == 1
    lab.lessons.close()
    # Nothing had been trained, so that there is no run to look at.
    assert not lab.shows_recording
    assert lab.comparison.configs == pair
    qtbot.waitUntil(lambda: [run.config for run in lab.session.snapshot().runs] == list(pair))
    lab.undo()
    assert lab.comparison.configs == (SMALL,)


def test_every_run_has_a_verdict_of_its_own(lab, qtbot):
    lab.comparison.add_twin({"initializer": "zeros"})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    snapshot = train(lab, qtbot, 3)
    said = [row.verdict.text() for row in lab.comparison.list.rows]
    assert said == [run_words(run).headline for run in snapshot.runs]
    assert said[1] == "No gradient"
    assert said[0] != said[1]
    assert all(row.verdict.isVisible() for row in lab.comparison.list.rows)


def test_a_list_at_rest_takes_the_colours_of_another_theme(lab, qtbot):
    lab.comparison.add_twin({"initializer": "zeros"})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    snapshot = train(lab, qtbot, 3)

    def coloured() -> bool:
        wanted = [QColor(getattr(lab.theme, run_words(run).colour)) for run in snapshot.runs]
        rows = lab.comparison.list.rows
        return [row.verdict.palette().windowText().color() for row in rows] == wanted

    for _ in range(2):
        lab.toggle_theme()
        qtbot.waitUntil(coloured)


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
    loss = lab.dashboard.views["loss"]
    assert loss._others[0][0].getData()[0].size == 20
    assert lab.dashboard.views["heatmap_h"].tiles == []
    lab.timeline.track.chosen.emit(3)
    assert lab.dashboard.views["profile"]._run.record.step == 3
    QTest.mouseClick(lab.comparison.list.rows[1].close_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not lab.session.snapshot().ghosts)


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
    lab.undo()
    qtbot.waitUntil(lambda: steps() == [3, 4])
    assert lab.comparison.configs == configs
    # The next one undoes the change before.
    lab.undo()
    assert lab.config.depth == 5
    # What is done after it cannot be stepped over.
    lab.comparison.forget(0)
    lab.configure(SMALL.replace(depth=8))
    lab.undo()
    assert lab.config.depth == 5
    qtbot.waitUntil(lambda: steps() == [4])


@pytest.mark.parametrize("width", [330, 420, 520, 600, 700, 1100])
def test_both_panels_of_the_profile_name_the_runs_alike(lab, qtbot, width):
    lab.comparison.add_twin({"activation": "relu", "initializer": "kaiming_normal"})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    snapshot = train(lab, qtbot, 2)
    view = ProfileView()
    qtbot.addWidget(view)
    view.resize(width, 420)
    view.show()
    company = company_of(snapshot)
    view.show_company(company)
    view.refresh(1, snapshot.runs[0])
    long, short = names_of(company)
    assert long != short

    def form() -> str:
        texts = [[name for name, _ in panel.legend.texts()] for panel in view.panels]
        if all(names == long for names in texts):
            return "long"
        return "short" if all(names == short for names in texts) else ""

    qtbot.waitUntil(lambda: form() != "")
    first = form()
    view.resize(1300, 420)
    qtbot.waitUntil(lambda: form() == "long")
    view.resize(width, 420)
    qtbot.waitUntil(lambda: form() == first)
    view.close()


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
    qtbot.waitUntil(lambda: len(lab.session.snapshot().ghosts) == 1)
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


def test_a_twin_in_a_lesson_stays_behind_the_covers_until_they_are_taken_away(lab, qtbot, qapp):
    lab.lessons.open(0, 0)
    lab.session.pause()
    heatmap, compared = lab.dashboard.views["heatmap_h"], lab.comparison.list
    assert heatmap.findChildren(Cover)
    lab.comparison.add_twin({"initializer": "kaiming_normal"})
    qtbot.waitUntil(
        lambda: (
            len(lab.session.snapshot().runs) == 2 and lab.session.snapshot().state is State.PAUSED
        )
    )
    train(lab, qtbot, 3)
    qtbot.waitUntil(lambda: heatmap.difference is not None and compared.isVisible())
    pictures = [*heatmap.canvases, *compared.rows]
    assert len(pictures) == 5

    def hidden() -> list[bool]:
        qapp.processEvents()
        cards = [heatmap] * 3 + [compared] * 2
        places = [
            part.mapTo(card, part.rect().center())
            for part, card in zip(pictures, cards, strict=True)
        ]
        found = (card.childAt(place) for card, place in zip(cards, places, strict=True))
        return [isinstance(child, Cover) for child in found]

    assert hidden() == [True] * 5
    lab.lessons.panel.reveal()
    assert hidden() == [False] * 5


def test_there_are_never_more_than_four_and_none_twice(lab, qtbot):
    for changes in ({"gain": 2.0}, {"gain": 3.0}, {"gain": 4.0}, {"gain": 5.0}):
        lab.comparison.add_twin(changes)
    assert [config.gain for config in lab.comparison.configs] == [1.0, 2.0, 3.0, 4.0]
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 4, timeout=20000)
    assert "At most 4" in lab.status.state.text()
    train(lab, qtbot, 3)
    lab.panel.sections["network"].set_open(False)
    assert lab.panel.sections["network"].head.text().endswith("  ≠")
    assert "≠" not in lab.panel.sections["data"].head.text()
    assert [c.cells.columns for c in lab.dashboard.views["heatmap_w"].canvases] == [3, 3, 3, 3]


@pytest.mark.parametrize(("text", "changes"), WHAT_IFS)
def test_every_what_if_is_an_experiment(text, changes):
    other = SMALL.replace(activation="sigmoid", initializer="zeros")
    assert set(other.replace(**changes).differences(other)) == set(changes)


def test_runs_are_named_by_what_differs():
    configs = [SMALL, SMALL.replace(learning_rate=0.01, skip="residual")]
    assert run_names(configs) == [
        "No skip connections, Learning rate 0.1", "Residual, Learning rate 0.01"
    ]  # fmt: skip
    assert run_names([SMALL]) == [""]
    assert company_of(Snapshot(State.PAUSED)) is ALONE


def test_before_a_hall_the_compared_runs_stand_above_the_pictures(lab, qtbot):
    runs, pictures = lab.comparison.list, lab.dashboard

    def places():
        return [(row.x(), row.y()) for row in runs.rows]

    lab.comparison.add_twin({"activation": "relu"})
    qtbot.waitUntil(lambda: len(places()) == 2 and places()[0][1] < places()[1][1])
    lab.toggle_presentation()
    qtbot.waitUntil(lambda: runs.width() == pictures.width() > 0.9 * lab.width())
    qtbot.waitUntil(lambda: places()[0][0] < places()[1][0])
    assert places()[0][1] == places()[1][1]
    lab.toggle_presentation()
    qtbot.waitUntil(lambda: runs.width() < pictures.width())
    qtbot.waitUntil(lambda: places()[0][1] < places()[1][1])


def test_a_run_that_has_ended_keeps_the_steps_of_the_other(lab, qtbot):
    lab.configure(SMALL.replace(activation="relu", initializer="kaiming_normal", depth=20))
    lab.comparison.add_twin({"initializer": "normal", "init_std": 100.0})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    snapshot = train(lab, qtbot, 40)
    first, second = snapshot.runs
    assert (first.steps, second.steps) == (40, 1)
    heatmap = lab.dashboard.views["heatmap_h"]
    # Side by side, one step is at one place.
    assert {canvas.cells.span for canvas in heatmap.canvases} == {64}
    assert heatmap.tiles[0].cells.columns == 1
    colour = heatmap.tiles[0].grab().toImage().pixelColor(heatmap.tiles[0].plot_rect().topLeft())
    assert colour == QColor(lab.theme.nan)
    assert "step 40" in lab.status.state.text()
    assert "step 1" in lab.comparison.list.rows[1].verdict.text()
    lab.comparison.bring_to_front(1)
    qtbot.waitUntil(lambda: lab.session.snapshot().runs[0].steps == 1)
    lab.renew_everything()
    assert "step 40  ·  the first run ended at step 1" in lab.status.state.text()


def test_the_profile_names_the_step_of_a_run_that_has_ended(lab, qtbot):
    lab.comparison.take([SMALL.replace(activation="identity", learning_rate=100.0), SMALL])
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    lab.session.step(60)
    qtbot.waitUntil(lambda: max(run.steps for run in lab.session.snapshot().runs) == 60)
    lab.renew_everything()
    ended = lab.session.snapshot().runs[0].before_the_end()
    assert 1 < ended.record.step < 60
    names = [name for name, _ in lab.dashboard.views["profile"].backward.legend._entries]
    assert names[0].endswith(f", step {ended.record.step}")
    assert "step" not in names[1]


def test_pictures_beside_each_other_are_equally_wide_and_named(lab, qtbot):
    lab.resize(1024, 768)
    lab.comparison.add_twin({"activation": "relu", "initializer": "kaiming_normal"})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    train(lab, qtbot, 5)
    heatmap = lab.dashboard.views["heatmap_h"]

    def equal():
        plots = [canvas.plot_rect() for canvas in heatmap.canvases]
        widths = [plot.width() for plot in plots]
        return max(widths) - min(widths) <= 2 and min(plot.height() for plot in plots) >= 85

    qtbot.waitUntil(equal)
    assert lab.verdict.advice.isHidden()
    assert lab.verdict.advice.bar.isVisible()
    # Of unequal depth each has an axis of its own.
    bare = heatmap.tiles[0].width_beside_plot()
    lab.configure(SMALL.replace(depth=5))
    lab.comparison.take([SMALL, SMALL.replace(depth=6)])
    qtbot.waitUntil(lambda: [r.config.depth for r in lab.session.snapshot().runs] == [4, 6])
    train(lab, qtbot, 5)
    assert heatmap.tiles[0].width_beside_plot() > bare
    lab.resize(1440, 900)
    qtbot.waitUntil(lambda: not lab.verdict.advice.isHidden())


def test_short_names_are_as_short_as_tells_apart():
    configs = [SMALL, SMALL.replace(activation="relu", learning_rate=0.01)]
    assert run_names(configs) == ["Tanh, Learning rate 0.1", "ReLU, Learning rate 0.01"]
    assert short_names(configs) == ["Tanh", "ReLU"]
    three = [*configs, SMALL.replace(activation="relu")]
    assert short_names(three) == ["Tanh", "Learning rate 0.01", "ReLU, Learning rate 0.1"]
    what_ifs = {"initializer": "kaiming_normal", "normalization": "batch"}
    twins = [SMALL.replace(**{field: value}) for field, value in what_ifs.items()]
    assert short_names([SMALL, *twins])[1:] == ["He normal", "Batch normalisation"]
    preset = presets()["vanishing"].config, presets()["healthy"].config
    assert short_names(preset) == ["Vanishing", "Healthy"]


def test_a_field_without_effect_names_nobody():
    normal = SMALL.replace(initializer="normal", init_std=0.3)
    assert run_names([SMALL.replace(initializer="kaiming_normal", init_std=2.0), normal]) == [
        "He normal", "Normal, Standard deviation σ 0.3"
    ]  # fmt: skip


def test_presets_are_named_by_their_titles():
    vanishing, healthy = (presets()[name].config for name in ("vanishing", "healthy"))
    seven = {"seed": 12, "threads": 2}
    names = ["Vanishing", "Healthy"]
    assert run_names([vanishing.replace(**seven), healthy.replace(**seven)]) == names
    # Two of one preset differ in something else, and so do a preset and what is none.
    assert run_names([vanishing, vanishing.replace(seed=8)]) == ["Seed 7", "Seed 8"]
    assert run_names([vanishing, vanishing.replace(depth=31)]) == ["Depth 30", "Depth 31"]


def test_the_run_that_the_twins_are_made_of_is_named_by_what_it_has():
    base = RunConfig()
    changes = ("activation", "relu"), ("initializer", "kaiming_normal"), ("normalization", "batch")
    names = short_names([base, *(base.replace(**{field: value}) for field, value in changes)])
    assert names == ["Sigmoid, Xavier normal", "ReLU", "He normal", "Batch normalisation"]


def test_the_list_of_many_runs_has_room_for_their_names(lab, qtbot):
    lab.toggle_presentation()
    lab.showNormal()
    lab.resize(1024, 768)
    for changes in ({"activation": "relu"}, {"normalization": "batch"}):
        lab.comparison.add_twin(changes)
    qtbot.waitUntil(lambda: len(lab.comparison.list.rows) == 3)
    names = [row.name for row in lab.comparison.list.rows]
    qtbot.waitUntil(lambda: lab.width() == 1024 and not any(name.is_elided for name in names))
    assert names[2].text() == "Batch normalisation" != names[2].whole_text()
    lab.toggle_presentation()


def test_what_tells_twins_apart_comes_before_what_tells_a_ghost_apart():
    twins = [SMALL, SMALL.replace(seed=8)]
    ghost = SMALL.replace(depth=SMALL.depth + 1, seed=9)
    depth = SMALL.depth
    assert run_names([*twins, ghost], live=2) == [
        f"Seed 7, Depth {depth}",
        f"Seed 8, Depth {depth}",
        f"Seed 9, Depth {depth + 1}",
    ]


def test_the_difference_of_two_runs_is_their_ratio(make_session):
    sessions = [make_session(RunConfig(depth=4, width=8), factor=f) for f in (0.5, 0.25)]
    for session in sessions:
        session.start()
        session.advance(10)
    first, second = (session.snapshot().runs[0].history for session in sessions)
    cells = DifferenceCells("activation_grad_norm")
    assert cells.feed(1, first, second)
    assert not cells.feed(1, first, second)
    assert (cells.rows, cells.columns) == (4, 10)
    for row in range(4):
        # Row 0 is the last hidden layer, one layer away from the output.
        assert cells.value(row, 5) == pytest.approx(0.5 ** (row + 1), rel=1e-12)
    decades = np.log10(0.5) * np.arange(1, 5)
    wanted = np.rint(FIRST + (decades + 6) / 12 * (LAST - FIRST))
    np.testing.assert_array_equal(cells.filled()[:, 3], wanted)
    # Fed bit by bit it is the same picture.
    for session in sessions:
        session.advance(7)
    first, second = (session.snapshot().runs[0].history for session in sessions)
    whole = DifferenceCells("activation_grad_norm")
    assert whole.feed(1, first, second) and cells.feed(1, first, second)
    np.testing.assert_array_equal(cells.filled(), whole.filled())
    assert NAN not in cells.filled()
    # Columns that cover other steps are not compared.
    merged = History(4, budget_bytes=1)
    for step in range(1, 100):
        merged.append(made_up_record(step, RunConfig(depth=4, width=8)))
    assert not whole.feed(2, first, merged.view())


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
    assert panels.forward.dots[0]._dots.size() == 1
    assert panels.backward.dots[0]._dots.size() == 0
    assert window.dashboard.views["heatmap_h"].canvas.lit == 0
    now[0] = PHASE_SECONDS[Phase.FORWARD] + 0.5
    qtbot.waitUntil(lambda: window.timeline.words.text() == "loss 0.5")
    now[0] = PHASE_SECONDS[Phase.FORWARD] + PHASE_SECONDS[Phase.LOSS]
    qtbot.waitUntil(lambda: window.timeline.words.text() == "backward: output layer")
    assert panels.forward.dots[0]._dots.size() == 5
    assert panels.backward.dots[0]._dots.size() == 1
    now[0] = 100.0
    qtbot.waitUntil(lambda: not motion.is_on)
    assert panels.backward.dots[0]._dots.size() == 5
    assert window.timeline.words.text() == "step 4"


def test_the_menu_opens_below_its_button(lab):
    place = lab.toolbar.place_below("compare")
    assert lab.rect().contains(lab.mapFromGlobal(QPoint(place)))


def test_a_row_that_outlives_its_run_does_nothing(window, session):
    window.comparison.add_twin({"activation": "relu"})
    window.comparison.end()
    configs = window.comparison.configs
    window.comparison.list.front_wanted.emit(1)
    window.comparison.list.drop_wanted.emit(1)
    # The only one that is left stays, whose row was that of one of two.
    window.comparison.list.drop_wanted.emit(0)
    assert window.comparison.configs == configs


def test_recorded_runs_are_neither_swapped_nor_left_out(window):
    config = window.config
    runs = (config, config.replace(activation="relu"))
    window.comparison.list.show_runs(runs, (), fixed=True)
    rows = window.comparison.list.rows
    assert len(rows) == 2
    assert not any(row.front.isVisibleTo(row) or row.close_button.isVisibleTo(row) for row in rows)
    window.comparison.list.show_runs(runs, ())
    row = window.comparison.list.rows[1]
    assert row.front.isVisibleTo(row)


def test_all_pictures_are_equally_wide_however_they_came_to_stand_there(lab, qtbot):
    heatmap = lab.dashboard.views["heatmap_h"]
    configs = [SMALL]
    for depth in (6, 4, 8):
        configs.append(SMALL.replace(depth=depth, activation="relu", seed=depth))
        lab.comparison.take(configs)
        qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == len(configs))
        lab.renew_everything()

        def equal() -> bool:
            shown = [canvas for canvas in heatmap.canvases if not canvas.isHidden()]
            widths = [canvas.plot_rect().width() for canvas in shown]
            return len(shown) >= len(configs) and max(widths) - min(widths) <= len(shown)

        qtbot.waitUntil(equal, timeout=3000)
