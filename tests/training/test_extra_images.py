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
from emnist_core.recipe import Recipe
from emnist_core.splits import SPLITS
from emnist_core.training import extra_images, fit, jobs
from emnist_core.training.extra_images import ExtraImages
from emnist_core.training.lifecycle import train

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
    table = extra_images.class_table(SPLITS[other], SPLITS[own])
    found = {(SPLITS[other].labels[row], SPLITS[own].labels[column]) for row, column in np.argwhere(table)}
    assert found == expected


def drawn(split: str, part: str, labels: str, first: int) -> Dataset:
    """A part of a split, each of whose images is another: their numbers begin with ``first``."""
    images = np.zeros((len(labels), 28, 28), np.uint8)
    images[:, 0, 0] = np.arange(first, first + len(labels))
    classes = np.array([SPLITS[split].labels.index(label) for label in labels], np.int64)
    return Dataset(SPLITS[split], part, images, classes, str(first // 10 - 1), f"{split} {part}", is_sample=False)


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
        if (split, part) not in fetched:
            raise DataError(f"{split}, {part} part: fetch it first.")
        return fetched[split, part]

    monkeypatch.setattr(data, "load", load)
    return fetched


def recipe_of(*parts: str) -> Recipe:
    return Recipe(batch_size=1, extra_images=parts)


def test_labels_are_those_of_the_characters(shelf: Shelf) -> None:
    found = extra_images.find(recipe_of("byclass-train", "mnist-test"), shelf["balanced", "train"])
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
    found = extra_images.find(recipe_of("byclass-train", "letters-test"), own)
    assert numbers(found.images) == [20, 21, 22, 23, 24, 31, 32, 33]
    assert found.used == {"train part of byclass train": "1", "test part of letters test": "2"}
    # Letters does not say that the last image of ByClass is an F; whoever comes first, that is not lost.
    turned = extra_images.find(recipe_of("letters-test", "byclass-train"), own)
    classes = {image: each.tolist() for image, each in zip(numbers(found.images), found.may_be, strict=True)}
    assert {image: each.tolist() for image, each in zip(numbers(turned.images), turned.may_be, strict=True)} == classes
    assert sum(classes[24]) == 1


def test_parts_that_contradict_each_other_teach_nothing(shelf: Shelf) -> None:
    mnist = shelf["mnist", "test"]
    shelf["mnist", "test"] = replace(
        mnist, images=np.concatenate([shelf["byclass", "train"].images[:1], mnist.images[1:]])
    )
    found = extra_images.find(recipe_of("byclass-train", "mnist-test"), shelf["balanced", "train"])
    images, _ = found.settled(None)
    assert numbers(images) == [21, 22, 23, 24, 41], "the 0 of ByClass is a 1 in MNIST"


def test_an_answer_settles_a_letters_case_if_it_is_sure(shelf: Shelf) -> None:
    labels = SPLITS["balanced"].labels
    said = [{"F": 0.50, "f": 0.04, "E": 0.46}, {"F": 0.06, "f": 0.94}, {"F": 0.60, "f": 0.40}]

    def answers(asked: np.ndarray) -> np.ndarray:
        assert numbers(asked) == [30, 31, 32], "the X, which is one class, is not asked about"
        return np.array([[one.get(label, 0.0) for label in labels] for one in said])

    found = extra_images.find(recipe_of("letters-test"), shelf["balanced", "train"])
    images, classes = found.settled(answers)
    assert numbers(images) == [30, 31, 33]
    assert "".join(labels[label] for label in classes) == "FfX"
    assert numbers(found.settled(None)[0]) == [33]


def test_a_part_that_gives_nothing_is_told(shelf: Shelf) -> None:
    own = shelf["balanced", "train"]
    shelf["bymerge", "train"] = replace(own, split=SPLITS["bymerge"])
    with pytest.raises(RecipeError, match="bymerge-train has no image that Balanced could use and lacks"):
        extra_images.find(recipe_of("bymerge-train"), own)


@pytest.mark.parametrize("name", ["byclass", "byclass-validation", "nist-train", "-train", ""])
def test_a_part_that_is_none_is_told(name: str) -> None:
    with pytest.raises(RecipeError, match="give a split and a part"):
        recipe_of(name)


@pytest.mark.parametrize("missing", [("byclass", "train"), ("balanced", "test")])
def test_a_part_that_is_not_fetched_is_told_before_a_worker_starts(
    shelf: Shelf, missing: tuple[str, str], home: Path
) -> None:
    del shelf[missing]
    with pytest.raises(DataError, match=f"{missing[0]}, {missing[1]} part: fetch it first"):
        jobs.start(Recipe(batch_size=1, dataset_kind="emnist", validation_share=0.4, extra_images=("byclass-train",)))
    assert not list(home.glob("runs/*"))


def test_candidates_are_fetched_parts_of_other_splits_with_classes_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = {("digits", "train"), ("digits", "test"), ("letters", "test"), ("byclass", "train"), ("mnist", "train")}
    monkeypatch.setattr(data, "is_installed", lambda *part: part in fetched)
    assert extra_images.candidates("digits") == ["byclass-train", "mnist-train"]
    assert extra_images.candidates("mnist") == [], "its own test part could not be kept out"


def test_they_are_trained_on_counted_and_remembered(
    quick: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = data.load("digits", "test", "sample")
    seen: list[np.ndarray] = []

    def find(*_: object) -> ExtraImages:
        return ExtraImages(more.images, np.eye(10, dtype=bool)[more.labels], {"train part of MNIST": "5"})

    def noting(init: Callable[..., None]) -> Callable[..., None]:
        def noted(self: object, images: np.ndarray, labels: np.ndarray, *rest: object) -> None:
            seen.append(labels)
            init(self, images, labels, *rest)

        return noted

    monkeypatch.setattr(extra_images, "find", find)
    monkeypatch.setattr(fit.Batches, "__init__", noting(fit.Batches.__init__))
    run = runs.create(quick.model_copy(update={"extra_images": ("mnist-train",), "epochs": 1}), "more", tmp_path)
    assert train(run).state == "finished"
    used = run.status().data
    assert used is not None
    assert (used.training_images, used.extra_images) == (320 + len(more), len(more))
    assert np.array_equal(seen[0][320:], more.labels)
    trained_on = run.trained_on()
    assert trained_on is not None
    assert image_hashes.known(more.images, trained_on).all()
    assert f"trained on {320 + len(more):,} others, {len(more):,} of them from the train part of MNIST" in (
        run.protocol() or ""
    )
    assert f"{len(more):,} of them from the train part of MNIST" in model_card.text(run)
    assert "| extra_images | mnist-train |" in model_card.text(run)


def test_teachers_settle_what_they_are_asked_by_the_mean_of_their_answers(
    quick: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, more = data.load("digits", "train", "sample"), data.load("digits", "test", "sample")
    either = np.zeros((len(more), 10), bool)
    either[:, [3, 8]] = True
    monkeypatch.setattr(extra_images, "find", lambda *_: ExtraImages(more.images, either, {"another": "0"}))
    recipe = quick.model_copy(update={"extra_images": ("mnist-test",)})
    guides = [quick.spec.build(10) for _ in range(2)]
    for guide, shares in zip(guides, ((0.9, 0.1), (0.99, 0.01)), strict=True):
        *_, weights, bias = guide.weights
        weights.assign(np.zeros(weights.shape))
        bias.assign(np.log(np.array([1e-9] * 3 + [shares[0]] + [1e-9] * 4 + [shares[1]] + [1e-9])))
    images, labels, others = fit.training_rows(recipe, own, 320, guides)
    assert len(images) == len(labels) == 320 + len(more)
    assert set(labels[320:]) == {3}, "0.945 is sure, 0.9 alone were not beyond doubt"
    assert others == {"another": "0"}
    with pytest.raises(RecipeError, match="of none of them is the class sure; name a teacher"):
        fit.training_rows(recipe, own, 320, [])


def test_real_images_that_two_splits_share_have_a_label_that_fits(
    emnist_files: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path_factory.mktemp("real")))
    train_part, test_part = data.fetch("balanced", emnist_files)
    split = train_part.split
    label_of = dict(zip(image_hashes.hashes(train_part.images).tolist(), train_part.labels.tolist(), strict=True))
    tested = set(image_hashes.hashes(test_part.images).tolist())
    shared, others = 0, set[int]()
    for name in ("byclass", "mnist", "letters"):
        [part] = data.fetch(name, emnist_files, ["test"])
        may_be = extra_images.class_table(part.split, split)[part.labels]
        found = image_hashes.hashes(part.images).tolist()
        others.update(found)
        known = [(row, label_of[one]) for row, one in enumerate(found) if one in label_of]
        assert all(may_be[row, label] for row, label in known)
        shared += len(known)
    assert shared > 15_000
    recipe = Recipe(extra_images=("byclass-test", "mnist-test", "letters-test"))
    joined = image_hashes.hashes(extra_images.find(recipe, train_part).images).tolist()
    assert len(joined) == len(set(joined))
    assert set(joined) == others - tested - label_of.keys()
