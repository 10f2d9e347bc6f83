"""Watching a training: nothing fades or jumps while it is renewed, a zoom stays, Sketch asks the model meanwhile."""

from collections.abc import Callable

import psutil
from playwright.sync_api import Page, expect

from emnist_core.runs import Run
from tools.browser import PATIENCE, App, Visitor, wait_until

LONGEST = 1000 * PATIENCE
PANELS = "[...document.querySelectorAll('.curves svg')]"
POINTS = f"() => {PANELS}.reduce((sum, panel) => sum + Number(panel.dataset.points ?? 0), 0)"
RANGES = f"() => {PANELS}.flatMap(panel => [panel.dataset.x, panel.dataset.y])"
WATCH = """() => {
    window.palest = 1;
    const look = () => {
        for (const part of document.querySelectorAll('.st-key-live [data-testid=stElementContainer]'))
            window.palest = Math.min(window.palest, Number(getComputedStyle(part).opacity));
        requestAnimationFrame(look);
    };
    look();
}"""


def more_points(page: Page) -> None:
    before = page.evaluate(POINTS)
    wait_until(lambda: page.evaluate(POINTS) > before + 2, "more points")


def zoom(page: Page) -> None:
    """Drag over the left plot."""
    box = page.locator(".curves svg").first.bounding_box()
    assert box
    for place, act in ((0.2, "down"), (0.6, "up")):
        page.mouse.move(box["x"] + place * box["width"], box["y"] + place * box["height"], steps=5)
        getattr(page.mouse, act)()


def test_a_preset_is_watched(visit: Callable[..., Visitor], app: App) -> None:
    visitor = visit(viewport={"width": 1280, "height": 720})
    page = visitor.open("train")
    page.get_by_role("button", name="Learns by heart").click()
    expect(page.get_by_text("Predict:")).to_be_visible(timeout=LONGEST)
    wait_until(lambda: len(page.evaluate(RANGES)) == 4, "the chart")
    [run] = [Run(file.parent) for file in (app.home / "runs").glob("learns-by-heart-*/recipe.json")]
    try:
        empty = page.evaluate(RANGES)
        assert empty == ["0,30", "0,1", "0,30", "0,5"]
        wait_until(lambda: page.evaluate(POINTS) > 0, "the first point", 3 * PATIENCE)
        assert page.evaluate(RANGES) == empty
        page.evaluate(WATCH)
        page.evaluate(f"{PANELS}[0].isTheSame = true")
        more_points(page)
        zoom(page)
        wait_until(lambda: page.evaluate(RANGES)[0] != empty[0], "the zoom", 10)
        zoomed = page.evaluate(RANGES)
        more_points(page)
        assert page.evaluate(RANGES) == zoomed
        assert page.evaluate("window.palest") == 1
        assert page.evaluate(f"{PANELS}[0].isTheSame"), "drawn in place, not put there anew"
        page.locator(".curves svg").first.dblclick()
        wait_until(lambda: page.evaluate(RANGES) == empty, "all is shown again", 10)

        page.get_by_text("Characters", exact=True).click()
        newest = page.locator(".answers tr", has_text="epoch").first
        expect(newest).to_be_visible(timeout=LONGEST)
        then = newest.inner_text()
        wait_until(lambda: newest.inner_text() != then, "another epoch on top")

        other = visit().open("sketch?way=Test+image")
        row = other.locator(".ranking tr", has_text="still training: epoch")
        expect(row).to_be_visible(timeout=LONGEST)
        then = row.inner_text()
        wait_until(lambda: row.inner_text() != then, "the newest weights answer")
    finally:
        status = run.status()
        if status.is_active and status.pid:
            psutil.Process(status.pid).kill()
