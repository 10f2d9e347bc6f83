"""A click on an image leads to its page, within the session, and from there back or on."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import expect

from emnist_core import data
from tools.browser import Visitor


def test_an_image_opens_its_page_and_leads_back(visit: Callable[..., Visitor]) -> None:
    sample = data.load("balanced", "test", "sample")
    title = f"{sample.name}, test (n = {len(sample):,})"
    page = visit().open("confusion?" + urlencode({"run": "lenet5", "data": title}))
    first = page.locator("a.pick").first
    row = parse_qs(urlsplit(first.get_attribute("href") or "").query)["row"][0]
    first.click()
    expect(page.locator("h1")).to_have_text("Image", timeout=60_000)
    expect(page.get_by_text(f"Row {int(row):,}:")).to_be_visible(timeout=60_000)
    assert parse_qs(urlsplit(page.url).query)["row"] == [row]
    assert parse_qs(urlsplit(page.url).query)["of"] == ["lenet5"]
    page.get_by_text("Its cell").click()
    expect(page.locator("h1")).to_have_text("Confusion", timeout=60_000)
    expect(page.get_by_role("heading", name="read as")).to_be_visible(timeout=60_000)
    assert parse_qs(urlsplit(page.url).query)["run"] == ["lenet5"]


def test_an_image_leads_to_its_feature_maps(visit: Callable[..., Visitor]) -> None:
    sample = data.load("balanced", "test", "sample")
    title = f"{sample.name}, test (n = {len(sample):,})"
    page = visit().open("image?" + urlencode({"of": "lenet5", "on": title, "row": 123}))
    page.get_by_text("Layer by layer").click()
    expect(page.locator("h1")).to_have_text("Architecture", timeout=60_000)
    expect(page.get_by_label("Row")).to_have_value("123", timeout=60_000)
    expect(page.locator(".maps .map").first).to_be_visible(timeout=60_000)
    assert parse_qs(urlsplit(page.url).query)["network"] == ["lenet5"]
