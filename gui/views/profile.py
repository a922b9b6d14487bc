"""Profile: every layer at the present step, forward and backward, beside the theory.

A gradient that vanishes is a straight line falling towards the input; the slope is the factor
that each layer multiplies it with. Forward and backward stand beside each other, because what
keeps the one level need not keep the other: n_in decides forward, n_out decides backward.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.record import LAYER_QUANTITIES, layer_name
from engine.snapshot import RunSnapshot
from gui import theme as looks
from gui.company import ALONE, Company, briefs_of, names_of, pens_of
from gui.export import Table
from gui.labels import FittingLabel
from gui.theme import Theme
from gui.views.layer_panel import BACKWARD, FORWARD, LayerPanel, Range, vertical_range
from gui.views.legend import Legend
from gui.views.profile_words import backward_words, forward_words, standing_words
from gui.views.stage import Phase, Stage
from gui.views.view import View

# A card that is narrower than this has one axis for both panels.
_TWO_AXES_WIDTH = 460
# Backward has more to name.
_PANEL_SHARES = (4, 5)
# As many runs as there can be, and some ghosts, stand in one line.
_MOST_NAMES = 6
# A card that is lower than this does not name the runs.
_ROOM_FOR_NAMES = 170
# What is left of the theory's lines once the weights have moved.
_FADED_OPACITY = 0.45
_OPACITY_STEPS = 5


class ProfileView(View):
    """Activations forward, gradients backward, of every layer at the newest step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.forward = LayerPanel(FORWARD, legend_columns=1)
        self.backward = LayerPanel(BACKWARD, legend_columns=3)
        # Their pictures begin at the same height.
        self.backward.legend.rows_changed.connect(self.forward.legend.keep_rows)
        self.forward.legend.rows_changed.connect(self.backward.legend.keep_rows)
        self.panels = (self.forward, self.backward)
        row = QHBoxLayout()
        row.setSpacing(2 * looks.GAP)
        for panel, share in zip(self.panels, _PANEL_SHARES, strict=True):
            row.addWidget(panel, share)
            panel.enlarge_wanted.connect(self.enlarge_wanted)
            panel.menu_wanted.connect(self.menu_wanted)
            panel.dragged.connect(self.dragged)
            panel.pointed.connect(self.update_reading)
        # Among others both panels have the same names, which stand above them.
        self.runs = Legend(_MOST_NAMES, values_pass=True)
        self.runs.hide()
        self._company = ALONE
        self.body.addWidget(self.runs)
        self.body.addLayout(row, 1)
        self._run: RunSnapshot | None = None
        self._run_number: int | None = None
        self._theme = looks.LIGHT
        self._named: object = None
        self._way = 0.0
        # The vertical range of each panel so far.
        self._ranges: dict[int, Range] = {}
        # In the place of the reading while nothing is read.
        self.standing = FittingLabel()
        self.standing.setFont(looks.font(looks.CAPTION_POINTS))
        self.standing.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.head.insertWidget(1, self.standing, 1)
        self._choose_axes()
        self._fit()
        self.retranslate()

    def table(self, run: RunSnapshot) -> Table | None:
        if run.record is None:
            return None
        theory = ("activation_rms", "activation_grad_norm")
        rows: list[list[object]] = []
        for layer in range(run.config.depth + 1):
            measured = [float(run.record.layer(name)[layer]) for name in LAYER_QUANTITIES]
            expected = [
                "" if run.prediction is None else float(getattr(run.prediction, name)[layer])
                for name in theory
            ]
            name = layer_name(layer, run.config.depth)
            rows.append([run.record.step, name, *measured, *expected])
        return ["step", "layer", *LAYER_QUANTITIES, *(f"theory_{name}" for name in theory)], rows

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._theme = theme
        for panel in self.panels:
            panel.set_theme(theme)
        self._name_runs()

    def retranslate(self) -> None:
        self._name()
        for panel in self.panels:
            panel.retranslate()
        self.setToolTip(
            self.tr(
                "Left: the layer next to the input. Right: the output layer. Activations travel "
                "from left to right, gradients from right to left.\n"
                "Dashed: theory at initialisation. Bands: where chance puts two of three networks "
                "of this width, for one sample; of ∂L/∂W also by which samples were at hand."
            )
        )
        self._write()

    def show_stage(self, stage: Stage | None) -> None:
        everything = (-np.inf, np.inf)
        forward = backward = everything
        if stage is not None:
            place = stage.layer + 1.0
            nothing = (np.inf, np.inf)
            forward = (-np.inf, place) if stage.phase is Phase.FORWARD else everything
            backward = (place, np.inf) if stage.phase is Phase.BACKWARD else nothing
            panel = self.forward if stage.phase is Phase.FORWARD else self.backward
            panel.show_cursor(None if stage.phase is Phase.LOSS else place)
        self.forward.show_between(*forward)
        self.backward.show_between(*backward)
        if stage is None or stage.phase is not Phase.FORWARD:
            self.forward.show_cursor(None)
        if stage is None:
            self.backward.show_cursor(None)

    def show_company(self, company: Company) -> None:
        others = (replace(one, run=one.run.before_the_end()) for one in company.others)
        company = replace(company, others=tuple(others))
        self._company = company
        for panel in self.panels:
            panel.show_company(company)
        self._show_names()

    def _show_names(self) -> None:
        room = self.height() >= looks.scaled(_ROOM_FOR_NAMES)
        self.runs.setVisible(bool(self._company.others) and room)

    def _name_runs(self) -> None:
        company = self._company
        if not company.others:
            return
        names, briefs = names_of(company, self._run), briefs_of(company)
        for place, one in enumerate(company.others, start=1):
            if self._run is not None and not self.forward.has_room_for(one):
                for texts in (names, briefs):
                    texts[place] = self.tr("{0} (too deep to be shown)").format(texts[place])
        pens = pens_of(self._theme, company, strong=True)
        named = names, briefs, self._theme
        if named != self._named:
            self._named = named
            self.runs.set_entries(list(zip(names, pens, strict=True)), named[1], self._theme)

    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        was_past = self._run is not None and self._run.moment is not None
        if run_number != self._run_number or was_past:
            self._way = 0.0
        if run_number != self._run_number:
            self._run_number, self._ranges = run_number, {}
        run = run.before_the_end()
        self._run = run
        for panel in self.panels:
            panel.refresh(run_number, run)
        self._name_runs()
        self._name()
        self._fade(run)
        self._fit()
        self._write()

    def _name(self) -> None:
        run = self._run
        if run is None or run.moment is None or run.record is None:
            self.set_title(self.tr("Every layer now"), self.tr("Layers"))
        else:
            step = run.record.step
            title, short = self.tr("Every layer at step {0}"), self.tr("Step {0}")
            if run.first_bad is not None and run.first_bad.step == step + 1:
                title = self.tr("Every layer at step {0}, the last finite one")
                short = self.tr("Step {0}, the last finite")
            elif run.moment.first_step < run.moment.last_step:
                mean = self.tr("{0}, mean of {1}–{2}")
                steps = run.moment.first_step, run.moment.last_step
                title, short = (mean.format(text, *steps) for text in (title, short))
            self.set_title(title.format(step), short.format(step))

    def _fade(self, run: RunSnapshot) -> None:
        """Let the theory fade as the weights leave the place that it is about."""
        from engine.theory.drift import faded, way_of_weights

        if run.moment is not None and run.record is not None:
            self._way = way_of_weights(run.history.until(run.record.step), run.record)
        elif run.record is not None:
            self._way = way_of_weights(run.history, run.record)
        rest = round((1.0 - faded(self._way)) * _OPACITY_STEPS) / _OPACITY_STEPS
        for panel in self.panels:
            panel.fade(_FADED_OPACITY + (1.0 - _FADED_OPACITY) * rest)

    def _fit(self) -> None:
        """Choose the vertical ranges: one for both where they share an axis."""
        extents = [panel.extent() for panel in self.panels]
        if self._one_axis:
            extents = [[*extents[0], *extents[1]]] * 2
        for place, (panel, extent) in enumerate(zip(self.panels, extents, strict=True)):
            found = vertical_range(extent, self._ranges.get(place))
            if self._one_axis:
                self._ranges = dict.fromkeys((0, 1), found)
            self._ranges[place] = found
            panel.plot.span_y(*found, padding=0.03)

    def _choose_axes(self) -> None:
        self._one_axis = self.width() < _TWO_AXES_WIDTH
        self.backward.plot.showAxis("left", show=not self._one_axis)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_names()
        before = self._one_axis
        self._choose_axes()
        if self._one_axis != before:
            self._ranges = {}
            self._fit()

    def clear(self) -> None:
        self._run = self._run_number = None
        for panel in self.panels:
            panel.clear()
        self._write()

    def _write(self) -> None:
        run = self._run if self._run is not None and self._run.record is not None else None
        words = (forward_words(run), backward_words(run))
        for panel, lines in zip(self.panels, words, strict=True):
            measured, expected = lines
            if self._company.others:
                # The legend names runs: what is drawn of each is said here.
                quantity = panel.lines[0].name
                measured = (*(f"{quantity}  ·  {text}" for text in measured), *measured)
            panel.words[0].set_texts(*measured)
            panel.words[1].set_texts(*expected)
        # Where not even the briefest has room, none is better than half a word.
        self.standing.set_texts(*standing_words(run, self._way), "")
        self.update_reading()

    def update_reading(self) -> None:
        """Write what is under the mouse; without a mouse, how far the theory can be trusted."""
        x = next((x for x in (panel.mouse_x() for panel in self.panels) if x is not None), None)
        run = self._run
        if x is None or run is None or run.record is None:
            self._read("")
            for panel in self.panels:
                panel.show_values(None, 0)
            self.runs.set_values(())
            return
        row = min(max(round(x) - 1, 0), self.forward.layers - 1)
        name = layer_name(row, run.config.depth)
        self._read(
            self.tr("output layer") if name == "output" else self.tr("layer {0}").format(name)
        )
        values = [panel.show_values(run, row) for panel in self.panels]
        if self._company.others:
            # In the order of the panels.
            self.runs.set_values(tuple(map("  |  ".join, zip(*values, strict=True))))

    def _read(self, text: str) -> None:
        self.standing.setVisible(not text)
        self.reading.setVisible(bool(text))
        self.set_reading(text)
