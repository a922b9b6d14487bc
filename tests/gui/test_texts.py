"""Numbers, words and languages."""

import math
import xml.etree.ElementTree as ElementTree

import pytest
from PySide6.QtCore import QCoreApplication

from engine.config import SETTINGS, RunConfig
from engine.diagnosis import VERDICTS
from gui import display, numbers
from gui.display import display_problem
from gui.settings import Settings
from gui.translation import LANGUAGES, choice_text, engine_text
from gui.update_translations import FOLDER, engine_texts, update


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.21e-7, "3.2·10⁻⁷"),
        (9.96, "1.0·10¹"),
        (1.0, "1.0·10⁰"),
        (-2e12, "−2.0·10¹²"),
        (0.0, "0"),
        (math.inf, "Inf"),
        (-math.inf, "−Inf"),
        (math.nan, "NaN"),
        (5e-324, "4.9·10⁻³²⁴"),
    ],
)
def test_any_number_as_a_power_of_ten(value, text):
    assert numbers.scientific(value) == text


def test_plain_numbers_and_shares():
    written = [numbers.plain(value) for value in (2.3026, 0.00123, 1234.5, 1e-5, 0.0, 1e9)]
    assert written == ["2.30", "0.00123", "1234", "1.0·10⁻⁵", "0", "1.0·10⁹"]
    assert [numbers.percent(share) for share in (0.0, 0.0625, 1.0)] == ["0%", "6.2%", "100.0%"]
    assert numbers.percent(math.nan) == "NaN"


def test_factors_keep_their_digits():
    written = [numbers.factor(value) for value in (2.72e-5, 0.05, 0.5, 0.95, 9.996, 31.0, 4e7)]
    assert written == ["2.7·10⁻⁵", "0.0500", "0.50", "0.95", "10.00", "31.0", "4.0·10⁷"]


@pytest.mark.parametrize("span", [1, 7, 64, 1000, 2**20])
@pytest.mark.parametrize("most", [1, 3, 10])
def test_nice_steps_divide_into_few_parts(span, most):
    step = numbers.nice_step(span, most)
    assert span / step <= most
    assert str(step).rstrip("0") in ("1", "2", "5")


def test_choices_are_written_for_people():
    names = ["relu", "xavier_normal", "leaky_relu", "mixed_float16", "float32", "none"]
    assert [choice_text(name) for name in names] == [
        "ReLU", "Xavier normal", "Leaky ReLU", "Mixed float16", "float32", "None",
    ]  # fmt: skip


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_every_text_is_translated(tmp_path, language):
    # Qt's own tool, run on a copy, finds nothing that the committed file lacks.
    name = f"app_{language}.ts"
    (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    update(language, tmp_path)
    messages = ElementTree.parse(tmp_path / name).getroot().iter("message")
    missing = [
        message.findtext("source")
        for message in messages
        if message.find("translation").get("type") or not message.findtext("translation")
    ]
    assert not missing


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_translations_keep_the_places_for_numbers(language):
    messages = ElementTree.parse(FOLDER / f"app_{language}.ts").getroot().iter("message")
    for message in messages:
        source, translated = message.findtext("source"), message.findtext("translation")
        for place in ("{0}", "{1}", "{2}", "{3}"):
            assert (place in source) == (place in translated), source


def test_the_compiled_file_is_up_to_date(translation):
    translation.use("zh_CN")
    messages = ElementTree.parse(FOLDER / "app_zh_CN.ts").getroot()
    for context in messages.iter("context"):
        for message in context.iter("message"):
            source = message.findtext("source")
            found = QCoreApplication.translate(context.findtext("name"), source)
            assert found == message.findtext("translation"), source


def test_the_language_changes_everything_at_once_and_back(qtbot, window, session, settings):
    session.advance(3)
    qtbot.waitUntil(lambda: "decades" in window.verdict.headline.text())
    window.set_language("zh_CN")
    assert settings.language == "zh_CN"
    assert window.toolbar.run.text() == "运行"
    assert window.panel.rows["learning_rate"].label.text() == "学习率"
    assert window.panel.rows["dropout"].label.text() == "暂退法"
    assert window.dashboard.views["heatmap_h"].title.text().startswith("对激活值的梯度")
    assert "数量级" in window.verdict.headline.text()
    assert window.status.state.text().startswith("已暂停")
    combo = window.panel.rows["initializer"].control.combo
    assert combo.itemText(combo.findData("xavier_normal")) == "Xavier 正态"
    window.set_language("en")
    assert window.toolbar.run.text() == "Run"
    assert "decades" in window.verdict.headline.text()


def test_the_engines_words_are_all_walked():
    texts = engine_texts()
    assert SETTINGS["depth"].help in texts
    assert set(VERDICTS) <= set(texts)
    assert engine_text("no such text") == "no such text"


def test_settings_survive_nonsense(settings, tmp_path):
    settings._store.setValue("theme", "purple")
    settings._store.setValue("window/geometry", "broken")
    assert settings.theme == "system"
    assert settings.geometry is None
    assert isinstance(settings, Settings)


@pytest.mark.parametrize(
    ("environment", "platform", "works"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, "linux", True),
        ({"QT_QPA_PLATFORM": "xcb"}, "linux", False),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_a_missing_display_is_told(environment, platform, works, monkeypatch):
    # Whether this machine has a display is not the question here.
    monkeypatch.setattr(display, "_answers", lambda name: True)
    problem = display_problem(environment, platform)
    assert (problem is None) == works
    if problem is not None:
        assert "--headless" in problem
        assert "xvfb-run" in problem
        assert "\n" not in problem


def test_the_share_string_is_one_line():
    assert "\n" not in RunConfig().share_string()
