"""What the window reads from files and writes to them, where the person chooses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QProgressDialog

from engine.fields import ConfigError
from engine.input_files import OPENED, REPLAY, holds_recording, require_known_ending
from gui import export
from gui.data_words import data_words
from gui.file_dialogs import FileDialogs, suggested_name
from gui.refusals import refusal_words, system_text
from gui.views.table import view_title

if TYPE_CHECKING:
    from engine.snapshot import RunSnapshot
    from gui.main_window import MainWindow
    from gui.views.view import View

translate = QCoreApplication.translate


MOST_RECENT_FILES = 8


def empty_folder(folder: Path, name: str) -> Path:
    """Return a folder with nothing in it: this one, or a new one inside.

    Args:
        folder: the one asked for.
        name: of a new one; a number follows where there is one of that name.
    """
    if not folder.exists() or not any(folder.iterdir()):
        return folder
    names = (f"{name} {number}" if number > 1 else name for number in count(1))
    return next(folder / each for each in names if not (folder / each).exists())


def _table_of(view: View, runs: Sequence[RunSnapshot]) -> export.Table | None:
    """Return the numbers behind a view; those of several runs one below the other."""
    tables = [view.table(run) for run in runs]
    found = [(number, table) for number, table in enumerate(tables, start=1) if table is not None]
    if not found:
        return None
    if len(runs) == 1:
        return found[0][1]
    rows = [[number, *row] for number, (_, below) in found for row in below]
    return ["run", *found[0][1][0]], rows


class Files:
    """The file dialogs of a window, and what follows from them.

    Every outcome is told in the window's status line, but for a file that cannot be opened: that
    stands above the pictures. Nothing is ever overwritten unasked.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.dialogs = FileDialogs(window.settings)

    def take_drag(self, event: QDragEnterEvent) -> None:
        """Let any files and folders be dropped on the window: what cannot be opened is told."""
        if _dropped(event.mimeData()):
            event.acceptProposedAction()

    def take_drop(self, event: QDropEvent) -> None:
        """Open the first of the files that were dropped on the window."""
        paths = _dropped(event.mimeData())
        if not paths:
            return
        event.acceptProposedAction()
        self.open_path(paths[0])
        if len(paths) > 1:
            text = translate("Files", "{0} is opened; of several files only the first can be.")
            self._window.notice(text.format(paths[0].name))

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
        name = self._ask_file(title, translate("Files", "experiment"), ".py", "Python (*.py)")
        if not name:
            return
        from engine.torch_script import export_script, steps_changed

        config = self._window.config
        changed = steps_changed(config, self._window.snapshot().runs)
        try:
            data = export_script(config, Path(name), changed)
        except ConfigError as error:
            self._not_saved(refusal_words(error))
            return
        text = translate("Files", "Saved: {0}, its data in {1}")
        notes = [text.format(name, data.name)]
        if changed:
            notes.append(
                translate(
                    "Files", "It has the last values of the changed run from its first step on."
                )
            )
        self._window.notice("  ·  ".join(notes))

    def save_recording(self) -> None:
        """Write the run to a folder."""
        window = self._window
        snapshot = window.snapshot()
        if not snapshot.runs or not snapshot.runs[0].steps:
            window.notice(translate("Files", "There is nothing to save before the first step."))
            return
        title = translate("Files", "Save recording in a folder")
        name = self.dialogs.ask_folder(window, title)
        if not name:
            return
        from engine.own_folder import prepared_folder
        from engine.recording import save_recording

        try:
            what = suggested_name(translate("Files", "recording"), snapshot.runs[0].config)
            with prepared_folder(empty_folder(Path(name), what)) as folder:
                save_recording(folder.path, snapshot.runs, str(snapshot.device), self._picture())
        except ConfigError as error:
            self._not_saved(refusal_words(error))
        except OSError as error:
            self._not_saved(system_text(error))
        except MemoryError:
            self._not_saved(translate("Files", "There is not enough memory."))
        else:
            self._saved(str(folder.path))

    def save_picture(self) -> None:
        """Save the window as it looks now."""
        title, what = translate("Files", "Save picture"), translate("Files", "window")
        name = self._ask_file(title, what, ".png", "PNG (*.png)")
        if not name:
            return
        try:
            export.write(Path(name), self._picture())
        except OSError as error:
            self._not_saved(system_text(error))
        else:
            self._saved(name)

    def _picture(self) -> bytes:
        """Return the window as it looks now, as PNG."""
        self._window.renew_everything()
        return export.window_png(self._window)

    def save_view(self, name: str, ending: str) -> None:
        """Save one view as a picture (.png), a drawing (.svg) or its numbers (.csv)."""
        kind = f"{ending[1:].upper()} (*{ending})"
        title = translate("Files", "Save {0}").format(view_title(name))
        path = self._ask_file(title, view_title(name), ending, kind)
        if not path:
            return
        try:
            self.save_view_as(name, export.with_ending(path, ending))
        except FileExistsError as error:
            self._not_saved(system_text(error))

    def save_view_as(self, name: str, path: Path) -> None:
        """Write one view to a file whose ending says as what."""
        window = self._window
        window.renew_everything()
        view = window.dashboard.views[name]
        ending = path.suffix.lower()
        if ending == ".csv":
            table = _table_of(view, window.shown().runs)
            if table is None or not table[1]:
                window.notice(translate("Files", "There is nothing to save before the first step."))
                return
            data = export.csv_text(table).encode()
        try:
            if ending != ".csv":
                draw = export.png if ending == ".png" else export.svg
                key = window.dashboard.key_of(name)
                with view.as_picture(0 if key is None else key.height()):
                    data = draw(view, window.theme.window, key=key)
            export.write(path, data)
        except OSError as error:
            self._not_saved(system_text(error))
        else:
            self._saved(str(path))

    def save_animation(self) -> None:
        """Write the run as a GIF."""
        runs = self._window.snapshot().runs
        if not runs or not runs[0].steps:
            text = translate("Files", "There is nothing to save before the first step.")
            self._window.notice(text)
            return
        title, what = translate("Files", "Save animation"), translate("Files", "run")
        name = self._ask_file(title, what, ".gif", "GIF (*.gif)")
        if name:
            self.save_animation_as(Path(name))

    def save_animation_as(self, path: Path) -> None:
        """Write the run as a GIF to a file; it can be called off."""
        from gui.animation import save_gif

        window = self._window
        progress = QProgressDialog(window)
        progress.setWindowTitle(translate("Files", "Save animation"))
        progress.setLabelText(translate("Files", "Drawing the run, step by step…"))
        progress.setRange(0, 100)
        progress.setWindowModality(Qt.WindowModality.WindowModal)
        progress.setMinimumDuration(300)

        def report(share: float) -> bool:
            # This shows the progress and takes a click on Cancel.
            progress.setValue(min(round(100 * share), 99))
            return not progress.wasCanceled()

        runs = window.snapshot().runs
        try:
            written = save_gif(path, runs[0], window.theme, report, len(runs))
        except OSError as error:
            self._not_saved(system_text(error))
        else:
            if written:
                self._saved(str(path))
        finally:
            progress.close()
            progress.deleteLater()

    def save_experiment(self) -> None:
        """Write the experiment as JSON."""
        title = translate("Files", "Save experiment")
        name = self._ask_file(title, translate("Files", "experiment"), ".json", "JSON (*.json)")
        if not name:
            return
        data = json.dumps(self._window.config.to_dict(), ensure_ascii=False, indent=2) + "\n"
        try:
            # A byte in a file's name that is no text is written as JSON writes such a sign.
            export.write(Path(name), data.encode(errors="backslashreplace"))
        except OSError as error:
            self._not_saved(system_text(error))
        else:
            self._remember(Path(name))
            self._saved(name)

    def open_any(self) -> None:
        """Open a recording, an experiment or a data file that the person chooses."""
        kinds = " ".join(f"*{ending}" for ending in OPENED)
        text = translate("Files", "Recordings, experiments, data ({0})").format(kinds)
        title = translate("Files", "Open")
        name = self.dialogs.ask_what_to_open(self._window, title, text)
        if name:
            self.open_path(Path(name))

    def open_path(self, path: Path) -> None:
        """Open a file for what it is: a recorded run, an experiment, a preset, or data.

        Args:
            path: of the file, or of the folder of a recording.
        """
        is_folder = path.is_dir()
        file = path / REPLAY if is_folder else path
        try:
            require_known_ending(file)
            if file.suffix.lower() == ".json":
                self._open_experiment(file)
            elif is_folder or holds_recording(file):
                from engine.recording import open_recording

                opened = open_recording(path)
                self._window.show_recording(opened, f"{file.parent.name}/{file.name}")
            else:
                self._open_data(file)
        except ConfigError as error:
            self.refuse(path, error)
        else:
            self._forget_refusals()
            self._remember(file)

    def refuse(self, path: Path, error: ConfigError) -> None:
        """Say, until the person takes it away or another file is opened, why this one is not."""
        from gui.notice_bar import RefusalBar

        self._forget_refusals()
        if str(error.value) == str(path):
            # Its folder would leave no room for what is wrong with it.
            error = ConfigError(error.field, path.name, error.words)
        RefusalBar(path, error, self._window).show_above()
        if self._window.dashboard.enlarged is not None:
            # A view that has the whole window leaves no room above it.
            text = translate("Files", "Not opened. {0}")
            self._window.notice(text.format(refusal_words(error)))

    def _forget_refusals(self) -> None:
        from gui.notice_bar import RefusalBar

        for bar in self._window.findChildren(RefusalBar):
            bar.take_away()

    def _open_experiment(self, path: Path) -> None:
        from engine.command_line import read_experiment

        self._window.sharing.take_experiment(*read_experiment(path))

    def _open_data(self, path: Path) -> None:
        from engine.datasets import load_data

        config = self._window.config.replace(dataset=str(path))
        data = load_data(config.dataset, config.seed)
        self._window.configure(config)
        # The group of the data may be folded.
        self._window.notice(f"{path.name}:  {data_words(data.taken_for)}")

    def _remember(self, path: Path) -> None:
        settings = self._window.settings
        paths = [str(path.resolve()), *settings.recent_files]
        settings.recent_files = tuple(dict.fromkeys(paths))[:MOST_RECENT_FILES]

    def _ask_file(self, title: str, what: str, ending: str, kinds: str) -> str:
        suggestion = suggested_name(what, self._window.config, ending)
        return self.dialogs.ask_file(self._window, title, suggestion, kinds)

    def _saved(self, name: str) -> None:
        self._window.notice(translate("Files", "Saved: {0}").format(name))

    def _not_saved(self, why: str) -> None:
        self._window.notice(translate("Files", "Not saved. {0}").format(why))


def _dropped(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
