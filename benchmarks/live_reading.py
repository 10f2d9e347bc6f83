"""Answers while the pen moves, in a real Chromium: ``python -m benchmarks.live_reading``.

Opens Sketch on a fresh server, puts the pen down and measures

* how often a second each small model's row is renewed while the pen moves without a pause, stroke by stroke,
* the time from a movement of the pen, as the browser stamps the event, to the renewed row: the pen moves a little,
  waits for LeNet-5 v2's row, and moves on,
* the time from an empty cache to all small models being open.
"""

import math
import os
import statistics
import time
from collections.abc import Iterator

from playwright.sync_api import Page

from benchmarks.browsing import PATIENCE, app, chromium, settle
from benchmarks.report import PROJECT, machine, median, table
from emnist_core import paths

SMALL = sorted({file.parent.name for file in paths.SHIPPED_RUNS.glob("*/model.tflite")} - {"resnet34"})
FASTEST = "lenet5-v2"
STROKES, SECONDS, STEPS, MOVES = 5, 3.0, 300, 120
DOT = 30  # steps before which a stroke is a dot, of which no model is asked
WATCH = """() => {
    window.renewed = {};
    window.moved = [];
    addEventListener("pointermove", (event) => moved.push(event.timeStamp), true);
    new MutationObserver((changes) => {
        for (const {target, attributeName} of changes) {
            if (attributeName === "data-probability") (renewed[target.dataset.run] ??= []).push(performance.now());
        }
    }).observe(document, {subtree: true, attributes: true});
}"""
OPENED = "(names) => names.every((n) => document.querySelector('.live')?.dataset.opened?.split(' ').includes(n))"


def stroke(page: Page) -> Iterator[None]:
    """Clear the canvas and put the pen down; each step then moves it two pixels along a circle."""
    page.mouse.up()
    page.get_by_role("button", name="Clear").first.click()
    page.locator(".live .advice").wait_for()
    settle(page)
    box = page.locator("canvas").last.bounding_box()
    if box is None:
        raise RuntimeError("The canvas is not on the screen.")
    x, y = box["x"] + 140, box["y"] + 140
    page.mouse.move(x - 100, y)
    page.mouse.down()
    for step in range(1, STEPS):
        page.mouse.move(x - 100 * math.cos(step / 50), y - 100 * math.sin(step / 50))
        yield


def rates(page: Page) -> dict[str, list[float]]:
    """Renewals a second of each model's row, stroke by stroke, while the pen moves without a pause."""
    found: dict[str, list[float]] = {name: [] for name in SMALL}
    for _ in range(STROKES):
        moves = stroke(page)
        next(moves)
        page.evaluate("renewed = {}")
        begun = time.perf_counter()
        while time.perf_counter() < begun + SECONDS and next(moves, True) is None:
            pass
        counts = page.evaluate("Object.fromEntries(Object.entries(renewed).map(([run, times]) => [run, times.length]))")
        for name in SMALL:
            found[name].append(counts.get(name, 0) / (time.perf_counter() - begun))
    return found


def delays(page: Page) -> list[float]:
    """Milliseconds from a movement of the pen to the renewed row."""
    found = []
    moves = stroke(page)
    for _ in range(DOT):
        next(moves)
    for _ in range(MOVES):
        next(moves)
        page.wait_for_timeout(100)  # all rows have answered to what was drawn before
        page.evaluate("renewed = {}; moved = []")
        next(moves)
        page.wait_for_function("(name) => moved.length && renewed[name]?.at(-1) > moved[0]", arg=FASTEST)
        answered = "(name) => renewed[name].find((moment) => moment > moved[0]) - moved[0]"
        found.append(float(page.evaluate(answered, FASTEST)))
    return found


def main() -> None:
    """Print the tables."""
    with app(PROJECT) as server, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        begun = time.perf_counter()
        page.goto(f"{server.address}/sketch")
        page.wait_for_function(OPENED, arg=SMALL, timeout=1000 * PATIENCE)
        opened = time.perf_counter() - begun
        settle(page)
        page.evaluate(WATCH)
        renewals = rates(page)
        waits = delays(page)
    rows = [
        (f"renewals a second, {name}", len(values), median(values, 1), "≥ 30" if name == FASTEST else "≥ 8")
        for name, values in renewals.items()
    ]
    late = statistics.quantiles(waits, n=20)[-1]
    rows += [
        (f"from the pen's movement to {FASTEST}'s row, ms", len(waits), median(waits, 0), "< 50"),
        ("… its 95th percentile, ms", len(waits), f"{late:.0f}", "< 120"),
        ("opening the address until all five are open, s", 1, f"{opened:.1f}", ""),
    ]
    print(table(("", "n", "median (min–max)", "target"), rows))
    load = os.getloadavg()[0]
    print(f"\nAll five read at once. The machine's load meanwhile: {load:.1f} on {os.cpu_count()} cores.")
    print(f"\n{machine('streamlit', 'playwright')}")


if __name__ == "__main__":
    main()
