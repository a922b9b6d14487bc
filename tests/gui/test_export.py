"""What leaves the window, and what is opened in it: pictures, numbers, animations, files."""

import csv
import io
import json
import os
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from engine.config import RunConfig, beyond_sliders
from engine.input_files import holds_recording
from engine.presets import presets, write_preset
from engine.record import LAYER_QUANTITIES
from engine.recording import save_recording
from gui import theme as looks
from gui.animation import MOST_FRAMES, SIZE, Stage, chosen_steps, frames, save_gif
from gui.file_dialogs import FileDialogs, suggested_name
from gui.menu import make_menu
from gui.notice_bar import RefusalBar
from gui.views.table import KINDS


@pytest.mark.parametrize("ending", [".png", ".svg"])
def test_a_view_without_a_size_is_no_picture_and_no_error(window, tmp_path, ending):
    view = window.dashboard.views["loss"]
    view.setFixedSize(0, 0)
    window.files.save_view_as("loss", tmp_path / f"loss{ending}")
    text = f"{window.status.state.text()} {window.status.state.toolTip()}"
    assert ("Not saved" in text) == (ending == ".png")


def test_an_ending_is_added_and_no_file_is_replaced_that_nobody_was_asked_about(
    window, session, tmp_path, monkeypatch
):
    session.advance(3)
    asked = tmp_path / "results.v2"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(asked), ""))
    there = [tmp_path / "results.csv", tmp_path / "results"]
    for path in there:
        path.write_text("mine")
    window.files.save_view("loss", ".csv")
    made = tmp_path / "results.v2.csv"
    assert "loss" in made.read_text().splitlines()[0]
    made.write_text("mine too")
    window.files.save_view("loss", ".csv")
    text = f"{window.status.state.text()} {window.status.state.toolTip()}"
    assert "Not saved" in text
    assert "results.v2.csv" in text
    assert [path.read_text() for path in (*there, made)] == ["mine", "mine", "mine too"]
    # One that was asked about, however its ending is written.
    asked = tmp_path / "loss.CSV"
    asked.write_text("old")
    window.files.save_view("loss", ".csv")
    assert asked.read_text() != "old"


@pytest.fixture
def trained(qtbot, window, session):
    session.advance(40)
    qtbot.waitUntil(lambda: window.dashboard.views["loss"]._run is not None)
    return window


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text())))


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.shown])
def test_every_view_as_picture_and_drawing(trained, tmp_path, name):
    view = trained.dashboard.views[name]
    trained.files.save_view_as(name, tmp_path / "view.png")
    # Colours mean nothing without their key, which stands beside a heatmap.
    key = trained.dashboard.key_of(name)
    assert (key is not None) == name.startswith("heatmap")
    width = view.width() + (key.width() if key else 0)
    height = max(view.height(), key.height() if key else 0)
    with Image.open(tmp_path / "view.png") as picture:
        assert picture.size == (2 * width, 2 * height)
        assert len(picture.convert("RGB").getcolors(2**20)) > 8
    trained.files.save_view_as(name, tmp_path / "view.svg")
    root = ElementTree.parse(tmp_path / "view.svg").getroot()
    assert root.tag.endswith("svg")
    assert root.get("viewBox").split()[2:] == [str(width), str(height)]
    if key is not None:
        assert ">NaN<" in (tmp_path / "view.svg").read_text(encoding="utf-8").replace("\n", "")
        assert not view.more.icon().isNull()


def test_the_data_of_a_heatmap(trained, session, tmp_path):
    trained.files.save_view_as("heatmap_h", tmp_path / "h.csv")
    rows = rows_of(tmp_path / "h.csv")
    assert len(rows) == 40 * 5
    record = session.snapshot().runs[0].record
    last = [row for row in rows if row["last_step"] == "40"]
    assert [row["layer"] for row in last] == ["1", "2", "3", "4", "output"]
    values = [float(row["activation_grad_norm_mean"]) for row in last]
    assert values == pytest.approx(record.layer("activation_grad_norm").tolist())


def test_the_data_of_a_heatmap_follow_its_quantity(trained, tmp_path):
    trained.dashboard.views["heatmap_w"].restore({"quantity": "update_ratio"})
    trained.files.save_view_as("heatmap_w", tmp_path / "w.csv")
    assert "update_ratio_mean" in rows_of(tmp_path / "w.csv")[0]


def test_the_data_of_the_curves(trained, tmp_path):
    trained.files.save_view_as("loss", tmp_path / "loss.csv")
    rows = rows_of(tmp_path / "loss.csv")
    assert [float(row["loss"]) for row in rows] == pytest.approx([2.0 / n for n in range(1, 41)])
    validated = [int(row["first_step"]) for row in rows if row["validation_loss"]]
    assert validated == [1, 5, 10, 15, 20, 25, 30, 35, 40]


