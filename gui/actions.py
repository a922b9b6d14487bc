"""Everything that the person can ask the window for, once: keys, menu and help follow from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication

from engine.presets import presets

if TYPE_CHECKING:
    from gui.main_window import MainWindow

MOST_NUMBER_KEYS = 9
# Qt's own standard key for it is empty on Windows.
QUIT_KEY = "Ctrl+Q"
LESSONS_KEY = "L"
LABS_KEY = "B"

Standard = QKeySequence.StandardKey


@dataclass(frozen=True)
class Action:
    """One thing to ask for.

    Attributes:
        text: for menus and for the list of all keys.
        do: what happens.
        key: the key, as Qt writes it, or one of the system's standard keys; None: no key.
        menu: the part of the menu it stands in: "file", "share", "show" or "help"; empty: none.
        icon: of its button in the toolbar; empty: it has none there.
        name: a word for the button, where the text is too long for it.
        follows: in the list of all keys it stands in the line of the one before.
    """

    text: str
    do: Callable[[MainWindow], object]
    key: str | QKeySequence.StandardKey | None = None
    menu: str = ""
    icon: str = ""
    name: str = ""
    follows: bool = False

    def title(self) -> str:
        """Return the text in the language in force."""
        return QCoreApplication.translate("Actions", self.text)

    def button_text(self) -> str:
        """Return the word for its button in the language in force."""
        return QCoreApplication.translate("Actions", self.name or self.text)

    def sequence(self) -> QKeySequence | None:
        """Return the key."""
        return None if self.key is None else QKeySequence(self.key)

    def key_text(self) -> str:
        """Return the key as the system writes it; empty where there is none."""
        sequence = self.sequence()
        if sequence is None:
            return ""
        text = sequence.toString(QKeySequence.SequenceFormat.NativeText)
        for key, sign in (("Right", "→"), ("Left", "←")):
            # The system's word for such a key is longer than what stands on it.
            shown = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
            text = text.replace(shown, sign)
        return text


def _press_space(window: MainWindow) -> None:
    focused = QApplication.focusWidget()
    if isinstance(focused, QAbstractButton):
        # Reached with the Tab key: the space bar belongs to it.
        focused.click()
    else:
        window.toggle_run()


def number_on_key(digit: int) -> int:
    """Return what the key of a digit stands for: 0 stands behind 9."""
    return digit or MOST_NUMBER_KEYS + 1


def _choose_number(window: MainWindow, number: int) -> None:
    """Choose a lesson where lessons are given, whose experiments no preset replaces; or a preset.

    Args:
        window: the window.
        number: the digit on the key.
    """
    if window.lessons.is_open:
        window.lessons.choose(number_on_key(number))
        return
    names = list(presets())[:MOST_NUMBER_KEYS]
    if 1 <= number <= len(names):
        window.choose_preset(names[number - 1])


ACTIONS = (
    Action(QT_TRANSLATE_NOOP("Actions", "Train, or pause"), _press_space, "Space"),
    Action(
        QT_TRANSLATE_NOOP("Actions", "One step"),
        lambda w: w.timeline.turn(1) or w.step(),
        "Right",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Look one step back"),
        lambda w: w.timeline.turn(-1),
        "Left",
        follows=True,
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "To the end of the epoch"),
        lambda w: w.step_epoch(),
        "Shift+Right",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Back to step 0 with the same weights"),
        lambda w: w.rewind(),
        "R",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Back to step 0 with other weights"),
        lambda w: w.new_seed(),
        "N",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Compare with a twin"),
        lambda w: w.comparison.open_menu(),
        "C",
        icon="compare",
        name=QT_TRANSLATE_NOOP("Actions", "Compare"),
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "One step in slow motion"),
        lambda w: w.slow_motion.toggle(),
        "S",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Keep this run as a ghost"),
        lambda w: w.comparison.keep_ghost(),
        "G",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Dark or light"),
        lambda w: w.toggle_theme(),
        "D",
        icon="theme",
        name=QT_TRANSLATE_NOOP("Actions", "Theme"),
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Back: from a view, a lesson, the presentation"),
        lambda w: w.go_back(),
        "Escape",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Show or hide the form"),
        lambda w: w.toggle_panel(),
        "E",
        "show",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Present: full screen, large type"),
        lambda w: w.toggle_presentation(),
        "F11",
        "show",
        "present",
        QT_TRANSLATE_NOOP("Actions", "Present"),
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Undo the last change"),
        lambda w: w.undoing.undo(),
        Standard.Undo,
        "share",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Redo it"),
        lambda w: w.undoing.redo(),
        "Ctrl+Shift+Z",
        "share",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "All presets…"),
        lambda w: w.files.open_gallery(),
        "P",
        "show",
        "gallery",
        QT_TRANSLATE_NOOP("Actions", "Presets"),
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Choose a lesson…"),
        lambda w: w.lessons.show_list(),
        LESSONS_KEY,
        "show",
        "lessons",
        QT_TRANSLATE_NOOP("Actions", "Lessons"),
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Labs: small pictures of one idea each"),
        lambda w: w.labs.open(),
        LABS_KEY,
        "show",
        "labs",
        QT_TRANSLATE_NOOP("Actions", "Labs"),
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Open…"),
        lambda w: w.files.open_any(),
        Standard.Open,
        "file",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Save recording…"),
        lambda w: w.files.save_recording(),
        Standard.Save,
        "file",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Save picture…"),
        lambda w: w.files.save_picture(),
        menu="file",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Save animation (GIF)…"),
        lambda w: w.files.save_animation(),
        menu="file",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Save experiment (JSON)…"),
        lambda w: w.files.save_experiment(),
        menu="file",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Save as PyTorch script…"),
        lambda w: w.files.save_script(),
        menu="file",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Save as preset…"),
        lambda w: w.files.save_preset(),
        menu="file",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Copy experiment"),
        lambda w: w.sharing.copy_share_string(),
        Standard.Copy,
        "share",
        "share",
        QT_TRANSLATE_NOOP("Actions", "Share"),
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Copy as PyTorch"),
        lambda w: w.sharing.copy_script(),
        menu="share",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Paste experiment"),
        lambda w: w.sharing.paste_experiment(),
        Standard.Paste,
        "share",
    ),
    Action(
        QT_TRANSLATE_NOOP("Actions", "Thresholds of the verdicts…"),
        lambda w: w.dialogs.show_thresholds(),
        menu="show",
    ),
    Action(QT_TRANSLATE_NOOP("Actions", "All keys"), lambda w: w.dialogs.show_keys(), "H", "help"),
    Action(QT_TRANSLATE_NOOP("Actions", "Tour"), lambda w: w.dialogs.begin_tour(), menu="help"),
    Action(QT_TRANSLATE_NOOP("Actions", "About…"), lambda w: w.dialogs.show_about(), menu="help"),
    Action(QT_TRANSLATE_NOOP("Actions", "Close"), lambda w: w.close(), QUIT_KEY, "help"),
)


def add_keys(window: MainWindow) -> None:
    """Give the window its keys. A field that is being typed into keeps its own."""
    for action in ACTIONS:
        sequence = action.sequence()
        if sequence is not None:
            QShortcut(sequence, window).activated.connect(partial(action.do, window))
    for number in range(MOST_NUMBER_KEYS + 1):
        shortcut = QShortcut(QKeySequence(str(number)), window)
        shortcut.activated.connect(partial(_choose_number, window, number))
