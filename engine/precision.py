"""The number formats: one row each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Precision:
    """In which formats a run stores its numbers.

    Attributes:
        compute: name of the format of activations, gradients and the weights multiplied with.
        master: name of the format of the weights that are updated.
    """

    compute: str
    master: str

    def gradient_limits(self) -> tuple[float, float]:
        """Return the smallest normal and the largest number that a stored gradient can be."""
        return _LIMITS[self.compute]

    def compute_dtype(self) -> torch.dtype:
        """Return the format of activations and gradients."""
        return _dtype(self.compute)

    def master_dtype(self) -> torch.dtype:
        """Return the format of the weights that are updated."""
        return _dtype(self.master)


# As torch.finfo's tiny and max say, for whoever must do without torch.
_LIMITS = {
    "float64": (2.0**-1022, (2.0 - 2.0**-52) * 2.0**1023),
    "float32": (2.0**-126, (2.0 - 2.0**-23) * 2.0**127),
    "bfloat16": (2.0**-126, (2.0 - 2.0**-7) * 2.0**127),
    "float16": (2.0**-14, 65504.0),
}


def _dtype(name: str) -> torch.dtype:
    import torch

    dtype: torch.dtype = getattr(torch, name)
    return dtype


PRECISIONS: dict[str, Precision] = {
    "float64": Precision("float64", "float64"),
    "float32": Precision("float32", "float32"),
    "bfloat16": Precision("bfloat16", "bfloat16"),
    "float16": Precision("float16", "float16"),
    "mixed_float16": Precision("float16", "float32"),
}


# torch.amp.GradScaler's defaults.
INITIAL_SCALE = 2.0**16
GROWTH_INTERVAL_STEPS = 2000


class LossScaler:
    """The factor of the loss: constant, or found while training (Micikevicius et al. 2018).

    A dynamic scale is halved whenever the gradient overflows, and that step makes no update; it
    is doubled after 2000 steps without.

    Args:
        setting: the factor, or "dynamic".
    """

    def __init__(self, setting: float | str) -> None:
        self.dynamic = setting == "dynamic"
        self.scale = INITIAL_SCALE if self.dynamic else float(setting)
        self._good_steps = 0

    def skips(self, grad_norm: float) -> bool:
        """Say whether this step makes no update because the scale was too large."""
        return self.dynamic and not math.isfinite(grad_norm) and self.scale > 1.0

    def update(self, skipped: bool) -> None:
        """Adapt the scale after a step."""
        if not self.dynamic:
            return
        if skipped:
            self.scale *= 0.5
            self._good_steps = 0
            return
        self._good_steps += 1
        if self._good_steps == GROWTH_INTERVAL_STEPS:
            self.scale *= 2.0
            self._good_steps = 0
