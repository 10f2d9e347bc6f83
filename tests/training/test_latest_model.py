"""A model that still trains is served: the weights of its latest epoch, until the best ones follow at the end."""

from pathlib import Path

import keras
import numpy as np
import pytest

from emnist_core import data, runs
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.serving.network_input import network_input
from emnist_core.serving.recognizer import recognizer
from emnist_core.training import latest_model
from emnist_core.training.lifecycle import train


class Ask(keras.callbacks.Callback):
    """Ask the network and the run's serving model about some images when an epoch begins."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.images = data.load("digits", "train", "sample").images[-200:]
        self.differences: dict[int, float] = {}
        self.served: list[int | None] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        if not self.run.serving_file.exists():
            return
        network = self.model.network
        inputs = network_input(self.images, network.input_shape[1])
        expected = keras.ops.convert_to_numpy(network(inputs, training=False))
        answers = recognizer(self.run).probabilities(self.images)
        self.differences[epoch] = float(np.abs(answers - expected).max())
        self.served.append(self.run.status().served_epoch)


def test_the_weights_of_the_epoch_before_are_served(quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(latest_model, "MOST_SHARE", 1e9)  # at every epoch, however short
    run = runs.create(quick.model_copy(update={"epochs": 4}), "served", tmp_path)
    ask = Ask(run)
    train(run, [ask])
    assert ask.served == [1, 2, 3]
    assert set(ask.differences) == {1, 2, 3}
    assert max(ask.differences.values()) < 0.01


def test_it_costs_no_more_than_its_share(quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(latest_model, "MOST_SHARE", 1e-9)
    run = runs.create(quick.model_copy(update={"epochs": 3}), "once", tmp_path)
    ask = Ask(run)
    train(run, [ask])
    assert ask.served == [1, 1], "the first epoch's is written at once, and the others' when there was time enough"


def test_a_network_that_trains_in_another_precision_is_served_in_float32(quick: Recipe, tmp_path: Path):
    run = runs.create(quick.model_copy(update={"precision": "mixed_bfloat16"}), "half", tmp_path)
    ask = Ask(run)
    train(run, [ask])
    assert ask.served == [1]
    assert max(ask.differences.values()) < 0.1, "bfloat16 has eight bits"


def test_a_full_disk_ends_no_training(quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        monkeypatch.undo()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("emnist_core.training.export.convert", refuse)
    run = runs.create(quick, "full", tmp_path)
    status = train(run)
    assert (status.state, status.served_epoch) == ("finished", None)
