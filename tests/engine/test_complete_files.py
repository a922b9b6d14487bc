"""What is written takes the place of a file, and of nothing else."""

import os

import pytest

from engine.complete_files import complete_file, complete_files


def test_a_link_is_followed(tmp_path):
    (tmp_path / "there").mkdir()
    kept = tmp_path / "there" / "kept"
    kept.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(kept)
    with complete_file(link) as file:
        file.write(b"new")
        assert kept.read_bytes() == b"old"
    assert link.is_symlink()
    assert kept.read_bytes() == b"new"
    assert list(kept.parent.iterdir()) == [kept]


def test_a_link_to_nothing_yet_makes_the_file(tmp_path):
    (tmp_path / "link").symlink_to("kept")
    with complete_file(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "kept").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def write_two(first, second):
    with complete_files() as begin:
        begin(first).close()
        begin(second).close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_what_is_no_file_stays_and_so_do_the_others_of_its_group(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(OSError, match="is no regular file"):
            write_two(tmp_path / "first", tmp_path / name)
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]
