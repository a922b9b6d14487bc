"""The profile: what it draws and says of measurement and theory."""

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtTest import QTest

from engine.config import RunConfig
from engine.diagnosis import Judge, diagnose
from engine.history import History
from engine.record import LAYER_INDEX, LAYER_QUANTITIES, FirstBad
from engine.snapshot import Change, RunSnapshot
from engine.theory.anchor import Anchor
from engine.theory.drift import MOVED, UNMOVED, faded, way_of_weights
from engine.theory.weight_gradients import Grams
from gui import theme as looks
from gui.changes import change_text
from gui.views.axes import WordAxis
from gui.views.layer_panel import vertical_range
from gui.views.plot import quiet_plot, style_plot
from gui.views.profile import ProfileView
from gui.views.profile_words import forward_words
from gui.views.traces import Dots
from tests.gui.conftest import made_up_record

RELU = RunConfig(depth=6, width=64, activation="relu", initializer="kaiming_normal")


def snapshot(config: RunConfig, steps: int = 1, ratio: float = 0.0) -> RunSnapshot:
    """Return a run whose gradients halve per layer, beside the theory of its experiment."""
    history = History(config.depth)
    for step in range(1, steps + 1):
        record = made_up_record(step, config)
        record.layers[LAYER_INDEX["update_ratio"]] = ratio
        history.append(record)
    view = history.view()
    anchor = Anchor((64, *config.widths, 10), 32, 1.0, 1.0)
    return RunSnapshot(config, view, record, diagnose(record, view), (), 1000, 2**20,
                       anchor=anchor, prediction=anchor.predict(config))  # fmt: skip


@pytest.fixture
def view(qtbot):
    made = ProfileView()
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    yield made
    made.close()


def line(panel, name):
    return next(item for item in panel.lines if item.name == name)


def test_measurement_line_and_band_are_where_they_belong(view):
    run = snapshot(RELU)
    view.refresh(1, run)
    back = view.backward
    measured = back.dots[back.lines.index(line(back, "‖∂L/∂h‖"))].y
    # Halved from layer to layer, 1 at the output layer.
    assert measured == pytest.approx(np.log10(0.5) * np.arange(6, -1, -1))
    theory = back.theory[line(back, "‖∂L/∂h‖")].y
    assert theory[:-1] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(theory[-1])
    # THEORY 1.4 for ReLU: S = 5 / n for each layer passed; ln RMS = theory − S/4 ± √S/2.
    passed = np.arange(5, -1, -1)
    s = 5.0 / 64 * passed
    band = back.bands[back.lines[0]]
    assert band.x == pytest.approx(np.arange(1, 7))
    assert band.low * np.log(10) == pytest.approx(-s / 4 - np.sqrt(s) / 2)
    assert band.high * np.log(10) == pytest.approx(-s / 4 + np.sqrt(s) / 2)
    forward = view.forward.theory[line(view.forward, "RMS h")].y
    assert forward[:-1] == pytest.approx(0.0, abs=1e-12)


def test_factor_and_decades_are_said_of_both(view):
    view.refresh(1, snapshot(RELU))
    assert [label.text() for label in view.backward.words] == [
        "Backward ×0.50 per layer, 1.5 decades lost",
        "theory ×1.00 per layer, 0.0 decades lost",
    ]
    assert [label.text() for label in view.forward.words] == [
        "Forward ×1.00 per layer",
        "theory ×1.00 per layer",
    ]
    assert view.standing.text() == "Theory at initialisation"
    view.clear()
    assert view.backward.words[0].text() == "Backward"
    assert view.standing.text() == ""


