"""From a click on a cell to its images: ``EMNIST_HOME=… python -m benchmarks.confusion_click``.

Opens the Confusion page of a run that ships in Chromium, on as many test images as Balanced officially has, made by
repeating what of them is in the cache (with nothing fetched: on the bundled sample), and times

* the page with its predictions at hand: from opening the address until the figures and the first gallery are
  on screen, and until the matrix is too; in a new browser with empty caches, and when it comes back,
* a click on a cell until exactly that cell's images are on screen: ten cells with images, full ones and rare
  ones, timed in the browser from the press of the mouse button to the frame that has the gallery,
* the server's memory over 200 clicks.
"""

import os
import re
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page

from benchmarks.browsing import PATIENCE, app, chromium, settle
from benchmarks.repeating import write_part
from benchmarks.report import PROJECT, machine, median, table
from benchmarks.unwatched import new_browser
from emnist_core import data, runs
from emnist_core.data import fetching
from emnist_core.errors import DataError
from emnist_core.evaluation.store import evaluate
from emnist_core.splits import SPLITS

RUN = "lenet5-v2"
CLICKS, MANY, SHOWN, VISITS, WAIT = 10, 200, 60, 7, 5.0
TARGET, PAINT_TARGET = 300, 1.5

PAINTED = """
window.seen = {};
const note = (name, selector) => {
    if (document.querySelector(selector) && !(name in seen)) seen[name] = performance.now() / 1000;
};
const look = () => {
    note('figures', '.figures');
    note('gallery', '.tile');
    note('matrix', '.matrix td');
    if (Object.keys(seen).length < 3) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
WATCH = """([heading, tiles]) => {
    window.took = null;
    document.addEventListener('mousedown', () => {
        const begun = performance.now();
        const look = () => {
            const said = [...document.querySelectorAll('h3')].map((heading) => heading.textContent).join();
            const there = document.querySelectorAll('.tile').length === tiles;
            if (said.includes(heading) && there) window.took = performance.now() - begun;
            else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
    }, {once: true, capture: true});
}"""


@contextmanager
def full_test_part() -> Iterator[tuple[Path, int]]:
    """A cache with a test part of Balanced's official size, and how many real rows it repeats; 0: it is empty."""
    with tempfile.TemporaryDirectory(prefix="emnist-click-") as temporary:
        home, files = Path(temporary) / "home", Path(temporary) / "files"
        home.mkdir()
        files.mkdir()
        try:
            rows = data.load("balanced", "test", "emnist")
        except DataError:
            yield home, 0
            return
        write_part(files, SPLITS["balanced"], "test", rows)
        os.environ["EMNIST_HOME"] = str(home)
        fetching.fetch("balanced", files, parts=("test",))
        yield home, len(rows)


def cells() -> tuple[str, list[tuple[str, str, int]]]:
    """The title of the evaluation, and its cells: true, read, images; fullest first."""
    run = runs.find(RUN)
    dataset = data.load(run.recipe.split, "test")
    evaluation = evaluate(run, dataset)
    counts, labels = evaluation.confusion, evaluation.labels
    found = [(labels[i], labels[j], int(counts[i, j])) for i, j in zip(*counts.nonzero(), strict=True) if i != j]
    return f"{dataset.name}, test (n = {len(dataset):,})", sorted(found, key=lambda cell: -cell[2])


def click(page: Page, true: str, read: str, images: int) -> float:
    """Click a cell; milliseconds until its gallery is there."""
    row = page.locator(".matrix tbody tr").filter(has=page.locator("th", has_text=re.compile(f"^{true}$")))
    cell = row.locator("td").nth(page.locator(".matrix thead th").all_text_contents().index(read) - 1)
    cell.hover()
    page.evaluate(WATCH, [f"images of {true} read as {read}", min(images, SHOWN)])
    cell.click()
    page.wait_for_function("window.took !== null", timeout=1000 * PATIENCE)
    return float(page.evaluate("window.took"))


def paint_rows(who: str, seen: list[dict[str, float]]) -> list[tuple[str, int, str, str]]:
    """Two rows: until the figures and the gallery are there, and until the matrix is."""
    content = [max(moments["figures"], moments["gallery"]) for moments in seen]
    matrix = [moments["matrix"] for moments in seen]
    return [
        (f"figures and gallery on screen, {who}, s", len(seen), median(content), f"< {PAINT_TARGET}"),
        (f"… and the matrix, {who}, s", len(seen), median(matrix), ""),
    ]


def main() -> None:
    """Print the table."""
    with full_test_part() as (home, real):
        _measure(home, real)


def _measure(home: Path, real: int) -> None:
    title, found = cells()
    found = [cell for cell in found if cell[:2] != ("f", "F")]
    step = len(found) // CLICKS
    chosen = [found[i * step] for i in range(CLICKS)]
    with app(PROJECT, home) as server:
        address = f"{server.address}/confusion?{urlencode({'run': RUN, 'data': title})}"
        paints = _paints(address)
        with chromium() as browser:
            page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
            page.goto(address)
            page.wait_for_selector(".tile", timeout=1000 * PATIENCE)
            settle(page)
            times = [click(page, *cell) for cell in chosen]
            memory = [server.process.memory_info().rss / 1e6]
            for number in range(MANY):
                click(page, *found[number % 40])
                if number % 50 == 49:
                    memory.append(server.process.memory_info().rss / 1e6)
    grown = ", ".join(f"{megabytes:,.0f}" for megabytes in memory)
    rows: list[tuple[str, int, str, str]] = [
        ("**click on a cell until its images are on screen, ms**", CLICKS, median(times, 0), f"< {TARGET}"),
        *(row for who, seen in paints.items() for row in paint_rows(who, seen)),
        ("server memory before, and after every 50 of 200 clicks, MB", 5, grown, "flat"),
    ]
    print(table((title, "n", "median (min–max)", "target"), rows))
    if real:
        print(f"\nThe test part is {real:,} real rows, repeated up to the official 18,800.")
    print(f"\nSlowest of ten: {max(times):.0f} ms, mean {statistics.mean(times):.0f} ms.\n")
    print(machine("streamlit", "playwright"))


def _paints(address: str) -> dict[str, list[dict[str, float]]]:
    """When what was on screen, in a new browser and when it comes back, after a visit that warms the server up."""
    paints: dict[str, list[dict[str, float]]] = {"a new browser": [], "coming back": []}
    for _ in range(VISITS + 1):
        with new_browser() as tab:
            for seen in paints.values():
                seen.append(tab.time(address, PAINTED, "window.seen", WAIT))
    return {who: seen[1:] for who, seen in paints.items()}


if __name__ == "__main__":
    main()
