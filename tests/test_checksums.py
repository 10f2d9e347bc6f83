"""Checksums: each file of a run has one, and damage to any of them is noticed."""

import shutil
from pathlib import Path

import pytest

from emnist_core import model_card, paths, runs
from emnist_core.cli.runs import list_runs
from emnist_core.errors import RunError
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.files import write_json
from emnist_core.recipe import Recipe
from emnist_core.runs import Run, checksums

KEPT = sorted(path.parent for path in paths.EXPERIMENTS.rglob("recipe.json"))
SHIPPED = sorted(path.parent for path in paths.SHIPPED_RUNS.glob("*/recipe.json"))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(Path(shutil.copytree(paths.SHIPPED_RUNS / "lenet5", tmp_path / "lenet5")))


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_every_file_that_ships_has_its_sum(folder: Path):
    files = {path for path in folder.rglob("*") if path.is_file() and not checksums.PASSING.fullmatch(path.name)}
    sums = {path.parent / name for path in folder.rglob(checksums.FILE) for name in checksums.noted(path.parent)}
    assert files == sums
    assert checksums.damaged(folder) == []


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def test_one_bit_of_any_file_is_noticed(run: Run):
    files = [path for path in run.path.rglob("*") if path.is_file() and path.name != checksums.FILE]
    for file in files:
        flip(file)
        assert checksums.damaged(run.path) == [file]
        flip(file)
    files[0].unlink()
    assert checksums.damaged(run.path) == [files[0]]


@pytest.mark.parametrize("name", ["recipe.json", "status.json", "serving.json", "trained_on.npy", "metrics.jsonl"])
def test_a_file_that_still_makes_sense_and_is_another_is_told(run: Run, name: str):
    file = run.path / name
    if name == "trained_on.npy":
        flip(file)
    else:
        file.write_text(file.read_text().replace("1", "2", 1))
    look = {
        "recipe.json": lambda: run.recipe,
        "status.json": run.status,
        "serving.json": run.serving,
        "metrics.jsonl": lambda: run.metrics("epoch"),
    }
    with pytest.raises(RunError, match=f"{name} of the run lenet5 is damaged"):
        look.get(name, run.trained_on)()


def test_a_card_written_again_has_a_new_sum(run: Run):
    (run.path / "README.md").write_text("damaged")
    assert checksums.damaged(run.path) == [run.path / "README.md"]
    model_card.write(run)
    assert checksums.damaged(run.path) == []


def test_the_list_of_runs_names_the_damaged_files_when_it_is_asked_to(capsys: pytest.CaptureFixture[str]):
    run = Run(Path(shutil.copytree(paths.SHIPPED_RUNS / "lenet5", paths.own_runs() / "mine")))
    list_runs(check=True)
    flip(run.path / "README.md")
    list_runs()
    with pytest.raises(RunError) as raised:
        list_runs(check=True, as_json=True)
    assert str(raised.value) == f"Missing, or not as written: {run.path / 'README.md'}."
    assert "mine" in capsys.readouterr().out


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_every_kept_row_has_its_sums(folder: Path):
    assert set(checksums.noted(folder)) == {
        path.name for path in folder.iterdir() if not checksums.PASSING.fullmatch(path.name)
    }
    assert checksums.damaged(folder) == []


def test_what_is_renewed_has_a_new_sum_and_none_meanwhile(tmp_path: Path):
    run = runs.create(Recipe(), "mine", tmp_path)
    file = run.path / "serving.json"
    with checksums.renewing(file):
        write_json(file, {"a": 1})
    with checksums.renewing(file):
        assert "serving.json" not in checksums.noted(run.path)
        write_json(file, {"a": 2})
    assert checksums.damaged(run.path) == []
    checksums.forget(file)
    write_json(file, {"a": 3})
    assert checksums.read(file)  # unchecked: nobody knows what it should be
    assert checksums.damaged(run.path) == []


def test_what_tensorboard_shows_of_a_run_has_no_sum_since_it_is_written_on(run: Run):
    events = run.path / "events.out.tfevents.1.emnist"
    events.write_bytes(b"first")
    checksums.note_all(run.path)
    events.write_bytes(b"first and second")
    assert not checksums.damaged(run.path)


def test_a_finished_status_has_a_sum_and_one_that_is_renewed_every_second_has_none(tmp_path: Path):
    run = runs.create(Recipe(), "mine", tmp_path)
    status = runs.Status.model_validate_json((run.path / "status.json").read_text())
    for state, has_one in (("training", False), ("finished", True), ("training", False)):
        status.state = state  # type: ignore[assignment]
        run.write_status(status)
        assert ("status.json" in checksums.noted(run.path)) == has_one


def test_a_run_without_sums_is_read_as_before(run: Run):
    (run.path / checksums.FILE).unlink()
    flip(run.keras_file)
    assert run.status().state == "finished"


def test_a_damaged_evaluation_is_not_taken_for_one(run: Run):
    [file, _] = run.path.glob("evaluation/*/metrics.json")
    file.write_text(file.read_text().replace("0.8", "0.9", 1))
    assert len(stored_evaluations(run)) == 1
