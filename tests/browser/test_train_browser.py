"""A training started from the page: it moves, outlives a reload, is seen by others, and stops when asked."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from emnist_core.runs import Run
from tools.browser import PATIENCE, App, Visitor, wait_until

POINTS = """() => [...document.querySelectorAll('.curves svg')]
    .reduce((sum, panel) => sum + Number(panel.dataset.points ?? 0), 0)"""
LONGEST = 1000 * PATIENCE


@pytest.fixture
def trained(app: App) -> Iterator[Callable[[], Run]]:
    """The run that the page has started; its worker does not outlive the test."""

    def find() -> Run:
        [recipe] = (app.home / "runs").glob("*/recipe.json")
        return Run(recipe.parent)

    yield find
    status = find().status()
    if status.is_active and status.pid:
        psutil.Process(status.pid).kill()


def figure(page: Page, name: str) -> str:
    return page.locator(".figures div").filter(has_text=name).locator("dd").inner_text()


def start_button(page: Page) -> Locator:
    """The button; while it is disabled Streamlit keeps a hidden twin, for phones."""
    return page.get_by_role("button", name="Start training").filter(visible=True)


def badge(page: Page, state: str) -> None:
    expect(page.locator(".stMarkdownBadge").filter(has_text=state)).to_be_visible(timeout=LONGEST)


def assert_moves(page: Page) -> None:
    """Points are added to the curves, while speed and time left are told."""
    badge(page, "training")
    wait_until(lambda: page.evaluate(POINTS) >= 4, "the first points")
    points = page.evaluate(POINTS)
    wait_until(lambda: page.evaluate(POINTS) > points + 4, "more points")
    wait_until(lambda: re.fullmatch(r"[\d,]+", figure(page, "Images/s")), "the speed")
    wait_until(lambda: re.fullmatch(r"\d+:\d\d", figure(page, "Time left")), "the time left")
    assert int(figure(page, "Images/s").replace(",", "")) > 0


def test_a_training_from_start_to_stop(visit: Callable[..., Visitor], trained: Callable[[], Run]) -> None:
    visitor = visit()
    page = visitor.open("train?batch=64&split=Digits")
    start = start_button(page)
    # The field is still being edited when Start is pressed: what is started is what is seen.
    page.get_by_role("spinbutton", name="Epochs").fill("900")
    start.click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible(timeout=LONGEST)
    visitor.settle()
    run = trained()
    recipe = run.recipe
    assert (recipe.epochs, recipe.batch_size, recipe.split, recipe.dataset_kind) == (900, 64, "digits", "sample")
    assert_moves(page)

    page.reload()
    visitor.settle()
    expect(page.locator("strong", has_text=run.name)).to_be_visible()
    assert_moves(page)

    other = visit(viewport={"width": 390, "height": 844}).open("train")
    expect(other.locator("strong", has_text=run.name)).to_be_visible()
    assert_moves(other)
    # Another visitor's training waits its turn, which they can give up.
    start_button(other).click()
    expect(other.get_by_text("turn 1 of 1")).to_be_visible(timeout=LONGEST)
    other.get_by_role("button", name="Cancel").click()
    expect(other.locator("strong", has_text=run.name)).to_be_visible(timeout=LONGEST)

    page.get_by_role("button", name="Pause").click()
    badge(page, "paused")
    step = run.status().step
    page.get_by_role("button", name="Resume").click()
    badge(page, "training")
    wait_until(lambda: run.status().step > step, "it goes on")

    page.get_by_role("button", name="Stop").click()
    # The training ends at once; then what it has learned is made ready to serve.
    assert wait_until(lambda: run.status().state in ("saving", "stopped"), "the training ends") < 5
    badge(page, "stopped")
    badge(other, "stopped")
    expect(start).to_be_enabled(timeout=LONGEST)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert run.status().state == "stopped"
    assert run.serving_file.exists()
    page.get_by_role("link", name="See where it errs").click()
    expect(page.get_by_role("heading", name="Confusion")).to_be_visible()
    expect(page.get_by_role("combobox", name="Run")).to_have_value(run.name)
    visitor.settle()


def test_no_figure_stands_in_a_line_by_itself(visit: Callable[..., Visitor]) -> None:
    visitor = visit(viewport={"width": 1280, "height": 720})
    page = visitor.open("train")
    tops = "[...document.querySelectorAll('.figures > div')].map(figure => figure.getBoundingClientRect().top)"
    for width, lines in ((1280, [4]), (1024, [2, 2]), (390, [2, 2])):
        page.set_viewport_size({"width": width, "height": 720})
        wait_until(
            lambda lines=lines: sorted(Counter(page.evaluate(tops)).values()) == lines, f"{lines} at {width} pixels", 10
        )
