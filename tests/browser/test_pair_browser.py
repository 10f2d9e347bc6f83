"""A click on a point of the Pair lab's map shows its image, and the URL keeps it."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import expect

from emnist_core import data
from tools.browser import Visitor, wait_until

# A point by itself, so that no other one lies over it: its row and its place in the window.
LONELY = """() => {
    const plot = document.querySelector('.st-key-pair_map .js-plotly-plot');
    plot.scrollIntoView({block: 'center'});
    const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect();
    const points = plot._fullData.flatMap(line => [...line.x].map((x, i) => ({
        row: line.customdata[i],
        x: box.left + xaxis._offset + xaxis.d2p(x),
        y: box.top + yaxis._offset + yaxis.d2p(line.y[i]),
    })));
    const room = one => Math.min(...points.filter(p => p !== one).map(p => Math.hypot(p.x - one.x, p.y - one.y)));
    return points.map(one => ({...one, room: room(one)})).sort((p, q) => q.room - p.room)[0];
}"""


def test_a_clicked_point_is_shown_and_kept(visit: Callable[..., Visitor]) -> None:
    sample = data.load("balanced", "test", "sample")
    title = f"{sample.name}, test (n = {len(sample):,})"
    visitor = visit()
    page = visitor.open("pair?" + urlencode({"pair_run": "lenet5", "pair_data": title, "aspect": "Map"}))
    page.locator(".st-key-pair_map .js-plotly-plot .points").first.wait_for()
    point = page.evaluate(LONELY)
    page.mouse.move(point["x"] - 30, point["y"])
    page.mouse.move(point["x"], point["y"])
    expect(page.locator(".st-key-pair_map .hovertext")).to_contain_text(f"row {point['row']}")
    page.mouse.click(point["x"], point["y"])

    def assert_shown() -> None:
        expect(page.locator(".tile")).to_have_count(1, timeout=30_000)
        assert f"(row {point['row']})" in (page.locator(".tile").get_attribute("aria-label") or "")
        expect(page.locator(".st-key-pair_map .legendtext").last).to_have_text(f"row {point['row']}")

    assert_shown()
    wait_until(
        lambda: parse_qs(urlsplit(page.url).query).get("point") == [str(point["row"])], f"the point in {page.url}"
    )
    page.reload()
    visitor.settle()
    assert_shown()
