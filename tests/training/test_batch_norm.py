"""Batch normalisation's statistics, computed anew."""

from pathlib import Path

import keras
import numpy as np
import pytest

from emnist_core import data, runs
from emnist_core.models import MODELS
from emnist_core.recipe import Recipe
from emnist_core.runs.weights import load_network
from emnist_core.serving.network_input import network_input
from emnist_core.training import batch_norm
from emnist_core.training.lifecycle import train


def test_they_are_the_mean_over_batches_of_what_each_layer_is_given() -> None:
    random = np.random.default_rng(1)
    images = random.integers(0, 256, (600, 28, 28)).astype(np.uint8)
    inputs = keras.Input((28, 28, 1))
    first = keras.layers.BatchNormalization(name="first")
    second = keras.layers.BatchNormalization(name="second")
    outputs = second(keras.layers.AveragePooling2D(4)(first(inputs)))
    network = keras.Model(inputs, outputs)
    first.moving_mean.assign([7.0])
    batch_norm.settle(network, images, 28)
    batches = [network_input(images[begin : begin + 256], 28).astype(np.float64) for begin in (0, 256)]
    means, variances = [batch.mean() for batch in batches], [batch.var() for batch in batches]
    assert float(first.moving_mean[0]) == pytest.approx(np.mean(means), rel=1e-4)
    assert float(first.moving_variance[0]) == pytest.approx(np.mean(variances), rel=1e-4)
    pooled = [batch.reshape(256, 7, 4, 7, 4).mean(axis=(2, 4)) for batch in batches]
    normed = [pool.var() / (variance + first.epsilon) for pool, variance in zip(pooled, variances, strict=True)]
    assert float(second.moving_mean[0]) == pytest.approx(0, abs=1e-4)
    assert float(second.moving_variance[0]) == pytest.approx(np.mean(normed), rel=1e-3)
    assert first.momentum == second.momentum == 0.99


def test_nothing_else_changes_and_few_images_are_enough() -> None:
    network = MODELS["lenet5-v2"].build(10, dropout=0.3)
    before = {weight.path: np.array(weight) for weight in network.weights}
    batch_norm.settle(network, data.load("digits", "train", "sample").images[:40], 28)
    changed = {weight.path for weight in network.weights if not np.array_equal(before[weight.path], weight)}
    assert changed
    assert all("moving_" in path for path in changed)
    assert {layer.rate for layer in network.layers if isinstance(layer, keras.layers.Dropout)} == {0.3}


def test_a_network_without_batch_normalisation_stays_as_it_is() -> None:
    network = MODELS["lenet5"].build(10)
    before = [np.array(weight) for weight in network.weights]
    batch_norm.settle(network, data.load("digits", "train", "sample").images[:40], 32)
    assert all(np.array_equal(was, weight) for was, weight in zip(before, network.weights, strict=True))


def test_the_kept_weights_are_settled_and_validated_again(quick: Recipe, tmp_path: Path) -> None:
    settings = {"model": "lenet5-v2", "batch_norm_images": 256, "dropout": 0.3, "epochs": 1}
    recipe = Recipe.parse(quick.model_dump() | settings)
    run = runs.create(recipe, "settled", tmp_path)
    assert train(run).state == "finished"
    plain = runs.create(recipe.model_copy(update={"batch_norm_images": 0}), "plain", tmp_path)
    train(plain)
    digits = data.load("digits", "train", "sample")
    rows, begin = recipe.divide(len(digits))
    expected = load_network(plain)
    batch_norm.settle(expected, batch_norm.sample_images(digits.images[:rows], recipe), 28)
    found = load_network(run)
    for mine, theirs in zip(found.weights, expected.weights, strict=True):
        np.testing.assert_allclose(np.array(mine), np.array(theirs), rtol=1e-3, atol=1e-5)
    said = found.predict(network_input(digits.images[begin:], 28), verbose=0).argmax(axis=1)
    accuracy = run.status().validation_accuracy
    assert accuracy == pytest.approx(np.mean(said == digits.labels[begin:]), abs=1e-6)
    assert accuracy != plain.status().validation_accuracy
    assert "batch normalisation settled on 256 unvaried training images" in (run.protocol() or "")
    assert "settled" not in (plain.protocol() or "")


def test_the_images_are_drawn_from_all_by_the_seed() -> None:
    images, recipe = np.arange(1000, dtype=np.uint8).reshape(1000, 1, 1), Recipe(batch_norm_images=300, seed=4)
    first = batch_norm.sample_images(images, recipe)
    assert len(first) == 300
    assert np.array_equal(first, batch_norm.sample_images(images, recipe))
    assert not np.array_equal(first, batch_norm.sample_images(images, recipe.model_copy(update={"seed": 5})))
    assert len(batch_norm.sample_images(images[:100], recipe)) == 100
