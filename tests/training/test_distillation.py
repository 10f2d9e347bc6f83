"""Learning from another run's answers."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from emnist_core import data, paths, runs
from emnist_core.data import image_hashes
from emnist_core.errors import RecipeError
from emnist_core.models import MODELS
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.runs.weights import load_network
from emnist_core.serving.network_input import network_input
from emnist_core.training import distillation, fit
from emnist_core.training.augmentation import Augment
from emnist_core.training.lifecycle import train
from emnist_core.training.training_model import TrainingModel


def taught(recipe: Recipe, by: Run | str, **settings: object) -> Recipe:
    name = by if isinstance(by, str) else by.name
    return Recipe.parse(recipe.model_dump() | {"teachers": name} | settings)


def images_of(recipe: Recipe) -> np.ndarray:
    return data.load(recipe.split, "train", "sample").images


@pytest.fixture
def run(trained: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A trained run, found by its name."""
    monkeypatch.setattr(paths, "own_runs", lambda: trained.path.parent)
    return trained


def test_the_loss_counts_how_far_the_student_is_from_the_teachers_answers(run: Run, quick: Recipe) -> None:
    inputs = network_input(images_of(quick)[:32], quick.spec.input_size)
    student = quick.spec.build(10)
    training_model = TrainingModel(student, teachers=[load_network(run)])
    training_model(inputs, training=True)
    [loss] = training_model.losses
    answers, said = (np.asarray(network(inputs), np.float64) for network in (load_network(run), student))
    assert float(loss) == pytest.approx(-(answers * np.log(said)).sum(axis=1).mean(), rel=1e-4)
    training_model(inputs, training=False)
    assert training_model.losses == []


def test_several_teachers_answer_to_a_share_of_the_images_each(quick: Recipe) -> None:
    networks = [quick.spec.build(10) for _ in range(4)]
    *guides, student = networks
    inputs = network_input(images_of(quick)[:32], quick.spec.input_size)
    training_model = TrainingModel(student, teachers=guides)
    training_model(inputs, training=True)
    [loss] = training_model.losses
    answers, said = [np.asarray(guide(inputs), np.float64) for guide in guides], np.asarray(student(inputs), np.float64)
    expected = [-(answers[row % 3][row] * np.log(said[row])).sum() for row in range(32)]
    assert float(loss) == pytest.approx(np.mean(expected), rel=1e-4)


def test_both_see_the_varied_image_and_the_teacher_learns_nothing(quick: Recipe) -> None:
    spec = MODELS["lenet5-v2"]  # batch normalisation and dropout, which would tell
    seen: dict[str, list[tuple[np.ndarray, bool]]] = {"guide": [], "student": []}

    class Noting(keras.Model):
        """A network that notes what it is given."""

        def call(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
            seen[self.name].append((np.asarray(inputs), training))
            return self.network(inputs, training=training)

    guide, student = Noting(name="guide"), Noting(name="student")
    guide.network, student.network = spec.build(10), spec.build(10)
    training_model = TrainingModel(student, Augment(elastic=True, seed=1), teachers=[guide])
    training_model.compile(optimizer="sgd", loss="categorical_crossentropy", run_eagerly=True, jit_compile=False)
    inputs, before = network_input(images_of(quick)[:16], 28), [np.array(weight) for weight in guide.weights]
    training_model.train_on_batch(inputs, np.eye(10, dtype=np.float32)[np.arange(16) % 10])
    assert all(np.array_equal(was, weight) for was, weight in zip(before, guide.weights, strict=True))
    (told, guide_trains), (learned, student_trains) = seen["guide"][-1], seen["student"][-1]
    assert np.array_equal(told, learned)
    assert not np.array_equal(told, inputs)
    assert (guide_trains, student_trains) == (False, True)


def test_a_student_begins_as_it_would_without_a_teacher_and_remembers_what_that_has_seen(
    run: Run, quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first: list[list[np.ndarray]] = []

    class Noting(TrainingModel):
        def __init__(self, network: keras.Model, *rest: object) -> None:
            first.append([np.array(weight) for weight in network.weights])
            super().__init__(network, *rest)

    monkeypatch.setattr(fit, "TrainingModel", Noting)
    fewer = quick.model_copy(update={"train_images": 64, "epochs": 1})
    student = runs.create(taught(fewer, run), "student", tmp_path)
    assert train(student).state == "finished"
    assert train(runs.create(fewer, "alone", tmp_path)).state == "finished"
    assert all(np.array_equal(a, b) for a, b in zip(*first, strict=True))
    assert json.loads((student.path / "recipe.json").read_text())["teachers"] == [run.name]
    assert image_hashes.known(images_of(quick)[: quick.train_images], student.trained_on()).all()


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"teachers": "nobody"}, "no run called nobody"),
        ({"split": "letters"}, "other classes"),
        ({"model": "vanilla-cnn"}, "another size"),
        ({"prior": "even"}, "has the prior data"),
    ],
)
def test_a_teacher_that_does_not_fit_is_told(run: Run, quick: Recipe, settings: dict[str, object], word: str) -> None:
    recipe = taught(quick, run, **settings)
    with pytest.raises(RecipeError, match=word):
        distillation.find_all(recipe, images_of(recipe)[-10:])


def test_each_of_several_teachers_must_fit(run: Run, quick: Recipe) -> None:
    recipe = Recipe.parse(quick.model_dump() | {"teachers": [run.name, "nobody"]})
    assert recipe.teachers == (run.name, "nobody")
    with pytest.raises(RecipeError, match="no run called nobody"):
        distillation.find_all(recipe, images_of(recipe)[-10:])


def test_a_teacher_that_was_trained_on_validation_images_is_refused(run: Run, quick: Recipe) -> None:
    with pytest.raises(RecipeError, match="trained on 320 of the 320 validation images"):
        distillation.find_all(taught(quick, run), images_of(quick)[: quick.train_images])


def test_no_run_learns_from_itself(run: Run, quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = runs.create(taught(quick, "own"), "own", tmp_path)
    monkeypatch.setattr(distillation, "find", lambda *_: (own, run.trained_on()))
    with pytest.raises(RecipeError, match="cannot learn from itself"):
        train(own)


@pytest.mark.parametrize("name", ["../elsewhere", "/abs/path", "//host/share", ""])
def test_a_teacher_is_a_name_and_no_path(quick: Recipe, name: str) -> None:
    with pytest.raises(RecipeError, match="teachers"):
        taught(quick, name)
