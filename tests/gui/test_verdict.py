"""The verdict in the window: reasons, cures that apply themselves, what happened, thresholds."""

import dataclasses
from datetime import UTC, datetime

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QLabel

from engine.config import RunConfig
from engine.diagnosis import THRESHOLDS, Judge
from engine.diagnosis.advice import Advice, _with_prediction, advise
from engine.diagnosis.conventions import fixed_conventions
from engine.diagnosis.cures import CURES
from engine.diagnosis.explain import explain
from engine.diagnosis.findings import CRITERIA, Finding
from engine.diagnosis.sentences import OUTPUT_NUMBER, Amount, Choice, Sentence, Style
from engine.diagnosis.thresholds import THRESHOLD_TABLE, thresholds_from
from engine.history import History
from engine.record import CURVE_INDEX, LAYER_INDEX, FirstBad
from engine.snapshot import Change, RunSnapshot
from engine.theory.anchor import Anchor
from gui import theme as looks
from gui.advice import button_help, button_text
from gui.buttons import FlatButton
from gui.changes import change_text
from gui.findings import FindingsDialog
from gui.sentences import sentence_text
from gui.theme import LIGHT, VERDICT_POINTS
from gui.thresholds import VALUE, ThresholdsDialog
from gui.translation import spaced
from gui.verdict import Headline, run_words, theory_words
from tests.gui.conftest import made_up_record

DEEP = RunConfig(depth=30, width=100, activation="relu", initializer="torch_default")


def vanishing(session, factor=0.408) -> None:
    """Make a step of a deep network whose gradient shrinks."""
    session.factor = factor
    session.advance()
    run = session._snapshot.runs[0]
    anchor = Anchor((64, *run.config.widths, 10), 64, 1.0, 1.0)
    prediction = anchor.predict(run.config)
    run = dataclasses.replace(run, anchor=anchor, prediction=prediction)
    session._change(runs=(run,))


@pytest.fixture
def deep_window(qtbot, open_window, make_session):
    session = make_session(DEEP)
    window = open_window(session)
    vanishing(session)
    qtbot.waitUntil(lambda: "shrinks" in window.verdict.advice.reasons.text())
    return window


def test_the_reason_in_plain_words(deep_window):
    text = deep_window.verdict.advice.reasons.text()
    assert "The gradient shrinks ×0.41 per layer going back (theory for ReLU" in text
    assert "The first layer receives 5.1·10⁻¹² of the last." in text
    assert "Try “He initialisation”: ×1.00. The learning rate becomes 0.01." in text


def test_a_cure_is_applied_by_its_button(deep_window):
    button = deep_window.verdict.advice.cures[0]
    # The rate of 0.1 does no harm where nothing arrives; thirty layers that learn bear less.
    assert button.text() == "He initialisation, rate 0.01  ×1.00"
    assert "variance 2/n" in button.toolTip()
    assert "The learning rate becomes 0.01" in button.toolTip()
    button.click()
    assert deep_window.config == DEEP.replace(initializer="kaiming_normal", learning_rate=0.01)
    # Also where the run is over it leaves a mark.
    assert deep_window.session.calls[-1] == ("cure", deep_window.config)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [1000, 1440])
def test_nothing_is_cut_off(qtbot, deep_window, language, width):
    window = deep_window
    window.resize(width, 768)
    window.set_language(language)
    window.renew_everything()
    advice = window.verdict.advice
    reasons, buttons = advice.reasons, (*advice.cures, advice.more, advice.conventions)

    def everything_has_room() -> bool:
        shown = [button for button in buttons if button.isVisible()]
        return (
            len(shown) >= 2
            and not window.verdict.headline.is_elided
            and (advice.conventions.isVisible() or advice.rest.isVisible())
            and reasons.heightForWidth(reasons.width()) <= reasons.height()
            and all(button.width() >= button.sizeHint().width() for button in shown)
            and all(b.mapTo(window, b.rect().bottomRight()).x() < window.width() for b in shown)
        )

    qtbot.waitUntil(lambda: window.width() == width and everything_has_room())


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_all_that_has_no_room_is_in_a_menu(qtbot, deep_window, language):
    window = deep_window
    window.resize(1000, 768)
    window.set_language(language)
    window.renew_everything()
    advice = window.verdict.advice
    qtbot.waitUntil(lambda: window.width() == 1000 and advice.rest.isVisible())
    wanted = [button_text(each) for each in advice._advice]
    assert len(wanted) == 3
    shown = [b.text() for b in advice.cures if b.isVisible()]
    assert 1 <= len(shown) < 3
    actions = [action for action in advice.rest_menu().actions() if not action.isSeparator()]
    texts = [action.text() for action in actions]
    assert shown + texts[:-2] == wanted
    assert texts[-2:] == [advice.more.text(), advice.conventions.text()]
    with qtbot.waitSignal(advice.thresholds_wanted):
        actions[-1].trigger()
    (dialog,) = window.findChildren(ThresholdsDialog)
    dialog.close()
    with qtbot.waitSignal(advice.cure_chosen) as chosen:
        actions[0].trigger()
    assert chosen.args[0] == advice._advice[len(shown)].config


