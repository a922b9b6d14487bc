"""Slow work beside the window."""

import threading

import pytest

from gui.labs.worker import Worker
from tests.gui.labs.opened import lab_threads


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
