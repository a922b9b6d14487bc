"""What some steps show together: the windows of a run against each of them by itself."""

import numpy as np

from engine.diagnosis.last_steps import LastSteps, typical_norms
from engine.record import LAYER_INDEX, LAYER_QUANTITIES

NORMS, INACTIVE = LAYER_INDEX["activation_grad_norm"], LAYER_INDEX["inactive_fraction"]


def test_windows_are_typical_each_by_itself():
    windows = 10.0 ** np.random.default_rng(3).uniform(-9, 2, (6, 5, 9))
    # In one of them a step overflowed, in another one no gradient came in.
    windows[1, 2, 4], windows[4, -1, 0] = np.inf, 0.0
    found = typical_norms(windows)
    for window, one in zip(windows, found, strict=True):
        np.testing.assert_array_equal(one, typical_norms(window))
    # Lines are compared where there is something to compare with, and only there.
    relative = np.median(windows[0] / windows[0, -1:], axis=1) * np.median(windows[0, -1])
    np.testing.assert_allclose(found[0], relative)
    np.testing.assert_array_equal(found[4], np.median(windows[4], axis=1))


def test_what_was_shown_lately_is_what_every_three_steps_show():
    layers = np.random.default_rng(5).uniform(0.1, 1.0, (9, len(LAYER_QUANTITIES), 4))
    steps = LastSteps(list(range(11, 20)), 19, layers)
    found = steps.shown_lately()
    assert [shown.steps for shown in found] == [(n, n + 2) for n in range(17, 10, -1)]
    for shown in found:
        start = shown.steps[0] - 11
        three = LastSteps(list(range(3)), 2, layers[start : start + 3]).shown()
        np.testing.assert_allclose(shown.norms, three.norms)
        np.testing.assert_allclose(shown.inactive, three.inactive)


def test_columns_of_many_steps_are_lately_too():
    # Each column holds four steps: the newest three are in one.
    layers = np.random.default_rng(6).uniform(0.1, 1.0, (5, len(LAYER_QUANTITIES), 3))
    steps = LastSteps([1, 5, 9, 13, 17], 19, layers)
    assert [shown.steps for shown in steps.shown_lately()] == [
        (17, 19), (13, 16), (9, 12), (5, 8), (1, 4),
    ]  # fmt: skip
    np.testing.assert_array_equal(steps.shown_lately()[1].norms, layers[3, NORMS, :-1])
