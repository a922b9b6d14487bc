"""The version of the program, written here and nowhere else."""

__version__ = "0.1.0"
