"""Every colour, pen and font size of the window, light and dark."""

from __future__ import annotations

from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QGuiApplication, QPalette, QPen
from PySide6.QtWidgets import QApplication, QWidget

# Point sizes of the type scale, relative to nothing: the same on every screen.
CAPTION_POINTS = 9.0
BODY_POINTS = 10.0
TITLE_POINTS = 11.0
VERDICT_POINTS = 19.0

# Distances in logical pixels. Everything is a multiple of the first.
GAP = 4
CARD_MARGIN = 10
CARD_RADIUS = 8

_BAND_ALPHA = 56
_FAINT_ALPHA = 130
# Percent darker, or lighter, than the curve that theory is about.
_THEORY_SHADE = 160
# Black and white contrast alike with it.
_EVEN_LUMINANCE = (0.05 * 1.05) ** 0.5 - 0.05
# Of the runs that are over, on and off.
_PAST_DASHES = (4.0, 2.0), (2.0, 1.5)
# In logical pixels, and of the room from one dot to the next.
_SMALLEST_DOT, _LARGEST_DOT, _DOT_SHARE = 2.0, 6.0, 0.6

THEME_CHOICES = ("system", "light", "dark")


@dataclass(frozen=True)
class Theme:
    """One set of colours.

    Attributes:
        name: "light" or "dark".
        window, card, field: backgrounds, from the back to the front.
        plot: background of a picture.
        text, muted, disabled: text in order of weight.
        border, grid: lines.
        accent, on_accent: the primary button, the selection; text on it.
        problem: a refused value.
        series: colours of curves, told apart by people with any colour vision
            (after Okabe and Ito 2008).
        past: of runs that are over, told apart by how light they are.
        mark: a change made while the run goes on.
        vanishing, exploding, healthy, diverged, neutral: colours of the verdicts.
        colour_map: name of the map of the heatmaps.
        diverging_map: of their difference; blue, neutral, red of unequal lightness.
        zero, inf, nan: cells without a logarithm.
        subnormal: cells whose numbers have lost digits.
    """

    name: str
    window: str
    card: str
    field: str
    plot: str
    text: str
    muted: str
    disabled: str
    border: str
    grid: str
    accent: str
    on_accent: str
    problem: str
    series: tuple[str, str, str, str]
    past: tuple[str, str]
    mark: str
    vanishing: str
    exploding: str
    healthy: str
    diverged: str
    neutral: str
    colour_map: str = "viridis"
    diverging_map: str = "CET-D1A"
    zero: str = "#000000"
    subnormal: str = "#2211ff"
    inf: str = "#ff30f0"
    nan: str = "#f04400"


LIGHT = Theme(
    name="light",
    window="#eef0f3",
    card="#ffffff",
    field="#ffffff",
    plot="#e9ecf0",
    text="#1b2027",
    muted="#5b6572",
    disabled="#a3abb6",
    border="#d3d8df",
    grid="#d9dde3",
    accent="#2464c8",
    on_accent="#ffffff",
    problem="#c2261c",
    series=("#0b6fb8", "#d45500", "#00876a", "#9a4d9a"),
    past=("#5b6572", "#8a93a0"),
    mark="#8a6d00",
    vanishing="#4b46b8",
    exploding="#c65200",
    healthy="#007a63",
    diverged="#c4127a",
    neutral="#5b6572",
)
DARK = Theme(
    name="dark",
    window="#14171c",
    card="#1d2127",
    field="#262b33",
    plot="#2a2f37",
    text="#e7eaee",
    muted="#9ba5b2",
    disabled="#5d6671",
    border="#363c46",
    grid="#343a43",
    accent="#5a9bf6",
    on_accent="#0b1320",
    problem="#ff8a80",
    series=("#5cb8f0", "#f0a030", "#2fc7a0", "#d99ad9"),
    past=("#9ba5b2", "#6b7480"),
    mark="#e3c95a",
    vanishing="#a5a0ff",
    exploding="#ffa45c",
    healthy="#3fd0ae",
    diverged="#ff6ec0",
    neutral="#9ba5b2",
)


def system_theme() -> Theme:
    """Return the theme the system asks for; light where it does not say."""
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def theme_for(choice: str) -> Theme:
    """Return the theme for one of `THEME_CHOICES`."""
    return {"light": LIGHT, "dark": DARK}.get(choice) or system_theme()


def palette(theme: Theme) -> QPalette:
    """Return the palette that gives the widgets the theme's colours."""
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.card,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.field,
        role.ButtonText: theme.text,
        role.BrightText: theme.problem,
        role.ToolTipBase: theme.card,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.border,
        role.Midlight: theme.border,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.border,
    }
    made = QPalette()
    for which, colour in colours.items():
        made.setColor(which, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(disabled, which, QColor(theme.disabled))
    made.setColor(disabled, role.Highlight, QColor(theme.border))
    return made


def apply(theme: Theme, application: QApplication) -> None:
    """Give the whole application a theme."""
    application.setPalette(palette(theme))


def scroll_bar_style(theme: Theme, width: int) -> str:
    """Return the style sheet of a thin scroll bar, invisible where there is nothing to scroll."""
    return (
        f"QScrollBar:vertical {{ background: transparent; width: {width}px; margin: 0; }}"
        f"QScrollBar::handle:vertical {{ background: {theme.border}; min-height: 30px;"
        f" border-radius: {width // 2 - 1}px; margin: 0 0 0 3px; }}"
        f"QScrollBar::handle:vertical:disabled {{ background: transparent; }}"
        "QScrollBar::add-line, QScrollBar::sub-line { height: 0; }"
        "QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }"
    )


def ink_on(ground: QColor) -> QColor:
    """Return black or white, whichever is read more easily on a ground of any colour.

    Its contrast is 4.58 or more (WCAG 2.1, relative luminance).
    """
    linear = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in ground.getRgbF()[:3]
    )
    luminance = sum(map(float.__mul__, (0.2126, 0.7152, 0.0722), linear))
    return QColor("black" if luminance > _EVEN_LUMINANCE else "white")


