"""The labs: every row of the table opened, moved to its ends, fed nonsense, exported."""

import csv
import itertools
import os
import re
import subprocess
import sys
import threading
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.config import RunConfig
from engine.fields import Flag, OneOf, Real, Whole
from engine.labs.job import nobody
from gui import theme as looks
from gui.actions import ACTIONS
from gui.field_controls import NumberControl
from gui.labs import formula
from gui.labs.plot import LabPlot
from gui.labs.table import LABS
from gui.labs.window import LabsWindow
from gui.labs.worker import Worker
from gui.main_window import PRESENTATION_ZOOM

ROOT = Path(__file__).resolve().parents[2]
NAMES = [row.name for row in LABS]
# The experiment of the main window, into whose network the Jacobian lab looks: small here.
NEXT_DOOR = RunConfig(depth=8, width=20)
NONSENSE = ["", "nonsense", "nan", "1e999", "--5", "𝟝", "1,5", "a" * 5000]
# Slow work on a busy machine.
PATIENCE_MS = 60_000


@pytest.fixture
def window(qtbot, translation):
    made = LabsWindow(lambda: NEXT_DOOR, looks.LIGHT)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def open_page(qtbot, window):
    def open_one(name):
        page = window.open_lab(name)
        settle(qtbot, page)
        return page

    return open_one


def settle(qtbot, page):
    """Wait for slow work."""
    qtbot.waitUntil(lambda: not page.busy, timeout=PATIENCE_MS)


def ends(kind):
    """Return the values at both ends of what a control accepts, or all its choices."""
    if isinstance(kind, OneOf):
        return list(kind.names)
    if isinstance(kind, Flag):
        return [True, False]
    if isinstance(kind, Real) and kind.below_maximum:
        return [kind.minimum]
    return [kind.minimum, kind.maximum]


def test_the_table_names_every_file_once():
    assert len({row.number for row in LABS}) == len({row.name for row in LABS}) == len(LABS) > 0
    assert [row.number for row in LABS] == sorted(row.number for row in LABS)


@pytest.mark.parametrize("name", NAMES)
def test_a_lab_opens_with_a_picture_and_readings(open_page, name):
    page = open_page(name)
    assert page.result is not None
    assert page.heading.text()
    assert len(page.explanation.text()) > 100
    assert page.readings.texts()
    assert all(value for _, value in page.readings.texts())


@pytest.mark.parametrize("name", NAMES)
def test_every_control_goes_to_its_ends(qtbot, open_page, name):
    page = open_page(name)
    for parameter_name, row in page.panel.rows.items():
        for value in ends(row.parameter.kind):
            page.panel.set_values({parameter_name: value})
            # Slow work need not end for the window to stay alive; the next change ends it.
            qtbot.waitUntil(lambda: page.result is not None, timeout=PATIENCE_MS)
            assert all(text for _, text in page.readings.texts()), (parameter_name, value)
        page.panel.reset()
    settle(qtbot, page)
    assert page.panel.values() == {n: p.default for n, p in page.lab.parameters.items()}


@pytest.mark.parametrize("name", NAMES)
def test_every_slider_goes_to_its_ends(qtbot, open_page, name):
    page = open_page(name)
    for row in page.panel.rows.values():
        if isinstance(row.control, NumberControl) and row.control.wide:
            for position in (row.control.slider.minimum(), row.control.slider.maximum()):
                row.control.slider.setValue(position)
                assert row.value == row.control._stops[position]
    page.panel.reset()
    settle(qtbot, page)


@pytest.mark.parametrize("name", NAMES)
def test_nonsense_is_refused_in_words_and_changes_nothing(open_page, name):
    page = open_page(name)
    before = page.panel.values()
    rows = [row for row in page.panel.rows.values() if row.isVisible()]
    entries = [(row, row.control.entry) for row in rows if hasattr(row.control, "entry")]
    for text, (row, entry) in itertools.product(NONSENSE, entries):
        entry.setFocus()
        entry.setText(text)
        entry.textEdited.emit(text)
        QTest.keyClick(entry, Qt.Key.Key_Return)
        assert row.problem.isVisible(), text
        assert "stays in force" in row.problem.text()
        QTest.keyClick(entry, Qt.Key.Key_Escape)
        assert not row.problem.isVisible(), text
    assert page.panel.values() == before


