"""What this program is, and whose work it stands on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from engine import version
from engine.licences import Part, parts
from gui import theme as looks

FIRST_SIZE = (960, 600)
LIST_WIDTH = 250


class AboutDialog(QDialog):
    """Version, edition, and every part with its licence.

    Attributes:
        list: the parts; the chosen one's licence is shown.
        text: that licence.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finished.connect(self.deleteLater)
        self.setWindowTitle(self.tr("About"))
        name = QLabel(f"Vanishing Point {version.__version__}")
        name.setFont(looks.font(looks.TITLE_POINTS, strong=True))
        self.sentences = QLabel("\n".join(self._sentences()))
        self._parts = parts()
        self.list = QListWidget()
        self.list.setFixedWidth(LIST_WIDTH)
        self.list.addItems([f"{part.name} {part.version}".strip() for part in self._parts])
        self.licence = QLabel()
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        for label in (name, self.sentences, self.licence):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)

        reading = QVBoxLayout()
        reading.setSpacing(2 * looks.GAP)
        reading.addWidget(self.licence)
        reading.addWidget(self.text, 1)
        middle = QHBoxLayout()
        middle.setSpacing(3 * looks.GAP)
        middle.addWidget(self.list)
        middle.addLayout(reading, 1)
        column = QVBoxLayout(self)
        column.setSpacing(3 * looks.GAP)
        for part in (name, self.sentences):
            column.addWidget(part)
        column.addLayout(middle, 1)
        column.addWidget(buttons)
        self.list.currentRowChanged.connect(lambda row: self._show(self._parts[row]))
        self.list.setCurrentRow(0)
        self.resize(*FIRST_SIZE)

    def _sentences(self) -> list[str]:
        sentences = [self.tr("A laboratory for vanishing and exploding gradients.")]
        if version.IS_EXECUTABLE:
            sentences.append(
                self.tr(
                    "This is the executable, CPU edition: it computes on the processor alone. With "
                    "an NVIDIA graphics card, run the program from its source."
                )
            )
        sentences.append(
            self.tr(
                "Qt and PySide6 are used under the LGPL 3. Their libraries are files of their own "
                "and may be replaced by versions of yours."
            )
        )
        return sentences

    def _show(self, part: Part) -> None:
        self.licence.setText(self.tr("Licence: {0}").format(part.licence))
        self.text.setPlainText(part.text)
