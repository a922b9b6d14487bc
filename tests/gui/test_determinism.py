"""What the window does leaves no trace in what is recorded."""

import pytest

from engine.config import RunConfig
from engine.headless import train_headless
from engine.recording import save_recording
from engine.session import Session
from engine.snapshot import State
from gui.views.table import VIEWS
from tests.comparable import comparable

STEPS = 40
CONFIG = RunConfig(depth=4, width=12, dataset="spirals", batch_size=16, dropout=0.2, threads=1,
                   max_steps=STEPS)  # fmt: skip


@pytest.fixture
def alone(tmp_path, one_thread):
    train_headless(CONFIG, None, tmp_path / "alone")
    return comparable(tmp_path / "alone")


def finish(qtbot, window, folder) -> dict[str, bytes]:
    window.session.run()
    qtbot.waitUntil(lambda: window.session.snapshot().state is State.FINISHED)
    snapshot = window.session.snapshot()
    folder.mkdir()
    save_recording(folder, snapshot.runs, str(snapshot.device))
    return comparable(folder)


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh_CN", "dark")])
def test_language_and_theme_change_nothing(
    qtbot, open_window, settings, alone, tmp_path, language, theme
):
    settings.language, settings.theme = language, theme
    window = open_window(Session(CONFIG), CONFIG)
    window.set_language(language)
    window.set_theme(theme)
    assert finish(qtbot, window, tmp_path / "window") == alone


def test_views_and_what_one_looks_at_change_nothing(qtbot, open_window, alone, tmp_path):
    window = open_window(Session(CONFIG), CONFIG)
    session = window.session
    qtbot.waitUntil(lambda: session.snapshot().state is State.PAUSED)
    for step in range(STEPS // 4):
        window.set_theme("dark" if step % 2 else "light")
        window.set_language("zh_CN" if step % 3 else "en")
        window.resize(1000 + 30 * step, 700 + 10 * step)
        for kind in VIEWS:
            window.dashboard.set_shown(kind.name, visible=(step + len(kind.name)) % 4 > 0)
        window.dashboard.choose_layer(step % CONFIG.depth)
        window.timeline.track.chosen.emit(1 + step // 2)
        session.step()
        qtbot.waitUntil(lambda step=step: session.snapshot().runs[0].steps == step + 1)
    assert finish(qtbot, window, tmp_path / "window") == alone
