"""The initialisers against torch.nn.init, their own variance rule, and the papers."""

import itertools
import math

import pytest
import torch
from torch import nn

from engine.activations import ACTIVATIONS
from engine.config import RunConfig
from engine.datasets import epochs, load_data
from engine.initialization import draw_parameters
from engine.initializers import INITIALIZERS
from engine.lsuv import scale_to_unit_variance
from engine.network import network_layout
from engine.parameters import Parameters
from engine.precision import PRECISIONS
from engine.trainer import Trainer

# How a PyTorch user draws one layer, by initialiser.
BY_HAND = {
    "zeros": lambda w, g: nn.init.zeros_(w),
    "constant": lambda w, g: nn.init.constant_(w, 0.3),
    "normal": lambda w, g: nn.init.normal_(w, 0.0, 0.02, generator=g),
    "uniform": lambda w, g: nn.init.uniform_(
        w, -1 / math.sqrt(w.shape[1]), 1 / math.sqrt(w.shape[1]), generator=g
    ),
    "xavier_normal": lambda w, g: nn.init.xavier_normal_(w, generator=g),
    "xavier_uniform": lambda w, g: nn.init.xavier_uniform_(w, generator=g),
    "kaiming_normal": lambda w, g: nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g),
    "kaiming_uniform": lambda w, g: nn.init.kaiming_uniform_(w, nonlinearity="relu", generator=g),
    "lecun_normal": lambda w, g: nn.init.normal_(w, 0.0, w.shape[1] ** -0.5, generator=g),
    "orthogonal": lambda w, g: nn.init.orthogonal_(w, generator=g),
    "torch_default": lambda w, g: nn.init.kaiming_uniform_(w, a=math.sqrt(5), generator=g),
    "identity": lambda w, g: nn.init.eye_(w),
}
FIELDS = {"init_constant": 0.3, "init_std": 0.02, "precision": "float32", "device": "cpu"}
INDEPENDENT = [
    name
    for name, row in INITIALIZERS.items()
    if row.variance(3, 5, RunConfig()) > 0 and name != "orthogonal"
]


def draw(**fields) -> Parameters:
    """Draw the parameters of an experiment, in float32 on the CPU."""
    config = RunConfig(**(FIELDS | fields))
    data = load_data(config.dataset, config.seed)
    layout = network_layout(config, data.n_in, data.n_out)
    return draw_parameters(config, layout, data, torch.device("cpu"), torch.float32)


def by_hand(name: str, widths: list[int], seed: int, bias_std: float = 0.0):
    generator = torch.Generator().manual_seed(seed)
    weights, biases = [], []
    for n_in, n_out in itertools.pairwise(widths):
        weight, bias = torch.empty(n_out, n_in), torch.zeros(n_out)
        BY_HAND[name](weight, generator)
        if name == "torch_default":
            nn.init.uniform_(bias, -1 / math.sqrt(n_in), 1 / math.sqrt(n_in), generator=generator)
        if bias_std:
            nn.init.normal_(bias, 0.0, bias_std, generator=generator)
        weights.append(weight)
        biases.append(bias)
    return weights, biases


@pytest.mark.parametrize("bias_std", [0.0, 0.5])
@pytest.mark.parametrize("name", BY_HAND)
def test_draws_are_those_of_torch(name, bias_std):
    drawn = draw(initializer=name, depth=3, width=20, seed=11, bias_std=bias_std)
    weights, biases = by_hand(name, [64, 20, 20, 20, 10], 11, bias_std)
    drawn_unequal = draw(initializer=name, width=(30, 8, 8, 24), seed=11, bias_std=bias_std)
    unequal = by_hand(name, [64, 30, 8, 8, 24, 10], 11, bias_std)
    weights, biases = weights + unequal[0], biases + unequal[1]
    all_drawn = drawn.weight + drawn_unequal.weight + drawn.bias + drawn_unequal.bias
    for measured, wanted in zip(all_drawn, weights + biases, strict=True):
        assert torch.equal(measured, wanted)


def test_every_initialiser_is_held_to_something_here():
    assert set(INITIALIZERS) == set(BY_HAND) | {"lsuv"}


