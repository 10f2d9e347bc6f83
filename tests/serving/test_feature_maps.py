"""Feature maps of the serving model against Keras's own activations."""

from pathlib import Path

import keras
import numpy as np
import pytest

from emnist_core import data, paths, runs
from emnist_core.errors import RunError
from emnist_core.files import write_json
from emnist_core.models import MODELS
from emnist_core.models.anatomy import layers_of
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.runs.weights import load_network
from emnist_core.serving.features import feature_maps, stages
from emnist_core.serving.network_input import network_input
from emnist_core.serving.recognizer import Recognizer
from emnist_core.training.export import convert
from tests.helpers.shipped import copy_of

IMAGES = data.load("balanced", "test", "sample").images
WITH_KERAS = sorted(path.parent.name for path in paths.SHIPPED_RUNS.glob("*/model.keras"))


def assert_same(run: Run, network: keras.Model, image: np.ndarray) -> None:
    """Hold every stage of the run's serving model against the layer of ``network`` that ends it."""
    spec = run.recipe.spec
    places_of = {layer.name: place for place, layer in enumerate(layers_of(spec.name, run.split.classes))}
    found = feature_maps(run, image)
    ends = [network.layers[places_of[one.stage[-1].name]].output for one in found]
    expected = keras.Model(network.inputs[0], ends)(network_input(image[np.newaxis], spec.input_size))
    for one, output in zip(found, expected, strict=True):
        output = np.asarray(output)[0]
        assert one.maps.dtype == np.float32
        assert one.maps.shape == (output.shape if output.ndim == 3 else (1, 1, output.size))
        away = np.abs(one.maps.ravel() - output.ravel()).max()
        # Weights are stored as float16, three digits.
        assert away < 5e-3 * max(float(np.abs(output).max()), 1e-3), one.name
        assert np.abs(output).max() > 0


@pytest.mark.parametrize("name", WITH_KERAS)
def test_every_stage_of_a_shipped_model_is_what_keras_computes(name: str) -> None:
    run = runs.find(name)
    assert_same(run, load_network(run), IMAGES[7])


def test_some_shipped_models_can_be_compared() -> None:
    assert {"lenet5", "lenet5-v2", "vanilla-cnn"} <= set(WITH_KERAS)


@pytest.mark.parametrize("name", ["se-resnet", "resnet34"])
def test_every_stage_of_a_network_with_branches_is_what_keras_computes(name: str, tmp_path: Path) -> None:
    run = untrained(name, tmp_path)
    keras.config.set_dtype_policy("float32")
    network = MODELS[name].build(run.split.classes)
    random = np.random.default_rng(3)
    for weight in network.weights:
        if len(weight.shape) == 1:  # biases and batch normalisation, which begin as if they were not there
            low = 0.5 if weight.path.endswith(("gamma", "moving_variance")) else -0.2
            weight.assign(random.uniform(low, low + 0.7, weight.shape))
    convert(network, run.serving_file, "float16")
    assert_same(run, network, IMAGES[7])


def untrained(name: str, folder: Path, split: str = "balanced") -> Run:
    """A run directory of the architecture in which nothing was trained."""
    return runs.create(Recipe(model=name, split=split), "untrained", folder)


def test_a_network_for_digits_has_ten_outputs(tmp_path: Path) -> None:
    run = untrained("lenet5", tmp_path, "digits")
    network = MODELS["lenet5"].build(10)
    convert(network, run.serving_file, "float32")
    assert feature_maps(run, IMAGES[7])[-1].maps.shape == (1, 1, 10)
    assert_same(run, network, IMAGES[7])


def test_the_maps_answer_as_the_recognizer_does() -> None:
    run = runs.find("lenet5-v2-32")
    answers = Recognizer(run, temperature=1.0).probabilities(IMAGES[:3])
    for image, expected in zip(IMAGES[:3], answers, strict=True):
        np.testing.assert_allclose(feature_maps(run, image)[-1].maps[0, 0], expected, atol=1e-3)


def test_a_stage_is_a_layer_with_what_is_computed_at_once_with_it() -> None:
    names = {stage[0].name: [layer.name for layer in stage] for stage in stages(layers_of("lenet5-v2"))}
    assert names["convolution_1"] == ["convolution_1"]
    assert names["convolution_2"] == ["convolution_2", "batchnorm_1", "activation"]
    assert names["fully_connected_3"] == ["fully_connected_3", "batchnorm_5", "activation_4"]
    gated = {stage[0].name: stage[-1].name for stage in stages(layers_of("se-resnet"))}
    # What is added to later is read twice, and ends where it is read.
    assert gated["conv2d_1"] == "re_lu_1"
    assert gated["conv2d_3"] == "batch_normalization_3"
    assert gated["add"] == "re_lu_3"


def test_a_serving_model_of_another_architecture_is_said_in_a_sentence(tmp_path: Path) -> None:
    run = copy_of("vanilla-cnn", tmp_path)
    write_json(run.path / "recipe.json", {"model": "lenet5-v2"})
    with pytest.raises(RunError, match="has no layer convolution_1"):
        feature_maps(Run(run.path), IMAGES[0])
