"""The same experiment is the same recording, byte for byte but for times and versions."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.close_up import Watch
from engine.config import RunConfig
from engine.headless import train_headless
from engine.recording import save_recording
from engine.session import Session
from engine.snapshot import Snapshot, State
from tests.comparable import comparable
from tests.engine.waiting import wait_for

STEPS = 25
PLAIN = RunConfig(depth=4, width=12, dataset="spirals", batch_size=16, threads=1)
# Everything that draws at random, or keeps something from step to step.
EXPERIMENTS = {
    "plain": PLAIN,
    "dropout": PLAIN.replace(dropout=0.3, activation="relu", initializer="kaiming_normal"),
    "adam and batch": PLAIN.replace(optimizer="adam", normalization="batch", skip="residual"),
    "mixed": PLAIN.replace(precision="mixed_float16", loss_scale="dynamic", clip="norm"),
    "lsuv and digits": PLAIN.replace(initializer="lsuv", dataset="digits", skip="highway"),
    "diverges": PLAIN.replace(activation="relu", initializer="normal", init_std=9.0,
                              learning_rate=1e6),
}  # fmt: skip


def headless(config: RunConfig, folder: Path) -> dict[str, bytes]:
    train_headless(config, STEPS, folder)
    return comparable(folder)


def rests(snapshot: Snapshot) -> bool:
    made = snapshot.state in (State.PAUSED, State.FINISHED) and snapshot.runs[0].steps
    return made == STEPS or snapshot.state is State.FINISHED


def saved(snapshot: Snapshot, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    save_recording(folder, snapshot.runs, str(snapshot.device))
    return comparable(folder)


@pytest.fixture
def session(one_thread):
    """Return a function that starts a session."""
    started = []

    def start(config: RunConfig) -> Session:
        made = Session(config)
        started.append(made)
        made.start()
        return made

    yield start
    for made in started:
        assert made.close(60)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_twice_and_rewound_is_the_same_recording(name, session, tmp_path):
    config = EXPERIMENTS[name]
    first = headless(config, tmp_path / "first")
    assert headless(config, tmp_path / "second") == first

    live = session(config)
    live.step(STEPS)
    assert saved(wait_for(live, rests), tmp_path / "live") == first
    number = live.snapshot().run_number
    live.rewind()
    live.step(STEPS)
    again = wait_for(live, lambda s: s.run_number > number and rests(s))
    assert saved(again, tmp_path / "rewound") == first


def test_another_seed_is_another_recording(one_thread, tmp_path):
    first = headless(PLAIN, tmp_path / "first")
    other = headless(PLAIN.replace(seed=PLAIN.seed + 1), tmp_path / "other")
    assert first.keys() == other.keys()
    assert first["layers_values"] != other["layers_values"]


def test_looking_closely_changes_nothing(session, tmp_path):
    config = EXPERIMENTS["dropout"]
    first = headless(config, tmp_path / "first")
    live = session(config)
    for step in range(STEPS):
        live.watch(Watch(layer=step % config.depth, answers=True))
        live.ask_histogram()
        live.ask_network()
        live.step()
        wait_for(live, lambda s, step=step: s.runs and s.runs[0].steps == step + 1)
    assert saved(wait_for(live, rests), tmp_path / "watched") == first


def test_another_process_makes_the_same(one_thread, tmp_path):
    first = headless(PLAIN, tmp_path / "first")
    root = Path(__file__).resolve().parents[2]
    subprocess.run(
        [sys.executable, "-c",
         "import sys; from pathlib import Path; from engine.config import parse_experiment;"
         "from engine.headless import train_headless;"
         f"train_headless(parse_experiment(sys.argv[1])[0], {STEPS}, Path(sys.argv[2]))",
         PLAIN.share_string(), str(tmp_path / "second")],
        cwd=root, env=os.environ | {"PYTHONHASHSEED": "12345"}, check=True, capture_output=True,
    )  # fmt: skip
    assert comparable(tmp_path / "second") == first


def test_twins_are_what_each_is_alone(session, tmp_path):
    other = PLAIN.replace(activation="relu")
    live = session(PLAIN)
    live.configure_all((PLAIN, other))
    live.step(STEPS)
    both = wait_for(live, lambda s: len(s.runs) == 2 and rests(s))
    for place, config in enumerate((PLAIN, other)):
        one = saved(replace(both, runs=(both.runs[place],)), tmp_path / f"twin{place}")
        alone = headless(config, tmp_path / f"alone{place}")
        assert one["layers.csv"] == alone["layers.csv"]
        assert one["steps.csv"] == alone["steps.csv"]
