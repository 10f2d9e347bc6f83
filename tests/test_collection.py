"""The collection of runs: its table, a run under another name, and the trash."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import Timeout

from emnist_core import hosting, paths, runs
from emnist_core.collection import renaming, table, trash
from emnist_core.errors import RunError
from emnist_core.evaluation.store import stored_evaluations, stored_figures
from emnist_core.files import write_json
from emnist_core.processes import Worker
from emnist_core.recipe import Recipe
from emnist_core.runs import Run, Status, notes, turns
from tests.helpers.pages import copy_run


@pytest.fixture
def run(home: Path) -> Run:
    return Run(copy_run("lenet5", home / "runs" / "mine"))


def in_training(run: Run) -> Run:
    """The run, as if this process trained it."""
    status = run.status()
    status.state, status.worker = "training", Worker.this()
    run.write_status(status)
    return run


def own() -> list[str]:
    return [run.name for run in runs.list_runs() if not run.is_shipped]


def row_of(name: str) -> dict[str, object]:
    return next(row for row in table.rows() if row["name"] == name)


# The table


def test_a_row_says_what_the_runs_files_say(run: Run) -> None:
    notes.change(run, owner="Ada")
    row = row_of("mine")
    evaluated = next(e for e in stored_evaluations(run) if not e.is_sample)
    assert (row["accuracy"], row["interval"], row["n"]) == (evaluated.accuracy, evaluated.interval, evaluated.n)
    assert (row["owner"], row["model"], row["seconds"]) == ("Ada", "lenet5", run.status().seconds)
    assert row["bytes"] == sum(path.stat().st_size for path in run.path.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["lenet5", "resnet34", "se-resnet"])
def test_the_figures_of_a_list_are_those_of_the_evaluations_in_their_order(name: str) -> None:
    run = runs.find(name)
    assert stored_figures(run)
    assert [figures["accuracy"] for figures in stored_figures(run)] == [e.accuracy for e in stored_evaluations(run)]


@pytest.mark.parametrize("content", [[], {"part": "test"}, {"part": "test", "split": "balanced", "n": "many"}])
def test_figures_written_by_hand_break_no_table(run: Run, content: object) -> None:
    for file in (run.path / "evaluation").glob("*/metrics.json"):
        made = {"serving_sha256": run.serving_sha256(), "temperature": run.temperature(), "left_out": 0}
        write_json(file, content | made if isinstance(content, dict) else content)
    assert row_of("mine")["accuracy"] is None


def test_a_search_finds_every_word_anywhere_in_a_row(run: Run) -> None:
    notes.change(run, tags=["Class 7"], text="bars of f")
    rows = table.rows()
    assert [row["name"] for row in table.search(rows, "class BARS lenet5")] == ["mine"]
    assert table.search(rows, "class se-resnet") == []
    assert table.search(rows, " ") == rows


# Another name


def test_a_renamed_run_is_whole_and_found_by_both_names(run: Run) -> None:
    accuracy = row_of("mine")["accuracy"]
    renamed = renaming.rename(run, "ours")
    assert own() == ["ours"]
    assert runs.find("mine").path == runs.find("ours").path == renamed.path
    assert row_of("ours")["accuracy"] == accuracy
    assert (renamed.path / "README.md").read_text(encoding="utf-8").startswith("# ours\n")
    again = renaming.rename(renamed, "mine")
    assert runs.find("ours").path == again.path


def test_who_learned_from_a_renamed_run_still_finds_its_teacher(run: Run) -> None:
    student = runs.create(Recipe(teachers=("mine",)), "student")
    before = (student.path / "recipe.json").read_bytes()
    renamed = renaming.rename(run, "ours")
    assert renaming.taught_by(renamed) == ["student"]
    assert runs.find(student.recipe.teachers[0]).path == renamed.path
    assert (student.path / "recipe.json").read_bytes() == before
    with pytest.raises(RunError, match="ours was called mine"):
        runs.create(Recipe(), "mine")


@pytest.mark.parametrize("name", ["lenet5", "other", "../out", ""])
def test_an_unfit_or_taken_name_is_refused_and_the_run_stays(run: Run, name: str) -> None:
    runs.create(Recipe(), "other")
    with pytest.raises(RunError, match=r"choose another name|cannot name a run"):
        renaming.rename(run, name)
    assert sorted(own()) == ["mine", "other"]


def test_what_ships_and_what_trains_stays_as_it_is(run: Run) -> None:
    queued = Run(copy_run("lenet5", run.path.with_name("queued")))
    queued.write_status(queued.status().model_copy(update={"state": "queued", "turn": 1.0}))
    stays = {"came with the project": runs.find("lenet5"), "is being trained": in_training(run), "waits for": queued}
    for sentence, one in stays.items():
        with pytest.raises(RunError, match=sentence):
            renaming.rename(one, "other")
        with pytest.raises(RunError, match=sentence):
            trash.delete(one)
    assert sorted(own()) == ["mine", "queued"]
    assert (paths.SHIPPED_RUNS / "lenet5" / "recipe.json").exists()


# The trash


def test_a_teacher_is_not_deleted_while_one_that_learns_from_it_waits(run: Run) -> None:
    student = runs.create(Recipe(teachers=("mine",)), "student")
    status = student.status()
    student.write_status(status.model_copy(update={"state": "queued", "turn": 1.0}))
    with pytest.raises(RunError, match="The run student learns from mine, now or when it is its turn"):
        trash.delete(run)
    student.write_status(status.model_copy(update={"state": "stopped"}))
    trash.delete(run)
    assert own() == ["student"]


def test_a_deleted_run_is_out_of_the_way_and_comes_back_whole(run: Run) -> None:
    before = {path.relative_to(run.path): path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    deleted = trash.delete(run)
    assert own() == []
    assert trash.deleted_runs() == [deleted]
    assert deleted.name == "mine"
    back = trash.restore(deleted)
    assert {path.relative_to(back.path): path.read_bytes() for path in back.path.rglob("*") if path.is_file()} == before
    assert trash.deleted_runs() == []


@pytest.mark.parametrize("act", [trash.delete, lambda run: renaming.rename(run, "another")], ids=["delete", "rename"])
def test_no_turn_comes_between_the_look_and_the_move(
    run: Run, act: Callable[[Run], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    def look(_self: Run) -> Status:
        try:
            turns.lock().acquire(timeout=0).lock.release()
            held.append(False)
        except Timeout:
            held.append(True)
        return Status(state="finished")

    monkeypatch.setattr(Run, "status", look)
    act(run)
    assert held[0]


def test_a_damaged_run_can_be_deleted(run: Run) -> None:
    (run.path / "status.json").write_text("{")
    trash.delete(run)
    assert own() == []


def test_a_name_that_was_taken_meanwhile_keeps_the_deleted_run_in_the_trash(run: Run) -> None:
    deleted = trash.delete(run)
    runs.create(Recipe(), "mine")
    with pytest.raises(RunError, match="There is a run called mine already"):
        trash.restore(deleted)
    assert trash.deleted_runs() == [deleted]


def test_the_trash_is_emptied_of_what_is_old_and_of_that_alone(home: Path, run: Run) -> None:
    deleted = trash.delete(run)
    long_ago = int((time.time() - trash.KEPT.total_seconds() - 1) * 1000)
    shutil.copytree(deleted.path, home / "trash" / f"{long_ago}-old-one")
    (home / "trash" / "keep-me").mkdir()
    trash.empty()
    assert trash.deleted_runs() == [deleted]
    trash.purge(trash.deleted_runs())
    assert trash.deleted_runs() == []
    assert (home / "trash" / "keep-me").exists()
    with pytest.raises(RunError, match="gone for good"):
        trash.restore(deleted)


def test_on_a_hosted_app_changing_runs_is_off_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hosting.HOSTED, "1")
    assert "EMNIST_ALLOW_CHANGING=1" in (hosting.refusal("change") or "")
