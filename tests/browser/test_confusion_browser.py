"""Clicking the confusion matrix: the gallery is the cell, and the URL keeps it."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from emnist_core import data
from emnist_core.evaluation.store import evaluate
from emnist_core.runs import Run, find
from emnist_core.splits import SPLITS
from tools.browser import Visitor, wait_until

RUN = "lenet5"
LABELS = SPLITS["balanced"].labels


@pytest.fixture
def address() -> str:
    """The page on the bundled sample, whose images are always there."""
    sample = data.load("balanced", "test", "sample")
    return "confusion?" + urlencode({"run": RUN, "data": f"{sample.name}, test (n = {len(sample):,})"})


@pytest.fixture
def counts() -> np.ndarray:
    """What the matrix has to show, counted from the same model's answers."""
    run: Run = find(RUN)
    evaluation = evaluate(run, data.load("balanced", "test", "sample"))
    matrix = np.zeros((47, 47), int)
    np.add.at(matrix, (evaluation.true, evaluation.predicted), 1)
    return matrix


def cell(page: Page, true: str, predicted: str) -> Locator:
    """The cell of the matrix in the row and the column of these labels."""
    row = page.locator(".matrix tbody tr").filter(has=page.locator("th", has_text=re.compile(f"^{true}$")))
    names = page.locator(".matrix thead th").all_text_contents()
    return row.locator("td").nth(names.index(predicted) - 1)


def click_cell(page: Page, true: str, predicted: str) -> None:
    found = cell(page, true, predicted)
    found.hover()
    expect(page.locator(".matrix output")).to_contain_text(f"written {true}, read as {predicted}: ")
    found.click()
    expect(found).to_have_class(re.compile("chosen"))


def assert_shows(page: Page, true: str, predicted: str, count: int) -> None:
    """The gallery comes to show exactly these images, and the URL names the cell."""
    expect(page.locator("h3").first).to_contain_text(
        f"{count} of 40 images of {true} read as {predicted}", timeout=30_000
    )
    expect(page.locator(".tile")).to_have_count(min(count, 60))
    descriptions = page.locator(".tile").evaluate_all("tiles => tiles.map(tile => tile.getAttribute('aria-label'))")
    assert all(text.startswith(f"{true} read as {predicted} with ") for text in descriptions), descriptions
    assert len(set(descriptions)) == count
    for key, label, default in (("true", true, "f"), ("pred", predicted, "F")):
        # The URL leaves out what is the default.
        wait_until(
            lambda key=key, label=label, default=default: (
                parse_qs(urlsplit(page.url).query).get(key, [default]) == [label]
            ),
            f"{key}={label} in {page.url}",
        )


def some_cells(counts: np.ndarray) -> list[tuple[str, str, int]]:
    """A corner, the fullest error, a right one and the rarest kind."""
    errors = counts * (1 - np.eye(47, dtype=int))
    fullest = np.unravel_index(errors.argmax(), errors.shape)
    rarest = np.argwhere(errors == 1)[-1]
    cells = [fullest, rarest, (46, 46), (0, 46)]
    return [(LABELS[t], LABELS[p], int(counts[t, p])) for t, p in cells]


def test_a_clicked_cell_is_shown_and_kept(visit: Callable[..., Visitor], address: str, counts: np.ndarray) -> None:
    visitor = visit()
    page = visitor.open(address)
    for true, predicted, count in some_cells(counts):
        click_cell(page, true, predicted)
        assert_shows(page, true, predicted, count)
        visitor.settle()
    page.reload()
    visitor.settle()
    assert_shows(page, true, predicted, count)

    page.get_by_role("button", name="f / F", exact=False).last.click()
    assert_shows(page, "f", "F", int(counts[LABELS.index("f"), LABELS.index("F")]))


