"""What keeping the history costs, and how long the longest pause is.

`python -m tests.bench.history` prints, for networks of 100 and of 1000 layers: the median and the
longest time of one `History.append` over two merges, and the time of a view, of the snapshot that
the window picks up, and of one whose verdict it reads.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from engine.config import RunConfig
from engine.deferred import Deferred
from engine.diagnosis import diagnose
from engine.history import History
from engine.record import CURVE_QUANTITIES, LAYER_QUANTITIES, StepRecord
from engine.snapshot import RunSnapshot
from tests.bench.alternate import parse_arguments, report

DEPTHS = (100, 1000)
READS = 200


def milliseconds(call: Callable[[], object]) -> float:
    """Return the time of one call."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1e3


def record(step: int, depth: int, random: np.random.Generator) -> StepRecord:
    """Return a step with numbers of the right shapes."""
    layers = random.random((len(LAYER_QUANTITIES), depth + 1))
    return StepRecord(step, random.random(len(CURVE_QUANTITIES)), layers, None, None)


def snapshot(history: History, config: RunConfig, last: StepRecord) -> RunSnapshot:
    """Return what the session hands to the window."""
    view = history.view()
    return RunSnapshot(
        config=config,
        history=view,
        record=last,
        judged=Deferred(partial(diagnose, last, view)),
        changes=(),
        parameters=0,
        history_bytes=history.nbytes,
    )


def judged(look: Callable[[], RunSnapshot]) -> object:
    """Return the verdict of a new snapshot."""
    return look().diagnosis


def main() -> None:
    """Print the table."""
    arguments = parse_arguments(__doc__)
    random = np.random.Generator(np.random.PCG64(1))
    rows: list[dict[str, object]] = []
    for depth in DEPTHS:
        history, config = History(depth), RunConfig(depth=depth)
        columns = history.view().layers.capacity
        appends = []
        for step in range(1, 2 * columns + 2):
            one = record(step, depth, random)
            appends.append(milliseconds(partial(history.append, one)))
        views = [milliseconds(history.view) for _ in range(READS)]
        look = partial(snapshot, history, config, one)
        snapshots = [milliseconds(look) for _ in range(READS)]
        judge = partial(judged, look)
        verdicts = [milliseconds(judge) for _ in range(READS)]
        rows.append(
            {
                "depth": depth,
                "columns": columns,
                "MiB": history.nbytes / 2**20,
                "append ms": statistics.median(appends),
                "longest append ms": max(appends),
                "view ms": statistics.median(views),
                "snapshot ms": statistics.median(snapshots),
                "with its verdict ms": statistics.median(verdicts),
            }
        )
    report([("The history of a run (two merges included)", rows)], arguments.json)


if __name__ == "__main__":
    main()
