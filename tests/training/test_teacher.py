"""Learning from another run's answers."""

from pathlib import Path

import keras
import numpy as np
import pytest

from emnist_core import data, places, runs
from emnist_core.errors import RecipeError
from emnist_core.network_input import network_input
from emnist_core.runs import Run
from emnist_core.training import teacher
from emnist_core.training.export import load_network
from emnist_core.training.loop import Trainee, train
from emnist_core.training.recipe import Recipe


def taught(recipe: Recipe, by: Run | str, **settings: object) -> Recipe:
    name = by if isinstance(by, str) else by.name
    return Recipe.parse(recipe.model_dump() | {"teacher": name} | settings)


@pytest.fixture
def run(trained: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A trained run, found by its name."""
    monkeypatch.setattr(places, "own_runs", lambda: trained.path.parent)
    return trained


def test_the_loss_counts_how_far_the_student_is_from_the_teachers_answers(run: Run, quick: Recipe):
    images = data.load(quick.split, "train", "sample").images
    inputs = network_input(images[:32], quick.spec.input_size)
    guide = teacher.load(taught(quick, run), images[-10:])
    student = quick.spec.build(10)
    trainee = Trainee(student, teacher=guide)
    trainee(inputs, training=True)
    [loss] = trainee.losses
    answers, said = (np.asarray(network(inputs), np.float64) for network in (load_network(run), student))
    assert float(loss) == pytest.approx(-(answers * np.log(said)).sum(axis=1).mean(), rel=1e-4)
    trainee(inputs, training=False)
    assert trainee.losses == []


def test_a_student_trains_beside_a_teacher_that_stays_as_it_is(run: Run, quick: Recipe, tmp_path: Path):
    before = [np.array(weight) for weight in load_network(run).weights]
    student = runs.create(taught(quick, run, epochs=2, seed=5), "student", tmp_path)
    assert train(student).state == "finished"
    kept = load_network(student)
    assert kept.count_params() == quick.spec.build(10).count_params()
    assert all(np.array_equal(a, b) for a, b in zip(before, load_network(run).weights, strict=True))
    images = data.load(quick.split, "train", "sample").images
    guide = teacher.load(student.recipe, images[-10:])
    assert guide.trainable_weights == []
    assert isinstance(guide, keras.Model)


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"teacher": "nobody"}, "no run called nobody"),
        ({"split": "letters"}, "other classes"),
        ({"model": "vanilla-cnn"}, "another size"),
    ],
)
def test_a_teacher_that_does_not_fit_is_told(run: Run, quick: Recipe, settings: dict[str, object], word: str):
    recipe = taught(quick, run, **settings)
    with pytest.raises(RecipeError, match=word):
        teacher.load(recipe, data.load(recipe.split, "train", "sample").images[-10:])


def test_a_teacher_that_was_trained_on_validation_images_is_refused(run: Run, quick: Recipe):
    seen = data.load(quick.split, "train", "sample").images[: quick.train_images]
    with pytest.raises(RecipeError, match="trained on 320 of the 320 validation images"):
        teacher.load(taught(quick, run), seen)
