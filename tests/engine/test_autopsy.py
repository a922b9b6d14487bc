"""What is told of a run that has ended: by real runs that end in each of the ways."""

import dataclasses
import math

import numpy as np
import pytest
import torch

from engine.config import RunConfig
from engine.diagnosis import Judge
from engine.diagnosis.advice import advise
from engine.diagnosis.autopsy import KEPT_STEPS, Manner, RaisedRate, Witness
from engine.diagnosis.storage import restore_diagnosis, store_diagnosis
from engine.history import History
from engine.lockstep import Lockstep
from engine.presets import presets
from engine.record import CURVE_INDEX, LAYER_INDEX
from engine.recording import open_recording, save_recording
from engine.snapshot import RunSnapshot
from engine.trainer import Trainer


def run_to_the_end(config: RunConfig, disturb=lambda trainer: None, steps=400):
    """Train until something is not finite; return trainer, history, record and diagnosis."""
    trainer, history, newest, diagnosis = run_for(config, disturb, steps)
    assert newest.first_bad is not None, "it stayed finite"
    return trainer, history, newest, diagnosis


def run_for(config: RunConfig, disturb, steps: int):
    """Train for some steps, whether they stay finite or not."""
    trainer, judge, history = Trainer(config), Judge(), History(config.depth, 2**20)
    for _ in range(steps):
        disturb(trainer)
        newest = trainer.step()
        history.append(newest)
        judge.observe(newest, history, trainer.config, trainer.anchor, trainer.prediction)
        if newest.first_bad is not None:
            break
    return trainer, history, newest, judge.diagnosis(newest, history.view())


def said_of(autopsy) -> str:
    return " ".join(sentence.english() for sentence in autopsy.sentences())


def make_config(**fields) -> RunConfig:
    base = {"device": "cpu", "threads": 1, "dataset": "digits", "width": 64, "depth": 10}
    return RunConfig(**(base | {"activation": "relu", "initializer": "kaiming_normal"} | fields))


def cures(diagnosis, trainer) -> list[str]:
    return [a.cure.name for a in advise(diagnosis, trainer.config, trainer.anchor)]


def assert_a_lower_rate_heals(diagnosis, trainer) -> None:
    """A tenth, or where that would still be far too much, what is usual."""
    best = advise(diagnosis, trainer.config, trainer.anchor)[0]
    changed = trainer.config.differences(best.config)
    assert list(changed) == ["learning_rate"]
    assert best.config.learning_rate <= 0.1 * trainer.config.learning_rate
    cured = Trainer(best.config)
    assert all(cured.step().first_bad is None for _ in range(60))


def test_from_the_first_step_on_it_was_the_initialisation(one_thread):
    config = make_config(depth=60, initializer="normal", init_std=1.0)
    trainer, _, newest, diagnosis = run_to_the_end(config)
    autopsy = diagnosis.autopsy
    assert newest.step == 1
    assert autopsy.manner is Manner.INITIALISATION
    assert autopsy.last_finite is None
    assert (autopsy.over, autopsy.quantity) == ("layer", "activation_rms")
    # Independent: the forward factor of N(0, 1) with ReLU is √(n/2) per layer.
    assert autopsy.growth == pytest.approx(math.sqrt(64 / 2), rel=0.25)
    assert int(diagnosis.first_bad.layer) == autopsy.at[-1] + 1
    assert cures(diagnosis, trainer)[0] == "he"


def test_a_learning_rate_that_is_too_high_makes_it_grow_step_by_step(one_thread):
    config = make_config(depth=3, activation="identity", initializer="xavier_normal",
                         dataset="sine", learning_rate=0.3, width=32)  # fmt: skip
    trainer, _, _, diagnosis = run_to_the_end(config)
    autopsy = diagnosis.autopsy
    assert autopsy.manner is Manner.LEARNING_RATE
    assert autopsy.last_finite.step == diagnosis.first_bad.step - 1
    assert autopsy.over == "step"
    assert autopsy.growth > 1.0
    assert_a_lower_rate_heals(diagnosis, trainer)


def test_one_monstrous_batch_is_a_spike(one_thread):
    @torch.inference_mode()
    def disturb(trainer):
        if trainer.steps == 60:
            trainer._train_x.fill_(1e37)

    trainer, _, newest, diagnosis = run_to_the_end(make_config(learning_rate=0.01), disturb)
    autopsy = diagnosis.autopsy
    assert newest.step == 61
    assert autopsy.manner is Manner.GRADIENT
    assert autopsy.last_finite.step == 60
    assert autopsy.last_finite.first_bad is None
    assert "up to then the gradient was of its usual size" in said_of(autopsy)
    # Nothing finite is left that could be shortened.
    assert "clip" not in cures(diagnosis, trainer)


