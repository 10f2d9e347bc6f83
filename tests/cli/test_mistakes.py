"""A mistake is one line on stderr and exit status 2."""

from pathlib import Path

import pytest

from tests.helpers.command_line import QUICK_OPTIONS, Call, child

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
    "image-is-none": (["predict", __file__], "test_mistakes.py: "),
    "predict-run": (["predict", __file__, "--run", "nobody"], "There is no run called nobody"),
    "top": (["predict", __file__, "--top", "0"], "'--top': Input should be greater than or equal to 1. Try --help."),
    "set-without-value": (["train", "--set", "epochs"], "--set epochs is not a setting; write name=value"),
    "set-nonsense": (["train", "--set", "epochs=0"], "epochs: Input should be greater than or equal to 1, not 0."),
    "set-unknown": (["train", "--set", "momentum=1"], "momentum: there is no such setting"),
    "set-model": (["train", "--set", "model=lenet6"], "model: there is no 'lenet6'; choose one of"),
    "set-list": (["train", "--set", "epochs=[1]"], "epochs: Input should be a valid integer"),
    "recipe-missing": (["train", "--recipe", "nothing.json"], "There is no recipe nothing.json"),
    "recipe-bad": (["train", "--recipe", __file__], "test_mistakes.py cannot be read as JSON"),
    "train-run": (["train", "--run", "nobody"], "There is no run called nobody"),
    "train-shipped": (["train", "--run", "lenet5"], "The run lenet5 came with the project"),
    "train-run-and-set": (["train", "--run", "lenet5", "--set", "epochs=2"], "leave --recipe, --name, --folder, --set"),
    "train-name": (["train", "--name", "a/b"], "'a/b' cannot name a run"),
    "pack-run": (["pack", "nobody"], "There is no run called nobody"),
    "pack-nowhere": (["pack", "lenet5", "--to", "/proc/x.zip"], "/proc/x.zip cannot be written"),
    "unpack-nothing": (["unpack", "nothing.zip"], "There is no file nothing.zip"),
    "unpack-no-zip": (["unpack", __file__], "This is no run as `Export` writes it"),
    "export-run": (["export", "nobody"], "There is no run called nobody"),
    "export-nowhere": (["export", "lenet5", "--format", "html", "--output", "/proc/x.html"], "choose another --output"),
    "export-output": (["export", "lenet5", "--output", "x.html"], "--output is for --format html"),
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
