"""Every page opens: alone and in the app, on the sample, without runs, and from any URL."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data, paths
from emnist_core.splits import SPLITS
from tests.helpers.noise import cached, noise
from tests.helpers.pages import PAGES, open_page, sample_title, shown_tiles, sound, words
from widgets import navigation

TITLES = {
    "app": "EMNIST laboratory",
    "home": "EMNIST laboratory",
    "explore": "Explore",
    "train": "Train",
    "confusion": "Confusion",
    "pair": "Pair lab",
    "architecture": "Architecture",
    "experiments": "Experiments",
    "image": "Image",
    "runs": "Runs",
    "sketch": "Sketch",
}


@pytest.mark.parametrize("name", ["app", *PAGES])
def test_opens_under_its_title_and_says_what_to_look_for(name: str) -> None:
    page = open_page(name)
    assert page.title[0].value == TITLES[name]
    assert "**Look for**" in words(page)
    assert not page.error


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("app", {}),
        ("home", {}),
        ("explore", {}),
        ("train", {}),
        ("confusion", {"data": sample_title()}),
        ("image", {"data": sample_title(), "row": "7"}),
    ],
)
def test_never_takes_the_sample_for_emnist(name: str, parameters: dict[str, str]) -> None:
    said = words(open_page(name, **parameters))
    assert "bundled sample" in said
    assert "not EMNIST" in said.replace("not of EMNIST", "not EMNIST").replace("not on EMNIST", "not EMNIST")


@pytest.mark.parametrize("name", ["app", *PAGES])
@pytest.mark.usefixtures("shipped")
def test_without_any_run_opens_and_says_what_to_do(name: str) -> None:
    page = open_page(name)
    if name in ("train", "confusion", "image"):
        assert "rain" in page.info[0].value


def test_home_has_an_answer_of_every_shipped_model() -> None:
    page = open_page("home")
    table = page.get("html")[0].value
    shipped = [path.parent.name for path in paths.SHIPPED_RUNS.glob("*/model.tflite")]
    assert shipped
    assert table.count("<th scope=row ") == 2 + len(shipped)
    assert table.count("✓") + table.count("✗") == 9 * len(shipped)
    (others,) = (button for button in page.button if button.label == "Show others")
    sound(others.click().run())
    assert page.get("html")[0].value != table


def test_home_leads_to_every_page() -> None:
    said = words(open_page("home"))
    # An image's page is reached from its image.
    assert [name for name in PAGES if name not in ("home", "image") and f"**{TITLES[name]}**" not in said] == []


@pytest.mark.parametrize("name", ["app", *PAGES])
@pytest.mark.parametrize(
    "parameters",
    [
        {"run": "lenet5", "true": "f", "pred": "F"},
        {"run": "nope", "true": "%%", "pred": "", "split": "zzz", "page": "-3", "data": "x", "cells": "?"},
        {"part": "both", "class": "ff", "draw": "-1", "source": "moon", "errors": "maybe", "way": "fly", "pen": "1e9"},
        {"model": "gpt", "optimizer": "", "schedule": "0", "batch": "many", "epochs": "1e99", "augmentation": "flip"},
        {"row": "-7", "sort": "?", "page": "1e9", "order": "none", "scale": "", "groups": ""},
        {"run": "../../etc", "true": "<script>", "pred": "\x00", "split": "a" * 5000},
    ],
    ids=["sensible", "nonsense", "settings", "recipe", "view", "hostile"],
)
def test_opens_cold_from_any_url(name: str, parameters: dict[str, str]) -> None:
    assert not open_page(name, **parameters).error


def test_a_link_to_explore_shows_what_it_names() -> None:
    page = open_page("explore", split="Digits", part="test", **{"class": "7"})
    gallery = [tile for tile in shown_tiles(page) if tile.row is not None]
    assert {tile.true for tile in gallery} == {"7"}
    dataset = data.load("digits", "test")
    assert len(gallery) == min(60, int(dataset.class_counts()[7]))
    assert {int(dataset.labels[tile.row]) for tile in gallery} == {7}
    other = shown_tiles(open_page("explore", split="Digits", part="test", draw="2", **{"class": "7"}))
    assert [tile.row for tile in other] != [tile.row for tile in shown_tiles(page)]


@pytest.mark.parametrize("split", SPLITS)
def test_explore_opens_every_split(split: str) -> None:
    page = open_page("explore", split=SPLITS[split].title)
    assert page.selectbox(key="split").value == split
    if split == "byclass":
        assert "fetch byclass" in page.error[0].value
    else:
        assert {tile.true for tile in shown_tiles(page)} <= set(SPLITS[split].labels)


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_every_choice_of_view_opens(name: str) -> None:
    page = open_page(name, data=sample_title())
    for label in [tab.label for tab in page.tabs]:
        open_page(name, data=sample_title(), tab=label)
    for key in [group.key for group in page.button_group]:
        for option in page.button_group(key=key).options:
            chosen = open_page(name, data=sample_title(), **{key: option})
            assert not chosen.error, f"{key}={option}: {chosen.error[0].value}"
    for toggle in [toggle.key for toggle in page.toggle]:
        sound(page.toggle(key=toggle).set_value(not page.toggle(key=toggle).value).run())


@pytest.mark.parametrize(("count", "classes"), [(300, 10), (5, 47), (1, 1)], ids=["no-f", "five-images", "one-image"])
def test_home_opens_on_a_test_part_without_f_or_with_few_images(count: int, classes: int) -> None:
    cached(noise(count, classes, "balanced", "test"))
    assert "written" in words(open_page("home"))


def test_each_page_has_a_name_of_its_own() -> None:
    titles = [page.title for page in navigation.PAGES.values()]
    assert len(set(titles)) == len(titles)
    assert {page.name for page in navigation.PAGES.values()} == set(PAGES)


def test_sketch_asks_for_a_drawing_or_a_picture() -> None:
    assert "Draw" in open_page("sketch").info[0].value
    assert "picture" in open_page("sketch", way="Upload").info[0].value


@pytest.mark.slow
def test_pages_never_import_tensorflow(home: Path) -> None:
    """In a child process, since another test of this one may have imported it."""
    look = (
        "import sys; from tests.helpers.pages import PAGES, open_page\n"
        "for name in ('app', *PAGES):\n"
        "    open_page(name)\n"
        "    heavy = {'tensorflow', 'keras', 'jax', 'torch'} & set(sys.modules)\n"
        "    assert not heavy, f'{name} imports {heavy}'\n"
    )
    python_path = str(paths.PROJECT)
    environment = os.environ | {"PYTHONPATH": python_path, "EMNIST_HOME": str(home)}
    child = subprocess.run([sys.executable, "-c", look], env=environment, capture_output=True, text=True, timeout=300)
    assert child.returncode == 0, child.stderr[-2000:]


def test_shows_fetched_emnist_by_its_name(emnist_files: Path) -> None:
    dataset = data.fetch("balanced", emnist_files, ["test"])[0]
    title = f"{dataset.name}, test (n = {len(dataset):,})"
    page = open_page("confusion", run="lenet5", true="f", pred="F", data=title)
    assert page.selectbox(key="data").value == title
    assert not page.info
    tiles = shown_tiles(page)
    assert tiles
    labels = dataset.split.labels
    assert {labels[dataset.labels[tile.row]] for tile in tiles} == {"f"}

    images = int(np.sum(dataset.labels == labels.index("A")))
    page = open_page("confusion", run="lenet5", true="A", pred="A", data=title)
    right = int(re.findall(r"(\d+) of \d+ images of `A` read as `A`", words(page))[0])
    assert f"{right} of {images} images" in words(page)
    rows = [tile.row for tile in shown_tiles(page)]
    for number in range(2, -(-right // len(rows)) + 1):
        turned = open_page("confusion", run="lenet5", true="A", pred="A", data=title, page=str(number))
        rows += [tile.row for tile in shown_tiles(turned)]
    assert len(rows) == len(set(rows)) == right

    for name in ("home", "explore"):
        said = words(open_page(name, part="test"))
        assert dataset.name in said
        assert "bundled sample" not in said
