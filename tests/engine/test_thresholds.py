"""The conventions: what they decide, what is refused, and what survives in store."""

import dataclasses

import pytest

from engine.diagnosis import Thresholds
from engine.diagnosis.thresholds import THRESHOLD_TABLE, ContradictionError, thresholds_from
from engine.fields import ConfigError
from tests.engine.judged_runs import Run, ramp


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


def test_no_two_conventions_may_tell_the_same_thing_twice():
    for values in (
        {"dead_warning": 0.6},
        {"dead_alarm": 0.05},
        {"huge_update": 5e-3},
        {"healthy_update_high": 0.2},
        {"stalled_update": 1e-4},
        {"uniform_update": 1e-4},
    ):
        with pytest.raises(ContradictionError):
            Thresholds(**values)
    assert "explo" not in THRESHOLD_TABLE["huge_update"].help
