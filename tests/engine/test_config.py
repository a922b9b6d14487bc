"""The experiment's fields: what they accept, and what they say when they do not."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import (
    DEFAULTS,
    GROUPS,
    SETTINGS,
    RunConfig,
    from_mapping,
    parse_experiment,
)
from engine.fields import ConfigError, Flag, NameOr, OneOf, OneOrList, Real, Whole


def values_of(kind):
    if isinstance(kind, Whole):
        return st.integers(kind.minimum, kind.maximum)
    if isinstance(kind, OneOrList):
        one = values_of(kind.one)
        return one | st.lists(one, min_size=1, max_size=7).map(tuple)
    if isinstance(kind, Real):
        return st.floats(kind.minimum, kind.maximum, exclude_max=kind.below_maximum)
    if isinstance(kind, OneOf):
        return st.sampled_from(kind.names)
    if isinstance(kind, Flag):
        return st.booleans()
    if isinstance(kind, NameOr):
        return st.sampled_from(kind.names) | values_of(kind.other)
    return st.sampled_from(["cpu", "auto"] if "cuda" in kind.words else ["a b&c=d/ü.csv"])


experiments = st.builds(
    RunConfig, **{name: values_of(setting.kind) for name, setting in SETTINGS.items()}
)


@given(experiments)
def test_share_string_json_and_dictionary_bring_the_same_experiment_back(config):
    assert parse_experiment(config.share_string()) == (config, ())
    assert parse_experiment(json.dumps(config.to_dict())) == (config, ())
    assert parse_experiment(json.dumps({"config": config.to_dict()})) == (config, ())
    texts = {name: s.kind.write(getattr(config, name)) for name, s in SETTINGS.items()}
    assert from_mapping(texts) == (config, ())


def test_the_share_string_of_the_default_is_the_one_of_the_documents():
    assert RunConfig().share_string() == (
        "vp:depth=30&width=100&activation=sigmoid&initializer=xavier_normal&seed=7"
    )


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize(
    "value", ["", "nonsense", None, [], float("nan"), 1e999, -1e999, "1_0", "٣"]
)
def test_what_is_not_allowed_is_named_in_one_line(name, value):
    with pytest.raises(ConfigError) as caught:
        RunConfig(**{name: value})
    error = caught.value
    assert error.field == name
    assert str(error).startswith(f"{name} = ")
    assert "must be" in str(error)
    assert "\n" not in str(error)


@given(
    st.text() | st.integers() | st.floats() | st.booleans() | st.none(),
    st.sampled_from(list(SETTINGS)),
)
def test_any_value_is_taken_or_refused_in_one_line(value, name):
    try:
        config = RunConfig(**{name: value})
    except ConfigError as error:
        assert "\n" not in str(error)
    else:
        kind = SETTINGS[name].kind
        assert kind.read(kind.write(getattr(config, name))) == getattr(config, name)


@given(st.text())
def test_any_text_is_an_experiment_or_refused_in_one_line(text):
    for candidate in (text, f"vp:{text}", f"vp:depth={text}"):
        try:
            parse_experiment(candidate)
        except ConfigError as error:
            assert "\n" not in str(error)


def test_unknown_names_are_reported_and_ignored():
    config, unknown = parse_experiment("vp:depth=5&colour=red")
    assert config.depth == 5
    assert unknown == ("colour",)


@pytest.mark.parametrize(
    "text", ["", "vp:depth", "vp:depth=1&depth=2", "{", "[]", "3", '{"depth": []}']
)
def test_broken_experiments_are_refused(text):
    with pytest.raises(ConfigError):
        parse_experiment(text)


def test_every_field_is_declared_fully():
    for name, setting in SETTINGS.items():
        assert setting.group in GROUPS
        assert setting.help.endswith(".")
        assert setting.kind.read(DEFAULTS[name]) == DEFAULTS[name]
        if setting.needs is not None:
            other, values = setting.needs
            for value in values:
                assert SETTINGS[other].kind.read(value) == value


def test_only_live_fields_change_without_starting_anew():
    config = RunConfig()
    assert config.differs_only_live(config.replace(learning_rate=1.0, clip="norm"))
    assert not config.differs_only_live(config.replace(learning_rate=1.0, depth=3))


@pytest.mark.parametrize("given", [(512, 64, 512), [512, 64, 512], "512,64,512", " 512, 64, 512 "])
def test_a_list_of_widths_sets_the_depth(given):
    config = RunConfig(depth=30, width=given)
    assert (config.depth, config.width, config.widths) == (3, (512, 64, 512), (512, 64, 512))
    assert not config.applies("depth")
    assert config.share_string().startswith("vp:depth=3&width=512,64,512&")
    assert hash(config) == hash(RunConfig(width=(512, 64, 512)))
    wider = config.replace(width=20)
    assert (wider.depth, wider.widths) == (3, (20, 20, 20))
    assert wider.applies("depth")


def test_equal_widths_are_one_number():
    assert RunConfig(width=(64, 64)) == RunConfig(depth=2, width=64)
    assert RunConfig(width=[7]) == RunConfig(depth=1, width=7)


BROKEN_WIDTHS = ["", ",", "512,", "512,,64", "512;64", "0,4", "4,5000", "4,x", (), [4, None],
                 [4, 2.5], [[4], 4], {"4": 4}, "1," * 2001]  # fmt: skip


@pytest.mark.parametrize("given", BROKEN_WIDTHS)
def test_a_broken_list_of_widths_is_refused_in_one_sentence(given):
    with pytest.raises(ConfigError) as caught:
        RunConfig(width=given)
    assert caught.value.field == "width"
    message = str(caught.value)
    assert message.startswith("width = ")
    assert message.endswith("from 1 to 4096, or up to 2000 of them with commas between")


def test_a_file_whose_name_is_no_text_goes_out_and_comes_back():
    config = RunConfig(dataset=b"data/\xff\xc3\xa9.npz".decode("utf-8", "surrogateescape"))
    text = config.share_string()
    assert "dataset=data/%FF%C3%A9.npz" in text
    assert parse_experiment(text) == (config, ())


def test_numbers_of_numpy_are_numbers():
    config = RunConfig(depth=np.int64(5), width=np.uint8(9), gain=np.float32(0.5), seed=np.int32(3))
    assert config == RunConfig(depth=5, width=9, gain=0.5, seed=3)
    assert {type(getattr(config, name)) for name in ("depth", "width", "seed")} == {int}
    assert type(config.gain) is float
    with pytest.raises(ConfigError):
        RunConfig(depth=np.True_)
    with pytest.raises(ConfigError):
        RunConfig(depth=np.float32(2.5))
