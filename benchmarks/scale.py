"""All of EMNIST at once: ``python -m benchmarks.scale``, with real rows in ``EMNIST_HOME`` where there are any.

Makes IDX files of ByClass's size, 697,932 training and 116,323 test images, by repeating the rows of ByClass
or Balanced in the cache (otherwise of the bundled sample) into a temporary folder, and deletes it at the end.
Then, each step in a process of its own: fetching them into a cache, opening, counting, filtering, statistics
and shuffled batches, with the time after the imports and the peak of resident memory, files that are mapped
included. Last, the page itself in Chromium.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.repeating import write_part
from benchmarks.report import PROJECT, machine, table
from emnist_core import data
from emnist_core.data import Dataset
from emnist_core.errors import DataError
from emnist_core.splits import PARTS, SPLITS, Part

SPLIT = SPLITS["byclass"]
LIMIT = 300

STEPS: dict[str, tuple[str, str]] = {
    "fetch": ("unpacked, checked and cached: both parts", 'data.fetch("byclass", folder)'),
    "open": ("opened, class counts: train", 'd = data.load("byclass", "train"); d.class_counts()'),
    "ink": (
        "… and 60 images of one class with 5 to 20 % ink, first time",
        'd = data.load("byclass", "train"); d.class_counts(); '
        "d.images[selection.draw(selection.matching(d, 41, (5, 20)), 60, 1)]",
    ),
    "again": (
        "… and 60 images of one class with 5 to 20 % ink, ever after",
        'd = data.load("byclass", "train"); d.class_counts(); '
        "d.images[selection.draw(selection.matching(d, 41, (5, 20)), 60, 1)]",
    ),
    "means": ("mean and standard deviation of every class", 'statistics.of(data.load("byclass", "train"))'),
    "shared": (
        "images that both parts have in common",
        'duplicates.overlaps([data.load("byclass", part) for part in ("train", "test")])',
    ),
    "odd": ("odd images out", 'statistics.outliers(data.load("byclass", "train"))'),
    "batches": ("one epoch of shuffled batches of 512", 'shuffled(data.load("byclass", "train"))'),
}
CHILD = """
import json, sys, time
from pathlib import Path
import numpy as np
from emnist_core import data
from emnist_core.explore import duplicates, selection, statistics
folder = sys.argv[1]

def shuffled(d):
    order = np.random.default_rng(0).permutation(len(d))
    for start in range(0, len(d), 512):
        d.images[np.sort(order[start : start + 512])].astype(np.float32)

from emnist_core.data import fetching  # imports are not timed
begun = time.perf_counter()
{code}
seconds = time.perf_counter() - begun
status = Path("/proc/self/status").read_text()
peak, own = (int(status.split(name)[1].split()[0]) / 1e3 for name in ("VmHWM:", "RssAnon:"))
print(json.dumps([seconds, peak, own]))
"""


def real_rows() -> Dataset:
    """Rows to repeat: ByClass's where there are any, otherwise Balanced's, otherwise the sample's."""
    parts: tuple[tuple[str, Part], ...] = (
        ("byclass", "train"), ("byclass", "test"), ("balanced", "train"), ("balanced", "test"),
    )  # fmt: skip
    for split, part in parts:
        try:
            return data.load(split, part, "emnist")
        except DataError:
            continue
    return data.load("balanced", "train", "sample")


def measured(step: str, folder: Path, home: Path) -> list[float]:
    """Seconds, peak memory and own memory at the end, both in MB, of one step in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD.replace("{code}", STEPS[step][1]), str(folder)],
        env=os.environ | {"EMNIST_HOME": str(home), "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def on_the_page(home: Path) -> list[tuple[str, str, str, str]]:
    """How long the page takes until counts and a filtered gallery are on the screen, and the server's memory."""
    from benchmarks.browsing import PATIENCE, app, chromium, settle

    address = "explore?split=ByClass&part=train&class=f&ink=5&ink=20"
    there = "document.querySelectorAll('.tile').length >= 60 && document.querySelector('.counts li')"
    changed = "before => document.querySelector('.tile')?.title !== before && " + there
    rows: list[tuple[str, str, str, str]] = []

    with app(PROJECT, home) as server, chromium() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})

        def note(title: str, begun: float) -> None:
            memory = server.process.memory_full_info()
            seconds = time.perf_counter() - begun
            rows.append((title, f"{seconds:.2f}", f"{memory.rss / 1e6:,.0f}", f"{memory.uss / 1e6:,.0f}"))

        for title in ("page: opened at such a gallery, a new server", "… and opened anew, a whole page load"):
            begun = time.perf_counter()
            page.goto(f"{server.address}/{address}")
            page.wait_for_function(there, timeout=1000 * PATIENCE)
            note(title, begun)
            settle(page)
        for draw in ("7", "8", "9"):
            before = page.locator(".tile").first.get_attribute("title")
            begun = time.perf_counter()
            page.locator(".st-key-draw input").fill(draw)
            page.locator(".st-key-draw input").press("Enter")
            page.wait_for_function(changed, arg=before, timeout=1000 * PATIENCE)
            note("… another draw of it, counts and gallery", begun)
            settle(page)
    return rows


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--no-page", action="store_true", help="leave out the page in Chromium")
    chosen = arguments.parse_args()
    rows = real_rows()
    with tempfile.TemporaryDirectory(prefix="emnist-scale-") as temporary:
        folder, home = Path(temporary) / "files", Path(temporary) / "home"
        folder.mkdir()
        home.mkdir()
        for part in PARTS:
            write_part(folder, SPLIT, part, rows)
        printed = []
        for step, (title, _) in STEPS.items():
            seconds, peak, own = measured(step, folder, home)
            printed.append((title, f"{seconds:.2f}", f"{peak:,.0f}", f"{own:,.0f}"))
        if not chosen.no_page:
            printed += on_the_page(home)
    count = SPLIT.train + SPLIT.test
    print(f"{count:,} images, made by repeating {len(rows):,} rows of {rows.name}.\n")
    print(table(("step", "s", "peak memory, MB", "of its own, MB"), printed))
    print(
        "\nn = 1 each. Peak memory counts what is mapped from files, which the system takes back when it needs room; "
        "memory of its own does not, and is that at the end. On the page both are the server's at that moment. "
        f"Target: < {LIMIT} MB, filtered gallery and counts < 1 s.\n"
    )
    print(machine("numpy", "streamlit"))


if __name__ == "__main__":
    main()
