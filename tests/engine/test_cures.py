"""What is offered first heals: applied, it leaves nothing of what decided, and nothing graver."""

import math
from dataclasses import dataclass
from functools import cache

import pytest

from engine.config import RunConfig
from engine.diagnosis import Diagnosis, Judge
from engine.diagnosis.advice import MOST_ADVICE, Advice, advise
from engine.diagnosis.changes import without_decay
from engine.diagnosis.explain import explain
from engine.diagnosis.findings import CRITERIA, Finding, Severity
from engine.diagnosis.rates import longest_rate
from engine.history import History
from engine.presets import presets
from engine.trainer import Trainer

STEPS = 30
SMALL = {"depth": 10, "width": 64}
HE = {"activation": "relu", "initializer": "kaiming_normal"}

# Activation, initialiser, depth: those that THEORY's validation labels as ill.
LABELLED = {
    "xavier_relu": {"activation": "relu", "depth": 30},
    "default_relu": {"activation": "relu", "initializer": "torch_default", "depth": 30},
    "sigmoid": {"activation": "sigmoid", "depth": 10},
    "default_tanh": {"activation": "tanh", "initializer": "torch_default", "depth": 20},
    "tiny_tanh": {"activation": "tanh", "initializer": "normal", "init_std": 0.01, "depth": 10},
    "gelu": {"activation": "gelu", "depth": 20},
    "large_tanh": {"activation": "tanh", "initializer": "normal", "init_std": 1.0, "depth": 10},
    "large_relu": {"activation": "relu", "initializer": "normal", "init_std": 1.0, "depth": 10},
    "weakly_tanh": {"activation": "tanh", "initializer": "torch_default", "depth": 8},
    "weakly_relu": {"activation": "relu", "depth": 10},
}
OTHERS = {
    "tanh_float16": SMALL | {"activation": "tanh", "initializer": "normal", "init_std": 1.0,
                             "precision": "float16"},
    "sigmoid_float16": SMALL | {"activation": "sigmoid", "precision": "float16"},
    "far_too_fast": SMALL | {"activation": "tanh", "learning_rate": 1000.0},
    "too_fast": SMALL | HE | {"learning_rate": 10.0},
    "too_fast_adam": SMALL | HE | {"optimizer": "adam", "learning_rate": 0.1},
    "no_rate": SMALL | {"activation": "tanh", "learning_rate": 0.0},
    "too_slow": SMALL | {"activation": "tanh", "learning_rate": 1e-6},
    "constant_tanh": SMALL | {"activation": "tanh", "initializer": "constant"},
    "constant_relu": SMALL | {"activation": "relu", "initializer": "constant",
                              "init_constant": 0.05},
    "zeros": SMALL | {"activation": "tanh", "initializer": "zeros"},
    "half_a_decade": {"activation": "relu", "initializer": "torch_default", "depth": 6,
                      "width": 64},
    "residual_gelu": {"activation": "gelu", "initializer": "kaiming_normal", "skip": "residual",
                      "depth": 30, "width": 64},
    "deep_dropout": HE | {"dropout": 0.3, "depth": 30},
    "cube": HE | {"dataset": "cube", "learning_rate": 1.0, "depth": 1},
    "batch_norm_relu": HE | {"normalization": "batch", "depth": 30, "width": 128,
                              "learning_rate": 0.01},
    "heavy_decay": SMALL | HE | {"weight_decay": 5.0, "learning_rate": 0.5},
    "heavy_decay_adamw": SMALL | HE | {"optimizer": "adamw", "weight_decay": 10.0,
                                       "learning_rate": 0.05},
    "residual_relu": HE | {"skip": "residual", "depth": 30, "width": 64},
    "growing_adam": SMALL | {"activation": "relu", "initializer": "normal", "init_std": 1.0,
                             "optimizer": "adam", "learning_rate": 1e-3},
    "growing_lars": SMALL | {"activation": "relu", "initializer": "normal", "init_std": 1.0,
                             "optimizer": "lars", "learning_rate": 1.0},
    "zeros_with_batch_norm": SMALL | {"activation": "tanh", "initializer": "constant",
                                      "normalization": "batch"},
    "narrow_and_deep": {"activation": "relu", "depth": 60, "width": 4},
}  # fmt: skip
CONFIGS = (
    {
        name: RunConfig(width=128, batch_size=128, learning_rate=0.01, **fields)
        for name, fields in LABELLED.items()
    }
    | {name: RunConfig(**fields) for name, fields in OTHERS.items()}
    | {f"preset_{name}": preset.config for name, preset in presets().items()}
)


