"""What the literature found, found again with this engine: one test for each result.

Set-ups, targets and tolerances are those of the project's table of reference results, R01 to R18.
"""

import itertools
import math

import numpy as np
import pytest
import torch

from engine.activations import ACTIVATIONS
from engine.config import RunConfig
from engine.datasets import load_data
from engine.diagnosis import theil_sen_slope
from engine.initialization import draw_parameters
from engine.lsuv import scale_to_unit_variance
from engine.network import network_layout
from engine.parameters import Layout, Parameters
from engine.probes import Unmeasured
from engine.theory.gaussian import moments
from engine.theory.pairs import pair_averages
from engine.theory.phases import critical_points, fixed_point
from engine.trainer import Trainer
from tests.engine.oracle import watch_updates

pytestmark = pytest.mark.usefixtures("one_thread")


def run_config(**fields) -> RunConfig:
    return RunConfig(**({"device": "cpu", "threads": 1} | fields))


def draw(config: RunConfig) -> Parameters:
    """Draw a network's parameters in float64."""
    data = load_data(config.dataset, config.seed)
    layout = network_layout(config, data.n_in, data.n_out)
    return draw_parameters(config, layout, data, torch.device("cpu"), torch.float64)


def slope_per_layer(norms) -> float:
    """Least-squares slope of log10 norm over the layers, from the input on."""
    return float(np.polyfit(np.arange(len(norms)), np.log10(norms), 1)[0])


def forward(parameters: Parameters, x, activation: str):
    """Return the pre-activations of every hidden layer and the last activation."""
    phi, _ = ACTIVATIONS[activation].kernels()
    h, found = x, []
    for weight, bias in zip(parameters.weight[:-1], parameters.bias[:-1], strict=True):
        z = torch.addmm(bias, h, weight.t())
        h = torch.empty_like(z)
        phi(z, h)
        found.append(z)
    return found, h


# R01 ---------------------------------------------------------------------------------------------


def test_d2l_product_of_a_hundred_gaussian_matrices():
    """Dive into Deep Learning 5.4: 4 × 4 matrices of N(0, 1), multiplied a hundred times."""
    random = np.random.default_rng(1)
    runs, count = 300, 100
    product = np.broadcast_to(np.eye(4), (runs, 4, 4)).copy()
    for _ in range(count):
        product = random.standard_normal((runs, 4, 4)) @ product
    log = np.log(np.linalg.norm(product, axis=(1, 2))) / count
    euler = 0.5772156649015329
    target = 0.5 * (math.log(2.0) + (1.0 - euler))  # ψ(2) = 1 − γ
    assert target == pytest.approx(0.557966, abs=5e-7)
    assert log.mean() == pytest.approx(target, rel=0.02)
    # √(ψ′(2) / 4 / 100), ψ′(2) = π² / 6 − 1.
    spread = math.sqrt((math.pi**2 / 6.0 - 1.0) / 4.0 / count)
    assert spread == pytest.approx(0.0402, abs=1e-4)
    assert log.std() == pytest.approx(spread, rel=0.15)
    largest = np.log10(np.abs(product).max(axis=(1, 2)))
    assert 20.0 <= np.median(largest) <= 29.0


def test_d2l_lyapunov_spectrum_of_the_gaussian_product():
    random = np.random.default_rng(2)
    q, total = np.eye(4), np.zeros(4)
    count = 40_000
    for _ in range(count):
        q, r = np.linalg.qr(random.standard_normal((4, 4)) @ q)
        total += np.log(np.abs(np.diag(r)))
    # (ln 2 + ψ(k / 2)) / 2 for k = 4, 3, 2, 1 (Newman 1986).
    assert total / count == pytest.approx([0.5580, 0.3648, 0.0580, -0.6352], abs=0.015)


