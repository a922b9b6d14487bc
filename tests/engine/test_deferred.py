"""A verdict that nobody reads is not worked out."""

import pytest

from engine.config import RunConfig
from engine.deferred import Deferred
from engine.diagnosis.judge import Judge
from engine.lockstep import Lockstep

SMALL = RunConfig(depth=4, width=8, dataset="blobs", batch_size=8, threads=1)


def test_it_is_made_once_and_when_it_is_asked_for():
    made = []
    deferred = Deferred(lambda: made.append(1) or len(made))
    assert not made
    assert (deferred.value, deferred.value, made) == (1, 1, [1])


def test_a_snapshot_is_judged_when_its_verdict_is_read(monkeypatch):
    lockstep = Lockstep((SMALL,))
    lockstep.advance()
    judged = []
    inner = Judge.diagnosis
    monkeypatch.setattr(Judge, "diagnosis", lambda *seen: judged.append(1) or inner(*seen))
    (run,) = lockstep.snapshots()
    assert not judged
    assert run.diagnosis is run.diagnosis
    assert len(judged) == 1


@pytest.mark.parametrize("steps", [0, 3])
def test_a_verdict_is_that_of_its_moment_whenever_it_is_read(steps):
    """However far the run has come since; read at once it is the same."""
    late, at_once = (Lockstep((SMALL.replace(learning_rate=30.0),)) for _ in range(2))
    for lockstep in (late, at_once):
        for _ in range(steps):
            lockstep.advance()
    (kept,), (read,) = late.snapshots(), at_once.snapshots()
    wanted = read.diagnosis
    for _ in range(40):
        late.advance()
    assert late.snapshots()[0].diagnosis != wanted
    assert kept.diagnosis == wanted
