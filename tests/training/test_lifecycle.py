"""The training loop on the bundled sample: what it leaves, what it keeps, what it never reads."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from emnist_core import data, paths, runs
from emnist_core.data import cache, library
from emnist_core.errors import EmnistError, RecipeError, RunError
from emnist_core.processes import Worker
from emnist_core.recipe import Recipe
from emnist_core.runs import EPOCH_COLUMNS, STEP_COLUMNS, Run, checksums
from emnist_core.runs.weights import load_network
from emnist_core.serving.network_input import network_input
from emnist_core.serving.recognizer import Recognizer
from emnist_core.training.epoch_predictions import EpochPredictions
from emnist_core.training.lifecycle import train
from emnist_core.training.slot import training_slot

WHILE_TRAINING = {
    "recipe.json",
    "status.json",
    "metrics.jsonl",
    "trained_on.npy",
    "epochs",
    "model.keras",
    "model.tflite",
    "checkpoint.npz",
    "checksums.json",
}
FILES = WHILE_TRAINING | {"serving.json", "README.md"}


def changed(recipe: Recipe, **settings: object) -> Recipe:
    return Recipe.parse(recipe.model_dump() | settings)


def validation_accuracy(run: Run) -> float:
    """The accuracy of the kept weights on the rows that the recipe holds out, reckoned anew."""
    dataset = data.load(run.recipe.split, "train", "sample")
    held_out = slice(len(dataset) - round(len(dataset) * run.recipe.validation_share), None)
    inputs = network_input(dataset.images[held_out], run.recipe.spec.input_size)
    outputs = np.asarray(load_network(run).predict(inputs, verbose=0))
    return float(np.mean(outputs.argmax(axis=1) == dataset.labels[held_out]))


class At(keras.callbacks.Callback):
    """Do something to the network when an epoch begins."""

    def __init__(self, epoch: int, work: object) -> None:
        super().__init__()
        self.chosen, self.work = epoch, work

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        if epoch == self.chosen:
            self.work(self.model.network)


def fill_weights(value: float) -> object:
    return lambda network: [weight.assign(keras.ops.full_like(weight, value)) for weight in network.weights]


def test_the_run_directory_holds_its_files_and_no_others(trained: Run):
    assert {path.name for path in trained.path.iterdir()} == FILES


def test_the_status_says_what_happened(trained: Run, quick: Recipe):
    status = trained.status()
    assert (status.state, status.message) == ("finished", None)
    assert (status.epoch, status.epochs, status.step, status.steps_per_epoch) == (2, 2, 20, 10)
    assert status.seconds > 0
    assert status.device == "tensorflow on cpu:0" or "gpu" in status.device
    dataset = data.load("digits", "train", "sample")
    assert status.data is not None
    assert (status.data.name, status.data.sha256, status.data.is_sample) == (dataset.name, dataset.sha256, True)
    assert (status.data.training_images, status.data.validation_images) == (320, round(len(dataset) / 6))
    assert trained.recipe == quick


def test_the_curves_have_their_columns(trained: Run):
    lines = [json.loads(line) for line in (trained.path / "metrics.jsonl").read_text().splitlines()]
    columns = {"epoch": {"kind", *EPOCH_COLUMNS}, "step": {"kind", *STEP_COLUMNS}}
    assert all(set(line) == columns[line["kind"]] for line in lines)
    epochs = trained.metrics("epoch")
    assert list(epochs.columns) == EPOCH_COLUMNS
    assert epochs["epoch"].tolist() == [1, 2]
    assert epochs["loss"].is_monotonic_decreasing
    assert epochs["seconds"].is_monotonic_increasing
    assert epochs["accuracy"].between(0, 1).all()


def test_steps_are_logged_with_their_learning_rate(quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("emnist_core.training.callbacks.SECONDS_BETWEEN_STEPS_LOGGED", 0.0)
    run = runs.create(changed(quick, schedule="cosine", learning_rate=0.002), "steps", tmp_path)
    train(run)
    steps, epochs = run.metrics("step"), run.metrics("epoch")
    assert steps["step"].tolist() == list(range(2, 21))  # the first step builds the graph
    np.testing.assert_allclose(steps["epoch"], steps["step"] / 10)
    expected = 0.002 * (1 + np.cos(np.pi * steps["step"] / 20)) / 2
    np.testing.assert_allclose(steps["learning_rate"], expected, atol=1e-8)
    # Keras gives means over the epoch so far; the journal takes them apart into single steps again.
    for epoch in (1, 2):
        within = steps[(steps["step"] > 10 * (epoch - 1)) & (steps["step"] <= 10 * epoch)]
        first = 10 * epochs["loss"][epoch - 1] - within["loss"].sum()
        assert (within["loss"] > 0).all()
        assert within["accuracy"].between(-1e-4, 1 + 1e-4).all()
        assert first == pytest.approx(0 if epoch == 2 else 2.3, abs=0.5)


def test_the_kept_weights_have_the_accuracy_that_is_told(trained: Run):
    assert validation_accuracy(trained) == pytest.approx(trained.status().validation_accuracy, abs=1e-6)
    assert trained.status().validation_accuracy == pytest.approx(trained.metrics("epoch")["validation_accuracy"].max())


def test_the_same_recipe_gives_the_same_curve_and_another_seed_another(
    trained: Run, quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # Were the old request to stop obeyed, this process would end here, and the tests with it.
    monkeypatch.setattr(os, "_exit", lambda _status: None)
    curves = ["loss", "accuracy", "validation_loss", "validation_accuracy"]
    other = runs.create(changed(quick, seed=4, epochs=1), "other", tmp_path)
    assert train(other).pid == os.getpid()
    # The same run is trained again, as after a kill while it was being stopped.
    again = Run(Path(shutil.copytree(trained.path, tmp_path / "again")))
    status = again.status()
    status.state, status.worker = "training", replace(Worker.this(), pid=_number_of_an_ended_process())
    again.write_status(status)
    again.stop_file.touch()
    assert train(again).state == "finished"
    np.testing.assert_allclose(again.metrics("epoch")[curves], trained.metrics("epoch")[curves], atol=1e-4)
    assert abs(other.metrics("epoch")["loss"][0] - trained.metrics("epoch")["loss"][0]) > 1e-3


def _number_of_an_ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_worse_later_epoch_leaves_the_best_weights(quick: Recipe, tmp_path: Path):
    run = runs.create(quick, "ruined", tmp_path)
    status = train(run, [At(1, fill_weights(0.0))])
    first, second = run.metrics("epoch")["validation_accuracy"]
    assert second < first
    assert (status.state, status.epoch, status.best_epoch) == ("finished", 2, 1)
    assert validation_accuracy(run) == pytest.approx(first, abs=1e-6)
    assert run.serving().keras_accuracy == pytest.approx(first, abs=1e-6)


def test_the_last_epoch_is_kept_where_the_recipe_says_so(quick: Recipe, tmp_path: Path):
    run = runs.create(changed(quick, keep="last"), "last", tmp_path)
    status = train(run, [At(1, fill_weights(0.0))])
    first, second = run.metrics("epoch")["validation_accuracy"]
    assert second < first
    assert (status.best_epoch, status.validation_accuracy) == (2, pytest.approx(second, abs=1e-6))
    assert validation_accuracy(run) == pytest.approx(second, abs=1e-6)
    assert f"epoch 2 of 2, settled beforehand; the last {status.data.validation_images:,} rows" in (
        run.protocol() or ""
    )
    card = (run.path / "README.md").read_text(encoding="utf-8")
    assert "(choosing nothing: the last epoch is kept)" in card
    assert "chosen on these" not in card


def test_a_diverged_training_fails_in_a_sentence_and_keeps_what_was_good(quick: Recipe, tmp_path: Path):
    run = runs.create(quick, "diverged", tmp_path)
    with pytest.raises(RunError, match="choose a smaller learning rate"):
        train(run, [At(1, fill_weights(float("nan")))])
    status = run.status()
    assert (status.state, status.best_epoch) == ("failed", 1)
    assert "choose a smaller learning rate" in (status.message or "")
    assert validation_accuracy(run) == pytest.approx(run.metrics("epoch")["validation_accuracy"][0], abs=1e-6)


def test_every_setting_together_trains_and_the_test_part_is_never_read(
    quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    opened = []
    for module, name in ((library, "sample"), (cache, "open_part")):
        original = getattr(module, name)
        monkeypatch.setattr(module, name, lambda split, part, o=original: (opened.append(part), o(split, part))[1])
    recipe = changed(
        quick, model="lenet5-v2", optimizer="adamw", weight_decay=0.01, schedule="one-cycle", augmentation="elastic",
        prior="even", label_smoothing=0.1, dropout=0.1, l2=1e-4, precision="mixed_bfloat16", epochs=1,
    )  # fmt: skip
    run = runs.create(recipe, "everything", tmp_path)
    assert train(run).state == "finished"
    assert set(opened) == {"train"}
    # What is kept is the network alone, in float32, without the augmentation around it.
    assert load_network(run).count_params() == recipe.spec.build(10).count_params()


class Average(keras.callbacks.Callback):
    """The moving average of the weights, by hand."""

    def __init__(self, momentum: float) -> None:
        super().__init__()
        self.momentum = momentum
        self.weights: list[np.ndarray] = []

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:  # noqa: ARG002
        now = [variable.numpy().astype(np.float64) for variable in self.model.trainable_variables]
        before = self.weights or now
        self.weights = [self.momentum * a + (1 - self.momentum) * b for a, b in zip(before, now, strict=True)]


def test_the_averaged_weights_are_validated_and_kept(quick: Recipe, tmp_path: Path):
    run = runs.create(changed(quick, weight_average=0.8, epochs=2), "averaged", tmp_path)
    average = Average(0.8)
    status = train(run, [average])
    assert status.best_epoch == 2, "the recipe must still be learning in its second epoch for this test"
    kept = load_network(run).trainable_variables
    for variable, expected in zip(kept, average.weights, strict=True):
        np.testing.assert_allclose(variable.numpy(), expected, atol=1e-5)
    assert validation_accuracy(run) == pytest.approx(status.validation_accuracy, abs=1e-6)


class StopAt(keras.callbacks.Callback):
    """Ask the run to stop in some step, and give the watching thread time to see it."""

    def __init__(self, run: Run, step: int) -> None:
        super().__init__()
        self.run, self.step, self.steps = run, step, 0

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:  # noqa: ARG002
        self.steps += 1
        if self.steps == self.step:
            self.run.stop_file.touch()
            time.sleep(0.6)


@pytest.mark.parametrize(("step", "epoch"), [(3, 0), (13, 1)])
def test_a_stopped_run_keeps_what_was_learned(quick: Recipe, tmp_path: Path, step: int, epoch: int):
    run = runs.create(changed(quick, epochs=9), "stopped", tmp_path)
    status = train(run, [StopAt(run, step)])
    assert (status.state, status.step, status.epoch) == ("stopped", step + 1, epoch)
    assert status.best_epoch == (epoch or None)
    assert {path.name for path in run.path.iterdir()} == (FILES if epoch else FILES - {"model.keras"})
    assert checksums.damaged(run.path) == []
    assert len(run.metrics("epoch")) == epoch
    if epoch:
        assert validation_accuracy(run) == pytest.approx(status.validation_accuracy, abs=1e-6)
    else:
        assert status.message == "Stopped in the first epoch; the serving model of that moment is kept."
        assert Recognizer(run).top(data.load("digits", "test", "sample").images[0])
        assert "no model.keras is kept" in (run.path / "README.md").read_text()


def test_a_stop_while_an_epochs_answers_are_kept_ends_that_and_keeps_the_epoch(
    quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run = runs.create(changed(quick, epochs=9), "stopped", tmp_path)
    original = EpochPredictions.on_epoch_end

    def asked_to_stop(self: EpochPredictions, epoch: int, logs: object = None) -> None:
        run.stop_file.touch()
        time.sleep(0.6)
        original(self, epoch, logs)

    monkeypatch.setattr(EpochPredictions, "on_epoch_end", asked_to_stop)
    status = train(run)
    assert (status.state, status.epoch, status.best_epoch) == ("stopped", 1, 1)
    assert len(run.metrics("epoch")) == 1
    assert [path.name for path in (run.path / "epochs").glob("*.npz")] == ["validation.npz"]


def test_data_that_does_not_fit_fails_with_the_same_sentence_in_the_status(quick: Recipe, tmp_path: Path):
    run = runs.create(changed(quick, train_images=None, batch_size=8192), "unfit", tmp_path)
    with pytest.raises(RecipeError, match="batch_size: 8192 is more than") as refused:
        train(run)
    assert (run.status().state, run.status().message) == ("failed", str(refused.value))


def test_a_run_that_is_being_trained_is_left_alone(quick: Recipe, tmp_path: Path):
    run = runs.create(quick, "busy", tmp_path)
    worker = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        status = run.status()
        status.state, status.worker = "training", Worker.of(worker.pid)
        run.write_status(status)
        before = (run.path / "status.json").read_bytes()
        with pytest.raises(RunError, match="The training busy is running; stop it or wait"):
            train(run)
        assert (run.path / "status.json").read_bytes() == before
    finally:
        worker.communicate(b"\n")


def test_a_run_that_ships_is_not_trained():
    with pytest.raises(RunError, match="came with the project"):
        train(Run(paths.SHIPPED_RUNS / "lenet5"))


def test_what_a_finished_run_has_earned_is_not_written_over(trained: Run):
    before = {path: path.read_bytes() for path in trained.path.rglob("*") if path.is_file()}
    with pytest.raises(RunError, match="is finished; give it more epochs, or train its recipe"):
        train(trained)
    assert {path: path.read_bytes() for path in trained.path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("keep", ["best", "last"])
def test_a_run_that_was_broken_off_and_starts_again_keeps_its_better_weights(
    trained: Run, quick: Recipe, tmp_path: Path, keep: str
):
    run = runs.create(changed(quick, keep=keep), "killed", tmp_path)
    shutil.copy(trained.keras_file, run.keras_file)
    status = trained.status()
    status.state, status.worker, status.best_epoch, status.validation_accuracy = "training", None, 9, 1.0
    run.write_status(status)
    run.reserve_file.write_bytes(b"0")
    for name in (".model-a1b2c3.keras", ".status-a1b2c3.json"):
        (run.path / name).write_bytes(b"0")
    before = run.keras_file.read_bytes()
    again = train(run)
    assert run.keras_file.read_bytes() == before
    assert (again.state, again.best_epoch, again.validation_accuracy) == ("finished", 9, 1.0)
    assert {path.name for path in run.path.iterdir()} == FILES


def test_weights_of_other_data_are_not_continued(trained: Run, quick: Recipe, tmp_path: Path):
    run = runs.create(quick, "killed", tmp_path)
    shutil.copy(trained.keras_file, run.keras_file)
    status = trained.status()
    assert status.data is not None
    status.state, status.worker = "training", None
    status.data.sha256 = "0" * 64
    run.write_status(status)
    before = run.keras_file.read_bytes()
    with pytest.raises(RunError, match="was trained on other data than the bundled sample"):
        train(run)
    assert run.keras_file.read_bytes() == before


def test_what_killed_workers_left_goes_when_another_training_starts(quick: Recipe, tmp_path: Path):
    killed, other = (runs.create(quick, name, tmp_path) for name in ("killed", "other"))
    (killed.path / ".model-a1b2c3.keras").write_bytes(b"0")
    killed.reserve_file.write_bytes(b"0")
    with training_slot(other.path.parent):
        assert not [path.name for path in killed.path.iterdir() if path.name.startswith(".")]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB of its own."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small disk can be mounted by root alone")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler:
        for size in (2**16, 1):
            try:
                while True:
                    filler.write(bytes(size))
            except OSError:
                continue


def test_a_full_disk_fails_in_a_sentence_and_keeps_what_was_there(quick: Recipe, small_disk: Path):
    run = runs.create(quick, "full", small_disk)
    with pytest.raises(RunError, match=r"No space left on device.*free some space"):
        train(run, [At(1, lambda _network: fill(small_disk))])
    status = run.status()
    assert (status.state, status.best_epoch) == ("failed", 1)
    assert "free some space" in (status.message or "")
    assert {path.name for path in run.path.iterdir()} == WHILE_TRAINING
    assert validation_accuracy(run) == pytest.approx(run.metrics("epoch")["validation_accuracy"][0], abs=1e-6)


def test_a_disk_that_is_read_only_is_told_in_a_sentence(quick: Recipe, small_disk: Path):
    run = runs.create(quick, "there", small_disk)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(EmnistError, match=r"cannot be written.*Read-only file system"):
        train(run)
    with pytest.raises(EmnistError, match=r"cannot be written.*set EMNIST_HOME"):
        runs.create(quick, "new", small_disk)
