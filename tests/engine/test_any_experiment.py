"""Whatever an experiment may say, its run comes to a verdict or is refused in a line."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.config import SETTINGS, RunConfig
from engine.fields import ConfigError, Flag, Kind, NameOr, OneOf, Real, Whole
from engine.headless import train_headless

# Numbers at which a format ends, or a square of them.
EDGES = (0.0, 5e-324, 1e-300, 1e-160, 1e-45, 1e-38, 1e-8, 0.5, 1.0, 100.0, 1e6, 1e12)
# A network whose run takes some milliseconds.
SMALL = {
    "depth": st.sampled_from([1, 2, 5, 30]),
    "width": st.sampled_from([1, 2, 5, (3, 2), (4, 1, 4)]),
    "batch_size": st.sampled_from([1, 2, 7, 65536]),
    "dataset": st.sampled_from(["blobs", "spirals", "sine", "gaussian", "digits"]),
    "device": st.just("cpu"),
    "threads": st.just(1),
}


def values(kind: Kind) -> st.SearchStrategy:
    """Draw what a field accepts, its limits above all."""
    match kind:
        case Whole():
            return st.sampled_from([kind.minimum, kind.minimum + 1, kind.maximum])
        case Real():
            inside = [edge for edge in EDGES if kind.minimum <= edge <= kind.maximum]
            below = 1.0 - 2**-53 if kind.below_maximum else kind.maximum
            return st.sampled_from([kind.minimum, below, *inside])
        case Flag():
            return st.booleans()
        case OneOf():
            return st.sampled_from(kind.names)
        case NameOr():
            return st.sampled_from(kind.names) | values(kind.other)
    raise NotImplementedError(kind)


FIELDS = SMALL | {
    name: values(setting.kind) for name, setting in SETTINGS.items() if name not in SMALL
}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.fixed_dictionaries({}, optional=FIELDS))
@example({"activation": "softplus", "gain": 1e-38})
def test_any_experiment_comes_to_a_verdict_or_is_refused(one_thread, capsys, chosen):
    try:
        code, _ = train_headless(RunConfig(**{"width": 6, "threads": 1} | chosen), 3, None)
    except ConfigError as error:
        assert str(error).isprintable()
        return
    told = capsys.readouterr()
    assert code == 0, told.err
    assert told.out.startswith("Verdict after ")
