"""Everything that was found in a run; and, where it has ended, how it came to that."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.config import RunConfig
from engine.diagnosis import Diagnosis
from engine.diagnosis.advice import Advice, advise
from engine.diagnosis.autopsy import Autopsy
from engine.snapshot import RunSnapshot
from gui import numbers
from gui import theme as looks
from gui.advice import button_help, button_text
from gui.buttons import FlatButton
from gui.sentences import sentence_text
from gui.theme import Theme
from gui.translation import engine_text
from gui.views.axes import PowerAxis, StepAxis, WordAxis
from gui.views.plot import quiet_plot, style_plot

# As much as there is to read, within these; never more than the screen has.
_WIDTH = 760
_LEAST_HEIGHT, _MOST_HEIGHT = 320, 860
_SCREEN_SHARE = 0.9
_PLOT_HEIGHT = 240
_PLOT_PADDING = 0.04
_TICK_HEAD = 12
# About how many layers are named below the plot.
_MOST_LAYERS = 10


class FindingsDialog(QDialog):
    """The findings in words, the growth before the end, and the cures.

    Args:
        run: its diagnosis is shown as it is now.
        theme: colours.

    Attributes:
        cure_chosen: the experiment with the cure.
    """

    cure_chosen = Signal(RunConfig)

    def __init__(self, run: RunSnapshot, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finished.connect(self.deleteLater)
        diagnosis = run.diagnosis
        assert diagnosis is not None
        autopsy = diagnosis.autopsy
        title = self.tr("Findings") if autopsy is None else self.tr("What happened?")
        self.setWindowTitle(title)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(*[2 * looks.GAP] * 4)
        column.setSpacing(2 * looks.GAP)
        if autopsy is not None:
            for sentence in autopsy.sentences():
                column.addWidget(_text(sentence_text(sentence)))
            last_words = autopsy.last_words()
            if last_words is not None:
                column.addWidget(_text(sentence_text(last_words)))
            if len(autopsy.values) > 1:
                column.addWidget(_text(self._plot_title(autopsy), strong=True))
                along = self.tr("layer") if autopsy.over == "layer" else self.tr("step")
                plot = growth_plot(autopsy, theme, along)
                if autopsy.over == "layer":
                    name_layers(plot, run.config.depth, self.tr("out"))
                column.addWidget(plot)
        advice = advise(diagnosis, run.config, run.anchor, most=5)
        if autopsy is None:
            self._add_findings(column, diagnosis)
            self._add_cures(column, advice, theme)
        else:
            # How to go on comes before what else was found.
            self._add_cures(column, advice, theme)
            self._add_findings(column, diagnosis)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        whole = QVBoxLayout(self)
        whole.addWidget(area, 1)
        whole.addWidget(buttons)
        self._area, self._inner, self._fitted = area, inner, False
        self.resize(self._most())

    def _add_findings(self, column: QVBoxLayout, diagnosis: Diagnosis) -> None:
        """Write every finding, and what several are called only once."""
        heading = ""
        for finding in diagnosis.findings:
            title = engine_text(finding.title).capitalize()
            if title != heading:
                column.addWidget(_text(title, strong=True))
            column.addWidget(_text(sentence_text(finding.sentence)))
            heading = title
        if diagnosis.autopsy is None and not diagnosis.findings:
            column.addWidget(_text(self.tr("Nothing is wrong with this run.")))

    def _add_cures(self, column: QVBoxLayout, advice: tuple[Advice, ...], theme: Theme) -> None:
        """Write what to try: a button for each, and what it does."""
        if advice:
            column.addWidget(_text(self.tr("What to try"), strong=True))
        for place, each in enumerate(advice):
            button = FlatButton(primary=not place)
            button.set_outlined()
            button.setText(button_text(each))
            button.set_theme(theme)
            button.clicked.connect(lambda _=False, config=each.config: self._choose(config))
            column.addWidget(button)
            column.addWidget(_text(button_help(each)))

    def _most(self) -> QSize:
        """Return how large the window may be: never larger than the screen."""
        room = self.screen().availableSize() * _SCREEN_SHARE
        return room.boundedTo(QSize(looks.scaled(_WIDTH), looks.scaled(_MOST_HEIGHT)))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._fitted:
            # Only now the type is known, and with it how much room the words take.
            self._fitted = True
            needed = self._inner.heightForWidth(self._area.viewport().width())
            spare = self._area.viewport().height() - needed
            least = looks.scaled(_LEAST_HEIGHT)
            self.resize(self.width(), max(self.height() - max(spare, 0), least))

    def _plot_title(self, autopsy: Autopsy) -> str:
        by_layer, by_step = self.tr("{0}, by layer"), self.tr("{0}, by step")
        name = {
            "activation_rms": self.tr("Root mean square of h"),
            "activation_grad_norm": "‖∂L/∂h‖",
            "weight_grad_norm": "‖∂L/∂W‖",
            "weight_norm": "‖W‖",
            "loss": self.tr("Loss"),
        }[autopsy.quantity]
        return (by_layer if autopsy.over == "layer" else by_step).format(name)

    def _choose(self, config: RunConfig) -> None:
        self.close()
        self.cure_chosen.emit(config)


def growth_plot(autopsy: Autopsy, theme: Theme, along: str) -> pg.PlotWidget:
    """Return a plot of the decisive quantity over the last steps, or over the layers.

    Args:
        autopsy: of the run.
        theme: colours.
        along: name of the horizontal axis.
    """
    bottom = WordAxis("bottom") if autopsy.over == "layer" else StepAxis("bottom")
    plot = quiet_plot({"left": PowerAxis("left"), "bottom": bottom})
    # The curve begins and ends with a dot, and half a tick's text stands above the axis.
    plot.getViewBox().setDefaultPadding(_PLOT_PADDING)
    plot.plotItem.setContentsMargins(0, looks.scaled(_TICK_HEAD), 16, 0)
    plot.setFixedHeight(looks.scaled(_PLOT_HEIGHT))
    style_plot(plot, theme)
    plot.getAxis("bottom").setLabel(along, color=theme.muted)
    pen = looks.strong_pen(theme, 1)
    plot.plot(
        autopsy.at.astype(float), np.log10(np.abs(autopsy.values)), pen=pen,
        symbol="o", symbolSize=5, symbolBrush=theme.series[1], symbolPen=None,
    )  # fmt: skip
    return plot


def name_layers(plot: pg.PlotWidget, depth: int, output: str) -> None:
    """Write the layers along the horizontal axis of a plot, from 1, as everywhere else.

    Args:
        plot: of values at 1 … depth + 1.
        depth: number of hidden layers.
        output: name of the output layer, which follows them.
    """
    layers = numbers.layer_ticks(depth, _MOST_LAYERS)
    # The name has the room that a number would have.
    layers = [n for n in layers if n <= depth + 1 - depth / _MOST_LAYERS]
    ticks = [*((n, str(n)) for n in layers), (depth + 1, output)]
    plot.getAxis("bottom").setTicks([ticks])


def _text(text: str, *, strong: bool = False) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if strong:
        label.setFont(looks.font(looks.BODY_POINTS, strong=True))
    return label
