"""What a person can do about an error that comes from the machine and not from the program."""

from __future__ import annotations

OUT_OF_MEMORY = "There is not enough memory: lower depth, width or batch size."
CARD_LOST = (
    "The graphics card has failed: take the processor as device, or start the program again."
)
HINTS = (OUT_OF_MEMORY, CARD_LOST)


def hint_of(error: BaseException) -> str:
    """Say in a sentence of `HINTS` what can be done; empty where nothing is known."""
    text = str(error)
    # PyTorch has a class of its own for a graphics card's memory, and none for the main memory's.
    short_of_memory = "can't allocate memory" in text or "OutOfMemory" in type(error).__name__
    if isinstance(error, MemoryError) or short_of_memory:
        return OUT_OF_MEMORY
    if "CUDA error" in text:
        return CARD_LOST
    return ""
