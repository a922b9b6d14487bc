"""The executable, built and tried where there is nothing else: no Python, no source, no fonts.

`sh .setup/test -m package -s` builds it and prints what it weighs and how fast it is. With
VANISHING_POINT_PACKAGE=FOLDER the one that `build.py --out FOLDER` has built is tried instead.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

from engine.recording import open_recording
from engine.version import __version__

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 650e6
MOST_ARCHIVE_BYTES = 200e6
SLOWEST_START = 1.3
# The program and its settings write here; it is told to write there.
HOME, OUT = "root", "out"
SETTINGS = f"{HOME}/.config/Vanishing Point/Vanishing Point.ini"
PATIENCE_SECONDS = 300
# Qt's libraries need OpenGL's to be there, though nothing is drawn with it.
SYSTEM_PACKAGES = "libgl1,libegl1"

pytestmark = [
    pytest.mark.package,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the bare system is a Linux"),
]


@pytest.fixture(autouse=True)
def patience() -> None:
    """Let a test go on for minutes: the examination of everything does, on a busy machine."""
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="module")
def figures(tmp_path_factory) -> dict[str, object]:
    """Return what the build reports of itself."""
    # Minutes without an answer are in order here, and in the next fixture.
    faulthandler.cancel_dump_traceback_later()
    out = os.environ.get("VANISHING_POINT_PACKAGE")
    if out is None:
        out = str(tmp_path_factory.mktemp("package"))
        script = ["sh", str(ROOT / ".setup/package"), "--out", out]
        done = subprocess.run(script, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stdout + done.stderr
        print(done.stdout)
    return json.loads((Path(out) / "figures.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Bare:
    """A system with nothing but its libraries, and the executable unpacked in it.

    Attributes:
        root: its root folder.
        program: the executable, as the system sees it.
    """

    root: Path
    program: str

    def command(self, *arguments: str, **environment: str) -> list[str]:
        """Return the command that runs the executable there, and there alone."""
        variables = {"HOME": f"/{HOME}", "PATH": "/usr/bin:/bin", **environment}
        given = [f"{name}={value}" for name, value in variables.items()]
        return [
            "unshare", "--mount", "--pid", "--fork", "--kill-child", "chroot", str(self.root),
            "/usr/bin/env", "-i", f"--chdir=/{OUT}", *given,
            "sh", "-c", 'mount -t proc proc /proc; exec "$@"', "sh", self.program, *arguments,
        ]  # fmt: skip

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = self.command(*arguments, **environment)
        return subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )

    def files(self) -> dict[str, tuple[int, int, int]]:
        """Return inode, size and time of every file there."""
        found = {}
        for path in self.root.rglob("*"):
            if path.is_file() and not path.is_symlink():
                status = path.stat()
                place = str(path.relative_to(self.root))
                found[place] = (status.st_ino, status.st_size, status.st_mtime_ns)
        return found


@pytest.fixture(scope="module")
def bare(figures, tmp_path_factory) -> Bare:
    """Make a bare system, prove that it has no Python, and unpack the archive in it."""
    faulthandler.cancel_dump_traceback_later()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        pytest.skip("a bare system needs root and debootstrap (apt-get install debootstrap)")
    root = tmp_path_factory.mktemp("bare")
    release = dict(
        line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if line
    )
    suite = release.get("VERSION_CODENAME", "").strip('"')
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={SYSTEM_PACKAGES}", suite, str(root)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode != 0:
        pytest.skip(f"debootstrap cannot make a bare {suite}: {made.stdout[-300:]}")
    assert not list(root.glob("usr/bin/python*"))
    assert not list(root.glob("usr/lib*/**/libpython*"))
    (root / OUT).mkdir()
    # Installed by the build.
    import zstandard

    with (
        Path(str(figures["archive"])).open("rb") as file,
        zstandard.ZstdDecompressor().stream_reader(file) as unpacked,
        tarfile.open(fileobj=unpacked, mode="r|") as archive,
    ):
        archive.extractall(root / "opt", filter="tar")
    (folder,) = (root / "opt").iterdir()
    return Bare(root, f"/opt/{folder.name}/vanishing-point")


@contextmanager
def x_server() -> Iterator[str]:
    """Start an X server and yield its display.

    On Linux it also listens in the abstract namespace, which a changed root does not hide.
    """
    if shutil.which("Xvfb") is None:
        pytest.skip("there is no Xvfb here")
    reading, writing = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-ac"],
        pass_fds=[writing], stderr=subprocess.DEVNULL,
    ) as server:  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        try:
            yield f":{number}"
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with x_server() as name:
        yield name


def source_command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), *arguments]


def source_environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    """Return an environment with settings of its own and, like the bare system, without fonts."""
    empty = tmp_path / "fonts.conf"
    empty.write_text('<?xml version="1.0"?><fontconfig></fontconfig>\n', encoding="utf-8")
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    own = {"FONTCONFIG_FILE": str(empty), "XDG_CONFIG_HOME": str(tmp_path), "LANG": "C.UTF-8"}
    return kept | own | changes


# What it is -----------------------------------------------------------------------------------


def test_it_is_small(figures):
    print(f"\n{figures['bytes'] / 1e6:.0f} MB in {figures['files']} files, ", end="")
    print(f"archive {figures['archive bytes'] / 1e6:.0f} MB")
    assert figures["bytes"] <= MOST_BYTES
    assert figures["archive bytes"] <= MOST_ARCHIVE_BYTES


def test_the_archive_has_its_version_and_its_checksum(figures):
    archive = Path(str(figures["archive"]))
    assert f"-{__version__}-" in archive.name
    digest, name = Path(f"{archive}.sha256").read_text(encoding="ascii").split()
    assert name == archive.name
    with archive.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == digest


def test_licences_of_all_parts_lie_beside_it(figures):
    folder = Path(str(figures["folder"]))
    text = (folder / "THIRD-PARTY-LICENCES.txt").read_text(encoding="utf-8")
    for words in (
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "you may replace them",
        "torch 2.13",
        "numpy",
    ):
        assert words in text
    assert (folder / "LICENSE").exists()
    # What may be replaced is there as files.
    assert list((folder / "_internal/PySide6/Qt/lib").glob("libQt6Widgets.so*"))


def test_every_resource_is_inside(figures):
    source = ROOT / "resources"
    wanted = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    # What only builders and readers of the README need.
    wanted = {path for path in wanted if path.parts[0] not in ("packaging", "pictures")}
    inside = Path(str(figures["folder"])) / "_internal/resources"
    found = {path.relative_to(inside) for path in inside.rglob("*") if path.is_file()}
    assert len(wanted) > 100
    assert found - wanted == {Path("licences/parts.json")}
    assert wanted <= found


def test_it_comes_into_the_menu_and_out_again(figures, tmp_path):
    folder = tmp_path / "a place & more"
    folder.mkdir()
    for name in ("add-to-menu.sh", "vanishing-point.desktop"):
        shutil.copy(Path(str(figures["folder"])) / name, folder / name)
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path / "data")}
    script = ["sh", str(folder / "add-to-menu.sh")]
    subprocess.run(script, env=environment, check=True, stdout=subprocess.DEVNULL)
    entry = tmp_path / "data/applications/vanishing-point.desktop"
    lines = entry.read_text(encoding="utf-8").splitlines()
    assert f'Exec="{folder}/vanishing-point"' in lines
    assert f"Icon={folder}/vanishing-point.png" in lines
    subprocess.run([*script, "--remove"], env=environment, check=True, stdout=subprocess.DEVNULL)
    assert not entry.exists()


# What it does on a bare system ----------------------------------------------------------------


def test_it_says_its_version_and_that_it_is_the_cpu_edition(bare):
    done = bare.run("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"vanishing-point {__version__} (executable, CPU edition)\n"
    done = bare.run("--device", "cuda", "--headless", "--steps", "1")
    assert done.returncode == 2
    assert "CPU edition" in done.stderr


def test_it_examines_itself_and_writes_nothing(bare, tmp_path):
    before = bare.files()
    done = bare.run("--selftest")
    print(f"\n{done.stdout}\n{done.stderr}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert bare.files() == before
    lines = done.stdout.splitlines()
    assert all(line.startswith("ok ") for line in lines[:-1])

    # From source the same is examined, and every training ends with the same loss.
    done = subprocess.run(
        source_command("--selftest"), cwd=tmp_path, env=source_environment(tmp_path),
        capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    source = done.stdout.splitlines()
    assert [line[:34] for line in lines[:-1]] == [line[:34] for line in source[:-1]]
    trained = re.compile("ok +train ")
    assert [line for line in lines if trained.match(line)] == [
        line for line in source if trained.match(line)
    ]


def test_its_picture_is_that_of_the_source(bare, display, tmp_path):
    before = bare.files()
    arguments = ("--preset", "vanishing", "--steps", "200", "--threads", "1", "--screenshot")
    done = bare.run(*arguments, f"/{OUT}/window.png", DISPLAY=display, LANG="C.UTF-8")
    assert done.returncode == 0, done.stderr
    written = {place for place, status in bare.files().items() if before.get(place) != status}
    assert written == {f"{OUT}/window.png"}
    picture = tmp_path / "source.png"
    environment = source_environment(tmp_path, DISPLAY=display, QT_QPA_PLATFORM="xcb")
    subprocess.run(source_command(*arguments, str(picture)), env=environment, check=True)
    frozen, source = (pixels(path) for path in (bare.root / OUT / "window.png", picture))
    assert frozen.shape == source.shape
    share = (frozen != source).any(axis=2).mean()
    print(f"\n{source.shape[1]} × {source.shape[0]} pixels, {share:.3%} of them differ")
    # The figures of memory and speed differ, and that one is the CPU edition.
    assert share < 0.01


def pixels(path: Path) -> np.ndarray:
    """Return a picture as an array of height, width, colours."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    assert not image.isNull()
    flat = np.frombuffer(image.constBits(), np.uint8)
    # The pixels belong to the image, which ends here.
    return flat.reshape(image.height(), image.width(), 4)[:, :, :3].copy()


