"""The two READMEs: what they point to is there, and they name the same commands."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from engine.command_line import parse_command_line

ROOT = Path(__file__).resolve().parent.parent
ENGLISH, CHINESE = READMES = (ROOT / "README.md", ROOT / "resources/README.zh_CN.md")

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE_BLOCK = re.compile(r"^```(?:sh|powershell)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"\s+#.*")
# "PySide6-Essentials>=6.9": the name alone.
NAME = re.compile(r"[A-Za-z0-9_-]+")

both = pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)


def commands(path: Path) -> list[str]:
    """Return the lines of all code blocks, without what is said about them."""
    blocks = CODE_BLOCK.findall(path.read_text(encoding="utf-8"))
    return [COMMENT.sub("", line) for block in blocks for line in block.splitlines() if line]


def anchors(text: str) -> set[str]:
    """Return what a link to a heading is called."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head).lower().replace(" ", "-") for head in heads}


@both
def test_what_a_readme_links_to_is_there(path):
    text = path.read_text(encoding="utf-8")
    links = [link for link in LINK.findall(text) if "://" not in link]
    assert len([link for link in links if link.endswith(".png")]) >= 5
    inside = {link.removeprefix("#") for link in links if link.startswith("#")}
    assert inside <= anchors(text)
    files = [path.parent / link for link in links if not link.startswith("#")]
    assert not [str(file) for file in files if not file.exists()]


def test_each_readme_links_to_the_other_in_its_first_lines():
    for path, other in (READMES, READMES[::-1]):
        head = path.read_text(encoding="utf-8").splitlines()[:5]
        links = [link for line in head for link in LINK.findall(line)]
        assert [(path.parent / link).resolve() for link in links] == [other]


def test_both_readmes_name_the_same_commands():
    assert len(commands(ENGLISH)) > 30
    assert commands(ENGLISH) == commands(CHINESE)


def test_the_program_understands_the_commands_of_the_readme():
    calls = [shlex.split(line) for line in commands(ENGLISH) if "python main.py " in line]
    assert len(calls) > 10
    for _, _, *arguments in calls:
        if arguments != ["--help"]:
            assert not parse_command_line(arguments).notes


@both
def test_every_dependency_has_its_reason(path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = {
        NAME.match(line).group().lower()
        for line in [*project["dependencies"], *(name for extra in extras for name in extra)]
    }
    text = path.read_text(encoding="utf-8")
    # The first cells of the only table whose second one is a reason.
    table = re.search(r"^\| (?:package|软件包) .*?\n\|---.*?\n((?:\|.*\n)+)", text, re.MULTILINE)
    cells = [row.split("|")[1] for row in table.group(1).splitlines()]
    named = {word.lower() for cell in cells for word in NAME.findall(re.sub(r"[(（].*", "", cell))}
    named = {"torch" if word == "pytorch" else word for word in named}
    assert wanted <= named
    assert {word for word in named if not word.isdigit()} <= wanted


@both
def test_pictures_are_small(path):
    names = re.findall(r"!\[[^]]*\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
    assert not [name for name in names if (path.parent / name).stat().st_size > 256 * 1024]
