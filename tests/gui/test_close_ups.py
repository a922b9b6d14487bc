"""The views that look closely, fed with what the engine would send."""

from dataclasses import replace

import numpy as np
import pytest

from engine.close_up import CloseUp, Confusion, FittedCurve, PreActivations, Regions, Watch
from engine.histograms import GradientHistogram
from engine.snapshot import Snapshot
from gui.labels import unbroken


def made_up_histogram(layers):
    edges = np.arange(-20.0, 5.0)
    counts = np.zeros((layers, len(edges) - 1), np.int64)
    counts[:, 10:14] = [5, 20, 20, 5]
    zeros, inf, nan = (np.full(layers, n) for n in (50, 0, 25))
    return GradientHistogram(16, edges, counts, zeros, inf, nan, np.full(layers, 125), 1.0)


def show(window, session, **changes):
    session.advance()
    run = replace(session.snapshot().runs[0], **changes)
    session._change(runs=(run,))
    window.renew_everything()


@pytest.fixture
def inspector(window):
    window.dashboard.set_shown("inspector", visible=True)
    return window.dashboard.views["inspector"]


def test_the_layer_in_the_middle_is_watched_until_one_is_chosen(window, session, inspector):
    window.renew_everything()
    assert session.calls[-1] == ("watch", Watch(layer=1))
    window.dashboard.choose_layer(3)
    assert session.calls[-1] == ("watch", Watch(layer=3))
    window.dashboard.set_shown("inspector", visible=False)
    assert session.calls[-1] == ("watch", Watch())


def test_one_layer_closely(window, session, inspector):
    pre = PreActivations(1, np.linspace(-4, 4, 61), np.arange(60), 0)
    show(
        window,
        session,
        histogram=made_up_histogram(5),
        close_up=CloseUp(1, pre, None),
    )
    assert inspector.title.text() == "Layer 2 closely"
    # 50 and 25 of 125 entries.
    assert unbroken("zeros 40.0%") in inspector.words.text()
    assert unbroken("NaN 20.0%") in inspector.words.text()
    assert list(inspector._entries.opts["height"]) == [5 / 125, 20 / 125, 20 / 125, 5 / 125]
    assert inspector.function.viewRange()[0] == [-4.0, 4.0]
    assert len(inspector._used.x) == 2 * 60


def test_axes_of_a_layer_stay_while_its_numbers_hardly_change(window, session, inspector):
    ranges = []
    for reach in (3.1, 3.3, 3.4):
        pre = PreActivations(1, np.linspace(-reach, reach, 61), np.arange(60), 0)
        show(window, session, histogram=made_up_histogram(5), close_up=CloseUp(1, pre, None))
        ranges.append(inspector.function.viewRange())
    assert ranges[0] == ranges[1] == ranges[2]
    assert ranges[0][0] == [-4.0, 4.0]


def test_the_output_layer_has_no_function(window, session, inspector):
    window.dashboard.choose_layer(4)
    show(window, session, histogram=made_up_histogram(5))
    assert inspector.title.text() == "Output layer closely"
    assert inspector.function_title.text() == "the output layer has no φ"
    assert session.calls[-1] == ("watch", Watch(layer=4))


ANSWERS = {
    "confusion": Confusion(np.array([[8, 2], [1, 9]])),
    "regions": Regions(
        -1.0, 1.0, np.tri(80, dtype=np.int64), np.zeros((3, 2)), np.array([0, 1, 0])
    ),
    "curve": FittedCurve(np.linspace(-2, 2, 9), np.zeros(9), np.zeros(4), np.ones(4)),
    "none": None,
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_answers_of_every_kind_are_drawn(window, session, kind):
    window.dashboard.set_shown("prediction", visible=True)
    assert session.calls[-1] == ("watch", Watch(answers=True))
    view = window.dashboard.views["prediction"]
    for theme in ("light", "dark"):
        window.set_theme(theme)
        show(window, session, close_up=CloseUp(1, None, ANSWERS[kind]))
        window.grab()
    if kind == "confusion":
        assert "85.0% right" in view.title.text()
        assert view.table.isVisible()
    if kind == "none":
        assert view.reading.text() == "no picture for data like these"
    session._snapshot = Snapshot(session.snapshot().state)
    window.renew_everything()
    assert view._answers is None


def test_what_is_not_kept_of_a_past_step_is_said_to_be(window, session, inspector):
    pre = PreActivations(1, np.linspace(-4, 4, 61), np.arange(60), 0)
    session.advance(9)
    window.dashboard.set_shown("prediction", visible=True)
    seen = CloseUp(10, pre, Confusion(np.eye(2, dtype=np.int64)))
    show(window, session, histogram=made_up_histogram(5), close_up=seen)
    assert len(inspector._used.x) == 2 * 60
    window.timeline._go(4)
    window.renew_everything()
    assert len(inspector._used.x) == len(inspector._entries.opts["x"]) == 0
    for title in (inspector.gradients_title, inspector.function_title):
        assert "not kept of this step" in title.whole_text()
    answers = window.dashboard.views["prediction"]
    assert answers.reading.text() == "not kept of this step"
    window.timeline._go(None)
    window.renew_everything()
    assert len(inspector._used.x) == 2 * 60
    assert answers.reading.text() == ""


def test_an_update_that_has_not_been_made_is_no_nan(window, session, inspector):
    session.advance()
    run = session.snapshot().runs[0]
    record = replace(run.record, step=0, layers=np.full_like(run.record.layers, np.nan))
    session._change(runs=(replace(run, record=record),))
    window.renew_everything()
    assert unbroken("‖ΔW‖ / ‖W‖ –") in inspector.words.text()
    assert "NaN" not in inspector.words.text()
