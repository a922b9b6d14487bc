"""Experiments that come and go by the clipboard, and those that come from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from engine.config import SETTINGS, RunConfig, beyond_sliders, parse_experiment
from engine.fields import ConfigError
from gui.refusals import refusal_words
from gui.translation import engine_text

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class Sharing(QObject):
    """Copies the window's experiment, and takes one that somebody else has copied.

    Args:
        window: whose experiment it is.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def copy_share_string(self) -> None:
        """Put the experiment on the clipboard as one line."""
        QGuiApplication.clipboard().setText(self._window.config.share_string())
        self._window.notice(self.tr("Copied: {0}").format(self._window.config.share_string()))

    def copy_script(self) -> None:
        """Put the experiment on the clipboard as a plain PyTorch script."""
        from engine.torch_script import clipboard_script, steps_changed

        config = self._window.config
        changed = steps_changed(config, self._window.snapshot().runs)
        try:
            script = clipboard_script(config, changed)
        except ConfigError as error:
            self._window.notice(self.tr("Not copied. {0}").format(refusal_words(error)))
            return
        QGuiApplication.clipboard().setText(script)
        notes = [self.tr("Copied as PyTorch; its head names the command for its data.")]
        if changed:
            notes.append(
                self.tr("It has the last values of the changed run from its first step on.")
            )
        self._window.notice("  ·  ".join(notes))

    def paste_experiment(self) -> None:
        """Take the experiment on the clipboard: a share string or JSON."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self._window.notice(self.tr("Nothing to paste: there is no text on the clipboard."))
            return
        try:
            config, unknown = parse_experiment(text)
        except ConfigError as error:
            self._window.notice(self.tr("Not pasted. {0}").format(refusal_words(error)))
            return
        self.take_experiment(config, unknown)

    def take_experiment(self, config: RunConfig, unknown: Sequence[str]) -> None:
        """Go on with an experiment from elsewhere, and tell what is unusual about it."""
        self._window.configure(config, marked=False)
        beyond = [
            f"{engine_text(SETTINGS[name].label)} = {getattr(config, name):g}"
            for name in beyond_sliders(config)
        ]
        notes = []
        if unknown:
            notes.append(self.tr("Not known here: {0}").format(", ".join(unknown)))
        if beyond:
            notes.append(self.tr("Beyond the slider: {0}").format(", ".join(beyond)))
        if notes:
            self._window.notice("  ·  ".join(notes))
