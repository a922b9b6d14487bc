"""What a run is said to need, against what it takes; and who is refused."""

import gc
import itertools
import subprocess
import sys

import pytest
import torch

import engine.memory
from engine.config import NORMALIZATIONS, SETTINGS, SKIPS, RunConfig
from engine.fields import ConfigError, shorten
from engine.history import History
from engine.memory import estimate_memory, free_memory
from engine.optimizers import RULES
from engine.trainer import MOST_VALIDATION_SAMPLES, Trainer


def storages() -> dict[int, int]:
    """Return the bytes of every tensor that is alive, by address."""
    found = {}
    for item in gc.get_objects():
        if type(item) is torch.Tensor:
            storage = item.untyped_storage()
            found[storage.data_ptr()] = storage.nbytes()
    return found


def check(config: RunConfig) -> None:
    gc.collect()
    before = storages()
    trainer = Trainer(config)
    trainer.step()
    taken = sum(size for address, size in storages().items() if address not in before)
    history = History(config.depth)
    estimate = estimate_memory(
        config, trainer.layout, trainer.data, MOST_VALIDATION_SAMPLES, in_turn=True
    )
    # A merge may hold as much again.
    assert estimate.history == 2 * history.nbytes
    assert estimate.device - estimate.update == pytest.approx(taken, rel=0.1)


@pytest.mark.parametrize(
    ("normalization", "skip", "dropout"),
    [
        *itertools.product(["none"], SKIPS, [0.0, 0.5]),
        *itertools.product(NORMALIZATIONS[1:], ["highway"], [0.5]),
    ],
)
def test_the_estimate_is_what_is_taken(normalization, skip, dropout):
    check(RunConfig(depth=12, width=70, activation="tanh", normalization=normalization, skip=skip,
                    dropout=dropout, device="cpu"))  # fmt: skip


@pytest.mark.parametrize("precision", ["float64", "float16", "mixed_float16"])
@pytest.mark.parametrize(
    "fields",
    [
        {"depth": 1, "width": 1},
        {"depth": 200, "width": 16, "optimizer": "adam"},
        {"depth": 200, "width": 64, "clip": "norm"},
        {"depth": 20, "width": 100, "activation": "gelu"},
        {"depth": 3, "width": 600, "optimizer": "momentum", "batch_size": 8},
        {"depth": 30, "width": 64, "batch_size": 1024, "dataset": "square"},
        {"width": (600, 16, 16, 16, 300), "skip": "highway", "dropout": 0.5},
    ],
    ids=str,
)
def test_the_estimate_holds_at_every_shape(fields, precision):
    check(RunConfig(**{"activation": "tanh", "precision": precision, "device": "cpu"} | fields))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"depth": 2000, "width": 4096}, "width"),
        ({"depth": 2000, "width": 1000}, "depth"),
        ({"width": (4096, 4000) * 20}, "width"),
        ({"depth": 2000, "width": 300, "batch_size": 65536, "dataset": "blobs"}, "batch_size"),
    ],
)
def test_a_run_that_does_not_fit_is_refused_before_anything_is_taken(fields, field, monkeypatch):
    monkeypatch.setattr(engine.memory, "free_memory", lambda: 2**31)
    monkeypatch.setattr("engine.trainer.draw_parameters", None)
    with pytest.raises(ConfigError) as caught:
        Trainer(RunConfig(activation="tanh", device="cpu", **fields))
    message = str(caught.value)
    assert caught.value.field == field
    value = SETTINGS[field].kind.write(fields[field])
    assert f"{field} = {shorten(value)}: must be lower" in message
    assert "GiB" in message
    assert "1.8 GiB can be had" in message
    assert field in message.partition("; lower ")[2]
    assert "\n" not in message


def test_where_the_record_alone_does_not_fit_only_depth_is_named(monkeypatch):
    monkeypatch.setattr(engine.memory, "free_memory", lambda: engine.memory.RESERVE_BYTES + 2**27)
    with pytest.raises(ConfigError) as caught:
        Trainer(RunConfig(depth=1000, width=2, batch_size=64, device="cpu"))
    assert str(caught.value).endswith("; lower depth")
    assert caught.value.field == "depth"


PEAK = """
import sys
from engine.config import RunConfig
from engine.trainer import Trainer

def peak():
    with open("/proc/self/status") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) * 1024

def run(rule):
    trainer = Trainer(RunConfig(depth=2, width=3000, batch_size=4, dataset="xor", threads=1,
                                device="cpu", weight_decay=0.1, optimizer=rule))
    trainer.step()
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    resident = peak()
    trainer.step()
    return peak() - resident

print(run(sys.argv[1]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc tells the peak")
@pytest.mark.parametrize("rule", ["adam", "rmsprop", "lars"])
def test_what_an_update_takes_for_a_moment_is_counted(rule):
    done = subprocess.run([sys.executable, "-c", PEAK, rule], capture_output=True, text=True,
                          check=True)  # fmt: skip
    found = int(done.stdout)
    assert found == pytest.approx(RULES[rule].scratch(4, 3000 * 3000, 3000), rel=0.1)


@pytest.mark.parametrize(("depth", "width"), [(1, 1), (2000, 1), (1, 4096), (2000, 8)])
def test_the_ends_of_the_ranges_run(depth, width):
    trainer = Trainer(RunConfig(depth=depth, width=width, activation="tanh", device="cpu",
                                initializer="kaiming_normal", batch_size=8))  # fmt: skip
    record = trainer.step()
    assert record.layers.shape[1] == depth + 1
    assert record.first_bad is None


def test_the_limit_of_a_container_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(engine.memory, "CGROUP", tmp_path)
    unlimited = free_memory()
    assert unlimited > 2**28
    (tmp_path / "memory.current").write_text("300\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 20\nactive_file 5\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert free_memory() > 2**28
    (tmp_path / "memory.max").write_text("1000\n")
    assert free_memory() == 725
    # The older interface.
    (tmp_path / "memory.max").unlink()
    old = tmp_path / "memory"
    old.mkdir()
    (old / "memory.limit_in_bytes").write_text("2000\n")
    (old / "memory.usage_in_bytes").write_text("500\n")
    (old / "memory.stat").write_text("cache 7\n")
    assert free_memory() == 1500
