"""A change of the experiment in words, with its date: the text of its mark on the plots."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from engine.config import SETTINGS
from gui.translation import engine_text

if TYPE_CHECKING:
    from engine.snapshot import Change


def change_text(change: Change) -> str:
    """Return what was changed, at what time of day, and after how many steps of the run before."""
    text = f"{engine_text(SETTINGS[change.field].label)} = {change.value}"
    if change.seconds:
        moment = datetime.fromtimestamp(change.seconds, UTC).astimezone()
        text += f"  {moment:%H:%M:%S}"
    if change.steps_before is not None:
        after = QCoreApplication.translate("Changes", "after {0} steps")
        text += f"  {after.format(change.steps_before)}"
    return text
