"""The program, started as a person starts it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from engine.headless import KILLED, UNFINISHED
from engine.recording import open_recording
from engine.signals import SIGNALS

MAIN = Path(__file__).resolve().parents[2] / "main.py"


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    """Return an environment without a display, with settings of its own."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return kept | {"XDG_CONFIG_HOME": str(tmp_path / "settings")} | changes


def start(*arguments: str, cwd: Path, env: dict[str, str], before: tuple[str, ...] = ()):
    return subprocess.run(
        [*before, sys.executable, "-W", "error", str(MAIN), *arguments],
        cwd=cwd, env=env, capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip


def colours(picture: Path) -> int:
    """Count the different colours of a picture, looking at every seventh pixel."""
    image = QImage(str(picture))
    assert not image.isNull()
    return len(
        {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    )


def has_xvfb() -> bool:
    return shutil.which("xvfb-run") is not None and shutil.which("xauth") is not None


@pytest.mark.parametrize("screen", ["offscreen", "xcb"])
def test_a_picture_of_the_window_after_some_steps(tmp_path, screen):
    if screen == "xcb" and not has_xvfb():
        pytest.skip("there is no Xvfb here")
    before = ("xvfb-run", "-a", "-s", "-screen 0 1600x1000x24") if screen == "xcb" else ()
    result = start(
        "--screenshot", "window.png", "--steps", "60", "--preset", "healthy",
        cwd=tmp_path, env=environment(tmp_path, QT_QPA_PLATFORM=screen), before=before,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    assert QImage(str(tmp_path / "window.png")).width() >= 1000
    # A heatmap that has been painted has dozens of colours.
    assert colours(tmp_path / "window.png") > 40


def test_the_default_experiment_vanishes_and_its_recording_can_be_shown(tmp_path):
    env = environment(tmp_path)
    result = start("--headless", "--steps", "200", "--out", "run", cwd=tmp_path, env=env)
    assert result.returncode == 0
    folder = tmp_path / "run"
    names = {path.name for path in folder.iterdir()}
    assert names == {"run.json", "steps.csv", "layers.csv", "run.npz", "window.png"}
    text = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert text["runs"][0]["verdict"] == "vanishing"
    assert "vanishing" in result.stdout
    assert colours(folder / "window.png") > 40
    losses = open_recording(folder).runs[0].history.curve("loss")
    # ln 10 = 2.3026: what guessing among ten classes costs.
    assert abs(losses[-50:].mean() - 2.3026) < 0.05

    result = start(
        "--open", "run/run.npz", "--screenshot", "again.png",
        cwd=tmp_path, env=env | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    assert colours(tmp_path / "again.png") > 40


def test_the_healthy_preset_learns(tmp_path):
    result = start(
        "--headless", "--preset", "healthy", "--steps", "400", "--out", "run",
        cwd=tmp_path, env=environment(tmp_path),
    )  # fmt: skip
    assert result.returncode == 0
    text = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert abs(text["runs"][0]["decades"]) < 1
    losses = open_recording(tmp_path / "run").runs[0].history.curve("loss")
    assert losses[-20:].mean() < losses[0] / 2


def test_a_diverging_run_is_a_result(tmp_path):
    result = start(
        "--headless", "--activation", "relu", "--initializer", "normal", "--init_std", "1",
        "--depth", "50", "--out", "run", cwd=tmp_path, env=environment(tmp_path),
    )  # fmt: skip
    assert result.returncode == 0
    assert "First non-finite value: step 1, layer" in result.stdout
    text = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    bad = text["runs"][0]["first_bad"]
    assert (bad["step"], bad["tensor"]) == (1, "h")
    assert (tmp_path / "run" / "window.png").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_keeps_what_was_recorded(tmp_path, number):
    with subprocess.Popen(
        [sys.executable, str(MAIN), "--headless", "--steps", "1000000", "--out", "run"],
        cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        # The progress bar tells that steps are being made.
        seen = b""
        end = time.monotonic() + 60
        while b"loss=" not in seen and time.monotonic() < end:
            piece = process.stderr.read(1)
            assert piece, seen.decode()
            seen += piece
        # An impatient person presses more than once.
        for _ in range(3):
            process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Traceback" not in errors
    assert b"Interrupted at step" in output
    assert open_recording(tmp_path / "run").runs[0].history.curves.last_step > 10


@pytest.mark.skipif(os.name != "posix", reason="a system without this signal")
def test_a_run_that_is_killed_loses_no_more_than_ten_seconds(tmp_path):
    kept = tmp_path / "run" / UNFINISHED
    with subprocess.Popen(
        [sys.executable, str(MAIN), "--headless", "--steps", "10000000", "--out", "run"],
        cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        written: set[int] = set()
        end = time.monotonic() + 60
        # The first step is kept at once; the second time is what comes at intervals.
        while len(written) < 2 and time.monotonic() < end:
            # The progress bar tells that steps are being made.
            assert process.stderr.read(1)
            if kept.exists():
                written.add(kept.stat().st_mtime_ns)
        process.kill()
        age = time.time() - kept.stat().st_mtime
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert age <= 10.0
    steps = open_recording(kept).runs[0].steps
    assert steps > 10
    again = start("--headless", "--steps", "2", "--out", "run", cwd=tmp_path,
                  env=environment(tmp_path))  # fmt: skip
    assert again.returncode == 0
    assert f"--open {Path('run') / KILLED} shows what it had come to" in again.stderr
    assert open_recording(tmp_path / "run" / KILLED).runs[0].steps == steps


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_closes_the_window(tmp_path, number):
    # The settings are written by the closing window: without them it did not close in order.
    with subprocess.Popen(
        [sys.executable, "-c", WINDOW_THAT_TELLS, str(MAIN)],
        cwd=tmp_path, env=environment(tmp_path, QT_QPA_PLATFORM="offscreen"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == b"painted\n"
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
    assert list((tmp_path / "settings").rglob("*.ini"))


@pytest.mark.skipif(sys.platform != "linux", reason="asks the system what a process ignores")
def test_a_window_that_was_started_in_the_background_goes_on_ignoring_ctrl_c(tmp_path):
    # As a shell that is no person's starts it.
    before = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")
    with subprocess.Popen(
        [*before, sys.executable, "-c", WINDOW_THAT_TELLS, str(MAIN)],
        cwd=tmp_path, env=environment(tmp_path, QT_QPA_PLATFORM="offscreen"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "painted\n"
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        (ignored,) = (line.split()[1] for line in status.splitlines() if "SigIgn" in line)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert int(ignored, 16) >> signal.SIGINT - 1 & 1


@pytest.mark.parametrize("number", SIGNALS[:2])
def test_a_window_that_was_to_be_pictured_says_that_it_was_not(tmp_path, number):
    arguments = ("--screenshot", "picture.png", "--steps", "1000000")
    with subprocess.Popen(
        [sys.executable, "-c", WINDOW_THAT_TELLS, str(MAIN), *arguments],
        cwd=tmp_path, env=environment(tmp_path, QT_QPA_PLATFORM="offscreen"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "painted\n"
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors == "ended before there was a picture: nothing is written to picture.png\n"
    assert not (tmp_path / "picture.png").exists()


def test_two_windows_at_once_keep_out_of_each_others_way(tmp_path):
    command = [sys.executable, "-c", WINDOW_THAT_TELLS, str(MAIN)]
    env = environment(tmp_path, QT_QPA_PLATFORM="offscreen")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with (
        subprocess.Popen(command, cwd=tmp_path, env=env, **pipes) as first,
        subprocess.Popen(command, cwd=tmp_path, env=env, **pipes) as second,
    ):
        assert first.stdout.readline() == second.stdout.readline() == b"painted\n"
        for process in (first, second):
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=60)
            assert (process.returncode, errors) == (0, b"")
    left = [path.name for path in (tmp_path / "settings").rglob("*") if path.is_file()]
    # A window that had made steps by then leaves its run to the next start.
    assert {Path(name).suffix for name in left} <= {".ini", ".npz"}
    assert "Vanishing Point.ini" in left


# Says on its output when the window has been painted and the engine has been started.
WINDOW_THAT_TELLS = """
import runpy, sys
main = sys.argv.pop(1)
sys.path.insert(0, main.removesuffix("main.py"))
import gui.main_window
start = gui.main_window.MainWindow.start_engine
def start_and_tell(window):
    start(window)
    print("painted", flush=True)
gui.main_window.MainWindow.start_engine = start_and_tell
sys.argv[0] = main
runpy.run_path(main, run_name="__main__")
"""


def test_a_display_that_does_not_answer_is_said_to_be_none(tmp_path):
    env = environment(tmp_path, DISPLAY=":64999")
    env.pop("QT_QPA_PLATFORM", None)
    result = start(cwd=tmp_path, env=env)
    assert result.returncode == 2
    assert "the display :64999 does not answer" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    with subprocess.Popen(
        [sys.executable, str(MAIN), "--list"],
        env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == b""


@pytest.mark.skipif(os.name != "posix", reason="no folder that is in use can be removed elsewhere")
@pytest.mark.parametrize("arguments", [("--headless", "--steps", "1"), ("--list",), ()])
def test_a_folder_that_is_gone_is_one_line(tmp_path, arguments):
    (tmp_path / "gone").mkdir()
    result = start(
        *arguments, cwd=tmp_path / "gone", env=environment(tmp_path, QT_QPA_PLATFORM="offscreen"),
        before=("sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh"),
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "error: the folder that the program was started in is gone\n"


@pytest.mark.skipif(sys.platform != "linux", reason="names codes for letters as Linux does")
@pytest.mark.parametrize("name", ["C", "POSIX"])
def test_an_old_code_for_letters_costs_no_word(tmp_path, name):
    result = start(
        "--screenshot", "窗口.png", cwd=tmp_path,
        env=environment(tmp_path, LC_ALL=name, QT_QPA_PLATFORM="offscreen"),
    )  # fmt: skip
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert (tmp_path / "窗口.png").exists()


def test_without_qt_a_headless_run_says_that_there_is_no_picture(tmp_path):
    # A module named gui that cannot be imported stands for missing system libraries.
    blocker = "import sys; sys.modules['PySide6'] = None; import runpy; "
    run = f"sys.argv = {['main.py', '--headless', '--steps', '3', '--out', 'run']!r}; "
    code = blocker + run + f"runpy.run_path({str(MAIN)!r}, run_name='__main__')"
    env = environment(tmp_path, PYTHONPATH=str(MAIN.parent))
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.returncode == 0
    assert "No picture of the window" in result.stderr
    assert (tmp_path / "run" / "run.json").exists()


@pytest.mark.parametrize(
    ("name", "reason"), [("", "ending in .py"), ("x.txt", "ending in .py"),
                         ("folder.py", "is no regular file")],
)  # fmt: skip
def test_a_script_that_cannot_be_written_is_one_line(tmp_path, name, reason):
    (tmp_path / "folder.py").mkdir()
    result = start("--export-script", name, cwd=tmp_path, env=environment(tmp_path))
    assert result.returncode == 2
    assert "error: export_script = " in result.stderr
    assert reason in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder.py"]
