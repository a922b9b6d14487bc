"""How long a lab takes to show what a slider's move asks for.

`python -m tests.bench.labs` opens every lab at its default size, moves every slider through its
positions and prints median and 95th percentile of the time from the move to the end of the
repaint. Where the work has a thread of its own it is the time that the window is held up.
"""

from __future__ import annotations

import os
import statistics
import time

if not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
    os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtWidgets import QApplication

from engine.config import RunConfig
from gui import theme as looks
from gui.app import make_application
from gui.field_controls import NumberControl
from gui.labs.page import LabPage
from gui.labs.table import LABS
from gui.labs.window import LabsWindow
from tests.bench.alternate import parse_arguments, report

AT_MOST_MS = 50.0


def moves(page: LabPage, positions: int) -> tuple[list[float], bool]:
    """Return the milliseconds of each move of each slider, and whether any work was slow."""
    times, slow = [], False
    for row in page.panel.rows.values():
        if not (isinstance(row.control, NumberControl) and row.control.wide and row.isVisible()):
            continue
        slider = row.control.slider
        span = slider.maximum() - slider.minimum()
        for part in range(positions):
            position = slider.minimum() + span * part // (positions - 1)
            if position == slider.value():
                continue
            started = time.perf_counter()
            slider.setValue(position)
            slow |= page.busy
            page.repaint()
            QApplication.processEvents()
            times.append(1e3 * (time.perf_counter() - started))
        page.panel.reset()
        while page.busy:
            QApplication.processEvents()
            time.sleep(0.01)
    return times, slow


def main() -> None:
    """Print the table."""
    arguments = parse_arguments(__doc__)
    application = make_application()
    window = LabsWindow(RunConfig, looks.LIGHT)
    window.show()
    rows: list[dict[str, object]] = []
    for row in LABS:
        page = window.open_lab(row.name)
        application.processEvents()
        times, slow = moves(page, 8 if arguments.quick else 30)
        rows.append(
            {
                "lab": f"{row.number} {row.name}",
                "moves": len(times),
                "median ms": statistics.median(times),
                "p95 ms": statistics.quantiles(times, n=20)[-1],
                "at most": AT_MOST_MS,
                "own thread": slow,
            }
        )
    window.close()
    report([("Labs: a slider's move to the end of the repaint", rows)], arguments.json)


if __name__ == "__main__":
    main()