def test_the_data_of_the_profile(trained, session, tmp_path):
    trained.files.save_view_as("profile", tmp_path / "profile.csv")
    rows = rows_of(tmp_path / "profile.csv")
    assert list(rows[0])[2:-2] == list(LAYER_QUANTITIES)
    assert [row["layer"] for row in rows] == ["1", "2", "3", "4", "output"]
    assert {row["step"] for row in rows} == {"40"}
    norms = session.snapshot().runs[0].record.layer("weight_grad_norm")
    assert [float(row["weight_grad_norm"]) for row in rows] == pytest.approx(norms.tolist())


def test_the_data_of_the_profile_say_which_step_the_timeline_is_at(trained, tmp_path):
    trained.timeline._go(7)
    trained.files.save_view_as("profile", tmp_path / "profile.csv")
    assert {row["step"] for row in rows_of(tmp_path / "profile.csv")} == {"7"}


def test_without_a_step_there_are_no_data(window, tmp_path):
    window.files.save_view_as("loss", tmp_path / "loss.csv")
    assert not (tmp_path / "loss.csv").exists()
    assert "nothing to save" in window.status.state.text()


def test_a_view_that_cannot_be_written_is_told(trained, tmp_path):
    trained.files.save_view_as("loss", tmp_path / "nowhere" / "loss.png")
    assert trained.status.state.text().startswith("Not saved.")


def test_the_menu_of_a_view_offers_it(trained, monkeypatch, tmp_path):
    path = tmp_path / "chosen"
    monkeypatch.setattr(trained.files, "_ask_file", lambda *_: str(path))
    menu = trained.dashboard.menu_of("loss")
    (saving,) = [action.menu() for action in menu.actions() if action.text() == "Save"]
    for action in saving.actions():
        action.trigger()
    assert {file.suffix for file in tmp_path.glob("chosen*")} == {".png", ".svg", ".csv"}


def test_a_dialog_begins_where_the_last_one_ended_and_suggests_a_name(
    trained, settings, tmp_path, monkeypatch
):
    asked = []

    def answer(_parent, _title, place, *_kinds):
        asked.append(Path(place))
        return str(tmp_path / "chosen.png"), ""

    home = tmp_path / "home"
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda *_: str(home / "none"))
    for dialog in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, dialog, answer)
    trained.files.save_view("heatmap_h", ".png")
    assert asked == [home / "Gradient at the activations - 4x8 Sigmoid.png"]
    trained.files.save_picture()
    trained.files.open_any()
    assert asked[1:] == [tmp_path / "window - 4x8 Sigmoid.png", tmp_path]
    # After the next start and in the labs, too; a folder that is no more is not begun in.
    assert FileDialogs(settings)._first_folder() == tmp_path
    trained.labs.open()
    trained.labs.window.page._ask_and_export(".csv")
    assert asked[-1].parent == tmp_path
    settings.folder = tmp_path / "gone"
    assert FileDialogs(settings)._first_folder() == home


def test_every_experiment_has_a_name_that_is_a_file_s():
    for width, size in ((64, "3x64"), ((9, 8, 9), "9-8-9"), ((5, 6) * 9, "18")):
        config = RunConfig(depth=3).replace(width=width)
        assert suggested_name("∂L/∂h: ‖a\\b‖", config) == f"∂L ∂h ‖a b‖ - {size} Sigmoid"


# Animation


def test_the_steps_of_an_animation(trained, session):
    run = session.snapshot().runs[0]
    assert chosen_steps(run) == list(range(1, 41))
    session.advance(1960)
    steps = chosen_steps(session.snapshot().runs[0])
    assert len(steps) <= MOST_FRAMES
    assert (steps[0], steps[-1]) == (1, 2000)
    # Densely at the beginning: there it all happens.
    assert sum(step < 1000 for step in steps) > sum(step >= 1000 for step in steps)


def test_an_animation_shows_the_run_grow(qapp, trained, session, tmp_path):
    path = tmp_path / "run.gif"
    run = session.snapshot().runs[0]
    assert save_gif(path, run, looks.LIGHT)
    with Image.open(path) as gif:
        assert (gif.size, gif.n_frames) == (SIZE, 40)
        first = np.asarray(gif.convert("RGB"), np.int64)
        gif.seek(39)
        last = np.asarray(gif.convert("RGB"), np.int64)
        assert gif.info["duration"] == 2000
    # The heatmap fills: what is left of its empty background gets less.
    empty = np.array(QColor(looks.LIGHT.plot).getRgb()[:3])
    left = [int((np.abs(frame - empty).max(axis=2) < 4).sum()) for frame in (first, last)]
    assert left[1] < 0.6 * left[0]


