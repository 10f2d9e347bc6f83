"""Run directories: made, found and listed; damage is told in a sentence and never breaks the rest."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from emnist_core import data, model_card, paths, runs
from emnist_core.cli.runs import list_runs as runs_command
from emnist_core.errors import RunError
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.models import MODELS
from emnist_core.processes import Worker
from emnist_core.recipe import Recipe
from emnist_core.runs import ACTIVE, EPOCH_COLUMNS, STEP_COLUMNS, Run, Status
from tests.helpers.shipped import copy_of

FILES = ("recipe.json", "status.json", "metrics.jsonl", "model.keras", "model.tflite", "serving.json", "README.md")


@pytest.fixture
def run(home: Path) -> Run:
    """A whole run among one's own, evaluated."""
    run = copy_of("lenet5", home / "runs")
    shutil.copytree(paths.SHIPPED_RUNS / "lenet5" / "evaluation", run.path / "evaluation")
    return run


def names(found: list[Run]) -> list[str]:
    return [run.name for run in found if not run.is_shipped]


# Making


def test_a_new_run_holds_its_recipe_and_a_status(home: Path):
    run = runs.create(Recipe(epochs=3), "mine")
    assert run.path == home / "runs" / "mine"
    assert {path.name for path in run.path.iterdir()} == {"recipe.json", "status.json", "checksums.json"}
    assert json.loads((run.path / "recipe.json").read_text()) == Recipe(epochs=3).model_dump(mode="json")
    status = Status.model_validate_json((run.path / "status.json").read_text())
    assert (status.state, status.epochs, status.step) == ("starting", 3, 0)
    assert run.metrics("epoch").empty


def test_a_run_without_a_name_is_named_for_what_it_is():
    run = runs.create(Recipe(model="lenet5", split="letters"))
    assert run.name.startswith("lenet5-letters-2")


def test_a_taken_name_is_refused_and_the_run_is_left_alone():
    first = runs.create(Recipe(epochs=3), "mine")
    with pytest.raises(RunError, match="There is a run called mine already; choose another name"):
        runs.create(Recipe(epochs=9), "mine")
    assert Run(first.path).recipe.epochs == 3


@pytest.mark.parametrize(
    "name",
    [
        "../out",
        "a/b",
        ".hidden",
        "..",
        "a b",
        "a (copy)",
        "😀",
        "a\n",
        "x" * 81,
        "-rf",
        "a\0b",
        "C:\\x",
        "_",
        "con",
        "com¹",
        "NUL.txt",
        "com1",
        "a.",
        "語" * 70,
    ],
)
def test_an_unfit_name_is_refused(name: str, home: Path):
    with pytest.raises(RunError, match="cannot name a run; use letters"):
        runs.create(Recipe(), name)
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("name", ["наме", "ä", "हिन्दी", "訓練-1", "console", "a.b_c-d", "x" * 80])
def test_a_name_in_its_owners_alphabet_is_made_and_found(name: str):
    run = runs.create(Recipe(), name)
    assert runs.find(name).path == run.path
    assert Recipe(teachers=name).teachers == (name,)


@pytest.mark.parametrize("name", ["lenet5", "LeNet5", "se-resnet"])
def test_a_name_of_a_run_that_ships_is_refused_where_the_shipped_one_would_be_found(name: str, tmp_path: Path):
    with pytest.raises(RunError, match=f"A run that ships is called {name}"):
        runs.create(Recipe(), name)
    assert runs.create(Recipe(), name, tmp_path).path == tmp_path / name


@pytest.mark.parametrize("name", ["a1 (copy)", "копия (2)", "a1 – Copy"])
def test_a_copied_folder_is_found_by_the_name_that_is_listed(name: str, run: Run):
    shutil.move(run.path, run.path.with_name(name))
    assert name in names(runs.list_runs())
    assert runs.find(name).path == run.path.with_name(name)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"cannot be written \(Not a directory\); set EMNIST_HOME"):
        runs.create(Recipe(), "mine", tmp_path / "file")


# Finding and listing


def test_a_run_is_found_by_name_and_by_path(run: Run, monkeypatch: pytest.MonkeyPatch):
    shutil.move(run.path, run.path.with_name("mine"))
    path = run.path.with_name("mine")
    assert runs.find("mine").path == path
    assert runs.find(str(path)).path == path
    monkeypatch.chdir(path.parent.parent)
    assert runs.find("runs/mine").path == path
    monkeypatch.chdir(path)
    assert runs.find(".").path == path
    assert runs.find(".").name == "mine"