def test_the_words_are_of_the_step_whose_dots_are_drawn(view):
    """A fast run: the median of the last steps says another thing than the newest of them."""
    run = snapshot(RELU, steps=30)
    history, record = History(RELU.depth), made_up_record(31, RELU)
    for step in range(1, 31):
        history.append(made_up_record(step, RELU))
    record.layers[LAYER_INDEX["activation_grad_norm"]] = 10.0 ** np.arange(7.0, 0.0, -1.0)
    history.append(record)
    seen = history.view()
    found = diagnose(record, seen)
    assert found.decades == pytest.approx(5.0 * np.log10(2.0))
    view.refresh(1, replace(run, history=seen, record=record, judged=found))
    drawn = view.backward.dots[0].y[:-1]
    assert drawn[-1] - drawn[0] == pytest.approx(-5.0)
    assert view.backward.words[0].text() == "Backward ×10.0 per layer, 5.0 decades gained"


def test_a_change_is_named_with_its_date(qtbot, view):
    view.resize(1400, 400)
    qtbot.waitUntil(lambda: view.width() == 1400)
    change = Change(10, "learning_rate", "0.01", seconds=1.7e9)
    run = replace(snapshot(RELU, steps=30), changes=(change,))
    view.refresh(1, run)
    said = view.standing.whole_text()
    assert said.startswith(f"changed after step 10: {change_text(change)}  ·  ")
    assert said.endswith("Theory at initialisation")
    # A moment before it knows nothing of it.
    view.refresh(1, run.at(5))
    assert "changed" not in view.standing.whole_text()
    anew = Change(0, "initializer", "kaiming_normal", seconds=1.7e9, steps_before=60)
    view.refresh(2, replace(run, changes=(anew,)))
    assert "changed before step 1: Initialiser = kaiming_normal" in view.standing.whole_text()
    view.resize(330, 300)
    qtbot.waitUntil(lambda: view.standing.text() == "changed before step 1")


def test_the_profile_of_a_run_that_is_over_is_that_of_its_last_finite_step(view):
    history, watch = History(RELU.depth), Judge()
    for step in range(1, 13):
        record = made_up_record(step, RELU)
        if step == 12:
            record.layers[LAYER_INDEX["activation_grad_norm"]] = np.nan
            record = replace(record, first_bad=FirstBad(12, "3", "dL/dh"))
        history.append(record)
        watch.observe(record, history, RELU)
    ended = replace(snapshot(RELU), history=history.view(), record=record,
                    judged=watch.diagnosis(record, history.view()),
                    first_bad=record.first_bad)  # fmt: skip
    view.refresh(1, ended)
    assert view.backward.dots[0].y == pytest.approx(np.log10(0.5) * np.arange(6, -1, -1))
    assert view._titles == (
        "Every layer at step 11, the last finite one",
        "Step 11, the last finite",
    )
    assert view.backward.words[0].text() == "Backward ×0.50 per layer, 1.5 decades lost"
    # Who asks for the broken step itself gets it.
    view.refresh(1, ended.at(12))
    assert not np.isfinite(view.backward.dots[0].y).any()


def test_the_vertical_range_is_of_two_decades_at_least_and_does_not_tremble():
    level = [np.array([-2.04, -2.0, -1.98])]
    low, high = vertical_range(level)
    assert high - low == 2.0
    assert low < -2.04
    assert high > -1.98
    # A little more is held without a move, and far less is not kept small for ever.
    assert vertical_range([np.array([-2.4, -1.3])], (low, high)) == (low, high)
    wide = vertical_range([np.array([-11.0, 0.0])])
    assert wide[1] - wide[0] == 15.0
    assert vertical_range(level, wide) == (low, high)
    assert vertical_range([np.array([-10.0, 0.5])], wide) == wide
    assert vertical_range([np.full(3, np.nan)], wide) == wide


