"""Runs in a browser: rows are ticked in the table, and what is ticked stands in the address."""

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

from playwright.sync_api import Page, expect

from emnist_core import paths
from tools.browser import Visitor, wait_until

ROW = 36


def picked(page: Page) -> list[str]:
    return parse_qs(page.evaluate("location.search.slice(1)")).get("runs", [])


def tick(page: Page, line: int) -> None:
    """Tick the row on a line of the table, counted from 1."""
    drawn = page.get_by_test_id("stDataFrame").locator("canvas").first
    expect(drawn).to_be_visible()
    box = drawn.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 16, box["y"] + ROW * (line + 0.5))


def test_ticked_rows_are_picked_and_stand_in_the_address(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.open("runs")
    visitor.settle()
    tick(page, 2)
    wait_until(lambda: picked(page) == ["lenet5"], "the first is picked")
    visitor.settle()
    tick(page, 4)
    wait_until(lambda: picked(page) == ["lenet5", "lenet5-v2"], "the second is picked too")
    visitor.settle()
    tick(page, 2)
    wait_until(lambda: picked(page) == ["lenet5-v2"], "the first is put back")


def test_a_run_chosen_by_name_is_ticked_in_the_table_and_can_be_put_back_there(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.open("runs?runs=lenet5-v2")
    visitor.settle()
    tick(page, 4)
    wait_until(lambda: picked(page) == [], "it is put back")


def test_a_run_is_exported_imported_again_and_deleted_with_undo(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = visit()
    page = visitor.open("runs?runs=lenet5")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download lenet5.zip").click()
    target = tmp_path / "lenet5.zip"
    started.value.save_as(target)
    page.get_by_text("Import a run").click()
    page.get_by_label("Name", exact=True).fill("from-a-zip")
    page.locator("input[type=file]").set_input_files(target)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("from-a-zip is imported.")).to_be_visible()
    assert picked(page) == ["from-a-zip"]
    own = visitor.app.home / "runs" / "from-a-zip"
    shipped = paths.SHIPPED_RUNS / "lenet5"
    assert (own / "model.tflite").read_bytes() == (shipped / "model.tflite").read_bytes()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("from-a-zip is deleted")).to_be_visible()
    assert not own.exists()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Deleted runs")).to_have_count(0)
    assert (own / "model.tflite").exists()
    shutil.rmtree(own)  # which the other tests of this server do not expect
