"""What is offered: cures go to what decided, and change what they say."""

import math

import pytest

from engine.config import RunConfig
from engine.diagnosis import THRESHOLDS
from engine.diagnosis.advice import advise
from engine.diagnosis.autopsy import Manner
from engine.diagnosis.causes import NARROW, WITH_TRAINING
from engine.diagnosis.cures import CURES
from engine.diagnosis.explain import explain
from engine.diagnosis.findings import CRITERIA, Severity
from engine.theory.standing import Standing
from tests.engine.judged_runs import LABELLED, Run, small_config, train


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


def test_the_sentence_of_the_textbook_case(one_thread):
    diagnosis, trainer = train(
        small_config(
            depth=30, width=128, activation="relu", initializer="torch_default", learning_rate=0.03
        ),
        1,
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
    causes = {manner.value for manner in Manner} | {WITH_TRAINING, NARROW}
    assert answered | also <= judging | causes