def test_without_a_window_it_records_a_run(bare):
    before = bare.files()
    done = bare.run("--headless", "--steps", "50", "--threads", "1", "--out", f"/{OUT}/run")
    assert done.returncode == 0, done.stderr
    assert "Verdict after 50 steps: vanishing" in done.stdout
    written = {place for place, status in bare.files().items() if before.get(place) != status}
    names = ("layers.csv", "run.json", "run.npz", "steps.csv", "window.png")
    assert written == {f"{OUT}/run/{name}" for name in names}
    assert open_recording(bare.root / OUT / "run").runs[0].history.curves.last_step == 50


def test_killed_it_starts_again(bare, display):
    before = bare.files()
    for _ in range(2):
        with subprocess.Popen(
            bare.command("--announce", DISPLAY=display, LANG="C.UTF-8"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdout.readline() == "painted\n", process.stderr.read()
            process.kill()
    # The next one is closed in order, and writes its settings; all it has ever written is these.
    with subprocess.Popen(
        bare.command("--announce", DISPLAY=display, LANG="C.UTF-8"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "painted\n", process.stderr.read()
        (child,) = children(process.pid)
        os.kill(child, signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
    written = {place for place, status in bare.files().items() if before.get(place) != status}
    assert written == {SETTINGS}


def children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(number) for number in text.split()]


# How fast it is -------------------------------------------------------------------------------


def test_its_window_is_there_as_soon_as_that_of_the_source(figures, display, tmp_path):
    environment = source_environment(tmp_path, DISPLAY=display, QT_QPA_PLATFORM="xcb")
    program = str(Path(str(figures["folder"])) / "vanishing-point")
    commands = {"frozen": [program, "--announce"], "source": source_command("--announce")}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    # One round more than is counted: after it all files are in the memory.
    for turn in range(6):
        for name, command in commands.items():
            started = time.monotonic()
            with subprocess.Popen(
                command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
            ) as process:
                assert process.stdout.readline() == "painted\n"
                if turn:
                    seconds[name].append(time.monotonic() - started)
                process.kill()
    frozen, source = (statistics.median(seconds[name]) for name in ("frozen", "source"))
    print(f"\nfirst painting: executable {frozen:.2f} s, source {source:.2f} s (medians of 5)")
    assert frozen <= SLOWEST_START * source
