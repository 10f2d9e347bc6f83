"""Images of other splits that join the training rows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

import numpy as np
import pytest

from emnist_core import data, model_card, runs
from emnist_core.data import Dataset, image_hashes
from emnist_core.errors import DataError, RecipeError
from emnist_core.splits import SPLITS
from emnist_core.training import further
from emnist_core.training.further import Further
from emnist_core.training.loop import train
from emnist_core.training.recipe import Recipe

Shelf = dict[tuple[str, str], Dataset]

UNMERGED = "abdefghnqrt"


def class_of(split: str, character: str) -> str | None:
    """The label that a character has in a split, as Cohen and others 2017 describe them."""
    if split in ("digits", "mnist"):
        return character if character in digits else None
    if split == "letters":
        return character.upper() if character in ascii_letters else None
    if split == "byclass" or character in digits + ascii_uppercase + UNMERGED:
        return character
    return character.upper()


@pytest.mark.parametrize("other", SPLITS)
@pytest.mark.parametrize("own", SPLITS)
def test_the_table_says_which_classes_share_a_character(own: str, other: str) -> None:
    expected = {
        (theirs, ours)
        for character in digits + ascii_uppercase + ascii_lowercase
        if (theirs := class_of(other, character)) and (ours := class_of(own, character))
    }
    table = further.class_table(SPLITS[other], SPLITS[own])
    found = {(SPLITS[other].labels[row], SPLITS[own].labels[column]) for row, column in np.argwhere(table)}
    assert found == expected


def drawn(split: str, part: str, labels: str, first: int) -> Dataset:
    """A part of a split, each of whose images is another: their numbers begin with ``first``."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(first, first + len(labels))
    classes = np.array([SPLITS[split].labels.index(label) for label in labels], np.int64)
    return Dataset(SPLITS[split], part, images, classes, "0", f"{split} {part}", is_sample=False)


def numbers(images: np.ndarray) -> list[int]:
    return images[:, 0, 0].tolist()


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """What is fetched: EMNIST of a few images."""
    fetched: Shelf = {
        ("balanced", "train"): drawn("balanced", "train", "0Ff", 0),
        ("balanced", "test"): drawn("balanced", "test", "Ff", 10),
        ("byclass", "train"): drawn("byclass", "train", "0cCfF", 20),
        ("letters", "test"): drawn("letters", "test", "FFFX", 30),
        ("mnist", "test"): drawn("mnist", "test", "12", 40),
    }

    def load(split: str, part: str, source: str = "auto") -> Dataset:
        assert source == "emnist", "EMNIST is not mixed with the sample"
        return fetched[split, part]

    monkeypatch.setattr(data, "load", load)
    return fetched


def recipe_of(*parts: str) -> Recipe:
    return Recipe(batch_size=1, further=parts)


def test_labels_are_those_of_the_characters(shelf: Shelf) -> None:
    found = further.find(recipe_of("byclass-train", "mnist-test"), shelf["balanced", "train"])
    images, classes = found.settled(None)
    assert numbers(images) == [20, 21, 22, 23, 24, 40, 41]
    assert "".join(SPLITS["balanced"].labels[label] for label in classes) == "0CCfF12"


def test_what_must_not_be_learned_stays_out_and_nothing_joins_twice(shelf: Shelf) -> None:
    own, test, byclass = (shelf[key] for key in (("balanced", "train"), ("balanced", "test"), ("byclass", "train")))
    shelf["byclass", "train"] = replace(
        byclass,
        images=np.concatenate([byclass.images, byclass.images[:1], own.images[2:], test.images[1:]]),
        labels=np.append(byclass.labels, [byclass.labels[0], *byclass.labels[[3, 3]]]),
    )
    letters = shelf["letters", "test"]
    shelf["letters", "test"] = replace(letters, images=np.concatenate([byclass.images[4:], letters.images[1:]]))
    found = further.find(recipe_of("byclass-train", "letters-test"), own)
    assert numbers(found.images) == [20, 21, 22, 23, 24, 31, 32, 33]


