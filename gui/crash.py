"""What the person sees when something in the program goes wrong: the whole text, to copy."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

logger = logging.getLogger(__name__)


class ErrorDialog(QDialog):
    """A message and its details, which can be copied."""

    def __init__(self, message: str, details: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finished.connect(self.deleteLater)
        self.setWindowTitle(self.tr("Something went wrong"))
        label = QLabel(message)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        self._text = QPlainTextEdit(details)
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton(self.tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addWidget(label)
        column.addWidget(self._text, 1)
        column.addWidget(buttons)
        self.resize(720, 420)


class CrashReporter(QObject):
    """Shows every exception that nobody caught, whichever thread it comes from.

    One dialog at a time: an error in a painting routine repeats thirty times a second.
    """

    _caught = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dialog: ErrorDialog | None = None
        # The signal carries it from any thread to this one.
        self._caught.connect(self._show)
        self._previous = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._from_main_thread
        threading.excepthook = self._from_thread

    def restore(self) -> None:
        """Hand exceptions back to whoever had them before."""
        sys.excepthook, threading.excepthook = self._previous

    def _from_main_thread(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        logger.error("not caught:\n%s", text)
        self._caught.emit(f"{kind.__name__}: {error}", text)

    def _from_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._from_main_thread(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _show(self, message: str, details: str) -> None:
        if self._dialog is not None:
            return
        self._dialog = ErrorDialog(message, details, QApplication.activeWindow())
        self._dialog.finished.connect(self._forget)
        self._dialog.open()

    def _forget(self) -> None:
        self._dialog = None
