"""Every row of the table opened, moved to its ends, fed nonsense, exported, drawn."""

import csv
import itertools
import re
import xml.etree.ElementTree as ElementTree

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from engine.config import RunConfig
from engine.fields import Flag, OneOf, Real, Whole
from engine.labs.job import nobody
from gui import theme as looks
from gui.field_controls import NumberControl
from gui.labs.plot import LabPlot
from gui.labs.table import LABS
from gui.presentation import PRESENTATION_ZOOM
from tests.gui.labs.opened import NAMES, PATIENCE_MS, settle

NONSENSE = ["", "nonsense", "nan", "1e999", "--5", "𝟝", "1,5", "a" * 5000]


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
def test_the_tab_key_comes_to_no_plot(open_page, name):
    for plot in open_page(name).findChildren(LabPlot):
        for part in (plot.plot, plot.plot.viewport()):
            assert not part.focusPolicy() & Qt.FocusPolicy.TabFocus


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


@pytest.mark.parametrize("name", NAMES)
def test_pictures_keep_their_room_in_large_type(qtbot, large_type, window, open_page, name):
    window.resize(1024, 768)
    page = open_page(name)
    plots = [plot for plot in page.lab.findChildren(LabPlot) if plot.isVisible()]

    def roomy():
        boxes = [plot.plot.getViewBox().size() for plot in plots]
        return all(box.width() >= 50 and box.height() >= 100 for box in boxes)

    qtbot.waitUntil(roomy)


def test_a_presentation_gives_the_labs_the_screen(qtbot, open_window, session):
    main = open_window(session)
    main.labs.open()
    assert not main.labs.window.isMaximized()
    main.toggle_presentation()
    assert main.labs.window.isMaximized()
    main.toggle_presentation()
    assert not main.labs.window.isMaximized()
    main.labs.window.close()
    main.toggle_presentation()
    main.labs.open()
    qtbot.waitUntil(main.labs.window.isMaximized)


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
