"""How much memory a run will need, before any of it is taken."""

from __future__ import annotations

import math
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.activations import ACTIVATIONS
from engine.config import SETTINGS
from engine.datasets import Data
from engine.fields import ConfigError
from engine.history import History
from engine.optimizers import RULES, needs_whole_gradient
from engine.parameters import Layout
from engine.precision import PRECISIONS
from engine.theory.anchor import GRAM_DEPTH, GRAM_SAMPLES

if TYPE_CHECKING:
    import torch

    from engine.config import RunConfig

# What PyTorch and the window take besides, and what a machine must keep to stay usable.
RESERVE_BYTES = 2**28
CGROUP = Path("/sys/fs/cgroup")
# A limit as large as this is how the older interface says that there is none.
NO_LIMIT_BYTES = 2**60


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes that a run needs.

    Attributes:
        weights: the weights, as they are updated and as they are multiplied with.
        gradients: the gradients, and what it takes to measure them.
        optimizer: what the update rule remembers.
        update: what it takes while it updates a block.
        activations: h, z, their gradients and what stabilisers add, for one batch.
        data: samples on the device.
        history: the record of the run, in the main memory.
    """

    weights: int
    gradients: int
    optimizer: int
    update: int
    activations: int
    data: int
    history: int

    @property
    def device(self) -> int:
        """Bytes on the device that computes."""
        return self.total - self.history

    @property
    def total(self) -> int:
        """All bytes."""
        return sum(vars(self).values())


def estimate_memory(
    config: RunConfig, layout: Layout, data: Data, validation_samples: int, in_turn: bool
) -> MemoryEstimate:
    """Add up what a run allocates.

    Args:
        config: the experiment.
        layout: the shapes of its network.
        data: its samples, as they are loaded.
        validation_samples: on how many samples it is validated at most.
        in_turn: blocks of layers take turns in the memory of their gradients.
    """
    precision = PRECISIONS[config.precision]
    master, compute = _bytes_of(precision.master), _bytes_of(precision.compute)
    mixed = precision.master != precision.compute
    size = layout.flat_size()
    blocks = [len(layers) * _product(layout.shape(layers[0])) for layers in layout.blocks]
    batch = min(config.batch_size, len(data.train_x))
    others = [
        _parameters_of(layout, layers) - weights
        for layers, weights in zip(layout.blocks, blocks, strict=True)
    ]
    units = [
        len(layers) * batch * layout.widths[layers[0] + 1]
        for layers in layout.activation_groups
        if layers
    ]
    wide = max(compute, 4)
    # The weights of a block before its update, and copies of what has two bytes in a wider format.
    measuring = wide * max(blocks)
    if compute < wide:
        measuring += wide * max(blocks + units + others)
    if layout.depth <= GRAM_DEPTH:
        # The inner products that the prediction hangs on: of inputs and two gradients.
        measuring += 3 * 8 * min(batch, GRAM_SAMPLES) ** 2
    # As they are stored, in the format of the weights, and where a step waits for all of them.
    gradients = layout.flat_size(in_turn) * (compute + (master if mixed else 0))
    if in_turn and needs_whole_gradient(config):
        gradients += size * master
    features, outputs = data.n_in, 1 if data.classes else data.n_out
    target_bytes = 8 if data.classes else compute
    rule = RULES[config.optimizer]
    samples = len(data.train_x) + min(validation_samples, len(data.validation_x))
    return MemoryEstimate(
        weights=size * (master + (compute if mixed else 0)),
        gradients=gradients + measuring,
        optimizer=size * master * rule.memories,
        update=max(
            rule.scratch(master, weights, other)
            for weights, other in zip(blocks, others, strict=True)
        ),
        activations=compute
        * batch
        * (_activation_units(config, layout) + layout.widths[0] + 2 * layout.widths[-1]),
        data=samples * (features * compute + outputs * target_bytes),
        history=History.bytes_needed(config.depth),
    )


def _activation_units(config: RunConfig, layout: Layout) -> int:
    """Return how many numbers the buffers of the hidden activations hold for each sample."""
    normalized, gated = config.normalization != "none", config.skip == "highway"
    skip, dropout = config.skip != "none", config.dropout > 0
    kept = not ACTIVATIONS[config.activation].slope_from_output
    units = 0
    for run in layout.width_runs()[:-1]:
        groups = [layers for layers in layout.activation_groups if layers and layers[0] in run]
        largest = max(map(len, groups))
        # h; u, unless it is shared; a; z or x̂, the mask and the gate.
        rows = len(run) * (1 + kept + (skip or dropout) + normalized + dropout + gated)
        # dL/dz; u; z beside x̂; dL/da and that of the gate; and dL/dh, of up to three groups.
        rows += largest * (1 + (not kept) + (config.normalization == "rms"))
        rows += largest * ((gated or dropout) + gated)
        rows += largest * min(len(groups) - 1, 2) + len(groups[-1])
        units += rows * layout.widths[run[0] + 1]
    return units


def _parameters_of(layout: Layout, block: range) -> int:
    """Return the number of parameters of a block."""
    return sum(math.prod(shape) for _, shape in layout.tensors(block))


def _bytes_of(format_name: str) -> int:
    return {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}[format_name]


def _product(shape: tuple[int, int]) -> int:
    return shape[0] * shape[1]


def require_memory(config: RunConfig, estimate: MemoryEstimate, device: torch.device) -> None:
    """Refuse a run that would not fit.

    Raises:
        ConfigError: names the estimate, the limit and what to lower.
    """
    if device.type == "cuda":
        import torch

        free, _ = torch.cuda.mem_get_info(device)
        _refuse(config, estimate, estimate.device, free, f"free on {device}")
        needed = estimate.history
    else:
        needed = estimate.total
    _refuse(config, estimate, needed, free_memory(), "free memory here")


def _refuse(
    config: RunConfig, estimate: MemoryEstimate, needed: int, free: int, where: str
) -> None:
    limit = max(free - RESERVE_BYTES, 0)
    if needed <= limit:
        return
    parameters = estimate.weights + estimate.gradients + estimate.optimizer + estimate.update
    by_samples = estimate.activations > parameters
    field, lower = ("batch_size", "batch_size, depth or width")
    if estimate.history > parameters + estimate.activations:
        # The record of every layer grows with nothing but their number.
        field, lower = ("width" if isinstance(config.width, tuple) else "depth", "depth")
    elif not by_samples:
        wide = max(config.widths) > config.depth
        field, lower = ("width" if wide else "depth", "width or depth")
    raise ConfigError(
        field,
        SETTINGS[field].kind.write(getattr(config, field)),
        f"must be lower: the run would need {_size(needed)} of memory and at most {_size(limit)} "
        f"can be had ({where}); lower {lower}",
    )


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"


# What there is ----------------------------------------------------------------------------------


def free_memory() -> int:
    """Return how many bytes of the main memory can still be taken, limits of a container kept."""
    if sys.platform == "win32":
        return _free_on_windows()
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        fields = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        free = int(fields["MemAvailable"].split()[0]) * 1024
        return min(free, _free_in_container())
    # No system call tells on macOS how much is free; what there is, is an upper limit.
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _free_in_container() -> int:
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            most = (CGROUP / limit).read_text().strip()
            taken = int((CGROUP / used).read_text())
            cached = _reclaimable((CGROUP / used).with_name("memory.stat").read_text())
        except (OSError, ValueError):
            continue
        if most.isdecimal() and int(most) < NO_LIMIT_BYTES:
            return max(int(most) - taken + cached, 0)
    return NO_LIMIT_BYTES


def _reclaimable(statistics: str) -> int:
    """Return the bytes of files that are only kept because nobody needed the room yet."""
    fields = dict(line.split(None, 1) for line in statistics.splitlines())
    return int(fields.get("inactive_file", 0)) + int(fields.get("active_file", 0))


def _free_on_windows() -> int:
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((name, ctypes.c_ulonglong) for name in
              ("total", "free", "total_page", "free_page", "total_virtual", "free_virtual",
               "free_extended")),
        )  # fmt: skip

    status = Status(length=ctypes.sizeof(Status))
    library = getattr(ctypes, "windll").kernel32  # noqa: B009  (only there on Windows)
    library.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.free)
