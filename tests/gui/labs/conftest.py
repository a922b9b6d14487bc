"""A window of labs, and pages of it whose slow work is done."""

import pytest

from gui import theme as looks
from gui.labs.window import LabsWindow
from tests.gui.labs.opened import NEXT_DOOR, settle


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
