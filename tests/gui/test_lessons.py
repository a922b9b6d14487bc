"""Lessons in the window: little to see, something covered, and everything back afterwards."""

from operator import attrgetter

import pytest
from PySide6.QtCore import Qt

from engine.lessons import lessons
from engine.presets import preset_of, presets
from engine.record import FirstBad
from engine.snapshot import State
from gui.lesson_menu import LessonMenu
from gui.translation import LANGUAGES
from gui.views.cover import Cover
from gui.views.heatmap import HeatmapView
from gui.views.table import KINDS

PAGES = [(lesson, page) for lesson in range(10) for page in range(len(lessons()[lesson].pages))]


# What speaks of the run beside the views: covered with them.
OTHERS = {"verdict": "verdict", "compared": "comparison.list", "timeline": "timeline"}


def covered(window) -> set[str]:
    others = {name: attrgetter(place)(window) for name, place in OTHERS.items()}
    parts = window.dashboard.views | others
    return {name for name, part in parts.items() if part.findChildren(Cover)}


def shown(window) -> set[str]:
    return {name for name, view in window.dashboard.views.items() if view.isVisible()}


def fields(window) -> set[str]:
    return {name for name, row in window.panel.rows.items() if row.isVisibleTo(window.panel)}


def finish_covers(qapp) -> None:
    qapp.sendPostedEvents(None, 52)  # deferred deletions


@pytest.mark.parametrize(("lesson", "page"), PAGES)
def test_every_page_finds_its_views_and_fields(lesson, page):
    shown_page = lessons()[lesson].pages[page]
    assert set(shown_page.views) <= KINDS.keys()
    for name in shown_page.quantities:
        assert isinstance(KINDS[name].make(), HeatmapView)


def test_a_page_is_an_experiment_with_few_fields_and_views(qtbot, qapp, window, session):
    before = session.config
    window.lessons.open(3, 1)
    page = lessons()[3].pages[1]
    assert session.config == page.config
    assert session.snapshot().state.value == "running"
    assert fields(window) == {"skip"}
    assert shown(window) == set(page.views)
    assert covered(window) == page.covered | OTHERS.keys()
    panel = window.lessons.panel
    assert panel.answer.isHidden()
    qtbot.mouseClick(panel.reveal_button, Qt.MouseButton.LeftButton)
    finish_covers(qapp)
    assert covered(window) == set()
    assert panel.answer.text.text() == page.reveal["en"]
    assert panel.reveal_button.isHidden()

    qtbot.mouseClick(panel.close_button, Qt.MouseButton.LeftButton)
    assert not window.lessons.is_open
    assert panel.isHidden()
    assert session.config == before
    assert session.snapshot().state.value == "paused"
    assert fields(window) > {"depth", "activation"}
    assert shown(window) == {name for name in KINDS if window.dashboard.is_wanted(name)}


def test_a_page_without_fields_hides_the_form(window):
    window.lessons.open(0, 0)
    assert window.panel.isHidden()
    window.lessons.open(0, 2)
    assert window.panel.isVisible()
    assert fields(window) == {"gain"}
    window.lessons.close()
    assert window.panel.isVisible()


def test_a_heatmap_shows_what_the_page_is_about(window):
    window.lessons.open(8, 0)
    heatmap = window.dashboard.views["heatmap_w"]
    assert heatmap.canvas.cells.quantity.name == "distinct_units"
    window.lessons.open(3, 0)
    assert heatmap.canvas.cells.quantity.name == "weight_grad_norm"
    window.lessons.open(8, 0)
    window.lessons.close()
    assert heatmap.canvas.cells.quantity.name == "weight_grad_norm"


def test_the_picture_of_the_activation_belongs_to_its_field(window):
    window.lessons.open(5, 2)
    assert not window.panel.picture.isVisible()
    window.lessons.open(6, 2)
    assert window.panel.picture.isVisible()
    window.lessons.close()
    assert window.panel.picture.isVisible()


