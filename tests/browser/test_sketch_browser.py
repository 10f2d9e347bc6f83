"""Drawing with the mouse and uploading: every model answers, and what is no character gets a sentence."""

import io
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from emnist_core import paths
from tools.browser import Stroke, draw, wait_until

DRAWINGS: dict[str, list[Stroke]] = {
    "L": [[(95, 45), (95, 235), (200, 235)]],
    "T": [[(60, 55), (220, 55)], [(140, 55), (140, 235)]],
    "7": [[(75, 55), (205, 55), (125, 235)]],
    "X": [[(75, 50), (205, 230)], [(205, 50), (75, 230)]],
    "4": [[(175, 235), (175, 45), (70, 165), (220, 165)]],
}


def answers(page: Page) -> dict[str, list[str]]:
    """Each model's labels, the most probable first."""
    rows = page.locator(".ranking tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => (cell.querySelector('b') ?? cell).textContent))"
    )
    return {model: labels for model, *labels in rows}


def assert_most_name(page: Page, character: str) -> None:
    """Every shipped model comes to show five answers, and most of them the character first."""
    shipped = len(list(paths.SHIPPED_RUNS.glob("*/model.tflite")))

    def is_named() -> bool:
        found = answers(page)
        five = [labels for labels in found.values() if len(set(labels)) == 5]
        return len(found) == len(five) == shipped and sum(labels[0] == character for labels in five) > shipped / 2

    with suppress(AssertionError):
        wait_until(is_named, "named", 15)
    assert is_named(), answers(page)


@pytest.mark.parametrize("character", DRAWINGS)
def test_a_drawn_character_is_named(character: str, visit: Callable) -> None:
    page = visit().open("sketch")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Draw a character")
    draw(page, DRAWINGS[character])
    assert_most_name(page, character)
    # Every step from ink to the image is shown, and the picture of the last is what the models see.
    expect(page.locator(".tile")).to_have_count(7)


@pytest.mark.parametrize("phone", [False, True])
def test_a_written_word_is_read_by_every_model(visit: Callable, phone: bool) -> None:
    window = {"viewport": {"width": 390, "height": 844}} if phone else {}
    page = visit(**window).open("sketch?way=Word")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Write a word")
    scale = 0.5 if phone else 1.0
    strokes = [_at(stroke, 190 * place, scale) for place, letter in enumerate("LX7") for stroke in DRAWINGS[letter]]
    draw(page, strokes)
    rows = page.locator(".answers tr")

    def read() -> list[str]:
        return ["".join(row.locator("td b").all_inner_texts()) for row in rows.all()[1:]]

    with suppress(AssertionError):
        wait_until(lambda: read().count("LX7") > len(read()) / 2, "read", 15)
    assert len(read()) == len(list(paths.SHIPPED_RUNS.glob("*/model.tflite")))
    assert read().count("LX7") > len(read()) / 2, read()
    expect(page.locator(".answers .ink")).to_have_count(3)


def _at(stroke: Stroke, left: int, scale: float) -> Stroke:
    """The stroke so far from the left, as the line shows it."""
    return [(scale * (left + 0.8 * x - 20), scale * 0.8 * y) for x, y in stroke]


