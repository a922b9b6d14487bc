"""The lesson panel: what to do, what to watch, what to guess, and then what is true."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.lessons import BrokenLesson, Lesson, Page, broken_lessons, lessons
from gui import theme as looks
from gui.buttons import FlatButton
from gui.experiment_panel import PANEL_WIDTH, SCROLL_BAR_WIDTH
from gui.labels import WrappedLabel
from gui.refusals import reason_words, refusal_words
from gui.theme import Theme
from gui.translation import local_text
from gui.views.card import Card

PAGE_POINTS = 15.0
TEXT_POINTS = 12.5
# Where the panel is lower than this, in logical pixels, the text is smaller.
LOW_PANEL, LOW_TEXT_POINTS = 560, 11.0


# Where the items of a list keep whether they can be chosen. The items themselves are left alone:
# what Python holds of one outlives it, and is then taken for whatever lies in its place.
_FLAGS_ROLE = Qt.ItemDataRole.UserRole - 1


class _Paragraph(QWidget):
    """A few sentences under a small heading."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour
        self.heading = QLabel()
        self.heading.setFont(looks.font(looks.CAPTION_POINTS, strong=True))
        self.text = WrappedLabel()
        self.text.setFont(looks.font(TEXT_POINTS))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.heading)
        column.addWidget(self.text)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        palette = self.heading.palette()
        palette.setColor(palette.ColorRole.WindowText, QColor(getattr(theme, self._colour)))
        self.heading.setPalette(palette)

    def show_text(self, heading: str, text: str) -> None:
        """Write the sentences; without any it is hidden."""
        self.heading.setText(heading)
        self.text.setText(text)
        self.setVisible(bool(text))


