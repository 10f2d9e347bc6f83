"""Memory of the server: ``python -m benchmarks.memory``.

Starts the app with nothing fetched and opens its pages one after another in Chromium, as a visitor does. The
landing page opens every shipped model; on Sketch a stroke is drawn, which every model reads. After each step,
resident memory (RSS) and its share when pages shared with other processes are divided among them (PSS).

The last step is the dearest thing a visitor can ask for: a copy of the app in which nothing was evaluated
before, so that Confusion has every model read the sample's test part.
"""

import shutil
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from benchmarks.browsing import PATIENCE, Server, app, chromium, settle
from benchmarks.report import PROJECT, machine, table

PAGES = ("", "explore", "train", "confusion", "sketch")
TARGET = 500
RAN = ("app.py", ".streamlit", "pages", "widgets", "emnist_core", "trained_models")

Row = tuple[str, str, str]


def row(step: str, server: Server) -> Row:
    """Memory now."""
    memory = server.process.memory_full_info()
    return step, f"{memory.rss / 1e6:,.0f}", f"{memory.pss / 1e6:,.0f}"


def draw(page: Page) -> None:
    """Draw a stroke and wait for the answers."""
    canvas = page.locator("canvas").last
    box = canvas.bounding_box()
    if box is None:
        raise RuntimeError("The canvas is not on the screen.")
    x, y, side = box["x"], box["y"], box["width"]
    page.mouse.move(x + 0.5 * side, y + 0.2 * side)
    page.mouse.down()
    page.mouse.move(x + 0.5 * side, y + 0.8 * side, steps=8)
    page.mouse.up()
    page.get_by_text("How it becomes an EMNIST image").wait_for()
    settle(page)


def visit_all() -> list[Row]:
    """Memory after every page of one server."""
    rows = []
    with app(PROJECT) as server, chromium() as browser:
        rows.append(row("server started, no visitor yet", server))
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        for name in PAGES:
            page.goto(f"{server.address}/{name}")
            settle(page)
            rows.append(row(f"… and {name.title()} opened" if name else "Home opened, every model open", server))
        draw(page)
        rows.append(row("**… and a character drawn**", server))
    return rows


def evaluate_all() -> Row:
    """Memory after every model has been evaluated on Confusion."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in RAN:
            if (PROJECT / name).is_dir():
                shutil.copytree(PROJECT / name, copy / name, ignore=shutil.ignore_patterns("evaluation", "__pycache__"))
            else:
                shutil.copy(PROJECT / name, copy / name)
        # The package called evaluation is code; only the runs' stored evaluations are left out.
        shutil.copytree(PROJECT / "emnist_core/evaluation", copy / "emnist_core/evaluation")
        with app(copy) as server, chromium() as browser:
            page = browser.new_page()
            for name in sorted(path.parent.name for path in copy.glob("trained_models/*/model.tflite")):
                page.goto(f"{server.address}/confusion?run={name}")
                page.get_by_text("Most confused pairs").wait_for(timeout=1000 * PATIENCE)
                settle(page)
            return row("another server: every model evaluated on Confusion", server)


def main() -> None:
    """Print the table."""
    rows = [*visit_all(), evaluate_all()]
    models = len(list(PROJECT.glob("trained_models/*/model.tflite")))
    print(table(("step", "RSS, MB", "PSS, MB"), rows))
    print(f"\nn = 1, {models} shipped models. Target: < {TARGET} MB.\n")
    print(machine("streamlit", "ai-edge-litert", "numpy", "pandas", "plotly"))


if __name__ == "__main__":
    main()