def test_a_page_begins_without_a_mark(window, session):
    # Two pages that differ in the learning rate alone, which may change while a run goes on.
    window.lessons.open(7, 1)
    session.advance(3)
    window.lessons.open(7, 0)
    run = session.snapshot().runs[0]
    assert run.changes == ()
    assert run.record is None


def test_the_views_of_a_lesson_are_not_remembered(window, settings):
    before = settings.arrangement
    window.lessons.open(8, 0)
    window.lessons.close()
    assert settings.arrangement == before


def test_a_page_says_how_fast_and_whether_it_runs(window, session):
    window.lessons.open(7, 1)
    assert ("speed", 100) in session.calls
    assert window.toolbar.chosen_speed() == 100
    assert ("step", 600) in session.calls
    window.lessons.open(9, 1)
    assert window.toolbar.chosen_speed() is None
    assert session.snapshot().state.value == "paused"
    window.lessons.close()
    assert window.toolbar.chosen_speed() is None


def test_turning_pages_with_the_keys_of_a_presenter(qtbot, window):
    window.lessons.open()
    panel = window.lessons.panel
    assert (panel.lesson_number, panel.page_number) == (0, 0)
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert panel.is_revealed
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert (panel.page_number, panel.is_revealed) == (1, False)
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    assert panel.page_number == 0
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.lessons.is_open
    # Closed, the keys mean nothing; opened again, it goes on where it was.
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert panel.page_number == 0
    panel.open(4, 2)
    window.lessons.open()
    assert (panel.lesson_number, panel.page_number) == (4, 2)


def test_in_a_lesson_the_numbers_choose_lessons_and_outside_presets(qtbot, window, session):
    qtbot.keyClick(window, Qt.Key.Key_0)
    before = session.config
    window.lessons.open(0, 0)
    for key, lesson in ((Qt.Key.Key_3, 2), (Qt.Key.Key_0, 9), (Qt.Key.Key_9, 8)):
        qtbot.keyClick(window, key)
        panel = window.lessons.panel
        assert (panel.lesson_number, panel.page_number) == (lesson, 0)
        assert session.config == lessons()[lesson].pages[0].config
    window.lessons.close()
    assert session.config == before
    qtbot.keyClick(window, Qt.Key.Key_3)
    assert not window.lessons.is_open
    assert preset_of(session.config) is list(presets().values())[2]


def lesson_list(window) -> LessonMenu:
    return next(menu for menu in window.findChildren(LessonMenu) if menu.isVisible())


@pytest.mark.parametrize("presenting", [False, True])
@pytest.mark.parametrize(("digit", "lesson"), [("3", 2), ("0", 9)])
def test_the_key_of_the_lessons_and_a_digit_give_a_lesson(qtbot, window, presenting, digit, lesson):
    if presenting:
        window.toggle_presentation()
    qtbot.keyClick(window, Qt.Key.Key_L)
    assert not window.lessons.is_open
    qtbot.keyClick(lesson_list(window), digit)
    panel = window.lessons.panel
    assert (panel.lesson_number, panel.page_number) == (lesson, 0)
    assert not any(menu.isVisible() for menu in window.findChildren(LessonMenu))
    if presenting:
        window.toggle_presentation()


def test_the_key_of_the_lessons_and_a_digit_give_another_lesson(qtbot, window, session):
    window.lessons.open(4, 2)
    page = session.config
    qtbot.keyClick(window, Qt.Key.Key_L)
    menu = lesson_list(window)
    assert menu.activeAction().text().strip().startswith("5  ")
    assert (window.lessons.panel.page_number, session.config) == (2, page)
    qtbot.keyClick(menu, Qt.Key.Key_2)
    assert session.config == lessons()[1].pages[0].config


