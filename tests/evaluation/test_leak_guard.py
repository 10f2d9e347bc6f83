"""What a run was trained on is left out of its evaluation, counted, and shown."""

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from emnist_core import cli, data, model_card, paths, runs
from emnist_core.data import Dataset, image_hashes
from emnist_core.errors import RunError
from emnist_core.evaluation.comparison import disagreements
from emnist_core.evaluation.evaluation import merge_classes
from emnist_core.evaluation.store import evaluate, stored, stored_evaluations
from emnist_core.recipe import Recipe
from emnist_core.runs import Run, checksums
from emnist_core.serving.recognizer import Recognizer
from tests.helpers.shipped import copy_of, moved

TEST = data.load("balanced", "test", "sample")
TRAIN = data.load("balanced", "train", "sample")


def trained_on(run: Run, images: np.ndarray) -> Run:
    with checksums.renewing(run.trained_on_file):
        image_hashes.save(run.trained_on_file, images)
    return run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that was trained on 200 images of the part that it is evaluated on, and on others."""
    return trained_on(copy_of("lenet5", tmp_path), np.concatenate([TRAIN.images[:300], TEST.images[100:300]]))


@pytest.fixture
def dataset() -> Dataset:
    """400 images, of which the run knows 200."""
    return TEST.take(np.arange(0, 400))


def test_an_overlapping_split(run: Run, dataset: Dataset):
    """Another split's test part that shares some images with the training part, in any order and twice over."""
    random = np.random.default_rng(3)
    rows = random.integers(0, len(TEST), 500)
    mixed = TEST.take(rows)
    images = np.concatenate([mixed.images, TRAIN.images[random.integers(0, 900, 200)]])
    labels = np.concatenate([mixed.labels, np.zeros(200, np.int64)])
    other = dataclasses.replace(dataset, images=images, labels=labels, sha256="5" * 64)
    seen = {image.tobytes() for image in np.concatenate([TRAIN.images[:300], TEST.images[100:300]])}
    expected = [row for row, image in enumerate(images) if image.tobytes() not in seen]
    found = evaluate(run, other)
    assert found.rows.tolist() == expected
    assert (found.n, found.left_out) == (len(expected), len(images) - len(expected))
    np.testing.assert_array_equal(found.true, labels[expected])
    answers = Recognizer(run).probabilities(images[expected])
    np.testing.assert_allclose(found.probabilities, answers, rtol=2**-11, atol=2**-24)


def test_figures_are_of_what_counts(run: Run, dataset: Dataset):
    found = evaluate(run, dataset)
    assert (found.n, found.left_out) == (200, 200)
    counted = dataset.take(found.rows)
    by_hand = Recognizer(run).probabilities(counted.images).argmax(1)
    assert found.accuracy == np.mean(by_hand == counted.labels)
    assert found.confusion.sum() == found.per_class["n"].sum() == 200


def test_it_is_kept_and_reopened(run: Run, dataset: Dataset):
    first = evaluate(run, dataset)
    (folder,) = (run.path / "evaluation").iterdir()
    metrics = json.loads((folder / "metrics.json").read_text())
    assert (metrics["n"], metrics["left_out"]) == (200, 200)
    with np.load(folder / "predictions.npz") as arrays:
        assert {name: array.shape for name, array in arrays.items()} == {
            "true": (200,), "probabilities": (200, 47), "rows": (200,),
        }  # fmt: skip
    again = stored(moved(run), dataset)
    assert again is not None
    np.testing.assert_array_equal(again.rows, first.rows)
    assert again.summary() == first.summary()


@pytest.mark.parametrize("rows", [None, np.arange(199)])
def test_an_evaluation_whose_rows_are_lost_is_made_anew(run: Run, dataset: Dataset, rows: np.ndarray | None):
    evaluate(run, dataset)
    (folder,) = (run.path / "evaluation").iterdir()
    with np.load(folder / "predictions.npz") as arrays:
        kept = {name: arrays[name] for name in ("true", "probabilities")}
    np.savez(folder / "predictions.npz", **kept, **({} if rows is None else {"rows": rows}))
    assert stored(run, dataset) is None
    assert evaluate(run, dataset).left_out == 200


def test_images_of_what_counts(run: Run, dataset: Dataset, tmp_path: Path):
    found = evaluate(run, dataset)
    counted = found.images_of(dataset)
    np.testing.assert_array_equal(counted.images, dataset.images[found.rows])
    np.testing.assert_array_equal(counted.labels, found.true)
    assert counted.sha256 != dataset.sha256
    whole = evaluate(trained_on(copy_of("vanilla-cnn", tmp_path), TRAIN.images), dataset)
    assert whole.images_of(dataset) is dataset


