"""Colours that can be read, words that have room, and what is remembered."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTranslator
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from engine.config import RunConfig
from gui import theme as looks
from gui.buttons import FlatButton
from gui.main_window import FRAME_SIZE, SMALLEST_SIZE, MainWindow
from gui.settings import Settings, _Forgetful
from gui.theme import DARK, LIGHT

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
    for colour in theme.series:
        assert contrast(colour, theme.card) >= LARGE_TEXT_CONTRAST, colour


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
    for pen in (looks.series_pen, looks.faint_pen):
        assert pen(looks.LIGHT, 0).width() == width
