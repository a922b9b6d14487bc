"""The menu behind the button at the right end of the toolbar."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from gui.settings import Settings
from gui.theme import THEME_CHOICES
from gui.translation import LANGUAGES

if TYPE_CHECKING:
    from gui.main_window import MainWindow

translate = QCoreApplication.translate


def make_menu(window: MainWindow, settings: Settings) -> QMenu:
    """Return the menu, with the choices in force checked."""
    menu = QMenu(window)
    menu.addAction(translate("Menu", "Copy experiment"), window.copy_share_string)
    menu.addAction(translate("Menu", "Paste experiment"), window.paste_experiment)
    menu.addAction(translate("Menu", "Save as PyTorch script…"), window.save_script)
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
    menu.addAction(translate("Menu", "Close"), window.close)
    return menu