def test_before_a_hall_a_cure_leaves_its_factor_to_its_tool_tip(qtbot, deep_window):
    window = deep_window
    cure, verdict = window.verdict.advice.cures[0], window.verdict
    window.toggle_presentation()
    window.showNormal()
    largest = pytest.approx(VERDICT_POINTS * looks.zoom())

    def both_at(width: int) -> tuple[bool, float]:
        verdict.setFixedWidth(width)
        qtbot.waitUntil(lambda: verdict.width() == width)
        return "×" in cure.text(), verdict.headline.font().pointSizeF()

    qtbot.waitUntil(lambda: both_at(1400) == (True, largest))
    # Where there is a little less room the factor goes, and the size stays.
    least = next(width for width in range(1400, 600, -10) if not both_at(width)[0])
    assert both_at(least) == (False, largest)
    assert "×" in cure.toolTip()
    qtbot.waitUntil(lambda: not verdict.headline.is_elided)
    assert both_at(1400) == (True, largest)
    window.toggle_presentation()


def test_a_verdict_is_briefer_before_it_is_cut(qtbot):
    headline = Headline()
    qtbot.addWidget(headline)
    headline.set_texts(
        "Learning rate too high: 19.6 % of the output layer", "Learning rate too high"
    )
    whole = headline.choose_size(10_000)
    headline.choose_size(whole // 3)
    assert headline.text() == "Learning rate too high"
    assert headline.toolTip() == headline.whole_text()
    assert headline.choose_size(whole) == whole
    assert headline.text() == headline.whole_text()


def test_a_long_verdict_is_smaller_before_it_is_cut(qtbot):
    headline = Headline()
    qtbot.addWidget(headline)
    headline.set_texts("Learning rate too high: updates of 0.300 × the weights")
    whole = headline.choose_size(10_000)
    height = headline.height()
    assert headline.font().pointSizeF() == VERDICT_POINTS
    assert headline.choose_size(whole - 1) < whole
    assert headline.font().pointSizeF() < VERDICT_POINTS
    # What is below does not move.
    assert headline.height() == height


def test_the_end_of_a_run_is_told(qtbot, window, session):
    session.advance(3)
    judge = Judge()
    for step in range(1, 4):
        record = dataclasses.replace(session._snapshot.runs[0].record, step=step)
        judge.observe(record, session.history, session.config)
    bad = FirstBad(4, "2", "dL/dh")
    session.diverge(bad)
    run = session._snapshot.runs[0]
    judge.observe(run.record, session.history, session.config)
    diagnosis = judge.diagnosis(run.record, run.history)
    session._change(runs=(dataclasses.replace(run, judged=diagnosis),))
    advice = window.verdict.advice
    qtbot.waitUntil(lambda: advice.more.text() == "What happened?")
    assert "At step 4 the gradient ∂L/∂h of layer 2 was the first" in advice.reasons.text()
    advice.more.click()
    (dialog,) = window.findChildren(FindingsDialog)
    assert dialog.windowTitle() == "What happened?"
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "At step 4" in texts
    (plot,) = dialog.findChildren(pg.PlotWidget)
    bottom = plot.getAxis("bottom")
    assert bottom.labelText == "step"
    # Of three steps: whole numbers, and nothing between them.
    plot.getViewBox().updateAutoRange()
    low, high = plot.viewRange()[0]
    ticks = [tick for _, values in bottom.tickValues(low, high, 400.0) for tick in values]
    assert ticks == [1.0, 2.0, 3.0]
    dialog.close()


@pytest.mark.parametrize("depth", [5, 30, 50])
def test_the_plot_of_what_happened_counts_the_layers_from_one(qtbot, depth):
    config = DEEP.replace(depth=depth)
    record = dataclasses.replace(
        made_up_record(1, config), first_bad=FirstBad(1, str(depth), "dL/dh")
    )
    judge, history = Judge(), History(depth)
    history.append(record)
    judge.observe(record, history, config)
    run = RunSnapshot(config, history.view(), record, judge.diagnosis(record, history.view()), (),
                      1000, 2**20)  # fmt: skip
    dialog = FindingsDialog(run, LIGHT)
    qtbot.addWidget(dialog)
    (plot,) = dialog.findChildren(pg.PlotWidget)
    axis = plot.getAxis("bottom")
    assert axis.labelText == "layer"
    (named,) = axis._tickLevels
    assert (named[0], named[-1]) == ((1, "1"), (depth + 1, "out"))


def test_a_healthy_run_says_so_and_offers_nothing(qtbot, window, session):
    session.advance(3)
    qtbot.waitUntil(lambda: "stays within a decade" in window.verdict.advice.reasons.text())
    assert not any(button.isVisible() for button in window.verdict.advice.cures)
    run = session._snapshot.runs[0]
    dialog = FindingsDialog(run, LIGHT)
    assert "Nothing is wrong" in " ".join(label.text() for label in dialog.findChildren(QLabel))
    dialog.deleteLater()


def test_thresholds_are_shown_changed_and_reset(qtbot):
    dialog = ThresholdsDialog(THRESHOLDS)
    qtbot.addWidget(dialog)
    fixed = fixed_conventions()
    assert dialog.table.rowCount() == len(THRESHOLD_TABLE) + len(fixed)
    for row, convention in enumerate(fixed, len(THRESHOLD_TABLE)):
        value = dialog.table.item(row, VALUE)
        assert float(value.text()) == convention.value
        assert not value.flags() & Qt.ItemFlag.ItemIsEditable
        assert "Fixed: " in value.toolTip()
    with qtbot.waitSignal(dialog.chosen) as caught:
        dialog.table.item(0, VALUE).setText("4")
    assert caught.args[0].strong_decades == 4.0
    dialog.table.item(5, VALUE).setText("0")
    assert dialog.problem.text() == (
        "Not taken: 0 for “Readings in a row”, which must be a whole number from 1 to 1000."
    )
    assert dialog.table.item(5, VALUE).text() == "5"
    with qtbot.assertNotEmitted(dialog.chosen):
        dialog.table.item(0, VALUE).setText("2")
    assert dialog.problem.text() == (
        "Not taken: “… until below” (2.5) must not be above “Vanished or exploded from” (2)."
    )
    assert dialog.table.item(0, VALUE).text() == "4"
    with qtbot.waitSignal(dialog.chosen) as caught:
        dialog.reset.click()
    assert caught.args[0] == THRESHOLDS


def test_thresholds_are_remembered_and_reach_the_engine(window, session, settings):
    changed = thresholds_from({"strong_decades": 4.0})
    window.dialogs.use_thresholds(changed)
    assert session.calls[-1] == ("thresholds", changed)
    assert thresholds_from(settings.thresholds) == changed
    settings._store.setValue("thresholds", "not JSON")
    assert settings.thresholds == {}


def test_what_is_approximate_is_called_so():
    sigmoid = RunConfig(depth=20, activation="sigmoid")
    anchor = Anchor((64, *[sigmoid.width] * 20, 10), 64, 1.0, 1.0)
    standing = {
        "skip": "theory at initialisation, approximate: ×{0}",
        "activation": "theory at initialisation, approximate: ×{0}",
        "plain": "theory at initialisation: ×{0}",
    }
    residual = sigmoid.replace(skip="residual")
    for name, config in (
        ("skip", residual),
        ("activation", residual.replace(activation="relu")),
        ("plain", sigmoid),
    ):
        assert theory_words(anchor.predict(config)) == standing[name]
    cure = CURES["residual"]
    for config in (residual, residual.replace(activation="relu")):
        advice = _with_prediction(cure, config, anchor)
        assert button_text(advice).split("  ")[1].startswith("≈ ×")
        assert button_help(advice).endswith("is approximate.")
        (*_, tried) = explain(diagnosed(), config, None, (advice,))
        assert "about ×" in tried.english()


def diagnosed(*slopes: float):
    """Return the diagnosis of made-up steps whose gradient keeps so much from layer to layer."""
    history, judge = History(DEEP.depth), Judge()
    for step, slope in enumerate(slopes or (1.0,), 1):
        record = made_up_record(step, DEEP)
        away = np.arange(DEEP.depth, -1.0, -1.0)
        record.layers[LAYER_INDEX["activation_grad_norm"]] = slope**away
        history.append(record)
        judge.observe(record, history, DEEP)
    return judge.diagnosis(record, history.view())


def test_a_button_that_only_eases_or_takes_a_rate_along_says_so():
    plain = Advice(CURES["clip"], DEEP)
    assert button_text(plain) == "Clip the gradient"
    eases = dataclasses.replace(plain, eases=True)
    assert button_text(eases) == "Clip the gradient (eases)"
    assert "does not remove what it is from" in button_help(eases)
    faster = dataclasses.replace(plain, rate=0.01)
    assert button_text(faster) == "Clip the gradient, rate 0.01"
    assert "The learning rate becomes 0.01" in button_help(faster)
    still = Advice(CURES["clip"], DEEP.replace(learning_rate=0.0))
    assert "stays 0" in button_help(still)


def test_the_banner_names_the_steps_it_speaks_of_and_the_newest_where_that_differs():
    record = made_up_record(30, DEEP)
    run = RunSnapshot(DEEP, History(30).view(), record, diagnosed(*[0.7] * 30), (), 1, 1)
    assert run_words(run).detail.endswith("median of steps 22 to 30")
    turned = dataclasses.replace(run, judged=diagnosed(*[0.7] * 29, 1.1))
    words = run_words(turned)
    assert words.headline == "Vanishing: 4.5 decades lost"
    assert words.detail.endswith("median of steps 22 to 30  ·  step 30 alone: 1.2 decades gained")
    assert words.shorter[-1] == "median of steps 22 to 30"
    first = dataclasses.replace(run, judged=diagnosed(0.7))
    assert run_words(first).detail.endswith("  ·  step 1")


@pytest.mark.parametrize(("slope", "looks_like"), [(0.9, "vanishing"), (1.1, "exploding")])
def test_saturated_layers_look_like_what_becomes_of_the_gradient(slope, looks_like):
    row = CRITERIA["saturated_alarm"]
    finding = Finding(row.name, row.verdict, row.severity, (0.8, 4.0, 19.0), 3)
    found = dataclasses.replace(diagnosed(slope), verdict=row.verdict, findings=(finding,))
    run = RunSnapshot(DEEP, History(30).view(), made_up_record(1, DEEP), found, (), 1, 1)
    assert (run_words(run).icon, run_words(run).colour) == (looks_like, looks_like)


def test_too_long_a_step_is_not_called_an_exploding_gradient(translation):
    numbers = (0.3, 4.0)
    row = CRITERIA["huge_update"]
    finding = Finding(row.name, row.verdict, row.severity, numbers, 3)
    run = RunSnapshot(DEEP, History(30).view(), made_up_record(1, DEEP), diagnosed(), (), 1, 1)
    found = dataclasses.replace(run.diagnosis, verdict=row.verdict, findings=(finding,))
    run = dataclasses.replace(run, judged=found)
    words = run_words(run)
    assert words.headline == "Learning rate too high: 30.0% of layer 4"
    assert words.icon == "large_updates"
    translation.use("zh_CN")
    assert run_words(run).headline.startswith("学习率过高")
    assert "梯度爆炸" not in run_words(run).headline


def test_sentences_are_written_as_the_window_writes(translation):
    parts = (Amount(5e-12, Style.POWER), Amount(OUTPUT_NUMBER, Style.LAYER), Choice("relu"))
    assert sentence_text(Sentence("{0} {1} {2}", parts)) == "5.0·10⁻¹² the output layer ReLU"
    translation.use("zh_CN")
    assert sentence_text(Sentence("{0} {1}", (Amount(0.41, Style.FACTOR), parts[1]))) == (
        "0.41 输出层"
    )


def test_a_mark_is_dated():
    change = Change(0, "initializer", "kaiming_normal", seconds=1.7e9, steps_before=512)
    clock = datetime.fromtimestamp(1.7e9, UTC).astimezone().strftime("%H:%M:%S")
    assert change_text(change) == f"Initialiser = kaiming_normal  {clock}  after 512 steps"
    assert change_text(Change(3, "learning_rate", "0.1")) == "Learning rate = 0.1"


@pytest.mark.parametrize(
    ("together", "set_well"),
    [
        ("激活值 h最先不再有限。 从第3层起", "激活值 h 最先不再有限。从第 3 层起"),
        ("试试ReLU 配 He 初始化：×1.00。", "试试 ReLU 配 He 初始化：×1.00。"),
        ("Xavier 正态 的 5.1·10⁻¹⁹的 0.5%更新", "Xavier 正态的 5.1·10⁻¹⁹ 的 0.5% 更新"),
        ("Layer 3 of 30. It is ×1.00 (theory).", "Layer 3 of 30. It is ×1.00 (theory)."),
    ],
)
def test_chinese_has_spaces_beside_other_letters_and_nowhere_else(together, set_well):
    assert spaced(together) == set_well
    assert spaced(set_well) == set_well


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_reasons_have_their_room_in_large_type_and_give_it_back(qtbot, deep_window, language):
    window = deep_window
    window.resize(1440, 768)
    window.set_language(language)
    window.renew_everything()
    reasons = window.verdict.advice.reasons

    def room_in_lines() -> int:
        return reasons.height() // reasons.fontMetrics().lineSpacing()

    def whole() -> bool:
        text = reasons.text()
        box = reasons.fontMetrics().boundingRect(
            0, 0, reasons.width(), 10_000, Qt.TextFlag.TextWordWrap, text
        )
        return bool(text) and box.height() <= reasons.height()

    qtbot.waitUntil(whole)
    for _ in range(2):
        window.toggle_presentation()
        window.showNormal()
        for width in (1000, 1440):
            window.resize(width, 768)
            qtbot.waitUntil(lambda: window.width() == width and whole())  # noqa: B023
        # No line is kept that a narrow window once needed.
        qtbot.waitUntil(lambda: room_in_lines() == 2)


def test_what_happened_is_read_without_anything_cut(qtbot):
    """A run that ends: the plot's highest number, the cures as buttons, and no empty room."""
    config = DEEP.replace(depth=5, initializer="normal", init_std=2.0)
    judge, history = Judge(), History(5)
    for step in range(1, 8):
        record = made_up_record(step, config)
        record.curves[CURVE_INDEX["loss"]] = 10.0 ** (4 * step)
        record.curves[CURVE_INDEX["grad_norm"]] = 10.0**step
        history.append(record)
        judge.observe(record, history, config)
    ended = dataclasses.replace(made_up_record(8, config), first_bad=FirstBad(8, "", "loss"))
    judge.observe(ended, history, config)
    run = RunSnapshot(config, history.view(), ended, judge.diagnosis(ended, history.view()), (),
                      1000, 2**20)  # fmt: skip
    dialog = FindingsDialog(run, LIGHT)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    (plot,) = dialog.findChildren(pg.PlotWidget)
    axis = plot.getAxis("left")
    text = QFontMetricsF(axis.style["tickFont"]).height()
    assert plot.getViewBox().sceneBoundingRect().top() >= text / 2.0
    buttons = dialog.findChildren(FlatButton)
    assert [button.text() for button in buttons] == [
        button_text(each) for each in advise(run.diagnosis, config, None, most=5)
    ]
    assert buttons
    # One stands out, and the others have an edge: they are no text.
    assert [button._primary for button in buttons] == [True, *[False] * (len(buttons) - 1)]
    assert all(button._outlined for button in buttons)
    # As high as what it says, as far as the screen goes.
    area, room = dialog._area, dialog.screen().availableSize()
    needed = dialog._inner.heightForWidth(area.viewport().width())
    assert area.viewport().height() <= needed
    assert dialog.height() >= 0.85 * room.height() or area.viewport().height() == needed


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [1024, 1440])
def test_the_verdict_does_not_shrink_while_a_run_goes_on(
    qtbot, deep_window, monkeypatch, language, width
):
    """What is below it would move up and down."""
    window, said = deep_window, [""]
    monkeypatch.setattr("gui.sentences.sentences_text", lambda *_: said[-1])
    window.resize(width, 768)
    window.set_language(language)

    def height_saying(words: int) -> int:
        said.append("∂L/∂h " * words)
        window.session.advance(1)
        window.renew_everything()
        return window.verdict.advice.reasons.height()

    def settled() -> bool:
        height_saying(3)
        return window.width() == width and window.verdict.width() > 0.6 * width

    qtbot.waitUntil(settled)
    few, many = height_saying(3), height_saying(120)
    assert many > few
    assert height_saying(3) == many
    # The same from step 0 will say the same; another experiment begins anew.
    window.rewind()
    assert height_saying(3) == many
    window.configure(window.config.replace(depth=5))
    assert height_saying(3) == few
