"""The window, driven as a person drives it, with a session that needs no torch."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from engine.config import RunConfig
from engine.fields import ConfigError
from engine.presets import presets
from engine.record import CURVE_QUANTITIES, LAYER_QUANTITIES, FirstBad, StepRecord
from engine.snapshot import Failure, FinishReason, State
from engine.version import __version__
from gui.about import AboutDialog
from gui.main_window import SMALLEST_SIZE, MainWindow
from gui.menu import make_menu
from gui.toolbar import FIRST_ACTIONS, FIRST_PRESETS, SPARED_ACTIONS
from tests.gui.comparing import fronts


def made_up_record(step, config):
    """Return a step whose gradients are all 1."""
    layers = np.ones((len(LAYER_QUANTITIES), config.depth + 1))
    for name in ("saturated", "inactive", "zero", "subnormal"):
        layers[LAYER_QUANTITIES.index(f"{name}_fraction")] = 0.0
    layers[LAYER_QUANTITIES.index("update_ratio")] = 1e-3
    layers[LAYER_QUANTITIES.index("distinct_units"), :-1] = config.widths
    return StepRecord(step, np.ones(len(CURVE_QUANTITIES)), layers, None, None)


def press(window, key):
    QTest.keyClick(window, key)


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_run_and_pause_with_the_button_and_the_space_bar(qtbot, window, session):
    click(qtbot, window.toolbar.run)
    assert session.snapshot().state is State.RUNNING
    assert window.toolbar.run.text() == "Pause"
    qtbot.waitUntil(lambda: "Running" in window.status.state.text())
    press(window, Qt.Key.Key_Space)
    assert session.snapshot().state is State.PAUSED
    assert window.toolbar.run.text() == "Run"
    press(window, Qt.Key.Key_Space)
    assert session.snapshot().state is State.RUNNING


def test_the_button_follows_an_engine_that_pauses_by_itself(qtbot, window, session):
    click(qtbot, window.toolbar.run)
    qtbot.waitUntil(lambda: window.toolbar.run.text() == "Pause")
    session.pause()
    qtbot.waitUntil(lambda: window.toolbar.run.text() == "Run")


def test_step_shows_what_it_measured(qtbot, window, session):
    press(window, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "step 1" in window.status.state.text())
    assert session.calls[-2:] == ["pause", ("step", 1)]
    # Four layers, a factor of a half each: log10(2) * 3 = 0.9 decades.
    assert window.verdict.headline.text() == "Healthy: 0.9 decades lost"
    assert "×0.50 per layer" in window.verdict.detail.text()
    assert window.dashboard.views["heatmap_h"].canvas.cells.columns == 1
    assert window.dashboard.views["heatmap_h"].canvas.cells.rows == 4
    assert window.dashboard.views["heatmap_w"].canvas.cells.rows == 5


def test_rewind_empties_the_views(qtbot, window, session):
    session.advance(70)
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 70)
    press(window, Qt.Key.Key_R)
    assert "rewind" in session.calls
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 0)
    qtbot.waitUntil(lambda: window.verdict.headline.text() == "Ready")


def test_new_seed_shows_another_seed_and_changes_nothing_else(qtbot, window, session):
    click(qtbot, window.toolbar.new_seed)
    assert session.config.differences(RunConfig(depth=4, width=8)) == ("seed",)
    assert window.toolbar.seed.text() == str(session.config.seed)


def test_a_typed_seed_is_taken(qtbot, window, session):
    window.toolbar.seed.selectAll()
    QTest.keyClicks(window.toolbar.seed, "123")
    press(window.toolbar.seed, Qt.Key.Key_Return)
    assert session.config.seed == 123
    # The keyboard is free again: the space bar runs.
    assert not window.toolbar.seed.hasFocus()


@pytest.mark.parametrize("typed", ["-5", "4.5", "abc", "99999999999"])
def test_what_is_no_seed_is_refused_in_words(window, session, typed):
    edit = window.toolbar.seed
    edit.selectAll()
    QTest.keyClicks(edit, typed)
    assert edit.text() == typed
    press(edit, Qt.Key.Key_Return)
    notice = window.status.state.text()
    assert f"Seed = {typed}" in notice
    assert "whole number from 0 to 2147483647" in notice
    assert edit.text() == "7"
    assert session.config.seed == 7


def test_an_empty_seed_is_the_seed_in_force(window, session):
    edit = window.toolbar.seed
    edit.setFocus()
    edit.clear()
    press(edit, Qt.Key.Key_Return)
    assert edit.text() == "7"


@pytest.mark.parametrize("name", FIRST_PRESETS)
def test_presets_keep_the_seed(qtbot, window, session, name):
    session.configure(session.config)
    window.configure(window.config.replace(seed=99))
    click(qtbot, window.toolbar.presets[name])
    assert session.config == presets()[name].config.replace(seed=99)
    assert window.toolbar.presets[name].isChecked()
    assert window.panel.rows["depth"].control.entry.text() == str(session.config.depth)


def test_number_keys_choose_presets(window, session):
    press(window, Qt.Key.Key_3)
    assert session.config == list(presets().values())[2].config.replace(seed=session.config.seed)


def test_speed(qtbot, window, session):
    window.toolbar.speed.setCurrentIndex(2)
    window.toolbar.speed.activated.emit(2)
    assert session.calls[-1] == ("speed", 300)
    window.toolbar.speed.activated.emit(0)
    assert session.calls[-1] == ("speed", None)


def test_a_live_change_is_marked_and_the_run_goes_on(qtbot, window, session):
    session.advance(10)
    window.configure(window.config.replace(learning_rate=0.5))
    session.advance(1)
    qtbot.waitUntil(
        lambda: window.dashboard.views["loss"]._mark_texts == [(10, "Learning rate = 0.5")]
    )
    assert window.dashboard.views["heatmap_h"].canvas.cells.columns == 11


def test_a_diverged_run_names_step_layer_and_tensor(qtbot, window, session):
    session.advance(3)
    session.diverge(FirstBad(4, "2", "dL/dh"))
    qtbot.waitUntil(lambda: window.verdict.headline.text() == "Diverged")
    text = window.verdict.detail.text()
    assert "step 4" in text
    assert "layer 2" in text
    assert "∂L/∂h" in text
    assert FinishReason.NONFINITE.value in window.status.state.text()


def test_run_after_the_end_begins_anew(qtbot, window, session):
    session.advance(3)
    session.diverge(FirstBad(4, "", "loss"))
    qtbot.waitUntil(lambda: window.verdict.headline.text() == "Diverged")
    press(window, Qt.Key.Key_Space)
    assert session.calls[-2:] == ["rewind", "run"]
    assert window.status.state.text() == "Again from step 0"


def test_a_failure_can_be_read_and_copied(qtbot, window, session):
    session.fail(Failure("RuntimeError: no", "Traceback: the whole of it"))
    qtbot.waitUntil(lambda: window.verdict.details_button.isVisible())
    assert "RuntimeError: no" in window.verdict.detail.text()
    window.dialogs.show_failure_details()
    dialog = QGuiApplication.instance().activeModalWidget()
    assert "the whole of it" in dialog._text.toPlainText()
    dialog.close()


def test_a_refused_field_is_told_beside_it(qtbot, window, session):
    session.fail(Failure("", refused=ConfigError("dataset", "x.csv", "cannot be read")))
    qtbot.waitUntil(lambda: window.panel.rows["dataset"].problem.isVisible())
    assert "cannot be read" in window.panel.rows["dataset"].problem.text()
    assert not window.verdict.details_button.isVisible()


def test_themes_change_back_and_forth(qtbot, window, settings):
    before = window.grab().toImage()
    press(window, Qt.Key.Key_D)
    assert settings.theme == "dark"
    assert window.theme.name == "dark"
    # Qt hands a palette on with the next events.
    qtbot.waitUntil(lambda: window.palette().window().color().lightness() < 60)
    assert window.grab().toImage() != before
    press(window, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: window.palette().window().color().lightness() > 200)


def test_a_notice_goes_by_itself_and_the_state_comes_back(qtbot, window, monkeypatch):
    qtbot.waitUntil(lambda: window.status.state.text().startswith("Paused"))
    window.status._notice_timer.setInterval(1)
    window.status.notice("Copied: " + 500 * "x")
    assert window.status.state.is_elided
    assert window.status.state.toolTip() == "Copied: " + 500 * "x"
    qtbot.waitUntil(lambda: window.status.state.text().startswith("Paused"))
    assert window.status.state.toolTip() == ""


def test_run_and_pause_are_equally_wide(window):
    button = window.toolbar.run
    widths = set()
    for running in (True, False):
        window.toolbar.show_running(running)
        widths.add(button.sizeHint().width())
    assert len(widths) == 1


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("presenting", [False, True])
def test_on_a_small_screen_the_presets_keep_their_words(qtbot, window, presenting, language):
    window.set_language(language)
    if presenting:
        window.toggle_presentation()
    window.showNormal()
    window.resize(1024, 768)
    toolbar = window.toolbar
    first = [toolbar.presets[name] for name in FIRST_PRESETS]
    qtbot.waitUntil(lambda: all(button.shown_text() for button in first))
    # What has given its place to them stands in the menu.
    spared = [action for action, button in toolbar.actions.items() if button.isHidden()]
    assert bool(spared) == presenting
    assert all(action.menu or action.icon == "theme" for action in spared)
    assert toolbar.layout().totalMinimumSize().width() <= toolbar.width()
    if presenting:
        window.toggle_presentation()
    window.resize(1600, 900)
    qtbot.waitUntil(lambda: all(button.isVisible() for button in toolbar.actions.values()))


def test_every_button_of_an_action_may_lose_its_words(window):
    icons = {action.icon for action in window.toolbar.actions}
    assert icons == {*FIRST_ACTIONS, *SPARED_ACTIONS}


def test_changing_figures_move_nothing(qtbot, window, session, monkeypatch):
    # The memory of the test process is not what this is about.
    monkeypatch.setattr("gui.status.resident_bytes", lambda: 400 * 2**20)
    places = set()

    def note_place() -> None:
        # A label that has a new text asks for a new layout through the event queue.
        QApplication.processEvents()
        window.grab()
        places.add(window.status.device.x())

    for speed in (1.0, 99999.0):
        session._change(state=State.RUNNING, steps_per_second=speed)
        qtbot.waitUntil(lambda speed=speed: f"{speed:.0f}" in window.status.speed.text())
        note_place()
    session.pause()
    qtbot.waitUntil(lambda: window.status.speed.text() == "")
    note_place()
    assert len(places) == 1


def test_nothing_in_the_first_layer_is_told_without_decades(qtbot, window, session):
    record = made_up_record(1, session.config)
    record.layers[LAYER_QUANTITIES.index("activation_grad_norm"), :2] = 0.0
    session.record(record)
    qtbot.waitUntil(lambda: "Vanishing" in window.verdict.headline.text())
    assert window.verdict.headline.text() == "Vanishing: nothing at all reaches layer 1"
    assert "exactly zero in 2 of 4 layers" in window.verdict.detail.text()
    assert "decades" not in window.verdict.headline.text() + window.verdict.detail.text()


def test_a_long_failure_is_elided_and_told_whole(qtbot, window, session):
    message = "RuntimeError: " + "long " * 100
    session.fail(Failure(message, "traceback"))
    qtbot.waitUntil(lambda: window.verdict.detail.is_elided)
    assert window.verdict.detail.toolTip() == message


def at_rest(widget):
    """Return a condition that holds when the widget is where it was when last asked."""
    places = [None]

    def unmoved():
        places.append(widget.geometry())
        return places[-1] == places[-2]

    return unmoved


def test_a_reading_leaves_title_and_picture_where_they_are(qtbot, window, session):
    window.resize(*SMALLEST_SIZE)
    session.advance(20)
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 20)
    view = window.dashboard.views["heatmap_h"]
    # In a low window the profile gives up its legend, and what stands above it gets that room.
    qtbot.waitUntil(at_rest(view.canvas))
    before = view.canvas.geometry()
    plot = view.canvas.plot_rect()
    qtbot.mouseMove(view.canvas, QPoint(plot.left() + 1, plot.bottom() - 1))
    qtbot.waitUntil(lambda: view.reading.text() != "")
    window.grab()
    assert view.title.isVisible()
    assert view.title.width() >= view.title.sizeHint().width()
    assert view.canvas.geometry() == before
    assert view.title.text() == "Gradient  ‖∂L/∂h‖"
    assert not view.reading.is_elided
    assert view.reading.text() == "layer 1  ·  step 1  ·  6.2·10⁻²"
    window.resize(1900, 900)
    qtbot.waitUntil(lambda: view.title.text() == "Gradient at the activations  ‖∂L/∂h‖")


def test_legends_keep_their_values_in_a_small_window(qtbot, window, session):
    window.resize(*SMALLEST_SIZE)
    session.advance(20)
    window.renew_everything()
    legend = window.dashboard.views["accuracy"].legend
    # Whole names one below the other, short ones side by side, whole ones side by side.
    long = [("training", "25.0%"), ("validation", "12.5%")]
    for width, rows, texts in (
        (170, 2, long),
        (220, 1, [("train", "25.0%"), ("valid.", "12.5%")]),
        (400, 1, long),
    ):
        legend.resize(width, legend.height())
        assert (legend.rows, legend.texts()) == (rows, texts)


def test_another_depth_shows_in_the_profile_before_the_first_step(qtbot, window, session):
    session.advance(3)
    window.renew_everything()
    window.configure(window.config.replace(depth=9))
    for panel in window.dashboard.views["profile"].panels:
        qtbot.waitUntil(lambda panel=panel: panel.plot.viewRange()[0] == [0.5, 10.5])


def test_a_validation_curve_of_one_point_is_drawn_as_a_point(qtbot, window, session):
    session.advance(3)
    window.renew_everything()
    loss = window.dashboard.views["loss"]
    assert loss._validation.is_alone and not loss._training.is_alone
    session.advance(3)
    window.renew_everything()
    assert not loss._validation.is_alone


def test_about_tells_version_and_licences(window):
    window.dialogs.show_about()
    dialog = window.findChild(AboutDialog)
    texts = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert __version__ in texts
    assert "LGPL" in texts
    dialog.close()


def test_the_menu_shows_the_keys(window, settings):
    menu = make_menu(window, settings)
    texts = [action.text() for action in menu.actions()]
    assert {"Copy experiment\tCtrl+C", "Close\tCtrl+Q"} <= set(texts)
    menu.deleteLater()


def test_nothing_is_painted_while_nothing_is_new(qtbot, window, session, monkeypatch):
    session.advance(3)
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 3)
    shown = []
    monkeypatch.setattr(window.dashboard.views["heatmap_h"], "refresh", lambda *_: shown.append(1))
    for _ in range(5):
        window.renewal.renew_pictures()
    assert not shown


def test_close_while_running(qtbot, window, session):
    click(qtbot, window.toolbar.run)
    window.close()
    assert session.calls[-1] == "close"
    assert not window.isVisible()


def test_a_window_remembers_its_place(qtbot, open_window, make_session, settings):
    config = RunConfig(depth=2, width=4)
    first = open_window(make_session(config))
    first.resize(1000, 701)
    first.close()
    second = open_window(make_session(config))
    # The width is held by the screen of the tests.
    assert second.height() == 701


def test_the_tab_key_reaches_buttons_and_the_space_bar_presses_them(window, session):
    window.activateWindow()
    window.toolbar.step.setFocus(Qt.FocusReason.TabFocusReason)
    press(window, Qt.Key.Key_Space)
    assert ("step", 1) in session.calls


def hover(qtbot, plot, x):
    """Move the mouse to a place on the horizontal axis of a plot."""
    view = plot.plot.getViewBox()
    scene = view.mapViewToScene(QPointF(x, float(np.mean(view.viewRange()[1]))))
    plot.plot.scene().sigMouseMoved.emit(scene)


def test_hovering_reads_every_view(qtbot, window, session):
    session.advance(20)
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 20)
    window.renew_everything()
    canvas = window.dashboard.views["heatmap_h"].canvas
    plot = canvas.plot_rect()
    qtbot.mouseMove(canvas, QPoint(plot.left() + 1, plot.bottom() - 1))
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].reading.text() != "")
    assert window.dashboard.views["heatmap_h"].reading.text() == "layer 1  ·  step 1  ·  6.2·10⁻²"

    profile = window.dashboard.views["profile"]
    hover(qtbot, profile.backward, 4.2)
    assert profile.reading.text() == "layer 4"
    assert profile.backward.legend.values[0] == "5.0·10⁻¹"
    assert profile.forward.legend.values == ("1.0·10⁰",)
    hover(qtbot, profile.backward, 5.0)
    assert profile.reading.text() == "output layer"

    hover(qtbot, window.dashboard.views["loss"], 4)
    assert window.dashboard.views["loss"].reading.text() == "step 4"
    assert window.dashboard.views["loss"].legend.values == ("0.500", "2.50")
    hover(qtbot, window.dashboard.views["accuracy"], 4)
    assert window.dashboard.views["accuracy"].legend.values == ("25.0%", "12.5%")


def test_a_resting_mouse_reads_the_run_that_moves_on(qtbot, window, session):
    session.advance(64)
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].canvas.cells.columns == 64)
    canvas = window.dashboard.views["heatmap_h"].canvas
    plot = canvas.plot_rect()
    qtbot.mouseMove(canvas, QPoint(plot.right() - 1, plot.top() + 1))
    qtbot.waitUntil(lambda: "step 64" in window.dashboard.views["heatmap_h"].reading.text())
    # One column more, and the picture is twice as wide: nothing lies under the mouse now.
    session.advance(1)
    qtbot.waitUntil(lambda: window.dashboard.views["heatmap_h"].reading.text() == "")


def test_the_menu_changes_theme_and_language(window, settings):
    menu = make_menu(window, settings)
    themes, languages = (
        next(m for m in menu.findChildren(QMenu) if m.title() == title)
        for title in ("Theme", "Language")
    )
    checked = [a.text() for a in (*themes.actions(), *languages.actions()) if a.isChecked()]
    assert checked == ["Light", "English"]
    themes.actions()[2].trigger()
    languages.actions()[2].trigger()
    assert (settings.theme, settings.language) == ("dark", "zh_CN")
    menu.deleteLater()


def test_a_click_in_the_phase_picture_sets_gain_and_bias(qtbot, window, session):
    window.dashboard.set_shown("phase", visible=True)
    window.dashboard.views["phase"].fields_wanted.emit({"gain": 1.5, "bias_std": 0.25})
    assert session.config.differences(RunConfig(depth=4, width=8)) == ("gain", "bias_std")
    assert (session.config.gain, session.config.bias_std) == (1.5, 0.25)
    window.dashboard.views["phase"].notice_wanted.emit("Not taken.")
    assert window.status.state.text() == "Not taken."


def test_a_window_that_closes_before_it_has_said_that_it_is_painted_begins_nothing(
    qapp, session, settings, translation
):
    window = MainWindow(session, session.config, settings=settings, translation=translation)
    told = []
    window.first_painted.connect(lambda: told.append(True))
    window.show()
    window.grab()
    window.close()
    qapp.processEvents()
    assert told == []
    window.deleteLater()


def test_a_cure_is_trained_at_once_where_the_run_has_diverged(lab, qtbot):
    lab.configure(
        lab.config.replace(activation="relu", initializer="normal", init_std=2.0, depth=20)
    )
    lab.toggle_run()
    qtbot.waitUntil(lambda: lab.session.snapshot().state is State.FINISHED)
    lab.renew_everything()
    button = lab.verdict.advice.cures[0]
    qtbot.waitUntil(button.isVisible)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: fronts(lab) == lab.config)
    qtbot.waitUntil(lambda: lab.session.snapshot().runs[0].steps > 3)
