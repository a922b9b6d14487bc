"""The phase picture: the experiment in it, and a click that moves it."""

import math

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest

from engine.config import RunConfig
from engine.history import History
from engine.snapshot import RunSnapshot
from engine.theory.place import place_of
from gui import theme as looks
from gui.theme import LIGHT
from gui.views.phase import PhaseView

TANH = RunConfig(activation="tanh", depth=40, bias_std=0.05**0.5)


def snapshot(config: RunConfig) -> RunSnapshot:
    return RunSnapshot(config, History(config.depth).view(), None, None, (), 1000, 2**20)


@pytest.fixture
def view(qtbot):
    made = PhaseView()
    qtbot.addWidget(made)
    made.resize(500, 420)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()


def pixel(view, weight: float, bias: float) -> QPoint:
    box = view.plot.getViewBox()
    scene = box.mapViewToScene(QPointF(math.log10(weight), bias))
    return view.plot.mapFromScene(scene)


def test_every_region_has_its_name_also_where_there_is_little_room(qtbot, view):
    """At 1024 pixels the chaotic region of tanh is narrower than its name is long."""
    view.resize(220, 320)
    qtbot.waitUntil(lambda: view.width() == 220)
    view.refresh(1, snapshot(TANH))
    view._name_regions()
    # Where a text lies is decided when it is painted.
    view.grab()
    chaotic = view.names[1]
    assert chaotic.isVisible()
    assert "chaotic" in chaotic.toPlainText()
    assert chaotic.angle == 90.0
    assert (
        chaotic.textItem.boundingRect().height()
        < 2.0 * QFontMetricsF(looks.font(strong=True)).height()
    )
    box = view.plot.getViewBox()
    for item in view.names.values():
        assert box.sceneBoundingRect().contains(item.mapRectToScene(item.boundingRect()))
    view.resize(700, 420)
    qtbot.waitUntil(lambda: view.plot.getViewBox().width() > 400)
    view._name_regions()
    assert chaotic.angle == 0.0


def test_an_edge_that_is_one_point_is_a_ring_in_the_legend_too(view):
    view.refresh(1, snapshot(TANH.replace(activation="relu", initializer="kaiming_normal")))
    assert len(view.edge_point.data) == 1
    assert view.legend._rings == {0}
    view.refresh(1, snapshot(TANH))
    assert len(view.edge_point.data) == 0
    assert view.legend._rings == set()


def test_the_point_is_where_the_experiment_is(view):
    # Poole et al. 2016: χ₁ = 1.585.
    view.refresh(1, snapshot(TANH.replace(gain=2.5, bias_std=0.3)))
    (x,), (y,) = view.point.getData()
    assert 10.0**x == pytest.approx(6.25)
    assert y == pytest.approx(0.09)
    assert view.words[0].text() == "Chaotic, Tanh: deep down ×1.26 per layer going back"


@pytest.mark.parametrize(("weight", "bias"), [(1.76, 0.05), (0.5, 0.3), (4.0, 0.2)])
def test_a_click_leads_there(qtbot, view, weight, bias):
    view.refresh(1, snapshot(TANH))
    qtbot.wait(0)
    place = pixel(view, weight, bias)
    with qtbot.waitSignal(view.fields_wanted) as chosen:
        QTest.mouseClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    there = place_of(TANH.replace(**chosen.args[0]))
    # As exact as a pixel is.
    assert there.weight_variance == pytest.approx(weight, rel=0.03)
    assert there.bias_variance == pytest.approx(bias, abs=0.005)


def test_a_click_on_the_lower_edge_means_no_bias(qtbot, view):
    view.refresh(1, snapshot(TANH))
    with qtbot.waitSignal(view.fields_wanted) as chosen:
        QTest.mouseClick(
            view.plot.viewport(), Qt.MouseButton.LeftButton, pos=pixel(view, 1.0, -0.004)
        )
    assert chosen.args[0]["bias_std"] == 0.0
    assert chosen.args[0]["gain"] == pytest.approx(1.0, rel=0.03)


