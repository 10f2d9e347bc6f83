"""The command line: JSON that is JSON and nothing else, mistakes in one line, exit status 2."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from statsmodels.stats.proportion import proportion_confint

from emnist_core import cli, data, paths, runs
from emnist_core.cli import output
from emnist_core.evaluation.grouped import merge_classes
from emnist_core.evaluation.groups import AMBIGUOUS
from emnist_core.evaluation.store import evaluate
from emnist_core.ink import conversion
from emnist_core.ink.picture import read_picture
from emnist_core.models import MODELS
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.serving.recognizer import recognizer
from emnist_core.splits import SPLITS
from tests.helpers.shipped import as_if_trained_on_the_sample, copy_of

QUICK = Recipe(model="lenet5", split="digits", dataset_kind="sample", train_images=64, batch_size=32, epochs=1)
QUICK_OPTIONS = [word for name in QUICK.model_fields_set for word in ("--set", f"{name}={getattr(QUICK, name)}")]


@dataclass
class Answer:
    """What a command gave."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout: one line, with nothing beside it."""
        assert (self.status, len(self.out.splitlines())) == (0, 1), self.out + self.err
        return json.loads(self.out)


Call = Callable[..., Answer]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command in this process; also what C libraries print is caught."""

    def called(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["emnist_core", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Answer(int(ended.value.code or 0), *capfd.readouterr())

    return called


def child(*arguments: object, program: str | None = None) -> Answer:
    """Run a command in a process of its own."""
    command = [sys.executable, *(["-c", program] if program else ["-m", "emnist_core"]), *map(str, arguments)]
    done = subprocess.run(command, cwd=paths.PROJECT, capture_output=True, text=True, check=False)
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def run(home: Path) -> Run:
    """A run of one's own that can be evaluated."""
    return copy_of("lenet5", home / "runs")


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Two characters of the sample as large pictures, dark on light."""
    paths = [tmp_path / "one.png", tmp_path / "zwei ü.png"]
    for path, image in zip(paths, data.load("balanced", "test", "sample").images[:2], strict=True):
        Image.fromarray(255 - image).resize((280, 280), Image.Resampling.BICUBIC).save(path)
    return paths


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
    assert all(
        list(row)
        == [
            "name",
            "model",
            "split",
            "status",
            "accuracy",
            "data",
            "parameters",
            "protocol",
        ]
        for row in rows
    )
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


# Terminals of all kinds


def in_a_terminal(encoding: str) -> dict[str, str]:
    """The environment of a person's terminal, without what another test may have asked of TensorFlow's log."""
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return environment | {"PYTHONIOENCODING": encoding}


@pytest.mark.parametrize("encoding", ["cp932", "cp1252", "latin-1", "ascii"])
def test_output_in_a_terminal_that_is_not_utf_8(encoding: str, pictures: list[Path], tmp_path: Path):
    picture = pictures[0].rename(tmp_path / "Ωmega é 字.png")

    def printed(*arguments: object) -> str:
        command = [sys.executable, "-m", "emnist_core", *map(str, arguments)]
        environment = in_a_terminal(encoding)
        done = subprocess.run(command, cwd=paths.PROJECT, env=environment, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode(encoding)

    assert json.loads(printed("predict", picture, "--json"))[0]["file"] == str(picture)
    assert "95 % interval" in printed("evaluate", "lenet5", "--dataset-kind", "sample")


def test_a_mistake_about_a_name_that_the_terminal_lacks_is_a_line_too():
    command = [sys.executable, "-m", "emnist_core", "predict", "Ωmega – 字.png"]
    environment = in_a_terminal("latin-1")
    done = subprocess.run(command, cwd=paths.PROJECT, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert r"\u03a9mega - \u5b57.png" in done.stderr.decode("latin-1")
    assert len(done.stderr.splitlines()) == 1


def test_columns_stand_below_one_another_where_names_are_written_as_escapes(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(output, "screen", Console(file=io.TextIOWrapper(io.BytesIO(), "latin-1"), width=80))
    output.show(None, False, "Runs", [{"name": "наме", "on": "a"}, {"name": "short", "on": "b"}])
    output.screen.file.flush()
    written = output.screen.file.buffer.getvalue().decode("latin-1").splitlines()  # type: ignore[attr-defined]
    rows = [line for line in written if "|" in line]
    assert any(r"\u043d" in line for line in rows)
    assert len({line.index("|") for line in rows}) == 1


@pytest.mark.parametrize("name", ["a [draft].png", "v[/old/a].png", "[bold]b.png", "a :smile: b.png"])
def test_brackets_in_a_path_are_printed_as_they_are(
    call: Call, name: str, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    pictures[0].rename(name)
    answer = call("predict", name)
    assert (answer.status, answer.err) == (0, "")
    assert name in answer.out


def test_what_c_libraries_log_is_not_among_our_lines_unless_it_was_asked_for(monkeypatch: pytest.MonkeyPatch):
    program = """
