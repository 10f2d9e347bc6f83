"""The Pair lab: every view opens by its address, and the quiz counts as the core does."""

import dataclasses
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from emnist_core import data, files, paths
from emnist_core.evaluation import pair
from emnist_core.evaluation.intervals import share_in_words
from emnist_core.evaluation.pair import QUIZ_IMAGES, draw_quiz
from emnist_core.runs import Run
from tests.helpers.evaluations import evaluation as made_up
from tests.helpers.opens import files_opened
from tests.helpers.pages import (
    copy_run,
    emnist_title,
    figures,
    html_of,
    open_page,
    sample_title,
    shown_tiles,
    sound,
    words,
)
from widgets.pair.quiz import conclusion
from widgets.pair.views import COLOURS
from widgets.parts import tiles

LABELS = data.load("balanced", "test", "sample").split.labels


@pytest.mark.parametrize(
    "view",
    ["Quiz", "Shapes", "How sure?", "Map", "Twins", "Way between", "Models", "Training images", "Epoch by epoch"],
)
def test_every_view_has_an_address(view: str) -> None:
    page = open_page("pair", pair_run="lenet5", pair_data=sample_title(), a="g", b="9", aspect=view)
    assert not page.error
    assert "g read as 9" in figures(page)
    assert words(page).count("**Look for**") == 1


def test_the_quiz_sets_the_visitor_beside_the_models() -> None:
    true = data.load("balanced", "test", "sample").labels
    pair = LABELS.index("f"), LABELS.index("F")
    page = open_page("pair", pair_run="lenet5", pair_data=sample_title())
    for number, row in enumerate(draw_quiz(true, *pair, 1), start=1):
        assert f"Image {number} of {QUIZ_IMAGES}" in words(page)
        # Right on all but the first four.
        answer = true[row] if number > 4 else pair[int(true[row] == pair[0])]
        sound(page.button(key=f"answer-{LABELS[answer]}").click().run())
    assert f"You: {share_in_words(16, 20)}" in words(page)
    assert "**The ceiling this implies.**" in words(page)
    sound(page.button(key="quiz-next").click().run())
    assert f"Image 1 of {QUIZ_IMAGES}" in words(page)


def test_a_round_of_the_quiz_has_an_address() -> None:
    sample = data.load("balanced", "test", "sample")
    pair = LABELS.index("f"), LABELS.index("F")
    page = open_page("pair", pair_run="lenet5", pair_data=sample_title(), quiz="3")
    for number in (3, 4):
        first = int(draw_quiz(sample.labels, *pair, number)[0])
        assert tiles.picture(sample.images[first], 6) in "".join(e.value for e in page.get("html"))
        for row in draw_quiz(sample.labels, *pair, number):
            sound(page.button(key=f"answer-{LABELS[sample.labels[row]]}").click().run())
        sound(page.button(key="quiz-next").click().run())
    assert page.query_params["quiz"] == "5"


def test_a_point_of_the_map_has_an_address() -> None:
    sample = data.load("balanced", "test", "sample")
    row = int(np.flatnonzero(sample.labels == LABELS.index("F"))[7])
    page = open_page("pair", pair_run="lenet5", pair_data=sample_title(), aspect="Map", point=str(row))
    assert [tile.row for tile in shown_tiles(page)] == [row]
    assert f'"name":"row {row}"' in page.get("plotly_chart")[0].proto.spec
    other = int(np.flatnonzero(sample.labels == LABELS.index("0"))[0])
    page = open_page("pair", pair_run="lenet5", pair_data=sample_title(), aspect="Map", point=str(other))
    assert f"Row {other:,} is not among these images" in page.info[-1].value


def test_errors_over_the_images_trained_on() -> None:
    page = open_page("pair", pair_run="lenet5", pair_data=sample_title(), aspect="Training images")
    assert "--set model=lenet5 --set split=balanced --set train_images=10000" in page.info[-1].value
    run = Run(copy_run("lenet5", paths.own_runs() / "fewer"))
    status = run.status()
    assert status.data
    status.data.training_images = 7_000
    run.write_status(status)
    page = open_page("pair", pair_run="lenet5", pair_data=sample_title(), aspect="Training images")
    assert len(page.get("plotly_chart")) == 1
    table = page.dataframe[0].value
    assert list(table["run"]) == ["fewer", "fewer", "lenet5", "lenet5"]
    assert list(table["errors"][:2]) == list(table["errors"][2:])


def test_one_class_is_no_pair() -> None:
    assert "differ" in open_page("pair", pair_run="lenet5", a="f", b="f").info[0].value


def test_without_images_the_models_are_still_compared() -> None:
    assert "fetch balanced" in open_page("pair", pair_run="lenet5", pair_data=emnist_title("lenet5")).info[-1].value
    assert (
        len(open_page("pair", pair_run="lenet5", pair_data=emnist_title("lenet5"), aspect="Models").get("plotly_chart"))
        == 1
    )


@pytest.mark.parametrize(
    ("right", "begins"),
    [
        (8, "**No conclusion.**"),
        (14, "**No conclusion.**"),
        (15, "**No ceiling.**"),
        (19, "**The ceiling this implies.**"),
    ],
)
def test_the_quiz_concludes_no_more_than_its_answers_can(right: int, begins: str) -> None:
    evaluation = made_up(skill=9.0)
    found = pair.Ceiling(pair_accuracy=0.95, pair_n=600, now=0.9, low=0.88, middle=0.89, high=0.9)
    said = conclusion(found, evaluation, ["f", "F"], right, 20)
    assert said.startswith(begins)
    assert ("accuracy on the whole test part would be" in said) == (right == 19)
    found = dataclasses.replace(found, pair_accuracy=0.6)
    assert conclusion(found, evaluation, ["f", "F"], 19, 20).startswith("**Room above the model.**")


def test_a_class_keeps_its_colour_through_the_views() -> None:
    """The mean images' difference is blue where the first class has more ink, as the first class's bars are."""
    assert "blue where f has more ink, orange where F has" in "".join(html_of(open_pair("Shapes")))
    bars = json.loads(open_pair("How sure?").get("plotly_chart")[0].proto.spec)["data"]
    lines = json.loads(open_pair("Way between").get("plotly_chart")[0].proto.spec)["data"]
    assert [bar["marker"]["color"] for bar in bars] == [line["line"]["color"] for line in lines[:2]]
    assert bars[0]["marker"]["color"] == "#{:02x}{:02x}{:02x}".format(*COLOURS[0])
    assert bars[1]["marker"]["color"] == "#{:02x}{:02x}{:02x}".format(*COLOURS[1])


def open_pair(view: str) -> AppTest:
    return open_page("pair", pair_run="lenet5", pair_data=sample_title(), aspect=view)


def test_a_second_rerun_opens_no_file_of_a_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SETTLED", 0.0)  # a checkout may be seconds old
    page = open_page("pair")
    sound(page.run())
    with files_opened() as opened:
        sound(page.run())
    assert [name for name in opened if name.endswith(".json")] == []
