"""Presets in the window: the gallery, presets of one's own, and how the pictures are drawn."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QLabel

from engine import presets as presets_module
from engine.config import RunConfig
from engine.history import History
from engine.presets import preset_of, presets, read_own_presets, write_preset
from engine.snapshot import State
from gui.menu import make_menu
from gui.preset_gallery import PresetGallery
from gui.preset_pictures import HEIGHT, LOSS_EXPONENTS, WIDTH, draw_picture
from gui.preset_saving import PresetDialog
from gui.translation import LANGUAGES
from tests.gui.comparing import fronts
from tests.gui.conftest import SMALL


def gallery_of(window) -> PresetGallery:
    window.files.open_gallery()
    (gallery,) = window.findChildren(PresetGallery)
    return gallery


def test_the_gallery_shows_every_preset_once(window):
    window.set_language("zh_CN")
    gallery = gallery_of(window)
    assert [card.preset.name for card in gallery.cards] == list(presets())
    assert not any(card._picture.isNull() for card in gallery.cards)
    assert [card._key for card in gallery.cards[:10]] == [*"123456789", ""]
    headings = [label.text() for label in gallery.findChildren(QLabel)]
    assert "三种崩溃" in headings
    gallery.reject()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_fits_its_card(window, language):
    window.set_language(language)
    gallery = gallery_of(window)
    assert [card.preset.name for card in gallery.cards if not card.sentence_fits()] == []
    gallery.reject()


def test_presets_of_ones_own_stand_in_the_menu(window, session, settings):
    write_preset(settings.presets_folder, RunConfig(depth=6), "Mine", "", "en")
    menu = make_menu(window, settings)
    (entry,) = [action for action in menu.actions() if action.text() == "Your own presets"]
    (mine,) = entry.menu().actions()
    assert mine.text() == "Mine"
    mine.trigger()
    assert session.config.depth == 6


def test_a_click_takes_the_preset_and_keeps_the_seed(qtbot, window, session):
    window.configure(session.config.replace(seed=99))
    gallery = gallery_of(window)
    card = next(card for card in gallery.cards if card.preset.name == "dead_relu")
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert session.config == presets()["dead_relu"].config.replace(seed=99)
    assert not gallery.isVisible()


@pytest.fixture
def small_presets(monkeypatch):
    """Give the first three presets experiments that are trained in no time; return those."""
    first = list(presets().values())[:3]
    small = {
        preset.name: replace(preset, config=SMALL.replace(depth=depth))
        for depth, preset in enumerate(first, start=5)
    }
    whole = presets_module._bundled
    monkeypatch.setattr(
        presets_module, "_bundled", lambda name: small[name] if name in small else whole(name)
    )
    preset_of.cache_clear()
    yield [preset.config for preset in small.values()]
    preset_of.cache_clear()


def by_key(window, place: int) -> None:
    QTest.keyClick(window, getattr(Qt.Key, f"Key_{place + 1}"))


def by_card(window, place: int) -> None:
    QTest.mouseClick(gallery_of(window).cards[place], Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("choose", [by_key, by_card])
def test_a_preset_takes_the_place_of_all_that_is_compared(lab, qtbot, small_presets, choose):
    lab.comparison.add_twin({"activation": "relu"})
    twins = lab.comparison.configs
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)
    lab.toggle_run()
    qtbot.waitUntil(lambda: lab.session.snapshot().runs[0].steps > 3)
    choose(lab, 1)
    assert lab.comparison.configs == (small_presets[1],)
    qtbot.waitUntil(lambda: fronts(lab) == small_presets[1])
    # It goes on running, and is no change of the run before.
    qtbot.waitUntil(lambda: lab.session.snapshot().runs[0].steps > 3)
    (run,) = lab.session.snapshot().runs
    assert run.changes == ()
    lab.undoing.undo()
    assert lab.comparison.configs == twins
    qtbot.waitUntil(lambda: len(lab.session.snapshot().runs) == 2)


def test_a_preset_begins_where_the_run_has_ended_and_waits_where_it_was_paused(
    lab, qtbot, small_presets
):
    session = lab.session
    lab.configure(SMALL.replace(max_steps=5))
    lab.toggle_run()
    qtbot.waitUntil(lambda: session.snapshot().state is State.FINISHED)
    by_key(lab, 0)
    qtbot.waitUntil(lambda: fronts(lab) == small_presets[0])
    qtbot.waitUntil(lambda: session.snapshot().runs[0].steps > 3)
    lab.toggle_run()
    qtbot.waitUntil(lambda: session.snapshot().state is State.PAUSED)
    by_key(lab, 1)
    qtbot.waitUntil(lambda: fronts(lab) == small_presets[1])
    qtbot.waitUntil(lambda: session.snapshot().state is State.PAUSED)
    assert session.snapshot().runs[0].steps == 0


def test_the_preset_of_the_run_that_ended_begins_anew(lab, qtbot, small_presets):
    session = lab.session
    by_key(lab, 0)
    # What changes while a run goes on is as the preset has it, too.
    lab.configure(lab.config.replace(max_steps=5))
    lab.toggle_run()
    qtbot.waitUntil(lambda: session.snapshot().state is State.FINISHED)
    by_key(lab, 0)
    qtbot.waitUntil(lambda: fronts(lab) == small_presets[0])
    qtbot.waitUntil(lambda: session.snapshot().runs[0].steps > 8)


def test_what_is_soon_over_is_trained_slowly_until_another_preset_comes(window, session):
    window.choose_speed(300)
    window.choose_preset("crash_bad_batch")
    assert session.calls.index(("speed", 30)) > session.calls.index(("speed", 300))
    assert window.toolbar.chosen_speed() == 30
    window.choose_preset("vanishing")
    assert window.toolbar.chosen_speed() == 300
    window.choose_preset("crash_bad_batch")
    window.choose_speed(None)
    window.choose_preset("vanishing")
    assert window.toolbar.chosen_speed() is None


def test_the_card_of_the_present_experiment_is_marked(window):
    window.choose_preset("symmetric")
    gallery = gallery_of(window)
    assert [card.preset.name for card in gallery.cards if card.isChecked()] == ["symmetric"]
    gallery.reject()


def test_save_as_preset_and_find_it_in_the_gallery(qtbot, window, session, settings):
    session.advance(5)
    qtbot.waitUntil(lambda: window.snapshot().runs[0].record is not None)
    window.configure(session.config.replace(seed=5))
    window.files.save_preset()
    (dialog,) = window.findChildren(PresetDialog)
    save = dialog.buttons.button(QDialogButtonBox.StandardButton.Save)
    assert not save.isEnabled()
    qtbot.keyClicks(dialog.name, "My net")
    qtbot.keyClicks(dialog.sentence, "It is mine.")
    session.advance(5)
    qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    (mine,), problems = read_own_presets(settings.presets_folder)
    assert not problems
    assert (mine.title, mine.sentence) == ({"en": "My net"}, {"en": "It is mine."})
    assert mine.config == session.config
    assert "my_net.json" in window.status.state.text()

    window.choose_preset("healthy")
    gallery = gallery_of(window)
    assert gallery.cards[0].preset.name == "my_net"
    qtbot.mouseClick(gallery.cards[0], Qt.MouseButton.LeftButton)
    # One's own experiment comes back with its seed.
    assert session.config == mine.config


def test_a_name_that_is_taken_is_told(qtbot, tmp_path):
    write_preset(tmp_path, RunConfig(), "Taken", "", "en")
    dialog = PresetDialog(RunConfig(depth=3), None, tmp_path, "en")
    qtbot.addWidget(dialog)
    dialog.name.setText("taken")
    assert "replaced" in dialog.note.text()
    dialog.save()
    assert dialog.saved.config.depth == 3


def test_a_folder_that_cannot_be_written_is_told(qtbot, tmp_path):
    (tmp_path / "presets").write_text("a file in the way")
    dialog = PresetDialog(RunConfig(), None, tmp_path / "presets", "en")
    qtbot.addWidget(dialog)
    dialog.name.setText("x")
    dialog.save()
    assert dialog.saved is None
    assert dialog.note.text().startswith("Not saved.")


def test_a_broken_file_is_told_and_the_others_are_shown(window, settings):
    folder = settings.presets_folder
    folder.mkdir()
    (folder / "broken.json").write_text("{")
    good = {"title": {"en": "Good"}, "experiment": {"depth": 3}}
    (folder / "good.json").write_text(json.dumps(good))
    gallery = gallery_of(window)
    assert gallery.cards[0].preset.name == "good"
    told = [label.text() for label in gallery.findChildren(QLabel) if "broken" in label.text()]
    assert told == [
        "Not shown: Preset = broken.json: must be JSON; this is no JSON "
        "(line 1, column 2: expecting property name enclosed in double quotes)"
    ]
    gallery.reject()


def test_a_preset_of_ones_own_can_be_deleted(window, settings, monkeypatch):
    # Nothing of the tests is to lie in a real bin.
    monkeypatch.setattr("gui.preset_gallery._move_to_bin", lambda path: False)
    write_preset(settings.presets_folder, RunConfig(), "Old", "", "en")
    gallery = gallery_of(window)
    gallery.delete(gallery.cards[0].preset)
    assert read_own_presets(settings.presets_folder) == ((), ())
    assert [card.preset.name for card in gallery.cards] == list(presets())
    gallery.reject()


# Pictures


def history_of(make_record, steps: int, depth: int = 4):
    history = History(depth)
    for step in range(1, steps + 1):
        history.append(make_record(step))
    return history.view()


def opaque_columns(image: QImage) -> int:
    return sum(image.pixelColor(x, HEIGHT - 2).alpha() == 255 for x in range(WIDTH))


@pytest.mark.parametrize(("steps", "share"), [(1, 0.25), (30, 0.5), (100, 1.0), (400, 1.0)])
def test_a_picture_shows_how_far_the_run_went(qapp, make_record, steps, share):
    image = draw_picture(history_of(make_record, steps))
    assert (image.width(), image.height()) == (WIDTH, HEIGHT)
    assert opaque_columns(image) == pytest.approx(share * WIDTH, abs=2)


def test_a_picture_has_the_colours_of_the_heatmap(qapp, make_record):
    image = draw_picture(history_of(make_record, 100))
    top, bottom = image.pixelColor(WIDTH // 2, 4), image.pixelColor(WIDTH // 2, HEIGHT - 4)
    # Viridis: the larger gradient near the output is the brighter one.
    assert top.lightness() > bottom.lightness()


def test_the_loss_is_a_line_that_stays_inside(qapp, make_record):
    low, high = LOSS_EXPONENTS
    assert low < np.log10(2.3) < high
    white = [
        y
        for y in range(HEIGHT)
        if draw_picture(history_of(make_record, 100)).pixelColor(2, y).lightness() > 250
    ]
    assert white
    assert 0 < min(white) < max(white) < HEIGHT - 1


def test_no_run_makes_an_empty_picture(qapp):
    image = draw_picture(History(4).view())
    assert opaque_columns(image) == 0
