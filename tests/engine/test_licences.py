"""Whose work the program contains, and on which terms."""

import re
import tomllib
from pathlib import Path

from engine.licences import parts, read_parts, write_parts

ROOT = Path(__file__).resolve().parents[2]


def test_every_dependency_is_named_with_its_whole_licence():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[^\w-]", text)[0] for text in project["dependencies"]]
    found = {part.name.lower().replace("_", "-"): part for part in parts()}
    assert len(names) >= 5
    for name in names:
        part = found[name.lower()]
        assert part.version
        assert part.licence != "see the text"
        assert len(part.text) > 500, name


def test_the_lgpl_comes_with_qt_and_the_gpl_that_it_builds_on():
    (text,) = {part.text for part in parts() if part.name == "PySide6_Essentials"}
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text
    assert "GNU GENERAL PUBLIC LICENSE" in text


def test_our_own_parts_come_first():
    own = [part.name for part in parts()[:4]]
    assert own == ["Vanishing Point", "Noto Sans SC", "Optical Digits", "Python"]


def test_the_list_of_an_executable_is_read_as_it_was_written(tmp_path):
    path = tmp_path / "parts.json"
    write_parts(path, list(parts()))
    assert read_parts(path) == parts()
