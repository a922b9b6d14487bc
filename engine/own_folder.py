"""A folder for a recording: made if there is none, and one program's alone while it is written to.

The system holds the lock and lets go of it when the process ends, however that ends: what a killed
program has left in a folder keeps nobody from it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.complete_files import complete_file
from engine.fields import ConfigError, Words
from engine.input_files import system_words

# The file that is locked; it holds the number of the process, and is gone when that has ended.
LOCK = ".writing.lock"
# A name that somebody else takes away just now is looked for again, so often at most.
_ATTEMPTS = 100
# Windows keeps others from reading what is locked: the number of the process stands before it.
_LOCKED_PLACE = 2**30


_ANOTHER = Words("another")


class _Taken(Exception):  # noqa: N818 (no error: somebody else was first)
    """Another process holds the lock."""


class OwnFolder:
    """A folder that this process alone writes a recording to.

    Args:
        path: of the folder; `take` makes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None
        self._made: list[Path] = []

    def take(self) -> None:
        """Make the folder if there is none, and keep others from writing to it.

        Raises:
            ConfigError: it cannot be made or written to, or another program writes to it.
        """
        places = (self.path, *self.path.parents)
        self._made += [place for place in places if not os.path.lexists(place)]
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(self.path / LOCK)
            with complete_file(self.path / ".writable"):
                pass
            (self.path / ".writable").unlink()
        except _Taken as other:
            words = Words("must be a folder that no other run is writing to; {0} is", other.args)
            raise ConfigError("out", str(self.path), words) from None
        except (OSError, ValueError) as error:
            reason = system_words(error) if isinstance(error, OSError) else error
            words = Words("must be a folder to write to ({0})", (reason,))
            raise ConfigError("out", str(self.path), words) from None

    def take_again(self) -> bool:
        """Make the folder anew where it has gone; return whether it had.

        Raises:
            ConfigError: as of `take`.
        """
        if self._lock is not None and _is_at(self._lock, self.path / LOCK):
            return False
        had_gone = not self.path.is_dir()
        self._let_go()
        self.take()
        return had_gone

    def leave(self) -> None:
        """Let others write to it; folders that were made and hold nothing are gone again."""
        self._let_go()
        for place in self._made:
            # It holds something, or nothing can be called like that.
            with suppress(OSError, ValueError):
                place.rmdir()

    def _let_go(self) -> None:
        if self._lock is None:
            return
        with suppress(OSError):
            # Before it is let go of: afterwards it may be another's.
            if sys.platform != "win32" and _is_at(self._lock, self.path / LOCK):
                (self.path / LOCK).unlink()
        os.close(self._lock)
        self._lock = None
        if sys.platform == "win32":
            with suppress(OSError):
                (self.path / LOCK).unlink()


@contextmanager
def prepared_folder(path: Path) -> Iterator[OwnFolder]:
    """Make sure that a recording can be written to a folder, before there is anything to write.

    Raises:
        ConfigError: it cannot.
    """
    folder = OwnFolder(path)
    try:
        folder.take()
        yield folder
    finally:
        folder.leave()


def _locked(path: Path) -> int:
    """Return a file that this process holds the lock of.

    Raises:
        _Taken: another process does; says which.
        OSError: it cannot be written.
    """
    for _ in range(_ATTEMPTS):
        file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            _lock(file)
            if _is_at(file, path):
                # On a full disk nobody learns which process it is.
                with suppress(OSError):
                    os.ftruncate(file, 0)
                    os.write(file, f"{os.getpid()}\n".encode())
                return file
        except BlockingIOError:
            number = os.read(file, 20).decode("ascii", "replace").strip()
            os.close(file)
            other = Words("process {0}", (number,)) if number.isdecimal() else _ANOTHER
            raise _Taken(other) from None
        except BaseException:
            os.close(file)
            raise
        os.close(file)
    raise _Taken(_ANOTHER)


def _lock(file: int) -> None:
    """Lock a file for this process.

    Raises:
        BlockingIOError: another holds it.
    """
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, _LOCKED_PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from None
        finally:
            os.lseek(file, 0, os.SEEK_SET)
        return
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        # Some disks over a network know no locks: there nobody is kept out.
        return


def _is_at(file: int, path: Path) -> bool:
    """Say whether an open file is the one that has this name now."""
    try:
        there = path.stat(follow_symlinks=False)
    except OSError:
        return False
    mine = os.fstat(file)
    return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)
