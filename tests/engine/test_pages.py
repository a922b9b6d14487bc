"""What is no longer used goes back to the system."""

import mmap
import sys

import numpy as np
import pytest

from engine.pages import give_back, own_pages
from gui.memory import resident_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into Linux's own records")

SIZE = 2**25


def test_an_array_of_pages_is_like_any_other_and_goes_at_once():
    before = resident_bytes()
    array = own_pages((4, SIZE // 32))
    assert array.shape == (4, SIZE // 32)
    assert array.dtype == np.float64
    assert np.isnan(array).all()
    assert resident_bytes() - before > 0.9 * SIZE
    array.fill(1.5)
    assert float(array.sum()) == 1.5 * SIZE / 8
    del array
    assert resident_bytes() - before < 0.1 * SIZE


def test_no_room_for_pages_is_no_memory(monkeypatch):
    def refuse(*_, **__):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(mmap, "mmap", refuse)
    with pytest.raises(MemoryError, match="no room for 32 MiB"):
        own_pages((SIZE // 8,))


def test_what_lies_between_blocks_in_use_goes_back_when_it_is_asked_for():
    # Below the size from which the C library takes pages by themselves.
    blocks = [np.ones(2**13) for _ in range(1024)]
    kept = blocks[::8]
    taken = resident_bytes()
    del blocks
    give_back()
    assert taken - resident_bytes() > 0.5 * 7 / 8 * 1024 * 2**16
    assert all(block.all() for block in kept)
