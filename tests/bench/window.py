"""How live the window is while it trains, and what that costs the training.

`xvfb-run -a python -m tests.bench.window` opens the real window, trains flat out, and prints, with
the views of the first start and with every view there is: paintings a second of one heatmap, the
fast timer's intervals, how long an event such as a click waits, training speed with the window
live ÷ the same headless, its timers stopped and nobody looking at anything closely (in turn), and
how soon the engine is quiet after a click on Pause and after closing. `--minutes 30` trains with
every view for so long, and prints the same of its first minute and of its last.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtTest import QTest

from engine.close_up import Watch
from engine.config import RunConfig
from engine.session import Session
from engine.snapshot import Snapshot, State
from gui.app import make_application
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.translation import Translation
from gui.views.table import VIEWS
from tests.bench.alternate import argument_parser, report

CONFIG = RunConfig(depth=30, width=100, activation="relu", initializer="kaiming_normal",
                   learning_rate=0.001)  # fmt: skip
SIZE = (1440, 900)
DEEP = CONFIG.replace(depth=100)
DEEPEST = CONFIG.replace(depth=1000, width=64)
TWINS = (DEEP, DEEP.replace(initializer="xavier_normal"))


class Situation(NamedTuple):
    """What is trained, and what is asked for."""

    name: str
    configs: tuple[RunConfig, ...]
    paintings: int
    interval_ms: int
    every_view: bool = False


SITUATIONS = (
    Situation("30 × 100", (CONFIG,), 30, 50),
    Situation("100 × 100", (DEEP,), 30, 50),
    Situation("100 × 100, every view", (DEEP,), 30, 50, every_view=True),
    Situation("100 × 100, two twins", TWINS, 20, 50),
    Situation("1000 × 64", (DEEPEST,), 4, 120),
)
LONGEST_MS, CLICK_MS, LEAST_SPEED = 150, 50, 0.85


class Clicker(QObject):
    """Sends events to the window at times that it does not know, and notes how long they wait."""

    sent = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        self._enough = threading.Event()
        self._thread: threading.Thread | None = None
        self.sent.connect(lambda at: self.waits.append(time.perf_counter() - at))

    def start(self) -> None:
        self.waits.clear()
        self._enough.clear()
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def stop(self) -> None:
        assert self._thread is not None
        self._enough.set()
        self._thread.join()

    def _send(self) -> None:
        random = np.random.default_rng(7)
        while not self._enough.wait(random.uniform(0.01, 0.04)):
            self.sent.emit(time.perf_counter())


class Bench:
    """A window on a running session."""

    def __init__(self, folder: str) -> None:
        self.application = make_application()
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        store = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        settings = Settings(store)
        self.session = Session(CONFIG)
        self.window = MainWindow(self.session, CONFIG, settings=settings, translation=Translation())
        self.window.resize(*SIZE)
        self.window.first_painted.connect(self.window.start_engine)
        # As the program does.
        self.window.first_pictured.connect(gc.freeze)
        self.window.show()
        self.ticks: list[float] = []
        self.trained_since = 0.0
        self.clicker = Clicker()
        ticked = self.window.renewal.fast_timer.timeout
        ticked.connect(lambda: self.ticks.append(time.perf_counter()))
        self.wait_until(lambda s: s.state is State.PAUSED)
        self.click_run()
        self.wait_until(lambda s: step_of(s) > 50)

    def train(self, configs: Sequence[RunConfig]) -> None:
        """Train these experiments in lockstep."""
        self.window.comparison.take(configs)
        wanted = tuple(configs)
        self.wait_until(lambda s: tuple(run.config for run in s.runs) == wanted and step_of(s) > 10)
        self.trained_since = time.perf_counter()

    def show_views(self, *, every: bool) -> None:
        """Show every view, or those of the first start."""
        for kind in VIEWS:
            self.window.dashboard.set_shown(kind.name, visible=every or kind.shown)
        self.loop(0.5)
        assert self.session.snapshot().state is State.RUNNING

    def look(self, *, live: bool) -> None:
        """Let the window show what the engine does, or have it train as if there were none."""
        for timer in (self.window.renewal.fast_timer, self.window.renewal.slow_timer):
            timer.start() if live else timer.stop()
        self.session.watch(self.window.dashboard.watch if live else Watch())

    def click_run(self) -> None:
        QTest.mouseClick(self.window.toolbar.run, Qt.MouseButton.LeftButton)

    def wait_until(self, condition: Callable[[Snapshot], bool], seconds: float = 60) -> float:
        """Serve the window until the condition holds; return how long that took."""
        started = time.perf_counter()
        while not condition(self.session.snapshot()):
            self.application.processEvents()
            if time.perf_counter() - started > seconds:
                raise TimeoutError(self.session.snapshot().state)
        return time.perf_counter() - started

    def serve(self, seconds: float) -> tuple[float, list[float], int]:
        """Let the window live; return steps a second, timer intervals and heatmap paintings."""
        self.ticks.clear()
        canvas = self.window.dashboard.views["heatmap_h"].canvas
        paintings = 0
        original = canvas.paintEvent

        def counted(event) -> None:
            nonlocal paintings
            paintings += 1
            original(event)

        canvas.paintEvent = counted
        # Headless too: what the clicks themselves cost is not the window's.
        self.clicker.start()
        before, started = self.steps(), time.perf_counter()
        self.loop(seconds)
        speed = (self.steps() - before) / (time.perf_counter() - started)
        self.clicker.stop()
        del canvas.paintEvent
        return speed, np.diff(self.ticks).tolist(), paintings

    def loop(self, seconds: float) -> None:
        """Run Qt's own event loop, as the program does."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(round(1000 * seconds), loop.quit)
        loop.exec()

    def steps(self) -> int:
        return self.session._lockstep.steps


