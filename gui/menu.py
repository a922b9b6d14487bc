"""The menu behind the button at the right end of the toolbar."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu

from engine.presets import read_own_presets
from gui.actions import ACTIONS
from gui.settings import Settings
from gui.theme import THEME_CHOICES
from gui.translation import LANGUAGES, local_text
from gui.views.table import VIEWS, view_title

if TYPE_CHECKING:
    from gui.main_window import MainWindow

translate = QCoreApplication.translate


def make_menu(window: MainWindow, settings: Settings) -> QMenu:
    """Return the menu, with the choices in force checked."""
    menu = QMenu(window)
    _add_actions(menu, window, "file")
    _add_recent_files(menu, window)
    menu.addSeparator()
    _add_actions(menu, window, "share")
    menu.addSeparator()
    _add_actions(menu, window, "show")
    _add_own_presets(menu, window)
    _add_views(menu, window)
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
    _add_actions(menu, window, "help")
    return menu


def _add_actions(menu: QMenu, window: MainWindow, place: str) -> None:
    for action in ACTIONS:
        if action.menu == place:
            # The key is only shown here: the window has it also while there is no menu.
            key = action.key_text()
            text = action.title() + (f"\t{key}" if key else "")
            menu.addAction(text, partial(action.do, window))


def _add_recent_files(menu: QMenu, window: MainWindow) -> None:
    paths = [Path(name) for name in window.settings.recent_files]
    if paths:
        entries = QMenu(translate("Menu", "Recent files"), menu)
        menu.addMenu(entries)
        for path in paths:
            # An ampersand alone would underline the letter behind it.
            name = f"{path.parent.name}/{path.name}".replace("&", "&&")
            action = entries.addAction(name, partial(window.files.open_path, path))
            action.setToolTip(str(path))


def _add_own_presets(menu: QMenu, window: MainWindow) -> None:
    folder = window.settings.presets_folder
    own = () if folder is None else read_own_presets(folder)[0]
    if own:
        entries = QMenu(translate("Menu", "Your own presets"), menu)
        menu.addMenu(entries)
        for preset in own:
            entries.addAction(local_text(preset.title), partial(window.take_preset, preset))


def _add_views(menu: QMenu, window: MainWindow) -> None:
    views = QMenu(translate("Menu", "Views"), menu)
    menu.addMenu(views)
    dashboard = window.dashboard
    for kind in VIEWS:
        entry = views.addAction(view_title(kind.name))
        entry.setCheckable(True)
        entry.setChecked(dashboard.is_wanted(kind.name))
        entry.toggled.connect(
            lambda visible, name=kind.name: dashboard.set_shown(name, visible=visible)
        )
    views.addSeparator()
    views.addAction(translate("Menu", "As at first"), window.reset_arrangement)