@pytest.mark.parametrize("name", NAMES)
def test_typed_numbers_are_taken(qtbot, open_page, name):
    page = open_page(name)
    for row in page.panel.rows.values():
        kind = row.parameter.kind
        if isinstance(kind, Real | Whole) and row.isVisible():
            row.control.entry.setText(kind.write(kind.minimum))
            row.control.entry.editingFinished.emit()
            assert row.value == kind.minimum
    settle(qtbot, page)
    assert page.result is not None


@pytest.mark.parametrize("name", NAMES)
def test_pictures_and_data_are_exported(open_page, tmp_path, name):
    page = open_page(name)
    for ending in (".png", ".svg", ".csv"):
        page.export(tmp_path / f"lab{ending}")
        assert "Saved" in page.notice.text()
    picture = QImage(str(tmp_path / "lab.png"))
    # Above the pictures it is said what they show.
    assert picture.width() == 2 * page.pictures.width()
    assert picture.height() > 2 * page.pictures.height()
    texts = " ".join(ElementTree.parse(tmp_path / "lab.svg").getroot().itertext())
    assert page.heading.text() in texts
    first = next(iter(page.panel.rows.values()))
    assert f"{first.label.text()}: {first.value_text()}" in texts
    drawing = ElementTree.parse(tmp_path / "lab.svg").getroot()
    tags = {element.tag.rpartition("}")[2] for element in drawing.iter()}
    assert {"text", "path"} <= tags or {"text", "polyline"} <= tags
    with (tmp_path / "lab.csv").open(newline="", encoding="utf-8") as file:
        notes = list(itertools.takewhile(lambda line: line.startswith("# "), file))
        file.seek(0)
        heads, *rows = csv.reader(line for line in file if not line.startswith("# "))
    for parameter_name, value in page.panel.values().items():
        kind = page.lab.parameters[parameter_name]
        if kind.applies(page.panel.values()):
            assert f"# {parameter_name} = {kind.kind.write(value)}\n" in notes
    for reading_name, text in page.readings.texts():
        assert f"# {reading_name}: {text}\n" in notes
    assert rows
    assert len(set(heads)) == len(heads)
    assert {len(row) for row in rows} == {len(heads)}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lab.csv", "lab.png", "lab.svg"]


def test_an_export_that_fails_says_so(open_page, tmp_path):
    page = open_page(NAMES[0])
    path = tmp_path / "missing" / "lab.png"
    page.export(path)
    assert "Not saved" in page.notice.text()
    assert str(path) in page.notice.text()


@pytest.mark.parametrize("name", NAMES)
def test_language_and_theme_change_while_a_lab_is_open(open_page, window, translation, name):
    page = open_page(name)
    english = {row.label.text() for row in page.panel.rows.values()}
    values = page.panel.values()
    translation.use("zh_CN")
    window.retranslate()
    window.set_theme(looks.DARK)
    assert re.search(r"[\u4e00-\u9fff]", page.explanation.text())
    for row in page.panel.rows.values():
        assert row.label.text() not in english or len(row.label.text()) <= 2
    translation.use("en")
    window.retranslate()
    window.set_theme(looks.LIGHT)
    assert {row.label.text() for row in page.panel.rows.values()} == english
    assert page.panel.values() == values


@pytest.mark.parametrize("name", NAMES)
def test_the_experiment_next_door_is_a_valid_one(qtbot, open_page, window, name):
    page = open_page(name)
    if page.lab.experiment(page.panel.values()) is None:
        assert page.show_button.isHidden()
        return
    with qtbot.waitSignal(window.experiment_wanted) as sent:
        page.show_button.click()
    assert isinstance(sent.args[0], RunConfig)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_controls_give_the_same_numbers(open_page, name):
    page = open_page(name)
    values = page.lab.complete(page.panel.values())
    tables = [page.lab.table(values, page.lab.compute(values, nobody)) for _ in range(2)]
    assert repr(tables[0]) == repr(tables[1])


