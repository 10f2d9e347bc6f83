"""The Pair lab: every view opens by its address, and the quiz counts as the core does."""

import numpy as np
import pytest

from emnist_core import data, paths
from emnist_core.evaluation.intervals import share_in_words
from emnist_core.evaluation.quiz import COUNT, draw
from emnist_core.runs import Run
from tests.helpers.pages import copy_run, emnist_title, figures, open_page, sample_title, shown_tiles, sound, words
from widgets.parts import tiles

LABELS = data.load("balanced", "test", "sample").split.labels


@pytest.mark.parametrize(
    "view", ["Quiz", "Shapes", "Leaning", "Map", "Twins", "Way between", "Models", "Training images", "Epoch by epoch"]
)
def test_every_view_has_an_address(view: str) -> None:
    page = open_page("pair", run="lenet5", data=sample_title(), a="g", b="9", view=view)
    assert not page.error
    assert "g read as 9" in figures(page)


def test_the_quiz_sets_the_visitor_beside_the_models() -> None:
    true = data.load("balanced", "test", "sample").labels
    pair = LABELS.index("f"), LABELS.index("F")
    page = open_page("pair", run="lenet5", data=sample_title())
    for number, row in enumerate(draw(true, *pair, 1), start=1):
        assert f"Image {number} of {COUNT}" in words(page)
        # Right on all but the first four.
        answer = true[row] if number > 4 else pair[int(true[row] == pair[0])]
        sound(page.button(key=f"answer-{LABELS[answer]}").click().run())
    assert f"You: {share_in_words(16, 20)}" in words(page)
    assert "The ceiling this implies" in words(page)
    sound(page.button(key="quiz-next").click().run())
    assert f"Image 1 of {COUNT}" in words(page)


def test_a_round_of_the_quiz_has_an_address() -> None:
    sample = data.load("balanced", "test", "sample")
    pair = LABELS.index("f"), LABELS.index("F")
    page = open_page("pair", run="lenet5", data=sample_title(), quiz="3")
    for number in (3, 4):
        first = int(draw(sample.labels, *pair, number)[0])
        assert tiles.picture(sample.images[first], 6) in "".join(e.value for e in page.get("html"))
        for row in draw(sample.labels, *pair, number):
            sound(page.button(key=f"answer-{LABELS[sample.labels[row]]}").click().run())
        sound(page.button(key="quiz-next").click().run())
    assert page.query_params["quiz"] == "5"


def test_a_point_of_the_map_has_an_address() -> None:
    sample = data.load("balanced", "test", "sample")
    row = int(np.flatnonzero(sample.labels == LABELS.index("F"))[7])
    page = open_page("pair", run="lenet5", data=sample_title(), view="Map", point=str(row))
    assert [tile.row for tile in shown_tiles(page)] == [row]
    assert f'"name":"row {row}"' in page.get("plotly_chart")[0].proto.spec
    other = int(np.flatnonzero(sample.labels == LABELS.index("0"))[0])
    page = open_page("pair", run="lenet5", data=sample_title(), view="Map", point=str(other))
    assert f"Row {other:,} is not among these images" in page.info[-1].value


def test_errors_over_the_images_trained_on() -> None:
    page = open_page("pair", run="lenet5", data=sample_title(), view="Training images")
    assert "--set model=lenet5 --set split=balanced --set train_images=10000" in page.info[-1].value
    run = Run(copy_run("lenet5", paths.own_runs() / "fewer"))
    status = run.status()
    assert status.data
    status.data.training_images = 7_000
    run.write_status(status)
    page = open_page("pair", run="lenet5", data=sample_title(), view="Training images")
    assert len(page.get("plotly_chart")) == 1
    table = page.dataframe[0].value
    assert list(table["run"]) == ["fewer", "fewer", "lenet5", "lenet5"]
    assert list(table["errors"][:2]) == list(table["errors"][2:])


def test_one_class_is_no_pair() -> None:
    assert "differ" in open_page("pair", run="lenet5", a="f", b="f").info[0].value


def test_without_images_the_models_are_still_compared() -> None:
    assert "fetch balanced" in open_page("pair", run="lenet5", data=emnist_title("lenet5")).info[-1].value
    assert len(open_page("pair", run="lenet5", data=emnist_title("lenet5"), view="Models").get("plotly_chart")) == 1
