"""Trainings that are broken off, by a kill, a stop or an error, and go on as if they had not been."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest

from emnist_core import runs
from emnist_core.errors import EmnistError, RunError
from emnist_core.recipe import Recipe
from emnist_core.runs import Run, checkpoint, checksums
from emnist_core.training import checkpoints
from emnist_core.training.callbacks import Journal
from emnist_core.training.lifecycle import train

EVERYTHING = Recipe(
    model="lenet5-v2", split="digits", dataset_kind="sample", train_images=320, batch_size=32, epochs=4, seed=3,
    optimizer="adamw", weight_decay=0.01, schedule="one-cycle", augmentation="elastic", mixing="cutmix",
    weight_average=0.9,
)  # fmt: skip
"""What has a state of its own: dropout, variation, mixing, a schedule, moments, averages. Ten steps an epoch."""

TRAIN = """
import json, sys
from pathlib import Path
import keras
from emnist_core.runs import Run
from emnist_core.training import checkpoints
from emnist_core.training.lifecycle import train

class Note(keras.callbacks.Callback):
    def note(self, place, logs):
        with open(sys.argv[2], "a") as file:
            file.write(json.dumps([place, [float(value) for value in logs.values()]]) + chr(10))
    def on_train_batch_end(self, batch, logs=None):
        self.note(int(self.model.optimizer.iterations), logs)
    def on_epoch_end(self, epoch, logs=None):
        self.note(f"epoch {epoch}", logs)

checkpoints.SECONDS_BETWEEN_CHECKPOINTS = 0.1
train(Run(Path(sys.argv[1])), [Note()])
"""


def start(run: Run, notes: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", TRAIN, str(run.path), str(notes)], stderr=subprocess.DEVNULL)


def read(notes: Path) -> dict[str | int, list[float]]:
    """What was noted, by step and epoch; of what was done twice, the last."""
    return dict(map(json.loads, notes.read_text().splitlines()))


def test_a_worker_that_is_killed_at_any_moment_goes_on_as_if_it_had_not_been(tmp_path: Path):
    whole, killed = (runs.create(EVERYTHING, name, tmp_path) for name in ("whole", "killed"))
    expected, noted = tmp_path / "whole.txt", tmp_path / "killed.txt"
    assert start(whole, expected).wait() == 0
    moments = random.Random(20261127)
    noted.touch()
    for steps in (3, 17, 31):
        worker = start(killed, noted)
        while worker.poll() is None and len(noted.read_text().splitlines()) < steps:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.3))
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL, "it was to be killed in the middle"
    assert killed.status().state == "lost"
    assert start(killed, noted).wait() == 0

    first, second = read(expected), read(noted)
    assert set(first) == set(second)
    for place, values in first.items():
        np.testing.assert_allclose(second[place], values, rtol=0, atol=1e-5, err_msg=str(place))
    columns = ["epoch", "loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert killed.metrics("epoch")[columns].equals(whole.metrics("epoch")[columns])
    steps_logged = killed.metrics("step")["step"]
    assert steps_logged.is_monotonic_increasing
    assert steps_logged.is_unique
    assert {path.name for path in (killed.path / "epochs").iterdir()} == {
        path.name for path in (whole.path / "epochs").iterdir()
    }
    assert killed.status().step == whole.status().step == 40
    assert checksums.damaged(killed.path) == []


class BreakAt(keras.callbacks.Callback):
    """Do something at the end of a step."""

    def __init__(self, step: int, work: object) -> None:
        super().__init__()
        self.step, self.work = step, work

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:  # noqa: ARG002
        if int(self.model.optimizer.iterations) == self.step:
            self.work()


def breaks() -> None:
    raise RuntimeError("as if the memory had run out")


@pytest.fixture
def broken(quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that broke off in its second epoch, with a checkpoint of the step before."""
    monkeypatch.setattr(checkpoints, "SECONDS_BETWEEN_CHECKPOINTS", 0)
    run = runs.create(quick, "broken", tmp_path)
    with pytest.raises(RuntimeError):
        train(run, [BreakAt(14, breaks)])
    return run