def test_a_shipped_run_comes_before_ones_own_of_the_same_name(run: Run):
    assert runs.find("lenet5").is_shipped
    assert not runs.find(str(run.path)).is_shipped


@pytest.mark.parametrize(
    "nonsense",
    ["nobody", "", ".", "..", "../lenet5", "/", "/etc", "a" * 300, "a/" * 3000, "a\0b", "x\ny", "réseau", "*"],
)
def test_nonsense_is_not_found_and_how_to_list_them_is_told(
    nonsense: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RunError, match="`python -m emnist_core runs` lists them"):
        runs.find(nonsense)


def test_the_list_begins_with_the_shipped_runs_in_the_registrys_order():
    there = {path.parent.name for path in paths.SHIPPED_RUNS.glob("*/recipe.json")}
    listed = [run.name for run in runs.list_runs()]
    known = [name for name in MODELS if name in there]
    assert listed == known + sorted(there - set(known))
    assert {"vanilla-cnn", "lenet5", "lenet5-v2"} <= set(known)
    assert all(run.is_shipped for run in runs.list_runs())


def test_ones_own_runs_are_listed_newest_first(home: Path):
    import os

    for age, name in enumerate(("newest", "middle", "oldest")):
        run = runs.create(Recipe(), name)
        os.utime(run.path / "recipe.json", (10**9 - age, 10**9 - age))
    (home / "runs" / "not-a-run").mkdir()
    (home / "runs" / "file").write_text("")
    assert names(runs.list_runs()) == ["newest", "middle", "oldest"]


def test_a_run_that_is_deleted_while_it_is_listed_does_no_harm(run: Run, monkeypatch: pytest.MonkeyPatch):
    def found_before(folder: Path, _pattern: str) -> list[Path]:
        return [] if folder == paths.SHIPPED_RUNS else [run.path / "recipe.json"]

    monkeypatch.setattr(Path, "glob", found_before)
    shutil.rmtree(run.path)
    assert names(runs.list_runs()) == ["lenet5"]
    assert runs.servable_runs() == []


def test_what_ships_can_be_served_and_was_trained_on_emnist():
    shipped = [run for run in runs.servable_runs() if run.is_shipped]
    assert len(shipped) >= 3
    for run in shipped:
        assert run.status().state == "finished"
        assert run.status().data is not None
        assert not run.status().data.is_sample
        assert run.serving_sha256() is not None


# Reading


@pytest.mark.parametrize("state", ACTIVE)
def test_a_run_whose_process_is_gone_reads_lost(run: Run, state: runs.State):
    status = run.status()
    here = Worker.this()
    gone = [replace(here, pid=pid) for pid in (2**22 + 1, 1, 2**80, -5)]
    for worker in (None, *gone):
        status.state, status.worker = state, worker
        run.write_status(status)
        assert run.status().state == "lost"
        assert "what was saved up to then is kept" in (run.status().message or "")
    run.keras_file.unlink()
    assert "before anything was saved" in (run.status().message or "")


def test_a_run_whose_process_lives_reads_as_written(run: Run):
    status = run.status()
    status.state, status.worker = "training", Worker.this()
    run.write_status(status)
    assert run.status().state == "training"
    # Another process that has got the same number since is not the worker.
    status.worker = replace(status.worker, birth="another")
    run.write_status(status)
    assert run.status().state == "lost"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process's beginning does not follow the clock")
def test_a_clock_that_is_set_does_not_lose_a_training(run: Run, monkeypatch: pytest.MonkeyPatch):
    status = run.status()
    status.state, status.worker = "training", Worker.this()
    run.write_status(status)
    booted = psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: booted + 3)
    assert run.status().state == "training"


def test_a_worker_on_another_machine_lives_while_it_is_heard_of(run: Run, monkeypatch: pytest.MonkeyPatch):
    status = run.status()
    status.state, status.worker = "training", replace(Worker.this(), host="elsewhere")
    run.write_status(status)
    assert run.status().state == "training"
    monkeypatch.setattr("emnist_core.runs.schema.SILENCE", -1)
    assert run.status().state == "lost"


