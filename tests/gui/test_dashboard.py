"""The dashboard: views hidden, enlarged, moved, and all of it remembered."""

import json

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent

from gui.arrangement import Arrangement
from gui.dashboard import MIME_TYPE
from gui.views.table import KINDS, VIEWS


def shown(window):
    return {name for name, view in window.dashboard.views.items() if view.isVisible()}


AT_FIRST = {kind.name for kind in VIEWS if kind.shown}


def test_every_view_is_made_when_it_is_wanted(qtbot, window, session):
    session.advance(3)
    for kind in VIEWS:
        window.dashboard.set_shown(kind.name, visible=True)
    assert shown(window) == set(KINDS)
    window.renew_everything()
    window.grab()


def test_a_double_click_enlarges_a_view_and_another_brings_all_back(qtbot, window):
    view = window.dashboard.views["heatmap_h"]
    qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton)
    assert shown(window) == {"heatmap_h"}
    qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton)
    assert shown(window) == AT_FIRST


def test_escape_brings_all_views_back(qtbot, window):
    plot = window.dashboard.views["loss"].plot
    qtbot.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton)
    assert shown(window) == {"loss"}
    assert not window.dashboard.colour_bar.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert shown(window) == AT_FIRST


def test_a_view_that_was_hidden_is_up_to_date_when_it_comes_back(qtbot, window, session):
    window.dashboard.set_shown("heatmap_h", visible=False)
    session.advance(7)
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_w"].canvas.cells.columns == 7)
    assert window.dashboard.views["heatmap_h"].canvas.cells.columns == 0
    window.dashboard.set_shown("heatmap_h", visible=True)
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 7)


def test_a_whole_column_may_go(qtbot, window):
    for name in window.dashboard.arrangement.columns[1]:
        window.dashboard.set_shown(name, visible=False)
    assert shown(window) == {"heatmap_h", "heatmap_w", "profile"}
    heatmap = window.dashboard.views["heatmap_h"]
    qtbot.waitUntil(lambda: heatmap.width() > 0.85 * window.dashboard.width())


def test_a_view_dropped_on_another_takes_its_place(window):
    dashboard = window.dashboard
    data = QMimeData()
    data.setData(MIME_TYPE, b"loss")
    target = dashboard.views["heatmap_w"]
    above_its_middle = target.mapTo(dashboard, QPoint(target.width() // 2, 5))
    dashboard.dropEvent(drop(above_its_middle, data))
    assert dashboard.arrangement.columns[0][:3] == ("heatmap_h", "loss", "heatmap_w")
    assert "loss" not in dashboard.arrangement.columns[1]
    assert dashboard.views["loss"].y() < target.y()


def drop(place, data):
    return QDropEvent(
        QPointF(place),
        Qt.DropAction.MoveAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QEvent.Type.Drop,
    )


def test_the_menu_of_a_view_moves_and_hides_it(window):
    dashboard = window.dashboard

    def choose(name, text):
        menu = dashboard.menu_of(name)
        next(a for a in menu.actions() if a.text().startswith(text)).trigger()
        menu.deleteLater()

    choose("accuracy", "Move up")
    assert dashboard.arrangement.columns[1][:2] == ("accuracy", "loss")
    choose("loss", "Move to the left")
    assert dashboard.arrangement.columns[0][0] == "loss"
    choose("loss", "Hide")
    assert "loss" not in shown(window)
    choose("profile", "Enlarge")
    assert shown(window) == {"profile"}


def test_the_arrangement_is_remembered(open_window, make_session, session, settings):
    first = open_window(session)
    first.dashboard.move_view("accuracy", 0, 0)
    first.dashboard.set_shown("loss", visible=False)
    second = open_window(make_session(session.config))
    assert second.dashboard.arrangement.columns[0][0] == "accuracy"
    assert "loss" not in shown(second)
    second.reset_arrangement()
    assert second.dashboard.arrangement == Arrangement.default()
    assert Arrangement.read(settings.arrangement) == Arrangement.default()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        '{"columns": 3, "hidden": []}',
        '{"columns": [["loss", "loss", "no such view"]], "hidden": ["no such view"]}',
        '{"columns": [[], [], [], ["loss"]], "hidden": []}',
    ],
)
def test_whatever_was_remembered_every_view_has_one_place(text):
    arrangement = Arrangement.read(text)
    names = [name for column in arrangement.columns for name in column]
    assert sorted(names) == sorted(KINDS)
    assert arrangement.hidden <= set(KINDS)
    assert Arrangement.read(arrangement.write()) == arrangement


def test_a_remembered_arrangement_keeps_its_order():
    text = json.dumps({"columns": [["loss"], ["heatmap_w", "heatmap_h"]], "hidden": ["loss"]})
    arrangement = Arrangement.read(text)
    assert arrangement.columns[0][0] == "loss"
    assert arrangement.columns[1][:2] == ("heatmap_w", "heatmap_h")
    assert "loss" in arrangement.hidden


def test_a_lesson_may_ask_for_some_views_only(window):
    window.dashboard.show_only(frozenset({"loss", "heatmap_h"}))
    assert shown(window) == {"loss", "heatmap_h"}
    window.dashboard.show_only(None)
    assert shown(window) == AT_FIRST
