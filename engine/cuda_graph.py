"""One pass over a batch as a CUDA graph: recorded once, then replayed as a single launch.

Deep and narrow networks are bound by the cost of starting operations; a graph starts all of them
at once. What is recorded works on buffers made once and waits for nothing; numbers of Python are
recorded as they were, so that another loss scale is recorded anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from torch import Tensor

Pass = Callable[[float], "tuple[Tensor, Tensor | float]"]

# PyTorch asks for some runs before the recording, in which libraries set themselves up.
WARM_UP_RUNS = 3


class CapturedPass:
    """Runs a pass by replaying its recording.

    Args:
        run: the pass: takes the loss scale, and returns tensors that stay where they are.
        generator: of the random numbers that the pass draws.
        changed: what the pass itself changes from one batch to the next, put back after the
            runs that only warm up.
    """

    def __init__(
        self, run: Pass, generator: torch.Generator, changed: Sequence[Tensor] = ()
    ) -> None:
        self._run = run
        self._generator = generator
        self._changed = changed
        self._graph: torch.cuda.CUDAGraph | None = None
        self._loss_scale = 0.0
        self._results: tuple[Tensor, Tensor | float] | None = None

    def __call__(self, loss_scale: float) -> tuple[Tensor, Tensor | float]:
        """Run the pass on what now lies in its buffers."""
        if self._graph is None or loss_scale != self._loss_scale:
            self._record(loss_scale)
        assert self._graph is not None and self._results is not None
        self._graph.replay()
        return self._results

    def _record(self, loss_scale: float) -> None:
        import torch

        # The memory of the old recording is free for the new one.
        self._graph = self._results = None
        self._warm_up(loss_scale)
        graph = torch.cuda.CUDAGraph()
        # Every replay draws other numbers, as every run does.
        graph.register_generator_state(self._generator)
        with torch.cuda.graph(graph):
            self._results = self._run(loss_scale)
        self._graph, self._loss_scale = graph, loss_scale

    def _warm_up(self, loss_scale: float) -> None:
        import torch

        state = self._generator.get_state()
        kept = [tensor.clone() for tensor in self._changed]
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UP_RUNS):
                self._run(loss_scale)
        torch.cuda.current_stream().wait_stream(stream)
        for tensor, before in zip(self._changed, kept, strict=True):
            tensor.copy_(before)
        self._generator.set_state(state)
