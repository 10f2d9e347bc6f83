"""From the end of a stroke to the answers, in a real Chromium: ``python -m benchmarks.stroke``.

Opens Sketch on a newly started server, with nothing fetched, and draws letters of straight strokes by mouse. Timed in
the browser: from the release of the button to the frame whose table of answers is another one. The first stroke is on
an empty canvas, each of the others changes what stands there. A stroke that changes no figure is left out.
"""

from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as NoChange

from benchmarks.browsing import PATIENCE, app, chromium, settle
from benchmarks.report import PROJECT, machine, median, table
from tools.browser import Stroke, draw

LETTERS: list[list[Stroke]] = [
    [[(75, 45), (75, 235)], [(75, 45), (200, 45)], [(75, 140), (180, 140)], [(75, 235), (205, 235)]],  # E
    [[(80, 45), (80, 235)], [(205, 45), (205, 235)], [(80, 140), (205, 140)]],  # H
    [[(140, 45), (70, 235)], [(140, 45), (210, 235)], [(100, 160), (180, 160)]],  # A
    [[(80, 45), (80, 235)], [(80, 150), (200, 45)], [(115, 120), (205, 235)]],  # K
    [[(70, 235), (70, 45)], [(70, 45), (140, 150)], [(140, 150), (210, 45)], [(210, 45), (210, 235)]],  # M
    [[(60, 55), (220, 55)], [(140, 55), (140, 235)]],  # T
    [[(75, 50), (205, 230)], [(205, 50), (75, 230)]],  # X
    [[(175, 235), (175, 45)], [(175, 45), (70, 165)], [(70, 165), (220, 165)]],  # 4
]
GIVEN_UP = 5000
"""Milliseconds after which a stroke is taken for one that changed nothing."""

WATCH = """() => {
    window.took = null;
    const table = () => document.querySelector('.ranking')?.textContent ?? '';
    const before = table();
    document.addEventListener('mouseup', () => {
        const begun = performance.now();
        const look = () => {
            if (table() && table() !== before) window.took = performance.now() - begun;
            else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    }, {once: true, capture: true});
}"""


def main() -> None:
    """Draw, print the table."""
    with app(PROJECT) as server, chromium() as browser:
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        page.goto(f"{server.address}/sketch")
        page.wait_for_selector("canvas", timeout=1000 * PATIENCE)
        settle(page)
        drawn = [draw_letter(page, letter) for letter in LETTERS]
    first = [strokes[0] for strokes in drawn if strokes[0] is not None]
    later = [took for strokes in drawn for took in strokes[1:] if took is not None]
    rows = [
        ("first stroke on an empty canvas until every model's answers", len(first), median(first, 0)),
        ("**another stroke until the answers are new ones**", len(later), median(later, 0)),
    ]
    print(table(["in Chromium, ms", "n", "median (min–max)"], rows))
    print(f"\n{machine('streamlit', 'playwright', 'ai-edge-litert')}")


def draw_letter(page: Page, letter: list[Stroke]) -> list[float | None]:
    """Clear the canvas and draw; milliseconds until the answers to each stroke, None where they are the same."""
    clear(page)
    return [draw_stroke(page, stroke) for stroke in letter]


def clear(page: Page) -> None:
    """Empty the canvas, and wait until nothing is answered."""
    if page.locator(".ranking").count():
        page.get_by_role("button", name="Clear").click()
        page.wait_for_selector(".ranking", state="detached", timeout=1000 * PATIENCE)
        settle(page)


def draw_stroke(page: Page, stroke: Stroke) -> float | None:
    """Draw one stroke; milliseconds until the answers change, None when they do not."""
    page.evaluate(WATCH)
    draw(page, [stroke])
    try:
        page.wait_for_function("window.took !== null", timeout=GIVEN_UP)
    except NoChange:
        return None
    took = float(page.evaluate("window.took"))
    page.wait_for_timeout(300)
    return took


if __name__ == "__main__":
    main()
