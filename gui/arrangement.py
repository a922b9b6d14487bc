"""Where the views of the dashboard stand, as it is remembered from one start to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gui.splitters import Claim
from gui.views.table import KINDS, VIEWS

# Room for each column: weights in hundredths of the width. Beside the first stands the key to the
# colours.
COLUMN_CLAIMS = (Claim(67, 390), Claim(33, 220))


@dataclass(frozen=True)
class Arrangement:
    """Where the views stand.

    Attributes:
        columns: the names in each column, from the top; every view is in one of them.
        hidden: the names of those that are not shown.
        looks: what the views themselves remember, by their names.
    """

    columns: tuple[tuple[str, ...], ...]
    hidden: frozenset[str]
    looks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @staticmethod
    def default() -> Arrangement:
        """Return how the views stand at the first start."""
        columns = tuple(
            tuple(kind.name for kind in VIEWS if kind.column == column)
            for column in range(len(COLUMN_CLAIMS))
        )
        return Arrangement(columns, frozenset(kind.name for kind in VIEWS if not kind.shown))

    @staticmethod
    def read(text: str) -> Arrangement:
        """Return an arrangement that `write` wrote; what it does not know stands as at first.

        Views come and go between versions: names that are unknown are left out.
        """
        default = Arrangement.default()
        try:
            stored = json.loads(text)
            columns = [[str(name) for name in column] for column in stored["columns"]]
            hidden = {str(name) for name in stored["hidden"]}
            states = {
                str(name): {str(key): str(value) for key, value in state.items()}
                for name, state in stored.get("looks", {}).items()
            }
        except (ValueError, TypeError, KeyError, AttributeError):
            return default
        columns = (columns + [[] for _ in COLUMN_CLAIMS])[: len(COLUMN_CLAIMS)]
        seen: set[str] = set()
        for column in columns:
            column[:] = [n for n in dict.fromkeys(column) if n in KINDS and n not in seen]
            seen.update(column)
        for kind in VIEWS:
            if kind.name not in seen:
                columns[kind.column].append(kind.name)
                hidden |= {kind.name} & default.hidden
        known = {name: state for name, state in states.items() if name in KINDS}
        return Arrangement(tuple(map(tuple, columns)), frozenset(hidden & KINDS.keys()), known)

    def write(self) -> str:
        """Return the arrangement as one line of JSON."""
        stored = {"columns": self.columns, "hidden": sorted(self.hidden), "looks": self.looks}
        return json.dumps(stored)

    def place(self, name: str) -> tuple[int, int]:
        """Return column and row of a view."""
        for index, column in enumerate(self.columns):
            if name in column:
                return index, column.index(name)
        raise KeyError(name)

    def moved(self, name: str, column: int, row: int) -> Arrangement:
        """Return the arrangement with one view elsewhere; rows count without that view."""
        columns = [[n for n in names if n != name] for names in self.columns]
        columns[column].insert(row, name)
        return replace(self, columns=tuple(map(tuple, columns)))

    def shown(self, name: str, *, visible: bool) -> Arrangement:
        """Return the arrangement with one view shown or hidden."""
        hidden = self.hidden - {name} if visible else self.hidden | {name}
        return replace(self, hidden=hidden)
