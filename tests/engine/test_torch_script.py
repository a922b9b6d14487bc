"""The exported script, run in a fresh process, tells the same story as the engine."""

import ast
import shlex
import subprocess
import sys

import numpy as np
import pytest

from engine.command_line import parse_command_line
from engine.config import RunConfig
from engine.datasets import load_data
from engine.fields import ConfigError
from engine.torch_script import clipboard_script, export_script, script_text
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
}  # fmt: skip


# Runs every script it is given, as `python run.py` would, and marks where each begins.
RUNNER = """
import runpy, sys
for path in sys.argv[1:]:
    print("script", path)
    runpy.run_path(path, run_name="__main__")
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory) -> dict[str, np.ndarray]:
    """Run all scripts in one fresh process: most of its time goes into importing torch."""
    folder = tmp_path_factory.mktemp("scripts")
    for name, fields in SPREAD.items():
        export_script(RunConfig(**(SMALL | fields)), folder / f"{name}.py")
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUNNER, *(f"{name}.py" for name in SPREAD)],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    parts = result.stdout.split("script ")[1:]
    found = {}
    for part in parts:
        name, *lines = part.splitlines()
        found[name.removesuffix(".py")] = np.array([line.split() for line in lines], float)
    return found


@pytest.mark.parametrize("name", SPREAD)
def test_the_script_reproduces_the_run(name, tables, one_thread):
    config = RunConfig(**(SMALL | SPREAD[name]))
    trainer = Trainer(config)
    records = [trainer.step() for _ in range(STEPS)]
    losses = np.array([record.curve("loss") for record in records])
    norms = np.array([record.layer("activation_grad_norm")[:-1] for record in records])
    table = tables[name]
    assert table.shape == (STEPS, 2 + config.depth)
    np.testing.assert_allclose(table[:, 1], losses, rtol=TOLERANCE)
    np.testing.assert_allclose(table[:, 2:], norms, rtol=TOLERANCE)


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
    assert [path.name for path in tmp_path.iterdir()] == ["experiment.npz"]
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
    [("precision", "mixed_float16"), ("initializer", "lsuv"), ("loss_scale", 8.0)],
)
def test_what_has_no_plain_script_is_refused(field, value, tmp_path):
    with pytest.raises(ConfigError) as caught:
        export_script(RunConfig(**(SMALL | {field: value})), tmp_path / "run.py")
    assert caught.value.field == field
    assert list(tmp_path.iterdir()) == []
