"""The curves of a training that goes on: axes that hold still, and points few enough."""

import json

import numpy as np
import pandas as pd
import pytest

from emnist_core.charts.live_curves import MOST_POINTS, last_epoch, live_curves, loss_range, thin
from emnist_core.runs import EPOCH_COLUMNS, STEP_COLUMNS

NO_STEPS, NO_EPOCHS = pd.DataFrame([], columns=STEP_COLUMNS), pd.DataFrame([], columns=EPOCH_COLUMNS)


def steps(count: int, loss: float = 3.0) -> pd.DataFrame:
    rows = np.arange(1, count + 1)
    frame = pd.DataFrame({"step": rows, "epoch": rows / 100, "loss": loss / rows, "accuracy": 1 - 1 / rows})
    return frame.reindex(columns=STEP_COLUMNS)


def epochs(accuracies: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame({"epoch": range(1, len(accuracies) + 1), "validation_accuracy": accuracies})
    return frame.assign(loss=1.0, accuracy=0.5, validation_loss=1.5).reindex(columns=EPOCH_COLUMNS)


def axes(*arguments: object, **options: object) -> list[object]:
    return [panel[axis] for panel in live_curves(*arguments, **options) for axis in "xy"]  # type: ignore[arg-type]


def test_the_axes_are_the_same_before_the_first_point_and_after_many():
    before = axes(NO_STEPS, NO_EPOCHS, of_epochs=8)
    assert before == [[0, 8], [0, 1], [0, 8], [0, 5]]
    for count in (1, 40, 700):
        assert axes(steps(count), epochs([0.5] * (count // 100)), of_epochs=8) == before


def test_what_is_no_number_is_a_gap():
    frame = steps(3)
    frame["loss"] = [2.0, np.inf, np.nan]
    accuracy, loss = live_curves(frame, epochs([0.5, 0.25]), 2)
    lines = {line["kind"]: line for line in loss["lines"]}
    assert lines["step"]["x"] == [0.01, 0.02, 0.03]
    assert lines["step"]["y"] == [2.0, None, None]
    assert {line["kind"]: line["y"] for line in accuracy["lines"]}["validation"] == [0.5, 0.25]
    json.dumps([accuracy, loss], allow_nan=False)


@pytest.mark.parametrize(
    ("reached", "of_epochs", "end"), [(0, 8, 8), (0.1, 100, 30), (29.9, 100, 30), (30, 100, 100), (250, 900, 300)]
)
def test_of_many_epochs_the_axis_shows_the_first_ones_large(reached: float, of_epochs: int, end: int):
    assert last_epoch(reached, of_epochs) == end


@pytest.mark.parametrize(
    ("losses", "is_log", "expected"),
    [
        ([], False, (0, 5)),
        ([4.9, np.nan, np.inf], False, (0, 5)),
        ([5.1], False, (0, 10)),
        ([1e9], False, (0, 1e5)),
        ([], True, (-1, np.log10(5))),
        ([0.0, 0.05, 3.0], True, (-2, np.log10(5))),
    ],
)
def test_the_axis_of_the_loss_ends_at_round_figures(losses: list[float], is_log: bool, expected: tuple[float, float]):
    assert loss_range(pd.Series(losses, dtype=float), is_log) == pytest.approx(expected)


def test_smoothing_is_a_mean_of_what_went_before_and_starts_at_the_first_point():
    frame = steps(3)
    frame["loss"] = [4.0, 2.0, 0.0]
    assert thin(frame)["loss"].tolist() == [4, 2, 0]
    # By hand: weights 1, 1/2 and 1/4 back from each point, divided by their sum.
    assert thin(frame, 0.5)["loss"].tolist() == pytest.approx([4, (2 + 4 / 2) / 1.5, (0 + 2 / 2 + 4 / 4) / 1.75])


@pytest.mark.parametrize("count", [0, 1, MOST_POINTS, MOST_POINTS + 1, 14_400])
def test_a_long_training_is_drawn_by_few_points_the_newest_among_them(count: int):
    drawn = thin(steps(count))
    assert min(count, MOST_POINTS // 2) <= len(drawn) <= MOST_POINTS
    if count:
        assert drawn["epoch"].iloc[-1] == count / 100


def test_the_best_so_far_never_falls():
    panel = live_curves(NO_STEPS, epochs([0.3, 0.6, 0.5, 0.7]), of_epochs=4)[0]
    [best] = [line for line in panel["lines"] if line["name"] == "best so far"]
    assert best["y"] == [0.3, 0.6, 0.6, 0.7]
