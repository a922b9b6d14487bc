"""Files that appear under their names only when they are complete: all of a group, or none."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def complete_files(*, through_links: bool = True) -> Iterator[Callable[[Path], IO[bytes]]]:
    """Open files for writing, all of which appear under their names when the last is complete.

    If something goes wrong, none of them does, and what had these names before is still there. In
    the end they are renamed in the order in which they were opened, which takes no room on a disk.

    Args:
        through_links: where a name is a link, the file that it leads to is written; otherwise the
            link is replaced.

    Yields:
        What opens a file; whoever opens one closes it.

    Raises:
        OSError: a file cannot be written, or its name is that of something else than a file.
    """
    temporaries: dict[Path, Path] = {}

    def begin(path: Path) -> IO[bytes]:
        # A device that was replaced by a file would be gone for all programs.
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "is no regular file", str(path))
        place = Path(os.path.realpath(path)) if through_links else path
        temporaries[place] = place.with_name(f".{place.name}.{os.getpid()}.part")
        # Of a process that had the same number and was killed, or a link to somewhere else.
        temporaries[place].unlink(missing_ok=True)
        return temporaries[place].open("xb")

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
def complete_file(path: Path, *, through_links: bool = True) -> Iterator[IO[bytes]]:
    """Open a file for writing that appears under its name only when it is complete."""
    with complete_files(through_links=through_links) as begin, begin(path) as file:
        yield file
