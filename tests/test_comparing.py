"""Runs side by side: settings, curves, and McNemar's test held to statsmodels."""

from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar

from emnist_core import charts, runs
from emnist_core.collection import comparing
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from tests.helpers.pages import copy_run

SHIPPED = ("lenet5", "lenet5-v2", "se-resnet")


def test_settings_that_differ_come_first_and_no_other_is_said_to() -> None:
    one = runs.create(Recipe(epochs=3, optimizer="adamax"), "one")
    other = runs.create(Recipe(epochs=4, learning_rate=0.002), "other")
    compared = comparing.settings([one, other])
    assert {s.name for s in compared if s.differs} == {"epochs", "optimizer", "learning_rate"}
    assert all(s.differs for s in compared[:3])
    assert sorted(s.name for s in compared) == sorted(Recipe.model_fields)
    assert next(s.values for s in compared if s.name == "epochs") == ("3", "4")


def test_a_default_that_is_written_out_is_no_difference() -> None:
    one = runs.create(Recipe(learning_rate=0.001), "one")
    other = runs.create(Recipe(), "other")
    assert not any(s.differs for s in comparing.settings([one, other]))


def test_a_curve_has_each_epoch_and_the_mean_of_neighbouring_steps() -> None:
    run = runs.find("se-resnet")
    found = comparing.curves(run)
    epochs, steps = run.metrics("epoch"), run.metrics("step")
    assert list(found.validation["accuracy"]) == list(epochs["validation_accuracy"])
    assert found.validation["step"].iloc[-1] == run.status().step
    assert len(found.training) <= comparing.POINTS < len(steps)
    every = -(-len(steps) // comparing.POINTS)
    assert found.training["accuracy"].iloc[1] == pytest.approx(steps["accuracy"].iloc[every : 2 * every].mean())


def test_a_run_without_a_step_has_empty_curves_that_can_be_drawn() -> None:
    found = comparing.curves(runs.create(Recipe(), "new"))
    figure = charts.overlaid(["new"], [found.validation], [found.training], "step", True)
    assert len(figure.data) == 2


@pytest.mark.parametrize("by", ["epoch", "step", "minutes"])
def test_each_run_has_two_curves_of_one_colour_and_sign(by: str) -> None:
    found = [comparing.curves(runs.find(name)) for name in SHIPPED]
    figure = charts.overlaid(SHIPPED, [c.validation for c in found], [c.training for c in found], by, False)
    assert [trace.name for trace in figure.data] == [name for name in SHIPPED for _ in range(2)]
    assert len({trace.line.color for trace in figure.data}) == len({trace.marker.symbol for trace in figure.data}) == 3
    assert list(figure.data[0].y) == list(found[0].validation["accuracy"])
    assert tuple(figure.layout.yaxis.range) == (0, 1)


def test_close_up_the_end_of_every_curve_is_in_view() -> None:
    found = [comparing.curves(runs.find(name)) for name in SHIPPED]
    figure = charts.overlaid(SHIPPED, [c.validation for c in found], [c.training for c in found], "epoch", True)
    low, high = figure.layout.yaxis.range
    assert low > 0.5
    assert all(low < c.validation["accuracy"].iloc[-1] < high for c in found)


def test_runs_are_brought_together_on_the_data_that_they_share(home: Path) -> None:
    together = comparing.evaluated_together([runs.find(name) for name in SHIPPED])
    assert [[e.run_name for e in found] for found in together.values()] == [list(SHIPPED)] * 2
    alone = Run(copy_run("lenet5", home / "runs" / "alone"))
    assert comparing.evaluated_together([alone, runs.create(Recipe(), "new")]) == {}


def test_the_test_is_statsmodels() -> None:
    one, other = (next(e for e in stored_evaluations(runs.find(name)) if e.is_sample) for name in SHIPPED[:2])
    found = comparing.contest(one, other)
    right, also = one.predicted == one.true, other.predicted == other.true
    table = [[(right & also).sum(), (right & ~also).sum()], [(~right & also).sum(), (~right & ~also).sum()]]
    assert found.p == pytest.approx(mcnemar(table, exact=True).pvalue)
    assert found.difference == pytest.approx(one.accuracy - other.accuracy)


def test_only_images_that_neither_was_trained_on_are_compared() -> None:
    one, other = (next(e for e in stored_evaluations(runs.find(name)) if e.is_sample) for name in SHIPPED[:2])
    found = comparing.contest(one.at(np.arange(1000)), other.at(np.arange(900, 1500)))
    assert found.n == 100
