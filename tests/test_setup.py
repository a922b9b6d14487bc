"""The two commands of the README, and the files that come with the program."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
SETUP = ROOT / ".setup"

needs_sh = pytest.mark.skipif(sys.platform == "win32", reason="the scripts are for sh")

MAIN = """
import pathlib, sys
print("arguments", sys.argv[1:])
if "--out" in sys.argv:
    folder = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")
sys.exit(7 if "--fail" in sys.argv else 0)
"""


def run_script(folder: Path, *arguments: str, **screen: str) -> subprocess.CompletedProcess[str]:
    """Run .setup/run in `folder`, where nothing is missing and main.py only says its arguments."""
    (folder / ".setup").mkdir()
    (folder / ".setup/run").write_text(
        (SETUP / "run").read_text(encoding="utf-8"), encoding="utf-8"
    )
    (folder / ".setup/prepare").write_text("")
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    (folder / "main.py").write_text(MAIN)
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        ["sh", str(folder / ".setup/run"), *arguments],
        env=environment | screen,
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_without_a_screen_the_first_run_is_recorded_and_shown(tmp_path):
    folder = tmp_path / "a b"
    folder.mkdir()
    done = run_script(folder)
    assert done.returncode == 0, done.stderr
    assert "'--headless'" in done.stdout
    (recording,) = (folder / ".runs").iterdir()
    assert str(recording) in done.stdout
    assert "    run.json\n" in done.stdout


@needs_sh
def test_with_a_screen_the_window_opens(tmp_path):
    done = run_script(tmp_path, DISPLAY=":9")
    assert done.stdout == "arguments []\n"


@needs_sh
def test_options_and_the_exit_code_pass_through(tmp_path):
    done = run_script(tmp_path, "--preset", "a word", "--fail")
    assert done.stdout == "arguments ['--preset', 'a word', '--fail']\n"
    assert done.returncode == 7


@needs_sh
@pytest.mark.parametrize("script", ["prepare", "run", "test", "lint"])
def test_a_script_is_plain_sh(script):
    subprocess.run(["sh", "-n", str(SETUP / script)], check=True, timeout=60)


def test_ci_calls_the_commands_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    ci = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "sh .setup/run " in readme
    for command in ("sh .setup/test", "sh .setup/lint"):
        assert command in readme
        assert command in ci


def test_the_digits_are_those_that_their_readme_describes():
    with np.load(ROOT / "resources/data/digits.npz", allow_pickle=False) as file:
        x, y = file["x"], file["y"]
    assert x.shape == (1797, 64)
    assert x.dtype == y.dtype == np.uint8
    described = (ROOT / "resources/data/README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(x.tobytes() + y.tobytes()).hexdigest() in described
    assert ", ".join(map(str, np.bincount(y))) in described


def test_every_font_comes_with_its_licence():
    fonts = ROOT / "resources/fonts"
    assert list(fonts.glob("*.otf"))
    assert "SIL OPEN FONT LICENSE" in (fonts / "OFL.txt").read_text(encoding="utf-8")
