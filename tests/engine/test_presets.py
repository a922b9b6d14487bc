"""Presets: each shows what it promises, in a real training."""

import json
import math
from collections.abc import Callable

import numpy as np
import pytest

from engine.config import RunConfig
from engine.diagnosis import Judge
from engine.fields import ConfigError
from engine.history import History
from engine.presets import (
    FOLDER,
    GALLERY,
    gallery,
    own_name,
    presets,
    read_own_presets,
    read_preset,
    write_preset,
)
from engine.texts import LANGUAGES, in_language
from engine.trainer import Trainer
from tests.engine.short_runs import Run, train


def learns(run: Run, accuracy: float) -> bool:
    return run.last.first_bad is None and run.validation > accuracy


def bad_in_step_one(layers: range) -> Callable[[Run], bool]:
    def holds(run: Run) -> bool:
        bad = run.last.first_bad
        return bad is not None and (bad.step, bad.tensor) == (1, "h") and int(bad.layer) in layers

    return holds


def spikes(run: Run) -> bool:
    losses = run.losses()
    best = np.minimum.accumulate(losses)
    return losses.min() < 0.5 and float((losses[1:] / best[:-1]).max()) > 10.0


def grows_by(factor: float, tolerance: float) -> Callable[[Run], bool]:
    """Return whether the mean square of the activations is multiplied so in every layer."""

    def holds(run: Run) -> bool:
        logs = np.log(run.mean_squares())
        logs = logs[np.isfinite(logs)]
        slope = np.polyfit(np.arange(len(logs)), logs, 1)[0]
        return abs(slope - math.log(factor)) < tolerance

    return holds


def all_of(*checks: Callable[[Run], bool]) -> Callable[[Run], bool]:
    return lambda run: all(check(run) for check in checks)


def output_growth(run: Run) -> float:
    return run.records[1].layer("activation_rms")[-1] / run.first.layer("activation_rms")[-1]


# Steps, and what the sentence of the preset says of them.
PROMISES: dict[str, tuple[int, Callable[[Run], bool]]] = {
    "vanishing": (100, lambda run: 17 < run.decades() < 20 and run.losses()[-20:].mean() > 2.2),
    "exploding": (50, lambda run: 1.4 < 10 ** (-run.decades() / 29) < 1.5),
    "healthy": (300, lambda run: abs(run.decades()) < 1 and learns(run, 0.85)),
    "saved_by_residual": (300, lambda run: abs(run.decades()) < 1 and learns(run, 0.85)),
    "saved_by_normalization": (
        300,
        # It learns in steps of the usual length.
        lambda run: (
            abs(run.decades()) < 1
            and learns(run, 0.85)
            and np.median([one.layer("update_ratio").max() for one in run.records[26:35]]) < 0.01
        ),
    ),
    "saved_by_clipping": (300, lambda run: learns(run, 0.85)),
    "crash_weights": (2, bad_in_step_one(range(40, 50))),
    "crash_bad_batch": (400, spikes),
    "crash_saturated": (
        150,
        lambda run: (
            run.last.layer("saturated_fraction")[-2] > 0.9 and run.losses()[-50:].min() > 2.0
        ),
    ),
    "symmetric": (100, lambda run: set(run.last.layer("distinct_units")[:-1]) == {1.0}),
    "symmetry_broken": (100, lambda run: set(run.last.layer("distinct_units")[:-1]) == {32.0}),
    "dead_relu": (
        100,
        lambda run: (
            np.nanmax(run.last.layer("inactive_fraction")) == 1.0
            and run.last.layer("activation_grad_norm")[0] == 0.0
        ),
    ),
    "float16_underflow": (
        20,
        lambda run: (
            run.last.layer("activation_grad_norm")[0] == 0.0
            and run.last.layer("zero_fraction")[0] == 1.0
        ),
    ),
    "float16_loss_scaling": (
        100,
        lambda run: (
            run.last.layer("zero_fraction")[0] < 0.01 and run.decades() > 5 and not learns(run, 0.2)
        ),
    ),
    "float16_overflow": (2, bad_in_step_one(range(10, 20))),
    "phase_ordered": (300, lambda run: run.decades() > 4 and not learns(run, 0.15)),
    "phase_critical": (300, lambda run: abs(run.decades(0)) < 1 and learns(run, 0.6)),
    "phase_chaotic": (
        300,
        lambda run: -2.6 < run.decades(0) < -2.35 and 0.15 < run.validation < 0.4,
    ),
    "relu_normal": (1, all_of(grows_by(50, 0.2), bad_in_step_one(range(40, 50)))),
    "relu_xavier": (1, grows_by(0.5, 0.1)),
    "relu_he": (1, grows_by(1.0, 0.1)),
    "linear_normal": (1, all_of(grows_by(100, 0.2), bad_in_step_one(range(35, 43)))),
    "linear_xavier": (1, lambda run: grows_by(1.0, 0.05)(run) and abs(run.decades()) < 0.5),
    "linear_he": (1, grows_by(2.0, 0.05)),
    "tanh_gain_small": (5, lambda run: 8 < run.decades() < 9.5 and grows_by(0.25, 0.1)(run)),
    "tanh_gain_right": (
        300,
        lambda run: 0.03 < run.last.layer("saturated_fraction")[14] < 0.2 and learns(run, 0.8),
    ),
    "tanh_gain_large": (100, lambda run: run.decades(0) < -3 and run.decades() > 3),
    "sigmoid_shallow": (1500, lambda run: learns(run, 0.98)),
    "sigmoid_deep": (1500, lambda run: run.decades() > 5 and not learns(run, 0.65)),
    "sigmoid_tower": (20, lambda run: 5 < run.decades() < 6.5),
    "sigmoid_tower_normalized": (20, lambda run: abs(run.decades()) < 1),
    "chain_shrinks": (1, lambda run: run.decades() == pytest.approx(-100 * math.log10(0.8))),
    "chain_grows": (1, lambda run: 10 ** -run.decades() == pytest.approx(1.1**100, rel=1e-3)),
    "chain_matrices": (1, lambda run: -28 < run.decades() < -20),
    "width_narrow": (2, lambda run: 0.5 < output_growth(run) < 3.0),
    "width_wide": (2, lambda run: output_growth(run) > 100),
}
SLOW_STEPS = 300