def test_it_goes_on_from_the_step_it_had_reached(broken: Run, trained: Run):
    last = checkpoint.read(broken)
    assert last is not None
    assert (last.position.epoch, last.position.batch, last.position.step) == (1, 4, 14)
    steps: list[int] = []
    status = train(broken, [keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: steps.append(batch))])  # noqa: ARG005
    assert len(steps) == 6
    assert (status.state, status.step, status.epoch) == ("finished", 20, 2)
    columns = ["epoch", "loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert broken.metrics("epoch")[columns].equals(trained.metrics("epoch")[columns])


def test_stop_keeps_the_step_that_was_reached(quick: Recipe, tmp_path: Path):
    def ask_and_wait() -> None:
        run.stop_file.touch()
        time.sleep(0.6)

    run = runs.create(quick, "stopped", tmp_path)
    assert train(run, [BreakAt(13, ask_and_wait)]).state == "stopped"
    last = checkpoint.read(run)
    assert last is not None
    assert (last.position.epoch, last.position.batch) == (1, 4)
    status = train(run)
    assert (status.state, status.step, status.message) == ("finished", 20, None)


def test_a_finished_run_learns_more_epochs(trained: Run, quick: Recipe, tmp_path: Path):
    shutil.copytree(trained.path, tmp_path / "more")
    run = Run(tmp_path / "more")
    run.add_epochs(1)
    assert run.recipe.epochs == 3
    status = train(run)
    longer = runs.create(Recipe.parse(quick.model_dump() | {"epochs": 3}), "longer", tmp_path)
    train(longer)
    assert (status.state, status.epoch, status.step) == ("finished", 3, 30)
    columns = ["epoch", "loss", "accuracy", "validation_loss", "validation_accuracy"]
    assert run.metrics("epoch")[columns].equals(longer.metrics("epoch")[columns])
    assert checksums.damaged(run.path) == []


def test_a_killed_run_whose_last_epoch_was_over_is_only_exported(
    quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run = runs.create(quick, "at-its-end", tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(Journal, "close", lambda _journal: breaks())
        with pytest.raises(RuntimeError):
            train(run)
    status = train(run)
    assert (status.state, status.step) == ("finished", 20)
    assert run.serving_file.exists()


def files_of(run: Run) -> dict[str, bytes]:
    """What a refused resumption must not touch."""
    return {name: (run.path / name).read_bytes() for name in ("checkpoint.npz", "model.keras", "metrics.jsonl")}


def refused(run: Run) -> str:
    before = files_of(run)
    with pytest.raises(EmnistError) as refusal:
        train(run)
    assert files_of(run) == before
    return str(refusal.value)


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "not an archive"])
def test_a_damaged_checkpoint_is_told_and_nothing_is_lost(broken: Run, damage: str):
    content = broken.checkpoint_file.read_bytes()
    middle = len(content) // 2
    broken.checkpoint_file.write_bytes(
        {
            "cut": content[:middle],
            "changed": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "empty": b"",
            "not an archive": b"weights",
        }[damage]
    )
    assert "checkpoint.npz of the run broken is damaged" in refused(broken)


def test_an_edited_recipe_is_told(broken: Run):
    recipe = json.loads((broken.path / "recipe.json").read_text())
    checksums.forget(broken.path / "recipe.json")
    (broken.path / "recipe.json").write_text(json.dumps(recipe | {"batch_size": 64}))
    assert "not what it was trained with (batch_size: 32, not 64)" in refused(Run(broken.path))


def test_other_data_is_told(broken: Run):
    last = checkpoint.read(broken)
    assert last is not None
    last.position.data_sha256 = "0" * 64
    checkpoint.write(broken, last)
    assert "was trained on other data" in refused(broken)


def test_a_checkpoint_of_another_network_is_told(broken: Run):
    last = checkpoint.read(broken)
    assert last is not None
    checkpoint.write(broken, checkpoint.Checkpoint(last.position, last.arrays[1:]))
    assert "is another network's" in refused(broken)


def test_no_object_is_made_of_a_checkpoint(broken: Run):
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch {broken.path / 'harm'}",)

    last = checkpoint.read(broken)
    assert last is not None
    with broken.checkpoint_file.open("wb") as file:
        np.savez(file, position=np.array(last.position.model_dump_json()), **{"0000": np.array([Evil()], object)})
    checksums.note(broken.path, "checkpoint.npz")
    assert "is damaged" in refused(broken)
    assert not (broken.path / "harm").exists()


def test_only_a_run_with_a_checkpoint_learns_more(quick: Recipe, tmp_path: Path):
    run = runs.create(quick, "new", tmp_path)
    with pytest.raises(RunError, match="has no checkpoint to go on from"):
        run.add_epochs(1)
