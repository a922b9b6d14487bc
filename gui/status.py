"""The bottom line: what the engine does, on what, how fast, at what cost."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from engine import version
from engine.device import Device
from engine.snapshot import Snapshot, State
from gui import numbers
from gui import theme as looks
from gui.labels import ElidedLabel
from gui.memory import resident_bytes
from gui.translation import engine_text

_MEGABYTE = 2**20
NOTICE_MS = 6000


class StatusLine(QWidget):
    """One line of small text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(3 * looks.GAP, 2, 3 * looks.GAP, 4)
        row.setSpacing(5 * looks.GAP)
        self.state = ElidedLabel()
        self.device = QLabel()
        self.device.setTextFormat(Qt.TextFormat.PlainText)
        # What is wrong for longer than a notice stays; without a word while all is well.
        self.worry = ElidedLabel()
        self.worry.hide()
        # Figures that change many times a second.
        self.speed = ElidedLabel()
        self.cost = ElidedLabel()
        self.memory = ElidedLabel()
        row.addWidget(self.state, 1)
        for label in (self.worry, self.speed, self.device, self.cost, self.memory):
            row.addWidget(label)
        for label in (
            self.state, self.worry, self.speed, self.device, self.cost, self.memory
        ):  # fmt: skip
            label.setFont(looks.font(looks.CAPTION_POINTS))
        self.worry.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for label in (self.speed, self.cost, self.memory):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._notice = ""
        self._only_notices = self._says_ends = False
        self._state = ""
        self._keeps_outcome = False
        self._unkept = ""
        self._shown: tuple[Snapshot, bool] | None = None
        self._notice_timer = QTimer(self)
        self._notice_timer.setSingleShot(True)
        self._notice_timer.setInterval(NOTICE_MS)
        self._notice_timer.timeout.connect(self.clear_notice)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        self.cost.set_help(self.tr("Share of the time of a step that measuring takes"))
        self.memory.set_help(
            self.tr("Memory of the whole program, and of the record of this run in it")
        )

        # They have room enough from the beginning.
        widest = {
            self.speed: self.tr("{0} steps/s").format(88888),
            self.cost: self.tr("measuring {0}").format("88.8%"),
            self.memory: self._memory_text(8888, 888),
        }
        for label, text in widest.items():
            label.setFixedWidth(label.fontMetrics().horizontalAdvance(text) + 2)
        self._write_worry()
        self.clear_notice()

    def worry_about(self, unkept: str) -> None:
        """Say, until it is taken back, that the run is not kept in case the program is killed.

        Args:
            unkept: why not; empty: it is kept.
        """
        if unkept != self._unkept:
            self._unkept = unkept
            self._write_worry()

    def _write_worry(self) -> None:
        text = self.tr("no autosave")
        why = self.tr("The run cannot be kept in case the program is killed: {0}")
        self.worry.setText(text)
        self.worry.set_help(why.format(self._unkept))
        self.worry.setFixedWidth(self.worry.fontMetrics().horizontalAdvance(text) + 2)
        self.worry.setVisible(bool(self._unkept))

    def show_only_notices(self, only: bool, *, ends: bool = False) -> None:
        """Be there while there is something to say, and at no other time; or always.

        Args:
            only: whether it is a notice that has to be told.
            ends: or that a run has failed or diverged.
        """
        self._only_notices, self._says_ends = only, ends
        for label in (self.device, self.cost, self.memory):
            label.setVisible(not only)
        self._show_speed()
        self.setVisible(not only or self._has_to_say())

    def _show_speed(self) -> None:
        # While nothing runs, the state has its room: then it says more, as why a run has ended.
        self.speed.setVisible(bool(self.speed.text()) and not self._only_notices)

    def _has_to_say(self) -> bool:
        return bool(self._notice) or (self._says_ends and self._has_bad_end())

    def _appear(self) -> None:
        if self._only_notices:
            self.setVisible(self._has_to_say())

    def _has_bad_end(self) -> bool:
        if self._shown is None:
            return False
        snapshot, _ = self._shown
        diverged = any(run.first_bad is not None for run in snapshot.runs)
        return snapshot.state is State.FAILED or (diverged and not self._keeps_outcome)

    def notice(self, text: str) -> None:
        """Say something in place of the state, for some seconds."""
        self._notice = text
        self.state.setText(text)
        self._appear()
        self._notice_timer.start()

    def clear_notice(self) -> None:
        """Show the state again."""
        self._notice_timer.stop()
        self._notice = ""
        self.state.setText(self._state)
        self._appear()

    def keep_outcome(self, kept: bool) -> None:
        """Keep to itself how far a run has come, and why it ended, or say it again."""
        if kept != self._keeps_outcome:
            self._keeps_outcome = kept
            if self._shown is not None:
                self.show_snapshot(self._shown[0], recording=self._shown[1])

    def show_snapshot(self, snapshot: Snapshot, *, recording: bool = False) -> None:
        """Show a newer state of the engine, or a recorded run."""
        self._shown = snapshot, recording
        self._state = self._state_words(snapshot, recording)
        self._set(self.state, self._notice or self._state)
        self._set(self.device, self._device_words(snapshot.device))
        running = snapshot.state is State.RUNNING
        self._set(
            self.speed,
            self.tr("{0} steps/s").format(_rate(snapshot.steps_per_second)) if running else "",
        )
        self._show_speed()
        share = snapshot.measuring_share
        self._set(
            self.cost, self.tr("measuring {0}").format(numbers.percent(share)) if share else ""
        )
        self._set(self.memory, self._memory_words(snapshot))
        self._appear()

    def _state_words(self, snapshot: Snapshot, recording: bool) -> str:
        words = self.tr("recording") if recording else engine_text(snapshot.state.value)
        words = words[:1].upper() + words[1:]
        if snapshot.state is State.FAILED and snapshot.failure is not None:
            words += self.tr(": {0}").format(snapshot.failure.message)
        if self._keeps_outcome:
            return words
        if snapshot.finish_reason is not None:
            words += self.tr(": {0}").format(engine_text(snapshot.finish_reason.value))
        if snapshot.runs:
            reached = max(run.steps for run in snapshot.runs)
            words += "  ·  " + self.tr("step {0}").format(reached)
            for place, run in enumerate(snapshot.runs):
                if run.steps < reached:
                    ended = self.tr("run {0} ended at step {1}").format(place + 1, run.steps)
                    if not place:
                        ended = self.tr("the first run ended at step {0}").format(run.steps)
                    words += "  ·  " + ended
            parameters = f"{snapshot.runs[0].parameters:,}"
            words += "  ·  " + self.tr("{0} parameters").format(parameters)
        return words

    def _device_words(self, device: Device) -> str:
        # A person with a graphics card is not to wonder why it is idle.
        edition = self.tr("CPU edition") if version.IS_EXECUTABLE else ""
        words = device.name
        if device.threads:
            one, more = self.tr("CPU ({0}, 1 thread)"), self.tr("CPU ({0}, {1} threads)")
            words = one if device.threads == 1 else more
            words = words.format(device.machine, device.threads)
        return "  ·  ".join(filter(None, (words, edition)))

    def _memory_words(self, snapshot: Snapshot) -> str:
        resident = resident_bytes()
        return self._memory_text(
            None if resident is None else round(resident / _MEGABYTE),
            round(snapshot.runs[0].history_bytes / _MEGABYTE) if snapshot.runs else None,
        )

    def _memory_text(self, resident: int | None, history: int | None) -> str:
        words = []
        if resident is not None:
            words.append(self.tr("memory {0} MB").format(resident))
        if history is not None:
            words.append(self.tr("record {0} MB").format(history))
        return "  ·  ".join(words)

    @staticmethod
    def _set(label: QLabel | ElidedLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)


def _rate(steps_per_second: float) -> str:
    return f"{steps_per_second:.0f}" if steps_per_second >= 10 else f"{steps_per_second:.1f}"
