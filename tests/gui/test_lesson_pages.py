"""Every page of every lesson on a small projector and on a small desk: nothing is cut off."""

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication

from engine.lessons import lessons
from gui import theme as looks
from gui.presentation import CROWDED_ZOOM, PRESENTATION_ZOOM
from gui.translation import LANGUAGES
from gui.views.heatmap import HeatmapView
from gui.views.legend import Legend
from gui.views.plot import LinePlot
from gui.views.profile import ProfileView

SCREENS = [(1024, 768), (1366, 768)]
STEPS = 30
# What a picture needs to be one, in logical pixels: its cells, or the room within its axes.
LEAST_CELLS, LEAST_PLOT = (150, 60), (45, 55)


def place_of(widget, window):
    """Return where a widget stands in the window."""
    return QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())


def outside(window):
    """Name the fields of the form, and the buttons of the page, that are not whole to be seen."""
    form, panel = window.panel, window.lessons.panel
    seen = place_of(form.viewport(), window).intersected(window.rect())
    names = [
        name
        for name, row in form.rows.items()
        if row.isVisible() and not seen.contains(place_of(row, window))
    ]
    whole = window.rect().intersected(place_of(panel, window))
    buttons = (panel.back_button, panel.next_button, panel.close_button, panel.reveal_button)
    shown = [button for button in buttons if button.isVisible()]
    names += [b.text() for b in shown if not whole.contains(place_of(b, window))]
    for part in (window.timeline, window.verdict, window.toolbar, panel):
        if not window.rect().contains(place_of(part, window)):
            names.append(type(part).__name__)
    return names


def cut_words(window):
    """Return the titles and the names of curves that are not whole."""
    found = [window.verdict.headline.text()] if window.verdict.headline.is_elided else []
    titles = [view.title for view in window.dashboard.views.values()]
    shown = [title for title in titles if title.isVisible()]
    found += [title.text() for title in shown if title.width() < title.sizeHint().width()]
    for legend in window.dashboard.findChildren(Legend):
        if legend.isVisible():
            names = {name for name, _ in legend._entries} | set(legend._short_names)
            found += [name for name, _ in legend.texts() if name not in names]
            if legend.height() < legend.sizeHint().height():
                found.append("a line of a legend")
    return found


def without_legend(window):
    """Name the pictures of curves whose names are not to be seen."""
    shown = [view for view in window.dashboard.views.values() if view.isVisible()]
    plots = [view for view in shown if isinstance(view, LinePlot)]
    plots += [panel for view in shown if isinstance(view, ProfileView) for panel in view.panels]
    return [type(plot).__name__ for plot in plots if not plot.legend.isVisible()]


def too_small(window):
    """Return the sizes of the pictures that have not the room they need."""
    found = []
    for view in window.dashboard.views.values():
        if not view.isVisible():
            continue
        sizes = []
        if isinstance(view, HeatmapView):
            sizes, least = [view.canvas.plot_rect().size()], LEAST_CELLS
        elif isinstance(view, LinePlot):
            sizes, least = [view.plot.getViewBox().size()], LEAST_PLOT
        elif isinstance(view, ProfileView):
            sizes, least = [one.plot.getViewBox().size() for one in view.panels], LEAST_PLOT
        found += [
            (type(view).__name__, size.width(), size.height())
            for size in sizes
            if size.width() < least[0] or size.height() < least[1]
        ]
    return found


def missing(window):
    """Return all that is wrong with what is to be seen."""
    return [*outside(window), *cut_words(window), *without_legend(window), *too_small(window)]


def settle(window):
    """Let what the page before has left give way to the layout of this one."""
    window.renew_everything()
    for _ in range(5):
        QApplication.processEvents()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS, ids=str)
@pytest.mark.parametrize("presenting", [True, False], ids=["hall", "desk"])
def test_every_page_is_whole(qtbot, window, session, presenting, screen, language):
    window.set_language(language)
    if presenting:
        window.toggle_presentation()
        window.showNormal()
    window.resize(*screen)
    wrong = {}
    for number, lesson in enumerate(lessons()):
        for page in range(len(lesson.pages) + 1):
            window.lessons.open(number, page)
            session.advance(STEPS)
            settle(window)
            unseen = outside(window)
            window.lessons.panel.reveal()
            settle(window)
            assert not unseen
            try:
                qtbot.waitUntil(lambda: not missing(window), timeout=2000)
            except qtbot.TimeoutError:
                wrong[number + 1, page + 1] = missing(window)
            assert (window.width(), window.height()) == screen
    assert not wrong


@pytest.mark.parametrize(("lesson", "page"), [(7, 3), (9, 1)])
def test_an_answer_that_has_no_room_is_scrolled_to(qtbot, window, session, lesson, page):
    window.set_language("zh_CN")
    window.toggle_presentation()
    window.showNormal()
    window.resize(1024, 768)
    window.lessons.open(lesson, page)
    session.advance(STEPS)
    settle(window)
    panel = window.lessons.panel
    panel.reveal()
    settle(window)
    seen = panel._area.viewport()
    qtbot.waitUntil(
        lambda: place_of(seen, window).bottom() >= place_of(panel.answer, window).bottom()
    )
    window.toggle_presentation()


def test_a_choice_before_a_hall_is_whole(qtbot, window):
    window.toggle_presentation()
    window.showNormal()
    window.lessons.open(5, 3)
    combo = window.panel.rows["initializer"].control.combo
    for size in ((1440, 900), (1024, 768)):
        window.resize(*size)
        qtbot.waitUntil(lambda: combo.width() >= combo.minimumSizeHint().width())
    window.toggle_presentation()


def test_the_type_of_a_lesson_is_as_large_as_the_screen_has_room_for(qtbot, window):
    window.toggle_presentation()
    window.showNormal()
    for size, zoom in (((1920, 1080), PRESENTATION_ZOOM), ((1024, 768), CROWDED_ZOOM)):
        window.resize(*size)
        window.lessons.open(0, 0)
        qtbot.waitUntil(lambda zoom=zoom: looks.zoom() == zoom)
        window.lessons.close()
        qtbot.waitUntil(lambda: looks.zoom() == PRESENTATION_ZOOM)
    window.toggle_presentation()
    assert looks.zoom() == 1.0
    QApplication.processEvents()
    assert looks.zoom() == 1.0
