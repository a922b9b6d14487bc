"""The number formats: one row each."""

from __future__ import annotations

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

    def compute_dtype(self) -> torch.dtype:
        """Return the format of activations and gradients."""
        return _dtype(self.compute)

    def master_dtype(self) -> torch.dtype:
        """Return the format of the weights that are updated."""
        return _dtype(self.master)


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
