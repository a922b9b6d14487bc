"""Step 0: what is seen before training is what step 1 sees, and seeing it changes nothing."""

import numpy as np
import pytest

from engine.config import RunConfig
from engine.record import LAYER_QUANTITIES
from engine.trainer import Trainer

EXPERIMENTS = {
    "plain": {},
    "dropout": {"dropout": 0.5, "skip": "residual"},
    "batch normalisation": {"normalization": "batch", "skip": "highway"},
    "mixed": {"precision": "mixed_float16", "loss_scale": "dynamic"},
    "clipped": {"clip": "norm", "optimizer": "adam"},
    "regression": {"dataset": "sine", "batch_size": 16},
    "diverging": {"depth": 50, "initializer": "normal", "init_std": 5.0, "activation": "relu"},
}


def trained(fields: dict[str, object], steps: int, *, looked: bool) -> tuple[Trainer, list]:
    trainer = Trainer(RunConfig(**({"depth": 6, "width": 20, "activation": "tanh"} | fields)))
    records = [trainer.look()] if looked else []
    records += [trainer.step() for _ in range(steps)]
    return trainer, records


@pytest.mark.parametrize("fields", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_looking_changes_no_number_of_the_run_that_follows(fields):
    plain, wanted = trained(fields, 30, looked=False)
    looked, (_, *records) = trained(fields, 30, looked=True)
    # The same NaN is the same number here.
    for one, other in zip(
        [looked.weights.flat, *looked.network.running_statistics],
        [plain.weights.flat, *plain.network.running_statistics],
        strict=True,
    ):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    for record, other in zip(records, wanted, strict=True):
        assert (record.step, record.first_bad) == (other.step, other.first_bad)
        # All but the seconds that it took.
        np.testing.assert_array_equal(record.curves[:-1], other.curves[:-1])
        np.testing.assert_array_equal(record.layers, other.layers)
        np.testing.assert_equal(record.validation, other.validation)
        assert (record.histogram is None) == (other.histogram is None)
    np.testing.assert_equal(looked.anchor.numbers(), plain.anchor.numbers())
    np.testing.assert_equal(looked.anchor.arrays(), plain.anchor.arrays())


@pytest.mark.parametrize("fields", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_step_0_measures_what_step_1_measures_before_its_update(fields):
    _, (look, first) = trained(fields, 1, looked=True)
    assert (look.step, first.step) == (0, 1)
    for name in LAYER_QUANTITIES:
        if name == "update_ratio":
            assert np.isnan(look.layer(name)).all()
        else:
            # A step of plain descent adds the same numbers up in another order.
            found, wanted = look.layer(name), first.layer(name)
            np.testing.assert_allclose(found, wanted, rtol=1e-14, err_msg=name)
    assert look.validation is None
    np.testing.assert_equal(look.curve("loss"), first.curve("loss"))
    np.testing.assert_array_equal(look.histogram.counts, first.histogram.counts)
    assert (look.first_bad is None) == (first.first_bad is None)
