"""What the parts of a window tell each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from gui.menu import make_menu

if TYPE_CHECKING:
    from gui.main_window import MainWindow


def connect_parts(window: MainWindow) -> None:
    """Have everything that is asked for in a part done by the window, or by another part.

    Args:
        window: with all of its parts made.
    """
    toolbar, verdict, timeline = window.toolbar, window.verdict, window.timeline
    toolbar.run_clicked.connect(window.toggle_run)
    toolbar.step_clicked.connect(lambda: _step(window))
    toolbar.rewind_clicked.connect(window.rewind)
    toolbar.new_seed_clicked.connect(window.new_seed)
    toolbar.seed_given.connect(window.take_seed)
    toolbar.seed_refused.connect(window.notice)
    toolbar.speed_chosen.connect(window.choose_speed)
    toolbar.preset_chosen.connect(window.choose_preset)
    toolbar.action_chosen.connect(lambda action: action.do(window))
    toolbar.menu.clicked.connect(lambda: _open_menu(window))
    window.panel.changed.connect(window.configure)
    timeline.slow_motion_wanted.connect(window.slow_motion.toggle)
    window.slow_motion.told.connect(lambda text: _tell_slowly(window, text))
    timeline.moved.connect(window.slow_motion.stop)
    timeline.moved.connect(window.renew_everything)
    verdict.details_button.clicked.connect(window.dialogs.show_failure_details)
    verdict.cure_chosen.connect(window.take_cure)
    verdict.autopsy_wanted.connect(window.dialogs.show_findings)
    verdict.thresholds_wanted.connect(window.dialogs.show_thresholds)
    dashboard = window.dashboard
    dashboard.export_wanted.connect(window.files.save_view)
    dashboard.rearranged.connect(window.remember_arrangement)
    dashboard.enlarged_changed.connect(window.places.follow_enlarged)
    dashboard.watch_changed.connect(window.session.watch)
    dashboard.fields_wanted.connect(
        lambda fields: window.configure(window.config.replace(**fields))
    )
    dashboard.notice_wanted.connect(window.notice)
    window.setAcceptDrops(True)


def _tell_slowly(window: MainWindow, text: str) -> None:
    window.timeline.tell(text)
    if window.dashboard.enlarged is None:
        return
    # The timeline leaves the window to the view.
    if text:
        window.notice(text)
    else:
        window.status.clear_notice()


def _step(window: MainWindow) -> None:
    if QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
        window.step_epoch()
    else:
        window.step()


def _open_menu(window: MainWindow) -> None:
    menu = make_menu(window, window.settings)
    menu.aboutToHide.connect(menu.deleteLater)
    button = window.toolbar.menu
    corner = button.rect().bottomRight()
    corner.setX(corner.x() - menu.sizeHint().width())
    menu.popup(button.mapToGlobal(corner))
