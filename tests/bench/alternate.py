"""Compare speeds fairly: both sides in one process, in turn, by the ratio of their medians."""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path


def medians(sides: dict[str, Callable[[], object]], rounds: int, calls: int) -> dict[str, float]:
    """Return the median seconds of one call of each side.

    The sides take turns in short rounds, so that a machine that slows down slows all of them, and
    are shuffled, so that none of them always finds the caches as the same other left them.

    Args:
        sides: what to time, by name; each is called `calls` times in every round.
        rounds: number of turns.
        calls: calls in a row.
    """
    for side in sides.values():
        for _ in range(max(3, calls // 4)):
            side()
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    gc.collect()
    gc.disable()
    try:
        order, shuffle = list(sides.items()), random.Random(0).shuffle
        for _ in range(rounds):
            shuffle(order)
            for name, side in order:
                for _ in range(calls):
                    started = time.perf_counter()
                    side()
                    seconds[name].append(time.perf_counter() - started)
    finally:
        gc.enable()
    return {name: statistics.median(values) for name, values in seconds.items()}


def argument_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, rougher figures")
    return parser


def parse_arguments(description: str) -> argparse.Namespace:
    """Read the options that every benchmark has."""
    return argument_parser(description).parse_args()


Table = tuple[str, list[dict[str, object]]]


def report(tables: Iterable[Table], json_file: Path | None) -> None:
    """Print tables as they come, and write them all as JSON if a file is given."""
    printed = []
    for title, rows in tables:
        print(title)
        header = list(rows[0])
        texts = [[_text(row[name]) for name in header] for row in rows]
        widths = [max(len(cell) for cell in column) for column in zip(header, *texts, strict=True)]
        for cells in [header, *texts]:
            padded = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
            print("  ".join(padded))
        print(flush=True)
        printed.append({"title": title, "rows": rows})
    if json_file is not None:
        json_file.write_text(json.dumps(printed, indent=2) + "\n", encoding="utf-8")


def _text(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
