"""Take the documentation's pictures of the app, into ``docs/screenshots``.

    python -m tools.take_screenshots [NAME …]

It starts the real app with an empty ``EMNIST_HOME``, so that every picture shows the bundled sample and never
EMNIST, and holds each page to saying so. The sketch is really drawn, and the training really trains.
"""

import io
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from emnist_core import data, paths
from tools.browser import CHROMIUM, FLAGS, HOW_TO_GET_ONE, App, Visitor, draw, serve, wait_until

FOLDER = paths.PROJECT / "docs" / "screenshots"
LARGEST = 250_000
HOOK = [(184, 84), (181, 70), (174, 59), (162, 52), (150, 51), (139, 56), (131, 67), (126, 86), (124, 110)]
SMALL_F: list[Sequence[tuple[int, int]]] = [[*HOOK, (122, 160), (118, 236)], [(84, 136), (166, 129)]]
EPOCHS = 24


def nothing(_page: Page) -> None:
    """The page as it opens."""


def draw_an_f(page: Page) -> None:
    """A small f, drawn with the mouse, and the models' answers."""
    draw(page, SMALL_F)
    rows, answered = page.locator(".ranking tr[data-run]"), page.locator(".ranking tr[data-label]")
    wait_until(lambda: 0 < rows.count() == answered.count(), "every model has answered")


def show_maps(page: Page) -> None:
    """The feature maps, further down."""
    page.locator(".maps").scroll_into_view_if_needed()


def train(page: Page) -> None:
    """Train on the sample until half of the curve is there."""
    page.get_by_role("button", name="Start training").click()
    epochs = page.locator(".figures div").filter(has_text="Epoch")
    wait_until(lambda: epochs.inner_text().split()[-3:] == [str(EPOCHS // 2), "of", str(EPOCHS)], "half of it", 300)
    page.mouse.move(720, 5)  # off the button, whose hint would cover the form


@dataclass(frozen=True)
class Picture:
    """One picture: the page, how it is come to, and the window.

    Attributes:
        path: the page's address within the app.
        does: what is done on the page before the picture is taken.
        says: what the page must say, so that nobody takes the sample for EMNIST; None where no data is shown.
        width, height: the window, in pixels.
        theme: ``"light"`` or ``"dark"``.
    """

    path: str
    does: Callable[[Page], None] = nothing
    says: str | None = "bundled sample"
    width: int = 1440
    height: int = 900
    theme: Literal["light", "dark"] = "light"


CONFUSION = "confusion?" + urlencode({"data": data.load("balanced", "test", "sample").title, "true": "O", "pred": "0"})
COMPARED = ("vanilla-cnn", "lenet5-v2", "se-resnet")
ARCHITECTURE = "architecture?" + urlencode({"network": "lenet5-v2", "image_row": 15})
PICTURES = {
    "home": Picture("", draw_an_f, height=1000),
    "explore": Picture("explore", height=1100),
    "confusion": Picture(CONFUSION, height=1250),
    "pair": Picture("pair?aspect=How+sure%3F", height=1150),
    "architecture": Picture(ARCHITECTURE, show_maps, height=1000),
    "experiments": Picture("experiments", says=None, height=900),
    "runs": Picture("runs?" + "&".join(f"runs={name}" for name in COMPARED), says=None, height=1150),
    "sketch": Picture("sketch", draw_an_f, None, height=1040),
    "confusion-dark": Picture(CONFUSION, height=1250, theme="dark"),
    "home-phone": Picture("", draw_an_f, width=390, height=844),
    "sketch-phone": Picture("sketch", draw_an_f, None, width=390, height=1100, theme="dark"),
    # Last, since its run would stand in the other pictures.
    "train": Picture(f"train?epochs={EPOCHS}", train, height=1000),
}


def take(visitor: Visitor, picture: Picture) -> bytes:
    """Take one picture; returns a PNG of at most ``LARGEST`` bytes."""
    page = visitor.open(picture.path)
    picture.does(page)
    visitor.settle()
    if picture.says is not None:
        expect(page.get_by_test_id("stMain")).to_contain_text(picture.says)
    page.wait_for_timeout(1000)  # for what still fades in
    visitor.assert_sound()
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    for version in (taken, taken.quantize(256, dither=Image.Dither.NONE)):
        packed = io.BytesIO()
        version.save(packed, "PNG", optimize=True)
        if packed.tell() <= LARGEST:
            return packed.getvalue()
    raise SystemExit(f"{picture.path} is {packed.tell():,} bytes even in 256 colours; show less of it.")


def main(names: Sequence[str]) -> None:
    """Take the pictures called ``names``, or all."""
    unknown = set(names) - set(PICTURES)
    if unknown:
        raise SystemExit(f"There is no picture {', '.join(sorted(unknown))}; choose from {', '.join(PICTURES)}.")
    if CHROMIUM is None:
        raise SystemExit(HOW_TO_GET_ONE)
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        serve(Path(home)) as app,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        for name, picture in PICTURES.items():
            if names and name not in names:
                continue
            png = take(window(browser, app, picture), picture)
            (FOLDER / f"{name}.png").write_bytes(png)
            print(f"{name}.png  {len(png) / 1000:.0f} kB", flush=True)


def window(browser: Browser, app: App, picture: Picture) -> Visitor:
    """A window of the picture's size and theme."""
    size = ViewportSize(width=picture.width, height=picture.height)
    return Visitor(app, browser.new_page(viewport=size, color_scheme=picture.theme))


if __name__ == "__main__":
    main(sys.argv[1:])
