"""Runs: what the table lists, what is picked, and what a click does to a run."""

import hashlib
import io
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from emnist_core import hosting, runs
from emnist_core.collection import packing, trash
from emnist_core.runs import Run, notes
from tests.helpers.pages import copy_run, figures, html_of, open_page, sound, words
from tests.helpers.shipped import copy_of


@pytest.fixture
def mine(home: Path) -> Path:
    """A run of one's own called mine."""
    return copy_run("lenet5", home / "runs" / "mine")


def listed(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value["name"])


def press(page: AppTest, label: str) -> AppTest:
    return sound(next(button for button in page.button if button.label == label).click().run())


def own() -> list[str]:
    return [run.name for run in runs.list_runs() if not run.is_shipped]


@pytest.mark.usefixtures("mine")
def test_the_table_has_every_run_and_is_narrowed_down() -> None:
    assert listed(open_page("runs")) == [run.name for run in runs.list_runs()]
    assert listed(open_page("runs", whose="Own")) == ["mine"]
    assert "mine" not in listed(open_page("runs", whose="Shipped"))
    notes.change(runs.find("mine"), tags=["Class 7"])
    assert listed(open_page("runs", find="class 7")) == ["mine"]
    assert "No run is like that" in words(open_page("runs", find="nobody"))


@pytest.mark.usefixtures("mine")
def test_an_archived_run_is_listed_where_it_is_asked_for() -> None:
    page = open_page("runs", runs=["mine"])
    press(page, "Archive")
    assert "mine" not in listed(page)
    assert listed(open_page("runs", whose="Archived")) == ["mine"]
    press(page, "Unarchive")
    assert "mine" in listed(page)


def test_one_that_is_picked_by_address_is_shown_with_its_figures() -> None:
    page = open_page("runs", runs=["lenet5"])
    assert figures(page)["Test accuracy"].startswith("87.49%")
    assert all(button.disabled for button in page.button if button.label == "Delete")


@pytest.mark.parametrize("picked", [["nobody"], ["../../etc"], ["lenet5", "lenet5", "nobody"], [""] * 20])
def test_a_pick_that_is_no_run_is_left_out(picked: list[str]) -> None:
    assert not open_page("runs", runs=picked).error


@pytest.mark.usefixtures("mine")
def test_notes_are_saved() -> None:
    page = open_page("runs", runs=["mine"])
    page.text_input(key="owner-of-mine").set_value("Ada")
    page.text_input(key="tags-of-mine").set_value("a, b,, a ")
    press(page, "Save notes")
    said = notes.read(runs.find("mine"))
    assert (said.owner, said.tags) == ("Ada", ("a", "b"))
    assert "Ada" in list(page.dataframe[0].value["owner"])


@pytest.mark.usefixtures("mine")
def test_damaged_notes_are_told_and_can_be_written_again() -> None:
    notes.file(runs.find("mine")).write_text("{")
    page = open_page("runs", runs=["mine"])
    assert "notes of the run mine are damaged" in words(page)
    page.text_input(key="title-of-mine").set_value("Ours")
    assert "damaged" not in words(press(page, "Save notes"))


@pytest.mark.usefixtures("mine")
def test_a_renamed_run_stays_picked_and_a_taken_name_is_told() -> None:
    page = open_page("runs", runs=["mine"])
    page.text_input(key="folder-of-mine").set_value("lenet5")
    press(page, "Rename")
    assert "choose another name" in page.error[0].value
    page.text_input(key="folder-of-mine").set_value("ours")
    press(page, "Rename")
    assert own() == ["ours"]
    assert page.multiselect[0].value == ["ours"]
    assert not page.error


@pytest.mark.usefixtures("mine")
def test_a_deleted_run_can_be_had_back() -> None:
    page = open_page("runs", runs=["mine", "lenet5"])
    press(page, "Delete")
    assert own() == []
    assert page.multiselect[0].value == ["lenet5"]
    press(page, "Undo")
    assert own() == ["mine"]
    assert trash.deleted_runs() == []


def test_a_run_goes_out_as_a_zip_and_comes_in_under_another_name(home: Path) -> None:
    Run(copy_of("lenet5", home / "runs").path.rename(home / "runs" / "mine"))
    page = open_page("runs", runs=["mine"])
    press(page, "Export")
    assert [button.label for button in page.get("download_button")] == ["Download mine.zip"]
    target = io.BytesIO()
    packing.pack(runs.find("mine"), target)
    page.file_uploader[0].set_value(("mine.zip", target.getvalue(), "application/zip"))
    press(page, "Import")
    assert "There is a run called mine already" in page.error[0].value
    page.file_uploader[0].set_value(("mine.zip", target.getvalue(), "application/zip"))
    page.text_input(key="runs-zip-name").set_value("theirs")
    press(page, "Import")
    assert sorted(own()) == ["mine", "theirs"]
    assert page.multiselect[0].value == ["theirs"]
    assert "until it is evaluated here" in words(page)


@pytest.mark.usefixtures("mine")
def test_on_a_hosted_app_nothing_can_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    trash.delete(runs.find("mine"))
    monkeypatch.setenv(hosting.HOSTED, "1")
    page = open_page("runs", runs=["lenet5"])
    assert page.button
    assert [button.label for button in page.button if not button.disabled] == ["Export"]
    assert "EMNIST_ALLOW_CHANGING=1" in words(page)
    assert "EMNIST_ALLOW_IMPORTING=1" in words(page)
    assert not page.file_uploader


@pytest.mark.usefixtures("mine")
def test_on_a_hosted_app_a_visitor_changes_what_they_trained_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hosting.HOSTED, "1")
    run = runs.find("mine")
    page = open_page("runs", runs=["mine"])
    assert all(button.disabled for button in page.button if button.label == "Delete")
    name = hashlib.sha256(page.session_state["visitor"].encode()).hexdigest()[:16]
    run.write_status(run.status().model_copy(update={"visitor": name}))
    press(sound(page.run()), "Delete")
    assert own() == []
    assert all(button.disabled for button in open_page("runs").button if button.label == "Undo")
    press(page, "Undo")
    assert own() == ["mine"]
    page.multiselect[0].set_value(["mine", "lenet5"]).run()
    assert all(button.disabled for button in page.button if button.label in ("Delete", "Archive"))


def test_several_are_compared_by_address() -> None:
    page = open_page("runs", runs=["lenet5", "se-resnet"], axis="minutes")
    settings, tests = (piece for piece in reversed(html_of(page)) if "plain-table" in piece)
    assert "<td><b>model</b></td><td><b>lenet5</b></td><td><b>se-resnet</b></td>" in settings
    assert "<td>split</td><td>balanced</td><td>balanced</td>" in settings
    assert "90.57%" in tests
    assert "differ: those in bold" in words(page)
    assert not page.error


@pytest.mark.usefixtures("mine")
def test_a_damaged_run_among_the_compared_is_told_in_a_sentence() -> None:
    (runs.find("mine").path / "recipe.json").write_text("{")
    page = open_page("runs", runs=["mine", "lenet5"])
    assert "recipe.json of the run mine is damaged" in page.error[0].value
