"""The views of the Confusion page: what they say is what the core computes, and every one has an address."""

import pytest
from opening import open_page, sample_title, sound, words

from emnist_core import data, runs
from emnist_core.evaluation.comparison import compare
from emnist_core.evaluation.groups import collapse
from emnist_core.evaluation.label_errors import suspects
from emnist_core.evaluation.predictions import Evaluation, evaluate


def on_sample(run: str) -> Evaluation:
    return evaluate(runs.find(run), data.load("balanced", "test", "sample"))


def test_classes_taken_together_recompute_the_accuracy() -> None:
    page = open_page("confusion", run="lenet5", data=sample_title(), groups="Ff 0O", true="f", pred="F")
    found = collapse(on_sample("lenet5"), ("Ff", "0O"))
    assert page.metric[0].value == f"{found.accuracy:.2%}"
    assert page.selectbox(key="true").value == "F/f"
    right = found.confusion[found.labels.index("F/f")]
    assert f"{right[found.labels.index('F/f')]} of {right.sum()} images of `F/f`" in words(page)


def test_a_label_in_two_groups_is_refused_in_words() -> None:
    assert "F is in two groups" in open_page("confusion", groups="Ff EF").error[0].value


@pytest.mark.parametrize(
    "parameters", [{"cells": "predicted"}, {"scale": "log"}, {"order": "similar"}, {"order": "error"}]
)
def test_every_way_to_look_at_the_matrix_opens(parameters: dict[str, str]) -> None:
    page = open_page("confusion", run="lenet5", data=sample_title(), **parameters)
    assert len(page.get("plotly_chart")) == 1


def test_two_runs_are_tested_against_each_other() -> None:
    first, second = on_sample("lenet5"), on_sample("vanilla-cnn")
    page = open_page("confusion", run="lenet5", data=sample_title(), view="Two runs", **{"with": "vanilla-cnn"})
    found = compare(first.predicted == first.true, second.predicted == second.true)
    shown = {metric.label: metric.value for metric in page.metric}
    assert shown["Difference, points"] == f"{100 * found.difference:+.2f}"
    assert f"only lenet5 right on {found.first_only:,}, only vanilla-cnn on {found.second_only:,}" in words(page)


def test_reliability_label_errors_and_what_to_take_away() -> None:
    page = open_page("confusion", run="lenet5", data=sample_title(), view="Reliability")
    assert "Expected calibration error" in words(page)
    page.button_group(key="view").select("Label errors")
    sound(page.run())
    page.toggle(key="agreed").set_value(False)
    sound(page.run())
    assert f"#### {len(suspects(on_sample('lenet5'))):,} suspects" in words(page)
    page.button_group(key="view").select("Take away")
    sound(page.run())
    assert len(page.get("download_button")) == 5


def test_a_run_without_epochs_says_so() -> None:
    assert "before epochs were kept" in open_page("confusion", run="lenet5", view="Over training").info[-1].value


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
    page = open_page("sketch", way="Test image", row="1234", **{"from": "sample balanced"})
    dataset = data.load("balanced", "test", "sample")
    assert f"row 1,234: a `{dataset.split.labels[dataset.labels[1234]]}`" in words(page)
