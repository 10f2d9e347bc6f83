"""Two classes by themselves, and the quiz over them."""

from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from emnist_core import charts
from emnist_core.evaluation import pair
from emnist_core.evaluation.intervals import wilson
from emnist_core.recipe import Recipe
from emnist_core.runs import DataUsed, Run, Status, create
from tests.helpers.evaluations import evaluation

FIRST, SECOND = 4, 5


def test_leaning_is_the_renormalised_probability() -> None:
    made = evaluation(n=2000)
    frame = pair.leaning(made, FIRST, SECOND)
    assert set(made.true[frame["row"]]) == {FIRST, SECOND}
    both = made.probabilities[frame["row"]][:, [FIRST, SECOND]]
    assert frame["lean"].to_numpy() == pytest.approx(both[:, 0] / both.sum(axis=1), abs=1e-6)
    expected = np.where(both[:, 0] >= both[:, 1], FIRST, SECOND) == frame["true"]
    assert (frame["right"] == expected).all()


@pytest.fixture
def runs_of_sizes(tmp_path: Path) -> dict[str, Run]:
    """Runs that differ in model, data and the number of images they were trained on."""
    sizes = {"all": ("lenet5", "a", 90_000), "few": ("lenet5", "a", 3_000), "other-data": ("lenet5", "b", 500)}
    sizes |= {"other-model": ("vanilla-cnn", "a", 500), "some": ("lenet5", "a", 30_000)}
    found = {}
    for name, (model, sha256, images) in sizes.items():
        found[name] = create(Recipe(model=model), name, tmp_path)
        used = DataUsed(name="d", sha256=sha256, is_sample=False, training_images=images, validation_images=9)
        found[name].write_status(Status(state="finished", data=used))
    damaged = found["damaged"] = create(Recipe(model="lenet5"), "damaged", tmp_path)
    (damaged.path / "status.json").write_text("{")
    return found


def test_errors_over_the_images_trained_on_are_of_runs_alike(runs_of_sizes: dict[str, Run]) -> None:
    alike = pair.alike_but_for_size(runs_of_sizes["some"], list(runs_of_sizes.values()))
    assert [run.name for run in alike] == ["all", "few", "some"]
    made = {name: evaluation(n=3000, seed=seed, skill=2) for seed, name in enumerate(["all", "few", "other-model"])}
    frame = pair.by_training_images(made, alike, FIRST, SECOND)
    assert list(zip(frame["run"], frame["images"], strict=True)) == [("few", 3_000)] * 2 + [("all", 90_000)] * 2
    for row in frame.to_dict("records"):
        one = made[row["run"]]
        true, read = one.labels.index(row["true"]), one.labels.index(row["read"])
        assert {true, read} == {FIRST, SECOND}
        assert row["errors"] == ((one.true == true) & (one.predicted == read)).sum()
        low, high = proportion_confint(row["errors"], (one.true == true).sum(), method="wilson")
        assert (row["low"], row["high"]) == pytest.approx((low, high))
    figure = charts.by_training_images(frame)
    assert [list(line.x) for line in figure.data] == [[3_000, 90_000]] * 2
    top = np.array(figure.data[0].y) + np.array(figure.data[0].error_y.array)
    assert top == pytest.approx(frame["high"][::2].to_numpy())
    assert pair.by_training_images({}, alike, FIRST, SECOND).empty


def test_means_and_their_difference() -> None:
    random = np.random.default_rng(0)
    images, true = random.integers(0, 256, (40, 28, 28)).astype(np.uint8), random.integers(0, 3, 40)
    one, other, gap = pair.means(images, true, 0, 1)
    assert one == pytest.approx(images[true == 0].mean(axis=0), abs=0.5)
    assert gap == pytest.approx((one.astype(float) - other) / 255, abs=0.005)
    assert not pair.means(images, true, 0, 7)[1].any()


def test_a_draw_is_balanced_and_the_same_again() -> None:
    made = evaluation(n=3000)
    rows = pair.draw_quiz(made.true, FIRST, SECOND, 1)
    assert len(rows) == len(set(rows)) == pair.QUIZ_IMAGES
    assert (made.true[rows] == FIRST).sum() == pair.QUIZ_IMAGES // 2
    assert list(rows) == list(pair.draw_quiz(made.true, FIRST, SECOND, 1))
    assert list(rows) != list(pair.draw_quiz(made.true, FIRST, SECOND, 2))
    assert len(pair.draw_quiz(made.true[:0], FIRST, SECOND, 1)) == 0


def test_scores_set_the_person_beside_the_models_on_the_same_images() -> None:
    made, other = evaluation(n=3000), evaluation(n=3000, seed=4, skill=1)
    rows = pair.draw_quiz(made.true, FIRST, SECOND, 1)
    answers = {int(row): FIRST for row in rows}
    table = pair.quiz_scores(answers, {"good": made, "poor": other}, made.true, FIRST, SECOND).set_index("who")
    assert table.loc["you", "right"] == pair.QUIZ_IMAGES // 2
    assert (table["n"] == pair.QUIZ_IMAGES).all()
    assert tuple(table.loc["you", ["low", "high"]]) == pytest.approx(wilson(10, 20))
    right = pair.leaning(made, FIRST, SECOND).set_index("row").loc[rows, "right"]
    assert table.loc["good", "right"] == right.sum()


def test_the_ceiling_exchanges_answers_within_the_pair_only() -> None:
    made = evaluation(n=3000)
    perfect = pair.ceiling(made, FIRST, SECOND, 20, 20)
    within = made.confusion[FIRST, SECOND] + made.confusion[SECOND, FIRST]
    assert perfect.middle == pytest.approx(made.accuracy + within / made.n)
    assert perfect.low < perfect.middle == pytest.approx(perfect.high)
    coin = pair.ceiling(made, FIRST, SECOND, 10, 20)
    assert coin.low < coin.middle < coin.now < perfect.middle
