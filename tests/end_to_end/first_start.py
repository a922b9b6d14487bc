"""The first start, as a person sees it: it fails before his eyes, and one click cures it.

Run as a program: it starts the window, waits for the verdict, clicks the first cure, waits for the
network to learn, closes the window and prints what it saw as JSON.
"""

import json
import sys
import time

STARTED = time.perf_counter()

from pathlib import Path  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import Qt, QTimer  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from engine.config import RunConfig  # noqa: E402
from gui.app import make_application, run_window  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.settings import Settings  # noqa: E402
from gui.tour import Tour  # noqa: E402

# So many steps of the failing run are looked at before the click.
STEPS_TO_SEE = 30
# The loss of guessing among ten classes is 2.30.
LEARNED_LOSS = 1.8


class Person:
    """Looks at the window some times a second, and clicks.

    Args:
        healthy: how a headline begins that says so.
        gives_up_after: so many seconds.
    """

    def __init__(self, healthy: str, gives_up_after: float) -> None:
        self.seen: dict[str, object] = {}
        self._healthy = healthy
        self._patience = gives_up_after
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(30)

    def _look(self) -> None:
        window = next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        snapshot = window.snapshot()
        record = snapshot.runs[0].record if snapshot.runs else None
        seconds = time.perf_counter() - STARTED
        if seconds > self._patience:
            self.seen["gave up with"] = window.verdict.headline.text()
            self._leave(window)
        if record is None or not record.step:
            return
        verdict, headline = snapshot.runs[0].diagnosis.verdict, window.verdict.headline.text()
        if "failing" not in self.seen:
            if verdict == "vanishing" and record.step >= STEPS_TO_SEE:
                self.seen["failing"] = {
                    "seconds": seconds,
                    "headline": headline,
                    "tour": bool(window.findChildren(Tour)),
                }
                QTest.mouseClick(window.verdict.advice.cures[0], Qt.MouseButton.LeftButton)
        elif headline.startswith(self._healthy) and record.curve("loss") < LEARNED_LOSS:
            self.seen["cured"] = {"seconds": seconds, "headline": headline, "step": record.step}
            self._leave(window)

    def _leave(self, window: MainWindow) -> None:
        self._timer.stop()
        window.close()


def main() -> None:
    """Print what was seen."""
    make_application()
    settings = Settings()
    settings.language = sys.argv[1]
    person = Person(healthy=sys.argv[3], gives_up_after=float(sys.argv[2]))
    code = run_window(RunConfig(), settings=settings)
    print(json.dumps(person.seen | {"exit code": code}))


if __name__ == "__main__":
    main()
