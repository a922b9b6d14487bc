"""The buffers that a network works on, made once.

What is written anew in every pass and needed for a while only takes turns in shared memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Union

from engine.activations import ACTIVATIONS
from engine.parameters import Layout

if TYPE_CHECKING:
    from torch import Tensor

    from engine.config import RunConfig


@dataclass(frozen=True)
class SharedRows:
    """A buffer whose rows are needed for a while only, so that layers take turns in it.

    What is written anew stays in the cache then, where rows of their own would have to be fetched
    from far away only to be overwritten.

    Attributes:
        memory: (rows, batch, width).
        rows: which row a layer of the stack has.
    """

    memory: Tensor
    rows: Sequence[int]

    def __getitem__(self, index: int | slice) -> Tensor:
        if isinstance(index, slice):
            start = self.rows[index.start]
            return self.memory[start : start + index.stop - index.start]
        return self.memory[self.rows[index]]


Rows = Union["Tensor", SharedRows]


@dataclass(frozen=True)
class ActivationStack:
    """The buffers of consecutive layers of one width; each (layers, batch, width).

    Those of `z`, `u`, `dz`, `dh`, `da` and `dgate` may be shared: they are then to be read before
    the pass goes on to the next block, those of `dh` before it leaves the next.

    Attributes:
        layers: which layers.
        z: pre-activations.
        u: what φ is applied to: `z` itself, or `z` normalised.
        a: φ(u); the same tensor as `h` in a plain network.
        h: what the next layer sees.
        dz: dL/dz.
        dh: dL/dh.
        da: dL/da; the same tensor as `dh` where a is what the next layer sees or adds.
        x_hat: `z` by its root mean square, before scale and shift; None without that.
        keep: dropout's mask, 0 or 1 / (1 − p); None without dropout.
        gate: the highway's t; None without.
        dgate: dL/d(the gate's pre-activation); None without.
    """

    layers: range
    z: Rows
    u: Rows
    a: Tensor
    h: Tensor
    dz: Rows
    dh: Rows
    da: Rows
    x_hat: Tensor | None
    keep: Tensor | None
    gate: Tensor | None
    dgate: Rows | None


def allocate(config: RunConfig, layout: Layout, run: range, x: Tensor) -> ActivationStack:
    """Return the buffers of consecutive layers of one width.

    Args:
        config: the experiment.
        layout: the shapes of its network.
        run: the layers.
        x: the batch, (batch, n_in).
    """
    shape = (len(x), layout.widths[run[0] + 1])
    groups = [group for group in layout.activation_groups if group and group[0] in run]
    largest = max(map(len, groups))
    in_group = [layer - group[0] for group in groups for layer in group]
    # Going back, a block also writes dL/dh of the last layer of the block before. That of the
    # last block is kept: the prediction hangs on it.
    last = min(len(groups) - 1, 2)
    in_turn = [
        layer - group[0] + largest * (last if group is groups[-1] else index % 2)
        for index, group in enumerate(groups)
        for layer in group
    ]

    def own() -> Tensor:
        return x.new_zeros(len(run), *shape)

    def shared(rows: list[int] = in_group) -> SharedRows:
        return SharedRows(x.new_zeros(max(rows) + 1, *shape), rows)

    if run[-1] == layout.depth:
        # The output layer is linear: h is z, and dL/dh is dL/dz.
        out, delta = own(), own()
        nothing = (None, None, None, None)
        return ActivationStack(run, out, out, out, out, delta, delta, delta, *nothing)
    kind = config.normalization
    skip, dropout = config.skip != "none", config.dropout > 0
    gated = config.skip == "highway"
    h, dh = own(), shared(in_turn)
    u = shared() if ACTIVATIONS[config.activation].slope_from_output else own()
    return ActivationStack(
        layers=run,
        # Those two normalise z once more on the way back.
        z=own() if kind in ("batch", "layer") else shared() if kind == "rms" else u,
        u=u,
        a=own() if skip or dropout else h,
        h=h,
        dz=shared(),
        dh=dh,
        da=shared() if gated or dropout else dh,
        x_hat=own() if kind == "rms" else None,
        keep=own() if dropout else None,
        gate=own() if gated else None,
        dgate=shared() if gated else None,
    )
