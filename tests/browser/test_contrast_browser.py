"""Every text on every page stands out from what lies behind it, on paper and on the blackboard.

WCAG asks 4.5:1, and 3:1 of large letters and of icons; controls that cannot be used are left out.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

from emnist_core import data
from tools.browser import App, Visitor, wait_until

LOOK = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
IS_STILL = "document.getAnimations().every(a => a.playState !== 'running' || a.effect.getTiming().iterations > 1)"
THEMES = {"light": "rgb(251, 250, 245)", "dark": "rgb(23, 33, 30)"}


def on_sample(page: str, key: str, **parameters: str) -> str:
    """The address of a page on the bundled sample, whose images are always there."""
    sample = data.load("balanced", "test", "sample")
    return f"{page}?" + urlencode({key: f"{sample.name}, test (n = {len(sample):,})"} | parameters)


def confusion(**parameters: str) -> str:
    """The address of Confusion."""
    return on_sample("confusion", "data", **parameters)


def pair(**parameters: str) -> str:
    """The address of Pair lab."""
    return on_sample("pair", "pair_data", **parameters)


def unfold_recipe(page: Page) -> None:
    """Show the recipe below Train's chart."""
    page.get_by_text("Recipe, to take along").click()
    page.get_by_test_id("stJson").get_by_text("batch_size").wait_for()


def nothing(_page: Page) -> None:
    """The page as it opens."""


CHART, POINT, CURVES = ".js-plotly-plot .xtick", ".js-plotly-plot .point", ".curves text"
MATRIX, PAGES = ".matrix td", '[data-testid="stPaginationEllipsis"]'
PLACES: dict[str, tuple[str, str, Callable[[Page], None]]] = {
    "Home": ("", "table", nothing),
    "Explore": ("explore", ".counts", nothing),
    "Explore, two classes on the map": ("explore?tab=Map&points=1000&picked=9&picked=q", POINT, nothing),
    "Train": ("train", CURVES, unfold_recipe),
    "Confusion": (confusion(), MATRIX, nothing),
    "Confusion, large": (confusion(large="true"), MATRIX, nothing),
    "Confusion, pages of images": (confusion(kinds="capitals", true="A-Z", pred="A-Z"), PAGES, nothing),
    "Pair lab": (pair(), ".tile", nothing),
    "Pair lab, how sure": (pair(aspect="How sure?"), CHART, nothing),
    "Pair lab, models": (pair(aspect="Models"), CHART, nothing),
    "Pair lab, epoch by epoch": (pair(aspect="Epoch by epoch"), CHART, nothing),
    "Architecture": ("architecture", "table", nothing),
    "Experiments": ("experiments", CHART, nothing),
    "Image": ("image", ".tile", nothing),
    "Runs, one picked": ("runs?runs=lenet5-v2", ".figures", nothing),
    "Runs, compared": ("runs?runs=lenet5-v2&runs=se-resnet", CHART, nothing),
    "Sketch": ("sketch", "canvas", nothing),
}
"""A place of the app: its address, what is there when it is drawn, and what is done there first."""


@pytest.fixture(scope="module")
def window(chromium: Browser, app: App) -> Iterator[Visitor]:
    """One window for all places, so that Streamlit's files are fetched once."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield Visitor(app, context.new_page())
    context.close()


@pytest.mark.parametrize("place", PLACES)
def test_text_stands_out_in_both_themes(place: str, window: Visitor) -> None:
    address, drawn, prepare = PLACES[place]
    page = window.open(address)
    page.locator(drawn).first.wait_for(state="attached")
    prepare(page)
    pale: dict[str, list[str]] = {}
    for theme, colour in THEMES.items():
        page.emulate_media(color_scheme=theme)
        wait_until(lambda colour=colour: page.evaluate(BACKGROUND) == colour, f"{place} is {theme}")
        window.settle()
        page.locator(drawn).first.wait_for(state="attached")
        wait_until(lambda: page.evaluate(IS_STILL), "colours have changed over")
        seen = page.evaluate(LOOK)
        assert seen["count"] > 30, "hardly any text was looked at"
        if seen["pale"]:
            pale[theme] = seen["pale"]
    assert pale == {}
    window.assert_sound()


def test_text_that_is_pale_is_found(window: Visitor) -> None:
    page = window.open()
    page.emulate_media(color_scheme="light")
    wait_until(lambda: page.evaluate(BACKGROUND) == THEMES["light"], "the page is light")
    page.locator("h1").evaluate("""title => title.insertAdjacentHTML("afterend", `
        <p style="color: #767676; background: #fff">just dark enough</p>
        <p style="color: #787878; background: #fff">a little too pale</p>
        <p style="color: #000; background: #fff"><span style="opacity: 0.5">made paler</span></p>
        <p style="color: #949494; background: #fff; font-size: 24px">large</p>
        <div style="background: #000"><p style="color: #333; background: rgb(255 255 255 / 30%)">on a veil</p></div>
        <button disabled style="color: #ccc; background: #fff">not to be used</button>
        <svg class="main-svg"><text y="20" style="fill: #bbb; color: #000">in a chart</text></svg>
        `)""")
    found = [line.split('"')[1] for line in page.evaluate(LOOK)["pale"]]
    assert sorted(found) == ["a little too pale", "in a chart", "made paler", "on a veil"]