def test_arrows_choose_a_lesson_and_the_same_key_or_escape_none(qtbot, window, session):
    before = session.config
    for key in (Qt.Key.Key_L, Qt.Key.Key_Escape):
        qtbot.keyClick(window, Qt.Key.Key_L)
        menu = lesson_list(window)
        qtbot.keyClick(menu, key)
        assert not menu.isVisible()
        assert not window.lessons.is_open and session.config == before
    qtbot.keyClick(window, Qt.Key.Key_L)
    menu = lesson_list(window)
    assert len(menu.actions()) == len(lessons())
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert window.lessons.panel.lesson_number == 1


def test_a_lesson_goes_on_where_it_was_left(qtbot, window):
    window.lessons.open(4, 2)
    window.lessons.close()
    qtbot.keyClick(window, Qt.Key.Key_L)
    menu = lesson_list(window)
    assert menu.activeAction().text().startswith("Go on with lesson 5")
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    panel = window.lessons.panel
    assert (panel.lesson_number, panel.page_number) == (4, 2)


def test_the_number_of_a_lesson_that_is_missing_leaves_the_page(qtbot, window, monkeypatch):
    window.lessons.open(0, 0)
    sound = tuple(lesson for lesson in lessons() if lesson.number != 3)
    monkeypatch.setattr("engine.lessons.lessons", lambda: sound)
    qtbot.keyClick(window, Qt.Key.Key_3)
    assert window.lessons.panel.lesson_number == 0
    assert window.status.state.text() == "Lesson 3 is not available."


def test_a_twin_ends_with_its_page_and_with_the_lesson(window, session):
    before = session.config
    window.lessons.open(0, 0)
    window.comparison.add_twin({"initializer": "kaiming_normal"})
    assert window.comparison.is_on
    window.lessons.panel.open(0, 1)
    assert window.comparison.configs == (session.config,) == (lessons()[0].pages[1].config,)
    window.comparison.add_twin({"initializer": "kaiming_normal"})
    window.lessons.close()
    assert window.comparison.configs == (session.config,) == (before,)


def test_through_all_pages_and_back(qapp, window):
    window.lessons.open(0, 0)
    panel = window.lessons.panel
    seen = []
    while panel.next_button.isEnabled():
        seen.append((panel.lesson_number, panel.page_number))
        panel.go_on()
    assert {place for place in seen if place[1] < len(lessons()[place[0]].pages)} == set(PAGES)
    # Every page and every question was first asked and then answered, the last one only asked.
    assert panel.page is None
    panel.reveal()
    assert panel.answer.text.text() == lessons()[9].answer["en"]
    finish_covers(qapp)
    assert covered(window) == set()
    while panel.back_button.isEnabled():
        panel.back()
    assert (panel.lesson_number, panel.page_number) == (0, 0)


def test_a_question_keeps_the_last_page_behind_it(qapp, window, session):
    window.lessons.open(1, len(lessons()[1].pages))
    finish_covers(qapp)
    assert session.config == lessons()[1].pages[-1].config
    assert covered(window) == set()
    assert window.lessons.panel.page_title.text() == lessons()[1].question["en"]


def test_any_lesson_can_be_chosen(qtbot, window, session):
    window.lessons.open()
    chooser = window.lessons.panel.chooser
    assert chooser.count() == 10
    chooser.setCurrentIndex(2)
    chooser.activated.emit(2)
    assert session.config == lessons()[2].pages[0].config


@pytest.mark.parametrize("language", LANGUAGES)
def test_lessons_speak_the_language_of_the_window(window, language):
    window.lessons.open(2, 0)
    window.set_language(language)
    panel = window.lessons.panel
    assert panel.do.text.text() == lessons()[2].pages[0].do[language]
    assert lessons()[2].title[language] in panel.chooser.currentText()


def test_a_cover_follows_its_view_and_its_theme(window):
    window.lessons.open(3, 1)
    view = window.dashboard.views["loss"]
    (cover,) = view.findChildren(Cover)
    window.resize(1200, 900)
    assert cover.size() == view.size()
    image = cover.grab().toImage()
    window.set_theme("dark")
    assert cover.grab().toImage() != image


