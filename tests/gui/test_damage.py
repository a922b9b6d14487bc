"""A damaged file of the program costs what stands in it, and nothing else."""

import shutil

import pytest
from PySide6.QtCore import Qt

import engine.lessons
import engine.presets
from engine.command_line import parse_command_line, tables_text
from engine.config import RunConfig
from engine.fields import ConfigError
from gui.preset_gallery import PresetGallery
from gui.theme import LIGHT

# Each of them makes a file unreadable in another way.
DAMAGES = {
    "empty": b"",
    "no text": b"\xff\xfe\x00",
    "cut": b'{"title": {"en": "T',
    "other": b'{"a": 1}',
    "list": b"[1, 2]",
    "a folder": None,
}
damaged_each_way = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)


def put(path, damage):
    path.unlink()
    path.mkdir() if damage is None else path.write_bytes(damage)


def forget(module) -> None:
    for value in vars(module).values():
        getattr(value, "cache_clear", lambda: None)()


def copied(module, tmp_path, monkeypatch):
    """Have a module read a copy of its files, and forget what it has read."""
    folder = shutil.copytree(module.FOLDER, tmp_path / "copy")
    monkeypatch.setattr(module, "FOLDER", folder)
    forget(module)
    return folder


@pytest.fixture
def lesson_files(tmp_path, monkeypatch):
    yield copied(engine.lessons, tmp_path, monkeypatch)
    monkeypatch.undo()
    forget(engine.lessons)


@pytest.fixture
def preset_files(tmp_path, monkeypatch):
    yield copied(engine.presets, tmp_path, monkeypatch)
    monkeypatch.undo()
    forget(engine.presets)


@damaged_each_way
def test_the_other_lessons_are_given_and_the_damaged_one_says_why(
    lesson_files, window, session, damage
):
    put(lesson_files / "03_vanishing.toml", damage)
    window.lessons.open()
    panel = window.lessons.panel
    titles = [panel.chooser.itemText(row) for row in range(panel.chooser.count())]
    assert [title.split()[0] for title in titles] == [str(number) for number in range(1, 11)]
    assert "not available: " in titles[2]
    model = panel.chooser.model()
    flags = [model.flags(model.index(row, 0)) for row in range(10)]
    enabled = [bool(flag & Qt.ItemFlag.ItemIsEnabled) for flag in flags]
    assert enabled == [row != 2 for row in range(10)]
    told = panel.chooser.itemData(2, Qt.ItemDataRole.ToolTipRole)
    assert told.startswith("Lesson = 03_vanishing.toml: ")
    for row in (1, 3, 9):
        panel.chooser.activated.emit(row)
        assert panel.lesson.number == row + 1
        assert panel.chooser.currentIndex() == row
        assert session.config == panel.lesson.pages[0].config
    # Page by page it is stepped over.
    panel.chooser.activated.emit(1)
    while panel.lesson.number == 2:
        panel.next()
    assert panel.lesson.number == 4
    panel.back()
    assert panel.lesson.number == 2
    window.set_language("zh_CN")
    assert "不可用" in panel.chooser.itemText(2)


def test_where_no_lesson_can_be_given_it_is_said(lesson_files, window, session):
    for path in lesson_files.glob("*.toml"):
        path.write_bytes(b"[")
    before = session.config
    window.lessons.show_list()
    assert "No lesson can be given" in window.status.state.text()
    assert not window.lessons.is_open
    assert session.config == before


@damaged_each_way
def test_a_damaged_preset_is_left_out_and_said_to_be(
    preset_files, open_window, session, settings, damage
):
    put(preset_files / "healthy.json", damage)
    command = parse_command_line(["--list"])
    (note,) = command.notes
    assert note.startswith("left out: preset = healthy.json: ")
    names = {line.split()[0] for line in tables_text().splitlines() if line}
    assert "vanishing" in names
    assert "healthy" not in names
    assert parse_command_line(["--headless"]).notes == ()
    with pytest.raises(ConfigError, match="healthy"):
        parse_command_line(["--preset", "healthy"])

    window = open_window(session)
    button = window.toolbar.presets["healthy"]
    assert not button.isEnabled()
    assert "healthy.json" in button.toolTip()
    window.choose_preset("healthy")
    assert "Not taken. Preset = healthy.json" in window.status.state.text()
    window.choose_preset("exploding")
    assert session.config.activation == engine.presets.presets()["exploding"].config.activation
    gallery = PresetGallery(RunConfig(), None, LIGHT, window)
    assert "healthy" not in [card.preset.name for card in gallery.cards]
    assert len(gallery.cards) == len(engine.presets.presets()) - 1
    gallery.reject()


@damaged_each_way
def test_a_damaged_opening_preset_gives_way_to_the_defaults(preset_files, damage):
    put(preset_files / "vanishing.json", damage)
    for arguments in ([], ["--headless"], ["--list"]):
        command = parse_command_line(arguments)
        assert command.config == RunConfig()
        (note,) = command.notes
        assert note.startswith("left out: preset = vanishing.json: ")


@damaged_each_way
def test_a_damaged_gallery_costs_the_order_and_not_the_presets(
    preset_files, open_window, session, damage
):
    wanted = set(engine.presets.presets())
    put(preset_files / engine.presets.GALLERY, damage)
    forget(engine.presets)
    command = parse_command_line(["--list"])
    (note,) = command.notes
    assert note.startswith(f"left out: preset = {engine.presets.GALLERY}: ")
    assert set(engine.presets.presets()) == wanted
    healthy = engine.presets.read_preset(preset_files / "healthy.json")
    assert parse_command_line(["--preset", "healthy"]).config == healthy.config
    window = open_window(session)
    assert window.toolbar.presets["healthy"].isEnabled()


def test_a_gallery_names_no_file_elsewhere(preset_files):
    gallery = preset_files / engine.presets.GALLERY
    gallery.write_text('[{"title": {"en": "T"}, "presets": ["../../secret", "/etc/passwd"]}]')
    forget(engine.presets)
    assert not any("/" in name for name in engine.presets.presets())
