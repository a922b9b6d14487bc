"""The factor per layer of all activations and schemes, predicted and measured by the engine.

The table is that of the project's theory: networks of 50 layers, inputs from N(0, 1), batches of
32, a random gradient at the output, the geometric mean of five networks.
"""

import pytest

from engine.activations import ACTIVATIONS
from tests.bench.listed_factors import TABLE, allowed_error
from tests.bench.theory import SCHEMES, SEEDS
from tests.bench.theory import cell as measure

# Of the five networks together, in percent.
STEADY_ERROR = 1.0


def test_the_table_is_complete():
    for rows in TABLE.values():
        assert set(rows) == set(ACTIVATIONS)
        assert all(len(row) == len(SCHEMES) for row in rows.values())


@pytest.mark.slow
@pytest.mark.parametrize("width", TABLE)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_factor_per_layer(activation, width, one_thread):
    for place, (scheme, listed_cell) in enumerate(
        zip(SCHEMES, TABLE[width][activation], strict=True)
    ):
        listed, error = listed_cell
        # Where one network is hardly off, three of the five tell as much in less time.
        seeds = SEEDS if width < 256 or error >= STEADY_ERROR else SEEDS[:3]
        predicted, measured, _ = measure(activation, scheme, width, seeds)
        assert abs(measured / predicted - 1.0) <= allowed_error(activation, width, place), scheme
        # The list counts one layer more, and its networks have as many inputs as units.
        assert predicted == pytest.approx(listed, rel=0.015), scheme
