"""The matrix as a table, read back from its HTML and held to the counts that it was made of."""

from html.parser import HTMLParser

import numpy as np
import pytest

from emnist_core.evaluation.matrix import order
from emnist_core.splits import SPLITS
from widgets.parts import matrix

LABELS = SPLITS["balanced"].labels
COUNTS = np.random.default_rng(5).poisson(0.7, (47, 47)) + np.diag([1300] * 47)


class Reader(HTMLParser):
    """Heads, and each cell's text, style and class by its labels."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.heads: list[str] = []
        self.rows: list[str] = []
        self.cells: list[list[dict[str, str]]] = []
        self.at: str | None = None
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.at = {"th": given.get("scope"), "td": "cell"}.get(tag)
        if self.at == "row":
            self.cells.append([])
        elif self.at == "cell":
            self.cells[-1].append({"text": ""} | given)

    def handle_data(self, data: str) -> None:
        if self.at == "col":
            self.heads.append(data)
        elif self.at == "row":
            self.rows.append(data)
        elif self.at == "cell":
            self.cells[-1][-1]["text"] = data


@pytest.mark.parametrize("by", ["class", "error", "similar"])
def test_each_cell_holds_the_count_of_its_labels(by: str) -> None:
    read = Reader(matrix.confusion(COUNTS, LABELS, by=by))
    assert read.heads == read.rows == [LABELS[i] for i in order(COUNTS, by)]
    for row, true in zip(read.cells, read.rows, strict=True):
        for cell, predicted in zip(row, read.heads, strict=True):
            count = COUNTS[LABELS.index(true), LABELS.index(predicted)]
            said = cell["text"].split(" image")[0].replace(",", "")
            assert said == (str(count) if count else "")


def test_errors_only_colours_nothing_on_the_diagonal_and_the_most_elsewhere() -> None:
    read = Reader(matrix.confusion(COUNTS, LABELS, shown="count", errors_only=True))
    errors = COUNTS * (1 - np.eye(47, dtype=int))
    shown = np.array([[float(cell.get("style", "--v:0").removeprefix("--v:")) for cell in row] for row in read.cells])
    assert (shown > 0).tolist() == (errors > 0).tolist()
    assert (shown == 1).tolist() == (errors == errors.max()).tolist()


def test_a_difference_is_orange_where_the_first_has_more() -> None:
    other = COUNTS[::-1, ::-1]
    read = Reader(matrix.confusion_difference(COUNTS, other, LABELS, "difference"))
    off = ~np.eye(47, dtype=bool)
    more = np.array([["more" in cell.get("class", "").split() for cell in row] for row in read.cells])
    seen = np.array([["style" in cell for cell in row] for row in read.cells])
    assert more.tolist() == ((other < COUNTS) & off).tolist()
    assert seen.tolist() == ((other != COUNTS) & off).tolist()


def test_labels_are_text() -> None:
    assert "<b>" not in matrix.confusion(np.eye(2, dtype=np.int64), ("<b>", '"'), title='<b>"')


def test_the_large_matrix_is_of_the_chosen_classes_with_their_counts() -> None:
    read = Reader(matrix.confusion(COUNTS, LABELS, only=["f", "F", "0"], is_large=True))
    assert read.heads == read.rows == ["0", "F", "f"]
    chosen = [LABELS.index(label) for label in read.rows]
    shown = [[int(cell.get("data-n", 0)) for cell in row] for row in read.cells]
    assert shown == COUNTS[np.ix_(chosen, chosen)].tolist()
