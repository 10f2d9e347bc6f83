"""Runs with files that are missing, cut off or nonsense: every page still opens, and says what is wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from emnist_core import data
from emnist_core.evaluation.store import evaluate
from emnist_core.runs import Run, checksums
from tests.helpers.pages import copy_run, figures, open_page, sample_title, sound, words

DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: b"",
    "cut-off": lambda content: content[: len(content) // 2],
    "binary": lambda content: b"\xff\xfe\x00" + content[::-1],
    "list": lambda _: b"[1]",
}
FILES = (
    "recipe.json",
    "status.json",
    "metrics.jsonl",
    "model.tflite",
    "serving.json",
    "evaluation/*/metrics.json",
    "evaluation/*/predictions.npz",
)


def damage(run: Path, pattern: str, change: Callable[[bytes], bytes | None]) -> None:
    """Change every file of ``run`` that ``pattern`` names; at least one."""
    files = list(run.glob(pattern))
    assert files
    for file in files:
        content = change(file.read_bytes())
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_damaged_runs_beside_a_sound_one(file: str, shipped: Path) -> None:
    evaluate(Run(copy_run("lenet5", shipped / "lenet5")), data.load("balanced", "test", "sample"))
    for name, change in DAMAGES.items():
        damage(copy_run("lenet5", shipped / name), file, change)

    table = open_page("home").get("html")[0].value
    assert table.count("✓") + table.count("✗") >= 9, "the sound run has no answers"
    open_page("sketch")
    for page, parameters in (("train", {}), ("confusion", {"data": sample_title()})):
        opened = open_page(page, run="lenet5", **parameters)
        assert not opened.error
        offered = opened.selectbox(key="run").options
        for name in DAMAGES.keys() & set(offered):
            damaged = open_page(page, run=name, **parameters)
            assert damaged.error or figures(damaged), words(damaged)


@pytest.mark.parametrize(
    ("page", "file", "sentence"),
    [
        ("train", "status.json", "status.json of the run lenet5 is damaged; train it again or delete it."),
        ("train", "recipe.json", "recipe.json of the run lenet5 is damaged; train it again or delete it."),
        ("confusion", "model.tflite", "model.tflite of the run lenet5 is damaged; `python -m emnist_core export`"),
        ("home", "model.tflite", "model.tflite of the run lenet5 is damaged; `python -m emnist_core export`"),
    ],
)
def test_says_which_file_and_what_to_do(page: str, file: str, sentence: str, shipped: Path) -> None:
    run = copy_run("lenet5", shipped / "lenet5")
    damage(run, file, DAMAGES["cut-off"])
    for folder in (run / "evaluation").iterdir():
        (folder / "metrics.json").unlink()
    assert sentence in words(open_page(page)).replace("&#x27;", "'")


def test_curves_of_a_damaged_log_leave_out_what_cannot_be_read(shipped: Path) -> None:
    run = copy_run("lenet5", shipped / "lenet5")
    damage(run, "metrics.jsonl", lambda content: b'3\n"x"\n{"kind": "epoch"}\n\xff\n' + content[:-40])
    page = open_page("train")
    assert not page.get("bidi_component")
    assert [error.value for error in page.error] == [
        "metrics.jsonl of the run lenet5 is damaged; delete that file to see the rest without its curves."
    ]
    assert figures(page)
    (run / checksums.FILE).unlink()  # whoever mended a file by hand
    drawn = json.loads(open_page("train").get("bidi_component")[0].proto.json)
    assert max(len(line["x"]) for panel in drawn["panels"] for line in panel["lines"]) > 1


def test_a_run_deleted_while_it_is_watched(home: Path) -> None:
    run = copy_run("lenet5", home / "runs" / "mine")
    page = open_page("train", run="mine")
    damage(run, "*.json", DAMAGES["missing"])
    sound(page.run())
    assert page.selectbox(key="run").value != "mine"


def test_the_home_folder_is_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("in the way")
    monkeypatch.setenv("EMNIST_HOME", str(home / "file"))
    for name in ("home", "explore", "confusion", "sketch"):
        assert not open_page(name).error
    page = open_page("train")
    [start] = [button for button in page.button if button.label == "Start training"]
    sound(start.click().run())
    assert "EMNIST_HOME" in page.error[0].value
