"""Answers while the pen moves: from the visitor's browser, without the server, and from the server where it cannot."""

import hashlib
import math
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from emnist_core import paths
from emnist_core.files import read_json, write_json
from emnist_core.reader import scripts
from emnist_core.runs import Run
from tests.helpers.shipped import copy_of
from tests.helpers.tflite import with_another_operator
from tools.browser import App, Stroke, Visitor, draw, serve, wait_until
from widgets import reader_files

SMALL = {file.parent.name for file in paths.SHIPPED_RUNS.glob("*/model.tflite")} - {"resnet34"}
L: list[Stroke] = [[(95, 45), (95, 235), (200, 235)]]
WATCH = """() => {
    window.renewed = {};
    new MutationObserver((changes) => {
        for (const {target, attributeName} of changes) {
            if (attributeName === "data-probability") (renewed[target.dataset.run] ??= []).push(performance.now());
        }
    }).observe(document, {subtree: true, attributes: true});
}"""


def wait_for_reader(page: Page) -> None:
    """Wait until the browser has opened every small model, and the server knows."""
    opened = "document.querySelector('.live')?.dataset.opened?.split(' ') ?? []"
    wait_until(lambda: set(page.evaluate(opened)) >= SMALL, "the models are open", 30)
    page.wait_for_timeout(300)


def circle(page: Page, moves: int = 40) -> None:
    """Put the pen down and move it along a curve; it stays down."""
    box = page.locator("canvas").last.bounding_box()
    assert box
    middle = box["x"] + 140, box["y"] + 140
    page.mouse.move(middle[0] - 80, middle[1])
    page.mouse.down()
    for step in range(moves):
        page.mouse.move(middle[0] - 80 * math.cos(step / 8), middle[1] - 80 * math.sin(step / 6))


def first_answers(page: Page) -> dict[str, tuple[str, float]]:
    rows = "rows => rows.map(row => [row.dataset.run, row.dataset.label, +row.dataset.probability])"
    return {run: (label, share) for run, label, share in page.locator("tr[data-label]").evaluate_all(rows)}


def test_bars_are_renewed_while_the_pen_is_down_and_the_server_hears_nothing(visit: Callable) -> None:
    visitor = visit()
    sent: list[object] = []
    visitor.page.on("websocket", lambda socket: socket.on("framesent", lambda _: sent.append(1)))
    page = visitor.open("sketch")
    wait_for_reader(page)
    visitor.settle()
    page.evaluate(WATCH)
    before = len(sent)
    circle(page)
    wait_until(lambda: set(page.evaluate("renewed")) == SMALL, "every small model is renewed", 20)
    assert len(sent) == before
    assert min(len(moments) for moments in page.evaluate("renewed").values()) >= 5
    assert page.locator(".live-steps").is_visible()
    page.mouse.up()
    wait_until(lambda: set(first_answers(page)) == SMALL | {"resnet34"}, "the server answers for ResNet-34", 20)
    assert len(sent) > before
    assert all(0 < share <= 1 for _, share in first_answers(page).values())
    expect(page.get_by_text("From the server, when the pen rests: ResNet-34 (20 MB).")).to_be_visible()
    expect(page.locator("table.ranking [aria-live=polite]")).to_contain_text("LeNet-5 v2: ")


def test_bars_go_on_when_the_server_has_stopped(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path) as app:
        page = Visitor(app, chromium.new_page()).open("sketch")
        wait_for_reader(page)
        (server,) = (one for one in psutil.Process().children() if str(app.port) in one.cmdline())
        server.kill()
        page.evaluate(WATCH)
        circle(page)
        wait_until(lambda: set(page.evaluate("renewed")) == SMALL, "renewed without a server", 20)
        page.close()


def test_without_workers_the_server_answers(visit: Callable) -> None:
    visitor = visit()
    visitor.page.add_init_script("delete window.Worker")
    page = visitor.open("sketch")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Draw a character")
    draw(page, L)
    wait_until(lambda: set(first_answers(page)) == SMALL | {"resnet34"}, "the server answers", 30)
    assert sum(label == "L" for label, _ in first_answers(page).values()) > len(SMALL) / 2
    expect(page.locator(".tile")).to_have_count(7)


@pytest.fixture
def foreign(app: App, tmp_path: Path) -> Iterator[Run]:
    """A run of one's own with an operator that the reader does not know, though LiteRT does."""
    made = copy_of("lenet5", tmp_path)
    run = Run(Path(shutil.copytree(made.path, app.home / "runs" / "foreign")))
    content = with_another_operator(run.serving_file.read_bytes(), "TANH", "RELU")
    run.serving_file.write_bytes(content)
    serving = read_json(run.path / "serving.json")
    write_json(run.path / "serving.json", serving | {"sha256": hashlib.sha256(content).hexdigest()})
    yield run
    shutil.rmtree(run.path)


