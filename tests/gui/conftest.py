"""What tests of the window get: a session without torch, settings of their own, leak checks."""

import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.close_up import Watch
from engine.config import RunConfig
from engine.device import Device
from engine.diagnosis import diagnose
from engine.history import History
from engine.record import CURVE_QUANTITIES, LAYER_QUANTITIES, FirstBad, StepRecord
from engine.session import Session
from engine.snapshot import Change, Failure, FinishReason, RunSnapshot, Snapshot, State
from gui.app import make_application
from gui.main_window import FIRST_SIZE, MainWindow
from gui.settings import Settings
from gui.translation import Translation

SMALL = RunConfig(depth=4, width=8, activation="tanh", batch_size=16)


def made_up_record(step: int, config: RunConfig, factor: float = 0.5) -> StepRecord:
    """Return a step in which every layer multiplies the gradient by the same factor."""
    layers = np.ones((len(LAYER_QUANTITIES), config.depth + 1))
    for name in ("saturated", "inactive", "zero", "subnormal"):
        layers[LAYER_QUANTITIES.index(f"{name}_fraction")] = 0.0
    layers[LAYER_QUANTITIES.index("update_ratio")] = 1e-3
    layers[LAYER_QUANTITIES.index("distinct_units"), :-1] = config.widths
    distance = np.arange(config.depth, -1, -1)
    for name in ("activation_grad_norm", "weight_grad_norm"):
        layers[LAYER_QUANTITIES.index(name)] = factor**distance
    curves = np.ones(len(CURVE_QUANTITIES))
    curves[CURVE_QUANTITIES.index("loss")] = 2.0 / step
    curves[CURVE_QUANTITIES.index("accuracy")] = 0.25
    validation = (2.5, 0.125) if step == 1 or step % 5 == 0 else None
    return StepRecord(step, curves, layers, validation, None)


class FakeSession:
    """A session that does at once what it is asked for; steps are made by `advance`."""

    def __init__(self, config: RunConfig, factor: float = 0.5) -> None:
        self.config = config
        self.factor = factor
        self.calls: list[object] = []
        self._snapshot = Snapshot(State.LOADING)

    def start(self) -> None:
        self.calls.append("start")
        self._build(run_number=1, state=State.PAUSED)

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def run(self) -> None:
        self.calls.append("run")
        self._change(state=State.RUNNING)

    def pause(self) -> None:
        self.calls.append("pause")
        if self._snapshot.state is State.RUNNING:
            self._change(state=State.PAUSED)

    def step(self, count: int = 1) -> None:
        self.calls.append(("step", count))
        self.advance(count)

    def configure_all(self, configs: Sequence[RunConfig]) -> None:
        self.configure(configs[0])

    def step_epoch(self) -> None:
        self.calls.append("step_epoch")
        self.advance(10 - self.steps % 10)

    def rewind(self) -> None:
        self.calls.append("rewind")
        self._build(self._snapshot.run_number + 1, State.PAUSED)

    def configure(self, config: RunConfig, *, marked: bool | None = None) -> None:
        self.calls.append(("cure" if marked else "configure", config))
        previous, self.config = self.config, config
        if previous.differs_only_live(config):
            run = self._snapshot.runs[0]
            step = 0 if run.record is None else run.record.step
            changes = [
                Change(step, n, str(getattr(config, n))) for n in previous.differences(config)
            ]
            self._change(runs=(replace(run, config=config, changes=(*run.changes, *changes)),))
        else:
            self._build(self._snapshot.run_number + 1, self._snapshot.state)

    def set_speed(self, steps_per_second: float | None) -> None:
        self.calls.append(("speed", steps_per_second))

    def ask_network(self) -> None:
        self.calls.append("ask_network")

    def network(self) -> None:
        return None

    def drop_ghosts(self) -> None:
        self.calls.append("drop_ghosts")

    def drop_ghost(self, place: int) -> None:
        self.calls.append(("drop_ghost", place))

    def bring_back_ghost(self) -> None:
        self.calls.append("bring_back_ghost")

    def restore_ghosts(self, ghosts: Sequence[RunSnapshot]) -> None:
        self.calls.append(("restore_ghosts", tuple(ghosts)))

    def watch(self, watch: Watch) -> None:
        self.calls.append(("watch", watch))

    def set_thresholds(self, thresholds: object) -> None:
        self.calls.append(("thresholds", thresholds))

    def close(self, timeout: float) -> bool:
        self.calls.append("close")
        return True

    # What the tests do to it

    def advance(self, count: int = 1) -> None:
        """Make some steps."""
        for _ in range(count):
            self.record(made_up_record(self.steps + 1, self.config, self.factor))

    def record(self, record: StepRecord) -> None:
        """Make a step with given measurements."""
        self.steps = record.step
        self.history.append(record)
        run = self._snapshot.runs[0]
        history = self.history.view()
        diagnosis = diagnose(record, history)
        run = replace(
            run, history=history, record=record, judged=diagnosis, first_bad=record.first_bad
        )
        self._change(runs=(run,))

    def diverge(self, bad: FirstBad) -> None:
        """Make a step in which something is not finite, and finish."""
        record = made_up_record(bad.step, self.config)
        record.layers[LAYER_QUANTITIES.index("activation_grad_norm"), 0] = np.nan
        self.record(replace(record, first_bad=bad))
        self._change(state=State.FINISHED, finish_reason=FinishReason.NONFINITE)

    def fail(self, failure: Failure) -> None:
        """Fail."""
        self._change(state=State.FAILED, failure=failure)

    def _build(self, run_number: int, state: State) -> None:
        self.steps = 0
        self.history = History(self.config.depth)
        run = RunSnapshot(
            self.config, self.history.view(), None, None, (), 1000, 2**20, steps_per_epoch=10
        )
        self._snapshot = Snapshot(
            state, run_number, (run,), device=Device("cpu"), measuring_share=0.06
        )

    def _change(self, **changes: object) -> None:
        self._snapshot = replace(self._snapshot, **changes)


