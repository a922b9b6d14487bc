"""The menu behind the button at the right end of the toolbar."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu

from gui.settings import Settings
from gui.shortcuts import QUIT_KEY
from gui.theme import THEME_CHOICES
from gui.translation import LANGUAGES

if TYPE_CHECKING:
    from gui.main_window import MainWindow

translate = QCoreApplication.translate


def make_menu(window: MainWindow, settings: Settings) -> QMenu:
    """Return the menu, with the choices in force checked."""
    menu = QMenu(window)
    keys = QKeySequence.StandardKey
    entries: list[tuple[str, Callable[[], object], QKeySequence | None]] = [
        (translate("Menu", "Open recording…"), window.open_recording, QKeySequence(keys.Open)),
        (translate("Menu", "Save recording…"), window.save_recording, QKeySequence(keys.Save)),
        (translate("Menu", "Save picture…"), window.save_picture, None),
        (translate("Menu", "Save as PyTorch script…"), window.save_script, None),
    ]
    _add(menu, entries)
    menu.addSeparator()
    entries = [
        (translate("Menu", "Copy experiment"), window.copy_share_string, QKeySequence(keys.Copy)),
        (translate("Menu", "Paste experiment"), window.paste_experiment, QKeySequence(keys.Paste)),
    ]
    _add(menu, entries)
    menu.addSeparator()
    system = translate("Menu", "Like the system")
    names = (system, translate("Menu", "Light"), translate("Menu", "Dark"))
    themes = QMenu(translate("Menu", "Theme"), menu)
    menu.addMenu(themes)
    for choice, name in zip(THEME_CHOICES, names, strict=True):
        action = themes.addAction(name, partial(window.set_theme, choice))
        action.setCheckable(True)
        action.setChecked(choice == settings.theme)
    languages = QMenu(translate("Menu", "Language"), menu)
    menu.addMenu(languages)
    for choice, name in {"system": system, **LANGUAGES}.items():
        action = languages.addAction(name, partial(window.set_language, choice))
        action.setCheckable(True)
        action.setChecked(choice == settings.language)
    menu.addSeparator()
    entries = [
        (translate("Menu", "About…"), window.show_about, None),
        (translate("Menu", "Close"), window.close, QKeySequence(QUIT_KEY)),
    ]
    _add(menu, entries)
    return menu


def _add(menu: QMenu, entries: list[tuple[str, Callable[[], object], QKeySequence | None]]) -> None:
    for text, action, key in entries:
        if key is not None:
            # Only shown here: the window has the keys also while there is no menu.
            shown = key.toString(QKeySequence.SequenceFormat.NativeText)
            text += f"\t{shown}"
        menu.addAction(text, action)
