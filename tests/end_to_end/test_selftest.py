"""`--selftest`, from an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.presets import presets
from gui.labs.table import LABS
from gui.translation import LANGUAGES
from gui.views.table import VIEWS

MAIN = Path(__file__).resolve().parents[2] / "main.py"


def selftest(folder: Path, *before: str) -> subprocess.CompletedProcess[str]:
    """Run it with everything that it could write below one folder."""
    for name in ("here", "temporary", "home"):
        (folder / name).mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")} | {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "temporary"),
    }
    return subprocess.run(
        [sys.executable, "-W", "error", *before, "--selftest"],
        cwd=folder / "here", env=environment, capture_output=True, text=True, timeout=600,
        check=False,
    )  # fmt: skip


def test_it_tries_everything_and_leaves_nothing(tmp_path):
    done = selftest(tmp_path, str(MAIN))
    assert done.returncode == 0, done.stdout + done.stderr
    *lines, last = done.stdout.splitlines()
    assert last.startswith("all is well")
    assert all(line.startswith("ok ") for line in lines)
    names = {" ".join(line[8:34].split()) for line in lines}
    for kind, rows in (
        ("view", [kind.name for kind in VIEWS]),
        ("lab", [row.name for row in LABS]),
        ("language", list(LANGUAGES)),
    ):
        assert {f"{kind} {name}"[:26].strip() for name in rows} <= names
    assert len([name for name in names if name.startswith("preset ")]) > len(presets()) / 2
    left = [path for name in ("here", "temporary", "home") for path in (tmp_path / name).iterdir()]
    assert not left


def test_without_its_files_it_ends_with_a_line(tmp_path):
    code = f"""
import sys
sys.path.insert(0, {str(MAIN.parent)!r})
import engine.resources
from pathlib import Path
engine.resources.RESOURCES = Path("nowhere")
import main
sys.exit(main.run(["--selftest"]))
"""
    done = selftest(tmp_path, "-c", code)
    assert done.returncode == 1
    line, *rest = done.stderr.splitlines()
    assert line.startswith("error: a part of the program is missing: ")
    assert "nowhere" in line
    assert not rest


@pytest.mark.slow
def test_what_is_missing_is_named(tmp_path):
    # The Chinese translation is not there; everything else is. What takes long and is examined
    # above is left out: the engine, and all labs, lessons and presets but one.
    code = f"""
import sys
sys.path.insert(0, {str(MAIN.parent)!r})
import gui.translation
from pathlib import Path
gui.translation.RESOURCES = Path("nowhere")
import gui.selftest
every = gui.selftest
first_preset, first_lesson = dict(list(every.presets().items())[:1]), every.lessons()[:1]
every.engine_checks, every.LABS = list, every.LABS[:1]
every.presets, every.lessons = lambda: first_preset, lambda: first_lesson
import main
sys.exit(main.run(["--selftest"]))
"""
    done = selftest(tmp_path, "-c", code)
    assert done.returncode == 1
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED  ")]
    assert len(failed) == 1
    assert "language zh_CN" in failed[0]
    assert "language zh_CN" in done.stdout.splitlines()[-1]
