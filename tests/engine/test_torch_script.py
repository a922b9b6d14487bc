"""The exported script, run in a fresh process, tells the same story as the engine.

To 1e-4, for 50 steps, or until the step where the script in float32 and the same script in float64
part by more than that: a measure of how far rounding has grown that does not ask the engine.
"""

import ast
import shlex
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engine.command_line import parse_command_line
from engine.config import RunConfig
from engine.datasets import load_data
from engine.fields import ConfigError
from engine.presets import presets
from engine.snapshot import Change, RunSnapshot
from engine.torch_script import clipboard_script, export_script, script_text, steps_changed
from engine.trainer import Trainer

STEPS = 50
TOLERANCE = 1e-4
SMALL = {"depth": 6, "width": 24, "batch_size": 32, "learning_rate": 0.005}
SPREAD = {
    "default": {},
    "relu_he": {"activation": "relu", "initializer": "kaiming_normal"},
    "torch_default": {"activation": "gelu", "initializer": "torch_default"},
    "orthogonal_gain": {"activation": "tanh", "initializer": "orthogonal", "gain": 1.2},
    "biases": {"activation": "softsign", "initializer": "lecun_normal", "bias_std": 0.2},
    "uniform_scaled": {"activation": "scaled_sigmoid", "initializer": "uniform", "gain": 1.5},
    "batch_norm": {"activation": "relu", "normalization": "batch"},
    "layer_norm": {"activation": "elu", "normalization": "layer", "optimizer": "momentum"},
    "rms_norm": {"activation": "silu", "normalization": "rms", "optimizer": "nesterov"},
    "residual": {"activation": "mish", "skip": "residual", "initializer": "xavier_uniform"},
    "highway": {"activation": "selu", "skip": "highway"},
    "dropout": {"activation": "tanh", "dropout": 0.2},
    "adam": {"activation": "tanh", "optimizer": "adam", "learning_rate": 0.001},
    "adamw": {"activation": "hardtanh", "optimizer": "adamw", "learning_rate": 0.001,
              "weight_decay": 0.1},
    "rmsprop": {"activation": "leaky_relu", "optimizer": "rmsprop", "learning_rate": 0.001},
    "lars": {"activation": "tanh", "optimizer": "lars", "weight_decay": 0.001,
             "learning_rate": 1.0},
    "clip_norm": {"activation": "tanh", "clip": "norm", "clip_threshold": 0.1},
    "clip_value": {"activation": "softplus", "clip": "value", "clip_threshold": 0.01},
    "regression": {"activation": "tanh", "dataset": "sine"},
    "float64": {"activation": "tanh", "precision": "float64"},
    "widths": {"activation": "relu", "initializer": "kaiming_normal", "width": (40, 8, 8, 24)},
    "widths_residual": {"activation": "tanh", "skip": "residual", "width": (40, 8, 8, 24, 24)},
    "widths_highway": {"activation": "tanh", "skip": "highway", "width": (64, 8, 8, 24, 24)},
    "widths_rms_dropout": {"activation": "elu", "normalization": "rms", "dropout": 0.2,
                           "width": (16, 16, 32, 16)},
    "lsuv": {"activation": "relu", "initializer": "lsuv"},
    "lsuv_gain": {"activation": "tanh", "initializer": "lsuv", "gain": 1.3, "bias_std": 0.1,
                  "skip": "highway"},
    "lsuv_batch_dropout": {"activation": "relu", "initializer": "lsuv", "normalization": "batch",
                           "dropout": 0.2, "skip": "residual"},
    "lsuv_widths": {"activation": "elu", "initializer": "lsuv", "width": (40, 8, 8, 24)},
    "loss_scale": {"activation": "tanh", "loss_scale": 1024.0, "clip": "norm",
                   "clip_threshold": 0.1},
    "loss_scale_odd": {"activation": "tanh", "loss_scale": 3.0, "optimizer": "adam",
                       "learning_rate": 0.001, "dataset": "sine"},
    "loss_scale_dynamic": {"activation": "relu", "initializer": "kaiming_normal",
                           "loss_scale": "dynamic", "optimizer": "momentum"},
}  # fmt: skip


# What the engine computes in another way than autograd: rounding differs.
INEXACT = (
    "biases",
    "rms_norm",
    "widths_rms_dropout",
    "lars",
    "clip_norm",
    "clip_value",
    "lsuv_batch_dropout",
    "loss_scale_odd",
    "loss_scale_dynamic",
)


# Runs every script it is given, as `python run.py` would, and marks where each begins.
RUNNER = """
import runpy, sys
for path in sys.argv[1:]:
    print("script", path)
    runpy.run_path(path, run_name="__main__")
"""


