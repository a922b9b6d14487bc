"""What a lab reads out: names in small letters, values in large ones, side by side."""

from __future__ import annotations

from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from gui import theme as looks
from gui.labels import ElidedLabel
from gui.labs.lab import Reading
from gui.theme import Theme
from gui.views.card import Card

# A tile is at least so wide, and as wide as its texts.
_LEAST_TILE_WIDTH = 110
_MOST_COLUMNS = 6
VALUE_POINTS = 13.0


class _Tile(QWidget):
    """One reading."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidedLabel()
        self.value = ElidedLabel()
        self.value.setFont(looks.font(VALUE_POINTS, strong=True))
        for label in (self.name, self.value):
            # Signs from another font, as in 10⁻⁶, may be higher than the line.
            label.setFixedHeight(label.fontMetrics().height() + 3)
        self.value.let_copy()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.name)
        column.addWidget(self.value)

    def text_width(self) -> float:
        """Return how wide its texts are, in logical pixels."""
        labels = (self.name, self.value)
        return max(label.fontMetrics().horizontalAdvance(label.text()) for label in labels)

    def show_reading(self, reading: Reading, theme: Theme) -> None:
        self.name.setText(reading.name)
        self.value.setText(reading.value)
        colours = (theme.muted, theme.problem if reading.alarm else theme.text)
        for label, colour in zip((self.name, self.value), colours, strict=True):
            palette = label.palette()
            if palette.color(palette.ColorRole.WindowText) != QColor(colour):
                palette.setColor(palette.ColorRole.WindowText, QColor(colour))
                label.setPalette(palette)


class ReadingsCard(Card):
    """All readings of a lab, in a grid.

    Args:
        group: so many readings stay in one row.
    """

    def __init__(self, group: int = 1, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = group
        self.title.hide()
        self.reading.hide()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(4 * looks.GAP)
        self._grid.setVerticalSpacing(looks.GAP)
        self.body.addLayout(self._grid)
        self._tiles: list[_Tile] = []
        self._columns = 0
        self._theme = looks.LIGHT
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._theme = theme

    def texts(self) -> list[tuple[str, str]]:
        """Return names and values as they stand there."""
        return [
            (tile.name.text(), tile.value.text()) for tile in self._tiles if not tile.isHidden()
        ]

    def show_readings(self, readings: list[Reading]) -> None:
        """Show these, in rows."""
        while len(self._tiles) < len(readings):
            tile = _Tile(self)
            self._tiles.append(tile)
            self._columns = 0
        for index, tile in enumerate(self._tiles):
            tile.setVisible(index < len(readings))
            if index < len(readings):
                tile.show_reading(readings[index], self._theme)
        self._place()

    def _place(self) -> None:
        """Lay the tiles out in as many columns as there is room for."""
        widths = [tile.text_width() for tile in self._tiles if not tile.isHidden()]
        shown = len(widths)
        spacing = self._grid.horizontalSpacing()
        tile_width = max(widths, default=0) + spacing
        # The last tile has no spacing behind it.
        width = self.width() - 2 * looks.CARD_MARGIN + spacing
        room = max(int(width // max(tile_width, looks.scaled(_LEAST_TILE_WIDTH))), 2)
        # As even as possible: 5 readings stand as 3 and 2, not as 4 and 1.
        rows = -(-shown // min(room, _MOST_COLUMNS)) or 1
        columns = -(-shown // rows) or 1
        if columns > self._group:
            columns -= columns % self._group
        if columns == self._columns:
            return
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, int(column < columns))
        self._columns = columns
        for index, tile in enumerate(self._tiles):
            self._grid.addWidget(tile, *divmod(index, columns))
            self._grid.setColumnStretch(index % columns, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()