class _Zoom:
    """How much larger than on a desk everything is written: the window's one such number."""

    factor = 1.0


def zoom() -> float:
    """Return how many times its ordinary size the type has."""
    return _Zoom.factor


def is_large() -> bool:
    """Say whether the type is that of a presentation, which leaves room for the pictures only."""
    return _Zoom.factor > 1.0


def scaled(pixels: float) -> int:
    """Return a length that holds type, in logical pixels, at the size of the type."""
    return round(pixels * _Zoom.factor)


def set_zoom(factor: float, window: QWidget) -> None:
    """Write everything larger or smaller: what the window shows, and what is made later.

    The parts of the window take their lengths anew when they are given a theme.
    """
    change = factor / _Zoom.factor
    _Zoom.factor = factor
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    # Before the application's font, from which the others would inherit the change.
    for widget in window.findChildren(QWidget):
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont):
            made = QFont(widget.font())
            made.setPointSizeF(made.pointSizeF() * change)
            widget.setFont(made)
    application.setFont(font())


def font(points: float = BODY_POINTS, *, strong: bool = False) -> QFont:
    """Return the application's font in one size of the type scale."""
    made = QFont(QApplication.font())
    made.setPointSizeF(points * _Zoom.factor)
    # Bold, and not half of it: the Chinese type has one weight, which Qt thickens for bold only,
    # beside figures of another type that has it.
    made.setWeight(QFont.Weight.Bold if strong else QFont.Weight.Normal)
    return made


def series_pen(theme: Theme, index: int) -> QPen:
    """Return the pen of a curve of many points."""
    return pg.mkPen(theme.series[index], width=_thin())


def _thin() -> int:
    """Return the width of a curve of many points, in the screen's own pixels.

    One for each logical one, and not more: wider lines are drawn many times more slowly.
    """
    return max(round(QGuiApplication.primaryScreen().devicePixelRatio()), 1)


def strong_pen(theme: Theme, index: int) -> QPen:
    """Return the pen of a curve of few points, which may be wider.

    Pens count the screen's own pixels, of which a fine screen has more.
    """
    return pg.mkPen(
        theme.series[index],
        width=2 * _Zoom.factor * QGuiApplication.primaryScreen().devicePixelRatio(),
    )


def dot_pen(theme: Theme, index: int, room: float, size: float = 1.0) -> QPen:
    """Return the pen of dots that have so many pixels each, in so many times their usual size."""
    diameter = size * min(max(_DOT_SHARE * room, _SMALLEST_DOT), _LARGEST_DOT)
    pen = pg.mkPen(
        theme.series[index], width=diameter * QGuiApplication.primaryScreen().devicePixelRatio()
    )
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    return pen


def theory_pen(theme: Theme, index: int) -> QPen:
    """Return the pen of what theory expects of a curve.

    It stands out from the curve's own colour, which it may lie on. No wider than it has to be:
    wider dashes take ten times as long.
    """
    colour = QColor(theme.series[index])
    colour = colour.lighter(_THEORY_SHADE) if theme.name == "dark" else colour.darker(_THEORY_SHADE)
    return pg.mkPen(colour, width=_thin(), style=Qt.PenStyle.DashLine)


def faint_pen(theme: Theme, index: int) -> QPen:
    """Return the pen of a curve that another of the same colour stands out from."""
    colour = QColor(theme.series[index])
    colour.setAlpha(_FAINT_ALPHA)
    return pg.mkPen(colour, width=_thin())


def ghost_pen(theme: Theme, place: int) -> QPen:
    """Return the pen of a run that is over, by its place among those."""
    return pg.mkPen(theme.past[place], width=_thin(), dash=_PAST_DASHES[place])


def ghost_dot_pen(theme: Theme, place: int, room: float) -> QPen:
    """Return the pen of the dots of a run that is over, which have so many pixels each."""
    pen = dot_pen(theme, 0, room)
    pen.setColor(QColor(theme.past[place]))
    return pen


def band_brush(theme: Theme, index: int) -> QBrush:
    """Return the brush of the band that theory gives a curve."""
    colour = QColor(theme.series[index])
    colour.setAlpha(_BAND_ALPHA)
    return QBrush(colour)


def mark_pen(theme: Theme) -> QPen:
    """Return the pen of a live change."""
    return pg.mkPen(theme.mark, width=_thin(), style=Qt.PenStyle.DotLine)
