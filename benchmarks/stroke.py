"""From the end of a stroke to the answers, in a real Chromium: ``python -m benchmarks.stroke``.

Opens Sketch on a newly started server, with nothing fetched, and draws letters of straight strokes by mouse. Timed in
the browser, from the release of the button to the last frame that changed an answer within three seconds: of the models
that the browser reads by itself, 0 where their answers while the pen moved stay, and of those that the server reads.
"""

from playwright.sync_api import Page

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
WATCHED = 3000
"""Milliseconds after a stroke in which answers may still change."""

WATCH = """(watched) => {
    const answers = () => {
        const here = (document.querySelector('.live')?.dataset.opened ?? '').split(' ');
        const told = {here: '', server: ''};
        for (const row of document.querySelectorAll('.ranking tbody tr')) {
            told[here.includes(row.dataset.run) ? 'here' : 'server'] += row.dataset.probability ?? '';
        }
        return told;
    };
    document.addEventListener('mouseup', () => {
        const begun = performance.now();
        let shown = answers();
        window.took = {here: 0, server: 0};
        const look = () => {
            const now = answers();
            for (const who of ['here', 'server']) {
                if (now[who] !== shown[who]) window.took[who] = performance.now() - begun;
            }
            shown = now;
            if (performance.now() - begun < watched) requestAnimationFrame(look);
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
        took = []
        for letter in LETTERS:
            took += [draw_stroke(page, stroke) for stroke in letter]
            clear(page)
    rows = [
        ("**models that the browser reads**", len(took), median([each["here"] for each in took], 0)),
        ("a model that the server reads, when the pen rests", len(took), median([each["server"] for each in took], 0)),
    ]
    print(table(["from the end of a stroke to its answers, ms", "n", "median (min–max)"], rows))
    print(f"\n{machine('streamlit', 'playwright', 'ai-edge-litert')}")


def clear(page: Page) -> None:
    """Empty the canvas."""
    page.get_by_role("button", name="Clear").click()
    settle(page)


def draw_stroke(page: Page, stroke: Stroke) -> dict[str, float]:
    """Draw one stroke; milliseconds until the answers stay, of the models read ``here`` and of the ``server``'s."""
    page.evaluate(WATCH, WATCHED)
    draw(page, [stroke])
    page.wait_for_timeout(WATCHED)
    return dict(page.evaluate("window.took"))


if __name__ == "__main__":
    main()
