"""Traces: where a plot draws them, and what it need not draw again for them."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QTransform

from gui import theme as looks
from gui.views.axes import NumberAxis
from gui.views.plot import quiet_plot, style_plot
from gui.views.traces import Band, Curve, Dots, Uprights

RED, BLUE = QColor("#ff0000"), QColor("#0000ff")


@pytest.fixture
def plot(qtbot):
    made = quiet_plot({side: NumberAxis(side) for side in ("left", "bottom")})
    qtbot.addWidget(made)
    style_plot(made, looks.LIGHT)
    made.span_x(0.0, 10.0)
    made.span_y(0.0, 10.0)
    made.resize(300, 200)
    made.show()
    qtbot.waitExposed(made)
    return made


def colour_at(plot, x, y):
    """Return the colour at a place in the units of the axes, as it is drawn just now."""
    picture = plot.grab().toImage()
    place = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y)))
    return picture.pixelColor(place)


def curve(plot, colour, x, y, **how):
    made = Curve()
    made.set_pen(pg.mkPen(colour, width=3))
    made.set_data(np.array(x), np.array(y))
    plot.add_trace(made, **how)
    return made


def test_a_curve_is_drawn_where_its_numbers_are_and_breaks_where_there_are_none(plot):
    curve(plot, RED, [0.0, 4.0, 5.0, 6.0, 10.0], [5.0, 5.0, np.nan, 5.0, 5.0])
    assert colour_at(plot, 2.0, 5.0) == RED == colour_at(plot, 8.0, 5.0)
    assert colour_at(plot, 5.0, 5.0) == QColor(looks.LIGHT.card)


def test_curves_follow_the_axes_at_once(plot):
    curve(plot, RED, [0.0, 10.0], [5.0, 5.0])
    assert colour_at(plot, 5.0, 5.0) == RED
    plot.span_y(0.0, 20.0)
    # Without a turn of the event loop in between.
    assert colour_at(plot, 5.0, 5.0) == RED != colour_at(plot, 5.0, 10.0)
    plot.resize(400, 300)
    assert colour_at(plot, 5.0, 5.0) == RED


def test_what_lies_beyond_the_axes_is_not_drawn(plot):
    curve(plot, RED, [-100.0, 100.0], [5.0, 5.0])
    picture = plot.grab().toImage()
    box = plot.mapFromScene(plot.getViewBox().sceneBoundingRect()).boundingRect()
    left = {picture.pixelColor(x, box.center().y()).name() for x in range(box.left() - 1)}
    assert RED.name() not in left
    assert colour_at(plot, 5.0, 5.0) == RED


def test_the_first_trace_lies_over_those_behind(plot):
    curve(plot, RED, [0.0, 10.0], [5.0, 5.0])
    other = curve(plot, BLUE, [0.0, 10.0], [5.0, 5.0], behind=True)
    assert colour_at(plot, 5.0, 5.0) == RED
    over = curve(plot, BLUE, [0.0, 10.0], [5.0, 5.0])
    assert colour_at(plot, 5.0, 5.0) == BLUE
    over.set_visible(False)
    assert colour_at(plot, 5.0, 5.0) == RED
    other.clear()
    assert not len(other.x)


def test_a_point_alone_is_a_dot(plot):
    alone = curve(plot, RED, [3.0, 5.0, 7.0], [np.nan, 5.0, np.nan])
    assert alone.is_alone
    assert colour_at(plot, 5.0, 5.0) == RED


def test_what_was_measured_now_and_then_shows_where_while_there_is_room(plot):
    pixel = plot.getViewBox().viewPixelSize()[1]
    places = np.array([1.0, 5.0, 9.0])
    for dotted, colour in ((False, QColor(looks.LIGHT.card)), (True, RED)):
        measured = Curve(dotted=dotted)
        measured.set_pen(pg.mkPen(RED, width=1))
        measured.set_data(places, np.full(3, 5.0))
        plot.add_trace(measured)
        # Beside the line, but within a dot.
        assert colour_at(plot, 5.0, 5.0 + 2 * pixel) == colour
        assert colour_at(plot, 3.0, 5.0 + 2 * pixel) == QColor(looks.LIGHT.card)
    crowded = np.linspace(1.0, 9.0, 100)
    measured.set_data(crowded, np.full(100, 5.0))
    assert colour_at(plot, crowded[50], 5.0 + 2 * pixel) == QColor(looks.LIGHT.card)


def test_dots_are_drawn_between_limits_only(plot):
    dots = Dots()
    dots.set_pen(looks.dot_pen(looks.LIGHT, 0, 20.0))
    dots.set_data(np.array([2.0, 5.0, 8.0]), np.array([5.0, np.inf, 5.0]))
    plot.add_trace(dots)
    own = QColor(looks.LIGHT.series[0])
    assert colour_at(plot, 2.0, 5.0) == own == colour_at(plot, 8.0, 5.0)
    dots.show_between(0.0, 3.0)
    assert colour_at(plot, 2.0, 5.0) == own != colour_at(plot, 8.0, 5.0)
    np.testing.assert_array_equal(dots.drawn, [[2.0, 5.0]])


def test_axes_are_drawn_again_only_when_they_change(plot, qtbot, monkeypatch):
    painted = []
    original = pg.AxisItem.paint

    def paint(axis, *arguments):
        painted.append(axis)
        original(axis, *arguments)

    monkeypatch.setattr(pg.AxisItem, "paint", paint)
    trace = curve(plot, RED, [0.0, 10.0], [5.0, 5.0])
    plot.viewport().repaint()
    painted.clear()
    trace.set_data(np.array([0.0, 10.0]), np.array([7.0, 7.0]))
    plot.viewport().repaint()
    assert not painted
    assert colour_at(plot, 5.0, 7.0) == RED
    plot.span_x(0.0, 12.0)
    plot.viewport().repaint()
    assert painted


def test_what_a_band_is_filled_with_fills_no_curve(plot):
    band = Band()
    band.set_brush(QBrush(BLUE))
    band.set_edges(np.array([0.0, 3.0]), np.array([1.0, 1.0]), np.array([9.0, 9.0]))
    plot.add_trace(band)
    dashed = curve(plot, RED, [4.0, 6.0, 8.0], [1.0, 9.0, 1.0])
    dashed.set_pen(pg.mkPen(RED, width=1, style=Qt.PenStyle.DashLine))
    assert colour_at(plot, 1.5, 5.0) == BLUE
    assert colour_at(plot, 6.0, 4.0) == QColor(looks.LIGHT.card)


def test_uprights_reach_from_one_end_to_the_other(plot):
    mark = Uprights()
    mark.set_pen(pg.mkPen(RED, width=3))
    plot.add_trace(mark)
    mark.stand_at(2.0, 5.0)
    for height in (0.5, 5.0, 9.5):
        assert colour_at(plot, 2.0, height) == RED == colour_at(plot, 5.0, height)
    mark.stand_at()
    assert colour_at(plot, 5.0, 5.0) != RED


def colours_along(plot, heights, places):
    """Return which of red and blue is seen at each place of the horizontal axis."""
    drawn = {RED.name(): "red", BLUE.name(): "blue"}
    return [drawn.get(colour_at(plot, x, y).name()) for x, y in zip(places, heights, strict=True)]


def rivals(*traces):
    for trace in traces:
        trace.rivals = traces
    return traces


def test_curves_that_lie_on_one_another_are_seen_in_turns(plot):
    pixel = plot.getViewBox().viewPixelSize()[1]
    # Many points, or few that are far apart; and what cannot be told apart is as good as one.
    for x in (np.linspace(0.5, 9.5, 200), np.array([0.5, 9.5])):
        one = curve(plot, RED, x, np.full(len(x), 5.0))
        other = curve(plot, BLUE, x, np.full(len(x), 5.0 + pixel / 5), behind=True)
        places = np.linspace(0.6, 9.4, 60)
        assert set(colours_along(plot, np.full(60, 5.0), places)) == {"red"}
        rivals(one, other)
        seen = colours_along(plot, np.full(60, 5.0), places)
        assert min(seen.count("red"), seen.count("blue")) > 60 / 4
        for trace in (one, other):
            trace.rivals = (trace,)
            trace.clear()


def test_curves_are_whole_where_they_lie_apart(plot):
    x = np.linspace(0.0, 10.0, 101)
    steep = np.where(x < 5.0, 5.0, x)
    steep[80] = np.nan
    rivals(curve(plot, RED, x, steep), curve(plot, BLUE, x, np.full(101, 5.0), behind=True))
    apart = x[(x > 5.5) & (x < 7.5)]
    assert set(colours_along(plot, apart, apart)) == {"red"}
    assert set(colours_along(plot, np.full(len(apart), 5.0), apart)) == {"blue"}
    shared = np.linspace(0.5, 4.5, 60)
    assert set(colours_along(plot, np.full(60, 5.0), shared)) >= {"red", "blue"}


def test_dots_that_lie_on_one_another_are_seen_in_turns(plot):
    x, traces = np.arange(1.0, 10.0), []
    for colour in (RED, BLUE):
        traces.append(Dots())
        traces[-1].set_pen(looks.dot_pen(looks.LIGHT, 0, 20.0))
        traces[-1]._pen.setColor(colour)
        traces[-1].set_data(x, np.where(x == 9.0, np.inf, 5.0))
        plot.add_trace(traces[-1], behind=True)
    rivals(*traces)
    turns = ["red", "blue"] * 4
    assert colours_along(plot, np.full(8, 5.0), x[:8]) == turns
    # One that has ended earlier leaves the rest to the other.
    traces[0].set_data(x[:4], np.full(4, 5.0))
    assert colours_along(plot, np.full(8, 5.0), x[:8]) == [*turns[:4], *["blue"] * 4]


def test_dots_of_which_each_lies_on_the_next_leave_no_gap():
    x, traces = np.arange(12.0), [Dots() for _ in range(4)]
    for place, trace in enumerate(traces):
        # So many pixels high; the last lies apart.
        trace.set_data(x, np.full(12, [0.0, 1.2, 2.4, 9.0][place]))
    rivals(*traces)
    shown = np.array([trace.has_turn(1.0) for trace in traces])
    np.testing.assert_array_equal(shown[:3].sum(axis=0), 1)
    np.testing.assert_array_equal(shown[:3].sum(axis=1), 4)
    assert shown[3].all()


def test_curves_take_turns_in_a_plot_without_room(plot):
    x = np.arange(12.0)
    one, other = rivals(curve(plot, RED, x, x), curve(plot, BLUE, x, x))
    pieces = [trace._in_turns(QTransform.fromScale(0.0, 0.0)) for trace in (one, other)]
    assert sum(map(len, pieces)) == 11


def test_a_curve_of_few_points_has_dots_in_turns_too(plot):
    x = np.array([1.0, 5.0, 9.0])
    traces = []
    for colour in (RED, BLUE):
        traces.append(Curve(dotted=True))
        traces[-1].set_pen(pg.mkPen(colour, width=1))
        traces[-1].set_data(x, np.full(3, 5.0))
        plot.add_trace(traces[-1])
    rivals(*traces)
    # Beside the line, but within a dot.
    beside = np.full(3, 5.0 + 2 * plot.getViewBox().viewPixelSize()[1])
    assert colours_along(plot, beside, x) == ["red", "blue", "red"]
