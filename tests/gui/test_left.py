"""The checks that nothing is left behind see what is."""

from PySide6.QtCore import QTimer


def test_a_timer_that_runs_is_seen_until_it_stops(window, started):
    timer = QTimer(window)
    assert timer not in started
    timer.start(60_000)
    assert timer in started
    assert timer.isActive()
    timer.stop()
    timer.setInterval(50_000)
    timer.start()
    assert timer.interval() == 50_000
    assert timer.isActive()
    timer.stop()


def test_the_timers_of_a_window_are_seen(window, started):
    assert {timer for timer in window.findChildren(QTimer) if timer.isActive()} <= set(started)
    assert window.renewal.fast_timer in started
