"""How long a first visitor waits: ``python -m benchmarks.first_paint``.

Starts ``streamlit run app.py`` anew, with nothing fetched, waits for its health check, opens the landing
page in a newly started Chromium (empty caches) and times, from the opening of the address, until

* the title and the table of characters are on screen,
* the first model's answers are,
* every model's answers are.

The page itself notes these moments, to within a frame. Five starts; medians. Whether TensorFlow came into
the server process is read from the libraries that are mapped into it.
"""

from collections import defaultdict

from benchmarks.browsing import PATIENCE, app, chromium
from benchmarks.report import PROJECT, machine, median, table

STARTS = 5
TARGET = 1.5

# Runs before the page's own scripts and looks once a frame; times are since the address was opened.
WATCH = """
window.seen = {};
const note = (name, isThere) => { if (isThere && !(name in seen)) seen[name] = performance.now() / 1000; };
const isVisible = element => element !== null && element.getBoundingClientRect().height > 0;
const look = () => {
    const rows = [...document.querySelectorAll('.answers tr')];
    const answered = rows.filter(row => row.querySelector('.yes, .no'));
    note('table', isVisible(document.querySelector('h1')) && isVisible(document.querySelector('.answers .ink')));
    note('first', answered.length > 0);
    note('every', answered.length > 0 && !rows.some(row => row.textContent.includes('…')));
    seen.models = answered.length;
    if (!('every' in seen)) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def visit() -> tuple[dict[str, float], bool]:
    """Start everything once; returns the moments in seconds, and whether TensorFlow was in the server."""
    with app(PROJECT) as server, chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(WATCH)
        page.goto(server.address)
        page.wait_for_function("window.seen && 'every' in window.seen", timeout=1000 * PATIENCE)
        return page.evaluate("window.seen") | {"health": server.seconds}, server.has_mapped("tensorflow")


def main() -> None:
    """Print the table."""
    moments = defaultdict(list)
    with_tensorflow = 0
    for _ in range(STARTS):
        seen, has_tensorflow = visit()
        with_tensorflow += has_tensorflow
        for name, value in seen.items():
            moments[name].append(value)
    models = int(min(moments["models"]))
    rows = [
        ("**title and table of characters**", STARTS, median(moments["table"]), f"< {TARGET}"),
        ("the first model's answers", STARTS, median(moments["first"]), ""),
        (f"all {models} models' answers", STARTS, median(moments["every"]), ""),
        ("(before that: server start until its health check answers)", STARTS, median(moments["health"]), ""),
    ]
    print(table(("on screen after opening the address", "n", "median (min–max), s", "target, s"), rows))
    print(f"\nTensorFlow in the server process: in {with_tensorflow} of {STARTS} starts.\n")
    print(machine("streamlit", "playwright", "ai-edge-litert"))


if __name__ == "__main__":
    main()