def test_an_answer_settles_a_letters_case_if_it_is_sure(shelf: Shelf) -> None:
    labels = SPLITS["balanced"].labels
    said = [{"F": 0.50, "f": 0.04, "E": 0.46}, {"F": 0.06, "f": 0.94}, {"F": 0.60, "f": 0.40}]

    def answers(asked: np.ndarray) -> np.ndarray:
        assert numbers(asked) == [30, 31, 32], "the X, which is one class, is not asked about"
        return np.array([[one.get(label, 0.0) for label in labels] for one in said])

    found = further.find(recipe_of("letters-test"), shelf["balanced", "train"])
    images, classes = found.settled(answers)
    assert numbers(images) == [30, 31, 33]
    assert "".join(labels[label] for label in classes) == "FfX"
    assert numbers(found.settled(None)[0]) == [33]


def test_a_part_that_gives_nothing_is_told(shelf: Shelf) -> None:
    with pytest.raises(RecipeError, match="balanced-test has no image that Balanced lacks"):
        further.find(recipe_of("balanced-test"), shelf["balanced", "train"])


@pytest.mark.parametrize("name", ["byclass", "byclass-validation", "nist-train", "-train", ""])
def test_a_part_that_is_none_is_told(name: str) -> None:
    with pytest.raises(RecipeError, match="give a split and a part"):
        recipe_of(name)


def test_a_part_that_is_not_fetched_is_told() -> None:
    own = replace(drawn("balanced", "train", "0Ff", 0), is_sample=False)
    with pytest.raises(DataError, match="fetch"):
        further.find(recipe_of("byclass-train"), own)


def test_they_are_trained_on_counted_and_remembered(
    quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = data.load("digits", "test", "sample")
    seen: list[np.ndarray] = []

    def find(*_: object) -> Further:
        return Further(more.images, np.eye(10, dtype=bool)[more.labels])

    def noting(init: Callable[..., None]) -> Callable[..., None]:
        def noted(self: object, images: np.ndarray, labels: np.ndarray, *rest: object) -> None:
            seen.append(labels)
            init(self, images, labels, *rest)

        return noted

    from emnist_core.training.loop import Batches

    monkeypatch.setattr(further, "find", find)
    monkeypatch.setattr(Batches, "__init__", noting(Batches.__init__))
    run = runs.create(quick.model_copy(update={"further": ("mnist-train",), "epochs": 1}), "more", tmp_path)
    assert train(run).state == "finished"
    used = run.status().data
    assert used is not None
    assert (used.training_images, used.further_images) == (320 + len(more), len(more))
    assert np.array_equal(seen[0][320:], more.labels)
    trained_on = run.trained_on()
    assert trained_on is not None
    assert image_hashes.known(more.images, trained_on).all()
    assert f"trained on {320 + len(more):,} others, {len(more):,} of them from mnist-train" in (run.protocol() or "")
    assert f"{len(more):,} of them from mnist-train" in model_card.text(run)
    assert "| further | mnist-train |" in model_card.text(run)


def test_real_images_that_two_splits_share_have_a_label_that_fits(
    emnist_files: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path_factory.mktemp("real")))
    train_part, test_part = data.fetch("balanced", emnist_files)
    label_of = dict(zip(image_hashes.hashes(train_part.images).tolist(), train_part.labels.tolist(), strict=True))
    tested = set(image_hashes.hashes(test_part.images).tolist())
    shared = 0
    for name in ("byclass", "mnist", "letters"):
        [part] = data.fetch(name, emnist_files)
        may_be = further.class_table(part.split, train_part.split)[part.labels]
        found = image_hashes.hashes(part.images).tolist()
        known = [(row, label_of[one]) for row, one in enumerate(found) if one in label_of]
        assert all(may_be[row, label] for row, label in known)
        shared += len(known)
    assert shared > 15_000
    recipe = Recipe(further=("byclass-test", "mnist-test", "letters-test"))
    joined = image_hashes.hashes(further.find(recipe, train_part).images).tolist()
    assert len(joined) == len(set(joined)) == 33_505
    assert not set(joined) & (tested | label_of.keys())
