"""The views of the Confusion page: what they say is what the core computes, and every one has an address."""

import json
import re

import numpy as np
import pytest

from emnist_core import data, runs
from emnist_core.evaluation.comparison import compare
from emnist_core.evaluation.evaluation import Evaluation, merge_classes
from emnist_core.evaluation.label_errors import suspects
from emnist_core.evaluation.store import evaluate, stored_evaluations
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.splits import SPLITS
from tests.helpers.pages import figures, html_of, matrices, open_page, sample_title, shown_tiles, sound, words


def on_sample(run: str) -> Evaluation:
    return evaluate(runs.find(run), data.load("balanced", "test", "sample"))


def test_classes_taken_together_recompute_the_accuracy() -> None:
    page = open_page("confusion", run="lenet5", data=sample_title(), groups="Ff 0O", true="f", pred="F")
    found = merge_classes(on_sample("lenet5"), ("Ff", "0O"))
    assert figures(page)["Accuracy"] == f"{found.accuracy:.2%}"
    assert page.selectbox(key="true").value == "F/f"
    right = found.confusion[found.labels.index("F/f")]
    assert f"{right[found.labels.index('F/f')]} of {right.sum()} images of `F/f`" in words(page)


def test_kinds_collapse_to_a_row_whose_cell_shows_all_of_its_images() -> None:
    whole = on_sample("lenet5")
    page = open_page("confusion", run="lenet5", data=sample_title(), kinds=["digits", "capitals"], true="5", pred="S")
    is_digit, is_capital = (np.array([getattr(c, of)() for c in whole.labels]) for of in ("isdigit", "isupper"))
    kind = np.where(is_digit, -1, np.where(is_capital, -2, np.arange(47)))
    assert figures(page)["Accuracy"] == f"{np.mean(kind[whole.true] == kind[whole.predicted]):.2%}"
    assert (page.selectbox(key="true").value, page.selectbox(key="pred").value) == ("0-9", "A-Z")
    rows = np.flatnonzero(is_digit[whole.true] & is_capital[whole.predicted])
    assert f"{len(rows)} of {is_digit[whole.true].sum()} images of `0-9` read as `A-Z`" in words(page)
    shown = {tile.row for tile in shown_tiles(page)}
    assert len(shown) == min(60, len(rows))
    assert shown <= set(rows)
    # Taken apart again, the cell is one of single classes.
    sound(page.button_group(key="kinds").set_value([]).run())
    assert figures(page)["Accuracy"] == f"{whole.accuracy:.2%}"
    assert {page.selectbox(key="true").value, page.selectbox(key="pred").value} <= set(whole.labels)


@pytest.fixture
def byclass_run() -> Run:
    """A run of 62 classes that answered 300 images which are not here."""
    run = runs.create(Recipe(model="lenet5", split="byclass"), "sixty-two")
    run.write_status(runs.Status(state="finished", epochs=1, epoch=1))
    run.serving_file.write_bytes(b"nothing")
    random = np.random.default_rng(0)
    true = random.integers(0, 62, 300)
    odds = random.dirichlet(np.ones(62), 300)
    # As often its other case as itself: c and C have one shape.
    odds[np.arange(300), np.where(random.random(300) < 0.5, true, np.where(true >= 36, true - 26, true))] += 3
    folder = run.path / "evaluation" / f"byclass-test-{'0' * 12}"
    folder.mkdir(parents=True)
    np.savez(
        folder / "predictions.npz",
        true=true.astype(np.uint8),
        probabilities=(odds / odds.sum(axis=1, keepdims=True)).astype(np.float16),
    )
    described = {"name": "made up", "sha256": "0" * 64, "is_sample": False}
    metrics = {"split": "byclass", "part": "test", "data": described, "serving_sha256": None}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    return run


def test_byclass_is_seen_as_bymerge_without_its_model(byclass_run: Run) -> None:
    [whole] = stored_evaluations(byclass_run)
    written = [label.upper() if label.upper() in "CIJKLMOPSUVWXYZ" else label for label in whole.labels]
    right = np.mean([written[t] == written[p] for t, p in zip(whole.true, whole.predicted, strict=True)])
    assert right > whole.accuracy
    page = open_page("confusion", run="sixty-two", true="c", pred="o")
    assert figures(page)["Accuracy"] == f"{whole.accuracy:.2%}"
    assert len(page.selectbox(key="true").options) == 62
    sound(page.toggle(key="merged").set_value(True).run())
    assert figures(page)["Accuracy"] == f"{right:.2%}"
    assert tuple(page.selectbox(key="true").options) == SPLITS["bymerge"].labels
    assert (page.selectbox(key="true").value, page.selectbox(key="pred").value) == ("C", "O")
    assert figures(open_page("confusion", run="sixty-two", merged="true"))["Accuracy"] == f"{right:.2%}"
    together = open_page("confusion", run="sixty-two", merged="true", groups="0O", true="o", pred="0")
    assert together.selectbox(key="true").value == "0/O"
    assert "merged" not in [toggle.key for toggle in open_page("confusion", run="lenet5").toggle]


