"""The space of one's own runs: counted whole, limited, and what is over the limit told in a sentence."""

from pathlib import Path

import pytest

from emnist_core import hosting, runs
from emnist_core.errors import RunError
from emnist_core.recipe import Recipe
from emnist_core.runs import space
from tests.helpers.pages import open_page, words
from tests.helpers.sentences import assert_is_a_sentence

MEGABYTE = 1_000_000


@pytest.fixture
def twenty_megabytes(home: Path) -> Path:
    """Runs that take as much, a folder within a run's included."""
    for name in ("one/model.keras", "one/epochs/001.npz"):
        file = home / "runs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(10 * MEGABYTE))
    return home / "runs"


def test_what_runs_take_is_counted_whole(twenty_megabytes: Path) -> None:
    assert space.taken() == pytest.approx(0.02)
    (twenty_megabytes / "one" / "epochs" / "001.npz").unlink()
    assert space.taken() == pytest.approx(0.01)


def test_what_visitors_deleted_counts_where_strangers_visit(
    twenty_megabytes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (twenty_megabytes.parent / "trash").mkdir()
    (twenty_megabytes / "one").rename(twenty_megabytes.parent / "trash" / "1-one")
    assert space.taken() == 0
    monkeypatch.setenv("EMNIST_HOSTED", "1")
    assert space.taken() == pytest.approx(0.02)


def test_nothing_takes_nothing_and_ten_gigabytes_are_the_limit() -> None:
    assert (space.taken(), space.limit()) == (0, 10)
    assert runs.create(Recipe(), "first").path.exists()


@pytest.mark.usefixtures("twenty_megabytes")
def test_up_to_the_limit_a_run_is_made_and_above_it_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(space.VARIABLE, "0.021")
    assert runs.create(Recipe(), "fits").path.exists()
    monkeypatch.setenv(space.VARIABLE, "0.019")
    with pytest.raises(RunError, match=r"take 0\.02 GB") as refused:
        runs.create(Recipe(), "does-not")
    assert_is_a_sentence(refused.value)
    assert runs.create(Recipe(), "elsewhere", tmp_path).path.exists()  # only one's own folder is limited


@pytest.mark.usefixtures("twenty_megabytes")
def test_strangers_are_not_told_the_server_s_folders(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv(space.VARIABLE, "0.019")
    with pytest.raises(RunError, match="delete some of the folders in") as told:
        space.ensure_room()
    assert str(home) in str(told.value)
    monkeypatch.setenv(hosting.HOSTED, "1")
    with pytest.raises(RunError, match="ask this app's host") as told:
        space.ensure_room()
    assert str(home) not in str(told.value)


@pytest.mark.parametrize("said", ["much", "-1", "0", "nan", "inf"])
def test_a_limit_that_is_no_number_is_told_in_a_sentence(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(space.VARIABLE, said)
    with pytest.raises(RunError, match=f"{space.VARIABLE} is '{said}'") as refused:
        space.ensure_room()
    assert_is_a_sentence(refused.value)


@pytest.mark.usefixtures("twenty_megabytes")
def test_the_page_says_how_much_of_the_limit_is_taken() -> None:
    assert "Runs trained here take 0.02 GB of at most 10." in words(open_page("train"))
