"""What is said where a file, or a value, is refused: in the field's own words, and to stay."""

import errno
import os
import re

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.fields import ConfigError
from engine.input_files import JsonError, read_json
from engine.lessons import read_lesson
from engine.presets import read_preset
from engine.snapshot import Failure
from gui.notice_bar import RefusalBar
from gui.refusals import refusal_words, system_text, words_text


def bars(window) -> list[RefusalBar]:
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return window.findChildren(RefusalBar)


def test_a_file_that_cannot_be_opened_is_told_until_that_is_taken_away(window, tmp_path, qtbot):
    path = tmp_path / "mine.csv"
    path.write_text("1,2,a\n1,a\n")
    window.files.open_path(path)
    (bar,) = bars(window)
    assert bar.isVisible()
    name, words = bar.text.text().splitlines()
    assert name == "Not opened: mine.csv"
    assert words.startswith("Data = ")
    assert words.endswith("the file must have 3 columns in every row; sample 2 has 2")
    window.set_language("zh_CN")
    qtbot.waitUntil(lambda: bar.text.text().startswith("未打开：mine.csv"))
    words = bar.text.text().splitlines()[1]
    assert words.startswith("数据 = ")
    assert words.endswith("文件的每一行必须有 3 列；第 2 个样本有 2 列")
    QTest.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert bars(window) == []


def test_a_file_that_is_opened_takes_the_refusal_of_another_away(window, tmp_path):
    for name, text in (("a.npz", ""), ("b.json", "["), ("c.json", '{"depth": 0}')):
        (tmp_path / name).write_text(text)
        window.files.open_path(tmp_path / name)
        (bar,) = bars(window)
        assert name in bar.text.text()
    assert "Depth = 0: must be a whole number" in bar.text.text()
    (tmp_path / "d.json").write_text('{"depth": 6}')
    window.files.open_path(tmp_path / "d.json")
    assert bars(window) == []
    assert window.config.depth == 6


def test_what_the_engine_refuses_is_told_in_the_language_of_the_window(window, session, qtbot):
    window.set_language("zh_CN")
    refused = ConfigError("dataset", "x.csv", "the file does not exist")
    session.fail(Failure(str(refused), refused=refused))
    qtbot.waitUntil(lambda: "数据 = x.csv：文件不存在" in window.verdict.detail.text())
    assert window.panel.rows["dataset"].problem.text() == "文件不存在"


def npz(about: bytes):
    """Return what writes a file that says of itself what is given."""
    return lambda path: np.savez(path, about=np.frombuffer(about, np.uint8))


# By the name of the file: what stands in it, or makes it, and what is said of it in Chinese.
REFUSED = {
    "note.txt": (b"Read me", "必须是记录（.npz）、实验或预设（.json），或数据"),
    "gone.json": (None, "没有这个文件"),
    "gone.npz": (None, "文件不存在"),
    "gone.csv": (None, "文件不存在"),
    "cut.json": (b'{"depth": 3,\n "width": }', "这不是 JSON（第 2 行第 11 列：此处缺少值）"),
    "twice.json": (b'{"depth": 3, "depth": 4}', "depth 出现了两次"),
    "bytes.json": (b"\xff\xfe\x00", "不是 UTF-8 文本"),
    "list.json": (b"[1]", "或由各字段组成的 JSON 对象"),
    "field.json": (b'{"depth": 0}', "必须是 1 到"),
    "zip.npz": (b"PK", "文件不是 .npz 存档"),
    "words.npz": (npz(b"{"), "这不是 JSON（第 1 行第 2 列"),
    "other.npz": (npz(b"{}"), "必须是一份没有损坏的记录"),
    "cut.gz": (b"\x1f\x8b", "必须是一对 IDX 文件中的图像文件"),
    "cut-images.gz": (b"\x1f\x8b", "文件旁边必须有标签文件"),
}
# Two words of English beside each other; names of files and fields stand alone.
ENGLISH = re.compile(r"[A-Za-z]{2,} +[a-z]{2,}")


@pytest.mark.parametrize("name", REFUSED)
def test_why_a_file_is_refused_is_told_in_one_language(window, tmp_path, name):
    content, told = REFUSED[name]
    path = tmp_path / name
    if callable(content):
        content(path)
    elif content is not None:
        path.write_bytes(content)
    window.set_language("zh_CN")
    window.files.open_path(path)
    (bar,) = bars(window)
    words = bar.text.text().splitlines()[1]
    assert told in words
    assert not ENGLISH.search(words)


@pytest.mark.parametrize("text", ["{", "vp:depth", "vp:depth=3&depth=4", "[3]"])
def test_why_nothing_is_pasted_is_told_in_one_language(window, text):
    window.set_language("zh_CN")
    QGuiApplication.clipboard().setText(text)
    window.sharing.paste_experiment()
    assert window.status.state.text().startswith("未能粘贴")
    assert not ENGLISH.search(window.status.state.toolTip() or window.status.state.text())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"a" 1}',
        '{"a": 1 "b"}',
        '["a',
        '["\n"]',
        r'["\x"]',
        r'["\u12"]',
        "1 1",
        "[" * 60_000,
    ],
)
def test_what_is_wrong_with_json_is_told_in_one_language(window, text):
    window.set_language("zh_CN")
    with pytest.raises(JsonError) as caught:
        read_json(text)
    assert not ENGLISH.search(words_text(caught.value.words))


@pytest.mark.parametrize(
    "text",
    [
        b"\xff", b"{", b"[]", b'{"experiment": {}}', b"a" * 70_000,
        b'{"title": {"en": "A"}, "experiment": {"depth": -3}}',
        b'{"title": {"en": "A"}, "experiment": {"deep": 3}}',
    ],
)  # fmt: skip
def test_why_a_preset_is_refused_is_told_in_one_language(window, tmp_path, text):
    window.set_language("zh_CN")
    (tmp_path / "mine.json").write_bytes(text)
    for name in ("mine.json", "gone.json"):
        with pytest.raises(ConfigError) as caught:
            read_preset(tmp_path / name)
        assert not ENGLISH.search(refusal_words(caught.value))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"\xff", ""), (b"a = [" + b"[" * 60_000, ""), (b"a = " + b"1" * 5000, ""),
        (b"a", "结尾"), (b"a = [1", "结尾"), (b"a = {b = 1", "结尾"), (b'a = "b', "结尾"),
        (b"\na = ?", "第 2 行第 5 列"), (b"a = 1 2", "第 1 行第 7 列"),
        (b"a = 1\na = 2\nb = 3", "第 2 行"), (b"[a]\n[a]", "第 2 行"),
        (b"a = {b = 1, b = 2}", "第 1 行"), (b'a = "\\q"', "第 1 行"), (b'a = "\x01"', "第 1 行"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_lesson_is_told_in_one_language(window, tmp_path, text, place):
    window.set_language("zh_CN")
    (tmp_path / "mine.toml").write_bytes(text)
    with pytest.raises(ConfigError) as caught:
        read_lesson(tmp_path / "mine.toml")
    told = refusal_words(caught.value)
    assert place in told
    assert not ENGLISH.search(told)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EISDIR, errno.EIO, errno.ENOSPC])
def test_what_the_system_says_of_a_file_is_told_in_one_language(window, number):
    window.set_language("zh_CN")
    told = system_text(OSError(number, os.strerror(number), "window.png"))
    assert told.endswith(": window.png")
    assert not ENGLISH.search(told)
    # What nobody knows is told as the system says it.
    assert system_text(OSError(errno.EXDEV, "Too strange")) == "Too strange"
