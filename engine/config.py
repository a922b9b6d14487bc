"""RunConfig: one experiment. Every field is declared once, here.

A declaration says what a field accepts, its unit, its default, what it is for, whether it may
change while the run goes on, and with which choices it has an effect. The form, the command
line, the validation messages and the share string are all made from these declarations.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from engine.activations import ACTIVATIONS
from engine.datasets import DATASETS, is_data_path
from engine.fields import (
    ConfigError,
    Flag,
    Kind,
    NameOr,
    OneOf,
    OneOrList,
    Real,
    Text,
    Whole,
    Words,
)
from engine.initializers import INITIALIZERS
from engine.input_files import JsonError, read_json
from engine.precision import PRECISIONS

SHARE_PREFIX = "vp:"
# Always written, so that a share string tells the experiment to a person who reads it.
SHARE_ALWAYS = ("depth", "width", "activation", "initializer", "seed")

DEEPEST = 2000

GROUPS = {
    "network": "Network",
    "data": "Data",
    "optimizer": "Optimiser",
    "stabilizers": "Stabilisers",
    "precision": "Precision and device",
    "run": "Run",
}
OPTIMIZERS = ("sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lars")
# Those that divide a gradient by its own size.
DIVIDING = ("rmsprop", "adam", "adamw")
NORMALIZATIONS = ("none", "batch", "layer", "rms")
SKIPS = ("none", "residual", "highway")
CLIPS = ("none", "norm", "value")


@dataclass(frozen=True)
class Setting:
    """The declaration of one field.

    Attributes:
        kind: what it accepts.
        label: its name for people.
        group: key of `GROUPS`.
        help: one or two sentences.
        unit: unit in words, empty if it has none.
        live: may change while the run goes on; any other change starts the run anew.
        needs: (other field, values) that give this one an effect; None: always.
    """

    kind: Kind
    label: str
    group: str
    help: str
    unit: str = ""
    live: bool = False
    needs: tuple[str, tuple[object, ...]] | None = None


def _setting(default: Any, kind: Kind, label: str, group: str, help: str, **more: Any) -> Any:
    declaration = Setting(kind, label, group, help, **more)
    return dataclasses.field(default=default, metadata={"setting": declaration})


def _is_device(text: str) -> bool:
    return re.fullmatch(r"auto|cpu|cuda(:\d{1,3})?", text, flags=re.ASCII) is not None


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """One experiment: everything that decides the numbers of a run.

    A list of widths sets the depth, whatever was given for it; a list of equal widths becomes the
    one number, so that each experiment has one spelling.

    Raises:
        ConfigError: a field is out of range, of the wrong type or an unknown name.
    """

    depth: int = _setting(
        30,
        Whole(1, DEEPEST, slider=(1, 100), lists_in="width"),
        "Depth",
        "network",
        "Number of hidden layers. The gradient that reaches the first layer is a product of "
        "as many factors.",
        unit="hidden layers",
    )
    width: int | tuple[int, ...] = _setting(
        100,
        OneOrList(Whole(1, 4096, slider=(4, 512)), DEEPEST),
        "Width",
        "network",
        "Units in each hidden layer: one number for all of them, or one for each with commas "
        "between, as in 512,64,512. Such a list sets the depth.",
        unit="units",
    )
    activation: str = _setting(
        "sigmoid",
        OneOf(tuple(ACTIVATIONS)),
        "Activation",
        "network",
        "The function φ applied to every unit; its derivative is a factor of every gradient.",
    )
    initializer: str = _setting(
        "xavier_normal",
        OneOf(tuple(INITIALIZERS)),
        "Initialiser",
        "network",
        "How the weights are drawn before the first step. He's scheme is called kaiming in "
        "PyTorch, and in share strings.",
    )
    init_std: float = _setting(
        0.01,
        Real(0.0, 100.0, slider=(1e-3, 10.0), ladder=True),
        "Standard deviation σ",
        "network",
        "The σ of N(0, σ²) for the initialiser `normal`: the standard deviation, not the variance.",
        needs=("initializer", ("normal",)),
    )
    init_constant: float = _setting(
        0.05,
        Real(-100.0, 100.0, slider=(-1.0, 1.0)),
        "Constant",
        "network",
        "Every weight starts at this value for the initialiser `constant`.",
        needs=("initializer", ("constant",)),
    )
    gain: float = _setting(
        1.0,
        Real(0.0, 1000.0, slider=(0.1, 10.0)),
        "Gain",
        "network",
        "Multiplies the weights that the initialiser drew, those of highway gates too.",
    )
    bias_std: float = _setting(
        0.0,
        Real(0.0, 100.0, slider=(0.0, 2.0)),
        "Bias σ",
        "network",
        "Standard deviation of the initial biases; 0 leaves them as the initialiser sets them "
        "(zero, except for torch_default).",
    )
    normalization: str = _setting(
        "none",
        OneOf(NORMALIZATIONS),
        "Normalisation",
        "stabilizers",
        "Normalises the pre-activations of every hidden layer: over the batch, over the layer, "
        "or by their root mean square alone.",
    )
    skip: str = _setting(
        "none",
        OneOf(SKIPS),
        "Skip connection",
        "stabilizers",
        "Turns multiplication into addition: residual adds a layer's input to its output, "
        "highway lets a learned gate choose between the two. A layer whose input has another "
        "width than its output has none.",
    )
    dropout: float = _setting(
        0.0,
        Real(0.0, 1.0, slider=(0.0, 0.9), below_maximum=True),
        "Dropout",
        "stabilizers",
        "Probability with which a unit is set to zero in a training step.",
    )
    clip: str = _setting(
        "none",
        OneOf(CLIPS),
        "Gradient clipping",
        "stabilizers",
        "Limits the gradient before the update: its norm over all parameters, or each entry.",
        live=True,
    )
    clip_threshold: float = _setting(
        1.0,
        Real(1e-12, 1e12, slider=(1e-3, 1e3), ladder=True),
        "Clipping threshold",
        "stabilizers",
        "The largest norm, or the largest entry, that clipping lets through.",
        live=True,
        needs=("clip", ("norm", "value")),
    )
    dataset: str = _setting(
        "digits",
        NameOr(
            tuple(DATASETS),
            Text("a path to a file ending in .npz, .csv, ubyte or .gz", is_data_path),
        ),
        "Data",
        "data",
        "What the network learns: a built-in set, or a file of your own.",
    )
    batch_size: int = _setting(
        64,
        Whole(1, 65536, slider=(1, 512)),
        "Batch size",
        "data",
        "Samples in one step.",
        unit="samples",
    )
    optimizer: str = _setting(
        "sgd",
        OneOf(OPTIMIZERS),
        "Optimiser",
        "optimizer",
        "The rule that turns gradients into updates.",
    )
    learning_rate: float = _setting(
        0.1,
        Real(0.0, 1e6, slider=(1e-5, 10.0), ladder=True),
        "Learning rate",
        "optimizer",
        "The size of a step. It may be changed while the run goes on.",
        live=True,
    )
    momentum: float = _setting(
        0.9,
        Real(0.0, 1.0, slider=(0.0, 0.99), below_maximum=True),
        "Momentum",
        "optimizer",
        "The share of the last update that is made again.",
        live=True,
        needs=("optimizer", ("momentum", "nesterov", "lars")),
    )
    weight_decay: float = _setting(
        0.0,
        Real(0.0, 10.0, slider=(1e-6, 1.0), ladder=True),
        "Weight decay",
        "optimizer",
        "Pulls every parameter towards zero.",
        live=True,
    )
    precision: str = _setting(
        "float32",
        OneOf(tuple(PRECISIONS)),
        "Number format",
        "precision",
        "The format that weights, activations and gradients are stored in; mixed_float16 keeps "
        "float32 master weights.",
    )
    loss_scale: float | str = _setting(
        1.0,
        NameOr(("dynamic",), Real(1e-6, 2.0**40, slider=(1.0, 65536.0), ladder=True)),
        "Loss scale",
        "precision",
        "The loss is multiplied by this before the backward pass and the gradient divided by it "
        "after, so that small gradients survive in a narrow format; dynamic adapts it.",
        live=True,
    )
    device: str = _setting(
        "auto",
        Text("auto, cpu, cuda or cuda:N", _is_device),
        "Device",
        "precision",
        "Where the network is trained; auto takes a CUDA device if there is one.",
    )
    threads: int = _setting(
        0,
        Whole(0, 1024, slider=(0, 16)),
        "CPU threads",
        "precision",
        "Threads that compute; 0 leaves one core to the window.",
        unit="threads",
    )
    seed: int = _setting(
        7,
        Whole(0, 2**31 - 1),
        "Seed",
        "run",
        "Decides weights, data, batches and dropout. The same seed gives the same run.",
    )
    max_steps: int = _setting(
        0,
        Whole(0, 10**9),
        "Stop after",
        "run",
        "Stop after this many steps; 0: never.",
        unit="steps",
        live=True,
    )
    target_loss: float = _setting(
        0.0,
        Real(0.0, 1e6, slider=(1e-3, 10.0), ladder=True),
        "Stop at loss",
        "run",
        "Stop when the loss of a batch is as small as this; 0: never.",
        live=True,
    )
    stop_on_nonfinite: bool = _setting(
        True,
        Flag(),
        "Stop at the first Inf or NaN",
        "run",
        "Stop when a value leaves the number format's range, so that the moment can be seen.",
        live=True,
    )

    def __post_init__(self) -> None:
        for name, declaration in SETTINGS.items():
            value = getattr(self, name)
            try:
                object.__setattr__(self, name, declaration.kind.read(value))
            except (ValueError, OverflowError):
                raise ConfigError(name, value, declaration.kind.refusal(value)) from None
        if isinstance(self.width, tuple):
            object.__setattr__(self, "depth", len(self.width))
            if len(set(self.width)) == 1:
                object.__setattr__(self, "width", self.width[0])

    @property
    def widths(self) -> tuple[int, ...]:
        """The width of each hidden layer, (depth,)."""
        return self.width if isinstance(self.width, tuple) else (self.width,) * self.depth

    def replace(self, **changes: Any) -> RunConfig:
        """Return a copy with some fields changed."""
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as JSON values."""
        return dataclasses.asdict(self)

    def share_string(self) -> str:
        """Return the experiment as one short line that `parse_experiment` reads back."""
        pairs = []
        for name, declaration in SETTINGS.items():
            value = getattr(self, name)
            if name in SHARE_ALWAYS or value != DEFAULTS[name]:
                text = declaration.kind.write(value)
                # A file's name need not be text: its bytes are written as they are.
                pairs.append(f"{name}={quote(text, safe=':/,', errors='surrogateescape')}")
        return SHARE_PREFIX + "&".join(pairs)

    def applies(self, name: str) -> bool:
        """Say whether a field has an effect beside the other choices."""
        if name == "depth":
            return not isinstance(self.width, tuple)
        needs = SETTINGS[name].needs
        return needs is None or getattr(self, needs[0]) in needs[1]

    def differences(self, other: RunConfig) -> tuple[str, ...]:
        """Return the names of the fields in which two experiments differ."""
        return tuple(name for name in SETTINGS if getattr(self, name) != getattr(other, name))

    def differs_only_live(self, other: RunConfig) -> bool:
        """Say whether a run of `self` may go on as `other` without starting anew."""
        return all(SETTINGS[name].live for name in self.differences(other))