def test_d2l_numbers_of_the_lecture():
    assert pytest.approx(4.0656e17, rel=1e-4) == 1.5**100
    assert pytest.approx(2.0370e-10, rel=1e-4) == 0.8**100
    slope = ACTIVATIONS["sigmoid"].phi_prime
    assert slope(np.linspace(-8.0, 8.0, 1601)).max() == pytest.approx(0.25, abs=1e-12)
    assert slope(np.array([4.0]))[0] == pytest.approx(0.01766, abs=1e-5)


# R04 ---------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["xavier_normal", "kaiming_normal"])
def test_he_2015_thirty_layers(scheme):
    """He et al. 2015, figure 3: thirty ReLU layers stall with Xavier and converge with He."""
    config = run_config(
        depth=30, width=128, activation="relu", initializer=scheme, dataset="blobs",
        batch_size=128, learning_rate=0.01,
    )  # fmt: skip
    slopes, weight_slopes = [], []
    for seed in range(5):
        record = Trainer(config.replace(seed=seed)).step()
        slopes.append(slope_per_layer(record.layer("activation_grad_norm")[:-1]))
        weight_slopes.append(slope_per_layer(record.layer("weight_grad_norm")[1:-1]))
    trainer = Trainer(config)
    for _ in range(300):
        record = trainer.step()
    loss = trainer.step().curve("loss")
    if scheme == "xavier_normal":
        assert np.mean(slopes) == pytest.approx(math.log10(math.sqrt(2.0)), rel=0.06)
        assert abs(np.mean(weight_slopes)) < 0.02
        assert loss == pytest.approx(math.log(10.0), rel=0.005)
    else:
        assert abs(np.mean(slopes)) < 0.02
        assert loss < 1.5


# R05 ---------------------------------------------------------------------------------------------


def steps_to_learn(depth: int, orthogonal: bool, seed: int, limit: int = 400) -> float:
    """Steps of gradient descent until a deep linear network has a tenth of its loss left.

    The teacher is one Gaussian matrix of variance 1 / n; the best of four learning rates counts.
    """
    width = 32
    best = math.inf
    for rate in (0.1, 0.2, 0.4, 0.8):
        generator = torch.Generator().manual_seed(seed)
        draws = [torch.randn(width, width, generator=generator, dtype=torch.float64)
                 for _ in range(depth + 1)]  # fmt: skip
        teacher, *weights = [draw / math.sqrt(width) for draw in draws]
        if orthogonal:
            weights = [torch.linalg.qr(weight)[0] for weight in weights]
        weights = [weight.clone().requires_grad_() for weight in weights]
        first, steps = None, 0
        while True:
            product = torch.eye(width, dtype=torch.float64)
            for weight in weights:
                product = weight @ product
            loss = 0.5 * (product - teacher).square().sum()
            now = float(loss.detach())
            first = now if first is None else first
            if now < 0.1 * first:
                best = min(best, steps)
            if now < 0.1 * first or not math.isfinite(now) or steps == limit:
                break
            gradients = torch.autograd.grad(loss, weights)
            with torch.no_grad():
                for weight, gradient in zip(weights, gradients, strict=True):
                    weight -= rate / depth * gradient
            steps += 1
    return best


@pytest.mark.slow
def test_saxe_2013_orthogonal_networks_learn_in_a_time_that_depth_does_not_change():
    """Saxe et al. 2013, figure 6: deep linear networks, orthogonal against Gaussian."""
    depths = [2, 4, 8, 16, 32]
    orthogonal, gaussian = (
        [np.median([steps_to_learn(depth, scheme, seed) for seed in range(3)]) for depth in depths]
        for scheme in (True, False)
    )
    assert max(orthogonal) <= 10
    assert max(orthogonal) <= 3 * min(orthogonal)
    assert gaussian[-1] == math.inf
    assert all(a < b for a, b in itertools.pairwise(gaussian))
    assert gaussian[3] > 10 * orthogonal[3]


