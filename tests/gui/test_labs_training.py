"""The labs that train, and the one that looks into the main window's network."""

import numpy as np
import pytest

from engine.config import RunConfig
from engine.labs.jacobian import NetworkCopy
from engine.labs.network_copy import NoCopyError, TooLargeError
from engine.session import Session
from gui import theme as looks
from gui.labs.window import LabsWindow

PATIENCE_MS = 60_000
TRAINING = ["symmetry", "curve_fit"]


class NetworkNextDoor:
    """A session that gives a copy of a network when it is asked for."""

    def __init__(self, network: NetworkCopy | NoCopyError | None) -> None:
        self.asked = 0
        self._given: NetworkCopy | NoCopyError | None = None
        self._network = network

    def ask_network(self) -> None:
        self.asked += 1
        self._given = self._network

    def network(self) -> NetworkCopy | NoCopyError | None:
        return self._given


def network(depth: int = 3, step: int = 5) -> NetworkCopy:
    random = np.random.default_rng(0)
    weights = tuple(random.normal(0.0, 0.5, (4, 4)) for _ in range(depth))
    biases = (np.zeros(4),) * depth
    return NetworkCopy(step, "tanh", "none", "none", random.normal(size=(8, 4)), weights, biases)


@pytest.fixture
def open_lab(qtbot, translation):
    opened = []

    def open_one(name, config=RunConfig, session=None):
        window = LabsWindow(config, looks.LIGHT, session=session)
        opened.append(window)
        window.show()
        page = window.open_lab(name)
        settle(qtbot, page)
        return page

    yield open_one
    for window in opened:
        window.close()
        window.deleteLater()


def settle(qtbot, page):
    qtbot.waitUntil(lambda: not page.busy and page.result is not None, timeout=PATIENCE_MS)


@pytest.mark.parametrize("name", TRAINING)
def test_play_makes_steps_until_it_is_paused_and_rewind_goes_back(qtbot, open_lab, name):
    page = open_lab(name)
    player = page.lab.player
    assert not player.rewind.isEnabled()
    player.play.click()
    qtbot.waitUntil(lambda: page.panel.values()["steps"] >= 40)
    player.play.click()
    assert not player.playing
    stopped = page.panel.values()["steps"]
    assert page.result[-1].step == stopped
    player.step.click()
    assert page.result[-1].step == stopped + 1
    player.rewind.click()
    assert page.result[-1].step == page.panel.values()["steps"] == 0


@pytest.mark.parametrize("name", TRAINING)
def test_the_steps_may_be_dragged_to_their_end_and_back(qtbot, open_lab, name):
    page = open_lab(name)
    last = page.lab.parameters["steps"].kind.maximum
    page.panel.set_values({"steps": last})
    settle(qtbot, page)
    assert page.result[-1].step == last
    assert not page.lab.player.step.isEnabled()
    page.panel.set_values({"steps": 7})
    assert not page.busy
    assert page.result[-1].step == 7


@pytest.mark.parametrize("name", TRAINING)
def test_play_stops_at_the_last_step_and_starts_over(qtbot, open_lab, name):
    page = open_lab(name)
    last = page.lab.parameters["steps"].kind.maximum
    page.panel.set_values({"steps": last - 1})
    settle(qtbot, page)
    player = page.lab.player
    player.play.click()
    qtbot.waitUntil(lambda: not player.playing)
    assert page.panel.values()["steps"] == last
    player.play.click()
    assert page.panel.values()["steps"] == 0
    qtbot.waitUntil(lambda: 0 < page.panel.values()["steps"] < last)


@pytest.mark.parametrize("name", TRAINING)
def test_another_lab_in_front_stops_the_playing(open_lab, name):
    page = open_lab(name)
    page.lab.player.play.click()
    page.window().open_lab("gates")
    assert not page.lab.player.playing


def test_other_weights_start_the_training_anew(qtbot, open_lab):
    page = open_lab("symmetry")
    page.panel.set_values({"steps": 60})
    settle(qtbot, page)
    same = page.result[-1].loss
    page.panel.set_values({"start": "random"})
    settle(qtbot, page)
    assert page.result[-1].step == 60
    assert page.result[-1].loss != same
    page.panel.set_values({"start": "constant"})
    settle(qtbot, page)
    assert page.result[-1].loss == same


