"""Serving: the answers of the Keras network, whatever the batch or the thread; damage told in a sentence."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from emnist_core import data, paths
from emnist_core.errors import RunError
from emnist_core.files import read_json, write_json
from emnist_core.runs import Run
from emnist_core.serving import opening
from emnist_core.serving.features import feature_maps, features
from emnist_core.serving.network_input import network_input
from emnist_core.serving.recognizer import BATCH, Recognizer, at_temperature, recognizer
from tests.helpers.shipped import copy_of


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Test images of the sample, more than two batches of them."""
    return data.load("balanced", "test", "sample").images[: 2 * BATCH + 30]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return copy_of("lenet5", tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lenet5", "lenet5-v2", "vanilla-cnn"])
def test_it_answers_as_the_keras_network_does(name: str, images: np.ndarray):
    from emnist_core.runs.weights import load_network

    run = Run(paths.SHIPPED_RUNS / name)
    expected = load_network(run).predict(network_input(images, run.recipe.spec.input_size), verbose=0)
    found = Recognizer(run, temperature=1.0).probabilities(images)
    assert (found.shape, found.dtype) == (expected.shape, np.float32)
    np.testing.assert_allclose(found, expected, atol=0.01)
    assert np.mean(found.argmax(1) == expected.argmax(1)) > 0.99
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)


def test_a_temperature_divides_the_logits():
    logits = np.random.default_rng(1).normal(0, 4, (50, 47))
    for temperature in (0.3, 1.0, 2.5):
        found = at_temperature(softmax(logits, axis=1).astype(np.float32), temperature)
        np.testing.assert_allclose(found, softmax(logits / temperature, axis=1), rtol=1e-3, atol=1e-7)


def test_the_runs_own_temperature_is_used(run: Run, images: np.ndarray):
    serving = read_json(run.path / "serving.json")
    write_json(run.path / "serving.json", serving | {"temperature": 3.0})
    warm, plain = Recognizer(run).probabilities(images), Recognizer(run, temperature=1.0).probabilities(images)
    np.testing.assert_array_equal(warm, at_temperature(plain, 3.0))
    np.testing.assert_array_equal(warm.argmax(1), plain.argmax(1))
    assert warm.max(1).mean() < plain.max(1).mean() - 0.1


def test_a_batch_gives_what_its_images_give_one_by_one(run: Run, images: np.ndarray):
    serving = Recognizer(run)
    together = serving.probabilities(images)
    for row in (0, 1, BATCH - 1, BATCH, len(images) - 1):
        np.testing.assert_allclose(serving.probabilities(images[row : row + 1])[0], together[row], atol=1e-5)


def test_no_image_gives_no_row(run: Run, images: np.ndarray):
    assert Recognizer(run).probabilities(images[:0]).shape == (0, 47)


def test_an_answer_is_the_callers_own(run: Run, images: np.ndarray):
    serving = Recognizer(run)
    first = serving.probabilities(images[:5])
    kept = first.copy()
    serving.probabilities(images[5:10])
    np.testing.assert_array_equal(first, kept)


def test_visitors_at_once_get_their_own_answers(run: Run, images: np.ndarray):
    serving = Recognizer(run)
    # Batches of different sizes, so that the interpreter is resized between them.
    parts = [images[i : i + 1 + i % 7] for i in range(0, 200, 3)]
    expected = [serving.probabilities(part) for part in parts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(serving.probabilities, parts * 3))
    for one, other in zip(found, expected * 3, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_top_gives_labels_the_most_probable_first(run: Run, images: np.ndarray):
    serving = Recognizer(run)
    probabilities = serving.probabilities(images[:1])[0]
    best = serving.top(images[0], 3)
    assert [entry["label"] for entry in best] == [serving.labels[i] for i in np.argsort(-probabilities)[:3]]
    assert [entry["probability"] for entry in best] == sorted(probabilities.tolist(), reverse=True)[:3]
    assert len(serving.top(images[0], 62)) == 47


def test_an_opened_model_is_kept_until_its_file_is_renewed(run: Run):
    first = recognizer(run)
    assert recognizer(Run(run.path)) is first
    os.utime(run.serving_file, (1, 1))
    assert recognizer(Run(run.path)) is not first


def test_a_missing_model_is_told(run: Run):
    run.serving_file.unlink()
    with pytest.raises(RunError, match="has no serving model; `python -m emnist_core export` makes it"):
        recognizer(run)


@pytest.mark.parametrize("share", [0, 1e-4, 0.3, 0.9999])
@pytest.mark.parametrize("with_figures", [True, False])
def test_a_truncated_model_is_told(run: Run, share: float, with_figures: bool):
    content = run.serving_file.read_bytes()
    run.serving_file.write_bytes(content[: int(len(content) * share)])
    if not with_figures:
        (run.path / "serving.json").unlink()
    with pytest.raises(RunError, match=r"model\.tflite of the run lenet5 is damaged; `python -m emnist_core export`"):
        Recognizer(run)


def test_a_model_with_damaged_weights_is_told_though_litert_would_open_it(run: Run):
    content = bytearray(run.serving_file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 200] = bytes(200)
    run.serving_file.write_bytes(content)
    with pytest.raises(RunError, match=r"model\.tflite of the run lenet5 is damaged"):
        Recognizer(run)


@pytest.mark.parametrize("content", [b"GIF89a not a model", b"\x00" * 5000])
def test_a_foreign_file_is_told(run: Run, content: bytes):
    run.serving_file.write_bytes(content)
    (run.path / "serving.json").unlink()
    with pytest.raises(RunError, match=r"model\.tflite of the run lenet5 is damaged"):
        Recognizer(run)


def test_a_folder_in_its_place_is_told(run: Run):
    run.serving_file.unlink()
    run.serving_file.mkdir()
    with pytest.raises(RunError, match=r"model\.tflite of the run lenet5 is damaged"):
        Recognizer(run)


def test_another_architectures_model_is_told(run: Run):
    for name in ("model.tflite", "serving.json"):
        shutil.copy(paths.SHIPPED_RUNS / "vanilla-cnn" / name, run.path / name)
    with pytest.raises(RunError, match=r"model\.tflite of the run lenet5 does not fit its recipe"):
        Recognizer(run)


def test_a_model_of_other_classes_is_told(run: Run):
    recipe = run.path / "recipe.json"
    recipe.write_text(recipe.read_text().replace('"balanced"', '"digits"'))
    with pytest.raises(RunError, match=r"model\.tflite of the run lenet5 does not fit its recipe"):
        Recognizer(run)


def test_a_file_is_hashed_once_for_all_its_readers(run: Run, images: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    hashed: list[int] = []
    sha256 = opening.hashlib.sha256
    monkeypatch.setattr(opening.hashlib, "sha256", lambda content: hashed.append(len(content)) or sha256(content))
    recognizer(run).top(images[0])
    features(run, images[:2])
    feature_maps(run, images[0])
    assert hashed.count(run.serving_file.stat().st_size) == 1


def test_answers_to_a_pages_images_are_kept(run: Run, images: np.ndarray, monkeypatch: pytest.MonkeyPatch):
    opened = Recognizer(run)
    first, other = opened.kept_probabilities(images[:9]), opened.kept_probabilities(images[9:18])
    np.testing.assert_array_equal(first, opened.probabilities(images[:9]))
    assert not np.array_equal(first, other)
    monkeypatch.setattr(opened, "probabilities", lambda _: pytest.fail("read again"))
    np.testing.assert_array_equal(opened.kept_probabilities(images[:9].copy()), first)
