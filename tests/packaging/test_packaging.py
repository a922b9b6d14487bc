"""What the build makes before PyInstaller comes into play, and what it leaves out."""

import re
import struct
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "resources/packaging"


@pytest.fixture(autouse=True)
def packaging_modules(monkeypatch):
    monkeypatch.syspath_prepend(PACKAGING)


def test_the_icon_is_drawn_in_every_size(qapp):
    import program_icon

    for size in program_icon.ICO_SIZES:
        image = QImage.fromData(program_icon.png(size))
        assert (image.width(), image.height()) == (size, size)
        assert image.pixelColor(size // 2, size // 8).alpha() == 255
        assert image.pixelColor(0, 0).alpha() < 128


def test_a_windows_icon_is_one_that_others_can_read(qapp):
    import program_icon

    content = program_icon.ico([(size, program_icon.png(size)) for size in (16, 256)])
    # Qt has a reader of its own for these.
    image = QImage.fromData(content, "ICO")
    assert image.width() in (16, 256)
    assert struct.unpack_from("<HHH", content) == (0, 1, 2)


def test_an_apple_icon_is_one_that_others_can_read(qapp):
    import program_icon

    content = program_icon.icns({b"ic07": program_icon.png(128), b"ic08": program_icon.png(256)})
    assert struct.unpack_from(">I", content, 4) == (len(content),)
    assert QImage.fromData(content, "ICNS").width() in (128, 256)


@pytest.mark.parametrize(
    ("place", "left_out"),
    [
        ("torch/bin/test_jit", True),
        ("torch/bin/torch_shm_manager", False),
        ("torch/test/List_test", True),
        ("torch/lib/libtorch_cpu.so", False),
        ("torch\\lib\\torch_cpu.dll", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", False),
        ("PySide6/Qt/plugins/platforms/libqwayland.so", False),
        ("PySide6/Qt/plugins/platforms/libqoffscreen.so", False),
        ("PySide6\\plugins\\platforms\\qwindows.dll", False),
        ("PySide6\\plugins\\platforms\\qdirect2d.dll", True),
        ("PySide6/Qt/plugins/platforms/libqcocoa.dylib", False),
        ("PySide6/Qt/plugins/platforms/libqeglfs.so", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", True),
        ("PySide6/Qt/plugins/imageformats/libqtiff.so", True),
        ("PySide6/Qt/plugins/iconengines/libqsvgicon.so", False),
        ("PySide6/Qt/translations/qtbase_zh_CN.qm", False),
        ("PySide6/Qt/translations/qtbase_de.qm", True),
        ("resources/i18n/app_zh_CN.qm", False),
        ("resources/presets/healthy.json", False),
    ],
)
def test_what_is_left_out(place, left_out):
    from left_out import is_left_out

    assert is_left_out(place) is left_out


def test_nothing_of_ours_is_left_out():
    from left_out import is_left_out

    files = [path for path in (ROOT / "resources").rglob("*") if path.is_file()]
    assert len(files) > 30
    assert not [path for path in files if is_left_out(str(path.relative_to(ROOT)))]


def test_a_module_that_is_imported_is_not_left_out():
    from left_out import MODULES

    sources = [*ROOT.glob("engine/**/*.py"), *ROOT.glob("gui/**/*.py"), ROOT / "main.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    imported = [m for m in MODULES if f"import {m}\n" in text or f"from {m} " in text]
    assert not imported


def test_the_compiler_that_is_left_out_is_asked_for_in_one_place():
    from left_out import COMPILER

    sources = [*ROOT.glob("engine/**/*.py"), *ROOT.glob("gui/**/*.py"), ROOT / "main.py"]
    asking = {
        path.name
        for path in sources
        for module in COMPILER
        if re.search(rf"(import|from) {module}\b", path.read_text(encoding="utf-8"))
    }
    assert asking == {"compilation.py"}


@pytest.mark.skipif(sys.platform == "win32", reason="for the desktops of Linux")
def test_the_desktop_entry_has_what_the_standard_asks_for():
    lines = (PACKAGING / "vanishing-point.desktop").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "[Desktop Entry]"
    entries = dict(line.split("=", 1) for line in lines[1:])
    assert entries["Type"] == "Application"
    assert entries["Name"] == "Vanishing Point"
    assert entries["Exec"] == '"@FOLDER@/vanishing-point"'
    assert entries["Categories"].endswith(";")


def test_the_workflow_calls_what_is_there():
    workflow = (ROOT / ".github/workflows/build.yml").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("sh .setup/prepare system", "python -m pytest", "python -m pip install -e"):
        assert f"{command}" in workflow
        assert command in readme.replace(".venv/bin/", "")
    assert "resources/packaging/build.py --try" in workflow
    usage = [sys.executable, str(PACKAGING / "build.py"), "--help"]
    done = subprocess.run(usage, capture_output=True, text=True, check=True, timeout=120)
    assert "--try" in done.stdout
    # The same PyTorch as the program's.
    pinned = re.search(r"torch==[\d.]+", workflow)
    assert pinned is not None
    assert f'"{pinned[0]}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_the_lock_has_every_dependency_with_hashes_and_names_no_host():
    text = (PACKAGING / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    entries = dict(re.findall(r"^([a-z0-9-]+)==\S+(.*(?:\n .*)*)", text, re.MULTILINE))
    assert all("--hash=sha256:" in hashes for hashes in entries.values())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["package"]]
    names = {re.match(r"[\w-]+", requirement).group().lower() for requirement in wanted}
    assert names <= entries.keys()
