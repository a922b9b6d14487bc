"""Turns loops over arrays into machine code that does not hold Python's lock.

From source Numba does it when a loop first runs, and keeps the result beside the source or, where
that cannot be written, in the person's own cache. The executable brings no compiler: its builder
has compiled all of them for the processors there are (resources/packaging/loops.py).
"""

from __future__ import annotations

import importlib
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, Final, TypeVar, cast

Loop = TypeVar("Loop", bound=Callable[..., Any])

# What may be done to sums: adding in any order, as every parallel reduction does. NaN and Inf keep
# their meaning.
FAST_MATH = {"reassoc", "nsz", "contract"}
ERROR_MODEL: Final = "numpy"
# Formats that a loop reads, by bytes of an entry: those of two bytes are converted first.
FORMATS = {4: "f4", 8: "f8"}
ANY_FORMAT = "{f}"


@dataclass(frozen=True)
class Target:
    """Processors that the executable's loops are compiled for.

    Attributes:
        module: what is compiled for them.
        processor: LLVM's name of the oldest of them.
        capabilities: names of PyTorch for processors that are able; empty: all.
    """

    module: str
    processor: str
    capabilities: tuple[str, ...]


# The best first, by the name of the machine; the last runs everywhere.
TARGETS = {
    "x86_64": (
        Target("loops_avx2", "x86-64-v3", ("AVX2", "AVX512")),
        Target("loops", "x86-64", ()),
    ),
    "arm64": (Target("loops", "generic", ()),),
}
MACHINES = {"amd64": "x86_64", "aarch64": "arm64"}
# Every loop that is compiled, as it is written, with its signature.
LOOPS: dict[str, tuple[Callable[..., Any], str]] = {}


def targets() -> tuple[Target, ...]:
    """Return what is compiled for machines such as this one."""
    machine = platform.machine().lower()
    return TARGETS[MACHINES.get(machine, machine)]


def compiled(signature: str) -> Callable[[Loop], Loop]:
    """Return a decorator that makes machine code of a loop.

    Args:
        signature: types of result and arguments as Numba writes them; `{f}` stands for float32 and
            for float64, whichever the first argument has.
    """

    def compile_loop(loop: Loop) -> Loop:
        LOOPS[loop.__name__] = loop, signature
        if getattr(sys, "frozen", False):
            return cast(Loop, _ready(loop.__name__, ANY_FORMAT in signature))
        from numba import njit

        make = njit(nogil=True, cache=True, fastmath=FAST_MATH, error_model=ERROR_MODEL)
        return cast(Loop, make(loop))

    return compile_loop


def name_for(loop: str, number_format: str) -> str:
    """Return what a loop of any format is called where it is compiled for one."""
    return f"{loop}_{number_format}"


def _ready(loop: str, any_format: bool) -> Callable[..., Any]:
    """Return a loop that was compiled before."""
    module = _ready_module()
    if not any_format:
        return cast(Callable[..., Any], getattr(module, loop))
    by_bytes = {size: getattr(module, name_for(loop, name)) for size, name in FORMATS.items()}

    def call(first: Any, *others: Any) -> Any:
        return by_bytes[first.itemsize](first, *others)

    return call


def compile_all() -> None:
    """Compile every loop for every format, as it happens otherwise when one first runs."""
    from numba.core.sigutils import normalize_signature

    from engine import kernels

    for name, (_, signature) in LOOPS.items():
        for number_format in FORMATS.values():
            of_format = signature.replace(ANY_FORMAT, number_format)
            types, _ = normalize_signature(of_format)  # type: ignore[no-untyped-call]
            getattr(kernels, name).compile(tuple(types))


@cache
def _ready_module() -> ModuleType:
    import torch

    able = torch.backends.cpu.get_cpu_capability()
    best = next(one for one in targets() if able in one.capabilities or not one.capabilities)
    return importlib.import_module(best.module)


if __name__ == "__main__":
    # Under its own name, so that there is one table of loops.
    importlib.import_module("engine.compilation").compile_all()
