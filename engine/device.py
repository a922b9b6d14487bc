"""Where a run computes."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine import version
from engine.fields import ConfigError, Words

if TYPE_CHECKING:
    import torch


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
        no_card = Words("PyTorch finds no CUDA device here")
        cpu_only = Words("this is the CPU edition; with an NVIDIA card run the program from source")
        reason = cpu_only if version.IS_EXECUTABLE else no_card
        raise ConfigError("device", name, Words("must be auto or cpu: {0}", (reason,)))
    index = int(name.partition(":")[2] or 0)
    if index >= count:
        words = Words("must be at most cuda:{0} on this machine", (count - 1,))
        raise ConfigError("device", name, words)
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


@dataclass(frozen=True)
class Device:
    """Where a run computes.

    Attributes:
        name: a graphics card's, with its number; "cpu"; or what a recording says.
        machine: the kind of processor; empty where it is none, or not known.
        threads: that compute on it; 0 likewise.
    """

    name: str = ""
    machine: str = ""
    threads: int = 0

    def __str__(self) -> str:
        """Return it in words, for recordings and the console."""
        if not self.threads:
            return self.name
        return f"{self.name} ({self.machine}, {self.threads} thread{'s' * (self.threads > 1)})"


# Before there is a run.
NOWHERE = Device()

_PROCESSOR = re.compile(r"(cpu) \((.*), ([1-9]\d{0,5}) threads?\)", re.ASCII)


def read_device(words: str) -> Device:
    """Return the device that a recording names, as `Device` has written it."""
    found = _PROCESSOR.fullmatch(words)
    return Device(words) if found is None else Device(found[1], found[2], int(found[3]))


def describe(device: torch.device) -> Device:
    """Describe a device as it is now."""
    import torch

    if device.type == "cuda":
        return Device(f"{device} ({torch.cuda.get_device_name(device)})")
    return Device("cpu", platform.machine(), torch.get_num_threads())
