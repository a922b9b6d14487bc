"""What the window reads from files and writes to them, where the person chooses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog

from engine.fields import ConfigError
from gui.field_controls import refusal_words

if TYPE_CHECKING:
    from gui.main_window import MainWindow

translate = QCoreApplication.translate


def empty_folder(folder: Path) -> Path:
    """Return a folder with nothing in it: this one, or a new one inside."""
    if not folder.exists() or not any(folder.iterdir()):
        return folder
    number = 1
    while (folder / f"recording-{number}").exists():
        number += 1
    return folder / f"recording-{number}"


class Files:
    """The file dialogs of a window, and what follows from them.

    Every outcome is told in the window's status line; nothing is ever overwritten unasked.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def open_gallery(self) -> None:
        """Show all presets, to choose one."""
        from gui.preset_gallery import PresetGallery

        window = self._window
        shown = PresetGallery(window.config, window.settings.presets_folder, window.theme, window)
        shown.chosen.connect(window.take_preset)
        shown.open()

    def save_preset(self) -> None:
        """Keep the experiment as a preset of the person's own."""
        window = self._window
        folder = window.settings.presets_folder
        if folder is None:
            self._not_saved(translate("Files", "Nothing is remembered in this window."))
            return
        from gui.preset_saving import PresetDialog

        runs = window.snapshot().runs
        history = runs[0].history if runs else None
        dialog = PresetDialog(window.config, history, folder, window.language, window)
        dialog.accepted.connect(lambda: self._saved(str(dialog.saved.path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_script(self) -> None:
        """Write the experiment as a plain PyTorch script."""
        title = translate("Files", "Save as PyTorch script")
        name = self._ask_file(title, "experiment.py", "Python (*.py)")
        if not name:
            return
        from engine.torch_script import export_script

        try:
            data = export_script(self._window.config, Path(name))
        except ConfigError as error:
            self._not_saved(refusal_words(error))
            return
        text = translate("Files", "Saved: {0}, its data in {1}")
        self._window.notice(text.format(name, data.name))

    def open_recording(self) -> None:
        """Show a recorded run."""
        title = translate("Files", "Open recording")
        recordings = translate("Files", "Recordings (*.npz)")
        name, _ = QFileDialog.getOpenFileName(self._window, title, "", recordings)
        if name:
            self.open_recording_at(Path(name))

    def open_recording_at(self, path: Path) -> None:
        """Show the recorded run in a file."""
        from engine.recording import open_recording

        try:
            opened = open_recording(path)
        except ConfigError as error:
            text = translate("Files", "Not opened. {0}")
            self._window.notice(text.format(refusal_words(error)))
            return
        self._window.show_recording(opened, f"{path.parent.name}/{path.name}")

    def save_recording(self) -> None:
        """Write the run to a folder."""
        window = self._window
        snapshot = window.snapshot()
        if not snapshot.runs or not snapshot.runs[0].steps:
            window.notice(translate("Files", "There is nothing to save before the first step."))
            return
        title = translate("Files", "Save recording in a folder")
        name = QFileDialog.getExistingDirectory(window, title)
        if not name:
            return
        from engine.recording import prepare_folder, save_recording

        try:
            folder = empty_folder(Path(name))
            prepare_folder(folder)
            save_recording(folder, snapshot.runs, snapshot.device)
            self._write_picture(folder / "window.png")
        except ConfigError as error:
            self._not_saved(refusal_words(error))
        except OSError as error:
            self._not_saved(str(error))
        else:
            self._saved(str(folder))

    def save_picture(self) -> None:
        """Save the window as it looks now."""
        name = self._ask_file(translate("Files", "Save picture"), "window.png", "PNG (*.png)")
        if not name:
            return
        try:
            self._write_picture(Path(name))
        except OSError as error:
            self._not_saved(str(error))
        else:
            self._saved(name)

    def _write_picture(self, path: Path) -> None:
        self._window.renew_everything()
        if not self._window.grab().save(str(path), "PNG"):
            text = translate("Files", "The picture could not be written to {0}")
            raise OSError(text.format(path))

    def _ask_file(self, title: str, suggestion: str, kinds: str) -> str:
        name, _ = QFileDialog.getSaveFileName(self._window, title, suggestion, kinds)
        return name

    def _saved(self, name: str) -> None:
        self._window.notice(translate("Files", "Saved: {0}").format(name))

    def _not_saved(self, why: str) -> None:
        self._window.notice(translate("Files", "Not saved. {0}").format(why))
