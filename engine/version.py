"""The version of the program, written here and nowhere else."""

import sys

__version__ = "0.1.0"

# Made by `sh .setup/package`, which refuses any PyTorch but the one for the CPU.
IS_EXECUTABLE = bool(getattr(sys, "frozen", False))


def version_words() -> str:
    """Return the version, and what kind of program this is where that makes a difference."""
    return f"{__version__} (executable, CPU edition)" if IS_EXECUTABLE else __version__