def test_every_preset_promises_something():
    assert list(PROMISES) == list(presets())


@pytest.mark.parametrize("seed", [7, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if steps >= SLOW_STEPS else [])
        for name, (steps, _) in PROMISES.items()
    ],
)
def test_a_preset_shows_what_it_promises(name, seed, one_thread):
    steps, holds = PROMISES[name]
    run = train(presets()[name].config.replace(seed=seed), steps)
    assert holds(run)


def test_without_the_rescue_it_is_lost(one_thread):
    # What "saved" means: the same network, without the one thing that saves it.
    clipped = presets()["saved_by_clipping"].config
    assert train(clipped.replace(clip="none"), 40).last.first_bad is not None
    vanishing = presets()["vanishing"].config
    for name, field in (("saved_by_residual", "skip"), ("saved_by_normalization", "normalization")):
        lost = presets()[name].config.replace(**{field: "none"})
        # The same network, of which no learning rate and no rule for the updates makes anything.
        assert set(lost.differences(vanishing)) <= {"learning_rate", "optimizer"}
        run = train(lost, 100)
        assert run.decades() > 17 and run.losses()[-20:].mean() > 2.2


def test_the_healthy_network_is_the_vanishing_one_but_for_what_the_lecture_changes():
    one, other = (presets()[name].config for name in ("vanishing", "healthy"))
    told = {"activation", "initializer", "learning_rate", "batch_size", "clip", "clip_threshold"}
    assert set(one.differences(other)) <= told


def verdicts(config: RunConfig, steps: int, every: int) -> dict[int, str]:
    """Return what is said of a run at every so many steps."""
    trainer, history, judge = Trainer(config), History(config.depth, 2**22), Judge()
    found = {}
    for step in range(1, steps + 1):
        newest = trainer.step()
        history.append(newest)
        judge.observe(newest, history, config, trainer.anchor, trainer.prediction)
        if step % every == 0:
            found[step] = judge.diagnosis(newest, history.view()).verdict
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 4, 11])
def test_the_healthy_network_stays_so_when_it_is_left_alone(seed, one_thread):
    config = presets()["healthy"].config.replace(seed=seed, device="cpu", threads=1)
    assert set(verdicts(config, 8000, every=10).values()) == {"healthy"}


def test_nothing_that_the_healthy_network_has_learned_is_lost_again(one_thread):
    config = presets()["healthy"].config.replace(device="cpu", threads=1)
    losses = train(config, 400).losses()
    # Guessing costs 2.3; it has come far below at step 100, and stays there.
    assert losses[100:].max() < 0.7