def test_a_gradient_that_is_finite_and_enormous_is_clipped(one_thread):
    @torch.inference_mode()
    def disturb(trainer):
        if trainer.steps == 60:
            trainer._train_x.mul_(1e9)
        elif trainer.steps == 61:
            trainer._train_x.mul_(1e-9)

    trainer, _, newest, diagnosis = run_to_the_end(make_config(learning_rate=0.01), disturb)
    assert newest.step in (61, 62)
    assert diagnosis.autopsy.longest_gradient > 1e6
    assert cures(diagnosis, trainer)[0] == "clip"
    _, _, newest, _ = run_for(trainer.config.replace(clip="norm", clip_threshold=1.0), disturb, 80)
    assert (newest.step, newest.first_bad) == (80, None)


def test_a_gradient_that_has_no_limit_after_one_short_update_is_laid_to_the_draw(one_thread):
    """With batch normalisation the identity has units that are as good as constant."""
    config = RunConfig(
        device="cpu", threads=1, activation="hardtanh", initializer="identity", depth=40,
        normalization="batch", optimizer="momentum", dataset="circles", bias_std=0.2, seed=2,
    )  # fmt: skip
    trainer, _, newest, diagnosis = run_to_the_end(config)
    assert newest.step == 2
    assert diagnosis.autopsy.last_finite.curve("grad_norm") < 1.0
    assert diagnosis.autopsy.manner is Manner.FIRST_UPDATE
    # Independent: no length of the step helps, and no clipping.
    for other in ({"learning_rate": 1e-4}, {"clip": "norm"}, {"clip": "value"}):
        assert run_to_the_end(config.replace(**other))[2].step == 2
    offered = advise(diagnosis, config, trainer.anchor)
    assert offered
    for advice in offered:
        assert "clip" not in config.differences(advice.config)
        assert run_for(advice.config, lambda trainer: None, 30)[2].first_bad is None


def test_too_few_steps_do_not_tell_what_is_usual(one_thread):
    @torch.inference_mode()
    def disturb(trainer):
        if trainer.steps == 4:
            trainer._train_x.fill_(1e37)

    _, _, newest, diagnosis = run_to_the_end(make_config(learning_rate=0.01), disturb)
    assert (newest.step, diagnosis.autopsy.manner) == (5, Manner.GRADIENT)
    assert "after 4 finite steps: too few to say" in said_of(diagnosis.autopsy)


def test_a_format_that_ends_too_early_is_told_from_growth(one_thread):
    config = make_config(precision="mixed_float16", loss_scale=2.0**24, depth=4, learning_rate=0.01)
    trainer, _, _, diagnosis = run_to_the_end(config)
    assert diagnosis.autopsy.manner is Manner.NUMBER_FORMAT
    assert cures(diagnosis, trainer)[0] == "dynamic_scale"


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop"])
def test_a_division_by_what_is_rounded_to_zero_is_the_format_s_fault_as_in_pytorch(
    optimizer, one_thread
):
    config = make_config(precision="float16", optimizer=optimizer, depth=4, learning_rate=1e-3)
    trainer, _, newest, diagnosis = run_to_the_end(config)
    assert newest.first_bad.tensor == "W"
    assert diagnosis.autopsy.manner is Manner.ROUNDING
    # Weights do not grow from layer to layer.
    assert len(diagnosis.autopsy.sentences()) == 2
    assert cures(diagnosis, trainer) == ["mixed_float16", "bfloat16", "float32"]
    for advice in advise(diagnosis, trainer.config, trainer.anchor):
        cured = Trainer(advice.config)
        assert all(cured.step().first_bad is None for _ in range(60))
    # Independent: PyTorch's own optimiser makes of a small gradient in float16 what it does here.
    weight = torch.nn.Parameter(torch.ones(2, dtype=torch.float16))
    weight.grad = torch.full_like(weight, 1e-4)
    rule = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "rmsprop": torch.optim.RMSprop}
    rule[optimizer]([weight], lr=1e-3).step()
    assert not torch.isfinite(weight).any()


