"""Does it stay what it was: memory and liveliness over a long time.

`xvfb-run -a python -m tests.bench.soak --minutes 60 --steps 1000000` trains without a window for so
many steps, and then with one, every view to be seen, for so many minutes; 0 leaves a part out. It
prints the resident memory after the first tenth and at the end, the largest in between, and the
99th percentile of the time between two looks of the window, at the start and at the end. What was
seen on the way is printed to standard error, so that a run which is broken off has told something.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np

from engine.config import RunConfig
from gui.memory import resident_bytes
from tests.bench.alternate import report

MOST_GROWTH = 0.02
# The share of the time that is for warming up, and of the ticks at each end that are compared.
WARM_UP = END = 0.1
SAMPLE_SECONDS = 1.0
CONFIG = RunConfig(depth=30, width=100, activation="relu", initializer="kaiming_normal",
                   learning_rate=0.001)  # fmt: skip


class Memory:
    """The resident memory of this process, looked at every second by a thread of its own."""

    def __init__(self) -> None:
        self._samples: list[int] = []
        self._enough = threading.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at it."""
        thread = threading.Thread(target=self._look, name="memory")
        thread.start()
        try:
            yield
        finally:
            self.stop()
            thread.join()

    def stop(self) -> None:
        """Look no more."""
        self._enough.set()

    def figures(self) -> dict[str, object]:
        """Return what it was in MB, and by how much it has grown."""
        megabytes = np.array(self._samples) / 1e6
        warm = int(len(megabytes) * WARM_UP)
        # The median of a few seconds at each end: what is fetched for a moment is not kept.
        few = max(1, min(30, (len(megabytes) - warm) // 10))
        first = float(np.median(megabytes[warm : warm + few]))
        last = float(np.median(megabytes[-few:]))
        return {
            "MB after warm-up": first,
            "MB at the end": last,
            "MB at most": float(megabytes[warm:].max()),
            "growth %": 100 * (last / first - 1),
            "at most": 100 * MOST_GROWTH,
        }

    def _look(self) -> None:
        while not self._enough.wait(SAMPLE_SECONDS):
            self._samples.append(resident_bytes() or 0)
            if len(self._samples) % 60 == 0:
                print(f"{len(self._samples)} s: {self._samples[-1] / 1e6:.0f} MB", file=sys.stderr)


def without_window(config: RunConfig, steps: int) -> dict[str, object]:
    """Train and record without a window."""
    from engine import headless
    from engine.recording import save_recording

    memory, began = Memory(), time.perf_counter()
    seconds = 0.0

    def save_unwatched(*arguments: object) -> None:
        nonlocal seconds
        # What the tables take for a moment is no part of the training.
        memory.stop()
        seconds = time.perf_counter() - began
        save_recording(*arguments)

    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(headless, "save_recording", save_unwatched),
        memory.watched(),
    ):
        code, _ = headless.train_headless(config, steps, Path(folder))
    assert code == 0
    return {"steps": steps, "minutes": seconds / 60, **memory.figures()}


def with_window(config: RunConfig, minutes: float) -> dict[str, object]:
    """Train with every view to be seen; the run is kept as the program keeps it."""
    from gui.recovery import Recovery
    from tests.bench.window import Bench

    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        recovery = Recovery(bench.window, Path(folder) / "autosave")
        recovery.start()
        bench.train((config,))
        bench.show_views(every=True)
        memory = Memory()
        with memory.watched():
            speed, gaps, paintings = bench.serve(60 * minutes)
        bench.window.close()
        recovery.close()
    end = max(1, int(len(gaps) * END))
    # The first tenth warms up, the second is the start.
    start = float(np.percentile(gaps[end : 2 * end], 99))
    return {
        "minutes": minutes,
        "steps": round(60 * minutes * speed),
        "paintings / s": paintings / (60 * minutes),
        "p99 ms at the start": 1e3 * start,
        "p99 ms at the end": 1e3 * float(np.percentile(gaps[-end:], 99)),
        **memory.figures(),
    }


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0, help="with the window")
    parser.add_argument("--steps", type=int, default=1_000_000, help="without it")
    parser.add_argument("--depth", type=int, default=CONFIG.depth)
    parser.add_argument("--width", type=int, default=CONFIG.width)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    arguments = parser.parse_args()
    config = CONFIG.replace(depth=arguments.depth, width=arguments.width)
    tables = []
    if arguments.steps:
        tables.append(("Without a window", [without_window(config, arguments.steps)]))
    if arguments.minutes:
        tables.append(("Every view of the window", [with_window(config, arguments.minutes)]))
    report(tables, arguments.json)


if __name__ == "__main__":
    main()
