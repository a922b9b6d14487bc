"""What single labs show, and how they are handled."""

import pytest

from tests.gui.labs.opened import NAMES, PATIENCE_MS, lab_threads, settle


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