def test_a_link_opens_in_another_window_and_the_choice_is_there(
    visit: Callable[..., Visitor], address: str, counts: np.ndarray
) -> None:
    true, predicted, count = some_cells(counts)[0]
    page = visit(viewport={"width": 390, "height": 844}).open(f"{address}&true={true}&pred={predicted}")
    assert_shows(page, true, predicted, count)
    # On a phone the cells are small; what is not hit is chosen.
    box = page.get_by_role("combobox", name="Read as")
    box.click()
    box.fill("9")
    page.get_by_role("option", name="9", exact=True).click()
    assert_shows(page, true, "9", int(counts[LABELS.index(true), LABELS.index("9")]))


def test_a_cell_of_the_difference_of_two_runs_opens_its_gallery(visit: Callable[..., Visitor], address: str) -> None:
    sample = data.load("balanced", "test", "sample")
    first, second = (evaluate(find(name), sample) for name in (RUN, "vanilla-cnn"))
    differ = first.predicted != second.predicted
    gaps = np.where(np.eye(47, dtype=bool), 0, np.abs(first.confusion - second.confusion))
    true, read = (int(i) for i in np.unravel_index(gaps.argmax(), gaps.shape))
    here = differ & (first.true == true) & ((first.predicted == read) | (second.predicted == read))
    rows = set(np.flatnonzero(here))
    assert 1 < len(rows) < 60

    visitor = visit()
    page = visitor.open(f"{address}&view=Two+runs&with=vanilla-cnn")
    click_cell(page, LABELS[true], LABELS[read])
    expect(page.locator("h3").first).to_contain_text(f"{len(rows)} images read differently", timeout=30_000)
    assert_rows(page, rows)
    page.reload()
    visitor.settle()
    assert_rows(page, rows)


def assert_rows(page: Page, rows: set[int]) -> None:
    """The gallery comes to show the images of exactly these rows."""
    expect(page.locator(".tile")).to_have_count(len(rows), timeout=30_000)
    links = page.locator("a.pick").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert {int(parse_qs(urlsplit(link).query)["row"][0]) for link in links} == rows


def test_the_keyboard_alone_shows_a_cell(visit: Callable[..., Visitor], address: str, counts: np.ndarray) -> None:
    page = visit().open(address)
    page.get_by_role("combobox", name="Evaluated on").focus()
    tab_to(page, "Written")
    choose_by_keyboard(page, "F")
    tab_to(page, "Read as")
    choose_by_keyboard(page, "f")
    assert_shows(page, "F", "f", int(counts[LABELS.index("F"), LABELS.index("f")]))


def test_the_arrow_keys_go_from_cell_to_cell(visit: Callable[..., Visitor], address: str, counts: np.ndarray) -> None:
    page = visit().open(f"{address}&true=f&pred=F")
    expect(cell(page, "f", "F")).to_have_class(re.compile("chosen"))
    page.locator(".matrix table").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert_shows(page, "f", "G", int(counts[LABELS.index("f"), LABELS.index("G")]))
    expect(cell(page, "f", "G")).to_have_class(re.compile("chosen"))


FOCUSED = """() => {
    const at = document.activeElement;
    if (!at.closest(".st-key-cell-images")) return "elsewhere";
    if (at.matches("a.pick")) return "an image";
    if (at.matches("a") && at.getAttribute("href").includes("pair")) return "the Pair lab";
    return at.getAttribute("aria-label")?.includes("Sorted") ? "Sorted" : at.outerHTML;
}"""


def test_from_a_cell_chosen_by_keyboard_tab_goes_to_what_it_shows(
    visit: Callable[..., Visitor], address: str, counts: np.ndarray
) -> None:
    visitor = visit()
    page = visitor.open(f"{address}&true=f&pred=E")
    expect(cell(page, "f", "E")).to_have_class(re.compile("chosen"))
    page.locator(".matrix table").focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    assert_shows(page, "f", "F", int(counts[LABELS.index("f"), LABELS.index("F")]))
    visitor.settle()
    reached = []
    for _ in range(3):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    assert reached == ["the Pair lab", "Sorted", "an image"]


