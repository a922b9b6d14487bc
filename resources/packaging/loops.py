"""Compile the engine's loops for the executable, which brings no compiler.

Numba's own compiler of modules passes on none of the options that the loops are made with; so what
it makes of a loop is told here. It needs a C compiler and Python's headers, here and nowhere else.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import kernels
from engine.compilation import (
    ANY_FORMAT,
    ERROR_MODEL,
    FAST_MATH,
    FORMATS,
    LOOPS,
    Target,
    name_for,
    targets,
)


def compile_loops(folder: Path) -> list[Path]:
    """Compile every loop for every target of this machine; return the modules' files."""
    assert kernels, "what registers the loops"
    return [_compile(target, folder) for target in targets()]


def _compile(target: Target, folder: Path) -> Path:
    with warnings.catch_warnings():
        # That it may go one day is known: then Numba has something better.
        warnings.simplefilter("ignore")
        import numba.pycc
        import numba.pycc.compiler

        numba.pycc.compiler.Flags = _flags
        module = numba.pycc.CC(target.module)
        module.output_dir = str(folder)
        module.target_cpu = target.processor
        for name, (loop, signature) in LOOPS.items():
            if ANY_FORMAT not in signature:
                module.export(name, signature)(loop)
                continue
            for number_format in FORMATS.values():
                of_format = signature.replace(ANY_FORMAT, number_format)
                module.export(name_for(name, number_format), of_format)(loop)
        module.compile()
    return folder / module.output_file


def _flags() -> object:
    from numba.core.compiler import Flags

    flags = Flags()
    flags.release_gil = True
    flags.fastmath = FAST_MATH
    flags.error_model = ERROR_MODEL
    return flags


if __name__ == "__main__":
    print(*compile_loops(Path(sys.argv[1])), sep="\n")
