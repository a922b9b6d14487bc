"""No order of actions breaks the window."""

import pytest

from tests.monkey.player import Monkey


def test_a_hundred_random_actions(tmp_path, one_thread):
    Monkey(1, tmp_path).play(100)


@pytest.mark.slow
def test_three_hundred_random_actions(tmp_path, one_thread):
    Monkey(2, tmp_path).play(300)


@pytest.mark.sweep
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_thousand_random_actions(seed, tmp_path, one_thread):
    Monkey(seed, tmp_path).play(1000)
