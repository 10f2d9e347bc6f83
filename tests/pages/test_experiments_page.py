"""The report's page: every row with the report's figure, and ours where a finished run has its recipe."""

import json
from pathlib import Path
from typing import Any

import pytest

from emnist_core import paths, runs
from emnist_core.files import read_json, write_json
from emnist_core.runs import DataUsed, Run, Status
from emnist_core.sweeps import results
from emnist_core.sweeps.spec import Row, Sweep, read
from tests.helpers.pages import figures, matrices, open_page, sound, words

SHIPPED = next(
    path.parent
    for path in paths.SHIPPED_RUNS.glob("vanilla-cnn/evaluation/balanced-test-*/metrics.json")
    if not read_json(path)["data"]["is_sample"]
)


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of kept experiments: an empty one, for the test to fill."""
    monkeypatch.setattr(paths, "EXPERIMENTS", tmp_path / "experiments")
    return tmp_path / "experiments"


def row_called(name: str) -> Row:
    return next(row for sweep in results.report() for row in sweep.rows if row.name == name)


def put(
    folder: Path, row: Row, accuracy: float, test: bool = True, epochs: int | None = None, validation: float = 0.75
) -> dict[str, Any]:
    """A kept experiment of the row whose confusion matrix is a shipped run's."""
    recipe = row.full_recipe.model_copy(update={"epochs": epochs or row.full_recipe.epochs})
    summary = read_json(SHIPPED / "metrics.json") | {
        "accuracy": accuracy,
        "interval": [accuracy - 0.004, accuracy + 0.004],
    }
    used = DataUsed(
        name="EMNIST",
        sha256="0",
        is_sample=False,
        training_images=9,
        validation_images=7050 if validation != 0.75 else 3,
    )
    if recipe.extra_images:
        used.extra_images, used.extra_parts = 2, {"test part of EMNIST MNIST": "1"}
    status = Status(
        state="finished",
        epoch=recipe.epochs,
        epochs=recipe.epochs,
        best_epoch=2,
        validation_accuracy=validation,
        data=used,
    )
    write_json(folder / "recipe.json", recipe.model_dump())
    write_json(folder / "status.json", status.model_dump())
    lines = [
        {"kind": "epoch", "loss": 1, "accuracy": 0.5, "validation_loss": 1, "validation_accuracy": 0.7, "seconds": 1}
        | {"epoch": epoch}
        for epoch in (1, 2)
    ]
    (folder / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)))
    if test:
        write_json(folder / "evaluation.json", summary)
    return summary


@pytest.mark.parametrize("title", ["CNN", "LeNet-5", "ResNet-34"])
def test_a_row_without_a_figure_of_ours_says_what_trains_it(title: str) -> None:
    page = open_page("experiments", table=title)
    sweep = next(sweep for sweep in results.report() if sweep.title == title)
    table = page.dataframe[0].value
    assert table["ours"].tolist() == ["not trained yet"] * len(sweep.rows)
    assert table["report"].tolist() == [f"{row.report_accuracy:.2%}" for row in sweep.rows]
    best = max(sweep.rows, key=lambda row: row.report_accuracy or 0)
    command = f"python -m emnist_core sweep recipes/{sweep.name}.toml --row {best.name}"
    assert f"Not trained yet: `{command}`" in page.info[0].value
    assert not page.get("plotly_chart")


def test_a_kept_row_stands_beside_the_reports(kept: Path) -> None:
    row = row_called("adamax-512-20-0.2")
    summary = put(kept / row.sweep / row.name, row, 0.8777)
    page = open_page("experiments", experiment=row.name)
    shown = page.dataframe[0].value.iloc[9]
    assert shown[["ours", "95 %", "epochs"]].tolist() == ["87.77%", "87.4–88.2", "20"]
    assert list(figures(page).values()) == ["87.77%", "87.77%", "75.00%"]
    said = words(page)
    assert "agrees with the report" in said
    assert f"**Why:** {row.note}" in said
    assert f"n = {summary['n']:,}" in said
    [curve] = (json.loads(chart.proto.spec) for chart in page.get("plotly_chart"))
    assert curve["data"][0]["name"] == "train, per step"
    assert len(matrices(page)) == 1
    assert page.query_params["experiment"] == row.name


@pytest.mark.parametrize(("accuracy", "sentence"), [(0.86, "is 1.77 points below"), (0.90, "is 2.23 points above")])
def test_a_figure_outside_the_interval_differs(kept: Path, accuracy: float, sentence: str) -> None:
    row = row_called("adamax-512-20-0.2")
    put(kept / row.sweep / row.name, row, accuracy)
    assert sentence in words(open_page("experiments", experiment=row.name))


def test_fewer_epochs_than_the_reports_are_said(kept: Path) -> None:
    row = row_called("lenet5-v2")
    put(kept / row.sweep / row.name, row, 0.88, epochs=12)
    page = open_page("experiments", table="LeNet-5")
    assert page.dataframe[0].value["epochs"].tolist() == ["100", "100", "12 of 100"]
    assert "Ours (12 of 100 epochs) is 1.61 points below" in words(page)
    assert "Shortened: the report trained 100 epochs." in words(page)


