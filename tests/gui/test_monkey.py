"""No order of actions breaks the window."""

import sys

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


# Of the resident memory, what three more rounds of the same actions may add to three of them. The
# first load what is loaded when it is first wanted; chance decides how far caches of bounded size
# are filled. A window that keeps something of each of 300 actions keeps more than that.
MOST_ADDED = 0.08


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="free memory is given back on Linux only")
def test_the_same_actions_again_keep_no_more_memory(tmp_path, one_thread):
    monkey = Monkey(1, tmp_path)
    monkey.play(100, rounds=6)
    assert max(monkey.kept[3:]) <= (1.0 + MOST_ADDED) * max(monkey.kept[:3]), monkey.kept
