"""What of a recording is the same whenever the same experiment is trained."""

import csv
import io
import json
from pathlib import Path

import numpy as np

from engine.record import CURVE_QUANTITIES
from engine.recording import TIMES_AND_VERSIONS


def comparable(folder: Path) -> dict[str, bytes]:
    """Return the files of a recording without times and versions, by name; arrays each by name."""
    found: dict[str, bytes] = {}
    for path in sorted(folder.glob("*.csv")):
        found[path.name] = _table(path)
    found["run.json"] = _json((folder / "run.json").read_text(encoding="utf-8"))
    with np.load(folder / "run.npz", allow_pickle=False) as file:
        for name in file.files:
            found[name] = _array(name, file[name])
    return found


def _table(path: Path) -> bytes:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    kept = [place for place, name in enumerate(rows[0]) if name not in TIMES_AND_VERSIONS]
    return repr([[row[place] for place in kept] for row in rows]).encode()


def _json(text: str) -> bytes:
    def without(pairs: list[tuple[str, object]]) -> dict[str, object]:
        kept = {key: value for key, value in pairs if key not in TIMES_AND_VERSIONS}
        if isinstance(kept.get("curves"), list):
            # The last finite step of a run that diverged.
            named = zip(CURVE_QUANTITIES, kept["curves"], strict=True)
            kept["curves"] = [value for name, value in named if name not in TIMES_AND_VERSIONS]
        return kept

    return json.dumps(json.loads(text, object_pairs_hook=without)).encode()


def _array(name: str, array: np.ndarray) -> bytes:
    if name.endswith("about"):
        return _json(array.tobytes().decode("utf-8"))
    if name.endswith(("curves_values", "record_curves")):
        kept = [n not in TIMES_AND_VERSIONS for n in CURVE_QUANTITIES]
        array = array[..., kept]
    return str((array.dtype, array.shape)).encode() + array.tobytes()