@pytest.mark.parametrize(
    ("fields", "steps"),
    [
        # One update leaves the range of the format.
        ({"learning_rate": 1e6, "precision": "float16"}, 1),
        # A few are enough, from weights that were drawn well.
        ({"learning_rate": 1e3}, 4),
        ({"learning_rate": 30.0, "optimizer": "momentum", "activation": "tanh", "depth": 4,
          "dataset": "sine"}, 60),
    ],
)  # fmt: skip
def test_weights_that_were_drawn_well_and_blow_up_by_their_updates_had_too_high_a_rate(
    fields, steps, one_thread
):
    trainer, _, newest, diagnosis = run_to_the_end(make_config(**fields))
    assert newest.step <= steps
    assert diagnosis.autopsy.manner is Manner.LEARNING_RATE
    assert_a_lower_rate_heals(diagnosis, trainer)


def test_a_rate_that_is_raised_in_a_quiet_run_is_to_blame(one_thread):
    def disturb(trainer):
        if trainer.steps == 60:
            trainer.change(trainer.config.replace(learning_rate=100.0))

    trainer, _, newest, diagnosis = run_to_the_end(make_config(learning_rate=0.01), disturb)
    assert newest.step <= 70
    assert diagnosis.autopsy.manner is Manner.RAISED_RATE
    assert diagnosis.autopsy.raised == RaisedRate(60, 0.01, 100.0)
    assert_a_lower_rate_heals(diagnosis, trainer)


def raises(*rates, at=60):
    """Return what raises the learning rate, one step after the other."""

    def disturb(trainer):
        if 0 <= trainer.steps - at < len(rates):
            rate = rates[trainer.steps - at]
            trainer.change(trainer.config.replace(learning_rate=rate))

    return disturb


def test_a_healthy_run_ended_by_a_raised_rate_is_told_so(one_thread):
    config = RunConfig(
        activation="relu", initializer="kaiming_normal", learning_rate=0.01, batch_size=256,
        device="cpu", threads=1,
    )  # fmt: skip
    trainer, _, newest, diagnosis = run_to_the_end(config, raises(1.0, at=300))
    assert 301 <= newest.step <= 320
    assert "raised from 0.01 to 1 after step 300, so that" in said_of(diagnosis.autopsy)
    assert "one batch" not in said_of(diagnosis.autopsy)
    best, *others = advise(diagnosis, trainer.config, trainer.anchor)
    assert (best.cure.name, best.config, best.eases) == ("take_back", config, False)
    assert "take_back" not in [advice.cure.name for advice in others]


def test_a_rate_that_is_dragged_up_is_taken_back_to_where_it_began(one_thread):
    config = make_config(learning_rate=0.01)
    trainer, _, _, diagnosis = run_to_the_end(config, raises(0.1, 1.0, 100.0))
    assert diagnosis.autopsy.raised == RaisedRate(60, 0.01, 100.0)
    assert advise(diagnosis, trainer.config, trainer.anchor)[0].config == config


@pytest.mark.parametrize(
    ("rate", "at"),
    # Hardly raised; long ago; lowered.
    [(0.011, 50), (0.03, 5), (0.001, 50)],
)
def test_a_monstrous_batch_is_not_blamed_on_a_change_that_did_not_lead_to_it(rate, at, one_thread):
    @torch.inference_mode()
    def disturb(trainer):
        raises(rate, at=at)(trainer)
        if trainer.steps == 60:
            trainer._train_x.fill_(1e37)

    _, _, _, diagnosis = run_to_the_end(make_config(learning_rate=0.01), disturb)
    assert diagnosis.autopsy.manner is Manner.GRADIENT
    assert diagnosis.autopsy.raised is None


def test_a_recording_and_its_moments_know_the_change(tmp_path, one_thread):
    trainer, history, newest, diagnosis = run_to_the_end(make_config(learning_rate=0.01),
                                                         raises(100.0))  # fmt: skip
    run = RunSnapshot(
        config=trainer.config, history=history.view(), record=newest, judged=diagnosis,
        changes=(), parameters=1, history_bytes=1, anchor=trainer.anchor,
        first_bad=newest.first_bad,
    )  # fmt: skip
    save_recording(tmp_path, [run], "cpu")
    opened = open_recording(tmp_path).runs[0]
    for seen in (opened, opened.at(newest.step), run.at(newest.step)):
        assert seen.diagnosis.autopsy.sentences() == diagnosis.autopsy.sentences()
    stored = store_diagnosis(diagnosis)
    for broken in (None, {"step": 60, "before": 100.0, "after": 1.0}, {"step": -1}):
        with pytest.raises((ValueError, KeyError)):
            restore_diagnosis(
                diagnosis, stored | {"autopsy": stored["autopsy"] | {"raised": broken}}, 10
            )


