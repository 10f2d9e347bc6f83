"""Notes of a run: kept, checked, mended; which runs Sketch and Home show; and names that a run had before."""

import json
import os
from pathlib import Path

import pytest

from emnist_core import paths, runs
from emnist_core.cli.runs import list_runs as runs_command
from emnist_core.errors import RunError
from emnist_core.recipe import Recipe
from emnist_core.runs import Run, checksums, notes
from emnist_core.runs.notes import Notes
from tests.helpers.pages import copy_run, html_of, open_page
from tests.helpers.sentences import assert_is_a_sentence


@pytest.fixture
def run(home: Path) -> Run:
    return Run(copy_run("lenet5", home / "runs" / "mine"))


def own_copies(home: Path, *names: str) -> None:
    """Runs of one's own, the first the newest."""
    for age, name in enumerate(names):
        recipe = copy_run("lenet5", home / "runs" / name) / "recipe.json"
        os.utime(recipe, (10**9 - age, 10**9 - age))


def shown() -> list[str]:
    return [run.name for run in runs.shown_runs() if not run.is_shipped]


def test_a_run_without_notes_has_empty_ones(run: Run) -> None:
    assert notes.read(run) == Notes()


def test_notes_are_kept_in_the_run_and_the_others_stay(run: Run) -> None:
    notes.change(run, title="  Our first ", tags=["a", "b", "a"], owner="Ünal")
    notes.change(run, text="f\nand F")
    assert notes.read(Run(run.path)) == Notes(title="Our first", owner="Ünal", tags=("a", "b"), text="f\nand F")
    assert notes.FILE not in checksums.noted(run.path)


def test_notes_of_a_run_that_ships_are_kept_at_home(home: Path) -> None:
    shipped = runs.find("lenet5")
    before = sorted(path.name for path in shipped.path.iterdir())
    notes.change(shipped, tags=["report"])
    assert json.loads((home / "notes" / "lenet5.json").read_text())["tags"] == ["report"]
    assert sorted(path.name for path in shipped.path.iterdir()) == before


@pytest.mark.parametrize(
    ("note", "value"),
    [("title", "x" * 81), ("owner", "a\nb"), ("tags", ["a,b"]), ("tags", ["x"] * 13), ("text", "x" * 2001)],
)
def test_a_note_that_is_no_note_is_refused_and_the_old_ones_stay(run: Run, note: str, value: object) -> None:
    notes.change(run, title="kept")
    with pytest.raises(RunError, match=note.capitalize()) as refused:
        notes.change(run, **{note: value})
    assert_is_a_sentence(refused.value)
    assert notes.read(run) == Notes(title="kept")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"tags": 3}', "[" * 100_000], ids=range(5))
def test_damaged_notes_are_told_break_no_list_and_can_be_written_again(run: Run, content: str) -> None:
    notes.file(run).write_text(content)
    with pytest.raises(RunError, match="notes of the run mine are damaged"):
        notes.read(run)
    assert shown() == ["mine"]
    notes.change(run, title="again")
    assert notes.read(run).title == "again"


def test_without_marks_what_ships_and_the_newest_two_are_shown(home: Path) -> None:
    own_copies(home, "newest", "second", "third")
    assert shown() == ["newest", "second"]
    assert {run.name for run in runs.shown_runs() if run.is_shipped} == {
        path.parent.name for path in paths.SHIPPED_RUNS.glob("*/model.tflite")
    }


def test_marks_and_the_archive_go_before_the_rule(home: Path) -> None:
    own_copies(home, "newest", "second", "third", "fourth")
    notes.change(runs.find("newest"), shown=False)
    notes.change(runs.find("fourth"), shown=True)
    assert shown() == ["second", "third", "fourth"]
    notes.change(runs.find("fourth"), archived=True)
    notes.change(runs.find("second"), archived=True)
    notes.change(runs.find("se-resnet"), shown=False)
    assert shown() == ["third"]
    assert "se-resnet" not in [run.name for run in runs.shown_runs()]


def test_notes_do_not_make_a_run_newer(home: Path) -> None:
    own_copies(home, "newest", "second", "third")
    notes.change(runs.find("third"), title="looked at")
    assert shown() == ["newest", "second"]


def test_home_has_a_row_for_each_run_that_is_shown(home: Path) -> None:
    own_copies(home, "a1", "a2", "a3")
    notes.change(runs.find("a1"), title="<b>Ours</b>")
    table = html_of(open_page("home"))[0]
    assert "&lt;b&gt;Ours&lt;/b&gt;" in table
    assert ">a2</th>" in table
    assert ">a3</th>" not in table


def test_the_list_of_the_command_line_has_the_notes(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    notes.change(run, owner="Ada", tags=["class 7"], text="long")
    runs_command(as_json=True)
    row = json.loads(capsys.readouterr().out)[-1]
    assert (row["owner"], row["tags"], row["text"], row["shown"]) == ("Ada", ["class 7"], "long", True)
    runs_command()
    assert "class 7" in capsys.readouterr().out


def test_a_run_is_found_by_a_name_that_it_had_which_no_other_can_take(run: Run) -> None:
    notes.change(run, former_names=("old",))
    assert runs.find("old").path == run.path
    with pytest.raises(RunError, match="run mine was called old"):
        runs.create(Recipe(), "old")
