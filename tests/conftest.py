"""What every test gets: no screen needed, and a check that nothing is left running."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

# Before anything imports Qt.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from hypothesis import HealthCheck, settings

from engine.signals import SIGNALS

# A machine that others use too may be slow: that is no property of the program.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# A change is judged by the same inputs each time; new ones are looked for on purpose.
settings.register_profile("repeatable", patient, derandomize=True)
settings.register_profile("explore", patient, derandomize=False)
settings.load_profile("repeatable")

# What is ignored here, because a shell started this in the background or `nohup` did, the programs
# that tests start would ignore as well; what is handled, they do not inherit.
for _number in SIGNALS:
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)

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


DISK_BYTES = 2 * 2**20


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """Return a folder that is a disk of its own, of 2 MiB; only an administrator can make one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)]
    if not sys.platform.startswith("linux") or shutil.which("mount") is None:
        pytest.skip("no disk can be made here")
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only an administrator can make a disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def fill(disk) -> Callable[[int], None]:
    """Return a function that fills the disk up, but for so many bytes; 4096 of them are a page."""

    def fill_but(free: int) -> None:
        ballast = disk / "ballast"
        ballast.unlink(missing_ok=True)
        with ballast.open("wb") as file:
            file.write(bytes(shutil.disk_usage(disk).free - free))

    return fill_but