def test_the_band_of_the_weight_gradient_is_drawn_and_named(view):
    grams = Grams(np.eye(32), np.eye(32) / 32.0**2)
    run = snapshot(RELU)
    anchor = replace(run.anchor, grams=grams)
    view.refresh(1, replace(run, anchor=anchor, prediction=anchor.predict(RELU)))
    back = view.backward
    weights = line(back, "‖∂L/∂W‖")
    band = back.bands[weights]
    theory, low, high = back.theory[weights].y[: len(band.x)], band.low, band.high
    # Of ReLU each of the other five layers has 5/n, and φ′ itself 3/n.
    spread = (5 * 5.0 + 3.0) / 64
    assert high - theory == pytest.approx(np.sqrt(spread) / 2 / np.log(10))
    assert theory - low == pytest.approx((np.sqrt(spread) / 2 + spread / 4) / np.log(10))
    assert "by chance" in [name for name, _ in back.legend.texts()]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"skip": "highway"}, "No theory: the gates of a highway have no simple theory"),
        ({"skip": "residual"}, "Theory at initialisation, approximate: activations of non-"),
        ({"width": 8}, "Theory at initialisation, approximate: fewer than 16 units in a layer"),
    ],
)
def test_where_there_is_no_simple_theory_it_says_so(view, fields, words):
    view.refresh(1, snapshot(RELU.replace(**fields)))
    # Where there is no room for the reason the tool tip has it.
    assert (view.standing.toolTip() or view.standing.text()).startswith(words)
    if words.startswith("No theory"):
        assert view.backward.words[1].text() == "no theory"
        for panel in view.panels:
            for curve in panel.theory.values():
                assert not np.isfinite(curve.y).any()
        assert all(not len(b.x) for b in view.backward.bands.values())


def test_theory_fades_once_the_weights_have_moved(view):
    def opacity():
        return {curve.opacity for panel in view.panels for curve in panel.theory.values()}

    view.refresh(1, snapshot(RELU))
    assert opacity() == {1.0}
    # What the newest step was measured at is ninety-nine updates from the start.
    view.refresh(2, snapshot(RELU, steps=100, ratio=MOVED / 99))
    (faint,) = opacity()
    assert 0.1 < faint < 0.5
    assert {b.opacity for b in view.backward.bands.values()} == {faint}
    moved, about = view.standing.text().split("  ·  ")
    assert moved == "weights moved by up to 3.0% of their size on average"
    assert about == "Theory at initialisation"
    # The number goes on where nothing is left to fade.
    view.refresh(2, snapshot(RELU, steps=200, ratio=MOVED / 99))
    assert view.standing.text().startswith("weights moved by up to 6.0% of their size on average")
    # Another run begins anew.
    view.refresh(3, snapshot(RELU))
    assert opacity() == {1.0}


def test_the_way_of_the_weights_counts_every_step_whatever_the_history_has_merged():
    config = RunConfig(depth=3, width=4)
    history, random = History(3, budget_bytes=1), np.random.default_rng(0)
    ratios = random.uniform(0.0, 1e-3, (700, 4))
    for step, ratio in enumerate(ratios, 1):
        record = made_up_record(step, config)
        record.layers[LAYER_INDEX["update_ratio"]] = ratio
        history.append(record)
        if step in (1, 2, 63, 64, 65, 700):
            # Layers 2 and 3, all updates but the newest.
            wanted = ratios[: step - 1, 1:3].sum(axis=0).mean()
            assert way_of_weights(history.view(), record) == pytest.approx(wanted, abs=1e-12)
    assert history.view().layers.stride > 1
    assert faded(UNMOVED) == 0.0
    assert faded(MOVED) == 1.0


def test_unequal_widths_show_what_follows_n_out(view):
    """With He's n_in the norm is level and the mean over units is not (THEORY, finding 2)."""
    config = RELU.replace(width=(512, 64, 256, 64))
    view.refresh(1, snapshot(config))
    back = view.backward
    names = [name for name, _ in back.legend.texts()]
    assert names[-3:-1] == ["RMS ∂L/∂h", "theory"]
    level = back.theory[line(back, "‖∂L/∂h‖")].y[:-1]
    per_unit = back.theory[line(back, "RMS ∂L/∂h")].y[:-1]
    assert level == pytest.approx(0.0, abs=1e-12)
    wanted = -0.5 * np.log10(32 * np.array([512, 64, 256, 64]))
    assert per_unit == pytest.approx(wanted)
    view.refresh(2, snapshot(RELU))
    assert "RMS ∂L/∂h" not in [name for name, _ in back.legend.texts()]