def test_device_and_threads_stay_the_persons_own(window, session):
    window.configure(session.config.replace(threads=3, device="cpu"))
    window.lessons.open(2, 0)
    assert (session.config.threads, session.config.device) == (3, "cpu")


def test_what_is_remembered_is_the_experiment_from_before_the_lesson(window, session, settings):
    own = session.config.replace(depth=7)
    window.configure(own)
    window.lessons.open(0, 0)
    window.lessons.panel.open(0, 1)
    window.close()
    assert settings.experiment == own


def test_a_page_offers_its_own_experiment_where_another_is_shown(qtbot, window, session):
    window.lessons.open(0, 0)
    panel, own = window.lessons.panel, session.config
    assert panel.restore_button.isHidden()
    window.configure(own.replace(depth=own.depth + 1))
    assert not panel.restore_button.isHidden()
    qtbot.mouseClick(panel.restore_button, Qt.MouseButton.LeftButton)
    assert session.config == own
    assert panel.restore_button.isHidden()


def test_pages_are_no_changes_of_the_person(window, session):
    first = session.config
    own = first.replace(depth=6)
    window.configure(own)
    window.lessons.open(0, 0)
    window.lessons.panel.open(0, 1)
    page = session.config
    window.undoing.undo()
    assert session.config == page
    window.configure(page.replace(depth=page.depth - 1))
    window.undoing.undo()
    assert session.config == page
    window.lessons.close()
    assert session.config == own
    window.undoing.redo()
    assert session.config == own
    window.undoing.undo()
    assert session.config == first
    window.undoing.redo()
    assert session.config == own


@pytest.mark.parametrize(("lesson", "page"), PAGES)
def test_nothing_gives_a_prediction_away(qapp, window, session, lesson, page):
    shown_page = lessons()[lesson].pages[page]
    window.lessons.open(lesson, page)
    session.advance(3)
    session.diverge(FirstBad(4, "2", "h"))
    window.renew_everything()
    finish_covers(qapp)
    advice, status = window.verdict.advice, window.status.state
    asked, hidden = bool(shown_page.predict), bool(shown_page.covered)
    assert covered(window) == (shown_page.covered | OTHERS.keys() if hidden else set())
    assert advice.isHidden() == advice.bar.isHidden() == asked
    assert ("finite" in status.text() or "step 4" in status.text()) == (not hidden)
    if asked:
        window.lessons.panel.reveal()
        finish_covers(qapp)
    assert covered(window) == set()
    assert not advice.isHidden()
    assert not advice.bar.isHidden()
    assert "a value is no longer finite" in status.text()
    assert "step 4" in status.text()


@pytest.mark.parametrize(("lesson", "page"), PAGES)
def test_views_that_tell_the_same_are_covered_together(lesson, page):
    shown_page = lessons()[lesson].pages[page]
    for alike in ({"loss", "accuracy"}, {"heatmap_h", "profile"}):
        there = alike & set(shown_page.views)
        assert there & shown_page.covered in (set(), there)


def test_a_page_runs_although_the_page_before_still_does(window, session, monkeypatch):
    window.lessons.open(3, 2)
    # An engine that has heard nothing of the next page yet.
    running = session.snapshot()
    assert running.state is State.RUNNING
    monkeypatch.setattr(session, "snapshot", lambda: running)
    window.lessons.open(3, 3)
    assert [call for call in session.calls if call in ("run", "pause")][-1] == "run"


def test_leaving_a_lesson_tells_everything_again(qapp, window, session):
    window.lessons.open(3, 3)
    session.advance(2)
    window.renew_everything()
    window.lessons.close()
    session.advance(2)
    window.renew_everything()
    finish_covers(qapp)
    assert covered(window) == set()
    assert not window.verdict.advice.bar.isHidden()
    assert "step 2" in window.status.state.text()


def test_a_covered_verdict_takes_no_room_for_its_reasons(qapp, window):
    window.lessons.open(3, 1)
    assert window.verdict.advice.isHidden()
    window.lessons.panel.reveal()
    assert not window.verdict.advice.isHidden()
