"""The changes of the experiment that can be undone, and those that were."""

from __future__ import annotations

from engine.config import RunConfig

MOST_CHANGES = 200


class Changes:
    """The experiments that the person went through, and where among them he stands.

    Args:
        config: the first.
    """

    def __init__(self, config: RunConfig) -> None:
        self._configs = [config]
        self._place = 0

    def note(self, config: RunConfig) -> None:
        """Remember an experiment that the person has gone on to; what was undone is forgotten."""
        if config == self._configs[self._place]:
            return
        del self._configs[self._place + 1 :]
        self._configs.append(config)
        del self._configs[:-MOST_CHANGES]
        self._place = len(self._configs) - 1

    def undo(self) -> RunConfig | None:
        """Go back by one change; None where there is none."""
        return self._go(-1)

    def redo(self) -> RunConfig | None:
        """Make the change that was undone again; None where there is none."""
        return self._go(1)

    def _go(self, way: int) -> RunConfig | None:
        place = self._place + way
        if not 0 <= place < len(self._configs):
            return None
        self._place = place
        return self._configs[place]