def test_a_narrow_card_has_one_axis_for_both_and_short_words(qtbot, view):
    run = snapshot(RELU)
    record = replace(run.record, layers=run.record.layers.copy())
    record.layers[LAYER_QUANTITIES.index("activation_grad_norm")] *= 1e-9
    view.refresh(1, replace(run, record=record))
    assert view.backward.plot.getAxis("left").isVisible()
    ranges = [panel.plot.viewRange()[1] for panel in view.panels]
    assert ranges[0] != ranges[1]
    view.resize(330, 300)
    qtbot.waitUntil(lambda: not view.backward.plot.getAxis("left").isVisible())
    ranges = [panel.plot.viewRange()[1] for panel in view.panels]
    assert ranges[0] == ranges[1]
    assert view.backward.words[0].text() == "← ×0.50, −1.5 decades"
    assert view.backward.words[0].toolTip() == "Backward ×0.50 per layer, 1.5 decades lost"


def test_it_is_handled_like_any_other_view(qtbot, view):
    with qtbot.waitSignal(view.enlarge_wanted):
        place = view.backward.plot.viewport()
        QTest.mouseDClick(place, Qt.MouseButton.LeftButton)


def test_the_words_are_of_those_layers_that_have_a_value(view):
    """Fifty layers of which the last six overflow: 44 points are drawn, and a slope is theirs."""
    config = RunConfig(depth=50, width=64, activation="relu", initializer="kaiming_normal")
    run = snapshot(config)
    rows = {name: LAYER_INDEX[name] for name in ("activation_rms", "activation_grad_norm")}
    forward = np.append(3.0 ** np.arange(50.0), 1.0)
    forward[44:] = np.inf
    back = np.append(0.5 ** np.arange(50.0)[::-1], 1.0)
    back[:10] = 0.0
    run.record.layers[rows["activation_rms"]] = forward
    run.record.layers[rows["activation_grad_norm"]] = back
    run = replace(run, judged=diagnose(run.record, run.history))
    view.refresh(1, run)
    assert view.forward.words[0].whole_text() == "Forward ×3.00 per layer in layers 1–44"
    assert view.backward.words[0].whole_text() == "Backward ×0.50 per layer in layers 11–50"
    # One layer alone has no slope.
    run.record.layers[rows["activation_rms"]] = np.where(np.arange(51) == 7, 1.0, np.inf)
    assert forward_words(run)[0][0] == "Forward no slope"


def test_where_hardly_any_unit_passes_a_gradient_on_nothing_is_drawn_of_it(view):
    config = RunConfig(depth=6, width=100, activation="tanh", initializer="normal", init_std=30.0)
    view.refresh(1, snapshot(config))
    drawn = view.backward.theory[line(view.backward, "‖∂L/∂h‖")].y
    assert drawn is None or not np.isfinite(drawn).any()
    said = view.backward.words[1].whole_text()
    assert said == "no theory: hardly any unit passes a gradient on"
    assert "a few rare ones" in view.standing.whole_text()
    forward = view.forward.theory[line(view.forward, "RMS h")].y
    assert np.isfinite(forward[:-1]).all()


def test_a_tick_in_words_stands_on_the_line_of_the_numbers(qtbot):
    plot = pg.PlotWidget(axisItems={"bottom": WordAxis("bottom")}, background="w")
    qtbot.addWidget(plot)
    plot.hideAxis("left")
    plot.getAxis("bottom").setTextPen("k")
    plot.setXRange(0, 10)
    # The same figure, alone and before signs that another font lends.
    plot.getAxis("bottom").setTicks([[(2, "1"), (8, "1输出")]])
    plot.resize(300, 200)
    plot.show()
    picture = plot.grab().toImage()

    def ink(left: int, right: int) -> list[tuple[int, int]]:
        below = range(round(plot.getViewBox().sceneBoundingRect().bottom()) + 2, picture.height())
        dark = [(x, y) for x in range(left, right) for y in below
                if picture.pixelColor(x, y).lightness() < 128]  # fmt: skip
        first = min(x for x, _ in dark)
        return [(x - first, y) for x, y in dark if x < first + 5]

    assert max(y for _, y in ink(0, 150)) == max(y for _, y in ink(150, 300))


