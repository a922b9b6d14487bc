"""The pictures of the two READMEs: `python -m tests.readme_pictures [--only PART]`.

Those that end in `.zh_CN.png` are for the Chinese one. `tests.bench.figure` draws the theory's.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

# Sets Qt's platform, before Qt is loaded.
from tests.screenshots import Shot, _wait, picture  # isort: skip

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from engine.config import RunConfig
from engine.snapshot import State
from gui.labs.table import LABS
from gui.main_window import MainWindow

FOLDER = Path(__file__).resolve().parent.parent / "resources/pictures"
SIZE, THEME = "1280x800", "light"
ENDINGS = {"en": ".png", "zh_CN": ".zh_CN.png"}
LABS_SIZE = 1240, 780
LABS_GAP = 8
# Two labs train networks of their own, and have little to show before.
TRAINED = {"symmetry": 200, "curve_fit": 1500}


def _wait_for(condition: Callable[[], bool]) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    _wait(application, condition)


def _rests_at(window: MainWindow, step: int) -> bool:
    snapshot = window.session.snapshot()
    at = [run.record.step for run in snapshot.runs if run.record is not None]
    resting = snapshot.state in (State.PAUSED, State.FINISHED)
    return resting and len(at) == len(snapshot.runs) > 0 and min(at) >= step


def _compare(window: MainWindow) -> None:
    window.comparison.add_twin({"normalization": "batch"})
    _wait_for(lambda: len(window.session.snapshot().runs) == 2)
    window.session.step(120)
    _wait_for(lambda: _rests_at(window, 120))


def _lesson(window: MainWindow) -> None:
    # The lesson of the vanishing gradient, its page on thirty layers.
    window.lessons.open(2, 1)
    _wait_for(lambda: _rests_at(window, 100))
    assert window.lessons.panel is not None
    window.lessons.panel.reveal()


def _labs(window: MainWindow) -> QWidget:
    window.labs.open()
    labs = window.labs.window
    assert labs is not None
    labs.resize(*LABS_SIZE)
    width, height = LABS_SIZE[0] // 3, LABS_SIZE[1] // 3
    sheet = QPixmap(2 * width + LABS_GAP, (len(LABS) + 1) // 2 * (height + LABS_GAP) - LABS_GAP)
    sheet.fill(window.theme.window)
    painter = QPainter(sheet)
    for place, row in enumerate(LABS):
        page = labs.open_lab(row.name)
        _wait_for(lambda page=page: not page.busy)
        if "steps" in page.lab.parameters and row.name in TRAINED:
            page.panel.set_values({"steps": TRAINED[row.name]})
            _wait_for(lambda page=page: not page.busy)
        below, beside = divmod(place, 2)
        smooth = Qt.TransformationMode.SmoothTransformation
        small = labs.grab().scaled(width, height, mode=smooth)
        painter.drawPixmap(beside * (width + LABS_GAP), below * (height + LABS_GAP), small)
    painter.end()
    shown = QLabel()
    shown.setPixmap(sheet)
    shown.setFixedSize(sheet.size())
    return shown


SHOTS = (
    Shot("window", steps=120),
    Shot("compare", steps=0, prepare=_compare),
    Shot(
        "diverged",
        RunConfig(depth=10, activation="relu", initializer="kaiming_normal", learning_rate=1.0),
        steps=20,
    ),
    Shot("lesson", steps=1, prepare=_lesson),
    Shot("labs", steps=1, prepare=_labs),
)


def main() -> None:
    """Draw the pictures, each in both languages."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="pictures whose name contains this")
    arguments = parser.parse_args()
    for shot in SHOTS:
        for language, ending in ENDINGS.items():
            if arguments.only not in shot.name:
                continue
            with tempfile.TemporaryDirectory() as folder:
                drawn = picture(shot, SIZE, THEME, language, Path(folder))
                path = FOLDER / f"{shot.name}{ending}"
                image = Image.open(drawn).convert("RGB")
                if shot.name == "labs":
                    # Not the others: their heatmaps' colours are numbers.
                    image = image.quantize(256)
                image.save(path, optimize=True)
            print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