@pytest.mark.parametrize("seed", [7, 4, 11])
def test_what_the_skip_saves_is_healthy_as_soon_as_it_no_longer_shouts(seed, one_thread):
    config = presets()["saved_by_residual"].config.replace(seed=seed, device="cpu", threads=1)
    found = verdicts(config, 60, every=1)
    # What thirty sigmoids add up to makes the first outputs large, which a few steps mend.
    assert set(found.values()) <= {"healthy", "high loss"}
    assert found[1] == "healthy"
    assert {verdict for step, verdict in found.items() if step >= 30} == {"healthy"}


def test_every_file_is_offered_once():
    files = sorted(path.stem for path in FOLDER.glob("*.json") if path.name != GALLERY)
    assert sorted(presets()) == files
    assert len(set(presets())) == len(list(presets()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_every_language(language):
    texts = [group.title for group in gallery()]
    for preset in presets().values():
        texts += [preset.title, preset.sentence]
    assert all(text.get(language) for text in texts)
    titles = [preset.title[language] for preset in presets().values()]
    assert len(set(titles)) == len(titles)


def test_a_text_falls_back_to_english_and_then_to_what_there_is():
    assert in_language({"en": "a", "zh_CN": "b"}, "zh_CN") == "b"
    assert in_language({"en": "a", "zh_CN": "b"}, "fr_FR") == "a"
    assert in_language({"zh_CN": "b"}, "en_US") == "b"
    assert in_language({}, "en") == ""


def test_a_preset_of_ones_own_comes_back(tmp_path):
    config = RunConfig(depth=4, activation="relu", seed=11)
    folder = tmp_path / "presets"
    written = write_preset(folder, config, "  My net, 第一 ", "It learns.", "zh_CN")
    assert written.path == folder / "my_net_第一.json"
    assert read_own_presets(folder) == ((written,), ())
    assert written.config == config
    assert written.title == {"zh_CN": "My net, 第一"}
    # The same name: the newer one takes its place.
    write_preset(folder, config.replace(depth=5), "My net, 第一", "", "en")
    (again,), _ = read_own_presets(folder)
    assert again.config.depth == 5
    assert again.sentence == {}
    assert [path.name for path in folder.iterdir()] == ["my_net_第一.json"]


@pytest.mark.parametrize("title", ["", "  ", "…", "x" * 61])
def test_a_preset_needs_a_name(tmp_path, title):
    with pytest.raises(ConfigError, match="title"):
        write_preset(tmp_path, RunConfig(), title, "", "en")
    assert not list(tmp_path.iterdir())
    assert own_name("a/b\\..c") == "a_b_c"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "must be JSON; this is no JSON (line 1, column 2: expecting property name"),
        ("[]", 'must be an object with an "experiment" of fields'),
        ('{"experiment": {}}', 'must have a "title"'),
        ('{"title": {"en": ""}, "experiment": {}}', 'must have a "title"'),
        ('{"title": {"en": "A"}, "sentence": 3, "experiment": {}}', 'may have a "sentence"'),
        ('{"title": {"en": "A"}, "experiment": {"depth": -3}}', "holds depth = -3: must be"),
        ('{"title": {"en": "A"}, "experiment": {"deep": 3}}', "holds unknown fields: deep"),
        (
            '{"title": {"en": "A"}, "experiment": {}, "speed": 50}',
            'may have a "speed", one of 1000',
        ),
        (b"\xff\xfe\x00", "must be JSON in UTF-8"),
        (" " * 70000, "must have at most 65536 bytes"),
    ],
)
def test_a_broken_file_is_one_clear_sentence(tmp_path, text, problem):
    path = tmp_path / "mine.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        read_preset(path)
    assert str(caught.value).startswith("preset = mine.json: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
    good = {"title": {"en": "Good"}, "experiment": {"depth": 3}}
    (tmp_path / "good.json").write_text(json.dumps(good))
    found, problems = read_own_presets(tmp_path)
    assert [preset.name for preset in found] == ["good"]
    assert [str(error) for error in problems] == [str(caught.value)]


def test_a_missing_folder_holds_no_presets(tmp_path):
    assert read_own_presets(tmp_path / "nowhere") == ((), ())
    with pytest.raises(ConfigError, match="cannot be read"):
        read_preset(tmp_path / "nowhere.json")
