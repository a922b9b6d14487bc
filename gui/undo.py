"""The changes of the experiment and its twins that can be undone, and those that were."""

from __future__ import annotations

from engine.config import RunConfig

MOST_CHANGES = 200

# The window's own experiment, then its twins in their order.
Configs = tuple[RunConfig, ...]


class Changes:
    """The experiments that the person went through, and where among them he stands.

    Args:
        configs: the first.
    """

    def __init__(self, configs: Configs) -> None:
        self._visited = [configs]
        self._place = 0

    def note(self, configs: Configs) -> None:
        """Remember experiments that the person has gone on to; what was undone is forgotten."""
        if configs == self._visited[self._place]:
            return
        del self._visited[self._place + 1 :]
        self._visited.append(configs)
        del self._visited[:-MOST_CHANGES]
        self._place = len(self._visited) - 1

    def undo(self) -> Configs | None:
        """Go back by one change; None where there is none."""
        return self._go(-1)

    def redo(self) -> Configs | None:
        """Make the change that was undone again; None where there is none."""
        return self._go(1)

    def _go(self, way: int) -> Configs | None:
        place = self._place + way
        if not 0 <= place < len(self._visited):
            return None
        self._place = place
        return self._visited[place]
