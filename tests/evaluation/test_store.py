"""Predictions: made once, kept in the run, reopened, never mixed, made anew when damaged."""

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data, paths
from emnist_core.data import Dataset
from emnist_core.data.dataset import content_hash
from emnist_core.errors import RunError
from emnist_core.evaluation import store
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.store import evaluate, stored, stored_evaluations
from emnist_core.files import write_json
from emnist_core.runs import Run
from emnist_core.serving.recognizer import Recognizer
from tests.helpers.shipped import copy_of, moved


def part_of(dataset: Dataset, rows: slice) -> Dataset:
    """Some rows of a dataset, which are a dataset with a hash of its own."""
    images, labels = dataset.images[rows], dataset.labels[rows]
    return dataclasses.replace(dataset, images=images, labels=labels, sha256=content_hash(images, labels))


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """300 test images of the sample."""
    return part_of(data.load("balanced", "test", "sample"), slice(0, 300))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return copy_of("lenet5", tmp_path)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many images the serving model was asked for, call by call."""
    asked: list[int] = []
    original = Recognizer.probabilities

    def probabilities(self: Recognizer, images: np.ndarray) -> np.ndarray:
        asked.append(len(images))
        return original(self, images)

    monkeypatch.setattr(Recognizer, "probabilities", probabilities)
    return asked


def folder_of(run: Run) -> Path:
    (folder,) = (run.path / "evaluation").iterdir()
    return folder


def assert_same(one: Evaluation, other: Evaluation) -> None:
    np.testing.assert_array_equal(one.true, other.true)
    np.testing.assert_array_equal(one.probabilities, other.probabilities)
    assert one.summary() == other.summary()


def test_predictions_are_the_serving_models_to_11_bits(run: Run, dataset: Dataset):
    found = evaluate(run, dataset)
    expected = Recognizer(run).probabilities(dataset.images)
    np.testing.assert_allclose(found.probabilities, expected, rtol=2**-11, atol=2**-24)
    np.testing.assert_array_equal(found.true, dataset.labels)
    assert found.accuracy == np.mean(found.probabilities.argmax(1) == dataset.labels)
    assert (found.run_name, found.split, found.part, found.is_sample) == ("lenet5", "balanced", "test", True)
    assert (found.data_name, found.data_sha256) == (dataset.name, dataset.sha256)


def test_they_are_kept_and_reopened_without_asking_the_model_again(run: Run, dataset: Dataset, calls: list[int]):
    first = evaluate(run, dataset)
    assert sum(calls) == 300
    calls.clear()
    run = moved(run)
    assert_same(evaluate(run, dataset), first)
    assert calls == []
    assert {path.name for path in folder_of(run).iterdir()} == {"checksums.json", "metrics.json", "predictions.npz"}
    assert folder_of(run).name == f"balanced-test-{dataset.sha256[:12]}"


def test_metrics_json_holds_the_figures_for_any_other_reader(run: Run, dataset: Dataset):
    found = evaluate(run, dataset)
    metrics = json.loads((folder_of(run) / "metrics.json").read_text())
    assert metrics["accuracy"] == found.accuracy
    assert metrics["n"] == 300
    assert metrics["confusion"] == found.confusion.tolist()
    assert metrics["data"] == {"name": dataset.name, "sha256": dataset.sha256, "is_sample": True}
    assert [row["label"] for row in metrics["per_class"]] == list(dataset.split.labels)


def test_no_image_is_kept(run: Run, dataset: Dataset):
    evaluate(run, dataset)
    with np.load(folder_of(run) / "predictions.npz") as arrays:
        assert {name: array.shape for name, array in arrays.items()} == {"true": (300,), "probabilities": (300, 47)}


def test_datasets_are_never_mixed(run: Run, dataset: Dataset, calls: list[int]):
    other = part_of(dataset, slice(100, 200))
    evaluate(run, dataset)
    assert stored(run, other) is None
    assert evaluate(run, other).n == 100
    assert sum(calls) == 400
    assert [found.n for found in stored_evaluations(run)] == [300, 100]
    assert_found(run, dataset, 300)
    assert_found(run, other, 100)


def assert_found(run: Run, dataset: Dataset, count: int) -> None:
    found = stored(run, dataset)
    assert found is not None
    assert (found.n, found.data_sha256) == (count, dataset.sha256)


def test_one_datasets_predictions_under_anothers_name_are_not_taken(run: Run, dataset: Dataset):
    other = part_of(dataset, slice(100, 200))
    evaluate(run, dataset)
    shutil.copytree(folder_of(run), run.path / "evaluation" / f"balanced-test-{other.sha256[:12]}")
    assert stored(run, other) is None
    assert evaluate(run, other).n == 100


def cut(share: float) -> object:
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def overwrite(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    path.write_bytes(content)


def other_arrays(**arrays: np.ndarray) -> object:
    return lambda path: np.savez(path, **arrays)


def without(key: str) -> object:
    return lambda path: path.write_text(json.dumps({k: v for k, v in json.loads(path.read_text()).items() if k != key}))


TRUE, PROBABILITIES = np.zeros(300, np.uint8), np.zeros((300, 47), np.float16)
DAMAGE = {
    "npz-gone": ("predictions.npz", Path.unlink),
    "npz-empty": ("predictions.npz", cut(0)),
    "npz-half": ("predictions.npz", cut(0.5)),
    "npz-nearly-whole": ("predictions.npz", cut(0.99)),
    "npz-overwritten": ("predictions.npz", overwrite),
    "npz-text": ("predictions.npz", lambda path: path.write_text("not an archive")),
    "npz-array-missing": ("predictions.npz", other_arrays(true=TRUE)),
    "npz-too-few-classes": ("predictions.npz", other_arrays(true=TRUE, probabilities=PROBABILITIES[:, :10])),
    "npz-too-few-rows": ("predictions.npz", other_arrays(true=TRUE, probabilities=PROBABILITIES[:9])),
    "npz-class-out-of-range": ("predictions.npz", other_arrays(true=TRUE + 99, probabilities=PROBABILITIES)),
    "npz-objects": ("predictions.npz", other_arrays(true=np.array([{}]), probabilities=PROBABILITIES)),
    "json-gone": ("metrics.json", Path.unlink),
    "json-empty": ("metrics.json", cut(0)),
    "json-half": ("metrics.json", cut(0.5)),
    "json-list": ("metrics.json", lambda path: path.write_text("[]")),
    "json-null": ("metrics.json", lambda path: path.write_text("null")),
    "json-bytes": ("metrics.json", lambda path: path.write_bytes(b"\xff\xfe\x00")),
    "json-without-data": ("metrics.json", without("data")),
    "json-without-split": ("metrics.json", without("split")),
    "json-without-model": ("metrics.json", without("serving_sha256")),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_files_are_made_anew(run: Run, dataset: Dataset, calls: list[int], damage: str):
    first = evaluate(run, dataset)
    name, spoil = DAMAGE[damage]
    spoil(folder_of(run) / name)
    run = moved(run)
    calls.clear()
    assert stored(run, dataset) is None
    assert stored_evaluations(run) == []
    assert_same(evaluate(run, dataset), first)
    assert sum(calls) == 300
    # What was made anew is whole again.
    assert stored(moved(run), dataset) is not None


def test_a_model_exported_anew_is_asked_anew(run: Run, dataset: Dataset, calls: list[int]):
    evaluate(run, dataset)
    calls.clear()
    other = copy_of("vanilla-cnn", run.path.parent)
    for name in ("recipe.json", "model.tflite", "serving.json"):
        shutil.copy(other.path / name, run.path / name)
    renewed = Run(run.path)
    assert stored(renewed, dataset) is None
    assert stored_evaluations(renewed) == []
    found = evaluate(renewed, dataset)
    assert sum(calls) == 300
    np.testing.assert_array_equal(found.probabilities, evaluate(other, dataset).probabilities)


def test_a_model_calibrated_anew_is_asked_anew(run: Run, dataset: Dataset):
    first = evaluate(run, dataset)
    write_json(run.path / "serving.json", run.serving().model_dump() | {"temperature": 2.0})
    renewed = Run(run.path)
    assert stored(renewed, dataset) is None
    found = evaluate(renewed, dataset)
    assert found.confidence.mean() < first.confidence.mean() - 0.05
    assert found.accuracy == pytest.approx(first.accuracy, abs=0.004)


def test_predictions_of_an_export_whose_figures_are_gone_are_not_trusted(run: Run, dataset: Dataset):
    evaluate(run, dataset)
    (run.path / "serving.json").unlink()
    assert stored(run, dataset) is None


def test_other_classes_are_refused_in_a_sentence(run: Run):
    digits = data.load("digits", "test", "sample")
    with pytest.raises(RunError, match="knows the 47 classes of Balanced, not those of Digits; choose a split"):
        evaluate(run, digits)
    assert not (run.path / "evaluation").exists()


def test_a_split_with_the_same_classes_is_fine(run: Run):
    found = evaluate(run, data.load("bymerge", "test", "sample"))
    assert found.split == "bymerge"
    assert found.accuracy > 0.3


def test_progress_reaches_the_whole(run: Run, monkeypatch: pytest.MonkeyPatch, dataset: Dataset):
    monkeypatch.setattr(store, "CHUNK", 128)
    told: list[float] = []
    evaluate(run, dataset, told.append)
    assert told == [128 / 300, 256 / 300, 1.0]


def test_a_run_that_cannot_be_written_is_evaluated_all_the_same(run: Run, dataset: Dataset, calls: list[int]):
    (run.path / "evaluation").write_text("in the way")
    first = evaluate(run, dataset)
    assert_same(evaluate(run, dataset), first)
    assert sum(calls) == 600
    assert stored_evaluations(run) == []


def test_a_run_that_ships_is_not_written_to(
    home: Path, dataset: Dataset, calls: list[int], monkeypatch: pytest.MonkeyPatch
):
    run = Run(paths.SHIPPED_RUNS / "lenet5")
    before = sorted(path for path in run.path.rglob("*"))
    first = evaluate(run, dataset)
    assert sorted(path for path in run.path.rglob("*")) == before
    assert len(list((home / "evaluations" / "lenet5").iterdir())) == 1
    # Nothing is remembered of a home at another place.
    monkeypatch.setenv("EMNIST_HOME", str(home.rename(home.with_name(f"{home.name}-moved"))))
    assert_same(evaluate(run, dataset), first)
    assert sum(calls) == 300


def test_emnist_comes_before_the_sample(run: Run, dataset: Dataset):
    evaluate(run, dataset)
    evaluate(run, dataclasses.replace(part_of(dataset, slice(0, 50)), is_sample=False, name="EMNIST"))
    assert [found.is_sample for found in stored_evaluations(run)] == [False, True]