@pytest.mark.parametrize(
    "fields",
    [
        {"depth": 60, "initializer": "normal", "init_std": 1.0},
        {"gain": 50.0, "depth": 30},
        {"precision": "float16", "gain": 5.0},
    ],
)
def test_the_look_before_the_first_step_says_what_that_step_says(fields, one_thread):
    run = Lockstep([make_config(**fields)]).runs[0]
    looked = run.snapshot().diagnosis
    run.advance()
    stepped = run.snapshot().diagnosis
    assert (looked.verdict, looked.first_bad.step, stepped.first_bad.step) == ("diverged", 0, 1)
    assert looked.autopsy.manner is stepped.autopsy.manner
    assert said_of(looked.autopsy) == said_of(stepped.autopsy).replace("At step 1 ", "At step 0 ")
    offered = cures(looked, run.trainer)
    assert offered
    assert offered == cures(stepped, run.trainer)


@pytest.mark.parametrize(("dropout", "rate"), [(0.95, 0.1), (0.95, 0.01), (0.9, 0.01)])
def test_a_gradient_that_was_never_of_its_usual_size_is_not_blamed_on_the_updates(
    dropout, rate, one_thread
):
    config = make_config(depth=5, width=100, activation="relu", initializer="kaiming_normal",
                         dropout=dropout, learning_rate=rate)  # fmt: skip
    _, history, newest, diagnosis = run_to_the_end(config)
    # It took more steps than a jump does.
    assert newest.step > 5
    assert history.view().curve("grad_norm")[:-1].min() > 1000.0
    assert diagnosis.autopsy.manner is Manner.FIRST_GRADIENT


@pytest.mark.parametrize(
    "fields",
    [
        {"depth": 30, "activation": "gelu", "skip": "residual", "learning_rate": 0.01},
        {"depth": 30, "dropout": 0.3, "learning_rate": 0.1},
        {"depth": 8, "initializer": "normal", "init_std": 1.0, "learning_rate": 0.01},
        {"depth": 1, "dataset": "cube", "initializer": "normal", "init_std": 4.0,
         "learning_rate": 1.0},
    ],
)  # fmt: skip
def test_a_finite_first_step_whose_gradient_is_far_too_large_is_a_jump(fields, one_thread):
    trainer, history, newest, diagnosis = run_to_the_end(make_config(**fields))
    # The first step was finite, and what it did to the weights was not small.
    first = history.view().layers.reading(0)[0]
    assert newest.step in (2, 3, 4)
    assert np.isfinite(first[LAYER_INDEX["activation_rms"]]).all()
    assert np.nanmax(first[LAYER_INDEX["update_ratio"]]) > 1.0
    assert diagnosis.autopsy.manner is Manner.FIRST_GRADIENT
    assert "It came in a jump" in diagnosis.autopsy.sentences()[1].english()
    # Whether the weights are drawn in another way or the update is shortened: it is no longer so.
    for advice in advise(diagnosis, trainer.config, trainer.anchor)[:1]:
        cured = Trainer(advice.config)
        assert all(cured.step().first_bad is None for _ in range(60))


def test_an_ordinary_first_gradient_with_too_high_a_rate_is_not_the_initialisation(one_thread):
    config = make_config(depth=1, dataset="cube", learning_rate=1.0)
    trainer, _, newest, diagnosis = run_to_the_end(config)
    assert newest.step > 2
    assert diagnosis.autopsy.manner is Manner.LEARNING_RATE
    assert diagnosis.autopsy.over == "step"
    assert_a_lower_rate_heals(diagnosis, trainer)


@pytest.mark.parametrize(
    ("name", "manner", "steps"),
    [
        ("crash_weights", Manner.INITIALISATION, 2),
        # These two stay finite: the loss is thrown back, or does not move.
        ("crash_bad_batch", None, 150),
        ("crash_saturated", None, 50),
    ],
)
def test_the_three_crashes_end_as_their_titles_say(name, manner, steps, one_thread):
    config = presets()[name].config.replace(device="cpu", threads=1)
    if manner is None:
        trainer, judge, history = Trainer(config), Judge(), History(config.depth, 2**20)
        for _ in range(steps):
            newest = trainer.step()
            history.append(newest)
            judge.observe(newest, history, config, trainer.anchor, trainer.prediction)
        assert judge.diagnosis(newest, history.view()).autopsy is None
    else:
        _, _, newest, diagnosis = run_to_the_end(config, steps=steps)
        assert newest.step == 1
        assert diagnosis.autopsy.manner is manner
        assert diagnosis.autopsy.over == "layer"
    if name == "crash_bad_batch":
        losses = history.view().curves.complete[:, 0, CURVE_INDEX["loss"]]
        # A jump of the loss that one of the batches made, as its title says.
        assert (losses[1:] > 5.0 * np.minimum.accumulate(losses)[:-1]).any()


