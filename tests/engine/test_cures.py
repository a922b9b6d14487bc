"""What is offered first heals: applied, it leaves nothing of what decided, and nothing graver."""

import math
from dataclasses import dataclass

import pytest

from engine.config import RunConfig
from engine.diagnosis import Diagnosis, Judge
from engine.diagnosis.advice import Advice, advise
from engine.diagnosis.explain import explain
from engine.diagnosis.findings import CRITERIA, Finding, Severity
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
    config = config.replace(device="cpu", threads=1)
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
    return Outcome(diagnosis, loss, advise(diagnosis, config, trainer.anchor))


@pytest.mark.slow
@pytest.mark.parametrize("name", CONFIGS)
def test_the_first_cure_makes_it_better(name, one_thread):
    config = CONFIGS[name]
    before = outcome(config, STEPS)
    if before.rank == math.inf:
        return
    assert before.advice, before.decided
    cured = before.advice[0]
    after = outcome(cured.config, STEPS)
    said = (before.diagnosis.verdict, before.decided, cured.cure.name, after.decided)
    if after.decided == before.decided != "":
        # Of what is a matter of degree, at least much less.
        was, now = (each.diagnosis.decisive.numbers[0] for each in (before, after))
        assert before.decided == "large_update", said
        assert now < 0.5 * was, said
    else:
        assert after.rank > before.rank, said
    # Shorter steps are safer and learn later; with a rate of zero nothing is learned at all.
    same_rate = cured.config.learning_rate == config.learning_rate > 0.0
    if same_rate and before.severity is Severity.ALARM:
        assert after.loss <= before.loss, said


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