# R06 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("activation", "target"), [("tanh", 1.085), ("relu", 1.0), ("elu", 1.018)])
def test_mishkin_2016_lsuv(activation, target):
    """Mishkin and Matas 2016: unit variance everywhere, and gradients that may still grow."""
    fields = {"depth": 20, "width": 128, "activation": activation, "dataset": "gaussian",
              "batch_size": 256}  # fmt: skip
    at = moments(activation, 1.0)
    assert math.sqrt(at.slope / at.mean_square) == pytest.approx(target, abs=5e-4)
    config = run_config(initializer="orthogonal", **fields)
    drawn = draw(config)
    x = torch.from_numpy(load_data("gaussian", 7).train_x[:256])
    iterations = scale_to_unit_variance(config, drawn, x)
    assert max(iterations) <= 10
    for z in forward(drawn, x, activation)[0]:
        assert 0.98 <= float(z.var(correction=0)) <= 1.02
    slopes = []
    for seed in range(5):
        config = run_config(initializer="lsuv", seed=seed, **fields)
        norms = Trainer(config).step().layer("activation_grad_norm")[:-1]
        slopes.append(slope_per_layer(norms))
    assert 10.0 ** -np.mean(slopes) == pytest.approx(target, rel=0.02)


# R07 ---------------------------------------------------------------------------------------------


def test_schoenholz_2017_critical_point():
    (found,) = critical_points("tanh", 0.05)
    assert found.weight_variance == pytest.approx(1.76095, abs=1e-4)


@pytest.mark.parametrize(("weight", "xi"), [(1.0, 3.63), (1.3, 7.83), (2.5, 11.80), (4.0, 6.98)])
def test_schoenholz_2017_correlations(weight, xi):
    """Schoenholz et al. 2017, figure 2: the correlation of two inputs, layer by layer."""
    end = fixed_point("tanh", weight, 0.05)
    assert end.xi_correlation == pytest.approx(xi, abs=0.006)
    width, depth = 800, 15
    # Two inputs at the fixed point's size, so that the correlation alone moves.
    generator = torch.Generator().manual_seed(0)
    config = run_config(depth=depth, width=width, activation="tanh", initializer="lecun_normal",
                        gain=math.sqrt(weight), bias_std=math.sqrt(0.05))  # fmt: skip
    inputs, correlation = 64, 0.6
    first, other = torch.randn(2, inputs, generator=generator, dtype=torch.float64)
    first /= first.square().mean().sqrt()
    other -= first * (first * other).mean()
    other /= other.square().mean().sqrt()
    second = correlation * first + math.sqrt(1.0 - correlation**2) * other
    size = math.sqrt((end.q - 0.05) / weight)
    x = size * torch.stack([first, second])
    predicted, c = [], (weight * size**2 * correlation + 0.05) / end.q
    for _ in range(depth):
        predicted.append(c)
        values, _ = pair_averages("tanh", np.full(2, end.q), np.array([[1.0, c], [c, 1.0]]))
        c = (weight * values[0, 1] + 0.05) / end.q
    measured = []
    for seed in range(3):
        layers, _ = forward(draw(config.replace(seed=seed)), x, "tanh")
        measured.append([float(torch.cosine_similarity(z[0], z[1], dim=0)) for z in layers])
    assert np.abs(np.mean(measured, axis=0) - predicted).max() < 0.08


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weight", "least", "most"), [(0.7, 0.0, 0.2), (1.76095, 0.9, 1.0), (4.0, 0.0, 0.4)]
)
def test_schoenholz_2017_trainable_depth(weight, least, most):
    """Schoenholz et al. 2017, figure 5: forty tanh layers train at the critical point only."""
    accuracies = []
    for seed in range(3):
        config = run_config(
            depth=40, width=100, activation="tanh", initializer="lecun_normal",
            gain=math.sqrt(weight), bias_std=math.sqrt(0.05), dataset="blobs", batch_size=128,
            learning_rate=0.01, seed=seed,
        )  # fmt: skip
        # Measuring changes no bit of the training.
        trainer = Trainer(config, probes=Unmeasured)
        for _ in range(300):
            trainer.step()
        outputs = trainer.network.evaluate(trainer._train_x)
        accuracies.append(float((outputs.argmax(dim=1) == trainer._train_y).double().mean()))
    assert least <= np.mean(accuracies) <= most