def test_a_drawing_leads_to_its_feature_maps(visit: Callable) -> None:
    page = visit().open("sketch")
    draw(page, DRAWINGS["L"])
    page.get_by_text("Layer by layer").click()
    expect(page.locator("h1")).to_have_text("Architecture", timeout=60_000)
    expect(page.locator(".maps .map").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Nothing is drawn yet")).to_have_count(0)
    assert parse_qs(urlsplit(page.url).query)["look"] == ["Last sketch"]


def test_chalk_on_a_blackboard_is_named_too(visit: Callable) -> None:
    page = visit(color_scheme="dark", viewport={"width": 390, "height": 844}).open("sketch")
    draw(page, DRAWINGS["L"])
    assert_most_name(page, "L")


def test_what_is_no_character_gets_a_sentence_and_no_answer(visit: Callable) -> None:
    page = visit().open("sketch?pen=32")
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("Draw a character")
    draw(page, [[(140, 140), (142, 141)]])
    expect(alert).to_contain_text("only a dot or a blob")
    rows = range(22, 260, 24)
    draw(page, [[(x, y) for y in rows for x in ((22, 258) if (y // 24) % 2 else (258, 22))]])
    expect(alert).to_contain_text("filled with ink")
    assert page.locator(".ranking").count() == 0


def test_an_uploaded_picture_is_named_and_another_file_refused(visit: Callable) -> None:
    picture = Image.new("L", (600, 800), 245)
    ImageDraw.Draw(picture).line([(220, 150), (220, 620), (430, 620)], fill=30, width=38, joint="curve")
    content = io.BytesIO()
    picture.save(content, "PNG")

    page = visit().open("sketch?way=Upload")
    chooser = page.locator("input[type=file]")
    chooser.set_input_files({"name": "L.png", "mimeType": "image/png", "buffer": content.getvalue()})
    assert_most_name(page, "L")
    chooser.set_input_files({"name": "letter.png", "mimeType": "image/png", "buffer": b"Dear Sir or Madam"})
    expect(page.get_by_test_id("stAlert")).to_contain_text("not a picture")
    expect(page.locator(".ranking")).to_have_count(0)


COUNT = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 127).length;
}"""


def drawn(page: Page) -> int:
    """How many pixels of the canvas have ink; of its three layers the second has the strokes."""
    return int(page.locator("canvas").nth(-2).evaluate(COUNT))


def test_another_theme_loses_no_stroke(visit: Callable) -> None:
    page = visit(color_scheme="light").open("sketch")
    draw(page, DRAWINGS["T"][:1])
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(1500)
    before = drawn(page)
    assert before > 0
    draw(page, DRAWINGS["T"][1:])
    assert_most_name(page, "T")
    assert drawn(page) > before


def test_another_pen_in_between_loses_no_stroke(visit: Callable) -> None:
    page = visit().open("sketch")
    thumb = page.get_by_role("slider", name="Pen")
    for number, stroke in enumerate(DRAWINGS["4"] + DRAWINGS["T"]):
        draw(page, [stroke])
        thumb.press("ArrowRight" if number % 2 else "ArrowLeft")
    expect(page.get_by_test_id("stButton").get_by_role("button", name="Undo")).to_be_enabled()
    count = drawn(page)
    page.wait_for_timeout(1500)  # for what the server still answers to each of them
    assert drawn(page) == count
    for left in (2, 1, 0):
        page.get_by_test_id("stButton").get_by_role("button", name="Undo").click()
        wait_until(lambda left=left: (drawn(page) > 0) == bool(left), "undone", 10)
        page.wait_for_timeout(500)
    expect(page.get_by_test_id("stAlert")).to_contain_text("Draw a character")


def test_a_drawing_is_there_again_after_a_look_at_its_layers(visit: Callable) -> None:
    page = visit().open("sketch")
    draw(page, DRAWINGS["L"])
    count = drawn(page)
    page.get_by_text("Layer by layer").click()
    expect(page.locator("h1")).to_have_text("Architecture", timeout=60_000)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Sketch", timeout=60_000)
    assert_most_name(page, "L")
    # The answers may be there before the canvas has drawn its strokes again.
    wait_until(lambda: drawn(page) == count, "the drawing is there again", 10)


@pytest.mark.parametrize("width", [320, 390, 640, 1024, 1440])
def test_the_canvas_and_its_buttons_are_whole_at_every_width(visit: Callable, width: int) -> None:
    page = visit(viewport={"width": width, "height": 844}, has_touch=True).open("sketch")
    box = page.locator("canvas").last.bounding_box()
    assert box
    assert box["width"] >= 280
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    for name in ("Undo", "Clear"):
        expect(page.get_by_test_id("stButton").get_by_role("button", name=name)).to_be_visible()
    expect(page.get_by_text("A canvas to draw a character on")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_canvas_has_a_name(visit: Callable) -> None:
    page = visit().open("sketch")
    expect(page.get_by_role("img", name="canvas")).to_be_visible(timeout=30_000)


def test_the_first_answer_is_in_view_on_a_phone(visit: Callable) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True).open("sketch")
    draw(page, DRAWINGS["L"])
    assert_most_name(page, "L")
    page.evaluate("scrollTo(0, 0)")
    box = page.locator(".ranking tbody td b").first.bounding_box()
    assert box
    assert box["y"] + box["height"] <= 844
