"""How soon an experiment that was just changed shows itself, before any training.

`python -m tests.bench.step0` changes one field after the other, as somebody does who moves
through the form, and prints how long it is until the snapshot with the profiles of step 0 is
there: the median, and what nine of ten stay below.
"""

from __future__ import annotations

import time

import numpy as np

from engine.config import RunConfig
from engine.session import Session
from engine.snapshot import Snapshot, State
from tests.bench.alternate import parse_arguments, report

SIZES = ((30, 100), (100, 100), (1000, 64))
CHANGES = (
    {"activation": "relu"},
    {"initializer": "kaiming_normal"},
    {"gain": 1.5},
    {"normalization": "layer"},
    {"normalization": "none", "skip": "residual"},
    {"skip": "none", "activation": "tanh", "gain": 1.0},
    {"dropout": 0.1},
    {"dropout": 0.0, "initializer": "xavier_normal"},
)


def wait_for(session: Session, config: RunConfig) -> Snapshot:
    """Return the snapshot of step 0 of an experiment."""
    while True:
        snapshot = session.snapshot()
        if snapshot.state is State.PAUSED and snapshot.runs[0].config == config:
            return snapshot
        # Give way to the engine thread.
        time.sleep(0.0002)


def engine(size: tuple[int, int], rounds: int) -> dict[str, object]:
    """Return what a change costs until its snapshot is there."""
    depth, width = size
    config = RunConfig(depth=depth, width=width, activation="tanh")
    session = Session(config)
    session.start()
    wait_for(session, config)
    milliseconds = []
    for _ in range(rounds):
        for change in CHANGES:
            config = config.replace(**change)
            started = time.perf_counter()
            session.configure(config)
            wait_for(session, config)
            milliseconds.append((time.perf_counter() - started) * 1e3)
    session.close(timeout=10)
    return {
        "depth × width": f"{depth} × {width}",
        "median ms": float(np.median(milliseconds)),
        "p90 ms": float(np.percentile(milliseconds, 90)),
        "at most": 150,
        "changes": len(milliseconds),
    }


def main() -> None:
    """Print the tables."""
    arguments = parse_arguments(__doc__)
    rounds = 2 if arguments.quick else 8
    rows = [engine(size, rounds) for size in SIZES]
    report([("Step 0, from the change to its snapshot", rows)], arguments.json)


if __name__ == "__main__":
    main()
