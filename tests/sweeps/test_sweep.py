"""Sweeps: what a file may say, what is trained, skipped and refused, and the files that come with the project."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from emnist_core import cli, paths, runs
from emnist_core.errors import RunError
from emnist_core.evaluation.intervals import wilson
from emnist_core.files import read_json
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.sweeps import results
from emnist_core.sweeps.plan import plan, should_prune
from emnist_core.sweeps.spec import Sweep, read

TINY = """
title = "Tiny"
[recipe]
model = "lenet5"
dataset_kind = "sample"
train_images = 512
batch_size = 64
[[row]]
name = "one"
epochs = 1
report_accuracy = 0.5
note = "Of one epoch."
[[row]]
name = "two"
epochs = 2
seed = 2
test = false
"""

# The report's three tables, as it prints them.
CNN = """
| adam      | 512        | 10    | 0.5     | 0.3617 | 0.8770   |
| adam      | 512        | 10    | 0.2     | 0.3569 | 0.8779   |
| adam      | 512        | 20    | 0.5     | 0.3474 | 0.8825   |
| adam      | 512        | 20    | 0.2     | 0.3885 | 0.8782   |
| adam      | 1024       | 10    | 0.5     | 0.3749 | 0.8700   |
| adam      | 1024       | 10    | 0.2     | 0.3620 | 0.8753   |
| adam      | 1024       | 20    | 0.5     | 0.3691 | 0.8724   |
| adam      | 1024       | 20    | 0.2     | 0.3636 | 0.8801   |
| adamax    | 512        | 20    | 0.5     | 0.3663 | 0.8735   |
| adamax    | 512        | 20    | 0.2     | 0.3649 | 0.8777   |
| adamax    | 1024       | 20    | 0.5     | 0.3861 | 0.8675   |
| adamax    | 1024       | 20    | 0.2     | 0.3783 | 0.8705   |
| adadelta  | 512        | 20    | 0.5     | 3.7389 | 0.1439   |
"""
LENET = [("lenet5", 100, 0.8625), ("lenet5-v2-32", 100, 0.8646), ("lenet5-v2", 100, 0.8961)]
RECIPES = sorted(paths.RECIPES.glob("*.toml"))


def written(folder: Path, text: str, name: str = "tiny.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return written(tmp_path, TINY)


def begun(recipe: Recipe, name: str, state: str) -> Run:
    """A run that nobody trained, in some state."""
    run = runs.create(recipe, name)
    status = run.status()
    status.state = state  # type: ignore[assignment]
    run.write_status(status)
    return run


def to_do(sweep: Sweep, prune: bool = False) -> dict[str, str]:
    return {step.row.name: step.to_do for step in plan(sweep, prune)}


# Files


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_file_that_comes_with_the_project_is_sound(path: Path):
    sweep = read(path)
    assert sweep.rows
    assert f"python -m emnist_core sweep recipes/{path.name}" in path.read_text(encoding="utf-8")


def test_the_cnn_rows_are_the_reports():
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in CNN.strip().splitlines()]
    report = [
        (o, int(batch), int(epochs), float(dropout), float(accuracy))
        for o, batch, epochs, dropout, _, accuracy in cells
    ]
    sweep = read(paths.RECIPES / "report-cnn.toml")
    ours = [
        (r.recipe.optimizer, r.recipe.batch_size, r.recipe.epochs, r.recipe.dropout, r.report_accuracy)
        for r in sweep.rows
    ]
    assert ours == report
    assert [row.name for row in sweep.rows] == [f"{o}-{b}-{e}-{d}" for o, b, e, d, _ in report]


def test_the_lenet_and_resnet_rows_are_the_reports():
    lenet, resnet = read(paths.RECIPES / "report-lenet.toml"), read(paths.RECIPES / "report-resnet.toml")
    assert [(row.recipe.model, row.recipe.epochs, row.report_accuracy) for row in lenet.rows] == LENET
    [row] = resnet.rows
    assert (row.recipe.model, row.recipe.batch_size, row.recipe.epochs) == ("resnet34", 64, 30)
    assert row.report_accuracy == 0.8260


def test_the_reports_recipes_are_plain_and_each_says_why():
    for sweep in results.report():
        for row in sweep.rows:
            recipe = row.recipe
            assert (recipe.learning_rate, recipe.schedule, recipe.augmentation) == (None, "constant", "none")
            assert (recipe.dataset_kind, recipe.prior, recipe.label_smoothing, recipe.weight_average) == (
                "emnist",
                "data",
                0,
                0,
            )
            assert re.fullmatch(r"[A-Z].*\.", row.note or "")


def test_the_shipped_models_recipes_can_be_trained_again():
    ours = {row.name: row.recipe for row in read(paths.RECIPES / "ours.toml").rows}
    shipped = {path.parent.name: Recipe.parse(read_json(path)) for path in paths.SHIPPED_RUNS.glob("*/recipe.json")}
    assert ours == shipped


def test_a_row_overrides_what_is_common(tiny: Path):
    one, two = read(tiny).rows
    assert (one.recipe.model, one.recipe.epochs, one.recipe.seed) == ("lenet5", 1, 1)
    assert (two.recipe.model, two.recipe.epochs, two.recipe.seed) == ("lenet5", 2, 2)
    assert (one.settings, one.report_accuracy, one.note, one.test) == ({"epochs": 1}, 0.5, "Of one epoch.", True)
    assert (two.run_name, two.test) == ("tiny-two", False)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[row", "tiny.toml is not TOML"),
        ("", "tiny.toml has nothing to train"),
        ("[[rows]]\nname='a'", "tiny.toml: rows: Extra inputs are not permitted."),
        ("[[row]]\nepochs=1", "tiny.toml, row 1: name: Field required."),
        ("[[row]]\nname='a/b'", "tiny.toml, row a/b: name: Value error, use letters"),
        ("[[row]]\nname='a'\n[[row]]\nname='a'\nseed=2", "two rows called a"),
        ("[[row]]\nname='a'\n[[row]]\nname='b'\nepochs=0", "tiny.toml, row b: epochs: Input should be greater than or"),
        ("[[row]]\nname='a'\nlr=0.1", "tiny.toml, row a: lr: there is no such setting"),
        ("[[row]]\nname='a'\nreport_accuracy=88.25", "tiny.toml, row a: report_accuracy: Input should be less than or"),
        ("[recipe]\nmodel='lenet6'\n[[row]]\nname='a'", "tiny.toml, row a: model: there is no 'lenet6'"),
        ("row = 3", "tiny.toml: row: Input should be a valid list."),
        ("row = [3]", "tiny.toml, row 1: row: Input should be a valid dictionary"),
        ("[search]\ntrials=2", "search: it varies nothing"),
        ("[search]\nseed=[1]", "tiny.toml: search.trials: Field required."),
        ("[search]\ntrials=2\ndropout=0.5", "search: dropout: give {low"),
        ("[search]\ntrials=2\nlearning_rate={low=0, high=0.1, log=true}", "search: learning_rate: low must be"),
        ("[search]\ntrials=2\nepochs={low=0, high=3}", "search: epochs: Input should be greater than or"),
        ("[search]\ntrials=2\noptimizer=['adam', 'lion']", "search: optimizer: Input should be"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_a_sentence(text: str, sentence: str, tmp_path: Path):
    with pytest.raises(RunError, match=re.escape(sentence)) as refused:
        read(written(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(RunError, match=r"none.toml cannot be read"):
        read(tmp_path / "none.toml")


def test_at_most_shortens_and_says_so(tiny: Path):
    one, two = read(tiny).at_most(1).rows
    assert (one.recipe.epochs, one.is_shortened, one.run_name) == (1, False, "tiny-one")
    assert (two.recipe.epochs, two.is_shortened, two.run_name) == (1, True, "tiny-two-1-epochs")


# Plans


def test_what_is_done_is_skipped_and_what_was_broken_off_is_trained_again(tiny: Path):
    sweep = read(tiny)
    assert to_do(sweep) == {"one": "train", "two": "train"}
    begun(sweep.rows[0].recipe, "tiny-one", "finished")
    run = begun(sweep.rows[1].recipe, "tiny-two", "training")  # by a process that is not there: lost
    assert run.status().state == "lost"
    assert to_do(sweep) == {"one": "nothing", "two": "train again"}
    for state, expected in (("failed", "train again"), ("stopped", "train again"), ("finished", "nothing")):
        status = run.status()
        status.state = state  # type: ignore[assignment]
        run.write_status(status)
        assert to_do(sweep)["two"] == expected


def test_another_recipe_under_the_name_is_refused_with_the_setting_named(tiny: Path):
    sweep = read(tiny)
    begun(sweep.rows[0].recipe.model_copy(update={"seed": 7}), "tiny-one", "finished")
    with pytest.raises(RunError, match=r"tiny-one was made with another recipe \(seed: 7, not 1\)"):
        plan(sweep)


def test_the_same_recipe_is_trained_once(tmp_path: Path):
    rows = "".join(f"[[row]]\nname = 'e{epochs}'\nepochs = {epochs}\n" for epochs in (10, 20))
    sweep = read(written(tmp_path, rows))
    assert to_do(sweep) == {"e10": "train", "e20": "train"}
    assert to_do(sweep.at_most(10)) == {"e10": "train", "e20": "with e10"}
    begun(sweep.rows[0].recipe, "tiny-e10", "finished")
    assert to_do(sweep.at_most(10)) == {"e10": "nothing", "e20": "nothing"}
    assert to_do(sweep) == {"e10": "nothing", "e20": "train"}
    shortened = results.find(sweep.rows[1])
    assert shortened is not None
    assert (shortened.run.name, shortened.is_shortened) == ("tiny-e10", True)


def test_a_hopeless_training_is_below_the_median_of_three_others():
    others = [[0.1, 0.5], [0.2, 0.6], [0.3, 0.7]]
    assert should_prune([0.1, 0.59], others)
    assert not should_prune([0.1, 0.6], others)
    assert not should_prune([0.65, 0.1], others)  # its best so far counts
    assert not should_prune([0.0], others[:2])
    assert not should_prune([0.0, 0.0, 0.0], others)  # nobody came that far
    assert not should_prune([], others)


# Training


def swept(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["emnist_core", "sweep", *map(str, arguments)])
    capfd.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0), *capfd.readouterr()


def document(answer: tuple[int, str, str]) -> Any:
    status, out, err = answer
    assert (status, out.count("\n")) == (0, 1), out + err
    return json.loads(out)


def test_a_sweep_from_its_plan_to_what_is_kept_of_it(
    tiny: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    planned = document(swept(capfd, monkeypatch, tiny, "--dry-run", "--json"))
    assert [row["to_do"] for row in planned["rows"]] == ["train", "train"]
    assert not paths.own_runs().exists()

    trained = document(swept(capfd, monkeypatch, tiny, "--json"))
    one, two = trained["rows"]
    assert [(row["state"], row["to_do"]) for row in (one, two)] == [("finished", "nothing")] * 2
    assert (one["n"], one["data"]["is_sample"], one["report_accuracy"]) == (1_880, True, 0.5)
    assert one["interval"] == pytest.approx(wilson(round(one["accuracy"] * one["n"]), one["n"]))
    assert two["accuracy"] is None
    assert [path.name for path in Run(paths.own_runs() / "tiny-two").path.glob("evaluation/*")] == []

    # The second row is what it would have been by itself.
    alone = runs.create(Recipe.parse(two["recipe"]), "alone")
    from emnist_core.training.lifecycle import train

    assert train(alone).validation_accuracy == two["validation_accuracy"]

    changed = {path: path.stat().st_mtime_ns for path in paths.own_runs().glob("tiny-*/model.keras")}
    status, out, _ = swept(capfd, monkeypatch, tiny)
    assert status == 0
    assert "n = 1,880; the report: 50.00%" in out
    assert {path: path.stat().st_mtime_ns for path in changed} == changed

    monkeypatch.setattr(paths, "EXPERIMENTS", tmp_path / "experiments")
    row = read(tiny).rows[0]
    own = results.find(row)
    folder = results.keep(row)
    assert {path.name for path in folder.iterdir()} == {
        "recipe.json",
        "status.json",
        "metrics.jsonl",
        "checksums.json",
        "evaluation.json",
    }
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path / "elsewhere"))
    kept = results.find(row)
    assert own is not None
    assert kept is not None
    assert (own.is_kept, kept.is_kept) == (False, True)
    assert kept.test == own.test
    assert kept.run.metrics("epoch").equals(own.run.metrics("epoch"))
    with pytest.raises(RunError, match="The row two was not trained to its end"):
        results.keep(read(tiny).rows[1])


def test_a_row_that_does_not_fit_the_data_is_refused_before_anything_starts(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    file = written(tmp_path, TINY + "[[row]]\nname = 'big'\nbatch_size = 8000\ntrain_images = 8100\n")
    status, out, err = swept(capfd, monkeypatch, file)
    assert (status, out) == (2, "")
    assert "row big: batch_size: 8000 is more than the" in err.splitlines()[-1]
    assert not paths.own_runs().exists()


def test_a_row_that_fails_does_not_keep_the_others_from_being_trained(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    rows = "[[row]]\nname = 'wild'\noptimizer = 'sgd'\nlearning_rate = 10\nepochs = 3\nmodel = 'vanilla-cnn'\n"
    common = "[recipe]\nmodel = 'lenet5'\nsource = 'sample'\ntrain_images = 64\nbatch_size = 64\nepochs = 1\n"
    file = written(tmp_path, f"{common}{rows}[[row]]\nname = 'calm'\ntest = false\n")
    from emnist_core.sweeps import train

    real = train.train

    def diverge(run: Run, callbacks: Any) -> Any:
        if run.name.endswith("wild"):
            raise RunError("The loss is no longer a number; choose a smaller learning rate.")
        return real(run, callbacks)

    monkeypatch.setattr(train, "train", diverge)
    status, out, err = swept(capfd, monkeypatch, file)
    assert status == 2
    assert "wild: The loss is no longer a number" in out
    assert "calm: epoch 1 of 1" in out
    assert err.splitlines()[-1] == "Not trained: wild; the same command tries again."


def test_a_pruned_row_says_so_and_stays_pruned(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("emnist_core.sweeps.plan.FEWEST_TO_COMPARE_WITH", 1)
    rows = "[[row]]\nname = 'good'\nlearning_rate = 0.003\n[[row]]\nname = 'slow'\nlearning_rate = 0.000001\n"
    common = "[recipe]\nmodel = 'lenet5'\nsource = 'sample'\ntrain_images = 512\nbatch_size = 32\nepochs = 2\n"
    file = written(tmp_path, common + rows)
    pruned = document(swept(capfd, monkeypatch, file, "--prune", "--json"))["rows"][1]
    assert (pruned["state"], pruned["to_do"]) == ("pruned", "nothing")
    run = Run(paths.own_runs() / "tiny-slow")
    assert run.status().message == "Pruned after epoch 1: below the median of the finished rows."
    assert len(run.metrics("epoch")) == 1
    assert to_do(read(file)) == {"good": "nothing", "slow": "train again"}


def test_a_search_is_trials_that_go_on_where_they_were(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    text = (
        "[recipe]\nmodel = 'lenet5'\nsource = 'sample'\ntrain_images = 128\nepochs = 1\n"
        "[search]\ntrials = 1\nlearning_rate = {low = 1e-4, high = 1e-2, log = true}\nbatch_size = [32, 64]\n"
    )
    [first] = document(swept(capfd, monkeypatch, written(tmp_path, text), "--json"))["trials"]
    more = document(swept(capfd, monkeypatch, written(tmp_path, text.replace("trials = 1", "trials = 2")), "--json"))
    assert len(more["trials"]) == 2
    assert first in more["trials"]
    accuracies = [trial["validation_accuracy"] for trial in more["trials"]]
    assert accuracies == sorted(accuracies, reverse=True)
    for trial in more["trials"]:
        run = Run(paths.own_runs() / trial["run"])
        assert {name: getattr(run.recipe, name) for name in trial["settings"]} == trial["settings"]
        assert run.status().validation_accuracy == trial["validation_accuracy"]
        assert not (run.path / "evaluation").exists()  # the test part chooses nothing


def test_a_trial_whose_process_was_killed_is_taken_up_by_another_that_shares_the_study(tmp_path: Path):
    file = written(
        tmp_path,
        "[recipe]\nmodel = 'lenet5'\nsource = 'sample'\ntrain_images = 3200\nbatch_size = 32\nepochs = 4\n"
        f"[search]\ntrials = 2\nstorage = '{tmp_path / 'shared.journal'}'\n"
        "learning_rate = {low = 1e-4, high = 1e-2, log = true}\n",
    )

    def start(home: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "emnist_core", "sweep", str(file), "--json"],
            cwd=paths.PROJECT,
            env=os.environ | {"EMNIST_HOME": str(tmp_path / home)},
            stdout=subprocess.PIPE,
            text=True,
        )

    first = start("one")
    run = Run(tmp_path / "one" / "runs" / "tiny-trial-0")
    while not run.checkpoint_file.exists():
        assert first.poll() is None
        time.sleep(0.05)
    first.kill()
    first.communicate()
    reached = run.status().step
    assert 0 < reached < 400
    second = start("two")
    trials = json.loads(second.communicate()[0])["trials"]
    assert sorted(trial["run"] for trial in trials) == ["tiny-trial-0", "tiny-trial-1"]
    assert all(trial["validation_accuracy"] is not None for trial in trials)
    assert (run.status().state, run.status().step) == ("finished", 400)
    assert len(run.metrics("epoch")) == 4
    assert not (tmp_path / "two" / "runs" / "tiny-trial-0").exists()
