"""A program with a window has no outputs on Windows; nothing may fail for want of them."""

import subprocess
import sys
from pathlib import Path

import pytest

MAIN = Path(__file__).resolve().parents[2] / "main.py"


@pytest.mark.skipif(sys.platform == "win32", reason="closes the outputs with sh")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--list"], 0),
        (["--depth", "0"], 2),
        (["--headless", "--steps", "3", "--depth", "2", "--width", "4"], 0),
    ],
)
def test_without_outputs_it_works_all_the_same(tmp_path, arguments, code):
    command = ["sh", "-c", 'exec "$@" >&- 2>&-', "sh", sys.executable, str(MAIN), *arguments]
    done = subprocess.run(command, cwd=tmp_path, timeout=180, check=False)
    assert done.returncode == code
