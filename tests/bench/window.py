"""How live the window is while it trains, and what that costs the training.

`xvfb-run -a python -m tests.bench.window` opens the real window with all views, trains flat out,
and prints: heatmap paintings a second, the fast timer's intervals, training speed with the
window painting ÷ the same with its timers stopped (in turn), and how soon the engine is quiet
after a click on Pause and after closing.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest

from engine.config import RunConfig
from engine.session import Session
from engine.snapshot import Snapshot, State
from gui.app import make_application
from gui.main_window import MainWindow
from gui.settings import Settings
from gui.translation import Translation
from tests.bench.alternate import parse_arguments, report

CONFIG = RunConfig(depth=30, width=100, activation="relu", initializer="kaiming_normal",
                   learning_rate=0.001)  # fmt: skip
SIZE = (1440, 900)
DEEP = CONFIG.replace(depth=100)
DEEPEST = CONFIG.replace(depth=1000, width=64)
# What is trained, how many heatmap paintings a second and which 99th percentile of the fast
# timer's intervals in milliseconds are asked for.
SITUATIONS = (
    ("30 × 100", (CONFIG,), 20, 80),
    ("100 × 100", (DEEP,), 20, 80),
    ("100 × 100, two twins", (DEEP, DEEP.replace(initializer="xavier_normal")), 20, 80),
    ("1000 × 64", (DEEPEST,), 4, 120),
)


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
        self.window.show()
        self.ticks: list[float] = []
        self.window._fast_timer.timeout.connect(lambda: self.ticks.append(time.perf_counter()))
        self.wait_until(lambda s: s.state is State.PAUSED)
        self.click_run()
        self.wait_until(lambda s: step_of(s) > 50)

    def train(self, configs: Sequence[RunConfig]) -> None:
        """Train these experiments in lockstep."""
        self.window.comparison.take(configs)
        wanted = tuple(configs)
        self.wait_until(lambda s: tuple(run.config for run in s.runs) == wanted and step_of(s) > 10)
        assert self.session.snapshot().state is State.RUNNING

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
        before, started = self.steps(), time.perf_counter()
        self.loop(seconds)
        speed = (self.steps() - before) / (time.perf_counter() - started)
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
    situation: tuple[str, tuple[RunConfig, ...], int, int],
    rounds: int,
    seconds: float,
) -> dict[str, object]:
    """Live window and stopped timers, in turn."""
    name, configs, paintings_wanted, interval_wanted = situation
    bench.train(configs)
    window = bench.window
    live, quiet, intervals, paintings = [], [], [], 0
    for _ in range(rounds):
        window._fast_timer.start()
        window._slow_timer.start()
        bench.loop(0.3)
        speed, gaps, painted = bench.serve(seconds)
        live.append(speed)
        intervals += gaps
        paintings += painted
        window._fast_timer.stop()
        window._slow_timer.stop()
        bench.loop(0.3)
        quiet.append(bench.serve(seconds)[0])
    window._fast_timer.start()
    window._slow_timer.start()
    return {
        "depth × width": name,
        "heatmap paintings / s": paintings / (rounds * seconds),
        "at least": paintings_wanted,
        "timer p99 ms": float(np.percentile(intervals, 99)) * 1e3,
        "at most": interval_wanted,
        "longest ms": max(intervals) * 1e3,
        "steps/s live": statistics.median(live),
        "steps/s quiet": statistics.median(quiet),
        "live ÷ quiet": statistics.median(live) / statistics.median(quiet),
        "at least ": 0.80,
    }


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
    arguments = parse_arguments(__doc__)
    sys.stderr.flush()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        rounds, seconds = (3, 2.0) if arguments.quick else (6, 5.0)
        platform = bench.application.platformName()
        title = f"Window {SIZE[0]} × {SIZE[1]} on {platform}, flat out"
        live = [frames(bench, situation, rounds, seconds) for situation in SITUATIONS]
        bench.train((CONFIG,))
        quiet = stops(bench, 5 if arguments.quick else 20)
        report([(title, live), ("Stop", [quiet])], arguments.json)


if __name__ == "__main__":
    main()
