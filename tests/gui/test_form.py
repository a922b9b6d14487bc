"""The form: made from the declarations, sends one experiment, refuses in place."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.config import DEFAULTS, SETTINGS, RunConfig
from engine.datasets import DataShape
from engine.history import History
from engine.snapshot import RunSnapshot
from gui.experiment_panel import ELSEWHERE, ExperimentPanel
from gui.field_controls import CONTROLS, slider_values


@pytest.fixture
def panel(qtbot):
    made = ExperimentPanel(RunConfig())
    made.complete()
    qtbot.addWidget(made)
    made.resize(300, 900)
    made.show()
    for section in made.sections.values():
        section.set_open(True)
    yield made
    made._timer.stop()
    made.close()


def type_into(row, text, key=Qt.Key.Key_Return):
    entry = row.control.entry
    entry.setFocus()
    entry.selectAll()
    QTest.keyClicks(entry, text)
    if key is not None:
        QTest.keyClick(entry, key)


def test_every_field_has_a_control_a_name_and_a_help(panel):
    assert set(panel.rows) == set(SETTINGS) - set(ELSEWHERE)
    for name, row in panel.rows.items():
        assert row.label.text(), name
        assert row.control.toolTip(), name
        assert row.control.whatsThis(), name


def test_every_kind_has_a_control():
    assert {type(setting.kind) for setting in SETTINGS.values()} <= CONTROLS.keys()


def test_a_typed_number_is_sent(qtbot, panel):
    with qtbot.waitSignal(panel.changed) as sent:
        type_into(panel.rows["depth"], "12")
    assert sent.args == [RunConfig(depth=12)]


def test_several_edits_are_sent_as_one(qtbot, panel):
    sent = []
    panel.changed.connect(sent.append)
    slider = panel.rows["depth"].control.slider
    for value in range(10, 30):
        slider.setValue(value)
    panel.rows["gain"].control.slider.setValue(0)
    qtbot.waitUntil(lambda: bool(sent))
    assert sent == [RunConfig(depth=30, gain=0.1)] or sent[0].gain == 0.1
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("depth", "0", "from 1 to 2000"),
        ("depth", "2.5", "whole number"),
        ("depth", "512,64,512", "a list belongs in the field “Width”"),
        ("width", "many", "from 1 to 4096"),
        ("width", "64,0", "with commas between"),
        ("learning_rate", "-1", "from 0 to"),
        ("learning_rate", "nan", "number"),
        ("learning_rate", "1e-400", "too close to 0"),
        ("loss_scale", "1e-400", "too close to 0"),
        ("dropout", "1", "not including 1"),
        ("batch_size", "1e99", "from 1 to 65536"),
        ("dataset", "nonsense", "a path"),
        ("device", "gpu", "cuda:N"),
        ("loss_scale", "much", "dynamic"),
    ],
)
def test_a_bad_value_is_refused_in_place(qtbot, panel, field, text, words):
    sent = []
    panel.changed.connect(sent.append)
    row = panel.rows[field]
    in_force = row.control._value
    type_into(row, text)
    assert row.problem.isVisible()
    assert words in row.problem.text()
    assert "stays in force" in row.problem.text()
    assert row.control._value == in_force
    assert not panel._timer.isActive()
    # Escape brings back what is in force.
    row.control.entry.setFocus()
    QTest.keyClick(row.control.entry, Qt.Key.Key_Escape)
    assert not row.problem.isVisible()
    assert not sent


def test_what_is_only_begun_is_not_refused(panel):
    row = panel.rows["learning_rate"]
    type_into(row, "1e-", key=None)
    assert not row.problem.isVisible()
    QTest.keyClicks(row.control.entry, "x")
    assert row.problem.isVisible()
    row.control.show_value(0.1)


def test_back_to_the_default_is_one_click(qtbot, panel):
    row = panel.rows["depth"]
    assert not row.reset.isVisible()
    with qtbot.waitSignal(panel.changed):
        type_into(row, "12")
    assert row.reset.isVisible()
    with qtbot.waitSignal(panel.changed) as sent:
        qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    assert sent.args == [RunConfig()]
    assert not row.reset.isVisible()


def test_fields_without_effect_are_hidden(qtbot, panel):
    assert not panel.rows["init_std"].isVisible()
    combo = panel.rows["initializer"].control.combo
    combo.activated.emit(combo.findData("normal"))
    assert panel.rows["init_std"].isVisible()
    with qtbot.waitSignal(panel.changed) as sent:
        pass
    assert sent.args == [RunConfig(initializer="normal")]


def test_the_arrows_move_the_slider_that_has_the_keyboard(qtbot, window, session):
    slider = window.panel.rows["depth"].control.slider
    slider.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(slider.hasFocus)
    before = slider.value()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Right)
    assert slider.value() == before + 1
    assert ("step", 1) not in session.calls
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_Left)
    assert slider.value() == before


def test_a_list_of_widths_takes_the_slider_s_place_and_sets_the_depth(qtbot, panel):
    row, depth = panel.rows["width"], panel.rows["depth"]
    type_into(row, "64,", key=None)
    assert not row.problem.isVisible()
    with qtbot.waitSignal(panel.changed) as sent:
        type_into(row, "512,64,512")
    assert sent.args == [RunConfig(width=(512, 64, 512))]
    panel.show_config(sent.args[0])
    assert row.control.entry.text() == "512,64,512"
    assert not row.control.slider.isVisible()
    assert not depth.isVisible()
    with qtbot.waitSignal(panel.changed) as sent:
        type_into(row, "20")
    assert sent.args == [RunConfig(depth=3, width=20)]
    assert row.control.slider.isVisible()
    assert depth.isVisible()


def test_choices_are_sent_by_name(qtbot, panel):
    combo = panel.rows["activation"].control.combo
    assert combo.currentText() == "Sigmoid"
    with qtbot.waitSignal(panel.changed) as sent:
        combo.activated.emit(combo.findData("relu"))
    assert sent.args == [RunConfig(activation="relu")]


def test_a_data_set_is_chosen_or_typed(qtbot, panel, tmp_path):
    row = panel.rows["dataset"]
    with qtbot.waitSignal(panel.changed) as sent:
        type_into(row, "Blobs")
    assert sent.args[0].dataset == "blobs"
    path = str(tmp_path / "own.csv")
    with qtbot.waitSignal(panel.changed) as sent:
        type_into(row, path)
    assert sent.args[0].dataset == path


def test_a_flag(qtbot, panel):
    with qtbot.waitSignal(panel.changed) as sent:
        panel.rows["stop_on_nonfinite"].control.box.click()
    assert sent.args == [RunConfig(stop_on_nonfinite=False)]


def test_live_fields_say_so(panel):
    for name, row in panel.rows.items():
        assert row.live.isVisibleTo(row) == SETTINGS[name].live, name


@pytest.mark.parametrize("name", [n for n in SETTINGS if getattr(SETTINGS[n].kind, "slider", None)])
def test_sliders_stop_at_allowed_values_in_ascending_order(name):
    kind = SETTINGS[name].kind
    stops = slider_values(kind, DEFAULTS[name])
    assert len(stops) > 5
    assert list(stops) == sorted(set(stops))
    assert [kind.read(stop) for stop in stops] == list(stops)


def test_the_learning_rate_is_a_ladder_of_half_decades():
    stops = slider_values(SETTINGS["learning_rate"].kind, 0.1)
    assert stops[:4] == (1e-5, 3e-5, 1e-4, 3e-4)
    assert stops[-1] == 10.0
    decay = slider_values(SETTINGS["weight_decay"].kind, 0.0)
    assert decay[:2] == (0.0, 1e-6)


def test_the_form_says_what_data_were_taken_for(panel):
    row = panel.rows["dataset"]
    assert not row.note.isVisible()
    run = RunSnapshot(RunConfig(), History(30).view(), None, None, (), 1, 1)
    panel.show_run(replace(run, data=DataShape(150, 4, 3, 0, header=True)))
    assert row.note.text() == (
        "samples: 150  ·  features: 4  ·  classes: 3  ·  the first row names the columns"
    )
    assert row.note.isVisible()
    panel.show_run(replace(run, data=DataShape(20, 1, 0, 2, header=False)))
    assert row.note.text() == "samples: 20  ·  features: 1  ·  regression, targets: 2"
    # A recording keeps none of it.
    panel.show_run(run)
    assert not row.note.isVisible()


def test_whatever_part_of_a_field_has_the_keyboard_says_its_name(panel):
    for row in panel.rows.values():
        parts = row.control.findChildren(QWidget)
        reached = [part for part in parts if part.focusPolicy() != Qt.FocusPolicy.NoFocus
                   and part.window() is panel.window()]  # fmt: skip
        assert reached
        assert {part.accessibleName() for part in reached} == {row.label.text()}, row.name
        for part in reached:
            interface = QAccessible.queryAccessibleInterface(part)
            told = {interface.text(text) for text in (QAccessible.Name, QAccessible.Description)}
            assert row.label.text() in told, row.name


def test_a_value_beyond_its_slider_is_marked(window):
    row = window.panel.rows["gain"]
    window.configure(window.config.replace(gain=50.0))
    assert row.note.text() == "beyond the slider"
    # What the engine makes of a value is another thing, and leaves that as it is.
    row.show_outcome("taken for 50")
    assert row.note.text() == "beyond the slider  ·  taken for 50"
    row.show_outcome("")
    window.set_language("zh_CN")
    assert row.note.text() == "超出滑块范围"
    window.set_language("en")
    window.configure(window.config.replace(gain=1.0))
    assert row.note.text() == ""


@pytest.mark.parametrize("way", ["Escape", "a click beside it"])
def test_a_field_lets_go_of_the_keyboard(qtbot, window, way):
    window.activateWindow()
    entry = window.panel.rows["depth"].control.entry
    qtbot.mouseClick(entry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(entry.hasFocus)
    before = entry.text()
    if way == "Escape":
        qtbot.keyClicks(entry, "9")
        # As it comes from the keyboard: to the window, which has a use for it, too.
        qtbot.keyClick(window.windowHandle(), Qt.Key.Key_Escape)
    else:
        card = window.status
        place = card.mapTo(window, card.rect().center())
        qtbot.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: not entry.hasFocus())
    assert entry.text() == before


@pytest.mark.parametrize(("field", "text"), [("depth", "-5"), ("device", "gpu"), ("seed", "x")])
def test_what_is_typed_after_a_refusal_is_typed_into_the_field(qtbot, window, field, text):
    window.activateWindow()
    asked, config = field == "seed", window.config
    entry = window.toolbar.seed if asked else window.panel.rows[field].control.entry
    if not asked:
        window.panel.sections[SETTINGS[field].group].set_open(True)
    entry.setFocus()
    qtbot.waitUntil(entry.hasFocus)
    entry.selectAll()
    qtbot.keyClicks(entry, text)
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    assert entry.hasFocus() and entry.selectedText() == entry.text() != ""
    # As it comes from the keyboard: it would choose a preset.
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_4)
    assert entry.text() == "4" and window.config == config
    qtbot.keyClick(entry, Qt.Key.Key_Escape)
    assert not entry.hasFocus()


def test_the_network_is_on_top_and_cannot_be_folded_away(qtbot, panel):
    network, data = panel.sections["network"], panel.sections["data"]
    assert next(iter(panel.sections)) == "network"
    assert network.title.isVisible()
    assert network.title.text() == "Network"
    assert not network.fold.isVisible()
    for section in (network, data):
        section.set_open(False)
    assert not panel.rows["dataset"].isVisible()
    for name in ("depth", "width", "activation", "initializer"):
        assert panel.rows[name].isVisible()
    qtbot.mouseClick(data.fold, Qt.MouseButton.LeftButton)
    assert panel.rows["dataset"].isVisible()
    # A page of a lesson shows its fields without heads.
    panel.show_only({"depth"})
    assert not network.title.isVisible()
    assert not panel.rows["width"].isVisible()
    panel.show_only(None)
    assert network.title.isVisible()
