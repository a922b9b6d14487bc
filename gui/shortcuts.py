"""The keys of the window."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication

from engine.presets import presets

if TYPE_CHECKING:
    from gui.main_window import MainWindow

MOST_NUMBER_KEYS = 9
# Qt's own standard key for it is empty on Windows.
QUIT_KEY = "Ctrl+Q"


def add_shortcuts(window: MainWindow) -> None:
    """Give the window its keys. A field that is being typed into keeps its own."""
    keys: dict[str, Callable[[], object]] = {
        "Space": partial(_press_space, window),
        "Right": window.step,
        "R": window.rewind,
        "N": window.new_seed,
        "D": window.toggle_theme,
    }
    for number, name in enumerate(list(presets())[:MOST_NUMBER_KEYS], start=1):
        keys[str(number)] = partial(window.choose_preset, name)
    standard = QKeySequence.StandardKey
    sequences = {
        **{QKeySequence(key): action for key, action in keys.items()},
        QKeySequence(QUIT_KEY): window.close,
        QKeySequence(standard.Copy): window.copy_share_string,
        QKeySequence(standard.Open): window.open_recording,
        QKeySequence(standard.Save): window.save_recording,
        QKeySequence(standard.Paste): window.paste_experiment,
    }
    for sequence, action in sequences.items():
        QShortcut(sequence, window).activated.connect(action)


def _press_space(window: MainWindow) -> None:
    focused = QApplication.focusWidget()
    if isinstance(focused, QAbstractButton):
        # Reached with the Tab key: the space bar belongs to it.
        focused.click()
    else:
        window.toggle_run()
