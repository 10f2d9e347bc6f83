"""The Confusion page: the gallery is the cell, whichever way one comes to it."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from emnist_core import data, paths, runs
from emnist_core.evaluation.store import evaluate
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.splits import SPLITS
from tests.helpers.pages import (
    Shown,
    emnist_title,
    figures,
    matrices,
    open_page,
    sample_title,
    shown_tiles,
    sound,
    words,
)

LABELS = SPLITS["balanced"].labels
SHIPPED = sorted(path.parent.name for path in paths.SHIPPED_RUNS.glob("*/model.tflite"))


def predictions(run: str) -> tuple[np.ndarray, np.ndarray]:
    """True and predicted classes of the bundled sample, as they stand in the run's own file."""
    dataset = data.load("balanced", "test", "sample")
    evaluate(Run(paths.SHIPPED_RUNS / run), dataset)
    folders = (paths.SHIPPED_RUNS / run / "evaluation", paths.home() / "evaluations" / run)
    [file] = [file for folder in folders for file in folder.glob(f"*-{dataset.sha256[:12]}/predictions.npz")]
    with np.load(file) as arrays:
        return arrays["true"].astype(int), arrays["probabilities"].argmax(axis=1)


def assert_shows(page: AppTest, true: str, predicted: str, truth: np.ndarray, answers: np.ndarray) -> None:
    """The page shows exactly the images of ``true`` read as ``predicted``."""
    t, p = LABELS.index(true), LABELS.index(predicted)
    rows = np.flatnonzero((truth == t) & (answers == p))
    assert f"{len(rows)} of {np.sum(truth == t)} images of `{true}` read as `{predicted}`" in words(page)
    assert sorted(shown_tiles(page), key=lambda tile: tile.row or 0) == [
        Shown(true, predicted, int(row)) for row in rows
    ]
    assert ("No image is in this cell." in words(page)) == (len(rows) == 0)


@pytest.mark.parametrize("run", SHIPPED)
def test_a_link_to_a_cell_shows_its_images(run: str) -> None:
    truth, answers = predictions(run)
    cells = [(int(truth[row]), int(answers[row])) for row in np.flatnonzero(truth != answers)[::60]]
    for true, predicted in [(LABELS.index("f"), LABELS.index("F")), *cells]:
        page = open_page("confusion", run=run, data=sample_title(), true=LABELS[true], pred=LABELS[predicted])
        assert_shows(page, LABELS[true], LABELS[predicted], truth, answers)


def test_every_choice_in_the_select_boxes_shows_its_cell() -> None:
    truth, answers = predictions("lenet5")
    page = open_page("confusion", run="lenet5", data=sample_title())
    for index, true in enumerate(LABELS):
        # Every class stands once in each box: the diagonal and, further on, cells that are mostly empty.
        predicted = LABELS[index if index % 2 else (7 * index) % len(LABELS)]
        page.selectbox(key="true").select(true)
        page.selectbox(key="pred").select(predicted)
        assert_shows(sound(page.run()), true, predicted, truth, answers)


@pytest.mark.parametrize("run", SHIPPED)
def test_every_evaluation_of_every_run_opens(run: str) -> None:
    page = open_page("confusion", run=run)
    for title in page.selectbox(key="data").options:
        sound(page.selectbox(key="data").select(title).run())
        assert "Accuracy" in figures(page)
        assert ("bundled sample" in words(page)) == ("sample" in title)
        for cells in ("share", "count"):
            for errors in (True, False):
                page.toggle(key="errors").set_value(errors)
                sound(page.button_group(key="cells").select(cells).run())
                assert len(matrices(page)) == 1


def test_a_pair_is_a_click_away() -> None:
    truth, answers = predictions("lenet5")
    page = open_page("confusion", run="lenet5", data=sample_title(), true="0", pred="0")
    assert_shows(sound(page.button(key="pair-f-F").click().run()), "f", "F", truth, answers)
    most = page.button[0]
    first, second = most.label.split()[0], most.label.split()[2]
    sound(most.click().run())
    true, predicted = page.selectbox(key="true").value, page.selectbox(key="pred").value
    assert {true, predicted} == {first, second}
    assert_shows(page, true, predicted, truth, answers)


def test_figures_are_those_of_the_predictions() -> None:
    truth, answers = predictions("lenet5")
    page = open_page("confusion", run="lenet5", data=sample_title())
    shown = figures(page)
    assert shown["Accuracy"] == f"{np.mean(truth == answers):.2%}"
    assert shown["Wrong"] == f"{np.sum(truth != answers):,} of {len(truth):,}"


def test_predictions_without_their_images_say_what_brings_them() -> None:
    page = open_page("confusion", run="lenet5", data=emnist_title("lenet5"))
    assert "fetch balanced" in page.info[0].value
    assert shown_tiles(page) == []


@pytest.fixture
def digits_run() -> Run:
    """A run of one's own with ten classes, whose evaluation on the sample is there and whose model is not sound."""
    run = runs.create(Recipe(model="lenet5", split="digits"), "ten-classes")
    run.write_status(runs.Status(state="finished", epochs=1, epoch=1))
    run.serving_file.write_bytes(b"nothing")
    dataset = data.load("digits", "test", "sample")
    answers = np.random.default_rng(0).dirichlet(np.ones(10), len(dataset)).astype(np.float16)
    folder = run.path / "evaluation" / f"digits-test-{dataset.sha256[:12]}"
    folder.mkdir(parents=True)
    np.savez(folder / "predictions.npz", true=dataset.labels.astype(np.uint8), probabilities=answers)
    described = {"name": dataset.name, "sha256": dataset.sha256, "is_sample": True}
    metrics = {"split": "digits", "part": "test", "data": described, "serving_sha256": None}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return run


@pytest.mark.usefixtures("digits_run")
def test_a_run_with_other_classes_is_chosen_while_a_letter_is_shown() -> None:
    page = open_page("confusion", run="lenet5", true="f", pred="F")
    sound(page.selectbox(key="run").select("ten-classes").run())
    assert set(page.selectbox(key="true").options) == set("0123456789")
    assert not page.error
    # A class that the run does not know is no longer chosen, and any other can be.
    page.selectbox(key="true").select("3")
    page.selectbox(key="pred").select("7")
    sound(page.run())
    assert {(tile.true, tile.predicted) for tile in shown_tiles(page)} == {("3", "7")}
    assert "pair-f-F" not in [button.key for button in page.button]
    sound(page.selectbox(key="run").select("lenet5").run())
    assert len(page.selectbox(key="true").options) == 47


@pytest.mark.usefixtures("digits_run")
def test_a_link_to_classes_that_the_run_does_not_know_opens() -> None:
    page = open_page("confusion", run="ten-classes", true="f", pred="F")
    assert not page.error


def test_a_run_of_ones_own_stands_beside_those_that_ship(digits_run: Run) -> None:
    assert digits_run.name in open_page("confusion").selectbox(key="run").options
    assert digits_run.name in open_page("train").selectbox(key="run").options
