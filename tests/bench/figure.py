"""The picture of the README: theory against measurement for four schemes.

`python -m tests.bench.figure FILE.png [--language zh_CN]` trains one step of each and draws it with
the profile view.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from engine.config import RunConfig
from engine.diagnosis import diagnose
from engine.history import History
from engine.snapshot import RunSnapshot
from engine.trainer import Trainer

# Thirty layers of a hundred ReLU units, on the digits.
NETWORK = {"depth": 30, "width": 100, "activation": "relu", "seed": 7, "device": "cpu"}
SCHEMES = ("torch_default", "xavier_normal", "kaiming_normal", "normal")
INIT_STD = 0.2
CARD_SIZE = 620, 360
GAP = 8
SCALE = 2


def first_step(config: RunConfig) -> RunSnapshot:
    """Return a run after its first step."""
    trainer, history = Trainer(config), History(config.depth)
    record = trainer.step()
    history.append(record)
    view = history.view()
    return RunSnapshot(
        config=config,
        history=view,
        record=record,
        judged=diagnose(record, view),
        changes=(),
        parameters=trainer.layout.size,
        history_bytes=history.nbytes,
        anchor=trainer.anchor,
        prediction=trainer.prediction,
    )


def draw(path: Path, language: str) -> None:
    """Draw all schemes into one picture."""
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QColor, QImage, QPainter

    from gui import theme as looks
    from gui.app import make_application
    from gui.translation import Translation, choice_text
    from gui.views.profile import ProfileView

    application = make_application()
    translation = Translation()
    translation.use(language)
    width, height = CARD_SIZE
    size = 2 * width + 3 * GAP, 2 * height + 3 * GAP
    image = QImage(SCALE * size[0], SCALE * size[1], QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    image.fill(QColor(looks.LIGHT.window))
    painter = QPainter(image)
    for index, scheme in enumerate(SCHEMES):
        view = ProfileView()
        view.set_theme(looks.LIGHT)
        view.refresh(1, first_step(RunConfig(initializer=scheme, init_std=INIT_STD, **NETWORK)))
        name = f"N(0, {INIT_STD}²)" if scheme == "normal" else choice_text(scheme)
        title = f"{choice_text(NETWORK['activation'])} · {name}"
        view.set_title(title, title)
        view.resize(*CARD_SIZE)
        view.show()
        # Nobody opens a menu in a picture; it comes with the window's focus.
        view.more.hide()
        for _ in range(5):
            application.processEvents()
        row, column = divmod(index, 2)
        place = QPoint(GAP + column * (width + GAP), GAP + row * (height + GAP))
        view.render(painter, place)
        view.close()
    painter.end()
    if not image.save(str(path)):
        raise SystemExit(f"{path} could not be written")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--language", default="en")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    draw(arguments.file, arguments.language)
