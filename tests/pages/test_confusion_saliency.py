"""Saliency on the page of an image: the method has an address, and an answer that took a process is kept."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from emnist_core import paths
from emnist_core.errors import RunError
from emnist_core.explain import gradient
from tests.helpers.pages import copy_run, open_page, sample_title, sound, words

GRADIENT = "integrated gradients"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """The classes that were asked for, call by call; the answers are made up."""
    calls: list[tuple[int, ...]] = []

    def answer(question: gradient.Question, folder: Path) -> np.ndarray:  # noqa: ARG001
        calls.append(question.classes)
        question.tell("Starting TensorFlow, 1 s", 0.5)
        images = len(question.images) // 784
        return np.full((images, len(question.classes), 28, 28), 0.25 / 784, np.float32)

    monkeypatch.setattr(gradient, "obstacle", lambda run: None)  # noqa: ARG005
    monkeypatch.setattr(gradient, "ask_process", answer)
    return calls


def test_gradients_are_chosen_by_address_and_kept(asked: list[tuple[int, ...]]) -> None:
    page = open_page("image", of="lenet5", on=sample_title(), row="321", method=GRADIENT)
    assert words(page).count("+25.0 points in all") == 2
    sound(page.button_group(key="space").select("features").run())
    assert len(asked) == 1
    sound(page.button_group(key="method").set_value("occlusion").run())
    assert "at most" in words(page)
    assert "in all" not in words(page)
    both = open_page("pair", pair_run="lenet5", pair_data=sample_title(), aspect="Way between", method=GRADIENT)
    assert words(both).count("+25.0 points in all") == 4
    assert len(asked) == 2


def test_a_failure_is_a_sentence_and_the_rest_of_the_page_stays(
    asked: list[tuple[int, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> np.ndarray:  # noqa: ARG001
        raise RunError("It did not work.")

    assert asked == []
    monkeypatch.setattr(gradient, "integrated_gradients", fail)
    page = open_page("image", of="lenet5", on=sample_title(), row="322", method=GRADIENT)
    assert page.error[0].value == "It did not work."
    assert "Nearest training images" in words(page)


def test_without_a_keras_network_occlusion_is_what_there_is() -> None:
    copy_run("lenet5", paths.own_runs() / "served-only")
    page = open_page("image", of="served-only", on=sample_title(), row="5", method=GRADIENT)
    assert "served-only has no model.keras here" in words(page)
    assert "at most" in words(page)
    assert (find_spec("tensorflow") is None) == ("need TensorFlow" in words(open_page("image", of="lenet5")))
