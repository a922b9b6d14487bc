"""The profile: what it draws and says of measurement and theory."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.config import RunConfig
from engine.diagnosis import diagnose
from engine.history import History
from engine.record import LAYER_INDEX, LAYER_QUANTITIES
from engine.snapshot import RunSnapshot
from engine.theory.anchor import Anchor
from engine.theory.drift import MOVED, UNMOVED, faded, way_of_weights
from gui.views.profile import ProfileView
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
    measured = back.dots[back.lines.index(line(back, "‖∂L/∂h‖"))].values
    # Halved from layer to layer, 1 at the output layer.
    assert measured == pytest.approx(np.log10(0.5) * np.arange(6, -1, -1))
    theory = back.theory[line(back, "‖∂L/∂h‖")].yData
    assert theory[:-1] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(theory[-1])
    # THEORY 1.4 for ReLU: S = 5 / n for each layer passed; ln RMS = theory − S/4 ± √S/2.
    passed = np.arange(5, -1, -1)
    s = 5.0 / 64 * passed
    polygon = back.band.polygon()
    edges = np.array([[point.x(), point.y()] for point in polygon])
    assert edges[:6, 0] == pytest.approx(np.arange(1, 7))
    assert edges[:6, 1] * np.log(10) == pytest.approx(-s / 4 - np.sqrt(s) / 2)
    assert edges[6:, 1][::-1] * np.log(10) == pytest.approx(-s / 4 + np.sqrt(s) / 2)
    forward = view.forward.theory[line(view.forward, "RMS h")].yData
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
    view.refresh(1, replace(run, history=seen, record=record, diagnosis=found))
    drawn = view.backward.dots[0].values[:-1]
    assert drawn[-1] - drawn[0] == pytest.approx(-5.0)
    assert view.backward.words[0].text() == "Backward ×10.0 per layer, 5.0 decades gained"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"skip": "highway"}, "No theory: the gates of a highway have no simple theory"),
        ({"skip": "residual"}, "Theory at initialisation, lower bound: activations of non-zero"),
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
                assert curve.yData is None or not np.isfinite(curve.yData).any()
        assert view.backward.band.polygon().isEmpty()


def test_theory_fades_once_the_weights_have_moved(view):
    def opacity():
        return {item.opacity() for panel in view.panels for item in panel.theory.values()}

    view.refresh(1, snapshot(RELU))
    assert opacity() == {1.0}
    # What the newest step was measured at is ninety-nine updates from the start.
    view.refresh(2, snapshot(RELU, steps=100, ratio=MOVED / 99))
    (faint,) = opacity()
    assert 0.1 < faint < 0.5
    assert view.backward.band.opacity() == faint
    moved, about = view.standing.text().split("  ·  ")
    assert moved == "weights moved by up to 3.0% on average"
    assert about == "Theory at initialisation"
    # The number goes on where nothing is left to fade.
    view.refresh(2, snapshot(RELU, steps=200, ratio=MOVED / 99))
    assert view.standing.text().startswith("weights moved by up to 6.0% on average")
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
    assert names[-2:] == ["RMS ∂L/∂h", "theory"]
    level = back.theory[line(back, "‖∂L/∂h‖")].yData[:-1]
    per_unit = back.theory[line(back, "RMS ∂L/∂h")].yData[:-1]
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
    assert view.backward.words[0].text() == "← ×0.50, 1.5 decades"
    assert view.backward.words[0].toolTip() == "Backward ×0.50 per layer, 1.5 decades lost"


def test_it_is_handled_like_any_other_view(qtbot, view):
    with qtbot.waitSignal(view.enlarge_wanted):
        place = view.backward.plot.viewport()
        QTest.mouseDClick(place, Qt.MouseButton.LeftButton)
