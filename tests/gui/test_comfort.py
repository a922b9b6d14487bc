"""Undo, the sheet of keys, the presentation and the tour."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from engine.activations import ACTIVATIONS
from engine.config import RunConfig
from gui import theme as looks
from gui.actions import ACTIONS
from gui.key_help import KeyHelp, fitting_font
from gui.presentation import PRESENTATION_VIEWS, PRESENTATION_ZOOM
from gui.tour import STOPS, Tour
from gui.undo import MOST_CHANGES, Changes


def press(window, key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(window, key, modifier)


def test_changes_go_back_and_forth_and_a_new_one_ends_the_redone():
    one, two, three = ((RunConfig(depth=depth),) for depth in (1, 2, 3))
    changes = Changes(one)
    changes.note(two)
    changes.note(two)
    assert changes.redo() is None
    assert changes.undo() == one
    assert changes.undo() is None
    assert changes.redo() == two
    assert changes.undo() == one
    changes.note(three)
    assert changes.redo() is None
    assert changes.undo() == one


def test_changes_are_bounded():
    changes = Changes((RunConfig(seed=0),))
    for seed in range(1, 2 * MOST_CHANGES):
        changes.note((RunConfig(seed=seed),))
    undone = 0
    while changes.undo() is not None:
        undone += 1
    assert undone == MOST_CHANGES - 1


def test_the_keys_undo_and_redo(window, session):
    first = session.config
    window.configure(first.replace(depth=9))
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.config == first
    assert window.panel.rows["depth"].control.entry.text() == str(first.depth)
    press(
        window,
        Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    assert session.config.depth == 9
    window.undoing.redo()
    assert window.status.state.text() == "There is nothing to redo."


def test_no_key_stands_for_two_things():
    keys = [action.key_text() for action in ACTIONS if action.key is not None]
    assert len(keys) == len(set(keys))


def test_the_sheet_of_keys_names_all_and_goes_with_any_key(qtbot, window, session):
    press(window, Qt.Key.Key_H)
    sheet = window.findChild(KeyHelp)
    assert sheet.isVisible()
    window.grab()
    shown = [key for keys, _ in sheet.rows() for key in keys.split(", ")]
    assert all(action.key_text() in shown for action in ACTIONS if action.key is not None)
    before = list(session.calls)
    press(sheet, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.findChild(KeyHelp) is None)
    # The key did nothing else.
    assert session.calls == before


def test_there_is_one_sheet_of_keys_at_a_time(qtbot, window):
    for _ in range(3):
        window.dialogs.show_keys()
    qtbot.waitUntil(lambda: len(window.findChildren(KeyHelp)) == 1)
    assert window.findChild(KeyHelp).isVisible()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_before_a_hall_the_sheet_of_keys_is_as_large_as_all_else(
    qtbot, window, monkeypatch, language
):
    found = []

    def noting(*arguments):
        found.append(fitting_font(*arguments))
        return found[-1]

    monkeypatch.setattr("gui.key_help.fitting_font", noting)
    window.set_language(language)
    window.toggle_presentation()
    window.showNormal()
    window.resize(1024, 768)
    qtbot.waitUntil(lambda: window.width() == 1024)
    window.dialogs.show_keys()
    sheet = window.findChild(KeyHelp)
    sheet.grab()
    font, rooms = found[-1]
    assert font.pointSizeF() >= looks.BODY_POINTS * PRESENTATION_ZOOM
    assert sum(rooms) < sheet.width()
    sheet.close()
    window.toggle_presentation()


def test_presentation_and_back(qtbot, window):
    size = window.size()
    points = window.dashboard.views["heatmap_h"].title.font().pointSizeF()
    application = QApplication.font().pointSizeF()
    press(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    assert not window.panel.isVisible()
    assert looks.zoom() == PRESENTATION_ZOOM
    title = window.dashboard.views["heatmap_h"].title
    assert title.font().pointSizeF() == pytest.approx(PRESENTATION_ZOOM * points)
    assert title.height() >= title.fontMetrics().height()
    seen = {name for name, view in window.dashboard.views.items() if view.isVisible()}
    assert seen == PRESENTATION_VIEWS
    window.grab()
    press(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert title.font().pointSizeF() == pytest.approx(points)
    assert QApplication.font().pointSizeF() == pytest.approx(application)
    assert window.panel.isVisible()
    qtbot.waitUntil(lambda: window.size() == size)


def test_a_window_closed_while_presenting_is_an_ordinary_one_next_time(window):
    press(window, Qt.Key.Key_F11)
    window.close()
    assert looks.zoom() == 1.0


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_form_draws_every_activation(window, activation):
    window.configure(window.config.replace(activation="identity"))
    before = window.panel.picture.grab().toImage()
    window.configure(window.config.replace(activation=activation))
    same = window.panel.picture.grab().toImage() == before
    assert same == (activation == "identity")


def test_the_tour_stops_everywhere_and_ends(qtbot, window):
    window.dialogs.begin_tour()
    tour = window.findChild(Tour)
    for number in range(1, len(STOPS) + 1):
        assert tour.isVisible()
        assert tour.count.text() == f"{number} / {len(STOPS)}"
        assert window.rect().contains(tour.geometry())
        assert tour.text.height() >= tour.text.heightForWidth(tour.text.width())
        window.grab()
        last = number == len(STOPS)
        with qtbot.waitSignal(tour.ended) if last else qtbot.assertNotEmitted(tour.ended):
            qtbot.mouseClick(tour.next, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [(1024, 768), (1440, 900)], ids=str)
def test_the_tour_covers_no_title_beside_what_it_points_at(qtbot, window, size, language):
    window.set_language(language)
    window.resize(*size)
    qtbot.waitUntil(lambda: window.width() == size[0])
    QApplication.processEvents()
    window.dialogs.begin_tour()
    tour = window.findChild(Tour)
    titles = [view.title for view in window.dashboard.views.values() if view.isVisible()]
    headline = window.verdict.headline
    for _ in STOPS:
        bubble = tour._box().translated(tour.pos())
        for title in titles:
            place = QRect(title.mapTo(window, QPoint()), title.size())
            assert not bubble.intersects(place), (tour.count.text(), title.text())
        said = QRect(headline.mapTo(window, QPoint()), headline.sizeHint())
        assert not bubble.intersects(said), tour.count.text()
        if tour.skip.isVisible():
            tour.next.click()
    with qtbot.waitSignal(tour.destroyed):
        tour.next.click()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_goes_through_the_tour_and_leaves_the_keyboard_free(qtbot, window, key):
    window.dialogs.begin_tour()
    tour = window.findChild(Tour)
    for number in range(1, len(STOPS) + 1):
        assert window.focusWidget() is tour
        assert tour.count.text() == f"{number} / {len(STOPS)}"
        QTest.keyClick(tour, key)
    assert tour.isHidden()
    assert window.focusWidget() is None


def test_a_tour_that_has_ended_does_not_come_back_in_another_language(qtbot, window):
    window.dialogs.begin_tour()
    tour = window.findChild(Tour)
    for _ in STOPS:
        tour.next.click()
    # Before the event loop has deleted it.
    window.set_language("zh_CN")
    assert tour.isHidden()
    window.set_language("en")


def test_the_tour_can_be_skipped_and_follows_the_language(qtbot, window):
    window.dialogs.begin_tour()
    tour = window.findChild(Tour)
    english = tour.text.text()
    window.set_language("zh_CN")
    qtbot.waitUntil(lambda: tour.text.text() != english)
    with qtbot.waitSignal(tour.ended):
        qtbot.mouseClick(tour.skip, Qt.MouseButton.LeftButton)


def test_the_tour_takes_the_colours_of_another_theme(qtbot, window):
    window.dialogs.begin_tour()
    tour = window.findChild(Tour)
    inside = tour._box().topLeft() + QPoint(12, 6)

    def ground() -> QColor:
        picture = tour.grab().toImage()
        return picture.pixelColor(inside * picture.devicePixelRatio())

    for _ in range(2):
        window.toggle_theme()
        # Its text has the colour that the theme gives all texts.
        qtbot.waitUntil(lambda: ground() == QColor(window.theme.card))
    with qtbot.waitSignal(tour.ended):
        tour.skip.click()


def test_before_a_hall_a_notice_has_the_whole_line(qtbot, window):
    press(window, Qt.Key.Key_F11)
    window.notice("Kept: it is shown behind what follows.")
    assert window.status.isVisible()
    others = (window.status.device, window.status.cost, window.status.memory)
    assert not any(label.isVisible() for label in others)
    press(window, Qt.Key.Key_F11)
    qtbot.waitUntil(lambda: all(label.isVisible() for label in others))


def test_the_form_can_be_hidden(window):
    press(window, Qt.Key.Key_E)
    assert not window.panel.isVisible()
    press(window, Qt.Key.Key_E)
    assert window.panel.isVisible()


def test_a_lesson_keeps_its_page_while_it_is_presented(qtbot, window, session):
    window.comparison.add_twin({"activation": "relu"})
    window.lessons.open(2, 0)
    assert window.comparison.others == ()
    assert "drop_ghosts" in str(session.calls)
    shown = {name for name in window.dashboard.views if window.dashboard.is_shown(name)}
    covered = len(window.lessons._covers)
    form = window.panel.isVisible()
    press(window, Qt.Key.Key_F11)
    assert {n for n in window.dashboard.views if window.dashboard.is_shown(n)} == shown
    assert window.panel.isVisible() == form
    press(window, Qt.Key.Key_F11)
    assert {n for n in window.dashboard.views if window.dashboard.is_shown(n)} == shown
    assert len(window.lessons._covers) == covered
    press(window, Qt.Key.Key_F11)
    window.lessons.close()
    assert {n for n in window.dashboard.views if window.dashboard.is_shown(n)} == set(
        PRESENTATION_VIEWS
    )
    press(window, Qt.Key.Key_F11)


def test_the_mark_of_a_layer_goes_with_the_view_of_it(window, session):
    session.advance(3)
    window.dashboard.set_shown("inspector", visible=True)
    window.dashboard.choose_layer(2)
    canvas = window.dashboard.views["heatmap_h"].canvas
    assert canvas.selected == 2
    window.dashboard.set_shown("inspector", visible=False)
    assert canvas.selected is None


def test_what_is_told_is_seen_before_a_hall_too(window):
    window.toggle_presentation()
    assert not window.status.isVisible()
    window.notice("Not opened.")
    assert window.status.isVisible()
    assert window.status.state.text() == "Not opened."
    window.status.clear_notice()
    assert not window.status.isVisible()
    window.toggle_presentation()
    assert window.status.isVisible()


def test_escape_and_a_lesson_take_the_tour_away(window):
    window.dialogs.begin_tour()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.dialogs.end_tour()
    window.dialogs.begin_tour()
    window.lessons.open(0, 0)
    assert not window.dialogs.end_tour()
    # And it points at nothing that a lesson hides.
    window.dialogs.begin_tour()
    assert not window.lessons.is_open


def test_what_the_keyboard_comes_to_has_a_name_in_the_language_in_force(window):
    def unnamed():
        found = []
        for place in (window.toolbar, window.panel):
            parts = [place, *place.findChildren(QWidget)]
            met = [part for part in parts if part.isVisible()
                   and part.focusPolicy() & Qt.FocusPolicy.TabFocus]  # fmt: skip
            told = map(QAccessible.queryAccessibleInterface, met)
            names = [interface.text(QAccessible.Name) for interface in told]
            found += [part for part, name in zip(met, names, strict=True) if not name]
        return found

    run, speed = window.toolbar.run, window.toolbar.speed
    assert (run.accessibleName(), unnamed()) == ("Run", [])
    window.toolbar.show_running(True)
    assert run.accessibleName() == "Pause"
    english = speed.accessibleName()
    window.set_language("zh_CN")
    assert (run.accessibleName(), unnamed()) == ("运行", [])
    assert english != speed.accessibleName() == speed.toolTip()
    window.toolbar.show_running(True)
    assert run.accessibleName() == "暂停"


def test_whatever_the_tab_key_comes_to_says_its_name(window, session):
    for name in ("inspector", "phase", "answers"):
        window.dashboard.set_shown(name, visible=True)
    session.advance(3)
    window.renew_everything()
    stops = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert window.toolbar.seed in stops
    names = {
        widget: QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        for widget in stops
    }
    assert [widget for widget, name in names.items() if not name] == []


@pytest.mark.parametrize("way", ["key", "typed"])
def test_another_seed_is_another_run_and_no_change_of_one(window, session, monkeypatch, way):
    session.advance(3)
    window.run()
    asked = []
    configure = session.configure
    monkeypatch.setattr(
        session, "configure", lambda c, **more: (asked.append(more), configure(c, **more))
    )
    if way == "key":
        press(window, Qt.Key.Key_N)
    else:
        window.toolbar.seed_given.emit(8)
    assert asked == [{"marked": False}]
