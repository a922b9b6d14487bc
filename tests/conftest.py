"""What every test gets: no screen needed, and a check that nothing is left running."""

import os
import threading
from collections.abc import Iterator

# Before anything imports Qt.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import HealthCheck, settings

# A machine that others use too may be slow: that is no property of the program.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

ENDING_SECONDS = 10.0


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves a thread behind."""
    before = set(threading.enumerate())
    yield
    started = set(threading.enumerate()) - before
    for thread in started:
        # One that has been told to end may be in the middle of something.
        thread.join(ENDING_SECONDS)
    left = [thread for thread in started if thread.is_alive()]
    assert not left, f"threads left behind: {left}"


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Compute on one thread, for numbers that do not depend on the machine."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
