"""Divergence is a result: whatever is combined, a run ends in a state that has a name."""

import itertools
import math
import time
from collections import Counter

import pytest

from engine.activations import ACTIVATIONS
from engine.config import RunConfig
from engine.diagnosis.judge import VERDICTS
from engine.headless import verdict_text
from engine.initializers import INITIALIZERS
from engine.lockstep import Lockstep
from engine.precision import PRECISIONS
from engine.session import Session
from engine.snapshot import FinishReason, RunSnapshot, State
from tests.engine.waiting import wait_for

STEPS = 4
FIERCE = RunConfig(depth=100, width=8, batch_size=8, learning_rate=10.0, dataset="blobs",
                   threads=1, max_steps=STEPS)  # fmt: skip


def fierce(activation: str, initializer: str, precision: str) -> RunConfig:
    return FIERCE.replace(activation=activation, initializer=initializer, precision=precision)


def judge(run: RunSnapshot, reason: FinishReason | None) -> str:
    """Hold a run to have ended in a state with a name, and return it."""
    diagnosis, record = run.diagnosis, run.record
    assert diagnosis is not None and record is not None
    assert diagnosis.verdict in VERDICTS
    if reason is FinishReason.NONFINITE:
        assert run.first_bad is not None
        assert run.first_bad.step == record.step
        assert diagnosis.verdict == "diverged"
        assert diagnosis.autopsy is not None
    else:
        assert reason is FinishReason.MAX_STEPS
        assert record.step == STEPS
        assert run.first_bad is None
        assert math.isfinite(record.curve("loss"))
    assert diagnosis.verdict in verdict_text(diagnosis, record)
    return diagnosis.verdict


@pytest.mark.sweep
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_initializer_and_precision(activation, one_thread):
    # `-rP` shows how they ended.
    ended, began = Counter[str](), time.perf_counter()
    for initializer, precision in itertools.product(INITIALIZERS, PRECISIONS):
        lockstep = Lockstep((fierce(activation, initializer, precision),))
        while lockstep.finish_reason() is None:
            lockstep.advance()
        ended[judge(lockstep.snapshots()[0], lockstep.finish_reason())] += 1
    assert ended.total() == len(INITIALIZERS) * len(PRECISIONS)
    verdicts = ", ".join(f"{verdict} {count}" for verdict, count in ended.most_common())
    print(f"{ended.total()} runs in {time.perf_counter() - began:.1f} s: {verdicts}")


# Every activation, initialiser and precision, not all combinations of them.
SAMPLE = [
    fierce(activation, list(INITIALIZERS)[place % len(INITIALIZERS)],
           list(PRECISIONS)[place % len(PRECISIONS)])
    for place, activation in enumerate(ACTIVATIONS)
]  # fmt: skip


def test_a_sample_of_them_in_the_session(one_thread):
    session = Session(SAMPLE[0])
    session.start()
    try:
        for number, config in enumerate(SAMPLE, start=1):
            session.configure(config)
            session.run()
            snapshot = wait_for(
                session,
                lambda s, config=config: (
                    s.state in (State.FINISHED, State.FAILED) and s.runs[0].config == config
                ),
            )
            assert snapshot.state is State.FINISHED, number
            judge(snapshot.runs[0], snapshot.finish_reason)
    finally:
        assert session.close(60)