def test_an_animation_names_what_is_trained_for_people(qapp, trained, session):
    session.configure(session.config.replace(activation="relu", initializer="kaiming_normal"))
    session.advance(2)
    run = session.snapshot().runs[0]
    stage = Stage(looks.LIGHT)
    stage.picture(run)
    config = run.config
    words = f"{config.depth} × {config.width}  ·  ReLU  ·  He normal  ·  step {run.steps}"
    assert stage.heading.text() == words
    stage.close()


def test_an_animation_of_a_comparison_says_which_run_it_shows(
    window, session, tmp_path, monkeypatch
):
    session.advance(3)
    run = session.snapshot().runs[0]
    compared = replace(session.snapshot(), runs=(run,) * 3)
    monkeypatch.setattr(window, "snapshot", lambda: compared)
    asked = []
    monkeypatch.setattr("gui.animation.save_gif", lambda *parts: asked.append(parts))
    window.files.save_animation_as(tmp_path / "run.gif")
    ((_, shown, *_, runs),) = asked
    assert (shown, runs) == (run, 3)
    stage = Stage(looks.LIGHT, runs)
    stage.picture(shown)
    assert stage.heading.text().endswith("  ·  step 3  ·  the first of 3 runs")
    stage.close()


def test_an_animation_can_be_called_off(qapp, trained, session, tmp_path):
    path = tmp_path / "run.gif"
    assert not save_gif(path, session.snapshot().runs[0], looks.DARK, lambda share: share < 0.2)
    assert not path.exists()
    assert len(list(frames(session.snapshot().runs[0], looks.DARK, lambda share: False))) == 1


def test_the_animation_of_the_window(trained, tmp_path):
    trained.files.save_animation_as(tmp_path / "run.gif")
    assert (tmp_path / "run.gif").stat().st_size > 1000
    assert "run.gif" in trained.status.state.text()


# Opening


@pytest.fixture
def recording(window, session, tmp_path) -> Path:
    session.advance(5)
    folder = tmp_path / "run"
    folder.mkdir()
    save_recording(folder, session.snapshot().runs, "cpu")
    window.rewind()
    return folder / "run.npz"


def write_data(path: Path) -> Path:
    random = np.random.default_rng(1)
    np.savez(path, x=random.normal(size=(60, 3)), y=random.integers(0, 2, 60))
    return path


def test_a_recording_is_told_from_data(recording, tmp_path):
    assert holds_recording(recording)
    assert not holds_recording(write_data(tmp_path / "data.npz"))
    (tmp_path / "broken.npz").write_bytes(b"PK")
    assert not holds_recording(tmp_path / "broken.npz")


def test_the_folder_of_a_recording_is_opened_for_what_is_in_it(window, recording):
    window.files.open_path(recording.parent)
    assert window.snapshot().runs[0].record.step == 5


def test_open_tells_by_itself_what_a_file_is(window, session, settings, recording, tmp_path):
    window.files.open_path(recording)
    assert window.snapshot().runs[0].record.step == 5
    config = tmp_path / "experiment.json"
    config.write_text(json.dumps({"depth": 6, "activation": "tanh"}))
    window.files.open_path(config)
    assert (session.config.depth, session.config.activation) == (6, "tanh")
    data = write_data(tmp_path / "data.npz")
    window.files.open_path(data)
    assert session.config.dataset == str(data)
    window.files.open_path(presets()["dead_relu"].path)
    assert session.config == presets()["dead_relu"].config
    names = [Path(name).name for name in settings.recent_files]
    assert names == ["dead_relu.json", "data.npz", "experiment.json", "run.npz"]


@pytest.mark.skipif(sys.platform != "linux", reason="names are text elsewhere")
def test_data_whose_name_is_no_text_are_saved_and_opened_again(
    window, session, settings, tmp_path, monkeypatch
):
    data = write_data(tmp_path / b"mine\xff.npz".decode("utf-8", "surrogateescape"))
    window.files.open_path(data)
    assert session.config.dataset == str(data)
    wanted = session.config
    saved = tmp_path / "experiment.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(saved), ""))
    window.files.save_experiment()
    preset = write_preset(settings.presets_folder, wanted, "Mine", "", "en")
    for path in (saved, preset.path):
        window.configure(RunConfig())
        window.files.open_path(path)
        assert session.config == wanted
    assert [Path(name) for name in settings.recent_files[-1:]] == [data]


@pytest.mark.skipif(sys.platform == "win32", reason="its pipes have no names in folders")
@pytest.mark.parametrize("ending", [".npz", ".json", ".csv", "-images.gz"])
def test_a_pipe_is_refused_and_not_waited_for(window, session, tmp_path, ending):
    before = session.config
    os.mkfifo(tmp_path / f"pipe{ending}")
    window.files.open_path(tmp_path / f"pipe{ending}")
    text = window.findChild(RefusalBar).text.text()
    assert "Not opened" in text
    assert "a pipe, not a regular file" in text
    assert session.config == before


