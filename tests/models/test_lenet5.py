"""LeNet-5 against the counts and map sizes that LeCun and others give in the paper (1998, section II.B)."""

import keras
import pytest

from emnist_core.models import get_model

# The paper's C3 joins 60 of its 96 pairs of maps and has 1,516 parameters; here all pairs are joined,
# each by a 5x5 kernel. Its subsampling layers have coefficients of their own, plain averages have none.
PAPER = {
    "c1": ((28, 28, 6), 156),
    "s2": ((14, 14, 6), 0),
    "c3": ((10, 10, 16), 1_516 + (96 - 60) * 25),
    "s4": ((5, 5, 16), 0),
    "c5": ((1, 1, 120), 48_120),
    "f6": ((84,), 10_164),
    "output": ((10,), 10 * 85),
}


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return get_model("lenet5").build(classes=10)


@pytest.mark.parametrize("name", PAPER)
def test_the_layer_has_the_papers_maps_and_parameters(model: keras.Model, name: str):
    layer = model.get_layer(name)
    assert (tuple(layer.output.shape[1:]), layer.count_params()) == PAPER[name]


def test_it_has_no_other_parameters(model: keras.Model):
    assert model.count_params() == sum(parameters for _, parameters in PAPER.values())


def test_it_squashes_with_tanh_and_averages(model: keras.Model):
    assert [model.get_layer(name).activation.__name__ for name in ("c1", "c3", "c5", "f6")] == ["tanh"] * 4
    assert all(isinstance(model.get_layer(name), keras.layers.AveragePooling2D) for name in ("s2", "s4"))
