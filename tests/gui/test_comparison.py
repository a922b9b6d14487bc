"""Twins in the window, with the real engine; what tells them apart, and their difference."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.config import RunConfig
from engine.history import MAXIMUM, History
from engine.session import Session
from engine.snapshot import State
from gui import theme as looks
from gui.company import ALONE, briefs_of, company_of, names_of
from gui.comparison import WHAT_IFS
from gui.presentation import PRESENTATION_ZOOM
from gui.translation import LANGUAGES
from gui.verdict import run_words
from gui.views.colour_scale import FIRST, LAST, NAN
from gui.views.cover import Cover
from gui.views.difference import DifferenceCells
from gui.views.profile import ProfileView
from tests.gui.comparing import fronts, train
from tests.gui.conftest import SMALL, made_up_record


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
        backward._others[0].y[:4], np.log10(second.record.layer("activation_grad_norm")[:4])
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
    # The list begins where the form below it does.
    in_line = (lab.comparison.list.title, lab.comparison.list.rows[0].swatch, row.label)
    assert len({part.mapTo(lab, QPoint()).x() for part in in_line}) == 1


def test_a_twin_that_may_not_bear_the_rate_is_offered_with_one_that_all_bear(open_window, qtbot):
    sigmoid = RunConfig(learning_rate=0.1)
    window = open_window(Session(sigmoid), sigmoid)
    qtbot.waitUntil(lambda: window.session.snapshot().state is State.PAUSED)
    texts = [action.text().strip() for action in window.comparison.make_menu().actions()]
    milder = "… all at learning rate 0.01: 0.1 may be too high for it"
    offered = [texts[place - 1] for place, text in enumerate(texts) if text == milder]
    # What fades in sigmoid layers, or with Xavier's weights in ReLU layers, bears any rate.
    assert offered == ["ReLU with He initialisation", "Tanh"]
    menu = window.comparison.make_menu()
    next(action for action in menu.actions() if action.text().strip() == milder).trigger()
    relu = sigmoid.replace(activation="relu", initializer="kaiming_normal")
    rates = {"learning_rate": 0.01}
    assert window.comparison.configs == (sigmoid.replace(**rates), relu.replace(**rates))
    window.undoing.undo()
    assert window.comparison.configs == (sigmoid,)


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

    for go, places in ((lab.undoing.undo, visited[-2::-1]), (lab.undoing.redo, visited[1:])):
        for wanted in places:
            go()
            assert lab.comparison.configs == wanted
            qtbot.waitUntil(lambda wanted=wanted: built(wanted))
    lab.undoing.redo()
    assert lab.status.state.text() == "There is nothing to redo."


def test_to_undo_a_swap_builds_nothing_anew(lab, qtbot):
    lab.comparison.add_twin({"initializer": "kaiming_normal"})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    train(lab, qtbot, 5)
    lab.comparison.bring_to_front(1)
    qtbot.waitUntil(lambda: fronts(lab) != SMALL)
    lab.undoing.undo()
    qtbot.waitUntil(lambda: fronts(lab) == SMALL)
    assert [run.steps for run in lab.session.snapshot().runs] == [5, 5]
    # Nor does it to undo the twin itself.
    lab.undoing.undo()
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 1)
    assert (fronts(lab), lab.session.snapshot().runs[0].steps) == (SMALL, 5)


def test_twins_without_a_step_are_there_after_a_lesson(lab, qtbot):
    lab.comparison.add_twin({"initializer": "kaiming_normal"})
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    pair = lab.comparison.configs
    lab.lessons.open(0, 0)
    lab.undoing.undo()
    assert len(lab.comparison.configs) == 1
    lab.lessons.close()
    # Nothing had been trained, so that there is no run to look at.
    assert not lab.shows_recording
    assert lab.comparison.configs == pair
    qtbot.waitUntil(lambda: [run.config for run in lab.session.snapshot().runs] == list(pair))
    lab.undoing.undo()
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


@pytest.mark.parametrize("width", [330, 420, 520, 600, 700, 1100])
def test_the_profile_names_the_runs_once_for_both_panels(lab, qtbot, width):
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
    long = names_of(company)
    assert not any(panel.legend.isVisible() for panel in view.panels)

    def named() -> list[str]:
        return [name for name, _ in view.runs.texts()]

    qtbot.waitUntil(lambda: named() in (long, briefs_of(company)))
    first = named()
    view.resize(1300, 420)
    qtbot.waitUntil(lambda: named() == long)
    view.resize(width, 420)
    qtbot.waitUntil(lambda: named() == first)
    # Alone the panels name their own lines again.
    view.show_company(ALONE)
    assert view.backward.legend.isVisible()
    assert not view.runs.isVisible()
    view.close()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [(1024, 768), (1440, 900)])
def test_many_runs_leave_their_pictures_room_and_their_names_whole(lab, qtbot, size, language):
    lab.set_language(language)
    lab.resize(*size)
    train(lab, qtbot, 1)
    lab.comparison.keep_ghost()
    changes = (
        {"activation": "relu", "initializer": "kaiming_normal"},
        {"activation": "sigmoid"},
        {"normalization": "batch"},
    )
    lab.comparison.take([SMALL, *(SMALL.replace(**one) for one in changes)])
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 4)
    snapshot = train(lab, qtbot, 3)
    assert len(snapshot.ghosts) == 1
    profile, heatmap = lab.dashboard.views["profile"], lab.dashboard.views["heatmap_h"]

    def have_room() -> bool:
        heights = [panel.plot.height() for panel in profile.panels]
        widths = [canvas.plot_rect().width() for canvas in heatmap.canvases]
        return min(heights) >= 120 and max(widths) - min(widths) <= 2

    qtbot.waitUntil(have_room)
    written = [name for name, _ in profile.runs.texts()]
    assert len(set(written)) == 5
    assert not any("…" in name for name in written)
    for canvas in heatmap.canvases:
        lines = canvas._axes.caption(canvas._axes._room_for_name(canvas.plot_rect().width()))
        assert not any("…" in line for line in lines)


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
    *twins, keep = [one for one in lab.comparison.make_menu().actions() if not one.isSeparator()]
    assert keep.isEnabled() and not any(one.isEnabled() for one in twins)
    assert {one.toolTip() for one in twins} == {"At most 4 runs can be compared."}
    train(lab, qtbot, 3)
    assert [c.cells.columns for c in lab.dashboard.views["heatmap_w"].canvases] == [3, 3, 3, 3]


def test_a_folded_group_says_that_runs_differ_in_it(lab, qtbot):
    lab.comparison.add_twin({"normalization": "batch"})
    qtbot.waitUntil(lambda: lab.panel.sections["stabilizers"].fold.text().endswith("  ≠"))
    assert "≠" not in lab.panel.sections["data"].fold.text()


@pytest.mark.parametrize(("text", "changes"), WHAT_IFS)
def test_every_what_if_is_an_experiment(text, changes):
    other = SMALL.replace(activation="sigmoid", initializer="zeros")
    assert set(other.replace(**changes).differences(other)) == set(changes)


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
    names = [name for name, _ in lab.dashboard.views["profile"].runs._entries]
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_a_hall_runs_that_are_compared_are_written_as_large_as_one(lab, qtbot, language):
    lab.set_language(language)
    lab.toggle_presentation()
    lab.showNormal()
    lab.resize(1024, 768)
    twins = [SMALL.replace(**WHAT_IFS[place][1]) for place in (0, 3, 5)]
    lab.comparison.take([SMALL, *twins])
    runs, hall = lab.comparison.list, lab.presentation
    qtbot.waitUntil(lambda: len(runs.rows) == 4 and not hall._fitting.isActive())
    assert looks.zoom() == PRESENTATION_ZOOM
    qtbot.waitUntil(lambda: lab.width() == 1024)
    qtbot.waitUntil(lambda: not any(row.name.is_elided for row in runs.rows))
    lab.toggle_presentation()


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


def test_the_menu_opens_below_its_button(lab):
    place = lab.toolbar.place_below("compare")
    assert lab.rect().contains(lab.mapFromGlobal(QPoint(place)))


def test_the_menu_opens_by_its_key_with_its_first_twin_chosen(window, qtbot):
    qtbot.keyClick(window, Qt.Key.Key_C)
    menu = QApplication.activePopupWidget()
    first = next(action for action in menu.actions() if not action.isSeparator())
    assert menu.activeAction() is first
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert len(window.comparison.configs) == 2


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
