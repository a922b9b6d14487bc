"""Curves: what is left out of a drawing, and what never is."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QPen

from engine.history import MEAN, Series
from engine.record import CURVE_INDEX, CURVE_QUANTITIES
from gui import theme as looks
from gui.theme import LIGHT
from gui.views.axes import NumberAxis, PowerAxis, ShareAxis, StepAxis
from gui.views.curves import AccuracyView, LossView
from gui.views.layer_panel import vertical_range
from gui.views.legend import Legend
from gui.views.plot import PLOT_RIGHT, logarithm, thin
from tests.gui.conftest import made_up_record


def test_a_long_curve_keeps_its_spikes():
    x = np.arange(100_000.0)
    y = np.ones_like(x)
    y[12_345], y[54_321] = 50.0, -50.0
    thin_x, thin_y = thin(x, y, y, most=1200)
    assert len(thin_x) <= 1202
    assert (thin_y.max(), thin_y.min()) == (50.0, -50.0)
    assert abs(thin_x[np.argmax(thin_y)] - 12_345) < 200


def test_a_short_curve_stays_as_it_is():
    x = np.arange(10.0)
    thin_x, thin_y = thin(x, x, x, most=1200)
    np.testing.assert_array_equal(thin_x, x)
    np.testing.assert_array_equal(thin_y, x)


def test_a_short_band_shows_both_edges():
    x = np.arange(4.0)
    _, y = thin(x, -np.ones(4), np.ones(4), most=1200)
    np.testing.assert_array_equal(y, [-1, 1] * 4)


def test_a_gap_stays_a_gap_only_where_nothing_else_is():
    x = np.arange(10_000.0)
    y = np.ones_like(x)
    y[5000] = np.nan
    assert np.isfinite(thin(x, y, y, most=1200)[1]).all()
    assert np.isnan(thin(x, y * np.nan, y * np.nan, most=1200)[1]).all()


def test_what_has_no_logarithm_is_a_gap():
    logs = logarithm(np.array([0.0, np.inf, np.nan, 100.0]))
    np.testing.assert_array_equal(logs, [np.nan, np.nan, np.nan, 2.0])


@pytest.mark.parametrize(
    ("low", "high", "size", "texts"),
    [
        (-1.0, 1.0, 300, ["0.1", "0.2", "0.5", "1", "2", "5", "10"]),
        (-20.0, 0.0, 100, ["10⁻²⁰", "10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "1"]),
        (-4.0, 2.0, 100, ["10⁻⁴", "10⁻²", "1", "10²"]),
        (-4.5, -3.9, 300, ["5·10⁻⁵", "10⁻⁴"]),
        (-4.1, 0.5, 600, ["10⁻⁴", "", "", "10⁻³", "", "", "10⁻²", "", "", "10⁻¹", "", "", "1", ""]),
        (0.0, np.nan, 100, []),
        (1.0, 1.0, 100, []),
    ],
)
def test_powers_of_ten_on_an_axis(qapp, low, high, size, texts):
    axis = PowerAxis("left")
    levels = axis.tickValues(low, high, size)
    written = [text for spacing, values in levels for text in axis.tickStrings(values, 1, spacing)]
    assert written == texts


def test_the_range_of_the_profile_moves_in_steps():
    assert vertical_range([np.array([np.nan, -1.0])]) == (-2.0, 0.0)
    assert vertical_range([np.array([-18.3]), np.array([0.5])]) == (-21.0, 3.0)
    assert vertical_range([]) == (-1.0, 1.0)


@pytest.mark.parametrize("size", [20, 40, 60, 100, 400])
def test_shares_have_ticks_that_do_not_touch(qapp, size):
    axis = ShareAxis("left")
    every, ticks = axis.tickValues(-0.03, 1.03, size)[0]
    assert ticks[0] == 0.0 and ticks[-1] == 1.0
    assert axis.tickStrings([0.0, 0.25, 1.0], 1.0, every) == ["0%", "25%", "100%"]
    assert len(ticks) == (5 if size >= 100 else 3)


@pytest.mark.parametrize("size", [30, 60, 200])
@pytest.mark.parametrize(("low", "high"), [(-0.04, 1.04), (-6.0, 6.0), (0.0, 1e-3)])
def test_numbers_have_round_ticks_that_do_not_touch(qapp, low, high, size):
    axis = NumberAxis("left")
    every, ticks = axis.tickValues(low, high, size)[0]
    assert all(low - 1e-12 <= tick <= high + 1e-12 for tick in ticks)
    assert every * size / (high - low) >= min(34, size / 2) * 0.99
    texts = axis.tickStrings(ticks, 1.0, every)
    assert len(set(texts)) == len(texts)
    assert [float(text.replace("−", "-")) for text in texts] == pytest.approx(ticks)


@pytest.mark.parametrize(("low", "high"), [(-4.1, 4.9), (-0.6, 0.6), (-6.0, 6.0)])
def test_a_short_axis_has_two_numbers_written_in_full(qapp, low, high):
    axis = NumberAxis("left")
    spacing, ticks = axis.tickValues(low, high, 40)[0]
    assert len(ticks) == 2
    texts = axis.tickStrings(ticks, 1.0, spacing)
    assert [float(text.replace("−", "-")) for text in texts] == pytest.approx(ticks)


@pytest.mark.parametrize("span", [8, 64, 1024, 2**20])
@pytest.mark.parametrize("size", [150, 190, 260, 700])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_steps_are_named_and_leave_room_for_the_name(qtbot, translation, language, span, size):
    translation.use(language)
    axis, bare = StepAxis("bottom", named=True), StepAxis("bottom")
    metrics = QFontMetricsF(looks.font(looks.CAPTION_POINTS))
    (_, steps), *_ = axis.tickValues(0.0, float(span), size)
    assert len(steps) >= 2
    last = size * steps[-1] / span + metrics.horizontalAdvance(str(round(steps[-1]))) / 2
    assert last < size - metrics.horizontalAdvance(axis.name)
    assert axis.name == {"en": "step", "zh_CN": "步"}[language]
    assert not bare.name and len(bare.tickValues(0.0, float(span), size)[0][1]) >= 1


@pytest.mark.parametrize("zoom", [1.0, 1.4])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_no_part_of_the_name_of_the_steps_is_cut_off(qtbot, translation, language, zoom):
    translation.use(language)
    view = LossView()
    qtbot.addWidget(view)
    looks.set_zoom(zoom, view)
    try:
        view.set_theme(LIGHT)
        view.resize(400, 300)
        view.show()
        qtbot.waitExposed(view)
        axis = view.plot.getAxis("bottom")
        whole = QFontMetricsF(axis.style["tickFont"]).tightBoundingRect(axis.name)

        def ink() -> int:
            picture = view.plot.grab().toImage()
            last = picture.width() - PLOT_RIGHT
            box = range(round(last - whole.width()), last)
            top = round(view.plot.getViewBox().sceneBoundingRect().bottom()) + 3
            rows = [y for y in range(top, picture.height())
                    if any(picture.pixelColor(x, y).lightness() < 200 for x in box)]  # fmt: skip
            return len(rows)

        qtbot.waitUntil(lambda: abs(ink() - whole.height()) <= 1.5)
    finally:
        looks.set_zoom(1.0, view)


def test_the_loss_says_from_which_step_on_it_is_not_finite(window, session):
    session.advance(3)
    window.renew_everything()
    plot = window.dashboard.views["loss"].plot
    assert not plot.note
    for step in (4, 5):
        bad = made_up_record(step, session.config)
        bad.curves[CURVE_INDEX["loss"]] = np.nan
        session.record(bad)
    window.renew_everything()
    assert plot.note == "not finite from step 4 on"
    before = plot.grab().toImage()
    plot.set_note("")
    assert plot.grab().toImage() != before
    session.rewind()
    window.renew_everything()
    assert not plot.note


def test_a_validation_from_before_a_bad_loss_is_none_of_now(window, session):
    session.advance(3)
    window.renew_everything()
    legend = window.dashboard.views["accuracy"].legend
    before = legend.values
    assert len(before) == 2 and "–" not in before
    bad = made_up_record(4, session.config)
    bad.curves[CURVE_INDEX["loss"]] = np.nan
    session.record(bad)
    window.renew_everything()
    assert legend.values[1] == "–" != legend.values[0]


def test_of_a_long_ghost_its_means_are_drawn_where_they_are_of(qtbot):
    view, steps = AccuracyView(), 100_000
    qtbot.addWidget(view)
    view._span = 1024
    series = Series((len(CURVE_QUANTITIES),), 2048)
    for step in range(1, steps + 1):
        series.append(step, np.full(len(CURVE_QUANTITIES), step / steps))
    x, y = view._points_of(series.view(), CURVE_INDEX["accuracy"], (MEAN, MEAN))
    stride = series.view().stride
    assert stride == 64 and (np.diff(x) == stride).all()
    assert 1024 <= x[-1] < 1024 + stride
    np.testing.assert_allclose(y, x / steps, rtol=1e-12)
    # All of them are in sight of one that is as long.
    view._span = 2**17
    x, _ = view._points_of(series.view(), CURVE_INDEX["accuracy"], (MEAN, MEAN))
    assert x[-1] > steps - 20 * stride and np.isfinite(x).all()


def test_names_stand_one_behind_the_other_where_that_takes_fewer_lines(qtbot):
    legend = Legend(2)
    qtbot.addWidget(legend)
    legend.show()
    pen = QPen(Qt.PenStyle.SolidLine)
    names = ("before: Sigmoid, Xavier normal", "ReLU", "training", "validation")
    legend.set_values(("2.31", "2.30"))
    legend.set_entries([(name, pen) for name in names], names, LIGHT)
    widths = [QFontMetricsF(legend.font()).horizontalAdvance(name) for name in names]
    # Too narrow for two columns of the widest.
    legend.resize(round(1.4 * widths[0]), 20)
    assert legend.rows == 2
    assert [name for name, _ in legend.texts()] == list(names)
    legend.resize(round(3.0 * widths[0]), 20)
    assert legend.rows == 1
    # What does not fit at all is cut, and stands alone.
    legend.resize(round(0.8 * widths[0]), 20)
    assert legend.texts()[0][0].endswith("…")
    assert [line for line, _, _ in legend._places].count(0) == 1


def test_a_ghost_above_opens_the_axis_of_the_loss_by_a_decade_and_one_below_wholly(qtbot):
    view = LossView()
    qtbot.addWidget(view)
    run, ghost = np.array([0.1, -0.3]), np.array([0.2, 30.0])
    view.fit([run], [ghost])
    low, high = view.plot.getViewBox().viewRange()[1]
    assert low < -0.3 and 1.0 < high < 1.5
    view.fit([run], [np.array([0.2, -5.0])])
    low, high = view.plot.getViewBox().viewRange()[1]
    assert low < -5.0 and high < 0.7
    # Alone it is shown whole.
    view.fit([np.array([np.nan])], [ghost])
    assert view.plot.getViewBox().viewRange()[1][1] > 30.0


@pytest.mark.parametrize("columns", [2, 1])
def test_names_that_belong_together_stand_in_one_line(qtbot, columns):
    legend = Legend(columns)
    qtbot.addWidget(legend)
    legend.show()
    pen, names = QPen(), ("before: Sigmoid", "ReLU", "Tanh", "training", "validation")
    for width in range(120, 700, 10):
        legend.resize(width, 100)
        legend.set_entries([(name, pen) for name in names], names, LIGHT)
        before = legend.rows
        legend.set_entries([(name, pen) for name in names], names, LIGHT, paired=True)
        assert legend.rows == before
        places = legend._places
        assert all(left + room <= width + 1 for _, left, room in places)
        lines = [line for line, _, _ in places]
        one, other = places[-2:]
        assert one[0] == other[0] or one[2] + other[2] > width - 8
        assert lines == sorted(lines)
