"""The Pair lab: every view opens by its address, and the quiz counts as the core does."""

import pytest
from opening import emnist_title, open_page, sample_title, sound, words

from emnist_core import data
from emnist_core.evaluation.intervals import in_words
from emnist_core.evaluation.quiz import COUNT, draw

LABELS = data.load("balanced", "test", "sample").split.labels


@pytest.mark.parametrize(
    "view", ["Quiz", "Shapes", "Leaning", "Map", "Twins", "Way between", "Models", "Over training"]
)
def test_every_view_has_an_address(view: str) -> None:
    page = open_page("pair", run="lenet5", data=sample_title(), a="g", b="9", view=view)
    assert not page.error
    assert page.metric[0].label == "g read as 9"


def test_the_quiz_sets_the_visitor_beside_the_models() -> None:
    true = data.load("balanced", "test", "sample").labels
    pair = LABELS.index("f"), LABELS.index("F")
    page = open_page("pair", run="lenet5", data=sample_title())
    for number, row in enumerate(draw(true, *pair, 1), start=1):
        assert f"Image {number} of {COUNT}" in words(page)
        # Right on all but the first four.
        answer = true[row] if number > 4 else pair[int(true[row] == pair[0])]
        sound(page.button(key=f"answer-{LABELS[answer]}").click().run())
    assert f"You: {in_words(16, 20)}" in words(page)
    assert "The ceiling this implies" in words(page)
    sound(page.button(key="quiz-next").click().run())
    assert f"Image 1 of {COUNT}" in words(page)


def test_one_class_is_no_pair() -> None:
    assert "differ" in open_page("pair", run="lenet5", a="f", b="f").info[0].value


def test_without_images_the_models_are_still_compared() -> None:
    assert "fetch balanced" in open_page("pair", run="lenet5", data=emnist_title("lenet5")).info[-1].value
    assert len(open_page("pair", run="lenet5", data=emnist_title("lenet5"), view="Models").get("plotly_chart")) == 1
