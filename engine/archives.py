"""Arrays out of an .npz file: nothing in it is run, and it is believed nothing that it says.

What an archive says of itself is compared with what is in it before any room is taken for it.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.input_files import FileError, require_regular

# The head of an array by the version of its format. The third differs in names of fields alone,
# which no array of ours has.
_HEADS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_MEGABYTE = 2**20


class ArchiveError(FileError):
    """What is wrong with an archive."""


def read_archive(
    path: Path, most_bytes: int, wanted: Collection[str] = ()
) -> dict[str, NDArray[Any]]:
    """Read the arrays of an .npz file.

    Args:
        path: the file.
        most_bytes: it may unpack to, all arrays together.
        wanted: the names of those that are needed; the others are not read. Empty: all.

    Returns:
        The arrays by name; of those that are wanted, those that there are.

    Raises:
        ArchiveError: it is no such file, or a damaged one, or too large, or would have to be run.
        OSError: it cannot be read at all.
    """
    require_regular(path)
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ArchiveError("is not an .npz archive")
            with zipfile.ZipFile(file) as archive:
                return _arrays(archive, most_bytes, wanted)
    except (ValueError, KeyError, IndexError, TypeError, EOFError, RuntimeError, ArithmeticError,
            OSError, zipfile.BadZipFile, zlib.error) as error:  # fmt: skip
        if isinstance(error, ArchiveError):
            raise
        raise ArchiveError("is damaged") from error
    except MemoryError:
        raise ArchiveError("needs more memory than there is") from None


def _arrays(
    archive: zipfile.ZipFile, most_bytes: int, wanted: Collection[str]
) -> dict[str, NDArray[Any]]:
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        name = entry.filename.removesuffix(".npy")
        if name in entries:
            raise ArchiveError("holds {0} twice", name)
        entries[name] = entry
    unpacked = sum(entry.file_size for entry in entries.values())
    if unpacked > most_bytes:
        raise ArchiveError(
            "would unpack to {0} MiB; at most {1} MiB are read",
            unpacked // _MEGABYTE,
            most_bytes // _MEGABYTE,
        )
    arrays = {}
    for name, entry in entries.items():
        if not wanted or name in wanted:
            with archive.open(entry) as stream:
                _check_head(stream, name, entry.file_size)
            with archive.open(entry) as stream:
                arrays[name] = np.lib.format.read_array(stream, allow_pickle=False)
    return arrays


def _check_head(stream: IO[bytes], name: str, size: int) -> None:
    """Hold what an array says of itself against the bytes that there are."""
    read_head = _HEADS.get(np.lib.format.read_magic(stream))
    if read_head is None:
        raise ArchiveError("holds {0} in a format that is not read", name)
    shape, _, dtype = read_head(stream)
    if dtype.hasobject:
        raise ArchiveError("holds Python objects in {0}, which are never opened", name)
    claimed, there = math.prod(shape) * dtype.itemsize, size - stream.tell()
    if claimed != there:
        sizes = _amount(claimed), _amount(there)
        raise ArchiveError("says that {0} has {1}, and holds {2}", name, *sizes)


def _amount(size: int) -> str:
    if size < _MEGABYTE:
        return f"{size} bytes"
    # A head may claim a number of any length.
    return f"{size / 2**30:.3g} GiB" if size < 2**100 else "more than any machine has"