@dataclass(frozen=True)
class Outcome:
    """A run after some steps."""

    diagnosis: Diagnosis
    loss: float
    first_loss: float
    advice: tuple[Advice, ...]

    @property
    def decided(self) -> str:
        decisive = self.diagnosis.decisive
        return "" if decisive is None else decisive.criterion

    @property
    def severity(self) -> Severity:
        return CRITERIA[self.decided].severity if self.decided else Severity.ALARM

    @property
    def rank(self) -> float:
        """Smaller is graver."""
        if self.diagnosis.autopsy is not None:
            return -1.0
        return list(CRITERIA).index(self.decided) if self.decided else math.inf


def outcome(config: RunConfig, steps: int) -> Outcome:
    """Train an experiment; several cures, and several experiments, lead to the same one."""
    return trained(config.replace(device="cpu", threads=1), steps)


@cache
def trained(config: RunConfig, steps: int) -> Outcome:
    trainer, history, judge = Trainer(config), History(config.depth, 2**20), Judge()
    losses = []
    for _ in range(steps):
        record = trainer.step()
        history.append(record)
        losses.append(record.curve("loss"))
        judge.observe(record, history, config, trainer.anchor, trainer.prediction)
        if record.first_bad is not None:
            break
    diagnosis = judge.diagnosis(record, history.view())
    last = sorted(losses[-STEPS // 3 :])
    loss = math.inf if record.first_bad is not None else last[len(last) // 2]
    return Outcome(diagnosis, loss, losses[0], advise(diagnosis, config, trainer.anchor, most=5))


def assert_better(before: Outcome, after: Outcome, said: object) -> None:
    """Nothing of what decided is left, and nothing graver; of degrees, at least much less."""
    if after.decided == before.decided != "":
        assert before.decided == "large_update", said
        healthy = before.diagnosis.thresholds.healthy_update_high
        was, now = (each.diagnosis.decisive.numbers[0] - healthy for each in (before, after))
        assert now < 0.5 * was, said
    else:
        assert after.rank > before.rank, said


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_every_button_heals_or_says_that_it_only_eases(name, one_thread):
    config = CONFIGS[name]
    before = outcome(config, STEPS)
    if before.rank == math.inf:
        return
    assert before.advice, before.decided
    for place, cured in enumerate(before.advice):
        after = outcome(cured.config, STEPS)
        said = (before.diagnosis.verdict, before.decided, cured.cure.name, after.decided)
        if cured.eases and place:
            # What it leaves as it is may be seen better; nothing ends that did not end before.
            assert after.loss < math.inf or before.loss == math.inf, said
            continue
        assert_better(before, after, said)
        # Shorter steps are safer and learn later; with a rate of zero nothing is learned at all.
        same_rate = cured.config.learning_rate == config.learning_rate > 0.0
        if not place and not cured.eases and same_rate and before.severity is Severity.ALARM:
            assert after.loss <= before.loss, said


# Over a spread of networks, with the rate that the window begins with and a tenth of it.
SPREAD = {
    f"{activation}-{initializer}-{depth}-{rate:g}": RunConfig(
        activation=activation, initializer=initializer, init_std=1.0, depth=depth,
        learning_rate=rate,
    )
    for depth, rate in ((10, 0.1), (30, 0.1), (50, 0.1), (50, 0.01))
    for activation in ("tanh", "relu", "sigmoid")
    for initializer in ("xavier_normal", "normal", "torch_default")
} | {
    f"{optimizer}-{activation}-30": RunConfig(
        activation=activation, initializer="torch_default", depth=30, optimizer=optimizer,
        learning_rate=rate,
    )
    for optimizer, rate in (("momentum", 0.1), ("adam", 0.01), ("rmsprop", 0.01), ("lars", 1.0))
    for activation in ("tanh", "relu")
}  # fmt: skip
LONGER = 200


@pytest.mark.slow
@pytest.mark.parametrize("name", SPREAD)
def test_every_button_leads_to_a_network_that_goes_on_learning(name, one_thread):
    """One that learns for a while and then diverges, or dies, was not healed."""
    before = outcome(SPREAD[name], STEPS)
    for cured in before.advice[:MOST_ADVICE]:
        after = outcome(cured.config, LONGER)
        said = (before.decided, cured.cure.name, cured.rate, after.decided, after.loss)
        if cured.eases:
            assert after.loss < math.inf, said
            continue
        # Well below guessing, or well on its way there from weights that shouted.
        assert after.loss < max(0.9 * math.log(10.0), 0.5 * after.first_loss), said
        assert after.decided not in ("decades_lost", "decades_gained", "dead_alarm"), said
        assert after.decided not in ("silent_layer", "risen_loss", "high_loss", "spike"), said


@pytest.mark.parametrize(
    ("fields", "rate"),
    [
        ({"learning_rate": 0.1, "depth": 10}, math.nan),
        ({"learning_rate": 0.1, "depth": 30}, 0.01),
        ({"learning_rate": 0.03, "depth": 30}, math.nan),
        ({"learning_rate": 0.1, "depth": 200}, 0.005),
        # A lasting gradient is followed ten times as far.
        ({"learning_rate": 0.01, "depth": 30, "optimizer": "momentum"}, 0.003),
        ({"learning_rate": 0.003, "depth": 30, "optimizer": "momentum"}, math.nan),
        # What divides by the gradient's size bears less the deeper the network is, too.
        ({"learning_rate": 1e-3, "depth": 30, "optimizer": "adam"}, math.nan),
        ({"learning_rate": 0.01, "depth": 30, "optimizer": "adam"}, 1e-3),
        ({"learning_rate": 1e-3, "depth": 100, "optimizer": "adamw"}, 3e-4),
        ({"learning_rate": 1e-3, "depth": 50, "optimizer": "rmsprop"}, 2e-4),
        ({"learning_rate": 1.0, "depth": 30, "optimizer": "lars"}, 0.1),
    ],
)
def test_a_rate_that_is_too_long_for_the_depth_is_shortened_with_the_cure(fields, rate, one_thread):
    found = outcome(RunConfig(activation="relu", initializer="torch_default", **fields), 1)
    he = next(a for a in found.advice if a.cure.name == "he")
    assert he.rate == pytest.approx(rate, nan_ok=True)
    assert he.config.learning_rate == (fields["learning_rate"] if math.isnan(rate) else rate)
    assert he.config.learning_rate <= longest_rate(he.config) * (1.0 + 1e-9)


@pytest.mark.parametrize(
    ("fields", "cures"),
    [
        ({"clip": "norm", "clip_threshold": 1e-9}, ["looser_clip", "no_clip"]),
        ({"clip": "value", "clip_threshold": 1e-9}, ["looser_clip", "no_clip"]),
        # Also where another cure would be offered if the network moved at all.
        ({"clip": "norm", "clip_threshold": 1e-9, "initializer": "torch_default"},
         ["looser_clip", "no_clip"]),
        ({"normalization": "batch", "batch_size": 1}, ["larger_batch", "layer_norm"]),
        ({"depth": 1, "initializer": "normal", "init_std": 100.0}, ["xavier", "tanh_xavier"]),
        ({"depth": 1, "initializer": "normal", "init_std": 100.0, "activation": "tanh"},
         ["xavier", "relu_he"]),
    ],
)  # fmt: skip
def test_one_setting_that_does_it_is_what_is_cured(fields, cures, one_thread):
    config = RunConfig(**SMALL | HE | {"learning_rate": 0.01} | fields)
    found = outcome(config, STEPS)
    assert [a.cure.name for a in found.advice] == cures
    healed = [outcome(cured.config, 4 * STEPS) for cured in found.advice]
    for after in healed:
        assert after.rank > found.rank
    if config.initializer != "torch_default":
        # One sample after the other makes a restless loss, but for the first cure.
        assert healed[0].loss < min(found.loss, 0.9 * math.log(10.0))
        assert {after.decided for after in healed} <= {"", "large_update"}


@pytest.mark.parametrize(("width", "depth"), [(1, 1), (1, 3), (2, 10)])
def test_a_layer_that_chance_has_silenced_is_not_healed_by_shorter_steps(width, depth, one_thread):
    config = RunConfig(**HE, width=width, depth=depth)
    found = outcome(config, 2 * STEPS)
    assert found.decided == "silent_layer"
    (first, *others) = found.advice
    assert (first.cure.name, first.eases, first.config.width) == ("wider", False, 100)
    # With one of the others it may do better; with none of them for sure.
    assert all(each.eases for each in others)
    assert outcome(first.config, 4 * STEPS).loss < 0.5 * found.loss


def test_what_normalisation_undoes_is_not_offered_behind_it(one_thread):
    found = outcome(CONFIGS["batch_norm_relu"], STEPS)
    assert found.decided == "weakly_gained"
    assert [a.cure.name for a in found.advice] == ["layer_norm"]


def test_units_that_are_alike_are_cured_by_another_draw_alone(one_thread):
    for name in ("constant_tanh", "zeros_with_batch_norm"):
        found = outcome(CONFIGS[name], STEPS)
        assert found.diagnosis.verdict == "symmetric"
        assert all(a.config.initializer != "constant" for a in found.advice)


def test_a_rate_that_fits_the_trouble_only_goes_with_it(one_thread):
    """The preset that explodes has one of 1e-5, with which a sound network stands still."""
    config = CONFIGS["preset_exploding"]
    (first, *_) = outcome(config, 1).advice
    assert (first.cure.name, first.rate) == ("xavier", 0.01)
    changed = set(config.differences(first.config)) - {"device", "threads"}
    assert changed == {"initializer", "learning_rate"}


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_the_first_cure_of_the_opening_experiment_is_healthy_all_along(seed, one_thread):
    (first, *_) = outcome(RunConfig(seed=seed), STEPS).advice
    assert (first.cure.name, first.eases) == ("batch_norm", False)
    trainer, history, judge = Trainer(first.config), History(first.config.depth, 2**20), Judge()
    verdicts = set()
    for _ in range(100):
        record = trainer.step()
        history.append(record)
        judge.observe(record, history, first.config, trainer.anchor, trainer.prediction)
        verdicts.add(judge.diagnosis(record, history.view()).verdict)
    assert verdicts == {"healthy"}
    assert record.curve("loss") < 0.5 * math.log(10.0)


def test_dead_units_come_back_with_a_lower_rate_and_a_slope_alone_only_eases(one_thread):
    found = outcome(CONFIGS["preset_dead_relu"], 120)
    assert found.decided in ("dead_alarm", "silent_layer")
    names = {a.cure.name: a for a in found.advice}
    assert found.advice[0].cure.name == "usual_slower"
    assert not found.advice[0].eases
    assert names["leaky"].eases
    healed = outcome(found.advice[0].config, 120)
    assert healed.loss < 0.5 * found.loss


@pytest.mark.parametrize(
    ("name", "steps", "cure"),
    [
        # Of the schemes the one that theory expects to keep the size, be the others harmless too.
        ("half_a_decade", 1, "he"),
        ("constant_relu", 1, "he"),
        ("constant_tanh", 1, "xavier"),
        ("far_too_fast", 40, "usual_slower"),
        ("no_rate", 1, "usual_faster"),
        ("tanh_float16", 1, "xavier"),
    ],
)
def test_what_is_offered_first(name, steps, cure, one_thread):
    found = outcome(CONFIGS[name], steps)
    assert found.advice[0].cure.name == cure
    # A tenth of nothing is nothing.
    assert all(a.config.learning_rate > 0.0 for a in found.advice if "rate" in a.cure.family)


def test_a_network_at_the_loss_of_guessing_is_not_called_healthy(one_thread):
    config = RunConfig(**HE, depth=30, dropout=0.3, learning_rate=0.01)
    stuck = outcome(config, 150)
    assert stuck.diagnosis.verdict == "not learning"
    assert stuck.decided == "guessing"
    assert stuck.loss == pytest.approx(math.log(10.0), rel=0.01)
    assert "guessing among 10 classes" in stuck.diagnosis.decisive.sentence.english()
    assert stuck.advice[0].cure.name == "no_dropout"
    healed = outcome(stuck.advice[0].config, 150)
    assert healed.decided != "guessing"
    assert healed.loss < 0.9 * stuck.loss


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({"gain": 2.0}, "Gain 1"),
        ({"bias_std": 3.0}, "Biases of zero"),
        ({"gain": 2.0, "bias_std": 1.0}, "Gain 1, biases of zero"),
    ],
)
def test_a_cure_is_not_named_after_a_scheme_that_is_set_already(fields, title, one_thread):
    base = {"device": "cpu", "threads": 1, "depth": 20, "width": 32, "activation": "relu"}
    config = RunConfig(**base, initializer="kaiming_normal", **fields)
    trainer, judge, history = Trainer(config), Judge(), History(config.depth, 2**20)
    newest = trainer.step()
    history.append(newest)
    judge.observe(newest, history, config, trainer.anchor, trainer.prediction)
    found = judge.diagnosis(newest, history.view())
    offered = advise(found, config, trainer.anchor, most=20)
    for advice in offered:
        if set(config.differences(advice.config)) <= {"gain", "bias_std"}:
            assert advice.cure.title == title
    assert "He initialisation" not in [advice.cure.title for advice in offered]
    if "gain" in fields:
        assert title in [advice.cure.title for advice in offered]
    # Theory reckons with what differs, and does not say that it is of the scheme alone.
    text = " ".join(s.english() for s in explain(found, config, trainer.prediction))
    assert "(theory for this network: ×" in text
    plain = config.replace(gain=1.0, bias_std=0.0)
    text = " ".join(s.english() for s in explain(found, plain, trainer.prediction))
    assert "(theory for relu with kaiming_normal: ×" in text


@pytest.mark.parametrize("row", [r for r in CRITERIA.values() if r.sentence_of_one])
def test_a_single_layer_is_not_told_of_in_the_plural(row):
    styles = [style.value for style in row.styles]
    assert styles[-1] == "count"

    def said(count: float) -> str:
        numbers = (*(3.0 for _ in styles[:-1]), count)
        return Finding(row.name, row.verdict, row.severity, numbers, 1).sentence.english()

    assert "1 layers" not in said(1.0)
    assert "layers" not in said(1.0)
    assert " 2 layers" in said(2.0) or " 2 such layers" in said(2.0)


def offered_for(steps: int = 30, **fields) -> dict[str, Advice]:
    return {a.cure.name: a for a in outcome(RunConfig(**fields), steps).advice}


def test_adam_is_not_offered_to_weights_that_would_be_divided_by_zero(one_thread):
    slow = {"activation": "tanh", "depth": 4, "learning_rate": 1e-7, "optimizer": "lars"}
    assert "adam" in offered_for(**slow)
    assert "adam" not in offered_for(**slow, precision="float16")
    adam = RunConfig(activation="tanh", depth=4, optimizer="adam", learning_rate=1e-3,
                     precision="float16")  # fmt: skip
    # Independent: it ends, with every scheme and any normalisation.
    for other in ({}, {"initializer": "kaiming_normal"}, {"normalization": "layer"}):
        assert outcome(adam.replace(**other), 30).loss == math.inf


def test_a_wider_format_only_eases_what_shrinks_from_layer_to_layer(one_thread):
    """An identity of half the size: no theory says so, but what is measured does."""
    fields = {"activation": "silu", "initializer": "identity", "gain": 0.5, "depth": 20,
              "width": 64, "optimizer": "momentum", "learning_rate": 0.003,
              "precision": "mixed_float16", "seed": 1}  # fmt: skip
    before = outcome(RunConfig(**fields), 40)
    assert before.decided == "underflow16"
    formats = [a for a in before.advice if a.config.precision != "mixed_float16"]
    assert formats
    for advice in formats:
        assert advice.eases
        assert outcome(advice.config, 40).diagnosis.verdict == "vanishing"


@pytest.mark.parametrize(("scale", "verdict"), [(1e-5, "underflow"), (1e-6, "no gradient")])
def test_what_the_loss_scale_has_made_too_small_is_not_laid_to_the_draw(scale, verdict, one_thread):
    config = RunConfig(activation="tanh", depth=4, precision="mixed_float16", loss_scale=scale,
                       learning_rate=0.01)  # fmt: skip
    before = outcome(config, 30)
    assert before.diagnosis.verdict == verdict
    assert [a.cure.name for a in before.advice][:3] == ["dynamic_scale", "bfloat16", "float32"]
    for advice in before.advice[:3]:
        assert not advice.eases
        after = outcome(advice.config, 30)
        assert after.diagnosis.verdict == "healthy"
        assert after.loss < before.loss


def test_weights_that_are_small_are_normalised_with_a_shorter_rate(one_thread):
    """As drawn with σ = 0.02: the rate that suits He makes a normalised network vanish."""
    fields = {"activation": "relu", "initializer": "normal", "gain": 2.0, "depth": 20,
              "optimizer": "momentum", "learning_rate": 0.3, "seed": 8}  # fmt: skip
    (advice,) = (a for a in outcome(RunConfig(**fields), 30).advice if a.cure.name == "layer_norm")
    assert not advice.eases
    after = outcome(advice.config, 120)
    assert after.diagnosis.verdict == "healthy"
    assert after.loss < 0.8 * after.first_loss
    usual = longest_rate(advice.config.replace(initializer="kaiming_normal", gain=1.0))
    assert outcome(advice.config.replace(learning_rate=usual), 80).diagnosis.verdict == "vanishing"


def test_what_is_set_and_not_drawn_is_drawn_first(one_thread):
    """Batch normalisation of an identity has units that are as good as constant."""
    fields = {"activation": "hardtanh", "initializer": "identity", "gain": 0.5, "depth": 30,
              "learning_rate": 10.0, "optimizer": "lars", "seed": 5}  # fmt: skip
    before = outcome(RunConfig(**fields), 40)
    assert before.advice
    for advice in before.advice:
        assert advice.config.initializer != "identity" or not advice.cure.on_network
    harmed = RunConfig(**fields).replace(normalization="batch")
    assert outcome(harmed, 40).loss == math.inf


def test_normalisation_leaves_hard_tanh_saturated_and_says_that_it_only_eases(one_thread):
    fields = {"activation": "hardtanh", "depth": 5, "width": 32, "gain": 3.0,
              "learning_rate": 0.01}  # fmt: skip
    before = outcome(RunConfig(**fields), 30)
    assert before.diagnosis.verdict == "saturated"
    for advice in before.advice:
        if advice.config.normalization != "none":
            assert advice.eases
    # Independent: of a standard normal variable as much lies beyond 1.
    normal = outcome(RunConfig(**fields).replace(normalization="batch"), 5)
    assert normal.diagnosis.verdict == "saturated"


def test_decay_is_not_blamed_for_steps_that_are_far_too_long():
    decays = RunConfig(weight_decay=0.5, learning_rate=0.1)
    assert without_decay(decays) == {"weight_decay": 0.0}
    assert without_decay(decays.replace(weight_decay=0.01, learning_rate=10.0)) is None
