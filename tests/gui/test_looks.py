"""Colours that can be read, words that have room, and what is remembered."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTranslator
from PySide6.QtGui import QColor, QPainter, QTextLayout
from PySide6.QtWidgets import QApplication

from engine.config import RunConfig
from engine.snapshot import FinishReason, State
from gui import theme as looks
from gui.advice import AdviceRow
from gui.buttons import FlatButton
from gui.labels import WrappedLabel, _line_widths, tidy_width, unbroken
from gui.labs.matrix_view import MatrixCard
from gui.main_window import FRAME_SIZE, SMALLEST_SIZE, MainWindow
from gui.settings import Settings, _Forgetful
from gui.theme import DARK, LIGHT
from gui.views.colour_bar import _NAME_START

# WCAG 2.1, success criterion 1.4.3: for text, and for text of at least 14 points in bold.
TEXT_CONTRAST, LARGE_TEXT_CONTRAST = 4.5, 3.0
VERDICTS = ("vanishing", "exploding", "healthy", "diverged", "neutral")


def luminance(colour):
    parts = QColor(colour).getRgbF()[:3]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    # A grey that is just good enough on white.
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_all_text_can_be_read(theme):
    pairs = [
        (text, ground)
        for text in (theme.text, theme.muted, theme.problem)
        for ground in (theme.window, theme.card, theme.field)
    ]
    pairs += [(theme.on_accent, theme.accent), (theme.accent, theme.card)]
    pairs += [(theme.muted, theme.plot)]
    for text, ground in pairs:
        assert contrast(text, ground) >= TEXT_CONTRAST, (text, ground)
    for name in VERDICTS:
        assert contrast(getattr(theme, name), theme.card) >= LARGE_TEXT_CONTRAST, name
    # WCAG 1.4.11: graphical objects.
    for colour in (*theme.series, *theme.past):
        assert contrast(colour, theme.card) >= LARGE_TEXT_CONTRAST, colour


def test_ink_can_be_read_on_any_colour():
    for red, green, blue in itertools.product(range(0, 256, 15), repeat=3):
        ground = QColor(red, green, blue)
        assert contrast(looks.ink_on(ground), ground) >= TEXT_CONTRAST, ground.name()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_numbers_can_be_read_on_every_cell_of_a_matrix(qtbot, theme, monkeypatch):
    card = MatrixCard()
    qtbot.addWidget(card)
    card.set_theme(theme)
    entries = np.append(np.linspace(-1, 1, 254), [np.inf, np.nan]).reshape(32, 8)
    card.show_matrix(entries)
    canvas = card._canvas
    canvas.setFixedSize(900, 900)
    inks = []
    monkeypatch.setattr(QPainter, "setPen", lambda painter, pen: inks.append(QColor(pen)))
    picture = canvas.grab().toImage()
    monkeypatch.undo()
    cell = canvas.matrix_box().width() / 8, canvas.matrix_box().height() / 32
    for index in range(entries.size):
        row, column = divmod(index, 8)
        ground = picture.pixelColor(round((column + 0.1) * cell[0]), round((row + 0.2) * cell[1]))
        assert contrast(inks[index], ground) >= TEXT_CONTRAST, entries.flat[index]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_key_of_the_heatmaps_says_each_word_in_one_line(window, language):
    window.set_language(language)
    bar = window.dashboard.colour_bar._bar
    length = bar.fontMetrics().horizontalAdvance
    for name, _ in bar._swatches():
        assert "\n" not in name
        assert _NAME_START + length(name) <= bar.sizeHint().width()


@pytest.mark.parametrize(
    ("text", "room"),
    [("every layer receives the same gradient as the layer before it does. 0.", 200),
     ("梯度在反向传播途中每过一层就放大倍。" * 2, 200)],
)  # fmt: skip
def test_a_last_line_is_no_lone_word_where_that_costs_no_line(qapp, text, room):
    font = looks.font()
    for width in range(room, 2 * room):
        before = _line_widths(text, font, width)
        tidy = tidy_width(text, font, width)
        after = _line_widths(text, font, tidy)
        assert tidy <= width
        assert len(after) == len(before)
        assert after[-1] >= before[-1]
        if len(after) > 1:
            assert after[-1] >= 0.25 * width


def test_a_wrapped_label_paints_no_lone_word(qtbot):
    label = WrappedLabel()
    qtbot.addWidget(label)
    label.setText("every layer receives the same gradient as the layer before it 0.")
    whole = label.fontMetrics().horizontalAdvance(label.text())
    label.resize(whole - 4, 2 * label.fontMetrics().height())
    picture = label.grab().toImage()
    ground = picture.pixelColor(0, 0)
    below = range(label.height() // 2 + 2, label.height())
    inked = [
        x for x in range(label.width()) if any(picture.pixelColor(x, y) != ground for y in below)
    ]
    assert max(inked) > label.width() // 5


def test_the_reasons_of_a_verdict_end_in_no_lone_word(qtbot):
    row = AdviceRow()
    qtbot.addWidget(row)
    reasons = row.reasons
    reasons.setText("every layer receives the same gradient as the layer before it does. 0.")
    whole = reasons.fontMetrics().horizontalAdvance(reasons.text())
    others = row.more.sizeHint().width() + row.conventions.sizeHint().width()
    for width in range(whole // 2 + others, whole + others, 7):
        row.resize(width, 100)
        row._show_what_fits()
        row.layout().activate()
        room = reasons.contentsRect().width()
        lines = _line_widths(reasons.text(), reasons.font(), room)
        assert len(lines) == 1 or lines[-1] >= 0.25 * room, width


class Longer(QTranslator):
    """A language whose words are 40 % longer than the English ones."""

    def translate(self, context, source, disambiguation=None, count=-1):
        return source + "·" * round(0.4 * len(source))

    def isEmpty(self):  # noqa: N802 (Qt calls it)
        return False


@pytest.fixture
def longer_words():
    translator = Longer()
    QCoreApplication.instance().installTranslator(translator)
    yield
    QCoreApplication.instance().removeTranslator(translator)


@pytest.mark.parametrize("size", [SMALLEST_SIZE, (1440, 900)], ids=str)
def test_layouts_survive_longer_words(qtbot, longer_words, window, session, size):
    window.resize(*size)
    session.advance(30)
    window.retranslate()
    window.renew_everything()
    window.grab()
    # Nothing makes the window wider than it is wanted.
    qtbot.waitUntil(lambda: (window.width(), window.height()) == tuple(size))
    try:
        qtbot.waitUntil(lambda: not crowded(window), timeout=10_000)
    except qtbot.TimeoutError:
        assert not crowded(window)


def crowded(window):
    """Return the words that have not the room they need."""
    found = []
    for button in window.findChildren(FlatButton):
        if button.isVisible():
            right = button.mapTo(window, button.rect().topRight()).x()
            if button.width() < button.sizeHint().width() or right > window.width():
                found.append(button.text())
    labels = [row.label for row in window.panel.rows.values()]
    found += [
        label.text()
        for label in labels
        if label.isVisible() and label.width() < label.sizeHint().width()
    ]
    return found


@pytest.mark.parametrize("width", [1000, 1024, 1200, 1440])
def test_a_window_that_rests_asks_for_no_new_layout(qtbot, window, session, width):
    # Whoever changes something while he is laid out is laid out again, for ever.
    window.resize(width, 768)
    session.advance(30)
    window.renew_everything()
    qtbot.waitUntil(lambda: window.width() == width)
    asked = []

    class Watcher(QObject):
        def eventFilter(self, watched, event):  # noqa: N802 (Qt calls it)
            if event.type() == QEvent.Type.LayoutRequest:
                asked.append(watched)
            return False

    def rest() -> bool:
        asked.clear()
        for _ in range(20):
            QCoreApplication.processEvents()
        return not asked

    watcher = Watcher()
    QCoreApplication.instance().installEventFilter(watcher)
    try:
        qtbot.waitUntil(rest)
    finally:
        QCoreApplication.instance().removeEventFilter(watcher)


def test_the_last_experiment_is_remembered(window, settings):
    config = RunConfig(depth=7, width=9, activation="relu", seed=3)
    window.configure(config)
    window.close()
    assert settings.experiment == config


@pytest.mark.parametrize("stored", ["", "nonsense", "vp:depth=0", "vp:activation=none"])
def test_an_experiment_that_is_no_longer_one_is_forgotten(stored):
    store = _Forgetful()
    store.setValue("experiment", stored)
    assert Settings(store).experiment is None


def is_whole(label, line):
    """Say whether a label has room for its text, inside the line."""
    fits = label.fontMetrics().horizontalAdvance(label.text()) <= label.width()
    return fits and label.geometry().right() <= line.width()


def test_the_status_line_stays_inside_the_window(qtbot, window, session):
    session.run()
    session.advance(3)
    status = window.status
    figures = (status.device, status.speed, status.cost, status.memory)
    for width in (1000, 1440):
        window.resize(width, 700)
        window.renew_everything()
        qtbot.waitUntil(lambda width=width: status.width() == width)
        for label in figures:
            qtbot.waitUntil(lambda label=label: is_whole(label, status))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_why_a_run_has_ended_is_told_whole_on_a_small_screen(window, qtbot, session, language):
    window.set_language(language)
    window.resize(1024, 768)
    qtbot.waitUntil(lambda: window.status.width() == 1024)
    ended = replace(session.snapshot(), state=State.FINISHED, finish_reason=FinishReason.NONFINITE)
    ended = replace(ended, runs=(replace(ended.runs[0], parameters=300_410),))
    window.status.show_snapshot(ended)
    window.layout().activate()
    assert "300,410" in window.status.state.text()
    assert not window.status.state.is_elided


class LayoutRequests(QObject):
    def __init__(self):
        super().__init__()
        self.count = 0

    def eventFilter(self, watched, event):  # noqa: N802
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_figures_that_change_ask_for_no_new_layout(window, session, qtbot):
    session.run()
    session.advance(3)
    window.renew_everything()
    requests = LayoutRequests()
    QApplication.instance().installEventFilter(requests)

    def is_settled() -> bool:
        # A request of a widget within becomes one of its parent with the next turn.
        before = requests.count
        QApplication.processEvents()
        return requests.count == before

    qtbot.waitUntil(is_settled)
    QApplication.instance().removeEventFilter(requests)
    window.installEventFilter(requests)
    requests.count = 0
    for _ in range(5):
        session.advance(1)
        window.renew_everything()
        QApplication.processEvents()
    window.removeEventFilter(requests)
    assert requests.count == 0


def test_a_first_window_is_no_larger_than_its_screen(session, settings, translation):
    window = MainWindow(session, session.config, settings=settings, translation=translation)
    screen = window.screen().availableGeometry()
    # The screen of the tests is smaller than the smallest window.
    assert (screen.width(), screen.height()) == (800, 800)
    assert window.height() == screen.height() - FRAME_SIZE[1]
    window.close()
    window.deleteLater()


@pytest.mark.parametrize(("ratio", "width"), [(1.0, 1), (1.25, 1), (2.0, 2), (3.0, 3)])
def test_curves_are_as_wide_on_a_fine_screen(qapp, monkeypatch, ratio, width):
    screen = SimpleNamespace(devicePixelRatio=lambda: ratio)
    monkeypatch.setattr(looks.QGuiApplication, "primaryScreen", lambda: screen)
    for pen in (looks.series_pen, looks.faint_pen, looks.theory_pen, looks.ghost_pen):
        assert pen(looks.LIGHT, 0).width() == width
    assert looks.mark_pen(looks.LIGHT).width() == width


def test_a_menu_without_a_cure_before_it_stands_beside_the_findings(qtbot):
    row = AdviceRow()
    qtbot.addWidget(row)
    row.take_bar()
    row.resize(600, 60)
    row.show()
    qtbot.waitUntil(lambda: 0 < row.more.x() - row.bar.geometry().right() <= 2 * looks.GAP)


def test_no_line_is_broken_within_what_belongs_together(qapp):
    text = "  ·  ".join(map(unbroken, ["RMS h 2.9", "饱和 0%", "互异 100"]))
    layout = QTextLayout(text)
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(10.0)
    layout.endLayout()
    lines = [layout.lineAt(number) for number in range(layout.lineCount())]
    starts = [text[line.textStart() :][: line.textLength()].strip() for line in lines]
    assert [start for start in starts if start != "·"] == [
        unbroken("RMS h 2.9"), unbroken("饱和 0%"), unbroken("互异 100"),
    ]  # fmt: skip
