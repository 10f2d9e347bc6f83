"""A row that a page names is the row of the data, also where a run's training images were left out."""

import re
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from emnist_core import data, paths
from emnist_core.data import image_hashes
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.intervals import share_in_words
from emnist_core.evaluation.pair import draw_quiz
from emnist_core.evaluation.store import evaluate
from emnist_core.runs import Run, checksums
from tests.helpers.pages import copy_run, open_page, sample_title, shown_tiles, sound, words
from widgets.parts import tiles

TEST = data.load("balanced", "test", "sample")
LABELS = TEST.split.labels


@pytest.fixture
def peeked() -> Evaluation:
    """The evaluation of a run that was trained on every second image of the first half."""
    run = Run(copy_run("lenet5", paths.own_runs() / "peeked"))
    for file in (run.path / "evaluation").rglob("*.*"):
        file.unlink()
    with checksums.renewing(run.trained_on_file):
        image_hashes.save(run.trained_on_file, np.asarray(TEST.images[: len(TEST) // 2 : 2]))
    return evaluate(run, TEST)


def test_an_image_links_to_the_page_of_its_row(peeked: Evaluation) -> None:
    cell = peeked.cell(LABELS.index("O"), LABELS.index("0"))
    page = open_page("confusion", run="peeked", true="O", pred="0")
    links = [dict(parse_qsl(urlsplit(link).query)) for link in hrefs(page)]
    assert sorted(int(link["row"]) for link in links) == sorted(peeked.rows[cell])
    at = max(range(len(links)), key=lambda number: int(links[number]["row"]))
    row = int(links[at]["row"])
    assert row != int(np.searchsorted(peeked.rows, row))
    image = open_page("image", **links[at])
    assert f"Row {row:,}: labelled `O`, read as `0`" in words(image)
    assert tiles.picture(TEST.images[row], 7) in "".join(e.value for e in image.get("html"))


def hrefs(page: AppTest) -> list[str]:
    return re.findall(r'class="pick" href="([^"]*)"', "".join(e.value for e in page.get("html")).replace("&amp;", "&"))


@pytest.mark.usefixtures("peeked")
def test_a_row_that_was_left_out_is_not_shown() -> None:
    page = open_page("image", of="peeked", on=sample_title(), row="0")
    assert "trained on row 0, so it is left out" in page.info[-1].value
    assert shown_tiles(page) == []


def test_the_list_of_suspects_names_rows_of_the_data(peeked: Evaluation) -> None:
    page = open_page("confusion", run="peeked", view="Label errors", agreed="false")
    table = page.dataframe[0].value
    assert set(table["row"]) <= set(peeked.rows)
    assert list(table["label"]) == [LABELS[TEST.labels[row]] for row in table["row"]]
    assert [tile.row for tile in shown_tiles(page)] == list(table["row"][:60])


def test_the_map_and_the_images_between_two_classes_are_rows_of_the_data(peeked: Evaluation) -> None:
    page = open_page("pair", pair_run="peeked", aspect="Map")
    errors = shown_tiles(page)
    assert errors, "the map names the errors while no point is chosen"
    assert all(LABELS[TEST.labels[tile.row or 0]] == tile.true != tile.predicted for tile in errors)
    between = shown_tiles(sound(page.button_group(key="aspect").select("How sure?").run()))
    assert between
    assert {tile.row for tile in between} <= set(peeked.rows)
    assert all(LABELS[TEST.labels[tile.row or 0]] == tile.true for tile in between)


def test_the_quiz_shows_rows_of_the_data(peeked: Evaluation) -> None:
    questions = draw_quiz(peeked.true, LABELS.index("f"), LABELS.index("F"), 1)
    assert any(peeked.rows[index] != index for index in questions)
    page = open_page("pair", pair_run="peeked", aspect="Quiz")
    for index in questions:
        assert tiles.picture(TEST.images[peeked.rows[index]], 6) in "".join(e.value for e in page.get("html"))
        sound(page.button(key=f"answer-{LABELS[peeked.true[index]]}").click().run())
    assert f"You: {share_in_words(len(questions), len(questions))}" in words(page)
