"""What this program is, and whose work it stands on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from engine.version import __version__
from gui import theme as looks

LICENCES = {
    "Vanishing Point": "MIT",
    "Qt, PySide6": "LGPL 3",
    "PyTorch": "BSD 3-Clause",
    "NumPy": "BSD 3-Clause",
    "pyqtgraph": "MIT",
    "Noto Sans SC": "SIL Open Font License 1.1",
}


class AboutDialog(QDialog):
    """Version and licences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finished.connect(self.deleteLater)
        self.setWindowTitle(self.tr("About"))
        name = QLabel(f"Vanishing Point {__version__}")
        name.setFont(looks.font(looks.TITLE_POINTS, strong=True))
        purpose = QLabel(self.tr("A laboratory for vanishing and exploding gradients."))
        heading = self.tr("Licences")
        lines = [heading, *(f"{part}:  {licence}" for part, licence in LICENCES.items())]
        self.licences = QLabel("\n".join(lines))
        for label in (name, purpose, self.licences):
            label.setTextFormat(Qt.TextFormat.PlainText)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setSpacing(3 * looks.GAP)
        for part in (name, purpose, self.licences, buttons):
            column.addWidget(part)
