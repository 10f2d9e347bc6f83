"""Integrated gradients: what they sum to, by the serving model; and every way not to get them is a sentence."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data, paths, runs
from emnist_core.errors import RunError
from emnist_core.explain import gradient
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.serving.recognizer import recognizer

needs_tensorflow = pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")


@pytest.mark.slow
@needs_tensorflow
def test_a_map_sums_to_what_the_ink_adds_to_the_served_probability() -> None:
    run = runs.find("lenet5")
    sample = data.load("balanced", "test", "sample")
    images = np.asarray(sample.images[[5, 700, 1234]])
    paper = np.zeros((1, 28, 28), np.uint8)
    answers = recognizer(run).probabilities(np.concatenate([images, paper]))
    classes = tuple(int(c) for c in answers[:3].argmax(axis=1))

    heard: list[tuple[str, float]] = []

    maps = gradient.integrated_gradients(run, images, classes, lambda words, share: heard.append((words, share)))

    assert maps.shape == (3, 3, 28, 28)
    expected = answers[:3, list(classes)] - answers[3, list(classes)]
    # The serving model's weights have 11 bits of precision, and the integral is a sum.
    assert maps.sum(axis=(2, 3)) == pytest.approx(expected, abs=0.005)
    assert np.abs(expected).max() > 0.5
    # Something moves from the start on, and an answer that is there is not computed again.
    assert heard[0][0].startswith("Starting TensorFlow")
    assert len({words for words, _ in heard}) > 3
    assert [share for _, share in heard] == sorted(share for _, share in heard)
    heard.clear()
    assert (
        gradient.integrated_gradients(run, images, classes, lambda words, share: heard.append((words, share))) is maps
    )
    assert heard == []
    assert (maps[np.broadcast_to(images[:, np.newaxis] == 0, maps.shape)] == 0).all()


@pytest.mark.slow
@needs_tensorflow
def test_a_damaged_network_is_told_in_a_sentence(tmp_path: Path) -> None:
    run = runs.create(Recipe(model="lenet5"), "damaged", tmp_path)
    run.keras_file.write_bytes(b"nothing")
    with pytest.raises(RunError, match=r"^model.keras of the run damaged is damaged; train it again\.$"):
        gradient.integrated_gradients(run, np.zeros((1, 28, 28), np.uint8), (0,))


def test_what_stands_in_the_way_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(paths.SHIPPED_RUNS / "lenet5")
    monkeypatch.setattr(gradient, "find_spec", lambda name: None)  # noqa: ARG005
    assert "need TensorFlow" in (gradient.obstacle(run) or "")
    with pytest.raises(RunError, match="need TensorFlow"):
        gradient.integrated_gradients(run, np.zeros((1, 28, 28), np.uint8), (0,))
    monkeypatch.setattr(gradient, "find_spec", lambda name: "there")  # noqa: ARG005
    assert gradient.obstacle(run) is None
    assert "no model.keras" in (gradient.obstacle(Run(tmp_path / "none")) or "")


def test_an_answer_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient, "obstacle", lambda run: None)  # noqa: ARG005
    monkeypatch.setattr(gradient, "PATIENCE", 0.01)
    with pytest.raises(RunError, match="not there after"):
        gradient.integrated_gradients(runs.find("lenet5"), np.zeros((1, 28, 28), np.uint8), (0,))
