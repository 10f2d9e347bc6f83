"""What is taken away opens elsewhere and says what the page says."""

import io
import zipfile
from html.parser import HTMLParser

import numpy as np
import pandas as pd
from PIL import Image

from emnist_core import data, runs
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.exports import matrix_csv, matrix_png, spoken, wrong_images, wrong_table
from emnist_core.evaluation.groups import KINDS
from emnist_core.evaluation.store import evaluate
from widgets.confusion import downloads


def sample() -> tuple[Evaluation, data.Dataset]:
    dataset = data.load("balanced", "test", "sample")
    return evaluate(runs.find("lenet5"), dataset), dataset


def test_matrix_csv_is_the_matrix() -> None:
    evaluation, _ = sample()
    table = pd.read_csv(io.StringIO(matrix_csv(evaluation)), index_col=0)
    assert (table.to_numpy() == evaluation.confusion).all()
    assert list(table.columns) == list(evaluation.labels)


def test_matrix_png_is_dark_on_the_diagonal() -> None:
    evaluation, _ = sample()
    picture = np.asarray(Image.open(io.BytesIO(matrix_png(evaluation))).convert("L"))
    assert picture[44 + 20 * 4 + 10, 44 + 20 * 4 + 10] < 160
    assert picture[44 + 20 * 4 + 10, 44 + 20 * 30 + 10] == 255


def test_every_wrong_image_is_in_the_zip_under_its_classes() -> None:
    evaluation, dataset = sample()
    with zipfile.ZipFile(io.BytesIO(wrong_images(evaluation, dataset))) as archive:
        table = pd.read_csv(archive.open("wrong.csv"), dtype={"true": str, "predicted": str})
        assert len(table) == (evaluation.predicted != evaluation.true).sum() == len(archive.namelist()) - 1
        assert set(table["file"]) == set(archive.namelist()) - {"wrong.csv"}
        for row in table.head(20).itertuples():
            image = np.asarray(Image.open(archive.open(row.file)))
            assert (255 - image == dataset.images[row.row]).all()
            assert row.true == evaluation.labels[evaluation.true[row.row]]
    # Folders differ by more than case, which some file systems do not tell apart.
    folders = wrong_table(evaluation)["file"].str.rsplit("/", n=1).str[0]
    assert folders.nunique() == folders.str.lower().nunique()
    assert (spoken("f"), spoken("F"), spoken("7"), spoken("F/f")) == ("small-f", "capital-F", "7", "F-or-f")
    assert [spoken(kind) for kind in KINDS] == ["digits", "capitals", "small-letters"]


def test_rows_are_those_of_the_data_where_images_were_left_out() -> None:
    whole, dataset = sample()
    evaluation = whole.at(np.arange(400, len(dataset), 3))
    table = wrong_table(evaluation)
    assert (evaluation.rows[:5] == [400, 403, 406, 409, 412]).all()
    wrong = set(np.flatnonzero(whole.predicted != whole.true)) & set(range(400, len(dataset), 3))
    assert set(table["row"]) == wrong
    with zipfile.ZipFile(io.BytesIO(wrong_images(evaluation, evaluation.images_of(dataset)))) as archive:
        for row in table.itertuples():
            assert row.file.endswith(f"/{row.row}.png")
            assert (255 - np.asarray(Image.open(archive.open(row.file))) == dataset.images[row.row]).all()
            assert row.true == dataset.split.labels[dataset.labels[row.row]]


def test_the_report_needs_nothing_from_elsewhere() -> None:
    evaluation, dataset = sample()
    text = downloads.report(evaluation, dataset)

    class Sources(HTMLParser):
        found: list[str] = []  # noqa: RUF012

        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "link", "iframe")
            self.found += [value or "" for name, value in attributes if name in ("src", "href")]

    parser = Sources()
    parser.feed(text)
    assert parser.found
    assert all(source.startswith("data:") for source in parser.found)
    assert f"{evaluation.accuracy:.1%}" in text
    assert "not EMNIST" in text
    assert downloads.report(evaluation, None).count('class="tile') == 0
