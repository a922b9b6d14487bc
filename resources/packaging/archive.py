"""One file to download: the folder of the executable, packed, and its checksum."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

# Level 12 saves another six per cent and takes many times as long.
LEVEL = 6


def pack(folder: Path) -> Path:
    """Pack a folder and return the archive beside it, whose name ends in its kind."""
    if sys.platform.startswith("linux"):
        return _tar_zst(folder)
    return _ditto(folder) if sys.platform == "darwin" else _zip(folder)


def write_checksum(archive: Path) -> Path:
    """Write the SHA-256 of an archive beside it, as `sha256sum -c` reads it."""
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    target = archive.with_name(archive.name + ".sha256")
    target.write_text(f"{digest}  {archive.name}\n", encoding="ascii")
    return target


def _tar_zst(folder: Path) -> Path:
    import zstandard

    target = folder.with_name(folder.name + ".tar.zst")
    compressor = zstandard.ZstdCompressor(LEVEL, threads=-1, write_checksum=True)
    with (
        target.open("wb") as file,
        compressor.stream_writer(file) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.GNU_FORMAT) as tar,
    ):
        tar.add(folder, arcname=folder.name, filter=_anonymous)
    return target


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out who built it."""
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def _ditto(folder: Path) -> Path:
    # An .app is full of symbolic links, which Python's zipfile would follow.
    target = folder.with_name(folder.name + ".zip")
    subprocess.run(["ditto", "-c", "-k", "--keepParent", str(folder), str(target)], check=True)
    return target


def _zip(folder: Path) -> Path:
    target = folder.with_name(folder.name + ".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, path.relative_to(folder.parent))
    return target
