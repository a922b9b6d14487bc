"""What goes out of the window and comes back: share strings, scripts, recordings, pictures."""

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from engine.config import RunConfig
from engine.fields import ConfigError, Words
from engine.snapshot import Change, State
from engine.torch_script import REFUSALS
from gui.notice_bar import RefusalBar
from gui.refusals import refusal_words
from tests.gui.comparing import fronts


def press(window, key):
    QTest.keyClick(window, key)


def test_the_share_string_goes_out_and_comes_back(window, session):
    window.sharing.copy_share_string()
    text = QGuiApplication.clipboard().text()
    assert text == session.config.share_string()
    QGuiApplication.clipboard().setText("vp:depth=9&activation=relu")
    window.sharing.paste_experiment()
    assert session.config == RunConfig(depth=9, activation="relu")


def test_a_bad_share_string_changes_nothing_and_is_told(window, session):
    before = session.config
    QGuiApplication.clipboard().setText("vp:depth=0")
    window.sharing.paste_experiment()
    assert session.config == before
    assert "Depth = 0" in window.status.state.text()
    assert "from 1 to 2000" in window.status.state.text()


def test_what_is_refused_names_what_is_unknown_beside_it(window, session):
    before = session.config
    QGuiApplication.clipboard().setText('{"depth": 0, "colour": 3, "wight": 5}')
    window.sharing.paste_experiment()
    assert session.config == before
    told = window.status.state.text()
    assert "Depth = 0" in told
    assert "Not known here: colour, wight" in told


def test_an_empty_clipboard_is_told(window):
    QGuiApplication.clipboard().clear()
    window.sharing.paste_experiment()
    assert window.status.state.text().startswith("Nothing to paste")


def test_a_run_is_saved_and_opened_again(qtbot, window, session, tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: str(folder))
    window.files.save_recording()
    assert "nothing to save" in window.status.state.text()
    session.advance(7)
    window.files.save_recording()
    assert {"run.json", "run.npz", "window.png"} <= {path.name for path in folder.iterdir()}
    # What lies there is never overwritten.
    window.files.save_recording()
    window.files.save_recording()
    for name in ("recording - 4x8 Sigmoid", "recording - 4x8 Sigmoid 2"):
        assert (folder / name / "window.png").exists()

    path = folder / "run.npz"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(path), ""))
    press(window, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 0)
    window.files.open_any()
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 7)
    assert "run.npz" in window.windowTitle()
    window.status.clear_notice()
    assert window.status.state.text().startswith("Recording")
    press(window, Qt.Key.Key_R)
    assert window.windowTitle() == "Vanishing Point"
    qtbot.waitUntil(lambda: window.status.state.text().startswith("Paused"))

    path.write_bytes(b"broken")
    window.files.open_any()
    assert window.findChild(RefusalBar).text.text().startswith("Not opened: ")


def test_the_picture_is_saved_or_the_reason_told(window, tmp_path, monkeypatch):
    path = tmp_path / "picture.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(path), ""))
    window.files.save_picture()
    assert path.read_bytes().startswith(b"\x89PNG")
    path = tmp_path / "nowhere" / "picture.png"
    window.files.save_picture()
    assert window.status.state.text().startswith("Not saved.")


def test_an_opened_recording_is_shown_until_something_is_started(qtbot, open_window, make_session):
    recorded = make_session(RunConfig(depth=4, width=8))
    recorded.start()
    recorded.advance(12)
    session = make_session(recorded.config)
    window = open_window(session, opened=recorded.snapshot())
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 12)
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 0)
    assert session.snapshot().state is State.RUNNING


def test_the_experiment_is_saved_as_a_script(window, tmp_path, monkeypatch):
    path = tmp_path / "mine.py"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(path), ""))
    window.files.save_script()
    assert {file.name for file in tmp_path.iterdir()} >= {"mine.py", "mine_data.npz"}
    assert window.config.share_string() in path.read_text(encoding="utf-8")
    window.configure(window.config.replace(precision="mixed_float16"))
    path.unlink()
    window.files.save_script()
    assert not path.exists()
    # Whoever thinks better of it saves nothing.
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: ("", ""))
    window.files.save_script()


def test_the_experiment_is_copied_as_a_script(window):
    window.sharing.copy_script()
    script = QGuiApplication.clipboard().text()
    compile(script, "experiment.py", "exec")
    assert "torch.nn" in script
    assert "Copied as PyTorch" in window.status.state.text()


@pytest.mark.parametrize(
    ("fields", "english", "chinese"),
    [
        ({"precision": "mixed_float16"}, "mixed precision is another loop", "混合精度"),
        ({"normalization": "batch", "batch_size": 1}, "no batch of one sample", "PyTorch"),
    ],
)
def test_why_there_is_no_script_is_said_in_the_language_of_the_window(
    window, fields, english, chinese
):
    window.configure(window.config.replace(**fields))
    window.sharing.copy_script()
    assert english in window.status.state.text()
    window.set_language("zh_CN")
    window.sharing.copy_script()
    said = window.status.state.text()
    assert chinese in said
    assert english not in said


def test_every_refusal_of_a_script_is_translated(translation):
    translation.use("zh_CN")
    for template in REFUSALS:
        said = refusal_words(ConfigError("export_script", "a.py", Words(template, ("b.npz",))))
        assert template.partition("{")[0].strip() not in said
        assert ("b.npz" in said) == ("{0}" in template)


def test_the_script_of_a_run_that_was_changed_tells_so(window, session, tmp_path, monkeypatch):
    session.advance(3)
    run = dataclasses.replace(
        session._snapshot.runs[0], config=window.config, changes=(Change(2, "clip", "norm"),)
    )
    session._change(runs=(run,))
    window.sharing.copy_script()
    assert "changed on its way, after step 2." in QGuiApplication.clipboard().text()
    assert "last values of the changed run" in window.status.state.text()
    path = tmp_path / "mine.py"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(path), ""))
    window.files.save_script()
    assert "changed on its way, after step 2." in path.read_text(encoding="utf-8")
    assert "last values of the changed run" in window.status.state.text()


def test_what_is_pasted_while_a_run_goes_on_is_no_change_of_it(lab, qtbot):
    lab.toggle_run()
    qtbot.waitUntil(lambda: lab.session.snapshot().runs[0].steps > 3)
    QGuiApplication.clipboard().setText("vp:depth=5&activation=relu&learning_rate=0.01")
    lab.sharing.paste_experiment()
    qtbot.waitUntil(lambda: fronts(lab) == lab.config)
    qtbot.waitUntil(lambda: lab.session.snapshot().runs[0].steps > 3)
    assert lab.session.snapshot().runs[0].changes == ()
