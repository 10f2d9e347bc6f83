"""What a training keeps of its epochs, written and read."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from emnist_core import runs
from emnist_core.evaluation.epochs import load
from emnist_core.recipe import Recipe
from emnist_core.runs import Run


@pytest.fixture
def run() -> Run:
    return runs.create(Recipe(model="lenet5", split="digits", epochs=3), "kept")


def keep(folder: Path, count: int = 200, epochs: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Made-up epochs; returns the true classes and all answers."""
    random = np.random.default_rng(0)
    folder.mkdir()
    true = random.integers(0, 10, count)
    np.savez(folder / "validation.npz", rows=np.arange(1000, 1000 + count), true=true, sha256=np.array("ab"))
    answers = np.stack([[random.permutation(10)[:3] for _ in range(count)] for _ in range(epochs)])
    for number, classes in enumerate(answers, start=1):
        shares = np.tile(np.array([0.5, 0.25, 0.125], np.float16), (count, 1))
        np.savez(folder / f"{number:03d}.npz", classes=classes.astype(np.uint8), probabilities=shares)
    return true, answers


def test_matrices_and_pairs_are_those_of_the_answers(run: Run) -> None:
    true, answers = keep(run.path / "epochs")
    found = load(run)
    assert found is not None
    assert found.numbers == (1, 2, 3)
    for number in found.numbers:
        expected = confusion_matrix(true, answers[number - 1, :, 0], labels=range(10))
        assert (found.confusion(number) == expected).all()
        pairs = found.pair_errors(2, 7).set_index("epoch")
        assert tuple(pairs.loc[number, ["first_as_second", "second_as_first"]]) == (expected[2, 7], expected[7, 2])
        positions = found.cell(number, 2, 7)
        assert len(positions) == expected[2, 7]
    followed = found.followed(np.arange(5))
    assert len(followed) == 15
    place = {1: 0.5, 2: 0.25, 3: 0.125}
    first = followed.iloc[0]
    where = np.flatnonzero(answers[0, 0] == true[0])
    assert first["probability"] == (place[int(where[0]) + 1] if len(where) else 0)


def test_nothing_kept_and_damage_are_none(run: Run) -> None:
    assert load(run) is None
    keep(run.path / "epochs")
    (run.path / "epochs" / "002.npz").write_bytes(b"half")
    assert load(run) is None


@pytest.mark.slow
def test_a_training_keeps_its_epochs(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    callbacks = pytest.importorskip("emnist_core.training.epoch_predictions")
    from emnist_core import data

    monkeypatch.setattr(callbacks, "MOST", 50)
    dataset = data.load("digits", "train", "sample")
    callback = callbacks.EpochPredictions(run, dataset, len(dataset) - 80, finished=0)

    class Model:
        stop_training = False

        def predict_on_batch(self, images: np.ndarray) -> np.ndarray:
            assert len(images) == 50
            return np.eye(10, dtype=np.float32)[dataset.labels[callback.rows]]

    callback.set_model(Model())
    callback.on_train_begin()
    callback.on_epoch_end(0)
    run.stop_file.touch()
    callback.on_epoch_end(1)
    found = load(run)
    assert found is not None
    assert found.numbers == (1,)
    assert (found.predicted(1) == found.true).all()
    assert (dataset.labels[found.rows] == found.true).all()
    assert found.data_sha256 == dataset.sha256