def test_a_click_on_the_lower_edge_says_where_biases_are_drawn_all_the_same(qtbot, view):
    """torch.nn.Linear draws its biases: U(±1/√n), a variance of 1/(3 n)."""
    config = TANH.replace(initializer="torch_default", width=64)
    view.refresh(1, snapshot(config))
    told = []
    view.notice_wanted.connect(told.append)
    with qtbot.waitSignal(view.fields_wanted) as chosen:
        QTest.mouseClick(
            view.plot.viewport(), Qt.MouseButton.LeftButton, pos=pixel(view, 1.0, -0.004)
        )
    there = place_of(config.replace(**chosen.args[0]))
    assert there.bias_variance == pytest.approx(1.0 / (3.0 * 64.0))
    assert told == [
        "PyTorch default draws biases of its own: σ_b² is 0.00521 here, and cannot be 0."
    ]
    # Above the edge they are what was clicked, and there is nothing to be told.
    with qtbot.waitSignal(view.fields_wanted) as chosen:
        QTest.mouseClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=pixel(view, 1.0, 0.2))
    assert place_of(config.replace(**chosen.args[0])).bias_variance == pytest.approx(0.2, abs=5e-3)
    assert len(told) == 1


@pytest.mark.parametrize(
    ("fields", "place", "sentence"),
    [
        # σ_w² = 1 is a gain of √(1 / (n σ²)).
        (
            {"initializer": "normal", "init_std": 1e-5, "width": 100, "gain": 900.0}, (1.0, 0.2),
            "Not taken: that place has Gain 1",
        ),
        ({"bias_std": 99.0}, (1.0, 12000.0), "Not taken: that place has Bias σ 109"),
    ],
)  # fmt: skip
def test_a_place_that_no_experiment_has_is_refused_in_words(qtbot, view, fields, place, sentence):
    config = TANH.replace(**fields)
    view.refresh(1, snapshot(config))
    qtbot.wait(0)
    with (
        qtbot.assertNotEmitted(view.fields_wanted),
        qtbot.waitSignal(view.notice_wanted) as told,
    ):
        QTest.mouseClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=pixel(view, *place))
    assert told.args[0].startswith(sentence)
    assert "is the most there is." in told.args[0]


def test_a_click_beside_the_picture_means_nothing(qtbot, view):
    view.refresh(1, snapshot(TANH))
    with qtbot.assertNotEmitted(view.fields_wanted):
        QTest.mouseClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, 3))


def test_the_depth_scale_is_compared_with_the_depth(view):
    # Schoenholz et al. 2017: ξ = 11.8 at σ_w² = 2.5, σ_b² = 0.05.
    chaotic = TANH.replace(gain=math.sqrt(2.5), depth=40)
    view.resize(700, 420)
    view.refresh(1, snapshot(chaotic))
    assert view.words[1].text() == (
        "depth scale ξ = 11.8: trainable to about 6 ξ = 70.8, this has 40"
    )
    view.refresh(2, snapshot(chaotic.replace(depth=100)))
    assert "trainable only to about 6 ξ = 70.8, this has 100" in view.words[1].text()
    critical = RunConfig(activation="relu", initializer="kaiming_normal")
    view.refresh(3, snapshot(critical))
    assert view.words[1].text().startswith("depth scale ξ = ∞")


def test_more_depth_leaves_less_that_is_pale(view):
    def pale():
        image = view.regions._image
        return sum(image.pixelColor(x, 20).alpha() < 60 for x in range(image.width()))

    found = []
    for number, depth in enumerate((5, 30, 200)):
        view.refresh(number, snapshot(TANH.replace(depth=depth)))
        found.append(pale())
    assert found[0] > found[1] > found[2] > 0


def test_it_hides_with_a_reason_where_it_has_nothing_to_say(view):
    view.refresh(1, snapshot(TANH.replace(skip="residual")))
    assert not view.plot.isVisible()
    assert "skip connections" in view.reason.text()
    view.refresh(2, snapshot(TANH))
    assert view.plot.isVisible()
    assert not view.reason.isVisible()
    view.clear()
    assert view.words[0].text() == ""


