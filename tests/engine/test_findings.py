"""Each finding from arrays made for it: what is found, and what is said of it."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine.diagnosis import THRESHOLDS, VERDICTS, Thresholds
from engine.diagnosis.explain import explain
from engine.diagnosis.findings import CRITERIA, Severity
from tests.engine.judged_runs import DEPTH, SAMPLES, WIDTH, Run, one_layer, ramp, record

CASES = {
    "no_gradient": ("no gradient", {}, {"activation_grad_norm": 0.0}),
    "symmetric": ("symmetric", {}, {"distinct_units": one_layer(1.0, 3, WIDTH)}),
    "silent_layer": ("dead network", {}, {"inactive_fraction": one_layer(1.0, 4)}),
    "decades_lost": ("vanishing", {}, {"activation_grad_norm": ramp(3.2)}),
    "decades_gained": ("exploding", {}, {"activation_grad_norm": 1e-4 * ramp(-3.2)}),
    "gradient_ends": (
        "vanishing", {}, {"activation_grad_norm": np.append(np.zeros(5), np.full(16, 1e-2))},
    ),
    "underflow32": ("underflow", {}, {"activation_grad_norm": one_layer(1e-38, 2, 1e-2)}),
    "underflow16": (
        "underflow", {"precision": "mixed_float16"},
        {"zero_fraction": one_layer(0.2, 6), "weight_grad_norm": 1e-5},
    ),
    "near_overflow": (
        "overflow", {"precision": "float16"}, {"activation_rms": one_layer(9e3, 6, 8e3)},
    ),
    "grown_forward": ("exploding", {}, {"activation_rms": np.geomspace(1.0, 40.0, DEPTH + 1)}),
    "large_norm": ("exploding", {}, {"norm": 1.1e3}),
    "huge_update": ("large updates", {}, {"update_ratio": one_layer(0.11, DEPTH, 1e-3)}),
    "heavy_decay": ("large updates", {"learning_rate": 0.3, "weight_decay": 0.5}, {}),
    "batch_of_one": ("dead network", {"normalization": "batch", "batch_size": 1}, {}),
    "no_rate": ("uniform stall", {"learning_rate": 0.0}, {"update_ratio": 0.0}),
    "clipped_stall": (
        "uniform stall", {"clip": "norm", "clip_threshold": 1e-4}, {"update_ratio": 0.9e-6},
    ),
    "clipped_update": (
        "small updates", {"clip": "norm", "clip_threshold": 0.01},
        {"update_ratio": one_layer(0.9e-5, 4, 1e-4)},
    ),
    "tiny_layer": ("vanishing", {}, {"weight_grad_norm": one_layer(0.9e-5, 7, 1e-1)}),
    "updates_apart": ("vanishing", {}, {"update_ratio": one_layer(0.9e-7, 7, 1.1e-4)}),
    "stall": ("uniform stall", {}, {"update_ratio": 0.9e-6}),
    "dead_alarm": ("dead units", {}, {"dead": one_layer(0.51, 2)[:-1]}),
    "dead_warning": ("dead units", {}, {"dead": one_layer(0.11, 2)[:-1]}),
    "saturated_alarm": ("saturated", {"activation": "tanh"}, {"saturated_fraction": 0.51}),
    "saturated_warning": ("saturated", {"activation": "tanh"}, {"saturated_fraction": 0.21}),
    "weakly_lost": ("weakly vanishing", {}, {"activation_grad_norm": ramp(1.1)}),
    "weakly_gained": ("weakly exploding", {}, {"activation_grad_norm": ramp(-1.1)}),
    "low_gradient": ("weakly vanishing", {}, {"activation_grad_norm": 1e-6}),
    "high_gradient": ("weakly exploding", {}, {"activation_grad_norm": 1.3e3}),
    "cliff": (
        "cliff", {}, {"activation_grad_norm": np.append(np.full(2, 1e-5), np.full(19, 1e-2))},
    ),
    "large_update": ("large updates", {}, {"update_ratio": 1.1e-2}),
    "small_update": ("small updates", {}, {"update_ratio": one_layer(0.9e-5, 4, 1e-4)}),
}  # fmt: skip


@pytest.mark.parametrize("criterion", CASES)
def test_each_finding_by_its_own_arrays(criterion):
    verdict, fields, measured = CASES[criterion]
    run = Run(**fields)
    run.go(5, **measured)
    assert criterion in run.found()
    assert run.diagnosis().verdict == verdict
    sentence = run.found()[criterion].sentence.english()
    assert "{" not in sentence
    assert "nan" not in sentence


def test_a_healthy_run_has_no_findings():
    run = Run()
    run.go(30)
    assert run.diagnosis().verdict == "healthy"
    assert run.found() == {}


def test_every_criterion_has_a_case():
    by_time = {"high_loss", "risen_loss", "spike", "not_learning", "guessing", "overflow16"}
    # What guessing costs is known of real data alone (test_verdicts.py).
    by_time |= {"above_guessing"}
    notes = {name for name, row in CRITERIA.items() if row.severity is Severity.NOTE}
    assert set(CASES) | by_time | notes == set(CRITERIA)
    noted = {"inactive", "not a straight line", "chance"}
    assert {row.verdict for row in CRITERIA.values()} - noted <= set(VERDICTS)


def test_the_flat_weight_gradient_is_explained():
    run = Run()
    run.go(activation_grad_norm=ramp(4.4))
    found = run.found()["even_weight_gradient"]
    assert found.numbers == pytest.approx((0.0, 4.4 / 19))
    run.go(activation_grad_norm=ramp(4.4), weight_grad_norm=ramp(4.4))
    run.go(30, activation_grad_norm=ramp(4.4), weight_grad_norm=ramp(4.4))
    assert "even_weight_gradient" not in run.found()


def test_inactive_units_are_described_and_alarm_nobody():
    run = Run(Thresholds(inactive_samples=SAMPLES))
    run.go(inactive_fraction=0.56)
    assert run.diagnosis().verdict == "healthy"
    assert run.found()["inactive"].severity is Severity.NOTE
    # In a batch as small as this one chance alone leaves units at zero.
    assert SAMPLES < THRESHOLDS.inactive_samples == 256
    run = Run()
    run.go(inactive_fraction=0.56)
    assert "inactive" not in run.found()


def test_a_small_gradient_of_zeros_and_few_entries_is_told_by_its_size():
    # All but some entries are zero, so that their share rounds to one.
    run = Run(activation="tanh")
    run.go(zero_fraction=1.0, weight_grad_norm=1e-9)
    tiny = run.found()["tiny_layer"].sentence.english()
    # Independent: the norm of 100 x 100 entries is a hundred times their root mean square.
    assert "1.0e-11" in tiny


def test_a_spike_is_measured_by_as_many_steps_as_the_table_says():
    for steps, found in ((50, False), (10, True)):
        run = Run(Thresholds(spike_steps=steps))
        run.go(1, norm=1.0)
        run.go(39, norm=8.0)
        # These are most of the last ten steps, and not of the last fifty.
        run.go(14, norm=1.0)
        run.go(1, norm=30.0)
        run.go(5, norm=1.0)
        assert ("spike" in run.found()) is found


def test_zeros_of_inactive_units_are_no_underflow():
    run = Run(precision="mixed_float16")
    # Half of the units, in two layers that follow each other: three quarters of the entries.
    run.go(inactive_fraction=0.5, zero_fraction=0.75, weight_grad_norm=1e-5)
    assert "underflow16" not in run.found()


def test_the_cliff_names_its_layers():
    run = Run()
    run.go(**CASES["cliff"][2])
    assert run.found()["cliff"].numbers == pytest.approx((3.0, 3.0, 2.0))


def test_a_line_that_bends_is_told_where_slope_and_ends_say_different_things():
    run = Run(activation="tanh")
    # Flat over fifteen layers, and two decades a layer below: no single jump beyond the slope.
    logs = np.append(np.minimum(0.0, np.arange(DEPTH) - 5.0), 0.0)
    run.go(1, activation_grad_norm=1e-2 * 10.0**logs)
    found = run.diagnosis()
    assert found.first_share == pytest.approx(1e-5)
    assert found.decades < 1.0
    finding = run.found()["bent"]
    assert finding.numbers == pytest.approx((found.decades, 5.0, 6.0))
    assert finding.severity is Severity.NOTE
    run = Run(activation="tanh")
    # One decade a layer in the first fifteen, and none above.
    logs = np.append(np.minimum(0.0, np.arange(DEPTH) - 14.0), 0.0)
    run.go(1, activation_grad_norm=1e-2 * 10.0**logs)
    said = " ".join(s.english() for s in explain(run.diagnosis(), run.config, None))
    assert "The first layer receives 1.0e-14 of the last." in said
    assert "has a bend, the sharpest at layer 15: by its slope 1" in said
    straight = Run(activation="tanh")
    straight.go(1, activation_grad_norm=ramp(8.0))
    assert "bent" not in straight.found()


@pytest.mark.parametrize("criterion", CASES)
def test_what_decided_is_said_in_a_few_words(criterion):
    verdict, fields, measured = CASES[criterion]
    run = Run(**fields)
    run.go(5, **measured)
    decisive = run.diagnosis().decisive
    assert decisive.verdict == verdict
    brief = decisive.brief.english()
    assert "{" not in brief
    assert 0 < len(brief) < 32 or verdict == "no gradient"


@pytest.mark.parametrize(
    ("clip", "threshold", "update", "found"),
    [
        # The gradient's norm is 1, its entries a thousandth: what clipping leaves of that.
        ("norm", 1e-9, 1e-12, "clipped_stall"),
        # The format of the weights may round away what is left.
        ("norm", 1e-9, 0.0, "clipped_stall"),
        ("value", 1e-9, 1e-9, "clipped_stall"),
        # It stood still without clipping as well.
        ("norm", 0.5, 1e-8, "stall"),
        ("norm", 2.0, 1e-8, "stall"),
        ("none", 1e-9, 1e-8, "stall"),
    ],
)
def test_a_standstill_is_laid_to_clipping_where_that_makes_it(clip, threshold, update, found):
    run = Run(clip=clip, clip_threshold=threshold, learning_rate=0.1)
    run.go(1, update_ratio=update)
    assert run.diagnosis().decisive.criterion == found
    assert not {"stall", "clipped_stall", "clipped_update", "small_update"} - {found} & set(
        run.found()
    )
    if found == "clipped_stall":
        said = run.found()[found].sentence.english()
        left = {"norm": "1.0e-09", "value": "1.0e-06"}[clip]
        assert f"clipping leaves {left} of the gradient" in said


def test_flat_units_stop_nothing_that_has_a_way_around_them():
    for skip in ("none", "residual", "highway"):
        run = Run(activation="tanh", skip=skip)
        run.go(10, saturated_fraction=0.8)
        assert ("saturated_alarm" in run.found()) == (skip == "none")


def said_of(run: Run) -> str:
    return " ".join(s.english() for s in explain(run.diagnosis(), run.config, None))


def test_the_layers_without_a_gradient_are_counted_once():
    """From batch to batch another layer loses the last of it; heading and sentence say the same."""
    run, random = Run(), np.random.default_rng(1)
    for _ in range(45):
        silent = int(random.integers(3, 9))
        run.go(1, activation_grad_norm=np.append(np.zeros(silent), np.full(DEPTH + 1 - silent, 1)))
        told = run.found()["gradient_ends"].numbers
        assert told[1] == DEPTH - run.diagnosis().layers_used
    # It comes through in most of the last steps, and the others are still told of.
    run.go(7)
    found = run.diagnosis()
    assert run.found()["gradient_ends"].numbers[1] == DEPTH - found.layers_used > 0
    assert found.first_share == 0.0
    assert found.typical_steps[1] < run.steps


def test_decades_by_the_slope_and_from_end_to_end_have_names_of_their_own():
    run = Run(activation="tanh")
    logs = np.linspace(-4.4, 0.0, DEPTH)
    # The first layer alone is better off.
    logs[0] = -3.5
    run.go(1, activation_grad_norm=1e-2 * 10.0 ** np.append(logs, 0.0))
    said = said_of(run)
    assert "receives 3.2e-04 of the last: 3.5 decades from end to end, 4.4 by the slope." in said
    assert "By its slope" in run.found()["decades_lost"].sentence.english()
    run = Run(activation="tanh")
    run.go(1, activation_grad_norm=ramp(4.4))
    assert "The first layer receives 4.0e-05 of the last." in said_of(run)


def test_decades_beyond_a_limit_that_make_no_verdict_are_explained():
    run = Run(activation="tanh")
    run.go(20, activation_grad_norm=ramp(-0.7))
    run.go(11, activation_grad_norm=ramp(-1.02))
    assert run.diagnosis().verdict == "healthy"
    said = said_of(run)
    assert "The gradient grows" in said
    assert "beyond the limit of 1.0 decades; near to it a verdict is made when 5 readings" in said
    run.go(50, activation_grad_norm=ramp(-1.02))
    assert run.diagnosis().verdict == "weakly exploding"
    assert "a verdict is made when" not in said_of(run)
    run = Run(activation="tanh")
    prediction = SimpleNamespace(log_spread=np.full(DEPTH, 0.8 * np.log(10.0)))
    run.newest = record(1, activation_grad_norm=ramp(1.4))
    run.history.append(run.newest)
    run.judge.observe(run.newest, run.history, run.config, None, prediction)
    assert run.diagnosis().verdict == "healthy"
    said = said_of(run)
    assert "changes by 1.4 decades. That may be chance" in said
    assert "2 standard deviations are 1.6 decades" in said
