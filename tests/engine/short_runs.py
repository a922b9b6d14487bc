"""The beginning of a run, measured step by step, for tests of what an experiment shows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.config import RunConfig
from engine.diagnosis import gradient_decades
from engine.record import StepRecord
from engine.trainer import Trainer


@dataclass(frozen=True)
class Run:
    """Every step, and the last validation accuracy."""

    records: list[StepRecord]
    validation: float

    @property
    def first(self) -> StepRecord:
        return self.records[0]

    @property
    def last(self) -> StepRecord:
        return self.records[-1]

    def losses(self) -> np.ndarray:
        return np.array([record.curve("loss") for record in self.records])

    def decades(self, step: int = -1) -> float:
        norms = self.records[step].layer("activation_grad_norm")[:-1]
        return gradient_decades(norms)[0]

    def mean_squares(self) -> np.ndarray:
        return self.first.layer("activation_rms")[:-1] ** 2


def train(
    config: RunConfig, steps: int, changes: Mapping[int, Mapping[str, object]] | None = None
) -> Run:
    """Train for some steps, or until something is no longer finite.

    Args:
        config: the experiment.
        steps: how many.
        changes: fields to change while it runs, by the number of steps made before.
    """
    # Whoever stops it later is none of the run's business.
    config = config.replace(threads=1, device="cpu", max_steps=0, target_loss=0.0)
    if changes:
        return _train(config, steps, changes)
    return _trained(config, steps)


@lru_cache(maxsize=64)
def _trained(config: RunConfig, steps: int) -> Run:
    """Presets and pages of lessons show the same experiments: each is trained once."""
    return _train(config, steps, {})


def _train(config: RunConfig, steps: int, changes: Mapping[int, Mapping[str, object]]) -> Run:
    trainer = Trainer(config)
    records, validation = [], math.nan
    for step in range(steps):
        if step in changes:
            trainer.change(trainer.config.replace(**changes[step]))
        records.append(trainer.step())
        if records[-1].validation is not None:
            validation = records[-1].validation[1]
        if records[-1].first_bad is not None:
            break
    return Run(records, validation)
