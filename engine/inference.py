"""The chain rule is written out here: nothing of what PyTorch keeps for its autograd is needed.

In inference mode, and on tensors made in it, PyTorch leaves that bookkeeping out, which is a tenth
of a step of many small operations.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def without_autograd(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return a function that runs in inference mode.

    Tensors made in it can be read everywhere and written to only in inference mode.
    """

    @functools.wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        import torch

        with torch.inference_mode():
            return function(*args, **kwargs)

    return run
