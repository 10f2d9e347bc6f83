"""What commands answer: JSON that is JSON and nothing else, or a table."""

import json
from pathlib import Path

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from emnist_core import data, runs
from emnist_core.evaluation.evaluation import merge_classes
from emnist_core.evaluation.groups import AMBIGUOUS
from emnist_core.evaluation.store import evaluate
from emnist_core.ink import conversion
from emnist_core.ink.picture import read_picture
from emnist_core.models import MODELS
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.serving.recognizer import recognizer
from emnist_core.splits import SPLITS
from tests.helpers.command_line import QUICK, QUICK_OPTIONS, Call, child
from tests.helpers.shipped import as_if_trained_on_the_sample

# Lists


def test_splits(call: Call):
    rows = {row["name"]: row for row in call("splits", "--json").json}
    assert list(rows) == list(SPLITS)
    balanced = rows["balanced"]
    assert (balanced["classes"], balanced["train"], balanced["test"]) == (47, 112_800, 18_800)
    assert balanced["labels"] == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"


def test_models(call: Call):
    rows = call("models", "--json").json
    assert [row["name"] for row in rows] == list(MODELS)
    assert {
        "name": "lenet5-v2",
        "parameters": 279_019,
        "trainable": 277_891,
        "non_trainable": 1_128,
        "input_shape": [28, 28, 1],
    } in rows


def test_runs(call: Call, run: Run):
    runs.create(Recipe(), "begun")
    (run.path.parent / "broken").mkdir()
    (run.path.parent / "broken" / "recipe.json").write_text("{")
    rows = call("runs", "--json").json
    figures = ("name", "model", "split", "status", "accuracy", "data", "parameters", "protocol")
    assert all(row.keys() >= {*figures, "owner", "tags", "archived", "shown"} for row in rows)
    shipped = next(row for row in rows if row["name"] == "lenet5")
    assert (shipped["model"], shipped["split"], shipped["status"]) == ("lenet5", "balanced", "finished")
    assert 0.8 < shipped["accuracy"] < 0.95
    assert shipped["parameters"] == 64_851
    assert "chosen on the last 7,050 rows" in shipped["protocol"]
    assert "EMNIST" in shipped["data"]
    by_name = {row["name"]: row for row in rows}
    assert (by_name["begun"]["status"], by_name["begun"]["accuracy"]) == ("lost", None)
    assert (by_name["broken"]["status"], by_name["broken"]["model"]) == ("damaged", None)


@pytest.mark.parametrize("command", ["splits", "models", "runs"])
def test_without_json_there_is_a_table(call: Call, command: str):
    answer = call(command)
    assert (answer.status, answer.err) == (0, "")
    assert len(answer.out.splitlines()) > 5
    assert {"splits": "balanced", "models": "279,019", "runs": "lenet5"}[command] in answer.out


def test_a_table_survives_a_run_that_is_damaged(call: Call, home: Path):
    (home / "runs" / "broken").mkdir(parents=True)
    (home / "runs" / "broken" / "recipe.json").write_text("{")
    answer = call("runs")
    assert answer.status == 0
    assert "damaged" in answer.out


