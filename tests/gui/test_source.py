"""What a window shows: the engine or a recording, now or at a moment."""

import gc
import weakref

import pytest

from engine.snapshot import Snapshot
from gui.source import Source


@pytest.fixture
def trained(session):
    session.start()
    session.advance(6)
    return session


@pytest.fixture
def source(trained) -> Source:
    return Source(trained)


def test_a_recording_stands_before_the_engine_until_it_is_closed(source, trained):
    recorded = trained.snapshot()
    trained.advance()
    source.open(recorded, "mine")
    assert source.is_recording
    assert source.name == "mine"
    assert source.newest().runs == recorded.runs
    assert source.newest() is source.newest()
    source.close()
    assert (source.is_recording, source.name) == (False, "")
    assert source.newest() is trained.snapshot()


def test_each_recording_is_another_run_to_the_views(source, trained):
    numbers = []
    for _ in range(3):
        source.open(trained.snapshot(), "")
        numbers.append(source.newest().run_number)
    assert len({*numbers, trained.snapshot().run_number}) == 4
    assert max(numbers) < 0


def test_a_moment_is_the_same_object_while_nothing_is_new(source):
    newest = source.newest()
    past = source.at(newest, 2)
    assert past.runs[0].record.step == 2
    assert source.at(newest, 2) is past
    assert source.at(newest, 3) is not past
    assert source.at(newest, None) is newest


def test_a_moment_that_is_left_keeps_no_record(source, trained):
    newest: Snapshot = source.newest()
    past = weakref.ref(source.at(newest, 2))
    source.at(newest, None)
    gc.collect()
    assert past() is None
