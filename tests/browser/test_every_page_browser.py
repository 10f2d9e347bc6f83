"""Every page on a phone and on a desk, on paper and on the blackboard; and what a server says on its way up."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from emnist_core import paths
from tools.browser import App, Visitor, serve, streamlit_run, wait_until

NAMES = sorted(file.stem for file in (paths.PROJECT / "pages").glob("*.py"))
PATHS = ["" if name == "home" else name for name in NAMES]
BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
PAPER, BLACKBOARD = "rgb(251, 250, 245)", "rgb(23, 33, 30)"
TOO_WIDE = """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
    .map(element => element.scrollWidth - innerWidth).some(more => more > 0)"""


@pytest.mark.parametrize("path", PATHS)
def test_fits_every_screen_in_both_themes(path: str, visit: Callable[..., Visitor]) -> None:
    visitor = visit(viewport={"width": 390, "height": 844}, color_scheme="light")
    page = visitor.open(path)
    for width, theme, colour in ((390, "light", PAPER), (390, "dark", BLACKBOARD), (1440, "dark", BLACKBOARD)):
        page.set_viewport_size({"width": width, "height": 844})
        page.emulate_media(color_scheme=theme)
        wait_until(lambda colour=colour: page.evaluate(BACKGROUND) == colour, f"{theme} at {width}")
        visitor.settle()
        wait_until(lambda: not page.evaluate(TOO_WIDE), f"it fits into {width} pixels", 5)
        visitor.assert_sound()


def test_a_phones_menu_closes_after_a_choice(visit: Callable[..., Visitor]) -> None:
    visitor = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = visitor.open()
    for title in ("Confusion", "Home"):
        page.get_by_test_id("stExpandSidebarButton").tap()
        page.get_by_test_id("stSidebarNavLink").filter(has_text=title).tap()
        expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
        expect(page).to_have_title("EMNIST laboratory" if title == "Home" else f"{title} · EMNIST laboratory")
        visitor.settle()


def test_the_pages_are_links_from_the_front_door(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.open()
    for title in ("Explore", "Train", "Confusion", "Sketch"):
        page.get_by_test_id("stPageLink").filter(has_text=title).get_by_role("link").click()
        expect(page.get_by_role("heading", name=title, exact=True, level=1)).to_be_visible()
        page.get_by_test_id("stTopNavLink").filter(has_text="Home").click()
        expect(page.get_by_role("heading", name="EMNIST laboratory", level=1)).to_be_visible()
        visitor.settle()


def test_the_first_visit_to_a_new_server_may_be_a_link(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path) as fresh:
        visitor = Visitor(fresh, chromium.new_page(viewport={"width": 1440, "height": 900}))
        page = visitor.open("explore?part=test&class=f")
        # Streamlit's older kind of app would list the files in a sidebar.
        expect(page.get_by_test_id("stTopNavLink").first).to_contain_text("Home")
        expect(page.get_by_test_id("stSidebar")).to_have_count(0)
        expect(page.get_by_role("combobox", name="Class")).to_have_value("f")
        visitor.assert_sound()
        page.close()


def test_a_port_in_use_is_said_plainly(app: App) -> None:
    second = subprocess.run(streamlit_run(app.port), cwd=paths.PROJECT, capture_output=True, text=True, timeout=60)
    said = second.stdout + second.stderr
    assert second.returncode != 0
    assert f"Port {app.port} is " in said
    assert "Traceback" not in said