def step_of(snapshot: Snapshot) -> int:
    record = snapshot.runs[0].record if snapshot.runs else None
    return record.step if record else 0


def frames(
    bench: Bench,
    situation: Situation,
    rounds: int,
    seconds: float,
) -> dict[str, object]:
    """Live window and stopped timers, in turn."""
    bench.train(situation.configs)
    bench.show_views(every=situation.every_view)
    return measured(bench, situation, rounds, seconds)


def measured(bench: Bench, situation: Situation, rounds: int, seconds: float) -> dict[str, object]:
    """Live and headless, in turn, as it trains and shows what it shows."""
    live, headless, intervals, waits, paintings = [], [], [], [], 0
    for _ in range(rounds):
        bench.look(live=True)
        bench.loop(0.3)
        speed, gaps, painted = bench.serve(seconds)
        waits += bench.clicker.waits
        live.append(speed)
        intervals += gaps
        paintings += painted
        bench.look(live=False)
        bench.loop(0.3)
        headless.append(bench.serve(seconds)[0])
    bench.look(live=True)
    return {
        "depth × width": situation.name,
        "paintings / s": paintings / (rounds * seconds),
        "at least": situation.paintings,
        "timer p99 ms": float(np.percentile(intervals, 99)) * 1e3,
        "at most": situation.interval_ms,
        "longest ms": max(intervals) * 1e3,
        "at most ": LONGEST_MS,
        "click p99 ms": float(np.percentile(waits, 99)) * 1e3,
        "at most  ": CLICK_MS,
        "steps/s live": statistics.median(live),
        "steps/s headless": statistics.median(headless),
        "live ÷ headless": statistics.median(live) / statistics.median(headless),
        "at least ": LEAST_SPEED,
    }


def lasting(bench: Bench, minutes: float, rounds: int, seconds: float) -> list[dict[str, object]]:
    """The same run with every view, after a minute and after many."""
    situation = next(one for one in SITUATIONS if one.every_view)
    bench.train(situation.configs)
    bench.show_views(every=True)
    rows = []
    for wanted in (1.0, minutes):
        while (left := 60.0 * wanted - (time.perf_counter() - bench.trained_since)) > 0:
            bench.loop(min(left, 10.0))
        found = measured(bench, situation, rounds, seconds)
        rows.append({"minutes": wanted, "steps": bench.steps(), **found})
    return rows


def stops(bench: Bench, rounds: int) -> dict[str, object]:
    """From the click on Pause to a quiet engine, beyond the length of a step."""
    step = 1.0 / max(bench.serve(1.0)[0], 1e-9)
    pauses = []
    for _ in range(rounds):
        bench.wait_until(lambda s: s.state is State.RUNNING)
        bench.loop(0.1)
        started = time.perf_counter()
        bench.click_run()
        bench.wait_until(lambda s: s.state is State.PAUSED)
        pauses.append(time.perf_counter() - started)
        bench.click_run()
    started = time.perf_counter()
    bench.window.close()
    closing = time.perf_counter() - started
    left = [t for t in threading.enumerate() if t.name == "engine"]
    return {
        "step ms": step * 1e3,
        "pause median ms": statistics.median(pauses) * 1e3,
        "pause longest ms": max(pauses) * 1e3,
        "at most": f"{100 + step * 1e3:.0f}",
        "close ms": closing * 1e3,
        "engine ended": not left,
    }


def main() -> None:
    """Print the tables."""
    parser = argument_parser(__doc__)
    parser.add_argument("--minutes", type=float, help="train for so long, and compare")
    arguments = parser.parse_args()
    sys.stderr.flush()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        rounds, seconds = (3, 2.0) if arguments.quick else (6, 5.0)
        platform = bench.application.platformName()
        title = f"Window {SIZE[0]} × {SIZE[1]} on {platform}, flat out"
        if arguments.minutes:
            rows = lasting(bench, arguments.minutes, rounds, seconds)
            bench.window.close()
            report([(title, rows)], arguments.json)
            return
        live = [frames(bench, situation, rounds, seconds) for situation in SITUATIONS]
        bench.train((CONFIG,))
        quiet = stops(bench, 5 if arguments.quick else 20)
        report([(title, live), ("Stop", [quiet])], arguments.json)


if __name__ == "__main__":
    main()