def run_scripts(folder: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Run scripts in one fresh process: most of its time goes into importing torch.

    Returns:
        By name, for each step: its number, the loss, the norm of dL/dh of every hidden layer.
    """
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNNER, *(f"{name}.py" for name in names)],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    parts = result.stdout.split("script ")[1:]
    found = {}
    for part in parts:
        name, *lines = part.splitlines()
        found[name.removesuffix(".py")] = np.array([line.split() for line in lines], float)
    return found


def recorded(config: RunConfig) -> np.ndarray:
    """Return what the engine records, in the columns of a script; nothing after an accident."""
    trainer = Trainer(config)
    records = [trainer.step()]
    while len(records) < STEPS and records[-1].first_bad is None:
        records.append(trainer.step())
    return np.array(
        [[r.step, r.curve("loss"), *r.layer("activation_grad_norm")[:-1]] for r in records]
    )


def agreeing_steps(one: np.ndarray, other: np.ndarray) -> int:
    """Return in how many steps, from the first on, no number differs by more than 1e-4."""
    agree = np.isclose(one, other, rtol=TOLERANCE, atol=0.0, equal_nan=True).all(axis=1)
    return len(agree) if agree.all() else int(np.argmin(agree))


def in_float64(folder: Path, name: str) -> str:
    """Write a script once more, changed as it tells its reader to; return the name of that one."""
    text = (folder / f"{name}.py").read_text()
    wide = text.replace("DTYPE = torch.float32", "DTYPE = torch.float64")
    assert wide != text
    (folder / f"{name}_wide.py").write_text(wide)
    return f"{name}_wide"


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> dict[str, np.ndarray]:
    folder = tmp_path_factory.mktemp("scripts")
    for name, fields in SPREAD.items():
        export_script(RunConfig(threads=1, **(SMALL | fields)), folder / f"{name}.py")
    return run_scripts(folder, SPREAD)


@pytest.mark.parametrize("name", SPREAD)
def test_the_script_reproduces_the_run(name, tables, one_thread):
    config = RunConfig(threads=1, **(SMALL | SPREAD[name]))
    table = tables[name]
    assert table.shape == (STEPS, 2 + config.depth)
    np.testing.assert_allclose(table, recorded(config), rtol=TOLERANCE)


@pytest.mark.parametrize("name", [name for name in SPREAD if name not in INEXACT])
def test_the_script_reproduces_the_loss_to_the_last_bit(name, tables, one_thread):
    config = RunConfig(threads=1, **(SMALL | SPREAD[name]))
    np.testing.assert_array_equal(tables[name][:, 1], recorded(config)[:, 1])


# What rounding does not stay small in within 50 steps, by whatever it is computed.
CHAOTIC = {
    "clipped": {"depth": 10, "width": 100, "batch_size": 64, "activation": "relu",
                "initializer": "kaiming_normal", "learning_rate": 1.0, "clip": "norm"},
    "relu_he": {"depth": 10, "width": 100, "batch_size": 64, "activation": "relu",
                "initializer": "kaiming_normal", "learning_rate": 0.1},
}  # fmt: skip


def test_a_chaotic_run_agrees_for_as_long_as_rounding_is_small(tmp_path, one_thread):
    configs = {name: RunConfig(threads=1, **fields) for name, fields in CHAOTIC.items()}
    for name, config in configs.items():
        export_script(config, tmp_path / f"{name}.py")
    wide = {name: in_float64(tmp_path, name) for name in configs}
    tables = run_scripts(tmp_path, [*wide, *wide.values()])
    for name, config in configs.items():
        horizon = agreeing_steps(tables[name], tables[wide[name]])
        assert 0 < horizon < STEPS
        assert agreeing_steps(recorded(config), tables[name]) >= horizon


def scripted_presets() -> list[str]:
    """Return the presets in float32, in which the agreement is promised."""
    return [name for name, preset in presets().items() if preset.config.precision == "float32"]


@pytest.mark.slow
def test_every_preset_agrees_for_as_long_as_rounding_is_small(tmp_path, one_thread):
    configs = {
        name: presets()[name].config.replace(threads=1, device="cpu", max_steps=STEPS)
        for name in scripted_presets()
    }
    for name, config in configs.items():
        export_script(config, tmp_path / f"{name}.py")
    with ThreadPoolExecutor(1) as meanwhile:
        scripts = meanwhile.submit(run_scripts, tmp_path, configs)
        records = {name: recorded(config) for name, config in configs.items()}
        tables = {name: table[: len(records[name])] for name, table in scripts.result().items()}
    parted = {name: agreeing_steps(record, tables[name]) for name, record in records.items()}
    parted = {name: steps for name, steps in parted.items() if steps < len(records[name])}
    wide = run_scripts(tmp_path, [in_float64(tmp_path, name) for name in parted])
    for name, steps in parted.items():
        assert steps >= agreeing_steps(tables[name], wide[f"{name}_wide"][: len(records[name])])


@pytest.mark.parametrize("name", SPREAD)
def test_the_script_is_short_and_uses_nothing_of_ours(name):
    config = RunConfig(**(SMALL | SPREAD[name]))
    text = script_text(config, load_data(config.dataset, config.seed))
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported <= {"math", "numpy", "torch"}
    assert len(text.splitlines()) < 110


def test_the_text_for_the_clipboard_runs_with_the_data_it_names(tmp_path, one_thread):
    config = RunConfig(activation="tanh", width=(24, 8, 16), learning_rate=0.005, max_steps=5)
    text = clipboard_script(config)
    told = ast.get_docstring(ast.parse(text))
    assert config.share_string() in told
    # The command that it names, as a shell would split it.
    _, _, *arguments = shlex.split(told.splitlines()[-1])
    command = parse_command_line(arguments)
    assert command.config == config
    export_script(command.config, tmp_path / command.script)
    (tmp_path / command.script).unlink()
    assert [path.name for path in tmp_path.iterdir()] == ["experiment_data.npz"]
    result = subprocess.run(
        [sys.executable, "-W", "error", "-"], input=text,
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    table = np.array([line.split() for line in result.stdout.splitlines()], float)
    trainer = Trainer(config)
    losses = [trainer.step().curve("loss") for _ in range(5)]
    np.testing.assert_allclose(table[:, 1], losses, rtol=TOLERANCE)


@pytest.mark.parametrize(
    ("field", "value"),
    [("precision", "mixed_float16")],
)
def test_what_has_no_plain_script_is_refused(field, value, tmp_path):
    with pytest.raises(ConfigError) as caught:
        export_script(RunConfig(**(SMALL | {field: value})), tmp_path / "run.py")
    assert caught.value.field == field
    assert list(tmp_path.iterdir()) == []


def test_batch_normalisation_of_one_sample_which_pytorch_refuses_has_no_script(tmp_path):
    config = RunConfig(**(SMALL | {"normalization": "batch", "batch_size": 1}))
    with pytest.raises(ConfigError, match="batch_size = 1: must be at least 2 for a script"):
        export_script(config, tmp_path / "run.py")
    assert list(tmp_path.iterdir()) == []
    export_script(config.replace(normalization="layer"), tmp_path / "run.py")


def test_a_script_of_a_run_that_was_changed_does_not_promise_the_recording(tmp_path):
    config = RunConfig(**SMALL)
    changes = (
        Change(0, "depth", "6"), Change(10, "learning_rate", "0.005"), Change(30, "max_steps", "9"),
        Change(20, "clip", "norm"), Change(20, "clip_threshold", "1.0"),
    )  # fmt: skip
    run = RunSnapshot(config, None, None, None, changes, 1, 1)
    changed = steps_changed(config, (run,))
    assert changed == (10, 20)
    assert steps_changed(config.replace(depth=5), (run,)) == ()
    assert steps_changed(config, ()) == ()
    export_script(config, tmp_path / "run.py", changed)
    for text in ((tmp_path / "run.py").read_text(), clipboard_script(config, changed)):
        told = ast.get_docstring(ast.parse(text))
        assert "changed on its way, after steps 10, 20." in told
        assert "are those of the recording" not in told
        assert max(len(line) for line in told.splitlines()[2:5]) <= 100
    told = ast.get_docstring(ast.parse(script_text(config, load_data("digits", 1))))
    assert "are those of the recording" in told
    many = clipboard_script(config, tuple(range(1, 100)))
    assert "after steps 1, 2, 3, 4, 5, …." in ast.get_docstring(ast.parse(many))


def write_data(path):
    """Write a data set of the person's own; return its bytes."""
    random = np.random.default_rng(3)
    np.savez(path, x=random.normal(size=(40, 3)), y=np.arange(40) % 2)
    return path.read_bytes()


@pytest.mark.parametrize("script", ["self.py", "self.npz", "link.py"])
def test_an_export_never_takes_the_place_of_the_data_set(tmp_path, script):
    # What an earlier export has written may be replaced, unless it is the data set itself.
    export_script(RunConfig(**SMALL), tmp_path / "self.py")
    (tmp_path / "link_data.npz").symlink_to("self_data.npz")
    dataset = "self.npz" if script == "self.npz" else "self_data.npz"
    before = write_data(tmp_path / dataset) if script == "self.npz" else None
    before = before or (tmp_path / dataset).read_bytes()
    config = RunConfig(**(SMALL | {"dataset": str(tmp_path / dataset)}))
    with pytest.raises(ConfigError, match="the place of the data set"):
        export_script(config, tmp_path / script)
    assert (tmp_path / dataset).read_bytes() == before


def test_an_export_replaces_its_own_data_and_no_others(tmp_path):
    mine = write_data(tmp_path / "self.npz")
    config = RunConfig(**(SMALL | {"dataset": str(tmp_path / "self.npz")}))
    data = export_script(config, tmp_path / "self.py")
    assert data == tmp_path / "self_data.npz"
    assert (tmp_path / "self.npz").read_bytes() == mine
    first = data.read_bytes()
    export_script(config.replace(seed=8), tmp_path / "self.py")
    assert data.read_bytes() != first
    other = write_data(tmp_path / "new_data.npz")
    with pytest.raises(ConfigError, match=r"need the name new_data\.npz, which another file has"):
        export_script(config, tmp_path / "new.py")
    assert (tmp_path / "new_data.npz").read_bytes() == other
    assert not (tmp_path / "new.py").exists()
