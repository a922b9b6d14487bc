"""Heatmap cells: colours of ordinary and special values, and that no spike is lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage

from engine.close_up import Watch
from engine.config import RunConfig
from engine.history import History, HistoryView, Series
from engine.record import CURVE_QUANTITIES, LAYER_QUANTITIES, StepRecord
from engine.snapshot import RunSnapshot
from engine.trainer import Trainer
from gui import numbers
from gui.theme import DARK, LIGHT
from gui.views.colour_scale import (
    FIRST,
    GRADIENTS,
    INF,
    LAST,
    NAN,
    SUBNORMAL,
    ZERO,
    cells,
    colour_table,
    join_cells,
    joined_length,
    joins_needed,
    reduce_cells,
)
from gui.views.heatmap_axes import HeatmapAxes, Place
from gui.views.heatmap_canvas import HeatmapCanvas
from gui.views.heatmap_cells import Ends, HeatmapCells, rung
from gui.views.heatmap_image import HeatmapImage
from gui.views.quantities import QUANTITIES, smallest_normal
from tests.engine.oracle import watch_deltas, watch_gradients
from tests.gui.conftest import made_up_record

QUANTITY = "activation_grad_norm"


def record(step, norms):
    layers = np.ones((len(LAYER_QUANTITIES), len(norms)))
    for name in (QUANTITY, "weight_grad_norm"):
        layers[LAYER_QUANTITIES.index(name)] = norms
    return StepRecord(step, np.zeros(len(CURVE_QUANTITIES)), layers, None, None)


def test_special_values_have_bytes_of_their_own():
    made = cells(np.array([0.0, 1e-12, 1e-300, 1e-4, 1e4, 1e300, np.inf, np.nan]))
    assert list(made) == [ZERO, FIRST, FIRST, FIRST + 126, LAST, LAST, INF, NAN]


def test_what_has_lost_digits_has_a_byte_of_its_own():
    made = cells(np.array([0.0, 1e-5, 2e-5, 3.0, np.inf, np.nan]), smallest_normal=2e-5)
    assert list(made)[:2] == [ZERO, SUBNORMAL]
    assert (made[2:4] >= FIRST).all()
    assert list(made)[4:] == [INF, NAN]


@pytest.mark.parametrize("loss_scale", [1.0, 16.0])
@pytest.mark.parametrize("quantity", ["activation_grad_norm", "weight_grad_norm"])
def test_subnormal_is_what_the_stored_numbers_are(quantity, loss_scale, one_thread):
    config = RunConfig(depth=20, width=40, activation="tanh", initializer="torch_default",
                       precision="float16", loss_scale=loss_scale, device="cpu")  # fmt: skip
    trainer, history = Trainer(config), History(config.depth)
    deltas, gradients = watch_deltas(trainer.network), watch_gradients(trainer.network)
    newest = trainer.step()
    history.append(newest)
    run = RunSnapshot(config=config, history=history.view(), record=newest, judged=None,
                      changes=(), parameters=1, history_bytes=1, anchor=trainer.anchor)  # fmt: skip
    picture = HeatmapCells(quantity)
    picture.feed(1, history.view(), smallest_normal=smallest_normal(run, quantity))
    found = picture.filled()[::-1, 0]
    if quantity == "activation_grad_norm":
        numbers_stored = [delta.double().numpy() for delta in deltas[: config.depth]]
    else:
        numbers_stored = [weight.double().numpy() for weight in gradients.weight]
    # Independent: the smallest normal number of float16.
    sizes = np.array([np.sqrt(np.mean(values**2)) for values in numbers_stored])
    np.testing.assert_array_equal(found == SUBNORMAL, (sizes > 0) & (sizes < 2.0**-14))
    assert (found == SUBNORMAL).any()
    assert (found > SUBNORMAL).any()
    # Another scale of the loss has the picture coloured anew.
    assert picture.feed(2, history.view(), smallest_normal=np.zeros(config.depth + 1))
    assert not (picture.filled() == SUBNORMAL).any()


@pytest.mark.parametrize("ends", [(), (-7.0, np.linspace(-6.0, 3.0, 40))], ids=["fixed", "own"])
def test_colours_divide_the_decades_evenly(ends):
    sizes = 10.0 ** np.random.default_rng(3).uniform(-14.0, 6.0, (50, 40))
    low, high = ends or (GRADIENTS.low, GRADIENTS.high)
    share = np.clip((np.log10(sizes) - low) / (high - low), 0.0, 1.0)
    np.testing.assert_array_equal(cells(sizes, GRADIENTS, *ends), FIRST + np.rint(251.0 * share))


@given(st.lists(st.floats(min_value=0.0, allow_nan=False), min_size=1))
def test_a_larger_value_never_has_a_lower_byte(values):
    ordered = np.sort(np.array(values))
    assert (np.diff(cells(ordered).astype(int)) >= 0).all()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_special_colours_are_not_on_the_scale(theme):
    table = colour_table(theme)
    assert len(table) == 256
    scale = [QColor.fromRgb(colour) for colour in table[FIRST : LAST + 1]]
    special = [QColor.fromRgb(table[byte]) for byte in (ZERO, SUBNORMAL, INF, NAN)]

    def distance(one, other):
        pairs = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
        return sum((a - b) ** 2 for a, b in pairs) ** 0.5

    for colour in special:
        assert min(distance(colour, other) for other in scale) > 60
    assert len({colour.rgb() for colour in special}) == 4


# What a person without one kind of cones sees (Machado, Oliveira and Fernandes 2009).
COLOUR_VISION = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
}  # fmt: skip
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(rgb, seen):
    """Return CIE L*a*b* of 0xAARRGGBB as seen."""
    channels = np.array([QColor.fromRgb(int(colour)).getRgbF()[:3] for colour in np.ravel(rgb)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    xyz = np.clip(linear @ seen.T, 0, 1) @ XYZ.T / XYZ.sum(axis=1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    parts = (116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2]))
    return np.stack(parts, axis=1)


@pytest.mark.parametrize("seen", COLOUR_VISION.values(), ids=COLOUR_VISION)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_special_colours_are_told_apart_with_any_colour_vision(theme, seen):
    table = colour_table(theme)
    scale = lab(table[FIRST : LAST + 1], seen)
    special = lab([table[byte] for byte in (ZERO, SUBNORMAL, INF, NAN)], seen)
    empty = lab([QColor(theme.plot).rgb()], seen)
    # About ten times what is just noticeable side by side.
    for index, colour in enumerate(special):
        others = np.concatenate([scale, np.delete(special, index, axis=0)])
        assert np.linalg.norm(others - colour, axis=1).min() > 18
    for colour in special:
        assert np.linalg.norm(empty - colour) > 18


@pytest.mark.parametrize("seen", COLOUR_VISION.values(), ids=COLOUR_VISION)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_runs_that_are_over_are_told_apart_with_any_colour_vision(theme, seen):
    past, series = (
        lab([QColor(colour).rgb() for colour in colours], seen)
        for colours in (theme.past, theme.series)
    )
    assert np.linalg.norm(past[0] - past[1]) > 18
    # Also from the runs of now.
    for colour in past:
        assert np.linalg.norm(series - colour, axis=1).min() > 10


@given(
    st.integers(1, 40), st.integers(1, 300), st.integers(1, 50), st.integers(1, 90), st.randoms()
)
def test_a_reduced_picture_keeps_the_highest_cell(rows, columns, most_rows, most_columns, random):
    picture = np.full((rows, columns), FIRST, np.uint8)
    picture[random.randrange(rows), random.randrange(columns)] = NAN
    reduced = reduce_cells(picture, most_rows, most_columns)
    assert reduced.shape[0] <= most_rows
    assert reduced.shape[1] <= most_columns
    assert (reduced == NAN).sum() == 1


@given(st.lists(st.tuples(st.integers(0, 70), st.integers(1, 9), st.integers(1, 40)), min_size=1))
@settings(max_examples=60)
def test_a_picture_that_grows_is_coloured_as_if_it_were_new(stages):
    series = Series((len(LAYER_QUANTITIES), 6), 64)
    curves = Series((len(CURVE_QUANTITIES),), 64)
    random = np.random.default_rng(len(stages))
    picture, step, newest = HeatmapCells("activation_grad_norm"), 0, 1
    image = HeatmapImage(picture)
    image.set_theme(LIGHT)
    table, empty = np.array(colour_table(LIGHT), np.uint32), QColor(LIGHT.plot).rgb()
    for steps, most_rows, most_columns in stages:
        for _ in range(steps):
            step += 1
            series.append(step, 10.0 ** random.uniform(-12, 3, (len(LAYER_QUANTITIES), 6)))
            curves.append(step, np.zeros(len(CURVE_QUANTITIES)))
        history = HistoryView(curves.view(), curves.view(), series.view())
        # Now and then somebody looks back, at fewer columns.
        newest = step if steps % 3 else max(newest // 2, 1)
        if step:
            picture.feed(1, history.until(newest) if newest < step else history)
            before = image.pixels.copy()
            first, end = image.renew(most_rows, most_columns)
            joins = joins_needed(picture.rows, most_rows), joins_needed(picture.span, most_columns)
            filled = join_cells(picture.filled(), *joins)
            shape = [
                joined_length(n, k)
                for n, k in zip((picture.rows, picture.span), joins, strict=True)
            ]
            wanted = np.full(shape, empty, np.uint32)
            wanted[:, : filled.shape[1]] = table[filled]
            np.testing.assert_array_equal(image.pixels, wanted)
            if before.shape == wanted.shape:
                # Nothing else has to be painted.
                outside = np.ones(shape[1], bool)
                outside[first >> joins[1] : -(-end >> joins[1])] = False
                np.testing.assert_array_equal(before[:, outside], wanted[:, outside])


def test_only_what_is_new_is_painted_and_nothing_is_missing(qtbot):
    random, history = np.random.default_rng(2), History(depth=3)
    canvas = HeatmapCanvas(HeatmapCells(QUANTITY))
    qtbot.addWidget(canvas)
    canvas.resize(400, 150)
    painted, paint = [], canvas.paintEvent
    canvas.paintEvent = lambda event: (painted.append(event.rect()), paint(event))
    canvas.show()
    qtbot.waitExposed(canvas)
    for step in range(1, 41):
        history.append(record(step, 10.0 ** random.uniform(-14, 6, 4)))
        run = RunSnapshot(config=RunConfig(depth=3, width=8), history=history.view(), record=None,
                          judged=None, changes=(), parameters=1, history_bytes=1)  # fmt: skip
        painted.clear()
        canvas.show_run(1, run)
        qtbot.waitUntil(lambda: bool(painted))
    # Two columns of 64, which the last of the steps touches, and a pixel on either side.
    assert painted[-1].width() <= 2 * canvas.plot_rect().width() / 64 + 3
    on_screen = canvas.screen().grabWindow(canvas.winId()).toImage()
    assert on_screen.convertToFormat(QImage.Format.Format_RGB32) == canvas.grab().toImage()


def filled_history(rows):
    history = History(depth=len(rows[0]) - 1)
    for step, norms in enumerate(rows, start=1):
        history.append(record(step, np.array(norms)))
    return history.view()


def test_a_scale_that_follows_the_run_spans_what_was_lately_there():
    # 70 steps of 1e-9 … 1e-8, of which the last 64 columns count, and one early spike.
    rows = [[1e-9, 2e-9, 9e-9, 1.0] for _ in range(70)]
    rows[2] = [1e3, 1e3, 1e3, 1.0]
    picture = HeatmapCells(QUANTITY)
    picture.show(QUANTITY, Ends.RECENT)
    picture.feed(1, filled_history(rows))
    scale = picture.scale
    assert (scale.low, scale.high) == (-9.0, -8.0)
    # Healthy marks beyond the ends are not drawn.
    assert scale.marks == ()
    last = picture.filled()[:, -1]
    assert last[2] == FIRST
    assert last[0] == pytest.approx(FIRST + np.log10(9) * (LAST - FIRST), abs=1)
    # The spike has the end colour, not one of its own.
    assert picture.filled()[0, 2] == LAST


def test_each_layer_may_have_ends_of_its_own():
    rows = [[1e-12, 1e-3, 0.0, 1.0], [1e-10, 1e-1, 0.0, 1.0]]
    picture = HeatmapCells(QUANTITY)
    picture.show(QUANTITY, Ends.PER_LAYER)
    picture.feed(1, filled_history(rows))
    assert picture.scale.per_layer
    np.testing.assert_array_equal(picture.filled(), [[ZERO, ZERO], [FIRST, LAST], [FIRST, LAST]])


def test_ends_that_move_convert_the_whole_picture_again():
    rows = [[1e-3, 1e-3, 1e-3, 1.0]]
    picture = HeatmapCells(QUANTITY)
    picture.show(QUANTITY, Ends.RECENT)
    history = History(depth=3)
    history.append(record(1, np.array(rows[0])))
    picture.feed(1, history.view())
    before = picture.filled()[0, 0]
    history.append(record(2, np.array([1e-7, 1e-7, 1e-7, 1.0])))
    picture.feed(1, history.view())
    assert picture.filled()[0, 0] != before
    assert list(picture.filled()[:, 1]) == [FIRST] * 3


def test_distinct_units_are_shown_as_a_share_of_the_width():
    layers = np.ones((len(LAYER_QUANTITIES), 3))
    layers[LAYER_QUANTITIES.index("distinct_units")] = [1, 32, 10]
    history = History(depth=2)
    history.append(StepRecord(1, np.zeros(len(CURVE_QUANTITIES)), layers, None, None))
    picture = HeatmapCells("distinct_units")
    picture.feed(1, history.view(), widths=(32, 64, 10))
    half = FIRST + (LAST - FIRST) / 2
    np.testing.assert_allclose(picture.filled()[:, 0], [half, FIRST + (LAST - FIRST) / 32], atol=1)
    assert picture.value(0, 0) == 32


def test_a_linear_scale_has_no_colour_for_zero():
    made = cells(np.array([0.0, 0.5, 1.0, np.nan]), QUANTITIES["zero_fraction"].scale)
    assert list(made) == [FIRST, FIRST + 126, LAST, NAN]


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("ends", Ends)
def test_every_quantity_is_shown_on_every_scale(qtbot, window, session, quantity, ends):
    session.advance(5)
    view = window.dashboard.views["heatmap_h"]
    view.show_quantity(quantity, ends)
    window.renew_everything()
    picture = window.grab().toImage()
    assert view.canvas.cells.columns == 5
    assert view.title.text()
    assert not picture.isNull()
    session.advance(1)
    qtbot.waitUntil(lambda: view.canvas.cells.columns == 6)


def test_the_quantity_is_remembered(open_window, make_session, session):
    first = open_window(session)
    first.dashboard.views["heatmap_w"].show_quantity("update_ratio", Ends.RECENT)
    second = open_window(make_session(session.config))
    cells = second.dashboard.views["heatmap_w"].canvas.cells
    assert (cells.quantity.name, cells.ends) == ("update_ratio", Ends.RECENT)
    second.reset_arrangement()
    assert second.dashboard.views["heatmap_w"].canvas.cells.quantity.name == "weight_grad_norm"


def test_a_quantity_without_meaning_says_so(qtbot, open_window, make_session):
    window = open_window(make_session(RunConfig(depth=4, width=8, activation="identity")))
    view = window.dashboard.views["heatmap_h"]
    view.show_quantity("saturated_fraction", Ends.FIXED)
    window.renew_everything()
    assert not view.canvas.applies
    window.grab()


def test_a_click_chooses_the_layer_under_it(qtbot, window, session):
    session.advance(64)
    view = window.dashboard.views["heatmap_h"]
    qtbot.waitUntil(lambda: view.canvas.cells.columns == 64)
    plot = view.canvas.plot_rect()
    qtbot.mouseClick(
        view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(plot.left() + 9, plot.bottom() - 1)
    )
    # It is told apart from a double-click, then the view of one layer opens.
    qtbot.waitUntil(lambda: window.dashboard.is_shown("inspector"))
    inspector = window.dashboard.views["inspector"]
    assert inspector.watched_layer == 0
    assert inspector.title.text() == "Layer 1 closely"
    assert session.calls[-1] == ("watch", Watch(layer=0))
    assert view.canvas.selected == window.dashboard.views["heatmap_w"].canvas.selected == 0
    window.grab()


def test_a_double_click_opens_no_view_of_one_layer(qtbot, window, session):
    session.advance(64)
    view = window.dashboard.views["heatmap_h"]
    qtbot.waitUntil(lambda: view.canvas.cells.columns == 64)
    middle = view.canvas.plot_rect().center()
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton, pos=middle)
    assert window.dashboard.enlarged == "heatmap_h"
    assert not window.dashboard._opening.isActive()


def test_the_key_has_one_bar_for_each_meaning(window):
    bar = window.dashboard.colour_bar._bar
    assert bar.scales == (GRADIENTS,)
    window.dashboard.views["heatmap_w"].show_quantity("zero_fraction", Ends.FIXED)
    assert bar.scales == (GRADIENTS, QUANTITIES["zero_fraction"].scale)
    window.grab()
    window.dashboard.set_shown("heatmap_h", visible=False)
    assert bar.scales == (QUANTITIES["zero_fraction"].scale,)


def test_rungs_double_and_leave_at_most_half_empty():
    assert [rung(n, 2048) for n in (0, 1, 64, 65, 1024, 1025, 2048)] == [
        8, 8, 64, 128, 1024, 2048, 2048,
    ]  # fmt: skip
    # A deep network's history holds fewer columns than a rung.
    assert rung(200, 232) == 232


def test_fed_in_pieces_is_fed_at_once():
    random = np.random.default_rng(0)
    history = History(depth=3, budget_bytes=1)
    piecewise = HeatmapCells(QUANTITY)
    for step in range(1, 400):
        history.append(record(step, 10.0 ** random.uniform(-14, 6, 4)))
        if random.random() < 0.3:
            piecewise.feed(1, history.view())
    view = history.view()
    piecewise.feed(1, view)
    assert view.layers.merges > 0
    at_once = HeatmapCells(QUANTITY)
    at_once.feed(1, view)
    np.testing.assert_array_equal(piecewise.filled(), at_once.filled())
    assert at_once.columns == len(view.layers)


def test_the_first_layer_is_at_the_bottom_and_a_spike_stays():
    history = History(depth=2, budget_bytes=1)
    for step in range(1, 300):
        spike = 1e3 if step == 77 else 1e-3
        history.append(record(step, np.array([spike, 1e-3, 0.0])))
    # With a row for the output layer.
    picture = HeatmapCells("weight_grad_norm")
    picture.feed(1, history.view())
    bottom = picture.filled()[-1]
    assert (bottom == cells(np.array([1e3]))[0]).sum() == 1
    assert (picture.filled()[0] == ZERO).all()
    column = int(np.argmax(bottom))
    first, last = picture.steps(column)
    assert first <= 77 <= last
    assert picture.value(2, column) == 1e3


def test_nothing_new_changes_nothing():
    history = History(depth=2)
    history.append(record(1, np.ones(3)))
    picture = HeatmapCells(QUANTITY)
    assert picture.feed(1, history.view())
    assert not picture.feed(1, history.view())
    assert picture.feed(2, history.view())


@pytest.mark.parametrize("depth", [1, 2, 3, 7, 10, 30, 99, 100, 1000])
def test_layer_ticks_begin_with_one_and_keep_their_distance(depth):
    ticks = numbers.layer_ticks(depth, 10)
    assert ticks[0] == 1
    assert ticks[-1] <= depth
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= 12


def test_what_is_drawn_has_the_colour_of_the_value(qtbot, window, session):
    norms = np.array([0.0, np.inf, np.nan, 1e-4, 1.0])
    session.record(record(1, norms))
    for step in range(2, 65):
        session.record(record(step, norms))
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 64)
    canvas = window.dashboard.views["heatmap_h"].canvas
    picture = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    scale = picture.devicePixelRatio()
    table = colour_table(window.theme)
    plot = canvas.plot_rect()
    for layer, byte in enumerate([ZERO, INF, NAN, cells(np.array([1e-4]))[0]]):
        y = plot.bottom() - plot.height() * (layer + 0.5) / 4
        point = QPoint(round(plot.center().x() * scale), round(y * scale))
        assert picture.pixelColor(point).rgb() == table[byte], layer


@pytest.mark.parametrize("depth", [1, 2, 5, 9, 10, 11, 29, 30, 100])
def test_names_of_layers_never_lie_on_one_another(qapp, depth):
    """The output layer's stands above round numbers, one of which may be next to it."""
    config = RunConfig(depth=depth, width=8)
    history = History(depth)
    history.append(made_up_record(1, config))
    cells = HeatmapCells("weight_grad_norm")
    cells.feed(1, history.view())
    axes = HeatmapAxes(cells)
    height = QFontMetricsF(axes.font).height()
    for pixels in range(70, 400, 7):
        ticks = axes.layer_ticks(QRect(54, 6, 300, pixels))
        assert ticks[-1][1] == "out"
        places = [y for y, _ in ticks]
        assert min(-np.diff(places), default=height) >= height


def test_a_name_of_two_lines_is_broken_in_halves(qapp):
    axes = HeatmapAxes(HeatmapCells("weight_grad_norm"))
    for name, halves in (("批量规范化", ["批量", "规范化"]), ("He 正态", ["He", "正态"])):
        axes.place = Place((name,), lines=2)
        # Of the first, all but one sign would have room in one line.
        room = QFontMetricsF(axes.font).horizontalAdvance(name[1:])
        assert axes.caption(room) == halves