@pytest.mark.parametrize(
    ("name", "content"),
    [("broken.json", b"{"), ("broken.npz", b"PK"), ("broken.csv", b"\xff\xfe"), ("no.csv", None)],
)
def test_what_cannot_be_opened_is_told_and_forgotten(window, session, settings, tmp_path, name,
                                                    content):  # fmt: skip
    before = session.config
    if content is not None:
        (tmp_path / name).write_bytes(content)
    window.files.open_path(tmp_path / name)
    assert window.findChild(RefusalBar).text.text().startswith("Not opened: ")
    assert session.config == before
    assert settings.recent_files == ()


def test_unknown_names_and_large_values_are_told(window, session):
    QGuiApplication.clipboard().setText("vp:depth=200&learning_rate=30&colour=red")
    window.sharing.paste_experiment()
    assert (session.config.depth, session.config.learning_rate) == (200, 30.0)
    told = window.status.state.text()
    assert "Not known here: colour" in told
    assert "Depth = 200" in told
    assert "Learning rate = 30" in told
    assert beyond_sliders(RunConfig()) == ()
    assert beyond_sliders(RunConfig(width=(5000 - 4000, 8), depth=2)) == ()


def drop(window, path: Path) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy, place = Qt.DropAction.CopyAction, QPointF(300, 300)
    entering = QDragEnterEvent(place.toPoint(), copy, data, button, keys)
    entering.ignore()
    window.dragEnterEvent(entering)
    if not entering.isAccepted():
        return False
    window.dropEvent(QDropEvent(place, copy, data, button, keys))
    return True


def test_a_file_dropped_on_the_window_is_opened(window, recording, tmp_path):
    assert drop(window, recording)
    assert window.snapshot().runs[0].record.step == 5


def test_whatever_is_dropped_and_cannot_be_opened_is_told(window, tmp_path):
    note, folder = tmp_path / "note.txt", tmp_path / "folder"
    note.write_text("Read me")
    folder.mkdir()
    for path, why in ((note, "ending in .npz"), (folder, "the folder holds no run.npz")):
        assert drop(window, path)
        bar = window.findChildren(RefusalBar)[-1]
        title, words = bar.text.text().splitlines()
        assert title == f"Not opened: {path.name}"
        assert f" = {path.name}: " in words
        assert why in words
        # Once is enough.
        assert "Not opened" not in window.status.state.text()
    window.dashboard.enlarge("loss")
    assert drop(window, note)
    assert window.status.state.text().startswith("Not opened. ")


def test_recent_files_stand_in_the_menu(window, session, settings, tmp_path):
    path = tmp_path / "a&b.json"
    path.write_text('{"depth": 6}')
    window.files.open_path(path)
    window.configure(session.config.replace(depth=3))
    menu = make_menu(window, settings)
    (recent,) = [action.menu() for action in menu.actions() if action.text() == "Recent files"]
    (entry,) = recent.actions()
    assert entry.text().endswith("a&&b.json")
    entry.trigger()
    assert session.config.depth == 6


def test_recent_files_are_few_and_survive_nonsense(window, settings, tmp_path):
    for number in range(12):
        path = tmp_path / f"{number}.json"
        path.write_text("{}")
        window.files.open_path(path)
    assert [Path(name).stem for name in settings.recent_files] == [
        str(number) for number in range(11, 3, -1)
    ]
    settings._store.setValue("recent_files", "{")
    assert settings.recent_files == ()


def test_an_experiment_is_saved_and_comes_back(window, session, monkeypatch, tmp_path):
    path = tmp_path / "mine.json"
    monkeypatch.setattr(window.files, "_ask_file", lambda *_: str(path))
    window.configure(session.config.replace(depth=9, gain=1.5))
    saved = session.config
    window.files.save_experiment()
    window.configure(session.config.replace(depth=3))
    window.files.open_path(path)
    assert session.config == saved


def test_the_data_of_several_runs_stand_below_each_other(trained, session, tmp_path, monkeypatch):
    run = session.snapshot().runs[0]
    together = replace(session.snapshot(), runs=(run, run))
    monkeypatch.setattr(trained, "snapshot", lambda: together)
    monkeypatch.setattr(trained, "renew_everything", lambda: None)
    trained.files.save_view_as("loss", tmp_path / "loss.csv")
    rows = rows_of(tmp_path / "loss.csv")
    assert [row["run"] for row in rows] == ["1"] * 40 + ["2"] * 40


def test_the_axes_of_a_saved_heatmap_are_letters_and_no_pixels(trained, tmp_path):
    trained.files.save_view_as("heatmap_h", tmp_path / "h.svg")
    drawing = ElementTree.fromstring((tmp_path / "h.svg").read_text(encoding="utf-8"))
    texts = {element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert {"step", "1"} <= texts
    assert any("layer" in text for text in texts)