def test_the_picture_says_how_many_units_are_distinct(qtbot, open_lab):
    page = open_lab("symmetry")
    page.panel.set_values({"steps": 30})
    settle(qtbot, page)
    readings = dict(page.readings.texts())
    assert readings["distinct units in each layer"] == "1, 1"
    page.panel.set_values({"dropout": 0.3})
    settle(qtbot, page)
    assert dict(page.readings.texts())["distinct units in each layer"] == "5, 5"
    page.panel.set_values({"hidden_layers": 0})
    settle(qtbot, page)
    assert dict(page.readings.texts())["distinct units in each layer"] == "no hidden layer"
    assert page.show_button.isHidden()


# The network next door


def message_of(page) -> str:
    return page.lab.message.text()


def test_the_lab_takes_the_network_of_the_main_window(qtbot, open_lab):
    session = NetworkNextDoor(network(step=5))
    page = open_lab("jacobian", session=session)
    qtbot.waitUntil(lambda: "after step 5" in message_of(page), timeout=PATIENCE_MS)
    assert session.asked == 1
    session._network = network(step=9)
    page.lab.take.click()
    qtbot.waitUntil(lambda: "after step 9" in message_of(page), timeout=PATIENCE_MS)
    settle(qtbot, page)
    assert page.result.step == 9
    assert set(page.result.layers.values()) == {(2, 1)}


def test_without_a_network_it_takes_the_first_one_of_the_experiment(qtbot, open_lab):
    config = RunConfig(depth=4, width=6, device="cpu")
    page = open_lab("jacobian", config=lambda: config)
    assert "before its first step" in message_of(page)
    assert page.result.layers["own"] == (3, 2, 1)
    assert page.lab.experiment(page.panel.values()) == config.replace(initializer="orthogonal")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (RunConfig(depth=1, width=8), "One hidden layer"),
        (RunConfig(width=4096), "too large"),
        (RunConfig(dataset="nowhere.csv"), "nowhere.csv"),
    ],
)
def test_what_cannot_be_looked_into_is_said_in_words(qtbot, open_lab, config, words):
    page = open_lab("jacobian", config=lambda: config)
    assert words in message_of(page)
    assert {value for _, value in page.readings.texts()} == {"–"}


def test_weights_that_are_no_numbers_are_said_in_words(qtbot, open_lab):
    broken = network()
    broken.weights[1][0, 0] = np.inf
    page = open_lab("jacobian", session=NetworkNextDoor(broken))
    qtbot.waitUntil(lambda: "no longer finite" in message_of(page), timeout=PATIENCE_MS)


def test_what_the_engine_cannot_give_is_said_in_words(qtbot, open_lab):
    session = NetworkNextDoor(network(step=5))
    config = RunConfig(depth=4, width=6, device="cpu")
    page = open_lab("jacobian", config=lambda: config, session=session)
    qtbot.waitUntil(lambda: "after step 5" in message_of(page), timeout=PATIENCE_MS)
    for answer, words in ((TooLargeError(), "too large"), (NoCopyError(), "before its first step")):
        session._network = answer
        page.lab.take.click()
        qtbot.waitUntil(lambda words=words: words in message_of(page), timeout=PATIENCE_MS)
        assert not page.lab._timer.isActive()


def test_the_engine_itself_gives_the_network(qtbot, open_lab):
    session = Session(RunConfig(depth=3, width=8, batch_size=16))
    session.start()
    page = open_lab("jacobian", session=session)
    qtbot.waitUntil(lambda: "after step 0" in message_of(page), timeout=PATIENCE_MS)
    session.step(3)
    qtbot.waitUntil(lambda: session.snapshot().runs[0].steps == 3, timeout=PATIENCE_MS)
    page.lab.take.click()
    qtbot.waitUntil(lambda: "after step 3" in message_of(page), timeout=PATIENCE_MS)
    settle(qtbot, page)
    assert page.result.layers["orthogonal"] == (2, 1)
    assert session.close(timeout=20)


def test_the_main_window_lends_its_engine(open_window, session):
    main = open_window(session)
    main.labs.open()
    main.labs.window.open_lab("jacobian")
    assert "ask_network" in session.calls
    main.close()


def test_closing_while_the_engine_has_not_answered_leaves_nothing(qtbot, open_lab):
    page = open_lab("jacobian", session=NetworkNextDoor(None))
    assert page.lab._timer.isActive()
    page.window().close()
    assert not page.lab._timer.isActive()
