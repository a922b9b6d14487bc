"""Outputs that are missing, full, abandoned or in an old encoding cost words and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.recording import open_recording

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


HEADLESS = ("--headless", "--steps", "30", "--depth", "3", "--width", "4", "--out", "run",
            # A remark on the errors' output, before anything else.
            "--init_std", "0.2", "--initializer", "kaiming_normal")  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no /dev/full")
@pytest.mark.parametrize(
    ("redirection", "code"),
    [(">/dev/full", 1), ("2>/dev/full", 0), ("2>&-", 0), (">/dev/full 2>&1", 1)],
)
def test_a_broken_output_costs_the_words_and_not_the_recording(tmp_path, redirection, code):
    # With a picture of the window, whose announcement is the last that is said.
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, str(MAIN), *HEADLESS]
    done = subprocess.run(command, cwd=tmp_path, timeout=180, check=False, capture_output=True)
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr
    assert done.returncode == code
    found = {path.name for path in (tmp_path / "run").iterdir()}
    assert found == {"run.json", "run.npz", "steps.csv", "layers.csv", "window.png"}
    assert open_recording(tmp_path / "run").runs[0].steps == 30


def test_a_reader_that_goes_away_leaves_the_recording(tmp_path):
    with subprocess.Popen(
        [sys.executable, str(MAIN), *HEADLESS],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 1
    assert b"Traceback" not in errors
    assert b"Exception" not in errors
    assert open_recording(tmp_path / "run").runs[0].steps == 30


@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
def test_an_old_encoding_gets_question_marks(encoding):
    done = subprocess.run(
        [sys.executable, str(MAIN), "--list"], env=os.environ | {"PYTHONIOENCODING": encoding},
        timeout=60, check=False, capture_output=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Initialisers (" in done.stdout.decode(encoding)
    assert b"?" in done.stdout
