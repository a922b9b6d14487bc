"""What is said where a file, or a value, is refused: in the field's own words, and to stay."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.fields import ConfigError
from engine.snapshot import Failure
from gui.notice_bar import RefusalBar


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