# R08 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("std", [0.5, 1.0, 1.5])
def test_klambauer_2017_selu_fixed_point(std):
    """Klambauer et al. 2017: mean 0 and variance 1 draw activations to themselves."""
    assert fixed_point("selu", 1.0, 0.0).chi == pytest.approx(1.071575, abs=5e-7)
    means, variances = [], []
    for seed in range(5):
        config = run_config(depth=32, width=256, activation="selu", initializer="lecun_normal",
                            dataset="gaussian", seed=seed)  # fmt: skip
        x = std * torch.from_numpy(load_data("gaussian", seed).train_x[:512])
        _, h = forward(draw(config), x, "selu")
        means.append(float(h.mean()))
        variances.append(float(h.var(correction=0)))
    assert abs(np.mean(means)) < 0.05
    assert 0.9 < np.mean(variances) < 1.1


# R09 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("activation", "initializer", "target"),
    [("identity", "lecun_normal", 8.0), ("identity", "orthogonal", 0.0),
     ("relu", "kaiming_normal", 16.0), ("relu", "orthogonal", 8.0)],
)  # fmt: skip
def test_pennington_2017_dynamical_isometry(activation, initializer, target):
    """Pennington et al. 2017, eq. (22): the variance of the eigenvalues of J Jᵀ."""
    width, depth = 256, 8
    gain = math.sqrt(2.0) if activation == "relu" and initializer == "orthogonal" else 1.0
    layout = Layout(widths=(width, *[width] * depth, 10))
    found = []
    for seed in range(4):
        config = run_config(depth=depth, width=width, activation=activation, gain=gain,
                            initializer=initializer, seed=seed)  # fmt: skip
        data = load_data("gaussian", seed)
        drawn = draw_parameters(config, layout, data, torch.device("cpu"), torch.float64)
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(1, width, generator=generator, dtype=torch.float64)
        layers, _ = forward(drawn, x, activation)
        jacobian = torch.eye(width, dtype=torch.float64)
        for weight, z in zip(drawn.weight[:-1], layers, strict=True):
            slope = torch.from_numpy(ACTIVATIONS[activation].phi_prime(z[0].numpy()))
            jacobian = slope[:, None] * (weight @ jacobian)
        eigenvalues = torch.linalg.svdvals(jacobian).square()
        found.append(float(eigenvalues.var(correction=0) / eigenvalues.mean() ** 2))
    tolerance = {"abs": 1e-9} if target == 0.0 else {"rel": 0.15}
    assert np.mean(found) == pytest.approx(target, **tolerance)


# R10 ---------------------------------------------------------------------------------------------


def test_you_2017_lars():
    """You et al. 2017, table 2: ‖w‖ / ‖g‖ differs from layer to layer by orders of magnitude."""
    config = run_config(
        depth=20, width=128, activation="relu", initializer="torch_default", dataset="blobs",
        batch_size=128, optimizer="lars", momentum=0.0, learning_rate=0.1, precision="float64",
    )  # fmt: skip
    record = Trainer(config).step()
    ratios = record.layer("weight_norm") / record.layer("weight_grad_norm")
    assert ratios.max() / ratios.min() > 1e5
    updates = record.layer("update_ratio")
    assert updates == pytest.approx(np.full(len(updates), updates[0]), rel=1e-5)


# R11 ---------------------------------------------------------------------------------------------


def clipped_gradient(clip: str, threshold: float) -> tuple[torch.Tensor, float, list[float]]:
    """Return the gradient as the update uses it, its norm before, and each layer's norm."""
    config = run_config(
        depth=20, width=100, activation="tanh", initializer="lecun_normal", gain=3.0,
        dataset="gaussian", batch_size=64, clip=clip, clip_threshold=threshold,
        precision="float64",
    )  # fmt: skip
    trainer = Trainer(config)
    gradients = watch_updates(trainer)
    record = trainer.step()
    norms = [float(torch.linalg.norm(weight)) for weight in gradients.weight]
    return gradients.flat, record.curve("grad_norm"), norms


