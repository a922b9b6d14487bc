"""The program's examination of itself notices what is missing."""

from engine.config import SETTINGS
from engine.fields import OneOf
from engine.selftest import Check, covering_experiments, run_checks, table_check


def test_every_choice_occurs_in_some_experiment():
    experiments = covering_experiments()
    for name, setting in SETTINGS.items():
        if isinstance(setting.kind, OneOf):
            tried = {getattr(config, name) for config in experiments}
            assert tried == set(setting.kind.names), name
    assert len(experiments) == len(SETTINGS["activation"].kind.names)


def test_an_empty_table_is_an_error(capsys):
    failed = run_checks([table_check("presets", dict), table_check("labs", lambda: [1, 2])])
    assert failed == ["table presets"]
    first, second = capsys.readouterr().out.splitlines()
    assert first.split(maxsplit=1)[0] == "FAILED"
    assert "the table is empty" in first
    assert second.split() == ["ok", "table", "labs", "2"]


def test_what_fails_is_named_and_the_rest_is_examined(capsys):
    def missing() -> str:
        raise FileNotFoundError("digits.npz")

    failed = run_checks([Check("data", missing), Check("after it", lambda: "fine")])
    assert failed == ["data"]
    out, err = capsys.readouterr()
    assert out.splitlines()[0].endswith("FileNotFoundError: digits.npz")
    assert out.splitlines()[1].endswith("fine")
    assert "Traceback" in err