def test_a_run_without_a_record_counts_everything_and_says_so(tmp_path: Path, dataset: Dataset):
    run = copy_of("lenet5", tmp_path)
    run.trained_on_file.unlink(missing_ok=True)
    found = evaluate(run, dataset)
    assert (found.n, found.left_out) == (400, None)
    assert "kept no record of the images it was trained on" in model_card.text(run)
    # As soon as there is a record, what was counted without it does not stand any more.
    trained_on(run, TEST.images[:10])
    assert stored(run, dataset) is None
    assert stored_evaluations(run) == []
    assert (evaluate(run, dataset).left_out, len(stored_evaluations(run))) == (10, 1)


def test_nothing_left(run: Run):
    with pytest.raises(RunError, match=r"trained on every image of .* choose another part or split\.$"):
        evaluate(run, TEST.take(np.arange(100, 300)))


def test_a_damaged_record_is_no_licence(run: Run, dataset: Dataset):
    run.trained_on_file.write_bytes(run.trained_on_file.read_bytes()[:500])
    with pytest.raises(RunError, match=r"trained_on\.npy of the run lenet5 is damaged"):
        evaluate(run, dataset)


def test_two_runs_that_know_different_images_are_compared_on_common_ones(run: Run, dataset: Dataset, tmp_path: Path):
    other = trained_on(copy_of("vanilla-cnn", tmp_path), TEST.images[:150])
    first, second = evaluate(run, dataset), evaluate(other, dataset)
    with pytest.raises(RunError, match="were not evaluated on the same images"):
        disagreements(first, second)
    one, two = first.at(second.rows), second.at(first.rows)
    assert one.rows.tolist() == two.rows.tolist() == list(range(300, 400))
    np.testing.assert_array_equal(one.true, two.true)
    assert len(disagreements(one, two)) <= 100
    grouped = merge_classes(first, ("0O",)).at(second.rows)
    assert grouped.n == len(grouped.predicted) == 100
    assert first.at(first.rows) is first


def test_the_command_and_the_card_tell(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    def call(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["emnist_core", *arguments])
        with pytest.raises(SystemExit):
            cli.main()
        return capsys.readouterr().out

    table = call("evaluate", str(run.path), "--source", "sample")
    assert "left out" in table
    document = json.loads(call("evaluate", str(run.path), "--source", "sample", "--json"))
    assert (document["n"], document["left_out"]) == (len(TEST) - 200, 200)
    card = (run.path / "README.md").read_text()
    assert f"test part | {len(TEST) - 200:,} | {document['accuracy']:.2%} |" in card
    assert f"{document['macro_f1']:.4f} | {document['ece']:.2%} | {document['coverage_at_99']:.1%} | 200 |" in card
    assert "recognised by their hashes and not counted" in card


@pytest.mark.slow
def test_a_training_keeps_the_record():
    """And a training of the same rows recognises none of its validation rows."""
    from emnist_core.training.lifecycle import train

    recipe = Recipe(model="lenet5", split="digits", dataset_kind="sample", train_images=64, batch_size=32, epochs=1)
    run = runs.create(recipe)
    train(run)
    digits = data.load("digits", "train", "sample")
    known = image_hashes.known(digits.images, run.trained_on())
    np.testing.assert_array_equal(np.flatnonzero(known), np.arange(64))
    found = evaluate(run, digits)
    assert (found.n, found.left_out) == (len(digits) - 64, 64)


@pytest.mark.parametrize("name", sorted(path.parent.name for path in paths.SHIPPED_RUNS.glob("*/recipe.json")))
def test_runs_that_ship_have_a_record_and_their_evaluations_stand(name: str):
    run = Run(paths.SHIPPED_RUNS / name)
    seen, used = run.trained_on(), run.status().data
    assert seen is not None
    assert used is not None
    if not run.recipe.teachers:
        assert len(seen) == used.training_images
    # What its teachers have seen counts as seen: theirs is in its record, whole.
    shipped = [Run(paths.SHIPPED_RUNS / teacher_run) for teacher_run in run.recipe.teachers]
    taught_by = [teacher.trained_on() for teacher in shipped if teacher.trained_on_file.exists()]
    assert all(theirs is not None and np.isin(theirs, seen).all() for theirs in taught_by)
    assert used.training_images <= len(seen) <= 1.001 * used.training_images
    assert {found.left_out for found in stored_evaluations(run)} == {0}