def test_runs_take_a_line_each_in_80_columns(call: Call, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    runs.create(Recipe(), "lenet5-v2-balanced-20260101-120000")
    lines = call("runs").out.splitlines()
    names = [row["name"] for row in call("runs", "--json").json]
    begin = next(number for number, line in enumerate(lines) if line.startswith(names[0]))
    assert [line.split()[0] for line in lines[begin : begin + len(names)]] == names
    assert lines[begin + len(names)].startswith("a: EMNIST Balanced")


# Data


def test_fetch(call: Call, tmp_path: Path):
    rows = np.random.default_rng(1).integers(0, 256, (20, 785))
    rows[:, 0] = np.arange(20) % 10
    np.savetxt(tmp_path / "emnist-digits-train.csv", rows, fmt="%d", delimiter=",")
    (fetched,) = call("fetch", "digits", "--from", tmp_path, "--json").json
    assert set(fetched) == {"split", "part", "images", "name", "sha256", "source", "bytes_downloaded", "notes"}
    assert (fetched["source"], fetched["bytes_downloaded"]) == (str(tmp_path), 0)
    assert (fetched["split"], fetched["part"], fetched["images"]) == ("digits", "train", 20)
    assert fetched["sha256"] == data.load("digits", "train", "emnist").sha256
    assert "EMNIST Digits, not the official rows" in call("fetch", "digits", "--from", tmp_path).out


# Evaluation and prediction


def test_evaluate(call: Call, run: Run):
    found = call("evaluate", run.path, "--split", "balanced", "--part", "test", "--json").json
    expected = evaluate(run, data.load("balanced", "test"))
    assert found["n"] == expected.n
    assert (found["accuracy"], found["top5"], found["macro_f1"]) == (
        expected.accuracy,
        expected.top5,
        expected.macro_f1,
    )
    assert tuple(found["interval"]) == pytest.approx(
        proportion_confint(round(found["accuracy"] * found["n"]), found["n"], method="wilson")
    )
    assert found["ambiguity_merged"] == pytest.approx(merge_classes(expected, AMBIGUOUS).accuracy)
    assert 0 < found["ece"] < 0.2
    assert found["data"] == {"name": expected.data_name, "sha256": expected.data_sha256, "is_sample": True}
    assert len(found["per_class"]) == 47
    assert all(set(row) == {"label", "n", "wrong", "precision", "recall", "f1"} for row in found["per_class"])
    confusion = np.array(found["confusion"])
    assert confusion.shape == (47, 47)
    # Rows are true classes: their sums are the supports, and right answers lie on the diagonal.
    assert confusion.sum(axis=1).tolist() == [row["n"] for row in found["per_class"]]
    assert (confusion.sum(axis=1) - np.diag(confusion)).tolist() == [row["wrong"] for row in found["per_class"]]
    assert np.trace(confusion) / confusion.sum() == pytest.approx(found["accuracy"])
    assert (run.path / "README.md").read_text().count("bundled sample") == 1


def test_evaluate_in_a_table(call: Call, run: Run):
    answer = call("evaluate", run.path, "--dataset-kind", "sample")
    assert answer.status == 0
    assert "bundled sample" in answer.out
    assert f"{evaluate(run, data.load('balanced', 'test')).accuracy:.4f}" in answer.out


def test_predict(call: Call, run: Run, pictures: list[Path]):
    found = call("predict", *pictures, "--run", run.path, "--top", 3, "--json").json
    assert [entry["file"] for entry in found] == [str(path) for path in pictures]
    for entry, path in zip(found, pictures, strict=True):
        image = conversion.convert(read_picture(path.read_bytes()).ink).image
        assert entry["top"] == recognizer(run).top(image, 3)
        assert [set(best) for best in entry["top"]] == [{"label", "probability"}] * 3


def test_one_bad_picture_keeps_no_other_from_being_read(call: Call, pictures: list[Path]):
    answer = call("predict", pictures[0], "nothing.png", pictures[1], "--json")
    assert answer.status == 2
    assert [entry["file"] for entry in json.loads(answer.out)] == [str(pictures[0]), str(pictures[1])]
    assert "nothing.png cannot be read" in answer.err


def test_predict_in_a_table_by_the_default_run(call: Call, pictures: list[Path]):
    answer = call("predict", pictures[0])
    assert answer.status == 0
    assert "Read by lenet5-v2" in answer.out
    assert "%" in answer.out


# Training and export


@pytest.mark.slow
def test_train_keeps_stdout_clean_while_tensorflow_talks(tmp_path: Path):
    found = child("train", *QUICK_OPTIONS, "--name", "mine", "--folder", tmp_path, "--json").json
    assert found["run"] == str(tmp_path / "mine")
    assert (found["state"], found["epoch"], found["best_epoch"]) == ("finished", 1, 1)
    run = runs.find(found["run"])
    assert run.recipe == QUICK
    assert found["validation_accuracy"] == run.status().validation_accuracy


@pytest.mark.slow
def test_train_shows_a_line_an_epoch_and_takes_a_recipe_file(call: Call, tmp_path: Path):
    recipe = QUICK.model_copy(update={"epochs": 5})
    (tmp_path / "recipe.json").write_text(recipe.model_dump_json())
    answer = call("train", "--recipe", tmp_path / "recipe.json", "--set", "epochs=2", "--name", "mine")
    assert answer.status == 0, answer.err
    assert "mine  epoch 1/2  loss" in answer.out
    assert "mine  epoch 2/2  loss" in answer.out
    assert runs.find("mine").recipe.epochs == 2


@pytest.mark.slow
def test_train_without_tensorflow_ends_with_what_to_do(call: Call, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    answer = call("train", *QUICK_OPTIONS, "--name", "mine")
    assert answer.status == 0, answer.err
    said = "It has no serving model yet; `python -m emnist_core export mine` makes it under TensorFlow."
    assert answer.out.splitlines()[-1] == said
    assert (runs.find("mine").keras_file.exists(), runs.find("mine").serving_file.exists()) == (True, False)


@pytest.mark.slow
def test_calibrate(call: Call, run: Run):
    as_if_trained_on_the_sample(run)
    found = call("calibrate", run.path, "--json").json
    assert found == {name: (run.serving().model_dump() | {"run": "lenet5"})[name] for name in found}
    assert found["temperature"] == runs.find(str(run.path)).temperature()


@pytest.mark.slow
def test_ensemble(call: Call):
    answer = call("ensemble", "lenet5", "vanilla-cnn", "--dataset-kind", "sample", "--json")
    assert [(row["runs"], row["views"]) for row in answer.json] == [
        (["lenet5"], 1), (["vanilla-cnn"], 1), (["lenet5"], 5), (["vanilla-cnn"], 5),
        (["lenet5", "vanilla-cnn"], 1), (["lenet5", "vanilla-cnn"], 5),
    ]  # fmt: skip
    for row in answer.json:
        low, high = row["interval"]
        assert 0 < low < row["accuracy"] < high < row["ambiguity_merged"] + 0.05
        assert row["n"] == 1880
    alone = call("evaluate", "lenet5", "--dataset-kind", "sample", "--json").json
    assert answer.json[0]["accuracy"] == pytest.approx(alone["accuracy"], abs=1e-3)


@pytest.mark.slow
def test_export(call: Call, run: Run):
    as_if_trained_on_the_sample(run)
    found = call("export", run.path, "--precision", "float32", "--json").json
    assert found == {"run": "lenet5", **run.serving().model_dump()}
    assert found["precision"] == "float32"
    assert found["agreement"] > 0.99