def test_no_part_of_the_last_tick_is_cut_off_before_a_hall(qtbot, translation):
    translation.use("zh_CN")
    view = ProfileView()
    qtbot.addWidget(view)
    looks.set_zoom(1.4, view)
    try:
        view.set_theme(looks.LIGHT)
        view.resize(700, 360)
        view.refresh(1, snapshot(RELU))
        view.show()
        panel = view.backward
        axis = panel.plot.getAxis("bottom")
        qtbot.waitUntil(lambda: axis.below > 0)
        word, font = axis._tickLevels[0][-1][1], axis.style["tickFont"]
        assert word == "输出"

        def rows(picture: QImage, left: int, top: int) -> int:
            """Return over how many rows the signs reach."""
            inked = [y for y in range(top, picture.height())
                     if any(picture.pixelColor(x, y).lightness() < 190
                            for x in range(left, picture.width()))]  # fmt: skip
            return inked[-1] - inked[0] + 1

        alone = QImage(200, 100, QImage.Format.Format_RGB32)
        alone.fill(QColor(looks.LIGHT.card))
        painter = QPainter(alone)
        painter.setFont(font)
        painter.setPen(QColor(looks.LIGHT.muted))
        painter.drawText(20, 60, word)
        painter.end()
        drawn = panel.plot.grab().toImage()
        box = panel.plot.getViewBox().sceneBoundingRect()
        right = drawn.width() - round(QFontMetricsF(font).horizontalAdvance(word))
        assert rows(drawn, right, round(box.bottom()) + 8) == rows(alone, 0, 0)
    finally:
        looks.set_zoom(1.0, view)


def test_dots_move_on_the_screen_wherever_the_view_has_gone(qtbot):
    plot = quiet_plot()
    qtbot.addWidget(plot)
    style_plot(plot, looks.LIGHT)
    plot.resize(300, 200)
    dots = Dots()
    dots.set_pen(pg.mkPen("#ff0000", width=8))
    plot.add_trace(dots)
    plot.show()
    qtbot.waitExposed(plot)
    x = np.arange(1.0, 9.0)
    plot.span_x(0.5, 8.5)
    # From one range to one far off, and then other dots within that.
    for low, offset in ((0.0, 0.5), (100.0, 0.5), (100.0, 0.25), (100.0, 0.75)):
        plot.span_y(low, low + 1.0)
        dots.set_data(x, np.full(8, low + offset))
        qtbot.waitUntil(lambda: on_screen(plot) == plot.grab().toImage())
        assert has_red(on_screen(plot))


def on_screen(widget) -> QImage:
    """Return what was painted of a window, without painting it anew."""
    seen = widget.screen().grabWindow(widget.winId()).toImage()
    return seen.convertToFormat(QImage.Format.Format_RGB32)


def has_red(image: QImage) -> bool:
    return any(
        image.pixelColor(x, y) == QColor("#ff0000")
        for x in range(image.width())
        for y in range(image.height())
    )


def test_dots_that_lie_on_others_leave_a_rim_of_them(view):
    """In the same made-up steps both gradients have the same size in every layer."""
    view.refresh(1, snapshot(RELU))
    back = view.backward
    places = [back.lines.index(line(back, name)) for name in ("‖∂L/∂h‖", "‖∂L/∂W‖")]
    below, above = (back.dots[place] for place in places)
    np.testing.assert_allclose(below.y, above.y)
    for trace in (*back.theory.values(), *back.bands.values()):
        trace.set_visible(False)
    picture = back.plot.grab().toImage()
    colours = [picture.pixelColor(x, y).name() for x in range(picture.width())
               for y in range(picture.height())]  # fmt: skip
    seen = [colours.count(QColor(back.theme.series[n]).name()) for n in (0, 1)]
    assert min(seen) > 5 * len(below.y)
