"""The run as an animation: the heatmap, the profile and the loss, step by step, as a GIF."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from engine.history import HistoryView
from engine.moments import run_at
from engine.snapshot import RunSnapshot
from gui import theme as looks
from gui.theme import Theme
from gui.translation import choice_text
from gui.views.curves import LossView
from gui.views.heatmap import HeatmapView
from gui.views.profile import ProfileView
from gui.views.view import View

SIZE = (960, 540)
MOST_FRAMES = 60
FRAME_MS = 100
# The end is to be looked at before it begins again.
LAST_FRAME_MS = 2000
_COLOURS = 256


def chosen_steps(run: RunSnapshot, most: int = MOST_FRAMES) -> list[int]:
    """Return the steps to show: the beginning densely, where most happens, and the last."""
    last = run.steps
    if last <= most:
        return list(range(1, last + 1))
    share = np.geomspace(1.0, 1.0 + last, most) - 1.0
    even = np.linspace(1.0, last, most)
    return sorted({max(1, math.ceil(step)) for step in 0.5 * (share + even)} | {last})


class Stage(QWidget):
    """The three views side by side, which no screen shows.

    Attributes:
        heading: what is trained, the step, and among how many runs.

    Args:
        theme: the colours.
        runs: how many are compared; the first of them is shown.
    """

    def __init__(self, theme: Theme, runs: int = 1) -> None:
        super().__init__()
        self._runs = runs
        self.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self._theme = theme
        self._views: tuple[View, ...] = (
            HeatmapView("activation_grad_norm"), ProfileView(), LossView(),
        )  # fmt: skip
        self.heading = QLabel()
        self.heading.setFont(looks.font(looks.TITLE_POINTS, strong=True))
        grid = QGridLayout(self)
        grid.setSpacing(2 * looks.GAP)
        grid.addWidget(self.heading, 0, 0, 1, 2)
        heatmap, profile, loss = self._views
        grid.addWidget(heatmap, 1, 0, 2, 1)
        grid.addWidget(profile, 1, 1)
        grid.addWidget(loss, 2, 1)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        for view in self._views:
            view.set_theme(theme)
            view.more.hide()
        self.resize(*SIZE)
        self.show()

    def picture(self, run: RunSnapshot) -> QImage:
        """Return how a run looks."""
        config = run.config
        step = 0 if run.record is None else run.record.step
        parts = [
            f"{config.depth} × {config.width}",
            choice_text(config.activation),
            choice_text(config.initializer),
            self.tr("step {0}").format(step),
        ]
        if self._runs > 1:
            parts.append(self.tr("the first of {0} runs").format(self._runs))
        self.heading.setText("  ·  ".join(parts))
        for view in self._views:
            view.refresh(step, run)
            view.more.hide()
        image = QImage(*SIZE, QImage.Format.Format_RGB32)
        image.fill(self._theme.window)
        self.render(image)
        return image


def frames(
    run: RunSnapshot,
    theme: Theme,
    report: Callable[[float], bool] = lambda share: True,
    runs: int = 1,
) -> Iterator[QImage]:
    """Yield the pictures of a run.

    Args:
        run: at least one step of it.
        theme: the colours.
        report: is told after each picture how much is done; returns whether to go on.
        runs: how many are compared; this is the first of them.
    """
    stage = Stage(theme, runs)
    try:
        steps = chosen_steps(run)
        for number, step in enumerate(steps, start=1):
            # As it was then: the rest of the run is not known yet.
            yield stage.picture(replace(run_at(run, step), history=_until(run, step), moment=None))
            if not report(number / len(steps)):
                return
    finally:
        stage.close()
        stage.deleteLater()


def _until(run: RunSnapshot, step: int) -> HistoryView:
    history, validation = run.history.until(step), run.history.validation
    if len(validation):
        validation = validation.until(validation.column_at(step))
    return replace(history, validation=validation)


def save_gif(
    path: Path,
    run: RunSnapshot,
    theme: Theme,
    report: Callable[[float], bool] = lambda share: True,
    runs: int = 1,
) -> bool:
    """Write the animation; return whether it was written, or was called off by `report`.

    Raises:
        OSError: it cannot be written.
    """
    from PIL import Image

    from gui.export import write

    going_on = True

    def tell(share: float) -> bool:
        nonlocal going_on
        going_on = report(share)
        return going_on

    pictures = []
    for frame in frames(run, theme, tell, runs):
        size = frame.width(), frame.height()
        picture = Image.frombuffer("RGB", size, frame.constBits(), "raw", "BGRX", 0, 1)
        # Each frame has a palette of its own: the heatmap alone has 200 colours.
        pictures.append(picture.quantize(_COLOURS, dither=Image.Dither.NONE))
    if not going_on:
        return False
    durations = [FRAME_MS] * (len(pictures) - 1) + [LAST_FRAME_MS]
    data = BytesIO()
    pictures[0].save(
        data, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0
    )
    write(path, data.getvalue())
    return True