import os, sys
from emnist_core.cli.output import prepared_streams
with prepared_streams():
    os.write(2, b"E0000 cuda\\n")
    print("ours", file=sys.stderr)
os.write(2, b"after\\n")
"""
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    assert child(program=program).err == "ours\nafter\n"
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    assert child(program=program).err == "E0000 cuda\nours\nafter\n"


def test_without_a_stderr_commands_answer_and_fail_as_ever():
    def status(*arguments: str) -> int:
        command = ["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-m", "emnist_core", *arguments]
        return subprocess.run(command, cwd=paths.PROJECT, stdout=subprocess.DEVNULL, check=False).returncode

    assert (status("splits", "--json"), status("evaluate", "nobody")) == (0, 2)


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


# Mistakes


MISTAKES = {
    "command": (["frobnicate"], "No such command 'frobnicate'"),
    "option": (["runs", "--colour"], "No such option: --colour"),
    "no-argument": (["evaluate"], "Missing argument"),
    "run": (["evaluate", "nobody"], "There is no run called nobody"),
    "run-too-long": (["evaluate", "a" * 300], "There is no run called aaa"),
    "run-in-two-lines": (["evaluate", "a\nb"], "There is no run called a b"),
    "run-is-a-folder": (["evaluate", "/"], "There is no run called /"),
    "split": (["evaluate", "lenet5", "--split", "kuzushiji"], "There is no split called 'kuzushiji'"),
    "split-of-other-classes": (["evaluate", "lenet5", "--split", "digits"], "choose a split with the same classes"),
    "part": (["evaluate", "lenet5", "--part", "middle"], "'middle' is not one of 'train', 'test'"),
    "source": (["evaluate", "lenet5", "--source", "internet"], "'internet' is not one of"),
    "not-fetched": (["evaluate", "lenet5", "--source", "emnist"], "has not been fetched; fetch it with"),
    "fetch-split": (["fetch", "nothing", "--from", "."], "There is no split called 'nothing'"),
    "fetch-folder": (["fetch", "digits", "--from", "/nowhere/at/all"], "/nowhere/at/all"),
    "fetch-from-two-places": (["fetch", "digits", "--from", ".", "--url", "http://x/"], "give one of them"),
    "fetch-source": (["fetch", "digits", "--source", "moon"], "no source called moon; choose one of nist"),
    "fetch-url": (["fetch", "digits", "--url", "here"], "here is not an address"),
    "fetch-nobody": (["fetch", "digits", "--url", "http://127.0.0.1:9/gzip.zip"], "could not be reached"),
    "serve-nothing": (["serve-mirror", "--port", "0"], "There is nothing to serve yet"),
    "image": (["predict", "nothing.png"], "nothing.png cannot be read (No such file or directory)"),
    "image-is-a-folder": (["predict", "/tmp"], "/tmp cannot be read (Is a directory)"),
    "image-is-none": (["predict", __file__], "test_cli.py: "),
    "predict-run": (["predict", __file__, "--run", "nobody"], "There is no run called nobody"),
    "top": (["predict", __file__, "--top", "0"], "'--top': Input should be greater than or equal to 1. Try --help."),
    "set-without-value": (["train", "--set", "epochs"], "--set epochs is not a setting; write name=value"),
    "set-nonsense": (["train", "--set", "epochs=0"], "epochs: Input should be greater than or equal to 1, not 0."),
    "set-unknown": (["train", "--set", "momentum=1"], "momentum: there is no such setting"),
    "set-model": (["train", "--set", "model=lenet6"], "model: there is no 'lenet6'; choose one of"),
    "set-list": (["train", "--set", "epochs=[1]"], "epochs: Input should be a valid integer"),
    "recipe-missing": (["train", "--recipe", "nothing.json"], "nothing.json cannot be read as JSON"),
    "recipe-bad": (["train", "--recipe", __file__], "test_cli.py cannot be read as JSON"),
    "train-run": (["train", "--run", "nobody"], "There is no run called nobody"),
    "train-shipped": (["train", "--run", "lenet5"], "The run lenet5 came with the project"),
    "train-run-and-set": (["train", "--run", "lenet5", "--set", "epochs=2"], "leave --recipe, --name, --folder, --set"),
    "train-name": (["train", "--name", "a/b"], "'a/b' cannot name a run"),
    "export-run": (["export", "nobody"], "There is no run called nobody"),
    "export-precision": (["export", "lenet5", "--precision", "int4"], "'int4' is not one of"),
}


# A run that shall be trained is first looked at by what trains it.
SLOW = {"train-shipped", "train-name"}


@pytest.mark.parametrize(
    "mistake", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in MISTAKES]
)
@pytest.mark.parametrize("as_json", [False, True], ids=["table", "json"])
def test_a_mistake_is_one_line_on_stderr_and_exit_status_2(call: Call, mistake: str, as_json: bool):
    arguments, expected = MISTAKES[mistake]
    answer = call(*arguments, *(["--json"] if as_json else []))
    assert (answer.status, answer.out) == (2, "")
    (line,) = answer.err.splitlines()
    assert expected in line


def test_a_recipe_file_that_holds_no_settings_is_refused(call: Call, tmp_path: Path):
    (tmp_path / "recipe.json").write_text("[1, 2]")
    answer = call("train", "--recipe", tmp_path / "recipe.json")
    assert (answer.status, answer.out) == (2, "")
    assert "holds no settings; give a recipe file like a run's recipe.json." in answer.err


@pytest.mark.slow
def test_a_home_that_cannot_be_written_is_told_in_one_line(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path / "file" / "home"))
    answer = call("train", *QUICK_OPTIONS)
    assert (answer.status, answer.out) == (2, "")
    assert "cannot be written (Not a directory); set EMNIST_HOME" in answer.err.splitlines()[-1]
    assert call("runs", "--json").status == 0
    assert call("evaluate", "lenet5", "--json").status == 0


def test_a_mistake_in_a_process_of_its_own():
    answer = child("evaluate", "nobody", "--json")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == "There is no run called nobody; `python -m emnist_core runs` lists them.\n"


@pytest.mark.parametrize("command", ["train", "export"])
def test_without_tensorflow_training_and_export_say_so_in_one_line(command: str, home: Path):
    program = f"""
import sys
sys.modules["keras"] = sys.modules["tensorflow"] = None  # as if they were not installed
sys.argv = ["emnist_core"] + {["train"] if command == "train" else ["export", "lenet5"]}
from emnist_core.cli import main
main()
"""
    answer = child(program=program)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("This needs TensorFlow, which is not installed; `pip install -r requirements.txt`, or")
    assert len(answer.err.splitlines()) == 1
    assert not (home / "runs").exists()


def test_help_is_not_a_mistake(call: Call):
    answer = call("--help")
    assert (answer.status, answer.err) == (0, "")
    assert "evaluate" in answer.out


def test_nothing_at_all_gives_the_help(call: Call):
    answer = call()
    assert answer.status == 2
    assert "evaluate" in answer.out
    assert answer.err == "Try --help.\n"
