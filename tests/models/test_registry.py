"""What every architecture in the registry promises; a new entry is checked by itself."""

import re
from functools import cache
from pathlib import Path

import keras
import numpy as np
import pytest

from emnist_core import models
from emnist_core.errors import RunError
from emnist_core.models import MODELS, get_model
from emnist_core.splits import SPLITS

CLASSES = sorted({split.classes for split in SPLITS.values()})
EVERY = pytest.mark.parametrize("name", MODELS)


@cache
def built(name: str, classes: int) -> keras.Model:
    """The architecture as the registry builds it; tests only look at it."""
    return get_model(name).build(classes)


def noise(name: str, count: int = 3) -> np.ndarray:
    """Inputs for the architecture, float32 in [0, 1]."""
    return np.random.default_rng(7).random((count, *MODELS[name].input_shape), dtype=np.float32)


def layers_of(model: keras.Model, kind: type) -> list[keras.layers.Layer]:
    return [layer for layer in model._flatten_layers() if isinstance(layer, kind)]


def test_the_splits_ask_for_these_numbers_of_classes():
    assert CLASSES == [10, 26, 47, 62]


@pytest.mark.parametrize("classes", CLASSES)
@EVERY
def test_outputs_are_probabilities(name: str, classes: int):
    outputs = built(name, classes)(noise(name)).numpy()
    assert outputs.shape == (3, classes)
    assert outputs.dtype == np.float32
    assert (outputs >= 0).all()
    np.testing.assert_allclose(outputs.sum(axis=1), 1, atol=1e-5)


@EVERY
def test_the_registrys_numbers_are_those_of_the_built_network(name: str):
    spec, model = MODELS[name], built(name, 47)
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    assert model.count_params() == spec.parameters
    assert trainable == spec.trainable
    assert spec.trainable + spec.non_trainable == spec.parameters
    assert tuple(model.input_shape[1:]) == spec.input_shape
    assert spec.name == name


@EVERY
def test_dropout_is_the_registrys_and_can_be_chosen(name: str):
    spec, chosen = MODELS[name], MODELS[name].build(10, dropout=0.375)
    rates = [[layer.rate for layer in layers_of(model, keras.layers.Dropout)] for model in (built(name, 10), chosen)]
    assert set(rates[0]) == ({spec.dropout} if spec.dropout is not None else set())
    assert rates[1] == [0.375] * len(rates[0])


@EVERY
def test_l2_pulls_on_every_convolution_kernel_and_on_nothing_else(name: str):
    with_l2, without = MODELS[name].build(10, l2=0.01), MODELS[name].build(10, l2=0.0)
    kernels = [layer.kernel for layer in layers_of(with_l2, keras.layers.Conv2D)]
    expected = sum(0.01 * float((kernel.numpy() ** 2).sum()) for kernel in kernels)
    assert float(sum(with_l2.losses)) == pytest.approx(expected, rel=1e-4)
    assert without.losses == []


@EVERY
def test_a_saved_network_answers_the_same_when_loaded(name: str, tmp_path: Path):
    model, inputs = built(name, 47), noise(name)
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    np.testing.assert_allclose(loaded(inputs), model(inputs), atol=1e-6)


def test_no_network_is_tied_to_one_backend():
    for path in Path(models.__file__).parent.glob("*.py"):
        assert not re.search(r"\btf\.|\b(import|from) tensorflow", path.read_text(encoding="utf-8")), path.name


def test_an_unknown_name_is_refused_in_a_sentence():
    with pytest.raises(RunError, match="no model called 'lenet6'; choose one of vanilla-cnn, lenet5"):
        get_model("lenet6")