@pytest.mark.parametrize("name", NAMES)
def test_the_mouse_reads_a_value(qtbot, open_page, name):
    page = open_page(name)
    for plot in page.lab.findChildren(LabPlot):
        if plot.read is None:
            continue
        centre = plot.plot.getViewBox().sceneBoundingRect().center()
        plot._mouse_moved(centre)
        assert plot.reading.text()
        plot._mouse = None
        plot.update_reading()
        assert not plot.reading.text()


# Large type


@pytest.fixture
def large_type(qapp):
    """The type of a presentation, and afterwards that of a desk."""
    nowhere = QWidget()
    looks.set_zoom(PRESENTATION_ZOOM, nowhere)
    yield
    looks.set_zoom(1.0, nowhere)


def assert_nothing_is_cut(window, page):
    tiles = [tile for tile in page.readings._tiles if not tile.isHidden()]
    for tile in tiles:
        assert not tile.name.is_elided, tile.name.text()
        assert not tile.value.is_elided, tile.value.text()
        for label in (tile.name, tile.value):
            assert label.height() >= label.fontMetrics().height()
    room = window.list.viewport().width()
    for index in range(window.list.count()):
        text = window.list.item(index).text()
        assert window.list.fontMetrics().horizontalAdvance(text) < room
    panel = page.panel
    for row in panel.rows.values():
        right = row.control.mapTo(panel, row.control.rect().topRight()).x()
        assert row.isHidden() or right <= panel.viewport().width()
        if isinstance(row.control, NumberControl) and row.isVisible():
            entry = row.control.entry
            right = entry.mapTo(row, entry.rect().topRight()).x()
            assert right <= row.width()
            assert entry.fontMetrics().horizontalAdvance("0.0001") < entry.width()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_in_large_type(qtbot, large_type, window, open_page, name):
    window.resize(1440, 900)
    page = open_page(name)
    assert page.heading.font().pointSizeF() > looks.font().pointSizeF()
    qtbot.waitUntil(lambda: page.panel.viewport().width() > 0)
    wait_until_passes(qtbot, lambda: assert_nothing_is_cut(window, page))


def wait_until_passes(qtbot, check):
    """Wait for the layout to rest."""

    def passes():
        try:
            check()
        except AssertionError:
            return False
        return True

    try:
        qtbot.waitUntil(passes)
    except TimeoutError:
        check()
        raise


def test_labs_that_are_open_follow_the_size_of_the_type(qtbot, open_window, session):
    main = open_window(session)
    main.labs.open()
    small = main.labs.window
    small.resize(1300, 850)
    page = small.open_lab("scalar_chain")
    page.panel.set_values({"depth": 50})
    small.open_lab("number_formats").panel.set_values({"sigma": 1e-5})
    points = page.heading.font().pointSizeF()
    main.toggle_presentation()
    large = main.labs.window
    assert large is not small
    assert not small.isVisible()
    assert large.isVisible()
    assert large.size() == small.size()
    assert large.page.row.name == "number_formats"
    assert large.page.panel.values()["sigma"] == 1e-5
    assert large.open_lab("scalar_chain").panel.values()["depth"] == 50
    grown = large.page.heading.font().pointSizeF()
    assert grown == pytest.approx(PRESENTATION_ZOOM * points)
    main.toggle_presentation()
    assert main.labs.window.page.row.name == "scalar_chain"
    assert main.labs.window.page.heading.font().pointSizeF() == pytest.approx(points)
    # What was not opened in between is remembered, too.
    values = main.labs.window.open_lab("number_formats").panel.values()
    assert values["sigma"] == 1e-5
    main.close()


# Texts in the plots


def shown_frames(plot):
    box = plot.plot.getViewBox()
    frame = box.sceneBoundingRect()
    marks = [mark for mark in plot._marks if mark.isVisible()]
    return frame, [mark.textItem.sceneBoundingRect() for mark in marks]


