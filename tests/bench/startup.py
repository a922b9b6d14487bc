"""How long until the window is painted, against a bare PySide6 + pyqtgraph window.

`python -m tests.bench.startup` starts each in a fresh process, in turn, and prints the medians,
their ratio, and whether torch was loaded by then. Under a display, or offscreen without one.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.alternate import parse_arguments, report

ROOT = Path(__file__).resolve().parents[2]
AT_MOST = 1.3

# Both print the moment at which the first painting is over, and end.
PAINTED = "print(time.monotonic(), 'torch' in sys.modules, flush=True); os._exit(0)"
OURS = f"""
import os, sys, time
import main
import gui.main_window
def painted(window): {PAINTED}
gui.main_window.MainWindow.start_engine = painted
main.main([])
"""
BARE = f"""
import os, sys, time
import pyqtgraph as pg
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
application = QApplication([])
def painted(): {PAINTED}
class Window(pg.PlotWidget):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, painted)
window = Window()
window.resize(1360, 850)
window.plot([1, 2, 3])
window.show()
application.exec()
"""


def first_paint(program: str, settings: str) -> tuple[float, bool]:
    """Return the seconds from the start of a process to its first painting, and torch there."""
    environment = os.environ | {"XDG_CONFIG_HOME": settings}
    if not {"DISPLAY", "WAYLAND_DISPLAY"} & environment.keys():
        environment["QT_QPA_PLATFORM"] = "offscreen"
    started = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    moment, torch_loaded = result.stdout.split()
    return float(moment) - started, torch_loaded == "True"


def main() -> None:
    """Print the table."""
    arguments = parse_arguments(__doc__)
    seconds: dict[str, list[float]] = {"ours": [], "bare": []}
    torch_loaded = False
    with tempfile.TemporaryDirectory() as settings:
        for program in (OURS, BARE):
            first_paint(program, settings)
        for _ in range(5 if arguments.quick else 15):
            ours, loaded = first_paint(OURS, settings)
            torch_loaded |= loaded
            seconds["ours"].append(ours)
            seconds["bare"].append(first_paint(BARE, settings)[0])
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    row: dict[str, object] = {
        "first paint s": medians["ours"],
        "bare window s": medians["bare"],
        "ratio": medians["ours"] / medians["bare"],
        "at most": AT_MOST,
        "torch loaded": torch_loaded,
    }
    title = "Start-up: process start to first painted window (medians)"
    report([(title, [row])], arguments.json)


if __name__ == "__main__":
    main()