# The declarations in order, and the defaults, by field name.
SETTINGS: Mapping[str, Setting] = {
    item.name: item.metadata["setting"] for item in dataclasses.fields(RunConfig)
}
DEFAULTS: Mapping[str, Any] = {item.name: item.default for item in dataclasses.fields(RunConfig)}


def from_mapping(values: Mapping[str, object]) -> tuple[RunConfig, tuple[str, ...]]:
    """Make an experiment from names and values, as text or JSON holds them.

    Returns:
        The experiment, and the unknown names, which were ignored.

    Raises:
        ConfigError: a value is not allowed; it has the unknown names, too.
    """
    unknown = tuple(name for name in values if name not in SETTINGS)
    known: dict[str, Any] = {name: value for name, value in values.items() if name in SETTINGS}
    try:
        return RunConfig(**known), unknown
    except ConfigError as error:
        error.unknown = unknown
        raise


def beyond_sliders(config: RunConfig) -> tuple[str, ...]:
    """Return the fields whose values are allowed, but lie beyond what a slider offers."""
    found = []
    for name, declaration in SETTINGS.items():
        kind = getattr(declaration.kind, "other", declaration.kind)
        slider, value = getattr(kind, "slider", None), getattr(config, name)
        if slider is None or value == DEFAULTS[name] or not isinstance(value, int | float):
            continue
        if not slider[0] <= value <= slider[1]:
            found.append(name)
    return tuple(found)


