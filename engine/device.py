"""Where a run computes."""

from __future__ import annotations

import os
import platform
import re
from typing import TYPE_CHECKING

from engine import version
from engine.fields import ConfigError

if TYPE_CHECKING:
    import torch

# How `device_words` names a processor, for whoever says it in another language.
CPU_WORDS = re.compile(r"cpu \((.*), (\d+) threads?\)")


def choose_device(name: str) -> torch.device:
    """Return the device of a run.

    Args:
        name: "auto", "cpu", "cuda" or "cuda:N".

    Raises:
        ConfigError: there is no such device here.
    """
    import torch

    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cpu":
        return torch.device("cpu")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if count == 0:
        reason = "PyTorch finds no CUDA device here"
        if version.IS_EXECUTABLE:
            reason = "this is the CPU edition; with an NVIDIA card run the program from source"
        raise ConfigError("device", name, f"must be auto or cpu: {reason}")
    index = int(name.partition(":")[2] or 0)
    if index >= count:
        raise ConfigError("device", name, f"must be at most cuda:{count - 1} on this machine")
    return torch.device("cuda", index)


def default_threads() -> int:
    """Return how many threads compute unless told otherwise.

    One core is left to the window: with every core given away and anything else busy, the
    workers spin against each other and a step takes hundreds of times longer.
    """
    return max(
        1,
        len(os.sched_getaffinity(0)) - 1
        if hasattr(os, "sched_getaffinity")
        else (os.cpu_count() or 2) - 1,
    )


def use_threads(threads: int) -> None:
    """Compute on so many threads; 0 is the default of this machine."""
    import torch

    wanted = threads or default_threads()
    if torch.get_num_threads() != wanted:
        torch.set_num_threads(wanted)


def device_words(device: torch.device) -> str:
    """Name a device for people."""
    import torch

    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    threads = torch.get_num_threads()
    return f"cpu ({platform.machine()}, {threads} thread{'s' if threads > 1 else ''})"