def test_the_default_of_torch_is_what_a_linear_layer_draws():
    drawn = draw(initializer="torch_default", depth=1, width=5, dataset="xor", seed=3)
    # nn.Linear draws from the global generator, weight before bias.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        first, second = nn.Linear(2, 5), nn.Linear(5, 2)
    for layer, linear in enumerate([first, second]):
        assert torch.equal(drawn.weight[layer], linear.weight)
        assert torch.equal(drawn.bias[layer], linear.bias)


@pytest.mark.parametrize("name", INITIALIZERS)
def test_gain_multiplies_the_weights_and_nothing_else(name):
    plain = draw(initializer=name, depth=3, width=20, gain=1.0)
    scaled = draw(initializer=name, depth=3, width=20, gain=2.5)
    gated = draw(initializer="kaiming_normal", depth=3, width=20, gain=1.0, skip="highway")
    opened = draw(initializer="kaiming_normal", depth=3, width=20, gain=2.5, skip="highway")
    weights = zip(plain.weight, scaled.weight, strict=True)
    gates = zip(gated.gate_weight.values(), opened.gate_weight.values(), strict=True)
    for one, other in [*weights, *gates]:
        assert torch.equal(one * 2.5, other)
    for one, other in zip(plain.bias, scaled.bias, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_the_variance_of_the_draws_is_the_one_the_row_states(name):
    config = RunConfig(initializer=name, **FIELDS)
    drawn = draw(initializer=name, depth=2, width=300)
    for layer, weight in enumerate(drawn.weight[:2]):
        n_out, n_in = weight.shape
        stated = INITIALIZERS[name].variance(n_in, n_out, config)
        # The sample variance of N draws spreads by √(2 / N) at most: five of that.
        tolerance = 5.0 * math.sqrt(2.0 / weight.numel())
        assert float(weight.double().var()) == pytest.approx(stated, rel=tolerance), layer
        assert abs(float(weight.double().mean())) < 5.0 * math.sqrt(stated / weight.numel())


def test_biases_have_the_spread_asked_for():
    drawn = draw(initializer="xavier_normal", depth=3, width=2000, bias_std=0.7)
    assert float(drawn.bias[1].std()) == pytest.approx(0.7, rel=0.08)
    assert float(draw(initializer="xavier_normal").bias[1].abs().max()) == 0.0


def test_orthogonal_weights_have_orthonormal_rows_or_columns():
    drawn = draw(initializer="orthogonal", depth=2, width=100)
    config = RunConfig()
    for weight in drawn.weight:
        n_out, n_in = weight.shape
        w = weight.double()
        product = w @ w.t() if n_out <= n_in else w.t() @ w
        identity = torch.eye(len(product), dtype=torch.float64)
        assert float((product - identity).abs().max()) < 1e-5
        stated = INITIALIZERS["orthogonal"].variance(n_in, n_out, config)
        assert float(w.square().mean()) == pytest.approx(stated, rel=1e-5)


def test_constants_and_the_identity():
    assert all((w == 0).all() for w in draw(initializer="zeros").weight)
    assert all((w == 0.3).all() for w in draw(initializer="constant").weight)
    drawn = draw(initializer="identity", depth=2, width=20)
    for weight in drawn.weight:
        assert torch.equal(weight, torch.eye(*weight.shape))


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_weights_are_the_same_in_every_format_up_to_rounding(name, precision):
    wanted = draw(initializer=name, depth=3, width=8, bias_std=0.1)
    config = RunConfig(initializer=name, depth=3, width=8, bias_std=0.1,
                       **(FIELDS | {"precision": precision}))  # fmt: skip
    trainer = Trainer(config)
    stored = trainer.weights.flat
    assert stored.dtype == PRECISIONS[precision].master_dtype()
    assert torch.equal(stored, wanted.flat.to(stored.dtype))


def test_gates_are_drawn_last_so_that_a_highway_shifts_no_draw():
    plain = draw(initializer="kaiming_normal", depth=4, width=8)
    gated = draw(initializer="kaiming_normal", depth=4, width=8, skip="highway")
    for one, other in zip(plain.weight, gated.weight, strict=True):
        assert torch.equal(one, other)
    assert sorted(gated.gate_weight) == [1, 2, 3]


# LSUV (Mishkin and Matas 2016) ---------------------------------------------------------------


def pre_activations(parameters: Parameters, x, activation: str):
    """The plain network, slow and obvious."""
    h, found = x, []
    for weight, bias in zip(parameters.weight[:-1], parameters.bias[:-1], strict=True):
        z = h @ weight.t() + bias
        found.append(z)
        h = torch.from_numpy(ACTIVATIONS[activation].phi(z.double().numpy())).to(z)
    return found


@pytest.mark.parametrize("shape", [{"depth": 20, "width": 128}, {"width": (512, 64, 64, 256)}],
                         ids=str)  # fmt: skip
@pytest.mark.parametrize("activation", ["tanh", "relu", "elu"])
def test_lsuv_gives_every_layer_unit_variance(activation, shape):
    fields = {"activation": activation, "batch_size": 256, **shape}
    data = load_data("digits", 7)
    first = next(epochs(len(data.train_x), 7))[:256]
    x = torch.from_numpy(data.train_x[first]).float()
    drawn = draw(initializer="lsuv", **fields)
    for z in pre_activations(drawn, x, activation):
        assert 0.98 <= float(z.var(correction=0)) <= 1.02
    orthogonal = draw(initializer="orthogonal", **fields)
    iterations = scale_to_unit_variance(RunConfig(**(FIELDS | fields)), orthogonal, x)
    assert max(iterations) <= 10
    for one, other in zip(orthogonal.weight[:-1], drawn.weight[:-1], strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("more", [{"normalization": "batch"}, {"normalization": "layer"},
                                  {"normalization": "rms"}, {"skip": "residual"},
                                  {"skip": "residual", "normalization": "layer"},
                                  {"bias_std": 2.0}, {"skip": "highway"}], ids=str)  # fmt: skip
@torch.inference_mode()
def test_lsuv_sees_the_network_as_it_will_be_trained(more):
    config = RunConfig(depth=20, width=128, batch_size=256, initializer="lsuv", dataset="gaussian",
                       activation="tanh", device="cpu", threads=1, **more)  # fmt: skip
    trainer = Trainer(config)
    # What it was scaled by is the batch of the first step.
    trainer.look()
    network = trainer.network
    for block in range(len(network.layout.blocks)):
        network.forward(block)
        for layer in network.layout.blocks[block]:
            if layer < config.depth:
                z = network.gather("z", range(layer, layer + 1))[0] - trainer.weights.bias[layer]
                assert 0.98 <= float(z.var(correction=0)) <= 1.02


@pytest.mark.parametrize(
    "more",
    [{}, {"skip": "residual"}, {"dropout": 0.1}, {"skip": "residual", "normalization": "layer"}],
    ids=str,
)
def test_theory_knows_what_lsuv_makes_of_skip_connections(more):
    measured, predicted = [], []
    for seed in range(3):
        config = RunConfig(depth=20, width=256, batch_size=256, initializer="lsuv", seed=seed,
                           activation="tanh", dataset="gaussian", device="cpu", threads=1,
                           **more)  # fmt: skip
        trainer = Trainer(config)
        record = trainer.step()
        rms = record.layer("activation_rms")[:-1]
        assert rms == pytest.approx(trainer.prediction.activation_rms[:-1], rel=0.05)
        norms = record.layer("activation_grad_norm")[:-1]
        measured.append(math.log(norms[0] / norms[-1]) / 19)
        # From end to end, both: the line is curved, and a slope over all layers is another number.
        expected = trainer.prediction.activation_grad_norm[: len(norms)]
        predicted.append(math.log(expected[0] / expected[-1]) / 19)
    assert sum(measured) / 3 == pytest.approx(sum(predicted) / 3, abs=0.01)


# √(D(1) / M2(1)) by quadrature, and what a net of 128 units may differ by.
@pytest.mark.parametrize(("activation", "factor"), [("tanh", 1.085), ("relu", 1.0), ("elu", 1.018)])
def test_lsuv_does_not_stop_the_growth_of_the_gradient(activation, factor):
    measured = []
    for seed in range(5):
        config = RunConfig(depth=20, width=128, batch_size=256, activation=activation, seed=seed,
                           initializer="lsuv", dataset="gaussian", device="cpu")  # fmt: skip
        norms = Trainer(config).step().layer("activation_grad_norm")[:-1]
        measured.append(math.log(norms[0] / norms[-1]) / (len(norms) - 1))
    assert math.exp(sum(measured) / len(measured)) == pytest.approx(factor, rel=0.02)