def parse_experiment(text: str) -> tuple[RunConfig, tuple[str, ...]]:
    """Read an experiment from a share string or from JSON text.

    JSON is an object of fields, or an object with such an object under "config", as run.json
    has it, or under "experiment", as a preset has it.

    Returns:
        The experiment, and the unknown names, which were ignored.

    Raises:
        ConfigError: the text is neither, or a value is not allowed.
    """
    text = text.strip().removeprefix("\N{BYTE ORDER MARK}")
    if text.startswith(SHARE_PREFIX):
        return from_mapping(_share_pairs(text.removeprefix(SHARE_PREFIX)))
    wanted = Words("must be {0}name=value&name=value or a JSON object of fields", (SHARE_PREFIX,))
    try:
        values = read_json(text)
    except JsonError as error:
        raise ConfigError("experiment", text, Words("{0}; {1}", (wanted, error.words))) from None
    for part in ("config", "experiment"):
        if isinstance(values, dict) and isinstance(values.get(part), dict):
            values = values[part]
    if not isinstance(values, dict):
        raise ConfigError("experiment", text, wanted)
    return from_mapping(values)


def _share_pairs(body: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for part in filter(None, body.split("&")):
        name, equals, value = part.partition("=")
        if not equals:
            raise ConfigError("experiment", part, Words("every part must read name=value"))
        if name in pairs:
            raise ConfigError("experiment", part, Words("{0} must be given once", (name,)))
        pairs[name] = unquote(value, errors="surrogateescape")
    return pairs
