"""However the program is ended, and whatever it is at just then, it ends quietly."""

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.failures import OUT_OF_MEMORY
from engine.recording import open_recording

MAIN = Path(__file__).resolve().parents[2] / "main.py"

# Runs main.py as it is run from a shell, and sends a signal when a module is first looked for.
AT_IMPORT = """
import os, runpy, signal, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r} and self in sys.meta_path:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.{signal})

sys.meta_path.insert(0, Watch())
sys.path.insert(0, {folder!r})
sys.argv = ["main.py", *sys.argv[1:]]
runpy.run_path({main!r}, run_name="__main__")
"""


def interrupted_at(
    module: str,
    tmp_path: Path,
    *arguments: str,
    number: str = "SIGINT",
    before: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    code = AT_IMPORT.format(module=module, signal=number, folder=str(MAIN.parent), main=str(MAIN))
    return subprocess.run(
        [*before, sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True,
        text=True, env=os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)},
        timeout=120, check=False,
    )  # fmt: skip


HEADLESS = ("--headless", "--steps", "3", "--depth", "2", "--width", "4", "--out", "run")
posix = pytest.mark.skipif(os.name != "posix", reason="sends itself a signal as POSIX knows it")


@posix
@pytest.mark.parametrize("module", ["pathlib", "engine.config", "engine.headless"])
def test_ctrl_c_before_anything_has_begun_ends_it_without_a_word(tmp_path, module):
    done = interrupted_at(module, tmp_path, *HEADLESS)
    # A shell says 130 to that.
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")
    assert not list(tmp_path.iterdir())


@posix
@pytest.mark.parametrize("module", ["gui.display", "PySide6.QtWidgets", "gui.dashboard"])
def test_ctrl_c_while_the_window_is_made_ends_it_without_a_word(tmp_path, module):
    done = interrupted_at(module, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


@posix
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("module", ["torch", "torch.nn", "engine.network"])
def test_a_signal_while_the_engine_is_loaded_leaves_nothing(tmp_path, module, number):
    done = interrupted_at(module, tmp_path, *HEADLESS, number=number)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Interrupted.\n")
    assert not list(tmp_path.iterdir())


# A shell that is no person's does the first for all that it starts in the background.
IGNORING = {
    "SIGINT": ("sh", "-c", "trap '' INT; exec \"$@\"", "sh"),
    "SIGTERM": ("sh", "-c", "trap '' TERM; exec \"$@\"", "sh"),
}


@posix
@pytest.mark.parametrize("number", IGNORING)
@pytest.mark.parametrize("module", ["pathlib", "torch", "tqdm.contrib"])
def test_a_signal_that_was_to_be_ignored_is_ignored_while_it_trains(tmp_path, module, number):
    done = interrupted_at(module, tmp_path, *HEADLESS, number=number, before=IGNORING[number])
    assert done.returncode == 0, done.stderr
    assert open_recording(tmp_path / "run").runs[0].steps == 3


# Sends itself a signal a moment after PyTorch has begun with what runs Python inside of C++.
SOON_AFTER_IMPORT = AT_IMPORT.replace(
    "os.kill(os.getpid(), signal.{signal})",
    "subprocess.Popen(['sh', '-c', f'sleep {{DELAY}}; kill -INT {{os.getpid()}}'])",
).replace("import os,", "import subprocess, os,")


@posix
@pytest.mark.parametrize("delay", [0.0, 0.0003, 0.0006, 0.001])
def test_a_signal_inside_of_what_is_loaded_does_not_abort_the_process(tmp_path, delay):
    code = f"DELAY = {delay}\n" + SOON_AFTER_IMPORT.format(
        module="torch.distributed", folder=str(MAIN.parent), main=str(MAIN)
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *HEADLESS], cwd=tmp_path, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "Interrupted.\n")
    assert not list(tmp_path.iterdir())


# A thread that nothing can end; what Python does at its own end would be heard of.
STUCK = """
import atexit, runpy, sys, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
atexit.register(print, "Python's own end")
sys.path.insert(0, {folder!r})
sys.argv = ["main.py", "--headless", "--steps", "0"]
runpy.run_path({main!r}, run_name="__main__")
"""


def test_an_engine_that_cannot_be_ended_does_not_live_to_see_its_libraries_go(tmp_path):
    code = STUCK.format(folder=str(MAIN.parent), main=str(MAIN))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: steps = 0")


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (ValueError("one\ntwo"), "error: ValueError: one (in "),
        (MemoryError("no room"), "error: MemoryError: no room (in "),
    ],
)
def test_what_nobody_thought_of_is_one_line(capsys, monkeypatch, fault, line):
    import main

    # It waits with that for the window.
    gc.enable()

    def fail(arguments):
        raise fault

    monkeypatch.setattr(main, "main", fail)
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)
    assert main.run([]) == 1
    (told,) = capsys.readouterr().err.splitlines()
    assert told.startswith(line)
    assert "test_endings.py, line " in told
    assert told.endswith(OUT_OF_MEMORY) == ("Memory" in line)
