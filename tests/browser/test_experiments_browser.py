"""The Experiments page: its curves' legend lies upon no text, and a click on a row chooses it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from emnist_core.sweeps import results
from tools.browser import Visitor

MET = """() => {
    const legend = document.querySelector('.st-key-curves .legend').getBoundingClientRect();
    const texts = '.annotation-text, .xtitle, .ytitle, .xtick text, .ytick text';
    return [...document.querySelectorAll('.st-key-curves :is(' + texts + ')')].filter(text => {
        const box = text.getBoundingClientRect();
        return box.left < legend.right && box.right > legend.left && box.top < legend.bottom && box.bottom > legend.top;
    }).map(text => text.textContent);
}"""
"""The texts of the chart that its legend lies upon."""


def open_report(visitor: Visitor) -> Page:
    page = visitor.open("experiments?table=CNN")
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    return page


@pytest.mark.parametrize("width", [390, 1280])
def test_the_legend_of_the_curves_lies_upon_no_text(width: int, visit: Callable[..., Visitor]) -> None:
    page = open_report(visit(viewport={"width": width, "height": 2600}))
    expect(page.locator(".st-key-curves .legend")).to_be_visible(timeout=60_000)
    assert page.locator(".st-key-curves .xtitle").count() > 0
    assert page.evaluate(MET) == []


@pytest.mark.parametrize("across", [18, 250])
def test_a_click_on_a_row_chooses_it(visit: Callable[..., Visitor], across: int) -> None:
    page = open_report(visit())
    row = results.report()[0].rows[1]
    page.locator("[data-testid=stDataFrame] .dvn-scroller").click(position={"x": across, "y": 92})
    expect(page.locator(".figures dd").first).to_have_text(f"{row.report_accuracy:.2%}", timeout=60_000)
    assert f"experiment={row.name}" in page.url