@pytest.mark.parametrize("size", [(1440, 900), (1000, 700)])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("scalar_chain", {"depth": 1000}),
        ("scalar_chain", {"depth": 1}),
        ("scalar_chain", {"factor": 0.5, "depth": 1000}),
        ("scalar_chain", {}),
        ("matrix_product", {"count": 1000, "sigma": 0.05, "number_format": "float16"}),
        ("matrix_product", {"count": 1000, "sigma": 2.0, "number_format": "float16"}),
        ("matrix_product", {"count": 20, "number_format": "float16"}),
        ("number_formats", {}),
    ],
)
def test_texts_in_a_plot_are_whole_and_apart(qtbot, window, open_page, name, values, size):
    window.resize(*size)
    page = open_page(name)
    page.panel.set_values(values)
    settle(qtbot, page)
    page.grab()
    plots = [plot for plot in page.lab.findChildren(LabPlot) if plot._marks]
    assert plots
    for plot in plots:
        room, frames = shown_frames(plot)
        assert all(room.adjusted(-1, -1, 1, 1).contains(frame) for frame in frames)
        for one, other in itertools.combinations(frames, 2):
            assert not one.adjusted(1, 1, -1, -1).intersects(other)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("scalar_chain", {"depth": 1}),
        ("matrix_product", {"count": 1}),
        ("gates", {"depth": 2, "steps": 2}),
        ("layer_variance", {"depth": 1}),
    ],
)
def test_what_is_counted_has_no_fractions(qtbot, open_page, name, values):
    page = open_page(name)
    page.panel.set_values(values)
    settle(qtbot, page)
    for plot in page.lab.findChildren(LabPlot):
        axis = plot.plot.getAxis("bottom")
        (spacing, ticks), *_ = axis.tickValues(*axis.range, axis.size().width())
        assert all(tick == int(tick) for tick in ticks)
        assert all("." not in text for text in axis.tickStrings(ticks, 1.0, spacing))


# Single labs


def test_one_factor_alone_is_a_line_from_the_identity(open_page):
    page = open_page("matrix_product")
    page.panel.set_values({"count": 1})
    x, y = page.lab._first.getData()
    assert (x[0], y[0]) == (0.0, 0.0)
    assert (x[-1], y[-1]) == (1.0, page.result.logs[0, 0])


def test_the_entries_of_the_product_are_in_its_table(open_page):
    page = open_page("matrix_product")
    heads, rows = page.lab.table(page.panel.values(), page.result)
    found = [row for row in rows if row[0] == "entry"]
    at = [heads.index(head) for head in ("row", "column", "entry")]
    assert len(found) == page.result.entries.size
    for row, column, entry in ([row[i] for i in at] for row in found):
        assert entry == page.result.entries[row - 1, column - 1]


def test_the_formulas_are_those_of_the_shift_in_force(open_page):
    page = open_page("shift")
    covariate = page.formulas.accessibleName()
    page.panel.set_values({"kind": "label"})
    assert "C w = μ" in page.formulas.accessibleName()
    assert "exp" not in page.formulas.accessibleName()
    page.panel.set_values({"kind": "covariate"})
    assert page.formulas.accessibleName() == covariate


def test_theory_stands_beside_what_was_measured(open_page):
    page = open_page("layer_variance")
    texts = dict(page.readings.texts())
    # From 256 units to 32, the rule of the outputs gives the signal 256/32.
    assert texts["nₒᵤₜ γ = 1: signal (theory)"].endswith("(×8.00)")
    assert texts["nᵢₙ γ = 1: signal (theory)"].endswith("(×1.00)")
    assert texts["nᵢₙ γ = 1: gradient (theory)"].endswith("(×0.12)")


def test_slow_work_shows_its_result_in_the_end(qtbot, open_page):
    page = open_page("matrix_product")
    page.panel.set_values({"count": 3000})
    assert page.busy
    assert page.stop_button.isVisible()
    settle(qtbot, page)
    assert page.result.counts[-1] == 3000
    assert not page.stop_button.isVisible()


def test_slow_work_is_interrupted_and_taken_up_again(qtbot, open_page):
    page = open_page("matrix_product")
    page.panel.set_values({"count": 10_000, "size": 64})
    assert page.busy
    page.stop_button.click()
    assert not page.busy
    assert "Interrupted" in page.notice.text()
    page.panel.reset()
    settle(qtbot, page)
    assert page.result.counts[-1] == 100


def lab_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "lab"]


