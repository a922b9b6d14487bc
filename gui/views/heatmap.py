"""Heatmap: the size of a gradient in every layer at every step.

Vanishing is a picture that darkens towards the input, exploding one that brightens, trouble at
one moment a vertical line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from engine.history import MAXIMUM, MEAN, MINIMUM
from engine.record import OUTPUT_LAYER, layer_name
from engine.snapshot import RunSnapshot
from gui import numbers
from gui import theme as looks
from gui.company import ALONE, Company, looks_of
from gui.export import Table
from gui.theme import Theme
from gui.views.colour_bar import label
from gui.views.colour_scale import SUBNORMAL, Scale
from gui.views.difference import DifferenceCells
from gui.views.heatmap_axes import Place
from gui.views.heatmap_canvas import HeatmapCanvas
from gui.views.heatmap_cells import Ends, HeatmapCells
from gui.views.quantities import QUANTITIES
from gui.views.stage import Phase, Stage
from gui.views.view import View


class _Tiles(QHBoxLayout):
    """A row that is told how wide it is before it is laid out.

    Args:
        share: has the parts share so many pixels.
    """

    def __init__(self, share: Callable[[int], None]) -> None:
        super().__init__()
        self._share = share

    def setGeometry(self, rect: QRect) -> None:
        self._share(rect.width())
        super().setGeometry(rect)


class HeatmapView(View):
    """A heatmap with its title and the reading under the mouse.

    Args:
        quantity: the row of `QUANTITIES` to show at first.

    Attributes:
        scale_changed: its colours mean something else now.
        layer_clicked: a row was clicked; 0 is the layer next to the input.
    """

    scale_changed = Signal()
    layer_clicked = Signal(int)

    def __init__(self, quantity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._first = quantity
        self._theme = looks.LIGHT
        self._scale: Scale | None = None
        self._latest: tuple[int, RunSnapshot] | None = None
        self._company = ALONE
        # Of the runs that are named above their pictures.
        self._depths: tuple[int, ...] = ()
        self.canvas = HeatmapCanvas(HeatmapCells(quantity))
        # Beside the first run's: one for each twin, and the difference of two.
        self.tiles: list[HeatmapCanvas] = []
        self.difference: HeatmapCanvas | None = None
        self._row = _Tiles(self._share_width)
        self._row.setSpacing(looks.GAP)
        self._add_canvas(self.canvas)
        self.body.addLayout(self._row, 1)
        self.retranslate()

    def _add_canvas(self, canvas: HeatmapCanvas) -> None:
        canvas.set_theme(self._theme)
        canvas.hovered.connect(self.update_reading)
        canvas.layer_clicked.connect(self.layer_clicked)
        canvas.selected = self.canvas.selected
        self._row.addWidget(canvas, 1)

    @property
    def canvases(self) -> list[HeatmapCanvas]:
        """All pictures, from the left."""
        last = [] if self.difference is None else [self.difference]
        return [self.canvas, *self.tiles, *last]

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._theme = theme
        for canvas in self.canvases:
            canvas.set_theme(theme)
        self._name_tiles()

    def retranslate(self) -> None:
        self.set_title(*self.canvas.cells.quantity.heads())
        for canvas in self.canvases:
            canvas.retranslate()
        self._name_tiles()
        self.update_reading()

    # What is shown

    def show_quantity(self, quantity: str, ends: Ends) -> None:
        """Show a row of `QUANTITIES` on a scale."""
        cells = self._own_cells()
        if (quantity, ends) == (cells.quantity.name, cells.ends):
            return
        for canvas in (self.canvas, *self.tiles):
            canvas.show_quantity(quantity, ends)
        self._replace_difference()
        self.retranslate()
        if self._latest is not None:
            self.refresh(*self._latest)
        self._tell_scale()
        self.state_changed.emit()

    def state(self) -> dict[str, str]:
        cells = self._own_cells()
        if cells.quantity.name == self._first and cells.ends is Ends.FIXED:
            return {}
        return {"quantity": cells.quantity.name, "ends": cells.ends.value}

    def restore(self, state: Mapping[str, str]) -> None:
        quantity = state.get("quantity", self._first)
        ends = state.get("ends", Ends.FIXED.value)
        if quantity in QUANTITIES and ends in {one.value for one in Ends}:
            self.show_quantity(quantity, Ends(ends))

    def table(self, run: RunSnapshot) -> Table:
        quantity, series = self._own_cells().quantity.name, run.history.layers
        statistics = [run.history.layer(quantity, which) for which in (MEAN, MINIMUM, MAXIMUM)]
        heads = ["first_step", "last_step", "layer", "mean", "minimum", "maximum"]
        rows = [
            [
                *series.steps_of(column),
                layer_name(layer, run.config.depth),
                *(float(values[column, layer]) for values in statistics),
            ]
            for column in range(len(series))
            for layer in range(run.config.depth + 1)
        ]
        return [*heads[:3], *(f"{quantity}_{word}" for word in heads[3:])], rows

    def fill_menu(self, menu: QMenu) -> None:
        cells = self._own_cells()
        quantities = QMenu(self.tr("Quantity"), menu)
        menu.addMenu(quantities)
        for name, quantity in QUANTITIES.items():
            text, _ = quantity.heads()
            action = quantities.addAction(text, partial(self.show_quantity, name, cells.ends))
            action.setCheckable(True)
            action.setChecked(quantity is cells.quantity)
        scales = QMenu(self.tr("Colour scale"), menu)
        menu.addMenu(scales)
        names = {
            Ends.FIXED: self.tr("Fixed: colours can be compared between runs"),
            Ends.RECENT: self.tr("From the smallest to the largest of late"),
            Ends.PER_LAYER: self.tr("Each layer from its smallest to its largest"),
        }
        for ends, text in names.items():
            action = scales.addAction(text, partial(self.show_quantity, cells.quantity.name, ends))
            action.setCheckable(True)
            action.setChecked(ends is cells.ends)

    def choose_layer(self, layer: int | None) -> None:
        for canvas in self.canvases:
            if layer != canvas.selected:
                canvas.selected = layer
                canvas.update()

    def _tell_scale(self) -> None:
        scale = self.canvas.cells.scale
        if scale != self._scale:
            self._scale = scale
            self.scale_changed.emit()

    def show_stage(self, stage: Stage | None) -> None:
        lit = None if stage is None or stage.phase is Phase.LOSS else stage.layer
        for canvas in self.canvases:
            if canvas.lit != lit:
                canvas.lit = lit
                canvas.update(canvas.plot_rect())

    # Company

    def show_company(self, company: Company) -> None:
        before, self._company = self._company, company
        if before.others or company.others:
            if len(before.twins) != len(company.twins):
                self._lay_tiles(len(company.twins))
            if looks_of(before) != looks_of(company):
                self._depths = ()

    def _lay_tiles(self, count: int) -> None:
        cells = self._own_cells()
        while len(self.tiles) > count:
            self._remove(self.tiles.pop())
        while len(self.tiles) < count:
            tile = HeatmapCanvas(HeatmapCells(cells.quantity.name))
            tile.show_quantity(cells.quantity.name, cells.ends)
            self.tiles.append(tile)
            self._add_canvas(tile)
            tile.show()
        self._replace_difference()

    def _own_cells(self) -> HeatmapCells:
        cells = self.canvas.cells
        assert isinstance(cells, HeatmapCells)
        return cells

    def _replace_difference(self) -> None:
        """Have a picture of the difference where there are two runs."""
        if self.difference is not None:
            self._remove(self.difference)
            self.difference = None
        if len(self.tiles) == 1:
            self.difference = HeatmapCanvas(DifferenceCells(self._own_cells().quantity.name))
            self._add_canvas(self.difference)
            self.difference.show()
            self._name_tiles()

    def _remove(self, canvas: HeatmapCanvas) -> None:
        self._row.removeWidget(canvas)
        canvas.hide()
        canvas.deleteLater()

    def _name_tiles(self) -> None:
        twins = self._company.twins
        if not twins or len(self._depths) != 1 + len(twins):
            # None, or none that has been seen yet.
            self.canvas.stand(Place())
            self.canvas.span_steps(0)
            return
        colours = self._theme.series
        names = self._company.name, self._company.short, self._company.brief
        self.canvas.stand(Place(names, colours[0]))
        unlike = [depth != self._depths[0] for depth in self._depths[1:]]
        for index, (tile, twin) in enumerate(zip(self.tiles, twins, strict=False), start=1):
            names, other = (twin.name, twin.short, twin.brief), unlike[index - 1]
            tile.stand(Place(names, colours[index], first=False, own_axis=other))
        if self.difference is not None:
            scale = self.difference.cells.scale
            texts = (
                (self.tr("second ÷ first"), "2 ÷ 1")
                if scale.logarithmic
                else (self.tr("second − first"), "2 − 1")
            )
            ends = label(scale, scale.low), label(scale, scale.high)
            place = Place(texts, first=False, own_axis=unlike[0], ends=ends)
            self.difference.stand(place)
        self._row.invalidate()

    def _share_width(self, room: int) -> None:
        """Have all pictures equally wide, with what stands beside them."""
        shown = [canvas for canvas in self.canvases if not canvas.isHidden()]
        beside = [canvas.width_beside_plot() for canvas in shown]
        each = max((room - looks.GAP * (len(shown) - 1) - sum(beside)) // max(len(shown), 1), 1)
        # Their pictures begin at one height.
        lines = 1 if all(canvas.has_room_for_name(each) for canvas in shown) else 2
        for canvas in shown:
            canvas.keep_lines(lines)
        for canvas, width in zip(shown, beside, strict=True):
            # To set it is to ask for a new layout, even where it is the same.
            if self._row.stretch(self._row.indexOf(canvas)) != each + width:
                self._row.setStretchFactor(canvas, each + width)

    def refresh(self, run_number: int, run: RunSnapshot) -> None:
        self._latest = run_number, run
        changed = self.canvas.show_run(run_number, run)
        twins = self._company.twins
        for tile, twin in zip(self.tiles, twins, strict=False):
            tile.show_run(run_number, twin.run)
        if self.difference is not None and len(twins) == 1:
            # Layers of unequal depths have nothing to do with each other.
            comparable = twins[0].run.config.depth == run.config.depth
            self.difference.setVisible(comparable)
            if comparable:
                self.difference.show_difference(run_number, run, twins[0].run)
        depths = (run.config.depth, *(twin.run.config.depth for twin in twins))
        if depths != self._depths:
            self._depths = depths
            self._name_tiles()
        if twins:
            self._share_steps()
        if changed and any(canvas.is_pointed_at for canvas in self.canvases):
            # The mouse rests while the picture moves on under it.
            self.update_reading()
        self._tell_scale()

    def _share_steps(self) -> None:
        """Let the pictures of runs that have ended span the steps of those that go on."""
        steps = max(canvas.cells.own_steps for canvas in (self.canvas, *self.tiles))
        for canvas in self.canvases:
            canvas.span_steps(steps)

    def clear(self) -> None:
        self._latest = None
        for canvas in self.canvases:
            canvas.clear()
        self.update_reading()

    def update_reading(self) -> None:
        """Write what is under the mouse into the head."""
        for canvas in self.canvases:
            cell = canvas.hovered_cell()
            if cell is not None:
                texts = (self.reading_of(*cell, short=short, canvas=canvas) for short in (0, 1))
                self.set_reading(*texts)
                return
        self.set_reading("")

    def reading_of(
        self, row: int, column: int, *, short: bool = False, canvas: HeatmapCanvas | None = None
    ) -> str:
        """Say layer, steps and value of a cell; in short without naming which is which."""
        cells = (canvas or self.canvas).cells
        depth = cells.rows - (1 if cells.output_row else 0)
        name = layer_name(cells.rows - 1 - row, depth)
        layer = (
            self.tr("output layer") if name == OUTPUT_LAYER else self.tr("layer {0}").format(name)
        )
        number = cells.value(row, column)
        if isinstance(cells, DifferenceCells):
            signed = f"{100 * number:+.1f}%".replace("-", "−")
            value = f"×{numbers.factor(number)}" if cells.scale.logarithmic else signed
        elif cells.quantity.of_width:
            value = numbers.plain(number)
        elif cells.scale.logarithmic:
            value = numbers.scientific(number)
        else:
            value = numbers.percent(number)
        if cells.filled()[row, column] == SUBNORMAL and not isinstance(cells, DifferenceCells):
            value = self.tr("{0}, subnormal").format(value)
        first, last = cells.steps(column)
        if short:
            # Layer, step and value keep their order: the numbers alone are understood.
            step = f"{first}" if first == last else f"{first}–{last}"
            return f"{name if name != OUTPUT_LAYER else layer}  ·  {step}  ·  {value}"
        if first == last:
            step = self.tr("step {0}").format(first)
        else:
            step = self.tr("largest of steps {0}–{1}").format(first, last)
        return f"{layer}  ·  {step}  ·  {value}"