def test_the_sentences_name_step_layer_and_tensor(one_thread):
    _, _, _, diagnosis = run_to_the_end(make_config(learning_rate=3.0))
    bad = diagnosis.first_bad
    text = " ".join(sentence.english() for sentence in diagnosis.autopsy.sentences())
    assert f"At step {bad.step}" in text
    assert bad.layer in text or "output layer" in text
    assert "×" in text
    last = diagnosis.autopsy.last_finite
    words = diagnosis.autopsy.last_words().english()
    assert words.startswith(f"Kept is step {bad.step - 1}, ")
    assert f"its loss was {last.curve('loss'):.3g}, " in words


def test_what_is_kept_is_frozen_and_bounded(one_thread):
    witness, trainer = Witness(), Trainer(make_config(depth=2, width=8, learning_rate=0.01))
    for _ in range(KEPT_STEPS + 20):
        witness.observe(trainer.step(), 0.01)
    assert len(witness._finite) == KEPT_STEPS


def test_a_recording_keeps_the_diagnosis(tmp_path, one_thread):
    trainer, history, newest, diagnosis = run_to_the_end(make_config(learning_rate=1.0))
    run = RunSnapshot(
        config=trainer.config, history=history.view(), record=newest, judged=diagnosis,
        changes=(), parameters=1, history_bytes=1, anchor=trainer.anchor,
    )  # fmt: skip
    save_recording(tmp_path, [run], "cpu")
    opened = open_recording(tmp_path).runs[0].diagnosis
    assert (opened.verdict, opened.findings) == (diagnosis.verdict, diagnosis.findings)
    assert opened.autopsy.manner is diagnosis.autopsy.manner
    np.testing.assert_array_equal(opened.autopsy.values, diagnosis.autopsy.values)
    assert opened.autopsy.sentences() == diagnosis.autopsy.sentences()
    kept, last = opened.autopsy.last_finite, diagnosis.autopsy.last_finite
    assert (kept.step, kept.validation, kept.first_bad) == (last.step, last.validation, None)
    assert kept.step == diagnosis.first_bad.step - 1
    np.testing.assert_array_equal(kept.layers, last.layers)
    np.testing.assert_array_equal(kept.curves, last.curves)


@pytest.mark.parametrize(
    "fields",
    [
        {"depth": 30, "precision": "float16", "learning_rate": 0.3},
        {"depth": 10, "learning_rate": 1.0},
    ],
)
def test_what_is_told_as_grown_has_grown_and_has_a_name(fields, one_thread):
    config = RunConfig(device="cpu", threads=1, activation="relu", initializer="kaiming_normal",
                       **fields)  # fmt: skip
    _, history, newest, diagnosis = run_to_the_end(config)
    autopsy = diagnosis.autopsy
    losses = history.view().curves.complete[:, 0, CURVE_INDEX["loss"]]
    # The first tensor to go had hardly grown, or much less than the loss.
    assert (diagnosis.first_bad.tensor, autopsy.quantity) == ("h", "loss")
    np.testing.assert_allclose(autopsy.values, losses[: newest.step - 1])
    assert autopsy.values[-1] > 10.0 * autopsy.values[0]
    text = " ".join(sentence.english() for sentence in autopsy.sentences())
    assert "finite steps before, the loss grew from" in text
    assert "were too long already while the gradient was still of its usual size" in text


@pytest.mark.parametrize("last", [0.5, 1.0, 1.9])
def test_a_quantity_that_did_not_grow_is_not_told_as_grown(last, one_thread):
    _, _, _, diagnosis = run_to_the_end(make_config(learning_rate=3.0))
    autopsy = dataclasses.replace(diagnosis.autopsy, values=np.array([1.0, last]),
                                  at=np.array([1, 2]))  # fmt: skip
    assert len(autopsy.sentences()) == 2
    grown = dataclasses.replace(autopsy, values=np.array([1.0, 4.0]))
    assert "grew from 1 to 4: ×4.00 per step" in grown.sentences()[-1].english()