def test_closing_ends_slow_work_and_opening_begins_it_again(qtbot, window, open_page):
    page = open_page("matrix_product")
    page.panel.set_values({"count": 2000})
    assert page.busy
    window.close()
    qtbot.waitUntil(lambda: not lab_threads())
    assert not page.busy
    window.show()
    qtbot.waitUntil(lambda: page.result.counts[-1] == 2000, timeout=PATIENCE_MS)


def test_an_error_of_slow_work_reaches_the_person(qtbot, open_page, monkeypatch):
    page = open_page("matrix_product")
    monkeypatch.setattr(page.lab, "compute", lambda values, report: 1 / 0)
    with qtbot.captureExceptions() as caught:
        page.panel.set_values({"count": 3000})
        qtbot.waitUntil(lambda: bool(caught), timeout=PATIENCE_MS)
    assert caught[0][0] is ZeroDivisionError
    assert not page.busy


def test_dragging_a_plot_moves_the_range(qtbot, open_page):
    page = open_page("activation_shape")
    box = page.lab.phi.plot.getViewBox()
    box.setXRange(-3.0, 2.0, padding=0)
    box.sigRangeChangedManually.emit(box.state["mouseEnabled"])
    values = page.panel.values()
    assert (values["left"], values["right"]) == (-3.0, 2.0)
    assert (page.result[0].z[0], page.result[0].z[-1]) == (-3.0, 2.0)


def test_a_range_typed_the_wrong_way_round_is_mended(qtbot, open_page):
    page = open_page("activation_shape")
    page.panel.set_values({"left": 5.0, "right": -5.0})
    assert page.result[0].z[0] < page.result[0].z[-1]


def test_a_range_too_narrow_to_draw_is_said(open_page):
    page = open_page("activation_shape")
    assert page.notice.text() == ""
    page.panel.set_values({"left": 0.0, "right": 0.0})
    assert page.notice.text() == "Drawn from 0 to 0.5."


def test_a_whole_number_is_a_number_too(open_page):
    page = open_page("number_formats")
    page.panel.set_values({"sigma": 1})
    assert page.panel.values()["sigma"] == 1.0


def test_dragging_the_gaussian_changes_its_sigma(qtbot, open_page):
    page = open_page("number_formats")
    page.panel.set_values({"log2_scale": 10})
    lost = page.result.predicted.zero
    page.lab._line.setValue(-3.0)
    page.lab._line.sigDragged.emit(page.lab._line)
    assert page.panel.values()["sigma"] == pytest.approx(1e-3 / 1024, rel=0.05)
    assert page.result.predicted.zero != lost


@pytest.mark.parametrize("size", [(1440, 900), (1000, 700)])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("name", NAMES)
def test_readings_are_read_whole(qtbot, open_page, window, translation, name, language, size):
    window.resize(*size)
    translation.use(language)
    window.retranslate()
    page = open_page(name)

    def whole():
        tiles = [tile for tile in page.readings._tiles if not tile.isHidden()]
        return not any(tile.name.is_elided or tile.value.is_elided for tile in tiles)

    qtbot.waitUntil(whole)


# The formulas


@pytest.mark.parametrize("source", [f for row in LABS for f in row.load().formulas])
def test_every_formula_can_be_set(qapp, source):
    box = formula.layout(source)
    assert box.width > 0
    assert box.ascent + box.descent > 0
    # Nothing stands outside the room it claims.
    for x, y, text, points, italic in box.texts:
        metrics = formula._metrics(points, italic)
        assert -1 <= x <= box.width
        assert x + metrics.horizontalAdvance(text) <= box.width + 2
        assert -box.ascent - 2 <= y <= box.descent + 2


def test_a_fraction_is_higher_than_its_parts(qapp):
    whole, part = formula.layout(r"\frac{a}{b}"), formula.layout("a")
    assert whole.ascent > part.ascent
    assert whole.descent > part.descent
    assert formula.layout("x^{2}").ascent > formula.layout("x").ascent
    assert formula.layout("x_i").descent > formula.layout("x").descent


@pytest.mark.parametrize("source", [r"\nonsense", "{a", r"\frac{a}{b", "a}"])
def test_a_formula_that_is_none_is_refused(qapp, source):
    with pytest.raises(ValueError, match=r"word|bracket"):
        formula.layout(source)


