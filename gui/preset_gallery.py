"""The gallery: every preset with its picture, its name and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QFile, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetrics,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.config import RunConfig
from engine.presets import (
    Preset,
    gallery,
    preset_problem,
    preset_problems,
    presets,
    read_own_presets,
)
from gui import theme as looks
from gui.labels import ascent_of, tidy_width
from gui.preset_pictures import HEIGHT, WIDTH
from gui.refusals import refusal_words
from gui.theme import Theme
from gui.translation import local_text

COLUMNS = 3
CARD_WIDTH = 284
_PADDING = 8
_PICTURE = QSize(CARD_WIDTH - 2 * _PADDING, (CARD_WIDTH - 2 * _PADDING) * HEIGHT // WIDTH)
_SENTENCE_LINES = 5
_SCROLL_BAR_WIDTH = 10
FIRST_SIZE = QSize(COLUMNS * (CARD_WIDTH + 2 * looks.GAP) + 44, 640)


class PresetCard(QAbstractButton):
    """A picture, a name and a sentence, to click on.

    Args:
        preset: what to show.
        key: the key that chooses it; empty: none.
        theme: its colours.
    """

    def __init__(self, preset: Preset, key: str, theme: Theme) -> None:
        super().__init__()
        self.preset = preset
        self._key = key
        self._theme = theme
        self._picture = QImage(str(preset.picture))
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(local_text(preset.title))
        self.setAccessibleDescription(local_text(preset.sentence))
        self._name_font = looks.font(looks.TITLE_POINTS, strong=True)
        self._sentence_font = looks.font(looks.BODY_POINTS)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        self.setFont(self._name_font)
        height = 3 * _PADDING + _PICTURE.height() + self.fontMetrics().height() + looks.GAP
        self.setFont(self._sentence_font)
        return QSize(CARD_WIDTH, height + _SENTENCE_LINES * self.fontMetrics().lineSpacing())

    def sentence_fits(self) -> bool:
        """Say whether the whole sentence is to be seen."""
        metrics = QFontMetrics(self._sentence_font)
        text = local_text(self.preset.sentence)
        room = QRect(0, 0, _PICTURE.width(), 10000)
        lines = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), text).height()
        return lines <= _SENTENCE_LINES * metrics.lineSpacing() + 2

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        lit = self.isChecked() or self.hasFocus() or self.underMouse()
        painter.setPen(QPen(QColor(self._theme.accent if lit else self._theme.border), 1.5))
        painter.setBrush(QColor(self._theme.card))
        painter.drawRoundedRect(box, looks.CARD_RADIUS, looks.CARD_RADIUS)
        place = QRectF(_PADDING, _PADDING, _PICTURE.width(), _PICTURE.height())
        self._draw_picture(painter, place)
        painter.setPen(QColor(self._theme.text))
        painter.setFont(self._name_font)
        name = QRectF(_PADDING, place.bottom() + looks.GAP, place.width(), 1)
        name.setHeight(painter.fontMetrics().height() + 2)
        room = name.width() - (16 if self._key else 0)
        title = painter.fontMetrics().elidedText(
            local_text(self.preset.title), Qt.TextElideMode.ElideRight, round(room)
        )
        # Signs of another font stand lower in their line: both are on one base line.
        base = name.top() + ascent_of(title, self._name_font)
        painter.drawText(QPointF(name.left(), base), title)
        painter.setPen(QColor(self._theme.muted))
        key_width = painter.fontMetrics().horizontalAdvance(self._key)
        painter.drawText(QPointF(name.right() - key_width, base), self._key)
        painter.setFont(self._sentence_font)
        painter.setPen(QColor(self._theme.muted))
        sentence = local_text(self.preset.sentence)
        width = tidy_width(sentence, self._sentence_font, _PICTURE.width())
        text = QRectF(_PADDING, name.bottom(), width, box.bottom() - name.bottom() - 4)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        painter.drawText(text, int(flags), sentence)

    def _draw_picture(self, painter: QPainter, place: QRectF) -> None:
        path = QPainterPath()
        path.addRoundedRect(place, 4, 4)
        painter.save()
        painter.setClipPath(path)
        painter.fillRect(place, QColor(self._theme.plot))
        if not self._picture.isNull():
            painter.drawImage(place, self._picture)
        painter.restore()


class PresetGallery(QDialog):
    """All presets under their headings, the person's own first.

    Args:
        config: the present experiment, whose card is marked.
        own_folder: where the person's presets lie; None: there are none.
        theme: its colours.

    Attributes:
        chosen: a preset was clicked.
    """

    chosen = Signal(object)

    def __init__(
        self,
        config: RunConfig,
        own_folder: Path | None,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.finished.connect(self.deleteLater)
        self._config = config
        self._theme = theme
        self._folder = own_folder
        self.cards: list[PresetCard] = []
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.verticalScrollBar().setStyleSheet(
            looks.scroll_bar_style(theme, _SCROLL_BAR_WIDTH)
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * looks.GAP, 2 * looks.GAP, 2 * looks.GAP, 2 * looks.GAP)
        column.addWidget(self._area)
        self._fill()
        self.setFixedWidth(FIRST_SIZE.width())
        room = parent.height() if parent is not None else FIRST_SIZE.height()
        self.resize(FIRST_SIZE.width(), min(max(FIRST_SIZE.height(), room - 100), room))

    def _fill(self) -> None:
        self.setWindowTitle(self.tr("Presets"))
        self.cards.clear()
        content = QWidget()
        column = QVBoxLayout(content)
        column.setSpacing(2 * looks.GAP)
        own, problems = read_own_presets(self._folder) if self._folder else ((), ())
        if own:
            self._add_group(column, self.tr("Your own"), own, keys={}, own=True)
        keys = {name: str(number) for number, name in enumerate(list(presets())[:9], start=1)}
        for group in gallery():
            rows = [presets()[name] for name in group.names if preset_problem(name) is None]
            self._add_group(column, local_text(group.title), rows, keys, own=False)
        for error in (*preset_problems(), *problems):
            label = QLabel(self.tr("Not shown: {0}").format(refusal_words(error)))
            label.setWordWrap(True)
            column.insertWidget(0, label)
        column.addStretch(1)
        before = self._area.takeWidget()
        if before is not None:
            # One of its cards may have asked for this.
            before.deleteLater()
        self._area.setWidget(content)

    def _add_group(
        self,
        column: QVBoxLayout,
        title: str,
        group: Sequence[Preset],
        keys: dict[str, str],
        *,
        own: bool,
    ) -> None:
        heading = QLabel(title)
        heading.setFont(looks.font(looks.TITLE_POINTS, strong=True))
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setSpacing(2 * looks.GAP)
        for index, preset in enumerate(group):
            card = PresetCard(preset, keys.get(preset.name, "") if not own else "", self._theme)
            same = preset.config.replace(
                seed=self._config.seed, device=self._config.device, threads=self._config.threads
            )
            card.setChecked(same == self._config)
            card.clicked.connect(lambda _=False, preset=preset: self._choose(preset))
            if own:
                self._offer_deletion(card)
            grid.addWidget(card, *divmod(index, COLUMNS))
            self.cards.append(card)
        grid.setColumnStretch(COLUMNS, 1)
        column.addLayout(grid)

    def _choose(self, preset: Preset) -> None:
        self.chosen.emit(preset)
        self.accept()

    def _offer_deletion(self, card: PresetCard) -> None:
        delete = QAction(self.tr("Move to the recycle bin"), card)
        delete.triggered.connect(lambda: self.delete(card.preset))
        card.addAction(delete)
        card.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        card.setToolTip(self.tr("A right click offers to delete it."))

    def delete(self, preset: Preset) -> None:
        """Move a preset of the person's own, and its picture, to the recycle bin."""
        for path in (preset.path, preset.picture):
            if path.exists() and not _move_to_bin(path):
                # Some systems have no bin.
                path.unlink()
        self._fill()


def _move_to_bin(path: Path) -> bool:
    return bool(QFile.moveToTrash(str(path)))
