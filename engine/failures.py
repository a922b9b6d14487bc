"""What a person is told of an error, and can do about one that comes from the machine."""

from __future__ import annotations

import logging
import traceback

from engine.fields import ConfigError
from engine.snapshot import Failure

logger = logging.getLogger(__name__)

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


def failure_of(error: BaseException) -> Failure:
    """Turn an exception into what the person is shown; one that nobody meant is logged."""
    from engine.lockstep import RunError

    run = None
    if isinstance(error, RunError) and error.__cause__ is not None:
        run, error = error.run, error.__cause__
    if isinstance(error, ConfigError):
        return Failure(str(error), refused=error, run=run)
    logger.error("the engine failed", exc_info=error)
    text = "".join(traceback.format_exception(error))
    message = f"{type(error).__name__}: {error}".strip()
    return Failure(message, text, run=run, hint=hint_of(error))