def test_pascanu_2013_clipping():
    """Pascanu et al. 2013: clipping the norm keeps the direction, and the profile over layers."""
    plain, total, norms = clipped_gradient("none", 1.0)
    assert total == pytest.approx(float(torch.linalg.norm(plain)), rel=1e-6)
    assert total > 10.0
    by_norm, before, norms_after = clipped_gradient("norm", 1.0)
    assert before == pytest.approx(total, rel=1e-9)
    assert float(torch.linalg.norm(by_norm)) == pytest.approx(1.0, rel=1e-5)
    assert float(torch.cosine_similarity(plain, by_norm, dim=0)) == pytest.approx(1.0, abs=1e-6)
    slopes = [
        theil_sen_slope(np.arange(20.0), np.log10(values[:-1])) for values in (norms, norms_after)
    ]
    assert slopes[0] < -0.05
    assert slopes[1] == pytest.approx(slopes[0], abs=1e-5)
    # As many entries are cut as make the norm the same.
    by_value, _, _ = clipped_gradient("value", 1.0 / math.sqrt(len(plain)))
    assert float(torch.linalg.norm(by_value)) <= 1.0 + 1e-9
    assert float(torch.cosine_similarity(plain, by_value, dim=0)) < 0.9


# R17 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("activation", "beta"), [("relu", 5.0), ("identity", 2.0)])
def test_hanin_2019_log_norm_drift(activation, beta):
    """Hanin and Nica 2019, Sussillo and Abbott 2014: the norm of one gradient is log-normal."""
    width, depth, networks = 100, 30, 300
    gain = math.sqrt(2.0) if activation == "relu" else 1.0
    rows = ACTIVATIONS[activation]
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(networks, width, generator=generator, dtype=torch.float64)
    g = torch.randn(networks, width, generator=generator, dtype=torch.float64)
    h, slopes, weights = x, [], []
    for _ in range(depth):
        weight = torch.randn(networks, width, width, generator=generator, dtype=torch.float64)
        weight *= gain / math.sqrt(width)
        z = torch.einsum("nij,nj->ni", weight, h)
        h = torch.from_numpy(rows.phi(z.numpy()))
        slopes.append(torch.from_numpy(rows.phi_prime(z.numpy())))
        weights.append(weight)
    back = g
    for weight, slope in zip(weights[::-1], slopes[::-1], strict=True):
        back = torch.einsum("nij,ni->nj", weight, slope * back)
    log = torch.log(back.square().sum(1) / g.square().sum(1)).numpy()
    logs = 0.5 * log
    spread = math.sqrt(beta * depth / width / networks) / 2.0
    # Drift of ln ‖g‖ per layer: −β / (4 n), to five standard errors.
    assert logs.mean() == pytest.approx(-beta * depth / (4.0 * width), abs=5.0 * spread)
    assert log.var() == pytest.approx(beta * depth / width, rel=0.25)
    if activation == "relu":
        # Sussillo and Abbott's gain √2 e^(1.2 / (n − 2.4)) takes the drift away.
        corrected = logs.mean() + depth * 1.2 / (width - 2.4)
        assert abs(corrected) < 5.0 * spread


# R18 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_d2l_symmetry(dropout):
    """Dive into Deep Learning 5.4: equal weights stay equal, unless dropout tells them apart."""
    config = run_config(
        depth=2, width=32, activation="tanh", initializer="constant", init_constant=0.05,
        dropout=dropout, dataset="digits", learning_rate=0.1, precision="float64",
    )  # fmt: skip
    trainer = Trainer(config)
    for _ in range(100):
        record = trainer.step()
    # Between the units of the first layer, of the weight from each input.
    spread = float(trainer.weights.weight[0].std(dim=0, correction=0).max())
    distinct = record.layer("distinct_units")
    if dropout:
        assert spread > 1e-4
        assert distinct[0] > 1
    else:
        assert spread == 0.0
        assert distinct[0] == 1