def test_a_label_in_two_groups_is_refused_in_words() -> None:
    assert "F is in two groups" in open_page("confusion", groups="Ff EF").error[0].value


@pytest.mark.parametrize(
    "parameters", [{"cells": "predicted"}, {"scale": "log"}, {"order": "similar"}, {"order": "error"}]
)
def test_every_way_to_look_at_the_matrix_opens(parameters: dict[str, str]) -> None:
    page = open_page("confusion", run="lenet5", data=sample_title(), **parameters)
    assert len(matrices(page)) == 1


def test_two_runs_are_compared_with_classes_taken_together() -> None:
    page = open_page(
        "confusion", run="lenet5", data=sample_title(), view="Two runs", groups="Ff 0O", kinds=["small letters"],
        **{"with": "vanilla-cnn"},
    )  # fmt: skip
    one, two = (merge_classes(on_sample(run), ("Ff", "0O"), ("a-z",)) for run in ("lenet5", "vanilla-cnn"))
    found = compare(one.predicted == one.true, two.predicted == two.true)
    assert one.accuracy > on_sample("lenet5").accuracy
    shown = list(figures(page).values())
    assert shown[4:7] == [f"{one.accuracy:.2%}", f"{two.accuracy:.2%}", f"{100 * found.difference:+.2f}"]
    [difference] = matrices(page)
    assert ">a-z</th>" in difference
    assert "a-z" in page.selectbox(key="true").options


def test_views_by_single_class_say_so_where_classes_are_taken_together() -> None:
    said = "This view is by single class"
    page = open_page("confusion", run="lenet5", data=sample_title(), view="Epoch by epoch", groups="Ff")
    assert any(said in caption.value for caption in page.caption)
    page = open_page("confusion", run="lenet5", data=sample_title(), view="Epoch by epoch")
    assert not any(said in caption.value for caption in page.caption)


def test_two_runs_are_tested_against_each_other() -> None:
    first, second = on_sample("lenet5"), on_sample("vanilla-cnn")
    page = open_page("confusion", run="lenet5", data=sample_title(), view="Two runs", **{"with": "vanilla-cnn"})
    found = compare(first.predicted == first.true, second.predicted == second.true)
    shown = figures(page)
    assert shown["Difference, points"] == f"{100 * found.difference:+.2f}"
    assert f"only lenet5 right on {found.first_only:,}, only vanilla-cnn on {found.second_only:,}" in words(page)


def test_reliability_label_errors_and_what_to_take_away() -> None:
    page = open_page("confusion", run="lenet5", data=sample_title(), view="Reliability")
    assert "Expected calibration error" in words(page)
    page.button_group(key="view").select("Label errors")
    sound(page.run())
    page.toggle(key="agreed").set_value(False)
    sound(page.run())
    assert f"{len(suspects(on_sample('lenet5'))):,} suspects" in words(page)
    page.button_group(key="view").select("Download")
    sound(page.run())
    assert len(page.get("download_button")) == 5


def test_a_run_without_epochs_says_so() -> None:
    assert "before epochs were kept" in open_page("confusion", run="lenet5", view="Epoch by epoch").info[-1].value


def test_an_image_has_a_page_of_its_own() -> None:
    evaluation = on_sample("lenet5")
    page = open_page("image", of="lenet5", on=sample_title(), row="1234")
    read = evaluation.labels[evaluation.predicted[1234]]
    assert f"`{evaluation.labels[evaluation.true[1234]]}`" in words(page)
    assert f"{read}" in words(page)
    assert "Nearest training images" in words(page)
    page.button_group(key="space").select("features")
    sound(page.run())


def test_an_image_can_be_changed_by_hand_in_sketch() -> None:
    page = open_page("sketch", way="Test image", test_row="1234", test_part="sample balanced")
    dataset = data.load("balanced", "test", "sample")
    assert f"row 1,234: a `{dataset.split.labels[dataset.labels[1234]]}`" in words(page)


def test_a_tile_of_two_runs_has_the_other_runs_answer() -> None:
    first, second = on_sample("lenet5"), on_sample("vanilla-cnn")
    page = open_page("confusion", run="lenet5", data=sample_title(), view="Two runs", **{"with": "vanilla-cnn"})
    [row, *_] = [tile.row for tile in shown_tiles(page) if tile.row is not None]
    answers = {run.labels[run.predicted[row]] for run in (first, second)}
    drawn = "".join(html_of(page))
    [said] = re.findall(rf"aria-label=\"\S read as (\S) with [^\"]*\(row {row}\) and by the other as (\S) ", drawn)
    assert set(said) == answers


def test_the_charts_line_stands_where_the_slider_does() -> None:
    page = open_page("confusion", run="lenet5-v2", view="Epoch by epoch", true="f", pred="F")
    slider = page.select_slider(key="epoch")
    sound(slider.set_value(slider.options and int(slider.options[2])).run())
    charts = [json.loads(chart.proto.spec) for chart in page.get("plotly_chart")]
    lines = [shape["x0"] for chart in charts for shape in chart["layout"].get("shapes", [])]
    assert lines
    assert set(lines) == {int(slider.options[2])}
