"""A settings file that is damaged, or somebody else's, costs what stands in it and ends nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from engine.config import RunConfig
from gui.settings import APPLICATION, ORGANISATION, Settings
from gui.settings_file import MOST_BYTES, make_readable

MAIN = Path(__file__).resolve().parents[2] / "main.py"
# What Qt would end the process over, write lines about, or make something strange of.
FOREIGN = {
    "a list without end": r"@Variant(\0\0\0\x9\x7f\xff\xff\xff)",
    "texts without end": r"@Variant(\0\0\0\xb\x7f\xff\xff\xff)",
    "a brush": r"@Variant(\0\0\0\x42\xff\0\0\0)",
    "lists in lists": "@Variant(" + r"\0\0\0\x9\0\0\0\x1" * 5_000 + ")",
    "a foreign type": r"@Variant(\0\0\0\x7f\0\0\0\xePyQt_PyObject\0)",
    "no type": r"@Variant(\0\0\0\xff\0)",
    "a moment": r"@DateTime(\0\0\0\x10\0\0)",
    "in quotation marks": '"@V"a"riant(' + r'\0\0\0\x9\x7f\xff\xff\xff)"',
    "escaped": r"\x40V\x61riant(\0\0\0\x9\x7f\xff\xff\xff)",
    "escaped in base 8": r"\100V\141riant(\0\0\0\x9\x7f\xff\xff\xff)",
    "escaped with too many bits": r"\x10040Variant(\0\0\0\x9\x7f\xff\xff\xff)",
    "an escape that is none": r"@Va\zriant(\0\0\0\x9\x7f\xff\xff\xff)",
    "over two lines": "@Vari\\\nant(" + r"\0\0\0\x9\x7f\xff\xff\xff)",
    "in a list": r"a, @Variant(\0\0\0\x9\x7f\xff\xff\xff)",
}
damaged_each_way = pytest.mark.parametrize("value", FOREIGN.values(), ids=FOREIGN)


def place_in(folder: Path) -> Path:
    return folder / ORGANISATION / f"{APPLICATION}.ini"


def text_with(value: str) -> str:
    return (
        f"[General]\nlanguage={value}\ntheme=dark\n\n[window]\n"
        f"geometry={value}\n\n[{value}]\n{value}={value}\n"
    )


@damaged_each_way
def test_what_is_foreign_is_taken_out_and_the_rest_is_kept(tmp_path, value):
    path = tmp_path / "settings.ini"
    path.write_text(text_with(value))
    assert make_readable(path)
    settings = Settings(QSettings(str(path), QSettings.Format.IniFormat))
    assert (settings.theme, settings.language, settings.geometry) == ("dark", "system", None)
    settings.language = "en"
    settings.save()
    assert "language=en" in path.read_text()


def test_what_the_program_has_written_stays_as_it_is(tmp_path):
    path = tmp_path / "settings.ini"
    settings = Settings(QSettings(str(path), QSettings.Format.IniFormat))
    settings.geometry = QByteArray(bytes(range(256)))
    settings.recent_files = ("@Variant", "a\\b\n", "中文, x")
    settings.thresholds = {"strong_decades": 4.0}
    settings.experiment = RunConfig(dataset="@a\\b.csv")
    settings.save()
    before = path.read_bytes()
    assert make_readable(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", ["a folder", "a pipe", "too long"])
def test_what_is_no_settings_file_is_left_alone_and_nothing_is_remembered(tmp_path, caplog, kind):
    path = tmp_path / "settings.ini"
    if kind == "a pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("its pipes have no names in folders")
        os.mkfifo(path)
    elif kind == "a folder":
        path.mkdir()
    else:
        path.write_bytes(b"#" * (MOST_BYTES + 1))
    assert not make_readable(path)
    assert "nothing is remembered" in caplog.text
    assert path.exists()


def test_no_settings_file_is_what_a_first_start_finds(tmp_path, caplog):
    assert make_readable(tmp_path / "settings.ini")
    assert not caplog.text
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="says where settings lie as Linux does")
@pytest.mark.parametrize("name", ["a list without end", "a foreign type"])
def test_the_program_starts_beside_a_damaged_file_without_a_word(tmp_path, name):
    path = place_in(tmp_path)
    path.parent.mkdir()
    path.write_text(text_with(FOREIGN[name]))
    done = subprocess.run(
        [sys.executable, str(MAIN), "--screenshot", str(tmp_path / "window.png")],
        capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"XDG_CONFIG_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "window.png").exists()
    settings = Settings(QSettings(str(path), QSettings.Format.IniFormat))
    assert settings.theme == "dark"


@pytest.mark.skipif(sys.platform != "linux", reason="says where settings lie as Linux does")
def test_settings_lie_where_they_always_lay(tmp_path):
    code = (
        "from PySide6.QtCore import QSettings\n"
        "from gui.settings import APPLICATION, ORGANISATION, Settings\n"
        "always = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION,"
        " APPLICATION).fileName()\n"
        "assert Settings()._store.fileName() == always\n"
        "print(always)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=MAIN.parent, capture_output=True, text=True, timeout=60,
        env=os.environ | {"XDG_CONFIG_HOME": str(tmp_path)}, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == str(place_in(tmp_path)), done.stderr


def test_a_look_for_this_time_is_forgotten_unless_it_is_chosen(settings, open_window, session):
    settings.look_this_time("dark", "zh_CN")
    window = open_window(session)
    assert (window.theme.name, settings.language) == ("dark", "zh_CN")
    assert (settings.passing_copy().theme, settings.passing_copy().language) == ("dark", "zh_CN")
    remembered = Settings(settings._store)
    assert (remembered.theme, remembered.language) == ("light", "en")
    window.set_language("en")
    window.set_language("zh_CN")
    assert (remembered.theme, remembered.language) == ("light", "zh_CN")
