"""The first value that is not finite is found, in the order of the computation."""

import math

import numpy as np
import pytest
import torch

from engine.config import RunConfig
from engine.first_bad import first_nonfinite
from engine.parameters import Layout, Parameters
from engine.record import LAYER_QUANTITIES
from engine.trainer import Trainer

SMALL = {"depth": 5, "width": 9, "batch_size": 16, "device": "cpu", "initializer": "xavier_normal"}


def planted(tensor: str, layer: int, value: float):
    """Return the first_bad of a step in which one entry was made non-finite."""
    # An update that is made and measured in one cannot be disturbed in between.
    trainer = Trainer(RunConfig(activation="tanh", **SMALL | {"optimizer": "momentum"}))
    network = trainer.network
    trainer.step()

    def spoil(call, target):
        def spoiled(*arguments):
            result = call(*arguments)
            target(*arguments)
            return result

        return spoiled

    stack, row = network._by_layer[layer]
    block = next(i for i, layers in enumerate(trainer.layout.blocks) if layer in layers)

    def into(view):
        def put(index, *_):
            if index == block:
                view.view(-1)[3] = value

        return put

    if tensor == "h":
        network.forward = spoil(network.forward, into(stack.h[row]))
    elif tensor == "dL/dW":
        network.backward = spoil(network.backward, into(network.gradients.weight[layer]))
    elif tensor == "W":
        trainer.optimizer.step = spoil(trainer.optimizer.step, into(trainer.weights.weight[layer]))
    return trainer.step().first_bad, trainer.step().first_bad


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("layer", [0, 2, 4])
@pytest.mark.parametrize("tensor", ["h", "dL/dW", "W"])
def test_the_first_bad_tensor_is_found(tensor, layer, value, one_thread):
    first, later = planted(tensor, layer, value)
    assert (first.step, first.layer, first.tensor) == (2, str(layer + 1), tensor)
    assert later == first


def table_of(depth: int, **bad: int) -> np.ndarray:
    table = np.ones((len(LAYER_QUANTITIES), depth + 1))
    for name, layer in bad.items():
        table[LAYER_QUANTITIES.index(name), layer] = math.nan
    return table


def test_the_order_of_the_search_is_that_of_the_computation():
    layout = Layout((1,) * 7)
    weights = Parameters(layout, torch.full((layout.flat_size(),), math.nan))
    everything = {"activation_rms": 3, "activation_grad_norm": 2, "weight_grad_norm": 1,
                  "update_ratio": 0}  # fmt: skip
    found = []
    for name in [*everything, None]:
        bad = first_nonfinite(table_of(5, **everything), math.nan, 9, weights)
        found.append((bad.layer, bad.tensor) if bad else None)
        if name == "activation_rms":
            found.append(first_nonfinite(table_of(5, **everything), 1.0, 9, weights).tensor)
        everything.pop(name, None)
    assert found[:2] == [("4", "h"), "h"]
    everything = {"activation_grad_norm": 2, "weight_grad_norm": 1, "update_ratio": 0}
    assert first_nonfinite(table_of(5, **everything), math.inf, 9, weights).tensor == "loss"
    for name, wanted in [("activation_grad_norm", ("3", "dL/dh")),
                         ("weight_grad_norm", ("2", "dL/dW")),
                         ("update_ratio", ("1", "W"))]:  # fmt: skip
        bad = first_nonfinite(table_of(5, **everything), 1.0, 9, weights)
        assert (bad.layer, bad.tensor) == wanted
        del everything[name]
    assert first_nonfinite(table_of(5), 1.0, 9, weights) is None
    # Forward from the input, backward from the output.
    two = table_of(5, activation_rms=4)
    two[LAYER_QUANTITIES.index("activation_rms"), 1] = math.inf
    assert first_nonfinite(two, 1.0, 9, weights).layer == "2"
    two = table_of(5, activation_grad_norm=4)
    two[LAYER_QUANTITIES.index("activation_grad_norm"), 1] = math.inf
    assert first_nonfinite(two, 1.0, 9, weights).layer == "5"