def test_a_model_that_the_browser_cannot_read_answers_from_the_server(visit: Callable, foreign: Run) -> None:
    page = visit().open("sketch")
    wait_for_reader(page)
    draw(page, L)
    wait_until(lambda: {*SMALL, foreign.name} <= set(first_answers(page)), "all answer", 30)
    expect(page.get_by_text("foreign (The model has an operator (19)")).to_be_visible()


def strokes(page: Page) -> int:
    """How many pixels of the canvas have ink."""
    return int(
        page.locator("canvas")
        .nth(-2)
        .evaluate(
            """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
                .data.filter((value, i) => i % 4 === 3 && value > 127).length"""
        )
    )


def test_an_undo_right_after_a_stroke_takes_back_that_stroke_alone(visit: Callable) -> None:
    page = visit().open("sketch")
    wait_for_reader(page)
    counts = [0]
    for stroke in ([(60, 60), (60, 200)], [(140, 60), (140, 200)], [(220, 60), (220, 200)]):
        draw(page, [stroke])
        counts.append(strokes(page))
    undo = page.get_by_test_id("stButton").get_by_role("button", name="Undo")
    undo.click()
    wait_until(lambda: strokes(page) == counts[2], "one stroke is taken back", 10)
    undo.click()
    wait_until(lambda: strokes(page) == counts[1], "another is", 10)
    page.wait_for_timeout(1000)  # for what the server still says
    assert strokes(page) == counts[1]
    page.get_by_test_id("stButton").get_by_role("button", name="Clear").click()
    wait_until(lambda: strokes(page) == 0, "the canvas is empty", 10)


def test_the_canvass_own_toolbar_is_not_reached_by_the_keyboard(visit: Callable) -> None:
    page = visit().open("sketch")
    wait_for_reader(page)
    deepest = """() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        return element.className;
    }"""
    focused = []
    for _ in range(25):
        page.keyboard.press("Tab")
        focused.append(page.evaluate(deepest))
    assert not any("dc-icon-button" in str(name) for name in focused)


def get(url: str) -> Any:
    return urllib.request.urlopen(url, timeout=20)


def test_files_are_served_by_their_hash_and_no_others(app: App) -> None:
    run = Run(paths.SHIPPED_RUNS / "lenet5")
    for address in (reader_files.script_address(), reader_files.model_address(run)):
        answer = get(f"{app.url}/{address}")
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
    large = Run(paths.SHIPPED_RUNS / "resnet34")
    assert reader_files.model_address(large) is None
    for name in (
        f"{large.serving_sha256()}.tflite",
        f"{'0' * 64}.tflite",
        f"{run.serving_sha256()}.js",
        "model.tflite",
    ):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(f"{app.url}/reader/{name}")


def test_files_are_found_below_a_base_path(chromium: Browser, tmp_path: Path) -> None:
    with serve(tmp_path, "/emnist/lab") as app:
        page = Visitor(app, chromium.new_page()).open("sketch")
        wait_for_reader(page)
        page.close()


def test_the_scripts_are_small() -> None:
    ours = [paths.PROJECT / "widgets/sketch" / name for name in ("live.js", "canvas.js")]
    assert len(scripts.source().encode()) + sum(file.stat().st_size for file in ours) < 60_000


def test_what_is_drawn_on_home_is_read_there_and_is_on_sketch_too(visit: Callable) -> None:
    visitor = visit(viewport={"width": 1280, "height": 720})
    page = visitor.open()
    wait_for_reader(page)
    page.evaluate(WATCH)
    circle(page)
    wait_until(lambda: set(page.evaluate("renewed")) == SMALL, "every small model is renewed", 20)
    box = page.locator("tr[data-label] td").first.bounding_box()
    assert box
    assert box["y"] + box["height"] <= 720
    page.mouse.up()
    wait_until(lambda: set(first_answers(page)) == SMALL | {"resnet34"}, "the server answers for ResNet-34", 20)
    on_home, count = first_answers(page), strokes(page)
    page.get_by_role("link", name="Sketch").first.click()
    expect(page.locator("h1")).to_have_text("Sketch")
    wait_until(lambda: strokes(page) == count, "the drawing is on Sketch", 20)
    wait_until(lambda: first_answers(page).keys() == on_home.keys(), "all answer again", 20)
    assert {run: label for run, (label, _) in first_answers(page).items()} == {
        run: label for run, (label, _) in on_home.items()
    }
