"""Each finding from arrays made for it, and from runs of the engine whose verdict is known."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from engine.config import RunConfig
from engine.diagnosis import THRESHOLDS, VERDICTS, Judge, Thresholds
from engine.diagnosis.advice import advise
from engine.diagnosis.autopsy import Manner
from engine.diagnosis.cures import CURES, WITH_TRAINING
from engine.diagnosis.explain import explain
from engine.diagnosis.findings import CRITERIA, Severity
from engine.diagnosis.thresholds import THRESHOLD_TABLE, thresholds_from
from engine.fields import ConfigError
from engine.history import History
from engine.record import CURVE_INDEX, CURVE_QUANTITIES, LAYER_INDEX, LAYER_QUANTITIES, StepRecord
from engine.theory.prediction import Standing
from engine.trainer import Trainer

DEPTH, WIDTH, SAMPLES = 20, 100, 64


def record(step=1, *, dead=None, loss=2.3, norm=1.0, scale=1.0, **rows) -> StepRecord:
    """Return a step of a healthy network, but for the rows that are given."""
    layers = np.zeros((len(LAYER_QUANTITIES), DEPTH + 1))
    healthy = {
        "activation_rms": 1.0,
        "activation_grad_norm": 1e-2,
        "weight_norm": 10.0,
        "weight_grad_norm": 1e-1,
        "update_ratio": 1e-3,
        "distinct_units": WIDTH,
    }
    for name, value in (healthy | rows).items():
        layers[LAYER_INDEX[name]] = value
    curves = np.ones(len(CURVE_QUANTITIES))
    for name, value in (("loss", loss), ("grad_norm", norm), ("loss_scale", scale)):
        curves[CURVE_INDEX[name]] = value
    return StepRecord(step, curves, layers, None, None, dead_fraction=dead)


class Run:
    """A run of made-up steps, and its judge."""

    def __init__(self, thresholds: Thresholds = THRESHOLDS, **fields) -> None:
        fields = {"activation": "relu", "depth": DEPTH, "width": WIDTH} | fields
        self.config = RunConfig(batch_size=SAMPLES, **fields)
        self.judge, self.history = Judge(thresholds), History(DEPTH, 2**20)
        self.steps = 0

    def go(self, steps=1, **measured) -> None:
        for _ in range(steps):
            self.steps += 1
            self.newest = record(self.steps, **measured)
            self.history.append(self.newest)
            self.judge.observe(self.newest, self.history, self.config)

    def diagnosis(self):
        return self.judge.diagnosis(self.newest, self.history.view())

    def found(self) -> dict:
        return {finding.criterion: finding for finding in self.diagnosis().findings}


def ramp(decades: float, steps: int = DEPTH) -> np.ndarray:
    """A gradient that loses so many decades from the last hidden layer to the first."""
    return 1e-2 * 10.0 ** np.append(np.linspace(-decades, 0.0, steps), 0.0)


def one_layer(value: float, index: int, others: float = 0.0) -> np.ndarray:
    row = np.full(DEPTH + 1, others)
    row[index] = value
    return row


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
    notes = {name for name, row in CRITERIA.items() if row.severity is Severity.NOTE}
    assert set(CASES) | by_time | notes == set(CRITERIA)
    noted = {"inactive", "not a straight line"}
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
    for steps, found in ((50, True), (10, False)):
        run = Run(Thresholds(spike_steps=steps))
        run.go(40, norm=1.0)
        # These are most of the last ten steps, and not of the last fifty.
        run.go(14, norm=8.0)
        run.go(1, norm=30.0)
        run.go(5, norm=8.0)
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


# What needs more than one step -------------------------------------------------------------------


def test_a_verdict_comes_after_five_readings_and_goes_after_five():
    run = Run()
    run.go(10)
    readings = 0
    while run.diagnosis().verdict != "vanishing":
        run.go(10, activation_grad_norm=ramp(3.5))
        readings += 1
    # The median of nine steps follows with the first reading; five must agree.
    assert readings == 5
    run.go(100, activation_grad_norm=ramp(2.7))
    assert run.diagnosis().decades == pytest.approx(2.7)
    assert run.diagnosis().verdict == "vanishing", "not before it is below 2.5"
    run.go(100, activation_grad_norm=ramp(2.4))
    assert run.diagnosis().verdict == "weakly vanishing"


def test_what_is_between_leaving_and_entering_is_not_entered():
    run = Run()
    run.go(100, activation_grad_norm=ramp(2.7))
    assert run.diagnosis().verdict == "weakly vanishing"


def test_the_same_steps_get_the_same_verdict_whoever_looks_in_between():
    watched, alone = Run(), Run()
    random = np.random.default_rng(3)
    for decades in random.uniform(2.0, 4.0, 120):
        for run in (watched, alone):
            run.go(activation_grad_norm=ramp(decades))
        watched.diagnosis()
    assert watched.diagnosis() == alone.diagnosis()


def test_a_spike_is_told_for_a_while():
    run = Run()
    run.go(20)
    run.go(norm=11.0)
    assert run.diagnosis().verdict == "healthy"
    run.go(9)
    assert run.found()["spike"].numbers == pytest.approx((21.0, 11.0))
    assert run.diagnosis().verdict == "exploding"
    run.go(60)
    assert run.diagnosis().verdict == "healthy"


def test_a_spike_below_the_first_gradient_does_no_harm():
    run = Run()
    run.go(1, norm=20.0)
    run.go(60, norm=1.0)
    run.go(10, norm=15.0)
    assert "spike" not in run.found()


def test_a_loss_that_rises_has_diverged():
    run = Run()
    run.go(10, loss=2.3)
    run.go(10, loss=24.0)
    assert run.diagnosis().verdict == "healthy"
    run.go(10, loss=24.0)
    assert run.diagnosis().verdict == "diverged"
    assert run.diagnosis().first_bad is None
    run = Run()
    run.go(1, loss=1e6)
    assert run.diagnosis().verdict == "healthy", "it began there"
    run.go(9, loss=2e6)
    assert run.diagnosis().verdict != "diverged", "batches differ by as much"
    run.go(10, loss=2e7)
    assert run.diagnosis().verdict == "diverged"


def test_a_loss_that_does_not_fall_is_told():
    run = Run()
    run.go(90)
    assert run.diagnosis().verdict == "healthy"
    run.go(60)
    assert run.diagnosis().verdict == "not learning"


def test_what_has_been_learned_needs_no_gradient():
    run = Run()
    run.go(10, loss=2.3)
    run.go(90, loss=2.3e-4, update_ratio=5e-7, weight_grad_norm=1e-5, activation_grad_norm=1e-6)
    assert run.diagnosis().verdict == "healthy"


def test_dynamic_loss_scaling_that_backs_off_is_told():
    run = Run(precision="mixed_float16", loss_scale="dynamic")
    run.go(5, scale=65536.0)
    run.go(5, scale=32768.0)
    assert run.diagnosis().verdict == "overflow"


@pytest.mark.parametrize("seed", range(40))
def test_no_values_whatever_break_it(seed):
    random = np.random.default_rng(seed)
    strange = np.array([0.0, 1.0, 1e-300, 1e300, np.inf, -np.inf, np.nan, 1e-3, 0.5])
    run = Run(precision=str(random.choice(["float32", "mixed_float16", "bfloat16"])))
    for _ in range(12):
        rows = {name: random.choice(strange, DEPTH + 1) for name in LAYER_QUANTITIES}
        curves = {name: float(random.choice(strange)) for name in ("loss", "norm", "scale")}
        run.go(dead=random.choice(strange, DEPTH), **curves, **rows)
        assert run.diagnosis().verdict in VERDICTS
        for finding in run.diagnosis().findings:
            assert finding.sentence.english()


# Thresholds ---------------------------------------------------------------------------------------


def test_other_thresholds_make_another_verdict():
    for limit, verdict in (
        (3.0, "weakly vanishing"),
        (1.5, "vanishing"),
        (9.0, "weakly vanishing"),
    ):
        run = Run(Thresholds(strong_decades=limit, strong_leave=limit))
        run.go(activation_grad_norm=ramp(2.0))
        assert run.diagnosis().verdict == verdict
        assert run.diagnosis().thresholds.strong_decades == limit


def test_thresholds_can_change_while_a_run_goes_on():
    run = Run()
    run.go(20, activation_grad_norm=ramp(2.0))
    run.judge.use(Thresholds(strong_decades=1.5, strong_leave=1.2))
    run.judge.read(run.newest, run.history.view(), run.config)
    assert run.diagnosis().verdict == "vanishing"


def test_every_threshold_is_declared_with_its_source():
    fields = {item.name for item in dataclasses.fields(Thresholds)}
    assert set(THRESHOLD_TABLE) == fields
    for row in THRESHOLD_TABLE.values():
        assert row.label
        assert row.source
        assert row.help


def test_thresholds_refuse_nonsense_and_survive_stored_nonsense():
    with pytest.raises(ConfigError, match="readings = 0"):
        Thresholds(readings=0)
    stored = {"strong_decades": "4", "weak_decades": "much", "no_such": 3, "readings": 0}
    restored = thresholds_from(stored)
    assert restored == Thresholds(strong_decades=4.0)
    assert restored.changed() == {"strong_decades": 4.0}
    assert thresholds_from(restored.changed()) == restored


@pytest.mark.parametrize(
    ("values", "lower", "upper"),
    [
        ({"strong_decades": 2.0}, "strong_leave", "strong_decades"),
        ({"strong_leave": 7.0}, "strong_leave", "strong_decades"),
        ({"weak_leave": 2.0}, "weak_leave", "weak_decades"),
        ({"strong_decades": 1.0, "strong_leave": 2.0}, "strong_leave", "strong_decades"),
        ({"healthy_update_low": 0.5}, "healthy_update_low", "healthy_update_high"),
    ],
)
def test_thresholds_that_contradict_one_another_are_refused(values, lower, upper):
    with pytest.raises(ConfigError) as refused:
        Thresholds(**values)
    assert str(refused.value).startswith(f"{lower} = ")
    assert f"must not be above {upper}, which is " in str(refused.value)
    # What was stored of them is left out, whatever their order; the rest is kept.
    for stored in (values, dict(reversed(values.items()))):
        assert thresholds_from(stored | {"readings": 7}) == Thresholds(readings=7)
    together = {"strong_decades": 1.5, "strong_leave": 1.2}
    assert thresholds_from(together) == Thresholds(**together)
    with pytest.raises(ConfigError, match=r"strong_decades = 0: must be a number from 0\.1 to 300"):
        Thresholds(strong_decades=0)


# The engine itself -------------------------------------------------------------------------------

LABELLED = [
    ("tanh", "xavier_normal", 20, {}, "healthy"),
    ("relu", "kaiming_normal", 20, {}, "healthy"),
    ("relu", "kaiming_normal", 50, {}, "healthy"),
    ("selu", "lecun_normal", 20, {}, "healthy"),
    ("relu", "xavier_normal", 30, {}, "vanishing"),
    ("relu", "torch_default", 30, {}, "vanishing"),
    ("sigmoid", "xavier_normal", 10, {}, "vanishing"),
    ("tanh", "torch_default", 20, {}, "vanishing"),
    ("tanh", "normal", 10, {"init_std": 0.01}, "vanishing"),
    ("gelu", "xavier_normal", 20, {}, "vanishing"),
    ("tanh", "normal", 10, {"init_std": 1.0}, "exploding"),
    # With any learning rate worth the name its second step is not finite: judged by its first.
    ("relu", "normal", 10, {"init_std": 1.0, "max_steps": 1}, "exploding"),
    ("tanh", "torch_default", 8, {}, "weakly vanishing"),
    ("relu", "xavier_normal", 10, {}, "weakly vanishing"),
]


def train(config: RunConfig, steps: int, thresholds: Thresholds = THRESHOLDS):
    """Return the diagnosis after some steps, and the trainer."""
    trainer, history, judge = Trainer(config), History(config.depth, 2**20), Judge(thresholds)
    for _ in range(config.max_steps or steps):
        newest = trainer.step()
        history.append(newest)
        judge.observe(newest, history, trainer.config, trainer.anchor, trainer.prediction)
        if newest.first_bad is not None:
            break
    return judge.diagnosis(newest, history.view()), trainer


def small_config(**fields) -> RunConfig:
    return RunConfig(**({"device": "cpu", "threads": 1, "dataset": "blobs"} | fields))


@pytest.mark.slow
@pytest.mark.parametrize(("case", "seed"), list(itertools.product(LABELLED, (1, 2, 3))))
def test_the_fourteen_labelled_configurations(case, seed, one_thread):
    activation, initializer, depth, more, verdict = case
    config = small_config(
        depth=depth, width=128, activation=activation, initializer=initializer,
        batch_size=128, learning_rate=0.01, seed=seed, **more,
    )  # fmt: skip
    diagnosis, _ = train(config, 30)
    assert diagnosis.verdict == verdict, diagnosis.findings


@pytest.mark.parametrize("case", LABELLED)
def test_labelled_configurations_in_small(case, one_thread):
    activation, initializer, depth, more, verdict = case
    config = small_config(
        depth=depth, width=128, activation=activation, initializer=initializer,
        batch_size=128, learning_rate=0.01, seed=1, **more,
    )  # fmt: skip
    diagnosis, _ = train(config, 1)
    assert diagnosis.verdict == verdict, diagnosis.findings


TANH = {"activation": "tanh", "depth": 3}
REAL_RUNS = [
    (TANH | {"initializer": "constant"}, "symmetric"),
    (TANH | {"initializer": "zeros"}, "no gradient"),
    (TANH | {"initializer": "normal", "init_std": 1.0}, "saturated"),
    (TANH | {"learning_rate": 1e-8}, "uniform stall"),
    (TANH | {"depth": 30, "initializer": "torch_default", "precision": "float16"}, "underflow"),
]


@pytest.mark.parametrize(("fields", "verdict"), REAL_RUNS)
def test_verdicts_of_real_runs(fields, verdict, one_thread):
    diagnosis, _ = train(small_config(**({"learning_rate": 0.01, "width": 64} | fields)), 12)
    assert verdict in {finding.verdict for finding in diagnosis.findings}
    assert diagnosis.verdict == verdict, diagnosis.findings


def test_units_that_a_bias_has_silenced_are_dead_and_those_of_one_batch_are_not(one_thread):
    import torch

    config = small_config(
        depth=4, width=32, activation="relu", initializer="kaiming_normal", learning_rate=1e-3
    )
    trainer, history, judge = Trainer(config), History(4, 2**20), Judge()
    with torch.inference_mode():
        # 20 of 32 units of layer 2 can never be active again.
        trainer.weights.bias[1][:20] = -100.0
    for _ in range(60):
        newest = trainer.step()
        history.append(newest)
        judge.observe(newest, history, config, trainer.anchor, trainer.prediction)
        if newest.step < 50:
            assert newest.dead_fraction is None
    assert newest.dead_fraction[1] == 20 / 32
    diagnosis = judge.diagnosis(newest, history.view())
    assert diagnosis.verdict == "dead units"
    # The layer behind has units that few samples activate, and no alarm is made of it.
    assert newest.layer("inactive_fraction")[2] >= newest.dead_fraction[2]


# What decides is what is said and cured first ----------------------------------------------------


def first_cures(diagnosis, trainer) -> list[str]:
    return [each.cure.name for each in advise(diagnosis, trainer.config, trainer.anchor)]


def test_updates_that_are_too_long_are_answered_by_a_lower_learning_rate(one_thread):
    config = small_config(depth=5, width=100, activation="relu", initializer="kaiming_normal",
                          dataset="digits", learning_rate=0.3)  # fmt: skip
    diagnosis, trainer = train(config, 1)
    assert abs(diagnosis.decades) < 0.5
    assert (diagnosis.verdict, diagnosis.decisive.criterion) == ("large updates", "huge_update")
    assert diagnosis.decisive.brief.english().endswith(" % of the output layer")
    assert diagnosis.decisive.title == "learning rate too high"
    assert first_cures(diagnosis, trainer) == ["much_slower"]
    advice = advise(diagnosis, config, trainer.anchor)
    # As much shorter as it takes to be healthy, in tens.
    length = diagnosis.decisive.numbers[0]
    assert 10.0 < length / THRESHOLDS.healthy_update_high <= 100.0
    text = " ".join(s.english() for s in explain(diagnosis, config, trainer.prediction, advice))
    assert "A single step changes the output layer by " in text
    assert "Try “Learning rate ÷ 100”." in text


def test_what_training_has_done_is_not_cured_by_drawing_anew(one_thread):
    # He draws it well; Adam with a rate of 0.1 silences whole layers.
    config = small_config(depth=6, width=100, activation="relu", initializer="kaiming_normal",
                          dataset="digits", optimizer="adam", learning_rate=0.1)  # fmt: skip
    diagnosis, trainer = train(config, 100)
    assert diagnosis.decisive.criterion == "silent_layer"
    cures = first_cures(diagnosis, trainer)
    # A hundred times the rate that is usual with this rule: a tenth of it would not do.
    assert cures[:2] == ["usual_slower", "leaky"]
    assert not {"xavier", "he", "orthogonal"} & set(cures)


def test_growth_going_forward_is_not_cured_by_what_grows_as_well(one_thread):
    config = small_config(depth=30, width=64, activation="identity", initializer="kaiming_normal",
                          learning_rate=0.0)  # fmt: skip
    diagnosis, trainer = train(config, 1)
    assert "grown_forward" in {finding.criterion for finding in diagnosis.findings}
    for advice in advise(diagnosis, config, trainer.anchor):
        assert not advice.forward_growth > THRESHOLDS.forward_growth
    # What differs from batch to batch has not risen: nothing was learned, nothing unlearned.
    assert train(config, 30)[0].verdict == "exploding"


def test_a_slope_that_has_turned_round_is_not_kept(one_thread):
    run = Run(activation="tanh")
    run.go(10, activation_grad_norm=1e-4 * ramp(-3.5))
    assert run.diagnosis().verdict == "exploding"
    # The median of nine steps turns with the fifth; five readings would take till step 50.
    run.go(4, activation_grad_norm=1e-4 * ramp(2.0))
    assert run.diagnosis().verdict == "exploding"
    run.go(1, activation_grad_norm=1e-4 * ramp(2.0))
    assert "decades_gained" not in run.found()
    assert run.diagnosis().verdict == "weakly vanishing"
    assert run.diagnosis().decades == pytest.approx(2.0)


def test_the_verdict_follows_at_once_what_is_far_from_its_limit_and_waits_near_it():
    for decades, steps in ((8.0, 5), (3.5, 50)):
        run = Run(activation="tanh")
        run.go(10)
        waited = 0
        while run.diagnosis().verdict != "vanishing":
            run.go(1, activation_grad_norm=ramp(decades))
            waited += 1
            # What is lost is told of in the meantime, whatever the headline says.
            told = {f.verdict for f in run.diagnosis().findings}
            assert waited < 5 or {"vanishing", "weakly vanishing"} & told
        assert waited == steps
    run = Run(activation="tanh")
    run.go(10, norm=2e4)
    assert run.diagnosis().verdict == "exploding"
    run.go(10, norm=1.0)
    assert run.diagnosis().verdict == "healthy"


def test_a_verdict_names_the_steps_that_its_number_is_the_median_of():
    run = Run(activation="tanh")
    run.go(1, activation_grad_norm=ramp(2.0))
    assert run.diagnosis().typical_steps == (1, 1)
    run.go(30, activation_grad_norm=ramp(2.0))
    run.go(3, activation_grad_norm=ramp(-0.5))
    found = run.diagnosis()
    assert found.typical_steps == (26, 34)
    assert (found.decades, found.newest_decades) == pytest.approx((2.0, -0.5))


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


def test_a_network_that_keeps_the_gradient_s_size_does_not_explode_because_of_its_rate(one_thread):
    """He at the default rate, and the preset that a residual connection saves."""
    from engine.presets import presets

    he = RunConfig(activation="relu", initializer="kaiming_normal")
    for config, steps in ((he, 3), (presets()["saved_by_residual"].config, 40)):
        found, _ = train(config.replace(device="cpu", threads=1), steps)
        assert abs(found.decades) < 1.0
        assert found.verdict == "large updates"
        assert not {f.verdict for f in found.findings} & {"exploding", "weakly exploding"}


def test_decay_is_named_by_what_it_takes_in_a_step():
    for fields, share in (
        ({"learning_rate": 0.5, "weight_decay": 3.0}, 1.5),
        ({"learning_rate": 0.1, "weight_decay": 0.5, "optimizer": "momentum"}, 0.5),
        ({"learning_rate": 0.1, "weight_decay": 2.0, "optimizer": "adamw"}, 0.2),
    ):
        run = Run(**fields)
        run.go(1)
        assert run.found()["heavy_decay"].numbers == pytest.approx((share,))
        (first, *_) = advise(run.diagnosis(), run.config, None)
        assert (first.cure.name, first.config.weight_decay) == ("no_decay", 0.0)
    # What is divided by the gradient's own size is no such pull.
    for optimizer in ("adam", "rmsprop", "lars"):
        run = Run(learning_rate=0.5, weight_decay=3.0, optimizer=optimizer)
        run.go(1)
        assert "heavy_decay" not in run.found()


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop", "lars"])
def test_clipping_is_not_offered_to_rules_that_take_the_same_step_however_long_the_gradient(
    optimizer, one_thread
):
    run = Run(optimizer=optimizer, learning_rate=1e-3)
    run.go(20)
    run.go(10, norm=50.0)
    assert run.diagnosis().decisive.criterion == "spike"
    assert "clip" not in [a.cure.name for a in advise(run.diagnosis(), run.config, None)]
    plain = run.config.replace(optimizer="sgd")
    assert "clip" in [a.cure.name for a in advise(run.diagnosis(), plain, None)]


def test_a_restless_first_step_is_no_verdict_yet():
    run = Run()
    run.go(1, update_ratio=1.4e-2)
    assert run.diagnosis().verdict == "healthy"
    run.go(4, update_ratio=1.4e-2)
    assert run.diagnosis().verdict == "large updates"
    assert "1.4 %" in run.found()["large_update"].sentence.english()


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


# Advice -------------------------------------------------------------------------------------------


def test_the_sentence_of_the_textbook_case(one_thread):
    diagnosis, trainer = train(
        small_config(depth=30, width=128, activation="relu", initializer="torch_default"), 1
    )
    best, *_ = advise(diagnosis, trainer.config, trainer.anchor)
    assert best.cure.name == "he"
    assert best.factor_per_layer == pytest.approx(1.0, abs=1e-6)
    assert best.config == trainer.config.replace(initializer="kaiming_normal")


@pytest.mark.parametrize("case", [case for case in LABELLED if case[-1] != "healthy"])
def test_the_first_cure_heals(case, one_thread):
    activation, initializer, depth, more, _verdict = case
    config = small_config(
        depth=depth, width=128, activation=activation, initializer=initializer,
        batch_size=128, learning_rate=0.01, seed=1, **more,
    )  # fmt: skip
    diagnosis, trainer = train(config, 1)
    advice = advise(diagnosis, config, trainer.anchor)
    assert 2 <= len(advice) <= 3
    cured, _ = train(advice[0].config, 1)
    assert abs(cured.decades) < THRESHOLDS.weak_decades
    if trainer.anchor.predict(advice[0].config).standing is Standing.THEORY:
        assert cured.decades == pytest.approx(advice[0].decades, abs=0.5)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 1, 2])
def test_after_the_first_cure_the_default_experiment_learns(seed, one_thread):
    config = RunConfig(seed=seed, threads=1, device="cpu")
    diagnosis, trainer = train(config, 10)
    assert diagnosis.verdict == "vanishing"
    cured, trainer = train(advise(diagnosis, config, trainer.anchor)[0].config, 150)
    assert abs(cured.decades) < THRESHOLDS.weak_decades
    # Guessing among ten classes is right for a tenth.
    outputs = trainer.network.evaluate(trainer._train_x)
    assert float((outputs.argmax(dim=1) == trainer._train_y).double().mean()) > 0.85


def test_cures_change_what_they_say_and_nothing_is_offered_twice():
    assert all(math.isfinite(cure.price) for cure in CURES.values())
    answered = set().union(*(cure.answers for cure in CURES.values()))
    judging = {name for name, row in CRITERIA.items() if row.severity > Severity.NOTE}
    assert judging | {manner.value for manner in Manner} <= answered
    # What is answered exists: a name that is misspelt would never be offered.
    also = set().union(*(cure.also for cure in CURES.values()))
    assert answered | also <= judging | {manner.value for manner in Manner} | {WITH_TRAINING}
