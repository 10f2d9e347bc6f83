"""A page to take home opens from the disk without a network, reads what is drawn, and says how well it reads."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from emnist_core import data, paths
from emnist_core.reader import scripts
from emnist_core.runs import Run
from emnist_core.serving.recognizer import recognizer
from emnist_core.take_home import page as take_home
from emnist_core.take_home.eight_bits import in_eight_bits
from tests.browser.test_reader_browser import read
from tests.helpers.shipped import copy_of

L = [[(95, 45), (95, 235), (200, 235)]]
THIN_7 = [[(75, 55), (205, 55), (125, 235)]]


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Callable[[str], Page]:
    """``opened(name)`` writes the page of a run that ships and opens it from the disk, in a browser that is offline."""

    def open_page(name: str) -> Page:
        file = tmp_path / f"{name}.html"
        take_home.write(Run(paths.SHIPPED_RUNS / name), file)
        context = chromium.new_context(offline=True, viewport={"width": 390, "height": 844}, has_touch=True)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(file.as_uri())
        return page

    return open_page


@pytest.mark.parametrize("name", ["lenet5-v2", "se-resnet"])
def test_it_reads_without_a_network_as_the_run_does(opened: Callable[[str], Page], name: str, tmp_path: Path) -> None:
    page = opened(name)
    assert (tmp_path / f"{name}.html").stat().st_size < 1_500_000
    expect(page.locator("#advice")).to_have_text("Draw a character on the canvas.")
    for drawing, label in ((L, "L"), (THIN_7, "7")):
        draw_on(page, drawing)
        expect(page.locator("[data-run]")).to_have_attribute("data-label", label)
        assert float(page.locator("[data-run]").get_attribute("data-probability") or 0) > 0.5
        page.locator("#clear").click()
        expect(page.locator("#advice")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def draw_on(page: Page, strokes: list[list[tuple[int, int]]]) -> None:
    box = page.locator("#paper").bounding_box()
    assert box
    for (x, y), *rest in strokes:
        page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
        page.mouse.up()


def test_undo_takes_back_a_stroke(opened: Callable[[str], Page]) -> None:
    page = opened("lenet5")
    draw_on(page, [*L, [(20, 20), (250, 20)]])
    page.locator("#undo").click()
    expect(page.locator("[data-run]")).to_have_attribute("data-label", "L")
    page.locator("#undo").click()
    expect(page.locator("#advice")).to_have_text("Draw a character on the canvas.")


def test_it_says_what_it_was_trained_on_and_how_well_it_reads() -> None:
    run = Run(paths.SHIPPED_RUNS / "se-resnet")
    told = " ".join(take_home.notes(run, True))
    used = run.status().data
    assert used
    assert f"{used.training_images:,} images" in told
    assert re.search(r"It reads \d+\.\d% \(95 %: \d+\.\d–\d+\.\d, n = [\d,]+\)", told)
    assert "8 bits" in told


def test_a_model_in_eight_bits_is_half_as_large_and_answers_the_same(chromium: Browser, tmp_path: Path) -> None:
    images = np.asarray(data.load("balanced", "test", "sample").images[:300])
    run = copy_of("se-resnet", tmp_path)
    served = recognizer(Run(paths.SHIPPED_RUNS / "se-resnet")).probabilities(images)
    whole = run.serving_file.read_bytes()
    run.serving_file.write_bytes(in_eight_bits(whole))
    assert run.serving_file.stat().st_size < 0.55 * len(whole)
    page = chromium.new_page()
    page.add_script_tag(content=scripts.source())
    found = read(page, run, images, run.temperature())
    page.close()
    assert np.abs(found - served).max() < 0.05
    assert np.mean(found.argmax(1) == served.argmax(1)) >= 0.99


def test_a_visitor_downloads_it_from_sketch(visit: Callable, tmp_path: Path) -> None:
    page = visit(accept_downloads=True).open("sketch")
    page.get_by_role("button", name="Take it home").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the page").click()
    file = tmp_path / "model.html"
    download.value.save_as(file)
    assert download.value.suggested_filename.endswith(".html")
    assert "reads what you draw</title>" in file.read_text(encoding="utf-8")
