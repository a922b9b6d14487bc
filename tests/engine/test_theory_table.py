"""The factor per layer of all activations and schemes, predicted and measured by the engine.

The table is that of the project's theory: networks of 50 layers, inputs from N(0, 1), batches of
32, a random gradient at the output, the geometric mean of five networks.
"""

import pytest

from engine.activations import ACTIVATIONS
from tests.bench.theory import SCHEMES, SEEDS
from tests.bench.theory import cell as measure

# By width: activation, then for each scheme the predicted factor : the error measured, percent.
TABLE_TEXT = {
    64: """
identity       0.08:0.8 8:0.8 1:0.8 1.4142:0.8 1:0.8 1:0 0.5774:0.3
sigmoid        0.02:0.8 0.8911:1.5 0.236:0.8 0.3176:0.9 0.236:0.8 0.236:0 0.1413:0.2
scaled_sigmoid 0.08:0.8 2.1195:3.6 0.9758:0.6 1.0519:0.1 0.9758:0.6 0.9758:0 0.576:0.3
tanh           0.08:0.8 2.1175:3.8 0.9715:0.6 1.0496:0.3 0.9715:0.6 0.9715:0 0.5725:0.3
hardtanh       0.08:0.8 2.5682:4.8 0.9937:0.7 1.1572:0.1 0.9937:0.7 0.9937:0 0.5773:0.3
relu           0.0566:1.2 5.6569:1.2 0.7071:1.2 1:1.2 0.7071:1.2 0.7071:0.6 0.4082:2.8
leaky_relu     0.0566:1 5.6571:1 0.7071:1 1:1 0.7071:1 0.7071:0.5 0.4083:2.6
elu            0.08:0.8 5.6573:1.1 0.9527:0.7 1.0512:0.1 0.9527:0.7 0.9527:0.1 0.5585:0.6
selu           0.1158:0.8 5.9449:1.2 1.0352:0.7 1.1009:0.1 1.0352:0.7 1.0352:0 0.7827:0.3
gelu           0.04:0.8 5.657:1.3 0.5016:0.8 0.7484:7.7 0.5016:0.8 0.5016:0 0.2909:0.7
silu           0.04:0.8 5.657:1.2 0.5007:0.8 0.7156:0.7 0.5007:0.8 0.5007:0 0.2896:0.6
mish           0.048:0.8 5.657:1.2 0.601:0.8 0.8962:2.2 0.601:0.8 0.601:0 0.3475:0.6
softplus       0.04:0.8 5.6559:1.3 0.5374:1.1 0.8966:3.9 0.5374:1.1 0.5374:0.8 0.295:0.4
softsign       0.08:0.8 1.6646:2.6 0.9447:0.5 1.0129:0.1 0.9447:0.5 0.9447:0 0.5115:1.1
    """,
    256: """
identity       0.16:0 16:0 1:0 1.4142:0 1:0 1:0 0.5774:0
sigmoid        0.0399:0 1.2459:0.7 0.236:0 0.3176:0.1 0.236:0 0.236:0 0.1414:0
scaled_sigmoid 0.16:0 2.9573:0.8 0.9758:0.1 1.0519:0.1 0.9758:0.1 0.9758:0 0.5769:0
tanh           0.16:0 2.9548:1 0.9715:0.1 1.0496:0.1 0.9715:0.1 0.9715:0 0.5757:0
hardtanh       0.16:0 3.6025:2 0.9937:0 1.1572:0.1 0.9937:0 0.9937:0 0.5773:0
relu           0.1131:0.2 11.3137:0.2 0.7071:0.2 1:0.2 0.7071:0.2 0.7071:0.2 0.4082:0.1
leaky_relu     0.1131:0.2 11.3143:0.2 0.7071:0.2 1:0.2 0.7071:0.2 0.7071:0.1 0.4083:0.2
elu            0.16:0 11.3141:0.1 0.9527:0.1 1.0512:0.1 0.9527:0.1 0.9527:0 0.5671:0.1
selu           0.2316:0.1 11.8884:0.1 1.0352:0.3 1.1009:0.3 1.0352:0.3 1.0352:0.1 0.8044:0.1
gelu           0.08:0 11.3138:0.2 0.5016:0 0.7484:7.6 0.5016:0 0.5016:0 0.2894:0
silu           0.08:0 11.3139:0.2 0.5007:0 0.7156:0.3 0.5007:0 0.5007:0 0.289:0
mish           0.096:0 11.3138:0.2 0.601:0 0.8962:3.3 0.601:0 0.601:0 0.3468:0
softplus       0.0801:0 11.3129:0.2 0.5374:0 0.8966:4.2 0.5374:0 0.5374:0.1 0.2948:0.2
softsign       0.1599:0 2.2268:3 0.9447:0.1 1.0129:0.2 0.9447:0.1 0.9447:0 0.54:0.3
    """,
}
TABLE = {
    width: {
        name: [tuple(map(float, cell.split(":"))) for cell in cells]
        for name, *cells in (line.split() for line in text.strip().splitlines())
    }
    for width, text in TABLE_TEXT.items()
}

# Percentage points allowed on top of the error listed.
MORE = 2.0
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
    for scheme, (listed, error) in zip(SCHEMES, TABLE[width][activation], strict=True):
        # Where one network is hardly off, three of the five tell as much in less time.
        seeds = SEEDS if width < 256 or error >= STEADY_ERROR else SEEDS[:3]
        predicted, measured, _ = measure(activation, scheme, width, seeds)
        assert 100.0 * abs(measured / predicted - 1.0) <= error + MORE, scheme
        # The list counts one layer more, and its networks have as many inputs as units.
        assert predicted == pytest.approx(listed, rel=0.015), scheme
