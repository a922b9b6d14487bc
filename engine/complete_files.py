"""Files that appear under their names only when they are complete: all of a group, or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def complete_files() -> Iterator[Callable[[Path], IO[bytes]]]:
    """Open files for writing, all of which appear under their names when the last is complete.

    If something goes wrong, none of them does, and what had these names before is still there. In
    the end they are renamed in the order in which they were opened, which takes no room on a disk.

    Yields:
        What opens a file; whoever opens one closes it.
    """
    temporaries: dict[Path, Path] = {}

    def begin(path: Path) -> IO[bytes]:
        temporaries[path] = path.with_name(f".{path.name}.{os.getpid()}.part")
        return temporaries[path].open("wb")

    try:
        yield begin
        for path, temporary in temporaries.items():
            temporary.replace(path)
    finally:
        for temporary in temporaries.values():
            # Where this is refused, the reason to end here tells more.
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


@contextmanager
def complete_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that appears under its name only when it is complete."""
    with complete_files() as begin, begin(path) as file:
        yield file
