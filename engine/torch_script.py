"""The experiment as a plain PyTorch script: for students, and as proof.

The script is self-contained and written as a PyTorch user would write it: `nn.Module`, autograd,
`torch.optim`. Its data lie beside it in an .npz file. It knows nothing of this program, and yet
its losses and gradient norms are those of the run, which tests hold it to: to 1e-4 over the first
50 steps, or for as long as the script itself says the same in float32 and in float64. Beyond that
a rounding has grown to where no two programs agree. Most experiments agree to the last bit, since
the network computes with the operators of autograd; not those with softplus, softsign,
normalisation by the root mean square, LARS, a norm that is clipped, or a loss that is scaled.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.complete_files import complete_files
from engine.config import RunConfig
from engine.datasets import Data, is_data_path, load_data
from engine.fields import ConfigError, Words
from engine.input_files import system_words
from engine.script_parts import expectation, head, initialization, model, training

if TYPE_CHECKING:
    from engine.snapshot import RunSnapshot

# Why there is no script, or it cannot be written.
MIXED_PRECISION = "must be another format for a script: mixed precision is another loop"
ONE_SAMPLE = "must be at least 2 for a script: PyTorch normalises no batch of one sample"
IN_PLACE_OF_DATA = "would take the place of the data set, {0}"
NAME_IS_TAKEN = "its data need the name {0}, which another file has"
UNWRITABLE = "must be writable ({0})"
REFUSALS = (
    MIXED_PRECISION, ONE_SAMPLE, IN_PLACE_OF_DATA, NAME_IS_TAKEN, UNWRITABLE,
)  # fmt: skip


def steps_changed(config: RunConfig, runs: Sequence[RunSnapshot]) -> tuple[int, ...]:
    """Return the steps after which the run of an experiment was changed while it went on.

    Args:
        config: the experiment.
        runs: of the window; the first is that of the experiment, unless it is being built.
    """
    if not runs or runs[0].config != config:
        return ()
    fields = (change for change in runs[0].changes if change.field != "max_steps")
    return tuple(sorted({change.step for change in fields if change.step > 0}))


def script_text(
    config: RunConfig, data: Data, data_name: str = "data.npz", changed: Sequence[int] = ()
) -> str:
    """Return the script of an experiment.

    Args:
        config: the experiment.
        data: its data, for the shapes.
        data_name: the file that `data_bytes` is written to, beside the script.
        changed: the steps after which the run was changed; the script knows its last values only.

    Raises:
        ConfigError: PyTorch has no plain counterpart of the experiment.
    """
    if config.precision == "mixed_float16":
        raise ConfigError("precision", config.precision, MIXED_PRECISION)
    if config.normalization == "batch" and min(config.batch_size, len(data.train_x)) == 1:
        raise ConfigError("batch_size", config.batch_size, ONE_SAMPLE)
    return "\n".join(
        [
            head(config, data_name, data.classes, expectation(changed)),
            model(config, data),
            initialization(config),
            training(config, data),
        ]
    )


# What the text on the clipboard reads its data from, in the folder where it is run.
CLIPBOARD_DATA = "experiment_data.npz"


def clipboard_script(config: RunConfig, changed: Sequence[int] = ()) -> str:
    """Return the script as text to paste, which says where its data are to be had.

    Args:
        config: the experiment.
        changed: as of `script_text`.

    Raises:
        ConfigError: the experiment has no plain script, or its data cannot be read.
    """
    data = load_data(config.dataset, config.seed)
    text, expected = script_text(config, data, CLIPBOARD_DATA, changed), expectation(changed)
    share = config.share_string()
    # Pasted into a notebook there is no file that the data could lie beside.
    text = text.replace(f"Path(__file__).with_name({CLIPBOARD_DATA!r})", repr(CLIPBOARD_DATA))
    text = text.replace("from pathlib import Path\n", "")
    told = (
        f"{expected}\n"
        f"Its data, {CLIPBOARD_DATA}, are written by\n"
        f"python main.py --experiment '{share}' --export-script experiment.py\n"
    )
    return text.replace(expected, told, 1)


# Beside a script, experiment.py, its data are experiment_data.npz.
DATA_ENDING = "_data.npz"
# In each such file: another, which some other program has written, is not to be replaced.
DATA_MARK = b"the data of an exported PyTorch script"


def data_bytes(data: Data) -> bytes:
    """Return the data file of a script: standardised samples and their labels or targets."""
    file = io.BytesIO()
    np.savez_compressed(file, x=data.train_x, y=data.train_y)
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = DATA_MARK
    return file.getvalue()


def export_script(config: RunConfig, path: Path, changed: Sequence[int] = ()) -> Path:
    """Write the script, and its data beside it; return the path of the data.

    Args:
        config: the experiment.
        path: of the script.
        changed: as of `script_text`.

    Raises:
        ConfigError: the experiment has no plain script, or the files cannot be written or would
            take the place of others.
    """
    data = load_data(config.dataset, config.seed)
    data_path = path.with_name(f"{path.stem}{DATA_ENDING}")
    for place in (path, data_path):
        if is_data_path(config.dataset) and place.exists() and place.samefile(config.dataset):
            words = Words(IN_PLACE_OF_DATA, (config.dataset,))
            raise ConfigError("export_script", str(path), words)
    if _is_foreign(data_path):
        raise ConfigError("export_script", str(path), Words(NAME_IS_TAKEN, (data_path.name,)))
    text = script_text(config, data, data_path.name, changed)
    try:
        with complete_files() as begin:
            for place, content in ((data_path, data_bytes(data)), (path, text.encode("utf-8"))):
                with begin(place) as file:
                    file.write(content)
    except OSError as error:
        words = Words(UNWRITABLE, (system_words(error),))
        raise ConfigError("export_script", str(path), words) from None
    return data_path


def _is_foreign(path: Path) -> bool:
    """Say whether something lies at a path that no earlier export has written there."""
    if not os.path.lexists(path):
        return False
    try:
        with zipfile.ZipFile(path) as file:
            return file.comment != DATA_MARK
    except (OSError, zipfile.BadZipFile):
        return True
