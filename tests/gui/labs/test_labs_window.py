"""The labs beside the main window, and when the program starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from gui.actions import ACTIONS

ROOT = Path(__file__).resolve().parents[3]


def test_the_labs_beside_the_main_window(qtbot, open_window, session):
    main = open_window(session)
    assert main.labs.window is None
    labs_action = next(action for action in main.toolbar.actions if action.icon == "labs")
    main.toolbar.actions[labs_action].click()
    labs = main.labs.window
    assert labs.isVisible()
    main.set_language("zh_CN")
    assert labs.windowTitle() == "小实验"
    names = [labs.list.item(index).text().partition("  ")[0] for index in (0, 9)]
    assert len({labs.list.fontMetrics().horizontalAdvance(name) for name in names}) == 1
    main.set_language("en")
    page = labs.open_lab("scalar_chain")
    page.show_button.click()
    assert main.config == page.lab.experiment(page.panel.values())
    main.labs.open()
    assert main.labs.window is labs
    main.close()
    assert main.labs.window is None
    assert not labs.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_B])
def test_the_key_that_opens_the_labs_closes_them_and_so_does_escape(
    qtbot, open_window, session, key
):
    main = open_window(session)
    main.activateWindow()
    qtbot.keyClick(main.windowHandle(), Qt.Key.Key_B)
    labs = main.labs.window
    qtbot.waitUntil(labs.isActiveWindow)
    qtbot.keyClick(labs.windowHandle(), key)
    assert not labs.isVisible() and main.isVisible()
    main.labs.open()
    assert labs.isVisible()


def test_no_key_asks_for_two_things():
    keys = [action.key for action in ACTIONS if action.key is not None]
    assert len(keys) == len(set(keys))


# Start-up


def test_opening_a_lab_loads_no_torch_and_no_other_lab():
    code = """
import sys
from gui.app import make_application
application = make_application()
from engine.config import RunConfig
from gui.labs.table import LABS
from gui.labs.window import LabsWindow
from gui import theme
window = LabsWindow(RunConfig, theme.LIGHT)
loaded = [row.name for row in LABS if f"gui.labs.{row.name}" in sys.modules]
print(len(loaded), "torch" in sys.modules)
window.close()
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        timeout=120, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert result.stdout.split() == ["1", "False"]