# Slow work


@pytest.fixture
def worker():
    made = Worker()
    yield made
    made.close()


def test_a_job_reports_and_ends(qtbot, worker):
    go_on = threading.Event()

    def work(report):
        report(0.5, "half")
        assert go_on.wait(60)
        return "whole"

    job = worker.ask(work)
    qtbot.waitUntil(lambda: job.share == 0.5)
    assert job.partial == "half"
    assert not job.done
    go_on.set()
    qtbot.waitUntil(lambda: job.done)
    assert (job.result, job.error) == ("whole", None)


def test_a_newer_job_takes_the_place_of_the_older(qtbot, worker):
    begun = threading.Event()

    def endless(report):
        while True:
            report(0.1)
            begun.set()

    first = worker.ask(endless)
    assert begun.wait(60)
    second = worker.ask(lambda report: 2)
    qtbot.waitUntil(lambda: second.done)
    assert first.done
    assert first.stopped
    assert second.result == 2


def test_closing_does_not_wait_for_work_that_does_not_listen(qtbot, worker):
    begun, released = threading.Event(), threading.Event()

    def deaf(report):
        begun.set()
        released.wait(60)

    worker.ask(deaf)
    assert begun.wait(60)
    worker.close()
    job = worker.ask(lambda report: 4)
    qtbot.waitUntil(lambda: job.done)
    assert not released.is_set()
    released.set()
    assert job.result == 4
    worker.close()


def test_closing_ends_the_thread_and_asking_again_starts_one(qtbot, worker):
    def endless(report):
        while True:
            report(0.1)

    worker.ask(endless)
    assert len(lab_threads()) == 1
    worker.close()
    qtbot.waitUntil(lambda: not lab_threads())
    job = worker.ask(lambda report: 3)
    qtbot.waitUntil(lambda: job.done)
    assert job.result == 3


def test_labs_that_are_shown_and_closed_at_once_begin_nothing(qtbot, qapp, window, monkeypatch):
    def endless(values, report):
        while True:
            report(0.1)

    page = window.open_lab("curve_fit")
    monkeypatch.setattr(page.lab, "is_slow", lambda values: True)
    monkeypatch.setattr(page.lab, "compute", endless)
    page.recompute()
    assert page.busy
    window.close()
    window.show()
    window.close()
    qapp.processEvents()
    assert not page.busy
    qtbot.waitUntil(lambda: not lab_threads())
    window.show()
    qtbot.waitUntil(lambda: page.busy)


def test_an_error_of_a_job_is_kept(qtbot, worker):
    job = worker.ask(lambda report: 1 / 0)
    qtbot.waitUntil(lambda: job.done)
    assert isinstance(job.error, ZeroDivisionError)


# Beside the main window


def test_the_labs_beside_the_main_window(qtbot, open_window, session):
    main = open_window(session)
    assert main.labs.window is None
    labs_action = next(action for action in main.toolbar.actions if action.icon == "labs")
    main.toolbar.actions[labs_action].click()
    labs = main.labs.window
    assert labs.isVisible()
    main.set_language("zh_CN")
    assert labs.windowTitle() == "小实验"
    main.set_language("en")
    page = labs.open_lab("scalar_chain")
    page.show_button.click()
    assert main.config == page.lab.experiment(page.panel.values())
    main.labs.open()
    assert main.labs.window is labs
    main.close()
    assert main.labs.window is None
    assert not labs.isVisible()


def test_no_key_asks_for_two_things():
    keys = [action.key for action in ACTIONS if action.key is not None]
    assert len(keys) == len(set(keys))


# Start-up


def test_opening_a_lab_loads_no_torch_and_no_other_lab():
    code = """
import sys
from gui.app import make_application
application = make_application()
from engine.config import RunConfig
from gui.labs.table import LABS
from gui.labs.window import LabsWindow
from gui import theme
window = LabsWindow(RunConfig, theme.LIGHT)
loaded = [row.name for row in LABS if f"gui.labs.{row.name}" in sys.modules]
print(len(loaded), "torch" in sys.modules)
window.close()
"""
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        timeout=120, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert result.stdout.split() == ["1", "False"]
