"""How runs that are compared are told apart."""

from engine.config import RunConfig
from engine.presets import presets
from engine.snapshot import Snapshot, State
from gui.company import ALONE, brief_names, company_of, run_names, short_names
from tests.gui.conftest import SMALL


def test_runs_are_named_by_what_differs():
    configs = [SMALL, SMALL.replace(learning_rate=0.01, skip="residual")]
    assert run_names(configs) == [
        "No skip connections, Learning rate 0.1", "Residual, Learning rate 0.01"
    ]  # fmt: skip
    assert run_names([SMALL]) == [""]
    assert company_of(Snapshot(State.PAUSED)) is ALONE


def test_short_names_are_as_short_as_tells_apart():
    configs = [SMALL, SMALL.replace(activation="relu", learning_rate=0.01)]
    assert run_names(configs) == ["Tanh, Learning rate 0.1", "ReLU, Learning rate 0.01"]
    assert short_names(configs) == ["Tanh", "ReLU"]
    three = [*configs, SMALL.replace(activation="relu")]
    assert short_names(three) == ["Tanh", "Learning rate 0.01", "ReLU, Learning rate 0.1"]
    what_ifs = {"initializer": "kaiming_normal", "normalization": "batch"}
    twins = [SMALL.replace(**{field: value}) for field, value in what_ifs.items()]
    assert short_names([SMALL, *twins])[1:] == ["He normal", "Batch normalisation"]
    preset = presets()["vanishing"].config, presets()["healthy"].config
    assert short_names(preset) == ["Vanishing", "Healthy"]


def test_a_field_without_effect_names_nobody():
    normal = SMALL.replace(initializer="normal", init_std=0.3)
    assert run_names([SMALL.replace(initializer="kaiming_normal", init_std=2.0), normal]) == [
        "He normal", "Normal, Standard deviation σ 0.3"
    ]  # fmt: skip


def test_presets_are_named_by_their_titles():
    vanishing, healthy = (presets()[name].config for name in ("vanishing", "healthy"))
    seven = {"seed": 12, "threads": 2}
    names = ["Vanishing", "Healthy"]
    assert run_names([vanishing.replace(**seven), healthy.replace(**seven)]) == names
    # Two of one preset differ in something else, and so do a preset and what is none.
    assert run_names([vanishing, vanishing.replace(seed=8)]) == ["Seed 7", "Seed 8"]
    assert run_names([vanishing, vanishing.replace(depth=31)]) == ["Depth 30", "Depth 31"]


def test_the_run_that_the_twins_are_made_of_is_named_by_what_it_has():
    base = RunConfig()
    changes = ("activation", "relu"), ("initializer", "kaiming_normal"), ("normalization", "batch")
    names = short_names([base, *(base.replace(**{field: value}) for field, value in changes)])
    assert names == ["Sigmoid, Xavier normal", "ReLU", "He normal", "Batch normalisation"]


def test_a_ghost_leaves_the_names_of_the_twins_as_they_are():
    twins = [SMALL, SMALL.replace(learning_rate=0.01)]
    ghost = RunConfig(batch_size=8, init_std=0.3, momentum=0.5, seed=9, optimizer="adam")
    names = ["Learning rate 0.1", "Learning rate 0.01"]
    assert run_names(twins) == names
    assert run_names([*twins, ghost], live=2) == [*names, "Sigmoid, Adam, Depth 30"]
    assert short_names([*twins, ghost], live=2) == [*names, "Sigmoid"]


def test_a_ghost_that_has_a_value_of_each_twin_is_named_by_both():
    other = SMALL.replace(activation="relu", initializer="kaiming_normal")
    ghost = SMALL.replace(activation="relu")
    names = ["Tanh, Xavier normal", "ReLU, He normal"]
    assert run_names([SMALL, other, ghost], live=2) == [*names, "ReLU, Xavier normal"]


def test_a_run_alone_is_named_by_what_its_ghosts_are():
    ghost = RunConfig(batch_size=8)
    assert run_names([SMALL, ghost], live=1) == [
        "Tanh, Depth 4, Width 8",
        "Sigmoid, Depth 30, Width 100",
    ]
    # Ghosts that are alike in what tells most need more to be told apart.
    ghosts = [ghost, ghost.replace(seed=8)]
    names = run_names([SMALL, *ghosts], live=1)
    assert len(set(names)) == 3
    assert names[2].startswith("Sigmoid, Depth 30, Width 100, Batch size 8")


def test_brief_names_are_a_word_or_two_and_all_different():
    base = RunConfig()
    changes = (
        {"activation": "relu", "initializer": "kaiming_normal"},
        {"activation": "tanh"},
        {"normalization": "batch"},
    )
    twins = [base, *(base.replace(**one) for one in changes)]
    names = ["Sigmoid", "ReLU", "Tanh", "Batch norm"]
    assert brief_names(twins) == names
    # A ghost alone is called by that it was before.
    assert brief_names([*twins, base], live=4) == [*names, ""]
    ghosts = [base, base.replace(depth=10)]
    with_ghosts = brief_names([*twins, *ghosts], live=4)
    assert with_ghosts[:4] == names
    assert len(set(with_ghosts[4:])) == 2
    assert brief_names([SMALL, SMALL.replace(skip="residual")]) == ["No skips", "Residual"]
    presets_ = presets()["vanishing"].config, presets()["healthy"].config
    assert brief_names(presets_) == ["Vanishing", "Healthy"]


def test_data_are_named_by_their_file_alone():
    own = [SMALL.replace(dataset=f"/home/somebody/data/{name}.csv") for name in ("new", "old")]
    assert run_names(own) == ["Data new.csv", "Data old.csv"]
    assert run_names([SMALL, own[0]], live=1)[1].endswith("new.csv")