def test_half_a_last_line_of_the_curves_is_left_out(run: Run):
    path = run.path / "metrics.jsonl"
    whole = run.metrics("epoch")
    content = path.read_bytes()
    for cut in (1, 2, 30):
        path.write_bytes(content[:-cut])
        assert len(run.metrics("epoch")) in (len(whole), len(whole) - 1)
    path.write_bytes(content + b'{"kind": "epoch", "epoch"')
    assert run.metrics("epoch").equals(whole)
    path.write_bytes(content + b"\xff\xfe\n[]\nnull\n7\n")
    assert run.metrics("epoch").equals(whole)


def test_no_curves_are_an_empty_frame_with_its_columns(run: Run):
    (run.path / "metrics.jsonl").unlink()
    assert list(run.metrics("epoch").columns) == EPOCH_COLUMNS
    assert list(run.metrics("step").columns) == STEP_COLUMNS


def gone(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwritten(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 4)


def wrong_json(path: Path) -> None:
    path.write_text('{"model": 3, "state": [], "sha256": {}, "pid": "x"}')


def a_list(path: Path) -> None:
    path.write_text("[1, 2]")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def refusal(read: Callable[[], object]) -> str | None:
    """The sentence with which ``read`` refuses, or None when it does not; anything else it raises is a defect."""
    try:
        read()
    except RunError as error:
        return str(error)
    return None


def row_of_ones_own(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The row of `python -m emnist_core runs --json` for one's only own run."""
    capsys.readouterr()
    runs_command(as_json=True)
    return json.loads(capsys.readouterr().out)[-1]


@pytest.mark.parametrize(
    "spoil", [gone, empty, half, overwritten, wrong_json, a_list, a_folder], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_raises_nothing_but_a_sentence(
    run: Run, file: str, spoil: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
):
    spoil(run.path / file)
    damaged = Run(run.path)
    readers: dict[str, Callable[[], object]] = {
        "recipe": lambda: damaged.recipe,
        "split": lambda: damaged.split,
        "status": damaged.status,
        "steps": lambda: damaged.metrics("step"),
        "epochs": lambda: damaged.metrics("epoch"),
        "serving": damaged.serving,
        "card": lambda: model_card.text(damaged),
    }
    refused = {name: sentence for name, read in readers.items() if (sentence := refusal(read)) is not None}
    assert not any("\n" in sentence for sentence in refused.values())
    expected = {
        "recipe.json": {"recipe", "split", "card"},
        "status.json": {"status", "card"},
        "serving.json": {"serving", "card"},
        "metrics.jsonl": {"steps", "epochs"} if spoil is a_folder else set(),
    }
    assert set(refused) == expected.get(file, set())

    # Nor do those who read every run: the lists, the card, the command line, the evaluations.
    damaged.serving_sha256()
    model_card.renew(damaged)
    stored_evaluations(damaged)
    assert names(runs.list_runs()) == ([] if (file, spoil) == ("recipe.json", gone) else ["lenet5"])
    no_recipe = file == "recipe.json"
    assert names(runs.servable_runs()) == ([] if no_recipe or (file, spoil) == ("model.tflite", gone) else ["lenet5"])
    if (file, spoil) == ("recipe.json", gone):
        return
    row = row_of_ones_own(capsys)
    assert row["name"] == "lenet5"
    assert row["status"] == ("damaged" if file in ("recipe.json", "status.json") else "finished")


def test_a_damaged_evaluation_hides_no_run(run: Run, capsys: pytest.CaptureFixture[str]):
    for path in (run.path / "evaluation").glob("*/*"):
        half(path)
    assert stored_evaluations(run) == []
    row = row_of_ones_own(capsys)
    assert row["accuracy"] is None
    model_card.renew(run)
    assert "## Figures" in (run.path / "README.md").read_text()


def test_an_evaluated_runs_accuracy_is_emnists_and_not_the_samples(run: Run, capsys: pytest.CaptureFixture[str]):
    row = row_of_ones_own(capsys)
    emnist = next(found for found in stored_evaluations(run) if not found.is_sample)
    assert row["accuracy"] == emnist.accuracy
    assert row["data"] == f"{emnist.data_name} (n = {emnist.n:,})"
    assert data.load("balanced", "test", "sample").name not in row["data"]