class LessonPanel(Card):
    """One page of a lesson at a time.

    After the last page of a lesson comes its question, and then the next lesson.

    Attributes:
        page_shown: another page: its experiment, fields, views and covers are asked for.
        revealed: the class has guessed: the covers of the page go.
        closed: the lesson is over.
        restore_wanted: the page's own experiment is to come back.
    """

    page_shown = Signal(object)
    revealed = Signal(object)
    closed = Signal()
    restore_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title.hide()
        self.reading.hide()
        self.lesson_number = 0
        self.page_number = 0
        self.is_revealed = False
        # The page whose experiment the window shows.
        self._behind: Page | None = None
        self.chooser = QComboBox()
        # Where each of `lessons()` stands among all of them.
        self._rows = tuple(lesson.number - 1 for lesson in lessons())
        self.chooser.addItems([""] * (len(lessons()) + len(broken_lessons())))
        self.chooser.setFont(looks.font(looks.CAPTION_POINTS))
        self.chooser.setMaxVisibleItems(self.chooser.count())
        self.chooser.setMinimumContentsLength(8)
        self.chooser.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.chooser.activated.connect(lambda row: self.open(self._rows.index(row)))
        self.close_button = FlatButton("close")
        self.close_button.set_small()
        self.close_button.clicked.connect(self.closed)
        self.restore_button = FlatButton("reset")
        self.restore_button.set_small()
        self.restore_button.hide()
        self.restore_button.clicked.connect(self.restore_wanted)
        self.place = QLabel()
        self.place.setFont(looks.font(looks.CAPTION_POINTS))
        self.page_title = WrappedLabel()
        self.page_title.setFont(looks.font(PAGE_POINTS, strong=True))
        self.do = _Paragraph("accent")
        self.watch = _Paragraph("accent")
        self.predict = _Paragraph("exploding")
        self.answer = _Paragraph("healthy")
        self.reveal_button = FlatButton(primary=True)
        self.reveal_button.clicked.connect(self.reveal)
        self.back_button = FlatButton()
        self.back_button.clicked.connect(self.back)
        self.next_button = FlatButton()
        self.next_button.clicked.connect(self.next)
        self._lay_out()
        self.retranslate()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(looks.GAP)
        head.addWidget(self.chooser, 1)
        head.addWidget(self.restore_button)
        head.addWidget(self.close_button)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 2 * looks.GAP, 0)
        column.setSpacing(2 * looks.GAP)
        parts = (self.place, self.page_title, self.do, self.watch, self.predict)
        for part in (*parts, self.answer):
            column.addWidget(part)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidget(content)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content.setAutoFillBackground(False)
        self._area.viewport().setAutoFillBackground(False)
        self._area.verticalScrollBar().rangeChanged.connect(self._show_answer)
        foot = QHBoxLayout()
        foot.addWidget(self.back_button)
        foot.addStretch(1)
        # Never scrolled away, unlike the text.
        foot.addWidget(self.reveal_button)
        foot.addWidget(self.next_button)
        self.body.addLayout(head)
        self.body.addWidget(self._area, 1)
        self.body.addLayout(foot)

    # Where in the lessons

    @property
    def lesson(self) -> Lesson:
        """The lesson that is open."""
        return lessons()[self.lesson_number]

    @property
    def page(self) -> Page | None:
        """The page that is shown; None: the closing question."""
        pages = self.lesson.pages
        return pages[self.page_number] if self.page_number < len(pages) else None

    def open(self, lesson: int, page: int = 0) -> None:
        """Show a page of a lesson; after the last page comes the question."""
        self.lesson_number, self.page_number = lesson, page
        shown = self.page
        self.is_revealed = shown is not None and not shown.predict
        self._write()
        self._area.verticalScrollBar().setValue(0)
        behind = shown or self.lesson.pages[-1]
        if shown is not None or behind is not self._behind:
            self._behind = behind
            self.page_shown.emit(behind)
        if shown is None:
            # Nothing of the last page stays covered while the question is talked over.
            self.revealed.emit(behind)

    def forget(self) -> None:
        """Ask for the page's experiment anew when it is opened again."""
        self._behind = None

    def reveal(self) -> None:
        """Show what is true."""
        self.is_revealed = True
        self._write()
        if self.page is not None:
            self.revealed.emit(self.page)

    def _show_answer(self) -> None:
        """Scroll to the answer, as its height, or the panel's, has become known."""
        if not self.answer.isHidden():
            self._area.verticalScrollBar().setValue(self.answer.y())

    def next(self) -> None:
        """Show the next page, the question, or the next lesson."""
        if self.page is not None:
            self.open(self.lesson_number, self.page_number + 1)
        elif self.lesson_number + 1 < len(lessons()):
            self.open(self.lesson_number + 1)

    def back(self) -> None:
        """Show the page before."""
        if self.page_number:
            self.open(self.lesson_number, self.page_number - 1)
        elif self.lesson_number:
            before = lessons()[self.lesson_number - 1]
            self.open(self.lesson_number - 1, len(before.pages))

    def go_on(self) -> None:
        """Do what comes next: reveal, or turn the page."""
        if self.is_revealed:
            self.next()
        else:
            self.reveal()

    # Looks

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        points = LOW_TEXT_POINTS if self.height() < LOW_PANEL else TEXT_POINTS
        for part in (self.do, self.watch, self.predict, self.answer):
            if part.text.font().pointSizeF() != points:
                part.text.setFont(looks.font(points))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        for part in (self.do, self.watch, self.predict, self.answer):
            part.set_theme(theme)
        # As wide as the cards of the form below.
        self.setFixedWidth(looks.scaled(PANEL_WIDTH) - SCROLL_BAR_WIDTH)
        buttons = (self.restore_button, self.close_button, self.reveal_button, self.back_button)
        for button in (*buttons, self.next_button):
            button.set_theme(theme)
        palette = self.place.palette()
        palette.setColor(palette.ColorRole.WindowText, QColor(theme.muted))
        self.place.setPalette(palette)
        self._area.verticalScrollBar().setStyleSheet(
            looks.scroll_bar_style(theme, SCROLL_BAR_WIDTH)
        )

    def retranslate(self) -> None:
        """Take the texts of the language in force."""
        for lesson in lessons():
            title = local_text(lesson.title)
            self.chooser.setItemText(lesson.number - 1, f"{lesson.number}  {title}")
        for lesson in broken_lessons():
            self._write_broken(lesson)
        self.chooser.setToolTip(self.tr("Choose a lesson  (1 – 9, 0)"))
        self.chooser.setAccessibleName(self.tr("Choose a lesson"))
        self.close_button.setToolTip(self.tr("Leave the lesson  (Esc)"))
        self.restore_button.setToolTip(self.tr("The page's own experiment again"))
        self.restore_button.setAccessibleName(self.restore_button.toolTip())
        self.back_button.setText(self.tr("Back"))
        self.back_button.setToolTip(self.tr("The page before  (Page Up)"))
        self.next_button.setText(self.tr("Next"))
        self.next_button.setToolTip(self.tr("Reveal, or turn the page  (Page Down)"))
        self._write()

    def _write_broken(self, lesson: BrokenLesson) -> None:
        """Say in its row that a lesson cannot be given, and why."""
        row = lesson.number - 1
        words = self.tr("not available: {0}").format(reason_words(lesson.problem))
        self.chooser.setItemText(row, f"{lesson.number}  {words}")
        self.chooser.setItemData(row, refusal_words(lesson.problem), Qt.ItemDataRole.ToolTipRole)
        self.chooser.setItemData(row, 0, _FLAGS_ROLE)

    def _write(self) -> None:
        lesson, page = self.lesson, self.page
        self.chooser.setCurrentIndex(self._rows[self.lesson_number])
        self.back_button.setEnabled(bool(self.lesson_number or self.page_number))
        last = page is None and self.lesson_number + 1 == len(lessons())
        self.next_button.setEnabled(not last)
        number = self.page_number + 1
        if page is None:
            self.place.setText(self.tr("To end with"))
            self.page_title.setText(local_text(lesson.question))
            self.do.show_text("", "")
            self.watch.show_text("", "")
            self.predict.show_text("", "")
            answer = local_text(lesson.answer)
            self.reveal_button.setText(self.tr("Show the answer"))
            heading = self.tr("ANSWER")
        else:
            pages = len(lesson.pages)
            self.place.setText(self.tr("Page {0} of {1}").format(number, pages))
            self.page_title.setText(local_text(page.title))
            self.do.show_text(self.tr("DO"), local_text(page.do))
            self.watch.show_text(self.tr("WATCH"), local_text(page.watch))
            self.predict.show_text(self.tr("PREDICT"), local_text(page.predict))
            answer = local_text(page.reveal)
            self.reveal_button.setText(self.tr("Reveal"))
            heading = self.tr("WHAT IS TRUE")
        self.reveal_button.setVisible(not self.is_revealed)
        self.answer.show_text(heading, answer if self.is_revealed else "")
