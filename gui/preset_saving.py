"""Save as preset: a name, a sentence, and the picture of the run behind it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from engine.config import RunConfig
from engine.fields import ConfigError
from engine.history import HistoryView
from engine.presets import LONGEST_SENTENCE, LONGEST_TITLE, Preset, own_name, write_preset
from gui import theme as looks
from gui.preset_pictures import picture_png
from gui.refusals import refusal_words, system_text

_WIDTH = 460


class PresetDialog(QDialog):
    """Asks for a name and a sentence, and writes the preset.

    Args:
        config: the experiment.
        history: of its run, for the picture; None: there is none.
        folder: where the person's presets lie.
        language: that the person writes in.

    Attributes:
        saved: the preset, once it has been written.
    """

    def __init__(
        self,
        config: RunConfig,
        history: HistoryView | None,
        folder: Path,
        language: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.saved: Preset | None = None
        self._config, self._history = config, history
        self._folder, self._language = folder, language
        self.setWindowTitle(self.tr("Save as preset"))
        self.name = QLineEdit()
        self.name.setMaxLength(LONGEST_TITLE)
        self.sentence = QLineEdit()
        self.sentence.setMaxLength(LONGEST_SENTENCE)
        self.sentence.setPlaceholderText(self.tr("What is to be seen (may stay empty)"))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.save)
        self.buttons.rejected.connect(self.reject)
        self.name.textChanged.connect(self._look)
        form = QFormLayout()
        form.addRow(self.tr("Name"), self.name)
        form.addRow(self.tr("Sentence"), self.sentence)
        column = QVBoxLayout(self)
        column.setSpacing(3 * looks.GAP)
        column.addLayout(form)
        column.addWidget(self.note)
        column.addWidget(self.buttons)
        self.setMinimumWidth(_WIDTH)
        self._look()

    def _look(self) -> None:
        name = own_name(self.name.text())
        self.buttons.button(QDialogButtonBox.StandardButton.Save).setEnabled(bool(name))
        taken = bool(name) and (self._folder / f"{name}.json").exists()
        replaced = self.tr("A preset of yours with this name will be replaced.")
        self.note.setText(replaced if taken else "")

    def save(self) -> None:
        """Write the preset and close, or say why not."""
        picture = None
        if self._history is not None and len(self._history.layers):
            picture = picture_png(self._history)
        texts = self.name.text(), self.sentence.text(), self._language
        try:
            preset = write_preset(self._folder, self._config, *texts, picture)
        except ConfigError as error:
            self.note.setText(refusal_words(error))
        except OSError as error:
            self.note.setText(self.tr("Not saved. {0}").format(system_text(error)))
        else:
            self.saved = preset
            self.accept()