def test_a_run_of_another_recipe_or_not_finished_is_not_taken_for_the_rows(kept: Path) -> None:
    row = row_called("adam-512-20-0.5")
    put(kept / row.sweep / "more", row, 0.9, epochs=21)
    other = put_own(row, seed=5)
    unfinished = put_own(row, state="stopped")
    assert {other.name, unfinished.name} <= {run.name for run in runs.list_runs()}
    assert set(open_page("experiments").dataframe[0].value["ours"]) == {"not trained yet"}


def put_own(row: Row, state: str = "finished", seed: int = 1) -> Run:
    recipe = row.full_recipe.model_copy(update={"seed": seed})
    run = runs.create(recipe, f"{row.run_name}-{state}-{seed}")
    run.write_status(
        run.status().model_copy(update={"state": state, "epoch": recipe.epochs, "validation_accuracy": 0.8})
    )
    return run


def test_ones_own_run_that_was_not_tested_yet_says_so() -> None:
    row = row_called("adam-512-20-0.5")
    put_own(row)
    page = open_page("experiments", experiment=row.name)
    assert page.dataframe[0].value["ours"].tolist().count("not tested") == 1
    assert "Not tested yet" in words(page)
    assert len(page.get("plotly_chart")) == 1


def own(name: str) -> Sweep:
    return read(paths.RECIPES / f"{name}.toml")


def test_seeds_are_told_with_their_mean_and_deviation(kept: Path) -> None:
    sweep = own("flagship")
    for row, accuracy in zip(sweep.rows, (0.90, 0.91, 0.905, 0.8), strict=True):
        put(kept / row.sweep / row.name, row, accuracy)
    page = open_page("experiments", table=sweep.title)
    assert "Mean of 3 seeds: **90.50%**, standard deviation 0.50%." in words(page)
    shown = page.dataframe[0].value
    assert shown["row"].tolist() == ["seed-1", "seed-2", "seed-3", "nearly-all-rows"]
    assert shown["ours"].tolist() == ["90.00%", "91.00%", "90.50%", "80.00%"]
    assert "report" not in shown


def test_what_a_row_learned_from_is_told_by_its_name(kept: Path) -> None:
    sweep = own("flagship-further")
    put(kept / sweep.name / "seed-1", sweep.rows[0], 0.9)
    told = words(open_page("experiments", table=sweep.title))
    assert "Epoch 2 of 14, chosen on the last 3 rows of the training part" in told
    assert "trained on 9 others, 2 of them from the test part of EMNIST MNIST; seed 1; batch normalisation" in told


def test_one_seed_is_no_mean_and_another_recipe_is_no_seed(kept: Path) -> None:
    sweep = own("flagship")
    put(kept / sweep.name / "seed-2", sweep.rows[1], 0.9)
    assert results.across_seeds(sweep) is None
    cnn = results.report()[0]
    for row in cnn.rows[:3]:
        put(kept / row.sweep / row.name, row, 0.9)
    assert len({row.full_recipe.seed for row in cnn.rows}) == 1
    assert results.across_seeds(cnn) is None


def test_ablations_stand_on_validation_alone(kept: Path) -> None:
    ablations = own("ablations")
    assert ablations.title not in open_page("experiments").button_group(key="table").options
    row = ablations.rows[1]
    put(kept / row.sweep / row.name, row, 0.9, test=False)
    page = open_page("experiments", table=ablations.title, experiment=row.name)
    assert page.dataframe[0].value.iloc[1][["validation", "ours"]].tolist() == ["75.00%", "not tested"]
    assert "none of them is read on the test part" in words(page)
    assert "Not tested yet" not in words(page)
    assert len(page.get("plotly_chart")) == 1


def test_another_row_can_be_chosen() -> None:
    page = open_page("experiments")
    sound(page.selectbox(key="experiment").select("adadelta-512-20-0.5").run())
    assert "--row adadelta-512-20-0.5" in page.info[0].value
    assert figures(page)["The report"] == "14.39%"


def test_what_the_project_keeps_are_finished_rows_without_weights_or_answers() -> None:
    for folder in (paths.PROJECT / "experiments").glob("*/*"):
        untested = {"recipe.json", "status.json", "metrics.jsonl", "checksums.json"}
        assert {path.name for path in folder.iterdir()} in (untested, untested | {"evaluation.json"})
        assert (folder / "evaluation.json").exists() == (folder.parent.name != "ablations")


def test_rows_above_the_whole_recipe_are_explained(kept: Path) -> None:
    sweep = own("ablations")
    for row, validation in zip(sweep.rows, (0.868, 0.865, 0.872, 0.880), strict=False):
        put(kept / sweep.name / row.name, row, 0.9, test=False, validation=validation)
    told = words(open_page("experiments", table=sweep.title))
    assert f"**2 rows validate above {sweep.rows[0].name}**, 1 of them inside its 95 % interval of 86.0–87.6" in told
    assert f"{sweep.rows[3].name} lies above it" in told
    put(kept / sweep.name / sweep.rows[0].name, sweep.rows[0], 0.9, test=False, validation=0.89)
    assert "validate above" not in words(open_page("experiments", table=sweep.title))


def test_an_empty_selection_shows_the_first_table() -> None:
    page = open_page("experiments", table="LeNet-5")
    sound(page.button_group(key="table").set_value([]).run())
    assert "sweep recipes/report-cnn.toml" in words(page)
