"""A view that fills the window: nothing else is there, all keys work, and all comes back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from engine.record import FirstBad
from engine.snapshot import Failure, State
from gui.key_help import KeyHelp
from gui.views.card import Card
from gui.views.layer_panel import LayerPanel
from gui.views.view import View


def around(window) -> list[QWidget]:
    return [window.toolbar, window.panel, window.verdict, window.timeline, window.status]


def parts_to_be_seen(window) -> set[QWidget]:
    cards = [card for card in window.findChildren(Card) if not isinstance(card, LayerPanel)]
    rows = window.panel.rows.values()
    parts = [*around(window), *cards, *rows, window.dashboard.colour_bar]
    return {part for part in parts if part.isVisible()}


def enlarge(qtbot, window, name="loss"):
    plot = window.dashboard.views[name].plot
    qtbot.mouseDClick(plot.viewport(), Qt.MouseButton.LeftButton)
    assert window.dashboard.enlarged == name


def fills(window, name) -> bool:
    view, key = window.dashboard.views[name], window.dashboard.colour_bar
    width = view.width() + (key.width() if key.isVisible() else 0)
    return width > window.width() - 40 and view.height() > window.height() - 40


@pytest.mark.parametrize("way_back", ["key", "button", "double-click"])
def test_a_view_fills_the_window_and_all_comes_back(qtbot, window, way_back):
    before = parts_to_be_seen(window)
    view = window.dashboard.views["loss"]
    enlarge(qtbot, window)
    qtbot.waitUntil(lambda: fills(window, "loss"))
    assert not any(part.isVisible() for part in around(window))
    assert view.back.isVisible()
    assert "Esc" in view.back.text()
    if way_back == "key":
        qtbot.keyClick(window, Qt.Key.Key_Escape)
    elif way_back == "button":
        qtbot.mouseClick(view.back, Qt.MouseButton.LeftButton)
    else:
        qtbot.mouseDClick(view.plot.viewport(), Qt.MouseButton.LeftButton)
    assert window.dashboard.enlarged is None
    assert parts_to_be_seen(window) == before
    assert not view.back.isVisible()


def test_what_was_hidden_stays_hidden_and_what_was_divided_stays_divided(qtbot, window):
    section = next(s for s in window.panel.sections.values() if s.group == "data")
    section.set_open(not section.is_open)
    opened = section.is_open
    window.dashboard.set_shown("accuracy", visible=False)
    columns = window.dashboard._columns[0]
    qtbot.waitUntil(lambda: not window.dashboard._dividing.isActive())
    columns.moveSplitter(columns.sizes()[0] + 60, 1)
    sizes = columns.sizes()
    for name in ("heatmap_h", "loss"):
        window.dashboard.enlarge(name)
        qtbot.waitUntil(lambda name=name: fills(window, name))
        window.dashboard.enlarge(None)
        qtbot.waitUntil(lambda: columns.sizes() == sizes)
    assert section.is_open == opened
    assert not window.dashboard.views["accuracy"].isVisible()


def test_the_keyboard_comes_back_to_the_field_it_was_in(qtbot, window):
    field = window.toolbar.seed
    field.setFocus()
    assert field.hasFocus()
    window.dashboard.enlarge("profile")
    assert window.focusWidget() is window
    window.dashboard.enlarge(None)
    assert field.hasFocus()


def test_every_key_works_while_a_view_fills_the_window(qtbot, window, session):
    enlarge(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert session.snapshot().state is State.RUNNING
    qtbot.keyClick(window, Qt.Key.Key_Space)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert ("step", 1) in session.calls
    qtbot.keyClick(window, Qt.Key.Key_R)
    assert "rewind" in session.calls
    theme = window.theme
    qtbot.keyClick(window, Qt.Key.Key_D)
    assert window.theme is not theme
    assert window.dashboard.enlarged == "loss"
    # To ask for the form is to ask for what is around the view.
    qtbot.keyClick(window, Qt.Key.Key_E)
    assert window.dashboard.enlarged is None
    assert window.panel.isVisible()


def test_a_hall_gets_its_views_back_before_it_is_left(qtbot, window):
    window.toggle_presentation()
    before = parts_to_be_seen(window)
    enlarge(qtbot, window)
    qtbot.waitUntil(lambda: fills(window, "loss"))
    assert not window.verdict.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.presenting
    assert parts_to_be_seen(window) == before
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.presenting
    assert all(part.isVisible() for part in around(window))


def test_what_fills_the_window_fills_it_before_a_hall_and_at_the_desk_again(qtbot, window):
    before = parts_to_be_seen(window)
    enlarge(qtbot, window)
    for presenting in (True, False):
        qtbot.keyClick(window, Qt.Key.Key_F11)
        assert window.presenting == presenting
        assert window.dashboard.enlarged == "loss"
        qtbot.waitUntil(lambda: fills(window, "loss"))
        assert not any(part.isVisible() for part in around(window))
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert parts_to_be_seen(window) == before


def test_escape_leaves_one_thing_at_a_time_the_last_first(qtbot, window):
    own = window.config
    qtbot.keyClick(window, Qt.Key.Key_F11)
    window.lessons.open(0, 0)
    shown = filter(window.dashboard.is_shown, window.dashboard.views)
    window.dashboard.enlarge(next(shown))
    qtbot.keyClick(window, Qt.Key.Key_H)
    sheet = window.findChild(KeyHelp)

    def there() -> list[bool]:
        enlarged = window.dashboard.enlarged is not None
        return [isValid(sheet) and sheet.isVisible(), enlarged, window.lessons.is_open,
                window.presenting]  # fmt: skip

    for left in range(4):
        assert there() == [place >= left for place in range(4)]
        qtbot.keyClick(sheet if not left else window, Qt.Key.Key_Escape)
    assert not any(there())
    assert window.config == own


def test_beside_a_lesson_its_text_leaves_too_and_comes_back(qtbot, window):
    window.lessons.open(0, 0)
    qtbot.waitUntil(lambda: not window.lessons._fitting.isActive())
    before, form = parts_to_be_seen(window), window.panel.height()
    name = next(n for n in ("heatmap_h", "profile") if window.dashboard.is_shown(n))
    window.dashboard.enlarge(name)
    qtbot.waitUntil(lambda: fills(window, name))
    assert not window.lessons.panel.isVisible()
    window.resize(window.width(), window.height() - 40)
    window.resize(window.width(), window.height() + 40)
    window.dashboard.enlarge(None)
    assert parts_to_be_seen(window) == before
    qtbot.waitUntil(lambda: window.panel.height() == form)
    window.dashboard.enlarge(name)
    # What is covered may be revealed in it; the next page has a text to be read.
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert window.lessons.panel.is_revealed
    assert window.dashboard.enlarged == name
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert window.dashboard.enlarged is None
    assert window.lessons.panel.isVisible()


def test_a_covered_view_has_its_way_back_too(qtbot, window):
    window.lessons.open(0, 0)
    cover = next(c for c in window.lessons._covers if isinstance(c.parentWidget(), View))
    qtbot.mouseDClick(cover, Qt.MouseButton.LeftButton)
    view = cover.parentWidget()
    assert view.width() == cover.width()
    qtbot.waitUntil(lambda: view.childAt(view.back.geometry().center()) is view.back)
    qtbot.mouseClick(view.back, Qt.MouseButton.LeftButton)
    assert window.dashboard.enlarged is None


def test_runs_are_compared_around_a_view_only(qtbot, window, session):
    enlarge(qtbot, window)
    window.comparison.list.show_runs((session.config, session.config), ())
    assert not window.comparison.list.isVisible()
    window.dashboard.enlarge(None)
    assert window.comparison.list.isVisible()


def test_a_bad_end_is_told_while_a_view_fills_the_window(qtbot, window, session):
    session.advance(3)
    enlarge(qtbot, window)
    assert not window.status.isVisible()
    session.diverge(FirstBad(4, 2, "dL/dW"))
    qtbot.waitUntil(window.status.isVisible)
    assert "step 4" in window.status.state.text()
    qtbot.keyClick(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: not window.status.isVisible())
    session.fail(Failure("No memory is left."))
    qtbot.waitUntil(window.status.isVisible)
    assert "No memory is left." in window.status.state.text()


def test_a_view_alone_is_not_remembered(open_window, make_session, session):
    first = open_window(session)
    first.dashboard.enlarge("loss")
    first.close()
    second = open_window(make_session(session.config))
    assert second.dashboard.enlarged is None
    assert second.toolbar.isVisible()