def test_an_edge_that_does_not_exist_is_not_named(view):
    softplus = RunConfig(activation="softplus", initializer="xavier_normal")
    view.refresh(1, snapshot(softplus))
    assert [text for text, _ in view.legend._entries] == ["this experiment"]
    assert (view.words[1].toolTip() or view.words[1].text()).startswith("no edge of chaos: ")
    view.refresh(2, snapshot(TANH))
    assert [text for text, _ in view.legend._entries] == ["edge of chaos", "this experiment"]


def test_a_relu_network_is_at_the_edge_only_without_biases(view):
    he = RunConfig(activation="relu", initializer="kaiming_normal")
    view.refresh(1, snapshot(he))
    x, y = view.edge_point.getData()
    assert (10.0 ** x[0], y[0]) == (pytest.approx(2.0), 0.0)
    assert view.words[0].text().startswith("At the edge of chaos, ReLU")
    view.refresh(2, snapshot(he.replace(bias_std=0.3)))
    assert view.words[0].text().startswith("No fixed point, ReLU: ×1.00 per layer")
    view.refresh(3, snapshot(TANH))
    assert len(view.edge_point.getData()[0]) == 0


def test_a_plain_network_whose_weights_are_set_is_told_that(view):
    for initializer in ("zeros", "constant", "identity"):
        view.refresh(1, snapshot(RunConfig(initializer=initializer)))
        assert "set and not drawn at random" in view.reason.text()
        assert "plain" not in view.reason.text()


def test_it_speaks_chinese(view, translation):
    translation.use("zh_CN")
    view.retranslate()
    view.refresh(1, snapshot(TANH.replace(gain=0.5)))
    assert view.title.text() == "有序与混沌"
    assert view.words[0].text().startswith("有序")


def test_the_mouse_reads_the_factor(view):
    view.refresh(1, snapshot(RunConfig(activation="relu", initializer="kaiming_normal")))
    place = view.plot.getViewBox().mapViewToScene(QPointF(math.log10(0.5), 0.0))
    view.plot.scene().sigMouseMoved.emit(place)
    # σ_w² D is 1/4: the norm halves.
    assert view.reading.text().endswith("×0.50 per layer")


def test_the_name_of_the_upright_axis_stands_beside_its_numbers(view):
    view.set_theme(LIGHT)
    view.refresh(1, snapshot(TANH))
    axis = view.plot.getAxis("left")
    metrics = QFontMetricsF(axis.style["tickFont"])
    numbers = max(metrics.horizontalAdvance(text) for text in ("0.00", "0.50"))
    # Written upwards: as wide as its type is high.
    name = axis.label.boundingRect().height()
    assert axis.width() >= name + numbers + axis.style["tickLength"]


@pytest.mark.parametrize("width", [260, 330, 700])
def test_the_names_of_the_regions_stay_in_them(qtbot, view, width):
    view.resize(width, 420)
    view.refresh(1, snapshot(TANH))
    qtbot.waitUntil(lambda: view.width() == width)
    qtbot.wait(0)
    box = view.plot.getViewBox()
    edges, shown = {}, {}
    for sign, item in view.names.items():
        middle, half = box.mapViewToScene(item.pos()).x(), item.textItem.boundingRect().width() / 2
        edges[sign], shown[sign] = (middle - half, middle + half), item.isVisible()
    assert edges[-1][1] <= edges[1][0] or not all(shown.values())
    assert width < 700 or all(shown.values())
    inside = box.sceneBoundingRect()
    for sign, (left, right) in edges.items():
        assert not shown[sign] or inside.left() - 1 <= left < right <= inside.right() + 1


def test_in_a_low_card_the_picture_has_the_room_of_the_words(window, qtbot):
    for name in ("inspector", "prediction", "phase"):
        window.dashboard.set_shown(name, visible=True)
    view = window.dashboard.views["phase"]
    window.resize(1360, 850)
    window.renew_everything()
    qtbot.waitUntil(lambda: view.legend.isHidden() and view.plot.getViewBox().height() >= 30)
    window.dashboard.enlarge("phase")
    qtbot.waitUntil(lambda: not view.legend.isHidden() and not view.words[1].isHidden())