def test_the_matrix_begins_on_a_projectors_and_a_phones_first_screen(
    visit: Callable[..., Visitor], address: str
) -> None:
    page = visit(viewport={"width": 1280, "height": 720}).open(address)
    table, first_row = page.locator(".matrix table"), page.locator(".matrix tbody tr").first
    assert table.bounding_box()["y"] < 430
    page.set_viewport_size({"width": 390, "height": 844})
    wait_until(lambda: table.bounding_box()["x"] < 30, "the page is as narrow")
    row = first_row.bounding_box()
    assert row["y"] + row["height"] < 844


def test_what_merges_classes_is_whole_on_a_small_laptop(visit: Callable[..., Visitor], address: str) -> None:
    page = visit(viewport={"width": 1024, "height": 768}).open(address)
    page.get_by_role("button", name="Merge classes").click()
    small = page.get_by_role("button", name="small letters", exact=True)
    small.wait_for()
    cut = """pill => {
        const right = pill.getBoundingClientRect().right;
        for (let at = pill.parentElement; at; at = at.parentElement)
            if (getComputedStyle(at).overflowX !== "visible" && at.getBoundingClientRect().right < right) return true;
        return right > innerWidth;
    }"""
    assert not small.evaluate(cut)
    small.click()
    expect(page.get_by_text("47 classes are counted as 37.")).to_be_visible()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the box called ``name`` has the focus."""
    focused = "name => document.activeElement?.getAttribute('aria-label')?.includes(name) ?? false"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(focused, name):
            return
    raise AssertionError(f"Tab does not reach {name}")


def choose_by_keyboard(page: Page, label: str) -> None:
    """Type a label into the box that has the focus, go to it by the arrow keys and take it."""
    page.keyboard.type(label)
    page.get_by_role("option", name=label, exact=True).wait_for()
    active = "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.innerText"
    # F and f are found by either: the one that is wanted is a step up or down.
    for key in ("ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"):
        if page.evaluate(active) == label:
            break
        page.keyboard.press(key)
    assert page.evaluate(active) == label
    page.keyboard.press("Enter")


def test_a_cell_is_one_step_of_history_and_goes_along_to_the_pair_lab_and_back(
    visit: Callable[..., Visitor], address: str, counts: np.ndarray
) -> None:
    true, predicted, count = some_cells(counts)[0]
    visitor = visit()
    page = visitor.open(address)
    visitor.settle()
    before = page.evaluate("history.length")
    click_cell(page, true, predicted)
    assert_shows(page, true, predicted, count)
    visitor.settle()
    assert page.evaluate("history.length") == before + 1
    page.get_by_test_id("stTopNavLink").filter(has_text="Pair lab").click()
    expect(page.get_by_role("heading", name="Pair lab", exact=True)).to_be_visible()
    expect(page.get_by_text(f"{true} read as {predicted}", exact=True)).to_be_visible(timeout=30_000)
    visitor.settle()
    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["pair_run"], asked["a"], asked["b"]) == ([RUN], [true], [predicted])
    page.go_back()
    assert_shows(page, true, predicted, count)
    assert parse_qs(urlsplit(page.url).query)["run"] == [RUN]


def test_on_a_phone_every_column_is_reached_and_a_tapped_cell_shows_its_images(
    visit: Callable[..., Visitor], address: str, counts: np.ndarray
) -> None:
    true, predicted, count = some_cells(counts)[0]
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True).open(address)
    last = page.locator(".matrix thead th").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    head = page.locator(".matrix tbody th").nth(20)
    assert page.evaluate("e => e.getBoundingClientRect().left >= 0", head.element_handle())
    cell(page, true, predicted).tap()
    assert_shows(page, true, predicted, count)
    expect(page.locator(".tile").first).to_be_in_viewport(timeout=10_000)
