"""Twins: experiments that are trained step by step on the same batches.

What decides the batches, and when training stops or where it computes, twins have in common; in
anything else they may differ, and what differs is what is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from engine.config import SETTINGS, RunConfig

# More pictures than this are too small side by side.
MOST_RUNS = 4
# Seed, data and batch size decide the batches; threads belong to the whole process.
SHARED_FIELDS = (
    "seed",
    "dataset",
    "batch_size",
    "device",
    "threads",
    "max_steps",
    "target_loss",
    "stop_on_nonfinite",
)


def aligned(configs: Sequence[RunConfig]) -> tuple[RunConfig, ...]:
    """Return the experiments with what twins have in common taken from the first.

    Raises:
        ValueError: there is none, or more than `MOST_RUNS`.
    """
    if not 1 <= len(configs) <= MOST_RUNS:
        raise ValueError(f"{len(configs)} experiments: must be 1 to {MOST_RUNS}")
    shared = {name: getattr(configs[0], name) for name in SHARED_FIELDS}
    return tuple(config.replace(**shared) for config in configs)


def with_changed(
    configs: Sequence[RunConfig], index: int, config: RunConfig
) -> tuple[RunConfig, ...]:
    """Return the experiments with one replaced; what twins have in common follows it."""
    shared = {name: getattr(config, name) for name in SHARED_FIELDS}
    others = [other.replace(**shared) for other in configs]
    others[index] = config
    return tuple(others)


def differing_fields(configs: Sequence[RunConfig]) -> tuple[str, ...]:
    """Return the names of the fields in which not all experiments agree, in their order."""
    return _differing_fields(tuple(configs))


# The window asks with every picture.
@lru_cache(maxsize=32)
def _differing_fields(configs: tuple[RunConfig, ...]) -> tuple[str, ...]:
    first, *others = configs
    return tuple(
        name
        for name in SETTINGS
        if any(getattr(other, name) != getattr(first, name) for other in others)
    )
