"""Build the executable: `sh .setup/package`, or `python resources/packaging/build.py`.

Makes a folder with the program and everything it needs, an archive of it and a checksum, and
prints what they weigh. For the system it runs on, with the PyTorch that is installed, which must
be the one for the CPU.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from archive import pack, write_checksum
from loops import compile_loops
from parts import TEXT_NAME
from program_icon import write_icons

from engine.version import __version__

NAME = "vanishing-point"
SYSTEM = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
MACHINE = {"amd64": "x86_64", "aarch64": "arm64"}.get(
    platform.machine().lower(), platform.machine().lower()
)
LARGEST_PARTS = 10


def main() -> int:
    """Build, pack, report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / ".package", metavar="DIR")
    parser.add_argument("--no-archive", action="store_true", help="only the folder")
    parser.add_argument("--try", action="store_true", dest="tries", help="run its --selftest too")
    arguments = parser.parse_args()
    problem = _cuda_problem()
    if problem is not None:
        print(f"package: {problem}", file=sys.stderr)
        return 2
    started = time.monotonic()
    out = arguments.out.resolve()
    prepared = out / "prepared"
    prepared.mkdir(parents=True, exist_ok=True)
    write_icons(prepared)
    compile_loops(prepared)
    folder = _build(out, prepared)
    _add_files(folder, prepared)
    figures: dict[str, object] = {
        "folder": str(folder),
        "build seconds": round(time.monotonic() - started, 1),
        **_weigh(folder),
    }
    if not arguments.no_archive:
        started = time.monotonic()
        archive = pack(folder)
        write_checksum(archive)
        figures["archive"] = str(archive)
        figures["archive bytes"] = archive.stat().st_size
        figures["archive seconds"] = round(time.monotonic() - started, 1)
    (out / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    _report(figures)
    return subprocess.run([_program(folder), "--selftest"]).returncode if arguments.tries else 0


def _cuda_problem() -> str | None:
    """Say why this PyTorch cannot go into the executable; None if it can."""
    import torch

    if torch.version.cuda is None and torch.version.hip is None:
        return None
    return (
        f"PyTorch {torch.__version__} is made for graphics cards and weighs gigabytes; install "
        "the CPU build of the same version first (README, A smaller PyTorch)"
    )


def _build(out: Path, prepared: Path) -> Path:
    """Run PyInstaller and return the folder under its own name."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(out / "dist"), "--workpath", str(out / "work")]
    command += [str(HERE / f"{NAME}.spec"), "--", str(prepared)]
    # PyInstaller imports every module of PyTorch, the old ones too.
    environment = os.environ | {"PYTHONWARNINGS": "ignore::DeprecationWarning"}
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    folder = out / f"{NAME}-{__version__}-{SYSTEM}-{MACHINE}"
    shutil.rmtree(folder, ignore_errors=True)
    if SYSTEM == "macos":
        folder.mkdir()
        (out / "dist" / "Vanishing Point.app").rename(folder / "Vanishing Point.app")
    else:
        (out / "dist" / NAME).rename(folder)
    if SYSTEM == "linux":
        _strip(folder / "_internal" / "torch" / "lib")
    return folder


def _strip(folder: Path) -> None:
    """Take the names of inner functions out of PyTorch's libraries: a fifth of their size.

    Not out of all: the libraries beside NumPy do not survive it.
    """
    for library in sorted(folder.glob("libtorch_*.so")):
        subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)


def _add_files(folder: Path, prepared: Path) -> None:
    """Put beside the program what a person looks for there."""
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")
    shutil.copy(prepared / TEXT_NAME, folder / TEXT_NAME)
    if SYSTEM == "linux":
        shutil.copy(prepared / f"{NAME}.png", folder / f"{NAME}.png")
        shutil.copy(HERE / f"{NAME}.desktop", folder / f"{NAME}.desktop")
        script = folder / "add-to-menu.sh"
        shutil.copy(HERE / "add-to-menu.sh", script)
        script.chmod(script.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def _program(folder: Path) -> Path:
    """Return the executable that has an output on every system."""
    place = {
        "windows": f"{NAME}-console.exe",
        "macos": f"Vanishing Point.app/Contents/MacOS/{NAME}",
    }
    return folder / place.get(SYSTEM, NAME)


def _weigh(folder: Path) -> dict[str, object]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    sizes = sorted(((path.stat().st_size, path) for path in files), reverse=True)
    return {
        "bytes": sum(size for size, _ in sizes),
        "files": len(files),
        "largest parts": {
            str(path.relative_to(folder)): size for size, path in sizes[:LARGEST_PARTS]
        },
    }


def _report(figures: dict[str, object]) -> None:
    for name, value in figures.items():
        if isinstance(value, dict):
            print(f"{name}:")
            for part, size in value.items():
                print(f"  {size / 1e6:8.1f} MB  {part}")
        elif name.endswith("bytes"):
            assert isinstance(value, int)
            print(f"{name.removesuffix('bytes').strip() or 'folder'}: {value / 1e6:.1f} MB")
        else:
            print(f"{name}: {value}")


if __name__ == "__main__":
    sys.exit(main())