# How long a condition is waited for. It ends the wait of what is broken only: on a machine that
# is starved, a window takes many times as long as on one's own.
PATIENCE_MS = 60_000


class PatientBot(QtBot):
    """Waits as long as it takes on a slow machine."""

    def waitUntil(self, callback, *, timeout=PATIENCE_MS):  # noqa: N802 (as pytest-qt names it)
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal, *, timeout=PATIENCE_MS, **more):  # noqa: N802
        return super().waitSignal(signal, timeout=timeout, **more)


@pytest.fixture
def qtbot(qapp, request) -> PatientBot:
    return PatientBot(request)


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    return make_application()


@pytest.fixture(scope="session", autouse=True)
def started() -> Iterator[weakref.WeakSet[QTimer]]:
    """Return the timers that have been started and are not forgotten yet."""
    timers: weakref.WeakSet[QTimer] = weakref.WeakSet()
    start = QTimer.start

    def start_and_note(timer: QTimer, *interval: int) -> None:
        timers.add(timer)
        start(timer, *interval)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QTimer, "start", start_and_note)
        yield timers


@pytest.fixture(autouse=True)
def nothing_left(qapp: QApplication, started: weakref.WeakSet[QTimer]) -> Iterator[None]:
    """Fail a test that leaves a window open or a timer running."""
    yield
    qapp.processEvents()
    windows = [widget for widget in qapp.topLevelWidgets() if widget.isVisible()]
    timers = [timer for timer in started if shiboken6.isValid(timer) and timer.isActive()]
    for widget in windows:
        widget.close()
    for timer in timers:
        timer.stop()
    assert not windows, f"windows left open: {windows}"
    assert not timers, f"timers left running: {timers}"


@pytest.fixture
def settings(tmp_path) -> Settings:
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    made = Settings(store)
    made.theme, made.language = "light", "en"
    return made


@pytest.fixture
def translation() -> Iterator[Translation]:
    made = Translation()
    yield made
    made.use("en")


OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def open_window(qtbot, settings, translation) -> Iterator[OpenWindow]:
    """Return a function that shows a window with a session, and starts the session."""
    opened = []

    def open_one(session, config=None, **more) -> MainWindow:
        window = MainWindow(
            session, config or session.config, settings=settings, translation=translation, **more
        )
        opened.append(window)
        if settings.geometry is None:
            # The screen that is none is smaller than a desk's.
            window.resize(*FIRST_SIZE)
        with qtbot.waitSignal(window.first_painted):
            window.show()
        # Keys reach an active window only; without a window manager it must ask.
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.start_engine()
        return window

    yield open_one
    for window in opened:
        window.close()
        window.deleteLater()


@pytest.fixture
def session() -> FakeSession:
    return FakeSession(RunConfig(depth=4, width=8))


@pytest.fixture
def window(open_window, session) -> MainWindow:
    return open_window(session)


@pytest.fixture
def make_session() -> type[FakeSession]:
    return FakeSession


@pytest.fixture
def make_record() -> Callable[[int], StepRecord]:
    return lambda step: made_up_record(step, RunConfig(depth=4, width=8))


@pytest.fixture
def lab(open_window, qtbot) -> MainWindow:
    """Return a window on the real engine, ready to train a small network."""
    window = open_window(Session(SMALL), SMALL)
    qtbot.waitUntil(lambda: window.session.snapshot().state is State.PAUSED, timeout=30000)
    return window
